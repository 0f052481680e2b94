"""Where the headings of a table are of which no structure is known, for a draft of one."""

from __future__ import annotations

from collections.abc import Sequence

from iocsl.validate.heading_rows import (
    DEEPEST,
    Block,
    is_words,
    lower_edge,
    numbers_columns,
    texts_of,
)
from iocsl.validate.other_rows import group_text
from iocsl.validate.readers.base import Row, Sheet, shown


def block_of(rows: Sequence[Row], sheet: Sheet) -> Block | None:
    """The headings among the first rows of a sheet, None where none are seen.

    They are words, at least two and half as many as the widest row has cells. Where rows with
    figures follow they stand above these; of several rows together the one with the most words
    tells, and what it is merged with, or has parts of it named, belongs to it.
    """
    filled = [sum(1 for cell in row if shown(cell).strip()) for row in rows]
    widest = max(filled, default=0)
    wide = [many >= 2 and 2 * many >= widest for many in filled]
    named = [wide[at] and is_words(row) and group_text(row) is None for at, row in enumerate(rows)]
    grid = [texts_of(row) for row in rows]
    found = []
    for data in range(len(rows)):
        if wide[data] and not is_words(rows[data]) and not numbers_columns(rows, data):
            found += _last_run(named[:data])
    # Two cells in a row may be a label and its value.
    tables = [run for run in found if max(filled[at] for at in run) > 2] or found
    runs = tables or ([range(named.index(True), named.index(True) + 1)] if any(named) else [])
    if not runs:
        return None
    fullest = max(runs[0], key=lambda at: filled[at])
    block = _with_groups_above(Block(grid, _not_merged_above(grid, fullest), fullest, sheet))
    return block._replace(bottom=lower_edge(rows, block))


def _last_run(named: Sequence[bool]) -> list[range]:
    """The last rows of words that stand together."""
    last = max((at for at, each in enumerate(named) if each), default=None)
    if last is None:
        return []
    first = next((at + 1 for at in range(last, -1, -1) if not named[at]), 0)
    return [range(first, last + 1)]


def _not_merged_above(grid: Sequence[Sequence[str]], bottom: int) -> int:
    """The first of the rows over row `bottom` that belongs to it where no cells are merged.

    A heading there has nothing below it, or a part below it and further ones below the blanks to
    its right. One row has titles of several columns that have none below.
    """
    below, top = {at for at, text in enumerate(grid[bottom]) if text}, bottom
    for row in range(bottom - 1, max(bottom - DEEPEST, -1), -1):
        above = {at for at, text in enumerate(grid[row]) if text}
        parts = all(at not in below or at + 1 in below - above for at in above)
        if not above or not parts:
            break
        if len(above - below) > 1:
            top = row
        below |= above
    return top


def _with_groups_above(block: Block) -> Block:
    """The block with rows above it that are merged into it, or over several of its columns."""
    offset = block.sheet.column_offset
    titled = {at for at, text in enumerate(block.grid[block.top]) if text}
    top = block.top
    for (first, left), (last, right) in block.sheet.merged():
        covered = titled.intersection(range(left - offset, right - offset + 1))
        over = last == block.top - 1 and 1 < len(covered) < len(titled)
        if first < block.top and (last >= block.top or over):
            top = min(top, first)
    return block if top == block.top else _with_groups_above(block._replace(top=top))
