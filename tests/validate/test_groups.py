"""Names of groups without a mark are no data, and a row of data that lost its cells is no name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.child import Worker
from iocsl.validate import Report, check, crew
from validate_books import book, prices, text

HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Kỳ báo cáo", "Giá trị"]
NUMBERED = ["STT", *HEAD]
NAMES = ["Thóc tẻ thường", "Gạo tẻ thường", "Gạo nếp", "Ngô hạt", "Sắn tươi"]
ROWS = [[f"KDL-M-016.{at:03d}", name, "2026-10", 12500] for at, name in enumerate(NAMES, 1)]
COUNTED = [[at, *row] for at, row in enumerate(ROWS, 1)]
PROJECTS = """
fields:
  - {name: ma, title: Mã, constraints: {required: true}}
  - {name: ten, title: Tên, constraints: {required: true}}
  - {name: von, title: Vốn, type: number, constraints: {required: true}}
"""


def told(report: Report) -> list[tuple[str, int | None]]:
    return [(each.code, each.row) for each in report.findings if each.code != "C310"]


def merging(*areas: str) -> Callable[[Worksheet], None]:
    def shape(sheet: Worksheet) -> None:
        for area in areas:
            sheet.merge_cells(area)

    return shape


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize(
    ("head", "group", "rows"),
    [
        (HEAD, ["", "Lương thực"], ROWS),
        (HEAD, ["Lương thực"], ROWS),
        (NUMBERED, ["", "", "Lương thực"], COUNTED),
        (NUMBERED, ["", "", "Trong đó:"], COUNTED),
        (NUMBERED, ["I", "", "Lúa"], COUNTED),
        (NUMBERED, ["b)", "", "Vụ mùa 2026"], COUNTED),
        (NUMBERED, ["2", "", "Lúa"], [[f"2.{at}", *row[1:]] for at, row in enumerate(COUNTED, 1)]),
    ],
)
def test_names_of_groups(  # noqa: PLR0917 - one case of the table above, in one format
    tmp_path: Path,
    catalogue: Catalogue,
    kind: str,
    head: list[str],
    group: list[str],
    rows: list[list[Any]],
) -> None:
    cells = [head, group, *rows[:2], [], group, *rows[2:]]
    path = tmp_path / f"a.{kind}"
    report = prices(book(path, cells) if kind == "xlsx" else text(path, cells), catalogue)
    assert (told(report), report.rows) == ([("S214", 2), ("S214", 6)], 5)


def test_a_name_merged_over_the_table(tmp_path: Path, catalogue: Catalogue) -> None:
    """Merged cells show it even where the name stands in a column that rows of data must fill."""
    (tmp_path / "s.yaml").write_text(PROJECTS.replace("ma, ", "so, "), encoding="utf-8")
    rows = [["Mã", "Tên", "Vốn"], ["Khởi công mới"], ["D1", "Cầu", 1], ["D2", "Đường", 2]]
    path = book(tmp_path / "a.xlsx", rows, shape=merging("A2:C2"))
    report = check(path, catalogue, schema=tmp_path / "s.yaml")
    assert (told(report), report.rows) == ([("S214", 2)], 2)
    report = check(book(tmp_path / "a.xlsx", rows), catalogue, schema=tmp_path / "s.yaml")
    assert (told(report), report.rows) == ([("V401", 2), ("V401", 2)], 3)


@pytest.mark.parametrize(
    "lost",
    [
        ["", "Gạo nếp"],
        ["", "3. Gạo nếp"],
        ["KDL-M-016.003"],
        ["", "", "2026-10"],
        ["", "", "", 12500],
        ["", "Gạo tám", "", 12500],
    ],
)
def test_a_row_of_data_that_lost_its_cells_is_told(
    tmp_path: Path, catalogue: Catalogue, lost: list[object]
) -> None:
    report = prices(book(tmp_path / "a.xlsx", [HEAD, *ROWS[:2], lost, *ROWS[3:]]), catalogue)
    assert report.rows == 5
    assert {code for code, row in told(report) if row == 4} == {"V401"}


def test_a_name_that_heads_no_rows_is_data(tmp_path: Path, catalogue: Catalogue) -> None:
    for below in ([], [["", "Cộng", "", 3]], [["", name] for name in ("Vải", "Bông", "Tơ")]):
        rows = [HEAD, *ROWS, ["", "Hàng dệt"], *below]
        report = prices(book(tmp_path / "a.xlsx", rows), catalogue)
        assert ("V401", 7) in told(report)
        assert ("S214", 7) not in told(report)


def test_a_required_name_beside_the_numbers_of_its_rows(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    (tmp_path / "s.yaml").write_text(PROJECTS, encoding="utf-8")
    data = [[at, f"D{at}", f"Dự án {at}", at] for at in range(1, 5)]
    head = ["STT", "Mã", "Tên", "Vốn"]
    rows = [head, ["", "", "Khởi công mới"], *data[:2], [9, "", "Cầu treo"], *data[2:]]
    report = check(book(tmp_path / "a.xlsx", rows), catalogue, schema=tmp_path / "s.yaml")
    assert told(report) == [("S214", 2), ("V401", 5), ("V401", 5)]


def test_words_in_a_column_of_codes(tmp_path: Path, catalogue: Catalogue) -> None:
    """Nothing but a figure is wanted beside the code, and it stands empty."""
    (tmp_path / "s.yaml").write_text(
        "fields:\n  - {name: ma_hang, title: Mã, constraints: {required: true}}\n"
        "  - {name: ten, title: Tên}\n"
        "  - {name: gia, title: Giá, type: number, constraints: {required: true}}\n",
        encoding="utf-8",
    )
    rows = [["Mã", "Tên", "Giá"], ["Lương thực"], ["G1", "Gạo", 1], ["G2"], ["G3", "Ngô", 2]]
    for path in (book(tmp_path / "a.xlsx", rows), text(tmp_path / "a.csv", rows)):
        report = check(path, catalogue, schema=tmp_path / "s.yaml")
        assert told(report) == [("S214", 2), ("V401", 4)]


REGISTER = """
fields:
  - {name: ma, title: Mã, constraints: {required: true}}
  - {name: ten, title: Tên, constraints: {required: true}}
  - {name: von, title: Vốn, type: number}
"""


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_mark_in_place_of_a_code(tmp_path: Path, catalogue: Catalogue, kind: str) -> None:
    """Nothing is missing of such a row: all that must be filled is."""
    (tmp_path / "s.yaml").write_text(REGISTER, encoding="utf-8")
    head, data = ["Mã", "Tên", "Vốn"], [[f"D{at}", f"Dự án {at}", at] for at in range(1, 5)]
    path = tmp_path / f"a.{kind}"
    make: Callable[..., Path] = book if kind == "xlsx" else text
    rows = [head, ["A", "NHÓM C"], ["I", "Công trình dân dụng"], *data[:2], ["II.", "Khu vực 2"]]
    report = check(make(path, [*rows, *data[2:]]), catalogue, schema=tmp_path / "s.yaml")
    assert (told(report), report.rows) == ([("S214", 2), ("S214", 3), ("S214", 6)], 4)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize(
    "rows",
    [
        [["A", "Nông nghiệp"], ["B", "Khai khoáng"], ["C", "Chế biến"]],
        [["A", "Nông nghiệp"], ["01", "Trồng trọt"], ["02", "Lâm nghiệp"]],
        [["A", "Nông nghiệp", 5], ["B", "Khai khoáng", 6], ["01", "Trồng trọt", 7]],
        [["A", "Cầu treo"], ["B", "Đường", 6], ["C", "Trường học", 7]],
        [["D1", "Cầu treo", 5], ["D2", "Đường", 6], ["I", "Trường học"]],
        [["I", "12"], ["D1", "Cầu treo", 5], ["D2", "Đường", 6]],
    ],
)
def test_codes_that_are_letters_are_codes(
    tmp_path: Path, catalogue: Catalogue, kind: str, rows: list[list[object]]
) -> None:
    (tmp_path / "s.yaml").write_text(REGISTER, encoding="utf-8")
    path = tmp_path / f"a.{kind}"
    make: Callable[..., Path] = book if kind == "xlsx" else text
    report = check(make(path, [["Mã", "Tên", "Vốn"], *rows]), catalogue, schema=tmp_path / "s.yaml")
    assert (told(report), report.rows) == ([], 3)


def test_a_name_on_the_border_of_two_batches(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = [
        [f"KDL-M-016.{at:03d}", f"Hàng {at}", f"2026-{at // 30 + 1:02d}", 1] for at in range(300)
    ]
    for border in (9, 10, 11, 12):
        monkeypatch.setattr("iocsl.validate.readers.workbook.BATCH", border)
        rows = [HEAD, *data[:8], ["", "Hàng dệt"], ["", "Vải"], *data[8:]]
        report = prices(book(tmp_path / "a.xlsx", rows), catalogue)
        assert [each for each in told(report) if each[0] == "S214"] == [("S214", 10), ("S214", 11)]


def test_the_same_is_found_by_several_processes(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[Sequence[object]] = [HEAD]
    for at in range(9000):
        if at % 1000 == 0:
            rows.append(["", f"Nhóm {at}"])
        rows.append([f"KDL-M-016.{at % 20:03d}", NAMES[at % 5] * 9, f"2026-{at % 12 + 1:02d}", at])
    path = text(tmp_path / "a.csv", rows)
    monkeypatch.setattr(crew, "FRONT", 500)
    monkeypatch.setattr(crew, "PART", 20_000)
    worker = Worker("iocsl.validate.screener")
    asked: Any = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}
    alone = prices(path, catalogue)
    together = check(path, catalogue, workers=[worker], **asked)
    worker.close()
    assert alone.document()["findings"] == together.document()["findings"]
    assert sum(1 for each in alone.findings if each.code == "S214") == 9
