"""Columns that several headings name together, and the row that numbers the columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.validate import Report, check
from iocsl.validate.heading_rows import Block
from validate_books import book, text

CROPS = """
title: Sản lượng
fields:
  - {name: xa, title: Tên xã, constraints: {required: true}}
  - {name: dvt, title: ĐVT}
  - {name: kh, title: Sản lượng - Kế hoạch, type: number, constraints: {required: true}}
  - {name: th, title: Sản lượng - Thực hiện, type: number, don_vi_do: tấn}
  - {name: ghi_chu, title: Ghi chú}
"""
TOP = ["TT", "Tên xã", "ĐVT", "Sản lượng", "", "Ghi chú"]
PARTS = ["", "", "", "Kế hoạch", "Thực hiện", ""]
FLAT = ["TT", "Tên xã", "ĐVT", "Kế hoạch", "Thực hiện", "Ghi chú"]
ROWS = [[at, f"Xã {at}", "tấn", 10 + at, 20 + at, ""] for at in range(1, 7)]
BAD = [7, "Xã 7", "tấn", 17, "x", ""]


@pytest.fixture
def read(tmp_path: Path, catalogue: Catalogue) -> Callable[..., Report]:
    """Check rows as a workbook with merged areas, or as a CSV file where there are none."""
    (tmp_path / "s.yaml").write_text(CROPS, encoding="utf-8")

    def run(rows: Sequence[Sequence[Any]], merged: Sequence[str] | None) -> Report:
        def merge(sheet: Worksheet) -> None:
            for area in merged or ():
                sheet.merge_cells(area)

        if merged is None:
            path = text(tmp_path / "a.csv", rows)
        else:
            path = book(tmp_path / "a.xlsx", rows, shape=merge)
        return check(path, catalogue, schema=tmp_path / "s.yaml")

    return run


TWO = ["A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2"]


@pytest.mark.parametrize(
    ("head", "merged"),
    [
        ([TOP, PARTS], TWO),
        ([TOP, PARTS], []),
        ([TOP, PARTS], None),
        ([[*TOP[:3], "Sản lượng (tấn)", "", "Ghi chú"], PARTS], TWO),
        ([["", "", "", "Sản lượng"], FLAT], ["D1:E1"]),
        ([["", "", "", "Sản lượng"], FLAT], None),
        (
            [["BIỂU 1"], [*TOP[:3], "Năm 2026", "", "Ghi chú"], ["", "", "", "Sản lượng"], PARTS],
            ["A2:A4", "B2:B4", "C2:C4", "D2:E2", "D3:E3", "F2:F4"],
        ),
    ],
)
def test_a_column_is_named_by_its_headings_together(
    read: Callable[..., Report], head: list[list[str]], merged: Sequence[str] | None
) -> None:
    report = read([*head, *ROWS, BAD], merged)
    assert [(each.code, each.column, each.row) for each in report.findings] == [
        ("V402", "th", len(head) + 7)
    ]
    assert report.rows == 7


def test_parts_of_a_heading_that_the_structure_does_not_know(read: Callable[..., Report]) -> None:
    head = [[*TOP[:5], "Giá trị", "", "Ghi chú"], [*PARTS[:5], "Bán", "Mua", ""]]
    rows = [[*row[:5], 1, 2, ""] for row in ROWS]
    report = read([*head, *rows], ["A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:G1", "H1:H2"])
    told = [(each.code, each.cell) for each in report.findings]
    assert (told, report.rows) == ([("S203", "F2"), ("S203", "G2")], 6)
    assert "“Giá trị - Bán”" in report.findings[0].message


@pytest.mark.parametrize(
    "numbers",
    [
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
        ["A", "B", "C", 1, 2, 3],
        ["A", "B", "C", "1", "2=1*3", "3"],
        ["", "A", "B", "(1)", "(2)=(1)*(3)", "(3)"],
        [1, 2, 3, 4, 5, 6],
        ["1", "2", "3", "4", "5", "6"],
    ],
)
@pytest.mark.parametrize("merged", [TWO, None])
def test_the_row_that_numbers_the_columns_is_no_data(
    read: Callable[..., Report], numbers: list[object], merged: Sequence[str] | None
) -> None:
    report = read([TOP, PARTS, numbers, *ROWS], merged)
    assert (report.findings, report.rows) == ([], 6)


def test_a_row_that_looks_like_numbers_of_columns_is_data(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(
        "fields:\n  - {name: loai, title: Loại}\n"
        "  - {name: thu, title: Thu, type: integer}\n  - {name: chi, title: Chi, type: integer}\n",
        encoding="utf-8",
    )
    for first in (["A", 5, 7], ["A", 1, 2], ["A", "(5)", "(3)"]):
        rows = [["Loại", "Thu", "Chi"], first, ["B", 3, 4], ["C", 5, 6]]
        assert check(book(tmp_path / "a.xlsx", rows), catalogue, schema=schema).rows == 3


def test_words_that_name_no_column_are_looked_at_once(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wide sheet of words alone: no blocks of rows are put together that name nothing."""
    (tmp_path / "s.yaml").write_text(CROPS, encoding="utf-8")
    asked: list[int] = []
    paths = Block.paths

    def counting(block: Block) -> list[list[str]]:
        asked.append(block.top)
        return paths(block)

    monkeypatch.setattr(Block, "paths", counting)
    words = [[f"chữ {at} {column}" for column in range(300)] for at in range(60)]
    path = text(tmp_path / "a.csv", words)
    assert check(path, catalogue, schema=tmp_path / "s.yaml").findings[0].code == "S201"
    assert asked == []
    parts = [["Sản lượng", "Kế hoạch"] * 500] * 60
    check(text(tmp_path / "b.csv", parts), catalogue, schema=tmp_path / "s.yaml")
    assert 0 < len(asked) < 60


def test_data_that_are_written_like_headings(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    fields = "".join(f"  - {{name: {each}}}\n" for each in "abcde")
    schema.write_text("fields:\n" + fields, encoding="utf-8")
    rows = [["A", "B", "C", "D", "E"], ["001", "b", 1, "a", 1], ["002", "c", 1, 1, 1]]
    assert check(book(tmp_path / "a.xlsx", rows), catalogue, schema=schema).rows == 2


@pytest.mark.parametrize("cell", ["²", "٢٠٢٦", "9" * 5000])
def test_digits_that_are_no_year_under_the_headings(
    cell: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text("fields:\n  - {name: ma}\n  - {name: so}\n", encoding="utf-8")
    path = text(tmp_path / "a.csv", [["ma", "so"], [cell, ""], ["1", "2"]])
    assert check(path, catalogue, schema=schema).rows == 2


def test_headings_in_another_script_are_told_apart(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text("fields:\n  - {name: id}\n  - {name: ten, title: 国人}\n", encoding="utf-8")
    rows = [["id", "国人"], ["1", "english"], ["2", "中国人"]]
    report = check(text(tmp_path / "a.csv", rows), catalogue, schema=schema)
    assert (report.findings, report.rows) == ([], 2)
