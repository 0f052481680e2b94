"""X: the `quy_tac` of a schema: columns of a row, and rows, held against one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import Enum
from functools import partial
from typing import Any

from iocsl.catalog.schema import COMPARISONS, SchemaField, TableRule, TableSchema
from iocsl.domain import Severity
from iocsl.text import squeeze
from iocsl.validate.context import Context
from iocsl.validate.hits import MASK
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Batch, Cell, Place, shown
from iocsl.validate.registry import (
    QD1134,
    QD2023,
    Basis,
    Fault,
    Level,
    Placed,
    RowRule,
    RuleInfo,
    TableWideRule,
    WholeRule,
    file_fault,
    own,
)
from iocsl.validate.rules.code_units import unit_rules
from iocsl.validate.spellings import SpelledRepeats, reading_of

EXACT: Basis = {QD2023: "Điều 3 khoản 1; Điều 6 khoản 1", QD1134: "Điều 5 khoản 1 điểm a, b"}
SINCE = "0.1.0"

COMPARED = file_fault(
    "X710",
    "comparison-fails",
    Severity.ERROR,
    level=Level.ROW,
    vi="“{title}” là {value}, phải {relation} {other} ({rule}).",
    en="“{title}” is {value}, it must be {relation} {other} ({rule}).",
    hint=("Kiểm tra hai số liệu, sửa số sai.", "Check both figures and mend the wrong one."),
    basis=EXACT,
    since=SINCE,
    doc="""Two columns, or a column and a number, stand in the order that the schema lays down.

    Why: a part larger than its whole, or an end before its start, shows a slip.
    Fix: correct one of the two.
    """,
)

SUMMED = file_fault(
    "X711",
    "sum-differs",
    Severity.ERROR,
    level=Level.ROW,
    vi="“{title}” là {value}, tổng các phần là {sum}, lệch {difference} ({rule}).",
    en="“{title}” is {value}, its parts add up to {sum}, a difference of {difference} ({rule}).",
    hint=("Kiểm tra các số thành phần và số tổng.", "Check the parts and the total."),
    basis=EXACT,
    since=SINCE,
    doc="""A total is the sum of its parts, within the tolerance of the schema.

    Why: totals typed by hand go stale when a part is corrected.
    Fix: add up again.
    """,
)

REQUIRED_THEN = file_fault(
    "X712",
    "required-here",
    Severity.ERROR,
    level=Level.ROW,
    vi="Phải điền “{title}” vì “{other}” là “{value}” ({rule}).",
    en="“{title}” has to be filled in, since “{other}” is “{value}” ({rule}).",
    hint=("Điền giá trị còn thiếu.", "Fill in what is missing."),
    basis=EXACT,
    since=SINCE,
    doc="""A column that is required where another one is filled, or has a certain value.

    Why: the one means nothing without the other.
    Fix: fill it in, or clear the other.
    """,
)

NOT_UNIQUE = file_fault(
    "X713",
    "repeated-combination",
    Severity.ERROR,
    level=Level.WHOLE,
    vi="Các cột {titles} cùng giá trị với dòng {first} ({rule}).",
    en="The columns {titles} have the same values as row {first} ({rule}).",
    hint=("Kiểm tra xem dòng nào đúng.", "See which of the rows is right."),
    basis=EXACT,
    since=SINCE,
    doc="""Columns that together are unique by a rule of the schema: 05/11/2026 and 2026-11-05 are
    one day, 1.000 and 1000 one number.

    Why: the same thing would be counted twice.
    Fix: remove or correct one of the rows.
    """,
)

OUT_OF_RANGE = file_fault(
    "X714",
    "outside-range-of-code",
    Severity.ERROR,
    level=Level.ROW,
    vi="“{title}” là {value}, ngoài khoảng {low}–{high} của mã {code} ({rule}).",
    en="“{title}” is {value}, outside the range {low}–{high} of code {code} ({rule}).",
    hint=(
        "Kiểm tra số liệu, đơn vị tính và mã của dòng.",
        "Check figure, unit of measure and code of the row.",
    ),
    basis=EXACT,
    since=SINCE,
    doc="""A figure lies between the bounds that the code list gives for the code beside it.

    Why: bounds differ by code; a figure far outside is in another unit or under another code.
    Fix: correct the figure or the code.
    """,
)

_RELATIONS: dict[str, Callable[[Any, Any, float], bool]] = {
    "<=": lambda one, other, slack: one <= other + slack,
    "<": lambda one, other, slack: one < other + slack,
    "==": lambda one, other, slack: abs(one - other) <= slack,
    ">=": lambda one, other, slack: one >= other - slack,
    ">": lambda one, other, slack: one > other - slack,
}
_ROUNDING = 1e-9
"""Binary fractions are off by less than this part of the larger number."""


def schema_row_rules(schema: TableSchema) -> list[RowRule]:
    """The `quy_tac` of a schema that look at one row, as rules for the engine."""
    rules = []
    for each in schema.rules:
        if each.operation == "unique":
            continue
        info, check = _ROW_CHECKS[each.operation](each, schema)
        columns = (*each.columns, *each.others)
        rules.append(RowRule(info, check, columns, each.columns[0]))
    return rules + unit_rules(schema)


def schema_whole_rules(schema: TableSchema) -> list[TableWideRule]:
    """The `quy_tac` of a schema that look at the whole table."""
    whole: dict[str, tuple[RuleInfo, Callable[[Context, TableRule], WholeRule]]] = {
        "unique": (NOT_UNIQUE, _Combination),
        "required_if": (REQUIRED_THEN, _AbsentColumn),
    }
    return [
        TableWideRule(info, partial(_made, make, each))
        for each in schema.rules
        if each.operation in whole
        for info, make in [whole[each.operation]]
    ]


def _made(
    make: Callable[[Context, TableRule], WholeRule], rule: TableRule, context: Context
) -> WholeRule:
    return make(context, rule)


def _fault(rule: TableRule, known: Mapping[str, str | int], **cell: Any) -> Fault:
    """What the schema says itself, or the message of its rule, which ends in the rule's `ma`.

    `known` are facts of the schema, and of columns beside the one that is blamed as `_told` has
    them; `cell` are those of the blamed one.
    """
    if rule.said is not None:
        return Fault(said=rule.said, severity=rule.severity)
    facts: dict[str, Any] = {name: own(each) for name, each in known.items()}
    return Fault(severity=rule.severity, rule=own(rule.code), **facts, **cell)


Check = tuple[RuleInfo, Callable[..., Fault | None]]


def _slack(tolerance: float, *numbers: float) -> float:
    return tolerance + _ROUNDING * max((abs(each) for each in numbers), default=0.0)


_SIGNS = {"<=": "≤", "<": "<", "==": "=", ">": ">", ">=": "≥"}


def _compared(rule: TableRule, schema: TableSchema) -> Check:
    holds = _RELATIONS[rule.operation]
    column = schema.by_name[rule.columns[0]]
    about = schema.by_name[rule.others[0]] if rule.others else None

    def check(one: Any, *rest: Any) -> Fault | None:
        other = rest[0] if rule.others else rule.constant
        if one is None or other is None or _holds(one, other):
            return None
        said = f"“{about.title}” ({_told(other, about)})" if about else _said(other)
        known = {"title": column.title, "relation": _SIGNS[rule.operation], "other": said}
        return _fault(rule, known, value=_said(one))

    def _holds(one: Any, other: Any) -> bool:
        if isinstance(one, int | float) and isinstance(other, int | float):
            slack = _slack(rule.tolerance, one, other)
            strict = rule.operation in {"<", ">"} and not rule.tolerance
            return holds(one, other, 0.0 if strict else slack)
        if isinstance(one, date) and isinstance(other, date):
            return holds(one.toordinal(), other.toordinal(), rule.tolerance)
        left, right = shown(one), shown(other)
        return holds((left > right) - (left < right), 0, 0.0)

    return COMPARED, check


def _summed(rule: TableRule, schema: TableSchema) -> Check:
    title = schema.by_name[rule.columns[0]].title

    def check(total: Any, *rest: Any) -> Fault | None:
        parts = [part for part in rest[:-1] if part is not None]
        if total is None or not parts:
            return None
        added = sum(parts)
        difference = total - added
        if abs(difference) <= _slack(rule.tolerance, total, *parts):
            return None
        fault = _fault(
            rule,
            {"title": title},
            value=_said(total),
            sum=_said(added),
            difference=_said(round(difference, 9)),
        )
        fault.quoting = (*rule.columns, *rule.others)
        return fault

    return SUMMED, check


def _required_if(rule: TableRule, schema: TableSchema) -> Check:
    title = schema.by_name[rule.columns[0]].title
    about = schema.by_name[rule.others[0]]
    awaited = None if rule.equals is None else _as_read(rule.equals, about)

    def check(wanted: Any, other: Any, _: Context) -> Fault | None:
        if wanted is not None or other is None:
            return None
        if awaited is not None and other != awaited:
            return None
        known = {"title": title, "other": about.title, "value": _told(other, about)}
        return _fault(rule, known)

    return REQUIRED_THEN, check


def _as_read(text: str, column: SchemaField) -> Any:
    """A value that a schema names, as the cells of that column are read."""
    from iocsl.validate.cells import reader_of

    if column.type in {"number", "integer"}:
        return float(text)
    value = reader_of(column, frozenset())(squeeze(text))
    return squeeze(text) if isinstance(value, Enum) else value


def _range_by(rule: TableRule, schema: TableSchema) -> Check:
    column, listed = (schema.by_name[name] for name in (*rule.columns, *rule.others))
    codes = listed.codes or {}

    def check(number: Any, code: Any, _: Context) -> Fault | None:
        row = codes.get(shown(code)) if code is not None else None
        if row is None or number is None:
            return None
        low, high = row.minimum, row.maximum
        slack = _slack(rule.tolerance, number)
        if (low is None or number >= low - slack) and (high is None or number <= high + slack):
            return None
        known = {
            "title": column.title,
            "low": _said(low) if low is not None else "…",
            "high": _said(high) if high is not None else "…",
            "code": _told(code, listed),
        }
        return _fault(rule, known, value=_said(number))

    return OUT_OF_RANGE, check


def _told(value: object, column: SchemaField) -> str:
    """A value of a column beside the one that is blamed, which alone is masked with its fault."""
    if isinstance(value, bool):
        words = column.true_values if value else column.false_values
        value = words[0] if words else value
    return MASK if column.personal else _said(value)


def _said(value: object) -> str:
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown(value)
    return plain(value)


_ROW_CHECKS: dict[str, Callable[[TableRule, TableSchema], Check]] = {
    **dict.fromkeys(COMPARISONS, _compared),
    "sum": _summed,
    "required_if": _required_if,
    "range_by": _range_by,
}


class _Combination:
    """One `unique` of a schema's `quy_tac`: of values as they are understood, not as written."""

    def __init__(self, context: Context, rule: TableRule) -> None:
        self._rule = rule
        schema = context.schema
        columns = [schema.by_name[name] for name in rule.columns]
        readings = {each.name: reading_of(each) for each in columns}
        missing = {each.name: schema.missing_in(each) for each in columns}
        self._repeats = SpelledRepeats(rule.columns, readings=readings, missing=missing)
        self._exchanged = context.exchanged
        self._titles = ", ".join(context.schema.by_name[name].title for name in rule.columns)

    def see(self, batch: Batch) -> Iterable[Placed]:
        if not all(name in batch.columns for name in self._rule.columns):
            return
        for at, first, exact in self._repeats.see(self._exchanged.apart(batch)):
            if not exact:
                continue
            known: dict[str, str | int] = {"titles": self._titles, "first": first.row}
            fault = _fault(self._rule, known)
            column = self._rule.columns[0]
            yield Placed(fault, batch.place(at), column, batch.columns[column][at])

    def close(self) -> Iterable[Placed]:
        return ()


class _AbsentColumn:
    """A `required_if` whose column is not in the table: one finding for all rows that want it."""

    def __init__(self, context: Context, rule: TableRule) -> None:
        from iocsl.validate.cells import reader_of

        self._context = context
        self._wanted, self._other = rule.columns[0], context.schema.by_name[rule.others[0]]
        self._check = _required_if(rule, context.schema)[1]
        self._read = reader_of(self._other, context.schema.missing_values)
        self._faults: dict[Cell, Fault | None] = {}
        self._first: tuple[Fault, Place, Cell] | None = None
        self._count = 0

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Count the rows in which the column would have to be filled in."""
        if self._wanted in batch.columns or self._other.name not in batch.columns:
            return ()
        for at, cell in enumerate(batch.columns[self._other.name]):
            if cell not in self._faults:
                self._faults[cell] = self._asked(cell)
            fault = self._faults[cell]
            if fault is not None:
                self._count += 1
                self._first = self._first or (fault, batch.place(at), cell)
        return ()

    def _asked(self, cell: Cell) -> Fault | None:
        value = self._read(squeeze(cell) if isinstance(cell, str) else cell)
        if isinstance(value, Enum):
            return None  # it cannot be read, and has been told
        return self._check(None, value, self._context)

    def close(self) -> Iterable[Placed]:
        if self._first is not None:
            fault, place, cell = self._first
            yield Placed(fault, place, self._other.name, cell, self._count)
