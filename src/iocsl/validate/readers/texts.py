"""Columns of text files, left as bytes until somebody looks at them.

A file of a million rows holds nine million cells and a few thousand different ones. Splitting bytes
takes half the time of splitting text, and what a rule has judged once is never decoded again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, overload

MARK, BREAK = b"\xff", b"\xfe"
"""Bytes that UTF-8 never has, in the place of a delimiter and a line break inside a cell."""
BETWEEN = b"\0"
"""Between cells that are decoded together; the readers refuse a file that holds it."""


class Spelling(NamedTuple):
    """How the cells of one column are written: `mark` is the delimiter, `prefix` begins each."""

    mark: bytes = b""
    prefix: bytes = b""

    def text(self, raw: bytes) -> str:
        """One cell as text."""
        return self._plain(raw[len(self.prefix) :]).decode()

    def texts(self, raw: Sequence[bytes]) -> list[str]:
        """Many cells as text, in a tenth of the time that they would take one by one."""
        return self._plain(self.joined(raw, BETWEEN)).decode().split("\0") if raw else []

    def raw(self, text: str) -> bytes:
        """What stands in the file for a text."""
        plain = text.encode().replace(b"\n", BREAK)
        return self.prefix + (plain.replace(self.mark, MARK) if self.mark else plain)

    @lru_cache(maxsize=512)  # noqa: B019 - spellings are few and equal ones are one
    def raw_texts(self, texts: frozenset[str]) -> frozenset[bytes]:
        """`raw` for several texts; asked again for every batch."""
        return frozenset(map(self.raw, texts))

    def raws(self, cells: Sequence[str]) -> list[bytes]:
        """What stands in the file for texts of a column without a prefix."""
        whole = "\0".join(cells).encode().replace(b"\n", BREAK)
        return (whole.replace(self.mark, MARK) if self.mark else whole).split(BETWEEN)

    def joined(self, raw: Sequence[bytes], between: bytes) -> bytes:
        """Cells one after the other without their prefix, `between` them what no cell holds.

        Delimiters and line breaks inside a cell are still written as `MARK` and `BREAK`.
        """
        whole = between.join(raw)
        if self.prefix:
            return whole[len(self.prefix) :].replace(between + self.prefix, between)
        return whole

    def lines(self, raw: Sequence[bytes]) -> bytes:
        """The cells as lines of text; a line break inside a cell is still `BREAK`."""
        whole = self.joined(raw, b"\n")
        return whole.replace(MARK, self.mark) if MARK in whole else whole

    def _plain(self, whole: bytes) -> bytes:
        if MARK in whole:
            whole = whole.replace(MARK, self.mark)
        return whole.replace(BREAK, b"\n") if BREAK in whole else whole


class Texts(Sequence[str]):
    """One column of some rows. `raw` holds the bytes: two cells are the same when these are."""

    __slots__ = ("_cells", "_raw", "spelling")

    def __init__(self, raw: Sequence[bytes], spelling: Spelling) -> None:
        self._raw: Sequence[bytes] | None = raw
        self.spelling = spelling
        self._cells: list[str] | None = None

    @property
    def raw(self) -> Sequence[bytes]:
        """All of them as they stand in the file."""
        return self._raw or ()

    @property
    def cells(self) -> list[str]:
        """All of them as text."""
        if self._cells is None:
            self._cells = self.spelling.texts(self.raw)
        return self._cells

    def __len__(self) -> int:
        return len(self.raw)

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Texts: ...
    def __getitem__(self, at: int | slice) -> str | Texts:
        if isinstance(at, slice):
            return Texts(self.raw[at], self.spelling)
        return self._cells[at] if self._cells is not None else self.spelling.text(self.raw[at])


class LateTexts(Texts):
    """One column of `count` rows that is read, by `load`, when somebody looks at a cell of it."""

    __slots__ = ("_count", "_load")

    def __init__(self, count: int, load: Callable[[], Sequence[bytes]], spelling: Spelling) -> None:
        super().__init__((), spelling)
        self._raw = None
        self._count = count
        self._load = load

    @property
    def raw(self) -> Sequence[bytes]:
        """All of them as they stand in the file."""
        if self._raw is None:
            self._raw = self._load()
        return self._raw

    def __len__(self) -> int:
        return self._count
