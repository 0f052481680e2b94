"""Names of groups of rows that bear no mark ("Lương thực" over rice and maize), told from data.

A row that holds its name alone may head the rows below it, or be a row of data that lost the rest.
It is a name of a group only where rows of data follow it and something else than its words speaks
for it; else it stays data, and what it lacks is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress

from iocsl.catalog.schema import SchemaField
from iocsl.patterns import regex
from iocsl.text import fold, squeeze
from iocsl.validate.context import Context
from iocsl.validate.headings import Layout
from iocsl.validate.other_rows import is_group_total
from iocsl.validate.readers.base import Batch, Chunk, Row, Sheet, shown
from iocsl.validate.registry import Role

LEVELS = 3
"""Names of groups that may stand under one another before a row of data comes."""
LONGEST = 200
MOST_AT_END = 8
"""Rows at the end of a chunk among which names of groups are looked for."""

_ROMAN = (
    *("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"),
    *("XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII", "XIX", "XX"),
)
_LETTER_MARK = regex(r"(?:[IVX]{1,5}|[ivx]{1,5}|[A-HĐa-hđ])\s*[.)/]?")
_NUMBER_MARK = regex(r"[0-9]{1,2}(?:\.[0-9]{1,2})*")
_LEADING_MARK = regex(r"(?:[-+*•–]|\w{1,3}\s*[.)])\s*")
_MARKS = frozenset(
    mark + end
    for mark in (*_ROMAN, "A", "B", "C", "D", "Đ", "E", "F", "G", "H")
    for end in ("", ".", ")")
)
"""What numbers groups in the place of a code, to be found without a look at each cell."""
_BLANK = frozenset({"", " "})
_MARKED = regex(r"(?:[IVX]{1,5}|[A-HĐ])\s?[.)]\s+\w.*")
"""A name behind its mark: "I. Khu vực 1"."""
_TOTAL_OF = regex(
    r"(?:(?:[ivx]{1,5}|[a-h]|[0-9]{1,2})\s*[.)/-]\s*)?(?:tổng cộng|tổng số|tổng|cộng)\s*:?\s+(.+)"
)
_SAID = (
    r"(?m)^\s*(?:(?:[IVX]{1,5}|[A-H]|Đ) ?[.)] *)?(?:Tổng|tổng|TỔNG|Cộng|cộng|CỘNG)\b"
    r"|^\s*(?:[IVX]{1,5}|[A-H]|Đ) ?[.)] |phát sinh|PHÁT SINH"
)
_WORDS, _WORDS_RAW = regex(_SAID), regex(_SAID.replace(r"\b", "").encode())
"""What a text has that may be a total, the name of a group or a nil return."""
_CODES = regex(r"ma(?:_|$)")
"""Keys of columns of codes."""
_FIGURES = frozenset({"number", "integer"})
_NOT_NAMES = _FIGURES | {"date", "year", "yearmonth", "boolean"}


class Groups:
    """What a table tells of its names of groups: merged cells, required and numbering columns."""

    def __init__(
        self, sheet: Sheet, layout: Layout, context: Context, *, whole: bool = True
    ) -> None:
        """`whole` is whether rows that follow those of a chunk are seen with them."""
        self._whole = whole
        self._context = context
        by_name = context.schema.by_name
        self._fields = {at: by_name[name] for name, at in layout.columns.items()}
        self._leading = sorted(self._fields)[:2]
        self._required = [at for at, each in self._fields.items() if each.required]
        self._numbering = layout.numbering
        first = self._fields[self._leading[0]]
        listed = first.codes or first.enum or first.type in _NOT_NAMES
        self._coded_by = None if listed else first.name
        """The column in which a group may have its mark where rows of data have their code."""
        self._merged = _merged(sheet, self._fields)
        self._names: set[str] = set()
        """Names of groups that were met, without their marks."""

    def name(self, chunk: Chunk, at: int) -> str | None:
        """The name of a group that the row at position `at` is, None where it is data.

        The chunk holds the rows below it too, as many as there are. Where it may not, whatever
        could be a name is taken for one.
        """
        row = _row(chunk, at)
        filled = _filled(row)
        if len(filled) == 2 and filled[0] == self._numbering:
            return self._numbered(chunk, at, row, filled[1])
        if self._is_marked(row, filled):
            return self._coded(chunk, at, row)
        if len(filled) != 1 or not _is_name(row[filled[0]]):
            return None
        text = squeeze(shown(row[filled[0]]))
        if not self._whole:
            return text
        below = self._below(chunk, at)
        if below is None or self._is_indicator(text):
            return None
        return text if self._alone(chunk.first + at, filled[0], text, below) else None

    def merged(self, chunk: Chunk) -> set[int]:
        """Positions of the rows of a chunk that hold a cell merged over several columns."""
        if not self._merged:
            return set()
        rows = range(chunk.first, chunk.first + len(chunk))
        return {row - chunk.first for row in self._merged.intersection(rows)}

    def marked(self, chunk: Chunk, batch: Batch) -> set[int]:
        """Positions of the rows with a mark in place of their code and one more cell at most."""
        if self._coded_by is None:
            return set()
        marks = batch.raw_texts(self._coded_by, _MARKS)
        if not batch.holds(self._coded_by, marks, once=False):
            return set()
        marked = map(marks.__contains__, batch.raw(self._coded_by))
        places = set(compress(range(len(batch)), marked))
        named: set[int] = set()
        for name in batch.columns:
            if places and name != self._coded_by:
                blank, cells = batch.raw_texts(name, _BLANK), batch.raw(name)
                filled = {at for at in places if cells[at] not in blank}
                places -= named & filled
                named |= filled
        return places

    def told_by(self, keys: Sequence[str]) -> Sequence[str]:
        """A column of figures that tells of names where a column of codes is the only key.

        Where rows of data have several keys, one of those is empty beside the name of a group.
        """
        if len(keys) > 1 or not _is_coded(self._context.schema.by_name[keys[0]]):
            return ()
        required = (self._fields[at] for at in self._required)
        return [each.name for each in required if each.type in _FIGURES][:1]

    def said_in(self, batch: Batch, keys: Sequence[str]) -> set[int]:
        """Positions of rows whose only key may say in words that they are no data."""
        each = self._context.schema.by_name[keys[0]]
        if len(keys) > 1 or each.type != "string" or each.enum or each.codes:
            return set()
        cells = batch.raw_distinct(each.name)
        spelling = batch.spelling(each.name)
        if spelling is None:
            found = {cell for cell in cells if isinstance(cell, str) and _WORDS.search(cell)}
        elif _WORDS_RAW.search(spelling.lines(list(cells))):
            found = {cell for cell in cells if _WORDS.search(spelling.text(cell))}
        else:
            return set()
        if not found:
            return set()
        return set(compress(range(len(batch)), map(found.__contains__, batch.raw(each.name))))

    def note(self, name: str) -> None:
        """Remember the name of a group: a total below may bear it."""
        self._names.add(_LEADING_MARK.sub("", name, count=1).casefold())

    def total(self, cell: object) -> str | None:
        """The text of a total of one group in a column that rows of data must fill.

        It says that it is one ("Cộng khu vực 1"), or bears the name of a group above it.
        """
        text = squeeze(cell) if isinstance(cell, str) else ""
        found = _TOTAL_OF.fullmatch(text.casefold())
        of_group = found is not None and (not self._whole or found[1].rstrip(" :") in self._names)
        return text if of_group or is_group_total(text) else None

    def names_at_end(self, chunk: Chunk) -> int:
        """How many of the last rows of a chunk are names, which may head the rows after it."""
        if chunk.screened is not None or len(_filled(_row(chunk, len(chunk) - 1))) > 2:
            return 0
        rows = chunk.part(max(len(chunk) - MOST_AT_END, 0)).rows()
        filled = [len(_filled(row)) for row in reversed(rows)]
        names = next((at for at, many in enumerate(filled) if many > 2), 0)
        return names if any(filled[:names]) else 0

    def _alone(self, number: int, column: int, text: str, below: Row) -> bool:
        """Whether a text alone in its row names the rows below: the signs that are taken for it."""
        if number in self._merged:
            return True
        each = self._fields.get(column)
        if each is None or column not in self._leading or each.type in _NOT_NAMES:
            return False
        if text in (each.codes or each.enum or ()):
            return False
        if column not in self._required:
            keys = [at for at in self._required if self._fields[at].type not in _FIGURES]
            return bool(self._required) and all(_text(below, at) for at in keys)
        if self._numbering is not None and _NUMBER_MARK.fullmatch(_text(below, self._numbering)):
            return True
        # Where rows of data are lettered too, it is one of them that lost its cells.
        marked = _MARKED.fullmatch(text) and not _MARKED.fullmatch(_text(below, column))
        coded = _is_coded(each) and _is_no_code(text)
        return column == self._leading[0] and (bool(marked) or coded)

    def _numbered(self, chunk: Chunk, at: int, row: Row, column: int) -> str | None:
        """A name beside its mark in the numbering column: a letter, or 1 above 1.1."""
        mark, name = _text(row, self._numbering or 0), row[column]
        if not _is_name(name):
            return None
        said = squeeze(shown(name))
        if not self._whole:
            return said
        below = self._below(chunk, at)
        if below is None:
            return None
        number = _text(below, self._numbering or 0)
        counted = column not in self._required or _NUMBER_MARK.fullmatch(number.rstrip("."))
        lettered = counted and _LETTER_MARK.fullmatch(mark)
        nested = number.startswith(f"{mark.rstrip('.')}.")
        if self._is_indicator(said) or not (lettered or (_NUMBER_MARK.match(mark) and nested)):
            return None
        return f"{mark} {said}"

    def _is_marked(self, row: Row, filled: Sequence[int]) -> bool:
        """Whether a row holds a mark in place of its code, a name beside it, and nothing else."""
        if self._coded_by is None or len(filled) != 2 or filled[0] != self._leading[0]:
            return False
        each = self._fields.get(filled[1])
        named = each is not None and each.type not in _NOT_NAMES and _is_name(row[filled[1]])
        return named and _text(row, filled[0]) in _MARKS

    def _coded(self, chunk: Chunk, at: int, row: Row) -> str | None:
        """A name beside a mark where rows of data have codes: those below have other codes."""
        mark, name = (squeeze(shown(row[column])) for column in _filled(row))
        if self._whole:
            below = self._below(chunk, at)
            code = _text(below, self._leading[0]) if below is not None else ""
            if below is None or not code or code in _MARKS or len(_filled(below)) <= 2:
                return None
            if self._is_indicator(name):
                return None
        return f"{mark} {name}"

    def _below(self, chunk: Chunk, at: int) -> Row | None:
        """The first row of data under a row, under further names of groups at most."""
        names = 1
        for down in range(at + 1, len(chunk)):
            row = _row(chunk, down)
            filled = _filled(row)
            if not filled:
                continue
            marked = len(filled) == 2 and filled[0] == self._numbering
            if len(filled) > 1 and not (marked or self._is_marked(row, filled)):
                keyed = any(_text(row, each) for each in self._required)
                return row if keyed or not self._required else None
            names += 1
            if names > LEVELS:
                return None
        return None

    def _is_indicator(self, text: str) -> bool:
        """Whether an indicator bears that name: its row lost the rest, and is data."""
        if Role.INDICATOR_NAME not in {each.name for each in self._fields.values()}:
            return False
        return fold(_LEADING_MARK.sub("", text, count=1)) in self._context.indicator_names


def _merged(sheet: Sheet, fields: Mapping[int, SchemaField]) -> frozenset[int]:
    """Numbers (from 1) of the rows in which a cell is merged over several columns of the table."""
    wanted = {at + sheet.column_offset for at in fields}
    return frozenset(
        top + 1
        for (top, left), (bottom, right) in sheet.merged()
        if top == bottom and sum(left <= at <= right for at in wanted) > 1
    )


def _row(chunk: Chunk, at: int) -> Row:
    return [cells[at] for cells in chunk.columns]


def _text(row: Row, column: int) -> str:
    return shown(row[column]).strip() if column < len(row) else ""


def _filled(row: Row) -> Sequence[int]:
    return [at for at, cell in enumerate(row) if shown(cell).strip()]


def _is_coded(column: SchemaField) -> bool:
    return bool(column.codes or column.enum) or _CODES.match(column.name) is not None


def _is_no_code(text: str) -> bool:
    """Whether a text can only be words: codes have digits, or neither spaces nor diacritics."""
    words = " " in text or not text.isascii()
    return words and not any(char.isdigit() for char in text)


def _is_name(cell: object) -> bool:
    return isinstance(cell, str) and len(cell) <= LONGEST and sum(map(str.isalpha, cell)) > 1
