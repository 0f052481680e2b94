"""A CSV file with some cells changed: delimiter, quotes, line ends and encoding stay as they are.

UTF-8 and UTF-16 keep their form, with or without a mark at the start. What was typed in an older
encoding becomes UTF-8 with its mark, which Excel needs.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO

from iocsl.validate.readers.delimited import declared_delimiter, look
from iocsl.validate.readers.encodings import decode

_MARK = "\ufeff"


def write_cells(
    path: Path,
    delimiter: str,
    encoding: str,
    cells: Mapping[int, Mapping[int, str]],
    stream: IO[bytes],
) -> None:
    """Write the file at `path` anew; `cells`: row (the heading being 1) → column from 1 → text.

    `delimiter` and `encoding` are as the reader names them.
    """
    shape = _Shape(delimiter)
    text, codec = _opened(path, encoding)
    with text:
        # Only at the start of the file it is a mark; before a later record it is part of a cell.
        if text.read(1) == _MARK:
            stream.write(_MARK.encode(codec))
        else:
            text.seek(0)
        records = shape.records(text)
        first = next(records, "")
        # A line `sep=;` is no record: the heading below it is row 1.
        top = 0 if declared_delimiter(first.encode()) else 1
        for number, record in enumerate(chain((first,), records), top):
            wanted = cells.get(number)
            changed = shape.changed(record, wanted) if wanted else record
            stream.write(changed.encode(codec))


def _opened(path: Path, encoding: str) -> tuple[io.TextIOBase, str]:
    """The text with its line ends as they are, and the codec in which it is written."""
    codec = look(path).codec
    if codec is None:
        text = decode(path.read_bytes(), encoding).removeprefix(_MARK)
        return io.StringIO(_MARK + text, newline=""), "utf-8"
    if codec == "utf-16":
        # The mark at the start is a letter like others then, and is written once.
        with path.open("rb") as stream:
            codec = "utf-16-le" if stream.read(2) == codecs.BOM_UTF16_LE else "utf-16-be"
    return path.open(encoding=codec, newline=""), codec


class _Shape:
    """How records are cut into cells: as the csv module does it, nothing taken away."""

    def __init__(self, delimiter: str) -> None:
        mark = re.escape(delimiter)
        self._delimiter = delimiter
        self._cell = re.compile(f'("(?:[^"]|"")*"|[^"\r\n{mark}][^\r\n{mark}]*|)')
        self._quoted = re.compile(f'["\r\n{mark}]')

    def records(self, text: io.TextIOBase) -> Iterator[str]:
        """Records with their line ends; one goes on where a quotation mark is still open."""
        held = ""
        for line in text:
            held += line
            if '"' not in held or self._cells(held) is not None:
                yield held
                held = ""
        if held:
            yield held

    def _cells(self, record: str) -> list[tuple[int, int]] | None:
        """Where each cell starts and ends; None where the record goes on in the next line."""
        at = 0
        found = []
        while True:
            match = self._cell.match(record, at)
            end = match.end() if match else at
            found.append((at, end))
            if not record.startswith(self._delimiter, end):
                return found if record[end:].strip("\r\n") == "" else None
            at = end + 1

    def changed(self, record: str, wanted: Mapping[int, str]) -> str:
        cells = self._cells(record) or []
        for column in sorted(wanted, reverse=True):
            start, end = cells[column - 1]
            text = wanted[column]
            if record.startswith('"', start) or self._quoted.search(text):
                text = '"' + text.replace('"', '""') + '"'
            record = record[:start] + text + record[end:]
        return record
