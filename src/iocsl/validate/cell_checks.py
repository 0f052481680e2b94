"""The rules over cells and rows of one table: asked once per distinct value or combination.

The answers are remembered. What passes costs a set operation a column, so a million rows stay fast.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Severity
from iocsl.patterns import regex
from iocsl.text import squeeze
from iocsl.validate.cells import UNREAD, Unread, Value, reader_of
from iocsl.validate.context import Context
from iocsl.validate.hits import MASK
from iocsl.validate.many_texts import ManyTexts
from iocsl.validate.numbers import NumberTexts
from iocsl.validate.readers.base import ERRORS, Batch, Broken, Cell, Screened
from iocsl.validate.readers.texts import Spelling
from iocsl.validate.registry import CellRule, Fault, On, RowRule, RuleInfo
from iocsl.validate.rules.across import schema_row_rules
from iocsl.validate.rules.nil import is_nil
from iocsl.validate.table import NUMBERS, Table

REMEMBERED = 50_000
"""Distinct values of a column whose answers are kept; beyond that they are forgotten."""
MANY = 64
"""New texts of a column from which they are looked at together first."""
SEVERAL = 2
"""Cells up to which each is looked for in a column; more are told from the others together."""
FEW = 256
"""Distinct cells of a column that a screening tells."""

_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")

_DIGIT = regex("[0-9]")
_FLOAT = (float, int, type(None))
_BOUNDS = frozenset({"V408", "V409"})
_STRANGE = frozenset({"C301", "C305", "V414"})
"""Rules that tell a code of another list."""

Answers = list[tuple[RuleInfo, Fault]]


class Judged(NamedTuple):
    """What is said of a cell: numbers of kinds of hits, and whether one of them is an error."""

    kinds: list[int]
    wrong: bool


_NOTHING = Judged([], wrong=False)


class CellChecks:
    """All that is asked of the cells and rows of one table."""

    def __init__(self, table: Table, context: Context) -> None:
        fields = [context.schema.by_name[name] for name in table.layout.columns]
        self._columns = {each.name: _Column(each, table, context) for each in fields}
        groups = _row_groups(context, self._columns)
        self._rows = [_Rows(group, self._columns, context) for group in groups]

    @property
    def told_a_row(self) -> int:
        """How often something may be said of one row at the most."""
        return len(self._columns) + len(self._rows)

    @property
    def strange(self) -> int:
        """How many different cells are codes that no list has."""
        return sum(column.strange for column in self._columns.values())

    def failures(self, batch: Batch) -> Iterator[tuple[int, Judged]]:
        """Positions in a batch, and what is wrong there."""
        self._spelt(batch)
        # Rows first: few combinations of several columns tell the distinct cells of each.
        for number, rows in enumerate(self._rows):
            if batch.screened is None:
                yield from rows.failures(batch)
            else:
                yield from rows.among(batch.screened.rows[number])
        for name, column in self._columns.items():
            if batch.screened is None:
                yield from column.failures(batch, name)
            else:
                yield from column.among(batch.screened.cells.get(name, ()))
                column.hear(batch.screened.fresh.get(name, ()))

    def screen(self, batch: Batch) -> Screened:
        """Where `failures` has something to say, for another process that asks the rules again."""
        self._spelt(batch)
        rows = [each.screen(batch) for each in self._rows]
        cells: dict[str, list[tuple[int, Any]]] = {}
        for name, column in self._columns.items():
            raw = batch.raw(name)
            found = [(at, raw[at]) for at, _ in column.failures(batch, name)]
            if found:
                cells[name] = found
        fresh = {name: texts for name, texts in self.fresh().items() if texts}
        # Figures are as good as all different, and nobody has asked for the distinct ones here.
        counted = (name for name, column in self._columns.items() if column.numbers is None)
        distinct = {name: batch.raw_distinct(name) for name in counted}
        few = {name: cells for name, cells in distinct.items() if len(cells) <= FEW}
        return Screened(cells, rows, fresh, few)

    def fresh(self) -> dict[str, list[str]]:
        """By column of numbers, texts of the last batch that are written as none before."""
        numbers = ((name, column.numbers) for name, column in self._columns.items())
        return {name: texts.fresh for name, texts in numbers if texts is not None}

    def _spelt(self, batch: Batch) -> None:
        for name, column in self._columns.items():
            column.spelling = batch.spelling(name)


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
        if all(columns[name].type == "string" for name in _given(rule, columns)):
            shared.append(rule)
        else:
            groups.append([rule])
    return [shared, *groups] if shared else groups


def _given(rule: RowRule, columns: Mapping[str, _Column]) -> list[str]:
    """The columns that a row rule looks at, without those beside them that the file has not."""
    return [*rule.columns, *(name for name in rule.beside if name in columns)]


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
        self.bad: dict[Any, Judged] = {}
        self.strange = 0
        self.good: set[Any] = set()
        """Texts of which nothing is said, known from a look at many."""
        self.in_many = column.type in {"string", "any"} and all(map(_is_quick, self.on_text))
        missing = context.schema.missing_in(column)
        self.telling = missing | ERRORS
        self.numbers = _number_texts(column, self.on_value, missing)
        self._table = table

    def failures(self, batch: Batch, name: str) -> Iterator[tuple[int, Judged]]:
        """The positions in this batch that fail, with what is wrong there."""
        cells = batch.raw(name)
        self._forget()
        doubtful = self._doubtful(cells)
        if doubtful is not None:
            yield from self._failing((at, cells[at]) for at in doubtful)
            return
        distinct = _keys(batch, name)
        for key in self._suspects(distinct.difference(self.values, self.good)):
            self._judge(key)
        if bad := self.bad.keys() & distinct:
            keys = cells if distinct is batch.raw_distinct(name) else list(map(_hashed, cells))
            yield from self._failing((at, cells[at]) for at in _places(keys, bad))

    def among(self, cells: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Judged]]:
        """Which of some cells, each with its position, fail."""
        self._forget()
        yield from self._failing(cells)

    def _failing(self, cells: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Judged]]:
        for at, cell in cells:
            key = _hashed(cell)
            if key not in self.values:
                self._judge(key)
            if key in self.bad:
                yield at, self.bad[key]

    def hear(self, fresh: Sequence[str]) -> None:
        """Learn of texts that another process met as written like none before."""
        if self.numbers is not None:
            self.numbers.hear(fresh)

    def _forget(self) -> None:
        if len(self.values) > REMEMBERED:
            self.values.clear()
            self.bad.clear()
        if len(self.good) > REMEMBERED:
            self.good.clear()

    def _suspects(self, new: set[Any]) -> Collection[Any]:
        """Those of new cells of which a rule may have something to say."""
        if not self.in_many or len(new) < MANY:
            return new
        keys = [key for key in new if type(key) in {str, bytes}]
        many = ManyTexts.of(keys if self.spelling is None else self.spelling.texts(keys))
        found = {at for at, text in enumerate(many.texts) if text in self.telling}
        found.update(many.untidy())
        for rule in (*self.on_text, *self.on_value):
            if rule.quick is not None:
                found.update(rule.quick(many, self.context))
            else:
                answers = (rule.check(text, self.context) for text in many.texts)
                found.update(at for at, fault in enumerate(answers) if fault is not None)
        suspects = set(map(keys.__getitem__, found))
        self.good.update(set(keys).difference(suspects))
        return suspects.union(new.difference(keys))

    def _doubtful(self, cells: Sequence[Any]) -> list[int] | None:
        """Where a column of numbers with no rule but its bounds needs a closer look.

        A typed number is its value; texts are looked at by their shapes, of which there are few.
        None where this does not apply.
        """
        if self.numbers is None:
            return None
        if self.spelling is not None:
            text = self.spelling.lines(cells)
            if text.replace(b"\n", b"").isdigit():
                prefix = len(self.spelling.prefix)
                if self.numbers.know(each - prefix for each in set(map(len, cells))):
                    return []
            return self.numbers.doubtful_texts(text)
        if set(map(type, cells)) == {str}:
            text = "\n".join(cells).encode("utf-8", "surrogatepass")
            if text.count(b"\n") < len(cells):
                return self.numbers.doubtful_texts(text)
        return self.numbers.doubtful_cells(cells)

    def value(self, key: Any) -> Value | Unread:
        """The value of a cell, worked out if the column never saw it."""
        if type(key) is bool:
            key = _Truth(key)
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
            self.bad[key] = self.said(answers, shown)
            self.strange += any(rule.code in _STRANGE for rule, _ in answers)

    def cell(self, key: Any) -> Cell:
        """What stands in the file, from the form in which it is remembered."""
        return _unhashed(key) if self.spelling is None else self.spelling.text(key)

    def said(self, answers: Answers, cell: Cell) -> Judged:
        """What is said of a cell, for what was answered of it."""
        table = self._table
        kinds = [
            table.hits.kind(
                rule, fault, table.sheet.name, self.name, value=MASK if fault.masked else cell
            )
            for rule, fault in answers
        ]
        grave = ((fault.severity or rule.severity) is Severity.ERROR for rule, fault in answers)
        return Judged(kinds, any(grave))

    def _ask(self, rules: Sequence[CellRule], value: Any) -> Answers:
        found = ((rule.info, rule.check(value, self.context)) for rule in rules)
        return [(info, fault) for info, fault in found if fault is not None]


def _is_quick(rule: CellRule) -> bool:
    return rule.quick is not None


def _number_texts(
    column: SchemaField, on_value: Sequence[CellRule], missing: frozenset[str]
) -> NumberTexts | None:
    """The quick look at a column of numbers, where its values have no rule but their bounds."""
    low, high = column.minimum, column.maximum
    if column.type not in NUMBERS or not isinstance(low, _FLOAT) or not isinstance(high, _FLOAT):
        return None
    if any(rule.info.code not in _BOUNDS for rule in on_value):
        return None
    if len(missing) > 1 and any(map(_DIGIT.search, missing)):
        return None  # -99 looks like a number, and stands for none
    whole = column.type == "integer"
    return NumberTexts(None if whole else column.decimal, column.group, low, high, whole=whole)


class _Truth(NamedTuple):
    """A boolean cell as a key: in a set, True and 1.0 would be one."""

    value: bool


def _places(cells: Sequence[Any], wanted: Collection[Any]) -> Iterable[int]:
    """Where some cells stand in a column, in order. One or two are looked for one by one."""
    if len(wanted) > SEVERAL:
        return compress(range(len(cells)), map(wanted.__contains__, cells))
    found: list[int] = []
    for cell in wanted:
        at = -1
        for _ in range(cells.count(cell)):
            at = cells.index(cell, at + 1)
            found.append(at)
    return sorted(found)


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
        self, rules: Sequence[RowRule], columns: Mapping[str, _Column], context: Context
    ) -> None:
        self.names = list(dict.fromkeys(name for rule in rules for name in _given(rule, columns)))
        self._of = [columns[name] for name in self.names]
        place = {name: at for at, name in enumerate(self.names)}
        self._rules = [
            (each, [place.get(name) for name in (*each.columns, *each.beside)], place[each.blame])
            for each in rules
        ]
        # What rules of a schema say of a column beside the one that they blame they mask.
        self._ours = {id(each) for each in context.rules.row}
        self._context = context
        self.asked: set[tuple[Any, ...]] = set()
        self.bad: dict[tuple[Any, ...], Judged] = {}

    def failures(self, batch: Batch) -> Iterator[tuple[int, Judged]]:
        """The positions that fail, and what is wrong there."""
        for at, cells in self.screen(batch):
            yield at, self.bad[cells]

    def screen(self, batch: Batch) -> list[tuple[int, tuple[Any, ...]]]:
        """The positions that fail, and the cells there."""
        self._forget()
        distinct = batch.combined(self.names)
        for cells in distinct.difference(self.asked):
            self._judge(cells)
        self.asked |= distinct
        bad = self.bad
        if not bad or distinct.isdisjoint(bad):
            return []
        combined = zip(*map(batch.raw, self.names), strict=True)
        return [(at, cells) for at, cells in enumerate(combined) if cells in bad]

    def among(
        self, combinations: Iterable[tuple[int, tuple[Any, ...]]]
    ) -> Iterator[tuple[int, Judged]]:
        """Which of some combinations, each with its position, fail."""
        self._forget()
        for at, cells in combinations:
            if cells not in self.asked:
                self._judge(cells)
                self.asked.add(cells)
            if cells in self.bad:
                yield at, self.bad[cells]

    def _forget(self) -> None:
        if len(self.asked) > REMEMBERED:
            self.asked.clear()
            self.bad.clear()

    def _judge(self, cells: tuple[Any, ...]) -> None:
        values = [column.value(cell) for column, cell in zip(self._of, cells, strict=True)]
        for rule, places, blamed in self._rules:
            asked = [None if at is None else values[at] for at in places]
            if UNREAD in asked:
                continue
            fault = rule.check(*asked, self._context)
            if fault is not None:
                column = self._of[blamed]
                if id(rule) in self._ours:
                    fault.quoting = rule.columns
                said = column.said([(rule.info, fault)], column.cell(cells[blamed]))
                before = self.bad.get(cells, _NOTHING)
                self.bad[cells] = Judged(before.kinds + said.kinds, before.wrong or said.wrong)
