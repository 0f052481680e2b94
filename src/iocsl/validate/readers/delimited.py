"""CSV: delimiter, quotes and encoding found out, record number and physical line kept apart."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import IO, NamedTuple

from iocsl.validate.readers.base import Chunk, Noticed, Row, Unreadable
from iocsl.validate.readers.blocks import (
    MAX_CELL,
    MAX_LINE,
    Block,
    blank_lines,
    breaks,
    columns_of,
    first_lines,
    lines_of,
    quoted_rows,
)
from iocsl.validate.readers.encodings import certain_encoding, decode
from iocsl.validate.readers.texts import Spelling, Texts
from iocsl.validate.registry import Fault
from iocsl.validate.rules.files import (
    CONVERTED,
    DAMAGED,
    LONG_LINE,
    NUL_BYTES,
    TOO_LARGE,
    UNKNOWN_ENCODING,
)

PIECE = 1 << 16
"""Bytes read at once: what stays in the processor's cache is split at twice the speed."""
SAMPLE = 1 << 20
MAX_CONVERTED = 64 << 20
"""A file in an old encoding is converted in memory, so it must fit there."""
DELIMITERS = ";\t,|"
"""In the order of trust: a comma is also a decimal sign and a mark in titles."""
_DECLARED = re.compile(rb'"?sep=([\t!#-/:-@[-`{-~])"?(?:\r\n|\n|\r)', re.IGNORECASE)


class TextLook(NamedTuple):
    """What a pass over the bytes tells: the Python codec, or None where it is no Unicode."""

    codec: str | None
    first_bad: int = 0


def declared_delimiter(start: bytes) -> tuple[str, int] | None:
    """The delimiter that a first line `sep=;` names, and the length of that line; None without one.

    It speaks to Excel, which shows no row for it, so it is a line of the file and no record.
    """
    found = _DECLARED.match(start)
    return (found[1].decode(), found.end()) if found else None


def look(path: Path) -> TextLook:
    """One pass in bounded memory: UTF-8 or UTF-16; no NUL, no endless line.

    UTF-8 is proved where the first letters beyond ASCII stand, wherever that is, and for the rest
    while it is read.
    """
    with path.open("rb") as stream:
        wide = _utf16(stream.read(4096))
        if wide is not None:
            return TextLook(wide)
        stream.seek(0)
        first = _look_at_bytes(stream)
        if first is None:
            return TextLook("utf-8")
        stream.seek(first)
        sample = stream.read(SAMPLE)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(sample, final=len(sample) < SAMPLE)
        except UnicodeDecodeError as error:
            return TextLook(None, _line_at(stream, first + error.start))
    return TextLook("utf-8")


def _line_at(stream: IO[bytes], offset: int) -> int:
    stream.seek(0)
    line = 1
    while offset > 0 and (piece := stream.read(min(SAMPLE, offset))):
        line += piece.count(b"\n")
        offset -= len(piece)
    return line


def _utf16(start: bytes) -> str | None:
    """UTF-16 with its mark, or plainly so: every other byte of ASCII text is zero."""
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    even, odd = start[0::2], start[1::2]
    for codec, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(start) >= 8 and zeros.count(0) > 0.6 * len(zeros) and 0 not in others:
            return codec
    return None


def _look_at_bytes(stream: IO[bytes]) -> int | None:
    """The offset of the first piece with bytes beyond ASCII."""
    gap, offset = 0, 0
    first: int | None = None
    while piece := stream.read(SAMPLE):
        zero = piece.find(b"\0")
        if zero >= 0:
            raise Unreadable(NUL_BYTES, offset=offset + zero)
        gap = 0 if b"\n" in piece or b"\r" in piece else gap + len(piece)
        if gap > MAX_LINE:
            line = _line_at(stream, offset + len(piece) - gap)
            seen, limit = f"{gap >> 20} MiB", f"{MAX_LINE >> 20} MiB"
            raise Unreadable(LONG_LINE, line=line, seen=seen, limit=limit)
        if first is None and not piece.isascii():
            first = offset
        offset += len(piece)
    return first


@dataclass(slots=True)
class Cursor:
    """A place between two records: bytes before it, and the number and line of the next one."""

    offset: int = 0
    row: int = 1
    line: int = 1

    def pass_by(self, end: int, rows: int, lines: int) -> None:
        """Go on to the byte `end`, over so many records and lines."""
        self.offset = end
        self.row += rows
        self.line += lines


class CsvSheet:
    """The records of one file, read anew each time they are asked for."""

    name: str | None = None
    column_offset = 0
    hidden = False
    ragged = True

    def __init__(self, source: CsvSource) -> None:
        self.source = source

    def merged(self) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]:
        return ()

    def head(self, rows: int) -> list[Row]:
        found: list[Row] = []
        for chunk in self.chunks():
            found.extend(chunk.rows()[: rows - len(found)])
            if len(found) >= rows:
                break
        return found

    def chunks(self) -> Iterator[Chunk]:
        return self.chunks_from(self.source.beginning())

    def chunks_from(self, cursor: Cursor, cut: int | None = None) -> Iterator[Chunk]:
        """The rows from the cursor on, which moves along, up to `cut`: the end of a record.

        Where a quotation mark opens a cell before the cut that ends beyond it, the cursor does too.
        """
        mark = self.source.delimiter.encode()
        spelling = Spelling(mark)
        blocks = self.source.blocks(cursor.offset, cut)
        for block in blocks:
            lines: Sequence[int]
            end, line = block.end, cursor.line
            blank = blank_lines(block.parts, mark)
            split = ([[b""] * blank], blank) if blank else columns_of(block.parts, mark)
            if split is not None:
                columns, taken = split
                even = len(columns[0]) == taken
                lines = range(line, line + taken) if even else first_lines(columns, line)
            else:
                text, rows, end = quoted_rows(block, blocks, mark.decode(), line)
                taken = breaks(text)
                even = len(rows) == taken + (not text.endswith(("\n", "\r")))
                lines = range(line, line + len(rows)) if even else lines_of(rows, line)
                columns = [spelling.raws(cells) for cells in zip_longest(*rows, fillvalue="")]
                columns = columns or [[b""] * len(rows)]
            texts = [Texts(cells, spelling) for cells in columns]
            chunk = Chunk(texts, cursor.row, lines, blank=blank > 0)
            cursor.pass_by(end, len(chunk), taken)
            yield chunk
            if cut is not None and cursor.offset == cut:
                return


def _up_to(cut: int | None, at: int) -> int:
    """How many bytes to read at `at`, so that a piece ends at `cut`."""
    return min(PIECE, cut - at) if cut is not None and at < cut else PIECE


class CsvSource:
    """An open CSV file."""

    format = "csv"
    cells_addressed = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text: str | None = None
        self.noticed: list[Noticed] = []
        seen = look(path)
        self.encoding: str | None = "UTF-8"
        if seen.codec is None:
            self._convert(certain_encoding, seen.first_bad)
        elif seen.codec != "utf-8":
            codec = seen.codec
            self._convert(lambda _: codec, 1)
        csv.field_size_limit(MAX_CELL)
        self._declared = self._declaration()
        self.delimiter: str = self._find_delimiter()

    def _convert(self, encoding_of: Callable[[bytes], str | None], line: int) -> None:
        """Take the whole file into memory as Unicode, and say so."""
        size = self._path.stat().st_size
        if size > MAX_CONVERTED:
            limit = f"{MAX_CONVERTED >> 20} MiB"
            raise Unreadable(TOO_LARGE, seen=f"{size >> 20} MiB", limit=limit)
        raw = self._path.read_bytes()
        encoding = encoding_of(raw)
        if encoding is None:
            raise Unreadable(UNKNOWN_ENCODING, line=line)
        try:
            self._text = decode(raw, encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            raise Unreadable(UNKNOWN_ENCODING, line=line) from None
        if "\0" in self._text:
            raise Unreadable(NUL_BYTES, offset=self._text.index("\0"))
        self.encoding = "UTF-16" if encoding.startswith("utf-16") else encoding
        self.noticed.append(Noticed(CONVERTED, Fault(encoding=self.encoding)))

    def beginning(self) -> Cursor:
        """Where the first record is."""
        return Cursor(line=2 if self._declared else 1)

    def blocks(self, start: int = 0, cut: int | None = None) -> Iterator[Block]:
        """UTF-8 in pieces that end where a record ends, each split at its quotation marks.

        They go on to the end of the file; none that begins before `cut` reaches beyond it. A file
        whose marks do not pair up is handed over as it is when a piece grows too long.
        """
        held = b""
        for piece, end in self._pieces(start, cut):
            block = held + piece if held else piece
            parts = block.split(b'"')
            if len(parts) % 2 == 0 and len(block) < MAX_LINE:
                # What stands above the line with the open mark does not wait for the next one.
                whole = block.rfind(b"\n", 0, block.rfind(b'"')) + 1
                if whole and block.count(b'"', 0, whole) % 2 == 0:
                    yield Block(block[:whole].split(b'"'), end - len(block) + whole)
                    block = block[whole:]
                held = block
                continue
            held = b""
            yield Block(parts, end)
        if held:
            yield Block(held.split(b'"'), end)

    def _pieces(self, start: int, cut: int | None) -> Iterator[tuple[bytes, int]]:
        """UTF-8 in pieces of whole lines, and where each ends."""
        with self._open() as stream:
            if start:
                stream.seek(start)
            rest, done = b"", stream.tell()
            while block := stream.read(_up_to(cut, done + len(rest))):
                block = rest + block
                end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, len(block) - 1)) + 1
                rest = block[end:]
                if end:
                    done += end
                    yield self._proved(block[:end], done - end), done
            if rest:
                yield self._proved(rest, done), done + len(rest)

    @property
    def divisible(self) -> int:
        """Bytes of which any part can be read alone; none where all were brought into memory."""
        return self._path.stat().st_size if self._text is None else 0

    def parts(self, size: int) -> Iterator[tuple[int, int]]:
        """The file cut between records, about every `size` bytes.

        A line that ends outside of all pairs of quotation marks ends a record, wherever every mark
        is one of a pair; `chunks_from` tells where one is not.
        """
        with self._open() as stream:
            start, at, marks = 0, stream.tell(), 0
            while piece := stream.read(size):
                cut = piece.rfind(b"\n") + 1
                before = marks + piece.count(b'"', 0, cut)
                if cut and before % 2 == 0:
                    yield start, at + cut
                    start = at + cut
                marks = before + piece.count(b'"', cut)
                at += len(piece)
            if start < at:
                yield start, at

    def columns(self, start: int, end: int) -> list[list[bytes]]:
        """The columns from byte `start` to `end`, all blocks of which `columns_of` split before."""
        mark = self.delimiter.encode()
        columns: list[list[bytes]] = []
        for block in self.blocks(start, end):
            split = columns_of(block.parts, mark)
            if split is None or (columns and len(columns) != len(split[0])):
                raise Unreadable(DAMAGED, detail="CSV")  # somebody wrote to it meanwhile
            for cells, more in zip_longest(columns, split[0]):
                if cells is None:
                    columns.append(more)
                else:
                    cells.extend(more)
            if block.end >= end:
                break
        return columns

    def _open(self) -> IO[bytes]:
        """The bytes of the file in UTF-8, at its first record."""
        stream = self._unmarked()
        if self._declared:
            stream.seek(self._declared[1], io.SEEK_CUR)
        return stream

    def _unmarked(self) -> IO[bytes]:
        """The bytes of the file in UTF-8, without a mark at the start."""
        if self._text is not None:
            return io.BytesIO(self._text.encode())
        stream = self._path.open("rb")
        if stream.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            stream.seek(0)
        return stream

    def _declaration(self) -> tuple[str, int] | None:
        with self._unmarked() as stream:
            return declared_delimiter(stream.read(16))

    def _proved(self, block: bytes, done: int) -> bytes:
        """A piece that was found to be UTF-8; `done` is how much stands before it."""
        if block.isascii():
            return block
        try:
            block.decode()
        except UnicodeDecodeError as error:
            with self._open() as stream:
                line = _line_at(stream, done + error.start)
            raise Unreadable(UNKNOWN_ENCODING, line=line) from None
        return block

    def _find_delimiter(self) -> str:
        """The character under which the most rows of the beginning agree on a width above 1.

        One that the file declares is taken where it occurs. Decimal commas agree in the rows but
        not with the heading row, so they lose to the real one.
        """
        first = next(self.blocks(), None)
        text = b'"'.join(first.parts).decode() if first else ""
        start = [line for line in islice(io.StringIO(text, newline=None), 40) if line.strip()]
        if self._declared and any(self._declared[0] in line for line in start):
            return self._declared[0]
        best, score = ",", (0, 0)
        for mark in DELIMITERS:
            try:
                widths = Counter(len(row) for row in csv.reader(start, delimiter=mark))
            except csv.Error:
                continue
            found = max(
                ((many, width) for width, many in widths.items() if width > 1), default=(0, 0)
            )
            if found > score:
                best, score = mark, found
        return best

    @property
    def labels(self) -> Mapping[str, str]:
        return {}

    @property
    def sheets(self) -> Sequence[CsvSheet]:
        return [CsvSheet(self)]

    def close(self) -> None:
        self._text = None
