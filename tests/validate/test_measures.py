"""Units of measure: the same however they are written, and held against the structure."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate import check
from iocsl.validate.measures import in_caption, measure, same_unit
from validate_books import HEAD, book, prices

SCHEMA = """
fields:
  - {name: don_vi, title: Đơn vị, constraints: {required: true}}
  - {name: thu, title: Doanh thu, type: number, decimalChar: ",", don_vi_do: nghìn đồng}
  - {name: dat, title: Diện tích, type: number, decimalChar: ",", don_vi_do: ha}
"""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("nghìn đồng", "1.000 đ", True),
        ("ngàn đồng", "Nghìn Đồng", True),
        ("triệu đồng", "triệu", True),
        ("tỷ đồng", "tỉ đồng", True),
        ("tr.đ", "triệu đồng", True),
        ("trđ", "triệu", True),
        ("1000đ", "nghìn đồng", True),
        ("ng.đ", "1.000 đ", True),
        ("m²", "m2", True),
        ("đồng", "nghìn đồng", False),
        ("ha", "m2", False),
        ("tạ", "tấn", False),
        ("%", "‰", False),
        ("nghìn người", "người", False),
    ],
)
def test_units_are_the_same_however_written(one: str, other: str, *, same: bool) -> None:
    first, second = measure(one), measure(other)
    assert first is not None
    assert second is not None
    assert (first == second) is same


@pytest.mark.parametrize("text", ["có thuế", "1", "", "đồng bào", "người/hộ"])
def test_what_is_no_unit_says_nothing(text: str) -> None:
    assert measure(text) is None
    assert in_caption(f"Ghi chú: {text}") is None


def told(path: Path, catalogue: Catalogue, rows: list[list[object]]) -> list[str | None]:
    schema = path.with_suffix(".yaml")
    schema.write_text(SCHEMA, encoding="utf-8")
    report = check(book(path, rows), catalogue, schema=schema)
    return [each.cell for each in report.findings if each.code == "S213"]


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        ([["Đơn vị", "Doanh thu (triệu đồng)", "Diện tích (m2)"]], ["B1", "C1"]),
        ([["Đơn vị", "Doanh thu (1.000 đồng)", "Diện tích (ha)"]], []),
        ([["Đơn vị", "Doanh thu (có thuế)", "Diện tích"]], []),
        ([["Đơn vị tính: Triệu đồng"], ["Đơn vị", "Doanh thu", "Diện tích"]], ["B2"]),
        ([["ĐVT: nghìn đồng"], ["Đơn vị", "Doanh thu", "Diện tích"]], []),
        ([["ĐVT: triệu đồng"], ["Đơn vị", "Doanh thu (nghìn đồng)", "Diện tích"]], []),
    ],
)
def test_the_unit_of_headings_and_captions_is_that_of_the_structure(
    rows: list[list[object]], cells: list[str], tmp_path: Path, catalogue: Catalogue
) -> None:
    assert told(tmp_path / "a.xlsx", catalogue, [*rows, ["a", 1, 2]]) == cells


HEADS = ["Đơn vị", "Doanh thu", "Diện tích"]


@pytest.mark.parametrize(
    ("under", "cells"),
    [
        ([["-", "Nghìn đồng", "ha"]], []),
        ([["", "(1.000 đ)", ""]], []),
        ([["ĐVT", "Triệu đồng", "ha"]], ["B2"]),
        ([[None, "đồng", "m2"]], ["B2", "C2"]),
        ([["A", "1", "2"], ["", "triệu đồng", "ha"]], ["B3"]),
        ([["", "triệu đồng", "ha"], ["(1)", "(2)", "(3)"]], ["B2"]),
    ],
)
def test_a_row_of_units_is_part_of_the_headings(
    tmp_path: Path, catalogue: Catalogue, under: list[list[object]], cells: list[str]
) -> None:
    (tmp_path / "a.yaml").write_text(SCHEMA, encoding="utf-8")
    data: list[list[object]] = [["Xã A", 1, 2], ["Xã B", 3, 4]]
    path = book(tmp_path / "a.xlsx", [HEADS, *under, *data])
    report = check(path, catalogue, schema=tmp_path / "a.yaml")
    assert [(each.code, each.cell) for each in report.findings] == [("S213", at) for at in cells]
    assert report.rows == 2


@pytest.mark.parametrize(
    "row",
    [["Xã A", "ha", 2], ["", 5, "ha"], ["", "chưa có", "-"], ["", "", ""], ["-", "5 ha", "7"]],
)
def test_a_row_with_anything_else_is_data(
    tmp_path: Path, catalogue: Catalogue, row: list[object]
) -> None:
    (tmp_path / "a.yaml").write_text(SCHEMA, encoding="utf-8")
    path = book(tmp_path / "a.xlsx", [HEADS, row, ["Xã B", 3, 4]])
    report = check(path, catalogue, schema=tmp_path / "a.yaml")
    assert (report.rows == 1) is not any(row)
    assert {each.code for each in report.findings} <= {"V401", "V402"}


@pytest.mark.parametrize(("said", "cells"), [("triệu đồng", ["B2", "C2"]), ("nghìn đồng", [])])
def test_the_unit_of_a_heading_is_that_of_its_parts(
    tmp_path: Path, catalogue: Catalogue, said: str, cells: list[str]
) -> None:
    schema = tmp_path / "s.yaml"
    fields = "".join(
        f"  - {{name: {name}, title: Thu - {title}, type: number, don_vi_do: nghìn đồng}}\n"
        for name, title in [("kh", "Kế hoạch"), ("th", "Thực hiện")]
    )
    schema.write_text(f"fields:\n  - {{name: xa, title: Xã}}\n{fields}", encoding="utf-8")
    rows = [["Xã", f"Thu ({said})", ""], ["", "Kế hoạch", "Thực hiện"], ["A", 1, 2], ["B", 3, 4]]
    report = check(book(tmp_path / "a.xlsx", rows), catalogue, schema=schema)
    assert [each.cell for each in report.findings if each.code == "S213"] == cells


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("đ/kg", "đồng/kg", True),
        ("Đồng / kilôgam", "đồng/kg", True),
        ("1.000 đ/lít", "nghìn đồng/l", True),
        ("đồng/10 quả", "đ/10 quả", True),
        ("nghìn đồng/kg", "đồng/kg", False),
        ("đồng/kg", "đồng/tấn", False),
        ("đồng", "đồng/kg", False),
        ("kg/người/năm", "kg/người", False),
    ],
)
def test_rates_are_told_part_by_part(one: str, other: str, *, same: bool) -> None:
    assert same_unit(one, other) is same


ROW = ["KDL-M-016.001", "2026-10", "14", 12]


@pytest.mark.parametrize(
    ("heading", "caption", "cells"),
    [
        ("Giá trị (nghìn đồng)", "", ["D3"]),
        ("Giá trị", "ĐVT: nghìn đồng", ["D3"]),
        ("Giá trị (đồng)", "ĐVT: nghìn đồng", []),
        ("Giá trị", "Đơn vị tính: đồng", []),
        ("Giá trị (%)", "", []),  # of another kind than any of the indicators
        ("Giá trị", "ĐVT: người", []),
    ],
)
def test_figures_of_indicators_are_in_a_unit_of_theirs(
    heading: str, caption: str, cells: list[str], tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [["", "", "", caption], [], [*HEAD[:-1], heading], ROW]
    report = prices(book(tmp_path / "a.xlsx", rows), catalogue)
    found = [each for each in report.findings if each.code == "S213"]
    assert [each.cell for each in found] == cells
    assert all("“nghìn đồng”" in each.message and "đồng/kg" in each.message for each in found)
    assert report.valid
