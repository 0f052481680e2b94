"""Each rule's dates: the facts that `docs/deadlines.md` and the regulations give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iocsl.catalog import Catalogue
from iocsl.catalog.mirror import read_mirror
from iocsl.deadlines import Obligation, Readings, Timetable, Wanted, obligations, obligations_of
from iocsl.deadlines.rules import period_of
from iocsl.domain import ExitCode, PeriodType, Regime
from iocsl.errors import IocslError

KEYS = [
    "id", "rule", "regime", "period", "period_type", "unit", "datasets", "basis", "wording",
    "nominal_last_day", "nominal_before", "last_day", "due_before", "boundary", "rolled", "reasons",
    "non_working", "would_move_to", "advised_by", "calendar_status", "alternatives", "flags",
]  # fmt: skip


@pytest.fixture(scope="module")
def timetable(built: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Timetable:
    """One for all tests that only read it."""
    catalogue = read_mirror(built())
    assert catalogue is not None
    return Timetable(catalogue, Readings(tmp_path_factory.mktemp("nha")))


def read_as(catalogue: Catalogue, home: Path, **readings: Any) -> Timetable:
    return Timetable(catalogue, Readings(home, **readings))


def one(timetable: Timetable, id_: str) -> Obligation:
    rule, _, period = id_.partition("/")
    found = timetable.obligation(timetable.rules[rule], period_of(period))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("id_", "nominal", "last"),
    [
        ("2023.lead/2025-01", "2025-01-25", "2025-02-03"),
        ("2023.lead/2026-04", "2026-04-25", "2026-04-28"),
        ("2023.lead/2026-10", "2026-10-25", "2026-10-26"),
        ("2023.lead/2026-12", "2026-12-25", "2026-12-25"),
        ("2023.lead/2026-Q4", "2026-12-25", "2026-12-25"),
        ("2023.lead/2026-H1", "2026-06-25", "2026-06-25"),
        ("2023.lead/2026-H2", "2026-12-25", "2026-12-25"),
        ("2023.lead/2026-9M", "2026-09-25", "2026-09-25"),
        ("2023.lead/2026", "2026-12-25", "2026-12-25"),
        ("2023.commune/2026-01", "2026-01-17", "2026-01-19"),
        ("2023.commune/2026-Q2", "2026-06-17", "2026-06-17"),
        ("2023.participant/2026-01", "2026-01-17", "2026-01-19"),
        ("2023.participant/2026-11", "2026-11-17", "2026-11-17"),
        ("2023.ktxh.send/2026-10", "2026-10-17", "2026-10-19"),
        ("2023.ktxh.ioc/2026-11", "2026-11-23", "2026-11-23"),
        ("2023.ktxh.ioc/2025-08", "2025-08-23", "2025-08-25"),
        ("2023.ktxh.q.send/2026-Q1", "2026-03-17", "2026-03-17"),
        ("2023.ktxh.q.ioc/2026-H1", "2026-06-23", "2026-06-23"),
        ("2023.ktxh.q.ioc/2026-9M", "2026-09-23", "2026-09-23"),
        ("2023.ktxh.q.ioc/2026", "2026-12-23", "2026-12-23"),
        ("2023.ct.30/2026-02", "2026-02-28", "2026-03-02"),
        ("2023.ct.30/2024-02", "2024-02-29", "2024-02-29"),
        ("2023.tk.30/2025-04", "2025-04-30", "2025-05-05"),
        ("2023.tk.30/2023-12", "2023-12-30", "2024-01-02"),
        ("2023.tk.24/2026-08", "2026-09-02", "2026-09-03"),
        ("2023.tk.24/2025-12", "2026-01-02", "2026-01-05"),
        ("2023.tk.row1/2026-Q1", "2026-04-06", "2026-04-06"),
        ("2023.tk.row2/2026-H1", "2026-06-06", "2026-06-08"),
        ("2023.tk.row3/2026", "2026-08-06", "2026-08-06"),
        ("2023.tk.row4/2026-9M", "2026-10-06", "2026-10-06"),
        ("2023.tk.row5/2026", "2026-12-06", "2026-12-07"),
        ("2023.tk.row6/2025", "2026-04-06", "2026-04-06"),
        ("2023.tk.row7/2026-Q1", "2026-05-20", "2026-05-20"),
        ("2023.tk.row8/2026-H1", "2026-08-20", "2026-08-20"),
        ("2023.tk.row9/2026-Q3", "2026-11-20", "2026-11-20"),
        ("2023.tk.row10/2025", "2026-03-30", "2026-03-30"),
        ("2023.tk.row11/2026-DX", "2026-05-20", "2026-05-20"),
        ("2023.tk.row12/2026-DX", "2026-08-20", "2026-08-20"),
        ("2023.tk.row13/2026-VM", "2026-09-20", "2026-09-21"),
        ("2023.tk.row14/2025-VM", "2026-02-10", "2026-02-10"),
        ("2023.tk.row15/2026", "2026-09-20", "2026-09-21"),
        ("2023.tk.row16/2025", "2026-02-10", "2026-02-10"),
        ("2023.tk.row17/2026-H1", "2026-05-20", "2026-05-20"),
        ("2023.tk.row18/2026-9M", "2026-09-20", "2026-09-21"),
        ("2023.tk.row19/2025", "2026-02-10", "2026-02-10"),
        ("2023.tk.row20/2026", "2026-08-30", "2026-09-03"),
        ("2023.tk.row21/2025", "2026-04-20", "2026-04-20"),
        ("1134.daily/2026-11-22", "2026-11-22", "2026-11-22"),
        ("1134.month/2026-10", "2026-10-25", "2026-10-25"),
        ("1134.quarter/2026-Q3", "2026-09-25", "2026-09-25"),
        ("1134.year/2026", "2026-11-25", "2026-11-25"),
        ("1134.report/2026-Q3", "2026-09-24", "2026-09-24"),
        ("1134.report/2027-Q1", "2027-03-24", "2027-03-24"),
    ],
)
def test_last_days(timetable: Timetable, id_: str, nominal: str, last: str) -> None:
    found = one(timetable, id_)
    assert found.nominal.last_day == date.fromisoformat(nominal)
    assert found.due.last_day == date.fromisoformat(last)
    assert found.rolled is (nominal != last)


def test_every_computed_rule_has_a_fact_above(timetable: Timetable) -> None:
    marks = test_last_days.pytestmark  # type: ignore[attr-defined] # set by parametrize
    stated = {case[0].partition("/")[0] for mark in marks for case in mark.args[1]}
    computed = {rule.id for rule in timetable.rules.values() if rule.computed}
    assert computed - stated == {"1134.change"}


def test_the_contracts_example_of_2023(timetable: Timetable) -> None:
    found = one(timetable, "2023.lead/2026-10").document()
    assert list(found) == KEYS
    assert found["nominal_last_day"] == "2026-10-25"
    assert found["nominal_before"] == "2026-10-26T00:00:00+07:00"
    assert found["last_day"] == "2026-10-26"
    assert found["due_before"] == "2026-10-27T00:00:00+07:00"
    assert found["boundary"] == "exclusive"
    assert found["rolled"] is True
    assert found["reasons"] == [{"date": "2026-10-25", "why": "Chủ nhật", "document": None}]
    assert found["would_move_to"] is None
    assert found["advised_by"] is None


def test_the_contracts_example_of_1134(timetable: Timetable) -> None:
    found = one(timetable, "1134.month/2026-10").document()
    assert found["nominal_before"] == found["due_before"] == "2026-10-25T17:00:00+07:00"
    assert found["rolled"] is False
    assert found["non_working"] is True
    assert found["advised_by"] == "2026-10-23"
    assert found["would_move_to"] == "2026-10-26"
    assert found["alternatives"] == {
        "deadlines.rollover_1134=following": {
            "last_day": "2026-10-26",
            "due_before": "2026-10-26T17:00:00+07:00",
        }
    }


def test_why_april_2026_moves_to_the_28th(timetable: Timetable) -> None:
    """Saturday 25, Hùng Kings on Sunday 26, its compensation on Monday 27."""
    found = one(timetable, "2023.lead/2026-04")
    assert [each.date.day for each in found.reasons] == [25, 26, 27]
    assert found.reasons[1].why.vi == "Ngày Giỗ Tổ Hùng Vương"
    assert found.reasons[2].document == "Bộ luật Lao động 2019, Điều 111.3"
    assert found.calendar_status == "law"


def test_tet_2025_is_official_and_cites_its_notice(timetable: Timetable) -> None:
    found = one(timetable, "2023.lead/2025-01")
    assert found.calendar_status == "official"
    assert any("6150/TB-BLĐTBXH" in (each.document or "") for each in found.reasons)


def test_before_the_18th_ends_with_the_17th_and_the_18th_is_disputed(timetable: Timetable) -> None:
    found = one(timetable, "2023.participant/2026-11")
    assert found.document()["due_before"] == "2026-11-18T00:00:00+07:00"
    assert found.disputed_until is not None
    assert found.disputed_until.isoformat() == "2026-11-19T00:00:00+07:00"
    rolled = one(timetable, "2023.participant/2026-01")
    assert rolled.document()["due_before"] == "2026-01-20T00:00:00+07:00"
    assert rolled.disputed_until is not None
    assert rolled.disputed_until.isoformat() == "2026-01-21T00:00:00+07:00"


def test_the_quarterly_report_has_the_24th_to_its_end_and_no_dataset(timetable: Timetable) -> None:
    found = one(timetable, "1134.report/2026-Q4").document()
    assert found["last_day"] == "2026-12-24"
    assert found["due_before"] == "2026-12-25T00:00:00+07:00"
    assert found["datasets"] == []


def test_a_proposed_day_off_is_another_reading(timetable: Timetable) -> None:
    found = one(timetable, "2023.ktxh.ioc/2026-11").document()
    assert found["last_day"] == "2026-11-23"
    assert found["calendar_status"] == "proposed"
    assert found["alternatives"]["calendar=proposed"]["last_day"] == "2026-11-25"


def test_what_the_whole_life_of_both_regimes_looks_like(timetable: Timetable) -> None:
    found = timetable.between(date(2023, 3, 1), date(2028, 1, 31))
    ids = [each.id for each in found]
    assert len(ids) == len(set(ids))
    assert [(each.due.due_before, each.id) for each in found] == sorted(
        (each.due.due_before, each.id) for each in found
    )
    assert {each.rule for each in found} == {
        rule.id for rule in timetable.rules.values() if rule.computed
    } - {"1134.change"}
    for each in found:
        assert date(2023, 3, 1) <= each.nominal.last_day <= date(2028, 1, 31)
        assert each.boundary == "exclusive"
        assert each.due.last_day >= each.nominal.last_day
        if each.regime is Regime.QD1134:
            assert not each.rolled
            assert each.nominal.last_day >= date(2026, 5, 13)
        else:
            assert timetable.calendar.is_working(each.due.last_day)
    assert one(timetable, "2023.lead/2027-12").calendar_status == "predicted"


def test_the_window_keeps_both_ends(timetable: Timetable) -> None:
    day = date(2026, 10, 25)
    assert {each.id for each in timetable.between(day, day)} == {
        "1134.daily/2026-10-25",
        "1134.month/2026-10",
        "2023.lead/2026-10",
    }


@settings(max_examples=20, deadline=None)
@given(st.dates(date(2023, 3, 1), date(2028, 1, 31)), st.integers(0, 90))
def test_any_window_is_a_part_of_the_whole(timetable: Timetable, start: date, days: int) -> None:
    end = min(start + timedelta(days=days), date(2028, 1, 31))
    part = {each.id for each in timetable.between(start, end)}
    whole = timetable.between(date(2023, 3, 1), date(2028, 1, 31))
    assert part == {each.id for each in whole if start <= each.nominal.last_day <= end}


def test_a_period_before_the_regime_counts_when_its_day_comes_after(timetable: Timetable) -> None:
    found = timetable.between(date(2023, 3, 1), date(2023, 4, 6))
    assert "2023.tk.row6/2022" in {each.id for each in found}
    assert "2023.tk.24/2023-02" in {each.id for each in found}
    assert timetable.of_period(period_of("2023-02"))
    assert not any(each.rule == "2023.lead" for each in timetable.of_period(period_of("2023-02")))


@pytest.mark.parametrize("window", [("2029-01-01", "2029-02-01"), ("2022-01-01", "2023-05-01")])
def test_a_window_outside_the_calendar_is_undecided(
    timetable: Timetable, window: tuple[str, str]
) -> None:
    with pytest.raises(IocslError) as caught:
        timetable.between(date.fromisoformat(window[0]), date.fromisoformat(window[1]))
    assert caught.value.exit_code is ExitCode.UNDECIDED


# datasets


def test_the_lead_rule_leaves_out_what_has_a_date_of_its_own(timetable: Timetable) -> None:
    month = one(timetable, "2023.lead/2026-10").datasets
    assert len(month) == 61
    assert {"IOC-11-01", "IOC-11-03", "IOC-02-03", "IOC-21-22"}.isdisjoint(month)
    assert "IOC-11-02" in month
    year = one(timetable, "2023.lead/2026").datasets
    assert "IOC-02-04" in year
    assert "IOC-02-01" not in year
    assert not any(code.startswith("IOC-21-") for code in year)
    assert one(timetable, "2023.lead/2026-9M").datasets == ()


def test_half_years(timetable: Timetable) -> None:
    first = one(timetable, "2023.lead/2026-H1").datasets
    second = one(timetable, "2023.lead/2026-H2").datasets
    assert second == ("IOC-14-08",)
    assert {"IOC-14-08", "IOC-15-02", "IOC-19-02"} <= set(first)


def test_quarter_and_year_both_fall_due(timetable: Timetable) -> None:
    both = [
        each.code
        for each in timetable.catalogue.datasets(regime=Regime.QD2023)
        if {"quarter", "year"} <= set(each.periods)
    ]
    assert len(both) == 7
    assert set(both) <= set(one(timetable, "2023.lead/2026-Q4").datasets)
    assert set(both) <= set(one(timetable, "2023.lead/2026").datasets)


def test_those_who_feed_have_the_forms_of_the_lead(timetable: Timetable) -> None:
    for period in ("2026-10", "2026-Q1", "2026-H1", "2026"):
        lead = one(timetable, f"2023.lead/{period}").datasets
        assert one(timetable, f"2023.participant/{period}").datasets == lead
        commune = one(timetable, f"2023.commune/{period}")
        assert commune.datasets == lead
        assert "addressee_abolished" in commune.flags


def test_socio_economic_forms(timetable: Timetable) -> None:
    assert one(timetable, "2023.ktxh.ioc/2026-10").datasets == ("IOC-02-03",)
    assert one(timetable, "2023.ktxh.q.ioc/2026-H1").datasets == ("IOC-02-02",)
    assert one(timetable, "2023.ktxh.q.ioc/2026").datasets == ("IOC-02-01", "IOC-02-02")


@pytest.mark.parametrize(
    ("rule", "count"), [("1134.daily/2026-11-22", 11), ("1134.month/2026-10", 19),
                        ("1134.quarter/2026-Q3", 26), ("1134.year/2026", 106)]
)  # fmt: skip
def test_lists_of_1134(timetable: Timetable, rule: str, count: int) -> None:
    assert len(one(timetable, rule).datasets) == count


def test_every_dataset_has_a_rule_or_is_named_as_having_none(timetable: Timetable) -> None:
    covered = {
        code
        for each in timetable.between(date(2026, 6, 1), date(2027, 12, 1))
        for code in each.datasets
    }
    without = timetable.coverage.without_deadline()
    changes = {each.code for each in timetable.catalogue.datasets() if each.list == "E"}
    assert covered.isdisjoint(without)
    assert covered | set(without) | changes == {
        each.code for each in timetable.catalogue.datasets()
    }
    assert without["IOC-04-10"] == "2023.blank"
    assert without["IOC-17-06"] == "2023.realtime"
    assert sum(rule == "2023.daily" for rule in without.values()) == 7


@pytest.mark.parametrize(
    ("code", "period", "ids"),
    [
        ("IOC-01-01", "2026-10", ["2023.lead/2026-10"]),
        ("IOC-01-01", "2026-Q3", []),
        ("IOC-02-02", "2026-Q2", ["2023.ktxh.q.ioc/2026-H1"]),
        ("IOC-02-02", "2026-Q4", ["2023.ktxh.q.ioc/2026"]),
        ("IOC-21-22", "2026-10", ["2023.tk.30/2026-10"]),
        ("IOC-21-09", "2026-Q3", ["2023.tk.row9/2026-Q3"]),
        ("IOC-21-09", "2026-Q2", []),
        ("IOC-07-02", "2026-10-01", []),
        ("KDL-M-016", "2026-10", ["1134.month/2026-10"]),
        ("KDL-M-016", "2026-04", []),
        ("KDL-M-016", "20261122T080000+0700", ["1134.change/20261122T080000+0700"]),
        ("KDL-E-001", "20261122T080000+0700", ["1134.change/20261122T080000+0700"]),
        ("KDL-D-001", "20261122T080000+0700", []),
    ],
)
def test_what_a_submission_must_meet(
    timetable: Timetable, code: str, period: str, ids: list[str]
) -> None:
    dataset = timetable.catalogue.dataset(code)
    found = obligations_of(timetable, dataset, period_of(period))
    assert [each.id for each in found] == ids
    assert all(each.datasets == (code,) for each in found)


# other readings


def test_rollover_of_1134_is_a_setting(catalogue: Catalogue, home: Path) -> None:
    found = one(read_as(catalogue, home, rollover_1134="following"), "1134.month/2026-10")
    assert found.document()["due_before"] == "2026-10-26T17:00:00+07:00"
    assert found.rolled
    assert found.would_move_to is None
    assert list(found.alternatives) == ["deadlines.rollover_1134=none"]


def test_annex_dates_may_stay(catalogue: Catalogue, home: Path) -> None:
    read = read_as(catalogue, home, rollover_annex="none")
    assert one(read, "2023.tk.30/2025-04").due.last_day == date(2025, 4, 30)
    assert one(read, "2023.tk.30/2025-04").advised_by == date(2025, 4, 29)
    assert one(read, "2023.lead/2025-01").due.last_day == date(2025, 2, 3)


def test_the_named_18th(catalogue: Catalogue, home: Path) -> None:
    read = read_as(catalogue, home, before_18="named_day")
    found = one(read, "2023.participant/2026-11")
    assert found.due.last_day == date(2026, 11, 18)
    assert found.disputed_until is None
    assert one(read, "1134.report/2026-Q4").due.last_day == date(2026, 12, 24)


def test_doubtful_rows(catalogue: Catalogue, home: Path) -> None:
    read = read_as(catalogue, home, tk_row16="as_printed", tk_row2="july")
    assert one(read, "2023.tk.row16/2026").nominal.last_day == date(2026, 2, 10)
    assert one(read, "2023.tk.row2/2026-H1").nominal.last_day == date(2026, 7, 6)
    assert "2023.tk.row16/2026" in {
        each.id for each in read.between(date(2026, 2, 1), date(2026, 2, 28))
    }


def test_the_general_25th_for_industry_and_trade(catalogue: Catalogue, home: Path) -> None:
    read = read_as(catalogue, home, ct_30="general")
    assert {"IOC-11-01", "IOC-11-03"} <= set(one(read, "2023.lead/2026-10").datasets)
    year = read.between(date(2026, 1, 1), date(2026, 12, 31))
    assert not any(each.rule == "2023.ct.30" for each in year)


def test_the_general_25th_for_socio_economic_forms(catalogue: Catalogue, home: Path) -> None:
    read = read_as(catalogue, home, ktxh_forms="general")
    assert "IOC-02-03" in one(read, "2023.lead/2026-10").datasets
    assert "IOC-02-02" in one(read, "2023.lead/2026-Q2").datasets
    assert one(read, "2023.ktxh.ioc/2026-10").datasets == ()


def test_half_years_read_otherwise(catalogue: Catalogue, home: Path) -> None:
    both = read_as(catalogue, home, half_with_year="both")
    assert len(one(both, "2023.lead/2026-H2").datasets) == 7
    first = read_as(catalogue, home, half_alone="first")
    assert one(first, "2023.lead/2026-H2").datasets == ()


def test_the_30th_of_february_in_march(catalogue: Catalogue, home: Path) -> None:
    read = read_as(catalogue, home, february_30="march")
    assert one(read, "2023.tk.30/2024-02").nominal.last_day == date(2024, 3, 1)


def test_another_start_of_1134(catalogue: Catalogue, home: Path) -> None:
    read = read_as(catalogue, home, applies_from_1134="2026-07-01")
    june = read.between(date(2026, 6, 1), date(2026, 6, 30), Wanted(regime=Regime.QD1134))
    assert june == []


@pytest.mark.parametrize("by", ["rule", "dataset", "unit"])
def test_the_same_duties_however_they_are_grouped(
    catalogue: Catalogue, home: Path, by: str
) -> None:
    found = obligations(
        catalogue, Readings(home), start=date(2026, 10, 1), end=date(2026, 12, 31), by=by
    )
    pairs = sorted((each.id, code) for each in found for code in each.datasets)
    expected = obligations(
        catalogue, Readings(home), start=date(2026, 10, 1), end=date(2026, 12, 31)
    )
    assert pairs == sorted((each.id, code) for each in expected for code in each.datasets)


def test_units(timetable: Timetable) -> None:
    found = timetable.between(date(2026, 10, 1), date(2026, 12, 31))
    by_unit = timetable.join(found, "unit")
    assert all(each.flags for each in by_unit if each.unit is None)
    reports = [each for each in by_unit if each.rule == "1134.report"]
    assert reports
    assert all(each.unit is not None and each.unit.startswith("CQ-") for each in reports)
    encouraged = {
        each.unit
        for each in by_unit
        if "encouraged_only" in each.flags and each.rule == "2023.lead"
    }
    assert encouraged
    assert encouraged <= {f"D23-{number}" for number in range(29, 35)}


def test_a_commune_has_the_obsolete_date_of_2023_and_nothing_of_1134(timetable: Timetable) -> None:
    commune = next(each for each in timetable.catalogue.units() if each.kind == "commune")
    wanted = Wanted(unit=commune)
    found = timetable.join(timetable.between(date(2026, 10, 1), date(2026, 12, 31)), "rule", wanted)
    assert {each.rule for each in found} == {"2023.commune"}
    assert all("addressee_abolished" in each.flags for each in found)


def test_period_types_narrow(timetable: Timetable) -> None:
    found = timetable.between(
        date(2026, 1, 1), date(2026, 12, 31), Wanted(period_type=PeriodType.SEASON)
    )
    assert [each.id for each in found] == [
        "2023.tk.row14/2025-VM",
        "2023.tk.row11/2026-DX",
        "2023.tk.row12/2026-DX",
        "2023.tk.row13/2026-VM",
    ]
