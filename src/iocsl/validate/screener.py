"""Looks at parts of a CSV file for the process that checks it, in a process of its own (`main`).

A screener tells which rows are plain rows of data, and in which cells of them a rule has its say.
It keeps nothing and words nothing: whoever asked judges those cells again.
"""

from __future__ import annotations

import gc
import pickle
import sys
from collections.abc import Collection, Mapping
from typing import NamedTuple

from iocsl.validate.cell_checks import CellChecks
from iocsl.validate.context import Context
from iocsl.validate.groups import Groups
from iocsl.validate.headings import Layout
from iocsl.validate.hits import Hits
from iocsl.validate.readers.base import Chunk, Screened, Unreadable
from iocsl.validate.readers.blocks import blank_lines, columns_of
from iocsl.validate.readers.delimited import CsvSheet
from iocsl.validate.readers.texts import BETWEEN, Spelling, Texts
from iocsl.validate.secrecy_places import holds_mark
from iocsl.validate.shifted import Beside
from iocsl.validate.table import Table, data_of, telling_columns


class Answer(NamedTuple):
    """What was seen of some blocks, up to byte `end`.

    `screened` is None where a block holds something else than plain rows; nothing else is told of
    it then. `columns` are those that were asked for, by position, their cells one after another.
    """

    end: int
    rows: int = 0
    screened: Screened | None = None
    columns: Mapping[int, bytes] = {}

    def followed_by(self, below: Answer) -> Answer | None:
        """This one and the next as one; None where nothing is told of either."""
        if self.screened is None or below.screened is None:
            return None
        columns = {at: self.columns[at] + BETWEEN + cells for at, cells in below.columns.items()}
        screened = self.screened.followed_by(below.screened, self.rows)
        return Answer(below.end, self.rows + below.rows, screened, columns)


class Screener:
    """The cell and row rules of one table, asked of any part of it."""

    def __init__(self, sheet: CsvSheet, layout: Layout, context: Context) -> None:
        self._source = sheet.source
        self._layout = layout
        self._table = Table(sheet, layout, Hits(context))
        self._table.beside = Beside(layout, context)
        self._table.groups = Groups(sheet, layout, context, whole=False)
        self._keys = telling_columns(layout, context.schema)
        self._checks = CellChecks(self._table, context)
        self._mark = self._source.delimiter.encode()
        self._known = frozenset(layout.columns.values())
        self._regime = context.regime

    def look(self, start: int, end: int, wanted: Collection[int]) -> list[Answer]:
        """What there is to say of the bytes from `start` to `end`, both between two records.

        `wanted` are positions of columns whose cells are handed over.
        """
        answers: list[Answer] = []
        try:
            for block in self._source.blocks(start, end):
                answer = self._block(block.parts, block.end, wanted)
                # The fewer there are, the less is left to do for the process that asked.
                together = answers[-1].followed_by(answer) if answers else None
                if together is not None:
                    answers[-1] = together
                else:
                    answers.append(answer)
                if block.end >= end:
                    break
        except Unreadable:
            return [Answer(end)]  # who asked will find out why, and on which line
        return answers

    def _block(self, parts: list[bytes], end: int, wanted: Collection[int]) -> Answer:
        split = None if blank_lines(parts, self._mark) else columns_of(parts, self._mark)
        if split is None:
            return Answer(end)
        columns, lines = split
        rows = len(columns[0])
        if rows != lines or len(columns) != self._layout.width:
            return Answer(end)
        spelling = Spelling(self._mark)
        chunk = Chunk([Texts(cells, spelling) for cells in columns], 1, range(rows))
        if chunk.holds(self._layout.first_column(), self._layout.titles):
            return Answer(end)  # perhaps headings
        if holds_mark(chunk, self._known, self._regime):
            return Answer(end)
        batch = data_of(chunk, self._table, self._keys)
        if len(batch) < rows:
            return Answer(end)
        handed = {at: BETWEEN.join(columns[at]) for at in wanted}
        return Answer(end, rows, self._checks.screen(batch), handed)


def main() -> None:
    """Answer the questions on stdin, one after the other, until there are no more.

    Both ends are processes of iocsl started for one check; nobody else writes to these pipes.
    """
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    gc.disable()  # rows come and go without cycles
    try:
        screener = Screener(*pickle.load(questions))  # noqa: S301 - from the process that started this one
        while True:
            asked = pickle.load(questions)  # noqa: S301 - as above
            pickle.dump(screener.look(*asked), answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    except (EOFError, OSError):
        return  # whoever asked has gone
