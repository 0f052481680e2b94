"""Bundles whose ZIP file says two things, hides something, or could choke the reader."""

from __future__ import annotations

import struct
import unicodedata
from zipfile import ZIP_DEFLATED

import pytest
from hostile import PAYLOAD, central, hostile, local, patched

from bundle_forge import (
    CSV,
    Forge,
    World,
    good,
    good_forge,
    info,
    pack,
)
from iocsl.bundle import container
from iocsl.bundle.container import REPORT, SLIP, decision_name, manifest_name, signature_name


@hostile("B101")
def empty_file(world: World) -> bytes:
    return b""


@hostile("B101")
def a_pdf(world: World) -> bytes:
    return b"%PDF-1.7\n" + b"x" * 500


@hostile("B119")
def cut_short(world: World) -> bytes:
    return good()[:-200]


@hostile("B119")
def cut_short_and_filled_up(world: World) -> bytes:
    """Some programs make the room first: the file has its size, and zeros at its end."""
    raw = good()
    return raw[: len(raw) // 2] + b"\x00" * (len(raw) - len(raw) // 2)


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
def windows_device_with_a_superscript(world: World) -> bytes:
    return good_forge().packed(extra=((info("du-lieu/Com\u00b9.csv"), b"x"),))


@hostile("B108")
def windows_console_name(world: World) -> bytes:
    return good_forge().packed(extra=((info("du-lieu/CONIN$.csv"), b"x"),))


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
