"""Columns that a file gives in another unit of measure than the form, by heading or caption."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Severity
from iocsl.validate.context import Context
from iocsl.validate.headings import DEEPEST, Found, Layout
from iocsl.validate.hits import Hit
from iocsl.validate.measures import Measure, in_caption, in_heading, measure
from iocsl.validate.readers.base import Sheet, column_letters
from iocsl.validate.registry import Fault, Role, own
from iocsl.validate.rules.structure import OTHER_MEASURE
from iocsl.validate.unit_rows import unit_of

NAMED = 3
"""Units of indicators that are named; prices of one table are by kilogram, litre and piece."""


def other_measures(sheet: Sheet, layout: Layout, context: Context) -> Iterator[Hit]:
    """A hit for each column of which headings, or the line above the table, say another unit."""
    above = sheet.head(layout.first_row - 1) if layout.first_row > 1 else []
    captions = (
        in_caption(cell) for row in above[-DEEPEST:] for cell in row if isinstance(cell, str)
    )
    caption = next(filter(None, captions), None)
    for key in layout.headings:
        each = context.schema.by_name[key]
        wanted = _units_of(each, context)
        heading, said = _said(key, layout)
        if said is None and caption is not None and _like(caption[1], wanted):
            said = caption
        # Indicators may be of many kinds; only one of the same kind can be the wrong one.
        if said is not None and each.unit_of_measure is None:
            wanted = _like(said[1], wanted)
        if said is None or not wanted or said[1] in wanted.values():
            continue
        fault = Fault(
            severity=None if each.unit_of_measure else Severity.WARNING,
            title=each.title,
            written=own(said[0]),
            wanted=own(", ".join(list(wanted)[:NAMED])),
        )
        cell = f"{column_letters(heading.column)}{heading.row}"
        yield Hit(OTHER_MEASURE, fault, sheet.name, column=key, value=heading.text, cell=cell)


def _said(key: str, layout: Layout) -> tuple[Found, tuple[str, Measure] | None]:
    """The unit that the headings of a column say, and where: the row of units under them, or the
    brackets in the heading."""
    below = layout.measures.get(key)
    if below is not None and (known := unit_of(below.text)) is not None:
        return below, known
    return layout.headings[key], in_heading(layout.headings[key].text)


def _units_of(column: SchemaField, context: Context) -> dict[str, Measure]:
    """The units that the figures of a column are in, as far as they are known.

    That of the column, or those of the indicators whose values it holds: of “đồng/kg” the đồng.
    """
    units: Iterable[str | None] = (column.unit_of_measure,)
    if column.unit_of_measure is None and column.name == Role.VALUE:
        units = (each.unit_of_measure for each in context.indicators.values())
    named = ((unit, measure(unit.partition("/")[0])) for unit in units if unit)
    return {unit: known for unit, known in named if known is not None}


def _like(one: Measure, units: dict[str, Measure]) -> dict[str, Measure]:
    """The units that measure the same kind of thing."""
    return {unit: known for unit, known in units.items() if known.base == one.base}
