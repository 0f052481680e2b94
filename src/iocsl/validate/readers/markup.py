"""XML: a plain list of records, each a set of child elements (or attributes) named by column key.

Read as a stream: no document type, no entity, no network, and a record is thrown away once it is
handed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from iocsl.validate.readers.base import BATCH, Chunk, Noticed, Row, Unreadable, across
from iocsl.validate.rules.files import DAMAGED, DOCTYPE, TOO_LARGE

HEAD = 1 << 16
MAX_FIELDS = 500
MAX_TEXT = 1 << 20


def _name(tag: Any) -> str:
    """The name of an element without its namespace; comments and the like have none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


class XmlSheet:
    """The records as rows: the names met in the first records are the heading row."""

    name: str | None = None
    column_offset = 0
    hidden = False
    ragged = False

    def __init__(self, path: Path, record: str, fields: Sequence[str]) -> None:
        self._path = path
        self._record = record
        self._fields = fields

    def merged(self) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]:
        return ()

    def head(self, rows: int) -> list[Row]:
        return [list(self._fields), *(row for row, _ in islice(self._rows(), rows - 1))]

    def chunks(self) -> Iterator[Chunk]:
        rows = self._rows()
        first = 2
        yield Chunk(across([self._fields]), 1, [1])
        while batch := list(islice(rows, BATCH)):
            yield Chunk(across([row for row, _ in batch]), first, [line for _, line in batch])
            first += len(batch)

    def _rows(self) -> Iterator[tuple[Row, int]]:
        index = {name: at for at, name in enumerate(self._fields)}
        width = len(index)
        for element in _records(self._path, self._record):
            row = [""] * width
            extra: list[str] = []
            for name, value in _cells(element):
                if name in index:
                    row[index[name]] = value
                else:
                    extra.append(value)
            yield [*row, *extra], element.sourceline or 0


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
        self.encoding: str | None = None
        self.labels: Mapping[str, str] = {}
        self._record = ""
        self._fields: list[str] = []
        self._look()

    def _look(self) -> None:
        """Root attributes, the name of a record, and the fields of the first records."""
        fields: dict[str, None] = {}
        root = None
        for event, element in _events(self._path):
            if event == "start":
                if root is None:
                    root = element
                    self.labels = {_name(key): value for key, value in element.attrib.items()}
                    self.encoding = element.getroottree().docinfo.encoding or "UTF-8"
                elif not self._record and element.getparent() is root:
                    self._record = _name(element.tag)
                continue
            if root is None or element.getparent() is not root:
                continue
            if _name(element.tag) == self._record:
                fields.update(dict.fromkeys(name for name, _ in _cells(element)))
                if len(fields) > MAX_FIELDS:
                    raise Unreadable(TOO_LARGE, seen=f"{len(fields)}", limit=f"{MAX_FIELDS}")
            _forget(element)
        self._fields = list(fields)

    @property
    def sheets(self) -> Sequence[XmlSheet]:
        return [XmlSheet(self._path, self._record, self._fields)]

    def close(self) -> None:
        """Nothing is kept open between passes."""


def _wide_doctype(head: bytes) -> bool:
    return any("<!DOCTYPE".encode(codec) in head for codec in ("utf-16-le", "utf-16-be"))


def _events(path: Path) -> Iterator[tuple[str, Any]]:
    from lxml import etree

    try:
        with path.open("rb") as stream:
            yield from etree.iterparse(
                stream,
                events=("start", "end"),
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
            )
    except etree.XMLSyntaxError as error:
        raise Unreadable(DAMAGED, detail=f"dòng {error.lineno}") from None


def _records(path: Path, record: str) -> Iterator[Any]:
    root = None
    for event, element in _events(path):
        if event == "start":
            root = element if root is None else root
        elif root is not None and element.getparent() is root:
            if _name(element.tag) == record:
                yield element
            _forget(element)


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]


def _cells(element: Any) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        yield _name(key), value
    for child in element:
        name = _name(child.tag)
        if name:
            yield name, "".join(child.itertext())
