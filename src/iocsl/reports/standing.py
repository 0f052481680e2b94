"""Where a unit stands: each obligation beside what the ledger shows was accepted, and when.

Late marks are kept as 1134 Điều 5.4.c wants them; one submission answers the obligations that
`obligations_of` names for its dataset and period.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from iocsl import clock
from iocsl.catalog import Catalogue
from iocsl.deadlines import Obligation, Readings, Timetable, Wanted, mark_of, obligations_of
from iocsl.deadlines.lists import DATASET, next_of_each
from iocsl.domain import Period
from iocsl.errors import IocslError
from iocsl.ledger import receipts
from iocsl.ledger.receipts import Accepted, Attempt, Key
from iocsl.transport.outbox import Entry, Outbox

LOOK_BACK = timedelta(days=31)
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Standing:
    """One obligation of one unit and dataset, and how it was met."""

    obligation: Obligation
    unit: str | None
    dataset: str
    mark: str
    accepted: Accepted | None
    attempt: Attempt | None

    def document(self) -> dict[str, Any]:
        """The contract's row of `status`."""
        accepted = self.accepted
        announced = accepted.announced_at if accepted else None
        return {
            "id": self.obligation.id,
            "unit": self.unit,
            "dataset": self.dataset,
            "due_before": clock.iso(self.obligation.due.due_before),
            "mark": self.mark,
            "accepted_at": clock.iso(accepted.accepted_at) if accepted else None,
            "announced_at": clock.iso(announced) if announced else None,
            "proof": self.attempt.proof if self.attempt else None,
        }


def standings(
    catalogue: Catalogue, settings: Readings, home: Path, *, unit: str | None, now: datetime
) -> list[Standing]:
    """The next deadline of each rule, those of the last 31 days, and those of what still waits.

    Without `unit` only what the ledger and the outbox know of. Sorted as lists of deadlines are.
    """
    timetable = Timetable(catalogue, settings)
    accepted = receipts.accepted(home)
    attempts = receipts.attempts(home)
    waiting = Outbox(home).entries(waiting=True)
    found = _asked_of(timetable, unit, now)
    sent: dict[tuple[str, str | None, str], Key] = {}
    for key in {*accepted, *(_key(entry) for entry in waiting)}:
        for each in _answered(timetable, key):
            sent[each.id, key[0], key[1]] = key
            recent = each.due.due_before >= now - LOOK_BACK
            if recent or key not in accepted:
                found[each.id, key[0], key[1]] = each
    by_key = {_key(entry): entry.identity for entry in waiting}
    rows = []
    for place, each in found.items():
        fact = accepted.get(sent[place]) if place in sent else None
        identity = fact.identity if fact else by_key.get(sent.get(place, ("", "", "")))
        rows.append(_standing(each, place, fact, attempts.get(identity or ""), now))
    return sorted(rows, key=lambda row: (row.obligation.key, row.unit or "", row.dataset))


def daily(rows: Iterable[Standing], now: datetime) -> list[Standing]:
    """What falls due today, and what is missing (2023 Điều 12)."""
    return [row for row in rows if row.mark == MISSING or row.obligation.due.last_day == now.date()]


def _asked_of(
    timetable: Timetable, unit: str | None, now: datetime
) -> dict[tuple[str, str | None, str], Obligation]:
    known = timetable.catalogue.unit(unit) if unit else None
    if known is None:
        return {}
    wanted = Wanted(unit=known, to_store=True)
    first, today = (now - LOOK_BACK).date(), now.date()
    recent = timetable.join(timetable.between(first, today, wanted), DATASET, wanted)
    coming = next_of_each(timetable, now, 1, wanted, DATASET)
    return {(each.id, known.id, each.datasets[0]): each for each in (*recent, *coming)}


def _answered(timetable: Timetable, key: Key) -> list[Obligation]:
    """The obligations that a submission answers; none where the catalogue no longer knows it."""
    unit, code, period = key
    try:
        dataset = timetable.catalogue.dataset(code)
        return obligations_of(timetable, dataset, Period.parse(period), unit)
    except (IocslError, ValueError):
        return []


def _standing(
    each: Obligation,
    place: tuple[str, str | None, str],
    accepted: Accepted | None,
    attempt: Attempt | None,
    now: datetime,
) -> Standing:
    mark = mark_of(
        each,
        accepted_at=accepted.accepted_at if accepted else None,
        announced_at=accepted.announced_at if accepted else None,
        attempted_at=attempt.attempted_at if attempt else None,
        now=now,
    )
    return Standing(each, place[1], place[2], mark, accepted, attempt)


def _key(entry: Entry) -> Key:
    return entry.slip.unit, entry.slip.dataset, entry.slip.period


def counted(entries: Iterable[Entry]) -> Mapping[str, int]:
    """How many entries of the outbox stand where."""
    found: dict[str, int] = {}
    for entry in entries:
        found[entry.state] = found.get(entry.state, 0) + 1
    return found
