"""The comparison with the last check of the same file."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hostile_reports import hostile_report
from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.domain import Finding, Severity
from iocsl.reports.history import FILE, Change, remembering
from iocsl.validate.report import Report
from validate_books import HEAD, book


def _report(*findings: tuple[str, int, str]) -> Report:
    found = tuple(
        Finding(code, code, Severity.ERROR, "sai", sheet="A", cell=f"B{row}", row=row, value=value)
        for code, row, value in findings
    )
    return replace(hostile_report(), findings=found)


def remember(home: Path, path: Path, report: Report, *, alone: bool = True) -> Change | None:
    with remembering(home) as keep:
        return keep(path, report, alone=alone)


def test_what_is_fixed_new_and_the_same(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    first = _report(("V403", 2, "1.5"), ("V403", 3, "1.5"), ("C301", 4, "x"), ("V401", 5, ""))
    assert remember(home, path, first) is None
    # One of two equal ones is mended, one stays, one moves a row down, one is new.
    second = _report(("V403", 3, "1.5"), ("C301", 5, "x"), ("P509", 6, "2026-13"))
    change = remember(home, path, second)
    assert change is not None
    assert (change.fixed, change.new, change.same) == (2, 1, 2)
    again = remember(home, path, second)
    assert again is not None
    assert (again.fixed, again.new, again.same) == (0, 0, 3)


@pytest.mark.parametrize("other", ["dataset", "unit", "period"])
def test_another_dataset_unit_or_period_is_another_history(
    other: str, home: Path, tmp_path: Path
) -> None:
    report = _report(("V403", 2, "1.5"))
    assert remember(home, tmp_path / "a.xlsx", report) is None
    others: list[dict[str, Any]] = [{other: "khác"}, {other: None}]
    for number, said in enumerate(others):
        assert remember(home, tmp_path / f"{number}.xlsx", replace(report, **said)) is None


def test_a_renamed_file_goes_on_with_the_history_of_its_submission(
    home: Path, tmp_path: Path
) -> None:
    first = _report(("V403", 2, "1.5"), ("V403", 3, "1.6"))
    assert remember(home, tmp_path / "a.xlsx", first) is None
    change = remember(home, tmp_path / "a (2).xlsx", _report(("V403", 2, "1.5")))
    assert change is not None
    assert (change.fixed, change.new, change.same, change.renamed) == (1, 0, 1, True)
    assert "tệp tên khác" in change.said()
    # From now on it has a history of its own, and so has the first one.
    again = remember(home, tmp_path / "a (2).xlsx", _report())
    assert again is not None
    assert (again.fixed, again.renamed) == (1, False)
    back = remember(home, tmp_path / "a.xlsx", first)
    assert back is not None
    assert (back.fixed, back.new, back.same, back.renamed) == (0, 0, 2, False)


def test_files_of_one_submission_that_are_checked_together_are_parts(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [HEAD, ["KDL-M-016.001", "2026-10", "14", "1.5"]]
    one, other = tmp_path / "mot.xlsx", tmp_path / "hai.xlsx"
    said = ["--dataset", "KDL-M-016", "--unit", "CQ-TC", "--period", "2026-10"]
    main(["validate", str(book(one, rows)), str(book(other, rows)), *said])
    assert "So với" not in capsys.readouterr().out
    main(["validate", str(one.rename(tmp_path / "ba.xlsx")), *said])
    assert "tệp tên khác" in capsys.readouterr().out


def test_one_file_by_two_ways_is_one_history(home: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    report = _report(("V403", 2, "1.5"))
    assert remember(home, tmp_path / "a.xlsx", report) is None
    assert remember(home, tmp_path / "b" / ".." / "a.xlsx", report) is not None


def test_no_value_name_or_path_is_kept(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "danh-sach-benh-nhan.xlsx"
    remember(home, path, _report(("V403", 2, "Lò Thị Hặc 014123456789")))
    kept = b"".join(part.read_bytes() for part in home.glob(f"{FILE}*"))
    for word in ("benh-nhan", "014123456789", "Hặc", "V403"):
        assert word.encode() not in kept
    with sqlite3.connect(home / FILE) as database:
        rows = database.execute("SELECT tep, dau_vet FROM lan_kiem_tra").fetchall()
    database.close()
    assert len(rows) == 2  # of the file, and of its dataset, unit and period


@pytest.mark.parametrize(
    ("lang", "said"), [("vi", "1 đã sửa, 0 mới, 1 vẫn còn."), ("en", "1 fixed, 0 new, 1 same.")]
)
def test_it_is_the_last_line_of_the_report(
    lang: str,
    said: str,
    tmp_path: Path,
    catalogue: Catalogue,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "a.xlsx"
    ask = ["validate", str(path), "--schema", str(_schema(tmp_path)), "--lang", lang]
    book(path, [["Tên", "Số"], ["a", "1.5"], ["b", "x"]])
    assert main(ask) == 1
    assert "So với" not in capsys.readouterr().out
    book(path, [["Tên", "Số"], ["a", "1.5"], ["b", 2]])
    assert main(ask) == 1
    assert capsys.readouterr().out.rstrip().endswith(said)


def _schema(folder: Path) -> Path:
    path = folder / "so.yaml"
    path.write_text(
        "name: so\nfields:\n  - {name: ten, title: Tên, type: string}\n"
        "  - {name: so, title: Số, type: number, decimalChar: ',', groupChar: '.'}\n",
        "utf-8",
    )
    return path


def test_json_keeps_its_keys_and_a_broken_record_does_not_stop_the_check(
    home: Path, tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path / "KDL-M-016_2026-10.xlsx", [HEAD, ["KDL-M-016.001", "2026-10", "14", 1]])
    (home / FILE).write_bytes(b"not a database" * 100)
    main(["validate", str(path), "--unit", "CQ-TC"])
    heard = capsys.readouterr()
    assert "Hợp lệ" in heard.out
    assert "So với" not in heard.out
    assert FILE in heard.err


def test_the_checks_of_one_run_are_kept_together_or_not_at_all(home: Path, tmp_path: Path) -> None:
    report = _report(("V403", 2, "1.5"))
    with pytest.raises(ZeroDivisionError), remembering(home) as keep:
        1 / bool(keep(tmp_path / "a.xlsx", report))
    with remembering(home) as keep:
        assert keep(tmp_path / "a.xlsx", report) is None
        assert keep(tmp_path / "b.xlsx", report, alone=False) is None
        assert keep(tmp_path / "a.xlsx", report) is not None
