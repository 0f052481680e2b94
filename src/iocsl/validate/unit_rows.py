"""A row of units of measure under the headings (“-”, “Triệu đồng”, “%”, “ha”): part of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from iocsl.catalog.schema import TableSchema
from iocsl.patterns import regex
from iocsl.text import fold, squeeze
from iocsl.validate.heading_rows import Found, Grid
from iocsl.validate.measures import Measure, in_caption, measure
from iocsl.validate.readers.base import Cell, Row, shown

LONGEST = 30
"""Characters of a unit."""
_NUMBERS = frozenset({"number", "integer"})
_NOTHING = regex(r"[-–—.x/ ]*")
_LABEL = regex(r"\(?(?:don vi(?: tinh| do)?|dvt|dv tinh)\)?\s*:?")
"""What stands in such a row beside the units."""
_FIGURE = regex(r"[-+]?[0-9.,]+")


def measures_under(
    rows: Sequence[Row], at: int, columns: Mapping[str, int], schema: TableSchema, sheet: Grid
) -> dict[str, Found]:
    """Key of a column of numbers → the unit that the row at `at` says under its heading.

    Empty where that row is none of units: it holds nothing but short words under the headings of
    numbers, at least one of them a known unit, and no text of its own under any other.
    """
    if at >= len(rows):
        return {}
    numbers = {
        place: name for name, place in columns.items() if schema.by_name[name].type in _NUMBERS
    }
    units: dict[str, Found] = {}
    for place, cell in enumerate(rows[at]):
        text = squeeze(shown(cell))
        if _NOTHING.fullmatch(text) or _LABEL.fullmatch(fold(text)):
            continue
        if place not in numbers or not _may_be_unit(cell, text):
            return {}
        units[numbers[place]] = Found(text, at + 1, place + sheet.column_offset)
    return units if any(unit_of(each.text) for each in units.values()) else {}


def unit_of(text: str) -> tuple[str, Measure] | None:
    """The unit that a cell of such a row names, as written and as understood: of a rate its first
    part, so of “đồng/kg” the đồng."""
    known = measure(text.strip("() ").partition("/")[0])
    return (text.strip("() "), known) if known is not None else in_caption(text)


def _may_be_unit(cell: Cell, text: str) -> bool:
    return isinstance(cell, str) and len(text) <= LONGEST and not _FIGURE.fullmatch(text)
