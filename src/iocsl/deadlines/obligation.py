"""One obligation: a rule in one period, with its moment, what moved it, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from iocsl.clock import iso
from iocsl.domain import Period, Regime, Words
from iocsl.text import say

EXCLUSIVE, INCLUSIVE = "exclusive", "inclusive"
_ONE_DAY = timedelta(days=1)


class Reason(NamedTuple):
    """Why a day does not count as a working day, or why a window moved."""

    date: date
    why: Words
    document: str | None


class Due(NamedTuple):
    """A last day and the first moment after it that is too late."""

    last_day: date
    due_before: datetime

    def document(self) -> dict[str, str]:
        return {"last_day": self.last_day.isoformat(), "due_before": iso(self.due_before)}


@dataclass(frozen=True, slots=True)
class Obligation:
    """The contract's object, plus `who`, `told` and `disputed_until` for people and marks.

    `nominal` is before rollover, `due` after it. `alternatives` maps `setting=value` (or another
    named reading) to the due date that it would give, only where that differs. `disputed_until` is
    the end of the time in which a submission is disputed and not late ("trước ngày 18"). `told` is
    what a notice says of it.
    """

    id: str
    rule: str
    regime: Regime
    period: Period
    unit: str | None
    datasets: tuple[str, ...]
    basis: str
    wording: str
    nominal: Due
    due: Due
    boundary: str
    rolled: bool
    reasons: tuple[Reason, ...]
    non_working: bool
    would_move_to: date | None
    advised_by: date | None
    calendar_status: str
    alternatives: Mapping[str, Due]
    flags: tuple[str, ...]
    who: Words
    to_store: bool
    disputed_until: datetime | None = field(default=None)
    told: tuple[Words, ...] = ()

    @property
    def key(self) -> tuple[datetime, str, str, tuple[str, ...]]:
        """The order of lists: `due_before`, then `id`."""
        return self.due.due_before, self.id, self.unit or "", self.datasets

    def passed(self, now: datetime) -> bool:
        """Whether a submission at `now` would come after the deadline."""
        if self.boundary == INCLUSIVE:
            return now > self.due.due_before
        return now >= self.due.due_before

    def met_at(self, moment: datetime | None) -> bool:
        return moment is not None and not self.passed(moment)

    def document(self) -> dict[str, Any]:
        """The object of `iocsl deadlines --format json`; `why` is in the language chosen."""
        return {
            "id": self.id,
            "rule": self.rule,
            "regime": self.regime.value,
            "period": self.period.id,
            "period_type": self.period.type.value,
            "unit": self.unit,
            "datasets": list(self.datasets),
            "basis": self.basis,
            "wording": self.wording,
            "nominal_last_day": self.nominal.last_day.isoformat(),
            "nominal_before": iso(self.nominal.due_before),
            "last_day": self.due.last_day.isoformat(),
            "due_before": iso(self.due.due_before),
            "boundary": self.boundary,
            "rolled": self.rolled,
            "reasons": [
                {"date": each.date.isoformat(), "why": say(each.why), "document": each.document}
                for each in self.reasons
            ],
            "non_working": self.non_working,
            "would_move_to": self.would_move_to.isoformat() if self.would_move_to else None,
            "advised_by": self.advised_by.isoformat() if self.advised_by else None,
            "calendar_status": self.calendar_status,
            "alternatives": {name: due.document() for name, due in self.alternatives.items()},
            "flags": list(self.flags),
        }


def mark_of(
    obligation: Obligation,
    *,
    accepted_at: datetime | None,
    announced_at: datetime | None,
    attempted_at: datetime | None,
    nil: bool = False,
    now: datetime,
) -> str:
    """How a submission stands to its deadline; moments are aware.

    `accepted_at` by the warehouse's clock decides (2023 Điều 8; 1134 Điều 5.2): `on_time`, or `nil`
    for a nil return. What comes within `disputed_until` is `disputed`. What was announced whole and
    signed in time is `late_link`, what has a sealed attempt in time `late_outage`, all else `late`.
    Without acceptance: `not_due` before the deadline, `missing` after it.
    """
    if accepted_at is None:
        return "missing" if obligation.passed(now) else "not_due"
    if obligation.met_at(accepted_at):
        return "nil" if nil else "on_time"
    if obligation.disputed_until is not None and accepted_at < obligation.disputed_until:
        return "disputed"
    if obligation.met_at(announced_at):
        return "late_link"
    if obligation.met_at(attempted_at):
        return "late_outage"
    return "late"
