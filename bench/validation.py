"""Checking a file, beside a bare read of the same file by the library that reads it."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.harness import command, compare

ROWS = 200
BARE_XLSX = (
    "import sys, python_calamine as c;"
    "b = c.CalamineWorkbook.from_path(sys.argv[1]);"
    "print(sum(1 for _ in b.get_sheet_by_index(0).iter_rows()))"
)


def run(folder: Path, runs: int) -> None:
    path = folder / "KDL-M-016_2026-10.xlsx"
    make_workbook(path, ROWS)
    iocsl = [sys.executable, "-m", "iocsl", "validate", str(path), "--unit", "CQ-TC"]
    compare(
        f"Check a workbook of {ROWS} rows, whole processes",
        {
            "python -c pass": command([sys.executable, "-c", "pass"]),
            "bare python-calamine read": command([sys.executable, "-c", BARE_XLSX, str(path)]),
            "iocsl validate": command(iocsl),
            "iocsl validate --format json": command([*iocsl, "--format", "json"]),
        },
        runs,
    )


def make_workbook(path: Path, rows: int) -> None:
    """An indicator form without faults: the indicators of KDL-M-016 over as many communes."""
    from openpyxl import Workbook

    from iocsl.catalog import open_catalogue

    catalogue = open_catalogue()
    indicators = catalogue.indicators("KDL-M-016")
    areas = sorted(unit.id.removeprefix("X-") for unit in catalogue.units() if unit.id[:2] == "X-")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("So_lieu")
    sheet.append(["ma_chi_tieu", "ten_chi_tieu", "don_vi_tinh", "ky_bao_cao", "dia_ban", "gia_tri"])
    for number in range(rows):
        area, place = divmod(number, len(indicators))
        one = indicators[place]
        sheet.append(
            [one.code, one.name, one.unit_of_measure, "2026-10", areas[area], 10_000 + number]
        )
    facts = book.create_sheet("Thong_tin")
    for pair in (("ma_bo_du_lieu", "KDL-M-016"), ("don_vi", "CQ-TC"), ("ky_bao_cao", "2026-10")):
        facts.append(list(pair))
    book.save(path)
