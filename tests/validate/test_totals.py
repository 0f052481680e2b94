"""Total rows: every reading that their place allows is tried before one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.domain import Severity
from iocsl.validate import check
from validate_books import book, text

SCHEMA = """\
name: xa
fields:
  - {name: xa, title: Xã, type: string, constraints: {required: true}}
  - {name: so_ho, title: Số hộ, type: integer, groupChar: "."}
  - {name: dien_tich, title: Diện tích, type: number, decimalChar: ","}
  - {name: ty_le, title: Tỷ lệ nghèo, type: number, decimalChar: ","}
quy_tac:
  - {ma: R1, cot: dien_tich, phep: sum, voi: [ty_le], dung_sai: TOLERANCE, muc: info}
"""
HEAD = ["xa", "so_ho", "dien_tich", "ty_le"]
A, B, C = ["A", "10", "1,5", "2"], ["B", "20", "2,5", "3"], ["C", "5", "1", "2"]


def told(
    tmp_path: Path, catalogue: Catalogue, rows: list[list[str]], tolerance: str = "0"
) -> list[tuple[str, int | None, str | None]]:
    schema = tmp_path / "s.yaml"
    schema.write_text(SCHEMA.replace("TOLERANCE", tolerance), encoding="utf-8")
    report = check(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue, schema=schema)
    assert report.valid
    return [
        (each.code, each.row, each.column)
        for each in report.findings
        if each.code in {"X706", "X707"}
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [A, B, ["Tổng cộng", "30", "4", "2,5"]],
        [["Toàn tỉnh", "30", "4", ""], A, B],
        [A, ["Cộng", "10", "1,5", ""], B, C, ["Cộng", "25", "3,5", ""], ["Tổng số", "35", "5", ""]],
        [["TỔNG SỐ", "35", "5", ""], ["Cộng", "30", "4", ""], A, B, ["Cộng", "5", "", ""], C],
        [A, B, ["Tổng cộng", "30", "3,9", ""]],
        [["A", "không phát sinh", "", ""], B, ["Tổng cộng", "20", "", ""]],
        [A, B, ["Tổng cộng", "", "x", "-"]],
        [["Khu vực I", "30", "", ""], A, B, ["Khu vực II", "5", "", ""], C, ["Tổng", "35", "", ""]],
        [A, B, ["Tổng số toàn tỉnh", "30", "4", ""]],
    ],
    ids=[
        "under",
        "over",
        "groups",
        "groups-over",
        "rounded",
        "nil",
        "no-figures",
        "levels",
        "whole",
    ],
)
def test_a_total_that_fits_a_reading_is_let_be(
    tmp_path: Path, catalogue: Catalogue, rows: list[list[str]]
) -> None:
    assert told(tmp_path, catalogue, rows) == []


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([A, B, ["Tổng cộng", "31", "4", ""]], (4, "so_ho")),
        ([["Tổng số", "30", "44", ""], A, B], (2, "dien_tich")),
        ([A, ["Cộng", "10", "", ""], B, ["Cộng", "21", "", ""]], (5, "so_ho")),
    ],
)
def test_a_total_that_fits_none_is_told(
    tmp_path: Path, catalogue: Catalogue, rows: list[list[str]], place: tuple[int, str]
) -> None:
    assert told(tmp_path, catalogue, rows) == [("X706", *place)]


@pytest.mark.parametrize(
    "rows",
    [
        [["Tổng số", "36", "", ""], A, ["- Trong đó: nữ", "4", "", ""], B, C],
        [A, ["Tổng số", "36", "", ""], B],
        [["A", "mười", "", ""], B, ["Tổng số", "36", "", ""]],
        [A, B, ["Tổng số", "30,5", "", ""]],
    ],
    ids=["of-which", "in-the-middle", "unread", "total-unread"],
)
def test_a_total_that_cannot_be_judged_says_so(
    tmp_path: Path, catalogue: Catalogue, rows: list[list[str]]
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(SCHEMA.replace("TOLERANCE", "0"), encoding="utf-8")
    report = check(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue, schema=schema)
    found = [each for each in report.findings if each.code in {"X706", "X707"}]
    assert [(each.code, each.severity, each.count) for each in found] == [
        ("X707", Severity.INFO, 1)
    ]


def test_the_tolerance_of_the_schema_is_allowed(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [A, B, ["Tổng cộng", "30", "4,9", ""]]
    assert told(tmp_path, catalogue, rows) == [("X706", 4, "dien_tich")]
    assert told(tmp_path, catalogue, rows, "1") == []


def test_figures_of_several_indicators_are_not_added_up(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    head = ["Mã chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị"]
    rows = [["KDL-M-016.001", "2026-10", "14", 5], ["KDL-M-016.002", "2026-10", "14", 7]]
    path = book(tmp_path / "a.xlsx", [head, *rows, ["", "Tổng cộng", "", 99]])
    report = check(path, catalogue, dataset="KDL-M-016", unit="CQ-TC", period="2026-10")
    assert [(each.code, each.cell) for each in report.findings if each.code[:3] == "X70"] == [
        ("X707", None)
    ]


def test_a_person_called_like_a_total_is_data(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    fields = "".join(f"  - {{name: {name}, constraints: {{required: true}}}}\n" for name in "ab")
    schema.write_text(f"fields:\n{fields}", encoding="utf-8")
    rows = [["a", "b"], ["X1", "Tổng cộng"], ["X2", "Cộng"]]
    report = check(text(tmp_path / "a.csv", rows), catalogue, schema=schema)
    assert (report.rows, report.findings) == (2, ())


def test_a_sum_of_the_schema_holds_in_total_rows_too(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    rule = "quy_tac:\n  - {ma: R1, cot: so_ho, phep: sum, voi: [dien_tich]}\n"
    schema.write_text(SCHEMA.partition("quy_tac:")[0] + rule, encoding="utf-8")
    rows = [HEAD, ["A", "10", "10", ""], ["B", "20", "20", ""], ["Tổng cộng", "31", "30", ""]]
    report = check(text(tmp_path / "a.csv", rows), catalogue, schema=schema)
    assert [(each.code, each.row, each.severity) for each in report.findings] == [
        ("S208", 4, Severity.INFO),
        ("X706", 4, Severity.WARNING),
        ("X711", 4, Severity.WARNING),
    ]


def test_an_index_that_lost_its_code_is_no_total(tmp_path: Path, catalogue: Catalogue) -> None:
    head = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Kỳ báo cáo", "Giá trị"]
    rows = [["KDL-M-016.001", "", "2026-10", "5"], ["", "Chung", "", "101,2"]]
    path = text(tmp_path / "a.csv", [head, *rows])
    report = check(path, catalogue, dataset="KDL-M-016", unit="CQ-TC", period="2026-10")
    assert {each.code for each in report.findings if each.row == 3} == {"V401"}
