"""Columns of a table that have data and no heading: what stands there would be lost unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from iocsl.catalog.schema import TableSchema
from iocsl.text import tr
from iocsl.validate.heading_rows import Found, Grid
from iocsl.validate.readers.base import Row, column_letters, shown

MOST = 100
"""Columns without a heading that are told."""


def bare_columns(
    rows: Sequence[Row], columns: Mapping[str, int], titles: range, schema: TableSchema, sheet: Grid
) -> Iterator[Found]:
    """Columns between others of a table that have no heading, and a cell in a row of data.

    `rows` are the first ones of the sheet, `titles` the positions of those with headings. A row of
    data has half of what it must have. What a heading is merged over is no such column.
    """
    titled = {at for row in rows[titles.start : titles.stop] for at in _filled(row)}
    bare = set(range(min(columns.values(), default=0), max(titled, default=0))) - titled
    if not bare:
        return
    bare.difference_update(_merged_over(titles, sheet))
    required = [each.name for each in schema.fields if each.required and each.name in columns]
    needed = {columns[name] for name in required or columns}
    filled = (set(_filled(row)) for row in rows[titles.stop :])
    held = set().union(*(each for each in filled if 2 * len(needed & each) >= len(needed)))
    for at in sorted(bare & held)[:MOST]:
        column = at + sheet.column_offset
        letters = column_letters(column)
        text = tr(f"{letters}, ô tiêu đề trống", f"{letters}, without a heading")
        yield Found(text, titles.stop, column)


def _merged_over(titles: range, sheet: Grid) -> Iterator[int]:
    for (top, left), (bottom, right) in sheet.merged():
        if top < titles.stop and bottom >= titles.start:
            yield from range(left - sheet.column_offset, right - sheet.column_offset + 1)


def _filled(row: Row) -> list[int]:
    return [at for at, cell in enumerate(row) if shown(cell).strip()]
