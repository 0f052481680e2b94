"""When the check of a table ends before the table does: what it holds is plainly something else.

A file of a million rows of fifty wrong cells is not mended cell by cell: it is the wrong file, or
was checked against the wrong template. Listing fifty million faults would take minutes and
gigabytes and tell no more than the first ones do. Where it ends depends on rows and cells alone,
never on how they were cut into batches or shared among processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iocsl.text import tr
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Batch

STEP = 1_000
"""Rows of data after which it is asked whether to go on."""
TOO_MANY = ((200_000, 2), (2_000_000, 5))
"""Wrong cells that a table has at least when it is left, and the one in how many that they are."""
MOST_BLANK, BLANK_FOR_EACH = 5_000_000, 10
"""Blank rows after which a table is left, where there are so many for each row of data."""


class WrongCells:
    """How many cells of a table are wrong, row by row. `told_a_row` is the most a row adds."""

    def __init__(self, width: int, told_a_row: int) -> None:
        self._width = width
        self._told_a_row = told_a_row
        self._rows = 0
        self.met = 0
        self.left = False
        """Whether rows of the table were not looked at any more."""

    def pieces(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches until the table is left, cut at the rows where that may be."""
        for batch in batches:
            for piece in self._cut(batch):
                if self._rows % STEP == 0 and self._are_too_many(self.met):
                    self.left = True
                    return
                self._rows += len(piece)
                yield piece

    def _are_too_many(self, wrong: int) -> bool:
        cells = self._rows * self._width
        return any(wrong >= least and wrong * among >= cells for least, among in TOO_MANY)

    def _cut(self, batch: Batch) -> Iterator[Batch]:
        if not self._are_too_many(self.met + len(batch) * self._told_a_row):
            yield batch
            return
        start = 0
        while start < len(batch):
            end = start + STEP - self._rows % STEP
            yield batch.part(start, end)
            start = end

    def said(self) -> str:
        """Why the table was left."""
        wrong, cells = plain(self.met), plain(self._rows * self._width)
        return tr(
            f"{wrong} trong {cells} ô đã xem là sai, có lẽ nhầm tệp hoặc nhầm biểu mẫu",
            f"{wrong} of the {cells} cells looked at are wrong, so this is probably another file or"
            " another form",
        )


def said_of_blank_rows(blank: int) -> str:
    """Why a table that hardly goes on was left."""
    rows = plain(blank)
    return tr(f"đã gặp {rows} dòng trống", f"{rows} blank rows were met")
