"""How the rows of a worksheet are written: a pattern of all of them, learned from some."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from iocsl.validate.readers.xlsx_meanings import NotPlain, is_inline

MOST_COLUMNS = 256
"""Columns that are split; forms have some dozens."""
SAMPLES = 64
"""Rows from which a pattern is learned at once."""
MOST_EXACT = 4
"""Ways of writing a cell of a column, or the head of a row, that a pattern has letter by letter."""

_ROW, _CELL, _ROW_END = b'<row r="', b'<c r="', b"</row>"
# Nothing is ever taken back (`*+`, `(?>`): what does not fit at once does not fit.
_NUMBER = rb"([1-9][0-9]{0,6}+)"
ATTRIBUTES = rb'(?: [A-Za-z][\w:.-]*+="[^"<>&\x80-\xff]*+")*+ ?+'
_ROW_HEAD = re.compile(_ROW + _NUMBER + rb'"(' + ATTRIBUTES + rb")>")
_FORMULA = rb"<f" + ATTRIBUTES + rb"(?:/>|>[^<]*+</f>)"
_ANY = (
    rb'"((?: [a-z]+="[A-Za-z0-9]*+")*+) ?+(?:/>|>(' + _FORMULA + rb")?+"
    rb'(?:<v>([^<]*+)</v>|<is><t( xml:space="preserve")?+>([^<]*+)</t></is>)?+</c>)'
)
_CELL_PIECE = re.compile(rb"([A-Z]{1,3})" + _NUMBER + _ANY)


class Form(NamedTuple):
    """A way of writing a cell: a pattern of what follows its address, and what that says."""

    pattern: bytes
    said: bytes = b""
    """The attributes of the cell besides its address."""
    kept: bytes | None = None
    groups: int = 1
    """What the pattern catches: the value, nothing of a blank cell, or what `ANY` has."""


ANY = Form(_ANY, groups=5)
"""Whatever is plain; it catches the attributes, the formula, the value or whether white space is
kept and the text."""


class RowShape:
    """A pattern of rows: cells of few columns, each written in few ways."""

    def __init__(self) -> None:
        self.columns: list[tuple[int, list[Form]]] = []
        """Columns by their places, the first being 0, and their forms, in the order in which the
        pattern catches them."""
        self.step = 1
        """How many parts a row makes."""
        self._heads: Counter[bytes] = Counter()
        self._forms: dict[bytes, Counter[Form]] = {}
        self._rows = 0
        self._pattern: re.Pattern[bytes] | None = None

    def split(self, rows: bytes) -> list[bytes | None]:
        """What stands before a row of this shape, its number, what its cells hold, and so on; at
        the end what stands behind the last."""
        return [rows] if self._pattern is None else self._pattern.split(rows)

    def learn(self, strange: bytes) -> None:
        """Take in some of the rows that do not fit. Raises `NotPlain`."""
        rows = strange.split(_ROW_END)
        if rows.pop():
            raise NotPlain
        for row in rows[:: -(-len(rows) // SAMPLES)]:
            self._take(row)
        letters = sorted(self._forms, key=_place)
        forms = [self._most_common(self._forms[each]) for each in letters]
        heads = [re.escape(head) for head, _ in self._heads.most_common(MOST_EXACT)]
        pattern = _ROW + _NUMBER + b'"' + _one_of([*heads, ATTRIBUTES], b">")
        for each, some in zip(letters, forms, strict=True):
            cell = _CELL + each + rb"\1" + _one_of([form.pattern for form in some])
            missing = self._forms[each].total() < self._rows
            pattern += b"(?:" + cell + b")?+" if missing else cell
        self._pattern = re.compile(pattern + _ROW_END)
        self.step = self._pattern.groups + 1
        self.columns = list(zip(map(_place, letters), forms, strict=True))

    def _take(self, row: bytes) -> None:
        """See how a row is written, of which the end is cut off. Raises `NotPlain`."""
        start, *cells = row.split(_CELL)
        head = _ROW_HEAD.fullmatch(start)
        if head is None or len(cells) > MOST_COLUMNS:
            raise NotPlain
        self._heads[head[2]] += 1
        self._rows += 1
        last = -1
        for piece in map(_CELL_PIECE.fullmatch, cells):
            if piece is None or piece[2] != head[1] or _place(piece[1]) <= last:
                raise NotPlain
            last = _place(piece[1])
            self._forms.setdefault(piece[1], Counter())[_form(piece)] += 1
        if len(self._forms) > MOST_COLUMNS:
            raise NotPlain

    @staticmethod
    def _most_common(forms: Counter[Form]) -> list[Form]:
        exact = [form for form, _ in forms.most_common() if form != ANY]
        if len(exact) == len(forms) and len(exact) <= MOST_EXACT:
            return exact
        return [*exact[:MOST_EXACT], ANY]


def _form(piece: re.Match[bytes]) -> Form:
    """How a cell is written. Raises `NotPlain` for a text where a value should be, and such."""
    whole, start = piece[0], piece.end(2)
    _, _, said, formula, value, kept, text = piece.groups()
    if value is None and text is None and formula is None:
        return Form(re.escape(whole[start:]), groups=0)
    if not (value or (text is not None and formula is None)):
        return ANY
    if is_inline(said) != (value is None):
        raise NotPlain
    at, held = (5, b"([^<]++)") if value else (7, b"([^<]*+)")
    before = re.escape(whole[start : piece.start(at)])
    if formula is not None:
        between = whole[piece.end(4) : piece.start(at)]
        before = re.escape(whole[start : piece.start(4)]) + _FORMULA + re.escape(between)
    return Form(before + held + re.escape(whole[piece.end(at) :]), said, kept)


def _one_of(patterns: Sequence[bytes], then: bytes = b"") -> bytes:
    """A pattern of what fits the first of some that are tried in turn."""
    if len(patterns) == 1:
        return patterns[0] + then
    return b"(?>" + b"|".join(each + then for each in patterns) + b")"


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1
