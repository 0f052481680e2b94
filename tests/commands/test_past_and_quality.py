"""What landed is compared with what comes next, at the unit and at the warehouse alike."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from iocsl import cli
from iocsl.bundle.container import open_bundle
from iocsl.catalog import Catalogue
from iocsl.domain import VIETNAM, Figure
from iocsl.ledger import history
from iocsl.ledger.history import Landing
from iocsl.transport.history import take_in
from iocsl.transport.outbox import Outbox
from iocsl.warehouse.judge import CatalogueJudge
from iocsl.warehouse.store import Store
from real_bundles import DATASET, UNIT, Desk, workbook
from warehouse_parts import Running, running

Run = Callable[..., tuple[int, Any]]
AT = datetime(2026, 9, 25, 10, tzinfo=VIETNAM)


@pytest.fixture
def desk(home: Path, catalogue: Catalogue) -> Desk:
    return Desk(home)


@pytest.fixture
def warehouse(tmp_path: Path, desk: Desk) -> Iterator[Running]:
    """A test warehouse that judges for real, and this desk's account with it."""
    folder = tmp_path / "kho"
    with Store.create(folder, test=True) as store:
        desk.hand_over(folder)
        judge = CatalogueJudge(store)
        with running(folder, judge) as found:
            found.account(desk.home)
            yield found


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def once(*words: str | Path) -> tuple[int, Any]:
        capsys.readouterr()
        code = cli.main([*map(str, words), "--format", "json"])
        return code, json.loads(capsys.readouterr().out)

    return once


class Sender:
    """Makes, signs and sends a form of three figures."""

    def __init__(self, desk: Desk, folder: Path, run: Run) -> None:
        self.desk, self.folder, self.run = desk, folder, run
        self.made = 0

    def file(self, period: str, value: float) -> Path:
        self.made += 1
        return workbook(self.folder / f"so-lieu-{self.made}", period, value=value)

    def send(self, period: str, value: float, *, sequence: int = 1) -> Path:
        file = self.file(period, value)
        bundle = self.desk.bundle(file, self.folder / f"{self.made}.asice", sequence=sequence)
        _, (sent,) = self.run("submit", bundle)
        assert sent["state"] == "landed", sent
        return file


@pytest.fixture
def sender(desk: Desk, tmp_path: Path, run: Run) -> Sender:
    return Sender(desk, tmp_path, run)


def told(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    keys = ("code", "severity", "cell", "value", "message", "count")
    return [tuple(each[key] for key in keys) for each in report["findings"]]


def values(home: Path, period: str) -> list[float]:
    landed = [each for each in history.landings(home, UNIT, DATASET) if each.period == period]
    (figures,) = history.figures_of(home, [each.identity for each in landed])
    return [each.value for each in figures]


def test_both_sides_find_the_same_in_what_comes_next(
    warehouse: Running, sender: Sender, run: Run, home: Path
) -> None:
    for month, value in (("2026-08", 12_000.0), ("2026-09", 12_300.0)):
        sender.send(month, value)
    file = sender.send("2026-10", 12_400_000.0)
    # What the warehouse had at that time was two periods; the third is a thousand times them.
    (row,) = warehouse.rows(
        "SELECT reports FROM checks JOIN submissions USING (identity) WHERE period = '2026-10'"
    )
    (at_warehouse,) = json.loads(row["reports"])
    code, at_unit = run("validate", file, "--unit", UNIT)
    assert code == 0
    assert told(at_unit) == told(at_warehouse)
    codes = [each["code"] for each in at_unit["findings"]]
    assert codes.count("H806") == 3
    assert codes.count("H802") == 1
    first = next(each for each in at_unit["findings"] if each["code"] == "H806")
    assert (first["cell"], first["column"]) == ("C2", "gia_tri")
    assert "2026-09" in first["message"]
    assert "12.301" in first["message"]


def test_a_correction_takes_the_place_of_what_it_corrects(
    warehouse: Running, sender: Sender, home: Path
) -> None:
    sender.send("2026-09", 12_000.0)
    assert values(home, "2026-09") == [12_001.0, 12_002.0, 12_003.0]
    sender.send("2026-09", 13_000.0, sequence=2)
    assert values(home, "2026-09") == [13_001.0, 13_002.0, 13_003.0]
    assert len(history.landings(home)) == 1


@pytest.mark.usefixtures("warehouse")
def test_an_encrypted_bundle_is_opened_with_the_homes_own_key(
    sender: Sender, home: Path, run: Run, tmp_path: Path
) -> None:
    bundle = sender.desk.bundle(sender.file("2026-09", 12_000.0), sender.folder / "goi.asice")
    sealed = bundle.with_name("goi-kin.p7m")
    assert run("bundle", "encrypt", bundle, "-o", sealed)[0] == 0
    assert run("submit", sealed)[1][0]["state"] == "landed"
    (landed,) = history.landings(home)
    assert (landed.period, landed.clean) == ("2026-09", 100.0)
    assert values(home, "2026-09") == [12_001.0, 12_002.0, 12_003.0]
    assert not list((home / "dang-mo").iterdir())

    # Another home of the unit has no key for it: it landed, and more is not known there.
    with open_bundle(bundle) as opened:
        take_in(tmp_path / "nha-khac", sealed, opened.slip, landed.receipt, landed.accepted_at)
    (there,) = history.landings(tmp_path / "nha-khac")
    assert there == landed._replace(correct=None, complete=None, clean=None)
    assert list(history.figures_of(tmp_path / "nha-khac", [there.identity])) == [[]]


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("taken", [0, 1])
def test_a_run_that_was_cut_off_is_made_good(
    sender: Sender, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    """Cut off once the receipt is kept, before and after the figures were taken in."""

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    file = sender.file("2026-09", 12_000.0)
    bundle = sender.desk.bundle(file, sender.folder / "goi.asice")
    move = Outbox.move

    def dies_when_landed(self: Outbox, identity: str, state: str, *, keep: bool = False) -> None:
        (dies if state == "landed" else move)(self, identity, state, keep=keep)

    with monkeypatch.context() as held:
        if taken:
            held.setattr(Outbox, "move", dies_when_landed)
        else:
            held.setattr("iocsl.transport.history.take_in", dies)
        assert cli.main(["submit", str(bundle)]) == 130
    assert len(history.landings(home)) == taken
    assert run("submit", "--all")[1][0]["state"] == "landed"
    assert len(history.landings(home)) == 1
    assert values(home, "2026-09") == [12_001.0, 12_002.0, 12_003.0]


def test_a_history_in_trouble_stops_nobody_and_is_made_good_later(
    warehouse: Running, sender: Sender, home: Path, run: Run
) -> None:
    broken = home / history.FILE
    broken.write_bytes(b"no database at all, and long enough to look like a file" * 40)
    file = sender.send("2026-09", 12_000.0)
    code, report = run("validate", file, "--unit", UNIT)
    assert code == 0
    (finding,) = (each for each in report["findings"] if each["code"] == "H807")
    assert finding["severity"] == "info"
    # Reports travel in bundles: where a home lies on its machine is nobody's business.
    assert str(home) not in json.dumps(report)
    code, refused = run("quality")
    assert (code, refused["error"]["code"]) == (3, "record-unreadable")
    assert str(broken) in refused["error"]["message"]
    code, checks = run("doctor", "--offline")
    assert code == 3
    assert history.FILE in json.dumps(checks)
    (entry,) = Outbox(home).entries()
    assert entry.state == "landed"
    assert history.FILE in (entry.last_error or "")
    assert Outbox(home).bytes_of(entry).is_file()

    broken.unlink()
    sender.send("2026-10", 12_100.0)
    assert values(home, "2026-09") == [12_001.0, 12_002.0, 12_003.0]
    assert all(each.last_error is None for each in Outbox(home).entries())
    assert not list(Outbox(home).folder.iterdir())


def test_a_history_of_another_program_is_told_and_let_be(
    sender: Sender, home: Path, run: Run
) -> None:
    path = home / history.FILE
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    code, report = run("validate", sender.file("2026-10", 9.0), "--unit", UNIT)
    assert (code, [each["code"] for each in report["findings"]]) == (0, ["H807", "C310"])
    assert path.read_bytes() == before


def test_earlier_files_are_named_by_hand(sender: Sender, run: Run) -> None:
    old, new = sender.file("2026-09", 12_000.0), sender.file("2026-10", 12_000_000.0)
    assert all(each["code"][0] != "H" for each in run("validate", new)[1]["findings"])
    _, report = run("validate", new, "--history", old)
    assert [each["code"] for each in report["findings"] if each["code"] == "H806"] == ["H806"] * 3
    _, several = run("validate", new, old, "--history", old.parent, "--jobs", "2")
    assert told(several[0]) == told(report)
    # Before the earlier file nothing was: that is said, and no more.
    assert {each["code"] for each in several[1]["findings"]} == {"C310", "H808"}


def test_what_landed_weighs_more_than_a_file_given_by_hand(
    sender: Sender, run: Run, home: Path
) -> None:
    landed = Landing("a" * 64, UNIT, DATASET, "2026-09", 1, "r" * 64, AT)
    place = ("14", "", "2026-09", "chinh_thuc", "gia_tri")
    history.take(home, landed, [Figure(f"{DATASET}.001", *place, 15_000.0)])
    given = tmp_csv(sender.folder / f"{DATASET}_2026-09.csv", f"{DATASET}.001;2026-09;14;12.000")
    new = tmp_csv(sender.folder / "moi.csv", f"{DATASET}.001;2026-10;14;15.000.000")
    said = ("--dataset", DATASET, "--period", "2026-10")
    _, report = run("validate", new, "--unit", UNIT, "--history", given, *said)
    (finding,) = (each for each in report["findings"] if each["code"] == "H806")
    assert "(15.000)" in finding["message"]
    _, report = run("validate", new, "--history", given, *said)
    (finding,) = (each for each in report["findings"] if each["code"] == "H806")
    assert "(12.000)" in finding["message"]


def tmp_csv(path: Path, line: str) -> Path:
    path.write_text(f"ma_chi_tieu;ky_bao_cao;dia_ban;gia_tri\n{line}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a workbook", b"x;y\r\n1;2\r\n"])
def test_an_earlier_file_that_cannot_be_read_is_refused(
    sender: Sender, run: Run, tmp_path: Path, content: bytes
) -> None:
    broken = tmp_path / "KDL-M-016_2026-09.csv"
    broken.write_bytes(content)
    code, document = run("validate", sender.file("2026-10", 9.0), "--history", broken)
    assert (code, document["error"]["code"]) == (2, "history-file-unreadable")
    code, document = run("validate", sender.file("2026-10", 9.0), "--history", "khong-co.csv")
    assert (code, document["error"]["code"]) == (2, "missing-file")


def test_quality_over_time_at_both_ends(
    warehouse: Running,
    sender: Sender,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run("quality") == (0, [])
    # The first is received in time, the second two days late.
    for period, moment in (("2026-09", "2026-09-25T10:00"), ("2026-10", "2026-10-27T10:00")):
        monkeypatch.setenv("IOCSL_NOW", f"{moment}+07:00")
        sender.send(period, 12_000.0)
    monkeypatch.setenv("IOCSL_NOW", "2026-11-01T08:00+07:00")
    code, rows = run("quality", "--dataset", DATASET)
    assert code == 0
    assert [(row["period"], row["sequence"]) for row in rows] == [("2026-09", 1), ("2026-10", 1)]
    # Three rows of thirty indicators: 9 cells and 3 indicators of 39.
    assert [rows[0][key] for key in ("dung", "du", "sach", "song")] == [100.0, 30.7, 100.0, 100.0]
    assert rows[1]["song"] == 50.0
    assert rows[1]["accepted_at"] == "2026-10-27T10:00:00+07:00"
    assert run("quality", "--store", warehouse.store.folder) == (0, rows)
    assert run("quality", "--period", "2026-10")[1] == rows[1:]
    assert run("quality", "--unit", "CQ-YT") == (0, [])

    assert cli.main(["quality", "--format", "csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "unit,dataset,period,sequence,accepted_at,dung,du,sach,song"
    assert lines[2].endswith(",100.0,30.7,100.0,50.0")
    assert cli.main(["quality"]) == 0
    assert "30,7" in capsys.readouterr().out

    _, report = run("validate", sender.file("2026-11", 12_000.0), "--unit", UNIT)
    assert report["quality"]["song"] == 50.0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--period", "2026-13"), 2),
        (("--unit", "Sở Không Có"), 2),
        (("--dataset", "KDL-M-999"), 3),
        (("--store", "khong-co"), 3),
    ],
)
def test_quality_of_what_is_not_there_is_refused(
    run: Run, words: tuple[str, ...], code: int
) -> None:
    assert run("quality", *words)[1]["error"]["exit_code"] == code
