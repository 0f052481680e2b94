"""The table is found wherever it stands, and its columns whatever they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.validate import Report, check, shifted
from iocsl.validate.readers.base import Row
from validate_books import HEAD, book, prices, text

ROW = ["KDL-M-016.001", "2026-10", "14", 12500]


def codes(report: Report) -> list[str]:
    return [each.code for each in report.findings if each.code != "C310"]


def test_title_rows_and_a_table_that_starts_at_c3(tmp_path: Path, catalogue: Catalogue) -> None:
    bad = [*ROW[:3], "khoảng 12"]
    path = book(tmp_path / "a.xlsx", [["BÁO CÁO GIÁ"], [], HEAD, ROW, bad], at=(3, 3))
    report = prices(path, catalogue)
    assert [
        (each.code, each.cell, each.row) for each in report.findings if each.code != "C310"
    ] == [
        ("X701", "C7", 7),
        ("V402", "F7", 7),
    ]


def test_keys_titles_and_any_order(tmp_path: Path, catalogue: Catalogue) -> None:
    head = ["GIÁ  TRỊ (đồng)", "ky_bao_cao", "  mã chỉ tiêu*", "STT"]
    path = book(tmp_path / "a.xlsx", [head, [12500, "2026-10", "KDL-M-016.001", 1]])
    report = prices(path, catalogue)
    assert codes(report) == []
    assert report.rows == 1


def test_headings_merged_over_several_rows(tmp_path: Path, catalogue: Catalogue) -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:D1")

    rows: list[list[Any]] = [
        ["Mã chỉ tiêu", "Số liệu"],
        [None, "Kỳ báo cáo", "Địa bàn", "Giá trị"],
        ["(1)", "(2)", "(3)", "(4)"],
        ROW,
    ]
    report = prices(book(tmp_path / "a.xlsx", rows, shape=merge), catalogue)
    assert codes(report) == []
    assert report.rows == 1


def test_printed_titles_over_keys(tmp_path: Path, catalogue: Catalogue) -> None:
    keys = ["ma_chi_tieu", "ky_bao_cao", "dia_ban", "gia_tri"]
    report = prices(text(tmp_path / "a.csv", [HEAD, keys, ROW]), catalogue)
    assert codes(report) == []
    assert report.rows == 1


@pytest.mark.parametrize(
    "number", ["{}. ", "{}.", "({}) ", "[{}]", "{}) ", "{} - ", "Cột {}: ", "CỘT {}. ", "cột ({}) "]
)
def test_headings_may_be_numbered(tmp_path: Path, catalogue: Catalogue, number: str) -> None:
    for marks in ("1234", "ABCD"):
        pairs = zip(marks, HEAD, strict=True)
        head = [number.format(mark) + title for mark, title in pairs]
        report = prices(book(tmp_path / "a.xlsx", [head, ROW]), catalogue)
        assert codes(report) == []
        assert report.rows == 1
    head = [f"{at}. {title}" for at, title in enumerate([*HEAD[:3], "Giá trj"], 1)]
    report = prices(text(tmp_path / "a.csv", [head, ROW]), catalogue)
    assert codes(report) == ["S205"]
    assert report.rows == 1


def test_a_number_that_the_form_prints_is_part_of_the_heading(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    schema = tmp_path / "s.yaml"
    titles = ["Xã", "1. Hộ", "2. Hộ"]
    fields = "".join(f'  - {{name: c{at}, title: "{each}"}}\n' for at, each in enumerate(titles))
    schema.write_text(f"fields:\n{fields}", encoding="utf-8")
    report = check(book(tmp_path / "a.xlsx", [titles, ["A", 1, 2]]), catalogue, schema=schema)
    assert [each.code for each in report.findings] == []


def test_how_far_the_headings_are_looked_for_is_said(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [*(["dòng"] for _ in range(59)), HEAD, ROW]
    assert prices(book(tmp_path / "a.xlsx", rows), catalogue).rows == 1
    report = prices(book(tmp_path / "a.xlsx", [["dòng"], *rows]), catalogue)
    assert [each.code for each in report.findings] == ["S201"]
    assert " 60 " in report.findings[0].message


def test_totals_blank_rows_and_signatures_are_no_data(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [
        ["UBND TỈNH SƠN LA"],
        HEAD,
        ROW,
        [],
        ["", "Tổng cộng", "", 12500],
        [],
        ["", "Sơn La, ngày 20 tháng 10 năm 2026"],
        ["Người lập biểu", "", "Thủ trưởng đơn vị"],
        ["(Ký, ghi rõ họ tên)", "", "Nguyễn Văn A"],
    ]
    report = prices(book(tmp_path / "a.xlsx", rows), catalogue)
    assert codes(report) == ["S208"]
    assert report.rows == 1


def test_a_company_that_begins_like_a_total_is_data(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(
        "fields:\n  - {name: ten, title: Tên, constraints: {required: true}}\n"
        "  - {name: so, title: Số, type: integer, constraints: {required: true}}\n",
        encoding="utf-8",
    )
    rows: list[list[Any]] = [["Tên", "Số"], ["Tổng công ty Sông Đà", 5], ["Công ty Cộng", ""]]
    report = check(book(tmp_path / "a.xlsx", rows), catalogue, schema=schema)
    assert report.rows == 2
    assert [each.code for each in report.findings] == ["V401"]


@pytest.mark.parametrize("heading", ["Giá trj", "Giá trị tiền", "Gía tri."])
def test_one_misspelt_heading_is_at_most_one_finding(
    tmp_path: Path, catalogue: Catalogue, heading: str
) -> None:
    head = ["Mã chỉ tiêu", "Kỳ báo cao", "Địa bàn", heading]
    rows = [head, *([f"KDL-M-016.0{n:02d}", "2026-10", "14", n] for n in range(1, 31))]
    report = prices(text(tmp_path / "a.csv", rows), catalogue)
    found = [(each.code, each.column, each.count) for each in report.findings]
    assert found == ([] if heading == "Gía tri." else [("S205", "gia_tri", 1)])
    assert report.rows == 30


@pytest.mark.parametrize(("heading", "code"), [("Giá chị", "S205"), ("Giá bán", "S202")])
def test_a_short_heading_is_known_by_its_place(
    tmp_path: Path, catalogue: Catalogue, heading: str, code: str
) -> None:
    head = [*FORM[:5], heading, FORM[6]]
    assert _formed(tmp_path / "a.xlsx", head, catalogue).findings[0].code == code
    moved = [heading, *FORM[:5], FORM[6]]
    assert _formed(tmp_path / "b.xlsx", moved, catalogue).findings[0].code != "S205"


@pytest.mark.parametrize(
    ("heading", "title"),
    [("Giá bán", "Giá trị"), ("Mã số", "Mã chỉ tiêu"), ("Tháng", "Kỳ báo cáo")],
)
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_column_under_another_name_is_one_finding(
    tmp_path: Path, catalogue: Catalogue, heading: str, title: str, kind: str
) -> None:
    head = [heading if each == title else each for each in FORM]
    price = {3: "chưa rõ"} if heading == "Giá bán" else {}
    found = _formed(tmp_path / f"a.{kind}", head, catalogue, price).findings
    cell = f"{'ABCDEFG'[head.index(heading)]}1" if kind == "xlsx" else None
    assert [(each.code, each.cell, each.count) for each in found] == [("S202", cell, 30)]
    assert f"“{heading}”" in found[0].message
    assert found[0].message.endswith(f"thành “{title}”.")


def test_among_keys_it_is_the_key_that_is_asked_for(tmp_path: Path, catalogue: Catalogue) -> None:
    keys = ["ma_chi_tieu", "ky_bao_cao", "gia_ban"]
    rows = "".join(
        "<dong>"
        + "".join(f"<{key}>{cell}</{key}>" for key, cell in zip(keys, row, strict=True))
        + "</dong>"
        for row in ([f"KDL-M-016.{at:03d}", "2026-10", "8500"] for at in range(1, 31))
    )
    path = tmp_path / "a.xml"
    path.write_text(f"<bieu>{rows}</bieu>", "utf-8")
    (found,) = prices(path, catalogue).findings
    assert found.code == "S202"
    assert found.message.endswith("thành “gia_tri”.")


@pytest.mark.parametrize("heading", ["Giá bán", "gia ban"])
def test_a_price_is_no_misspelt_area(tmp_path: Path, catalogue: Catalogue, heading: str) -> None:
    rows = [[f"KDL-M-016.{at:03d}", "2026-10", 8500] for at in range(1, 31)]
    path = book(tmp_path / "a.xlsx", [["Mã chỉ tiêu", "Kỳ báo cáo", heading], *rows])
    found = prices(path, catalogue).findings
    assert [(each.code, each.column, each.cell) for each in found] == [("S202", "gia_tri", "C1")]
    areas = [["Mã chỉ tiêu", "Kỳ báo cáo", "Địa banf"], *([*row[:2], "14"] for row in rows)]
    found = prices(book(tmp_path / "b.xlsx", areas), catalogue).findings
    assert {(each.code, each.column) for each in found} == {
        ("S202", "gia_tri"),
        ("S205", "dia_ban"),
    }


@pytest.mark.parametrize(
    ("changes", "price", "codes"),
    [
        ({"Giá trị": "Giá bán", "Kỳ báo cáo": "Khi nào"}, {}, ["S202", "S202", "S203", "S203"]),
        ({"Giá trị": "Giá bán", "Ghi chú": "Nơi bán"}, {}, ["S202", "S203", "S203"]),
        ({"Giá trị": "Nhận xét"}, dict.fromkeys(range(30), "cao"), ["S202", "S203"]),
        ({"Giá trị": "Giá bán"}, dict.fromkeys(range(30), ""), ["S202", "S203"]),
        ({"Ghi chú": "Nơi bán"}, {}, ["S203"]),
    ],
)
def test_what_may_not_be_the_missing_column_is_told_for_itself(
    tmp_path: Path,
    catalogue: Catalogue,
    changes: dict[str, str],
    price: dict[int, str],
    codes: list[str],
) -> None:
    head = [changes.get(each, each) for each in FORM]
    found = _formed(tmp_path / "a.xlsx", head, catalogue, price).findings
    assert [each.code for each in found] == codes


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_data_without_a_heading_are_not_lost_unseen(
    tmp_path: Path, catalogue: Catalogue, kind: str
) -> None:
    area = _formed(tmp_path / f"a.{kind}", [*FORM[:4], "", *FORM[5:]], catalogue).findings
    value = _formed(tmp_path / f"b.{kind}", [*FORM[:5], "", FORM[6]], catalogue).findings
    names = _formed(tmp_path / f"c.{kind}", [FORM[0], "", *FORM[2:]], catalogue).findings
    assert [each.code for each in area] == ["S203"]
    assert "E, ô tiêu đề trống" in area[0].message
    assert [each.code for each in value] == ["S202"]
    assert "F, ô tiêu đề trống" in value[0].message
    assert names == []  # nothing stands there


def test_what_stands_below_a_table_makes_no_column(tmp_path: Path, catalogue: Catalogue) -> None:
    head = ["Mã chỉ tiêu", "Kỳ báo cáo", "", "Địa bàn", "Giá trị", "", ""]
    rows = [[f"KDL-M-016.{at:03d}", "2026-10", "", "14", 8500, "", "xem lại"] for at in (1, 2)]
    signed = [[], ["", "", "Người lập biểu"], ["", "", "Lò Thị Hặc"]]

    def over_two(sheet: Worksheet) -> None:
        sheet.merge_cells("E1:F1")

    path = book(tmp_path / "a.xlsx", [head, *rows, *signed], shape=over_two)
    assert codes(prices(path, catalogue)) == []


FORM = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Kỳ báo cáo", "Địa bàn", "Giá trị", "Ghi chú"]


def _formed(
    path: Path, head: list[str], catalogue: Catalogue, price: Mapping[int, str] | None = None
) -> Report:
    """A whole form; `price` are texts in place of the figures of some rows."""
    rows = [
        [f"KDL-M-016.{at + 1:03d}", "", "", "2026-10", "14", (price or {}).get(at, 8500), ""]
        for at in range(30)
    ]
    made = text if path.suffix == ".csv" else book
    return prices(made(path, [head, *rows]), catalogue)


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("Mã CT", "Mã chỉ tiêu"),
        ("MCT", "Mã chỉ tiêu"),
        ("Mã", "Mã chỉ tiêu"),
        ("Tên CT", "Tên chỉ tiêu"),
        ("ĐVT", "Đơn vị tính"),
        ("Đ.V.T", "Đơn vị tính"),
        ("ĐV tính", "Đơn vị tính"),
        ("Đvt (đồng)", "Đơn vị tính"),
        ("Kỳ BC", "Kỳ báo cáo"),
        ("Kỳ b/c:", "Kỳ báo cáo"),
        ("Kỳ", "Kỳ báo cáo"),
        ("ĐB", "Địa bàn"),
        ("GT", "Giá trị"),
        ("GC", "Ghi chú"),
    ],
)
def test_a_shortened_heading_is_one_finding_and_its_column_is_read(
    heading: str, title: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    head = [heading if each == title else each for each in FORM]
    (told,) = _formed(tmp_path / "a.xlsx", head, catalogue).findings
    assert (told.code, told.column is not None) == ("S205", True)
    assert f"“{heading}”" in told.message
    assert f"“{title}”" in told.message


def test_a_table_of_shortened_headings_is_read(tmp_path: Path, catalogue: Catalogue) -> None:
    head = ["Mã CT", "Tên CT", "ĐVT", "Kỳ BC", "ĐB", "GT", "GC"]
    report = _formed(tmp_path / "a.xlsx", head, catalogue)
    assert [each.code for each in report.findings] == ["S205"] * 7
    assert report.rows == 30


@pytest.mark.parametrize("heading", ["Đơn vị", "CT", "KH", "Thực hiện", "MCTT"])
def test_other_words_are_not_taken_for_a_column(
    heading: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    head = [heading if each == "Đơn vị tính" else each for each in FORM]
    (told,) = _formed(tmp_path / "a.xlsx", head, catalogue).findings
    assert told.code == "S203"
    assert ("(“Đơn vị tính”?)" in told.message) == (heading == "Đơn vị")


def test_a_shortened_heading_beside_the_whole_one_is_another_column(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    head = ["ĐVT" if each == "Ghi chú" else each for each in FORM]
    (told,) = _formed(tmp_path / "a.xlsx", head, catalogue).findings
    assert told.code == "S203"


def test_one_shifted_column_is_one_finding(tmp_path: Path, catalogue: Catalogue) -> None:
    rows: list[list[Any]] = [
        HEAD,
        *([f"KDL-M-016.0{n:02d}", "2026-10", "14", "đồng/kg"] for n in range(1, 31)),
    ]
    report = prices(text(tmp_path / "a.csv", rows), catalogue)
    assert [(each.code, each.count, each.row) for each in report.findings] == [("V402", 30, 2)]


def test_numbers_alone_under_the_headings_are_data(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    fields = "".join(f"  - {{name: {name}, type: integer}}\n" for name in "abc")
    schema.write_text("fields:\n" + fields, encoding="utf-8")
    path = text(tmp_path / "a.csv", [["a", "b", "c"], [1, 2, 3], [4, 5, 6]])
    assert check(path, catalogue, schema=schema).rows == 2


@pytest.mark.parametrize(
    ("moved", "cell", "by"),
    [
        (lambda row: ["", *row], "A2", "1 cột sang phải"),
        (lambda row: row[1:], "B2", "1 cột sang trái"),
        (lambda row: [row[0], "", "", *row[1:]], "B2", "2 cột sang phải"),
    ],
)
def test_data_beside_their_headings_are_one_finding(
    tmp_path: Path,
    catalogue: Catalogue,
    moved: Callable[[list[object]], list[object]],
    cell: str,
    by: str,
) -> None:
    rows = [[f"KDL-M-016.{at:03d}", "2026-10", "14", 12500 + at] for at in range(1, 31)]
    report = prices(book(tmp_path / "a.xlsx", [HEAD, *map(moved, rows)]), catalogue)
    assert [(each.code, each.cell, each.count) for each in report.findings] == [("S212", cell, 30)]
    assert by in report.findings[0].message
    assert report.rows == 0


def test_faults_in_a_column_are_no_shift(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [[f"KDL-M-016.{at:03d}", "14", "2026-10", "x"] for at in range(1, 31)]
    found = prices(book(tmp_path / "a.xlsx", [HEAD, *rows]), catalogue).findings
    assert {each.code for each in found} == {"P509", "C305", "V402"}


def test_typed_decimals_beside_whole_numbers_are_no_shift(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """A typed 8.5 is a figure, whatever decimal mark the structure declares for texts."""
    schema = tmp_path / "s.yaml"
    number = 'type: number, decimalChar: ",", groupChar: "."'
    lines = "".join(f"  - {{name: {name}, {number}}}\n" for name in ("ho", "ha"))
    schema.write_text(f"fields:\n  - {{name: xa, title: Xã}}\n{lines}", encoding="utf-8")
    rows = [["Xã", "ho", "ha"], *([f"X{at}", 10 + at, at + 0.5] for at in range(1, 13))]
    report = check(book(tmp_path / "a.xlsx", rows), catalogue, schema=schema)
    assert (codes(report), report.rows) == ([], 12)


def test_a_missing_key_column_is_not_told_as_repeats(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [["2026-10", "14", 12500 + at] for at in range(30)]
    found = prices(book(tmp_path / "a.xlsx", [HEAD[1:], *rows]), catalogue).findings
    assert [each.code for each in found] == ["S202"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_rows_that_slipped_from_the_middle_on_are_one_finding(
    tmp_path: Path, catalogue: Catalogue, kind: str
) -> None:
    rows = [[f"KDL-M-016.{at:03d}", "2026-10", "14", 12500 + at] for at in range(1, 31)]
    rows[11:] = [[row[0], "", *row[1:]] for row in rows[11:]]
    rows[3][3] = "x"
    head = [*HEAD, "Ghi chú"]
    path = tmp_path / f"a.{kind}"
    report = prices(
        book(path, [head, *rows]) if kind == "xlsx" else text(path, [head, *rows]), catalogue
    )
    told = [(each.code, each.row, each.count) for each in report.findings if each.code != "C310"]
    assert told == [("V402", 5, 1), ("S212", 13, 19)]
    assert report.rows == 11


def test_a_table_of_thousands_of_columns_is_looked_at_in_no_time(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether data stand beside their headings is told by few columns, whatever their number."""
    asked = []
    real = shifted._fitting

    def counting(
        rows: Sequence[Row], telling: Mapping[int, shifted.Telling], at: int, by: int
    ) -> int:
        asked.append(at)
        return real(rows, telling, at, by)

    monkeypatch.setattr(shifted, "_fitting", counting)
    names = [f"c{at}" for at in range(2000)]
    schema = tmp_path / "s.yaml"
    lines = "".join(f"  - {{name: {name}, type: number}}\n" for name in names)
    schema.write_text(f"fields:\n{lines}", encoding="utf-8")
    path = text(tmp_path / "a.csv", [names, *[["x"] * 2000] * 3])
    assert check(path, catalogue, schema=schema).rows == 3
    assert len(asked) <= 6 * shifted.MOST_COLUMNS


def test_names_of_groups_and_notes_are_no_data(tmp_path: Path, catalogue: Catalogue) -> None:
    head = ["STT", HEAD[0], "Tên chỉ tiêu", *HEAD[1:], "Ghi chú"]
    first = [1, "KDL-M-016.001", "Thóc tẻ thường", "2026-10", "14", 12500]
    second = [1, "KDL-M-016.002", "Gạo tẻ thường", "2026-10", "14", 13500]
    rows = [
        ["I", "", "Lương thực"],
        first,
        ["", "", "B. Hàng khác"],
        [*second, "Nguồn: Cục Thống kê"],
        [2, "", "Gạo nếp"],
        ["Ghi chú: giá bình quân của 12 chợ."],
        ["- Số liệu đã làm tròn."],
    ]
    report = prices(book(tmp_path / "a.xlsx", [head, *rows]), catalogue)
    assert [(each.code, each.cell, each.row) for each in report.findings if each.row] == [
        ("S214", None, 2),
        ("S214", None, 4),
        ("V401", "B6", 6),
        ("V401", "D6", 6),
        ("V401", "F6", 6),
    ]
    assert report.rows == 3


def test_a_post_in_the_last_rows_is_no_signature(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [[*HEAD, "Ghi chú"], [*ROW, ""], ["KDL-M-016.002", *ROW[1:], "Giám đốc"]]
    rows.append(["", "Người lập biểu", "", "", "Giám đốc"])
    report = prices(book(tmp_path / "a.xlsx", rows), catalogue)
    assert (codes(report), report.rows) == ([], 2)


@pytest.mark.parametrize(
    ("said", "nil"),
    [
        ("Không phát sinh", True),
        ("Trong tháng 10 không phát sinh dự án mới.", True),
        ("Không có phát sinh trong kỳ", True),
        ("Không phát sinh: xem công văn kèm theo", False),
        ("Có phát sinh", False),
    ],
)
def test_statements_of_nothing(tmp_path: Path, catalogue: Catalogue, said: str, nil: bool) -> None:
    report = prices(book(tmp_path / "a.xlsx", [HEAD, [said]]), catalogue)
    assert ("N901" in codes(report)) is nil


PROJECTS = """
fields:
  - {name: ma, title: Mã dự án, constraints: {required: true}}
  - {name: ten, title: Tên dự án, constraints: {required: true}}
  - {name: von, title: Vốn, type: number, decimalChar: ","}
"""
BUILT = [[1, "DA-1", "Trạm y tế", 10], [2, "DA-2", "Nhà văn hóa", 20]]


@pytest.fixture
def formed(tmp_path: Path, catalogue: Catalogue) -> Callable[..., Report]:
    """Projects with other rows between and below them."""
    (tmp_path / "s.yaml").write_text(PROJECTS, encoding="utf-8")

    def run(above: Sequence[Sequence[Any]], below: Sequence[Sequence[Any]]) -> Report:
        rows = [["STT", "Mã dự án", "Tên dự án", "Vốn"], *above, *BUILT, *below]
        path = book(tmp_path / "a.xlsx", rows)
        return check(path, catalogue, schema=tmp_path / "s.yaml")

    return run


@pytest.mark.parametrize(
    "said",
    [
        "PHÓ GIÁM ĐỐC",
        "TL. CHỦ TỊCH",
        "TM. ỦY BAN NHÂN DÂN XÃ",
        "Người kiểm tra",
        "Mường La, ngày 20/10/2026",
        "Tổng số: 2 dự án",
        "Bằng chữ: Ba mươi triệu đồng",
        "Số liệu tính đến ngày 25/10/2026",
    ],
)
def test_what_stands_under_a_form(formed: Callable[..., Report], said: str) -> None:
    report = formed([], [[], ["", "", said], ["", "", "Nguyễn Văn Hùng"]])
    assert (codes(report), report.rows) == ([], 2)


def test_names_and_sums_of_groups(formed: Callable[..., Report]) -> None:
    report = formed([["I", "", "Dự án mới", 30], ["1. Cấp tỉnh"]], [[3], [4]])
    assert (codes(report), report.rows) == (["S208", "S214"], 2)
    assert "X706" in codes(formed([["I", "", "Dự án mới", 31]], []))


def test_a_row_that_lost_its_code_is_still_data(formed: Callable[..., Report]) -> None:
    for row in ([3, "", "Cầu treo", 5], ["", "", "Cầu treo"], ["", "", "Giám đốc", 5]):
        report = formed([], [row])
        assert (codes(report), report.rows) == (["V401"], 3)
