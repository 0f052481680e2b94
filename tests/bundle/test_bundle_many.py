"""Several bundles verified in one go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bundle_forge import World, good, good_forge
from iocsl.bundle.container import SLIP
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
