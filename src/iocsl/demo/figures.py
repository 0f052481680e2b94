"""Figures for the demonstration: plausible, not surveyed, and never shipped as data."""

from __future__ import annotations

from pathlib import Path

# Đồng, in the unit of measure that the indicator set names; the order of KDL-M-016.001 … .030.
_PRICES = (
    9_500, 17_000, 26_000, 7_800, 2_300, 58_000, 120_000, 260_000, 125_000, 38_000,
    65_000, 12_000, 18_000, 25_000, 30_000, 22_000, 98_000, 140_000, 22_000, 45_000,
    6_500, 34_000, 12_500, 92_000, 17_200, 420_000, 20_350, 18_900, 460_000, 14_800_000,
)  # fmt: skip
_KEYS = ("ma_chi_tieu", "gia_tri")


def fill(template: Path, filled: Path, *, faulty: bool) -> None:
    """Fill the template's value column; `faulty` adds the four slips that people really make."""
    from openpyxl import load_workbook
    from openpyxl.worksheet.worksheet import Worksheet

    book = load_workbook(template)
    sheet = book.worksheets[0]
    if not isinstance(sheet, Worksheet):
        raise TypeError(sheet)
    heading, places = _columns(sheet)
    code, value = (places[key] for key in _KEYS)
    rows = [row for row in range(heading + 1, sheet.max_row + 1) if sheet.cell(row, code).value]
    for row in rows:
        number = int(str(sheet.cell(row, code).value).rpartition(".")[2])
        sheet.cell(row, value).value = _PRICES[number - 1]
    if faulty:
        sheet.cell(rows[4], value).value = "2.3"
        sheet.cell(rows[9], value).value = None
        sheet.cell(rows[11], code).value = "KDL-M-016.O12"
        for column in range(1, sheet.max_column + 1):
            sheet.cell(rows[20], column).value = sheet.cell(rows[19], column).value
    book.save(filled)


def _columns(sheet: object) -> tuple[int, dict[str, int]]:
    """The row of the headings and the column of each key, by key or printed title."""
    from openpyxl.worksheet.worksheet import Worksheet

    from iocsl.text import fold

    if not isinstance(sheet, Worksheet):
        raise TypeError(sheet)
    titles = {"ma chi tieu": "ma_chi_tieu", "gia tri": "gia_tri"}
    for row, cells in enumerate(sheet.iter_rows(max_row=20, values_only=True), start=1):
        found = {}
        for column, value in enumerate(cells, start=1):
            said = fold(str(value or "")).replace("_", " ").rstrip(" *")
            if said in titles:
                found[titles[said]] = column
        if len(found) == len(_KEYS):
            return row, found
    raise LookupError("template")
