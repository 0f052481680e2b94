"""From a rule and a period to an obligation: rollover, advice, and what other readings give."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from iocsl.deadlines.calendar import PREDICTED, PROPOSED, WorkingCalendar
from iocsl.deadlines.obligation import EXCLUSIVE, INCLUSIVE, Due, Obligation, Reason
from iocsl.deadlines.readings import PREFIX, Readings, choices
from iocsl.deadlines.rules import Rule
from iocsl.domain import Period, Regime

_ONE_DAY = timedelta(days=1)
_DATING = frozenset(
    f"{PREFIX}{name}"
    for name in (
        "rollover_1134",
        "rollover_annex",
        "before_18",
        "ct_30",
        "ktxh_forms",
        "tk_row2",
        "tk_row16",
        "february_30",
    )
)
"""Settings that can change a date; the others change which forms or days are asked for."""


def due_of(rule: Rule, period: Period, calendar: WorkingCalendar, readings: Readings) -> Due:
    """When the period is due under these readings, after any rollover."""
    read = rule.read_as(readings)
    last = read.last_day(period, readings)
    if read.rolls(readings):
        last = calendar.following(last)
    return Due(last, read.before(last))


def oblige(rule: Rule, period: Period, calendar: WorkingCalendar, readings: Readings) -> Obligation:
    """The obligation of all that the rule covers in that period; datasets are joined later.

    Exit 8 where the working calendar of a day that matters is not known.
    """
    if rule.way == "sau_su_kien":
        return _after_event(rule, period, calendar, readings)
    read = rule.read_as(readings)
    first = read.last_day(period, readings)
    nominal = Due(first, read.before(first))
    working = calendar.is_working(first)
    moved = first if working else calendar.following(first)
    rolls = read.rolls(readings)
    due = Due(moved, read.before(moved)) if rolls else nominal
    stays = not working and not rolls
    advised = calendar.preceding(first) if stays else None
    status = calendar.status(advised or first, moved)
    return Obligation(
        id=f"{rule.id}/{period.id}",
        rule=rule.id,
        regime=rule.regime,
        period=period,
        unit=None,
        datasets=(),
        basis=rule.article,
        wording=rule.wording,
        nominal=nominal,
        due=due,
        boundary=EXCLUSIVE,
        rolled=due.last_day != nominal.last_day,
        reasons=tuple(
            Reason(day.day, day.why, day.document) for day in calendar.rest(first, moved)
        ),
        non_working=not working,
        would_move_to=moved if stays else None,
        advised_by=advised,
        calendar_status=status,
        alternatives=dict(_alternatives(rule, period, calendar, readings, due)),
        flags=tuple(_flags(rule, period, status)),
        who=rule.who,
        to_store=rule.to_store,
        disputed_until=_disputed_until(rule, due, readings),
    )


def _after_event(
    rule: Rule, period: Period, calendar: WorkingCalendar, readings: Readings
) -> Obligation:
    """24 clock hours from the declared moment, weekends counted, the last moment included."""
    calendar.day(period.first_day)  # refused here outside the known years, before any sum
    moment = period.moment + timedelta(hours=rule.hours)
    due = Due(moment.date(), moment)
    return Obligation(
        id=f"{rule.id}/{period.id}",
        rule=rule.id,
        regime=rule.regime,
        period=period,
        unit=None,
        datasets=(),
        basis=rule.article,
        wording=rule.wording,
        nominal=due,
        due=due,
        boundary=INCLUSIVE,
        rolled=False,
        reasons=(),
        non_working=not calendar.is_working(due.last_day),
        would_move_to=None,
        advised_by=None,
        calendar_status=calendar.status(due.last_day, due.last_day),
        alternatives={},
        flags=tuple(_flags(rule, period, "")),
        who=rule.who,
        to_store=rule.to_store,
    )


def _alternatives(
    rule: Rule, period: Period, calendar: WorkingCalendar, readings: Readings, due: Due
) -> Iterator[tuple[str, Due]]:
    """Every other reading of a date, and the proposals of the calendar, where the day differs."""
    for setting in rule.settings:
        if setting not in _DATING:
            continue
        name = setting.removeprefix(PREFIX)
        chosen = getattr(readings, name)
        for value in choices(setting):
            if value == chosen:
                continue
            other = due_of(rule, period, calendar, readings.but(name, value))
            if other != due:
                yield f"{setting}={value}", other
    if calendar.proposals:
        first = rule.read_as(readings).last_day(period, readings)
        if _touched(calendar, min(first, due.last_day), due.last_day):
            other = due_of(rule, period, calendar.with_proposals, readings)
            if other != due:
                yield "calendar=proposed", other


def _touched(calendar: WorkingCalendar, first: date, last: date) -> bool:
    return any(first <= day <= last for day in calendar.proposals)


def _flags(rule: Rule, period: Period, status: str) -> Iterator[str]:
    yield from rule.flags
    if rule.asked is not None:
        yield "on_request"
    elif rule.regime is Regime.QD1134:
        yield "start_assumed"
    if rule.overflows(period):
        yield "february_30"
    if status == PROPOSED:
        yield "proposed_day"
    if status == PREDICTED:
        yield "calendar_predicted"


def _disputed_until(rule: Rule, due: Due, readings: Readings) -> datetime | None:
    """The end of the day that Điều 8.1.c itself names: "là ngày 18"."""
    if "named_day_disputed" in rule.flags and readings.before_18 == "strict":
        return due.due_before + _ONE_DAY
    return None
