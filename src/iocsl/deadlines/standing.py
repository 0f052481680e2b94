"""What is near and what has passed, counting what the ledger does not show as accepted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from iocsl.deadlines.lists import DATASET, RULE, UNIT, Timetable, Wanted
from iocsl.deadlines.obligation import Due, Obligation
from iocsl.deadlines.rules import suffix_of
from iocsl.domain import PeriodType

_LONGEST_SHIFT = timedelta(days=16)
"""Longer than any run of days off, so that a moved deadline is not missed by its nominal day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Obligations of single datasets: due soon, and passed without acceptance."""

    near: list[Obligation]
    passed: list[Obligation]


class Accepted:
    """What was accepted: unit, dataset and period of each."""

    def __init__(self, sent: Iterable[tuple[str, str, str]]) -> None:
        self._sent = frozenset(sent)
        self._by_anyone = frozenset((dataset, period) for _, dataset, period in self._sent)

    @classmethod
    def of(cls, home: Path) -> Accepted:
        """What the ledger of this home shows."""
        from iocsl.ledger.receipts import accepted

        return cls(accepted(home))

    def has(self, dataset: str, period: str, unit: str | None = None) -> bool:
        """Whether it was accepted, from `unit`, or whoever sent it where that is None."""
        if unit is None:
            return (dataset, period) in self._by_anyone
        return (unit, dataset, period) in self._sent


def standing(timetable: Timetable, now: datetime, within: int, wanted: Wanted) -> Standing:
    """Near: due within so many working days. Passed: due within `deadlines.look_back` days past.

    Only dates of submitting count. Daily data are asked for on working days alone, unless
    `deadlines.daily_reminders` says every day, and of those to come only the next one is near.
    """
    today = now.date()
    timetable.require(today, today)
    horizon = timetable.calendar.shift(today, within)
    back = timedelta(days=timetable.readings.look_back)
    done = Accepted.of(timetable.readings.home)
    asked = replace(wanted, to_store=True)
    start = max(today - back - _LONGEST_SHIFT, date(min(timetable.calendar.years), 1, 1))
    printed = timetable.widened(start, horizon)
    found = timetable.join(timetable.between(*printed, asked), DATASET, asked)
    open_ones = [
        each
        for each in found
        if _reminded(timetable, each) and not is_accepted(timetable, each, done)
    ]
    near: list[Obligation] = []
    passed: list[Obligation] = []
    seen_daily: set[tuple[str, ...]] = set()
    for each in open_ones:
        if each.passed(now):
            if each.due.due_before >= now - back:
                passed.append(each)
        elif each.due.last_day <= horizon:
            if each.period.type is PeriodType.DAY:
                if each.datasets in seen_daily:
                    continue
                seen_daily.add(each.datasets)
            near.append(each)
    return Standing(near, passed)


def is_accepted(timetable: Timetable, each: Obligation, done: Accepted) -> bool:
    """Whether every dataset of the obligation was accepted for its period.

    Of a request that asks several units, each must send its own.

    A form that answers for another period (quarter II as 6 tháng) counts under its own.
    """
    rule = timetable.rules[each.rule]
    unit = each.unit if rule.asked is not None else None
    periods = {each.period.id}
    for own, asked in rule.stands_for.items():
        if suffix_of(each.period) == asked:
            periods.add(f"{each.period.year:04d}-{own}")
    return all(any(done.has(code, period, unit) for period in periods) for code in each.datasets)


def gathered(found: Iterable[Obligation], by: str, asked: str | None = None) -> list[Obligation]:
    """Obligations of single datasets put together again by rule or unit, in their order.

    By rule their unit is the one that was `asked` for, None for all of them, as in every list.
    """
    if by == DATASET:
        return sorted(found, key=lambda each: each.key)
    groups: dict[tuple[str, Due, str | None], list[Obligation]] = defaultdict(list)
    for each in found:
        # What has another window is told by itself.
        groups[each.id, each.due, each.unit if by == UNIT else None].append(each)
    together = []
    for (_, _, unit), members in groups.items():
        codes = tuple(sorted({code for each in members for code in each.datasets}))
        one = asked if by == RULE else unit
        flags = tuple(dict.fromkeys(flag for each in members for flag in each.flags))
        together.append(replace(members[0], unit=one, datasets=codes, flags=flags))
    return sorted(together, key=lambda each: each.key)


def _reminded(timetable: Timetable, each: Obligation) -> bool:
    if each.period.type is not PeriodType.DAY or timetable.readings.daily_reminders == "every":
        return True
    return not each.non_working
