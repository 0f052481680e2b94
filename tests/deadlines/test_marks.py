"""Marks of submissions, what is near or late, events, and windows that were moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from iocsl import clock
from iocsl.catalog import Catalogue
from iocsl.catalog.mirror import read_mirror
from iocsl.deadlines import Obligation, Readings, Timetable, Wanted, mark_of, obligations_of
from iocsl.deadlines import standing as standing_module
from iocsl.deadlines.lists import next_of_each
from iocsl.deadlines.records import EVENT, Event, Override, add_event, add_override, events
from iocsl.deadlines.rules import period_of
from iocsl.deadlines.standing import Accepted, gathered, is_accepted, standing
from iocsl.domain import VIETNAM, ExitCode, PeriodType, event_id
from iocsl.errors import IocslError
from iocsl.ledger.chain import Chain

MINUTE = timedelta(minutes=1)


def moment(text: str) -> datetime:
    return clock.parse_moment(text)


@pytest.fixture(scope="module")
def timetable(built: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Timetable:
    """One for all tests that only read it."""
    catalogue = read_mirror(built())
    assert catalogue is not None
    return Timetable(catalogue, Readings(tmp_path_factory.mktemp("nha")))


def one(timetable: Timetable, id_: str) -> Obligation:
    rule, _, period = id_.partition("/")
    found = timetable.obligation(timetable.rules[rule], period_of(period))
    assert found is not None
    return found


def mark(each: Obligation, accepted: str | None = None, **others: Any) -> str:
    given = {
        "announced_at": None,
        "attempted_at": None,
        "now": moment("2026-12-31T00:00"),
        **others,
    }
    return mark_of(each, accepted_at=moment(accepted) if accepted else None, **given)


def test_the_hour_is_exclusive(timetable: Timetable) -> None:
    each = one(timetable, "1134.month/2026-10")
    assert mark(each, "2026-10-25T16:59:59+07:00") == "on_time"
    assert mark(each, "2026-10-25T17:00:00+07:00") == "late"


def test_midnight_is_exclusive(timetable: Timetable) -> None:
    each = one(timetable, "2023.lead/2026-10")
    assert mark(each, "2026-10-26T23:59:59+07:00") == "on_time"
    assert mark(each, "2026-10-27T00:00:00+07:00") == "late"


def test_the_zone_of_a_moment_does_not_matter(timetable: Timetable) -> None:
    each = one(timetable, "1134.month/2026-10")
    assert mark(each, "2026-10-25T09:59:59+00:00") == "on_time"


def test_24_hours_are_inclusive_and_run_on_weekends(timetable: Timetable) -> None:
    dataset = timetable.catalogue.dataset("KDL-E-003")
    changed = moment("2026-10-24T08:30")
    (each,) = obligations_of(timetable, dataset, period_of(event_id(changed)))
    assert each.boundary == "inclusive"
    assert each.document()["due_before"] == "2026-10-25T08:30:00+07:00"
    assert not each.rolled
    assert mark(each, "2026-10-25T08:30:00+07:00") == "on_time"
    assert mark(each, "2026-10-25T08:30:01+07:00") == "late"


def test_the_day_after_before_the_18th_is_disputed(timetable: Timetable) -> None:
    each = one(timetable, "2023.participant/2026-11")
    assert mark(each, "2026-11-17T23:59:59") == "on_time"
    assert mark(each, "2026-11-18T00:00:00") == "disputed"
    assert mark(each, "2026-11-18T23:59:59") == "disputed"
    assert mark(each, "2026-11-19T00:00:00") == "late"


def test_a_failed_link_and_an_outage_stay_late_with_their_reason(timetable: Timetable) -> None:
    each = one(timetable, "1134.month/2026-10")
    late, early = "2026-10-25T18:00:00", moment("2026-10-25T16:00")
    assert mark(each, late, announced_at=early) == "late_link"
    assert mark(each, late, attempted_at=early) == "late_outage"
    assert mark(each, late, announced_at=early, attempted_at=early) == "late_link"
    assert mark(each, late, announced_at=moment(late)) == "late"


def test_nothing_accepted(timetable: Timetable) -> None:
    each = one(timetable, "1134.month/2026-10")
    assert mark(each, now=each.due.due_before - MINUTE) == "not_due"
    assert mark(each, now=each.due.due_before) == "missing"


def test_a_nil_return_in_time_is_nil(timetable: Timetable) -> None:
    each = one(timetable, "1134.month/2026-10")
    assert mark(each, "2026-10-25T16:00:00", nil=True) == "nil"
    assert mark(each, "2026-10-25T17:00:00", nil=True) == "late"


# events


def test_an_event_makes_an_obligation_once(catalogue: Catalogue, home: Path) -> None:
    event = Event("KDL-M-016", "CQ-TC", moment("2026-11-20T08:00"))
    assert add_event(event)
    assert not add_event(event)
    assert add_event(Event("KDL-E-003", "CQ-KHCN", moment("2026-11-20T08:00")))
    assert len(events(home)) == 2
    timetable = Timetable(catalogue, Readings(home))
    found = timetable.between(date(2026, 11, 21), date(2026, 11, 21))
    (change,) = [each for each in found if each.rule == "1134.change"]
    assert change.id == "1134.change/20261120T080000+0700"
    assert change.datasets == ("KDL-E-003", "KDL-M-016")
    by_unit = timetable.join([change], "unit")
    assert {(each.unit, each.datasets) for each in by_unit} == {
        ("CQ-TC", ("KDL-M-016",)),
        ("CQ-KHCN", ("KDL-E-003",)),
    }
    unit = catalogue.find_unit("CQ-TC")
    (own,) = timetable.join([change], "rule", Wanted(unit=unit))
    assert own.datasets == ("KDL-M-016",)


def test_an_unreadable_record_is_told(catalogue: Catalogue, home: Path) -> None:
    Chain.open().append(EVENT, {"dataset": "KDL-E-003"})
    with pytest.raises(IocslError) as caught:
        Timetable(catalogue, Readings(home))
    assert caught.value.exit_code is ExitCode.INTEGRITY


def test_no_event_no_change_obligation(timetable: Timetable) -> None:
    found = timetable.between(date(2026, 6, 1), date(2026, 12, 1))
    assert not any(each.rule == "1134.change" for each in found)


# windows at another time


def test_a_window_of_one_lead_unit(catalogue: Catalogue, home: Path) -> None:
    closes = moment("2026-10-29T17:00")
    add_override(Override("2023.lead/2026-10", "D23-01", closes, "12/TB-VP", "bảo trì"))
    timetable = Timetable(catalogue, Readings(home))
    found = timetable.of_period(period_of("2026-10"), Wanted(to_store=True))
    lead = next(each for each in timetable.join(found) if each.rule == "2023.lead")
    assert lead.due.last_day == date(2026, 10, 26)
    assert "window_changed_for_some" in lead.flags
    assert lead.alternatives["override=D23-01"].due_before == closes
    by_unit = {
        each.unit: each for each in timetable.join(found, "unit") if each.rule == "2023.lead"
    }
    moved = by_unit["D23-01"]
    assert moved.due.due_before == closes
    assert "window_changed" in moved.flags
    assert moved.reasons[-1].document == "12/TB-VP"
    assert by_unit["D23-03"].due.last_day == date(2026, 10, 26)
    (asked,) = obligations_of(timetable, catalogue.dataset("IOC-01-01"), period_of("2026-10"))
    assert asked.due.due_before == closes


def test_a_later_override_takes_the_place_of_the_earlier(catalogue: Catalogue, home: Path) -> None:
    for hour in ("17:00", "23:00"):
        closes = moment(f"2026-10-29T{hour}")
        add_override(Override("2023.lead/2026-10", None, closes, "12/TB", "a"))
    timetable = Timetable(catalogue, Readings(home))
    lead = timetable.join([one(timetable, "2023.lead/2026-10")])[0]
    assert lead.document()["due_before"] == "2026-10-29T23:00:00+07:00"


# what is near and what has passed


def test_next_of_each_rule(timetable: Timetable) -> None:
    now = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
    found = next_of_each(timetable, now)
    computed = {rule.id for rule in timetable.rules.values() if rule.computed}
    assert {each.rule for each in found} == computed - {"1134.change"}
    assert all(not each.passed(now) for each in found)
    for rule in computed:
        assert len({each.due.due_before for each in found if each.rule == rule}) <= 1
    lead = [each.id for each in found if each.rule == "2023.lead"]
    assert lead == ["2023.lead/2026-11"]


def test_a_moved_deadline_is_still_ahead(timetable: Timetable) -> None:
    now = datetime(2025, 1, 28, 8, tzinfo=VIETNAM)
    found = {each.id for each in next_of_each(timetable, now)}
    assert "2023.lead/2025-01" in found


def test_all_that_falls_due_at_once_is_told(timetable: Timetable) -> None:
    now = datetime(2026, 12, 18, 8, tzinfo=VIETNAM)
    found = [each.id for each in next_of_each(timetable, now) if each.rule == "2023.lead"]
    assert found == [
        "2023.lead/2026",
        "2023.lead/2026-12",
        "2023.lead/2026-H2",
        "2023.lead/2026-Q4",
    ]


def test_near_and_passed(timetable: Timetable, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = timetable.catalogue.find_unit("CQ-TC")
    wanted = Wanted(unit=unit, period_type=PeriodType.MONTH)
    near = standing(timetable, moment("2026-10-22T08:00"), 3, wanted)
    assert "1134.month/2026-10" in {each.id for each in near.near}
    passed = standing(timetable, moment("2026-10-25T17:00"), 3, wanted)
    assert "1134.month/2026-10" in {each.id for each in passed.passed}
    done = {("CQ-TC", "KDL-M-016", f"2026-{month:02d}"): object() for month in (9, 10)}
    monkeypatch.setattr("iocsl.ledger.receipts.accepted", lambda home: done)
    settled = standing(timetable, moment("2026-10-25T17:00"), 3, wanted)
    assert not settled.passed
    assert not settled.near


def test_daily_data_are_asked_for_on_working_days(timetable: Timetable, home: Path) -> None:
    wanted = Wanted(regime=None, dataset=timetable.catalogue.dataset("KDL-D-001"))
    found = standing(timetable, moment("2026-11-16T08:00"), 3, wanted)
    assert [each.period.id for each in found.near] == ["2026-11-16"]
    assert not any(each.non_working for each in found.passed)
    every = Timetable(timetable.catalogue, Readings(home, daily_reminders="every"))
    assert any(
        each.non_working for each in standing(every, moment("2026-11-16T08:00"), 3, wanted).passed
    )


def test_dates_between_agencies_are_not_counted(timetable: Timetable) -> None:
    found = standing(timetable, moment("2026-11-18T08:00"), 3, Wanted())
    rules = {each.rule for each in [*found.near, *found.passed]}
    assert "2023.participant" not in rules
    assert "1134.report" not in rules


def test_a_form_of_quarter_two_answers_for_the_half_year(timetable: Timetable) -> None:
    each = one(timetable, "2023.ktxh.q.ioc/2026-H1")
    assert is_accepted(timetable, each, Accepted([("D23-02", "IOC-02-02", "2026-Q2")]))
    assert not is_accepted(timetable, each, Accepted([("D23-02", "IOC-02-02", "2026-Q1")]))


def test_single_datasets_are_gathered_again(timetable: Timetable) -> None:
    found = timetable.between(date(2026, 10, 25), date(2026, 10, 25))
    again = gathered(timetable.join(found, "dataset"), "rule")
    assert [(each.id, each.datasets) for each in again] == [
        (each.id, each.datasets) for each in found
    ]
    assert standing_module.gathered([], "unit") == []
