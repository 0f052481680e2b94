"""Who has answered a request: what the issuing side sees."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from iocsl.bundle.identity import Slip
from iocsl.catalog import mirror
from iocsl.cli import main
from iocsl.warehouse import upkeep
from iocsl.warehouse.intake import Intake
from iocsl.warehouse.store import Store
from warehouse_parts import PlainJudge, container_of, slip_of


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A test store that is also the home which issues, as where `--home` and `--store` are one."""
    monkeypatch.setenv("IOCSL_NOW", "2026-11-22T08:00+07:00")
    Store.create(home, test=True).close()
    return home


def send(store: Path, slip: Slip, *, by: str = "nha-1") -> None:
    data = container_of(slip, by=by)
    sha256 = hashlib.sha256(data).hexdigest()
    with Store.open(store) as opened:
        intake = Intake(opened, PlainJudge())
        intake.announce(slip.unit, slip.identity(), slip, sha256, len(data))
        upload = intake.upload(slip.unit, slip.identity(), sha256, 0)
        upload.write(data)
        upload.finish()
        upload.leave()
        intake.commit(slip.unit, slip.identity(), sha256)


def ask(*more: str) -> None:
    words = ("--kind", "theo_yeu_cau", "--title", "Giá cả", "--from", "CQ-KHCN")
    dates = (
        "--document",
        "1/UBND",
        "--period",
        "2026-10",
        "--due",
        "2026-11-30",
        "--date",
        "2026-11-22",
    )
    given = (*words, *dates, "--dataset", "KDL-M-016", "--to", "CQ-TC", "--to", "CQ-YT", *more)
    assert main(["catalog", "request", "add", *given]) == 0


def answered(store: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["warehouse", "requests", *more, "--store", str(store), "--format", "json"]) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def test_each_unit_asked_is_told_with_what_it_sent(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask()
    send(store, slip_of(unit="CQ-TC"))
    send(store, slip_of(unit="CQ-YT"), by="sai")
    first, second = answered(store, capsys)
    assert (first["unit"], first["mark"], first["dataset"]) == ("CQ-TC", "on_time", "KDL-M-016")
    assert first["accepted_at"]
    # What was sent back as needing work has not answered.
    assert (second["unit"], second["mark"], second["accepted_at"]) == ("CQ-YT", "not_due", None)
    assert answered(store, capsys, "yc-2026-001") == [first, second]
    assert main(["warehouse", "requests", "--store", str(store)]) == 0
    assert "1/2 đã nộp." in capsys.readouterr().out


def test_a_withdrawn_request_is_told_only_when_it_is_named(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask()
    (path,) = (store / mirror.ISSUED).glob("*.yaml")
    words = ("--document", "2/UBND", "--reason", "đủ rồi", "--date", "2026-11-22")
    assert main(["catalog", "request", "withdraw", path.stem, *words]) == 0
    assert answered(store, capsys) == []
    assert {row["mark"] for row in answered(store, capsys, path.stem)} == {None}


def test_a_backup_holds_what_was_issued(store: Path, tmp_path: Path) -> None:
    ask()
    with Store.open(store) as opened:
        upkeep.backup(opened, tmp_path / "luu")
    names = [path.name for path in (tmp_path / "luu" / mirror.ISSUED).iterdir()]
    assert names == [path.name for path in (store / mirror.ISSUED).iterdir()]
