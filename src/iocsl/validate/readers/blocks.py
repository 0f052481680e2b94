"""Blocks of a CSV file to columns: split at once where all records are plainly alike, else by the
csv module. Both give the same records at the same lines.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from iocsl.validate.readers.base import Row, Unreadable
from iocsl.validate.readers.texts import BREAK, MARK
from iocsl.validate.rules.files import BAD_QUOTES, LONG_LINE

MAX_LINE = 8 << 20
MAX_CELL = 1 << 17
"""Characters of one cell; Excel takes 32,767."""


class Block(NamedTuple):
    """Some whole records, split at their quotation marks, and where in the file they end."""

    parts: list[bytes]
    end: int


def columns_of(parts: list[bytes], mark: bytes) -> tuple[list[list[bytes]], int] | None:
    """The columns of a block in which every record has as many cells, and its number of lines.

    `parts` is the block split at its quotation marks. Splitting the whole of it once, with a cell
    of its own for each line end, takes a third of the time of the csv module and makes columns at
    once. None where that does not apply.
    """
    if not parts[-1].endswith(b"\n"):
        parts = [*parts[:-1], parts[-1] + b"\n"]
    block = _unquoted(parts, mark) if len(parts) > 1 else parts[0]
    if block is None or len(block) > MAX_CELL:
        return None
    ends = [b"\n"]
    width = block.count(mark, 0, block.index(b"\n")) + 1
    returns = 0
    if b"\r" in block:
        ends = [b"\r", b"\n"]
        bare, block = block, block.replace(b"\r", mark + b"\r")
        returns = len(block) - len(bare)
    # What is replaced is counted by what it adds; counting it apart would cost another search.
    marked = block.replace(b"\n", mark + b"\n" + mark)
    lines = (len(marked) - len(block)) // 2
    if returns not in {0, lines}:
        return None
    cells = marked.split(mark)
    cells.pop()
    step = width + len(ends)
    # Two short records can be as long as one: there are as many of them as line ends.
    if len(cells) != lines * step:
        return None
    if any(cells[at::step].count(end) != lines for at, end in enumerate(ends, width)):
        return None
    broken = block.count(BREAK) if len(parts) > 1 else 0
    return [cells[at::step] for at in range(width)], lines + broken


def blank_lines(parts: list[bytes], mark: bytes) -> int:
    """How many lines a block has that holds nothing but line ends and delimiters; else 0."""
    block = parts[0]
    if len(parts) > 1 or block.strip(b"\r\n" + mark):
        return 0
    lines = block.count(b"\n")
    if b"\r" in block and not block.count(b"\r") == block.count(b"\r\n") == lines:
        return 0
    return lines + (not block.endswith(b"\n"))


def _unquoted(parts: list[bytes], mark: bytes) -> bytes | None:
    """A block without quotation marks, what they hold written as `texts` has it.

    None where a mark stands elsewhere than at both ends of a cell, or a carriage return in one.
    """
    outside = [b"\n" + parts[0], *parts[2::2]]
    # Every piece but the first begins where a cell ended, every one but the last ends before one.
    if len(parts) % 2 == 0 or not all(outside):
        return None
    before, after = {mark[0], 10}, {mark[0], 10, 13}
    if not before.issuperset(map(itemgetter(-1), outside[:-1])):
        return None
    if not after.issuperset(map(itemgetter(0), outside[1:])):
        return None
    inside = b'"'.join(parts[1::2])
    if b"\r" in inside:
        return None
    whole = list(parts)
    whole[1::2] = inside.replace(mark, MARK).replace(b"\n", BREAK).split(b'"')
    return b"".join(whole)


def first_lines(columns: Sequence[Sequence[bytes]], first: int) -> list[int]:
    """The line on which each record starts, where cells hold line breaks."""
    broken = [cells for cells in columns if BREAK in b"".join(cells)]
    longer = (1 + sum(cell.count(BREAK) for cell in row) for row in zip(*broken, strict=True))
    return list(accumulate(longer, initial=first))[:-1]


def quoted_rows(
    block: Block, more: Iterator[Block], mark: str, line: int
) -> tuple[str, list[list[str]], int]:
    """The records of a block as the csv module reads them, the text that they took, and its end.

    A quotation mark inside a bare cell is an ordinary letter, so marks in pairs do not prove that a
    record ends here: while the module wants more, more is taken, twice as much each time.
    """
    text, end = b'"'.join(block.parts).decode(), block.end
    while True:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
        try:
            return text, list(reader), end
        except csv.Error as error:
            at = line + max(reader.line_num - 1, 0)
            if "field limit" in str(error):
                seen, limit = f"> {MAX_CELL >> 10} KiB", f"{MAX_CELL >> 10} KiB"
                raise Unreadable(LONG_LINE, line=at, seen=seen, limit=limit) from None
            if "unexpected end" not in str(error) or len(text) > MAX_LINE:
                raise Unreadable(BAD_QUOTES, line=line + _good_lines(text, mark)) from None
        wanted = len(text)
        added = []
        while wanted > 0 and (another := next(more, None)):
            added.append(b'"'.join(another.parts).decode())
            wanted -= len(added[-1])
            end = another.end
        if not added:
            raise Unreadable(BAD_QUOTES, line=line + _good_lines(text, mark))
        text += "".join(added)


def _good_lines(text: str, mark: str) -> int:
    """The lines above the first record that the csv module refuses."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    good = 0
    with contextlib.suppress(csv.Error):
        for _ in reader:
            good = reader.line_num
    return good


def lines_of(rows: Sequence[Row], first: int) -> Sequence[int]:
    """The line on which each record starts. Only quoted line breaks make it differ."""
    lines, at = [], first
    for row in rows:
        lines.append(at)
        at += 1 + sum(breaks(str(cell)) for cell in row)
    return lines


def breaks(text: str) -> int:
    alone = text.replace("\r\n", "").count("\r") if "\r" in text else 0
    return text.count("\n") + alone
