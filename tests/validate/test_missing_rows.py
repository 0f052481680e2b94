"""An indicator whose row is there, but wrong in another way, is not told to be missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from validate_books import book, prices

HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Kỳ báo cáo", "Địa bàn", "Giá trị"]


def _rows(catalogue: Catalogue) -> list[list[Any]]:
    known = catalogue.indicators("KDL-M-016")
    return [
        [each.code, each.name, each.unit_of_measure, "2026-10", "14", 8000 + at]
        for at, each in enumerate(known)
    ]


@pytest.mark.parametrize(
    ("code", "told"), [("", "V401"), ("KDL-M-016.999", "C301"), ("IOC-21-24.001", "C306")]
)
def test_the_name_beside_a_wrong_code_says_that_the_row_is_there(
    tmp_path: Path, catalogue: Catalogue, code: str, told: str
) -> None:
    rows = _rows(catalogue)
    rows[4][0] = code
    report = prices(book(tmp_path / "a.xlsx", [HEAD, *rows]), catalogue)
    assert [(each.code, each.row) for each in report.findings] == [(told, 6)]


def test_what_is_left_out_is_missing_all_the_same(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = _rows(catalogue)
    rows[4][0] = "KDL-M-016.999"
    del rows[7]
    report = prices(book(tmp_path / "a.xlsx", [HEAD, *rows]), catalogue)
    assert [each.code for each in report.findings] == ["C310", "C301"]
    assert "KDL-M-016.008" in report.findings[0].message


@pytest.mark.parametrize("moved", [slice(4, 5), slice(4, 12)])
def test_rows_beside_their_headings_are_not_missing(
    tmp_path: Path, catalogue: Catalogue, moved: slice
) -> None:
    rows = _rows(catalogue)

    rows[moved] = [[*row[:1], "", *row[1:]] for row in rows[moved]]
    report = prices(book(tmp_path / "a.xlsx", [HEAD, *rows]), catalogue)
    assert [(each.code, each.row) for each in report.findings] == [("S212", 6)]
