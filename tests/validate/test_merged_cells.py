"""Cells merged over rows of data, and what stands below a table without belonging to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.validate import Report, check
from iocsl.validate.hits import MASK
from validate_books import book, prices, text

HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị"]
NAMES = ["Thóc tẻ thường", "Gạo tẻ thường", "Gạo nếp", "Ngô hạt", "Sắn tươi"]
ROWS = [[f"KDL-M-016.{at:03d}", name, "2026-10", "14", 9] for at, name in enumerate(NAMES, 1)]


def told(report: Report) -> list[tuple[str, str | None, int | None, int]]:
    return [
        (each.code, each.cell, each.row, each.count)
        for each in report.findings
        if each.code != "C310"
    ]


@pytest.mark.parametrize("batch", [3, 1024])
def test_what_is_merged_over_rows_is_read_for_each_and_told(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("C2:C6")
        sheet.merge_cells("D3:D4")

    monkeypatch.setattr("iocsl.validate.readers.workbook.BATCH", batch)
    report = prices(book(tmp_path / "a.xlsx", [HEAD, *ROWS], shape=merge), catalogue)
    assert told(report) == [("S217", "C2", 2, 4), ("S217", "D3", 3, 1)]
    wrong = [HEAD, [*ROWS[0][:2], "2026-13", *ROWS[0][3:]], *ROWS[1:]]
    report = prices(book(tmp_path / "a.xlsx", wrong, shape=merge), catalogue)
    assert [each[2] for each in told(report) if each[0] == "P509"] == [2, 3, 4, 5, 6]


def test_a_figure_merged_over_rows_is_that_of_one(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    fields = "  - {name: xa, title: Xã}\n  - {name: thu, title: Thu, type: number%s}\n"
    rows = [["Xã", "Thu"], ["A", 1], ["B", 2], ["C", 3]]
    path = book(tmp_path / "a.xlsx", rows, shape=lambda sheet: sheet.merge_cells("B2:B4"))
    schema.write_text("fields:\n" + fields % "", encoding="utf-8")
    assert told(check(path, catalogue, schema=schema)) == [("S218", "B2", 2, 2)]
    schema.write_text("fields:\n" + fields % ", constraints: {required: true}", encoding="utf-8")
    report = check(path, catalogue, schema=schema)
    assert told(report) == [("S218", "B2", 2, 2)]
    assert report.quality.complete == 33.3


def test_figures_merged_two_by_two_are_one_finding(tmp_path: Path, catalogue: Catalogue) -> None:
    """A required cell that is empty without being merged is told besides."""

    def merge(sheet: Worksheet) -> None:
        for area in ("E2:E3", "E4:E5"):
            sheet.merge_cells(area)

    rows = [*ROWS[:4], [*ROWS[4][:4], ""]]
    report = prices(book(tmp_path / "a.xlsx", [HEAD, *rows], shape=merge), catalogue)
    assert told(report) == [("S218", "E2", 2, 2), ("V401", "E6", 6, 1)]


@pytest.mark.parametrize(("last", "found"), [(9, []), (6, [("S218", "E5", 5, 1)])])
def test_what_is_merged_below_the_data_is_not_told(
    tmp_path: Path, catalogue: Catalogue, last: int, found: list[object]
) -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("E5:E6" if last == 6 else "E6:E9")
        sheet.merge_cells("C8:C11")
        sheet.merge_cells("E10:E13")
        for row in range(7, 14):
            sheet.cell(row, 1).font = Font(bold=True)

    rows = [HEAD, *ROWS, [], ["", "", "Người lập biểu"], [], ["", "", "", "", "Giám đốc"]]
    report = prices(book(tmp_path / "a.xlsx", rows, shape=merge), catalogue)
    assert (told(report), report.rows) == (found, 5)


def test_headings_and_signatures_may_be_merged_as_they_like(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    def merge(sheet: Worksheet) -> None:
        for area in ("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:E2", "A9:A11"):
            sheet.merge_cells(area)

    rows = [HEAD, [], *ROWS, [], ["Người lập biểu"]]
    report = prices(book(tmp_path / "a.xlsx", rows, shape=merge), catalogue)
    assert (told(report), report.rows) == ([], 5)


OTHER = [["Biểu số 2"], ["Tên xã", "Số hộ"], ["Mường La", 12], ["Mai Sơn", 13]]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize(
    ("below", "severity"),
    [(OTHER, "error"), ([["Lò Văn Hùng", "", "", "Cầm Thị Hoa"]], "info")],
)
def test_what_stands_below_the_table_is_one_finding(
    tmp_path: Path, catalogue: Catalogue, kind: str, below: list[list[object]], severity: str
) -> None:
    rows = [HEAD, *ROWS, [], [], *below]
    path = tmp_path / f"a.{kind}"
    report = prices(book(path, rows) if kind == "xlsx" else text(path, rows), catalogue)
    assert told(report) == [("S216", None, 9, len(below))]
    assert [each.severity for each in report.findings if each.code == "S216"] == [severity]
    assert report.rows == 5


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_somebodys_number_below_the_table_is_not_quoted(
    tmp_path: Path, catalogue: Catalogue, kind: str
) -> None:
    rows = [HEAD, *ROWS, [], [], ["Cần hỏi gọi 0912 345 678"], ["Lò Văn Hùng"]]
    path = tmp_path / f"a.{kind}"
    report = prices(book(path, rows) if kind == "xlsx" else text(path, rows), catalogue)
    (below,) = (each for each in report.findings if each.code == "S216")
    assert MASK in below.message
    assert "0912" not in below.message


def test_faulty_rows_of_data_are_no_other_table(tmp_path: Path, catalogue: Catalogue) -> None:
    """Whatever fills half of what a row must have is data, below a blank row too, and so is what
    follows the table directly."""
    for rows in ([[], ["KDL-M-016.009", "", "2026-10"]], [["", "Cầu", "", "", 5]]):
        report = prices(book(tmp_path / "a.xlsx", [HEAD, *ROWS, *rows]), catalogue)
        assert report.rows == 6
        assert {each[0] for each in told(report)} == {"V401"}
    total = [HEAD, *ROWS, [], ["", "Tổng cộng", "", "", 45]]
    assert prices(book(tmp_path / "a.xlsx", total), catalogue).rows == 5
