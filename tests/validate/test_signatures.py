"""The block of notes and signatures under a form is no data, and data that look like it are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate import check
from validate_books import book, text

Rows = Sequence[Sequence[Any]]
HEAD = ["STT", "Tên xã", "Kế hoạch", "Thực hiện"]
DATA = [["1", "Mường La", 5, 6], ["2", "Mai Sơn", 7, 8], ["3", "Thuận Châu", 9, 10]]
NUMBER = 'type: number, decimalChar: ",", groupChar: "."'
MUST = "constraints: {required: true}"
FIGURES = f"{NUMBER}|{NUMBER}"
KINDS = {
    "figures": FIGURES,
    "required": f"{NUMBER}, {MUST}|{NUMBER}",
    "words": "type: string|type: string",
    "both": f"type: string, {MUST}|{NUMBER}",
}
"""What the third and the fourth column hold; the second must always be filled."""
NAMES = ["", "Lò Văn A", "Cầm Văn B"]
APART = ["", "Lò Văn A", "", "Cầm Văn B"]
BLOCKS: dict[str, Rows] = {
    "two signers": [
        ["", "NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"],
        ["", "(Ký, ghi rõ họ tên)", "(Ký, ghi rõ họ tên)"],
        *([], [], NAMES),
    ],
    "date above": [
        ["", "", "", "Sơn La, ngày 25 tháng 10 năm 2026"],
        ["", "NGƯỜI LẬP BIỂU", "", "THỦ TRƯỞNG ĐƠN VỊ"],
        *([], APART),
    ],
    "names after three blank rows": [
        ["", "Người lập biểu", "", "CHỦ TỊCH"],
        ["", "(Ký, họ tên)", "", "(Ký, đóng dấu)"],
        *([], [], [], APART),
    ],
    "names at once": [["", "Người lập biểu", "", "CHỦ TỊCH"], APART],
    "deputy": [
        ["", "", "TM. ỦY BAN NHÂN DÂN"],
        ["", "", "KT. CHỦ TỊCH"],
        ["", "", "PHÓ CHỦ TỊCH"],
        *([], [], ["", "", "Lò Văn Pó"]),
    ],
    "deputy beside": [
        ["", "NGƯỜI LẬP BIỂU", "TM. ỦY BAN NHÂN DÂN"],
        ["", "(Ký, họ tên)", "KT. CHỦ TỊCH"],
        ["", "", "PHÓ CHỦ TỊCH"],
        *([], [], NAMES),
    ],
    "one signer": [["", "Người lập biểu"], [], [], ["", "Lò Văn A"]],
    "three signers": [
        ["NGƯỜI LẬP", "KẾ TOÁN TRƯỞNG", "", "GIÁM ĐỐC"],
        ["(Ký, họ tên)", "(Ký, họ tên)", "", "(Ký, họ tên, đóng dấu)"],
        *([], ["Lò A", "Lò Thị B", "", "Hà C"]),
    ],
    "three under figures": [
        ["", "NGƯỜI LẬP BIỂU", "NGƯỜI KIỂM TRA", "CHỦ TỊCH"],
        *([], ["", "Lò Văn A", "Lò Thị B", "Hà Văn C"]),
    ],
    "two tiers": [
        ["", "Người lập biểu", "Kế toán trưởng"],
        *([], NAMES, []),
        *(["", "", "HIỆU TRƯỞNG"], [], ["", "", "Cầm Thị D"]),
    ],
    "addressees": [
        ["Nơi nhận:", "", "GIÁM ĐỐC"],
        *(["- Sở Tài chính;"], ["- Chi cục Thống kê;"]),
        ["- Lưu: VT.", "", "Cà Thị Hoa"],
    ],
    "addressees among names": [
        ["", "Nơi nhận:", "", "CHỦ TỊCH"],
        ["", "- Sở Tài chính (b/c);"],
        *(["", "- Lưu: VT, KT."], ["", "", "", "Cà Thị Hoa"]),
    ],
    "note": [["Ghi chú: số liệu tạm tính"], ["", "Công chức VH-XH", "CHỦ TỊCH"], [], NAMES],
    "notes": [
        ["", "Ghi chú:"],
        ["", "- Kế hoạch theo Quyết định số 12/QĐ-UBND"],
        *([], ["", "Người lập biểu", "Chủ tịch UBND xã"], [], NAMES),
    ],
    "source": [["Nguồn: Sở Công Thương"], [], ["", "Người lập biểu", "", "Giám đốc"], [], APART],
    "date alone": [["", "", "Chiềng Mai, ngày 20 tháng 10 năm 2026"]],
    "date to be filled in": [
        ["", "", "", "……, ngày …… tháng …… năm 2026"],
        ["", "NGƯỜI LẬP BẢNG", "", "THỦ TRƯỞNG CƠ QUAN"],
        ["", "(Ký, họ tên)", "", "(Ký, họ tên, đóng dấu)"],
    ],
    "short date": [["", "", "Ngày 25/10/2026"], ["", "Người tổng hợp", "Trưởng ban"], [], NAMES],
    "accountant": [["", "KẾ TOÁN", "CHỦ TỊCH"], [], NAMES],
    "police": [["", "CÁN BỘ THỐNG KÊ", "", "TRƯỞNG CÔNG AN XÃ"], [], APART],
    "command": [
        ["", "", "TM. BAN CHỈ HUY"],
        ["", "TRỢ LÝ", "CHỈ HUY TRƯỞNG"],
        *([], ["", "Đại úy Lò A", "Trung tá Lò B"]),
    ],
    "by order": [
        ["", "CHUYÊN VIÊN", "TL. GIÁM ĐỐC"],
        ["", "", "TRƯỞNG PHÒNG KẾ HOẠCH"],
        *([], ["", "ThS. Lò A", "Thượng tá Lò B"]),
    ],
    "leaders confirm": [["", "NGƯỜI BÁO CÁO", "XÁC NHẬN CỦA LÃNH ĐẠO"], [], NAMES],
    "signed": [["", "NGƯỜI LẬP BIỂU", "CHỦ TỊCH"], ["", "(Đã ký)", "(Đã ký)"], NAMES],
    "who to ask": [["", "Người lập biểu: Lò Văn A"], ["", "Điện thoại: 0212 385 1234"]],
    "office": [["", "NGƯỜI DUYỆT BIỂU", "", "CHÁNH VĂN PHÒNG"], [], [], [], APART],
}


def told(
    folder: Path, catalogue: Catalogue, kind: str, columns: str, rows: Rows
) -> tuple[int, list[tuple[str, int | None]]]:
    """How many rows of data a form has, and what is told with the row."""
    plan, done = KINDS[columns].split("|")
    schema = folder / "s.yaml"
    schema.write_text(
        f"fields:\n  - {{name: xa, title: Tên xã, {MUST}}}\n"
        f"  - {{name: kh, title: Kế hoạch, {plan}}}\n  - {{name: th, title: Thực hiện, {done}}}\n",
        encoding="utf-8",
    )
    whole = [HEAD, *rows]
    made = book(folder / "a.xlsx", whole) if kind == "xlsx" else text(folder / "a.csv", whole)
    report = check(made, catalogue, schema=schema)
    assert report.rows is not None
    return report.rows, [(each.code, each.row) for each in report.findings]


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_signatures_are_no_data_however_they_stand(
    name: str, kind: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    """With a blank row above them or none, and a wrong figure in the last row of data is found."""
    for columns, blank in (("figures", 0), ("required", 1), ("figures", 3)):
        rows = [*DATA[:2], ["", "Thuận Châu", "abc", 10], *[[]] * blank, *BLOCKS[name]]
        assert told(tmp_path, catalogue, kind, columns, rows) == (3, [("V402", 4)])


def unnumbered(*rows: Sequence[Any]) -> Rows:
    return [["", *row] if row else [] for row in rows]


POSTS = [["Giám đốc", 1, 1], ["Phó Giám đốc", 2, 2], ["Kế toán trưởng", 1, 1]]
PEOPLE = [["Lò Văn A", "Chủ tịch", "Bản A"], ["Cầm Văn B", "Phó Chủ tịch", "Bản B"]]
XA = [row[1:] for row in DATA]
HONEST: dict[str, tuple[str, Rows, list[tuple[str, int]]]] = {
    "posts are counted": ("figures", unnumbered(*POSTS), []),
    "a post without its figure": (
        "required",
        unnumbered(*POSTS, ["Thủ trưởng đơn vị"]),
        [("V401", 5)],
    ),
    "a post below a blank row": (
        "required",
        unnumbered(*POSTS, [], ["Chủ tịch"]),
        [("V401", 6)],
    ),
    "people are counted": ("figures", unnumbered(["Lò Văn A", 1], ["Hà C", "abc"]), [("V402", 3)]),
    "words for a figure": ("figures", unnumbered(*XA, ["Yên Châu", "chưa có"]), [("V402", 5)]),
    "words below a blank row": (
        "figures",
        unnumbered(*XA, [], ["Yên Châu", "", "người dân chưa kê khai"]),
        [("V402", 6)],
    ),
    "someone is away": (
        "figures",
        unnumbered(*XA, ["Yên Châu", "Thủ trưởng đơn vị chưa ký"]),
        [("V402", 5)],
    ),
    "a clerk is away": ("figures", unnumbered(*XA, ["Yên Châu", "cán bộ nghỉ"]), [("V402", 5)]),
    "two wrong figures": (
        "figures",
        unnumbered(*XA, ["Yên Châu", "năm", "sáu"]),
        [("V402", 5)] * 2,
    ),
    "no figures": ("figures", unnumbered(*XA, ["Yên Châu"]), []),
    "no figures below a blank row": ("figures", unnumbered(*XA, [], ["Yên Châu"]), []),
    "schools": (
        "required",
        unnumbered(["Trường Mầm non A", 1], ["Trường phổ thông B", 2], ["Trường bán trú"]),
        [("V401", 4)],
    ),
    "kinds of staff": (
        "required",
        unnumbered(["Cán bộ", 1], ["Công chức", 2], ["Viên chức"]),
        [("V401", 4)],
    ),
    "growth": ("required", unnumbered(*XA, ["Tăng trưởng GRDP"]), [("V401", 5)]),
    "a firm": ("figures", unnumbered(*XA, ["TM. và DV An Bình", 1, "x?"]), [("V402", 5)]),
    "who prepares, in data": (
        "figures",
        unnumbered(*XA, ["Người lập nghiệp", "x?", 1]),
        [("V402", 5)],
    ),
    "officers": ("words", unnumbered(*PEOPLE, ["Hà C", "Kế toán trưởng"]), []),
    "officers in two columns": (
        "both",
        unnumbered(
            ["Lò Văn A", "Chủ tịch", 1], ["Hà C", "Chánh án", 2], ["Hà D", "Giám đốc", "x?"]
        ),
        [("V402", 4)],
    ),
    "an officer without his name": (
        "words",
        unnumbered(*PEOPLE, ["", "Giám đốc", "Bản D"]),
        [("V401", 4)],
    ),
    "officers around a blank row": ("words", unnumbered(*PEOPLE, [], ["Hà C", "Giám đốc"]), []),
    "who prepares is away": ("words", unnumbered(*PEOPLE, ["Hà C", "người lập biểu vắng"]), []),
    "more data below blank rows": (
        "figures",
        [*DATA, [], [], ["4", "Yên Châu", "x?"]],
        [("V402", 7)],
    ),
}


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_data_that_look_like_signatures_are_data(
    name: str, kind: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    columns, rows, found = HONEST[name]
    count = sum(1 for row in rows if row)
    for block in ([], [[], *BLOCKS["date above"]]):
        assert told(tmp_path, catalogue, kind, columns, [*rows, *block]) == (count, found)


def test_signatures_beyond_the_headings_make_no_long_rows(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    wide = [["", "", "", "", "Ngày 25/10/2026"], ["", "Người lập biểu", "", "", "Giám đốc"]]
    rows: Rows = [
        *DATA[:2],
        ["3", "Thuận Châu", 9, 10, "thừa"],
        [],
        *wide,
        [],
        ["", "A", "", "", "B"],
    ]
    assert told(tmp_path, catalogue, "csv", "figures", rows) == (3, [("S210", 4)])


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize(("kept", "office"), [(2, "PHÒNG TỔNG HỢP"), (3, "Phòng Tổng hợp")])
def test_an_office_beside_who_signs(
    kind: str, kept: int, office: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    """In capitals it is a title; else a row that lacks its figure cannot be told from it."""
    data = [["Lò Văn A", "B1", 1], ["Hà C", "B2", 2]]
    rows = unnumbered(*data, [], [office, "GIÁM ĐỐC"])
    assert told(tmp_path, catalogue, kind, "both", rows) == (kept, [])


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_each_of_several_tables_may_be_signed(
    kind: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    block = [[], *BLOCKS["two signers"]]
    rows = [*DATA[:2], *block, [], ["Biểu số 2"], HEAD, ["1", "Yên Châu", 1, "x?"], *block]
    assert told(tmp_path, catalogue, kind, "figures", rows) == (3, [("V402", 13)])
