"""Marks of secrecy that an Office document bears outside its cells.

Properties, lines of text, page headers and footers, drawings and notes on cells. What a mark is
`secrecy_marks` says; the rule D901 and the gate before signing look with the same eyes.
"""

from __future__ import annotations

import html
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from iocsl.domain import Words
from iocsl.patterns import regex
from iocsl.validate.readers.xlsx_scan import PRINTED
from iocsl.validate.secrecy_marks import mark_in, mark_in_header, mark_in_name

_PIECE = 1 << 20
_MAX_PART = 16 << 20
"""Bytes of a part that are looked at."""
_MAX_PARTS = 64 << 20
"""The same of all parts together, sheets aside."""
_MAX_SHEET = 1 << 30
"""The same of a sheet; no reader takes a larger one."""
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError),
    *(ValueError, LookupError, EOFError, OSError),
)

_PROPERTY = regex(
    r"<(?:\w+:)?(?:title|subject|keywords|category|description|contentStatus|lpwstr)\b[^<>]*>"
    r"([^<]*)<"
)
_PROPERTIES = frozenset({"docprops/core.xml", "docprops/custom.xml"})
_WORKSHEETS = "xl/worksheets/"
_SHEET = regex(r"xl/(?:work|chart)sheets/[^/]+\.xml")
_PAGES = regex(
    r"(?:word/(?:document|header\d*|footer\d*)|ppt/slides/slide\d+|xl/drawings/drawing\d+)\.xml"
)
_NOTES = regex(r"xl/(?:comments/?|threadedcomments/threaded)(?:comment)?\d*\.xml")
_NOTE = regex(r"</(?:\w+:)?(?:comment|threadedComment)>")
_NOTE_TEXT = regex(r"<(?:\w+:)?(?:t|text)(?:\s[^<>]*)?>([^<]*)(?=<)")
_PARAGRAPH = regex(r"</(?:w|a):p>")
_RUN = regex(r"<(?:w|a):t(?:\s[^<>]*)?>([^<]*)<")

PROPERTY = Words("thuộc tính tài liệu", "a document property")
HEADER = Words("đầu trang hoặc chân trang in", "a page header or footer")
_LINE = Words("dòng chữ, đầu trang hoặc hình vẽ", "a line, page header or drawing")
_COMMENT = Words("ghi chú của một ô", "a note on a cell")


class Marked(NamedTuple):
    """Where a document bears a mark, and which."""

    place: Words
    mark: str


def marks_of_office_file(path: Path, *, worksheets: bool = True) -> Iterator[Marked]:
    """Where an Office document (XLSX, DOCX, PPTX) bears a mark outside its cells.

    A file of another kind, or a damaged one, has none here; it is told of elsewhere. Without
    `worksheets` their page headers are left to whoever reads the sheets (`header_mark`).
    """
    if not zipfile.is_zipfile(path):
        return
    left = _MAX_PARTS
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                name = info.filename.lower()
                if name.startswith(_WORKSHEETS) and not worksheets:
                    continue
                with archive.open(info) as part:
                    if _SHEET.fullmatch(name):
                        place, mark = HEADER, header_mark(_headers(part))
                    elif found := _look_of(name):
                        text = part.read(min(_MAX_PART, left)).decode("utf-8", "replace")
                        left -= len(text)
                        place, mark = found[0], _first(found[1](text), found[2])
                    else:
                        continue
                if mark is not None:
                    yield Marked(place, mark)
    except _DAMAGED:
        return


Look = tuple[Words, Callable[[str], Iterator[str]], Callable[[str], str | None]]


def _look_of(name: str) -> Look | None:
    """How a part is called in findings, what texts it is taken apart into, how these are read."""
    if name in _PROPERTIES:
        return PROPERTY, _properties, mark_in_name
    if _PAGES.fullmatch(name):
        return _LINE, _paragraphs, mark_in
    if _NOTES.fullmatch(name):
        return _COMMENT, _note_lines, mark_in
    return None


def _first(texts: Iterable[str], read: Callable[[str], str | None]) -> str | None:
    return next((mark for text in texts if (mark := read(text))), None)


def _properties(xml: str) -> Iterator[str]:
    return map(html.unescape, _PROPERTY.findall(xml))


def _paragraphs(xml: str) -> Iterator[str]:
    return (html.unescape("".join(_RUN.findall(each))) for each in _PARAGRAPH.split(xml))


def _note_lines(xml: str) -> Iterator[str]:
    """Each line of each note: the first is often its author's name."""
    for note in _NOTE.split(xml):
        yield from html.unescape("".join(_NOTE_TEXT.findall(note))).splitlines()


def header_mark(headers: Iterable[bytes]) -> str | None:
    """The mark in page headers and footers, as their XML has them."""
    texts = (html.unescape(each.decode("utf-8", "replace")) for each in headers)
    return _first(texts, mark_in_header)


def _headers(part: IO[bytes]) -> Iterator[bytes]:
    """The page headers and footers of a sheet, which stand behind its rows however many."""
    rest = b""
    for _ in range(_MAX_SHEET // _PIECE):
        piece = part.read(_PIECE)
        if not piece:
            return
        seen = rest + piece
        end = 0
        for found in PRINTED.finditer(seen):
            yield found[1]
            end = found.end() - 1
        rest = seen[max(end, len(seen) - 8192) :]
