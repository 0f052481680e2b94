"""Names and totals of groups in the one column that names the rows of data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate import Report, check
from validate_books import book, text

SCHEMA = """\
name: dan_so
fields:
  - {name: xa, title: Xã, type: string, constraints: {required: true}}
  - {name: nam, title: Nam, type: number, decimalChar: ","}
  - {name: nu, title: Nữ, type: number, decimalChar: ","}
"""
HEAD = ["Xã", "Nam", "Nữ"]
Look = Callable[[Sequence[list[object]]], Report]
A, B, C = ["A", 49, 51], ["B", 99, 101], ["C", 150, 150]


@pytest.fixture(params=["xlsx", "csv"])
def seen(request: pytest.FixtureRequest, tmp_path: Path, catalogue: Catalogue) -> Look:
    schema = tmp_path / "s.yaml"
    schema.write_text(SCHEMA, encoding="utf-8")

    def look(rows: Sequence[list[object]]) -> Report:
        path = tmp_path / f"a.{request.param}"
        made = book if request.param == "xlsx" else text
        return check(made(path, [HEAD, *rows]), catalogue, schema=schema)

    return look


def codes(report: Report) -> list[tuple[str, int | None]]:
    return [(each.code, each.row) for each in report.findings]


def grouped(first: str, total: str, nam: int = 148) -> list[list[object]]:
    return [
        [first],
        A,
        B,
        [total, nam, 152],
        ["II. Khu vực 2"],
        C,
        ["Cộng khu vực 2", 150, 150],
        ["Tổng cộng", 298, 302],
    ]


@pytest.mark.parametrize(
    ("first", "total"),
    [
        ("I. Khu vực 1", "Cộng khu vực 1"),
        ("A. Vùng dọc sông Đà", "Cộng vùng dọc sông Đà"),
        ("I. Cây lương thực", "Cộng cây lương thực"),
        ("I. Cây lương thực", "TỔNG CỘNG CÂY LƯƠNG THỰC:"),
        ("B. Thuận Châu", "Tổng Thuận Châu"),
        ("I. Lúa", "Cộng I"),
    ],
)
def test_a_group_and_its_total_are_no_data(seen: Look, first: str, total: str) -> None:
    report = seen(grouped(first, total))
    assert report.rows == 3
    kept = [("S214", 2), ("S208", 5), ("S214", 6), ("S208", 8), ("S208", 9)]
    assert codes(report) == kept


def test_the_wrong_total_of_a_group_is_told(seen: Look) -> None:
    report = seen(grouped("I. Khu vực 1", "Cộng khu vực 1", 158))
    (told,) = [each for each in report.findings if each.code == "X706"]
    assert (told.row, told.column, told.value) == (5, "nam", "158")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Cộng Hòa",
            "Cộng hòa Séc",
            "Cộng đồng bản A",
            "Cộng tác viên",
            "Công xã A",
            "Công khu 1",
        ),
        *("Tổng công ty Sông Đà", "Tổng cục Thuế", "Tổng kho xăng dầu", "Tổng đài 1022"),
        *(
            "Tổng Lạnh",
            "Tổng hợp",
            "Tổng số hộ",
            "Tông Cọ",
            "Chung Chải",
            "Chung",
            "Công ngành dệt",
        ),
        *("I. Chiềng An", "A. Chiềng Mai", "V. Hạnh", "D. Hùng", "Phát sinh mới", "Nợ phát sinh"),
    ],
)
def test_a_row_of_data_with_a_name_that_begins_so_is_data(seen: Look, name: str) -> None:
    report = seen([A, [name, 3, 4], B])
    assert (report.rows, codes(report)) == (3, [])


def test_lettered_rows_that_lost_their_figures_are_data(seen: Look) -> None:
    report = seen([["A. Chiềng Mai", 1, 2], ["B. Mường Bon"], ["C. Hát Lót", 3, 4]])
    assert (report.rows, codes(report)) == (3, [])
    assert seen([A, ["I. Khu vực cuối"]]).rows == 2


def test_a_nil_return_in_that_column(seen: Look) -> None:
    report = seen([["Kỳ này không phát sinh"]])
    assert (report.rows, codes(report)) == (0, [("N901", 2)])
