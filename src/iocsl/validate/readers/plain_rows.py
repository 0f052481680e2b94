"""Rows of a worksheet that are written the plain way, to columns by splitting bytes.

Nearly all programs write a cell as `<c r="B7" s="1" t="s"><v>12</v></c>`, and the cells of a column
alike. Splitting such XML takes a third of the time that parsing it does, and needs no more memory
than the rows at hand. Whatever is written in another way is left to calamine: nothing is read here
that is not proven, byte for byte, to be one of the forms below.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Hashable, Sequence
from itertools import compress, repeat
from operator import lt, methodcaller, not_
from typing import NamedTuple

from iocsl.validate.readers.base import Broken, Cell
from iocsl.validate.readers.xlsx_extent import LAST_COLUMN
from iocsl.validate.readers.xlsx_meanings import Meanings, NotPlain, is_inline

MOST_SHAPES = 64
"""Sets of columns that the rows at hand may fill, and ways of writing a cell that they may use."""
MOST_COLUMNS = 1_024
"""Columns that are split; forms have some dozens."""
MOST_CELLS = 1 << 20
"""Cells of the rows at hand, blank ones included."""

ROUNDS = 4
"""Ways of writing a cell that are looked for in a column, one after the other."""

_ROW, _CELL, _ROW_END = b'<row r="', b'<c r="', b"</row>"
# What no XML holds: before a row's number, between the cells of a column, inside a cell.
_HEAD, _NEXT, _VALUE = b"\1", b"\2", b"\3"
_SEPARATORS = _NEXT + _VALUE
_NO_SEPARATOR = bytes(set(range(256)).difference(_SEPARATORS))

_ATTRIBUTES = rb'(?: [A-Za-z][\w:.-]*="[^"<>&\x80-\xff]*")* ?'
_ROW_HEAD = re.compile(_HEAD + rb'([1-9][0-9]{0,6})"' + _ATTRIBUTES + rb">")
_LONGEST_NUMBER = 7
"""Digits of the number of a row."""
_BLANK_ROW = re.compile(rb'<row r="[0-9]{1,7}"' + _ATTRIBUTES + rb"/>")
_HIDDEN_ROW = re.compile(rb'<row r="([0-9]{1,7})"[^<>]*\shidden="(?:1|true)"')
_HIDDEN = (b' hidden="', b' hidden="1"', b' hidden="true"')
_LETTERS = re.compile(rb"[A-Z]{1,3}(?=[0-9])")
_SAID = rb'"((?: [a-z]+="[A-Za-z0-9]*")*)'
_FORM = re.compile(
    rb"[A-Z]{1,3}[0-9]+(" + _SAID + rb'>(?:<v>|<is><t( xml:space="preserve")?>))'
    rb"[^<]*(</v></c>|</t></is></c>)"
)
_BLANK = re.compile(rb"[A-Z]{1,3}[0-9]+(" + _SAID + rb" ?(?:/>|></c>))")
_BODY = (
    rb"([1-9][0-9]{0,6})" + _SAID + rb" ?"
    rb"(?:/>|>(<f" + _ATTRIBUTES + rb"(?:/>|>[^<]*</f>))?"
    rb'(?:<v>([^<]*)</v>|<is><t( xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
)
_STEP = 7
_INLINE_END = b"</t></is></c>"


class Rows(NamedTuple):
    """Some rows: the number of each, and their cells as columns, the first of which is A."""

    numbers: list[int]
    columns: list[list[Cell]]
    hidden: Sequence[int] = ()
    """The numbers of those that are not shown."""


class Pieces(NamedTuple):
    """Rows of `step` pieces each: what stands before its cells, and these."""

    pieces: list[bytes]
    step: int
    even: bool
    """Whether all rows fill the same columns."""


class PlainRows:
    """Splits the rows of one sheet, whose cells mean what `meanings` says."""

    def __init__(self, meanings: Meanings) -> None:
        self._meanings = meanings
        self._ways = [_even, _uneven_by_number, _uneven_by_letters]
        """How rows are split; first comes what did for the rows before, or would have done."""
        self._mixed: set[bytes] = set()
        """The columns in which not all cells were written alike just now."""

    def of(self, block: bytes) -> Rows | None:
        """The rows of some XML, which ends with a row; None where it is not written so."""
        if _HEAD in block:
            return None
        for rows in (block, _BLANK_ROW.sub(b"", block) if b"/><row" in block else b""):
            if not (rows.startswith(_ROW) and rows.endswith(_ROW_END)):
                continue
            for way in tuple(self._ways):
                with contextlib.suppress(NotPlain, UnicodeDecodeError):
                    split = way(rows[len(_ROW) : -len(_ROW_END)])
                    found = self._columns(split.pieces, split.step)
                    first = _even if split.even else way
                    self._ways.remove(first)
                    self._ways.insert(0, first)
                    return found._replace(hidden=_hidden(block))
        return None

    def _columns(self, pieces: list[bytes], step: int) -> Rows:
        """The columns of rows of `step` pieces. Raises `NotPlain`."""
        if step > MOST_COLUMNS:
            raise NotPlain
        numbers = _numbers(pieces[::step])
        rows = len(numbers)
        columns: list[list[Cell]] = []
        for at in range(1, step):
            cells = pieces[at::step]
            letters = _letters(cells[0])
            place = _place(letters)
            if not len(columns) <= place < min(LAST_COLUMN, MOST_CELLS // rows):
                raise NotPlain
            columns.extend([""] * rows for _ in range(len(columns), place))
            columns.append(self._column(cells, numbers, letters))
        return Rows(list(map(int, numbers)), columns)

    def _column(
        self, pieces: Sequence[bytes], numbers: Sequence[bytes], letters: bytes
    ) -> list[Cell]:
        """The cells of a column: those that are written alike together. Raises `NotPlain`."""
        if letters not in self._mixed:
            found = self._alike(pieces, numbers, letters)
            if found is not None:
                return found
            self._mixed.add(letters)
        cells: list[Cell] = [""] * len(numbers)
        left: Sequence[int] = range(len(numbers))
        lengths = [len(letters) + length for length in map(len, numbers)]
        for _ in range(ROUNDS):
            some = _picked(pieces, left)
            start = repeat(_start(some[0]))
            alike = list(map(bytes.startswith, some, start, map(lengths.__getitem__, left)))
            here = list(compress(left, alike))
            if not here:
                break
            found = self._alike(list(compress(some, alike)), _picked(numbers, here), letters)
            if found is None:
                break
            if len(here) == len(cells):
                self._mixed.discard(letters)
                return found
            _put(cells, here, found)
            left = list(compress(left, map(not_, alike)))
            if not left:
                return cells
        _put(cells, left, self._unlike(_picked(pieces, left), _picked(numbers, left), letters))
        return cells

    def _alike(
        self, pieces: Sequence[bytes], numbers: Sequence[bytes], letters: bytes
    ) -> list[Cell] | None:
        """Cells that are all written like the first; None where one is not."""
        form = _FORM.fullmatch(pieces[0])
        if form is not None:
            before, said, kept, after = form.groups()
            if is_inline(said) != (after == _INLINE_END):
                return None
            values = _values(pieces, numbers, letters, before, after)
            return None if values is None else self._meanings.cells(said, values, kept=kept)
        blank = _BLANK.fullmatch(pieces[0])
        if blank is None or pieces != [letters + number + blank[1] for number in numbers]:
            return None
        return [""] * len(numbers)

    def _unlike(
        self, pieces: Sequence[bytes], numbers: Sequence[bytes], letters: bytes
    ) -> list[Cell]:
        """Cells written in any of the plain ways, formulas among them. Raises `NotPlain`."""
        parts = re.split(_NEXT + letters + _BODY, _NEXT + _NEXT.join(pieces))
        if parts[1::_STEP] != numbers or any(parts[::_STEP]):
            raise NotPlain
        values, texts = parts[4::_STEP], parts[6::_STEP]
        contents = [value or text for value, text in zip(values, texts, strict=True)]
        forms = list(zip(parts[2::_STEP], parts[5::_STEP], strict=True))
        if len(set(forms)) > MOST_SHAPES:
            raise NotPlain
        cells: list[Cell] = [""] * len(numbers)
        for form in set(forms):
            pairs = zip(forms, contents, strict=True)
            places = [at for at, (each, content) in enumerate(pairs) if content and each == form]
            if not places:
                continue
            asked = _picked(texts if is_inline(form[0]) else values, places)
            found = None if None in asked else self._meanings.cells(form[0], asked, kept=form[1])
            if found is None:
                raise NotPlain
            _put(cells, places, found)
        for at, formula in enumerate(parts[3::_STEP]):
            # Of type text it was worked out and came to nothing, like =IF(A1="","",A1*2).
            if formula and not contents[at] and b' t="str"' not in forms[at][0]:
                cells[at] = Broken(None)
        return cells


def _even(rows: bytes) -> Pieces:
    """Rows that all fill the same columns."""
    joined = _HEAD + rows.replace(_ROW_END + _ROW, _CELL + _HEAD)
    pieces = joined.split(_CELL)
    step, left = divmod(len(pieces), joined.count(_HEAD))
    if left:
        raise NotPlain
    return Pieces(pieces, step, even=True)


def _uneven(rows: bytes, shape: Callable[[bytes], Hashable]) -> Pieces:
    """Rows that leave out blank cells: a blank one is put in the place of each.

    Rows of one `shape` are held to fill the same columns; whether they do is seen later.
    """
    split = rows.split(_ROW_END + _ROW)
    kinds = list(map(shape, split))
    shapes: dict[Hashable, list[bytes]] = {}
    for kind in set(kinds):
        shapes[kind] = _columns_of(split[kinds.index(kind)])
        if len(shapes) > MOST_SHAPES or not _ascends(shapes[kind]):
            raise NotPlain
    if len(set().union(*shapes.values())) > MOST_COLUMNS:
        raise NotPlain
    every = sorted(set().union(*shapes.values()), key=_place)
    lacking = {
        kind: [(at, each) for at, each in enumerate(every, 1) if each not in filled]
        for kind, filled in shapes.items()
    }
    for at, kind in enumerate(kinds):
        if blanks := lacking[kind]:
            cells = split[at].split(_CELL)
            number = cells[0].partition(b'"')[0]
            for place, letters in blanks:
                cells.insert(place, letters + number + b'"/>')
            split[at] = _CELL.join(cells)
    pieces = (_HEAD + (_CELL + _HEAD).join(split)).split(_CELL)
    return Pieces(pieces, len(every) + 1, even=len(shapes) == 1)


def _uneven_by_number(rows: bytes) -> Pieces:
    """Nearly always, rows of as many cells are rows of the same columns."""
    return _uneven(rows, methodcaller("count", _CELL))


def _uneven_by_letters(rows: bytes) -> Pieces:
    return _uneven(rows, lambda row: tuple(_columns_of(row)))


def _columns_of(row: bytes) -> list[bytes]:
    return list(map(_letters, row.split(_CELL)[1:]))


def _numbers(heads: Sequence[bytes]) -> list[bytes]:
    """The numbers of rows, by what stands before their cells. Raises `NotPlain`."""
    whole = b"".join(heads)
    first = _ROW_HEAD.fullmatch(heads[0])
    if first is not None:
        # What is said of all rows alike besides their numbers need not be looked at in each.
        said = heads[0][first.end(1) :]
        numbers = whole.replace(said, b"").split(_HEAD)[1:]
        alike = whole == _HEAD + (said + _HEAD).join(numbers) + said
        if alike and len(numbers) == len(heads) and _are_numbers(numbers):
            return numbers
    parts = _ROW_HEAD.split(whole)
    if len(parts) != 2 * len(heads) + 1 or any(parts[::2]):
        raise NotPlain
    return parts[1::2]


def _are_numbers(texts: Sequence[bytes]) -> bool:
    whole = _NEXT.join(texts)
    if b"" in texts or whole[:1] == b"0" or _NEXT + b"0" in whole:
        return False
    return whole.replace(_NEXT, b"").isdigit() and max(map(len, texts)) <= _LONGEST_NUMBER


def _values(
    pieces: Sequence[bytes], numbers: Sequence[bytes], letters: bytes, before: bytes, after: bytes
) -> list[bytes] | None:
    """What stands in cells that are all written alike; None where one is not."""
    whole = _NEXT.join(pieces)
    if not (whole.startswith(letters) and whole.endswith(after)):
        return None
    whole = whole[len(letters) : -len(after)].replace(after + _NEXT + letters, _NEXT)
    whole = whole.replace(before, _VALUE)
    # Number, value, number, value …: as many as there are rows, one of each in every cell.
    if whole.translate(None, _NO_SEPARATOR) != (_SEPARATORS * len(pieces))[1:]:
        return None
    parts = whole.replace(_VALUE, _NEXT).split(_NEXT)
    return parts[1::2] if parts[::2] == numbers and b"<" not in whole else None


def _hidden(block: bytes) -> Sequence[int]:
    if _HIDDEN[0] in block and any(each in block for each in _HIDDEN[1:]):
        return list(map(int, _HIDDEN_ROW.findall(block)))
    return ()


def _start(piece: bytes) -> bytes:
    """What stands behind the address of a cell, before its value."""
    form = _FORM.fullmatch(piece) or _BLANK.fullmatch(piece)
    return form[1] if form is not None else b""


def _letters(piece: bytes) -> bytes:
    found = _LETTERS.match(piece)
    if found is None:
        raise NotPlain
    return found[0]


def _ascends(columns: Sequence[bytes]) -> bool:
    places = list(map(_place, columns))
    return all(map(lt, places, places[1:]))


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _picked(given: Sequence[bytes], places: Sequence[int]) -> list[bytes]:
    return [given[at] for at in places]


def _put(cells: list[Cell], places: Sequence[int], found: Sequence[Cell]) -> None:
    for at, cell in zip(places, found, strict=True):
        cells[at] = cell
