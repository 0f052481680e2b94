"""Several tables on one sheet: one under another they are one, side by side they are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.validate import check, sections
from iocsl.validate.headings import find_layout
from iocsl.validate.readers import base
from validate_books import book, prices, text

HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị"]
NAMES = ["Thóc tẻ thường", "Gạo tẻ thường", "Gạo nếp", "Ngô hạt", "Sắn tươi"]


def row(at: int, value: object = 12500) -> list[object]:
    return [f"KDL-M-016.{at:03d}", NAMES[at - 1], "2026-10", "14", value]


def moved(cells: list[object]) -> list[object]:
    """The same row in the columns of another table: the name last."""
    return [cells[0], *cells[2:], cells[1]]


SAME = [["Biểu 1"], HEAD, row(1), row(2), [], ["Người lập biểu"], ["Biểu 2"], HEAD, row(3, "x")]
OTHER = [["Biểu 1"], HEAD, row(1), row(2), [], ["Biểu 2"], moved([*HEAD]), moved(row(3, "x"))]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize(("rows", "cell"), [(SAME, "E9"), (OTHER, "D8")])
def test_tables_under_one_another_are_one(
    tmp_path: Path, catalogue: Catalogue, kind: str, rows: list[list[object]], cell: str
) -> None:
    path = tmp_path / f"a.{kind}"
    report = prices(book(path, rows) if kind == "xlsx" else text(path, rows), catalogue)
    told = [(each.code, each.cell, each.row) for each in report.findings if each.code != "C310"]
    assert told == [("V402", cell if kind == "xlsx" else None, len(rows))]
    assert report.rows == 3


def test_a_row_that_occurs_in_two_tables_is_a_repeat(tmp_path: Path, catalogue: Catalogue) -> None:
    report = prices(book(tmp_path / "a.xlsx", [HEAD, row(1), [], HEAD, row(1)]), catalogue)
    assert [(each.code, each.row) for each in report.findings if each.code == "X701"] == [
        ("X701", 5)
    ]


def test_headings_on_the_border_of_two_batches(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iocsl.validate.readers.workbook.BATCH", 3)
    assert base.BATCH > 3
    rows = [HEAD, row(1), row(2), ["Biểu 2"], HEAD, row(3), row(4, "x")]
    report = prices(book(tmp_path / "a.xlsx", rows), catalogue)
    assert [each.cell for each in report.findings if each.code != "C310"] == ["E7"]


def test_what_the_second_headings_lack_or_have_besides_is_told(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [HEAD, row(1), [], [HEAD[0], *HEAD[2:], "Ghi chú"], [*moved(row(2))[:4], "n"]]
    found = prices(book(tmp_path / "a.xlsx", rows), catalogue).findings
    assert [(each.code, each.cell) for each in found if each.code != "C310"] == [("S203", "E4")]


def test_tables_side_by_side_are_one_finding(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [[*HEAD, "", *HEAD], [*row(1), "", *row(2)]]
    found = prices(book(tmp_path / "a.xlsx", rows), catalogue).findings
    assert [(each.code, each.cell) for each in found if each.code != "C310"] == [("S211", "G1")]


def test_indicators_are_missing_only_if_no_sheet_has_them(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    def second(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        other = sheet.parent.create_sheet("Hai")
        for cells in (HEAD, *map(row, range(3, 6))):
            other.append(cells)

    path = book(tmp_path / "a.xlsx", [HEAD, row(1), row(2)], shape=second)
    (found,) = prices(path, catalogue).findings
    assert (found.code, found.sheet, found.count) == ("C310", None, 25)


def test_a_word_of_the_headings_in_every_row_is_looked_at_a_few_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue
) -> None:
    looked = []

    def counting(*given: Any) -> Any:
        looked.append(1)
        return find_layout(*given)

    monkeypatch.setattr("iocsl.validate.sections.find_layout", counting)
    schema = tmp_path / "s.yaml"
    schema.write_text("fields:\n  - {name: loai}\n  - {name: so, type: number}\n", encoding="utf-8")
    path = text(tmp_path / "a.csv", [["loai", "so"], *([["loai", at] for at in range(20_000)])])
    assert check(path, catalogue, schema=schema).rows == 20_000
    assert 0 < len(looked) <= sections.MOST_MISSED
