"""Tricks of those who know ZIP, XML and JSON well."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from hostile import PAYLOAD, central, hostile, local, patched
from hostile_signatures import with_manifest

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
from iocsl.bundle.container import DATA, SLIP, decision_name, signature_name


@hostile("B101")
def more_members_than_a_bundle_has(world: World) -> bytes:
    names = {f"{DATA}{n:03}.csv": b"x" for n in range(300)}
    return pack({"mimetype": container.MIMETYPE, **names, **good_forge().members})


@hostile("B103")
def directory_says_fewer_members(world: World) -> bytes:
    raw = good()
    count = struct.pack("<2H", 5, 5)
    return patched(raw, len(raw) - 14, count)


@hostile("B103")
def zip64_end_before_the_end(world: World) -> bytes:
    """A second list of members, which readers of zip64 believe and others do not."""
    raw = good()
    size, start = struct.unpack_from("<2L", raw, len(raw) - 10)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 13, 13, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1)
    return raw[:-22] + record + locator + raw[-22:]


@hostile("B106")
def zip64_sizes(world: World) -> bytes:
    raw = good()
    return patched(raw, central(raw, PAYLOAD) + 20, b"\xff\xff\xff\xff\xff\xff\xff\xff")


@hostile("B106")
def extra_field_in_the_local_header_alone(world: World) -> bytes:
    raw = good()
    return patched(raw, local(raw, signature_name(3)) + 28, b"\x04\x00")


@hostile("B103")
def members_that_overlap(world: World) -> bytes:
    raw = good()
    place = central(raw, SLIP) + 42
    return patched(raw, place, struct.pack("<L", local(raw, PAYLOAD) + 10))


@hostile("B106")
def made_by_a_program_of_another_system(world: World) -> bytes:
    """Attributes that no signature covers: another system may take them for a link."""
    raw = good()
    return patched(raw, central(raw, PAYLOAD) + 5, b"\x0a")


@hostile("B106")
def executable_attribute(world: World) -> bytes:
    raw = good()
    return patched(raw, central(raw, PAYLOAD) + 38, struct.pack("<L", 0o100755 << 16))


@hostile("B108")
def nul_in_a_name(world: World) -> bytes:
    raw = good_forge().packed(extra=((info("du-lieu/a.csv_exe"), b"x"),))
    return raw.replace(b"a.csv_exe", b"a.csv\x00exe")


@hostile("B107")
def letters_that_fold_into_two(world: World) -> bytes:
    forge = Forge(files={"strasse.csv": CSV}).sign_all()
    return forge.packed(extra=((info(f"{DATA}straße.csv"), b"x"),))


@hostile("B108")
def kelvin_sign_for_a_letter(world: World) -> bytes:
    return good_forge().packed(extra=((info(PAYLOAD.replace("K", "\u212a")), b"x"),))


@hostile("B108")
def invisible_character_in_a_name(world: World) -> bytes:
    return good_forge().packed(extra=((info(f"{DATA}KDL\u200b.csv"), b"x"),))


@hostile("B113")
def another_spelling_of_a_record(world: World) -> bytes:
    return good_forge().packed(extra=((info("quyet-dinh/buoc-01.json"), b"{}"),))


@hostile("B113")
def a_second_kind_of_signature_file(world: World) -> bytes:
    return good_forge().packed(extra=((info("META-INF/signatures004.xml"), b"<x/>"),))


@hostile("B207")
def one_of_two_files_removed(world: World) -> bytes:
    forge = Forge(files={"a.csv": CSV, "b.csv": CSV}).sign_all()
    del forge.members[f"{DATA}b.csv"]
    return forge.packed()


def with_decision(bend: Callable[[bytes], bytes]) -> bytes:
    """A bundle whose third decision is bent as bytes, and then signed as it is."""
    raw = bend(good_forge().members[decision_name(3)])
    forge = Forge().sign(1).sign(2)
    with patch("bundle_forge.canonical", lambda _: raw):
        return forge.sign(3).packed()


@hostile("B115")
def decision_with_a_repeated_key(world: World) -> bytes:
    """The first `decision` says return, the last one agrees."""
    return with_decision(lambda raw: raw.replace(b"{", b'{"decision":"tra-lai",', 1))


@hostile("B115")
def decision_behind_a_byte_order_mark(world: World) -> bytes:
    return with_decision(lambda raw: b"\xef\xbb\xbf" + raw)


@hostile("B115")
def decision_with_a_number_that_is_none(world: World) -> bytes:
    return with_decision(lambda raw: raw.replace(b'"step":3', b'"step":NaN'))


@hostile("B115")
def decision_with_a_number_too_large(world: World) -> bytes:
    return with_decision(lambda raw: raw.replace(b'"seq":0', b'"seq":' + b"9" * 5000))


@hostile("B115")
def decision_with_a_lone_surrogate(world: World) -> bytes:
    return with_decision(lambda raw: raw.replace(b"dong-y", b"\\ud800"))


@hostile("B901")
def decision_of_step_true(world: World) -> bytes:
    """In some languages true equals one."""
    return Forge().sign(1, decision=lambda d: {**d, "step": True}).sign(2).sign(3).packed()


@hostile("B901")
def decision_with_a_head_of_another_shape(world: World) -> bytes:
    bent = {"seq": "1", "hash": "0" * 64, "ledger": "0" * 64}
    return Forge().sign(1).sign(2).sign(3, decision=lambda d: {**d, "ledger": bent}).packed()


@hostile("B901")
def decision_without_a_head(world: World) -> bytes:
    return Forge().sign(1).sign(2).sign(3, decision=lambda d: {**d, "ledger": None}).packed()


@hostile("B906")
def report_whose_number_of_errors_is_false(world: World) -> bytes:
    def bend(document: dict[str, Any]) -> dict[str, Any]:
        (report,) = document["reports"]
        counts = {**report["counts"], "error": False}
        return {**document, "reports": [{**report, "counts": counts}]}

    return Forge().fill(report=bend).sign_all().packed()


@hostile("B115")
def slip_that_says_more_of_a_file(world: World) -> bytes:
    def bend(document: dict[str, Any]) -> dict[str, Any]:
        files = [{**each, "path": "../../x"} for each in document["files"]]
        return {**document, "files": files}

    return Forge().fill(slip=bend).sign_all().packed()


@hostile("B201")
def manifest_with_an_absolute_address(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b'"du-lieu/', b'"file:///du-lieu/'))


@hostile("B201")
def manifest_with_a_fragment(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b".csv", b".csv#x"))


@hostile("B206")
def manifest_with_a_dotted_path(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b'"du-lieu/', b'"du-lieu/./'))


@hostile("B206")
def manifest_with_a_name_encoded_twice(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b'"du-lieu/', b'"%25du-lieu/'))


@hostile("B206")
def manifest_in_other_letter_case(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b'"du-lieu/KDL', b'"du-lieu/kdl'))


@hostile("B201")
def manifest_behind_a_byte_order_mark(world: World) -> bytes:
    return with_manifest(lambda raw: b"\xef\xbb\xbf" + raw)


@hostile("B201")
def manifest_with_cdata(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b"DigestValue>", b"DigestValue><![CDATA[]]>", 1))


@hostile("B201")
def manifest_with_a_digest_in_other_base64(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b"=</ds:Dig", b"=\n</ds:Dig", 1))


@hostile("B201")
def manifest_with_a_digest_in_other_letters(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b"DigestValue>", "DigestValue>ả".encode(), 1))


@hostile("B201")
def manifest_with_a_hidden_processing_instruction(world: World) -> bytes:
    return with_manifest(lambda raw: raw.replace(b"<asic:Sig", b"<?x y?><asic:Sig", 1))


def with_report(**bent: Any) -> bytes:
    def bend(document: dict[str, Any]) -> dict[str, Any]:
        (report,) = document["reports"]
        return {**document, "reports": [{**report, **bent}]}

    return Forge().fill(report=bend).sign_all().packed()


@hostile("B905")
def report_whose_counts_are_words(world: World) -> bytes:
    return with_report(counts={"rows": "é", "error": 0, "warning": 0, "info": 0})


@hostile("B905")
def report_whose_findings_are_none(world: World) -> bytes:
    return with_report(findings=[{"code": 1}])


@hostile("B905")
def answers_that_are_no_answers(world: World) -> bytes:
    return Forge().fill(report=lambda document: {**document, "answers": [1]}).sign_all().packed()


@hostile("B905")
def report_without_its_quality(world: World) -> bytes:
    return with_report(quality=None)


@hostile("B905")
def report_whose_quality_is_a_word(world: World) -> bytes:
    return with_report(quality={"dung": "100", "du": 100, "sach": 100, "song": None})


@hostile("B905")
def report_whose_quality_is_beyond_measure(world: World) -> bytes:
    return with_report(quality={"dung": 1e300, "du": 100, "sach": 100, "song": None})


@hostile("B905")
def report_that_weighs_nothing(world: World) -> bytes:
    return with_report(counts={"rows": 1, "cells": None, "error": 0, "warning": 0, "info": 0})
