"""What every reader hands over, and what it says when it cannot."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import compress, zip_longest
from typing import Any, NamedTuple, Protocol

from iocsl.validate.readers.texts import Spelling, Texts
from iocsl.validate.registry import Fault, RuleInfo

MOST_DISTINCT = 1_024
"""Distinct cells of a column that are told of many rows."""
BATCH = 1024
"""Rows handed over at once: what stays in the processor's cache costs half of what does not."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that shows an error (`#N/A`), or a formula whose value was never worked out (None)."""

    shown: str | None

    def __str__(self) -> str:
        return self.shown or ""


ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"}
    | {f"Err:{number}" for number in range(501, 541)}
)
"""What spreadsheet programs write into a text file for a cell that shows an error."""

Cell = str | float | int | bool | date | datetime | time | timedelta | Broken
"""One cell as the file has it. An empty cell is `""`; every number of a workbook is a float."""
Row = Sequence[Cell]


@dataclass(slots=True)
class SheetMarks:
    """What was seen of a worksheet besides its cells. Rows and columns count from 0."""

    broken: dict[tuple[int, int], Broken] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[int] = field(default_factory=list)
    percents: dict[int, dict[int, float]] = field(default_factory=dict)
    """By column and row, the figures that are shown as percentages."""
    _ordered: list[tuple[int, int]] | None = field(default=None, repr=False)

    def put(self, columns: list[list[Cell]], first: int, offset: int) -> None:
        """Put error cells and formulas without a value where the reader left an empty cell.

        `first` is the number (from 1) of the first row of `columns`, `offset` the columns left
        out. Columns are added as far as such cells reach.
        """
        rows = len(columns[0]) if columns else 0
        if not self.broken or not rows:
            return
        if self._ordered is None:
            self._ordered = sorted(self.broken)
        start = bisect_left(self._ordered, (first - 1, 0))
        end = bisect_left(self._ordered, (first - 1 + rows, 0))
        for row, column in self._ordered[start:end]:
            at = column - offset
            columns.extend([""] * rows for _ in range(len(columns), at + 1))
            if at >= 0 and columns[at][row - first + 1] == "":
                columns[at][row - first + 1] = self.broken[row, column]


class Place(NamedTuple):
    """Where a row is: the number a person sees, and the physical line where there are lines."""

    row: int
    line: int | None


@dataclass(frozen=True, slots=True)
class Screened:
    """What another process found in a chunk: plain rows of data, and where a rule has its say.

    A position comes with what the reader holds there, so that nobody has to read the rest.
    """

    cells: Mapping[str, Sequence[tuple[int, Any]]]
    """By column, the cells of which some rule says something."""
    rows: Sequence[Sequence[tuple[int, tuple[Any, ...]]]]
    """By group of row rules, the combinations of which some rule says something."""
    fresh: Mapping[str, Sequence[str]]
    """By column of numbers, texts that may be written as none before."""
    distinct: Mapping[str, set[Any]]
    """The distinct cells of columns that have few."""

    def followed_by(self, below: Screened, rows: int) -> Screened:
        """What was found in these `rows`, of which nothing is asked any more, and those below."""
        names = {*self.cells, *below.cells}
        cells = {
            name: [*self.cells.get(name, ()), *_moved(below.cells.get(name, ()), rows)]
            for name in names
        }
        groups = zip(self.rows, below.rows, strict=True)
        combined = [[*above, *_moved(under, rows)] for above, under in groups]
        fresh = {
            name: [*self.fresh.get(name, ()), *below.fresh.get(name, ())]
            for name in {*self.fresh, *below.fresh}
        }
        distinct = {}
        for name in self.distinct.keys() & below.distinct.keys():
            self.distinct[name].update(below.distinct[name])  # a union anew would cost a copy each
            if len(self.distinct[name]) <= MOST_DISTINCT:
                distinct[name] = self.distinct[name]
        return Screened(cells, combined, fresh, distinct)


def _moved(places: Sequence[tuple[int, Any]], by: int) -> Iterator[tuple[int, Any]]:
    return ((at + by, cell) for at, cell in places)


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows of data as columns by key, all equally long."""

    columns: Mapping[str, Sequence[Cell]]
    rows: Sequence[int]
    """The number a person sees of each row."""
    lines: Sequence[int] | None
    _distinct: dict[str, set[Any]] = field(default_factory=dict)
    screened: Screened | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def raw(self, name: str) -> Sequence[Any]:
        """The cells of a column as their reader holds them: the same for the same cell."""
        return raw_cells(self.columns[name])

    def raw_distinct(self, name: str) -> set[Any]:
        """The distinct cells of a column as their reader holds them. True and 1.0 are one here."""
        found = self._distinct.get(name)
        if found is None:
            found = self._distinct[name] = _distinct(self.raw(name))
        return found

    def holds(self, name: str, cells: frozenset[Any], *, once: bool) -> bool:
        """Whether a column has one of some cells, as its reader holds them.

        `once`: nobody else will ask for the distinct cells of that column.
        """
        return not cells.isdisjoint(self.raw(name) if once else self.raw_distinct(name))

    def raw_of(self, name: str, text: str) -> Any:
        """How the reader holds a cell with that text in a column."""
        cells = self.columns[name]
        return cells.spelling.raw(text) if isinstance(cells, Texts) else text

    def raw_texts(self, name: str, texts: frozenset[str]) -> frozenset[Any]:
        """`raw_of` for several texts."""
        spelling = self.spelling(name)
        return texts if spelling is None else spelling.raw_texts(texts)

    def spelling(self, name: str) -> Spelling | None:
        """How the cells of a column of a text file are written."""
        cells = self.columns[name]
        return cells.spelling if isinstance(cells, Texts) else None

    def distinct(self, name: str) -> set[Cell]:
        """The distinct cells of a column. True and 1.0 are one cell here, as everywhere in sets."""
        cells = self.columns[name]
        raw = self.raw_distinct(name)
        return set(cells.spelling.texts(list(raw))) if isinstance(cells, Texts) else raw

    def combined(self, names: Sequence[str]) -> set[tuple[Any, ...]]:
        """The distinct combinations of several columns; of few, each column's cells follow."""
        found = set(zip(*map(self.raw, names), strict=True))
        if 4 * len(found) < len(self):
            for name, cells in zip(names, zip(*found, strict=True), strict=True):
                self._distinct.setdefault(name, set(cells))
        return found

    def place(self, at: int) -> Place:
        return Place(self.rows[at], self.lines[at] if self.lines is not None else None)

    def part(self, start: int, end: int) -> Batch:
        """Some of the rows, by position, without what another process found in them."""
        columns = {name: cells[start:end] for name, cells in self.columns.items()}
        lines = None if self.lines is None else self.lines[start:end]
        return Batch(columns, self.rows[start:end], lines)


def _distinct(cells: Sequence[Any]) -> set[Any]:
    """The distinct ones of some cells.

    A period, an area or an empty column is often the same all the way, and comparing costs a third
    of hashing.
    """
    if cells and cells[0] == cells[len(cells) // 2] == cells[-1]:
        first = cells[0]
        if cells.count(first) == len(cells):
            return {first}
    return set(cells)


def raw_cells(cells: Sequence[Cell]) -> Sequence[Any]:
    """A column as its reader holds it: bytes of a text file, cells of a workbook."""
    return cells.raw if isinstance(cells, Texts) else cells


class Unreadable(Exception):  # noqa: N818 - a finding about the file, not an error of ours
    """The file cannot be read; carries the finding that says why."""

    def __init__(self, rule: RuleInfo, **facts: Any) -> None:
        super().__init__(rule.name)
        self.rule = rule
        self.fault = Fault(**facts)


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something a reader tells besides the data (a converted encoding, a hidden sheet)."""

    rule: RuleInfo
    fault: Fault
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None
    value: str | None = None
    count: int = 1


@dataclass(slots=True)
class Chunk:
    """Some consecutive rows as columns, all equally long. `first` is the number of the first row.

    Rows shorter than others are filled up with `""`. `lines` gives the physical line of each row
    where the format has lines.
    """

    columns: Sequence[Sequence[Cell]]
    first: int
    lines: Sequence[int] | None = None
    screened: Screened | None = None
    """What is known of all these rows, and only of all of them; a part of them has none."""
    blank: bool = False
    """Whether it is known that nothing stands in any of these rows."""

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def unscreened(self) -> Chunk:
        """The same rows without what is known of them."""
        return Chunk(self.columns, self.first, self.lines, blank=self.blank)

    def rows(self) -> list[Row]:
        """The same cells row by row, for the few places that look at rows."""
        return list(zip(*self.columns, strict=True))

    def part(self, start: int, end: int | None = None) -> Chunk:
        """Some of the rows, by position."""
        lines = self.lines[start:end] if self.lines is not None else None
        columns = [cells[start:end] for cells in self.columns]
        return Chunk(columns, self.first + start, lines, blank=self.blank)

    def fitted(self, width: int) -> Chunk:
        """The same rows with that many columns."""
        filled = [*self.columns[:width], *[self.empty()] * (width - len(self.columns))]
        return Chunk(filled, self.first, self.lines, blank=self.blank)

    def blank_rows(self) -> list[int]:
        """Positions of the rows in which every cell is empty."""
        if self.blank:
            return list(range(len(self)))
        empty = tuple(
            cells.spelling.raw("") if isinstance(cells, Texts) else "" for cells in self.columns
        )
        rows = zip(*map(raw_cells, self.columns), strict=True)
        return [at for at, row in enumerate(rows) if row == empty]

    def distinct(self, column: int) -> set[Cell]:
        """The distinct cells of a column, by its position."""
        cells = self.columns[column]
        if isinstance(cells, Texts):
            return set(cells.spelling.texts(list(set(cells.raw))))
        return set(cells)

    def holds(self, column: int, texts: frozenset[str]) -> bool:
        """Whether one of some texts stands in a column, by its position."""
        if self.blank or column >= len(self.columns):
            return False
        cells = self.columns[column]
        if isinstance(cells, Texts):
            return not cells.spelling.raw_texts(texts).isdisjoint(cells.raw)
        return not texts.isdisjoint(cells)

    def empty(self) -> Sequence[Cell]:
        """A column without anything in it."""
        first = self.columns[0] if self.columns else ()
        if isinstance(first, Texts):
            return Texts([b""] * len(self), Spelling(first.spelling.mark))
        return [""] * len(self)

    def joined(self, below: Chunk) -> Chunk:
        """These rows and those below them; both have the same number of columns."""
        lines = None
        if self.lines is not None and below.lines is not None:
            lines = [*self.lines, *below.lines]
        pairs = zip(self.columns, below.columns, strict=True)
        columns = [_joined(one, other) for one, other in pairs]
        return Chunk(columns, self.first, lines, blank=self.blank and below.blank)


def _joined(one: Sequence[Cell], other: Sequence[Cell]) -> Sequence[Cell]:
    if isinstance(one, Texts) and isinstance(other, Texts):
        return Texts([*one.raw, *other.raw], one.spelling)
    return [*one, *other]


def filled(cells: Sequence[Cell]) -> list[int]:
    """Positions of the cells of a column that are not empty."""
    raw = raw_cells(cells)
    empty = cells.spelling.raw("") if isinstance(cells, Texts) else ""
    if raw.count(empty) == len(raw):
        return []
    return [at for at, cell in enumerate(raw) if cell != empty]


def picked(cells: Sequence[Cell], wanted: Sequence[bool]) -> Sequence[Cell]:
    """The cells for which `wanted` is true."""
    kept = list(compress(raw_cells(cells), wanted))
    return Texts(kept, cells.spelling) if isinstance(cells, Texts) else kept


def across(rows: Sequence[Row]) -> list[Sequence[Cell]]:
    """Rows as columns, short ones filled up; at least one column, so that blank rows count."""
    columns: list[Sequence[Cell]] = list(zip_longest(*rows, fillvalue=""))
    return columns or [[""] * len(rows)]


class Sheet(Protocol):
    """One table-like part of a file: a worksheet, a CSV file, an XML record list."""

    @property
    def name(self) -> str | None: ...

    @property
    def hidden(self) -> bool: ...

    @property
    def ragged(self) -> bool:
        """Whether a cell beside the table can only be a slip (text), or is none of its business."""
        ...

    @property
    def column_offset(self) -> int:
        """How many empty columns stand before the first of each row."""
        ...

    def chunks(self) -> Iterator[Chunk]:
        """All rows from the top, in order. May be asked for more than once."""
        ...

    def head(self, rows: int) -> list[Row]:
        """The first rows, without reading more of the file than that."""
        ...

    def merged(self) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]:
        """Merged areas as ((row, column), (row, column)) from 0, in the sheet's coordinates."""
        ...


class Source(Protocol):
    """An open file."""

    @property
    def format(self) -> str: ...

    @property
    def encoding(self) -> str | None: ...

    @property
    def cells_addressed(self) -> bool:
        """Whether a cell has an A1 address (workbooks) rather than a line (text)."""
        ...

    @property
    def noticed(self) -> list[Noticed]: ...

    @property
    def sheets(self) -> Sequence[Sheet]: ...

    @property
    def labels(self) -> Mapping[str, str]:
        """What the file says of itself: root attributes of XML; {} elsewhere."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Facts:
    """What is known of the file before its table is read."""

    name: str
    size: int
    sha256: str = ""
    format: str | None = None
    encoding: str | None = None
    noticed: list[Noticed] = field(default_factory=list)


def column_letters(index: int) -> str:
    """Excel's name of a column counted from 0: 0 → A, 25 → Z, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def shown(cell: object) -> str:
    """A cell as text, the way a person would find it in the file."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
