"""Cells of a sound file that calamine or Python cannot take are read all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.validate.readers import open_source, xlsx_mended, xlsx_scan
from iocsl.validate.readers.base import Broken, Cell, Unreadable
from validate_books import HEAD, book, prices

ROW = ["KDL-M-016.001", "2026-10", "14", 12500]
LONG = pytest.mark.parametrize("long", [1, xlsx_scan.LONG], ids=["long", "short"])
LOW = pytest.mark.parametrize("low_memory", [False, True], ids=["at once", "low memory"])


def cells(path: Path, *, low_memory: bool) -> list[Cell]:
    """The last column of a sheet."""
    source = open_source(path, low_memory=low_memory)
    try:
        return [row[-1] for each in source.sheets[0].chunks() for row in each.rows()]
    finally:
        source.close()


def marked(path: Path, value: object, *, kind: str = "n", style: str = "General") -> Path:
    """Three rows of data; in the middle one such a figure, in the last a text of two pieces."""
    from openpyxl.cell.rich_text import CellRichText

    def shape(sheet: Worksheet) -> None:
        cell = sheet["D3"]
        cell.value, cell.data_type, cell.number_format = value, kind, style
        sheet["D4"].value = CellRichText("một ", "hai")

    return book(path, [HEAD, ROW, ROW, ROW], shape=shape)


@LONG
@LOW
@pytest.mark.parametrize("shown", ["#SPILL!", "#CALC!", "#ERROR!"])
def test_an_error_that_calamine_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: str, long: int, *, low_memory: bool
) -> None:
    monkeypatch.setattr(xlsx_scan, "LONG", long)
    path = marked(tmp_path / "a.xlsx", shown, kind="e")
    assert cells(path, low_memory=low_memory)[1:3] == [12500.0, Broken(shown)]


@LONG
@LOW
def test_an_amount_under_a_style_of_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long: int, *, low_memory: bool
) -> None:
    monkeypatch.setattr(xlsx_scan, "LONG", long)
    path = marked(tmp_path / "a.xlsx", 12_000_000_000, style="[h]:mm:ss")
    assert cells(path, low_memory=low_memory)[1:3] == [12500.0, 12e9]


def test_such_cells_are_told_and_the_others_checked(tmp_path: Path, catalogue: Catalogue) -> None:
    found = prices(marked(tmp_path / "a.xlsx", "#SPILL!", kind="e"), catalogue).findings
    told = {(each.code, each.cell) for each in found}
    assert {("V412", "D3"), ("V402", "D4")} <= told


def test_what_is_too_long_to_be_written_anew_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_mended, "MOST", 10)
    for path in (
        marked(tmp_path / "a.xlsx", "#SPILL!", kind="e"),
        marked(tmp_path / "b.xlsx", 12_000_000_000, style="[h]:mm:ss"),
    ):
        with pytest.raises(Unreadable):
            cells(path, low_memory=False)
