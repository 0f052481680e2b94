"""Rows of a worksheet that are written the plain way, to columns by one pattern.

Nearly all programs write a cell as `<c r="B7" s="1" t="s"><v>12</v></c>`, and the cells of a column
in few ways. What a pattern of such rows takes apart, without a byte left over, is read so: in a
third of the time that parsing takes, with no more memory than the rows at hand. Whatever is written
in another way is left to calamine.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from iocsl.validate.readers.base import Broken, Cell
from iocsl.validate.readers.row_shape import ANY, ATTRIBUTES, Form, RowShape
from iocsl.validate.readers.xlsx_extent import LAST_COLUMN
from iocsl.validate.readers.xlsx_meanings import Meanings, NotPlain, is_inline

MOST_WAYS = 64
"""Ways of writing a cell that the cells of a column at hand may use."""
MOST_CELLS = 1 << 20
"""Cells of the rows at hand, blank ones included."""
MOST_PARTS = 1 << 22
"""What may be caught at once, what is missing included."""
LESSONS = 64
"""How often the rows of a sheet may be written in a way not met before."""

_BLANK_ROW = re.compile(rb'<row r="[0-9]{1,7}"' + ATTRIBUTES + rb"/>")
_HIDDEN_ROW = re.compile(rb'<row r="([0-9]{1,7})"[^<>]*\shidden="(?:1|true)"')
_HIDDEN = (b' hidden="', b' hidden="1"', b' hidden="true"')

_ROW_END, _SHORTEST = b"</row>", b'<row r="1"></row>'

_Caught = Sequence[bytes | None]


class Rows(NamedTuple):
    """Some rows: the number of each, and their cells as columns, the first of which is A."""

    numbers: list[int]
    columns: list[list[Cell]]
    hidden: Sequence[int] = ()
    """The numbers of those that are not shown."""


class PlainRows:
    """Splits the rows of one sheet, whose cells mean what `meanings` says."""

    def __init__(self, meanings: Meanings) -> None:
        self._meanings = meanings
        self._shape = RowShape()
        self._lessons = 0

    def of(self, block: bytes) -> Rows | None:
        """The rows of some XML, which ends with a row; None where it is not written so."""
        rows = _BLANK_ROW.sub(b"", block) if b"/><row" in block else block
        with contextlib.suppress(NotPlain, UnicodeDecodeError):
            return self._columns(self._split(rows))._replace(hidden=_hidden(block))
        return None

    def _split(self, rows: bytes) -> _Caught:
        """What is caught in each row, behind an empty text. Raises `NotPlain`."""
        while not self._is_too_much(rows):
            parts = self._shape.split(rows)
            strange = b"".join(filter(None, parts[:: self._shape.step]))
            if not strange:
                return parts
            self._lessons += 1
            if self._lessons > LESSONS:
                break
            self._shape.learn(strange)
        raise NotPlain

    def _is_too_much(self, rows: bytes) -> bool:
        most = MOST_PARTS // self._shape.step
        # Counting them costs a search, which is for those that may be too many.
        return len(rows) // len(_SHORTEST) > most and rows.count(_ROW_END) > most

    def _columns(self, parts: _Caught) -> Rows:
        """The rows of which these parts were caught. Raises `NotPlain`."""
        step = self._shape.step
        numbers = list(map(int, filter(None, parts[1::step])))
        columns: list[list[Cell]] = []
        at = 2
        for place, forms in self._shape.columns:
            if place >= min(LAST_COLUMN, MOST_CELLS // len(numbers)):
                raise NotPlain
            columns.extend([""] * len(numbers) for _ in range(len(columns), place))
            cells: list[Cell] = [""] * len(numbers)
            for form in forms:
                caught = [parts[group::step] for group in range(at, at + form.groups)]
                at += form.groups
                if form is ANY:
                    self._put_any(cells, caught)
                elif caught:
                    cells = self._with(cells, form, *caught)
            columns.append(cells)
        return Rows(numbers, columns)

    def _with(self, cells: list[Cell], form: Form, values: _Caught) -> list[Cell]:
        """A column with the cells that are written in one form. Raises `NotPlain`."""
        held = [value for value in values if value is not None]
        if not held:
            return cells
        found = self._meanings.cells(form.said, held, kept=form.kept)
        if found is None:
            raise NotPlain
        if len(held) == len(cells):
            return found
        places = [at for at, value in enumerate(values) if value is not None]
        for at, cell in zip(places, found, strict=True):
            cells[at] = cell
        return cells

    def _put_any(self, cells: list[Cell], caught: Sequence[_Caught]) -> None:
        """Put cells written in any of the plain ways, formulas among them. Raises `NotPlain`."""
        said, formulas, values, kept, texts = caught
        ways: dict[tuple[bytes, bytes | None], list[int]] = {}
        for at, (attributes, keeps) in enumerate(zip(said, kept, strict=True)):
            if attributes is not None:
                ways.setdefault((attributes, keeps), []).append(at)
        if len(ways) > MOST_WAYS:
            raise NotPlain
        for (attributes, keeps), places in ways.items():
            held = texts if is_inline(attributes) else values
            full = [at for at in places if values[at] or texts[at]]
            contents = [content for at in full if (content := held[at])]
            found = self._meanings.cells(attributes, contents, kept=keeps) if full else []
            if found is None or len(found) != len(full):
                raise NotPlain
            for at, cell in zip(full, found, strict=True):
                cells[at] = cell
            # Of type text it was worked out and came to nothing, like =IF(A1="","",A1*2).
            if b' t="str"' not in attributes:
                for at in set(places).difference(full):
                    cells[at] = Broken(None) if formulas[at] else ""


def _hidden(block: bytes) -> Sequence[int]:
    if _HIDDEN[0] in block and any(each in block for each in _HIDDEN[1:]):
        return list(map(int, _HIDDEN_ROW.findall(block)))
    return ()
