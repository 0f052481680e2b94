"""What calamine does not tell of an old workbook: errors, formulas without a value, hidden parts.

A walk over the records of the workbook's stream ([MS-XLS] 2.1.4); each record says how long it is,
so nothing is looked into but the few kinds wanted here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from iocsl.validate.readers.base import Broken, SheetMarks
from iocsl.validate.readers.ole import Container
from iocsl.validate.readers.percents import BUILT_IN, is_percent

_FORMULA, _EOF, _FILEPASS, _COLINFO, _BOUNDSHEET = 0x0006, 0x000A, 0x002F, 0x007D, 0x0085
_BOOLERR, _ROW, _BOF = 0x0205, 0x0208, 0x0809
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
_EMPTY_TEXT = b"\x17\x00"
"""A formula that says "" somewhere, and so may well come to nothing."""
_REFERENCES = {0x01: 5, 0x04: 5, 0x1A: 7}
"""Formulas of one token that points at a cell (or at the formula shared with it), by their length:
such a cell may hold nothing."""
_LAST_COLUMN = 256
_SEVERAL = 0x00BD
"""A record of several numbers beside one another, which ends with the last column."""
_XF, _NUMBER, _RK, _FORMAT = 0x00E0, 0x0203, 0x027E, 0x041E
_CELLS = frozenset({_FORMULA, _BOOLERR, _SEVERAL, 0x00D6, 0x00FD, _NUMBER, 0x0204, _RK})
"""Records of cells that hold something; each begins with its row and its (first) column."""
_FIGURES = frozenset({_FORMULA, _NUMBER, _RK, _SEVERAL})
MAX_CELLS = 4_000_000
"""Cells of the rectangles that calamine would fill: all 65,536 rows, sixty columns wide."""


class ProtectedError(Exception):
    """The workbook is encrypted."""


class TooManyCellsError(Exception):
    """The sheets reach further than may be read."""


def marks(stream: IO[bytes]) -> list[SheetMarks]:
    """The marks of each sheet, in the order of the workbook.

    Raises `ProtectedError` for a workbook behind a password, `TooManyCellsError` for one of more
    than `MAX_CELLS`, `DamagedContainerError` for a container that cannot be followed.
    """
    container = Container(stream)
    name = "Workbook" if "Workbook" in container.names else "Book"
    if name not in container.names:
        return []
    content = container.read(name)
    starts, formats, percents = [], set(BUILT_IN), []
    for kind, at, length in _records(content, 0):
        if kind == _FILEPASS:
            raise ProtectedError
        if kind == _BOUNDSHEET and length >= 4:
            starts.append(struct.unpack_from("<I", content, at)[0])
        if kind == _FORMAT and length >= 5:
            number, code = _format(content[at : at + length])
            (formats.add if is_percent(code) else formats.discard)(number)
        if kind == _XF and length >= 4:
            percents.append(struct.unpack_from("<H", content, at + 2)[0] in formats)
    found, together = [], 0
    for start in starts:
        seen, rectangle = _sheet(content, start, percents)
        together += rectangle
        if together > MAX_CELLS:
            raise TooManyCellsError
        found.append(seen)
    return found


def _records(content: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Kind, offset and length of the records from `start` to the end of that part; charts that
    stand inside a sheet are parts of their own and passed over."""
    depth, at = 0, start
    while at + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, at)
        at += 4
        if at + length > len(content):
            return
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, at, length
        at += length


def _format(record: bytes) -> tuple[int, str]:
    """The number of a format, and its code: a text of BIFF8, or of older files."""
    (number,) = struct.unpack_from("<H", record)
    text = record[5:].decode("utf-16-le" if record[4] & 1 else "latin-1", "replace")
    return number, text


def _figures(kind: int, record: bytes) -> Iterator[tuple[int, int, int, float]]:
    """Row, column, style and value of the figures in a record."""
    row, column, style = struct.unpack_from("<HHH", record)
    if kind in {_NUMBER, _FORMULA}:
        # What a formula shows is no number where it ends so.
        if len(record) >= 14 and (kind == _NUMBER or record[12:14] != b"\xff\xff"):
            yield row, column, style, struct.unpack_from("<d", record, 6)[0]
    else:
        for at in range(4, len(record) - 5, 6):
            style, rk = struct.unpack_from("<HI", record, at)
            yield row, column + at // 6, style, _rk(rk)


def _rk(packed: int) -> float:
    """A number in four bytes ([MS-XLS] 2.5.217)."""
    value: float
    if packed & 2:
        value = (packed >> 2) - ((packed & 0x8000_0000) >> 1)
    else:
        (value,) = struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFF_FFFC))
    return value / 100 if packed & 1 else value


def _sheet(content: bytes, start: int, percents: Sequence[bool]) -> tuple[SheetMarks, int]:
    """The marks of a sheet, and how many cells the rectangle from A1 around its cells has.

    `percents` tells of every style whether it shows a number as a percentage.
    """
    seen = SheetMarks()
    rows = columns = 0
    for kind, at, length in _records(content, start):
        if kind in _CELLS and length >= 6:
            row, column = struct.unpack_from("<HH", content, at)
            if kind == _SEVERAL:
                column = struct.unpack_from("<H", content, at + length - 2)[0]
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        if kind in _FIGURES and length >= 10:
            _note_percents(seen, percents, _figures(kind, content[at : at + length]))
        if kind == _FORMULA and length >= 22:
            row, column = struct.unpack_from("<HH", content, at)
            result = content[at + 6 : at + 14]
            if result[6:] == b"\xff\xff":
                _note_result(seen, row, column, result, content[at + 22 : at + length])
        elif kind == _BOOLERR and length >= 8:
            row, column = struct.unpack_from("<HH", content, at)
            code, is_error = content[at + 6], content[at + 7]
            if is_error:
                seen.broken[row, column] = Broken(_ERRORS.get(code, "#ERR"))
        elif kind == _ROW and length >= 16:
            if content[at + 12] & 0x20:
                seen.hidden_rows.add(struct.unpack_from("<H", content, at)[0])
        elif kind == _COLINFO and length >= 10 and content[at + 8] & 0x01:
            first, last = struct.unpack_from("<HH", content, at)
            seen.hidden_columns.extend(range(first, min(last, _LAST_COLUMN - 1) + 1))
    return seen, rows * columns


def _note_percents(
    seen: SheetMarks, percents: Sequence[bool], figures: Iterable[tuple[int, int, int, float]]
) -> None:
    for row, column, style, value in figures if any(percents) else ():
        if style < len(percents) and percents[style] and value:
            seen.percents.setdefault(column, {})[row] = value


def _note_result(seen: SheetMarks, row: int, column: int, result: bytes, formula: bytes) -> None:
    """A result that is no number: 2 an error, 3 nothing (also what was never worked out)."""
    if result[0] == 2:
        seen.broken[row, column] = Broken(_ERRORS.get(result[2], "#ERR"))
    elif result[0] == 3 and not _may_be_empty(formula):
        seen.broken[row, column] = Broken(None)


def _may_be_empty(formula: bytes) -> bool:
    pointing = bool(formula) and _REFERENCES.get(formula[0] & 0x1F) == len(formula)
    return pointing or _EMPTY_TEXT in formula
