"""Codes and years are judged by the period of the row, where it has one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.domain import Finding, Severity
from iocsl.validate import check
from validate_books import text

HEAD = ["Mã chỉ tiêu", "Kỳ báo cáo", "Giá trị"]
MONTH: dict[str, Any] = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}


def found(
    folder: Path, catalogue: Catalogue, periods: Sequence[str], code: str, **said: Any
) -> list[Finding]:
    """The findings of a rule in a file with an indicator a row, of those periods."""
    rows = [[f"KDL-M-016.{at:03d}", each, "100"] for at, each in enumerate(periods, 1)]
    path = text(folder / "a.csv", [HEAD, *rows])
    report = check(path, catalogue, **{**MONTH, **said})
    return [each for each in report.findings if each.code == code]


@pytest.fixture
def aged(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """The catalogue where the second indicator was retired and the third is new."""
    known = catalogue.indicators("KDL-M-016")
    changed = [
        known[0],
        known[1]._replace(valid_to="2026-08-31", replaced_by=known[0].code),
        known[2]._replace(valid_from="2026-09-01"),
        *known[3:],
    ]
    monkeypatch.setattr(type(catalogue), "indicators", lambda *_: changed)
    return catalogue


@pytest.mark.parametrize(
    ("periods", "rows"),
    [
        (["2026-10", "2026-07", "2026-10"], []),
        (["2026-10", "2026-10", "2026-10"], [3]),
        (["2026-10", "10/2026", "2026-10"], [3]),
    ],
)
def test_a_retired_code_may_take_figures_of_its_time(
    tmp_path: Path, aged: Catalogue, periods: list[str], rows: list[int]
) -> None:
    assert [each.row for each in found(tmp_path, aged, periods, "C302")] == rows


@pytest.mark.parametrize(
    ("periods", "told"),
    [
        (["2026-10", "2026-07", "2026-10"], []),
        (["2026-10", "2026-07", "2026-08"], [(4, 1, "2026-08")]),
        (["2026-04", "2026-03", "2026-10"], [(2, 2, "2026-03, 2026-04")]),
        (["2026-10", "2026-10", "2015-10"], []),
    ],
)
def test_a_code_takes_no_figures_of_before_its_time(
    tmp_path: Path, aged: Catalogue, periods: list[str], told: list[tuple[int, int, str]]
) -> None:
    all_told = found(tmp_path, aged, periods, "C311")
    assert [(each.row, each.count) for each in all_told] == [each[:2] for each in told]
    assert all(each[2] in one.message for each, one in zip(told, all_told, strict=True))


@pytest.mark.parametrize("slip", ["2006-10", "2014-01", "2015-10", "2017-10", "1026-10"])
def test_a_year_of_long_ago_is_told(tmp_path: Path, catalogue: Catalogue, slip: str) -> None:
    told = found(tmp_path, catalogue, ["2026-10"] * 3 + [slip] + ["2026-10"] * 8, "P513")
    assert [(each.row, each.value) for each in told] == [(5, slip)]


@pytest.mark.parametrize(
    "periods",
    [
        [str(year) for year in range(2010, 2026)],
        ["2026-10", "2015"] * 6,
        ["2026-10"] * 11 + ["2021-10"],
        ["2026-10"] * 20 + ["2016", "2017", "2018", "2019", "2020"],
        ["2016"] * 3,
    ],
)
def test_series_and_base_years_are_no_slips(
    tmp_path: Path, catalogue: Catalogue, periods: list[str]
) -> None:
    assert not found(tmp_path, catalogue, periods, "P513")


def test_a_file_of_another_dataset_is_told_where_no_set_is_known(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    said = {"dataset": "KDL-Q-019", "period": "2026-Q3"}
    told = found(tmp_path, catalogue, ["2026-Q3"] * 12, "C306", **said)
    assert [(each.severity, each.count) for each in told] == [(Severity.ERROR, 12)]
    assert "KDL-M-016" in told[0].message
    assert not found(tmp_path, catalogue, ["2026-Q3"] * 12, "C309", **said)


def test_other_codes_are_still_free_where_no_set_is_known(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [[code, "2026-Q3", "1"] for code in ("KDL-Q-019.001", "GIA-02", "KDL-M-016.003")]
    path = text(tmp_path / "a.csv", [HEAD, *rows])
    report = check(path, catalogue, dataset="KDL-Q-019", unit="CQ-TC", period="2026-Q3")
    told = {each.code: each.count for each in report.findings}
    assert told == {"C306": 1, "C309": 1}
