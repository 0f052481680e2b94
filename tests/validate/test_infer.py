"""A draft of a schema from a spreadsheet in use, and the evidence under each guess."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import open_catalogue
from iocsl.catalog.schema import read_schema
from iocsl.cli import main
from iocsl.validate import check
from validate_books import book, text


@pytest.fixture
def old(tmp_path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["BÁO CÁO HỘ ĐƯỢC HỖ TRỢ"])
    sheet.append([])
    sheet.append(
        ["STT", "Mã hộ", "Họ và tên", "Xã", "Ngày hỗ trợ", "Kinh phí (triệu đồng)", "Số khẩu"]
    )
    for at in range(12):
        sheet.append(
            [
                *(at + 1, f"{at:05d}", f"Người {at}", ["03646", "03650"][at % 2]),
                *(date(2026, 1, at + 1), f"{at},5", 3 + at % 4),
            ]
        )
    sheet.append(["", "Tổng cộng", "", "", "", 90])
    path = tmp_path / "ho tro.xlsx"
    book.save(path)
    return path


def test_each_column_is_guessed_with_its_evidence(
    old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "x.yaml"
    assert (
        main(["catalog", "schema", "infer", str(old), "-o", str(target), "--format", "json"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["heading_row"] == 3
    assert told["rows"] == 12
    assert {each["name"]: each["type"] for each in told["fields"]} == {
        "ma_ho": "string",
        "ho_va_ten": "string",
        "xa": "string",
        "ngay_ho_tro": "date",
        "kinh_phi": "number",
        "so_khau": "integer",
    }
    assert all(each["why"] for each in told["fields"])
    schema = read_schema(target)
    assert schema.primary_key == ("ma_ho",)
    assert schema.by_name["ho_va_ten"].personal
    assert schema.by_name["kinh_phi"].unit_of_measure == "triệu đồng"
    assert schema.by_name["xa"].enum == ("03646", "03650")


def test_the_file_passes_by_its_own_draft(old: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.yaml"
    assert main(["catalog", "schema", "infer", str(old), "-o", str(target)]) == 0
    assert main(["validate", str(old), "--schema", str(target)]) == 0


def test_a_column_that_tells_of_people_is_drafted_as_personal(tmp_path: Path) -> None:
    path, target = tmp_path / "a.csv", tmp_path / "x.yaml"
    path.write_text("Mã;SĐT người bán\nA;0912345678\nB;0912345679\n", encoding="utf-8")
    assert main(["catalog", "schema", "infer", str(path), "-o", str(target)]) == 0
    column = read_schema(target).by_name["sdt_nguoi_ban"]
    assert (column.personal, column.type) == (True, "string")


def test_two_rows_of_headings(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Tên", "Diện tích", ""])
    sheet.append(["", "Kế hoạch", "Thực hiện"])
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    sheet.append(["Ngô", 5.5, 6.5])
    path, target = tmp_path / "a.xlsx", tmp_path / "x.yaml"
    book.save(path)
    assert main(["catalog", "schema", "infer", str(path), "-o", str(target)]) == 0
    titles = [each.title for each in read_schema(target).fields]
    assert titles == ["Tên", "Diện tích - Kế hoạch", "Diện tích - Thực hiện"]


def test_a_file_without_a_table_is_refused(tmp_path: Path) -> None:
    path, target = tmp_path / "a.csv", tmp_path / "x.yaml"
    path.write_text("xin chào\n", encoding="utf-8")
    assert main(["catalog", "schema", "infer", str(path), "-o", str(target)]) == 2
    assert not target.exists()


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path, target = tmp_path / "hong.xlsx", tmp_path / "s.yaml"
    path.write_bytes(b"PK\x03\x04" + bytes(range(200)))
    assert main(["catalog", "schema", "infer", str(path), "-o", str(target)]) == 1
    assert not target.exists()


TWO = [
    ["TT", "Tên xã", "ĐVT", "Sản lượng", "", "Ghi chú"],
    ["", "", "", "Kế hoạch", "Thực hiện", ""],
]
TWO_MERGED = ["A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2"]
FLAT = ["TT", "Tên xã", "ĐVT", "Kế hoạch", "Thực hiện", "Ghi chú"]
ROWS = [[at, f"Xã {at}", "tấn", 10 + at, 20.5 + at, ""] for at in range(1, 13)]
MOTTO = [
    ["UBND XÃ", "", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    ["Kỳ", "2026-10"],
    ["", "", "", "", "Đơn vị tính: tấn"],
]
DRAFTED = ["Tên xã", "ĐVT", "Sản lượng - Kế hoạch", "Sản lượng - Thực hiện", "Ghi chú"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize(
    ("rows", "merged"),
    [
        ([*TWO, *ROWS], TWO_MERGED),
        ([*TWO, ["I. Lương thực"], *ROWS], TWO_MERGED),
        ([*TWO, ["I", "Lương thực"], *ROWS[:6], ["II", "Cây màu"], *ROWS[6:]], TWO_MERGED),
        ([*TWO, ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"], *ROWS], TWO_MERGED),
        ([*TWO, [1, 2, 3, 4, 5, 6], *ROWS, ["", "Tổng cộng", "", 198, 324]], TWO_MERGED),
        ([*MOTTO, *TWO, *ROWS, [], ["Người lập biểu"]], ["D4:E4", "A1:B1", "D1:F1"]),
    ],
)
def test_what_a_draft_was_made_from_passes_by_it(
    tmp_path: Path, kind: str, rows: list[list[object]], merged: list[str]
) -> None:
    path, target = tmp_path / f"a.{kind}", tmp_path / "x.yaml"
    if kind == "xlsx":

        def merge(sheet: Worksheet) -> None:
            for area in merged:
                sheet.merge_cells(area)

        book(path, rows, shape=merge)
    else:
        text(path, [[str(cell).replace(".", ",") for cell in row] for row in rows])
    assert main(["catalog", "schema", "infer", str(path), "-o", str(target)]) == 0
    schema = read_schema(target)
    assert [each.title for each in schema.fields][-5:] == DRAFTED
    assert [each.name for each in schema.fields if each.required][-4:] == [
        *("ten_xa", "dvt", "san_luong_ke_hoach", "san_luong_thuc_hien")
    ]
    report = check(path, open_catalogue(), schema=target)
    assert (report.rows, report.counts["error"], report.counts["warning"]) == (12, 0, 0)


def test_of_columns_with_one_title_the_first_is_drafted(tmp_path: Path) -> None:
    path, target = tmp_path / "a.xlsx", tmp_path / "x.yaml"
    book(path, [["Xã", "Số hộ", "Số hộ"], *[[f"X{at}", at, at] for at in range(12)]])
    assert main(["catalog", "schema", "infer", str(path), "-o", str(target)]) == 0
    assert [each.name for each in read_schema(target).fields] == ["xa", "so_ho"]
    report = check(path, open_catalogue(), schema=target)
    assert [each.code for each in report.findings] == ["S204"]


def test_a_heading_merged_above_those_of_its_parts(tmp_path: Path) -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("D1:E1")

    path, target = tmp_path / "a.xlsx", tmp_path / "x.yaml"
    book(path, [["", "", "", "Sản lượng"], FLAT, *ROWS], shape=merge)
    assert main(["catalog", "schema", "infer", str(path), "-o", str(target)]) == 0
    assert [each.title for each in read_schema(target).fields] == DRAFTED
    assert check(path, open_catalogue(), schema=target).findings == []


def test_a_page_of_prose_before_the_table_is_no_table(tmp_path: Path) -> None:
    made = Workbook()
    prose, sheet = made.active, made.create_sheet("So_lieu")
    assert prose is not None
    prose.append(["Phương pháp", "", "", "Ghi chú chung"])
    prose.append(["Số liệu được cập nhật hằng ngày", "", "", "Xem trang sau"])
    prose.merge_cells("A1:A2")
    prose.merge_cells("D1:D2")
    for row in (["Xã", "Số hộ"], *([f"X{at}", at] for at in range(12))):
        sheet.append(row)
    path, target = tmp_path / "a.xlsx", tmp_path / "x.yaml"
    made.save(path)
    assert main(["catalog", "schema", "infer", str(path), "-o", str(target)]) == 0
    assert [each.title for each in read_schema(target).fields] == ["Xã", "Số hộ"]


def test_a_sheet_for_each_area_is_one_table(tmp_path: Path) -> None:
    made = Workbook()
    for number, kind in enumerate(("Lúa", "Ngô")):
        sheet = made.create_sheet(f"Xa_{number}") if number else made.active
        assert sheet is not None
        sheet.append(["Tên", "Loại", "Số hộ"])
        for at in range(12):
            sheet.append([f"X{at}", kind, at])
    path, target = tmp_path / "a.xlsx", tmp_path / "x.yaml"
    made.save(path)
    assert main(["catalog", "schema", "infer", str(path), "-o", str(target)]) == 0
    schema = read_schema(target)
    assert (schema.by_name["loai"].enum, schema.primary_key) == (("Lúa", "Ngô"), ())
    report = check(path, open_catalogue(), schema=target)
    assert (report.rows, report.findings) == (24, [])


@pytest.mark.parametrize(
    ("figures", "decimal", "group"),
    [
        (("1.234,5", "12,25"), ",", "."),
        (("1.234.567,8", "900"), ",", "."),
        (("1.234", "5.678"), ",", "."),
        (("1,234.5", "12.25"), ".", ","),
        (("1,234,567", "1,234"), ".", ","),
        (("0.5", "12"), ".", ","),
    ],
)
def test_the_marks_of_figures_are_those_that_can_be_read(
    tmp_path: Path, figures: tuple[str, ...], decimal: str, group: str
) -> None:
    path, target = tmp_path / "so.csv", tmp_path / "so.yaml"
    rows = "".join(f"Xã {at};{figure}\n" for at, figure in enumerate(figures * 6))
    path.write_text(f"Tên xã;Số tiền\n{rows}", encoding="utf-8")
    assert main(["catalog", "schema", "infer", str(path), "-o", str(target)]) == 0
    field = read_schema(target).by_name["so_tien"]
    assert (field.type, field.decimal, field.group) == ("number", decimal, group)
    assert main(["validate", str(path), "--schema", str(target)]) == 0
