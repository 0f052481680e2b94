"""Tricks of those who know CMS, X.509 and time-stamps well."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from asn1crypto import algos, cms, core, keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hostile import hostile
from hostile_people import signed_by
from hostile_signatures import resign, signer_info, with_cms

from bundle_forge import (
    Forge,
    World,
    appointment,
    authority,
    certify,
    good,
    people,
    revocation_list,
    rsa_key,
    stamped,
    stamping,
)
from iocsl import clock
from iocsl.bundle.trust import OFFICIAL, TEST


def with_attributes(bend: Callable[[list[Any]], list[Any]]) -> bytes:
    """A bundle whose third signature is made over other signed attributes."""

    def rebuilt(outer: cms.ContentInfo) -> None:
        signed = signer_info(outer)
        attributes = cms.CMSAttributes(bend(list(signed["signed_attrs"])))
        resign(signed, attributes, people()[2])

    return with_cms(rebuilt)


@hostile("B405")
def ess_attribute_that_nobody_signed(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        signed = signer_info(outer)
        ess = [e for e in signed["signed_attrs"] if e["type"].native == "signing_certificate_v2"]
        kept = [e for e in signed["signed_attrs"] if e["type"].native != "signing_certificate_v2"]
        resign(signed, cms.CMSAttributes(kept), people()[2])
        signed["unsigned_attrs"] = cms.CMSAttributes(ess)

    return with_cms(bend)


@hostile("B501")
def ess_attribute_over_sha1(world: World) -> bytes:
    """RFC 2634's first form names the certificate by SHA-1."""
    mark = hashlib.sha1(people()[2].asn1.dump(), usedforsecurity=False).digest()
    old = tsp.SigningCertificate({"certs": [{"cert_hash": mark}]})
    attribute = cms.CMSAttribute({"type": "signing_certificate", "values": [old]})
    return with_attributes(lambda kept: [*kept, attribute])


@hostile("B404")
def countersignature(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        signed = signer_info(outer)
        attribute = {"type": "counter_signature", "values": [signed.copy()]}
        signed["unsigned_attrs"] = cms.CMSAttributes([cms.CMSAttribute(attribute)])

    return with_cms(bend)


@hostile("B404")
def two_values_of_the_digest(world: World) -> bytes:
    def bend(kept: list[Any]) -> list[Any]:
        for each in kept:
            if each["type"].native == "message_digest":
                each["values"].append(core.OctetString(b"\x00" * 32))
        return kept

    return with_attributes(bend)


@hostile("B401")
def signer_named_by_key_identifier(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        signer_info(outer)["sid"] = cms.SignerIdentifier("subject_key_identifier", b"\x01" * 20)

    return with_cms(bend)


@hostile("B409")
def two_certificates_of_one_number(world: World) -> bytes:
    """A twin with the signer's issuer and serial number, and another key, lies beside it."""
    third = people()[2].asn1
    twin = third.copy()
    twin["tbs_certificate"]["subject_public_key_info"] = people()[0].asn1.public_key.copy()
    twin = asn1_x509.Certificate.load(twin.dump(force=True))

    def bend(outer: cms.ContentInfo) -> None:
        choices = [cms.CertificateChoices("certificate", each) for each in (twin, third)]
        outer["content"]["certificates"] = choices

    return with_cms(bend)


@hostile("B401")
def a_sack_of_certificates(world: World) -> bytes:
    many = [certify(f"CA {n}", ca=True).asn1 for n in range(17)]

    def bend(outer: cms.ContentInfo) -> None:
        choices = [cms.CertificateChoices("certificate", each) for each in many]
        outer["content"]["certificates"] = [*outer["content"]["certificates"], *choices]

    return with_cms(bend)


@hostile("B401")
def attribute_certificate_in_the_sack(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        choice = cms.CertificateChoices(
            "other", {"other_cert_format": "1.2.3", "other_cert": core.Null()}
        )
        outer["content"]["certificates"] = [*outer["content"]["certificates"], choice]

    return with_cms(bend)


def pss_with(**bent: Any) -> Callable[[cms.ContentInfo], None]:
    def bend(outer: cms.ContentInfo) -> None:
        digest = {"algorithm": "sha256"}
        parameters = {
            "hash_algorithm": digest,
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": digest},
            "salt_length": 32,
            **bent,
        }
        signer_info(outer)["signature_algorithm"] = algos.SignedDigestAlgorithm(
            {"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams(parameters)}
        )

    return bend


def rsa_signed(world: World, bend: Callable[[cms.ContentInfo], None]) -> bytes:
    """A bundle whose third signature an RSA key made, taken apart and put together otherwise."""
    third = certify("THỬ NGHIỆM C", authority(), key=rsa_key())
    one, two, _ = people()
    world.appoint(appointment(one, (1,)), appointment(two, (2,)), appointment(third, (3,)))

    def rebuilt(raw: bytes) -> bytes:
        outer = cms.ContentInfo.load(raw)
        bend(outer)
        return bytes(outer.dump(force=True))

    return Forge().sign(1).sign(2).sign(3, third, cms=rebuilt, pss=True).packed()


@hostile("B501")
def mask_over_sha1(world: World) -> bytes:
    mask = {"algorithm": "mgf1", "parameters": {"algorithm": "sha1"}}
    return rsa_signed(world, pss_with(mask_gen_algorithm=mask))


@hostile("B503")
def pss_without_salt(world: World) -> bytes:
    return rsa_signed(world, pss_with(salt_length=0))


def issued_again(bent: asn1_x509.Certificate) -> asn1_x509.Certificate:
    """A bent certificate, signed by the test CA as it is."""
    issuer = authority().key
    assert isinstance(issuer, ec.EllipticCurvePrivateKey)
    signed = bent["tbs_certificate"].dump(force=True)
    bent["signature_value"] = issuer.sign(signed, ec.ECDSA(hashes.SHA256()))
    return asn1_x509.Certificate.load(bent.dump(force=True))


def with_key(key: keys.PublicKeyInfo) -> asn1_x509.Certificate:
    bent = people()[2].asn1.copy()
    bent["tbs_certificate"]["subject_public_key_info"] = key
    return issued_again(bent)


@hostile("B502")
def exponent_of_one(world: World) -> bytes:
    """With the exponent 1 everybody can sign: the signature is the message itself."""
    numbers = keys.RSAPublicKey(
        {"modulus": rsa_key().public_key().public_numbers().n, "public_exponent": 1}
    )
    key = keys.PublicKeyInfo.wrap(numbers, "rsa")
    return replaced_certificate(world, with_key(key))


@hostile("B502")
def exponent_of_three(world: World) -> bytes:
    key = rsa.generate_private_key(3, 2048)
    return signed_by(world, certify("THỬ NGHIỆM C", authority(), key=key))


@hostile("B502")
def curve_of_224_bits(world: World) -> bytes:
    key = ec.generate_private_key(ec.SECP224R1())
    return signed_by(world, certify("THỬ NGHIỆM C", authority(), key=key))


@hostile("B502")
def curve_of_192_bits(world: World) -> bytes:
    inner = keys.ECPointBitString.from_coords(1, 2)
    key = keys.PublicKeyInfo(
        {
            "algorithm": {
                "algorithm": "ec",
                "parameters": keys.ECDomainParameters(name="named", value="secp192r1"),
            },
            "public_key": inner,
        }
    )
    return replaced_certificate(world, with_key(key))


@hostile("B503")
def edwards_curve(world: World) -> bytes:
    raw = ed25519.Ed25519PrivateKey.generate().public_key()
    der = raw.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = keys.PublicKeyInfo.load(der)
    return replaced_certificate(world, with_key(key))


@hostile("B606")
def certificate_with_an_extension_twice(world: World) -> bytes:
    bent = people()[2].asn1.copy()
    extensions = bent["tbs_certificate"]["extensions"]
    extensions.append(extensions[0].copy())
    return replaced_certificate(world, issued_again(bent))


@hostile("B606")
def certificate_with_an_unknown_critical_extension(world: World) -> bytes:
    bent = people()[2].asn1.copy()
    value = core.ParsableOctetString(core.Null().dump())
    unknown = {"extn_id": "1.2.3.4.5.6", "critical": True, "extn_value": value}
    bent["tbs_certificate"]["extensions"].append(unknown)
    return replaced_certificate(world, issued_again(bent))


def replaced_certificate(world: World, certificate: asn1_x509.Certificate) -> bytes:
    """A bundle whose third signature is made anew, bound to another certificate of the signer."""
    third = people()[2]
    mark = hashlib.sha256(certificate.dump()).hexdigest()
    one, two, _ = people()
    world.appoint(
        appointment(one, (1,)),
        appointment(two, (2,)),
        appointment(third, (3,), fingerprint=mark),
    )

    def bend(outer: cms.ContentInfo) -> None:
        outer["content"]["certificates"] = [cms.CertificateChoices("certificate", certificate)]
        signed = signer_info(outer)
        kept = [e for e in signed["signed_attrs"] if e["type"].native != "signing_certificate_v2"]
        ess = tsp.SigningCertificateV2({"certs": [{"cert_hash": bytes.fromhex(mark)}]})
        attribute = cms.CMSAttribute({"type": "signing_certificate_v2", "values": [ess]})
        resign(signed, cms.CMSAttributes([*kept, attribute]), third)

    return with_cms(bend)


@hostile("B605")
def revoked_before_it_signed(world: World) -> bytes:
    since = clock.record_now() - timedelta(days=2)
    world.trust.add_revocation_list(revocation_list(authority(), (people()[2], since)), TEST)
    return good()


@hostile("B702")
def time_stamp_over_another_signature(world: World) -> bytes:
    return all_stamped(lambda raw: stamped(raw, over=b"another signature"))


@hostile("B702")
def time_stamp_of_a_stranger(world: World) -> bytes:
    stranger = stamping(certify("CA lạ", ca=True))
    return all_stamped(lambda raw: stamped(raw, by=stranger))


@hostile("B702")
def time_stamp_by_a_persons_key(world: World) -> bytes:
    return all_stamped(lambda raw: stamped(raw, by=people()[0]))


@hostile("B703")
def time_stamp_of_tomorrow(world: World) -> bytes:
    later = clock.record_now() + timedelta(days=1)
    return all_stamped(lambda raw: stamped(raw, at=later))


@hostile("B404")
def two_time_stamps(world: World) -> bytes:
    def twice(raw: bytes) -> bytes:
        outer = cms.ContentInfo.load(stamped(raw))
        attribute = signer_info(outer)["unsigned_attrs"][0]
        attribute["values"].append(attribute["values"][0].copy())
        return bytes(outer.dump(force=True))

    return all_stamped(twice)


def all_stamped(third: Callable[[bytes], bytes]) -> bytes:
    return Forge().sign(1, cms=stamped).sign(2, cms=stamped).sign(3, cms=third).packed()


@hostile("B701")
def official_keys_without_a_time_stamp(world: World) -> bytes:
    """Undecided, and never success."""
    return official(world, lambda raw: raw, covering=True)


@hostile("B704")
def revocation_list_of_another_issuer(world: World) -> bytes:
    return official(world, stamped, covering=False)


def official(world: World, cms_of: Callable[[bytes], bytes], *, covering: bool) -> bytes:
    """A bundle of keys under `chinh-thuc`, with a list that speaks of them or of others."""
    made = World(world.home / "chinh-thuc", OFFICIAL)
    issuer = authority() if covering else certify("THỬ NGHIỆM CA khác", ca=True)
    made.trust.add_revocation_list(revocation_list(issuer), OFFICIAL)
    world.trust = made.trust
    world.home, world.register = made.home, made.register
    forge = Forge()
    for step in (1, 2, 3):
        forge.sign(step, cms=cms_of)
    return forge.packed()
