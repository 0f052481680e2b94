"""Bundles that someone meddled with: each is refused, and for the right reason."""

from __future__ import annotations

import dataclasses
import hashlib
from importlib import import_module
from pathlib import Path

import pytest
from hostile import CASES, PAYLOAD, Make, patched

from bundle_forge import (
    CSV,
    World,
    good,
    good_forge,
)
from iocsl.bundle import refusal_table, refusal_table_people, refusal_table_sheet
from iocsl.bundle.container import manifest_name, signature_name
from iocsl.bundle.manifest import read_manifest
from iocsl.bundle.refusals import refusal_info
from iocsl.bundle.trust import OFFICIAL
from iocsl.bundle.verify import verify
from iocsl.ledger.chain import canonical

for each in (
    "containers",
    "signatures",
    "people",
    "delegations",
    "copies",
    "sheets",
    "tricks",
    "crypto",
):
    import_module(f"hostile_{each}")


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
    info = refusal_info(code)
    wanted = "undecided" if info and info.undecided else "invalid"
    assert verdict.verdict == wanted
    refusals = [each for each in verdict.refusals if wanted == "undecided" or not each.undecided]
    assert refusals[0].code == code
    document = verdict.document()
    assert document["verdict"] == wanted
    assert all(each["message"] for each in document["refusals"])


def test_the_bundle_they_all_start_from_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "goi.asice"
    path.write_bytes(good())
    verdict = verify(path, World(tmp_path / "nha").policy)
    assert (verdict.verdict, verdict.profile, verdict.refusals) == ("valid", "thu-nghiem", [])


def test_there_are_many_and_every_code_is_reached() -> None:
    assert len(CASES) >= 60
    mine = (*refusal_table.TABLE, *refusal_table_people.TABLE, *refusal_table_sheet.TABLE)
    reached = {code for _, code, _ in CASES}
    assert {info.code for info in mine} <= reached


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
