"""Columns of a form that stand there under another name ("Giá bán"), or in other letters."""

from __future__ import annotations

from collections.abc import Iterator

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Words
from iocsl.validate.context import Context
from iocsl.validate.headings import SEARCHED, Found, Layout
from iocsl.validate.hits import Hit
from iocsl.validate.readers.base import Cell, column_letters, shown
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
    if not (table.rows and alike) or not _could_be(_cells(table, heading), field, context):
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
        MISSING_COLUMN, fault, table.sheet.name, column=field.name, cell=cell, count=table.rows
    )


def in_old_letters(sheet: str | None, layout: Layout) -> Iterator[Hit]:
    """One finding for all headings of a table that are typed with an old font."""
    font, typed = layout.old_font or ("", ())
    for heading, text in typed[:1]:
        fault = Fault(text=own(text), font=own(font), meant=own(heading.text))
        cell = f"{column_letters(heading.column)}{heading.row}"
        yield Hit(registry().infos["L805"], fault, sheet, cell=cell, count=len(typed))


def _cells(table: Table, heading: Found) -> list[Cell]:
    """What stands under a heading in the first rows of a table."""
    at = heading.column - table.sheet.column_offset
    below = table.sheet.head(SEARCHED)[table.layout.last_row :]
    return [row[at] for row in below if at < len(row) and shown(row[at]).strip()]


def _could_be(cells: list[Cell], field: SchemaField, context: Context) -> bool:
    """Whether there are cells, and nearly all of them could be values of a column."""
    fits = fits_of(field, context)
    fitting = sum(1 for cell in cells if fits is None or fits(tidy(cell)))
    return fitting > 0 and fitting >= FITTING * len(cells)
