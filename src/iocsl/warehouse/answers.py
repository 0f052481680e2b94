"""Who has answered a request, as the issuing side asks it (2023 Điều 8.2, 8.3; 1134 Điều 5.2.c)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from iocsl import clock
from iocsl.catalog import Catalogue
from iocsl.deadlines import Obligation, Readings, Timetable, mark_of, obligations_of
from iocsl.deadlines.requests import Asked
from iocsl.deadlines.rules import period_of
from iocsl.warehouse.store import Store
from iocsl.warehouse.upkeep import submissions

_SENT_BACK = "needs_work"
Key = tuple[str, str, str]


def answers(
    store: Store, catalogue: Catalogue, readings: Readings, now: datetime, code: str | None = None
) -> list[dict[str, Any]]:
    """`{code, unit, dataset, period, due_before, mark, accepted_at}`: one a unit and dataset asked.

    Withdrawn requests are left out, unless `code` names one. What was sent back does not count.
    """
    timetable = Timetable(catalogue, readings)
    first = _first_accepted(store)
    found = []
    for rule in timetable.rules.values():
        asked = rule.asked
        if asked is None or code not in {None, asked.code} or (asked.withdrawn and code is None):
            continue
        for unit, dataset, owed in _asked_of(timetable, asked):
            key = unit, dataset, asked.period
            found.append(_row(asked, owed, key, first.get(key, {}), now))
    return found


def _first_accepted(store: Store) -> dict[Key, dict[str, Any]]:
    first: dict[Key, dict[str, Any]] = {}
    for row in submissions(store):
        if row["state"] != _SENT_BACK:
            first.setdefault((row["unit"], row["dataset"], row["period"]), row)
    return first


def _asked_of(timetable: Timetable, asked: Asked) -> Iterator[tuple[str, str, Obligation | None]]:
    period = period_of(asked.period)
    for unit in asked.addressees:
        for code in asked.datasets:
            owed = obligations_of(timetable, timetable.catalogue.dataset(code), period, unit)
            own = (each for each in owed if each.rule.endswith(f".{asked.code}"))
            yield unit, code, next(own, None)


def _row(
    asked: Asked, owed: Obligation | None, key: Key, fact: dict[str, Any], now: datetime
) -> dict[str, Any]:
    accepted = fact.get("accepted_at")
    announced = fact.get("announced_at")
    due = owed.due.due_before if owed else asked.due_before
    return {
        "code": asked.code,
        **dict(zip(("unit", "dataset", "period"), key, strict=True)),
        "due_before": clock.iso(due),
        "mark": mark_of(
            owed,
            accepted_at=clock.parse_moment(accepted) if accepted else None,
            announced_at=clock.parse_moment(announced) if announced else None,
            attempted_at=None,
            now=now,
        )
        if owed
        else None,
        "accepted_at": clock.iso(clock.parse_moment(accepted)) if accepted else None,
    }
