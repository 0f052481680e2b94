"""Several bundles verified in one go."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from bundle_forge import Forge, World, good, good_forge, people
from iocsl.bundle import workflow
from iocsl.bundle.container import SLIP
from iocsl.bundle.verify import verify
from iocsl.cli import main


def test_several_bundles_at_once(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    World(home)
    paths = [tmp_path / name for name in ("a.asice", "b.asice", "c.asice")]
    for path in paths:
        path.write_bytes(good())
    assert main(["bundle", "verify", *map(str, paths)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in said[:3]] == ["a.asice", "b.asice", "c.asice"]
    assert said[3] == "3  HỢP LỆ: 3"

    forge = good_forge()
    forge.members[SLIP] = forge.members[SLIP] + b" "
    paths[1].write_bytes(forge.packed())
    assert main(["bundle", "verify", *map(str, paths), "--format", "json"]) == 4
    verdicts = [each["verdict"] for each in json.loads(capsys.readouterr().out)]
    assert verdicts == ["valid", "invalid", "valid"]
    assert main(["bundle", "verify", *map(str, paths)]) == 4
    said = capsys.readouterr().out.splitlines()
    assert "B301" in "".join(said)
    assert said[-1] == "3  HỢP LỆ: 2; KHÔNG HỢP LỆ: 1"

    # One alone is the contract's object, as ever.
    assert main(["bundle", "verify", str(paths[0]), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "valid"


def test_memory_does_not_grow_with_the_payload(home: Path, tmp_path: Path) -> None:
    world, payload = World(home), {"KDL-M-016_2026-10.csv": os.urandom(24 << 20)}
    path = tmp_path / "goi.asice"
    path.write_bytes(Forge(payload).sign(1).packed())
    payload.clear()
    acts = (
        lambda: workflow.act(path, 2, people()[1].signer(), home=home),
        lambda: workflow.act(path, 3, people()[2].signer(), home=home),
        lambda: verify(path, world.policy),
    )
    for act in acts:
        assert peak_of(act) < 12 << 20
    assert verify(path, world.policy).verdict == "valid"


def peak_of(act: Callable[[], object]) -> int:
    """Bytes that an act holds at most, modules that it loads included."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
