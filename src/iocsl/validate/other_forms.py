"""A table that is filled in on another form: one fault, in place of one for each of its columns."""

from __future__ import annotations

from collections.abc import Collection

from iocsl.catalog.schema import TableSchema, parse_schema
from iocsl.validate.context import Context
from iocsl.validate.headings import JOINED, Layout, plain
from iocsl.validate.hits import Hit
from iocsl.validate.readers.base import Sheet, column_letters
from iocsl.validate.registry import Fault, own
from iocsl.validate.rules.structure import OTHER_FORM
from iocsl.validate.short_headings import without_number, without_unit

FEWEST = 2
"""Required columns that a table lacks before it is taken for none of its form."""


def is_of_form(sheet: Sheet, layout: Layout, context: Context) -> bool:
    """Whether headings tell the form that is checked, or another one that was taken for it.

    Words like "Địa bàn" and "Ghi chú" stand in every form; with none of the columns that a form
    must have they are no headings of it.
    """
    schema = context.schema
    required = _required(schema)
    if len(required) < FEWEST or not required.isdisjoint(layout.columns):
        return True
    half = 2 * len(layout.columns) > len(schema.fields)
    return half or other_form(sheet, layout, context) is not None


def other_form(sheet: Sheet, layout: Layout, context: Context) -> Hit | None:
    """The one finding of a table that has the columns of another form of the catalogue.

    None where it has all but one of its own required columns by their very titles, or no form has
    more of its headings and all columns that that form must have.
    """
    exact = layout.columns.keys() - {key for _, key in layout.misspelt}
    missing = _required(context.schema) - exact
    if context.own_schema or len(missing) < FEWEST:
        return None
    found = _form_of(layout, len(exact), context)
    if found is None:
        return None
    using = [each.code for each in context.catalogue.datasets() if each.schema == found.name]
    code = f" ({using[0]})" if len(using) == 1 else ""
    told = (*layout.headings.values(), *layout.unknown)
    first = min(told, key=lambda each: (each.row, each.column))
    fault = Fault(
        found=own(f"“{found.title}”{code}"),
        schema=own(context.schema.title),
        missing=own(len(missing)),
    )
    cell = f"{column_letters(first.column)}{first.row}"
    return Hit(OTHER_FORM, fault, sheet.name, cell=cell, count=len(missing))


def _form_of(layout: Layout, exact: int, context: Context) -> TableSchema | None:
    """The form that has the most of these headings, and more than the `exact` ones that this has.

    Of several it is the one with the fewest columns.
    """
    texts = _texts(layout)
    best, most = None, (exact, 0)
    for name in context.catalogue.schemas():
        schema = parse_schema(context.catalogue.schema(name), name)
        named = {
            each.name
            for each in schema.fields
            if plain(each.name) in texts or plain(each.title) in texts
        }
        fit = (len(named), -len(schema.fields))
        if _required(schema) <= named and len(named) > exact and fit > most:
            best, most = schema, fit
    return best


def _texts(layout: Layout) -> Collection[str]:
    """The headings of a table as they are compared: whole, and the lowest of several."""
    said = [each.text for each in (*layout.headings.values(), *layout.unknown)]
    said += [text.rpartition(JOINED)[2] for text in said]
    said += [without_number(text) for text in said]
    return {plain(text) for text in said} | {plain(without_unit(text)) for text in said}


def _required(schema: TableSchema) -> set[str]:
    return {each.name for each in schema.fields if each.required}
