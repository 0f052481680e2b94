"""Data that stand one or two columns beside their headings: one slip, told as one.

Every rule would else complain of every cell. The first rows tell of a whole table (`shift_of`),
rows further down are found by a column of few values (`Beside`). Nothing is read otherwise than the
headings say.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Period
from iocsl.text import squeeze
from iocsl.validate.cells import UNREAD, reader_of
from iocsl.validate.context import Context
from iocsl.validate.headings import Layout
from iocsl.validate.other_rows import is_blank, is_signature, total_text
from iocsl.validate.readers.base import Batch, Cell, Chunk, Place, Row, shown
from iocsl.validate.registry import Role

FEWEST_ROWS = 3
FEWEST_COLUMNS = 2
MOST_COLUMNS = 40
"""Columns that are looked at: more tell nothing new, and some tables have thousands."""
FARTHEST = 2
"""Columns that data may be off."""
FITTING = 0.75
"""The share of telling cells that must fit at the other place."""
MANY = 50
"""Odd rows of a batch from which its columns are looked at first."""
BETTER = 0.5
"""How much larger that share must be than under the headings."""

Fits = Callable[[Cell], bool]


class Telling(NamedTuple):
    """A column of which a cell can be told to be a value; columns of one kind take the same."""

    kind: str
    fits: Fits


_PROBES = (Role.PERIOD, Role.AREA, Role.INDICATOR_CODE)


class Shift(NamedTuple):
    """From the heading at index `column` on, each value stands `by` columns to the right of it."""

    column: int
    by: int


def shift_of(head: Sequence[Row], layout: Layout, context: Context) -> Shift | None:
    """The shift that the first rows under the headings show, None where they fit as they are."""
    rows = [
        [tidy(cell) for cell in row]
        for row in head[layout.last_row :]
        if not (is_blank(row) or is_signature(row) or total_text(row))
    ]
    telling = _telling(layout, context)
    if len(rows) < FEWEST_ROWS or len(telling) < FEWEST_COLUMNS:
        return None
    as_they_are = _share(rows, telling, Shift(0, 0))
    if as_they_are > 1 - BETTER:
        return None
    return _best(rows, telling, layout, as_they_are)


class Beside:
    """Rows of a table whose cells stand beside their headings, though those above them do not."""

    def __init__(self, layout: Layout, context: Context) -> None:
        self._layout = layout
        self._telling = _telling(layout, context)
        # A column with few different values shows at once that some row is odd.
        self._probe = next(
            (each for each in _PROBES if layout.columns.get(each) in self._telling), None
        )
        self.found: dict[Shift, tuple[Place, array[int]]] = {}
        """The first row of each shift, and the numbers of all of them."""

    def rows(self, chunk: Chunk, batch: Batch, blank: Collection[int] = ()) -> set[int]:
        """The positions of such rows in a batch, made of that chunk; `blank` rows are none."""
        if self._probe is None or len(self._telling) < FEWEST_COLUMNS:
            return set()
        fits = self._telling[self._layout.columns[self._probe]].fits
        odd = {cell for cell in batch.distinct(self._probe) if not fits(tidy(cell))}
        if not odd:
            return set()
        cells = batch.columns[self._probe]
        places = [at for at, cell in enumerate(cells) if cell in odd and at not in blank]
        dropped: set[int] = set()
        if len(places) > MANY and not self._may_be(chunk):
            return dropped
        for at in places:
            shift = self._shift([tidy(each[at]) for each in chunk.columns])
            if shift is not None:
                dropped.add(at)
                if shift not in self.found:
                    self.found[shift] = batch.place(at), array("q")
                self.found[shift][1].append(batch.rows[at])
        return dropped

    def _may_be(self, chunk: Chunk) -> bool:
        """Whether enough columns hold, here or beside them, any cell that fits them."""
        fitting = 0
        for at, wanted in self._telling.items():
            near = range(max(at - FARTHEST, 0), min(at + FARTHEST + 1, len(chunk.columns)))
            fitting += any(
                wanted.fits(tidy(cell)) for there in near for cell in chunk.distinct(there)
            )
        return fitting >= FITTING * len(self._telling)

    def leave(self, row: int) -> None:
        """Forget the rows below a row."""
        self.found = {
            shift: (first, rows[: bisect_right(rows, row)])
            for shift, (first, rows) in self.found.items()
            if first.row <= row
        }

    def _shift(self, row: Row) -> Shift | None:
        as_it_is = _share([row], self._telling, Shift(0, 0))
        if as_it_is > 1 - BETTER:
            return None
        for known in self.found:
            if _share([row], self._telling, known) >= max(FITTING, as_it_is + BETTER):
                return known
        return _best([row], self._telling, self._layout, as_it_is)


def _telling(layout: Layout, context: Context) -> dict[int, Telling]:
    """The first columns of which a text can be told to be a value, by their place."""
    found = {
        layout.columns[each.name]: telling
        for each in context.schema.fields
        if each.name in layout.columns and (telling := _told(each, context)) is not None
    }
    return {at: found[at] for at in sorted(found)[:MOST_COLUMNS]}


def _best(
    rows: Sequence[Row], telling: Mapping[int, Telling], layout: Layout, as_they_are: float
) -> Shift | None:
    """The shift under which the most cells fit, where that are enough and many more than now."""
    places = [at for at in sorted(layout.columns.values()) if at <= max(telling)]
    every = range(-FARTHEST, FARTHEST + 1)
    tried = [Shift(column, by) for column in places for by in every if by and column + by >= 0]
    # A column moved by so much fits or not, wherever the shift begins: counted once.
    counted = {(at, by): _fitting(rows, telling, at, by) for at in telling for by in every}
    cells = len(rows) * len(telling)
    wanted = max(FITTING, as_they_are + BETTER)
    if sum(max(counted[at, by] for by in every) for at in telling) < wanted * cells:
        return None
    shares = {
        each: sum(counted[at, each.by if at >= each.column else 0] for at in telling) / cells
        for each in tried
    }
    best = max(tried, key=lambda each: (shares[each], -abs(each.by)))
    return best if shares[best] >= wanted else None


def _share(rows: Sequence[Row], telling: Mapping[int, Telling], shift: Shift) -> float:
    """The share of cells that are what their column wants, were they moved like that."""
    fitting = sum(
        _fitting(rows, telling, at, shift.by if at >= shift.column else 0) for at in telling
    )
    return fitting / (len(rows) * len(telling))


def _fitting(rows: Sequence[Row], telling: Mapping[int, Telling], at: int, by: int) -> int:
    """How many cells fit the column `at` in the place `by` columns beside it.

    What fits because that place takes the same kind of value tells nothing.
    """
    there, wanted = at + by, telling[at]
    if by and there in telling and telling[there].kind == wanted.kind:
        return 0
    return sum(1 for row in rows if 0 <= there < len(row) and wanted.fits(row[there]))


def _told(field: SchemaField, context: Context) -> Telling | None:
    fits = fits_of(field, context)
    if fits is None:
        return None
    figures = field.type in {"number", "integer"}
    return Telling("number" if figures else f"{field.type} {field.name}", fits)


def fits_of(field: SchemaField, context: Context) -> Fits | None:
    """Whether a cell can be a value of this column; None where any text can."""
    among = _texts(field, context)
    if among is not None:
        return lambda cell: among(shown(cell))
    if field.codes or field.enum or field.type in {"string", "any"}:
        return None
    read = reader_of(field, frozenset())
    # A typed 8.5 is a figure whatever marks texts are written with.
    return lambda cell: cell != "" and read(cell) is not UNREAD


def _texts(field: SchemaField, context: Context) -> Callable[[str], bool] | None:
    """Whether a text is one that a column of codes or periods takes, where these are known."""
    if field.name == Role.INDICATOR_CODE and context.indicators:
        return context.indicators.__contains__
    if field.name == Role.PERIOD and not context.own_schema:
        return _is_period
    if field.name == Role.AREA and context.dataset is not None:
        return lambda text: text in context.areas or text in context.former_areas
    known = field.codes or field.enum
    return known.__contains__ if known and field.required else None


def tidy(cell: Cell) -> Cell:
    """A cell as it is read: text without spaces to spare."""
    return squeeze(cell) if isinstance(cell, str) else cell


def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True
