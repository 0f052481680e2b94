"""Bundles that someone meddled with: each is refused, and for the right reason."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import struct
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

import pytest
from asn1crypto import algos, cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509.oid import ExtendedKeyUsageOID

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
    info,
    pack,
    people,
    rsa_key,
)
from iocsl import clock
from iocsl.bundle import container, records
from iocsl.bundle.container import DATA, REPORT, SLIP, decision_name, manifest_name, signature_name
from iocsl.bundle.manifest import Manifest, read_manifest
from iocsl.bundle.refusals import all_refusals
from iocsl.bundle.trust import OFFICIAL, TEST
from iocsl.bundle.verify import verify
from iocsl.ledger.chain import canonical

Make = Callable[[World], bytes]
CASES: list[tuple[str, str, Make]] = []
PAYLOAD = f"{DATA}KDL-M-016_2026-10.csv"


def hostile(code: str) -> Callable[[Make], Make]:
    """Register a maker of bundles that must be refused with `code`."""

    def register(make: Make) -> Make:
        CASES.append((make.__name__, code, make))
        return make

    return register


def replaced(name: str, data: bytes) -> bytes:
    forge = good_forge()
    forge.members[name] = data
    return forge.packed()


def central(raw: bytes, name: str) -> int:
    """Where the central header of a member begins."""
    encoded, place = name.encode(), raw.index(b"PK\x01\x02")
    while raw[place + 46 : place + 46 + len(encoded)] != encoded:
        place = raw.index(b"PK\x01\x02", place + 4)
    return place


def local(raw: bytes, name: str) -> int:
    return int(struct.unpack_from("<L", raw, central(raw, name) + 42)[0])


def patched(raw: bytes, place: int, data: bytes) -> bytes:
    return raw[:place] + data + raw[place + len(data) :]


# --- the container ------------------------------------------------------------------------------


@hostile("B101")
def empty_file(world: World) -> bytes:
    return b""


@hostile("B101")
def a_pdf(world: World) -> bytes:
    return b"%PDF-1.7\n" + b"x" * 500


@hostile("B101")
def cut_short(world: World) -> bytes:
    return good()[:-200]


@hostile("B102")
def appended_bytes(world: World) -> bytes:
    return good() + b"\x00" * 40


@hostile("B102")
def appended_bundle_end(world: World) -> bytes:
    return good() + b"PK\x05\x06"


@hostile("B103")
def prepended_script(world: World) -> bytes:
    return b"#!/bin/sh\nexit\n" + good()


@hostile("B103")
def prepended_and_offsets_moved(world: World) -> bytes:
    raw, shift = bytearray(b"X" * 16 + good()), 16
    end = len(raw) - 22
    start = struct.unpack_from("<L", raw, end + 16)[0]
    struct.pack_into("<L", raw, end + 16, start + shift)
    place = start + shift
    while raw[place : place + 4] == b"PK\x01\x02":
        offset = struct.unpack_from("<L", raw, place + 42)[0]
        struct.pack_into("<L", raw, place + 42, offset + shift)
        name, extra, comment = struct.unpack_from("<3H", raw, place + 28)
        place += 46 + name + extra + comment
    return bytes(raw)


@hostile("B103")
def hidden_bytes_before_directory(world: World) -> bytes:
    raw = good()
    start = struct.unpack_from("<L", raw, len(raw) - 6)[0]
    grown = raw[:start] + b"hidden!!" + raw[start:]
    return patched(grown, len(grown) - 6, struct.pack("<L", start + 8))


@hostile("B103")
def two_headers_one_body(world: World) -> bytes:
    raw = good()
    return patched(raw, central(raw, REPORT) + 42, struct.pack("<L", local(raw, SLIP)))


@hostile("B104")
def local_name_differs(world: World) -> bytes:
    raw = good()
    return patched(raw, local(raw, PAYLOAD) + 30, PAYLOAD.replace("10", "11").encode())


@hostile("B104")
def local_crc_differs(world: World) -> bytes:
    raw = good()
    return patched(raw, local(raw, PAYLOAD) + 14, b"\x01\x02\x03\x04")


@hostile("B104")
def local_method_differs(world: World) -> bytes:
    raw = good()
    return patched(raw, local(raw, PAYLOAD) + 8, struct.pack("<H", 8))


@hostile("B104")
def local_time_differs(world: World) -> bytes:
    raw = good()
    return patched(raw, local(raw, SLIP) + 10, b"\x11\x11")


@hostile("B104")
def stored_size_differs(world: World) -> bytes:
    raw = good()
    size = struct.pack("<L", len(CSV) + 1)
    raw = patched(raw, local(raw, PAYLOAD) + 22, size)
    return patched(raw, central(raw, PAYLOAD) + 24, size)


@hostile("B105")
def encrypted_flag(world: World) -> bytes:
    raw = good()
    raw = patched(raw, local(raw, PAYLOAD) + 6, b"\x01\x00")
    return patched(raw, central(raw, PAYLOAD) + 8, b"\x01\x00")


@hostile("B106")
def data_descriptor_flag(world: World) -> bytes:
    raw = good()
    raw = patched(raw, local(raw, PAYLOAD) + 6, b"\x08\x00")
    return patched(raw, central(raw, PAYLOAD) + 8, b"\x08\x00")


@hostile("B106")
def archive_comment(world: World) -> bytes:
    # The comment itself holds no record of an end, so that the first reading is the only one.
    return good_forge().packed(comment=b"x" * 22 + b"PK\x05\x06" + b"\x00" * 16 + b"\x16\x00")


@hostile("B102")
def archive_comment_plain(world: World) -> bytes:
    return good_forge().packed(comment=b"xin chao")


@hostile("B106")
def extra_field(world: World) -> bytes:
    return good_forge().packed(headers={PAYLOAD: {"extra": b"\x01\x02\x00\x00"}})


@hostile("B106")
def member_comment(world: World) -> bytes:
    return good_forge().packed(headers={PAYLOAD: {"comment": b"hello"}})


@hostile("B106")
def unknown_method(world: World) -> bytes:
    return good_forge().packed(headers={PAYLOAD: {"compress_type": 12}})


@hostile("B106")
def several_disks(world: World) -> bytes:
    raw = good()
    return patched(raw, len(raw) - 18, b"\x01\x00")


@hostile("B107")
def duplicate_payload(world: World) -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return good_forge().packed(extra=((info(PAYLOAD), b"other"),))


@hostile("B107")
def case_colliding_payload(world: World) -> bytes:
    return good_forge().packed(extra=((info(PAYLOAD.upper().replace("DU-LIEU", "du-lieu")), b"x"),))


@hostile("B107")
def width_colliding_payload(world: World) -> bytes:
    wide = "".join(chr(ord(c) + 0xFEE0) if c == "K" else c for c in PAYLOAD)
    return good_forge().packed(extra=((info(wide), b"x"),))


@hostile("B108")
def traversal(world: World) -> bytes:
    return good_forge().packed(extra=((info("du-lieu/../../etc/passwd"), b"x"),))


@hostile("B108")
def absolute_name(world: World) -> bytes:
    return good_forge().packed(extra=((info("/etc/passwd"), b"x"),))


@hostile("B108")
def backslash_name(world: World) -> bytes:
    return good_forge().packed(extra=((info("du-lieu/..\\x.csv"), b"x"),))


@hostile("B108")
def windows_device_name(world: World) -> bytes:
    return good_forge().packed(extra=((info("du-lieu/CON.csv"), b"x"),))


@hostile("B108")
def control_character_name(world: World) -> bytes:
    return good_forge().packed(extra=((info("du-lieu/a\x1b[2Jb.csv"), b"x"),))


@hostile("B108")
def right_to_left_name(world: World) -> bytes:
    return good_forge().packed(extra=((info("du-lieu/a\u202evsc.exe"), b"x"),))


@hostile("B108")
def decomposed_name(world: World) -> bytes:
    name = unicodedata.normalize("NFD", "du-lieu/giá.csv")
    return good_forge().packed(extra=((info(name), b"x"),))


@hostile("B109")
def symlink(world: World) -> bytes:
    link = info("du-lieu/link.csv", external_attr=0o120777 << 16)
    return good_forge().packed(extra=((link, b"/etc/passwd"),))


@hostile("B109")
def folder_member(world: World) -> bytes:
    return good_forge().packed(extra=((info("du-lieu/thu-muc/"), b""),))


@hostile("B110")
def deflate_bomb(world: World) -> bytes:
    bomb = info("du-lieu/bom.csv", compress_type=ZIP_DEFLATED)
    return good_forge().packed(extra=((bomb, b"\x00" * (20 << 20)),))


@hostile("B110")
def declared_too_large(world: World) -> bytes:
    raw = good_forge().packed(headers={PAYLOAD: {"compress_type": ZIP_DEFLATED}})
    size = struct.pack("<L", 0xF0000000)
    raw = patched(raw, local(raw, PAYLOAD) + 22, size)
    return patched(raw, central(raw, PAYLOAD) + 24, size)


@hostile("B110")
def huge_slip(world: World) -> bytes:
    forge = Forge().fill()
    forge.members[SLIP] = b'{"a":"' + bytes(range(97, 123)) * (3 << 20) + b'"}'
    return forge.sign_all().packed()


@hostile("B111")
def inflates_past_its_size(world: World) -> bytes:
    raw = good_forge().packed(headers={PAYLOAD: {"compress_type": ZIP_DEFLATED}})
    size = struct.pack("<L", 3)
    raw = patched(raw, local(raw, PAYLOAD) + 22, size)
    return patched(raw, central(raw, PAYLOAD) + 24, size)


@hostile("B111")
def flipped_payload_byte(world: World) -> bytes:
    raw = good()
    place = raw.index(CSV) + 5
    return patched(raw, place, bytes([raw[place] ^ 1]))


@hostile("B111")
def broken_deflate_stream(world: World) -> bytes:
    raw = good_forge().packed(headers={PAYLOAD: {"compress_type": ZIP_DEFLATED}})
    return patched(raw, local(raw, PAYLOAD) + 30 + len(PAYLOAD), b"\xff\xff\xff")


@hostile("B112")
def mimetype_not_first(world: World) -> bytes:
    members = {PAYLOAD: CSV, "mimetype": container.MIMETYPE, **good_forge().members}
    return pack(members)


@hostile("B112")
def mimetype_deflated(world: World) -> bytes:
    return good_forge().packed(headers={"mimetype": {"compress_type": ZIP_DEFLATED}})


@hostile("B112")
def mimetype_other(world: World) -> bytes:
    return pack({"mimetype": b"application/vnd.etsi.asic-s+zip", **good_forge().members})


@hostile("B112")
def mimetype_missing(world: World) -> bytes:
    return pack(good_forge().members)


@hostile("B113")
def stray_member(world: World) -> bytes:
    return good_forge().packed(extra=((info("ghi-chu.txt"), b"x"),))


@hostile("B113")
def stray_in_meta_inf(world: World) -> bytes:
    return good_forge().packed(extra=((info("META-INF/manifest.xml"), b"<x/>"),))


@hostile("B113")
def nested_payload(world: World) -> bytes:
    return good_forge().packed(extra=((info("du-lieu/a/b.csv"), b"x"),))


@hostile("B113")
def fourth_step(world: World) -> bytes:
    forge = good_forge()
    for name in (decision_name, manifest_name, signature_name):
        forge.members[name(4)] = forge.members[name(3)]
    return forge.packed()


@hostile("B114")
def no_slip(world: World) -> bytes:
    forge = good_forge()
    del forge.members[SLIP]
    return forge.packed()


@hostile("B114")
def no_payload(world: World) -> bytes:
    forge = good_forge()
    del forge.members[PAYLOAD]
    return forge.packed()


@hostile("B114")
def middle_step_removed(world: World) -> bytes:
    forge = good_forge()
    for name in (decision_name, manifest_name, signature_name):
        del forge.members[name(2)]
    return forge.packed()


@hostile("B114")
def signature_stripped(world: World) -> bytes:
    forge = good_forge()
    del forge.members[signature_name(2)]
    return forge.packed()


@hostile("B115")
def slip_not_json(world: World) -> bytes:
    forge = Forge().fill()
    forge.members[SLIP] = b"{not json"
    return forge.sign_all().packed()


@hostile("B115")
def slip_with_repeated_key(world: World) -> bytes:
    forge = Forge().fill()
    text = forge.members[SLIP].decode()
    forge.members[SLIP] = text.replace('{"', '{"unit":"CQ-KHCN","', 1).encode()
    return forge.sign_all().packed()


@hostile("B115")
def slip_nested_too_deep(world: World) -> bytes:
    forge = Forge().fill()
    forge.members[SLIP] = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    return forge.sign_all().packed()


@hostile("B115")
def slip_with_negative_sequence(world: World) -> bytes:
    return Forge().fill(slip=lambda d: {**d, "sequence": -1}).sign_all().packed()


# --- manifests ----------------------------------------------------------------------------------


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


# --- digests ------------------------------------------------------------------------------------


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


# --- signatures ---------------------------------------------------------------------------------


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


# --- certificates -------------------------------------------------------------------------------


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


# --- time ---------------------------------------------------------------------------------------


@hostile("B703")
def signed_in_the_future(world: World) -> bytes:
    later = clock.record_now() + timedelta(hours=2)
    return Forge().sign(1).sign(2).sign(3, at=later).packed()


@hostile("B703")
def approved_before_it_was_prepared(world: World) -> bytes:
    earlier = clock.record_now() - timedelta(hours=2)
    return Forge().sign(1).sign(2).sign(3, at=earlier).packed()


# --- people -------------------------------------------------------------------------------------


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


# --- records ------------------------------------------------------------------------------------


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


@hostile("B907")
def no_declaration(world: World) -> bytes:
    return Forge().fill(slip=setting("declaration", "")).sign_all().packed()


def setting(key: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda document: {**document, key: value}


# --- the tests ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code", "make"), CASES, ids=[name for name, _, _ in CASES])
def test_hostile_bundle_is_refused_for_its_reason(
    name: str, code: str, make: Make, tmp_path: Path
) -> None:
    world = World(tmp_path / "nha")
    path = tmp_path / "goi.asice"
    path.write_bytes(make(world))
    policy = world.policy
    if code == "B607":
        policy = dataclasses.replace(policy, profiles=frozenset({OFFICIAL}))
    verdict = verify(path, policy)
    assert verdict.verdict == "invalid"
    assert next(each.code for each in verdict.refusals if not each.undecided) == code
    document = verdict.document()
    assert document["verdict"] == "invalid"
    assert all(each["message"] for each in document["refusals"])


def test_the_bundle_they_all_start_from_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "goi.asice"
    path.write_bytes(good())
    verdict = verify(path, World(tmp_path / "nha").policy)
    assert (verdict.verdict, verdict.profile, verdict.refusals) == ("valid", "thu-nghiem", [])


def test_there_are_many_and_every_code_is_reached() -> None:
    later = {"B605", "B701", "B702", "B704"}
    assert len(CASES) >= 60
    assert {info.code for info in all_refusals()} - {code for _, code, _ in CASES} == later


@pytest.mark.parametrize("place", range(0, 6000, 131))
def test_no_byte_can_be_flipped(place: int, tmp_path: Path) -> None:
    raw = good()
    place = place * len(raw) // 6000
    path = tmp_path / "goi.asice"
    path.write_bytes(patched(raw, place, bytes([raw[place] ^ 0x40])))
    assert verify(path, World(tmp_path / "nha").policy).verdict == "invalid"


def test_manifest_reader_gives_back_what_was_written() -> None:
    raw = good_forge().members[manifest_name(3)]
    manifest = read_manifest(raw, manifest_name(3))
    assert manifest.signature == signature_name(3)
    assert dict(manifest.references)[PAYLOAD] == hashlib.sha256(CSV).hexdigest()
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
