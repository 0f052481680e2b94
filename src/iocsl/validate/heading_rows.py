"""The rows that headings take, and all that stands above each column in them.

Headings are merged over several rows and columns in a workbook, and left blank where they would be
merged in a text; both are read alike.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from iocsl.patterns import regex
from iocsl.text import squeeze
from iocsl.validate.readers.base import Cell, Row, shown

DEEPEST = 5
"""Rows that headings may take."""
LOOKED_AHEAD = 5
"""Rows of data that tell what a row above them is."""

_NUMBER = regex(r"[(\[]?\s*([0-9]{1,2})\s*[)\]]?(?:\s*[=:].*)?[)\]]?")
_LETTER = regex(r"[(\[]?\s*([A-HĐa-hđ])\s*[)\]]?")
_BRACKETED = regex(r"[(\[].*")


class Found(NamedTuple):
    """One heading: the text as printed, the sheet's row (from 1) and column (from 0)."""

    text: str
    row: int
    column: int


class Grid(Protocol):
    """What the search for headings asks of a sheet."""

    @property
    def ragged(self) -> bool: ...

    @property
    def column_offset(self) -> int: ...

    def merged(self) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]: ...


def texts_of(row: Row) -> list[str]:
    """The texts of a row that may be headings; a year is one however it was typed."""
    return [_text(cell) for cell in row]


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return squeeze(cell)
    return shown(cell) if isinstance(cell, float) and cell in _YEARS else ""


_YEARS = range(1950, 2101)
_YEAR_TEXTS = frozenset(map(str, _YEARS))


class Block(NamedTuple):
    """The rows of headings within the first rows of a sheet: `top` to `bottom`, both included."""

    grid: Sequence[Sequence[str]]
    top: int
    bottom: int
    sheet: Grid

    @property
    def rows(self) -> range:
        return range(self.top, self.bottom + 1)

    @property
    def width(self) -> int:
        """Columns that a row of the table may have: in text files no more than have a heading."""
        rows = [self.grid[row] for row in self.rows]
        if self.sheet.ragged:
            return max((at for row in rows for at, text in enumerate(row, 1) if text), default=0)
        return max(map(len, rows))

    def found(self, at: int) -> list[Found]:
        """The headings of one column from top to bottom."""
        return [
            Found(self.grid[row][at], row + 1, at + self.sheet.column_offset)
            for row in self.rows
            if at < len(self.grid[row]) and self.grid[row][at]
        ]

    def paths(self) -> list[list[str]]:
        """For each column its headings from top to bottom, each spread over what it covers.

        That are the cells it is merged over, or the blank ones to its right that have headings of
        their own below them.
        """
        width, offset = self.width, self.sheet.column_offset
        grid = [
            [*self.grid[row], *[""] * (width - len(self.grid[row]))][:width] for row in self.rows
        ]
        covered: set[tuple[int, int]] = set()
        for (begins, left), (last, right) in self.sheet.merged():
            first = left - offset
            if begins not in self.rows or not 0 <= first < width:
                continue
            text = grid[begins - self.top][first]
            for down in range(begins, min(last, self.bottom) + 1):
                for at in range(first, min(right - offset, width - 1) + 1):
                    grid[down - self.top][at] = text
                    covered.add((down - self.top, at))
        for down, row in enumerate(grid[:-1]):
            for at in range(1, width):
                under = any(below[at] for below in grid[down + 1 :])
                same = all(above[at] == above[at - 1] for above in grid[:down])
                if under and same and not row[at] and (down, at - 1) not in covered:
                    row[at] = row[at - 1]
        return [list(dict.fromkeys(row[at] for row in grid if row[at])) for at in range(width)]


def lower_edge(rows: Sequence[Row], block: Block) -> int:
    """The last row of a block of headings: what is merged into it and the parts of its headings.

    `rows` are the cells of which the block holds the texts.
    """
    bottom = block.bottom
    while bottom + 1 < len(block.grid) and bottom + 1 < block.top + DEEPEST:
        seen = Block(block.grid, block.top, bottom, block.sheet)
        deepest = max((last for _, last, _, _ in _areas(seen)), default=bottom)
        if deepest <= bottom and not _is_under(rows, seen):
            break
        bottom += 1
    return bottom


def _areas(block: Block) -> list[tuple[int, int, int, int]]:
    """Merged cells with a text that begin in a block: first and last row, first and last column."""
    offset = block.sheet.column_offset
    return [
        (row, last, left - offset, right - offset)
        for (row, left), (last, right) in block.sheet.merged()
        if row in block.rows
        and 0 <= left - offset < len(block.grid[row])
        and block.grid[row][left - offset]
    ]


def _is_under(rows: Sequence[Row], block: Block) -> bool:
    """Whether the row under a block names the parts of headings in it: "Kế hoạch", "Thực hiện".

    Nothing but words stands there, each under a heading that is merged across or has blanks to its
    right. Where nothing is merged, figures must follow under them too.
    """
    texts = block.grid[block.bottom + 1]
    filled = [at for at, cell in enumerate(rows[block.bottom + 1]) if shown(cell).strip()]
    if not filled or not all(_is_words(texts[at]) for at in filled):
        return False
    across = [area for area in _areas(block) if area[1] == block.bottom and area[3] > area[2]]
    if all(any(left <= at <= right for _, _, left, right in across) for at in filled):
        return True
    titled = {at for row in block.rows for at, text in enumerate(block.grid[row]) if text}
    if across or titled <= set(filled) or not set(filled) - titled:
        return False
    parts = all(at not in titled or at + 1 in set(filled) - titled for at in filled)
    further = rows[block.bottom + 2 : block.bottom + 2 + LOOKED_AHEAD]
    below = next((row for row in further if _is_wide(row)), ())
    return parts and any(at < len(below) and _is_figure(below[at]) for at in filled)


def _is_wide(row: Row) -> bool:
    """Whether a row is no name of a group, which has two cells at most."""
    return sum(1 for cell in row if shown(cell).strip()) > 2


def is_words(row: Row) -> bool:
    """Whether a row holds words, and years, and nothing else."""
    return all(_is_words(_text(cell)) for cell in row if shown(cell).strip())


def _is_words(text: str) -> bool:
    return any(map(str.isalpha, text)) or text in _YEAR_TEXTS


def _is_figure(cell: Cell) -> bool:
    if isinstance(cell, str):
        return any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))
    return True


def numbers_columns(rows: Sequence[Row], at: int) -> bool:
    """Whether a row only numbers the columns: `(1) (2) (3)`, `A B 1 2 3=1+2`, `1 2 3 4`.

    Numbers without brackets stand in their order there, and other kinds of cells below them.
    """
    if at >= len(rows):
        return False
    texts = {column: text for column, cell in enumerate(rows[at]) if (text := shown(cell).strip())}
    if len(texts) < 2:
        return False
    numbers = {each: int(found[1]) for each in texts if (found := _NUMBER.fullmatch(texts[each]))}
    letters = {each: found[1] for each in texts if (found := _LETTER.fullmatch(texts[each]))}
    if numbers.keys() | letters.keys() != texts.keys():
        return False
    if not _in_order(list(numbers.values())) or not _in_order([*map(_place, letters.values())]):
        return False
    if any("=" in text or _BRACKETED.fullmatch(text) for text in texts.values()):
        return True
    below = [
        shown(cell) for row in rows[at + 1 : at + 1 + LOOKED_AHEAD] for cell in _under(row, texts)
    ]
    return any(sum(map(str.isalpha, text)) > 1 for text in below)


def _under(row: Row, columns: Collection[int]) -> list[Cell]:
    """The cells of a row of several, under some columns."""
    filled = [at for at, cell in enumerate(row) if shown(cell).strip()]
    return [row[at] for at in filled if at in columns] if len(filled) > 1 else []


def _place(letter: str) -> int:
    return "abcdđefgh".index(letter.lower())


def _in_order(numbers: Sequence[int]) -> bool:
    """Whether numbers count up from the start, where one may be left out now and then."""
    begins = not numbers or numbers[0] <= 1
    return begins and all(0 < after - before <= 2 for before, after in pairwise(numbers))
