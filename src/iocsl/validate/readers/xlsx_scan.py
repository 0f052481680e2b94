"""A bounded look at a workbook's parts before anything is built from them.

Every part is inflated here first, in pieces, counted and thrown away: a few kilobytes may hold what
fills the memory, or what makes calamine abort the process (see `xlsx_extent`). What calamine does
not tell is found on the way: error cells, formulas without a value, hidden rows and columns. The
rows of a long sheet are only counted: most of them calamine never gets, and the others are looked
at before it does (see `sliced`).
"""

from __future__ import annotations

import contextlib
import html
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from operator import lt
from posixpath import join, normpath
from typing import IO

from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Broken, SheetMarks, Unreadable
from iocsl.validate.readers.percents import note_percents, percent_styles
from iocsl.validate.readers.xlsx_extent import LAST_COLUMN, MAX_CELLS, Extent, check_tags, position
from iocsl.validate.readers.xlsx_parts import PIECE, Part, cells, size, too_large
from iocsl.validate.rules.files import DAMAGED

LONG = 4 << 20
"""Bytes of a sheet from which its rows are only counted."""
MAX_TOTAL = 3 << 29
MAX_BESIDE, MAX_TEXTS = 256 << 20, 3_000_000
"""Inflated bytes of a part that is no sheet, and texts that cells share."""
MANY_BYTES = 32 << 20
"""Bytes of such a part from which its tags are counted: less is read in no time."""
MAX_ROW = 16 * PIECE
"""Bytes without the end of a row."""
MAX_NAMES, MAX_SHEETS = 16 << 20, 1_000
"""Bytes of the part that names the sheets, and how many it may name."""
MAX_STYLES = 32 << 20
"""Bytes of the styles, which go around every slice."""
MAX_BROKEN, MAX_HIDDEN = 500_000, 1 << 20
"""Error cells of a sheet with formulas that have no value, and its hidden rows."""

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""What reading an archive raises that is damaged."""
_STYLES = "xl/styles.xml"
_ROW_END = b"row>"
_CELLS = b"sheetData"
"""The element that holds the rows; calamine builds cells of nothing else."""

Area = tuple[tuple[int, int], tuple[int, int]]

ERROR = re.compile(
    rb'<(?:\w+:)?c\b([^<>]{0,500})\bt="e"([^<>]{0,500})>(?:(?!</?(?:\w+:)?c[\s/>]).)*?<(?:\w+:)?v>([^<]*)',
    re.DOTALL,
)
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*)><(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"(?=<(?:\w+:)?v\s*/>|<(?:\w+:)?v></|</(?:\w+:)?c>)"
)
_REF = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^<>]*\bhidden="(?:1|true)")[^<>]*\br="([0-9]{1,7})"')
_HIDDEN_COL = re.compile(
    rb'<(?:\w+:)?col\b(?=[^<>]*\bhidden="(?:1|true)")(?=[^<>]*\bmin="([0-9]{1,7})")'
    rb'[^<>]*\bmax="([0-9]{1,7})"'
)
_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row(?:\s[^<>]*?)?\sr="([0-9]{1,7})"')
_DATA = re.compile(rb"<(?:\w+:)?sheetData[\s/>]")
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\b[^<>]*\bref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"
)
PRINTED = re.compile(
    rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)\b[^<>]*>([^<]{0,4096})<", re.DOTALL
)
"""A page header or footer."""
MAX_PRINTED = 64
"""Those of one sheet that are looked at; each can have six."""
SHARED_TEXT = re.compile(rb"<(?:[^\s<>/:]+:)?si[\s/>]")
# XML takes either quotation mark; all but a few writers take the double one.
_SINGLE = re.compile(rb"='([^'\"<>]*)'")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^<>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^<>]*)>")
_ATTRIBUTE = re.compile(r"(?<![\w:])([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(slots=True)
class SheetScan(SheetMarks):
    """What was seen in one sheet's XML, and how far its cells reach."""

    part: str = ""
    """The path of its XML in the archive, in lower case."""
    is_looked_at: bool = True
    """False where the cells were counted and nothing else."""
    extent: Extent = field(default_factory=Extent)
    merged: list[Area] = field(default_factory=list)
    printed: list[bytes] = field(default_factory=list)
    """Page headers and footers, as the XML has them."""
    noted: int = 0
    """Times that a cell was put down as broken."""
    data: int = 0
    """Elements that hold rows."""
    row: int = 0
    """The number of the last row, where rows say theirs."""
    percent_styles: frozenset[bytes] = frozenset()

    def take(self, seen: SheetScan) -> None:
        """Take over what was seen of the same sheet, or of some of its rows."""
        for column, shown in seen.percents.items():
            self.percents.setdefault(column, {}).update(shown)
        self.broken.update(seen.broken)
        self.hidden_rows.update(seen.hidden_rows)
        self._ordered = None


def scan(stream: IO[bytes]) -> dict[str, SheetScan]:
    """Look at every part of the workbook in `stream`; what was seen, by sheet name.

    Raises `Unreadable` for a damaged file, a DOCTYPE, or more than can be read safely.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            infos = archive.infolist()
            names = _unique_names(infos)
            percents = _percent_styles(stream, infos)
            parts: dict[str, SheetScan] = {}
            sizes: dict[str, int] = {}
            total = 0
            for info in infos:
                part = Part(stream, info)
                name = info.filename.lower()
                if (seen := _seen(part, percents)) is not None:
                    parts[name] = seen
                sizes[name] = part.size
                total += part.size
                if total > MAX_TOTAL:
                    raise too_large(size(total), size(MAX_TOTAL))
            _check_names(sizes)
            named = [each for each in _sheet_paths(archive, names) if each[1] in parts]
            check_sheets([parts[path] for _, path in named])
            return {name: parts[path] for name, path in named}
    except (*BROKEN, struct.error, ValueError) as error:
        raise Unreadable(DAMAGED, detail=type(error).__name__) from None


def _seen(part: Part, percents: frozenset[bytes]) -> SheetScan | None:
    """What was seen of a part that holds cells, None for any other.

    A workbook may call any of its parts a sheet, a picture too.
    """
    if not part.is_xml:
        # calamine cannot inflate what cannot be inflated here, and nobody else asks for it.
        if not part.is_known:
            return None
        with contextlib.suppress(*BROKEN):
            return _pass_over(part, percents)
        return None
    if not _is_sheet(part.info):
        return _pass_over(part, percents)
    if part.info.file_size >= LONG and (counted := _count_cells(part, percents)) is not None:
        return counted
    return scan_sheet(part, percents)


def _percent_styles(stream: IO[bytes], infos: Iterable[zipfile.ZipInfo]) -> frozenset[bytes]:
    """The styles that show a number as a percentage; they stand in a part of their own."""
    info = next((each for each in infos if each.filename.lower() == _STYLES), None)
    held = b""
    for piece in Part(stream, info).pieces() if info is not None else ():
        held += piece
        if len(held) > MAX_STYLES:
            break
    return percent_styles(held.decode("utf-8", "replace"))


def _count_cells(part: Part, percents: frozenset[bytes]) -> SheetScan | None:
    """A long sheet: its cells counted, and what stands around its rows looked at.

    None where it is not what the archive says of it, or has its rows far down.
    """
    name = part.info.filename.lower()
    seen = SheetScan(part=name, is_looked_at=False, percent_styles=percents)
    tail = b""
    for piece in part.pieces():
        if part.size == len(piece):
            head, data, _ = piece.partition(_CELLS)
            if not data:
                break
            _note_hidden(_doubled(head), seen)
        seen.extent.count(piece)
        end = piece.rfind(_ROW_END) + len(_ROW_END)
        tail = tail + piece if end < len(_ROW_END) else piece[end:]
        if len(tail) > MAX_ROW:
            raise too_large(size(len(tail)), size(MAX_ROW))
    if part.size < LONG:
        part.size = 0
        return None
    _note_tail(tail, seen)
    return seen


def _pass_over(part: Part, percents: frozenset[bytes]) -> SheetScan | None:
    """A part that is no sheet: no larger than any real one, and no more shared texts than fit."""
    texts, tags, end = 0, 0, b""
    for piece in part.pieces():
        if _CELLS in end + piece[: len(_CELLS)] or _CELLS in piece:
            return scan_sheet(Part(part.stream, part.info), percents)
        end = piece[-len(_CELLS) :]
        texts += len(SHARED_TEXT.findall(piece)) if b"si" in piece else 0
        if part.size > MAX_BESIDE:
            raise too_large(size(part.size), size(MAX_BESIDE))
        if part.size > MANY_BYTES:
            tags += piece.count(b"<")
            check_tags(tags, texts)
        if texts > MAX_TEXTS:
            raise too_large(f"> {cells(MAX_TEXTS)}", cells(MAX_TEXTS))
    return None


def _is_sheet(info: zipfile.ZipInfo) -> bool:
    return "worksheets/" in info.filename.lower() and "_rels" not in info.filename


def _unique_names(infos: list[zipfile.ZipInfo]) -> set[str]:
    names = {info.filename.lower() for info in infos}
    if len(names) != len(infos):
        # Two parts of one name: programs differ in which they read, so neither is trusted.
        raise Unreadable(DAMAGED, detail="duplicate part")
    return names


def scan_sheet(part: Part, percents: frozenset[bytes]) -> SheetScan:
    """Go over a sheet in blocks that end with a row, so that no cell is cut in two."""
    seen = SheetScan(part=part.info.filename.lower(), percent_styles=percents)
    last = rest = b""
    for piece in part.pieces():
        start = piece.find(_ROW_END) + len(_ROW_END)
        if start < len(_ROW_END):
            rest += piece
            if len(rest) > MAX_ROW:
                raise too_large(size(len(rest)), size(MAX_ROW))
            continue
        # The row that two pieces share goes alone, so that the rest need not be copied for it.
        scan_rows(rest + piece[:start], seen)
        end = piece.rfind(_ROW_END) + len(_ROW_END)
        last, rest = piece[start:end], piece[end:]
        if last:
            scan_rows(last, seen)
    scan_rows(rest, seen)
    _note_tail(last + rest, seen)
    return seen


def _note_tail(tail: bytes, seen: SheetScan) -> None:
    """What is merged, and what is printed on each page: both stand behind the rows."""
    seen.merged = [
        (position(top, left), position(bottom, right))
        for top, left, bottom, right in _MERGED.findall(tail)
    ]
    if b"Header" in tail or b"Footer" in tail:
        seen.printed = [found[1] for found in islice(PRINTED.finditer(tail), MAX_PRINTED)]


def scan_rows(block: bytes, seen: SheetScan) -> None:
    """Look at some whole rows. Raises `Unreadable` for more than may be read."""
    seen.extent.see(block)
    # A character that is not there costs nothing to look for; patterns come after that.
    block = _doubled(block)
    _check_order(block, seen)
    if b"#" in block and b't="e"' in block:
        _note_errors(block, seen)
    if b"f" in block and (b"<f" in block or b":f" in block):
        _note_formulas(block, seen)
    if b"hidden=" in block:
        _note_hidden(block, seen)
    if seen.percent_styles:
        note_percents(block, seen.percent_styles, seen.percents)


def _doubled(block: bytes) -> bytes:
    """With double quotation marks around attributes."""
    return _SINGLE.sub(rb'="\1"', block) if b"'" in block and b"='" in block else block


def _check_order(block: bytes, seen: SheetScan) -> None:
    """Rows stand once, in order, in one element: programs differ in what they make of others."""
    if _CELLS in block:
        seen.data += len(_DATA.findall(block))
        if seen.data > 1:
            raise Unreadable(DAMAGED, detail="sheetData")
    numbers = [seen.row, *map(int, _ROW_NUMBER.findall(block))]
    if not all(map(lt, numbers, numbers[1:])):
        raise Unreadable(DAMAGED, detail="row")
    seen.row = numbers[-1]


def _note_errors(block: bytes, seen: SheetScan) -> None:
    for found in ERROR.finditer(block):
        ref = _REF.search(found[1]) or _REF.search(found[2])
        if ref is not None:
            _note(seen, ref, found[3].decode("ascii", "replace"))


def _note_formulas(block: bytes, seen: SheetScan) -> None:
    for found in _FORMULA.finditer(block):
        ref = _REF.search(found[1])
        # Of type text it was worked out and came to nothing, like =IF(A1="","",A1*2).
        if ref is not None and b't="str"' not in found[1]:
            _note(seen, ref, None)


def _note(seen: SheetScan, ref: re.Match[bytes], shown: str | None) -> None:
    at = position(ref[1], ref[2])
    if shown is not None or at not in seen.broken:
        seen.broken[at] = _broken(shown)
    seen.noted += 1
    if seen.noted > MAX_BROKEN:
        raise too_large(f"> {cells(MAX_BROKEN)}", cells(MAX_BROKEN))


@lru_cache(maxsize=64)
def _broken(shown: str | None) -> Broken:
    """One object for all cells that show the same."""
    return Broken(shown)


def _note_hidden(block: bytes, seen: SheetScan) -> None:
    seen.hidden_rows.update(int(row) - 1 for row in _HIDDEN_ROW.findall(block))
    _check_hidden(len(seen.hidden_rows))
    for low, high in _HIDDEN_COL.findall(block):
        seen.hidden_columns.extend(range(int(low) - 1, min(int(high), LAST_COLUMN)))
        # Each may name all columns of a sheet, in a few bytes.
        _check_hidden(len(seen.hidden_columns))


def _check_hidden(number: int) -> None:
    if number > MAX_HIDDEN:
        raise too_large(plain(number), plain(MAX_HIDDEN))


def _check_names(sizes: Mapping[str, int]) -> None:
    limits = {
        "xl/workbook.xml": MAX_NAMES,
        "xl/_rels/workbook.xml.rels": MAX_NAMES,
        _STYLES: MAX_STYLES,
    }
    for name, most in limits.items():
        if sizes.get(name, 0) > most:
            raise too_large(size(sizes[name]), size(most))


def check_sheets(sheets: Collection[SheetScan]) -> None:
    """All sheets together are no larger than one may be; a part may be called so many times.

    Raises `Unreadable`.
    """
    if len(sheets) > MAX_SHEETS:
        raise too_large(plain(len(sheets)), plain(MAX_SHEETS))
    together = sum(max(each.extent.rectangle, each.extent.cells) for each in sheets)
    if together > MAX_CELLS:
        raise too_large(cells(together), cells(MAX_CELLS))


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
