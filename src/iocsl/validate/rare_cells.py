"""Cells of the rarer types of a schema as values, texts and typed cells alike.

Loaded only where a schema has such a column.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from iocsl.catalog import schema_values as values
from iocsl.catalog.schema import SchemaField
from iocsl.catalog.schema_types import Collection
from iocsl.text import squeeze
from iocsl.validate.readers.base import Cell, shown

if TYPE_CHECKING:
    from iocsl.validate.cells import Reader, Unread, Value

_DAY = timedelta(days=1)
_MIDNIGHT = datetime.combine(date(2000, 1, 1), time())


def reader(field: SchemaField) -> Reader:
    """How the cells of a column of a rarer type, or of dates by a pattern, are read."""
    from iocsl.validate.cells import UNREAD

    if field.type == "list":
        return _list(field)
    by_text = values.reading_of(field)

    def read(cell: Cell) -> Value | Unread:
        if isinstance(cell, str):
            value = by_text(cell) if by_text else None
        else:
            value = _typed(cell, field.type)
        return UNREAD if value is None else value  # type: ignore[return-value] # they are values

    return read


def _typed(cell: Cell, kind: str) -> object:
    """What a typed cell of a workbook is, None where it is no value of that type."""
    if isinstance(cell, date):
        if kind == "date":
            return cell.date() if isinstance(cell, datetime) else cell
        # A workbook has no day without its time: it is midnight.
        at = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
        return values.moment(at) if kind == "datetime" else None
    if isinstance(cell, time):
        return cell.isoformat() if kind == "time" else None
    if isinstance(cell, timedelta):
        if kind == "time" and timedelta() <= cell < _DAY:
            return (_MIDNIGHT + cell).time().isoformat()
        return values.read_duration(values.as_duration(cell)) if kind == "duration" else None
    return None


def _list(field: SchemaField) -> Reader:
    from iocsl.validate.cells import UNREAD, reader_of

    items = reader_of(field.item or SchemaField("", ""), frozenset())

    def read(cell: Cell) -> Value | Unread:
        if not isinstance(cell, str):
            # Of a typed 1.5 nobody knows whether it was one item or two.
            whole = isinstance(cell, float) and cell.is_integer()
            if not whole and not isinstance(cell, bool):
                return UNREAD
            cell = shown(cell)
        parts = [squeeze(each) for each in cell.split(field.delimiter)]
        read_parts = [items(each) for each in parts]
        if any(each is UNREAD or (each is None) for each in read_parts):
            return UNREAD
        told = Collection(field.delimiter.join(parts))
        told.size = len(parts)
        return told

    return read
