"""Long runs of blank rows, below which a table has mostly ended.

A space typed by chance, or a number, a thousand rows below a form is no reason to take its
signatures for data. Where the runs are does not depend on how the rows are cut into chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iocsl.validate.readers.base import Cell, Chunk, filled

GAP = 64
"""Blank rows together that are a gap."""


class Gaps:
    """Looks for gaps in the chunks of one table, one after the other."""

    def __init__(self, key: int) -> None:
        self._key = key
        """A column that a row of data must fill."""
        self._held: list[Chunk] = []
        self._blank = 0

    def parts(self, chunk: Chunk) -> Iterator[Chunk | None]:
        """The same rows, with None where a gap begins. A few blank rows are kept for later."""
        for part, blank in self._cut(chunk):
            if not blank:
                yield from self.rest()
                yield part
                continue
            was_gap = self._blank >= GAP
            self._blank += len(part)
            self._held.append(part)
            if self._blank >= GAP:
                if not was_gap:
                    yield None
                yield from self._held
                self._held.clear()

    def rest(self) -> list[Chunk]:
        """The blank rows that were kept."""
        held, self._held, self._blank = self._held, [], 0
        return held

    def _cut(self, chunk: Chunk) -> Iterator[tuple[Chunk, bool]]:
        """The chunk, cut at blank rows at its edges and at gaps within; whether a part is blank."""
        blanks = self._blanks(chunk)
        if not blanks:
            yield chunk, False
            return
        start = 0
        for first, end in _runs(blanks):
            if end - first < GAP and first > 0 and end < len(chunk):
                continue
            if start < first:
                yield chunk.part(start, first), False
            yield chunk.part(first, end), True
            start = end
        if start < len(chunk):
            yield chunk.part(start), False

    def _blanks(self, chunk: Chunk) -> Sequence[int]:
        """The positions of blank rows; what was screened elsewhere is plain rows of data."""
        if chunk.screened is not None:
            return ()
        if chunk.blank:
            return range(len(chunk))
        if not chunk.holds(self._key, _EMPTY):
            return ()
        keys = chunk.columns[self._key]
        blank = {at for at, cell in enumerate(keys) if _is_blank(cell)}
        for cells in chunk.columns:
            # Of many blank rows most columns hold nothing, which is seen at once.
            some = filled(cells) if 2 * len(blank) > len(cells) else list(blank)
            blank.difference_update([at for at in some if not _is_blank(cells[at])])
        return sorted(blank)


_EMPTY = frozenset({"", " "})


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Numbers that follow one another, as the first and the one after the last."""
    first = end = places[0]
    for at in places:
        if at != end:
            yield first, end
            first = at
        end = at + 1
    yield first, end
