"""Change chosen cells of a workbook and leave every other byte of its parts as it is.

Reading a workbook into objects and writing it anew loses charts, pictures, form controls and more.
Here only the cells named are rewritten in the sheet's own XML (ECMA-376 part 1, 18.3.1).
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from posixpath import dirname, join, normpath
from typing import IO, Any

LARGEST_SHEET = 256 << 20
"""Bytes of a sheet's XML that are changed in memory."""

_ROW = re.compile(rb"<((?:\w+:)?)row\b[^>]*?(?:/>|>.*?</(?:\w+:)?row>)", re.DOTALL)
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])[^>]*?(?:/>|>.*?</(?:\w+:)?c>)", re.DOTALL)
_DATA = re.compile(rb"<((?:\w+:)?)sheetData\s*(?:/>|>)")
_NUMBER = re.compile(rb'\sr="([0-9]+)"')
_REF = re.compile(rb'\sr="([A-Z]{1,3})[0-9]+"')
_STYLE = re.compile(rb'\ss="([0-9]+)"')
_OWN_STYLE = re.compile(rb'\scustomFormat="(?:1|true)"')
_COL = re.compile(rb"<(?:\w+:)?col\s[^>]*>")
_SPAN = re.compile(rb'\s(min|max|style)="([0-9]+)"')
_UNDECLARED = re.compile(rb"<!\[CDATA\[|<!--")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]*)")

Address = tuple[int, int]
"""Row and column, both from 1."""
Pieces = Callable[[], Iterable[bytes]]
"""What makes a part when it is written."""


class UnusualWorkbookError(Exception):
    """The workbook is built in a way that is not changed safely; the caller takes another way."""


@dataclass(frozen=True, slots=True)
class CellEdit:
    """What becomes of one cell: another style, or another value. None leaves it as it is."""

    restyle: Callable[[int], int] | None = None
    text: str | None = None
    number: str | None = None


Spared = Callable[[bytes, CellEdit], bool]
"""Whether a cell, by its XML, is not to be edited so."""


def _none(_: bytes, __: CellEdit) -> bool:
    return False


def address(cell: str) -> Address:
    """`C5` → (5, 3). Raises `ValueError` for what is no address of one cell."""
    found = _ADDRESS.fullmatch(cell)
    if found is None:
        raise ValueError(cell)
    return int(found[2]), column_number(found[1])


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def patch_sheet(
    xml: bytes,
    edits: Mapping[Address, CellEdit],
    *,
    spared: Spared = _none,
    left: set[Address] | None = None,
) -> bytes:
    """The sheet with those cells changed; cells and rows that are not there yet are added.

    A cell that `spared` is true of stays as it is; its address is put into `left`.
    """
    return b"".join(patched(xml, edits, spared=spared, left=left))


def patched(
    xml: bytes,
    edits: Mapping[Address, CellEdit],
    *,
    spared: Spared = _none,
    left: set[Address] | None = None,
) -> Iterator[bytes]:
    """`patch_sheet` piece by piece."""
    if _UNDECLARED.search(xml):
        raise UnusualWorkbookError("comments")
    opening = _DATA.search(xml)
    if opening is None:
        raise UnusualWorkbookError("sheetData")
    by_row: dict[int, dict[int, CellEdit]] = {}
    for (row, column), edit in edits.items():
        by_row.setdefault(row, {})[column] = edit
    prefix = opening[1]
    empty = opening[0].endswith(b"/>")
    # Rows of other things, as of anchors, follow after the data.
    end = opening.end() if empty else xml.rfind(b"</" + prefix + b"sheetData>")
    columns = _ColumnStyles(xml[: opening.start()])
    yield xml[: opening.start()] + b"<" + prefix + b"sheetData>"
    at, last = opening.end(), 0
    waiting = deque(sorted(by_row))
    for found in _ROW.finditer(xml, at, end):
        named = _NUMBER.search(found[0].partition(b">")[0])
        last = int(named[1]) if named else last + 1
        yield xml[at : found.start()]
        while waiting and waiting[0] < last:
            number = waiting.popleft()
            yield _new_row(prefix, number, by_row[number], columns)
        if waiting and waiting[0] == last:
            waiting.popleft()
            kept = _spared(found[0], by_row[last], spared)
            if left is not None:
                left.update((last, column) for column in kept)
            wanted = {at: edit for at, edit in by_row[last].items() if at not in kept}
            yield _patch_row(found[0], prefix, last, wanted, columns)
        else:
            yield found[0]
        at = found.end()
    for number in waiting:
        yield _new_row(prefix, number, by_row[number], columns)
    if empty:
        yield b"</" + prefix + b"sheetData>"
    yield xml[at:]


class _ColumnStyles:
    """What an absent cell looks like: the format of its column."""

    def __init__(self, head: bytes) -> None:
        self._spans = []
        for each in _COL.findall(head):
            known = {name: int(number) for name, number in _SPAN.findall(each)}
            if known.keys() >= {b"min", b"max", b"style"}:
                self._spans.append((known[b"min"], known[b"max"], known[b"style"]))

    def of(self, column: int) -> int:
        return next((style for low, high, style in self._spans if low <= column <= high), 0)


def _cells(row: bytes) -> Iterator[tuple[int, re.Match[bytes]]]:
    """The cells of a row with their column; one without an address follows the one before it."""
    last = 0
    for found in _CELL.finditer(row):
        named = _REF.search(found[0].partition(b">")[0])
        last = column_number(named[1].decode()) if named else last + 1
        yield last, found


def _spared(row: bytes, edits: Mapping[int, CellEdit], spared: Spared) -> set[int]:
    return {
        column
        for column, found in _cells(row)
        if column in edits and spared(found[0], edits[column])
    }


def style_of(cell: bytes) -> int:
    """The number of the format of a cell, by its XML."""
    found = _STYLE.search(cell.partition(b">")[0])
    return int(found[1]) if found else 0


def _new_row(
    prefix: bytes, number: int, edits: Mapping[int, CellEdit], columns: _ColumnStyles
) -> bytes:
    cells = b"".join(
        _new_cell(prefix, number, column, edits[column], columns.of(column))
        for column in sorted(edits)
    )
    return b'<%srow r="%d">%s</%srow>' % (prefix, number, cells, prefix)


def _patch_row(
    row: bytes,
    prefix: bytes,
    number: int,
    edits: Mapping[int, CellEdit],
    columns: _ColumnStyles,
) -> bytes:
    if row.endswith(b"/>"):
        row = row[:-2] + b"></" + prefix + b"row>"
    head = row.partition(b">")[0]
    own = _STYLE.search(head) if _OWN_STYLE.search(head) else None

    def added(column: int) -> bytes:
        style = int(own[1]) if own else columns.of(column)
        return _new_cell(prefix, number, column, edits[column], style)

    waiting = sorted(edits)
    pieces: list[bytes] = []
    at = 0
    for last, found in _cells(row):
        pieces.append(row[at : found.start()])
        while waiting and waiting[0] < last:
            pieces.append(added(waiting.pop(0)))
        if waiting and waiting[0] == last:
            edit = edits[waiting.pop(0)]
            pieces.append(_patch_cell(found[0], prefix, number, last, edit))
        else:
            pieces.append(found[0])
        at = found.end()
    end = at if pieces else row.index(b">") + 1
    if not pieces:
        pieces.append(row[:end])
    pieces.extend(map(added, waiting))
    pieces.append(row[end:])
    return b"".join(pieces)


def _patch_cell(cell: bytes, prefix: bytes, row: int, column: int, edit: CellEdit) -> bytes:
    head, closed, rest = cell.partition(b">")
    styled = _STYLE.search(head)
    style = int(styled[1]) if styled else 0
    if edit.text is not None or edit.number is not None:
        return _cell(prefix, row, column, style, edit)
    if edit.restyle is None:
        return cell
    mark = b' s="%d"' % edit.restyle(style)
    if styled:
        head = head[: styled.start()] + mark + head[styled.end() :]
    elif head.endswith(b"/"):
        head = head[:-1] + mark + b"/"
    else:
        head += mark
    return head + closed + rest


def _new_cell(prefix: bytes, row: int, column: int, edit: CellEdit, style: int) -> bytes:
    return _cell(prefix, row, column, edit.restyle(style) if edit.restyle else style, edit)


def _cell(prefix: bytes, row: int, column: int, style: int, edit: CellEdit) -> bytes:
    from iocsl.validate.readers.base import column_letters

    p = prefix.decode()
    start = f'<{p}c r="{column_letters(column - 1)}{row}"' + (f' s="{style}"' if style else "")
    if edit.number is not None:
        return f"{start}><{p}v>{edit.number}</{p}v></{p}c>".encode()
    if edit.text is not None:
        text = xml_text(edit.text)
        inline = f'<{p}is><{p}t xml:space="preserve">{text}</{p}t></{p}is>'
        return f'{start} t="inlineStr">{inline}</{p}c>'.encode()
    return f"{start}/>".encode()


def xml_text(text: str) -> str:
    """A text, of what XML can hold, as it stands in a workbook (22.9.2.19: `_x0041_` is an A)."""
    shown = _ESCAPE.sub("_x005F_", text) if "_x" in text else text
    return escape(shown, quote=False).replace("\r", "&#13;")


class Package:
    """The parts of a workbook that are at hand, and those that will replace or join them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.changed: dict[str, bytes] = {}
        self.made: dict[str, Pieces] = {}
        self.names = {info.filename.lower(): info.filename for info in archive.infolist()}

    def has(self, name: str) -> bool:
        return name.lower() in self.names or name in self.changed or name in self.made

    def read(self, name: str) -> bytes:
        """A part as it will be written. Raises `UnusualWorkbookError` where there is none."""
        name = self.names.get(name.lower(), name)
        if name in self.changed:
            return self.changed[name]
        if name.lower() not in self.names:
            raise UnusualWorkbookError(name)
        if self.archive.getinfo(name).file_size > LARGEST_SHEET:
            raise UnusualWorkbookError(name)
        return self.archive.read(name)

    def tree(self, name: str) -> Any:
        return parsed(self.read(name))

    def put(self, name: str, content: bytes) -> None:
        self.changed[self.names.get(name.lower(), name)] = content

    def make(self, name: str, pieces: Pieces) -> None:
        """Have a part made when the workbook is written; it is not read here any more."""
        self.made[self.names.get(name.lower(), name)] = pieces

    def put_tree(self, name: str, root: Any) -> None:
        from lxml import etree

        self.put(
            name, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        )

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id → (last word of the type, path of the part) of what `part` refers to."""
        name = relations_of(part)
        if not self.has(name):
            return {}
        return {
            each.get("Id"): (each.get("Type", "").rpartition("/")[2], _target(part, each))
            for each in self.tree(name)
            if each.get("TargetMode") != "External"
        }

    def sheets(self) -> dict[str, str]:
        """Name of each worksheet → path of its part."""
        return {name: path for name, kind, path in self.tabs() if kind == "worksheet"}

    def tabs(self) -> Iterator[tuple[str, str, str]]:
        """Name, kind (`worksheet`, `chartsheet` …) and part of every sheet, in their order."""
        relations = self.relations("xl/workbook.xml")
        for sheet in self.tree("xl/workbook.xml").iter("{*}sheet"):
            key = next((value for name, value in sheet.items() if name.endswith("}id")), "")
            if key in relations:
                yield (sheet.get("name"), *relations[key])

    def write(self, stream: IO[bytes]) -> None:
        """The whole workbook; parts that were not changed have the bytes they had."""
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
            for info in self.archive.infolist():
                if info.filename in self.changed or info.filename in self.made:
                    self._write(out, info.filename)
                    continue
                with self.archive.open(info) as part, out.open(info.filename, "w") as copy:
                    shutil.copyfileobj(part, copy, 1 << 20)
            for name in self.added():
                self._write(out, name)

    def _write(self, out: zipfile.ZipFile, name: str) -> None:
        if name not in self.made:
            out.writestr(name, self.changed[name])
            return
        with out.open(name, "w", force_zip64=True) as part:
            for piece in self.made[name]():
                part.write(piece)

    def added(self) -> Iterator[str]:
        old = set(self.names.values())
        return (name for name in dict.fromkeys((*self.changed, *self.made)) if name not in old)


def parsed(xml: bytes) -> Any:
    """A part as a tree; it holds no DOCTYPE, and nothing outside it is read."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise UnusualWorkbookError(str(error)) from None


def relations_of(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels"


def _target(part: str, relation: Any) -> str:
    target = str(relation.get("Target", ""))
    if target.startswith("/"):
        return target.lstrip("/")
    return normpath(join(dirname(part), target))
