"""XML: a list of records, each a set of child elements (or attributes) named by column key.

The records stand under the root, or in one element under it.

Read as a stream: no document type, no entity, no network, and a record is thrown away once it is
handed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

from iocsl.files import CHUNK
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import BATCH, Chunk, Noticed, Row, Unreadable, across
from iocsl.validate.readers.records import PlainRecords, plain_records
from iocsl.validate.rules.files import DAMAGED, DOCTYPE, TOO_LARGE

HEAD = 1 << 16
MAX_FIELDS = 500
MAX_GAP, MAX_RECORD = 1 << 20, 8 << 20
"""Bytes without the end of a tag, and from one record to the next."""
MAX_ATTRIBUTES, SHORT_TAG = 1_000, 4_000
"""Attributes of an element, and bytes that do not hold so many."""
MAX_TAGS, SAMPLED = 30_000_000, 16
"""Tags of a file: a million records of a dozen elements have as many. In one megabyte of so many
they are counted."""
SHAPE = 500
"""Elements that are looked at to see what is a record."""
FIRST = 1000
"""Records that are looked at for the fields."""

_TAG = re.compile(rb"<([^\s<>/!?][^\s<>/]*)")
_BESIDE = re.compile(rb"<[!?]")
"""What begins a comment or an instruction."""
_ATTRIBUTE = re.compile(rb"=\s*[\"']")


def _name(tag: Any) -> str:
    """The name of an element without its namespace; comments and the like have none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


class XmlSheet:
    """The records as rows: the names met in the first records are the heading row."""

    name: str | None = None
    column_offset = 0
    hidden = False
    ragged = False

    def __init__(
        self, path: Path, record: tuple[str, int], fields: Sequence[str], plain: PlainRecords | None
    ) -> None:
        self._path = path
        self._record = record
        self._fields = fields
        self._plain = plain

    def merged(self) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]:
        return ()

    def head(self, rows: int) -> list[Row]:
        return [list(self._fields), *(row for row, _ in islice(self._rows(), rows - 1))]

    def chunks(self) -> Iterator[Chunk]:
        if self._plain is not None:
            yield from self._plain.chunks()
            return
        rows = self._rows()
        first = 2
        yield Chunk(across([self._fields]), 1, [1])
        while batch := list(islice(rows, BATCH)):
            yield Chunk(across([row for row, _ in batch]), first, [line for _, line in batch])
            first += len(batch)

    def _rows(self) -> Iterator[tuple[Row, int]]:
        width = len(self._fields)
        places = _Places(self._fields)
        for element in _records(self._path, *self._record):
            row = [""] * width
            extra: list[str] = []
            for child in element:
                at = places[child.tag]
                text = "".join(child.itertext()) if len(child) else child.text
                if at >= 0:
                    row[at] = text or ""
                elif at == _UNKNOWN:
                    extra.append(text or "")
            for key, value in element.items():
                at = places[key]
                if at >= 0:
                    row[at] = value
                else:
                    extra.append(value)
            yield [*row, *extra] if extra else row, element.sourceline or 0


_UNKNOWN, _NO_ELEMENT = -1, -2


class _Places(dict[Any, int]):
    """The column of each tag as lxml gives it, with its namespace; worked out once a tag."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__()
        self._index = {name: at for at, name in enumerate(fields)}

    def __missing__(self, tag: Any) -> int:
        name = _name(tag)
        self[tag] = self._index.get(name, _UNKNOWN) if name else _NO_ELEMENT
        return self[tag]


class XmlSource:
    """An open XML file."""

    format = "xml"
    cells_addressed = False

    def __init__(self, path: Path) -> None:
        self.noticed: list[Noticed] = []
        self._path = path
        with path.open("rb") as stream:
            head = stream.read(HEAD)
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head or _wide_doctype(head):
            raise Unreadable(DOCTYPE)
        self._wide = b"\0" in head[:4] or head[:2] in {b"\xff\xfe", b"\xfe\xff"}
        self.encoding: str | None = None
        self.labels: Mapping[str, str] = {}
        self._root = ""
        self.record = ("", 1)
        """The name of a record and how deep below the root it stands."""
        self._fields: list[str] = []
        self._plain: PlainRecords | None = None
        self._look()

    def _look(self) -> None:
        """Root attributes, the name of a record, and the fields of the records.

        Where not all records are plainly alike, the first ones tell the fields and their order; the
        rest is searched for other names, and only a file that has some is read twice.
        """
        self._look_at_root()
        self._check_length()
        if self._is_utf8 and self.record[1] == 1:
            self._plain = plain_records(self._path)
        if self._plain is not None:
            self._fields = self._plain.fields
            return
        seen: set[str] = set()
        first = islice(_records(self._path, *self.record), FIRST)
        fields = self._fields_of(first, seen)
        if self._other_names(seen):
            fields = self._fields_of(_records(self._path, *self.record), seen)
        self._fields = fields

    def _check_length(self) -> None:
        """No more tags than are read in seconds, and the root closed at the end."""
        length = self._path.stat().st_size
        tags = 0
        with self._path.open("rb") as stream:
            for start in range(0, length, SAMPLED * CHUNK):
                stream.seek(start)
                tags += SAMPLED * stream.read(CHUNK).count(b"<")
            stream.seek(max(0, length - HEAD))
            tail = stream.read()
        if length > SAMPLED * CHUNK and tags > MAX_TAGS:
            raise Unreadable(TOO_LARGE, seen=f"> {plain(MAX_TAGS)}", limit=plain(MAX_TAGS))
        # Comments may follow the root; without any, a file that does not close it breaks off.
        plainly = self._is_utf8 and not _BESIDE.search(tail)
        if plainly and not _closed(self._root.encode()).search(tail):
            with self._path.open("rb") as stream:
                pieces = iter(lambda: stream.read(CHUNK), b"")
                lines = 1 + sum(piece.count(b"\n") for piece in pieces)
            raise Unreadable(DAMAGED, detail=f"dòng {lines}")

    @property
    def _is_utf8(self) -> bool:
        return (self.encoding or "").upper() in {"UTF-8", "ASCII", "US-ASCII"}

    def _look_at_root(self) -> None:
        shape = _Shape()
        for number, element in enumerate(_events(self._path, ("start",))):
            if number == 0:
                info = element.getroottree().docinfo
                if info.doctype or info.internalDTD is not None:
                    raise Unreadable(DOCTYPE)
                self.labels = {_name(key): value for key, value in element.attrib.items()}
                # What the parser says of wide letters is how it keeps them itself.
                self.encoding = "UTF-16" if self._wide else info.encoding or "UTF-8"
                self._root = _name(element.tag)
            elif number > SHAPE:
                break
            else:
                shape.add(element)
        self.record = shape.record()

    def _fields_of(self, records: Iterable[Any], seen: set[str]) -> list[str]:
        """The fields of some records, in the order of meeting; `seen` gets every name in them."""
        fields: dict[str, None] = {}
        for element in records:
            seen.update(_name(each.tag) for each in element.iter())
            fields.update(dict.fromkeys(name for name, _ in _cells(element)))
            if len(fields) > MAX_FIELDS:
                raise Unreadable(TOO_LARGE, seen=f"{len(fields)}", limit=f"{MAX_FIELDS}")
        return list(fields)

    def _other_names(self, seen: set[str]) -> bool:
        """Whether the file has element names beyond these, or records with attributes."""
        known = {name.encode() for name in (*seen, self._root)}
        attributes = re.compile(rb"<(?:[^\s<>/]+:)?" + re.escape(self.record[0].encode()) + rb"\s")
        rest = b""
        with self._path.open("rb") as stream:
            while piece := stream.read(CHUNK):
                text = rest + piece
                cut = text.rfind(b"<")
                if cut <= 0 and len(text) > MAX_RECORD:
                    return True  # the parser says what is wrong with it
                text, rest = (text[:cut], text[cut:]) if cut > 0 else (text, b"")
                tags = set(_TAG.findall(text))
                if b"\0" in text or not set(map(_local, tags)) <= known or attributes.search(text):
                    return True
        return not set(map(_local, _TAG.findall(rest))) <= known

    @property
    def sheets(self) -> Sequence[XmlSheet]:
        return [XmlSheet(self._path, self.record, self._fields, self._plain)]

    def close(self) -> None:
        """Nothing is kept open between passes."""


def _closed(root: bytes) -> re.Pattern[bytes]:
    """The end of a file with that root element."""
    name = rb"(?:[^\s<>/:]+:)?" + re.escape(root)
    return re.compile(rb"(?:</" + name + rb"\s*|<" + name + rb"(?:\s[^<]*)?/)>\s*\Z")


def _wide_doctype(head: bytes) -> bool:
    return any("<!DOCTYPE".encode(codec) in head for codec in ("utf-16-le", "utf-16-be"))


def _local(tag: bytes) -> bytes:
    return tag.rpartition(b":")[2]


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


def _events(path: Path, events: tuple[str, ...], tag: str | None = None) -> Iterator[Any]:
    from lxml import etree

    try:
        with path.open("rb") as stream:
            bounded = _Bounded(stream)
            for _, element in etree.iterparse(
                bounded,
                events=events,
                tag=tag,
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


class _Shape:
    """What the first elements of a file look like: records under the root, or in a list there."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._inside: dict[str, set[str]] = {}
        self._deep: set[str] = set()

    def add(self, element: Any) -> None:
        path = [_name(each.tag) for each in (element, *element.iterancestors())][:-1]
        if not all(path):
            return
        if len(path) == 1:
            self._count[path[0]] += 1
        elif len(path) == 2:
            self._inside.setdefault(path[1], set()).add(path[0])
        elif len(path) == 3:
            self._deep.add(path[2])

    def record(self) -> tuple[str, int]:
        """The name of a record, and how deep below the root it stands; `""` where there is none.

        A list holds elements of one name that have elements of their own: `<ds><dong><ma>…`.
        """
        for name, inside in self._inside.items():
            if len(inside) == 1 and name in self._deep:
                return min(inside), 2
        return (self._count.most_common(1)[0][0] if self._count else ""), 1


def _records(path: Path, record: str, depth: int) -> Iterator[Any]:
    if not record:
        return
    for element in _events(path, ("end",), f"{{*}}{record}"):
        # An element of the same name deeper down is a cell, not a record.
        if _depth(element) == depth:
            yield element
            _forget(element)


def _depth(element: Any) -> int:
    depth = 0
    while (element := element.getparent()) is not None:
        depth += 1
    return depth


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]


def _cells(element: Any) -> Iterator[tuple[str, str]]:
    for key, value in element.items():
        yield _name(key), value
    for child in element:
        name = _name(child.tag)
        if name:
            yield name, "".join(child.itertext()) if len(child) else child.text or ""
