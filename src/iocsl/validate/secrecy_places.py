"""Marks of secrecy where no rule over cells looks: beside the data, and outside of all cells.

Above and below a table, in its totals and names of groups, in columns that the form does not know,
on sheets without a table, in the file's name and its own words about itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl.domain import Regime, Words
from iocsl.validate.hits import Hit, Hits
from iocsl.validate.many_texts import ManyTexts
from iocsl.validate.readers.base import (
    Cell,
    Chunk,
    Place,
    Row,
    Sheet,
    Source,
    column_letters,
)
from iocsl.validate.rules.secrecy import mark_fault, perhaps_marked, secrecy_mark
from iocsl.validate.secrecy_marks import mark_in_name

if TYPE_CHECKING:
    pass

_SHEET_NAME = Words("tên trang", "the name of a sheet")
_FILE_NAME = Words("tên tệp", "the file's name")
_HEAD = Words("phần đầu của tệp", "the head of the file")


class MarksAside:
    """Looks at what stands under or beside the headings of a sheet and is none of the data."""

    def __init__(self, sheet: Sheet, hits: Hits, regime: Regime | None) -> None:
        self._sheet, self._hits, self._regime = sheet, hits, regime

    def columns(self, chunk: Chunk, known: Collection[int] = ()) -> None:
        """All columns of some rows but those that are `known`, of which the rules are asked."""
        if chunk.screened is None and not chunk.blank:
            wanted = (at for at in range(len(chunk.columns)) if at not in known)
            self._hits.extend(_among(self._sheet, chunk, wanted, self._regime))

    def row(self, chunk: Chunk, row: int, columns: Mapping[int, int]) -> None:
        """One row by position. `columns` are those of the chunk, and where each is on the sheet.

        The others have been looked at.
        """
        for at, across in columns.items():
            cell = chunk.columns[at][row]
            if mark := secrecy_mark(cell, self._regime):
                self._hits.put(_hit(self._sheet, _place(chunk, row), across, cell, mark))


def holds_mark(chunk: Chunk, known: Collection[int], regime: Regime | None) -> bool:
    """Whether any column of some rows, but those that are `known`, bears a mark."""
    others = (at for at in range(len(chunk.columns)) if at not in known)
    return any(_marks(chunk, at, regime) for at in others)


def marks_on(
    sheet: Sheet, regime: Regime | None, above: Sequence[Row] | None = None
) -> Iterator[Hit]:
    """In a sheet's name, in its page headers, and all over it.

    With the rows `above` a table and its headings, among these alone.
    """
    if sheet.name is not None and (mark := mark_in_name(sheet.name)):
        yield Hit(*mark_fault(mark, _SHEET_NAME), sheet.name)
    yield from _printed(sheet)
    if above is not None and not any(secrecy_mark(cell, regime) for row in above for cell in row):
        return
    for chunk in sheet.chunks():
        part = chunk if above is None else chunk.part(0, max(len(above) - chunk.first + 1, 0))
        if not len(part):
            return
        yield from _among(sheet, part, range(len(part.columns)), regime)


def marks_outside(path: Path, source: Source) -> Iterator[Hit]:
    """In the file's name, in what an XML file says of itself, around the sheets of a workbook."""
    if mark := mark_in_name(path.stem):
        yield Hit(*mark_fault(mark, _FILE_NAME))
    for value in source.labels.values():
        if mark := mark_in_name(value):
            yield Hit(*mark_fault(mark, _HEAD), value=value)
    if source.format == "xlsx":
        from iocsl.validate.office_marks import marks_of_office_file

        for place, mark in marks_of_office_file(path, worksheets=False):
            yield Hit(*mark_fault(mark, place))


def _printed(sheet: Sheet) -> Iterator[Hit]:
    headers = getattr(getattr(sheet, "seen", None), "printed", ())
    if headers:
        from iocsl.validate.office_marks import HEADER, header_mark

        if mark := header_mark(headers):
            yield Hit(*mark_fault(mark, HEADER), sheet.name)


def _among(
    sheet: Sheet, chunk: Chunk, columns: Iterable[int], regime: Regime | None
) -> Iterator[Hit]:
    for at in columns:
        marks = _marks(chunk, at, regime)
        if marks:
            for row, cell in enumerate(chunk.columns[at]):
                if isinstance(cell, str) and cell in marks:
                    yield _hit(sheet, _place(chunk, row), at, cell, marks[cell])


def _marks(chunk: Chunk, at: int, regime: Regime | None) -> dict[str, str]:
    """The different texts of a column that bear a mark, each with it."""
    texts = [cell for cell in chunk.distinct(at) if isinstance(cell, str) and not cell.isascii()]
    if not texts:
        return {}
    found = {texts[each] for each in perhaps_marked(ManyTexts.of(texts), regime)}
    return {text: mark for text in found if (mark := secrecy_mark(text, regime))}


def _place(chunk: Chunk, row: int) -> Place:
    return Place(chunk.first + row, chunk.lines[row] if chunk.lines is not None else None)


def _hit(sheet: Sheet, place: Place, at: int, cell: Cell, mark: str) -> Hit:
    address = f"{column_letters(at + sheet.column_offset)}{place.row}"
    info, fault = mark_fault(mark)
    return Hit(info, fault, sheet.name, place, value=cell, cell=address)
