"""Rows whose key occurred before, told with the row where it did.

Keys made of closed lists (codes, periods, areas) are few: each column's cells are numbered, and one
array holds the first row of every possible key, so ten million rows need no more than a hundred
thousand. Where a key column has too many values, hashes of keys take over.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import add
from typing import Any

from iocsl.validate.readers.base import Batch, Cell, Place

MAX_KEYS = 8_000_000
"""Entries of the array, four bytes each."""
MAX_VALUES = 20_000
"""Values of one key column that are still numbered."""
ROOM = 8
"""Numbers that a column has to spare at the start."""


_EMPTY = frozenset({""})


class Repeats:
    """Told batch by batch. `defaults` are what an empty cell of a column stands for, `missing` the
    texts by column that are as good as empty.
    """

    def __init__(
        self,
        columns: Sequence[str],
        required: Iterable[str] = (),
        defaults: Mapping[str, str] | None = None,
        missing: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self.columns = list(columns)
        # The empty text alone asks for nothing.
        self._missing = {name: texts for name, texts in (missing or {}).items() if len(texts) > 1}
        self._required = frozenset(required)
        self._defaults = dict(defaults or {})
        self._places = _Places()
        self._keys: _NumberedKeys | _HashedKeys = _NumberedKeys(len(self.columns))

    def see(self, batch: Batch) -> Iterator[tuple[int, Place]]:
        """Position in the batch and first occurrence of each row that repeats an earlier one.

        Rows that lack a required part of the key are told as such elsewhere, and are no repeats.
        """
        first = self._places.take(batch)
        columns = [self._cells(batch, name) for name in self.columns]
        distinct = [
            batch.raw_distinct(name) if columns[at] is batch.raw(name) else set(columns[at])
            for at, name in enumerate(self.columns)
        ]
        empty = [batch.raw_of(name, "") for name in self.columns]
        if isinstance(self._keys, _NumberedKeys) and not self._keys.fits(distinct):
            self._keys = self._keys.hashed()
        lacking = self._lacking(distinct, empty)
        last, place = 0, Place(0, None)
        for at, earlier in self._keys.repeats(columns, distinct, first):
            if lacking:
                key = [cells[at] for cells in columns]
                if key == empty or any(key[part] == empty[part] for part in lacking):
                    continue
            if earlier != last:
                last, place = earlier, self._places.place(earlier)
            yield at, place

    def _cells(self, batch: Batch, name: str) -> Sequence[Any]:
        default, empty = self._defaults.get(name), batch.raw_of(name, "")
        none = batch.raw_texts(name, self._missing.get(name, _EMPTY))
        if default is None and len(none) == 1:
            return batch.raw(name)
        if none.isdisjoint(batch.raw_distinct(name)):
            return batch.raw(name)
        filled = empty if default is None else batch.raw_of(name, default)
        return [filled if cell in none else cell for cell in batch.raw(name)]

    def _lacking(self, distinct: Sequence[set[Any]], empty: Sequence[Any]) -> list[int]:
        """The parts of a key that may not be empty, where some cell of this batch is."""
        if not any(none in cells for none, cells in zip(empty, distinct, strict=True)):
            return []
        needed = [at for at, name in enumerate(self.columns) if name in self._required]
        return needed or list(range(len(self.columns)))


class _Places:
    """Rows counted from 1 over all batches, and where each of them is."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._batches: list[Batch] = []
        self._next = 1

    def take(self, batch: Batch) -> int:
        first = self._next
        self._starts.append(first)
        self._batches.append(Batch({}, batch.rows, batch.lines))
        self._next += len(batch)
        return first

    def place(self, number: int) -> Place:
        which = bisect_right(self._starts, number) - 1
        return self._batches[which].place(number - self._starts[which])


class _NumberedKeys:
    """The first row of every possible key, in one array."""

    def __init__(self, width: int) -> None:
        self._numbers: list[dict[Cell, int]] = [{} for _ in range(width)]
        """Cell → number within its column, times the column's stride."""
        self._room = [1] * width
        self._strides = [1] * width
        self._order: list[int] = []
        """Columns from the widest stride to the narrowest."""
        self._first = array("I", [0])

    def fits(self, distinct: Sequence[set[Cell]]) -> bool:
        """Number the new cells. False where there are more keys than the array may hold."""
        if not self._order:
            # What shows few values at the beginning (a period, an area) is what grows later, and
            # the column of the widest stride grows without moving the rest.
            self._order = sorted(range(len(distinct)), key=lambda at: len(distinct[at]))
        for at in reversed(self._order):
            numbers = self._numbers[at]
            fresh = distinct[at].difference(numbers)
            wanted = len(numbers) + len(fresh)
            if wanted > self._room[at] and not self._widen(at, wanted + wanted // 4 + ROOM):
                return False
            stride = self._strides[at]
            for cell in fresh:
                numbers[cell] = len(numbers) * stride
        return True

    def _widen(self, at: int, room: int) -> bool:
        """Give a column more room; False where the array would grow too large."""
        held, stride = self._room[at], self._strides[at]
        size = len(self._first) // held * room
        if size > MAX_KEYS or room > MAX_VALUES:
            return False
        if at == self._order[0]:
            self._first.extend(array("I", [0]) * (size - len(self._first)))
        else:
            moved = array("I", [0]) * size
            for start in range(0, len(self._first), held * stride):
                to = start // held * room
                moved[to : to + held * stride] = self._first[start : start + held * stride]
            self._first = moved
        self._room[at] = room
        for above in self._order[: self._order.index(at)]:
            self._strides[above] = self._strides[above] // held * room
            self._numbers[above] = {
                cell: number * self._strides[above]
                for number, cell in enumerate(self._numbers[above])
            }
        return True

    def entries(self) -> Iterator[tuple[tuple[Cell, ...], int]]:
        """Every key met so far with its first row."""
        cells = [list(numbers) for numbers in self._numbers]
        sizes = list(zip(cells, self._strides, self._room, strict=True))
        for index, row in enumerate(self._first):
            if row:
                key = tuple(column[index // stride % room] for column, stride, room in sizes)
                yield key, row

    def repeats(
        self, columns: Sequence[Sequence[Cell]], distinct: Sequence[set[Cell]], first: int
    ) -> Iterator[tuple[int, int]]:
        """Position in the batch of each repeated key, and the row that had it first."""
        base, indices = 0, None
        for cells, few, numbers in zip(columns, distinct, self._numbers, strict=True):
            if len(few) == 1:
                # The same in the whole batch, as a period or an area often is.
                base += numbers[cells[0]]
                continue
            found: Iterator[int] = map(numbers.__getitem__, cells)
            indices = found if indices is None else map(add, indices, found)
        known = self._first
        for row, index in enumerate(indices or [0] * len(columns[0]), first):
            key = base + index
            if known[key]:
                yield row - first, known[key]
            else:
                known[key] = row

    def hashed(self) -> _HashedKeys:
        """The same keys by their hashes."""
        return _HashedKeys({hash(key): row for key, row in self.entries()})


class _HashedKeys:
    """64-bit hashes of keys: some 70 bytes a row.

    Two different keys of one hash would be told as a repeat; among ten million rows the odds of one
    such pair are three in a million.
    """

    def __init__(self, carried: dict[int, int]) -> None:
        self._carried = carried
        self._seen = set(carried)
        self._hashes = array("q")
        self._from: int | None = None

    def repeats(
        self, columns: Sequence[Sequence[Cell]], _: Sequence[set[Cell]], first: int
    ) -> Iterator[tuple[int, int]]:
        if self._from is None:
            self._from = first
        hashes = list(map(hash, zip(*columns, strict=True)))
        fresh = set(hashes)
        self._hashes.extend(hashes)
        if len(fresh) < len(hashes) or not self._seen.isdisjoint(fresh):
            yield from self._find(hashes, first)
        self._seen |= fresh

    def _find(self, hashes: Sequence[int], first: int) -> Iterator[tuple[int, int]]:
        here: dict[int, int] = {}
        for at, code in enumerate(hashes):
            if code in self._carried:
                yield at, self._carried[code]
            elif code in self._seen:
                yield at, (self._from or 1) + self._hashes.index(code)
            elif code in here:
                yield at, first + here[code]
            else:
                here[code] = at
