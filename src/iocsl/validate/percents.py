"""Figures of a table that its workbook shows as percentages, a hundred times what they are."""

from __future__ import annotations

from collections.abc import Iterator

from iocsl.validate.hits import Hit
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Place, Sheet, column_letters
from iocsl.validate.registry import Fault
from iocsl.validate.rules.shares import SHOWN_AS_PERCENTAGE
from iocsl.validate.table import Table


def shown_as_percentages(sheet: Sheet, table: Table) -> Iterator[Hit]:
    """One finding for each column that has such cells."""
    seen = getattr(sheet, "seen", None)
    percents = seen.percents if seen is not None else {}
    for key in table.figures if percents else ():
        column = table.layout.columns[key] + sheet.column_offset
        shown = percents.get(column, {})
        rows = sorted(row for row in shown if table.layout.last_row <= row < table.last_row)
        if rows:
            first = shown[rows[0]]
            fault = Fault(value=plain(first), shown=f"{plain(round(100 * first, 10))}%")
            cell = f"{column_letters(column)}{rows[0] + 1}"
            place = Place(rows[0] + 1, None)
            yield Hit(
                SHOWN_AS_PERCENTAGE,
                fault,
                sheet.name,
                place,
                key,
                value=first,
                cell=cell,
                count=len(rows),
            )
