"""Long sheets of an XLSX file, in slices of some thousand rows.

The XML of a sheet is inflated in pieces. Rows that are written the plain way are split by
`plain_rows`. Other slices are read by calamine, which holds a whole sheet at once: either from
there on, or, where memory is short, each as a small workbook of its own, with the styles and the
shared texts of the file. A cell means the same either way.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from itertools import islice
from operator import lt
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iocsl.validate.readers.base import BATCH, Cell, Chunk, Row, Unreadable
from iocsl.validate.readers.percents import note_percents
from iocsl.validate.readers.plain_rows import MOST_CELLS, PlainRows, Rows
from iocsl.validate.readers.workbook import guarded, load
from iocsl.validate.readers.xlsx_extent import Extent
from iocsl.validate.readers.xlsx_meanings import Meanings, NotPlain, is_utf8
from iocsl.validate.readers.xlsx_mended import mended
from iocsl.validate.readers.xlsx_parts import Part
from iocsl.validate.readers.xlsx_scan import Area, SheetScan, scan_rows, scan_sheet
from iocsl.validate.rules.files import DAMAGED

if TYPE_CHECKING:
    from iocsl.validate.readers.workbook import WorkbookSheet

SLICE = 2 << 20
"""Bytes of rows that are read at once."""
FIRST = 1 << 16
"""Bytes of the first slice: the head of a sheet is asked for more than once."""
MAX_BESIDE = 16 << 20
"""Bytes before or after the rows that are looked at."""
_DATA = re.compile(rb"<(?:(\w+):)?sheetData\b[^>]*>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_SHARES = re.compile(rb"\bt\s*=\s*[\"']s[\"']")
_NUMBERED = re.compile(rb"\br\s*=")
MOST_SHARED = 32 << 20
"""Bytes of shared texts that are kept here; calamine keeps more of them in less memory."""
_NAMESPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHARED = "xl/sharedStrings.xml"
_BESIDE = frozenset(
    {
        "[content_types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
    }
)
"""The parts that say what cells mean; calamine looks for them under these names."""


class Slice(NamedTuple):
    """Some rows: the number of the first, and their cells as columns, the first of which is A."""

    first: int
    columns: list[list[Cell]]


class Frame:
    """The parts of a workbook besides its sheets, to put around a slice."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self._parts = [
                    (info.filename, archive.read(info))
                    for info in archive.infolist()
                    if info.filename.lower() in _BESIDE
                ]
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
            raise Unreadable(DAMAGED, detail=type(error).__name__) from None

    def around(self, *sheets: tuple[str, bytes], texts: bool = True) -> io.BytesIO:
        """A workbook with these sheets alone, each by the name and the content of its part.

        Without `texts`, cells that share theirs cannot be read.
        """
        book = io.BytesIO()
        shared = [(_SHARED, self.shared)] if texts and self.shared else []
        with zipfile.ZipFile(book, "w", zipfile.ZIP_STORED) as archive:
            for name, data in (*self._parts, *shared, *sheets):
                archive.writestr(name, data)
        book.seek(0)
        return book

    def look(self, seen: SheetScan) -> None:
        """Look at all rows of a sheet, which were only counted. Raises `Unreadable`."""
        with self.path.open("rb") as stream:
            part = Part(stream, self.part(seen.part), proven=True)
            found = scan_sheet(part, seen.percent_styles)
        seen.take(found)
        seen.extent, seen.is_looked_at = found.extent, True

    def part(self, path: str) -> zipfile.ZipInfo:
        """The part of that path, which is in lower case."""
        with zipfile.ZipFile(self.path) as archive:
            return next(each for each in archive.infolist() if each.filename.lower() == path)

    def content(self, path: str) -> tuple[str, bytes]:
        """The name and the XML of that part, whole."""
        part = self.part(path)
        with self.path.open("rb") as stream:
            return part.filename, b"".join(Part(stream, part, proven=True).pieces())

    @cached_property
    def shared(self) -> bytes:
        """The XML of the texts that cells share; empty where there are none."""
        return b"".join(self._shared_pieces())

    def few_shared(self) -> bytes:
        """The same. Raises `NotPlain` for more than are kept here."""
        size, pieces = 0, []
        for piece in self._shared_pieces():
            size += len(piece)
            if size > MOST_SHARED:
                raise NotPlain
            pieces.append(piece)
        return b"".join(pieces)

    def _shared_pieces(self) -> Iterator[bytes]:
        with zipfile.ZipFile(self.path) as archive:
            parts = archive.infolist()
        found = next((each for each in parts if each.filename.lower() == _SHARED.lower()), None)
        if found is not None:
            with self.path.open("rb") as stream:
                yield from Part(stream, found, proven=True).pieces()


class SlicedSheet:
    """One worksheet; its columns are counted from A, empty ones at the left included.

    Slices that are written the plain way are split here (`plain_rows`), others are read by
    calamine: from the first of them on the sheet `at_once`, or, without that, slice by slice.
    """

    ragged = False
    column_offset = 0

    def __init__(
        self,
        frame: Frame,
        name: str,
        hidden: bool,
        seen: SheetScan,
        at_once: Callable[[], WorkbookSheet] | None = None,
    ) -> None:
        self._frame = frame
        self._at_once = at_once
        self.name: str | None = name
        self.hidden = hidden
        self.seen = seen
        self._meanings = Meanings(self._asked, frame.few_shared)
        self._read_above = Extent()

    def merged(self) -> Sequence[Area]:
        return self.seen.merged

    def at_once(self) -> io.BytesIO:
        """A workbook with this sheet, whole."""
        return self._frame.around(self._frame.content(self.seen.part))

    def head(self, rows: int) -> list[Row]:
        found = self._beginning[:rows]
        if len(found) == rows:
            return found
        found = []
        for chunk in self.chunks():
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

    def _chunks(self, slices: Iterator[Slice]) -> Iterator[Chunk]:
        following = width = 1
        for first, columns in slices:
            if first < following:
                raise Unreadable(DAMAGED, detail="row")
            for start in range(following, first, BATCH):
                rows = min(BATCH, first - start)
                blank: list[list[Cell]] = [[""] * rows for _ in range(width)]
                self.seen.put(blank, start, 0)
                yield Chunk(blank, start)
            # At least as wide as the rows above: what follows has the columns of the headings.
            rows = len(columns[0])
            columns.extend([""] * rows for _ in range(len(columns), width))
            self.seen.put(columns, first, 0)
            width = len(columns)
            for start in range(0, rows, BATCH):
                yield Chunk([cells[start : start + BATCH] for cells in columns], first + start)
            following = first + rows

    @property
    def numbered(self) -> bool:
        """Whether rows say their number, without which a slice does not know where it stands."""
        cuts = self._cuts()
        next(cuts)
        row = _ROW.search(next(cuts, b""))
        return row is None or _NUMBERED.search(row[1]) is not None

    def _slices(self) -> Iterator[Slice]:
        """The slices that hold cells."""
        following, split = 1, PlainRows(self._meanings)
        self._read_above = Extent()
        for head, rows, end in self._parts():
            plain = split.of(rows) if rows and is_utf8(head) else None
            if plain is not None:
                self.seen.hidden_rows.update(number - 1 for number in plain.hidden)
                if self.seen.percent_styles:
                    note_percents(rows, self.seen.percent_styles, self.seen.percents)
                for found in _runs(plain):
                    following = found.first + len(found.columns[0])
                    self.seen.extent.reach(following - 2, len(found.columns) - 1)
                    yield found
            elif rows and self._whole is not None:
                yield from self._whole.slices(following)
                return
            else:
                yield from self._read(head, rows + end)

    @cached_property
    def _whole(self) -> WorkbookSheet | None:
        return self._at_once() if self._at_once is not None else None

    def _read(self, head: bytes, rows: bytes) -> Iterator[Slice]:
        """What calamine reads in some rows, behind the head of their sheet."""
        if not self.seen.is_looked_at:
            seen = SheetScan(data=1, percent_styles=self.seen.percent_styles)
            scan_rows(rows, seen)
            seen.extent.follow(self._read_above)
            self._read_above = seen.extent
            self.seen.take(seen)
        xml, texts = head + rows, _SHARES.search(rows) is not None
        try:
            start, found = self._given(xml, texts=texts)
        except Unreadable:
            known = mended(xml)
            if known is None:
                raise
            start, found = self._given(known, texts=texts)
        if start is not None:
            left: list[list[Cell]] = [[""] * len(found) for _ in range(start[1])]
            yield Slice(start[0] + 1, [*left, *map(list, zip(*found, strict=True))])

    def _given(
        self, xml: bytes, *, texts: bool, skipped: bool = True
    ) -> tuple[tuple[int, int] | None, Sequence[Row]]:
        """Where calamine finds the first cell of this sheet with other XML, and the rows from
        there on, or from A1 on where nothing is `skipped`. Without `texts` none are shared."""
        with self._frame.around((self._part.filename, xml), texts=texts) as stream:
            book = guarded(load, stream)
            try:
                sheet = guarded(book.get_sheet_by_name, self.name)
                return sheet.start, guarded(partial(sheet.to_python, skip_empty_area=skipped))
            finally:
                book.close()

    def _asked(self, cells: Sequence[bytes]) -> Sequence[Cell]:
        """Each of some cells as calamine reads it, by what stands behind its address."""
        rows = (
            b'<row r="%d"><c r="A%d"%b</c></row>' % (number, number, cell)
            for number, cell in enumerate(cells, 1)
        )
        content = b'<worksheet xmlns="%b"><sheetData>%b</sheetData></worksheet>' % (
            _NAMESPACE,
            b"".join(rows),
        )
        _, found = self._given(content, texts=b' t="s"' in cells[0], skipped=False)
        given = [row[0] for row in found]
        return [*given, *[""] * (len(cells) - len(given))]

    def _parts(self) -> Iterator[tuple[bytes, bytes, bytes]]:
        """The rows of each slice, with what makes a sheet of its own of them before and after."""
        cuts = self._cuts()
        head = next(cuts)
        found = _DATA.search(head)
        prefix = found[1] + b":" if found and found[1] else b""
        end = b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"
        rows = next(cuts, b"")
        for cut in cuts:
            if rows:
                yield head, rows, end
            rows = cut
        # What follows the rows is read too, so that a file that breaks off there is told.
        yield head, b"", rows

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
                start = 0
                while len(held) - start >= wanted and (cut := _end(held, ending, start, wanted)):
                    yield held[start:cut]
                    start, wanted = cut, SLICE
                held = held[start:]
                if len(held) > wanted + MAX_BESIDE:
                    break
            cut = held.rfind(ending) + len(ending) if head and ending in held else 0
            if cut:
                yield held[:cut]
            yield held[cut:]

    @cached_property
    def _part(self) -> zipfile.ZipInfo:
        return self._frame.part(self.seen.part)


def _runs(rows: Rows) -> Iterator[Slice]:
    """Rows one under the other, those that are not there as blank ones, cut where many are."""
    numbers, columns, _ = rows
    if not all(map(lt, numbers, numbers[1:])):
        raise Unreadable(DAMAGED, detail="row")
    # Programs write blank cells to the end of a row, and blank rows to the end of a sheet.
    while columns and columns[-1].count("") == len(numbers):
        columns.pop()
    while numbers and all(cells[-1] == "" for cells in columns):
        numbers.pop()
        for cells in columns:
            cells.pop()
    if not numbers:
        return
    if numbers[-1] - numbers[0] + 1 == len(numbers):
        yield Slice(numbers[0], columns)
        return
    start = 0
    for end in range(1, len(numbers) + 1):
        first = numbers[start]
        if end < len(numbers) and (numbers[end] - first + 1) * len(columns) <= MOST_CELLS:
            continue
        spread: list[list[Cell]] = [[""] * (numbers[end - 1] - first + 1) for _ in columns]
        for into, cells in zip(spread, columns, strict=True):
            for number, cell in zip(numbers[start:end], cells[start:end], strict=True):
                into[number - first] = cell
        yield Slice(first, spread)
        start = end


def _end(held: bytes, ending: bytes, start: int, wanted: int) -> int:
    """The end of the last row among the bytes that are wanted from `start` on, or of the first row
    after them; 0 where there is none."""
    at = held.rfind(ending, start, start + wanted)
    if at < 0:
        at = held.find(ending, start)
    return at + len(ending) if at >= 0 else 0
