"""CSV: delimiter, quotes and encoding found out, record number and physical line kept apart."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from iocsl.validate.readers.base import BATCH, Chunk, Noticed, Row, Unreadable
from iocsl.validate.readers.encodings import certain_encoding, decode
from iocsl.validate.registry import Fault
from iocsl.validate.rules.files import (
    BAD_QUOTES,
    CONVERTED,
    LONG_LINE,
    NUL_BYTES,
    TOO_LARGE,
    UNKNOWN_ENCODING,
)

PIECE = 1 << 20
MAX_LINE = 8 << 20
MAX_CELL = 1 << 17
"""Characters of one cell; Excel takes 32,767."""
MAX_CONVERTED = 64 << 20
"""A file in an old encoding is converted in memory, so it must fit there."""
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class TextLook:
    """What a pass over the bytes tells: the Python codec, or None where it is no Unicode."""

    codec: str | None
    first_bad: int = 0


def look(path: Path) -> TextLook:
    """One pass in bounded memory: UTF-8 to the end or UTF-16; no NUL, no endless line."""
    with path.open("rb") as stream:
        start = stream.read(4096)
        wide = _utf16(start)
        if wide is not None:
            return TextLook(wide)
        stream.seek(0)
        return _look_utf8(stream)


def _utf16(start: bytes) -> str | None:
    """UTF-16 with its mark, or plainly so: every other byte of ASCII text is zero."""
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    even, odd = start[0::2], start[1::2]
    for codec, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(start) >= 8 and zeros.count(0) > 0.6 * len(zeros) and 0 not in others:
            return codec
    return None


def _look_utf8(stream: IO[bytes]) -> TextLook:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, gap, offset, bad = 1, 0, 0, 0
    unicode = True
    while piece := stream.read(PIECE):
        zero = piece.find(b"\0")
        if zero >= 0:
            raise Unreadable(NUL_BYTES, offset=offset + zero)
        gap = gap + len(piece) if b"\n" not in piece and b"\r" not in piece else 0
        if gap > MAX_LINE:
            seen, limit = f"{gap >> 20} MiB", f"{MAX_LINE >> 20} MiB"
            raise Unreadable(LONG_LINE, line=line, seen=seen, limit=limit)
        if unicode:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                unicode = False
                bad = line + piece[: error.start].count(b"\n")
        line += piece.count(b"\n")
        offset += len(piece)
    if unicode:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            unicode, bad = False, line
    return TextLook("utf-8-sig" if unicode else None, bad)


class CsvSheet:
    """The records of one file, read anew each time they are asked for."""

    name: str | None = None
    column_offset = 0
    hidden = False

    def __init__(self, source: CsvSource) -> None:
        self._source = source

    def merged(self) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]:
        return ()

    def head(self, rows: int) -> list[Row]:
        with self._source.open() as stream:
            return self._next(self._reader(stream), rows)

    def _reader(self, stream: IO[str]) -> Iterator[list[str]]:
        return csv.reader(stream, delimiter=self._source.delimiter, strict=True)

    def chunks(self) -> Iterator[Chunk]:
        with self._source.open() as stream:
            reader = csv.reader(stream, delimiter=self._source.delimiter, strict=True)
            first, line = 1, 0
            while batch := self._next(reader, BATCH):
                lines = self._lines(batch, line, reader.line_num)
                yield Chunk(batch, first, lines)
                first += len(batch)
                line = reader.line_num

    def _next(self, reader: Iterator[list[str]], rows: int) -> list[Row]:
        try:
            return list(islice(reader, rows))
        except csv.Error as error:
            at = getattr(reader, "line_num", 0)
            if "field limit" in str(error):
                seen, limit = f"> {MAX_CELL >> 10} KiB", f"{MAX_CELL >> 10} KiB"
                raise Unreadable(LONG_LINE, line=at, seen=seen, limit=limit) from None
            raise Unreadable(BAD_QUOTES, line=at) from None
        except UnicodeError:
            raise Unreadable(UNKNOWN_ENCODING, line=getattr(reader, "line_num", 0)) from None

    @staticmethod
    def _lines(batch: list[Row], before: int, after: int) -> Sequence[int]:
        """The line on which each record starts. Only quoted line breaks make it differ."""
        if after - before == len(batch):
            return range(before + 1, after + 1)
        lines, at = [], before + 1
        for row in batch:
            lines.append(at)
            at += 1 + sum(_breaks(str(cell)) for cell in row)
        return lines


def _breaks(text: str) -> int:
    return text.count("\n") + text.replace("\r\n", "").count("\r")


class CsvSource:
    """An open CSV file."""

    format = "csv"
    cells_addressed = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text: str | None = None
        self.noticed: list[Noticed] = []
        seen = look(path)
        self._codec = seen.codec or "utf-8"
        self.encoding: str | None = "UTF-8"
        if seen.codec is None:
            self._convert(seen)
        elif seen.codec != "utf-8-sig":
            self._told("UTF-16")
        csv.field_size_limit(MAX_CELL)
        self.delimiter: str = self._find_delimiter()

    def _told(self, encoding: str) -> None:
        self.encoding = encoding
        self.noticed.append(Noticed(CONVERTED, Fault(encoding=encoding)))

    def _convert(self, seen: TextLook) -> None:
        size = self._path.stat().st_size
        if size > MAX_CONVERTED:
            limit = f"{MAX_CONVERTED >> 20} MiB"
            raise Unreadable(TOO_LARGE, seen=f"{size >> 20} MiB", limit=limit)
        raw = self._path.read_bytes()
        encoding = certain_encoding(raw)
        if encoding is None:
            raise Unreadable(UNKNOWN_ENCODING, line=seen.first_bad)
        self._text = decode(raw, encoding)
        self._told(encoding)

    def open(self) -> IO[str]:
        if self._text is not None:
            return io.StringIO(self._text, newline="")
        return self._path.open(encoding=self._codec, newline="")

    def _find_delimiter(self) -> str:
        """The character under which the most rows of the beginning agree on a width above 1.

        Decimal commas agree in the rows but not with the heading row, so they lose to the real one.
        """
        with self.open() as stream:
            try:
                start = [line for line in islice(stream, 40) if line.strip()]
            except UnicodeError:
                raise Unreadable(UNKNOWN_ENCODING, line=1) from None
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
