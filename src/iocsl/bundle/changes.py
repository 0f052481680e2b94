"""What changed against an earlier bundle and against the last period, for those who sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl.bundle import earlier
from iocsl.bundle.container import SLIP, OpenBundle, open_bundle
from iocsl.bundle.encryption_keys import aside
from iocsl.bundle.figures import rows_of
from iocsl.bundle.identity import Slip
from iocsl.catalog.schema import parse_schema
from iocsl.domain import Figure, Period
from iocsl.errors import IocslError
from iocsl.ledger import history, receipts
from iocsl.validate.context import Context
from iocsl.validate.history import form_of, known_period
from iocsl.validate.readers.base import Unreadable
from iocsl.validate.registry import Role

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue

MOST_ROWS = 300_000
"""Rows that are compared one by one; above that only their number is told."""
FIRST = 50
"""Changes that are listed; the counts are exact."""
MASK = "***"

Record = dict[str, Any]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that came or went, or one cell that changed. Personal values are masked."""

    kind: str
    """`added`, `removed` or `changed`."""
    key: str
    column: str | None
    before: str | None
    after: str | None

    def document(self) -> dict[str, str | None]:
        return {each: getattr(self, each) for each in self.__slots__}


@dataclass(frozen=True, slots=True)
class Changes:
    """A correction beside the submission that it replaces.

    `reason` is why that one was returned, None when it was not. Counts are exact; `first` are the
    first of the changes. `known` is False, and all else empty, when that one is not at hand.
    """

    identity: str
    known: bool = False
    sequence: int | None = None
    reason: str | None = None
    rows: tuple[int, int] = (0, 0)
    compared: bool = False
    added: int = 0
    removed: int = 0
    cells: int = 0
    first: tuple[Change, ...] = ()
    fixed: int = 0
    new: int = 0

    def document(self) -> dict[str, Any]:
        return {
            "identity": self.identity,
            "known": self.known,
            "sequence": self.sequence,
            "reason": self.reason,
            "rows": {"before": self.rows[0], "now": self.rows[1]},
            "compared": self.compared,
            "added": self.added,
            "removed": self.removed,
            "cells": self.cells,
            "first": [each.document() for each in self.first],
            "findings": {"fixed": self.fixed, "new": self.new},
        }


@dataclass(frozen=True, slots=True)
class Total:
    """The figures of one indicator added up, in the last period and now; None: none there."""

    indicator: str
    before: float | None
    now: float | None

    @property
    def share(self) -> float:
        """By how much it moved, for the order in which totals are shown."""
        if self.before is None or self.now is None:
            return float("inf")
        if self.before == self.now:
            return 0.0
        return abs(self.now - self.before) / abs(self.before) if self.before else float("inf")


@dataclass(frozen=True, slots=True)
class LastPeriod:
    """A submission beside the one of the period before it.

    `rows` (before, now) is None where the earlier bundle is not at hand; `totals` are those that
    moved, the most first; `indicators` counts all.
    """

    period: str
    identity: str
    rows: tuple[int, int] | None
    indicators: int
    totals: tuple[Total, ...]

    def document(self) -> dict[str, Any]:
        return {
            "period": self.period,
            "identity": self.identity,
            "rows": {"before": self.rows[0], "now": self.rows[1]} if self.rows else None,
            "indicators": self.indicators,
            "totals": [
                {"indicator": each.indicator, "before": each.before, "now": each.now}
                for each in self.totals
            ],
        }


class _Table:
    """The rows of the data files of one bundle, read through the dataset's structure."""

    def __init__(self, bundle: OpenBundle, home: Path, catalogue: Catalogue) -> None:
        self._bundle, self._home = bundle, home
        dataset = catalogue.dataset(bundle.slip.dataset)
        self.schema = parse_schema(catalogue.schema(dataset.schema), dataset.schema)
        self._context = Context(
            catalogue=catalogue,
            schema=self.schema,
            dataset=dataset,
            unit=catalogue.unit(bundle.slip.unit),
            period=Period.parse(bundle.slip.period),
        )

    @property
    def count(self) -> int:
        """The rows as the report in the bundle has counted them."""
        reports = self._bundle.report["reports"]
        return sum(int(report["counts"]["rows"] or 0) for report in reports)

    def rows(self) -> Iterator[Record]:
        attachments = set(self._bundle.document(SLIP)["attachments"])
        with aside(self._home) as folder:
            for name in self._bundle.data_names:
                if name not in attachments:
                    self._bundle.extract(name, folder / name)
                    yield from rows_of(folder / name, self._context)

    def figures(self) -> list[Figure]:
        form = form_of(self.schema)
        if form is None or self.count > MOST_ROWS:
            return []
        found = (figure for record in self.rows() for figure in form.figures(record))
        return [each for each in found if each.period == self._bundle.slip.period]

    def keyed(self) -> dict[Key, Record]:
        """Rows by their key; a structure without one takes the whole row for it."""
        names = self.schema.primary_key or tuple(self.schema.by_name)
        seen: Counter[Key] = Counter()
        found: dict[Key, Record] = {}
        for record in self.rows():
            key = tuple(_text(record.get(name)) for name in names)
            seen[key] += 1
            found[key if seen[key] == 1 else (*key, f"({seen[key]})")] = record
        return found


def changes_since(path: Path, slip: Slip, home: Path, catalogue: Catalogue) -> Changes | None:
    """What a correction changed, None when the bundle replaces nothing."""
    if slip.supersedes is None:
        return None
    before = earlier.find(slip.supersedes, path, home)
    if before is None:
        return Changes(slip.supersedes)
    try:
        with open_bundle(before) as old, open_bundle(path) as new:
            return _compared(old, new, home, catalogue)
    except (IocslError, Unreadable, KeyError, TypeError, ValueError):
        # A structure or a file of long ago that is not read any more: there is nothing to show.
        return Changes(slip.supersedes)


def _compared(old: OpenBundle, new: OpenBundle, home: Path, catalogue: Catalogue) -> Changes:
    before, now = _Table(old, home, catalogue), _Table(new, home, catalogue)
    returned = [each.document["reason"] for each in old.decisions if each.returned]
    found, gone = _findings(new.report), _findings(old.report)
    small = max(before.count, now.count) <= MOST_ROWS
    counts: Counter[str] = Counter()
    first: list[Change] = []
    for change in _changes(before.keyed(), now.keyed(), now) if small else ():
        counts[change.kind] += 1
        if len(first) < FIRST:
            first.append(change)
    return Changes(
        old.slip.identity(),
        known=True,
        sequence=old.slip.sequence,
        reason=returned[0] if returned else None,
        rows=(before.count, now.count),
        compared=small,
        added=counts["added"],
        removed=counts["removed"],
        cells=counts["changed"],
        first=tuple(first),
        fixed=(gone - found).total(),
        new=(found - gone).total(),
    )


def _changes(
    before: Mapping[Key, Record], now: Mapping[Key, Record], of: _Table
) -> Iterator[Change]:
    fields = of.schema.by_name
    personal = {name for name, each in fields.items() if each.personal}
    hidden = [each in personal for each in of.schema.primary_key or tuple(fields)]

    def said(key: Key) -> str:
        parts = (MASK if at < len(hidden) and hidden[at] else each for at, each in enumerate(key))
        return " ".join(part for part in parts if part)

    for key, record in now.items():
        if key not in before:
            yield Change("added", said(key), None, None, None)
            continue
        for name, field in fields.items():
            old, new = before[key].get(name), record.get(name)
            if old != new:
                shown = (MASK, MASK) if name in personal else (_text(old), _text(new))
                yield Change("changed", said(key), field.title or name, *shown)
    for key in before:
        if key not in now:
            yield Change("removed", said(key), None, None, None)


def _findings(report: Mapping[str, Any]) -> Counter[tuple[Any, ...]]:
    """Findings by what they say, not by where: rows move when others come or go."""
    return Counter(
        (each["code"], each["sheet"], each["column"], each["message"])
        for one in report["reports"]
        for each in one["findings"]
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def since_last_period(
    path: Path, slip: Slip, home: Path, catalogue: Catalogue
) -> LastPeriod | None:
    """The submission beside the one accepted for the period before; None when none is known."""
    own = known_period(slip.period)
    last = _last(slip, own, home) if own else None
    if last is None:
        return None
    period, identity = last
    at_hand = earlier.find(identity, path, home)
    try:
        with open_bundle(path) as bundle:
            now = _Table(bundle, home, catalogue)
            figures, rows = now.figures(), now.count
        landed = next(iter(history.figures_of(home, [identity])), [])
        before = [each for each in landed if each.period == period.id]
        if at_hand is None:
            return _beside(period, identity, None, before, figures)
        with open_bundle(at_hand) as bundle:
            then = _Table(bundle, home, catalogue)
            return _beside(period, identity, (then.count, rows), before or then.figures(), figures)
    except (IocslError, Unreadable, KeyError, TypeError, ValueError):
        return None


def _last(slip: Slip, own: Period, home: Path) -> tuple[Period, str] | None:
    """The newest period before this one of which something landed or was received."""
    known = {each.period: each.identity for each in history.landings(home, slip.unit, slip.dataset)}
    for key, each in receipts.accepted(home).items():
        if key[:2] == (slip.unit, slip.dataset):
            known.setdefault(key[2], each.identity)
    periods = [(known_period(text), identity) for text, identity in known.items()]
    before = [
        (period, identity)
        for period, identity in periods
        if period and period.type is own.type and period.last_day < own.first_day
    ]
    return max(before, key=lambda each: each[0].last_day, default=None)


def _beside(
    period: Period,
    identity: str,
    rows: tuple[int, int] | None,
    before: Sequence[Figure],
    now: Sequence[Figure],
) -> LastPeriod:
    first, second = _totals(before), _totals(now)
    totals = [Total(code, first.get(code), second.get(code)) for code in sorted(first | second)]
    moved = sorted((each for each in totals if each.share), key=lambda each: -each.share)
    return LastPeriod(period.id, identity, rows, len(totals), tuple(moved))


def _totals(figures: Sequence[Figure]) -> dict[str, float]:
    """The values of each indicator added up over areas and groups."""
    totals: dict[str, float] = {}
    for each in figures:
        if each.column == Role.VALUE:
            totals[each.indicator] = totals.get(each.indicator, 0.0) + each.value
    return totals
