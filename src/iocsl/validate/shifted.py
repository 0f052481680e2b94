"""Data that stand one or two columns beside their headings: one slip, told as one.

Every rule would else complain of every cell. Only the first rows are looked at; nothing is read
otherwise than the headings say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Period
from iocsl.text import squeeze
from iocsl.validate.cells import UNREAD, reader_of
from iocsl.validate.context import Context
from iocsl.validate.headings import Layout, is_blank, is_signature, total_text
from iocsl.validate.readers.base import Cell, Row, shown
from iocsl.validate.registry import Role

FEWEST_ROWS = 3
FEWEST_COLUMNS = 2
FARTHEST = 2
"""Columns that data may be off."""
FITTING = 0.75
"""The share of telling cells that must fit at the other place."""
BETTER = 0.5
"""How much larger that share must be than under the headings."""

Fits = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Shift:
    """From the heading at index `column` on, each value stands `by` columns to the right of it."""

    column: int
    by: int


def shift_of(head: Sequence[Row], layout: Layout, context: Context) -> Shift | None:
    """The shift that the first rows under the headings show, None where they fit as they are."""
    rows = [
        [squeeze(shown(cell)) for cell in row]
        for row in head[layout.last_row :]
        if not (is_blank(row) or is_signature(row) or total_text(row))
    ]
    telling = {
        layout.columns[each.name]: fits
        for each in context.schema.fields
        if each.name in layout.columns and (fits := _fits(each, context)) is not None
    }
    if len(rows) < FEWEST_ROWS or len(telling) < FEWEST_COLUMNS:
        return None
    as_they_are = _share(rows, telling, Shift(0, 0))
    if as_they_are > 1 - BETTER:
        return None
    places = sorted(layout.columns.values())
    tried = [
        Shift(column, by)
        for column in places
        for by in range(-FARTHEST, FARTHEST + 1)
        if by and column + by >= 0
    ]
    best = max(tried, key=lambda each: (_share(rows, telling, each), -abs(each.by)))
    share = _share(rows, telling, best)
    return best if share >= max(FITTING, as_they_are + BETTER) else None


def _share(rows: Sequence[Sequence[str]], telling: Mapping[int, Fits], shift: Shift) -> float:
    """The share of cells that are what their column wants, were they moved like that."""
    wanted = fitting = 0
    for column, fits in telling.items():
        at = column + shift.by if column >= shift.column else column
        for row in rows:
            wanted += 1
            fitting += 0 <= at < len(row) and fits(row[at])
    return fitting / wanted


def _fits(field: SchemaField, context: Context) -> Fits | None:
    """Whether a text can be a value of this column; None where any text can."""
    if field.name == Role.INDICATOR_CODE and context.indicators:
        return context.indicators.__contains__
    if field.name == Role.PERIOD and not context.own_schema:
        return _is_period
    if field.name == Role.AREA and context.dataset is not None:
        return lambda text: text in context.areas or text in context.former_areas
    known = field.codes or field.enum
    if known:
        return known.__contains__ if field.required else None
    if field.type in {"string", "any"}:
        return None
    read = reader_of(field, frozenset())

    def reads(text: str) -> bool:
        cell: Cell = text
        return bool(text) and read(cell) is not UNREAD

    return reads


def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True
