"""A bounded look at a workbook's parts before anything is built from them.

calamine makes a dense rectangle of a sheet's cells: a workbook of 1.4 KB with cells A1 and
XFD1048576 makes it abort the process, which no `except` catches. So every part is inflated here
first, in pieces, counted and thrown away. What calamine does not tell is found on the way: error
cells, formulas without a value, hidden rows and columns.
"""

from __future__ import annotations

import html
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from posixpath import join, normpath
from typing import IO

from iocsl.text import tr
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Broken, SheetMarks, Unreadable
from iocsl.validate.rules.files import DAMAGED, DOCTYPE, TOO_LARGE

PIECE = 1 << 20
MAX_PART = 1 << 30
"""Inflated bytes of one part; a sheet of a million rows of nine columns has half of it."""
MAX_TOTAL = 3 << 29
MAX_TEXT = 4 << 20
"""Bytes without a tag; Excel allows 32,767 characters in a cell."""
MAX_BESIDE, MAX_TEXTS = 256 << 20, 3_000_000
"""Inflated bytes of a part that is no sheet, and texts that cells share."""
FAR_ROW = 299_999
"""A row, from 0, so far down that a cell there is measured even if it is in no new column."""
MAX_CELLS = 12_000_000
"""Cells of the rectangle that calamine would fill: about 400 MiB."""

_CELL_REF = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br=["\']([A-Z]{1,3})([0-9]{1,7})["\']')
_PLAIN_REF = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[ />]")
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b([^>]*)\bt="e"([^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)', re.DOTALL
)
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)><(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"(?=<(?:\w+:)?v\s*/>|<(?:\w+:)?v></|</(?:\w+:)?c>)"
)
_REF = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="([0-9]+)"')
_HIDDEN_COL = re.compile(
    rb'<(?:\w+:)?col\b(?=[^>]*\bhidden="(?:1|true)")(?=[^>]*\bmin="([0-9]+)")[^>]*\bmax="([0-9]+)"'
)
# XML takes either quotation mark; all but a few writers take the double one.
_SINGLE = re.compile(rb"='([^'\"<>]*)'")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(slots=True)
class SheetScan(SheetMarks):
    """What was seen in one sheet's XML, and how far its cells reach."""

    part: str = ""
    """The path of its XML in the archive, in lower case."""
    first: tuple[int, int] = (1 << 30, 1 << 30)
    last: tuple[int, int] = (-1, -1)
    cells: int = 0


def scan(stream: IO[bytes]) -> dict[str, SheetScan]:
    """Look at every part of the workbook in `stream`; what was seen, by sheet name.

    Raises `Unreadable` for a damaged file, a DOCTYPE, or more than can be read safely.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            infos = archive.infolist()
            names = _unique_names(infos)
            total = 0
            parts: dict[str, SheetScan] = {}
            for info in infos:
                name = info.filename.lower()
                # What a Mac adds when it packs a folder is no part of the workbook.
                if not name.endswith((".xml", ".rels")) or name.startswith("__macosx/"):
                    continue
                part = Part(stream, info)
                if name.startswith("xl/worksheets/sheet") or _is_sheet(info):
                    parts[name] = _scan_sheet(part)
                    parts[name].part = name
                else:
                    _pass_over(part)
                total += part.size
                if total > MAX_TOTAL:
                    raise Unreadable(TOO_LARGE, seen=_size(total), limit=_size(MAX_TOTAL))
            return {
                name: parts[path] for name, path in _sheet_paths(archive, names) if path in parts
            }
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        ValueError,
    ) as error:
        raise Unreadable(DAMAGED, detail=type(error).__name__) from None


def _pass_over(part: Part) -> None:
    """A part that is no sheet: no larger than any real one, and no more shared texts than fit."""
    texts = 0
    for piece in part.pieces():
        texts += piece.count(b"<si>") + piece.count(b"<si ")
        if part.size > MAX_BESIDE:
            raise Unreadable(TOO_LARGE, seen=_size(part.size), limit=_size(MAX_BESIDE))
        if texts > MAX_TEXTS:
            raise Unreadable(TOO_LARGE, seen=f"> {_cells(MAX_TEXTS)}", limit=_cells(MAX_TEXTS))


def _is_sheet(info: zipfile.ZipInfo) -> bool:
    return "worksheets/" in info.filename.lower() and "_rels" not in info.filename


def _unique_names(infos: list[zipfile.ZipInfo]) -> set[str]:
    names = {info.filename.lower() for info in infos}
    if len(names) != len(infos):
        # Two parts of one name: programs differ in which they read, so neither is trusted.
        raise Unreadable(DAMAGED, detail="duplicate part")
    return names


def _size(size: int) -> str:
    return f"{size >> 20} MiB"


class Part:
    """One entry of the archive, inflated from its raw bytes: declared sizes are not believed."""

    def __init__(self, stream: IO[bytes], info: zipfile.ZipInfo) -> None:
        self.stream = stream
        self.info = info
        self.size = 0

    def pieces(self) -> Iterator[bytes]:
        first, gap = True, 0
        for piece in self._inflated():
            self.size += len(piece)
            if self.size > MAX_PART:
                raise Unreadable(TOO_LARGE, seen=_size(self.size), limit=_size(MAX_PART))
            if first:
                first = False
                _check_head(piece)
            gap = 0 if b"<" in piece else gap + len(piece)
            if gap > MAX_TEXT:
                raise Unreadable(TOO_LARGE, seen=_size(gap), limit=_size(MAX_TEXT))
            yield piece

    def _inflated(self) -> Iterator[bytes]:
        info = self.info
        if info.flag_bits & 0x1:
            raise Unreadable(DAMAGED, detail="encrypted part")
        if info.header_offset < 0:
            raise zipfile.BadZipFile
        self.stream.seek(info.header_offset)
        header = self.stream.read(30)
        if header[:4] != b"PK\x03\x04":
            raise zipfile.BadZipFile
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        self.stream.seek(name_length + extra_length, 1)
        left = info.compress_size
        if info.compress_type == zipfile.ZIP_STORED:
            while left > 0 and (piece := self.stream.read(min(PIECE, left))):
                left -= len(piece)
                yield piece
        elif info.compress_type == zipfile.ZIP_DEFLATED:
            yield from self._deflated(left)
        else:
            raise Unreadable(DAMAGED, detail=f"compression {info.compress_type}")
        if left > 0 and info.compress_type == zipfile.ZIP_STORED:
            raise EOFError

    def _deflated(self, left: int) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-15)
        while not inflater.eof:
            raw = inflater.unconsumed_tail
            if not raw:
                raw = self.stream.read(min(1 << 16, left))
                left -= len(raw)
                if not raw:
                    raise EOFError
            if piece := inflater.decompress(raw, PIECE):
                yield piece


def _check_head(piece: bytes) -> None:
    """The start of an XML part: UTF-8 or plain, and no document type (entities hide in one)."""
    if piece[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in piece[:256]:
        raise Unreadable(DAMAGED, detail="UTF-16 part")
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
        raise Unreadable(DOCTYPE)


def _scan_sheet(part: Part) -> SheetScan:
    """Go over a sheet in blocks that end with a row, so that no cell is cut in two."""
    seen = SheetScan()
    rest = b""
    for piece in part.pieces():
        block = rest + piece if rest else piece
        end = block.rfind(b"row>")
        if end < 0:
            rest = block
            if len(rest) > 16 * PIECE:
                raise Unreadable(TOO_LARGE, seen=_size(len(rest)), limit=_size(16 * PIECE))
            continue
        rest = block[end + 4 :]
        _scan_block(block[: end + 4], seen)
    _scan_block(rest, seen)
    _check_rectangle(seen)
    return seen


def _scan_block(block: bytes, seen: SheetScan) -> None:
    # Small sheets, and blocks with a cell further out than any before or written in an unusual way,
    # are measured cell by cell; the others are as wide as what was measured, without that cost.
    if len(block) < PIECE // 2 or b'<c r="' not in block or _further(seen).search(block):
        _measure(block, seen)
    else:
        refs = (_CELL_REF.search(block), _CELL_REF.search(block, max(0, len(block) - 4096)))
        for ref in refs:
            if ref is not None:
                _widen(seen, *position(ref[1], ref[2]))
    # A character that is not there costs nothing to look for; patterns come after that.
    if b"='" in block:
        block = _SINGLE.sub(rb'="\1"', block)
    if b"#" in block and b't="e"' in block:
        _note_errors(block, seen)
    if b"f" in block and (b"<f" in block or b":f" in block):
        _note_formulas(block, seen)
    if b"hidden=" in block:
        _note_hidden(block, seen)


def _further(seen: SheetScan) -> re.Pattern[bytes]:
    """What names a cell right of the columns measured, or in rows far below them."""
    return _beyond(min(max(seen.last[1], 0), 25), seen.last[0] >= FAR_ROW)


@cache
def _beyond(column: int, far: bool) -> re.Pattern[bytes]:
    right = f"[{chr(66 + column)}-Z]|" if column < 25 else ""
    below = "[0-9]{7}" if far else "[3-9][0-9]{5}|[0-9]{7}"
    return re.compile(f'r="(?:{right}[A-Z](?:[A-Z]|{below}))'.encode())


def _measure(block: bytes, seen: SheetScan) -> None:
    """Widen by every cell of a block; more cells than may be read stop it at once."""
    cells = len(_ANY_CELL.findall(block))
    seen.cells += cells
    if seen.cells > MAX_CELLS:
        raise Unreadable(TOO_LARGE, seen=f"> {_cells(seen.cells)}", limit=_cells(MAX_CELLS))
    refs = _PLAIN_REF.findall(block)
    if len(refs) != cells:
        refs = _CELL_REF.findall(block)
    if refs:
        columns = {letters for letters, _ in refs}
        rows = {digits for _, digits in refs}
        for letters in columns:
            _widen(seen, *position(letters, refs[0][1]))
        for digits in (min(rows, key=int), max(rows, key=int)):
            _widen(seen, *position(refs[0][0], digits))
    # Cells without an address follow one another: at most so many columns.
    unnamed = cells - len(refs)
    if unnamed > 0:
        rows_here = block.count(b"row>") + 1
        _widen(seen, max(seen.last[0], 0) + rows_here, min(unnamed, 16383))
        _widen(seen, 0, 0)


def _widen(seen: SheetScan, row: int, column: int) -> None:
    seen.first = (min(seen.first[0], row), min(seen.first[1], column))
    seen.last = (max(seen.last[0], row), max(seen.last[1], column))


def position(letters: bytes, digits: bytes) -> tuple[int, int]:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(digits) - 1, column - 1


def _check_rectangle(seen: SheetScan) -> None:
    rows = seen.last[0] - seen.first[0] + 1
    columns = seen.last[1] - seen.first[1] + 1
    if rows > 0 and columns > 0 and rows * columns > MAX_CELLS:
        raise Unreadable(TOO_LARGE, seen=_cells(rows * columns), limit=_cells(MAX_CELLS))


def _cells(number: int) -> str:
    return f"{plain(number)} {tr('ô', 'cells')}"


def _note_errors(block: bytes, seen: SheetScan) -> None:
    for found in _ERROR.finditer(block):
        ref = _REF.search(found[1]) or _REF.search(found[2])
        if ref is not None:
            seen.broken[position(ref[1], ref[2])] = Broken(found[3].decode("ascii", "replace"))


def _note_formulas(block: bytes, seen: SheetScan) -> None:
    for found in _FORMULA.finditer(block):
        ref = _REF.search(found[1])
        # Of type text it was worked out and came to nothing, like =IF(A1="","",A1*2).
        if ref is not None and b't="str"' not in found[1]:
            seen.broken.setdefault(position(ref[1], ref[2]), Broken(None))


def _note_hidden(block: bytes, seen: SheetScan) -> None:
    seen.hidden_rows.extend(int(row) - 1 for row in _HIDDEN_ROW.findall(block))
    for low, high in _HIDDEN_COL.findall(block):
        seen.hidden_columns.extend(range(int(low) - 1, min(int(high), 16384)))


def _sheet_paths(archive: zipfile.ZipFile, names: set[str]) -> Iterator[tuple[str, str]]:
    """Sheet names with the lower-case path of their part, from the workbook and its relations."""
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        raise Unreadable(DAMAGED, detail="workbook.xml") from None
    targets = {}
    for found in _RELATION.finditer(relations):
        given = _attributes(found[1])
        target = given.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
        targets[given.get("Id", "")] = path.lower()
    for found in _SHEET.finditer(book):
        given = _attributes(found[1])
        key = next((value for name, value in given.items() if name.endswith(":id")), "")
        yield given.get("name", ""), targets.get(key, "")


def _attributes(text: str) -> dict[str, str]:
    return {name: html.unescape(one or two) for name, one, two in _ATTRIBUTE.findall(text)}
