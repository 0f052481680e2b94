"""Bundles signed by the wrong certificates, at the wrong time, by the wrong people."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from asn1crypto import algos
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hostile import hostile

from bundle_forge import (
    CSV,
    Forge,
    Holder,
    World,
    appointment,
    authority,
    certify,
    good,
    good_forge,
    people,
    rsa_key,
)
from iocsl import clock
from iocsl.bundle import records
from iocsl.bundle.container import decision_name, manifest_name, signature_name
from iocsl.bundle.trust import OFFICIAL, TEST


def with_sha1(holder: Holder) -> Holder:
    """The same certificate, signed by its issuer (an RSA key) over SHA-1."""
    certificate = holder.asn1
    sha1 = algos.SignedDigestAlgorithm({"algorithm": "sha1_rsa"})
    certificate["tbs_certificate"]["signature"] = sha1
    certificate["signature_algorithm"] = sha1
    signed = certificate["tbs_certificate"].dump(force=True)
    certificate["signature_value"] = rsa_key().sign(signed, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - what must be refused
    made = x509.load_der_x509_certificate(certificate.dump(force=True))
    return dataclasses.replace(holder, certificate=made)


def signed_by(world: World, third: Holder, **bent: Any) -> bytes:
    """A bundle whose third step is signed by `third`, whom the register knows."""
    one, two, _ = people()
    world.appoint(appointment(one, (1,)), appointment(two, (2,)), appointment(third, (3,), **bent))
    return Forge().sign(1).sign(2).sign(3, third).packed()


@hostile("B502")
def weak_rsa_key(world: World) -> bytes:
    return signed_by(world, certify("THỬ NGHIỆM C", authority(), key=rsa_key(1024)))


@hostile("B502")
def other_curve(world: World) -> bytes:
    key = ec.generate_private_key(ec.SECP256K1())
    return signed_by(world, certify("THỬ NGHIỆM C", authority(), key=key))


@hostile("B501")
def sha1_certificate(world: World) -> bytes:
    issuer = certify("THỬ NGHIỆM CA", ca=True, key=rsa_key())
    world.trust.add_certificate(issuer.asn1, TEST)
    return signed_by(world, with_sha1(certify("THỬ NGHIỆM C", issuer)))


@hostile("B501")
def sha1_intermediate(world: World) -> bytes:
    root = certify("THỬ NGHIỆM CA", ca=True, key=rsa_key())
    world.trust.add_certificate(root.asn1, TEST)
    middle = with_sha1(certify("THỬ NGHIỆM CA cấp dưới", root, ca=True))
    return signed_by(world, certify("THỬ NGHIỆM C", middle))


@hostile("B601")
def unknown_issuer(world: World) -> bytes:
    return signed_by(world, certify("THỬ NGHIỆM C", certify("CA lạ", ca=True)))


@hostile("B601")
def self_signed_person(world: World) -> bytes:
    return signed_by(world, certify("Tự ký"))


@hostile("B602")
def look_alike_issuer(world: World) -> bytes:
    return signed_by(world, certify("THỬ NGHIỆM C", certify("THỬ NGHIỆM CA", ca=True)))


@hostile("B603")
def expired_certificate(world: World) -> bytes:
    return signed_by(world, certify("THỬ NGHIỆM C", authority(), days=(-20, -1)))


@hostile("B603")
def certificate_of_tomorrow(world: World) -> bytes:
    return signed_by(world, certify("THỬ NGHIỆM C", authority(), days=(1, 20)))


@hostile("B603")
def expired_certificate_backdated(world: World) -> bytes:
    """The signer's clock says it was still valid; without a time-stamp that is only a claim."""
    third = certify("THỬ NGHIỆM C", authority(), days=(-20, -1))
    one, two, _ = people()
    world.appoint(
        *(appointment(each, (n,)) for n, each in enumerate((one, two, third), 1)),
    )
    past = clock.record_now() - timedelta(days=5)
    forge = Forge()
    for number, holder in enumerate((one, two, third), 1):
        forge.sign(number, holder, at=past)
    return forge.packed()


@hostile("B604")
def key_for_encryption_only(world: World) -> bytes:
    return signed_by(world, certify("THỬ NGHIỆM C", authority(), digital_signature=False))


@hostile("B604")
def key_for_servers_only(world: World) -> bytes:
    extended = ExtendedKeyUsageOID.SERVER_AUTH
    return signed_by(world, certify("THỬ NGHIỆM C", authority(), extended=extended))


@hostile("B604")
def issuer_signs_itself(world: World) -> bytes:
    return signed_by(world, authority())


@hostile("B606")
def person_acts_as_issuer(world: World) -> bytes:
    """A person's certificate, not a CA's, issues another: its signature is right, its right not."""
    middle = people()[0]
    third = certify("THỬ NGHIỆM C", middle)
    return signed_by(world, third)


@hostile("B607")
def throw_away_keys_where_only_official_ones_count(world: World) -> bytes:
    return good()


@hostile("B608")
def official_and_test_keys_mixed(world: World) -> bytes:
    issuer = certify("CA chính thức", ca=True)
    world.trust.add_certificate(issuer.asn1, OFFICIAL)
    return signed_by(world, certify("Thủ trưởng", issuer))


@hostile("B703")
def signed_in_the_future(world: World) -> bytes:
    later = clock.record_now() + timedelta(hours=2)
    return Forge().sign(1).sign(2).sign(3, at=later).packed()


@hostile("B703")
def approved_before_it_was_prepared(world: World) -> bytes:
    earlier = clock.record_now() - timedelta(hours=2)
    return Forge().sign(1).sign(2).sign(3, at=earlier).packed()


@hostile("B801")
def unregistered_signer(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, certify("THỬ NGHIỆM D", authority())).packed()


@hostile("B802")
def appointment_ended(world: World) -> bytes:
    ended = clock.record_now().date() - timedelta(days=1)
    return signed_by(world, people()[2], last_day=ended)


@hostile("B802")
def appointment_not_begun(world: World) -> bytes:
    begins = clock.record_now().date() + timedelta(days=1)
    return signed_by(world, people()[2], first_day=begins)


@hostile("B803")
def wrong_role(world: World) -> bytes:
    one, two, three = people()
    world.appoint(appointment(one, (1,)), appointment(two, (2,)), appointment(three, (2,)))
    return good()


@hostile("B803")
def steps_in_wrong_order(world: World) -> bytes:
    one, two, three = people()
    return Forge().sign(1, one).sign(2, three).sign(3, two).packed()


@hostile("B804")
def signer_of_another_unit(world: World) -> bytes:
    return signed_by(world, people()[2], unit="CQ-KHCN")


@hostile("B805")
def one_person_two_steps(world: World) -> bytes:
    one, two, _ = people()
    world.appoint(appointment(one, (1, 3)), appointment(two, (2,)))
    return Forge().sign(1, one).sign(2, two).sign(3, one).packed()


@hostile("B805")
def one_person_two_certificates(world: World) -> bytes:
    return signed_by(world, certify("Tên khác", authority()), person_id="thử-nghiệm-a")


@hostile("B805")
def one_key_two_people(world: World) -> bytes:
    twin = certify("THỬ NGHIỆM D", authority(), key=people()[0].key)
    return signed_by(world, twin)


@hostile("B806")
def two_of_three(world: World) -> bytes:
    return Forge().sign(1).sign(2).packed()


@hostile("B806")
def approvals_stripped(world: World) -> bytes:
    forge = good_forge()
    for step in (2, 3):
        for name in (decision_name, manifest_name, signature_name):
            del forge.members[name(step)]
    return forge.packed()


@hostile("B806")
def nobody_signed(world: World) -> bytes:
    return Forge().fill().packed()


@hostile("B807")
def returned_at_review(world: World) -> bytes:
    return Forge().sign(1).sign(2, reason="Thiếu số liệu").packed()


@hostile("B807")
def return_passed_off_as_approval(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, reason="Sai đơn vị tính").packed()


@hostile("B807")
def approved_after_return(world: World) -> bytes:
    return Forge().sign(1).sign(2, reason="Thiếu số liệu").sign(3).packed()


@hostile("B901")
def return_without_reason(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, reason="x", decision=setting("reason", " ")).packed()


@hostile("B901")
def approval_with_a_reason_against(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, decision=setting("reason", "không đồng ý")).packed()


@hostile("B901")
def return_at_the_first_step(world: World) -> bytes:
    return Forge().sign(1, reason="x").sign(2).sign(3).packed()


@hostile("B901")
def decision_of_another_bundle(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, decision=setting("identity", "0" * 64)).packed()


@hostile("B901")
def decision_of_another_step(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, decision=setting("step", 2)).packed()


@hostile("B901")
def decision_over_other_signatures(world: World) -> bytes:
    def bend(document: dict[str, Any]) -> dict[str, Any]:
        previous = [dict(each, sha256="0" * 64) for each in document["previous"]]
        return {**document, "previous": previous}

    return Forge().sign(1).sign(2).sign(3, decision=bend).packed()


@hostile("B902")
def decision_in_another_name(world: World) -> bytes:
    person = records.Person("ai-do", "Người khác", "CQ-TC", people()[2].fingerprint)
    return Forge().sign(1).sign(2).sign(3, as_person=person).packed()


@hostile("B903")
def slip_with_another_identity(world: World) -> bytes:
    return Forge().fill(slip=setting("identity", "0" * 64)).sign_all().packed()


def for_other(**other: Any) -> bytes:
    """A whole bundle whose slip says another unit or period than its report."""
    forge = Forge()
    forge.slip = dataclasses.replace(forge.slip, **other)
    return forge.fill(report=lambda document: Forge().report_document()).sign_all().packed()


@hostile("B905")
def of_another_period(world: World) -> bytes:
    return for_other(period="2026-09")


@hostile("B905")
def of_another_dataset(world: World) -> bytes:
    return for_other(dataset="KDL-M-001")


@hostile("B804")
def of_another_unit(world: World) -> bytes:
    return for_other(unit="CQ-KHCN")


@hostile("B904")
def slip_of_other_files(world: World) -> bytes:
    forge = Forge()
    (file,) = forge.slip.files
    forge.slip = dataclasses.replace(forge.slip, files=(dataclasses.replace(file, size=1),))
    return forge.sign_all().packed()


@hostile("B904")
def slip_leaves_a_file_out(world: World) -> bytes:
    forge = Forge(files={"a.csv": CSV, "b.csv": CSV})
    forge.slip = dataclasses.replace(forge.slip, files=forge.slip.files[:1])
    return forge.sign_all().packed()


@hostile("B905")
def report_of_another_file(world: World) -> bytes:
    def bend(document: dict[str, Any]) -> dict[str, Any]:
        (report,) = document["reports"]
        return {**document, "reports": [{**report, "file": {**report["file"], "sha256": "0" * 64}}]}

    return Forge().fill(report=bend).sign_all().packed()


@hostile("B905")
def totals_that_nobody_can_read(world: World) -> bytes:
    return Forge().fill(report=setting("figures", [{"code": "KDL-M-016.001"}])).sign_all().packed()


@hostile("B905")
def totals_of_text(world: World) -> bytes:
    bent = setting("figures", [{"code": "KDL-M-016.001", "total": "12", "rows": 1}])
    return Forge().fill(report=bent).sign_all().packed()


@hostile("B905")
def file_without_a_report(world: World) -> bytes:
    return Forge().fill(report=setting("reports", [])).sign_all().packed()


@hostile("B905")
def everything_declared_an_attachment(world: World) -> bytes:
    forge = Forge().fill(
        slip=setting("attachments", ["KDL-M-016_2026-10.csv"]), report=setting("reports", [])
    )
    return forge.sign_all().packed()


@hostile("B906")
def report_with_errors(world: World) -> bytes:
    def bend(document: dict[str, Any]) -> dict[str, Any]:
        (report,) = document["reports"]
        counts = {**report["counts"], "error": 2}
        return {**document, "reports": [{**report, "valid": False, "counts": counts}]}

    return Forge().fill(report=bend).sign_all().packed()


@hostile("B908")
def description_of_another_dataset(world: World) -> bytes:
    bent = setting("dataset", {"code": "KDL-M-001"})
    return Forge().fill(description=bent).sign_all().packed()


@hostile("B908")
def description_of_another_period(world: World) -> bytes:
    return Forge().fill(description=setting("period", {"id": "2026-09"})).sign_all().packed()


@hostile("B908")
def description_by_another_catalogue(world: World) -> bytes:
    bent = setting("catalogue", {"version": 9, "sha256": "0" * 64})
    return Forge().fill(description=bent).sign_all().packed()


@hostile("B908")
def description_without_columns(world: World) -> bytes:
    bent = setting("structure", {"name": "chi_tieu", "fields": []})
    return Forge().fill(description=bent).sign_all().packed()


@hostile("B908")
def description_of_columns_without_names(world: World) -> bytes:
    bent = setting("structure", {"name": "chi_tieu", "fields": [None]})
    return Forge().fill(description=bent).sign_all().packed()


@hostile("B908")
def description_without_a_source(world: World) -> bytes:
    return Forge().fill(description=setting("dataset", {"code": "KDL-M-016"})).sign_all().packed()


@hostile("B908")
def description_of_indicators_without_codes(world: World) -> bytes:
    return Forge().fill(description=setting("indicators", [-1])).sign_all().packed()


@hostile("B908")
def description_that_says_more(world: World) -> bytes:
    return Forge().fill(description=setting("note", "x")).sign_all().packed()


@hostile("B907")
def no_declaration(world: World) -> bytes:
    return Forge().fill(slip=setting("declaration", "")).sign_all().packed()


def setting(key: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda document: {**document, key: value}
