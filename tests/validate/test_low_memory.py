"""A workbook read a slice at a time gives the findings of one read at once."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate import check
from iocsl.validate.readers import open_source, sliced
from iocsl.validate.readers.base import Broken
from iocsl.validate.readers.sliced import SlicedSheet

SAMPLES = sorted((Path(__file__).parents[1] / "rules").glob("*/*.xlsx"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_sample(path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sliced, "SLICE", 200)
    at_once = check(path, catalogue).document()
    assert check(path, catalogue, low_memory=True).document() == at_once


def test_cells_mean_the_same_in_every_slice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openpyxl import Workbook

    monkeypatch.setattr(sliced, "SLICE", 300)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (3, 4, 9, 40, 41):
        sheet.cell(row, 3, "Mường La").number_format = "@"
        sheet.cell(row, 4, datetime(2026, 11, 22, 8, 30))  # noqa: DTZ001 - as a cell holds it
        sheet.cell(row, 5, date(2026, 11, 22))
        sheet.cell(row, 6, row / 4)
        sheet.cell(row, 7, row % 2 == 0)
    sheet.merge_cells("C9:D9")
    path = tmp_path / "a.xlsx"
    book.save(path)
    whole, parts = open_source(path), open_source(path, low_memory=True)
    one, other = whole.sheets[0], parts.sheets[0]
    assert isinstance(other, SlicedSheet)
    assert other.merged() == one.merged()
    left = one.column_offset
    rows = [list(row) for chunk in one.chunks() for row in chunk.rows()]
    width = left + len(rows[-1])
    sliced_rows = [list(row) for each in other.chunks() for row in each.fitted(width).rows()]
    assert sliced_rows == [[""] * left + row for row in rows]
    whole.close()
    parts.close()


def test_rows_without_numbers_are_read_at_once(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["a", "b"])  # type: ignore[union-attr] # a new book has a sheet
    book.save(tmp_path / "a.xlsx")
    path = tmp_path / "b.xlsx"
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<row r="1"', b"<row"))
    source = open_source(path, low_memory=True)
    (sheet,) = source.sheets
    assert not isinstance(sheet, SlicedSheet)
    assert [list(row) for row in sheet.head(5)] == [["a", "b"]]
    source.close()


def test_error_cells_where_a_slice_has_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openpyxl import Workbook

    monkeypatch.setattr(sliced, "SLICE", 100)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in range(1, 12):
        sheet.append([f"a{row}", row, "z" if row == 1 else "=B1"])
    for cell in sheet[6]:
        cell.value = "=1/0"
    book.save(tmp_path / "a.xlsx")
    rows = []
    for low in (False, True):
        source = open_source(tmp_path / "a.xlsx", low_memory=low)
        found = [
            [*row, *[""] * (3 - len(row))]
            for each in source.sheets[0].chunks()
            for row in each.rows()
        ]
        rows.append(found)
        source.close()
    assert rows[0] == rows[1]
    assert rows[0][5] == [Broken(None)] * 3


@pytest.mark.parametrize("end", [b"", b"</row>", b"<row"])
def test_a_sheet_that_breaks_off_is_damaged(
    tmp_path: Path, catalogue: Catalogue, end: bytes
) -> None:
    path = tmp_path / "KDL-M-016_2026-10.xlsx"
    whole = next(each for each in SAMPLES if each.stem == "ok")
    _with_sheet(whole, path, lambda xml: xml.partition(b"</sheetData>")[0] + end)
    for low in (False, True):
        report = check(path, catalogue, low_memory=low)
        assert [each.code for each in report.findings] == ["F106"]


def test_a_sheet_without_its_end_is_read(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "KDL-M-016_2026-10.xlsx"
    whole = next(each for each in SAMPLES if each.stem == "ok")
    _with_sheet(whole, path, lambda xml: xml.partition(b"</sheetData>")[0] + b"</sheetData>")
    at_once = check(path, catalogue).document()
    assert check(path, catalogue, low_memory=True).document() == at_once


def test_a_sheet_without_its_part(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "KDL-M-016_2026-10.xlsx"
    whole = next(each for each in SAMPLES if each.stem == "ok")
    _with_sheet(whole, path, lambda _: None)
    codes = [
        [each.code for each in check(path, catalogue, low_memory=low).findings]
        for low in (False, True)
    ]
    assert codes[0] == codes[1]
    assert "F106" in codes[0]


def _with_sheet(source: Path, target: Path, change: Callable[[bytes], bytes | None]) -> None:
    """A copy of a workbook with the XML of its first sheet changed, or left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data: bytes | None = old.read(name)
            if name == "xl/worksheets/sheet1.xml" and data is not None:
                data = change(data)
            if data is not None:
                new.writestr(name, data)
