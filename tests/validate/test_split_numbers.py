"""A figure with a comma and without quotes, in a file of commas: told, and never read as one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from validate_books import prices

HEAD = ["Mã chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị", "Ghi chú"]
Cells = Callable[[int], str]


def told(
    path: Path, catalogue: Catalogue, cells: Cells, head: list[str] = HEAD, mark: str = ","
) -> list[tuple[int | None, int, str]]:
    """Row, count and message of V432; `cells` are what stands after the area in a row."""
    rows = [f"KDL-M-016.{at:03d},2026-10,14,{cells(at)}" for at in range(1, 31)]
    lines = "\n".join([",".join(head), *rows]).replace(",", mark)
    path.write_text(lines, "utf-8")
    report = prices(path, catalogue)
    return [(each.row, each.count, each.message) for each in report.findings if each.code == "V432"]


@pytest.mark.parametrize("end", ["", ","])
def test_decimals_that_became_a_note(tmp_path: Path, catalogue: Catalogue, end: str) -> None:
    found = told(tmp_path / "a.csv", catalogue, lambda at: f"17193,{at}{end}")
    assert [each[:2] for each in found] == [(2, 30)]
    assert "“17193,1”" in found[0][2]


def test_one_row_of_a_file_without_decimals(tmp_path: Path, catalogue: Catalogue) -> None:
    found = told(tmp_path / "a.csv", catalogue, lambda at: "17193,5" if at == 4 else "17193,")
    assert [each[:2] for each in found] == [(5, 1)]


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (lambda _: "17193,xem lại 5", ","),
        (lambda _: "17193,", ","),
        (lambda _: "17193,5", ";"),
        (lambda _: "17193,5", "\t"),
        (lambda at: '"17193,5",' if at == 9 else "17193,5", ","),
        (lambda _: ",5", ","),
    ],
    ids=["words", "nothing", "semicolons", "tabs", "quotes", "no figure"],
)
def test_notes_that_are_notes(
    tmp_path: Path, catalogue: Catalogue, cells: Cells, mark: str
) -> None:
    assert told(tmp_path / "a.csv", catalogue, cells, mark=mark) == []


def test_only_the_column_right_beside_figures(tmp_path: Path, catalogue: Catalogue) -> None:
    head = [*HEAD[:4], "Nguồn", HEAD[4]]
    assert told(tmp_path / "a.csv", catalogue, lambda at: f"17193,chợ,{at}", head) == []
