"""Indicator forms of any size with a known number of faults, written as CSV, XLSX and XML."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

HEADINGS = (
    "ma_chi_tieu",
    "ten_chi_tieu",
    "don_vi_tinh",
    "ky_bao_cao",
    "dia_ban",
    "gia_tri",
    "trang_thai_so_lieu",
    "ngay_chot",
    "ghi_chu",
)
SCHEMA = """\
name: bieu_do_toc_do
fields:
  - name: ma_chi_tieu
    type: string
    constraints: {required: true, pattern: 'KDL-M-016\\.[0-9]{3}'}
  - {name: ten_chi_tieu, type: string}
  - {name: don_vi_tinh, type: string, constraints: {enum: [đồng/kg, đồng/lít, đồng/bao]}}
  - name: ky_bao_cao
    type: string
    constraints: {required: true, pattern: '[0-9]{4}-[0-9]{2}'}
  - {name: dia_ban, type: string, constraints: {required: true, pattern: '[0-9]{5}'}}
  - name: gia_tri
    type: number
    decimalChar: ","
    groupChar: "."
    constraints: {required: true, minimum: 0}
  - {name: trang_thai_so_lieu, type: string, constraints: {enum: [uoc_tinh, so_bo, chinh_thuc]}}
  - {name: ngay_chot, type: date}
  - {name: ghi_chu, type: string}
"""
FAULTS: tuple[tuple[int, str], ...] = (
    (0, "KDL-M-16.1"),
    (2, "dong/kg"),
    (3, "10/2026"),
    (4, "3646"),
    (5, "1.5"),
    (5, "8,5 nghìn"),
    (5, ""),
    (6, "tạm tính"),
    (7, "31/02/2026"),
)
"""Column and the value that is wrong there; each makes exactly one fault."""


def _wrong(count: int, share: float, seed: int) -> set[int]:
    chance = random.Random(seed)  # noqa: S311 - test data
    return set(chance.sample(range(count), round(count * share)))


def faults(count: int, share: float, seed: int = 1) -> set[tuple[int, str]]:
    """Row (the heading being row 1) and column of every fault that `rows` puts in."""
    return {
        (number + 2, HEADINGS[FAULTS[number % len(FAULTS)][0]])
        for number in _wrong(count, share, seed)
    }


def rows(count: int, share: float, seed: int = 1) -> Iterator[list[str]]:
    """`count` rows of text cells, a `share` of them with one fault."""
    wrong = _wrong(count, share, seed)
    for number in range(count):
        whole = 10_000 + number * 7 % 900_000
        row = [
            f"KDL-M-016.{number % 300:03d}",
            f"Mặt hàng số {number % 300}",
            ("đồng/kg", "đồng/lít", "đồng/bao")[number % 3],
            f"{2000 + number // 300 % 26:04d}-{number // 7800 % 12 + 1:02d}",
            f"{3600 + number // 93600 % 400:05d}",
            f"{whole:,}".replace(",", ".") + ("" if number % 4 else f",{number % 10}"),
            ("uoc_tinh", "so_bo", "chinh_thuc")[number % 3],
            f"{number % 28 + 1:02d}/{number % 12 + 1:02d}/2026",
            "",
        ]
        if number in wrong:
            column, value = FAULTS[number % len(FAULTS)]
            row[column] = value
        yield row


def write_csv(path: Path, count: int, share: float) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        writer.writerows(rows(count, share))


def write_xlsx(path: Path, count: int, share: float) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Du_lieu")
    sheet.append(list(HEADINGS))
    for row in rows(count, share):
        sheet.append(row)
    book.save(path)


def write_xml(path: Path, count: int, share: float) -> None:
    from xml.sax.saxutils import escape

    with path.open("w", encoding="utf-8") as stream:
        stream.write('<?xml version="1.0" encoding="UTF-8"?>\n<du_lieu>\n')
        for row in rows(count, share):
            cells = "".join(
                f"<{name}>{escape(value)}</{name}>"
                for name, value in zip(HEADINGS, row, strict=True)
            )
            stream.write(f"<dong>{cells}</dong>\n")
        stream.write("</du_lieu>\n")
