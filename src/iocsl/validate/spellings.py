"""Keys that repeat, exactly or in another spelling: "Mường La" and "mường la " are one commune.

Each column's cells are brought to the first cell that is the same after folding; nearly always
there is none to bring, and then a batch costs one look at its distinct cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from iocsl.text import fold, squeeze
from iocsl.validate.readers.base import Batch, Cell, Place, shown
from iocsl.validate.repeats import Repeats

MOST = 50_000
"""Distinct cells of a column whose spellings are compared; a column with more is taken as is."""
REMEMBERED = 100_000
"""Rows with a spelling of their own whose exact keys are kept."""


class Repeat(NamedTuple):
    """A row whose key occurred before: its position in the batch, and where it first was."""

    at: int
    first: Place
    exact: bool
    """Whether the key is the same as it is read, and not only after folding."""


@dataclass(slots=True)
class _Column:
    """The spellings of one column: `same` reads as the first one does, `alike` folds as it does."""

    seen: set[Cell] = field(default_factory=set)
    first: dict[str, Cell] = field(default_factory=dict)
    same: dict[Cell, Cell] = field(default_factory=dict)
    alike: dict[Cell, Cell] = field(default_factory=dict)

    def learn(self, distinct: set[Cell], cells: Sequence[Cell]) -> None:
        """Take in the cells of a batch, in the order in which they stand where that matters."""
        fresh = distinct - self.seen
        if not fresh or len(self.seen) > MOST:
            return
        self.seen |= fresh
        groups: dict[str, list[Cell]] = {}
        for cell in fresh:
            groups.setdefault(_folded(cell), []).append(cell)
        for folded, group in groups.items():
            if len(group) > 1:
                group.sort(key=cells.index)
            if folded not in self.first:
                self.first[folded] = group.pop(0)
            known = self.first[folded]
            for cell in group:
                kept = self.same if _read(cell) == _read(known) else self.alike
                kept[cell] = known


def _read(cell: Cell) -> str:
    return squeeze(shown(cell))


def _folded(cell: Cell) -> str:
    text = shown(cell)
    return " ".join(text.split()).casefold() if text.isascii() else fold(text)


class SpelledRepeats:
    """`Repeats` that also finds keys which differ in spelling alone. Told batch by batch."""

    def __init__(
        self,
        columns: Sequence[str],
        required: Iterable[str] = (),
        defaults: Mapping[str, str] | None = None,
    ) -> None:
        self._repeats = Repeats(columns, required, defaults)
        self._columns = {name: _Column() for name in columns}
        self._exact: dict[tuple[Cell, ...], Place] = {}
        """Keys as they are read, of rows that touch another spelling."""
        self._spelled: set[Place] = set()
        """First rows of a key that were in another spelling than its first cells."""

    def see(self, batch: Batch) -> Iterator[Repeat]:
        for name, column in self._columns.items():
            column.learn(batch.distinct(name), batch.columns[name])
        spelled = [
            name
            for name, column in self._columns.items()
            if not batch.distinct(name).isdisjoint(column.alike)
        ]
        repeats = dict(self._repeats.see(self._brought(batch)))
        touched = self._rows(batch, spelled) if spelled else set()
        if self._spelled:
            touched |= {at for at, first in repeats.items() if first in self._spelled}
        for at in sorted(repeats.keys() | touched):
            first = repeats.get(at)
            exact = self._earlier(batch, at) if at in touched else None
            if first is None:
                self._spelled.add(batch.place(at))
            elif at not in touched:
                yield Repeat(at, first, exact=True)
            else:
                yield Repeat(at, exact or first, exact=exact is not None)

    def _brought(self, batch: Batch) -> Batch:
        """The batch with the first spelling of every key cell."""
        columns: dict[str, Sequence[Cell]] = {}
        for name, column in self._columns.items():
            others = {**column.same, **column.alike}
            if not batch.distinct(name).isdisjoint(others):
                columns[name] = [others.get(cell, cell) for cell in batch.columns[name]]
        if not columns:
            return batch
        return Batch({**batch.columns, **columns}, batch.rows, batch.lines)

    def _rows(self, batch: Batch, spelled: Sequence[str]) -> set[int]:
        """The rows with a cell that folds like an earlier one without being it."""
        return {
            at
            for name in spelled
            for at, cell in enumerate(batch.columns[name])
            if cell in self._columns[name].alike
        }

    def _earlier(self, batch: Batch, at: int) -> Place | None:
        """Where the very same key was before, among rows that touch another spelling."""
        key = tuple(
            column.same.get(batch.columns[name][at], batch.columns[name][at])
            for name, column in self._columns.items()
        )
        earlier = self._exact.get(key)
        if earlier is None and len(self._exact) < REMEMBERED:
            self._exact[key] = batch.place(at)
        return earlier
