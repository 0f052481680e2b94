"""Bundles that someone meddled with: each is refused, and for the right reason."""

from __future__ import annotations

import dataclasses
import hashlib
import random
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
from iocsl.bundle.container import REPORT, SLIP, decision_name, manifest_name, signature_name
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


BENT = (signature_name(3), manifest_name(3), decision_name(3), SLIP, REPORT, PAYLOAD)


@pytest.mark.parametrize("seed", range(6))
def test_members_bent_at_random_are_refused_and_crash_nothing(seed: int, tmp_path: Path) -> None:
    """The ZIP around them is whole, so that the readers behind it are reached."""
    rnd = random.Random(seed)  # noqa: S311 - bends, not secrets
    world = World(tmp_path / "nha")
    path = tmp_path / "goi.asice"
    for name in BENT * 2:
        forge = good_forge()
        raw = bytearray(forge.members[name])
        at = rnd.randrange(len(raw))
        match rnd.randrange(3):
            case 0:
                raw[at] ^= 1 << rnd.randrange(8)
            case 1:
                del raw[at : at + rnd.randrange(1, 20)]
            case _:
                raw[at:at] = rnd.randbytes(rnd.randrange(1, 8))
        forge.members[name] = bytes(raw)
        path.write_bytes(forge.packed())
        verdict = verify(path, world.policy).verdict
        # What no signature covers in the last one, a version number say, may say something else.
        assert verdict == "invalid" or name == signature_name(3)
