"""An XML file with the texts of some cells changed and every other byte as it is.

The place of a text is told by expat, which knows the byte at which each tag begins.
"""

from __future__ import annotations

import codecs
import re
import shutil
from collections.abc import Mapping, Sequence, Set
from html import escape, unescape
from pathlib import Path
from typing import IO, Any, NamedTuple

from iocsl.files import CHUNK
from iocsl.validate.readers.xml_shape import Kind

Cells = Mapping[int, Mapping[str, tuple[str, str]]]
"""Row (the first record being 2) → key of the element → its text before and after."""
_TAG = re.compile(r"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")


class Span(NamedTuple):
    """What is put in place of the bytes of a file from `start` to `end`: a text of row and key."""

    start: int
    end: int
    row: int
    key: str
    content: bytes


def spans(path: Path, kinds: Set[Kind], encoding: str, cells: Cells) -> list[Span]:
    """Where a file changes, in its order; records are of these `kinds`.

    Left out is what stands in an attribute, twice in a record, or with more than text inside.
    """
    from xml.parsers.expat import ExpatError

    found = []
    with path.open("rb") as stream:
        try:
            codec = _codec(stream, encoding)
            elements = _elements(stream, kinds, cells)
        except (LookupError, ValueError, ExpatError):
            # An encoding that the reader knows and expat does not: nothing is changed there.
            return []
        for row, key, start, end in elements:
            before, after = cells[row][key]
            stream.seek(start)
            text = stream.read(end - start).decode(codec)
            tag = _TAG.match(text)
            content = text[tag.end() :].replace("\r\n", "\n") if tag else ""
            if tag is None or "<" in content or unescape(content) != before:
                continue
            written = escape(after, quote=False).replace("\r", "&#13;")
            at = start + len(tag[0].encode(codec))
            found.append(Span(at, end, row, key, written.encode(codec, "xmlcharrefreplace")))
    return found


def _codec(stream: IO[bytes], encoding: str) -> str:
    """The codec of a piece from the middle of the file. LookupError for an unknown encoding."""
    name = codecs.lookup(encoding).name
    if name == "utf-16":
        name += "-be" if stream.read(2) in {codecs.BOM_UTF16_BE, b"\0<"} else "-le"
    return name


def write_mended(path: Path, changes: Sequence[Span], stream: IO[bytes]) -> None:
    """Write the file at `path` with its `changes`."""
    with path.open("rb") as old:
        for each in changes:
            left = each.start - old.tell()
            while left > 0 and (piece := old.read(min(left, CHUNK))):
                stream.write(piece)
                left -= len(piece)
            stream.write(each.content)
            old.seek(each.end)
        shutil.copyfileobj(old, stream, CHUNK)


def _elements(stream: IO[bytes], kinds: Set[Kind], cells: Cells) -> list[tuple[int, str, int, int]]:
    """Row, key, and the bytes from start tag to end tag of each element that is wanted."""
    from xml.parsers import expat

    parser = expat.ParserCreate()
    found: list[tuple[int, str, int, int]] = []
    path: list[int] = []
    met: dict[str, list[tuple[int, int]]] = {}
    row = 1
    level: int | None = None
    """How deep the record stands that is open."""

    def start(tag: str, attributes: dict[str, Any]) -> None:
        nonlocal row, level
        if (_local(tag), len(path)) in kinds and level is None:
            row, level = row + 1, len(path)
            # An attribute weighs more than an element of the same name.
            met.clear()
            met.update((_local(each), [(0, 0), (0, 0)]) for each in attributes)
        path.append(parser.CurrentByteIndex)

    def end(tag: str) -> None:
        nonlocal level
        began = path.pop()
        if level is None:
            return
        if len(path) == level + 1:
            met.setdefault(_local(tag), []).append((began, parser.CurrentByteIndex))
        elif len(path) == level:
            level = None
            for key in cells.get(row, ()):
                places = met.get(key, [])
                if len(places) == 1:
                    found.append((row, key, *places[0]))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    stream.seek(0)
    parser.ParseFile(stream)
    return sorted(found, key=lambda each: each[2])


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]
