"""One cell as a value of its column's type. Nothing is guessed: what does not fit is `UNREAD`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import TypeGuard

from iocsl.catalog.schema import SchemaField
from iocsl.catalog.schema_types import RARE
from iocsl.patterns import regex
from iocsl.text import squeeze
from iocsl.validate.numbers import NumberFault, read_number
from iocsl.validate.readers.base import Broken, Cell, shown
from iocsl.validate.registry import Role


class Unread(Enum):
    UNREAD = 0


UNREAD = Unread.UNREAD
Value = str | int | float | bool | date | None
Reader = Callable[[Cell], Value | Unread]

_DAY_FIRST = regex(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_ISO = regex(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_YEAR_MONTH = regex(r"[0-9]{4}-(0[1-9]|1[0-2])")
_YEAR = regex(r"[0-9]{4}")
_AMONG = regex(
    r"(?:[^0-9+(-]*[^0-9+(.,-])?([+-]?[0-9](?:[0-9.,\u00a0 '’]*[0-9])?)(?:[^0-9.,+-][^0-9+-]*)?"
)
"""A number among other characters (`bareNumber: false`), which are no part of it: `95 %`."""


def reader_of(field: SchemaField, missing: frozenset[str]) -> Reader:
    """The function that reads the cells of one column: a value, None for empty, or `UNREAD`.

    It takes text in NFC without stray spaces, as `text.squeeze` makes it.
    """
    typed = _READERS[field.type](field)
    if field.missing is not None:
        missing = field.missing
    said = missing if len(missing) > 1 else frozenset()

    def read(cell: Cell) -> Value | Unread:
        if isinstance(cell, Broken):
            return UNREAD
        if isinstance(cell, str):
            return None if cell in missing else typed(cell)
        # -99 is missing as a typed number too.
        return None if said and _is_number(cell) and shown(cell) in said else typed(cell)

    return read


def _number(field: SchemaField) -> Reader:
    decimal, group, bare = field.decimal, field.group, field.bare

    def read(cell: Cell) -> Value | Unread:
        if isinstance(cell, str):
            if not bare and (found := _AMONG.fullmatch(cell)):
                cell = found[1]
            number = read_number(cell, decimal, group)
            return UNREAD if isinstance(number, NumberFault) else number
        return cell if _is_number(cell) and math.isfinite(cell) else UNREAD

    return read


def _integer(field: SchemaField) -> Reader:
    number = _number(field)

    def read(cell: Cell) -> Value | Unread:
        value = number(cell)
        if isinstance(value, float):
            return int(value) if value.is_integer() else UNREAD
        return value

    return read


def _is_number(cell: object) -> TypeGuard[int | float]:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _string(field: SchemaField) -> Reader:
    # Excel turns a typed 2026-10 into the first of October; that text is gone and not guessed.
    no_dates = field.name == Role.PERIOD

    def read(cell: Cell) -> Value | Unread:
        if no_dates and isinstance(cell, date | time | timedelta):
            return UNREAD
        return cell if isinstance(cell, str) else shown(cell)

    return read


def _rare(field: SchemaField) -> Reader:
    from iocsl.validate.rare_cells import reader

    return reader(field)


def _date(field: SchemaField) -> Reader:
    if field.format is not None:
        return _rare(field)

    def read(cell: Cell) -> Value | Unread:
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        return (read_date(cell) or UNREAD) if isinstance(cell, str) else UNREAD

    return read


def read_date(text: str) -> date | None:
    """`dd/mm/yyyy` or ISO `yyyy-mm-dd`; None for anything else, and for days that do not exist."""
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _matching(pattern: re.Pattern[str]) -> Callable[[SchemaField], Reader]:
    def make(_: SchemaField) -> Reader:
        def read(cell: Cell) -> Value | Unread:
            text = cell if isinstance(cell, str) else shown(cell) if _is_number(cell) else ""
            return text if pattern.fullmatch(text) else UNREAD

        return read

    return make


def _boolean(field: SchemaField) -> Reader:
    words = {squeeze(word): True for word in field.true_values}
    words.update({squeeze(word): False for word in field.false_values})

    def read(cell: Cell) -> Value | Unread:
        if isinstance(cell, bool):
            return cell
        # A 1 of a text file is a typed number in a workbook.
        text = shown(cell) if _is_number(cell) else cell
        return words.get(text, UNREAD) if isinstance(text, str) else UNREAD

    return read


_READERS: dict[str, Callable[[SchemaField], Reader]] = {
    "string": _string,
    "any": _string,
    "number": _number,
    "integer": _integer,
    "date": _date,
    "year": _matching(_YEAR),
    "yearmonth": _matching(_YEAR_MONTH),
    "boolean": _boolean,
    **dict.fromkeys(RARE, _rare),
}
