"""The rows of data of one table: headings, blank rows, totals and signatures told from them."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import compress
from typing import NamedTuple

from iocsl.catalog.schema import TableSchema
from iocsl.domain import Severity
from iocsl.validate.breaking_off import MOST_ASIDE, MOST_BLANK, IdleRows
from iocsl.validate.context import Context
from iocsl.validate.gaps import Gaps
from iocsl.validate.groups import Groups
from iocsl.validate.headings import Layout
from iocsl.validate.hits import MASK, Hit, Hits
from iocsl.validate.merged_cells import MergedCells
from iocsl.validate.other_rows import (
    TOTAL_SPELLINGS,
    end_of_table,
    group_text,
    group_total_text,
    has_figures,
    is_blank,
    total_text,
)
from iocsl.validate.personal import Column, kind_of
from iocsl.validate.readers.base import (
    Batch,
    Cell,
    Chunk,
    Place,
    Row,
    Sheet,
    filled,
    picked,
    shown,
)
from iocsl.validate.registry import (
    Fault,
    Role,
    RuleInfo,
)
from iocsl.validate.rules.nil import NIL_RETURN, nil_text
from iocsl.validate.rules.structure import BEYOND_TABLE, GROUP_ROW, LONG_ROW, TOTAL_ROW
from iocsl.validate.secrecy_places import MarksAside
from iocsl.validate.sections import parts_of
from iocsl.validate.shifted import Beside
from iocsl.validate.signatures import end_of_data
from iocsl.validate.understood import Understood

TAIL = 64
"""Rows at the end of a table among which signatures are looked for."""
NUMBERS = frozenset({"number", "integer"})
_BLANK = frozenset({"", " "})
_TELLING = _BLANK | TOTAL_SPELLINGS
"""Cells of key columns by which a row may be something else than data."""
MANY, WIDE = 50, 3
"""Rows of a chunk from which its cells are read together; cells of a row that is no name."""
MOST_TOTALS = 1_000
"""Total rows of a table that are kept to be held against the rows they add up."""


class TotalRow(NamedTuple):
    """A row that sums others: its place, its text, its cells by column key."""

    place: Place
    text: str
    cells: Mapping[str, Cell]


class Left(NamedTuple):
    """The last row of a table whose check ends there, and why in words."""

    row: int
    why: str


@dataclass(slots=True)
class Table:
    """What one table gave: all that stands on a sheet under headings of one structure."""

    sheet: Sheet
    layout: Layout
    hits: Hits = field(default_factory=Hits)
    parts: list[Layout] = field(default_factory=list)
    """The layout of each part with headings of its own; the first is `layout`."""
    rows: int = 0
    last_row: int = 0
    """The last row of data."""
    understood: tuple[Understood, ...] = ()
    marks: MarksAside | None = None
    """Looks at what stands on the sheet and is no data."""
    beside: Beside | None = None
    """Finds rows that stand beside their headings, where such rows are left out and told."""
    totals: list[TotalRow] = field(default_factory=list)
    groups: Groups | None = None
    """Tells names of groups that bear no mark from rows of data."""
    blank: Sequence[int] = ()
    aside: Sequence[int] = ()
    """Numbers of the rows of the last chunk that are blank, and of the others that are no data."""
    long: dict[tuple[int, int], Fault] = field(default_factory=dict)
    """By the cells of a row and the columns of its headings, what is said of longer rows."""
    left: Left | None = None
    """Set where the check ends before the table does."""
    figures: frozenset[str] = frozenset()
    """The columns of numbers."""
    personal: Sequence[str] = ()
    """The personal columns: what stands in them is not quoted."""

    def __post_init__(self) -> None:
        self.parts.append(self.layout)

    def leave(self, row: int, why: str) -> None:
        """End the check at a row; what was met below it already is forgotten."""
        self.left = Left(row, why)
        self.parts = [each for each in self.parts if each.first_row <= row]
        if self.beside is not None:
            self.beside.leave(row)

    @property
    def cells(self) -> int:
        return self.rows * len(self.layout.columns)


def data_batches(
    table: Table, context: Context, chunks: Iterable[Chunk] | None = None
) -> Iterator[Batch]:
    """The rows of data as columns: headings, blank rows, totals and signatures left out.

    `chunks` are the rows of the sheet, where it is not to be read here.
    """
    keys = telling_columns(table.layout, context.schema)
    fields = [context.schema.by_name[name] for name in table.layout.columns]
    required = [each.name for each in fields if each.required]
    wanted = [table.layout.columns[name] for name in required or keys]
    table.groups = Groups(table.sheet, table.layout, context)
    table.figures = frozenset(each.name for each in fields if each.type in NUMBERS)
    table.personal = [each.name for each in fields if each.personal]
    idle = IdleRows(MOST_BLANK, blank=True), IdleRows(MOST_ASIDE, blank=False)
    rows = 0
    for chunk in _below(table, chunks, wanted, context.schema):
        batch = data_of(chunk, table, keys)
        if chunk.screened is None:
            batch = _left_at(batch, table, idle, rows)
        rows += len(batch)
        if len(batch):
            yield batch
        if table.left is not None:
            return


def _left_at(batch: Batch, table: Table, idle: Sequence[IdleRows], rows: int) -> Batch:
    """A batch up to the row at which there are too many that are no data, if there are.

    `rows` are the rows of data above it.
    """
    met = (table.blank, table.aside)
    for each, numbers in zip(idle, met, strict=True):
        row = each.left_at(numbers, lambda row: rows + bisect_right(batch.rows, row))
        if row is not None and (table.left is None or row < table.left.row):
            table.leave(row, each.said())
    return batch if table.left is None else batch.part(0, bisect_right(batch.rows, table.left.row))


def telling_columns(layout: Layout, schema: TableSchema) -> list[str]:
    """The columns that tell data from totals: codes, names and dates; a figure makes no row."""
    fields = [schema.by_name[name] for name in layout.columns]
    required = [each.name for each in fields if each.required]
    keys = [each.name for each in fields if each.required and each.type not in NUMBERS]
    return keys or required or [fields[0].name]


def _below(
    table: Table, chunks: Iterable[Chunk] | None, wanted: Sequence[int], schema: TableSchema
) -> Iterator[Chunk]:
    """Chunks below the headings; the last rows are cut where the signatures begin."""
    held: deque[Chunk] = deque()
    merged, gaps = MergedCells(table.sheet, schema), Gaps(wanted[0])
    between = table.marks.columns if table.marks is not None else None
    for layout, chunk in parts_of(table.sheet, table.layout, schema, chunks, between):
        if layout is not table.parts[-1]:
            table.parts.append(layout)
            table.hits.part(table.sheet, layout)
            held.extend(gaps.rest())
            if held:
                last, end = _above_signatures(held, table, wanted)
                _look_aside(table, last, range(end, len(last)))
                yield last.part(0, end)
                held.clear()
        for part in gaps.parts(_fitted(merged.spread(chunk, layout), table, layout)):
            if part is None:
                yield from _ended(held, table, wanted)
                held.clear()
                continue
            held.append(part)
            while sum(map(len, held)) - len(held[0]) >= TAIL:
                yield _without_names_at_end(held, table.groups)
    held.extend(gaps.rest())
    yield from _ended(held, table, wanted)
    merged.tell(table.hits, table.last_row)


def _ended(held: Iterable[Chunk], table: Table, wanted: Sequence[int]) -> Iterator[Chunk]:
    """The last rows of a table without notes and signatures; what stands below them is told."""
    chunks = list(held)
    if chunks:
        last, end = _above_signatures(chunks, table, wanted)
        end = _end_told(last, last.part(0, end).rows(), table, wanted)
        if table.long:
            below = range(last.first + end, last.first + len(last))
            table.hits.forget(LONG_ROW.code, table.sheet.name, None, below)
        _look_aside(table, last, range(end, len(last)))
        yield last.part(0, end)


def _above_signatures(
    held: Iterable[Chunk], table: Table, wanted: Sequence[int]
) -> tuple[Chunk, int]:
    """The last rows of a table in one chunk, and how many of them its signatures leave."""
    last = reduce(Chunk.joined, held)
    figures = {at for name, at in table.layout.columns.items() if name in table.figures}
    return last, end_of_data(last.rows(), wanted, figures)


def _end_told(last: Chunk, rows: Sequence[Row], table: Table, wanted: Sequence[int]) -> int:
    """How many of the last rows belong to the table; what stands below them is told."""
    start = max(len(rows) - TAIL, 0)
    end = start + end_of_table(rows[start:], wanted)
    below = [row for row in rows[end:] if not is_blank(row)]
    if below:
        first = next(at for at, row in enumerate(rows[end:], end) if not is_blank(row))
        text = next(text for cell in rows[first] if (text := shown(cell).strip()))
        severity = None if has_figures(below) else Severity.INFO
        number = last.first + first
        text = _quoted(last, table, first, text)
        fault = Fault(severity=severity, row=number, rows=len(below), text=text)
        line = last.lines[first] if last.lines is not None else None
        hit = Hit(BEYOND_TABLE, fault, table.sheet.name, Place(number, line), count=len(below))
        table.hits.put(hit)
    return end


def _without_names_at_end(held: deque[Chunk], groups: Groups | None) -> Chunk:
    """The first chunk, but for names at its end: they go with the rows that they may head."""
    first = held.popleft()
    names = groups.names_at_end(first) if groups is not None else 0
    if not names:
        return first
    held[0] = first.part(len(first) - names).joined(held[0].unscreened())
    return first.part(0, len(first) - names)


def _fitted(chunk: Chunk, table: Table, layout: Layout) -> Chunk:
    """A chunk as wide as the headings; rows with something beyond them are told."""
    width = layout.width
    if table.marks is not None:
        known = (at for key, at in layout.columns.items() if key in table.layout.columns)
        table.marks.columns(chunk, frozenset(known))
    if len(chunk.columns) == width:
        return _placed(chunk, table, layout)
    last: dict[int, int] = {}
    for number, cells in enumerate(chunk.columns[width:] if table.sheet.ragged else (), width + 1):
        last.update(dict.fromkeys(filled(cells), number))
    for at in sorted(last):
        place = Place(chunk.first + at, chunk.lines[at] if chunk.lines is not None else None)
        told = last[at], width
        if told not in table.long:
            table.long[told] = Fault(cells=last[at], columns=width, shared=True)
        table.hits.put(Hit(LONG_ROW, table.long[told], table.sheet.name, place))
    return _placed(chunk.fitted(width), table, layout)


def _placed(chunk: Chunk, table: Table, layout: Layout) -> Chunk:
    """The columns of a later part where the first part has them; what it has besides follows."""
    if layout.columns == table.layout.columns:
        return chunk
    columns: list[Sequence[Cell]] = [chunk.empty()] * table.layout.width
    for key, at in table.layout.columns.items():
        if key in layout.columns:
            columns[at] = chunk.columns[layout.columns[key]]
    taken = set(layout.columns.values())
    rest = [cells for at, cells in enumerate(chunk.columns) if at not in taken]
    return Chunk([*columns, *rest], chunk.first, chunk.lines, blank=chunk.blank)


def data_of(chunk: Chunk, table: Table, keys: Sequence[str]) -> Batch:
    """The rows of data of a chunk as wide as the headings; what is none is told or left out."""
    columns = {name: chunk.columns[at] for name, at in table.layout.columns.items()}
    numbers = range(chunk.first, chunk.first + len(chunk))
    if chunk.screened is not None:
        return Batch(columns, numbers, chunk.lines, dict(chunk.screened.distinct), chunk.screened)
    if chunk.blank:
        table.blank, table.aside = numbers, ()
        return Batch({}, (), None)
    batch = Batch(columns, numbers, chunk.lines)
    # Only a row that lacks a key, or has a total in its place, can be no data, so most are never
    # looked at.
    asked = [*keys, *(table.groups.told_by(keys) if table.groups is not None else ())]
    told = [batch.raw_texts(key, _TELLING) for key in asked]
    telling = {
        at
        for key, texts in zip(asked, told, strict=True)
        if batch.holds(key, texts, once=key in table.figures)
        for at in compress(range(len(batch)), map(texts.__contains__, batch.raw(key)))
    }
    if table.groups is not None:
        telling |= table.groups.merged(chunk) | table.groups.marked(chunk, batch)
        telling |= table.groups.said_in(batch, keys)
    empty = chunk.blank_rows() if telling else []
    blank = set(empty)
    aside = _no_data(chunk, table, sorted(telling - blank), keys)
    table.blank = [numbers[at] for at in empty]
    table.aside = [numbers[at] for at in sorted(aside)]
    dropped = blank | aside
    if table.beside is not None:
        dropped |= table.beside.rows(chunk, batch, blank)
    _look_aside(table, chunk, dropped - blank)
    if not dropped:
        return batch
    kept = [at not in dropped for at in range(len(chunk))]
    return Batch(
        {name: picked(cells, kept) for name, cells in columns.items()},
        list(compress(batch.rows, kept)),
        list(compress(chunk.lines, kept)) if chunk.lines is not None else None,
    )


def _look_aside(table: Table, chunk: Chunk, rows: Iterable[int]) -> None:
    """Look at rows of a chunk as wide as the headings that are no data."""
    if table.marks is None:
        return
    for at in sorted(rows):
        parts = (each for each in reversed(table.parts) if each.first_row <= chunk.first + at)
        on_sheet = next(parts, table.layout).columns
        columns = table.layout.columns.items()
        table.marks.row(chunk, at, {at: on_sheet[key] for key, at in columns if key in on_sheet})


def _is_number_alone(row: Sequence[Cell]) -> bool:
    """Whether a row holds its number ("STT") and nothing else, as printed forms have them."""
    texts = [text for cell in row if (text := shown(cell).strip())]
    return len(texts) == 1 and texts[0].rstrip(".").isdigit()


def _no_data(chunk: Chunk, table: Table, telling: Sequence[int], keys: Sequence[str]) -> set[int]:
    """Positions of blank rows, totals and names of groups, where a key column tells of them."""
    dropped = set()
    columns = list(chunk.columns) if len(telling) < MANY else [list(each) for each in chunk.columns]
    # "Chung" without a code may be an index that lost it, and then is data that lacks its key.
    lone = Role.INDICATOR_CODE not in table.layout.columns
    for at in telling:
        row = [cells[at] for cells in columns]
        # Nil returns and names of groups hold fewer cells.
        wide = sum(1 for cell in row if shown(cell).strip()) > WIDE
        cells = [row[table.layout.columns[key]] for key in keys]
        if _BLANK.isdisjoint(cells) and not all(
            cell in TOTAL_SPELLINGS for cell in cells if isinstance(cell, str)
        ):
            # a row with another text in its key is data, unless the words say otherwise
            if found := _in_words(chunk, table, at, cells[0], None if wide else row):
                dropped.add(at)
                _take(chunk, table, at, *found)
            continue
        named = [row[column] for column in table.layout.columns.values()]
        outside = is_blank(named)
        if is_blank(row) or (outside and _is_number_alone(row)):
            dropped.add(at)
            continue
        nil, total = None if wide else nil_text(row), total_text(row, lone=lone)
        if lone and not total and row[table.layout.columns[keys[0]]] in _BLANK:
            total = group_total_text(row)
        group = None
        if not (nil or total or wide):
            group = group_text(row, outside=outside) or _group(chunk, table, at)
        if said := nil or total or group:
            dropped.add(at)
            rule = NIL_RETURN if nil else TOTAL_ROW if total else GROUP_ROW
            _take(chunk, table, at, rule, said)
    return dropped


def _in_words(
    chunk: Chunk, table: Table, at: int, key: Cell, row: Row | None
) -> tuple[RuleInfo, str] | None:
    """What a row is that fills its key, where the words in it say that it is no data.

    `row` is given where it is not too wide for a name.
    """
    if row is not None and (nil := nil_text(row)):
        return NIL_RETURN, nil
    if row is not None and (group := _group(chunk, table, at)):
        return GROUP_ROW, group
    total = table.groups.total(key) if table.groups is not None else None
    return (TOTAL_ROW, total) if total else None


def _take(chunk: Chunk, table: Table, at: int, rule: RuleInfo, said: str) -> None:
    """Tell what a row is that is no data, and keep what later rows are held against."""
    if rule is GROUP_ROW and table.groups is not None:
        table.groups.note(said)
    said = _quoted(chunk, table, at, said)
    place = _put(chunk, table, at, rule, said)
    if rule is TOTAL_ROW and len(table.totals) < MOST_TOTALS:
        by_key = {name: chunk.columns[of][at] for name, of in table.layout.columns.items()}
        table.totals.append(TotalRow(place, said, by_key))


def _group(chunk: Chunk, table: Table, at: int) -> str | None:
    return table.groups.name(chunk, at) if table.groups is not None else None


def _quoted(chunk: Chunk, table: Table, at: int, text: str) -> str:
    """The text of a row that is no data.

    Masked where a personal column of it holds something, or where it is itself somebody's number.
    """
    if text in TOTAL_SPELLINGS:
        return text
    if kind_of(text, Column()):
        return MASK
    cells = (chunk.columns[table.layout.columns[name]][at] for name in table.personal)
    return MASK if any(shown(cell).strip() for cell in cells) else text


def _put(chunk: Chunk, table: Table, at: int, rule: RuleInfo, text: str) -> Place:
    """Tell what a row is that is no data; the place of that row."""
    place = Place(chunk.first + at, chunk.lines[at] if chunk.lines is not None else None)
    table.hits.put(Hit(rule, Fault(text=text), table.sheet.name, place))
    return place
