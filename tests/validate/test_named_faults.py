"""Faults that the regulation's practice names, each in one hand-made cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.domain import Severity
from iocsl.validate import check
from validate_books import text

HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Kỳ báo cáo", "Địa bàn", "Giá trị", "Ghi chú"]
GOOD = ["KDL-M-016.001", "", "", "2026-10", "14", "100", ""]
MONTH: dict[str, Any] = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}


@pytest.mark.parametrize(
    ("column", "cell", "code", "said"),
    [
        ("Mã chỉ tiêu", "KDL-\u041c-016.001", "C301", "KDL-M-016.001?"),
        ("Mã chỉ tiêu", "kdl-m-016.001", "C301", "KDL-M-016.001?"),
        ("Mã chỉ tiêu", "KDL-M-016.X-CQ-YT-001", "C313", "CQ-YT"),
        ("Mã chỉ tiêu", "KDL-M-017.001", "C306", "KDL-M-017"),
        ("Tên chỉ tiêu", "Gạo tẻ thường", "C303", "Thóc tẻ thường"),
        ("Đơn vị tính", "nghìn đồng/kg", "C304", "đồng/kg"),
        ("Địa bàn", "118", "C307", "Huyện Quỳnh Nhai"),
        ("Địa bàn", "Huyện Mường La", "C307", "03808"),
        ("Địa bàn", "Xã Mường La", "C305", "03808?"),
        ("Địa bàn", "3646", "C308", "03646"),
        ("Ghi chú", "Ðiều chỉnh", "L803", "Đ"),
        ("Ghi chú", "§iÒu chØnh", "L805", "Điều chỉnh"),
        ("Ghi chú", "Ñieàu chænh giaù", "L805", "Điều chỉnh giá"),
        ("Ghi chú", "\uff21\uff22\uff23", "L806", "Fullwidth"),
        ("Ghi chú", "hòa và hoà", "L807", "hoà"),
        ("Ghi chú", "số 014 199 001 234", "D902", "Ghi chú"),
        ("Giá trị", "Không phát sinh", "N902", "không phải số 0"),
        ("Giá trị", "không áp dụng", "N903", "không áp dụng"),
        ("Giá trị", "", "V401", "để trống"),
    ],
)
def test_one_cell_one_fault(  # noqa: PLR0917 - one row of the table above
    tmp_path: Path, catalogue: Catalogue, column: str, cell: str, code: str, said: str
) -> None:
    row = [cell if name == column else good for name, good in zip(HEAD, GOOD, strict=True)]
    found = [
        each
        for each in check(text(tmp_path / "a.csv", [HEAD, row]), catalogue, **MONTH).findings
        if each.code not in {"C310", "L806"} or each.code == code
    ]
    assert [each.code for each in found] == [code]
    assert said in found[0].message


def test_zero_is_a_figure_and_needs_no_word(tmp_path: Path, catalogue: Catalogue) -> None:
    row = [*GOOD[:5], "0", ""]
    report = check(text(tmp_path / "a.csv", [HEAD, row]), catalogue, **MONTH)
    assert {each.code for each in report.findings} == {"C310"}


def test_tone_marks_are_compared_within_a_column(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [
        [*GOOD[:3], f"2026-0{n}", "14", "100", note]
        for n, note in enumerate(
            ["Thuỷ lợi", "Hòa Bình", "hoàn thành quý này", "Uỷ ban, ủy ban"], 1
        )
    ]
    report = check(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue, **MONTH)
    found = [(each.row, each.severity) for each in report.findings if each.code == "L807"]
    assert found == [(3, Severity.INFO)]
