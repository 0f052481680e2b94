"""The elements of an XML file as a stream that is bounded: no document type, no entity, no network.

A record is thrown away once it is handed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from iocsl.validate.readers.base import Unreadable
from iocsl.validate.rules.files import DAMAGED, TOO_LARGE

MAX_GAP, MAX_RECORD = 1 << 20, 8 << 20
"""Bytes without the end of a tag, and from one record to the next."""
MAX_ATTRIBUTES, SHORT_TAG = 1_000, 4_000
"""Attributes of an element, and bytes that do not hold so many."""

_ATTRIBUTE = re.compile(rb"=\s*[\"']")


def name_of(tag: Any) -> str:
    """The name of an element without its namespace; comments and the like have none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def cells_of(element: Any) -> Iterator[tuple[str, str]]:
    """The names and texts of a record: of its attributes, then of the elements in it."""
    for key, value in element.items():
        yield name_of(key), value
    for child in element:
        name = name_of(child.tag)
        if name:
            yield name, "".join(child.itertext()) if len(child) else child.text or ""


class _Bounded:
    """A stream that stops at a tag, a text or a record larger than any real one.

    A tag of a million attributes would keep what comes after the parser busy for many minutes; what
    stands between two records stays in memory until the second one comes.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._gap = 0
        self._attributes = 0
        self.since = 0
        """Bytes since the last record."""

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        end = piece.rfind(b">")
        self._gap = self._gap + len(piece) if end < 0 else len(piece) - end
        self.since += len(piece)
        for number, most in ((self._gap, MAX_GAP), (self.since, MAX_RECORD)):
            if number > most:
                limit = f"{most >> 20} MiB"
                raise Unreadable(TOO_LARGE, seen=f"> {limit}", limit=limit)
        # In UTF-16 every other byte of a tag is zero.
        self._count(piece.replace(b"\0", b"").split(b"<"))
        return piece

    def _count(self, tags: Sequence[bytes]) -> None:
        """The first of `tags` goes on where the piece before ended."""
        most = self._attributes = self._attributes + len(_ATTRIBUTE.findall(tags[0]))
        if len(tags) > 1:
            self._attributes = len(_ATTRIBUTE.findall(tags[-1]))
            if max(map(len, tags)) > SHORT_TAG:
                long = (tag for tag in tags[1:] if len(tag) > SHORT_TAG)
                most = max(most, *(len(_ATTRIBUTE.findall(tag)) for tag in long), 0)
        if most > MAX_ATTRIBUTES:
            raise Unreadable(TOO_LARGE, seen=f"> {MAX_ATTRIBUTES}", limit=f"{MAX_ATTRIBUTES}")


def elements(path: Path, events: Sequence[str], tags: Sequence[str] | None = None) -> Iterator[Any]:
    from lxml import etree

    try:
        with path.open("rb") as stream:
            bounded = _Bounded(stream)
            for _, element in etree.iterparse(
                bounded,
                events=events,
                tag=tags,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            ):
                bounded.since = 0
                yield element
    except etree.XMLSyntaxError as error:
        raise Unreadable(DAMAGED, detail=f"dòng {error.lineno}") from None
