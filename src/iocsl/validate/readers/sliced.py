"""XLSX in little memory: a sheet is cut into slices of some thousand rows, each read by calamine.

calamine holds a whole sheet at once. Here the XML of a sheet is inflated in pieces, and every few
megabytes of rows become a small workbook of their own, with the styles and the shared texts of the
file. So a cell means the same as when the file is read at once.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from posixpath import dirname
from typing import Any

from iocsl.validate.readers.base import BATCH, Cell, Chunk, Row, Unreadable
from iocsl.validate.readers.workbook import guarded, load
from iocsl.validate.readers.xlsx_parts import Part
from iocsl.validate.readers.xlsx_scan import Area, SheetScan
from iocsl.validate.rules.files import DAMAGED

SLICE = 2 << 20
"""Bytes of rows that are read at once."""
FIRST = 1 << 16
"""Bytes of the first slice: the head of a sheet is asked for more than once."""
MAX_BESIDE = 16 << 20
"""Bytes before or after the rows that are looked at."""
_DATA = re.compile(rb"<(?:(\w+):)?sheetData\b[^>]*>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_NUMBERED = re.compile(rb"\br\s*=")
_BESIDE = frozenset({"", "_rels", "xl", "xl/_rels"})
"""Folders of the parts that say what cells mean."""


class Frame:
    """The parts of a workbook besides its sheets, to put around a slice."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self._parts = [
                    (info.filename, archive.read(info))
                    for info in archive.infolist()
                    if info.filename.lower().endswith((".xml", ".rels"))
                    and dirname(info.filename.lower()) in _BESIDE
                ]
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
            raise Unreadable(DAMAGED, detail=type(error).__name__) from None

    def around(self, *sheets: tuple[str, bytes]) -> io.BytesIO:
        """A workbook with these sheets alone, each by the name and the content of its part."""
        book = io.BytesIO()
        with zipfile.ZipFile(book, "w", zipfile.ZIP_STORED) as archive:
            for name, data in (*self._parts, *sheets):
                archive.writestr(name, data)
        book.seek(0)
        return book


class SlicedSheet:
    """One worksheet; its columns are counted from A, empty ones at the left included."""

    ragged = False
    column_offset = 0

    def __init__(self, frame: Frame, name: str, hidden: bool, seen: SheetScan) -> None:
        self._frame = frame
        self.name: str | None = name
        self.hidden = hidden
        self.seen = seen

    def merged(self) -> Sequence[Area]:
        return self.seen.merged

    def at_once(self) -> io.BytesIO:
        """A workbook with this sheet, whole."""
        with self._frame.path.open("rb") as stream:
            content = b"".join(Part(stream, self._part, proven=True).pieces())
        return self._frame.around((self._part.filename, content))

    def head(self, rows: int) -> list[Row]:
        found = self._beginning[:rows]
        if len(found) == rows:
            return found
        found = []
        for chunk in self._chunks(self._slices()):
            found.extend(chunk.rows()[: rows - len(found)])
            if len(found) >= rows:
                break
        return found

    @cached_property
    def _beginning(self) -> list[Row]:
        """The rows of the first slice."""
        found: list[Row] = []
        for chunk in self._chunks(islice(self._slices(), 1)):
            found.extend(chunk.rows())
        return found

    def chunks(self) -> Iterator[Chunk]:
        """All rows from the first, blank ones too."""
        return self._chunks(self._slices())

    def _chunks(self, slices: Iterator[tuple[int, int, list[Any]]]) -> Iterator[Chunk]:
        following = 1
        for first, left, rows in slices:
            if first < following:
                raise Unreadable(DAMAGED, detail="row")
            for start in range(following, first, BATCH):
                yield self._chunk([()] * min(BATCH, first - start), start, 0)
            for start in range(0, len(rows), BATCH):
                yield self._chunk(rows[start : start + BATCH], first + start, left)
            following = first + len(rows)

    def _chunk(self, rows: list[Row], first: int, left: int) -> Chunk:
        if not self._broken_rows.isdisjoint(range(first - 1, first - 1 + len(rows))):
            # A slice is as wide as what calamine saw in it, which error cells are not.
            width = max(left + len(rows[0]), self._width)
            before, after = [""] * left, [""] * (width - left - len(rows[0]))
            rows = [[*before, *row, *after] for row in rows]
            self.seen.put(rows, first, 0)
            left = 0
        columns: list[Sequence[Cell]] = [("",) * len(rows)] * left
        columns.extend(zip(*rows, strict=True))
        return Chunk(columns or [[""] * len(rows)], first)

    @cached_property
    def _broken_rows(self) -> frozenset[int]:
        return frozenset(row for row, _ in self.seen.broken)

    @cached_property
    def _width(self) -> int:
        """Columns up to the last one with an error cell or a formula without a value."""
        return 1 + max(column for _, column in self.seen.broken)

    @property
    def numbered(self) -> bool:
        """Whether rows say their number, without which a slice does not know where it stands."""
        cuts = self._cuts()
        next(cuts)
        row = _ROW.search(next(cuts, b""))
        return row is None or _NUMBERED.search(row[1]) is not None

    def _slices(self) -> Iterator[tuple[int, int, list[Any]]]:
        """Number of the first row, columns left out and rows of each slice that holds cells."""
        for content in self._contents():
            with self._frame.around((self._part.filename, content)) as stream:
                book = guarded(load, stream)
                sheet = guarded(book.get_sheet_by_name, self.name)
                if sheet.start is not None:
                    yield sheet.start[0] + 1, sheet.start[1], guarded(sheet.to_python)
                book.close()

    def _contents(self) -> Iterator[bytes]:
        """The XML of each slice as a sheet of its own."""
        cuts = self._cuts()
        head = next(cuts)
        found = _DATA.search(head)
        prefix = found[1] + b":" if found and found[1] else b""
        end = b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"
        rows, rest = b"", next(cuts, b"")
        for cut in cuts:
            if rows:
                yield head + rows + end
            rows, rest = rest, cut
        # The last slice keeps what follows the rows, so that a file that breaks off there is told.
        yield head + rows + rest

    def _cuts(self) -> Iterator[bytes]:
        """What stands before the rows, the rows in slices, and what follows them."""
        with self._frame.path.open("rb") as stream:
            head, held, ending = b"", b"", b""
            wanted = min(FIRST, SLICE)
            for piece in Part(stream, self._part, proven=True).pieces():
                held += piece
                if not head:
                    found = _DATA.search(held)
                    if found is None:
                        continue
                    head, held = held[: found.end()], held[found.end() :]
                    yield head
                    ending = b"</" + (found[1] + b":" if found[1] else b"") + b"row>"
                while len(held) >= wanted and (cut := _end(held, ending, wanted)):
                    yield held[:cut]
                    held = held[cut:]
                    wanted = SLICE
                if len(held) > wanted + MAX_BESIDE:
                    break
            cut = held.rfind(ending) + len(ending) if head and ending in held else 0
            if cut:
                yield held[:cut]
            yield held[cut:]

    @cached_property
    def _part(self) -> zipfile.ZipInfo:
        with zipfile.ZipFile(self._frame.path) as archive:
            parts = (each for each in archive.infolist() if each.filename.lower() == self.seen.part)
            return next(parts)


def _end(held: bytes, ending: bytes, wanted: int) -> int:
    """The end of the last row among the first bytes that are wanted, or of the first row after
    them; 0 where there is none."""
    at = held.rfind(ending, 0, wanted)
    if at < 0:
        at = held.find(ending)
    return at + len(ending) if at >= 0 else 0
