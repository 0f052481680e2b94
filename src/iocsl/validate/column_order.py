"""Columns in another order than a schema lays down with `fieldsMatch: exact`."""

from __future__ import annotations

from collections.abc import Iterable

from iocsl.validate.context import Context
from iocsl.validate.headings import Layout
from iocsl.validate.hits import Hit
from iocsl.validate.readers.base import Sheet, column_letters
from iocsl.validate.registry import Fault
from iocsl.validate.rules.structure import OTHER_ORDER


def out_of_order(sheet: Sheet, layout: Layout, context: Context) -> Iterable[Hit]:
    """One finding at the first column that stands where the schema has another one."""
    there = sorted(layout.columns, key=layout.columns.__getitem__)
    wanted = [each for each in context.schema.fields if each.name in layout.columns]
    for name, other in zip(there, wanted, strict=True):
        if name != other.name:
            place = layout.headings[name]
            title = context.schema.by_name[name].title
            cell = f"{column_letters(place.column)}{place.row}"
            fault = Fault(title=title, other=other.title)
            yield Hit(OTHER_ORDER, fault, sheet.name, column=name, value=place.text, cell=cell)
            return
