"""How far the cells of a sheet reach, before anything is built from them.

calamine makes a dense rectangle of a sheet's cells: a workbook of 1.4 KB with cells A1 and
XFD1048576 makes it abort the process, which no `except` catches. What is found here may be more
than there is (an address in a comment counts), and never less.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from iocsl.text import tr
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Unreadable, column_letters
from iocsl.validate.readers.xlsx_parts import cells, too_large
from iocsl.validate.rules.files import DAMAGED

HEAD = 1 << 14
"""Bytes of a block in which every cell is looked at by itself, to see whether the others are like
them."""
MAX_CELLS = 12_000_000
"""Cells of the rectangle that calamine would fill: about 400 MiB."""
MANY_CELLS = 1_000_000
MANY_TAGS, TAGS_OF_CELL = 16_000_000, 8
"""Tags of a part, and those that each of its cells may have more: rows without cells take time too.
"""
LAST_COLUMN = 16_384

# calamine goes by local names: a cell may have any prefix.
_PREFIX = rb"(?:[^\s<>/:]+:)?"
_START, _PLAIN = b"<c ", b'<c r="'
_REF = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]*)([0-9]+)[\"']")
_CELL = re.compile(rb"<" + _PREFIX + rb"c[\s/>]")
_UNNAMED = re.compile(rb"<" + _PREFIX + rb"c(?![^<>]*\sr\s*=)[\s/>]")
_UNNUMBERED = re.compile(rb"<" + _PREFIX + rb"row(?![^<>]*\sr\s*=)[\s/>]")
_ROW_END = re.compile(rb"</" + _PREFIX + rb"row\s*>")
_PLAIN_REF = re.compile(_PLAIN + rb"([A-Z]{1,3})([0-9]{1,7})\"")


@dataclass(slots=True)
class Extent:
    """The cells seen so far: how many, and the last row and column (from 0) of a rectangle from A1
    around them."""

    last: tuple[int, int] = (-1, -1)
    cells: int = 0
    tags: int = 0

    def count(self, piece: bytes) -> None:
        """Count the cells of some XML, those with a prefix aside, and measure nothing."""
        self.cells += piece.count(_START)
        if self.cells > MAX_CELLS:
            raise too_large(f"> {cells(self.cells)}", cells(MAX_CELLS))

    def reach(self, row: int, column: int) -> None:
        """Widen to a cell. Raises `Unreadable` for a larger rectangle than may be read."""
        self._widen(row, column)
        if self.rectangle > MAX_CELLS:
            raise too_large(cells(self.rectangle), cells(MAX_CELLS))

    def see(self, block: bytes) -> None:
        """Widen by the cells of some whole rows. Raises `Unreadable` for more than may be read.

        Rows with a cell further out than any before, or written in an unusual way, are measured
        cell by cell; the others are as wide as what was measured, without that cost.
        """
        self.tags += block.count(b"<")
        ends = self._ends(block)
        if ends is None and len(block) > 2 * HEAD:
            cut = max(block.find(b"row>", HEAD), 0)
            self._measure(block[:cut])
            block = block[cut:]
            ends = self._ends(block)
        if ends is None:
            self._measure(block)
        else:
            self.cells += block.count(_PLAIN)
            for end in ends:
                self._widen(*end)
        self._check()

    def follow(self, above: Extent) -> None:
        """Count what was counted in the rows above too. Raises `Unreadable`."""
        self.cells, self.tags = self.cells + above.cells, self.tags + above.tags
        check_tags(self.tags, self.cells)

    def _ends(self, block: bytes) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """First and last cell of a block in which none goes beyond what is known; None else."""
        if b":" in block and b":c" in block:
            return None
        first, at = _PLAIN_REF.search(block), block.rfind(_PLAIN)
        last = _PLAIN_REF.match(block, at) if at >= 0 else None
        if first is None or last is None or self.last[1] < 0:
            return None
        digits = last[2]
        if digits[:1] == b"0" or _beyond(self.last[1], len(digits), digits[0] - 48).search(block):
            return None
        return position(first[1], first[2]), position(last[1], digits)

    def _measure(self, block: bytes) -> None:
        self.cells += len(_CELL.findall(block))
        self._check()
        refs = set(_REF.findall(block))
        named = [position(letters, digits) for letters, digits in refs if letters]
        if named:
            rows, columns = zip(*named, strict=True)
            self._widen(max(rows), max(columns))
        if _UNNAMED.search(block):
            self._follow(block, refs, max((column for _, column in named), default=-1))

    def _follow(self, block: bytes, refs: set[tuple[bytes, bytes]], column: int) -> None:
        """Cells and rows without an address follow the one before them."""
        # In a comment the end of a row would be none.
        rows = [block] if b"<!" in block else _ROW_END.split(block)
        most = max(len(_UNNAMED.findall(row)) for row in rows)
        numbers = [position(b"A", digits)[0] for _, digits in refs]
        start = max(self.last[0], *numbers) if numbers else self.last[0]
        below = start + len(_UNNUMBERED.findall(block))
        self._widen(max(below, 0), min(column + most, LAST_COLUMN - 1))

    def _widen(self, row: int, column: int) -> None:
        self.last = (max(self.last[0], row), max(self.last[1], column))

    @property
    def rectangle(self) -> int:
        """Cells of the rectangle."""
        return (self.last[0] + 1) * (self.last[1] + 1)

    def _check(self) -> None:
        if self.cells > MAX_CELLS:
            raise too_large(f"> {cells(self.cells)}", cells(MAX_CELLS))
        check_tags(self.tags, self.cells)
        self.reach(*self.last)
        if self.cells > max(self.rectangle, MANY_CELLS):
            # More cells than places for them: some are written over and over.
            raise Unreadable(DAMAGED, detail="cell")


def check_tags(tags: int, items: int) -> None:
    """Raises `Unreadable` for more tags than so many cells or texts have; each takes its time."""
    most = MANY_TAGS + TAGS_OF_CELL * items
    if tags > most:
        unit = tr("thẻ XML", "XML tags")
        raise too_large(f"> {plain(most)} {unit}", f"{plain(most)} {unit}")


@cache
def _beyond(column: int, digits: int, first: int) -> re.Pattern[bytes]:
    """What no cell up to a column, in rows of as many digits that begin so, looks like."""
    rows = f"[1-{first}]?" + "[0-9]?" * (digits - 2) + "[0-9]" if digits > 1 else f"[1-{first}]"
    plain = f' r="(?:{_columns(column)}){rows}"'
    return re.compile(f"<c(?!{plain}|[A-Za-z])".encode())


def _columns(last: int) -> str:
    """The letters of the columns up to one (from 0) as a pattern."""
    letters = column_letters(last)
    if len(letters) == 1:
        return f"[A-{letters}]"
    if len(letters) == 2:
        before = f"[A-{chr(ord(letters[0]) - 1)}][A-Z]|" if letters[0] > "A" else ""
        return f"[A-Z]|{before}{letters[0]}[A-{letters[1]}]"
    return "[A-Z]{1,2}"


def position(letters: bytes, digits: bytes) -> tuple[int, int]:
    """Row and column from 0. Raises `Unreadable` for an address that no sheet has."""
    if len(letters) > 3 or len(digits) > 7:
        raise Unreadable(DAMAGED, detail="cell")
    column = 0
    for letter in letters.upper():
        column = column * 26 + letter - 64
    return int(digits) - 1, column - 1
