"""Rows of one key in several tables: on the sheets of a workbook, or in several files.

Keys and figures go into a scratch database that SQLite keeps on the disk beyond a few megabytes and
removes by itself, so that no size of table fills the memory. Nothing is kept where there is but one
table.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from iocsl.catalog.schema import TableSchema
from iocsl.domain import Severity
from iocsl.ledger.database import trouble
from iocsl.text import squeeze, tr
from iocsl.validate.cells import Reader, reader_of
from iocsl.validate.context import Context
from iocsl.validate.headings import Layout
from iocsl.validate.hits import Hit
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Batch, Cell, Chunk, Place, Row, column_letters, shown
from iocsl.validate.registry import Fault, Role, RuleInfo, own
from iocsl.validate.rules.between import SHEETS_DIFFER, SHEETS_REPEAT
from iocsl.validate.rules.repeated import FINAL
from iocsl.validate.spellings import reading_of
from iocsl.validate.table import NUMBERS, Table, data_batches

ENOUGH_ROWS = 20
WHOLE_TABLE = 0.9
"""Where so many of the rows repeat or differ alike, that is one cause and one finding."""
CACHE = 8 << 10
"""KiB of the scratch database that stay in memory."""
_ROUNDING = 1e-9
_BETWEEN = "\x1f"


class Part(NamedTuple):
    """One table among several, to be read anew.

    `file` is how findings call its file, None within one workbook.
    """

    table: Table
    context: Context
    addressed: bool
    file: str | None = None

    def place(self, place: Place, column: str) -> str:
        """Where something is, as a person would look for it."""
        row, line = place
        at = self._layout(row).columns.get(column)
        if self.addressed and at is not None:
            letters = column_letters(at + self.table.sheet.column_offset)
            cell = f"{letters}{row}"
            return f"{self.table.sheet.name}!{cell}" if self.table.sheet.name else cell
        return tr(f"dòng {line or row}", f"line {line or row}")

    def _layout(self, row: int) -> Layout:
        """The layout of the part of the table that a row lies in."""
        parts = reversed(self.table.parts)
        return next((each for each in parts if each.first_row <= row), self.table.layout)


class _Row(NamedTuple):
    """One row of one of the tables; its figures, where they differ, in the order of the columns."""

    part: int
    place: Place
    figures: tuple[float | None, ...]
    texts: str = ""
    """The cells of the first key column and of the figures, as they stand in the file."""


class _Repeat(NamedTuple):
    """A row that is in another table already; `column` where a figure differs, with both."""

    later: _Row
    first: _Row
    column: int | None

    @property
    def cause(self) -> tuple[int, int, bool]:
        """What such repeats of two tables have in common."""
        return self.later.part, self.first.part, self.column is None


class _Read(NamedTuple):
    """A sheet that was read: what addresses need, and nothing of its cells."""

    name: str | None
    column_offset: int
    hidden: bool = False
    ragged: bool = False

    def chunks(self) -> Iterator[Chunk]:
        return iter(())

    def head(self, _: int) -> list[Row]:
        return []

    def merged(self) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]:
        return ()


def between_sheets(tables: Sequence[Table], context: Context, *, addressed: bool) -> Iterator[Hit]:
    """Rows of one workbook whose key stands on an earlier sheet too."""
    parts = [
        Part(Table(each.sheet, each.layout), context, addressed) for each in tables if each.rows
    ]
    if len(parts) > 1:
        found = repeated(parts, context.schema, SHEETS_DIFFER, SHEETS_REPEAT)
        yield from (hit for _, hit in found)


def repeated(
    parts: Iterable[Part],
    schema: TableSchema,
    differ: RuleInfo,
    repeat: RuleInfo,
    severity: Severity | None = None,
) -> Iterator[tuple[Part, Hit]]:
    """A hit, and the part it is in, for each row whose key an earlier part has.

    Each part is read before the next one is asked for. `severity` stands in for the rules' own.
    """
    keys = _Keys(schema)
    if not keys.columns:
        return
    try:
        with contextlib.closing(keys.filled(parts)) as database:
            for one, count in _by_cause(keys, database):
                rule = repeat if one.column is None else differ
                column = keys.columns[0] if one.column is None else keys.figures[one.column].name
                part = keys.parts[one.later.part]
                fault = keys.fault(one, count, severity)
                name, place = part.table.sheet.name, one.later.place
                at = 0 if one.column is None else one.column + 1
                value = one.later.texts.split(_BETWEEN)[at]
                yield part, Hit(rule, fault, name, place, column, value, count)
    except sqlite3.Error as error:
        import tempfile

        raise trouble(error, Path(tempfile.gettempdir()) / "iocsl") from None


def _by_cause(keys: _Keys, database: sqlite3.Connection) -> Iterator[tuple[_Repeat, int]]:
    """Repeats one by one, or once with their number where nearly a whole table is one."""
    counts = Counter(each.cause for each in keys.repeats(database))
    whole = {
        cause: many
        for cause, many in counts.items()
        if many >= ENOUGH_ROWS
        and many >= WHOLE_TABLE * min(keys.parts[at].table.rows for at in cause[:2])
    }
    for each in keys.repeats(database):
        if each.cause not in counts:
            continue
        many = whole.get(each.cause)
        if many is not None:
            del counts[each.cause]
        yield each, many or 1


class _Keys:
    """The key and figure columns of a schema, and the rows of tables in a scratch database."""

    def __init__(self, schema: TableSchema) -> None:
        self.parts: list[Part] = []
        self.columns = schema.primary_key
        self._required = {each.name for each in schema.fields if each.required}
        self._readings = {name: reading_of(schema.by_name[name]) for name in self.columns}
        self.figures = [
            each for each in schema.fields if each.type in NUMBERS and each.name not in self.columns
        ]

    def filled(self, parts: Iterable[Part]) -> sqlite3.Connection:
        """The scratch database with every row; close it and it is gone."""
        database = sqlite3.connect("", isolation_level=None)
        database.execute(f"PRAGMA cache_size = -{CACHE}")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(
            "CREATE TABLE dong (khoa BLOB, phan INT, dong INT, vat_ly INT, so TEXT, chu TEXT)"
        )
        database.execute("BEGIN")
        for part in parts:
            rows = self._rows(len(self.parts), part)
            database.executemany("INSERT INTO dong VALUES (?, ?, ?, ?, ?, ?)", rows)
            part.table.sheet = _Read(part.table.sheet.name, part.table.sheet.column_offset)
            self.parts.append(part)
        database.execute("COMMIT")
        database.execute("CREATE INDEX theo_khoa ON dong (khoa, phan)")
        return database

    def _rows(
        self, number: int, part: Part
    ) -> Iterator[tuple[bytes, int, int, int | None, str, str]]:
        missing = part.context.schema.missing_values
        readers = [reader_of(each, missing) for each in self.figures]
        texts: dict[str, dict[Cell, str]] = {name: {} for name in self.columns}
        for batch in data_batches(part.table, part.context):
            part.table.rows += len(batch)
            cells = (self._key_cells(batch, name, texts[name]) for name in self.columns)
            keys = zip(*cells, strict=True)
            figures = [
                _figures(batch, each.name, readers[n]) for n, each in enumerate(self.figures)
            ]
            lines = zip(*figures, strict=True) if figures else iter([()] * len(batch))
            named = (self.columns[0], *(each.name for each in self.figures))
            said = list(zip(*(_texts(batch, name) for name in named), strict=True))
            exchanged = part.context.exchanged.among(batch)
            for at, (key, line) in enumerate(zip(keys, lines, strict=True)):
                if at in exchanged or ("" in key and self._lacks(key)):
                    continue
                digest = blake2b(_BETWEEN.join(key).encode(), digest_size=16).digest()
                place = batch.place(at)
                yield digest, number, *place, " ".join(line), _BETWEEN.join(said[at])

    def _key_cells(self, batch: Batch, name: str, texts: dict[Cell, str]) -> list[str]:
        """A key column as it is read. A blank status counts as final."""
        if name not in batch.columns:
            return [""] * len(batch)
        default = FINAL if name == Role.STATUS else ""
        if len(texts) > 100_000:
            texts.clear()
        for cell in batch.distinct(name):
            if cell not in texts:
                texts[cell] = self._readings[name](shown(cell))
        return [texts[cell] or default for cell in batch.columns[name]]

    def _lacks(self, key: Sequence[str]) -> bool:
        """Whether a part of the key that a row must have is missing: that is told elsewhere."""
        return not any(key) or any(
            not cell and name in self._required
            for name, cell in zip(self.columns, key, strict=True)
        )

    def repeats(self, database: sqlite3.Connection) -> Iterator[_Repeat]:
        """Every row of a later table beside the first row of its key."""
        found = database.execute(
            "SELECT b.phan, b.dong, b.vat_ly, b.so, b.chu, a.phan, a.dong, a.vat_ly, a.so FROM"
            " (SELECT MIN(rowid) AS dau FROM dong GROUP BY khoa HAVING MIN(phan) < MAX(phan)) g"
            " JOIN dong a ON a.rowid = g.dau"
            " JOIN dong b ON b.khoa = a.khoa AND b.phan > a.phan ORDER BY b.rowid"
        )
        for later, row, line, figures, texts, first, first_row, first_line, first_figures in found:
            mine: tuple[float | None, ...] = ()
            theirs, column = mine, None
            if figures != first_figures:
                mine, theirs = _numbers(figures), _numbers(first_figures)
                column = _difference(mine, theirs)
            one = _Row(later, Place(row, line), mine, texts)
            yield _Repeat(one, _Row(first, Place(first_row, first_line), theirs), column)

    def fault(self, found: _Repeat, count: int, severity: Severity | None) -> Fault:
        first = self.parts[found.first.part]
        also = tr(f"; cùng như vậy ở {count} dòng", f"; the same in {count} rows")
        facts: dict[str, Any] = {"also": own(also if count > 1 else "")}
        column = self.columns[0]
        if found.column is not None:
            field = self.figures[found.column]
            column = field.name
            facts |= {
                "title": field.title,
                "value": plain(found.later.figures[found.column] or 0.0),
                "other": plain(found.first.figures[found.column] or 0.0),
            }
        facts["where"] = own(first.place(found.first.place, column))
        if first.file is not None:
            facts["file"] = own(first.file)
        return Fault(severity=severity, **facts)


def _texts(batch: Batch, name: str) -> Iterator[str]:
    """The cells of a column as a finding shows them."""
    if name not in batch.columns:
        return iter([""] * len(batch))
    return (shown(cell).replace(_BETWEEN, " ") for cell in batch.columns[name])


def _figures(batch: Batch, name: str, read: Reader) -> Iterator[str]:
    """A column of figures as texts without spaces; "-" where there is none that could be read."""
    if name not in batch.columns:
        return iter(["-"] * len(batch))
    return (_figure(cell, read) for cell in batch.columns[name])


def _figure(cell: Cell, read: Reader) -> str:
    value = read(squeeze(cell) if isinstance(cell, str) else cell)
    return repr(float(value)) if isinstance(value, int | float) else "-"


def _numbers(text: str) -> tuple[float | None, ...]:
    return tuple(None if each == "-" else float(each) for each in text.split())


def _difference(one: Sequence[float | None], other: Sequence[float | None]) -> int | None:
    """The first column in which both have a figure and these differ."""
    for at, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        if mine is not None and theirs is not None:
            slack = _ROUNDING * max(abs(mine), abs(theirs))
            if abs(mine - theirs) > slack:
                return at
    return None
