"""Where the table begins, and which column is which.

Columns are found by key or printed title after folding, in any order, under any number of title
rows, over several rows of merged headings, wherever the table starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Protocol

from iocsl.catalog.schema import TableSchema
from iocsl.catalog.template_rows import BEFORE
from iocsl.patterns import regex
from iocsl.text import fold, squeeze
from iocsl.validate.readers.base import Cell, Row, shown

SEARCHED = 60
"""Rows from the top among which the headings are looked for."""
DEEPEST = 5
"""Rows that headings may take."""
CLOSE = 0.8
"""How like a folded heading must be to a title to be called a misspelling of it."""

_NOT_WORD = regex(r"[^0-9a-z]+")
_UNIT_IN_BRACKETS = regex(r"\([^()]*\)\s*$")
_NUMBERING = frozenset({"stt", "tt", "so thu tu", "so tt", "no"})
_BEFORE = fold(BEFORE)
_BRACKETED_NUMBER = regex(r"\(\s*[0-9A-Da-d]{1,2}\s*\)(?:\s*=.*)?")
_NUMBER_OR_LETTER = regex(r"[A-D]|[0-9]{1,2}(?:\s*=.*)?")


@dataclass(frozen=True, slots=True)
class Found:
    """One heading: the text as printed, the sheet's row (from 1) and column (from 0)."""

    text: str
    row: int
    column: int


@dataclass(slots=True)
class Layout:
    """The columns of one table, by index within the rows as read (`column_offset` left out)."""

    columns: dict[str, int]
    headings: dict[str, Found]
    first_row: int
    """The first row of headings, from 1."""
    last_row: int
    """The last row of headings; data begin below it."""
    width: int
    titles: frozenset[str] = frozenset()
    """Texts that mean a column, as the headings here and in the schema write them."""
    unknown: list[Found] = field(default_factory=list)
    misspelt: list[tuple[Found, str]] = field(default_factory=list)
    repeated: dict[str, list[Found]] = field(default_factory=dict)

    def first_column(self) -> int:
        """The index of the first column of the table."""
        return min(self.columns.values(), default=0)


def plain(text: str) -> str:
    """A heading or a key for comparing: folded, only letters and digits, single spaces."""
    return _NOT_WORD.sub(" ", fold(text)).strip()


def names_of(schema: TableSchema) -> dict[str, str]:
    """Every folded key and title → key of the column."""
    names: dict[str, str] = {}
    for each in schema.fields:
        names.setdefault(plain(each.name), each.name)
        names.setdefault(plain(each.title), each.name)
    return names


class Grid(Protocol):
    """What the search for headings asks of a sheet."""

    @property
    def ragged(self) -> bool: ...

    @property
    def column_offset(self) -> int: ...

    def merged(self) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]: ...


def find_layout(rows: Sequence[Row], schema: TableSchema, sheet: Grid) -> Layout | None:
    """The heading block among the first rows of a sheet, None where there is none."""
    names = names_of(schema)
    grid = [[_text(cell) for cell in row] for row in rows[:SEARCHED]]
    hits = [
        {at: key for at, text in enumerate(row) if (key := _meant(text, names))} for row in grid
    ]
    top = _heading_row(hits, schema)
    if top is None:
        return None
    bottom = _last_row(hits, grid, top)
    top = _first_row(hits, top)
    layout = _layout(_Block(grid, top, bottom, sheet), names, schema)
    layout.last_row += _column_numbers(rows, layout.last_row)
    return layout


def _text(cell: Cell) -> str:
    return squeeze(cell) if isinstance(cell, str) else ""


def _meant(text: str, names: Mapping[str, str]) -> str | None:
    """The column that a heading means: as it is, or without a unit in brackets at its end."""
    if not text or len(text) > 200:
        return None
    return names.get(plain(text)) or names.get(plain(_UNIT_IN_BRACKETS.sub("", text)))


def _heading_row(hits: Sequence[Mapping[int, str]], schema: TableSchema) -> int | None:
    """The first row that names columns: at least two (or all of a schema of one or two), and half
    as many as the row that names the most, which may belong to a table further down."""
    named = [len(set(row.values())) for row in hits]
    most = max(named, default=0)
    needed = max(min(2, len(schema.fields)), (most + 1) // 2)
    return next((at for at, many in enumerate(named) if many >= needed), None)


def _first_row(hits: Sequence[Mapping[int, str]], top: int) -> int:
    """Go up while rows above name columns too (a title merged over several rows)."""
    first = top
    for at in range(top - 1, max(top - DEEPEST, -1), -1):
        if hits[at]:
            first = at
    return first


def _last_row(hits: Sequence[Mapping[int, str]], grid: Sequence[Sequence[str]], top: int) -> int:
    """Go down over further heading rows: sub-headings and a row of keys under printed titles.

    A row that says again what was said above begins another table.
    """
    last = top
    said = {grid[top][at] for at in hits[top]}
    for at in range(top + 1, min(top + DEEPEST, len(hits))):
        if not hits[at]:
            continue
        texts = {grid[at][each] for each in hits[at]}
        if len(texts & said) > 1 or texts <= said:
            break
        named = sum(1 for text in grid[at] if text)
        if len(hits[at]) * 2 >= named or len(hits[at]) >= 2:
            last = at
            said |= texts
    return last


@dataclass(frozen=True, slots=True)
class _Block:
    """The rows of headings within the first rows of a sheet: `top` to `bottom`, both included."""

    grid: Sequence[Sequence[str]]
    top: int
    bottom: int
    sheet: Grid

    @property
    def width(self) -> int:
        """Columns that a row of the table may have: in text files no more than have a heading."""
        rows = self.grid[self.top : self.bottom + 1]
        if self.sheet.ragged:
            return max(at for row in rows for at, text in enumerate(row, 1) if text)
        return max(map(len, rows))

    def found(self, at: int) -> list[Found]:
        """The headings of one column from top to bottom."""
        rows = range(self.top, self.bottom + 1)
        return [
            Found(self.grid[row][at], row + 1, at + self.sheet.column_offset)
            for row in rows
            if at < len(self.grid[row]) and self.grid[row][at]
        ]

    def paths(self) -> list[str]:
        """For each column its headings joined, merged ones spread over their area."""
        width, offset = self.width, self.sheet.column_offset
        rows = self.grid[self.top : self.bottom + 1]
        spread = [list(row) + [""] * (width - len(row)) for row in rows]
        for (row, left), (last, right) in self.sheet.merged():
            first = left - offset
            if not (self.top <= row <= self.bottom and 0 <= first < width):
                continue
            text = spread[row - self.top][first]
            for down in range(row, min(last, self.bottom) + 1):
                for at in range(first, min(right - offset, width - 1) + 1):
                    spread[down - self.top][at] = text
        return [
            " ".join(dict.fromkeys(row[at] for row in spread if row[at])) for at in range(width)
        ]


def _layout(block: _Block, names: Mapping[str, str], schema: TableSchema) -> Layout:
    columns: dict[str, int] = {}
    headings: dict[str, Found] = {}
    places: dict[str, list[Found]] = {}
    strange: list[tuple[int, Found]] = []
    for at, path in enumerate(block.paths()):
        found = block.found(at)
        if not found and not path:
            continue
        key, heading = _column(found, path, names)
        if key is None or heading is None:
            strange.extend((at, each) for each in found[-1:])
            continue
        places.setdefault(key, []).append(heading)
        if key not in columns:
            columns[key], headings[key] = at, heading
    repeated = {key: many for key, many in places.items() if len(many) > 1}
    layout = Layout(
        columns,
        headings,
        block.top + 1,
        block.bottom + 1,
        block.width,
        titles=_titles(headings.values(), schema),
        repeated=repeated,
    )
    _sort_strange(layout, strange, schema)
    return layout


def _titles(headings: Iterable[Found], schema: TableSchema) -> frozenset[str]:
    texts = {each.text for each in headings}
    return frozenset(texts.union(*((each.name, each.title) for each in schema.fields)))


def _column(
    found: Sequence[Found], path: str, names: Mapping[str, str]
) -> tuple[str | None, Found | None]:
    """The key a column's headings mean: the deepest that means one, else all of them together."""
    for each in reversed(found):
        key = _meant(each.text, names)
        if key is not None:
            return key, each
    return names.get(plain(path)), found[-1] if found else None


def _sort_strange(
    layout: Layout, strange: Sequence[tuple[int, Found]], schema: TableSchema
) -> None:
    """Headings that mean no column: numbering, old figures, misspellings, unknown ones."""
    missing = {each.name: each for each in schema.fields if each.name not in layout.columns}
    for at, heading in strange:
        folded = plain(heading.text)
        if folded in _NUMBERING or not folded or folded.startswith(_BEFORE):
            continue
        meant = _closest(folded, [(name, plain(each.title)) for name, each in missing.items()])
        if meant is None:
            layout.unknown.append(heading)
            continue
        del missing[meant]
        layout.columns[meant] = at
        layout.headings[meant] = heading
        layout.misspelt.append((heading, meant))


def _closest(folded: str, titles: Sequence[tuple[str, str]]) -> str | None:
    """The missing column that a heading nearly names, or names with words after it."""
    best, score = None, CLOSE
    for name, title in titles:
        if folded.startswith(f"{title} "):
            return name
        for other in (title, plain(name)):
            likeness = SequenceMatcher(None, folded, other).ratio()
            if likeness >= score:
                best, score = name, likeness
    return best


def _column_numbers(rows: Sequence[Row], at: int) -> int:
    """1 where the row under the headings only numbers the columns: `(1) (2) (3)` or `A B 1 2`.

    Bare numbers alone are taken for data.
    """
    if at >= len(rows):
        return 0
    texts = [text for cell in rows[at] if (text := shown(cell).strip())]
    bracketed = all(_BRACKETED_NUMBER.fullmatch(text) for text in texts)
    lettered = texts[:1] == ["A"] and all(_NUMBER_OR_LETTER.fullmatch(text) for text in texts)
    return int(len(texts) >= 2 and (bracketed or lettered))
