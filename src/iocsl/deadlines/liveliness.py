"""“Sống”: how much of what fell due in the last twelve months was received in time.

1134 Điều 4.3 and 8.1 name the word without a formula; this one is ours (`docs/quality.md`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from iocsl.deadlines.lists import DATASET, Timetable, Wanted, obligations_of
from iocsl.deadlines.obligation import Obligation, mark_of
from iocsl.domain import Period
from iocsl.errors import IocslError
from iocsl.ledger.receipts import Accepted, Key

SPAN = timedelta(days=365)
_MET = frozenset({"on_time", "nil"})
_UNTOLD = frozenset({"disputed", "not_due"})
"""What counts neither for nor against."""


@dataclass(frozen=True, slots=True)
class Liveliness:
    """What was decided of a unit and dataset: when, and whether it was in time; by time."""

    decided: tuple[tuple[datetime, bool], ...]

    def at(self, moment: datetime) -> float | None:
        """0-100 over the twelve months before `moment`, cut to one decimal; None without any."""
        met = [good for when, good in self.decided if moment - SPAN < when <= moment]
        return math.floor(sum(met) / len(met) * 1000) / 10 if met else None


def liveliness(
    timetable: Timetable,
    unit: str,
    code: str,
    accepted: Mapping[Key, Accepted],
    now: datetime,
) -> Liveliness:
    """What is known by `now` of one unit and dataset; empty where catalogue or calendar end.

    Nothing is said of the time before the first submission on record: the unit may have sent by
    other means. A deadline is decided when it passes, or earlier by what was accepted for it.
    """
    try:
        return Liveliness(tuple(sorted(_decisions(timetable, unit, code, accepted, now))))
    except (IocslError, ValueError):
        return Liveliness(())


def _decisions(
    timetable: Timetable,
    unit: str,
    code: str,
    accepted: Mapping[Key, Accepted],
    now: datetime,
) -> Iterator[tuple[datetime, bool]]:
    facts = [
        (Period.parse(key[2]), each) for key, each in accepted.items() if key[:2] == (unit, code)
    ]
    dataset = timetable.catalogue.dataset(code)
    answered: dict[str, tuple[Obligation, Accepted]] = {}
    for period, fact in sorted(facts, key=lambda each: each[1].accepted_at):
        for each in obligations_of(timetable, dataset, period):
            answered.setdefault(each.id, (each, fact))
    if not answered:
        return
    since = min(each.due.due_before for each, _ in answered.values())
    owed = {each.id: each for each in _owed(timetable, unit, code, max(since, now - 2 * SPAN), now)}
    owed.update({id_: each for id_, (each, _) in answered.items()})
    for id_, each in owed.items():
        fact_of = answered.get(id_)
        decided = _decided(each, fact_of[1] if fact_of else None, since, now)
        if decided is not None:
            yield decided


def _owed(
    timetable: Timetable, unit: str, code: str, since: datetime, now: datetime
) -> Iterable[Obligation]:
    """The unit's obligations for the dataset from `since` on, where the text lays any on it."""
    known = timetable.catalogue.unit(unit)
    if known is None:
        return []
    wanted = Wanted(dataset=timetable.catalogue.dataset(code), unit=known, to_store=True)
    first = max(since.date(), date(min(timetable.calendar.years), 1, 1))
    return timetable.join(timetable.between(first, now.date(), wanted), DATASET, wanted)


def _decided(
    each: Obligation, fact: Accepted | None, since: datetime, now: datetime
) -> tuple[datetime, bool] | None:
    """When it was decided and whether it was met; None where it is open, disputed, or too old."""
    mark = mark_of(
        each,
        accepted_at=fact.accepted_at if fact else None,
        announced_at=fact.announced_at if fact else None,
        attempted_at=fact.attempted_at if fact else None,
        now=now,
    )
    if mark in _UNTOLD or each.due.due_before < since:
        return None
    if mark in _MET and fact is not None:
        return min(fact.accepted_at, each.due.due_before), True
    return each.due.due_before, False
