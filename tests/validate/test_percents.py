"""Cells that show a hundred times what they hold are told, however their workbook is read."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlwt
from openpyxl.cell import Cell

from iocsl.catalog import Catalogue
from iocsl.validate import Report, check
from iocsl.validate.readers import sliced, xlsx_scan
from iocsl.validate.readers.percents import is_percent, percent_styles

HEAD = ("Xã", "Tỷ lệ", "Ghi chú")
ROWS = (
    ("A", 0.1452, "0.00%"),
    ("B", 14.52, "0.00"),
    ("C", 0.0, "0%"),
    ("D", 0.5, '0.0 "%"'),
    ("E", 3.0, "0.0%;[Red]-0.0%"),
    ("F", "8,5", "0%"),
)
"""Name, figure and number format of each row."""
TOLD = [("V425", "B2", "0.1452", 2)]


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "bieu.schema.yaml"
    path.write_text(
        "name: bieu\nfields:\n  - {name: xa, title: Xã}\n  - {name: ghi_chu, title: Ghi chú}\n"
        '  - {name: ty_le, title: Tỷ lệ, type: number, decimalChar: ",", don_vi_do: "%"}\n',
        "utf-8",
    )
    return path


def told(report: Report) -> list[tuple[str, str | None, object, int]]:
    found = [each for each in report.findings if each.code == "V425"]
    return [(each.code, each.cell, each.value, each.count) for each in found]


def workbook(path: Path, copies: int = 1) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD)
    for name, figure, code in ROWS * copies:
        sheet.append((name, figure, 0.3))
        for column, said in ((2, code), (3, "0%")):
            cell = sheet.cell(sheet.max_row, column)
            assert isinstance(cell, Cell)
            cell.number_format = said
    book.save(path)
    return path


def test_a_workbook_of_each_kind(tmp_path: Path, catalogue: Catalogue, schema: Path) -> None:
    """A text, nothing, a bare sign in quotation marks and a column of text are none."""
    old = xlwt.Workbook()
    sheet = old.add_sheet("Số liệu")
    for column, title in enumerate(HEAD):
        sheet.write(0, column, title)
    for row, (name, figure, code) in enumerate(ROWS, 1):
        sheet.write(row, 0, name)
        sheet.write(row, 1, figure, xlwt.easyxf(num_format_str=code))
        sheet.write(row, 2, 0.3, xlwt.easyxf(num_format_str="0%"))
    old.save(str(tmp_path / "a.xls"))
    new = workbook(tmp_path / "a.xlsx")
    assert told(check(new, catalogue, schema=schema)) == TOLD
    assert told(check(tmp_path / "a.xls", catalogue, schema=schema)) == TOLD


@pytest.mark.parametrize("low", [False, True])
@pytest.mark.parametrize("formula", [False, True])
def test_a_long_sheet(  # noqa: PLR0917 - drawn by name
    tmp_path: Path,
    catalogue: Catalogue,
    schema: Path,
    low: bool,
    formula: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Split here, and from a formula without a number format of its own on read by calamine."""
    path = workbook(tmp_path / "a.xlsx", copies=20)
    if formula:
        book = openpyxl.load_workbook(path)
        book.active["D60"] = "=B60*2"  # type: ignore[index] # a worksheet it is
        book.save(path)
    monkeypatch.setattr(xlsx_scan, "LONG", 1)
    monkeypatch.setattr(sliced, "SLICE", 900)
    found = told(check(path, catalogue, schema=schema, low_memory=low))
    assert found == [("V425", "B2", "0.1452", 40)]


def test_what_stands_outside_of_the_table_is_not_told(
    tmp_path: Path, catalogue: Catalogue, schema: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("", 0.5), HEAD, ("A", 1.0)):
        sheet.append(row)
    sheet.cell(1, 2).number_format = "0%"
    book.save(tmp_path / "a.xlsx")
    assert told(check(tmp_path / "a.xlsx", catalogue, schema=schema)) == []


@pytest.mark.parametrize(
    ("code", "percent"),
    [
        ("0%", True),
        ("0.00%", True),
        ("#,##0.0 %", True),
        ("[Red]0%", True),
        ('0.0"%"', False),
        ("0.0\\%", False),
        ("General", False),
        ("[$%-42A]0", False),
        ("", False),
    ],
)
def test_formats(code: str, percent: bool) -> None:
    assert is_percent(code) == percent


def test_styles_by_their_numbers() -> None:
    styles = (
        '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.0%"/>'
        '<numFmt numFmtId="165" formatCode="0&quot;%&quot;"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0"/>'
        '<xf numFmtId="9"/><xf numFmtId="164"><alignment/></xf><xf numFmtId="165"/>'
        '<xf numFmtId="10"/></cellXfs></styleSheet>'
    )
    assert percent_styles(styles) == {b"1", b"2", b"4"}
    assert percent_styles("") == frozenset()
