"""Cells that say something else than a figure: nothing happened, secret, somebody's number."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.validate import check
from validate_books import HEAD, book, prices, text

ROW = ["KDL-M-016.001", "2026-10", "14", 12500]


def test_nothing_happened_is_neither_empty_nor_wrong(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [HEAD, [*ROW[:3], "KPS"], ["KDL-M-016.002", *ROW[1:3], ""]]
    report = prices(text(tmp_path / "a.csv", rows), catalogue)
    told = [(each.code, each.row) for each in report.findings if each.code != "C310"]
    assert told == [("N902", 2), ("V401", 3)]


def test_a_nil_return_is_valid_and_an_empty_form_is_not(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    nil = prices(book(tmp_path / "a.xlsx", [HEAD, ["Không phát sinh số liệu"]]), catalogue)
    assert nil.valid
    assert [each.code for each in nil.findings] == ["N901"]
    empty = prices(book(tmp_path / "b.xlsx", [HEAD]), catalogue)
    assert [each.code for each in empty.findings] == ["S209"]


def test_an_empty_form_is_told_with_the_line_of_its_headings(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [["Sở\nTài chính"], [], HEAD, [], ["Tổng cộng", "", "", "5"]]
    report = prices(text(tmp_path / "a.csv", rows), catalogue)
    told = [(each.row, each.line) for each in report.findings if each.code == "S209"]
    assert told == [(3, 4)]


@pytest.mark.parametrize(
    ("mark", "dataset", "told"),
    [
        ("MẬT", "KDL-M-016", True),
        ("ĐỘ MẬT: TUYỆT MẬT", "KDL-M-016", True),
        ("LƯU HÀNH NỘI BỘ", "IOC-21-24", True),
        ("LƯU HÀNH NỘI BỘ", "KDL-M-016", False),
        ("Mật ong", "KDL-M-016", False),
        ("Mật", "KDL-M-016", True),
        ("Mật khẩu", "KDL-M-016", False),
    ],
)
def test_marks_above_the_table(
    tmp_path: Path, catalogue: Catalogue, mark: str, dataset: str, *, told: bool
) -> None:
    path = book(tmp_path / "a.xlsx", [["UBND", mark], HEAD, ROW])
    found = [
        each for each in check(path, catalogue, dataset=dataset).findings if each.code == "D901"
    ]
    assert [each.cell for each in found] == (["B1"] if told else [])


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("cccd", "014199001234", "013199001234"),
        ("mst", "0100109106-001", "0100109107"),
        ("bhxh", "1420123456", "142012345"),
        ("dien_thoai", "0912 345 678", "0112345678"),
        ("dien_thoai", "0212.3852.001", "912345678"),
        ("bien_so", "26A-123.45", "26-12345A"),
        ("email", "van.thu@sonla.gov.vn", "van.thu@sonla"),
    ],
)
def test_identifiers(tmp_path: Path, catalogue: Catalogue, kind: str, good: str, bad: str) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(
        f"fields:\n  - {{name: ma}}\n  - {{name: so, type: string, format: {kind}}}\n",
        encoding="utf-8",
    )
    path = text(tmp_path / "a.csv", [["ma", "so"], ["1", good], ["2", bad], ["3", ""]])
    found = [each for each in check(path, catalogue, schema=schema).findings if each.code == "V418"]
    assert [each.row for each in found] == [3]


def test_a_formula_that_came_to_an_empty_text_is_an_empty_cell(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """Excel and LibreOffice write `t="str"` and no value for =IF(A1="","",A1*2)."""
    path = book(tmp_path / "a.xlsx", [[*HEAD, "Ghi chú"], [*ROW, '=IF(A1="","","x")']])
    assert any(each.code == "V413" for each in prices(path, catalogue).findings)
    change_sheet(path, lambda xml: xml.replace(b'<c r="E2">', b'<c r="E2" t="str">'))
    assert prices(path, catalogue).valid


def change_sheet(path: Path, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _single(xml: bytes) -> bytes:
    return re.sub(rb'="([^"\']*)"', rb"='\1'", xml)


def _prefixed(xml: bytes) -> bytes:
    return re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", xml).replace(b"xmlns=", b"xmlns:x=")


@pytest.mark.parametrize("written", [_single, _prefixed])
def test_special_cells_are_found_however_the_xml_is_written(
    tmp_path: Path, catalogue: Catalogue, written: Callable[[bytes], bytes]
) -> None:
    def error(sheet: Worksheet) -> None:
        sheet["D3"].value = "#N/A"
        sheet["D3"].data_type = "e"
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True

    rows = [HEAD, [*ROW[:3], "=1+1"], ["KDL-M-016.002", *ROW[1:3], 5]]
    path = book(tmp_path / "a.xlsx", rows, shape=error)
    change_sheet(path, written)
    found = {(each.code, each.cell, each.count) for each in prices(path, catalogue).findings}
    assert {("V413", "D2", 1), ("V412", "D3", 1), ("S206", None, 2)} <= found


@pytest.mark.parametrize("shown", ["#N/A", "#DIV/0!", "Err:502"])
def test_an_error_that_a_spreadsheet_wrote_into_a_text_file_is_named(
    tmp_path: Path, catalogue: Catalogue, shown: str
) -> None:
    path = text(tmp_path / "a.csv", [HEAD, [*ROW[:3], shown], ["KDL-M-016.002", shown, "14", 5]])
    found = [each for each in prices(path, catalogue).findings if each.code != "C310"]
    assert [(each.code, each.column, each.value) for each in found] == [
        ("V412", "gia_tri", shown),
        ("V412", "ky_bao_cao", shown),
    ]
