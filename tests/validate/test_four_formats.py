"""The same table as XLSX, XLS, CSV and XML: the same findings, in the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import xlwt

from iocsl.catalog import Catalogue
from validate_books import book, prices, text

KEYS = ["ma_chi_tieu", "ten_chi_tieu", "ky_bao_cao", "dia_ban", "gia_tri", "ghi_chu"]
NAMES = {1: "Thóc tẻ thường", 2: "Gạo tẻ thường", 3: "Gạo nếp", 4: "Ngô hạt", 5: "Sắn tươi"}


def row(at: int, value: object, **other: object) -> list[object]:
    cells = dict(zip(KEYS, (f"KDL-M-016.{at:03d}", NAMES[at], "2026-10", "14"), strict=False))
    return [(cells | {"gia_tri": value} | other).get(key, "") for key in KEYS]


ROWS = [
    row(1, 12500),
    row(2, "1.5"),
    row(3, "1,234.5", ghi_chu="hai\u200b từ"),
    row(4, "12500 đồng", ky_bao_cao="2026-13"),
    row(5, ""),
    row(1, "8,5", dia_ban="9999"),
    row(2, "không phát sinh", ten_chi_tieu="Gạo  tẻ"),
    row(3, 7, dia_ban="03646", ma_chi_tieu="KDL-M-016.999"),
    row(1, 12500),
    ["", "Tổng cộng", "", "", 25008.5, ""],
]


def workbook(path: Path) -> Path:
    return book(path.with_suffix(".xlsx"), [KEYS, *ROWS])


def old_workbook(path: Path) -> Path:
    rows: list[Sequence[object]] = [KEYS, *ROWS]
    made = xlwt.Workbook()
    sheet = made.add_sheet("Du_lieu")
    for down, cells in enumerate(rows):
        for across, cell in enumerate(cells):
            if cell != "":
                sheet.write(down, across, cell)
    made.save(str(path.with_suffix(".xls")))
    return path.with_suffix(".xls")


def typed(cell: object) -> str:
    return str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)


def delimited(path: Path) -> Path:
    return text(path.with_suffix(".csv"), [KEYS, *(map(typed, cells) for cells in ROWS)])


def records(path: Path) -> Path:
    lines = [
        "".join(
            f"<{key}>{escape(typed(cell))}</{key}>" for key, cell in zip(KEYS, cells, strict=True)
        )
        for cells in ROWS
    ]
    body = "".join(f"<dong>{line}</dong>\n" for line in lines)
    path = path.with_suffix(".xml")
    path.write_text(f"<?xml version='1.0' encoding='UTF-8'?>\n<bieu>{body}</bieu>", "utf-8")
    return path


def told(path: Path, catalogue: Catalogue) -> list[tuple[object, ...]]:
    report = prices(path, catalogue)
    assert report.rows == len(ROWS) - 1
    return [
        (each.code, each.row, each.column, each.value, each.message, each.count)
        for each in report.findings
    ]


@pytest.mark.parametrize("make", [old_workbook, delimited, records])
def test_every_format_gives_the_findings_of_the_workbook(
    make: Callable[[Path], Path], tmp_path: Path, catalogue: Catalogue
) -> None:
    wanted = told(workbook(tmp_path / "a"), catalogue)
    assert {each[0] for each in wanted} >= {
        *("V402", "V403", "V401", "L802", "P509", "C305", "N902", "C301", "X701", "S208"),
    }
    assert told(make(tmp_path / "a"), catalogue) == wanted
