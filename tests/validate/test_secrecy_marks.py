"""Marks of secrecy: what is one, and every place of a file in which it is looked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from iocsl.catalog import Catalogue
from iocsl.domain import Regime, Severity
from iocsl.validate import Report
from iocsl.validate.readers.base import Chunk
from iocsl.validate.secrecy_marks import mark_in
from iocsl.validate.secrecy_places import holds_mark
from validate_books import HEAD, book, prices, text

ROW = ["KDL-M-016.001", "2026-10", "14", 12500]


@pytest.mark.parametrize(
    ("said", "mark"),
    [
        ("BÍ MẬT NHÀ NƯỚC - ĐỘ TỐI MẬT", "TỐI MẬT"),
        ("Tài liệu thuộc danh mục bí mật nhà nước, độ Tuyệt mật", "TUYỆT MẬT"),
        ("BÁO CÁO GIÁ (MẬT)", "MẬT"),
        ("Báo cáo giá (Mật)", "MẬT"),
        ("SỐ LIỆU GIÁ (TỐI MẬT)", "TỐI MẬT"),
        ("[TỐI MẬT] Báo cáo", "TỐI MẬT"),
        ("BÁO CÁO GIÁ - MẬT", "MẬT"),
        ("TUYỆT MẬT – Số liệu biên giới", "TUYỆT MẬT"),
        ("UBND TỈNH SƠN LA\nMẬT", "MẬT"),
        ("TÀI LIỆU TỐI MẬT", "TỐI MẬT"),
        ("Độ Tuyệt mật", "TUYỆT MẬT"),
    ],
)
def test_a_title_bears_a_mark(said: str, mark: str) -> None:
    assert mark_in(said) == mark


HONEST = """Mật độ|MẬT ĐỘ DÂN SỐ|Mật độ dân số (người/km2)|Bí mật kinh doanh|BÍ MẬT NHÀ NƯỚC|Bảo mật
BẢO MẬT THÔNG TIN|An toàn, bảo mật|Mật khẩu|Mật ong|Mật ong rừng (lít)|MẬT ONG - MẬT MÍA|ONG (MẬT)
Sản phẩm ong (Mật)|Mía (mật)|Đường, mật|Rỉ mật|Sỏi mật|Gan mật - tụy|Số văn bản mật|Đường mật|Mật mã
Số văn bản (Mật)|Số tài liệu tối mật|Số tài liệu bí mật nhà nước: độ Mật|Tỷ lệ hồ sơ (Mật)|Độ mật
Độ mật (Tuyệt mật, Tối mật, Mật)|Độ mật: Mật/Tối mật/Tuyệt mật|Công tác bảo vệ bí mật nhà nước
Số vụ lộ, lọt bí mật nhà nước|Tài liệu mật|Văn bản mật đến|Hội nghị mật (kín)|Xã Mật Sơn|Dày mật
TẬP HUẤN BẢO VỆ BÍ MẬT NHÀ NƯỚC|Luật Bảo vệ bí mật nhà nước - 2018|TỔNG SỐ VĂN BẢN MẬT|Thân mật"""


@pytest.mark.parametrize("said", HONEST.replace("\n", "|").split("|"))
def test_ordinary_words_bear_none(said: str) -> None:
    assert mark_in(said) is None


def told(report: Report) -> list[tuple[str | None, int | None, str | None]]:
    found = [each for each in report.findings if each.code == "D901"]
    assert all(each.severity is Severity.ERROR for each in found)
    return [(each.cell, each.row, each.value) for each in found]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([["BÁO CÁO (MẬT)"], HEAD, ROW], ("A1", 1, "BÁO CÁO (MẬT)")),
        ([HEAD, ROW, [], ["Độ mật: TỐI MẬT"]], ("A4", 4, "Độ mật: TỐI MẬT")),
        ([HEAD, ROW, [], [], ["", "MẬT"]], ("B5", 5, "MẬT")),
        ([HEAD, ROW, ["Tổng cộng", "", "MẬT", 12500]], ("C3", 3, "MẬT")),
        ([[*HEAD, "Khác"], [*ROW, "Tối mật"]], ("E2", 2, "Tối mật")),
        ([HEAD, [*ROW, "", "Mật"]], ("F2", 2, "Mật")),
        ([HEAD, ROW, [], ["TUYỆT MẬT"], HEAD, [HEAD, *ROW][1:]], ("A4", 4, "TUYỆT MẬT")),
    ],
)
def test_a_mark_is_found_around_the_data(
    tmp_path: Path, catalogue: Catalogue, rows: list[Any], wanted: tuple[str, int, str]
) -> None:
    assert told(prices(book(tmp_path / "a.xlsx", rows), catalogue)) == [wanted]
    _, row, value = wanted
    assert told(prices(text(tmp_path / "a.csv", rows), catalogue)) == [(None, row, value)]


def header(made: Any) -> None:
    made.worksheets[0].oddHeader.right.text = "TUYỆT MẬT"


def prop(made: Any) -> None:
    made.properties.title = "Báo cáo giá (Mật)"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda made: setattr(made.worksheets[0], "title", "TỐI MẬT"), "tên trang"),
        (lambda made: made.create_sheet("MẬT"), "tên trang"),
        (header, "đầu trang"),
        (lambda made: setattr(made.worksheets[0]["B2"], "comment", Comment("MẬT", "a")), "ghi chú"),
        (prop, "thuộc tính"),
        (lambda made: made.create_sheet("Thong_tin").append(["Độ", "MẬT"]), "“MẬT”. Kho"),
        (lambda made: made.create_sheet("Khác").cell(300, 2, "MẬT"), "“MẬT”. Kho"),
    ],
)
def test_a_mark_is_found_outside_the_table(
    tmp_path: Path, catalogue: Catalogue, change: Callable[[Any], Any], place: str
) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, ROW])
    made = load_workbook(path)
    change(made)
    made.save(path)
    (found,) = (each for each in prices(path, catalogue).findings if each.code == "D901")
    assert place in found.message


def test_the_name_of_the_file_and_of_hidden_sheets(tmp_path: Path, catalogue: Catalogue) -> None:
    path = book(tmp_path / "gia (MẬT).xlsx", [HEAD, ROW])
    made = load_workbook(path)
    made.create_sheet("an").append([*HEAD, "MẬT"])
    made["an"].sheet_state = "hidden"
    made.save(path)
    assert told(prices(path, catalogue)) == [(None, None, None), ("E1", 1, "MẬT")]


def test_what_another_process_reads_is_looked_at_alike() -> None:
    cells = ["tốt", "mật ong", "LƯU HÀNH NỘI BỘ"]
    chunk = Chunk([["TỐI MẬT"] * 3, cells], 1)
    assert not holds_mark(chunk, {0}, None)
    assert holds_mark(chunk, {0}, Regime.QD2023)
    assert holds_mark(chunk, {1}, None)
