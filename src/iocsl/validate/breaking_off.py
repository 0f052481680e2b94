"""When the check of a table ends before the table does: what it holds is plainly something else.

A file of a million rows of fifty wrong cells is not mended cell by cell: it is the wrong file, or
was checked against the wrong template. Listing fifty million faults would take minutes and
gigabytes and tell no more than the first ones do. Where it ends depends on rows and cells alone,
never on how they were cut into batches or shared among processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from iocsl.text import tr
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Batch

STEP = 1_000
"""Rows of data after which it is asked whether to go on."""
TOO_MANY = ((200_000, 2), (2_000_000, 5))
"""Wrong cells that a table has at least when it is left, and the one in how many that they are."""
TOO_MANY_STRANGE = (100_000, 10 / 9)
"""The same for different codes of other lists, among rows: nearly every one has another."""
TOO_MANY_TOLD = (2_000_000, 2)
"""The same for cells of which anything is said, be it a warning."""
TOO_MANY_REPEATED = (300_000, 2)
"""The same for rows that repeat others."""
MOST_BLANK, MOST_ASIDE, FOR_EACH = 5_000_000, 50_000, 10
"""Blank rows, and totals, names and the like, at which a table is left; for each row of data."""


class Wrongs:
    """What is wrong with a table, row by row. `told_a_row` is the most said of a row's cells."""

    def __init__(self, width: int, told_a_row: int) -> None:
        self._width = width
        self._most_a_row = max(told_a_row, width + 1)
        self._rows = 0
        self.wrong = 0
        """Cells with an error."""
        self.strange = 0
        """Different codes that no list has."""
        self.told = 0
        """Cells of which anything is said."""
        self.repeated = 0
        """How often a row, or a value in it, was there before and may not be."""
        self.left = False
        """Whether rows of the table were not looked at any more."""

    def pieces(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches until the table is left, cut at the rows where that may be."""
        for batch in batches:
            for piece in self._cut(batch):
                if self._rows % STEP == 0 and self._are_too_many():
                    self.left = True
                    return
                self._rows += len(piece)
                yield piece

    def _cut(self, batch: Batch) -> Iterator[Batch]:
        if not self._are_too_many(len(batch) * self._most_a_row):
            yield batch
            return
        start = 0
        while start < len(batch):
            end = start + STEP - self._rows % STEP
            yield batch.part(start, end)
            start = end

    def _are_too_many(self, more: int = 0) -> bool:
        cells = self._rows * self._width
        return (
            any(_reach(self.wrong + more, limit, cells) for limit in TOO_MANY)
            or _reach(self.strange + more, TOO_MANY_STRANGE, self._rows)
            or _reach(self.told + more, TOO_MANY_TOLD, cells)
            or _reach(self.repeated + more, TOO_MANY_REPEATED, self._rows)
        )

    def said(self) -> str:
        """Why the table was left."""
        cells, rows = plain(self._rows * self._width), plain(self._rows)
        wrong, told, repeated = plain(self.wrong), plain(self.told), plain(self.repeated)
        of_rows = _reach(self.strange, TOO_MANY_STRANGE, self._rows)
        of_cells = (_reach(self.wrong, limit, self._rows * self._width) for limit in TOO_MANY)
        if of_rows or any(of_cells):
            return tr(
                f"{wrong} trong {cells} ô đã xem là sai, có lẽ nhầm tệp hoặc nhầm biểu mẫu",
                f"{wrong} of the {cells} cells looked at are wrong, so this is probably another"
                " file or another form",
            )
        if _reach(self.repeated, TOO_MANY_REPEATED, self._rows):
            return tr(
                f"{repeated} trong {rows} dòng đã xem lặp lại dòng khác, có lẽ do chép nhiều lần",
                f"{repeated} of the {rows} rows looked at repeat others, so they were probably"
                " copied several times",
            )
        return tr(
            f"{told} trong {cells} ô đã xem có lỗi hoặc cảnh báo, có lẽ do cách xuất tệp",
            f"{told} of the {cells} cells looked at have errors or warnings, probably from the way"
            " in which the file was made",
        )


def _reach(many: int, limit: tuple[int, float], among: int) -> bool:
    least, one_in = limit
    return many >= least and many * one_in >= among


class IdleRows:
    """How many rows of a table are no data: the `blank` ones, or those that are told."""

    def __init__(self, most: int, *, blank: bool) -> None:
        self._most = most
        self._blank = blank
        self._met = 0
        self._left = 0
        """How many there were down to the row at which the table was left."""

    def left_at(self, numbers: Sequence[int], data: Callable[[int], int]) -> int | None:
        """The number of the row at which the table is left, None where it goes on.

        `numbers` are those of further such rows; `data` gives the rows of data down to a row.
        """
        before = self._met
        self._met += len(numbers)
        first = self._most * (before // self._most + 1)
        for many in range(first, self._met + 1, self._most):
            row = numbers[many - before - 1]
            if FOR_EACH * data(row) <= many:
                self._left = many
                return row
        return None

    def said(self) -> str:
        """Why the table was left."""
        rows = plain(self._left)
        if self._blank:
            return tr(f"đã gặp {rows} dòng trống", f"{rows} blank rows were met")
        return tr(
            f"đã gặp {rows} dòng tổng, dòng tên nhóm hay không phát sinh, gần như không có số liệu",
            f"{rows} rows of totals, names of groups or nil returns were met, and hardly any data",
        )
