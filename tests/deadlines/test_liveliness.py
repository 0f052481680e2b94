"""“Sống”: deadlines met among those decided, from the first receipt on record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.deadlines import Readings, Timetable
from iocsl.deadlines.liveliness import Liveliness, liveliness
from iocsl.domain import VIETNAM
from iocsl.ledger.receipts import LANDED, Accepted, Key

UNIT, CODE = "CQ-TC", "KDL-M-016"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def received(**times: str) -> dict[Key, Accepted]:
    """When each month of 2026 was received: `m09="2026-09-25T10:00"`."""
    return {
        (UNIT, CODE, f"2026-{month[1:]}"): Accepted(
            month * 8, 1, LANDED, moment(at), moment(at), None, None, test=True
        )
        for month, at in times.items()
    }


@pytest.fixture
def timetable(catalogue: Catalogue, home: Path) -> Timetable:
    return Timetable(catalogue, Readings(home))


def alive(timetable: Timetable, facts: dict[Key, Accepted], now: str) -> float | None:
    return liveliness(timetable, UNIT, CODE, facts, moment(now)).at(moment(now))


def test_nothing_on_record_nothing_known(timetable: Timetable) -> None:
    assert alive(timetable, {}, "2026-11-22T08:00") is None
    other = {("CQ-YT", CODE, "2026-09"): next(iter(received(m09="2026-09-25T10:00").values()))}
    assert alive(timetable, other, "2026-11-22T08:00") is None


def test_the_share_of_deadlines_that_were_met(timetable: Timetable) -> None:
    facts = received(m08="2026-08-25T16:59:59", m09="2026-09-25T17:00:00")
    # August in time, September a second late, October missing since the 25th at 17:00.
    assert alive(timetable, facts, "2026-08-26T00:00") == 100.0
    assert alive(timetable, facts, "2026-10-01T00:00") == 50.0
    assert alive(timetable, facts, "2026-10-25T16:59") == 50.0
    assert alive(timetable, facts, "2026-10-25T17:00") == 33.3


def test_what_is_received_early_counts_at_once(timetable: Timetable) -> None:
    facts = received(m09="2026-09-26T10:00", m10="2026-10-02T10:00")
    assert alive(timetable, facts, "2026-10-02T09:59") == 0.0
    assert alive(timetable, facts, "2026-10-02T10:00") == 50.0


def test_the_time_before_the_first_receipt_is_held_against_nobody(timetable: Timetable) -> None:
    assert alive(timetable, received(m10="2026-10-20T10:00"), "2026-10-26T08:00") == 100.0


def test_twelve_months_and_no_more() -> None:
    decided = tuple((moment(f"{year}-10-25T17:00"), year == 2026) for year in (2025, 2026))
    assert Liveliness(decided).at(moment("2026-10-25T17:00")) == 100.0
    assert Liveliness(decided).at(moment("2026-10-25T16:59")) == 0.0
    assert Liveliness(decided).at(moment("2028-01-01T00:00")) is None


def test_a_submission_of_something_the_catalogue_no_longer_knows(timetable: Timetable) -> None:
    (fact,) = received(m09="2026-09-25T10:00").values()
    facts = {(UNIT, "KDL-M-999", "2026-09"): fact}
    now = moment("2026-11-22T08:00")
    assert liveliness(timetable, UNIT, "KDL-M-999", facts, now) == Liveliness(())


def test_a_calendar_that_does_not_reach_so_far(timetable: Timetable) -> None:
    now = moment("2099-11-22T08:00")
    facts = received(m09="2026-09-25T10:00")
    assert liveliness(timetable, UNIT, CODE, facts, now) == Liveliness(())
