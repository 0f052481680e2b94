"""Small workbooks and CSV files for tests."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.validate import Report, check

HEAD = ["Mã chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị"]


def book(
    path: Path,
    rows: Sequence[Any],
    *,
    at: tuple[int, int] = (1, 1),
    info: dict[str, str] | None = None,
    shape: Callable[[Worksheet], None] | None = None,
) -> Path:
    """A workbook with `rows` from cell `at` (row, column) on, and a Thong_tin sheet."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "Du_lieu"
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            sheet.cell(at[0] + down, at[1] + across).value = value
    if shape:
        shape(sheet)
    if info:
        about = made.create_sheet("Thong_tin")
        for pair in info.items():
            about.append(list(pair))
    made.save(path)
    return path


def text(path: Path, rows: Sequence[Any], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(rows)
    return path


def prices(path: Path, catalogue: Catalogue) -> Report:
    """Check a file as the market prices of October, sent by the unit that leads them."""
    return check(path, catalogue, dataset="KDL-M-016", unit="CQ-TC", period="2026-10")
