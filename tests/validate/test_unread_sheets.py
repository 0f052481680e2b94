"""Sheets that are not read are told; those whose records would be lost as an error."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from iocsl.catalog import Catalogue
from iocsl.catalog.template_book import LISTS
from iocsl.catalog.templates import write_template
from iocsl.validate import check

Rows = list[list[Any]]
HEAD = ["Mã dự án, công trình", "Tên dự án, công trình", "Chủ đầu tư", "Địa bàn"]
HEAD += ["Tổng mức đầu tư", "Ngày khởi công", "Tình trạng"]
OTHER_WORDS = ["Số hiệu", "Công trình", "Cơ quan", "Nơi", "Vốn", "Từ", "TT"]


def works(first: int, last: int) -> Rows:
    return [
        [f"DA{at:03d}", f"Trường {at}", "UBND xã", "03646", 100 + at, date(2026, 1, 5), "Đang làm"]
        for at in range(first, last)
    ]


MOVED: Rows = [[at, *row] for at, row in enumerate(works(10, 20), 11)]
SUMMARY: Rows = [["Nhóm", "Số dự án", "Vốn"], ["A", 1, 100], ["B", 3, 300], ["C", 6, 645]]
FINISHED: Rows = [[row[0], *range(12)] for row in works(0, 10)]
DECISIONS: Rows = [[f"{at}/QĐ-UBND", date(2026, 1, 5), "Phê duyệt dự án"] for at in range(1, 9)]
PEOPLE: Rows = [
    ["TT", "Họ tên", "Sinh", "Lương"],
    *([at, f"Lò Văn {at}", date(1980, 1, at), 7] for at in range(1, 9)),
]
COMPARED: Rows = [[*row[:4], 1, row[4], row[5]] for row in works(0, 10)]
TITLES: Rows = [["SỞ XÂY DỰNG"], ["Biểu tiếp theo"], []]


def told(
    folder: Path,
    catalogue: Catalogue,
    further: Rows,
    *,
    hidden: bool = False,
    name: str = "Xã khác",
    schema: Path | None = None,
    first: Rows | None = None,
) -> list[tuple[str, str | None, str]]:
    made = Workbook()
    sheet, other = made.active, made.create_sheet(name)
    assert sheet is not None
    for row in first or [HEAD, *works(0, 10)]:
        sheet.append(row)
    for row in further:
        other.append(row)
    if hidden:
        other.sheet_state = "hidden"
    made.save(folder / "a.xlsx")
    said: Any = {"schema": schema} if schema else {"dataset": "KDL-M-005"}
    report = check(folder / "a.xlsx", catalogue, **said)
    found = [each for each in report.findings if each.code in {"S207", "S224", "S225"}]
    return [(each.code, each.sheet, str(each.message)) for each in found]


@pytest.mark.parametrize(
    ("further", "rows"),
    [
        (works(10, 20), 10),
        (works(10, 12), 2),
        ([OTHER_WORDS, *works(10, 20)], 11),
        (MOVED, 10),
        ([[None] * 4 + row for row in works(10, 20)], 10),
        ([*TITLES, *works(10, 16), [], ["", "Người lập", "", "Giám đốc"]], 9),
        ([["dòng"]] * 119 + [HEAD, *works(10, 20)], 130),
        ([row[:5] for row in works(10, 20)], 10),
        ([*works(5, 8), *works(20, 30)], 13),
    ],
)
def test_records_under_no_headings_are_no_sheet_to_pass_over(
    tmp_path: Path, catalogue: Catalogue, further: Rows, rows: int
) -> None:
    [(code, sheet, message)] = told(tmp_path, catalogue, further)
    assert (code, sheet) == ("S224", "Xã khác")
    assert f"({rows} " in message
    [(code, _, message)] = told(tmp_path, catalogue, further, hidden=True)
    assert code == "S207"
    assert f"({rows} " in message


@pytest.mark.parametrize(
    "further",
    [
        SUMMARY,
        FINISHED,
        DECISIONS,
        PEOPLE,
        COMPARED,
        works(0, 10),
        [OTHER_WORDS, *works(0, 10)],
        works(10, 11),
        [["Số liệu lấy từ hệ thống đầu tư"]],
        [["Dân dụng"], ["Giao thông"]],
        [["Năm", 2025, 2026], ["Số dự án", 4, 5], ["Vốn", 100, 200], ["Xong", 1, 2]],
    ],
)
def test_work_sheets_are_named_and_no_fault(
    tmp_path: Path, catalogue: Catalogue, further: Rows
) -> None:
    for hidden in (False, True):
        [(code, _, message)] = told(tmp_path, catalogue, further, hidden=hidden)
        assert code == "S225"
        assert f"({len(further)} " in message


@pytest.mark.parametrize("name", ["Huong_dan", "Danh_muc", "Thong_tin", "Thông tin", "Readme"])
def test_sheets_of_a_template_are_not_told(tmp_path: Path, catalogue: Catalogue, name: str) -> None:
    assert told(tmp_path, catalogue, SUMMARY, name=name) == []
    assert told(tmp_path, catalogue, [[], [" "]]) == []


def test_records_are_not_lost_under_the_name_of_a_list(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    [(code, *_)] = told(tmp_path, catalogue, works(10, 20), name="Danh_muc")
    assert code == "S224"


def test_names_and_figures_are_records_only_where_no_headings_say_otherwise(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    schema = tmp_path / "s.yaml"
    fields = [
        "{name: xa, title: Xã}",
        "{name: ho, title: Số hộ, type: integer}",
        "{name: dan, title: Số dân, type: integer}",
    ]
    text = "fields:\n" + "".join(f"  - {each}\n" for each in fields) + "primaryKey: [xa]\n"
    schema.write_text(text, encoding="utf-8")
    first: Rows = [["Xã", "Số hộ", "Số dân"], *([f"Xã {name}", 5, 20] for name in "ABCDEF")]
    further: Rows = [[f"Xã {name}", 6, 25] for name in "GHIK"]

    def code(rows: Rows) -> str:
        return told(tmp_path, catalogue, rows, schema=schema, first=first)[0][0]

    assert code(further) == "S224"
    assert code([["Vùng", "Hộ nghèo", "Cận nghèo"], *further]) == "S225"
    assert code([[f"Xã {name}", 6, 25] for name in "ABCD"]) == "S225"


def test_indicators_on_a_sheet_that_is_not_read_are_not_missing_besides(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    made = Workbook()
    sheet, other = made.active, made.create_sheet("Trang 2")
    assert sheet is not None
    sheet.append(["Mã chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị"])
    for at in range(1, 31):
        (sheet if at < 16 else other).append([f"KDL-M-016.{at:03d}", "2026-10", "14", 9000])
    made.save(tmp_path / "a.xlsx")
    report = check(tmp_path / "a.xlsx", catalogue, dataset="KDL-M-016", period="2026-10")
    assert {each.code for each in report.findings} & {"S224", "C310"} == {"S224"}
    # 45 required cells and 15 of 30 indicators: what is not read is not there.
    assert report.quality.complete == 80.0


@pytest.mark.parametrize("code", ["KDL-M-016", "KDL-M-005", "IOC-21-21", "KDL-Y-001"])
@pytest.mark.parametrize("shown", [False, True])
def test_a_template_has_no_sheet_that_is_told(
    tmp_path: Path, catalogue: Catalogue, code: str, shown: bool
) -> None:
    """Its list of codes to choose from has rows like those that are not filled in yet."""
    path = tmp_path / f"{code}.xlsx"
    dataset = catalogue.dataset(code)
    write_template(catalogue, dataset, path, unit=None, period=None)
    if shown:
        book = load_workbook(path)
        book[LISTS].sheet_state = "visible"
        book.save(path)
    codes = {each.code for each in check(path, catalogue).findings}
    assert codes.isdisjoint({"S207", "S224", "S225"})
