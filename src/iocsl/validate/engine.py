"""The check of one table: batches of columns against the rules, addresses for failures only.

A cell rule is asked once per distinct value of a column, a row rule once per distinct combination;
the answers are remembered. What passes costs a set operation a column, so a million rows stay fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.domain import Severity
from iocsl.text import squeeze
from iocsl.validate.cells import UNREAD, Unread, Value, reader_of
from iocsl.validate.context import Context
from iocsl.validate.headings import (
    TOTAL_SPELLINGS,
    Layout,
    end_of_data,
    is_blank,
    total_text,
)
from iocsl.validate.numbers import NumberTexts
from iocsl.validate.readers.base import Batch, Cell, Chunk, Place, Sheet
from iocsl.validate.registry import (
    CellRule,
    Fault,
    On,
    Placed,
    RowRule,
    RuleInfo,
    WholeRule,
    registry,
)
from iocsl.validate.rules.across import schema_row_rules, schema_whole_rules
from iocsl.validate.rules.nil import NIL_RETURN, is_nil, nil_text
from iocsl.validate.rules.structure import LONG_ROW, NO_ROWS, TOTAL_ROW
from iocsl.validate.sections import parts_of

REMEMBERED = 200_000
"""Distinct values of a column whose answers are kept; beyond that they are forgotten."""
TAIL = 64
"""Rows at the end of a table among which signatures are looked for."""

_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")

NUMBERS = frozenset({"number", "integer"})
_BLANK = frozenset({"", " "})
_TELLING = _BLANK | TOTAL_SPELLINGS
"""Cells of key columns by which a row may be something else than data."""
MOST_TOTALS = 1_000
"""Total rows of a table that are kept to be held against the rows they add up."""
_BOUNDS = frozenset({"V408", "V409"})

Answers = list[tuple[RuleInfo, Fault]]


@dataclass(frozen=True, slots=True)
class Hit:
    """One fault with its place; turned into words when the report is made."""

    rule: RuleInfo
    fault: Fault
    sheet: str | None = None
    place: Place | None = None
    column: str | None = None
    value: object = None
    count: int = 1
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A row that sums others: its place, its text, its cells by column key."""

    place: Place
    text: str
    cells: Mapping[str, Cell]


@dataclass(slots=True)
class Table:
    """What one table gave: all that stands on a sheet under headings of one structure."""

    sheet: Sheet
    layout: Layout
    parts: list[Layout] = field(default_factory=list)
    """The layout of each part with headings of its own; the first is `layout`."""
    hits: list[Hit] = field(default_factory=list)
    rows: int = 0
    last_row: int = 0
    """The last row of data."""
    filled: dict[str, int] = field(default_factory=dict)
    """Cells with a value, by required column."""
    totals: list[TotalRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parts.append(self.layout)

    def layout_at(self, row: int) -> Layout:
        """The layout that holds for a row of the sheet."""
        return next(
            each for each in reversed(self.parts) if each.first_row <= row or each is self.layout
        )

    @property
    def cells(self) -> int:
        return self.rows * len(self.layout.columns)


def check_table(sheet: Sheet, layout: Layout, context: Context) -> Table:
    """Read a table to its end and ask every rule that applies to it."""
    table = Table(sheet, layout)
    fields = [context.schema.by_name[name] for name in layout.columns]
    columns = {each.name: _Column(each, context) for each in fields}
    rows = [_Rows(group, columns, context) for group in _row_groups(context, columns)]
    whole = _whole_rules(context)
    for batch in data_batches(table, context):
        table.rows += len(batch)
        table.last_row = batch.rows[-1]
        # Rows first: few combinations of several columns tell the distinct cells of each.
        for each in rows:
            for blame, failures in each.failures(batch):
                _add(table, batch, blame, failures)
        for name, column in columns.items():
            _add(table, batch, name, column.failures(batch, name))
        for info, rule in whole:
            _place(table, info, rule.see(batch))
    for info, rule in whole:
        _place(table, info, rule.close())
    if not table.rows and all(hit.rule is not NIL_RETURN for hit in table.hits):
        table.hits.append(Hit(NO_ROWS, Fault(), sheet.name, Place(layout.last_row, None)))
    return table


def _row_groups(context: Context, columns: Mapping[str, _Column]) -> list[list[RowRule]]:
    """Row rules that are asked together.

    Those over codes and names share one pass over their combinations, of which there are few;
    one with numbers in it has a combination a row, and goes alone.
    """
    groups: list[list[RowRule]] = []
    shared: list[RowRule] = []
    for rule in [*registry().row, *schema_row_rules(context.schema)]:
        if not context.asks(rule.info) or not all(name in columns for name in rule.columns):
            continue
        if all(columns[name].type == "string" for name in rule.columns):
            shared.append(rule)
        else:
            groups.append([rule])
    return [shared, *groups] if shared else groups


def _whole_rules(context: Context) -> list[tuple[RuleInfo, WholeRule]]:
    rules = [*registry().whole, *schema_whole_rules(context.schema)]
    return [(rule.info, rule.make(context)) for rule in rules]


def _add(table: Table, batch: Batch, column: str, failures: Iterable[tuple[int, Answers]]) -> None:
    cells = batch.columns[column]
    name = table.sheet.name
    for at, answers in failures:
        place = batch.place(at)
        for rule, fault in answers:
            table.hits.append(Hit(rule, fault, name, place, column, cells[at]))


def _place(table: Table, rule: RuleInfo, placed: Iterable[Placed]) -> None:
    name = table.sheet.name
    for each in placed:
        found = each.rule or rule
        table.hits.append(
            Hit(found, each.fault, name, each.place, each.column, each.value, each.count)
        )


class _Column:
    """The rules of one column, and what they said of every value so far."""

    def __init__(self, column: SchemaField, context: Context) -> None:
        self.type = column.type
        self.context = context.at(column)
        self.read = reader_of(column, context.schema.missing_values)
        rules = [
            rule for rule in registry().cell if rule.applies(column) and context.asks(rule.info)
        ]
        self.on_value = [rule for rule in rules if rule.on is On.VALUE]
        self.on_unread = [rule for rule in rules if rule.on is On.UNREAD]
        self.on_empty = [rule for rule in rules if rule.on is On.EMPTY]
        self.on_nil = [rule for rule in rules if rule.on is On.NIL]
        self.on_text = [rule for rule in rules if rule.on is On.TEXT]
        self.values: dict[Cell, Value | Unread] = {}
        self.bad: dict[Cell, Answers] = {}
        self.numbers = _number_texts(column, self.on_value)

    def failures(self, batch: Batch, name: str) -> Iterator[tuple[int, Answers]]:
        """The positions in this batch that fail, with what is wrong there."""
        cells = batch.columns[name]
        if self.numbers is not None and self._all_numbers(cells, self.numbers):
            return
        if len(self.values) > REMEMBERED:
            self.values.clear()
            self.bad.clear()
        distinct = _keys(batch, name)
        new = distinct.difference(self.values)
        for cell in new if self.numbers is None else self.numbers.doubtful(new):
            self._judge(cell)
        if self.bad and not distinct.isdisjoint(self.bad):
            bad = self.bad
            for at, cell in enumerate(map(_hashed, cells)):
                if cell in bad:
                    yield at, bad[cell]

    @staticmethod
    def _all_numbers(cells: Sequence[Cell], texts: NumberTexts) -> bool:
        """Whether a column of numbers with no rule but its bounds passes as a whole.

        A typed number is its value; texts are looked at by their shapes, of which there are few.
        """
        kinds = set(map(type, cells))
        if kinds == {str}:
            return texts.all_numbers(cast("Sequence[str]", cells))
        return kinds == {float} and texts.within(cast("Sequence[float]", cells))

    def value(self, cell: Cell) -> Value | Unread:
        """The value of a cell, worked out if the column never saw it."""
        key = _hashed(cell)
        if key not in self.values:
            self._judge(key)
        return self.values[key]

    def _judge(self, key: Cell) -> None:
        cell = _unhashed(key)
        answers: Answers = []
        if isinstance(cell, str) and cell and not _PLAIN.fullmatch(cell):
            answers += self._ask(self.on_text, cell)
            cell = squeeze(cell)
        value: Value | Unread = self.read(cell)
        if value is None:
            answers += self._ask(self.on_empty, None)
        elif value is UNREAD and self.type in NUMBERS and is_nil(cell):
            value = None
            answers += self._ask(self.on_nil, cell)
        elif value is UNREAD:
            said = self._ask(self.on_unread, cell)
            if not said:
                # A cell that cannot be read and of which no rule says why would pass unseen.
                raise RuntimeError(self.type)
            answers += said
        elif self.on_value and not any(rule.severity is Severity.ERROR for rule, _ in answers):
            answers += self._ask(self.on_value, value)
        self.values[key] = value
        if answers:
            self.bad[key] = answers

    def _ask(self, rules: Sequence[CellRule], value: Any) -> Answers:
        found = ((rule.info, rule.check(value, self.context)) for rule in rules)
        return [(info, fault) for info, fault in found if fault is not None]


def _number_texts(column: SchemaField, on_value: Sequence[CellRule]) -> NumberTexts | None:
    """The quick look at a column of numbers, where its values have no rule but their bounds."""
    low, high = column.minimum, column.maximum
    if column.type != "number" or isinstance(low, str) or isinstance(high, str):
        return None
    if any(rule.info.code not in _BOUNDS for rule in on_value):
        return None
    return NumberTexts(column.decimal, column.group, low, high)


@dataclass(frozen=True, slots=True)
class _Truth:
    """A boolean cell as a key: in a set, True and 1.0 would be one."""

    value: bool


def _keys(batch: Batch, name: str) -> set[Any]:
    """The distinct cells of a column, booleans told from numbers."""
    distinct = batch.distinct(name)
    if 1 in distinct or 0 in distinct:
        cells = batch.columns[name]
        if bool in set(map(type, cells)):
            return set(map(_hashed, cells))
    return distinct


def _hashed(cell: Cell) -> Any:
    return _Truth(cell) if cell is True or cell is False else cell


def _unhashed(key: Any) -> Cell:
    cell: Cell = key.value if isinstance(key, _Truth) else key
    return cell


class _Rows:
    """Row rules asked together, and what they said of every combination so far."""

    def __init__(
        self, rules: Sequence[RowRule], columns: Mapping[str, _Column], context: Context
    ) -> None:
        self.rules = rules
        self.names = list(dict.fromkeys(name for rule in rules for name in rule.columns))
        self.columns = columns
        self.context = context
        self.asked: set[tuple[Cell, ...]] = set()
        self.bad: dict[str, dict[tuple[Cell, ...], Answers]] = {}

    def failures(self, batch: Batch) -> Iterator[tuple[str, Iterator[tuple[int, Answers]]]]:
        """For each column blamed, the positions that fail and what is wrong there."""
        if len(self.asked) > REMEMBERED:
            self.asked.clear()
            self.bad.clear()
        distinct = batch.combined(self.names)
        for cells in distinct - self.asked:
            self._judge(cells)
        self.asked |= distinct
        for blame, bad in self.bad.items():
            if not distinct.isdisjoint(bad):
                combined = zip(*(batch.columns[name] for name in self.names), strict=True)
                places = enumerate(combined)
                yield blame, ((at, bad[cells]) for at, cells in places if cells in bad)

    def _judge(self, cells: tuple[Cell, ...]) -> None:
        values = {
            name: self.columns[name].value(cell)
            for name, cell in zip(self.names, cells, strict=True)
        }
        for rule in self.rules:
            given = [values[name] for name in rule.columns]
            if any(value is UNREAD for value in given):
                continue
            fault = rule.check(*given, self.context)
            if fault is not None:
                self.bad.setdefault(rule.blame, {}).setdefault(cells, []).append((rule.info, fault))


def data_batches(table: Table, context: Context) -> Iterator[Batch]:
    """The rows of data as columns: headings, blank rows, totals and signatures left out."""
    fields = [context.schema.by_name[name] for name in table.layout.columns]
    required = [each.name for each in fields if each.required]
    # A figure alone makes no row: codes, names and dates tell data from totals.
    keys = [each.name for each in fields if each.required and each.type not in NUMBERS]
    keys = keys or required or [fields[0].name]
    wanted = [table.layout.columns[name] for name in required or keys]
    for chunk in _chunks(table, wanted, context.schema):
        batch = _batch(chunk, table, keys)
        if len(batch):
            yield batch


def _chunks(table: Table, wanted: Sequence[int], schema: TableSchema) -> Iterator[Chunk]:
    """Chunks below the headings; the last one is cut where the signatures begin."""
    pending: Chunk | None = None
    for layout, chunk in parts_of(table.sheet, table.layout, schema):
        begins = layout is not table.parts[-1]
        if begins:
            table.parts.append(layout)
        below = _fitted(chunk, table, layout)
        if pending is not None and len(below) < TAIL and not begins:
            pending = pending.joined(below)
            continue
        if pending is not None:
            yield pending
        pending = below
    if pending is not None:
        yield pending.part(0, end_of_data(pending.rows(), wanted))


def _fitted(chunk: Chunk, table: Table, layout: Layout) -> Chunk:
    """A chunk as wide as the headings; rows with something beyond them are told."""
    width = layout.width
    if len(chunk.columns) == width:
        return _placed(chunk, table, layout)
    beyond_all = chunk.columns[width:] if table.sheet.ragged else ()
    for at in sorted({at for cells in beyond_all for at, cell in enumerate(cells) if cell != ""}):
        beyond = [n for n, cells in enumerate(chunk.columns, 1) if cells[at] != ""]
        place = Place(chunk.first + at, chunk.lines[at] if chunk.lines is not None else None)
        fault = Fault(cells=beyond[-1], columns=width)
        table.hits.append(Hit(LONG_ROW, fault, table.sheet.name, place))
    return _placed(chunk.fitted(width), table, layout)


def _placed(chunk: Chunk, table: Table, layout: Layout) -> Chunk:
    """The columns of a later part where the first part has them; what it has besides follows."""
    if layout.columns == table.layout.columns:
        return chunk
    empty = [""] * len(chunk)
    columns: list[Sequence[Cell]] = [empty] * table.layout.width
    for key, at in table.layout.columns.items():
        if key in layout.columns:
            columns[at] = chunk.columns[layout.columns[key]]
    taken = set(layout.columns.values())
    rest = [cells for at, cells in enumerate(chunk.columns) if at not in taken]
    return Chunk([*columns, *rest], chunk.first, chunk.lines)


def _batch(chunk: Chunk, table: Table, keys: Sequence[str]) -> Batch:
    index = table.layout.columns
    columns = {name: chunk.columns[at] for name, at in index.items()}
    batch = Batch(columns, range(chunk.first, chunk.first + len(chunk)), chunk.lines)
    # Only a row that lacks a key, or has a total in its place, can be no data, so most batches are
    # never walked.
    if all(batch.distinct(key).isdisjoint(_TELLING) for key in keys):
        return batch
    dropped = _no_data(chunk, table, [index[key] for key in keys])
    if not dropped:
        return batch
    kept = [at for at in range(len(chunk)) if at not in dropped]
    kept_columns = {name: [cells[at] for at in kept] for name, cells in columns.items()}
    lines = [chunk.lines[at] for at in kept] if chunk.lines is not None else None
    return Batch(kept_columns, [batch.rows[at] for at in kept], lines)


def _no_data(chunk: Chunk, table: Table, keys: Sequence[int]) -> set[int]:
    """Positions of blank rows and of totals."""
    dropped = set()
    for at, row in enumerate(chunk.rows()):
        cells = [row[key] for key in keys]
        if _TELLING.isdisjoint(cells):
            continue
        if _BLANK.isdisjoint(cells) and not all(
            cell in TOTAL_SPELLINGS for cell in cells if isinstance(cell, str)
        ):
            continue  # a row with another text in its key is data, whatever its name
        if is_blank(row):
            dropped.add(at)
            continue
        nil, total = nil_text(row), total_text(row)
        if nil or total:
            dropped.add(at)
            place = Place(chunk.first + at, chunk.lines[at] if chunk.lines is not None else None)
            rule, text = (NIL_RETURN, nil) if nil else (TOTAL_ROW, total)
            table.hits.append(Hit(rule, Fault(text=text), table.sheet.name, place))
            if total and len(table.totals) < MOST_TOTALS:
                named = {key: row[column] for key, column in table.layout.columns.items()}
                table.totals.append(TotalRow(place, total, named))
    return dropped
