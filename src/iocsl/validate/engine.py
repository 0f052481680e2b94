"""The check of one table: batches of columns against the rules, addresses for failures only.

A cell rule is asked once per distinct value of a column, a row rule once per distinct combination;
the answers are remembered. What passes costs a set operation a column, so a million rows stay fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Severity
from iocsl.text import squeeze, tr
from iocsl.validate.cells import UNREAD, Unread, Value, reader_of
from iocsl.validate.context import Context
from iocsl.validate.headings import (
    Layout,
)
from iocsl.validate.hits import Hit, Hits
from iocsl.validate.numbers import NumberTexts
from iocsl.validate.readers.base import (
    ERRORS,
    Batch,
    Broken,
    Cell,
    Place,
    Sheet,
    column_letters,
)
from iocsl.validate.readers.texts import Spelling
from iocsl.validate.registry import (
    CellRule,
    Fault,
    On,
    Placed,
    RowRule,
    RuleInfo,
    WholeRule,
)
from iocsl.validate.rules.across import schema_row_rules, schema_whole_rules
from iocsl.validate.rules.nil import NIL_RETURN, is_nil
from iocsl.validate.rules.structure import NO_ROWS, SHIFTED
from iocsl.validate.shifted import Beside, Shift
from iocsl.validate.table import NUMBERS, Table, data_batches
from iocsl.validate.understood import NumbersRead

REMEMBERED = 200_000
"""Distinct values of a column whose answers are kept; beyond that they are forgotten."""

_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")

_BOUNDS = frozenset({"V408", "V409"})

Answers = list[tuple[RuleInfo, Fault]]
Rules = Sequence[tuple[RuleInfo, WholeRule]]
Kinds = list[int]
"""Numbers of kinds of hits."""


def rules_over_the_file(context: Context) -> Rules:
    """Whole rules that judge all tables of a file together; `closed` tells what they found."""
    return [(rule.info, rule.make(context)) for rule in context.rules.whole if rule.over_file]


def closed(rules: Rules, tables: Sequence[Table]) -> Iterator[Hit]:
    """What the end of the last table proves, placed at the table where there is but one."""
    name = tables[0].sheet.name if len(tables) == 1 else None
    for info, rule in rules if tables else ():
        yield from _hits(info, rule.close(), name)


def check_table(
    sheet: Sheet, layout: Layout, context: Context, hits: Hits, over_the_file: Rules = ()
) -> Table:
    """Read a table to its end and ask every rule that applies to it."""
    hits.part(sheet, layout)
    table = Table(sheet, layout, hits)
    table.beside = Beside(layout, context)
    checks = _Checks(table, context, over_the_file)
    numbers = NumbersRead(context.schema)
    for batch in data_batches(table, context):
        table.rows += len(batch)
        table.last_row = batch.rows[-1]
        checks.see(batch)
        numbers.see(batch, checks.fresh())
    checks.close()
    table.understood = numbers.understood()
    for shift, (first, count) in table.beside.found.items():
        hits.put(shifted(sheet, shift, first, count))
    if not table.rows and hits.codes().isdisjoint({NIL_RETURN.code, SHIFTED.code}):
        hits.put(Hit(NO_ROWS, Fault(), sheet.name, Place(layout.last_row, None)))
    return table


def shifted(sheet: Sheet, shift: Shift, first: Place, count: int) -> Hit:
    """One finding for all rows that stand beside their headings in the same way."""
    letters = column_letters(shift.column + sheet.column_offset)
    side = tr("phải", "right") if shift.by > 0 else tr("trái", "left")
    fault = Fault(by=abs(shift.by), side=side, column=letters, rows=count)
    cell = f"{letters}{first.row}"
    return Hit(SHIFTED, fault, sheet.name, first, cell=cell, count=count)


class _Checks:
    """All that is asked of one table."""

    def __init__(self, table: Table, context: Context, over_the_file: Rules) -> None:
        self._table = table
        fields = [context.schema.by_name[name] for name in table.layout.columns]
        self._columns = {each.name: _Column(each, table, context) for each in fields}
        groups = _row_groups(context, self._columns)
        self._rows = [_Rows(group, self._columns, table, context) for group in groups]
        self._whole = _whole_rules(context)
        self._over_the_file = over_the_file

    def see(self, batch: Batch) -> None:
        for name, column in self._columns.items():
            column.spelling = batch.spelling(name)
        # Rows first: few combinations of several columns tell the distinct cells of each.
        for rows in self._rows:
            for failures in rows.failures(batch):
                self._add(batch, failures)
        for name, column in self._columns.items():
            self._add(batch, column.failures(batch, name))
        for info, rule in (*self._whole, *self._over_the_file):
            self._table.hits.extend(_hits(info, rule.see(batch), self._table.sheet.name))

    def close(self) -> None:
        for info, rule in self._whole:
            self._table.hits.extend(_hits(info, rule.close(), self._table.sheet.name))

    def fresh(self) -> dict[str, list[str]]:
        """By column of numbers, texts of the last batch that are written as none before."""
        numbers = ((name, column.numbers) for name, column in self._columns.items())
        return {name: texts.fresh for name, texts in numbers if texts is not None}

    def _add(self, batch: Batch, failures: Iterable[tuple[int, Kinds]]) -> None:
        hits, rows, lines = self._table.hits, batch.rows, batch.lines
        for at, kinds in failures:
            for kind in kinds:
                hits.add(kind, rows[at], lines[at] if lines is not None else None)


def _hits(rule: RuleInfo, placed: Iterable[Placed], sheet: str | None) -> Iterator[Hit]:
    for each in placed:
        yield Hit(
            each.rule or rule,
            each.fault,
            sheet,
            each.place,
            each.column,
            each.value,
            each.count,
        )


def _row_groups(context: Context, columns: Mapping[str, _Column]) -> list[list[RowRule]]:
    """Row rules that are asked together.

    Those over codes and names share one pass over their combinations, of which there are few;
    one with numbers in it has a combination a row, and goes alone.
    """
    groups: list[list[RowRule]] = []
    shared: list[RowRule] = []
    for rule in [*context.rules.row, *schema_row_rules(context.schema)]:
        if not context.asks(rule.info) or not all(name in columns for name in rule.columns):
            continue
        if all(columns[name].type == "string" for name in rule.columns):
            shared.append(rule)
        else:
            groups.append([rule])
    return [shared, *groups] if shared else groups


def _whole_rules(context: Context) -> list[tuple[RuleInfo, WholeRule]]:
    rules = [*context.rules.whole, *schema_whole_rules(context.schema)]
    return [(rule.info, rule.make(context)) for rule in rules if not rule.over_file]


class _Column:
    """The rules of one column, and what they said of every value so far."""

    def __init__(self, column: SchemaField, table: Table, context: Context) -> None:
        self.name = column.name
        self.type = column.type
        self.spelling: Spelling | None = None
        """How the cells of a text file are written; they are kept, and judged, as they stand."""
        self.context = context.at(column)
        self.read = reader_of(column, context.schema.missing_values)
        rules = [
            rule for rule in context.rules.cell if rule.applies(column) and context.asks(rule.info)
        ]
        self.on_value = [rule for rule in rules if rule.on is On.VALUE]
        self.on_unread = [rule for rule in rules if rule.on is On.UNREAD]
        self.on_empty = [rule for rule in rules if rule.on is On.EMPTY]
        self.on_nil = [rule for rule in rules if rule.on is On.NIL]
        self.on_text = [rule for rule in rules if rule.on is On.TEXT]
        self.values: dict[Any, Value | Unread] = {}
        self.bad: dict[Any, Kinds] = {}
        self.numbers = _number_texts(column, self.on_value)
        self._table = table

    def failures(self, batch: Batch, name: str) -> Iterator[tuple[int, Kinds]]:
        """The positions in this batch that fail, with what is wrong there."""
        cells = batch.raw(name)
        if len(self.values) > REMEMBERED:
            self.values.clear()
            self.bad.clear()
        doubtful = self._doubtful(cells)
        if doubtful is not None:
            yield from self._among(cells, doubtful)
            return
        distinct = _keys(batch, name)
        for key in distinct.difference(self.values):
            self._judge(key)
        if self.bad and not distinct.isdisjoint(self.bad):
            keys = cells if distinct is batch.raw_distinct(name) else list(map(_hashed, cells))
            failing = map(self.bad.__contains__, keys)
            yield from self._among(cells, compress(range(len(cells)), failing))

    def _among(self, cells: Sequence[Any], places: Iterable[int]) -> Iterator[tuple[int, Kinds]]:
        for at in places:
            key = _hashed(cells[at])
            if key not in self.values:
                self._judge(key)
            if key in self.bad:
                yield at, self.bad[key]

    def _doubtful(self, cells: Sequence[Any]) -> list[int] | None:
        """Where a column of numbers with no rule but its bounds needs a closer look.

        A typed number is its value; texts are looked at by their shapes, of which there are few.
        None where this does not apply.
        """
        if self.numbers is None:
            return None
        if self.spelling is not None:
            return self.numbers.doubtful_texts(self.spelling.lines(cells))
        kinds = set(map(type, cells))
        if kinds == {str}:
            text = "\n".join(cells).encode("utf-8", "surrogatepass")
            return self.numbers.doubtful_texts(text) if text.count(b"\n") < len(cells) else None
        return self.numbers.doubtful_cells(cells) if float in kinds else None

    def value(self, key: Any) -> Value | Unread:
        """The value of a cell, worked out if the column never saw it."""
        key = _hashed(key)
        if key not in self.values:
            self._judge(key)
        return self.values[key]

    def _judge(self, key: Any) -> None:
        shown = cell = self.cell(key)
        if isinstance(cell, str) and cell in ERRORS:
            cell = Broken(cell)
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
            self.bad[key] = self.kinds(answers, shown)

    def cell(self, key: Any) -> Cell:
        """What stands in the file, from the form in which it is remembered."""
        return _unhashed(key) if self.spelling is None else self.spelling.text(key)

    def kinds(self, answers: Answers, cell: Cell) -> Kinds:
        """The kinds of hit for what was answered of a cell."""
        table = self._table
        return [
            table.hits.kind(rule, fault, table.sheet.name, self.name, value=cell)
            for rule, fault in answers
        ]

    def _ask(self, rules: Sequence[CellRule], value: Any) -> Answers:
        found = ((rule.info, rule.check(value, self.context)) for rule in rules)
        return [(info, fault) for info, fault in found if fault is not None]


def _number_texts(column: SchemaField, on_value: Sequence[CellRule]) -> NumberTexts | None:
    """The quick look at a column of numbers, where its values have no rule but their bounds."""
    low, high = column.minimum, column.maximum
    if column.type not in NUMBERS or isinstance(low, str) or isinstance(high, str):
        return None
    if any(rule.info.code not in _BOUNDS for rule in on_value):
        return None
    whole = column.type == "integer"
    return NumberTexts(None if whole else column.decimal, column.group, low, high, whole=whole)


@dataclass(frozen=True, slots=True)
class _Truth:
    """A boolean cell as a key: in a set, True and 1.0 would be one."""

    value: bool


def _keys(batch: Batch, name: str) -> set[Any]:
    """The distinct cells of a column, booleans told from numbers."""
    distinct = batch.raw_distinct(name)
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
        self,
        rules: Sequence[RowRule],
        columns: Mapping[str, _Column],
        table: Table,
        context: Context,
    ) -> None:
        self.rules = rules
        self.names = list(dict.fromkeys(name for rule in rules for name in rule.columns))
        self.columns = columns
        self.context = context
        self.asked: set[tuple[Any, ...]] = set()
        self.bad: dict[tuple[Any, ...], Kinds] = {}

    def failures(self, batch: Batch) -> Iterator[Iterator[tuple[int, Kinds]]]:
        """The positions that fail, and what is wrong there."""
        if len(self.asked) > REMEMBERED:
            self.asked.clear()
            self.bad.clear()
        distinct = batch.combined(self.names)
        for cells in distinct.difference(self.asked):
            self._judge(cells)
        self.asked |= distinct
        bad = self.bad
        if bad and not distinct.isdisjoint(bad):
            combined = zip(*map(batch.raw, self.names), strict=True)
            yield ((at, bad[cells]) for at, cells in enumerate(combined) if cells in bad)

    def _judge(self, cells: tuple[Any, ...]) -> None:
        given = dict(zip(self.names, cells, strict=True))
        values = {name: self.columns[name].value(cell) for name, cell in given.items()}
        for rule in self.rules:
            asked = [values[name] for name in rule.columns]
            if UNREAD in asked:
                continue
            fault = rule.check(*asked, self.context)
            if fault is not None:
                blamed = self.columns[rule.blame]
                cell = blamed.cell(given[rule.blame])
                self.bad.setdefault(cells, []).extend(blamed.kinds([(rule.info, fault)], cell))
