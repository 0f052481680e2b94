"""Faults that the regulation's practice names, each in one hand-made cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.domain import Severity
from iocsl.validate import check
from validate_books import book, text

HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Kỳ báo cáo", "Địa bàn", "Giá trị", "Ghi chú"]
GOOD = ["KDL-M-016.001", "", "", "2026-10", "14", "100", ""]
MONTH: dict[str, Any] = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}


@pytest.mark.parametrize(
    ("column", "cell", "code", "said"),
    [
        ("Mã chỉ tiêu", "KDL-\u041c-016.001", "C301", "KDL-M-016.001?"),
        ("Mã chỉ tiêu", "kdl-m-016.001", "C301", "KDL-M-016.001?"),
        ("Mã chỉ tiêu", "KDL-M-016.001\u200b", "C301", "KDL-M-016.001? Có ký tự không nhìn thấy)"),
        ("Mã chỉ tiêu", "KDL-M-016.X-CQ-YT-001", "C313", "CQ-YT"),
        ("Mã chỉ tiêu", "KDL-M-017.001", "C306", "KDL-M-017"),
        ("Tên chỉ tiêu", "Gạo tẻ thường", "C303", "Thóc tẻ thường"),
        ("Đơn vị tính", "nghìn đồng/kg", "C304", "đồng/kg"),
        ("Địa bàn", "118", "C307", "Huyện Quỳnh Nhai"),
        ("Địa bàn", "Huyện Mường La", "C307", "03808"),
        ("Mã chỉ tiêu", "KDL-M-016.1", "C301", "KDL-M-016.001?"),
        ("Mã chỉ tiêu", "KDL-M-016.OO1", "C301", "KDL-M-016.001?"),
        ("Tên chỉ tiêu", "Gạo tẻ thường", "C303", "là tên của KDL-M-016.002,"),
        ("Kỳ báo cáo", "Tháng 10/2026", "P509", "(2026-10?)"),
        ("Kỳ báo cáo", "\uff12\uff10\uff12\uff16-10", "P509", "(2026-10?)"),
        ("Kỳ báo cáo", "99991231T235959+0000", "P509", "không có thật"),
        ("Địa bàn", "Xã Mường La", "C305", "(03808, Xã Mường La?)"),
        ("Địa bàn", "Toàn tỉnh", "C305", "(14, Sơn La?)"),
        ("Địa bàn", "X-03649", "C307", "03646 (Phường Tô Hiệu)"),
        ("Địa bàn", "3649", "C307", "03646 (Phường Tô Hiệu)"),
        ("Địa bàn", "TP. Sơn La", "C307", "(116)"),
        ("Địa bàn", "H. Bắc Yên", "C307", "(121)"),
        ("Địa bàn", "3646", "C308", "03646"),
        ("Ghi chú", "Ðiều chỉnh", "L803", "Đ"),
        ("Ghi chú", "§iÒu chØnh", "L805", "Điều chỉnh"),
        ("Ghi chú", "ðiều chỉnh", "L803", "Đ"),
        ("Ghi chú", "Ñieàu chænh giaù", "L805", "cũ VNI (“Điều chỉnh giá”?)"),
        ("Ghi chú", "SOÁ LIEÄU", "L805", "SỐ LIỆU"),
        ("Ghi chú", "Sơn\u2028La", "L804", "thừa dấu cách"),
        ("Ghi chú", "S\u043en La", "L806", "Cyrillic"),
        ("Ghi chú", "\uff21\uff22\uff23", "L806", "Fullwidth"),
        ("Ghi chú", "hòa và hoà", "L807", "hoà"),
        ("Ghi chú", "số 014 199 001 234", "D902", "Ghi chú"),
        ("Ghi chú", "đt 0912.345.678", "D902", "số điện thoại"),
        ("Ghi chú", "ten@sonla.gov.vn", "D902", "thư điện tử"),
        ("Ghi chú", "Độ mật: Tối mật", "D901", "“TỐI MẬT”"),
        ("Ghi chú", "M Ậ T - HỎA TỐC", "D901", "“MẬT”"),
        ("Ghi chú", "TUYÖT MËT", "D901", "“TUYỆT MẬT”"),
        ("Giá trị", "Không phát sinh", "N902", "không phải số 0"),
        ("Giá trị", "Không phát sinh.", "N902", "không phải số 0"),
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
        if each.code not in {"C310", "L805", "L806"} or each.code == code
    ]
    assert [each.code for each in found] == [code]
    assert said in found[0].message


@pytest.mark.parametrize(
    "note",
    [
        "LÊ VĂN LÝ, xã TÊN QUÊ, tỉnh HOÀ BÌNH",
        "QUẢN LÝ, XOÈ, KÈ, CHÈ, TRÌ",
        "Công ty Zürich, Citroën, São Paulo, El Niño",
        "β-thalassemia, 5 kΩ, 10 µg, 20°C, 5±2 m²",
        "MẬT ĐỘ DÂN SỐ; mật ong; nội bộ ngành; số 123456789012 kg",
    ],
)
def test_right_text_is_let_be(tmp_path: Path, catalogue: Catalogue, note: str) -> None:
    report = check(text(tmp_path / "a.csv", [HEAD, [*GOOD[:6], note]]), catalogue, **MONTH)
    assert {each.code for each in report.findings} == {"C310"}


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("Tên chỉ tiêu", "Thóc\u200b tẻ thường", "L802"),
        ("Tên chỉ tiêu", "Thóc tẻ th\u00adường", "L802"),
        ("Tên chỉ tiêu", "Th\u043e\u0301c tẻ thường", "L806"),
        ("Đơn vị tính", "\u200bđồng/kg", "L802"),
        ("Đơn vị tính", "\u00f0ồng/kg", "L803"),
    ],
)
def test_letters_that_nobody_sees_make_no_other_name(
    tmp_path: Path, catalogue: Catalogue, column: str, cell: str, code: str
) -> None:
    row = [cell if name == column else good for name, good in zip(HEAD, GOOD, strict=True)]
    report = check(text(tmp_path / "a.csv", [HEAD, row]), catalogue, **MONTH)
    found = {each.code for each in report.findings} - {"C310", "L801"}
    assert found == {code}


def test_an_unseen_letter_does_not_hide_the_name_of_another_code(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    row = [GOOD[0], "Gạo\u200b tẻ thường", *GOOD[2:]]
    report = check(text(tmp_path / "a.csv", [HEAD, row]), catalogue, **MONTH)
    told = {each.code: each.severity for each in report.findings}
    assert told["C303"] == Severity.ERROR


def test_a_name_that_no_code_bears_is_a_warning(tmp_path: Path, catalogue: Catalogue) -> None:
    row = [GOOD[0], "Thóc", *GOOD[2:]]
    report = check(text(tmp_path / "a.csv", [HEAD, row]), catalogue, **MONTH)
    told = [each.severity for each in report.findings if each.code == "C303"]
    assert told == [Severity.WARNING]


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


def test_names_that_slipped_by_a_row_are_one_fault(tmp_path: Path, catalogue: Catalogue) -> None:
    indicators = catalogue.indicators("KDL-M-016")[:25]
    names = [each.name for each in indicators[1:]] + [indicators[0].name]
    rows = [
        [each.code, name, each.unit_of_measure, "2026-10", "14", "100", ""]
        for each, name in zip(indicators, names, strict=True)
    ]
    report = check(text(tmp_path / "f.csv", [HEAD, *rows]), catalogue, **MONTH)
    told = [each for each in report.findings if each.code == "C303"]
    assert [(each.row, each.count) for each in told] == [(2, 25)]


def test_an_indicator_whose_code_is_misspelt_is_not_missing_too(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    codes = [f"KDL-M-016.{at:03d}" for at in range(1, 31)]
    codes[1:4] = ["kdl-m-016.002", "KDL-M-016.3", "Ngô hạt"]
    rows = [[code, *GOOD[1:]] for code in codes]
    report = check(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue, **MONTH)
    assert [each.code for each in report.findings] == ["C301"] * 3
    rows[4][0] = "016.005"  # which may be anything: so its indicator is missing
    report = check(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue, **MONTH)
    (missing,) = (each for each in report.findings if each.code == "C310")
    assert (missing.count, "KDL-M-016.005" in missing.message) == (1, True)


def test_places_and_days_are_told_as_people_say_them(tmp_path: Path, catalogue: Catalogue) -> None:
    def shape(sheet: Worksheet) -> None:
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["G"].hidden = True

    row = [*GOOD[:3], date(2026, 10, 1), *GOOD[4:]]
    path = book(tmp_path / "a.xlsx", [HEAD, GOOD, row], shape=shape)
    said = {each.code: each.message for each in check(path, catalogue, **MONTH).findings}
    assert "phần bị ẩn: cột G, dòng 2." in said["S206"]
    assert "thành ngày 01/10/2026;" in said["V417"]


OWN = """\
name: so
fields:
  - {name: ngay, title: Ngày, type: date}
  - {name: rieng, title: Riêng, type: date, du_lieu_ca_nhan: true}
  - {name: ngheo, title: Hộ nghèo, type: boolean, trueValues: [Có], falseValues: [Không]}
  - {name: ly_do, title: Lý do, type: string}
quy_tac: [{ma: R1, phep: required_if, cot: ly_do, voi: {ngheo: Có}}]
"""


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("5/11/2026", "(05/11/2026?)"),
        ("5.1.2026", "(05/01/2026?)"),
        ("31/2/2026", "dd/mm/yyyy."),
        ("5/3/26", "dd/mm/yyyy."),
    ],
)
def test_a_day_without_its_zeros_is_suggested_and_not_taken(
    cell: str, meant: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    structure = tmp_path / "so.yaml"
    structure.write_text(OWN, "utf-8")
    rows = [["ngay", "rieng", "ngheo", "ly_do"], [cell, cell, "Có", ""]]
    report = check(text(tmp_path / "a.csv", rows), catalogue, schema=structure)
    said = {(each.code, each.column): each.message for each in report.findings}
    assert said["V405", "ngay"].startswith(f"“{cell}” không phải là ngày")
    assert meant in said["V405", "ngay"]
    assert said["V405", "rieng"] == "“***” không phải là ngày có thật viết theo dd/mm/yyyy."
    # What was typed is told, not what it was read as.
    assert said["X712", "ly_do"] == "Phải điền “Lý do” vì “Hộ nghèo” là “Có” (R1)."


@pytest.mark.parametrize(("period", "status"), [("2026-1", "uoc_tinh"), ("2026-10", "ước tính")])
def test_what_is_written_wrong_is_not_told_as_another_figure_too(
    period: str, status: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    head = ["Mã chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị", "Trạng thái số liệu"]
    rows = [head, ["IOC-21-23.001", period, "14", "1", status]]
    path = text(tmp_path / "a.csv", rows)
    said = {"dataset": "IOC-21-23", "unit": "D23-21", "period": "2026-10"}
    codes = [each.code for each in check(path, catalogue, **said).findings]  # type: ignore[arg-type] # no schema
    assert "C312" not in codes
    assert {"P509", "V407"} & set(codes)


def test_a_number_of_somebody_is_not_carried_further(tmp_path: Path, catalogue: Catalogue) -> None:
    row = [*GOOD[:-1], "gọi  0912.345.678"]
    found = check(text(tmp_path / "a.csv", [HEAD, row]), catalogue, **MONTH).findings
    (told,) = (each for each in found if each.code == "D902")
    assert told.value == "***"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("GiÃ¡ á»•n Ä‘á»\u2039nh", "Giá ổn định"),
        ("tÄƒng nháº¹ â€“ xem báº£ng", "tăng nhẹ – xem bảng"),
        ("HÀ NỘI, LÃ VĂN Á", None),
        ("Ã… 5€, 100 m²; á–ã", None),
        ("café ÃÁ", None),
    ],
)
def test_text_in_the_wrong_encoding(
    typed: str, meant: str | None, tmp_path: Path, catalogue: Catalogue
) -> None:
    found = check(text(tmp_path / "a.csv", [HEAD, [*GOOD[:-1], typed]]), catalogue, **MONTH)
    said = [each.message for each in found.findings if each.code == "L808"]
    assert [f"(“{meant}”?)" in each for each in said] == [True] * (meant is not None)


def test_a_hidden_column_of_ones_own_is_told(tmp_path: Path, catalogue: Catalogue) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.column_dimensions["C"].hidden = True

    rows = [["Mã bản ghi", "Tên bản ghi", "Ghi chú nội bộ"], ["G-01", "Giếng khoan", "x"]]
    path = book(tmp_path / "a.xlsx", rows, shape=hide)
    report = check(path, catalogue, dataset="IOC-09-02", unit="D23-09", period="2026")
    assert [each.code for each in report.findings] == ["S206"]
    assert "cột C" in report.findings[0].message
