"""What the warehouse has landed of a unit and dataset, as a past to check against."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from iocsl import clock, config
from iocsl.bundle.past import by_period
from iocsl.domain import Figure
from iocsl.ledger.database import trouble
from iocsl.ledger.history import Landing
from iocsl.ledger.receipts import NEEDS_WORK, RECEIVED, Accepted, Key
from iocsl.validate.context import Context
from iocsl.validate.history import Form, Supplied, form_of
from iocsl.validate.quality import together
from iocsl.warehouse.store import FILE, Store

_LANDED = """
SELECT a.period, a.identity FROM acceptances AS a
WHERE a.unit = ? AND a.dataset = ? AND a.sequence = (
    SELECT max(b.sequence) FROM acceptances AS b
    JOIN receipts AS r ON r.identity = b.identity AND r.kind = 'landed'
    WHERE b.unit = a.unit AND b.dataset = a.dataset AND b.period = a.period)
"""
_ACCEPTED = """
SELECT a.*, c.announced_at, coalesce(second.kind, ?) AS kind FROM acceptances AS a
JOIN containers AS c ON c.identity = a.identity AND c.sha256 = a.sha256
LEFT JOIN receipts AS second ON second.identity = a.identity AND second.step = 2
WHERE a.unit = ? AND a.dataset = ? AND coalesce(second.kind, '') <> ?
ORDER BY a.accepted_at, a.sequence
"""


_QUALITY = """
SELECT a.identity, a.unit, a.dataset, a.period, a.sequence, r.digest, a.accepted_at, c.reports
FROM acceptances AS a
JOIN receipts AS r ON r.identity = a.identity AND r.kind = 'landed'
JOIN checks AS c ON c.identity = a.identity
WHERE a.unit = coalesce(?, a.unit) AND a.dataset = coalesce(?, a.dataset) AND a.sequence = (
    SELECT max(b.sequence) FROM acceptances AS b
    JOIN receipts AS s ON s.identity = b.identity AND s.kind = 'landed'
    WHERE b.unit = a.unit AND b.dataset = a.dataset AND b.period = a.period)
ORDER BY a.unit, a.dataset, a.accepted_at, a.period
"""


class LandedPast:
    """The `History` of the warehouse's side, over the rows in force of each period."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def supplied(self, context: Context) -> Iterator[Supplied]:
        form = form_of(context.schema)
        if context.unit is None or context.dataset is None or form is None:
            return
        try:
            with self._store.reading() as connection:
                landed = connection.execute(_LANDED, (context.unit.id, context.dataset.code))
                submissions = [(row["period"], row["identity"]) for row in landed]
                yield from by_period(submissions, lambda ids: _figures(connection, ids, form))
        except sqlite3.Error as error:
            raise trouble(error, self._store.folder / FILE) from None

    def live(self, context: Context) -> float | None:
        if context.unit is None or context.dataset is None:
            return None
        from iocsl.deadlines import Readings, Timetable
        from iocsl.deadlines.liveliness import liveliness

        unit, code, now = context.unit.id, context.dataset.code, self._store.now()
        accepted = accepted_of(self._store, unit, code)
        timetable = Timetable(context.catalogue, Readings.from_config(config.load()))
        return liveliness(timetable, unit, code, accepted, now).at(now)


def landings(store: Store, unit: str | None, dataset: str | None) -> list[Landing]:
    """What is in force of each period, with the quality that the technical check found."""
    with store.reading() as connection:
        rows = connection.execute(_QUALITY, (unit, dataset)).fetchall()
    found = []
    for row in rows:
        quality = together(json.loads(row["reports"]))
        found.append(
            Landing(
                row["identity"],
                row["unit"],
                row["dataset"],
                row["period"],
                row["sequence"],
                row["digest"],
                clock.parse_moment(row["accepted_at"]),
                quality.correct,
                quality.complete,
                quality.clean,
            )
        )
    return found


def accepted_of(store: Store, unit: str, dataset: str) -> dict[Key, Accepted]:
    """The earliest submission of each period that was received and not sent back."""
    with store.reading() as connection:
        rows = connection.execute(_ACCEPTED, (RECEIVED, unit, dataset, NEEDS_WORK)).fetchall()
    found: dict[Key, Accepted] = {}
    for row in rows:
        found.setdefault((unit, dataset, row["period"]), _accepted(row, test=store.test))
    return found


def _accepted(row: sqlite3.Row, *, test: bool) -> Accepted:
    announced = clock.parse_moment(row["announced_at"])
    at = clock.parse_moment(row["accepted_at"])
    return Accepted(row["identity"], row["sequence"], row["kind"], at, announced, None, None, test)


def _figures(
    connection: sqlite3.Connection, identities: Iterable[str], form: Form
) -> Iterator[Iterable[Figure]]:
    for identity in identities:
        records = connection.execute("SELECT record FROM facts WHERE identity = ?", (identity,))
        yield _of(records, form)


def _of(records: Iterable[Any], form: Form) -> Iterator[Figure]:
    for row in records:
        yield from form.figures(json.loads(row["record"]))
