"""Several tables under one another on a sheet: each begins with headings of its own.

Printed forms repeat the headings at every page or part, in the same columns or in others. Those
headings, the titles above them and the signatures between two tables are no data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from iocsl.catalog.schema import TableSchema
from iocsl.validate.heading_rows import DEEPEST, Found
from iocsl.validate.headings import Layout, find_layout
from iocsl.validate.other_rows import is_blank, is_signature
from iocsl.validate.readers.base import Chunk, Row, Sheet, shown

MOST_PARTS = 2_000
"""Headings that are looked for on one sheet."""
MOST_CELLS = 50
MOST_TIMES = 20
"""Cells of some rows, and times, that a word of the headings is looked at: where it is none so
often, it belongs to the data."""

Area = tuple[tuple[int, int], tuple[int, int]]


def parts_of(
    sheet: Sheet, layout: Layout, schema: TableSchema, chunks: Iterable[Chunk] | None = None
) -> Iterator[tuple[Layout, Chunk]]:
    """The rows below the first headings, with the layout that holds for them.

    `chunks` are all rows of the sheet, where it is not to be read here.
    Columns are those of the sheet, whatever the layout. A chunk is held back until the next one
    shows that no headings follow, for the titles above those would be at its end.
    """
    titles, column = layout.titles, layout.first_column()
    parts, missed = 1, 0
    held: Chunk | None = None
    for chunk in sheet.chunks() if chunks is None else chunks:
        skipped = layout.last_row - chunk.first + 1
        below = chunk.part(skipped) if skipped > 0 else chunk
        if parts > 1:
            below = below.unscreened()  # under the first headings
        if not len(below):
            continue
        found, joined = None, below
        sought = parts < MOST_PARTS and missed < MOST_TIMES and below.screened is None
        if sought and below.holds(column, titles):
            joined = _joined(held, below)
            found = _next(joined, layout, schema, sheet)
            missed += found is None
        if found is None:
            if held is not None:
                yield layout, held
            held = below
            continue
        while found is not None:
            above = joined.part(0, _end(joined, found.first_row - joined.first))
            if len(above):
                yield layout, above
            joined = joined.part(found.last_row - joined.first + 1)
            layout, titles, column = found, found.titles, found.first_column()
            parts += 1
            found = _next(joined, layout, schema, sheet)
        held = joined
    if held is not None and len(held):
        yield layout, held


def _joined(held: Chunk | None, below: Chunk) -> Chunk:
    if held is None:
        return below
    width = max(len(held.columns), len(below.columns))
    return held.fitted(width).joined(below.fitted(width))


def _next(chunk: Chunk, layout: Layout, schema: TableSchema, sheet: Sheet) -> Layout | None:
    """The first headings among these rows: a row that names at least half of the columns."""
    column = layout.first_column()
    cells = chunk.columns[column] if column < len(chunk.columns) else ()
    named = (at for at, cell in enumerate(cells) if cell in layout.titles)
    for at in islice(named, MOST_CELLS):
        top = max(at - DEEPEST + 1, 0)
        rows = chunk.part(top, at + DEEPEST + 1).rows()
        found = find_layout(rows, schema, _Window(sheet, chunk.first + top - 1))
        if found is None or 2 * len(found.columns) < len(layout.columns):
            continue
        if found.first_row <= at - top + 1 <= found.last_row:
            return _moved(found, chunk.first + top - 1)
    return None


def _moved(found: Layout, by: int) -> Layout:
    """A layout found among some rows, in the numbers of the sheet."""

    def moved(each: Found) -> Found:
        return replace(each, row=each.row + by)

    return replace(
        found,
        first_row=found.first_row + by,
        last_row=found.last_row + by,
        headings={key: moved(each) for key, each in found.headings.items()},
        unknown=[moved(each) for each in found.unknown],
        misspelt=[(moved(each), key) for each, key in found.misspelt],
        repeated={key: [moved(each) for each in many] for key, many in found.repeated.items()},
    )


def _end(chunk: Chunk, at: int) -> int:
    """How many of the rows above position `at` are data: titles and signatures are cut off."""
    rows = chunk.part(max(at - 40, 0), at).rows()
    for row in reversed(rows):
        if not (is_blank(row) or is_signature(row) or _filled(row) == 1):
            break
        at -= 1
    return at


def _filled(row: Row) -> int:
    return sum(1 for cell in row if shown(cell).strip())


@dataclass(frozen=True, slots=True)
class _Window:
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
