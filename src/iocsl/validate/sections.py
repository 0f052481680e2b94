"""Several tables under one another on a sheet: each begins with headings of its own.

Printed forms repeat the headings at every page or part, in the same columns or in others. Those
headings, the titles above them and the signatures between two tables are no data.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

from iocsl.catalog.schema import TableSchema
from iocsl.validate.heading_rows import DEEPEST, Found
from iocsl.validate.headings import Layout, find_layout
from iocsl.validate.other_rows import is_blank, is_signature
from iocsl.validate.readers.base import Chunk, Row, Sheet, shown

MOST_PARTS = 2_000
"""Headings that are looked for on one sheet."""
MOST_MISSED = 1_000
"""Cells that hold a word of the headings and begin none: then the word belongs to the data."""
ABOVE = 40
"""Rows above headings among which their titles are looked for."""

Area = tuple[tuple[int, int], tuple[int, int]]


def parts_of(
    sheet: Sheet,
    layout: Layout,
    schema: TableSchema,
    chunks: Iterable[Chunk] | None = None,
    aside: Callable[[Chunk], None] | None = None,
) -> Iterator[tuple[Layout, Chunk]]:
    """The rows below the first headings, with the layout that holds for them.

    `chunks` are all rows of the sheet, where it is not to be read here; `aside` is shown the rows
    between two tables. Columns are those of the
    sheet, whatever the layout. Some rows are held back until it is plain that no headings follow,
    for the titles above those would be among them. How the rows are cut into chunks makes no
    difference.
    """
    first, search = layout, _Search(sheet, schema)
    held: deque[Chunk] = deque()
    named, open_rows = False, 0
    for chunk in sheet.chunks() if chunks is None else chunks:
        skipped = layout.last_row - chunk.first + 1
        below = chunk.part(skipped) if skipped > 0 else chunk
        if layout is not first:
            below = below.unscreened()  # under the first headings
        if not len(below):
            continue
        held.append(below)
        open_rows += len(below)
        names = below.screened is None and below.holds(layout.first_column(), layout.titles)
        if named or names:
            rows = _joined(held)
            last = len(rows) - DEEPEST
            while found := search.next(rows, len(rows) - open_rows, last, layout):
                yield from _above(layout, rows, found, aside)
                rows, layout = rows.part(found.last_row - rows.first + 1), found
                open_rows, last = len(rows), len(rows) - DEEPEST
                held = deque([rows])
        # Headings that begin in the last rows are seen when those below them are here.
        named = names or (named and len(below) < DEEPEST)
        open_rows = min(open_rows, DEEPEST)
        while sum(map(len, held)) - len(held[0]) >= ABOVE + DEEPEST:
            yield layout, held.popleft()
    if held and named:
        rows = _joined(held)
        while found := search.next(rows, len(rows) - open_rows, len(rows), layout):
            yield from _above(layout, rows, found, aside)
            rows, layout = rows.part(found.last_row - rows.first + 1), found
            open_rows = len(rows)
            held = deque([rows])
    yield from ((layout, each) for each in held if len(each))


def _joined(chunks: Iterable[Chunk]) -> Chunk:
    def joined(above: Chunk, below: Chunk) -> Chunk:
        width = max(len(above.columns), len(below.columns))
        return above.fitted(width).joined(below.fitted(width))

    return reduce(joined, chunks)


def _above(
    layout: Layout, rows: Chunk, found: Layout, aside: Callable[[Chunk], None] | None
) -> Iterator[tuple[Layout, Chunk]]:
    end = _end(rows, found.first_row - rows.first)
    above = rows.part(0, end)
    if aside is not None:
        aside(rows.part(end, found.last_row - rows.first + 1))
    if len(above):
        yield layout, above


class _Search:
    """The search for further headings of a sheet: rows that name at least half of the columns."""

    def __init__(self, sheet: Sheet, schema: TableSchema) -> None:
        self._sheet = sheet
        self._schema = schema
        self._parts, self._missed = 1, 0

    def next(self, chunk: Chunk, start: int, end: int, layout: Layout) -> Layout | None:
        """The first headings one row of which is at a position from `start` to `end`."""
        column = layout.first_column()
        cells = chunk.columns[column] if column < len(chunk.columns) else ()
        for at in range(max(start, 0), min(end, len(cells))):
            if self._parts >= MOST_PARTS or self._missed >= MOST_MISSED:
                return None
            if cells[at] not in layout.titles:
                continue
            found = self._at(chunk, at, layout)
            if found is not None:
                self._parts += 1
                return found
            self._missed += 1
        return None

    def _at(self, chunk: Chunk, at: int, layout: Layout) -> Layout | None:
        top = max(at - DEEPEST + 1, 0)
        rows = chunk.part(top, at + DEEPEST + 1).rows()
        window = _Window(self._sheet, chunk.first + top - 1)
        found = find_layout(rows, self._schema, window)
        if found is None or 2 * len(found.columns) < len(layout.columns):
            return None
        in_it = found.first_row <= at - top + 1 <= found.last_row
        return _moved(found, chunk.first + top - 1) if in_it else None


def _moved(found: Layout, by: int) -> Layout:
    """A layout found among some rows, in the numbers of the sheet."""

    def moved(each: Found) -> Found:
        return each._replace(row=each.row + by)

    return replace(
        found,
        first_row=found.first_row + by,
        last_row=found.last_row + by,
        headings={key: moved(each) for key, each in found.headings.items()},
        measures={key: moved(each) for key, each in found.measures.items()},
        unknown=[moved(each) for each in found.unknown],
        misspelt=[(moved(each), key) for each, key in found.misspelt],
        repeated={key: [moved(each) for each in many] for key, many in found.repeated.items()},
    )


def _end(chunk: Chunk, at: int) -> int:
    """How many of the rows above position `at` are data: titles and signatures are cut off."""
    rows = chunk.part(max(at - ABOVE, 0), at).rows()
    for row in reversed(rows):
        if not (is_blank(row) or is_signature(row) or _filled(row) == 1):
            break
        at -= 1
    return at


def _filled(row: Row) -> int:
    return sum(1 for cell in row if shown(cell).strip())


class _Window(NamedTuple):
    """A sheet seen from below some rows, for the search for headings."""

    sheet: Sheet
    above: int

    @property
    def ragged(self) -> bool:
        return self.sheet.ragged

    @property
    def column_offset(self) -> int:
        return self.sheet.column_offset

    def merged(self) -> Sequence[Area]:
        return [
            ((top - self.above, left), (bottom - self.above, right))
            for (top, left), (bottom, right) in self.sheet.merged()
        ]
