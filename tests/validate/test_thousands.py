"""A figure a thousand times its column is told; columns that spread honestly are not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate import check
from validate_books import HEAD, book, prices, text

SCHEMA = """
fields:
  - {name: ten, title: Tên, constraints: {required: true}}
  - {name: dvt, title: Đơn vị tính}
  - {name: so, title: Số liệu, type: number, decimalChar: ",", groupChar: "."}
"""
LIKE = [1311, 1422, 1190, 1875, 1640, 1255, 1703, 1098, 1466, 1520]


def told(
    path: Path, catalogue: Catalogue, cells: Sequence[object], units: Sequence[str] = ()
) -> list[int | None]:
    """The rows of V433 in a table with a row for each cell."""
    schema = path.with_name("so.yaml")
    schema.write_text(SCHEMA, encoding="utf-8")
    names = [f"Bản {at}" for at in range(len(cells))]
    rows = zip(names, units or [""] * len(cells), cells, strict=True)
    table: list[list[object]] = [["Tên", "Đơn vị tính", "Số liệu"], *map(list, rows)]
    if path.suffix == ".csv":
        text(path, [[str(cell) for cell in row] for row in table])
    else:
        book(path, table)
    report = check(path, catalogue, schema=schema)
    return [each.row for each in report.findings if each.code == "V433"]


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        ([*LIKE, 1_311_000], 12),
        ([*LIKE, 1_311_000_000], 12),
        ([1.422, *LIKE], 2),
        (["1,422", *LIKE], 2),
        ([*LIKE, -1_311_000], 12),
        ([each / 2 for each in LIKE] + [0.6555], 12),
        ([0, 0, *LIKE, 1_190_000], 14),
        ([16_500.0, *[each * 11 for each in LIKE], 17_200_000.0], 13),
    ],
)
def test_a_figure_in_another_unit_is_told(
    tmp_path: Path, catalogue: Catalogue, cells: list[object], row: int
) -> None:
    assert told(tmp_path / "a.xlsx", catalogue, cells) == [row]


@pytest.mark.parametrize("slip", ["1422000", "1.422.000", "1,422", "1.422.000.000"])
def test_texts_are_judged_as_numbers_are(tmp_path: Path, catalogue: Catalogue, slip: str) -> None:
    cells = [f"{each:,}".replace(",", ".") for each in LIKE]
    for form in ("a.csv", "a.xlsx"):
        assert told(tmp_path / form, catalogue, [*cells[:4], "", slip, "–", *cells[4:]]) == [7]


def test_two_of_many_are_both_told(tmp_path: Path, catalogue: Catalogue) -> None:
    cells = [*LIKE, 1_311_000, *LIKE, 1.422]
    assert told(tmp_path / "a.xlsx", catalogue, cells) == [12, 23]


def test_units_are_compared_apart(tmp_path: Path, catalogue: Catalogue) -> None:
    cells, units = [*LIKE, 1.85, 1_311_000], ["người"] * 10 + ["con/phụ nữ", "nghìn đồng"]
    assert not told(tmp_path / "a.xlsx", catalogue, cells, units)
    assert told(tmp_path / "a.xlsx", catalogue, cells, [*units[:11], "người"]) == [13]


def test_what_is_told_already_is_not_told_again(tmp_path: Path, catalogue: Catalogue) -> None:
    decimals = [f"{each / 1000:.1f}".replace(".", ",") for each in LIKE]
    path = tmp_path / "a.xlsx"
    told(path, catalogue, [*decimals, "1.422"])
    report = check(path, catalogue, schema=tmp_path / "so.yaml")
    assert [each.code for each in report.findings] == ["V419"]
    english = ["1,422", "1,311", "1,190"]
    assert not told(path, catalogue, [*english, *LIKE * 3])


COMMUNES = [8_412, 6_120, 11_840, 4_310, 9_007, 15_230, 3_988, 7_415, 12_655, 5_870, 10_111, 2_640]
MANY = random.Random(7).choices(range(60, 900), k=400)  # noqa: S311 - made-up pupils of schools
HONEST: dict[str, list[object]] = {
    "population beside the province's": [*COMMUNES, sum(COMMUNES)],
    "population of the province alone above": [1_327_400, *COMMUNES],
    "area in hectares, one town": [
        4_512.5,
        6_120.0,
        8_840.7,
        3_310.2,
        9_007.9,
        5_230.4,
        321.6,
        7_415,
    ],
    "money by kind": [30_500, 1_250, 480, 95, 12_000, 36, 7_800, 220, 64, 3_100],
    "many kinds, one very large": [50, 80, 120, 30, 20, 45, 60, 90, 3, 65_000],
    "prices of goods": [9_200, 16_500, 28_000, 7_800, 2_350, 62_500, 415_000, 428_000, 14_250_000],
    "projects": [1_500, 320, 12_800, 45_000, 980, 230_000, 5_600, 75, 18_000, 1_250_000],
    "rates in per cent": [1.2, 98.5, 45.3, 12.8, 0.4, 77.1, 63.0, 22.9, 5.5],
    "poor households": [312, 450, 280, 3, 510, 390, 275, 602, 418, 333],
    "beds": [10, 12, 8, 15, 10, 9, 500, 12, 11, 10],
    "cattle, a ward among communes": [2_450, 3_120, 1_980, 4_015, 16, 2_764, 3_388, 5_120, 2_207],
    "rice, a ward among communes": [512.4, 640.2, 388.5, 3.5, 702.1, 455.0, 590.8, 610.3, 470.6],
    "rain": [0.2, 125.5, 310.8, 14.6, 0.0, 88.2, 410.1, 5.4, 201.0],
    "zeros": [0, 0, 0, 0, 5, 0, 0, 12, 0, 1_400],
    "years": [2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023],
    "numbers of rows": list(range(1, 41)),
    "powers": [10**each for each in range(10)],
    "halves": [2.0**-each for each in range(20)],
    "density": [45, 62, 80, 1_240, 98, 38, 55, 71, 3_900, 66],
    "schools with their sum": [*MANY[:40], sum(MANY[:40])],
    "four hundred schools with their sum": [*MANY, sum(MANY)],
    "sum on top": [sum(MANY), *MANY],
    "rounded sum": [*MANY, round(sum(MANY), -2) + 300],
    "sum of a group on top": [*MANY[:40], sum(MANY[40:]), *MANY[40:]],
    "sum of a group below": [*MANY[:350], sum(MANY[:350]), *MANY[350:]],
    "two levels": [2 * sum(MANY[:150]) / 2, *MANY[:75], *MANY[75:150]],
    "budget in đồng": [
        1_250_000_000,
        480_500_000,
        95_000_000,
        12_000_000,
        7_800_000_000,
        64_000_000,
    ]
    * 2,
    "fees": [5_000, 10_000, 20_000, 50_000, 2_000, 500, 100_000, 15_000, 3_000],
    "losses": [-120, 450, 980, -30, 760, 0, 1_250, 640, -2_200],
    "two thirds small": [3, 4, 2, 6, 3, 5, 1_400, 4, 2, 5_200, 3, 4],
    "a half in another unit": [1_311, 1_422_000] * 6,
    "seven figures": [*LIKE[:6], 1_311_000],
    "ten times": [*LIKE, 14_220],
    "fifty times": [*LIKE, 71_000],
    "not within by a thousand": [*LIKE, 350_000],
    "temperatures": [23.5, 24.1, 22.8, 25.0, 0.5, 23.9, 24.4, 22.1],
    "decimals of formulas": [*LIKE, 355.20000000000005, 0.1 + 0.2],
    "figures alike": [100] * 30,
    "none": [""] * 12,
    "one": [1_311_000, *[""] * 12],
    "coordinates": [21.327, 103.914, 21.19, 103.55, 20.98, 104.6, 21.5, 103.8],
    "decimals of three places": [f"{each / 1000:.3f}".replace(".", ",") for each in LIKE],
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_columns_are_silent(tmp_path: Path, catalogue: Catalogue, name: str) -> None:
    assert not told(tmp_path / "a.xlsx", catalogue, HONEST[name])


def test_totals_are_no_figures_of_the_column(tmp_path: Path, catalogue: Catalogue) -> None:
    path, schema = tmp_path / "a.xlsx", tmp_path / "so.yaml"
    schema.write_text(SCHEMA, encoding="utf-8")
    rows = [[f"Bản {at}", "", each] for at, each in enumerate(LIKE)]
    book(path, [["Tên", "Đơn vị tính", "Số liệu"], *rows, ["Tổng cộng", "", 1_422_000]])
    assert "V433" not in {each.code for each in check(path, catalogue, schema=schema).findings}


@pytest.mark.parametrize(("cell", "rows"), [("7,800", [5]), (7_800, []), ("7.800", []), (7.8, [])])
def test_a_text_among_prices_of_other_goods(
    tmp_path: Path, catalogue: Catalogue, cell: object, rows: list[int]
) -> None:
    goods = [9_200, 16_500, 28_000, cell, 2_350, 62_500, 138_000, 272_000, 151_000, 38_500]
    table = [[f"KDL-M-016.{at:03d}", "2026-10", "14", each] for at, each in enumerate(goods, 1)]
    report = prices(book(tmp_path / "a.xlsx", [HEAD, *table]), catalogue)
    assert [each.row for each in report.findings if each.code == "V433"] == rows


def test_long_tables_are_let_be(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iocsl.validate.rules.thousands.ROWS", 10)
    assert not told(tmp_path / "a.csv", catalogue, [*LIKE, 1_311_000])
