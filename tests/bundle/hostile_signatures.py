"""Bundles whose manifests, digests or signatures are not what they should be."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Callable
from typing import Any

from asn1crypto import algos, cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hostile import PAYLOAD, hostile, replaced

from bundle_forge import (
    CSV,
    Forge,
    Holder,
    World,
    authority,
    certify,
    good_forge,
    people,
)
from iocsl import clock
from iocsl.bundle.container import DATA, REPORT, SLIP, decision_name, manifest_name, signature_name
from iocsl.bundle.manifest import Manifest


def with_manifest(bend: Callable[[bytes], bytes], step: int = 3) -> bytes:
    """A bundle whose manifest of `step` is bent, and then signed as it is."""
    forge = Forge()
    for number in (1, 2, 3):
        forge.sign(number, raw_manifest=bend if number == step else lambda raw: raw)
    return forge.packed()


@hostile("B202")
def manifest_with_doctype(world: World) -> bytes:
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n'
    return with_manifest(lambda raw: raw.replace(b"<asic:ASiCM", entity + b"<asic:ASiCM", 1))


@hostile("B202")
def manifest_with_billion_laughs(world: World) -> bytes:
    bomb = b'<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return with_manifest(lambda raw: raw.replace(b"<asic:ASiCM", bomb + b"<asic:ASiCM", 1))


@hostile("B201")
def manifest_with_comment(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b"</asic:ASiCM", b"<!-- x --></asic:ASiCM"))


@hostile("B201")
def manifest_in_utf16(world: World) -> bytes:
    return with_manifest(lambda raw: raw.decode().replace("UTF-8", "UTF-16").encode("utf-16"))


@hostile("B201")
def manifest_not_xml(world: World) -> bytes:
    return with_manifest(lambda raw: raw[:-20])


@hostile("B201")
def manifest_in_other_namespace(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b"v1.2.1#", b"v1.4.2#"))


@hostile("B201")
def manifest_with_foreign_element(world: World) -> bytes:
    foreign = b"<asic:ASiCManifestExtensions/></asic:ASiCManifest>"
    return with_manifest(lambda raw: raw.replace(b"</asic:ASiCManifest>", foreign))


@hostile("B201")
def manifest_with_other_spelling_of_a_name(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b'"du-lieu/', b'"%64u-lieu/'))


@hostile("B203")
def manifest_too_large(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b"\n", b"\n" + b" " * (1 << 20), 1))


@hostile("B501")
def manifest_with_sha1(world: World) -> bytes:
    sha1 = b"http://www.w3.org/2000/09/xmldsig#sha1"
    value = base64.b64encode(hashlib.sha1(CSV, usedforsecurity=False).digest())

    def bend(raw: bytes) -> bytes:
        method = b"http://www.w3.org/2001/04/xmlenc#sha256"
        raw = raw.replace(method, sha1, 1)
        start = raw.index(b"DigestValue>") + len(b"DigestValue>")
        return raw[:start] + value + raw[raw.index(b"</ds:DigestValue", start) :]

    return with_manifest(bend)


@hostile("B204")
def manifest_of_another_signature(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b"signature003", b"signature001", 1))


@hostile("B204")
def manifests_swapped(world: World) -> bytes:
    forge = good_forge()
    first, second = manifest_name(1), manifest_name(2)
    forge.members[first], forge.members[second] = forge.members[second], forge.members[first]
    return forge.packed()


@hostile("B205")
def manifest_names_twice(world: World) -> bytes:
    def bend(raw: bytes) -> bytes:
        lines = raw.split(b"\n")
        return b"\n".join([*lines[:4], lines[3], *lines[4:]])

    return with_manifest(bend)


def without(target: str) -> Callable[[Manifest], Manifest]:
    return lambda manifest: dataclasses.replace(
        manifest, references=tuple(pair for pair in manifest.references if pair[0] != target)
    )


@hostile("B206")
def last_manifest_leaves_payload_out(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, manifest=without(PAYLOAD)).packed()


@hostile("B206")
def first_manifest_leaves_report_out(world: World) -> bytes:
    return Forge().sign(1, manifest=without(REPORT)).sign(2).sign(3).packed()


@hostile("B206")
def last_manifest_leaves_a_signature_out(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, manifest=without(signature_name(1))).packed()


@hostile("B206")
def payload_added_after_signing(world: World) -> bytes:
    forge = good_forge()
    forge.members[f"{DATA}them.csv"] = b"a,b\n1,2\n"
    return forge.packed()


@hostile("B206")
def payload_renamed(world: World) -> bytes:
    forge = good_forge()
    forge.members[f"{DATA}khac.csv"] = forge.members.pop(PAYLOAD)
    return forge.packed()


@hostile("B207")
def manifest_names_what_is_not_there(world: World) -> bytes:
    def bend(manifest: Manifest) -> Manifest:
        extra = ("du-lieu/khong-co.csv", "0" * 64)
        return dataclasses.replace(manifest, references=(*manifest.references, extra))

    return Forge().sign(1).sign(2).sign(3, manifest=bend).packed()


@hostile("B208")
def manifest_out_of_order(world: World) -> bytes:
    def bend(manifest: Manifest) -> Manifest:
        return dataclasses.replace(manifest, references=manifest.references[::-1])

    return Forge().sign(1).sign(2).sign(3, manifest=bend).packed()


@hostile("B301")
def payload_altered(world: World) -> bytes:
    return replaced(PAYLOAD, CSV.replace(b"12", b"21"))


@hostile("B301")
def slip_altered(world: World) -> bytes:
    return replaced(SLIP, good_forge().members[SLIP].replace(b"2026-10", b"2026-11"))


@hostile("B301")
def report_altered(world: World) -> bytes:
    return replaced(REPORT, good_forge().members[REPORT].replace(b'"rows":1', b'"rows":9'))


@hostile("B301")
def decision_altered(world: World) -> bytes:
    document = good_forge().members[decision_name(2)]
    return replaced(decision_name(2), document.replace(b"dong-y", b"tra-lai"))


@hostile("B301")
def earlier_signature_replaced(world: World) -> bytes:
    """A second, good signature of the same person: the later ones were made over the first."""
    forge = good_forge()
    raw = forge.members[manifest_name(1)]
    again = people()[0].signer().sign(raw, clock.record_now().replace(microsecond=0))
    return replaced(signature_name(1), again)


@hostile("B301")
def payload_of_another_bundle(world: World) -> bytes:
    return replaced(PAYLOAD, CSV * 2)


def with_cms(bend: Callable[[cms.ContentInfo], Any], step: int = 3) -> bytes:
    """A bundle in which the signature of `step` is taken apart and put together otherwise."""

    def rebuilt(raw: bytes) -> bytes:
        outer = cms.ContentInfo.load(raw)
        return bytes((bend(outer) or outer).dump(force=True))

    forge = Forge()
    for number in (1, 2, 3):
        forge.sign(number, cms=rebuilt if number == step else lambda raw: raw)
    return forge.packed()


def signer_info(outer: cms.ContentInfo) -> cms.SignerInfo:
    return outer["content"]["signer_infos"][0]


def without_attribute(name: str) -> Callable[[cms.ContentInfo], None]:
    """Leave a signed attribute out and sign what remains, as a careless program would."""

    def bend(outer: cms.ContentInfo) -> None:
        signed = signer_info(outer)
        kept = [each for each in signed["signed_attrs"] if each["type"].native != name]
        resign(signed, cms.CMSAttributes(kept), people()[2])

    return bend


def resign(signed: cms.SignerInfo, attributes: cms.CMSAttributes, holder: Holder) -> None:
    assert isinstance(holder.key, ec.EllipticCurvePrivateKey)
    signed["signed_attrs"] = attributes
    signed["signature"] = holder.key.sign(attributes.dump(force=True), ec.ECDSA(hashes.SHA256()))


@hostile("B401")
def signature_is_text(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, cms=lambda raw: b"chu ky").packed()


@hostile("B401")
def signature_cut_short(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, cms=lambda raw: raw[:-30]).packed()


@hostile("B401")
def bytes_after_the_signature(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, cms=lambda raw: raw + b"\x00\x00").packed()


@hostile("B401")
def not_signed_data(world: World) -> bytes:
    data = cms.ContentInfo({"content_type": "data", "content": core.OctetString(b"x")})
    return Forge().sign(1).sign(2).sign(3, cms=lambda raw: data.dump()).packed()


@hostile("B402")
def content_attached(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        outer["content"]["encap_content_info"]["content"] = b"noi dung khac"

    return with_cms(bend)


@hostile("B403")
def two_signer_infos(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        outer["content"]["signer_infos"].append(signer_info(outer).copy())

    return with_cms(bend)


@hostile("B403")
def no_signer_info(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        outer["content"]["signer_infos"] = []

    return with_cms(bend)


@hostile("B404")
def no_message_digest(world: World) -> bytes:
    return with_cms(without_attribute("message_digest"))


@hostile("B404")
def no_signing_time(world: World) -> bytes:
    return with_cms(without_attribute("signing_time"))


@hostile("B404")
def attribute_twice(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        signed = signer_info(outer)
        attributes = list(signed["signed_attrs"])
        resign(signed, cms.CMSAttributes([*attributes, attributes[0].copy()]), people()[2])

    return with_cms(bend)


@hostile("B404")
def unsigned_attribute_smuggled_in(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        attribute = {"type": "1.2.3.4.5", "values": [core.Integer(1)]}
        signer_info(outer)["unsigned_attrs"] = cms.CMSAttributes([cms.CMSAttribute(attribute)])

    return with_cms(bend)


@hostile("B405")
def no_ess_attribute(world: World) -> bytes:
    return with_cms(without_attribute("signing_certificate_v2"))


@hostile("B406")
def ess_of_another_certificate(world: World) -> bytes:
    """The same key in a second certificate: the signature fits both, the attribute one."""
    first = people()[2]
    twin = certify("THỬ NGHIỆM Z", authority(), key=first.key)

    def bend(outer: cms.ContentInfo) -> None:
        outer["content"]["certificates"] = [
            cms.CertificateChoices(name="certificate", value=twin.asn1)
        ]
        signer_info(outer)["sid"] = cms.SignerIdentifier(
            name="issuer_and_serial_number",
            value=cms.IssuerAndSerialNumber(
                {"issuer": twin.asn1.issuer, "serial_number": twin.asn1.serial_number}
            ),
        )

    return with_cms(bend)


@hostile("B407")
def signature_of_another_step(world: World) -> bytes:
    forge = Forge().sign(1).sign(2).sign(3)
    forge.members[signature_name(3)] = forge.members[signature_name(2)]
    return forge.packed()


@hostile("B407")
def signature_of_another_bundle(world: World) -> bytes:
    other = Forge(sequence=2).sign_all()
    return replaced(signature_name(3), other.members[signature_name(3)])


@hostile("B408")
def signature_value_flipped(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        signed = signer_info(outer)
        value = bytearray(signed["signature"].native)
        value[-1] ^= 1
        signed["signature"] = bytes(value)

    return with_cms(bend)


@hostile("B408")
def signed_with_another_key(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        signed = signer_info(outer)
        attributes = cms.CMSAttributes(list(signed["signed_attrs"]))
        resign(signed, attributes, people()[0])

    return with_cms(bend)


@hostile("B409")
def no_certificate_inside(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        outer["content"]["certificates"] = []

    return with_cms(bend)


@hostile("B501")
def sha1_message_digest(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        sha1 = algos.DigestAlgorithm({"algorithm": "sha1"})
        outer["content"]["digest_algorithms"] = [sha1]
        signer_info(outer)["digest_algorithm"] = sha1

    return with_cms(bend)


@hostile("B501")
def sha1_signature_algorithm(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        signer_info(outer)["signature_algorithm"] = algos.SignedDigestAlgorithm(
            {"algorithm": "sha1_ecdsa"}
        )

    return with_cms(bend)


@hostile("B503")
def algorithm_of_another_key_kind(world: World) -> bytes:
    def bend(outer: cms.ContentInfo) -> None:
        signer_info(outer)["signature_algorithm"] = algos.SignedDigestAlgorithm(
            {"algorithm": "sha256_rsa"}
        )

    return with_cms(bend)
