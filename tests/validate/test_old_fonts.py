"""What is typed with an old font is one finding, of headings as of cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate.readers.encodings import from_vni, tcvn3_table
from validate_books import book, prices

HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Kỳ báo cáo", "Địa bàn", "Giá trị"]
VNI = ["Maõ chæ tieâu", "Teân chæ tieâu", "Ñôn vò tính", "Kyø baùo caùo", "Ñòa baøn", "Giaù trò"]
_TCVN3 = {letter: chr(code) for code, letter in tcvn3_table().items()}


def old(text: str) -> str:
    """A text as a TCVN3 font has it."""
    return "".join(_TCVN3.get(letter, letter) for letter in text)


def rows(catalogue: Catalogue) -> list[list[Any]]:
    return [
        [each.code, each.name, each.unit_of_measure, "2026-10", "14", 8500 + at]
        for at, each in enumerate(catalogue.indicators("KDL-M-016"))
    ]


@pytest.mark.parametrize("head", [list(map(old, HEAD)), VNI], ids=["TCVN3", "VNI"])
def test_headings(tmp_path: Path, catalogue: Catalogue, head: list[str]) -> None:
    assert [from_vni(text) for text in VNI] == HEAD
    title = [["BÁO CÁO GIÁ"], []]
    path = book(tmp_path / "a.xlsx", [*title, head, *rows(catalogue)], at=(1, 2))
    report = prices(path, catalogue)
    assert [(each.code, each.cell, each.count) for each in report.findings] == [("L805", "B3", 6)]
    assert "“Mã chỉ tiêu”" in report.findings[0].message
    assert report.rows == 30


@pytest.mark.parametrize("column", [1, 2])
def test_a_name_or_unit_is_told_for_its_font_alone(
    tmp_path: Path, catalogue: Catalogue, column: int
) -> None:
    made = rows(catalogue)
    made[0][column] = old(made[0][column])
    found = prices(book(tmp_path / "a.xlsx", [HEAD, *made]), catalogue).findings
    assert [(each.code, each.cell) for each in found] == [("L805", f"{'ABC'[column]}2")]


def test_what_is_wrong_in_unicode_is_wrong_in_an_old_font(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    made = rows(catalogue)
    made[0][1], made[1][2] = old("Gạo tẻ thường"), old("đồng/tạ")
    found = prices(book(tmp_path / "a.xlsx", [HEAD, *made]), catalogue).findings
    assert sorted((each.code, each.cell) for each in found) == [
        ("C303", "B2"),
        ("C304", "C3"),
        ("L805", "B2"),
        ("L805", "C3"),
    ]


def test_text_without_headings_stays_text(tmp_path: Path, catalogue: Catalogue) -> None:
    path = book(tmp_path / "a.xlsx", [[old("Kính gửi Sở Tài chính")], [old("Giá trị"), "5"]])
    assert [each.code for each in prices(path, catalogue).findings] == ["S201"]
