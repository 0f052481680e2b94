"""A code beside the name of another indicator is one finding; what is wrong besides stays told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.domain import Figure, Period
from iocsl.validate import check
from iocsl.validate.between_files import check_together
from iocsl.validate.context import Context
from iocsl.validate.history import Supplied
from validate_books import book, text

HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Kỳ báo cáo", "Địa bàn", "Giá trị"]
MONTH: dict[str, Any] = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}
Rows = list[list[str]]


@pytest.fixture
def rows(catalogue: Catalogue) -> Rows:
    """The whole form: 001 and 002 are measured per kilogram, 010 per ten eggs."""
    return [
        [each.code, each.name, each.unit_of_measure or "", "2026-10", "14", str(15_000 + at * 731)]
        for at, each in enumerate(catalogue.indicators("KDL-M-016"))
    ]


def code(number: int) -> str:
    return f"KDL-M-016.{number:03d}"


def exchanged(rows: Rows) -> None:
    rows[9][0] = code(9)


def first_of_two(rows: Rows) -> None:
    rows[0][0] = code(2)


def in_place_of_it(rows: Rows) -> None:
    rows[9][0] = code(9)
    del rows[8]


def both_ways(rows: Rows) -> None:
    rows[8][0], rows[9][0] = code(10), code(9)


def slipped(rows: Rows) -> None:
    for above, row in zip([each[0] for each in rows[1:]], rows, strict=False):
        row[0] = above


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (exchanged, {11: 1}),
        (first_of_two, {2: 1}),
        (in_place_of_it, {10: 1}),
        (both_ways, {10: 1, 11: 1}),
        (slipped, {2: 29}),
    ],
)
def test_one_cause_is_told_once(
    tmp_path: Path,
    catalogue: Catalogue,
    rows: Rows,
    shape: Callable[[Rows], None],
    told: dict[int, int],
) -> None:
    shape(rows)
    made = [HEAD, *rows]
    for path in (text(tmp_path / "a.csv", made), book(tmp_path / "a.xlsx", made)):
        report = check(path, catalogue, **MONTH)
        assert {each.code for each in report.findings} == {"C303"}
        assert {each.row: each.count for each in report.findings} == told


def test_what_is_wrong_besides_stays(tmp_path: Path, catalogue: Catalogue, rows: Rows) -> None:
    exchanged(rows)
    rows[9][2] = "đồng/tấn"  # of neither indicator
    rows[8:10] = rows[8], list(rows[8]), rows[9], list(rows[9])  # each of the two twice
    del rows[-1]
    report = check(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue, **MONTH)
    assert [(each.code, each.row) for each in report.findings] == [
        ("C310", None),
        ("X701", 11),
        ("C303", 12),
        ("C304", 12),
        ("X701", 13),
        ("C303", 13),
        ("C304", 13),
    ]
    assert code(30) in report.findings[0].message
    assert code(10) not in report.findings[0].message
    firsts = [each.message for each in report.findings if each.code == "X701"]
    assert "dòng 10:" in firsts[0]
    assert "dòng 12:" in firsts[1]


def test_a_unit_is_held_against_the_code_where_no_names_are(
    tmp_path: Path, catalogue: Catalogue, rows: Rows
) -> None:
    rows[9][0] = code(9)
    del rows[8]
    made = [[each[0], *each[2:]] for each in [HEAD, *rows]]
    report = check(text(tmp_path / "a.csv", made), catalogue, **MONTH)
    assert [(each.code, each.row) for each in report.findings] == [("C310", None), ("C304", 10)]


def test_other_sheets_and_files_are_not_held_against_such_a_row(
    tmp_path: Path, catalogue: Catalogue, rows: Rows
) -> None:
    rows[20][0] = code(1)
    one = text(tmp_path / "a.csv", [HEAD, *rows[:15]])
    two = text(tmp_path / "b.csv", [HEAD, *rows[15:]])
    first, second = check_together([one, two], catalogue, MONTH)
    assert {each.code for each in first.findings} == {"C310"}
    assert {each.code for each in second.findings} == {"C310", "C303"}


class Given:
    """The same figures month by month."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def supplied(self, _: Context) -> Iterator[Supplied]:
        for month in range(9, 0, -1):
            period = f"2026-{month:02d}"
            yield (
                Supplied(
                    Period.parse(period),
                    [
                        Figure(
                            each[0],
                            each[4],
                            "",
                            period,
                            "chinh_thuc",
                            "gia_tri",
                            float(each[5]) + month,
                        )
                        for each in self._rows
                    ],
                )
            )

    def live(self, _: Context) -> float | None:
        return None


def test_its_figure_is_not_held_against_the_past_of_the_other(
    tmp_path: Path, catalogue: Catalogue, rows: Rows
) -> None:
    for area in ("03646", "03664"):
        rows += [[*each[:4], area, each[5]] for each in rows[:30]]
    past = Given([list(each) for each in rows])
    rows[4][0] = code(30)
    rows[7][5] = "1500000"
    report = check(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue, history=past, **MONTH)
    assert [(each.code, each.row) for each in report.findings] == [("C303", 6), ("H801", 9)]
