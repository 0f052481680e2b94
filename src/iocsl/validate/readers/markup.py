"""XML: a list of records, each a set of child elements (or attributes) named by column key.

The records stand under the root, or in one element under it.

Read as a stream: no document type, no entity, no network, and a record is thrown away once it is
handed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import islice
from pathlib import Path
from typing import Any

from iocsl.domain import Severity
from iocsl.files import CHUNK
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import BATCH, Chunk, Noticed, Row, Unreadable, across
from iocsl.validate.readers.records import PlainRecords, plain_records
from iocsl.validate.readers.xml_events import MAX_RECORD, cells_of, elements, name_of
from iocsl.validate.readers.xml_shape import MAX_FIELDS, Kind, Shape, beside, records
from iocsl.validate.registry import Fault
from iocsl.validate.rules.files import DAMAGED, DOCTYPE, TOO_LARGE
from iocsl.validate.rules.structure import UNREAD_ELEMENTS

HEAD = 1 << 16
MAX_TAGS, SAMPLED = 30_000_000, 16
"""Tags of a file: a million records of a dozen elements have as many. In one megabyte of so many
they are counted."""
SHAPE = 500
"""Elements that are looked at to see what is a record."""
FIRST = 1000
"""Records that are looked at for the fields."""
MOST_TOLD = 10
"""Names of what is no record that are told."""

_TAG = re.compile(rb"<([^\s<>/!?][^\s<>/]*)")
_BESIDE = re.compile(rb"<[!?]")
"""What begins a comment or an instruction."""


class XmlSheet:
    """The records as rows: the names met in the first records are the heading row."""

    name: str | None = None
    column_offset = 0
    hidden = False
    ragged = False

    def __init__(
        self, path: Path, kinds: Set[Kind], fields: Sequence[str], plain: PlainRecords | None
    ) -> None:
        self._path = path
        self._kinds = kinds
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
        for element in records(self._path, self._kinds):
            row = [""] * width
            extra: list[str] = []
            for child in element:
                at = places[child.tag]
                if at == _NO_ELEMENT:
                    continue
                text = "".join(child.itertext()) if len(child) else child.text
                while at >= 0 and row[at]:
                    at = places.again.get(at, _UNKNOWN)
                if at >= 0:
                    row[at] = text or ""
                else:
                    extra.append(text or "")
            for key, value in element.items():
                at = places[key]
                while at >= 0 and row[at]:
                    at = places.again.get(at, _UNKNOWN)
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
        self._index: dict[str, int] = {}
        self.again: dict[int, int] = {}
        """By the column of a name, the next one of the same name."""
        for at, name in reversed(list(enumerate(fields))):
            if name in self._index:
                self.again[at] = self._index[name]
            self._index[name] = at

    def __missing__(self, tag: Any) -> int:
        name = name_of(tag)
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
        self.kinds: set[Kind] = set()
        """What is a record."""
        self._fields: list[str] = []
        self._plain: PlainRecords | None = None
        self._look()

    def _look(self) -> None:
        """Root attributes, what is a record, and the fields of the records.

        Where not all records are plainly alike, the first ones tell the fields and their order; the
        rest is searched for other names, and only a file that has some is read again.
        """
        record = self._look_at_root()
        self.kinds = {record}
        self._check_length()
        if self._is_utf8 and record[1] == 1:
            self._plain = plain_records(self._path)
        if self._plain is not None:
            self._fields = self._plain.fields
            return
        seen: set[str] = set()
        first = islice(records(self._path, self.kinds), FIRST)
        self._fields = self._fields_of(first, seen)
        if self._has_more(record, seen):
            alike, others = beside(self._path, record, self._fields)
            self.kinds |= alike
            self._fields = self._fields_of(records(self._path, self.kinds), seen)
            for name, count in others.most_common(MOST_TOLD):
                severity = Severity.INFO if count == 1 else None
                fault = Fault(name=name, times=plain(count), severity=severity)
                self.noticed.append(Noticed(UNREAD_ELEMENTS, fault, count=count))

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

    def _look_at_root(self) -> Kind:
        """What the root says, and the most frequent record below it."""
        shape = Shape()
        for number, element in enumerate(elements(self._path, ("start",))):
            if number == 0:
                info = element.getroottree().docinfo
                if info.doctype or info.internalDTD is not None:
                    raise Unreadable(DOCTYPE)
                self.labels = {name_of(key): value for key, value in element.attrib.items()}
                # What the parser says of wide letters is how it keeps them itself.
                self.encoding = "UTF-16" if self._wide else info.encoding or "UTF-8"
                self._root = name_of(element.tag)
            elif number > SHAPE:
                break
            else:
                shape.add(element)
        return shape.record()

    def _fields_of(self, some: Iterable[Any], seen: set[str]) -> list[str]:
        """The fields of some records in the order of meeting, one that a record holds twice twice;
        `seen` gets every name in them."""
        fields: dict[tuple[str, int], None] = {}
        for element in some:
            seen.update(name_of(each.tag) for each in element.iter())
            names = [name for name, _ in cells_of(element)]
            if len(set(names)) == len(names):
                fields.update(dict.fromkeys((name, 1) for name in names))
            else:
                times: Counter[str] = Counter()
                for name in names:
                    times[name] += 1
                    fields[name, times[name]] = None
            if len(fields) > MAX_FIELDS:
                raise Unreadable(TOO_LARGE, seen=f"{len(fields)}", limit=f"{MAX_FIELDS}")
        return [name for name, _ in fields]

    def _has_more(self, record: Kind, seen: Set[str]) -> bool:
        """Whether the file has element names beyond these, some of them more often than records,
        or records with attributes."""
        name = record[0].encode()
        attributes = re.compile(rb"<(?:[^\s<>/]+:)?" + re.escape(name) + rb"\s")
        found: Counter[bytes] = Counter()
        rest = b""
        with self._path.open("rb") as stream:
            while piece := stream.read(CHUNK):
                text = rest + piece
                cut = text.rfind(b"<")
                if cut <= 0 and len(text) > MAX_RECORD:
                    return True  # the parser says what is wrong with it
                text, rest = (text[:cut], text[cut:]) if cut > 0 else (text, b"")
                found.update(_TAG.findall(text))
                if b"\0" in text or attributes.search(text):
                    return True
        found.update(_TAG.findall(rest))
        times: Counter[bytes] = Counter()
        for tag, count in found.items():
            times[_local(tag)] += count
        known = {each.encode() for each in (*seen, self._root)}
        return not times.keys() <= known or max(times.values(), default=0) > times[name]

    @property
    def sheets(self) -> Sequence[XmlSheet]:
        return [XmlSheet(self._path, self.kinds, self._fields, self._plain)]

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
