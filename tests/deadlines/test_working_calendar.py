"""The working calendar: layers, rollover, and what it refuses to guess."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iocsl.catalog import Catalogue
from iocsl.catalog.loader import read
from iocsl.catalog.mirror import packaged
from iocsl.deadlines.base_layer import CACHE, base_days, compute
from iocsl.deadlines.calendar import (
    OWN_FILE,
    PREDICTED,
    PROPOSED,
    Listed,
    WorkingCalendar,
    days_between,
    listed_from,
    open_calendar,
)
from iocsl.deadlines.own_days import add_day, differences, open_questions
from iocsl.domain import ExitCode, Words
from iocsl.errors import IocslError

KNOWN = st.dates(date(2023, 1, 1), date(2028, 12, 1))


@cache
def shipped() -> WorkingCalendar:
    """The calendar of the data files, without a home."""
    document = read(packaged() / "ngay_nghi.yaml").data
    years = {each["nam"]: each["trang_thai"] for each in document["nam"]}
    listed = [listed_from(each, own=False) for each in document["muc"]]
    return WorkingCalendar(years, compute(min(years), max(years)), listed)


@given(KNOWN)
def test_rolling_over_twice_changes_nothing(day: date) -> None:
    moved = shipped().following(day)
    assert shipped().following(moved) == moved


@given(KNOWN)
def test_a_rolled_day_is_a_working_day_and_never_earlier(day: date) -> None:
    moved = shipped().following(day)
    assert shipped().is_working(moved)
    assert moved >= day
    assert not any(
        shipped().is_working(between) for between in days_between(day, moved) if between < moved
    )


@given(KNOWN)
def test_the_day_advised_is_a_working_day_and_never_later(day: date) -> None:
    if day < date(2023, 1, 10):
        return
    assert shipped().is_working(shipped().preceding(day))
    assert shipped().preceding(day) <= day


@given(KNOWN, st.integers(1, 20))
def test_shifting_there_and_back_stays_on_working_days(day: date, count: int) -> None:
    if day > date(2028, 11, 1):
        return
    start = shipped().following(day)
    assert shipped().shift(shipped().shift(start, count), -count) == start


@pytest.mark.parametrize(
    ("day", "working", "status"),
    [
        ("2026-01-02", False, "official"),
        ("2026-01-10", True, "official"),
        ("2026-02-20", False, "official"),
        ("2026-08-22", True, "official"),
        ("2026-08-31", False, "official"),
        ("2026-09-01", False, "official"),
        ("2026-11-24", False, "law"),
        ("2026-11-23", True, "proposed"),
        ("2026-11-28", False, "proposed"),
        ("2025-04-26", True, "official"),
        ("2025-05-02", False, "official"),
        ("2024-04-29", False, "official"),
        ("2024-05-04", True, "official"),
        ("2023-01-26", False, "official"),
        ("2023-05-03", False, "law"),
        ("2026-04-27", False, "law"),
        ("2027-02-10", False, "predicted"),
        ("2027-03-10", True, "predicted"),
        ("2028-01-27", False, "predicted"),
        ("2026-10-25", False, "law"),
        ("2026-10-26", True, "law"),
    ],
)
def test_known_days(day: str, working: bool, status: str) -> None:
    asked = date.fromisoformat(day)
    assert shipped().is_working(asked) is working
    assert shipped().status(asked, asked) == status


def test_every_listed_day_off_is_a_day_off_and_every_worked_one_is_worked() -> None:
    for day, listed in shipped().listed.items():
        assert shipped().is_working(day) is listed.worked, day


def test_swaps_agree_with_what_the_package_knows() -> None:
    """A swapped Saturday that `holidays` knows must be in our data too."""
    import holidays

    known = holidays.country_holidays("VN", years=range(2023, 2029)).weekend_workdays
    ours = {day for day, listed in shipped().listed.items() if listed.worked}
    assert {day for day in known if day.year >= 2023} <= ours


@pytest.mark.parametrize("year", [1999, 2022, 2029, 2031])
def test_a_year_outside_the_calendar_is_never_guessed(year: int) -> None:
    with pytest.raises(IocslError) as caught:
        shipped().day(date(year, 6, 1))
    assert caught.value.exit_code is ExitCode.UNDECIDED
    assert str(year) in caught.value.message.vi


def test_rolling_out_of_the_calendar_is_undecided() -> None:
    with pytest.raises(IocslError) as caught:
        shipped().following(date(2028, 12, 30))
    assert caught.value.code == "calendar-unknown"


def test_a_proposal_is_shown_and_not_applied() -> None:
    monday = shipped().day(date(2026, 11, 23))
    assert monday.working
    assert monday.proposal is not None
    assert not shipped().with_proposals.is_working(date(2026, 11, 23))
    assert shipped().with_proposals.is_working(date(2026, 11, 28))


def test_the_units_own_file_lies_on_top(catalogue: Catalogue, home: Path) -> None:
    before = open_calendar(catalogue, home)
    assert before.is_working(date(2026, 11, 23))
    add_day(
        home,
        {
            "ngay": "2026-11-23",
            "loai": "nghi",
            "ten": "Được duyệt",
            "van_ban": "01/TB",
            "trang_thai": "official",
        },
    )
    after = open_calendar(catalogue, home)
    day = after.day(date(2026, 11, 23))
    assert (day.working, day.layer, day.proposal) == (False, "own", None)
    assert date(2026, 11, 28) in after.proposals


def test_a_day_is_added_once(home: Path) -> None:
    entry = {
        "ngay": "2026-12-01",
        "loai": "nghi",
        "ten": "A",
        "van_ban": None,
        "trang_thai": PROPOSED,
    }
    add_day(home, entry)
    with pytest.raises(IocslError) as caught:
        add_day(home, entry)
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "muc:\n- {ngay: 2026-02-30, loai: nghi, ten: A, van_ban: null, trang_thai: law}\n",
            "2026-02-30",
        ),
        (
            "muc:\n- {ngay: 2026-03-03, loai: nghi, ten: A, van_ban: null, trang_thai: sure}\n",
            "trang_thai",
        ),
    ],
)
def test_a_bad_own_file_is_named_with_its_line(
    catalogue: Catalogue, home: Path, body: str, said: str
) -> None:
    (home / OWN_FILE).write_text(body, encoding="utf-8")
    with pytest.raises(IocslError) as caught:
        open_calendar(catalogue, home)
    assert caught.value.exit_code is ExitCode.CONFIGURATION
    assert OWN_FILE in caught.value.message.vi
    assert "dòng 2" in caught.value.message.vi
    assert said in caught.value.message.vi


def test_the_base_layer_is_kept_and_made_anew_when_damaged(home: Path) -> None:
    home.mkdir()
    first = base_days(home, 2026, 2026)
    assert (home / CACHE).is_file()
    assert base_days(home, 2026, 2026) == first
    (home / CACHE).write_text("{", encoding="utf-8")
    assert base_days(home, 2026, 2026) == first
    assert date(2027, 1, 1) in base_days(home, 2026, 2027)


def test_where_the_layers_differ() -> None:
    found = {each.day.day for each in differences(shipped(), date(2026, 1, 1), date(2026, 12, 31))}
    assert found == {
        date(2026, 1, 2),
        date(2026, 1, 10),
        date(2026, 8, 22),
        date(2026, 11, 23),
        date(2026, 11, 28),
    }


def test_open_questions_name_proposals_and_unsettled_years() -> None:
    found = open_questions(shipped(), date(2026, 11, 22))
    assert (PREDICTED, date(2027, 1, 1)) in found
    assert (PROPOSED, date(2026, 11, 23)) in found
    assert ("unknown", date(2029, 1, 1)) in open_questions(shipped(), date(2028, 12, 1))


def test_a_later_layer_settles_a_proposal() -> None:
    approved = Listed(date(2026, 11, 23), False, Words("a", "a"), "01", "official", None, True)
    calendar = WorkingCalendar(
        shipped().years, shipped().base, [*shipped().proposals.values(), approved]
    )
    assert calendar.following(date(2026, 11, 23)) == date(2026, 11, 25)
    assert calendar.shift(date(2026, 11, 20), 1) - date(2026, 11, 20) == timedelta(days=5)
