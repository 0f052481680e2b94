"""The wrong file or template is one finding, whatever it lacks and has besides."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate import check
from validate_books import HEAD, book, prices, text

BIRTHS = ["Số đăng ký", "Ngày đăng ký", "Nơi đăng ký", "Địa bàn", "Họ, chữ đệm, tên", "Giới tính"]
BIRTHS += ["Ngày, tháng, năm sinh", "Nơi sinh", "Quê quán", "Ghi chú"]
BIRTH = ["1", "15/10/2026", "Xã Mai Sơn", "14", "Lò Thị Hoa", "Nữ", "01/10/2026", "", "", ""]
ROW = ["KDL-M-016.001", "2026-10", "14", 12500]


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_register_in_place_of_indicators_is_one_finding(
    tmp_path: Path, catalogue: Catalogue, suffix: str
) -> None:
    write = book if suffix == "xlsx" else text
    report = prices(write(tmp_path / f"a.{suffix}", [BIRTHS, *[BIRTH] * 30]), catalogue)
    (told,) = report.findings
    assert (told.code, told.count, told.row, report.rows) == ("S220", 3, None, 0)
    assert told.cell == ("A1" if suffix == "xlsx" else None)
    assert "“Sổ đăng ký khai sinh” (KDL-D-003)" in told.message


def test_one_register_in_place_of_another_is_one_finding(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    path = text(tmp_path / "a.csv", [BIRTHS, BIRTH])
    report = check(path, catalogue, dataset="KDL-D-004", unit="CQ-TP", period="2026-10-15")
    assert [each.code for each in report.findings] == ["S220"]


def test_columns_that_no_form_has_are_told_as_no_headings_of_this_one(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [["Địa bàn", "Tổng số thôn", "Số hộ", "Ghi chú"], ["14", 5, 120, ""]]
    (told,) = prices(book(tmp_path / "a.xlsx", rows), catalogue).findings
    assert told.code == "S201"


def test_a_sheet_of_another_form_does_not_hide_the_table(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    def more(sheet: object) -> None:
        other = sheet.parent.create_sheet("Danh sách xã")  # type: ignore[attr-defined]
        other.append(["Địa bàn", "Tên xã", "Ghi chú"])
        other.append(["03646", "Phường Tô Hiệu", ""])

    report = prices(book(tmp_path / "a.xlsx", [HEAD, ROW], shape=more), catalogue)
    assert [each.code for each in report.findings] == ["S225", "C310"]
    assert report.rows == 1


def test_columns_that_are_missing_from_the_form_itself_stay_one_each(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    head = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Địa bàn", "Ghi chú"]
    rows = [head, ["KDL-M-016.001", "", "", "14", ""]]
    report = prices(book(tmp_path / "a.xlsx", rows), catalogue)
    assert [each.column for each in report.findings if each.code == "S202"] == [
        "ky_bao_cao",
        "gia_tri",
    ]
