"""Columns of a form that stand there under another name ("Giá bán"), or in other letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Words
from iocsl.validate.context import Context
from iocsl.validate.headings import SEARCHED, Found, Layout
from iocsl.validate.hits import Hit
from iocsl.validate.readers.base import Cell, Row, Sheet, column_letters, shown
from iocsl.validate.registry import Fault, own, registry
from iocsl.validate.rules.structure import MISSING_COLUMN
from iocsl.validate.shifted import FITTING, fits_of, tidy
from iocsl.validate.table import Table


def under_other_name(table: Table, context: Context) -> Hit | None:
    """One finding for the one column that is missing and the one that the form does not know.

    None where there are several of either, or where the first cells of the one could be no values
    of the other. It is a question and no reading: the column is not checked.
    """
    layout, schema = table.layout, context.schema
    missing = [each for each in schema.fields if each.required and each.name not in layout.columns]
    if len(missing) != 1 or len(layout.unknown) != 1 or schema.extra_columns:
        return None
    alike = all(each.columns == layout.columns for each in table.parts)
    (field,), (heading,) = missing, layout.unknown
    cells = _cells(table.sheet.head(SEARCHED), layout, heading, table.sheet)
    if not (table.rows and alike) or not _could_be(cells, field, context):
        return None
    keyed = any(each.text == key for key, each in layout.headings.items())
    wanted = field.name if keyed else field.title
    other = Words(
        f" Cột “{heading.text}” không có trong biểu và chưa được kiểm tra: nếu chính là cột này, "
        f"sửa tiêu đề thành “{wanted}”.",
        f" The column “{heading.text}” is not in the form and was not checked: if it is this one, "
        f"change its heading to “{wanted}”.",
    )
    fault = Fault(title=field.title, column=field.name, other=other)
    cell = f"{column_letters(heading.column)}{heading.row}"
    return Hit(
        MISSING_COLUMN,
        fault,
        table.sheet.name,
        column=field.name,
        value=heading.text,
        count=table.rows,
        cell=cell,
    )


def drop_wrong_guesses(layout: Layout, head: Sequence[Row], sheet: Sheet, context: Context) -> None:
    """Take back guesses at misspelt headings that the first rows of the sheet speak against.

    "Giá bán" is nearly "Địa bàn". Where no cell under it is an area, and nearly all could be values
    of a column that has to be there and is not, it is a heading that the form does not know.
    """
    fields = context.schema.by_name
    missing = [
        each for name, each in fields.items() if each.required and name not in layout.columns
    ]
    for heading, key in list(layout.misspelt) if missing else ():
        fits, cells = fits_of(fields[key], context), _cells(head, layout, heading, sheet)
        if fits is None or any(fits(tidy(cell)) for cell in cells):
            continue
        if any(fits_of(each, context) and _could_be(cells, each, context) for each in missing):
            layout.misspelt.remove((heading, key))
            del layout.columns[key], layout.headings[key]
            layout.unknown.append(heading)


def in_old_letters(sheet: str | None, layout: Layout) -> Iterator[Hit]:
    """One finding for all headings of a table that are typed with an old font."""
    font, typed = layout.old_font or ("", ())
    for heading, text in typed[:1]:
        fault = Fault(text=own(text), font=own(font), meant=own(heading.text))
        cell = f"{column_letters(heading.column)}{heading.row}"
        yield Hit(registry().infos["L805"], fault, sheet, cell=cell, count=len(typed))


def _cells(head: Sequence[Row], layout: Layout, heading: Found, sheet: Sheet) -> list[Cell]:
    """What stands under a heading in the first rows of a sheet."""
    at = heading.column - sheet.column_offset
    below = head[layout.last_row :]
    return [row[at] for row in below if at < len(row) and shown(row[at]).strip()]


def _could_be(cells: list[Cell], field: SchemaField, context: Context) -> bool:
    """Whether there are cells, and nearly all of them could be values of a column."""
    fits = fits_of(field, context)
    fitting = sum(1 for cell in cells if fits is None or fits(tidy(cell)))
    return fitting > 0 and fitting >= FITTING * len(cells)
