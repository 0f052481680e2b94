"""Sheets of a workbook that are not read are told, with how many rows stand there.

Rows like those of a table that was read, under no headings of the form, are data that would be
lost: an error. Anything else (notes, lists, calculations) may well stand in the same workbook.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from iocsl.catalog.template_book import HELP, LISTS
from iocsl.domain import Words
from iocsl.patterns import regex
from iocsl.text import fold, squeeze
from iocsl.validate.context import Context
from iocsl.validate.heading_rows import is_words
from iocsl.validate.hits import Hit
from iocsl.validate.labels import is_label_sheet
from iocsl.validate.other_rows import is_blank, is_figure, total_text
from iocsl.validate.readers.base import Cell, Chunk, Row, Sheet, shown
from iocsl.validate.registry import Fault, own
from iocsl.validate.rules.structure import HIDDEN_SHEET, LOST_RECORDS, SHEET_NOT_READ
from iocsl.validate.shifted import FARTHEST, Fits, fits_of, tidy
from iocsl.validate.table import NUMBERS, Table

LOOKED_AT = 200
"""Rows of a sheet, and of a table, that are looked at."""
FEWEST_COLUMNS, MOST_COLUMNS = 3, 40
"""Columns that a table must have for rows to be like its own; columns that are looked at."""
FEWEST_TELLING = 2
FEWEST_ROWS, FEWEST_FIGURES = 2, 3
"""Rows that are several; where nothing but figures tells, one more."""
FITTING = 0.75
BESIDE = 2
"""Cells that a row may have more than the table has columns: its number, a note."""

_TEMPLATE = frozenset(map(fold, (HELP, LISTS)))
_OURS = frozenset(map(fold, (HELP, LISTS, "Readme", "Doc_truoc", "Danh_sach_loi")))
"""Sheets of templates, and of the annotated copies that reports make."""
_LETTERS, _DIGITS = regex(r"[^\W\d_]+"), regex("[0-9]+")
_WHICH = {False: Words("Trang", "The sheet"), True: Words("Trang ẩn", "The hidden sheet")}


class _Column(NamedTuple):
    """A column of a table that was read: its index there, and what its cells are like."""

    at: int
    fits: Fits
    figures: bool = False
    telling: bool = True
    """Whether a cell can be told to be a value of it; words are in any table."""


class _Seen(NamedTuple):
    """A sheet that is not read: how many rows have something, and the first of these."""

    sheet: Sheet
    rows: int
    first: list[Row]


def unread_sheets(
    sheets: Iterable[Sheet], tables: Sequence[Table], context: Context
) -> Iterator[Hit]:
    """What is told of the sheets without headings of the form, next to the tables of the file."""
    sheets = list(sheets)
    # Lists of codes that are chosen from are like records; a template has both of its sheets.
    of_template = _TEMPLATE if {_name(each) for each in sheets} >= _TEMPLATE else frozenset()
    for sheet in sheets:
        seen = _seen(sheet)
        if not seen.rows or is_label_sheet(sheet) or _name(sheet) in of_template:
            continue
        lost = any(_like(seen, table, tables, context) for table in tables)
        if lost and sheet.hidden:
            yield hidden_sheet(sheet, seen.rows)
        elif lost or not _is_ours(sheet):
            fault = Fault(which=_WHICH[sheet.hidden], sheet=sheet.name, rows=own(seen.rows))
            rule = LOST_RECORDS if lost else SHEET_NOT_READ
            yield Hit(rule, fault, sheet.name, count=seen.rows if lost else 1)


def hidden_sheet(sheet: Sheet, rows: int | None = None) -> Hit:
    """A hidden sheet with a table of the form, and how many rows stand there."""
    many = _seen(sheet).rows if rows is None else rows
    return Hit(HIDDEN_SHEET, Fault(sheet=sheet.name, rows=own(many)), sheet.name)


def _is_ours(sheet: Sheet) -> bool:
    """Whether a template of ours, or what was made of one, has a sheet of that name."""
    return _name(sheet) in _OURS


def _name(sheet: Sheet) -> str:
    return fold(sheet.name or "")


def _seen(sheet: Sheet) -> _Seen:
    rows = 0
    first: list[Row] = []
    for chunk in sheet.chunks():
        if chunk.blank:
            continue
        held = [at for at in range(len(chunk.columns)) if _holds_any(chunk, at)]
        if not held:
            continue
        narrow = Chunk([chunk.columns[at] for at in held], chunk.first)
        rows += len(narrow) - len(narrow.blank_rows())
        if len(first) < LOOKED_AT:
            first += [row for row in chunk.rows() if not is_blank(row)][: LOOKED_AT - len(first)]
    return _Seen(sheet, rows, first)


def _holds_any(chunk: Chunk, at: int) -> bool:
    return any(not isinstance(cell, str) or cell.strip() for cell in chunk.distinct(at))


def _like(seen: _Seen, table: Table, tables: Sequence[Table], context: Context) -> bool:
    """Whether the rows of a sheet are further records of a table, which stand in none."""
    columns = _columns(table, context)
    if len(columns) < FEWEST_COLUMNS:
        return False
    moved = table.sheet.column_offset - seen.sheet.column_offset
    places = {moved, *range(-FARTHEST, FARTHEST + 1)}
    records = {by: found for by in places if (found := _records(seen.first, columns, by))}
    known = (
        _known(found, by, _named(table, columns, found, by), tables, context)
        for by, found in records.items()
    )
    return bool(records) and not any(known)


def _named(
    table: Table, columns: Sequence[_Column], records: Sequence[Row], by: int
) -> dict[str, int]:
    """The columns of a table by key that some records have too, moved by that many columns."""
    fitting = {each.at for each in columns if _fit_most(records, each, by)}
    return {name: at for name, at in table.layout.columns.items() if at in fitting}


def _columns(table: Table, context: Context) -> list[_Column]:
    """The columns that most rows of a table have filled."""
    layout = table.layout
    rows = [
        [tidy(cell) for cell in row]
        for row in table.sheet.head(layout.last_row + LOOKED_AT)[layout.last_row :]
        if not is_blank(row) and not total_text(row)
    ]
    found = []
    for name, at in list(layout.columns.items())[:MOST_COLUMNS]:
        cells = [row[at] for row in rows if at < len(row) and row[at] != ""]
        if 2 * len(cells) < len(rows) or not cells:
            continue
        field = context.schema.by_name[name]
        fits = fits_of(field, context)
        if fits is not None:
            found.append(_Column(at, fits, figures=field.type in NUMBERS))
            continue
        shape, many = Counter(map(_shape, cells)).most_common(1)[0]
        if shape is not None and many >= FITTING * len(cells):
            found.append(_Column(at, _of_shape(shape)))
        else:
            found.append(_Column(at, lambda cell: not is_figure(cell), telling=False))
    return found


def _shape(cell: Cell) -> str | None:
    """What codes of one kind look like ("DA001": "A9"); None of words and of plain figures."""
    if not isinstance(cell, str) or " " in cell:
        return None
    shape = _DIGITS.sub("9", _LETTERS.sub("A", cell))
    return shape if "9" in shape and "A" in shape else None


def _of_shape(shape: str) -> Fits:
    return lambda cell: _shape(cell) == shape


def _records(rows: Sequence[Row], columns: Sequence[_Column], by: int) -> list[Row]:
    """The rows that are like those of a table, moved by that many columns; [] where few are."""
    wide = [(at, row) for at, row in enumerate(rows) if 2 * _filled(row) >= len(columns)]
    records = [(at, row) for at, row in wide if _fits(row, columns, by)]
    if 2 * len(records) < len(wide):
        return []
    strong = [each for each in columns if each.telling and not each.figures]
    found = [row for _, row in records]
    if len(found) < (FEWEST_ROWS if strong else FEWEST_FIGURES):
        return []
    if strong and not any(_fit_most(found, each, by) for each in strong):
        return []
    # Figures beside names are in any summary; that one has headings of its own.
    headed = any(at < records[0][0] and is_words(row) for at, row in wide)
    return [] if headed and not strong else found


def _fits(row: Row, columns: Sequence[_Column], by: int) -> bool:
    filled = [(each, cell) for each in columns if (cell := _cell(row, each.at + by)) != ""]
    if 2 * len(filled) < len(columns) or _filled(row) > len(columns) + BESIDE or total_text(row):
        return False
    fitting = [each for each, cell in filled if each.fits(cell)]
    telling = sum(1 for each, _ in filled if each.telling)
    fit = sum(1 for each in fitting if each.telling)
    return (
        telling >= FEWEST_TELLING
        and fit >= FITTING * telling
        and len(fitting) >= FITTING * len(filled)
    )


def _fit_most(rows: Sequence[Row], column: _Column, by: int) -> bool:
    return sum(column.fits(_cell(row, column.at + by)) for row in rows) >= FITTING * len(rows)


def _filled(row: Row) -> int:
    return sum(1 for cell in row if shown(cell).strip())


def _cell(row: Row, at: int) -> Cell:
    return tidy(row[at]) if 0 <= at < len(row) else ""


def _known(
    records: Sequence[Row],
    by: int,
    named: Mapping[str, int],
    tables: Sequence[Table],
    context: Context,
) -> bool:
    """Whether half of some records are in a table by their keys: a copy of it, and nothing lost.

    `named` are the columns that they fill in, by key.
    """
    schema = context.schema
    required = [each.name for each in schema.fields if each.required and each.type not in NUMBERS]
    keys = [name for name in schema.primary_key or required if name in named]
    if not keys:
        return False
    wanted = {tuple(_key(_cell(row, named[name] + by)) for name in keys) for row in records}
    missing = set(wanted)
    for each in tables:
        places = [each.layout.columns[name] for name in keys if name in each.layout.columns]
        if len(places) != len(keys):
            continue
        for chunk in each.sheet.chunks():
            if max(places) < len(chunk.columns):
                cells = zip(*(map(_key, chunk.columns[at]) for at in places), strict=True)
                missing.difference_update(cells)
    return 2 * len(missing) <= len(wanted)


def _key(cell: Cell) -> str:
    return squeeze(shown(cell)).casefold()
