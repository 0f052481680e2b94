"""Worksheets that hold texts alone, as XML made row by row (ECMA-376 part 1, 18.3.1).

A hundred thousand findings are so a few megabytes at a time. Every cell is an inline text: `=1+1`
is shown and never worked out, `007` keeps its zeros.
"""

from __future__ import annotations

import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from html import escape
from typing import IO

from iocsl.validate.patch import xml_text
from iocsl.validate.readers.base import column_letters

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINKS = 65_000
"""Links of one sheet; Excel takes 65,530."""
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LINE = 15.0
"""Points that a line of text takes."""
_TALLEST = 405.0
"""Excel draws no row higher than 409 points."""
_REMEMBERED = 1_000
_TOGETHER = 200
"""Rows that are given out at once."""

Row = Sequence[tuple[str, int]]
"""Texts with the number of their format."""
Link = tuple[str, str]
"""A cell and the place in the workbook that it leads to."""


def sheet(
    rows: Iterable[tuple[Row, str | None]],
    widths: Sequence[int],
    *,
    selected: bool = False,
    linked: int = 0,
    link: int = 0,
) -> Iterator[bytes]:
    """A worksheet in pieces. A row comes with the place that its cell `linked` leads to, or None.

    A cell that leads somewhere has the format `link`: Excel does not show of itself that it does.
    With several columns the first row is a heading that stays in sight and can be filtered by.
    """
    chosen = ' tabSelected="1"' if selected else ""
    many = len(widths) > 1
    frozen = '<pane ySplit="1" topLeftCell="A2" state="frozen"/>' if many else ""
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
        for at, width in enumerate(widths, 1)
    )
    yield (
        f'{_HEAD}<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView{chosen} workbookViewId="0">{frozen}</sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>"
    ).encode()
    links: list[Link] = []
    count = yield from _rows(rows, widths, (linked, link), links)
    yield b"</sheetData>"
    if many:
        yield f'<autoFilter ref="A1:{column_letters(len(widths) - 1)}{count}"/>'.encode()
    if links:
        yield b"<hyperlinks>"
        for cell, target in links:
            yield f'<hyperlink ref="{cell}" location="{escape(target)}"/>'.encode()
        yield b"</hyperlinks>"
    yield b'<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'


def _rows(
    rows: Iterable[tuple[Row, str | None]],
    widths: Sequence[int],
    linked: tuple[int, int],
    links: list[Link],
) -> Generator[bytes, None, int]:
    """The rows; their links are put into `links`. Returns how many there were.

    `linked`: the column of the links, and their format.
    """
    letters = [column_letters(at) for at in range(len(widths))]
    known: dict[tuple[str, int], str] = {}
    held: list[str] = []
    down = 0
    for down, (row, target) in enumerate(rows, 1):
        cells = row
        if target is not None and len(links) < LINKS:
            column, look = linked
            links.append((f"{letters[column]}{down}", target))
            cells = [*row[:column], (row[column][0], look), *row[column + 1 :]]
        held.append(f'<row r="{down}" ht="{_height(row, widths):g}" customHeight="1">')
        for across, cell in zip(letters, cells, strict=True):
            rest = known.get(cell)
            if rest is None:
                if len(known) >= _REMEMBERED:
                    known.clear()
                text, style = cell
                rest = f's="{style}" t="inlineStr"><is><t xml:space="preserve">{xml_text(text)}'
                known[cell] = rest
            held.append(f'<c r="{across}{down}" {rest}</t></is></c>')
        held.append("</row>")
        if not down % _TOGETHER:
            yield "".join(held).encode("utf-8", "replace")
            held.clear()
    yield "".join(held).encode("utf-8", "replace")
    return down


def _height(row: Row, widths: Sequence[int]) -> float:
    """Points that show all of a row: programs differ in whether they work that out themselves."""
    tallest = 1
    for (text, _), width in zip(row, widths, strict=True):
        if len(text) >= width or "\n" in text:
            tallest = max(tallest, sum(len(line) // width + 1 for line in text.split("\n")))
    return min(_LINE * tallest, _TALLEST)


def write_book(
    stream: IO[bytes], sheets: Iterable[tuple[str, Iterable[bytes]]], styles: str
) -> None:
    """A workbook of such sheets, by name; `styles` is the XML of their formats."""
    names = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for number, (name, pieces) in enumerate(sheets, 1):
            names.append(name)
            with out.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                for piece in pieces:
                    part.write(piece)
        for part_name, content in _frame(names):
            out.writestr(part_name, _HEAD + content)
        out.writestr("xl/styles.xml", _HEAD + styles)


def _frame(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The parts around the sheets."""
    numbers = range(1, len(names) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPES}.{kind}+xml"/>'
        for part, kind in (
            ("workbook", "sheet.main"),
            ("styles", "styles"),
            *((f"worksheets/sheet{number}", "worksheet") for number in numbers),
        )
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    yield (
        "[Content_Types].xml",
        (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="{rels}"/>{overrides}</Types>'
        ),
    )
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
    yield "xl/_rels/workbook.xml.rels", _relations([*targets, ("styles", "styles.xml")])
    tabs = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    yield (
        "xl/workbook.xml",
        f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{tabs}</sheets></workbook>',
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
