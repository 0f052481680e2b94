"""Keys that repeat, exactly or in another spelling: "Mường La" and "mường la " are one commune.

Each column's cells are brought to the first cell that is the same after folding; nearly always
there is none to bring, and then a batch costs one look at its distinct cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any, NamedTuple

from iocsl.catalog.schema import SchemaField
from iocsl.catalog.schema_types import RARE
from iocsl.text import fold, squeeze
from iocsl.validate.readers.base import Batch, Place, shown
from iocsl.validate.readers.texts import Texts
from iocsl.validate.registry import Role
from iocsl.validate.repeats import Repeats

MOST = 50_000
"""Distinct cells of a column whose spellings are compared; a column with more is taken as is."""
REMEMBERED = 100_000
"""Rows with a spelling of their own whose exact keys are kept."""


Reading = Callable[[str], str]
"""A text of a key column as it is compared."""


def reading_of(column: SchemaField) -> Reading:
    """One text for each day, number and area of a key column, however it is written."""
    from iocsl.validate.cells import reader_of

    if column.name == Role.AREA:
        return lambda text: squeeze(text).removeprefix("X-")
    if column.type not in {"date", "number", "integer", *RARE}:
        return squeeze
    read = reader_of(column, frozenset())

    def compared(text: str) -> str:
        value = read(squeeze(text))
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, int | float):
            return repr(float(value))
        return squeeze(text) if isinstance(value, Enum) else str(value)

    return compared


class Repeat(NamedTuple):
    """A row whose key occurred before: its position in the batch, and where it first was."""

    at: int
    first: Place
    exact: bool
    """Whether the key is the same as it is read, and not only after folding."""


class _Column:
    """The spellings of one column, its cells as the reader holds them.

    Of those that fold like an earlier one, `same` reads as that one does and `alike` does not.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.seen: set[Any] = set()
        self.first: dict[str, Any] = {}
        self.same: dict[Any, Any] = {}
        self.alike: dict[Any, Any] = {}

    def learn(self, batch: Batch, name: str) -> None:
        """Take in the cells of a batch, in the order in which they stand where that matters."""
        room = MOST - len(self.seen)
        if room <= 0:
            return
        fresh = list(batch.raw_distinct(name).difference(self.seen))
        if not fresh:
            return
        if len(fresh) > room:
            fresh.sort(key=batch.raw(name).index)
            del fresh[room:]
        self.seen.update(fresh)
        spelling = batch.spelling(name)
        texts = spelling.texts(fresh) if spelling is not None else list(map(shown, fresh))
        if self.reading is not squeeze:
            texts = list(map(self.reading, texts))
        read = dict(zip(fresh, texts, strict=True))
        groups: dict[str, list[Any]] = {}
        for raw, text in read.items():
            groups.setdefault(_folded(text), []).append(raw)
        for folded, group in groups.items():
            known = self.first.get(folded)
            if known is None:
                if len(group) > 1:
                    group.sort(key=batch.raw(name).index)
                known = group.pop(0)
                self.first[folded] = known
            if group:
                of_known = spelling.text(known) if spelling is not None else shown(known)
                for raw in group:
                    same = squeeze(read[raw]) == self.reading(of_known)
                    (self.same if same else self.alike)[raw] = known


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold() if text.isascii() else fold(text)


class SpelledRepeats:
    """`Repeats` that also finds keys which differ in spelling alone. Told batch by batch."""

    def __init__(
        self,
        columns: Sequence[str],
        required: Iterable[str] = (),
        defaults: Mapping[str, str] | None = None,
        readings: Mapping[str, Reading] | None = None,
        missing: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self._repeats = Repeats(columns, required, defaults, missing)
        self._columns = {name: _Column((readings or {}).get(name, squeeze)) for name in columns}
        self._exact: dict[tuple[Any, ...], Place] = {}
        """Keys as they are read, of rows that touch another spelling."""
        self._spelled: set[Place] = set()
        """First rows of a key that were in another spelling than its first cells."""

    def see(self, batch: Batch) -> Iterator[Repeat]:
        for name, column in self._columns.items():
            column.learn(batch, name)
        repeats = dict(self._repeats.see(self._brought(batch)))
        touched = self._touched(batch)
        if not (touched or self._spelled):
            yield from (Repeat(at, first, exact=True) for at, first in repeats.items())
            return
        self._spelled.update(batch.place(at) for at in touched - repeats.keys())
        if self._spelled:
            touched |= {at for at, first in repeats.items() if first in self._spelled}
        for at in sorted(repeats.keys() | touched):
            first = repeats.get(at)
            exact = self._earlier(batch, at) if at in touched else None
            if first is None:
                continue
            if at not in touched:
                yield Repeat(at, first, exact=True)
            else:
                yield Repeat(at, exact or first, exact=exact is not None)

    def _brought(self, batch: Batch) -> Batch:
        """The batch with the first spelling of every key cell."""
        columns: dict[str, Sequence[Any]] = {}
        for name, column in self._columns.items():
            others = {**column.same, **column.alike}
            if others and not batch.raw_distinct(name).isdisjoint(others):
                brought = [others.get(cell, cell) for cell in batch.raw(name)]
                spelling = batch.spelling(name)
                columns[name] = brought if spelling is None else Texts(brought, spelling)
        if not columns:
            return batch
        keys = {name: columns.get(name, batch.columns[name]) for name in self._columns}
        return Batch(keys, batch.rows, batch.lines)

    def _touched(self, batch: Batch) -> set[int]:
        """The rows with a cell that folds like an earlier one without being it."""
        return {
            at
            for name, column in self._columns.items()
            if column.alike and not batch.raw_distinct(name).isdisjoint(column.alike)
            for at, cell in enumerate(batch.raw(name))
            if cell in column.alike
        }

    def _earlier(self, batch: Batch, at: int) -> Place | None:
        """Where the very same key was before, among rows that touch another spelling."""
        cells = ((column, batch.raw(name)[at]) for name, column in self._columns.items())
        key = tuple(column.same.get(cell, cell) for column, cell in cells)
        earlier = self._exact.get(key)
        if earlier is None and len(self._exact) < REMEMBERED:
            self._exact[key] = batch.place(at)
        return earlier
