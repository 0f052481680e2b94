"""What old Office documents (DOC, XLS) say outside their cells: properties, page headers, text."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from iocsl.domain import Words
from iocsl.validate.readers.ole import Container, DamagedContainerError
from iocsl.validate.secrecy_marks import is_mark, mark_in_header, mark_in_name

_SUMMARIES = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")
_CODE_PAGE = 1
_LPSTR, _LPWSTR = 0x1E, 0x1F
_MAX_PROPERTIES = 1000
_HEADER, _FOOTER, _CONTINUE, _DRAWN_TEXT = 0x0014, 0x0015, 0x003C, 0x01B6
_BREAKS = re.compile(r"[\x00-\x08\x0a-\x1f]+")
"""What stands between paragraphs, cells and fields in the text of a DOC file."""


def marks_of_old_document(path: Path) -> Iterator[Words]:
    """Where a DOC or XLS file bears a mark outside its cells; a damaged file has none here."""
    try:
        with path.open("rb") as stream:
            container = Container(stream)
            names = container.names
            for name in _SUMMARIES:
                if name in names and any(map(mark_in_name, _texts(container.read(name)))):
                    yield Words("thuộc tính tài liệu", "a document property")
                    break
            book = next((name for name in ("Workbook", "Book") if name in names), None)
            if book is not None:
                yield from _marks_of_book(container.read(book))
            if "WordDocument" in names and _marked_text(container.read("WordDocument")):
                yield Words("dòng chữ hoặc đầu trang", "a line or a page header")
    except (DamagedContainerError, struct.error, ValueError, LookupError, MemoryError):
        return


def _texts(stream: bytes) -> Iterator[str]:
    """The texts in a property set ([MS-OLEPS] 2.21)."""
    for number in range(min(struct.unpack_from("<I", stream, 24)[0], 2)):
        section = struct.unpack_from("<I", stream, 28 + 20 * number + 16)[0]
        count = struct.unpack_from("<I", stream, section + 4)[0]
        places = dict(
            struct.unpack_from("<II", stream, section + 8 + 8 * each)
            for each in range(min(count, _MAX_PROPERTIES))
        )
        page = 1252
        if _CODE_PAGE in places:
            page = struct.unpack_from("<H", stream, section + places[_CODE_PAGE] + 4)[0]
        codec = {65001: "utf-8", 1200: "utf-16-le"}.get(page, f"cp{page}")
        for place in places.values():
            kind, size = struct.unpack_from("<II", stream, section + place)
            start = section + place + 8
            if kind == _LPSTR:
                yield stream[start : start + size].decode(codec, "replace").rstrip("\0")
            elif kind == _LPWSTR:
                yield stream[start : start + 2 * size].decode("utf-16-le", "replace").rstrip("\0")


def _marks_of_book(book: bytes) -> Iterator[Words]:
    headers, drawn, after_text = False, False, False
    for kind, content in records(book):
        if kind in {_HEADER, _FOOTER}:
            headers = headers or mark_in_header(_unicode(content)) is not None
        elif kind == _CONTINUE and after_text and content:
            codec = "utf-16-le" if content[0] & 1 else "latin-1"
            text = content[1:].decode(codec, "replace")
            drawn = drawn or any(map(is_mark, text.splitlines()))
        after_text = kind == _DRAWN_TEXT
    if headers:
        yield Words("đầu trang hoặc chân trang in", "a page header or footer")
    if drawn:
        yield Words("hình vẽ, hộp chữ", "a drawing")


def records(book: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of every record in the stream of an old workbook ([MS-XLS] 2.1.4)."""
    at = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def _unicode(content: bytes) -> str:
    """A text with its count of letters and its width before it ([MS-XLS] 2.5.294)."""
    if len(content) < 3:
        return ""
    return content[3:].decode("utf-16-le" if content[2] & 1 else "latin-1", "replace")


def _marked_text(stream: bytes) -> bool:
    """Text lies in a DOC file in pieces, each in UTF-16 or in one byte a letter; where they begin
    is of no matter to a word that stands between two breaks."""
    for text in (
        stream.decode("utf-16-le", "replace"),
        stream[1:].decode("utf-16-le", "replace"),
        stream.decode("latin-1"),
    ):
        if any(len(part) < 100 and is_mark(part) for part in _BREAKS.split(text)):
            return True
    return False
