"""How the figures of a table are told apart: its indicator, or its record, its area and column."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from iocsl.catalog import accumulates
from iocsl.catalog.schema import TableSchema
from iocsl.domain import Figure, Period
from iocsl.patterns import regex
from iocsl.text import fold, squeeze
from iocsl.validate.registry import Role

STATUSES = frozenset({"uoc_tinh", "so_bo", "chinh_thuc"})
"""Estimate, preliminary and final figures are never compared as one."""
FINAL = "chinh_thuc"
"""What a blank status means."""
_NUMBERS = frozenset({"number", "integer"})
_KEY = (Role.INDICATOR_CODE, Role.PERIOD, Role.AREA, Role.STATUS)
_CODE = regex(r"[0-9A-Za-z._/-]{1,60}")
_AREA = regex(r"[0-9A-Za-z-]{0,20}")
_LONGEST_PART = 200
_DATED = frozenset({"year", "yearmonth"})
_DAYS = frozenset({"date", "datetime", "time"})
_ORDINALS = frozenset({"stt", "tt", "so thu tu"})
"""Columns that number the rows, folded: no figures."""


Line = tuple[str, str, str]
"""Indicator, area and parts: a line of the form, whatever its status.

Of a register: the first column of its key, the area and the other columns of its key.
"""


class Form(NamedTuple):
    """How the figures of a table are told apart: by what columns, and which of them are figures.

    An indicator form has its own columns for that. Any other table with a key is a register: what
    its key names, without the period, is one record of every period.
    """

    schema: TableSchema
    parts: tuple[str, ...]
    values: tuple[str, ...]
    cumulative: frozenset[str]
    """Columns whose title says that they add up within the year."""
    subject: str = Role.INDICATOR_CODE
    """The first column of the key; "" where the key is area and period alone."""
    by_area: bool = True
    period: str = Role.PERIOD
    """The column of the period; "" where the file has one for all of its rows."""
    register: bool = False

    @property
    def needed(self) -> frozenset[str]:
        """The columns without which no row can be told."""
        if not self.register:
            return frozenset({Role.INDICATOR_CODE, Role.PERIOD})
        area = (Role.AREA,) if self.by_area else ()
        return frozenset(filter(None, (self.subject, self.period, *area, *self.parts)))

    @property
    def logs(self) -> bool:
        """Whether each record is of a day: a log of what happened, and no list of what there is."""
        return any(self.schema.by_name[name].type in _DAYS for name in self.schema.primary_key)

    @property
    def unit(self) -> str:
        """The column that says what a register counts each row in: figures of two never meet."""
        unit = Role.UNIT_OF_MEASURE
        return unit if self.register and unit in self.schema.by_name else ""

    def line(self, record: Mapping[str, Any]) -> Line | None:
        """What a row, typed by the schema, is of; None where a part of its key is no code."""
        code = _text(record, self.subject)
        area = area_of(_text(record, Role.AREA)) if self.by_area else ""
        parts = [_text(record, name) for name in self.parts]
        if any(len(part) > _LONGEST_PART for part in (code, area, *parts)):
            return None
        if self.register:
            return self.record(code, area, parts)
        if not _CODE.fullmatch(code) or not _AREA.fullmatch(area):
            return None
        return code, area, joined(parts)

    def record(self, code: str, area: str, parts: Sequence[str]) -> Line | None:
        """A record of a register by what its key columns say; None where they are blank."""
        blank = (self.subject or self.by_area) and not any((code, area, *parts))
        return None if blank else (code, area, joined(parts))

    def figures(self, record: Mapping[str, Any], filed: str = "") -> Iterator[Figure]:
        """The figures of one row; `filed` is the period of the file, for tables that name none."""
        line = self.line(record)
        return iter(()) if line is None else self.figures_of(line, record, filed)

    def figures_of(self, line: Line, record: Mapping[str, Any], filed: str) -> Iterator[Figure]:
        """The figures of a row whose line is known."""
        if self.period:
            period = known_period(_text(record, self.period))
            filed = period.id if period else ""
        status = _text(record, Role.STATUS) or FINAL
        if not filed or status not in STATUSES:
            return
        line = counted_in(line, _text(record, self.unit))
        for column in self.values:
            value = record.get(column)
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            if math.isfinite(value):
                yield Figure(*line, filed, status, column, float(value))


def compared_as(schema: TableSchema) -> Form | None:
    """How tables of a schema are held against earlier ones; None without a key to tell rows by."""
    return form_of(schema) or _register_of(schema)


def form_of(schema: TableSchema) -> Form | None:
    """The indicator form that a schema describes, None where it is of another kind or personal."""
    fields = schema.by_name
    value = fields.get(Role.VALUE)
    if Role.INDICATOR_CODE not in fields or Role.PERIOD not in fields or value is None:
        return None
    if value.type not in _NUMBERS or any(each.personal for each in schema.fields):
        return None
    cumulative = _cumulative(schema)
    parts = tuple(name for name in schema.primary_key if name not in _KEY)
    return Form(schema, parts, (Role.VALUE, *sorted(cumulative - {Role.VALUE})), cumulative)


def _register_of(schema: TableSchema) -> Form | None:
    key, fields = schema.primary_key, schema.by_name
    dated = [name for name in key if fields[name].type in _DATED]
    period = Role.PERIOD if Role.PERIOD in fields else (*dated, "")[0]
    told = [name for name in key if name not in {period, Role.STATUS, Role.AREA}]
    if not key:
        return None
    values = tuple(
        each.name
        for each in schema.fields
        if each.type in _NUMBERS and each.name not in key and fold(each.title) not in _ORDINALS
    )
    return Form(
        schema,
        tuple(told[1:]),
        values,
        _cumulative(schema),
        subject=told[0] if told else "",
        by_area=Role.AREA in key,
        period=period,
        register=True,
    )


def _cumulative(schema: TableSchema) -> frozenset[str]:
    return frozenset(
        each.name for each in schema.fields if each.type in _NUMBERS and accumulates(each.title)
    )


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return "" if value is None else squeeze(str(value))


def joined(parts: Iterable[str]) -> str:
    return " · ".join(parts)


def counted_in(line: Line, unit: str) -> Line:
    """A line whose figures are in a unit of measure of the row's own."""
    return (*line[:2], joined((line[2], unit))) if unit else line


def area_of(text: str) -> str:
    """An area by its official code, where it is written as the id of a commune (`X-03646`)."""
    return text.removeprefix("X-")


@lru_cache(4096)
def known_period(text: str) -> Period | None:
    """The period that a text names, None where it names none."""
    try:
        return Period.parse(text)
    except ValueError:
        return None
