"""What neighbours suggest does not depend on how a reader cuts a table into batches."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate import check
from iocsl.validate.readers import delimited
from iocsl.validate.rules.scale import median
from validate_books import HEAD, book, prices, text

SCHEMA = """
fields:
  - {name: k, type: string, constraints: {pattern: "K[0-9]+"}}
  - {name: v, type: number, decimalChar: ",", groupChar: "."}
"""


def test_the_sample_ends_at_the_same_figure(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(1)  # noqa: S311 - a repeatable sample, no secret
    figures = [f"{chance.randrange(90)},5" for _ in range(3_000)]
    figures[7] = figures[2_500] = "45.678"
    rows = [["k", "v"], *([f"K{at}", each] for at, each in enumerate(figures))]
    (tmp_path / "s.yaml").write_text(SCHEMA, "utf-8")
    path = text(tmp_path / "a.csv", rows)

    def told() -> list[tuple[str, int | None, str]]:
        found = check(path, catalogue, schema=tmp_path / "s.yaml").findings
        return [(each.code, each.row, each.message) for each in found]

    whole = told()
    assert [each[:2] for each in whole] == [("V419", 9), ("V419", 2502)]
    monkeypatch.setattr(delimited, "PIECE", 4_000)
    assert told() == whole


def test_a_long_text_is_held_against_the_pattern(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "s.yaml").write_text(SCHEMA, "utf-8")
    path = text(tmp_path / "a.csv", [["k", "v"], ["K1", "1"], ["K" + "1" * 2000 + "x", "2"]])
    found = check(path, catalogue, schema=tmp_path / "s.yaml").findings
    assert [(each.code, each.row) for each in found] == [("V410", 3)]


def coded(path: Path, catalogue: Catalogue, schema: Path) -> list[tuple[str, int | None]]:
    return [(each.code, each.row) for each in check(path, catalogue, schema=schema).findings]


def test_thousands_are_told_whatever_the_delimiter(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(SCHEMA, "utf-8")
    figures = ["12,500", "13,000", "9,250", "khoảng 5,2"]
    for mark in (";", ",", "\t"):
        body = "".join(f'K{at}{mark}"{each}"\n' for at, each in enumerate(figures))
        path = tmp_path / "a.csv"
        path.write_text(f"k{mark}v\n{body}", "utf-8")
        assert coded(path, catalogue, schema) == [("V431", 2), ("V402", 5)], mark


def test_spaces_hide_no_group_among_decimals(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(SCHEMA, "utf-8")
    figures = ["1,5", "2,5", "3,5", "1,5", "2,5", " 1.234 "]
    path = text(
        tmp_path / "a.csv", [["k", "v"], *([f"K{n}", one] for n, one in enumerate(figures))]
    )
    assert ("V419", 7) in coded(path, catalogue, schema)


@pytest.mark.parametrize("many", range(1, 8))
def test_the_middle_figure_is_that_of_statistics(many: int) -> None:
    figures = [5.0, -1.5, 3.25, 3.25, 0.0, 9.0, 2.0][:many]
    assert median(figures) == statistics.median(figures)


def test_the_province_is_not_compared_with_its_communes(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """Seventy communes add up to a figure that is no slip of thousands."""
    head = ["ma_chi_tieu", "ky_bao_cao", "dia_ban", "gia_tri"]
    communes = ["03646", "03664", "03670", "03679", "03688"]
    rows = [["KDL-M-016.001", "2026-10", each, "2"] for each in communes]
    total = ["KDL-M-016.001", "2026-10", "14", "3000"]
    slip = ["KDL-M-016.001", "2026-10", "03694", "3000"]
    path = text(tmp_path / "a.csv", [head, total, *rows, slip])
    found = check(path, catalogue, dataset="KDL-M-016", unit="CQ-TC", period="2026-10").findings
    assert [(each.code, each.row) for each in found if each.code == "V420"] == [("V420", 8)]


@pytest.mark.parametrize("make", [book, text])
def test_a_figure_is_told_alike_in_every_format(
    make: Callable[..., Path], tmp_path: Path, catalogue: Catalogue
) -> None:
    areas = ["03646", "03664", "03670", "03679", "04105"]
    figures = [8500, 8600, 8700, 8800, -12000000]
    rows = [["KDL-M-016.001", "2026-10", *each] for each in zip(areas, figures, strict=True)]
    path = make(tmp_path / ("a.xlsx" if make is book else "a.csv"), [HEAD, *rows])
    (told,) = (each for each in prices(path, catalogue).findings if each.code == "V420")
    assert "Giá trị -12.000.000 của KDL-M-016.001" in told.message
    assert told.value == "-12000000"


def test_a_doubtful_separator_is_told_once(tmp_path: Path, catalogue: Catalogue) -> None:
    areas = sorted(communes(catalogue))[:9]
    rows = [["KDL-M-016.001", "2026-10", area, f"12,{at}"] for at, area in enumerate(areas)]
    rows[4][3] = "12.450"
    found = prices(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue).findings
    assert [(each.code, each.row) for each in found if each.row] == [("V419", 6)]
    rows[4][3] = "12450"
    found = prices(text(tmp_path / "b.csv", [HEAD, *rows]), catalogue).findings
    assert [(each.code, each.row) for each in found if each.row] == [("V420", 6)]
    assert "gấp 996 lần mức" in found[-1].message


def communes(catalogue: Catalogue) -> list[str]:
    return [
        each.official_code
        for each in catalogue.units()
        if each.official_code and each.kind in {"commune", "ward"} and each.level == "commune"
    ]
