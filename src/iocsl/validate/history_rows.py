"""The figures of an indicator form as it is read, each beside the figures before it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from iocsl.domain import Period, Words
from iocsl.text import squeeze
from iocsl.validate.cells import UNREAD, Reader, reader_of
from iocsl.validate.history import STILL, Point, Series
from iocsl.validate.history_forms import (
    FINAL,
    STATUSES,
    Line,
    area_of,
    compared_as,
    counted_in,
    joined,
    known_period,
)
from iocsl.validate.history_registers import WHOLE, content_of
from iocsl.validate.hits import MASK
from iocsl.validate.personal import column_of, kind_of
from iocsl.validate.readers.base import Batch, Cell, shown
from iocsl.validate.registry import Role

if TYPE_CHECKING:
    from iocsl.validate.context import Context


class FormRow(NamedTuple):
    """One row of the form: its position in the batch, its key, its figures by column.

    `period` is None for a register of which nothing says it. `line` is what its figures are of,
    `record` the line as it is looked for among the earlier ones.
    """

    at: int
    line: Line
    status: str
    period: Period | None
    figures: tuple[tuple[str, float], ...]
    record: Line


class Against(NamedTuple):
    """One figure and its series by time, of which so many were over before its period began."""

    at: int
    place: Series
    period: Period | None
    value: float
    series: Sequence[Point]
    earlier: int

    @property
    def when(self) -> str | Words:
        """The period, for messages."""
        return self.period.id if self.period else _NOW

    @property
    def last(self) -> Point | None:
        """The nearest figure before."""
        return self.series[self.earlier - 1] if self.earlier else None


MOVES = 4
"""Different figures from which one of a register is known to move from period to period."""
_NOW = Words("kỳ này", "this period")


class Comparison:
    """The figures of one file, told batch by batch to every rule that asks, and counted once.

    The counts go over all tables of the file; figures that add up within the year are no part of
    them, since those rise from month to month and begin anew each January.
    """

    def __init__(self, context: Context) -> None:
        self.past = context.past
        self.form = compared_as(context.schema)
        self.present: set[Line] = set()
        """Lines of the form that the file has, with or without a figure."""
        self.compared = 0
        """Figures with at least one of their series before them."""
        self.same = 0
        """Those that are what the last one was."""
        self.few = 0
        """Figures of series too short to say what is usual."""
        self.met = 0
        """Figures with a past, those that add up among them."""
        self.seen = False
        """Whether there were rows to compare."""
        self.records = 0
        """Rows of a register whose key can be read."""
        self.content = 0
        """What the rows of a register add up to, as far as its figures are those of last time."""
        self.still: list[str] = []
        """Codes of figures that have not moved for `STILL` periods, this one included."""
        self._context = context
        self._rows: tuple[Batch | None, list[FormRow]] = (None, [])
        self._against: tuple[Batch | None, list[Against]] = (None, [])
        self._texts: dict[Cell, str] = {}
        self._readers: dict[str, Reader] = {}

    @property
    def key(self) -> tuple[str, ...]:
        """The columns by which figures of several periods are told apart."""
        if self.register:
            return self._context.schema.primary_key
        parts = self.form.parts if self.form else ()
        return (Role.INDICATOR_CODE, Role.PERIOD, Role.AREA, *parts)

    def named(self, line: Sequence[str], column: str = "") -> str:
        """What a line is called in a message: its code, or all of the key of a register."""
        if self.form is None or not self.register:
            return line[0]
        fields = self._context.schema.by_name
        look = column_of(fields.get(self.form.subject), "")
        told = [MASK if kind_of(part, look) else part for part in line[:3] if part]
        return joined(told) or (fields[column].title if column else "")

    @property
    def register(self) -> bool:
        """Whether the table is a register and no indicator form."""
        return self.form is not None and self.form.register

    @property
    def repeats(self) -> bool:
        """Whether a register is that of the last period in every column."""
        return self.same == self.compared and self.content == self.past.content

    def stands_still(self, each: Against) -> bool:
        """Whether a figure of a register is one that seldom changes: then a change is no wonder."""
        if not self.register:
            return False
        return len({point.value for point in each.series[: each.earlier]}) < MOVES

    def adds_up(self, indicator: str, column: str) -> bool:
        """Whether figures of an indicator in a column add up within the year."""
        if self.form is not None and column in self.form.cumulative:
            return True
        return column == Role.VALUE and indicator in self._adding_up

    @property
    def any_add_up(self) -> bool:
        """Whether the form has figures that add up within the year at all."""
        return self.form is not None and bool(self.form.cumulative or self._adding_up)

    @cached_property
    def _adding_up(self) -> frozenset[str]:
        known = self._context.indicators.items()
        return frozenset(code for code, each in known if each.accumulates)

    def against(self, batch: Batch) -> list[Against]:
        """The figures of a batch beside the past; [] where there is none."""
        self.seen = self.seen or bool(len(batch))
        if not self.past:
            return []
        if self._against[0] is not batch:
            self._against = (batch, list(self._compare(batch)))
        return self._against[1]

    def _compare(self, batch: Batch) -> Iterator[Against]:
        from iocsl.validate.history_statistics import FEWEST

        form = self.form
        dated = form is not None and form.period
        for row in self.rows(batch):
            self.present.add(row.record)
            self.records += 1
            kind = row.period.type if dated and row.period else None
            for column, value in row.figures:
                place = Series(*row.line, row.status, column, kind)
                earlier = self.past.earlier(place, row.period)
                series = self.past.series(place)
                each = Against(row.at, place, row.period, value, series, earlier)
                self.met += earlier > 0
                if not self.adds_up(place.indicator, column):
                    self.few += self._is_short(earlier, FEWEST)
                    self._count(each)
                yield each
        if form is not None and self.past.content is not None and self.same == self.compared:
            self.content += sum(content_of(row, form.period) for row in self._typed(batch))
            self.content &= WHOLE

    def _is_short(self, earlier: int, fewest: int) -> bool:
        """Whether a series has too few figures. A record may be new; the past of a register not."""
        if not self.register:
            return earlier < fewest
        return 0 < earlier < fewest and len(self.past.recent) < fewest

    def _typed(self, batch: Batch) -> Iterator[dict[str, Any]]:
        """The rows of a batch by column key, as `rows.records_of` gives those of a file."""
        columns = [
            [self._value(name, cell) for cell in cells] for name, cells in batch.columns.items()
        ]
        for values in zip(*columns, strict=True):
            yield {
                name: value
                for name, value in zip(batch.columns, values, strict=True)
                if value is not None and value is not UNREAD
            }

    def _count(self, each: Against) -> None:
        if each.last is None:
            return
        self.compared += 1
        self.same += each.last.value == each.value
        if not each.value or each.earlier < STILL - 1:
            return
        before = each.series[each.earlier - STILL + 1 : each.earlier]
        if all(point.value == each.value for point in before):
            self.still.append(each.place.indicator)

    def rows(self, batch: Batch) -> list[FormRow]:
        """The rows of a batch whose indicator, period and status can be read."""
        if self._rows[0] is not batch:
            self._rows = (batch, list(self._formed(batch)))
        return self._rows[1]

    def _formed(self, batch: Batch) -> Iterator[FormRow]:
        form = self.form
        if form is None or not form.needed <= batch.columns.keys():
            return
        blank: Sequence[Cell] = [""] * len(batch)
        keys = (form.subject, form.period, Role.AREA, Role.STATUS, form.unit, *form.parts)
        columns = [self._texts_of(name, batch.columns.get(name, blank)) for name in keys]
        given = [name for name in form.values if name in batch.columns]
        exchanged = self._context.exchanged.told(batch)
        filed = None if form.period else self._context.period
        for at, cells in enumerate(zip(*columns, strict=True)):
            code, period_text, area, status, unit, *parts = cells
            period = known_period(period_text) if form.period else filed
            status = status or FINAL
            if (period is None and form.period) or status not in STATUSES:
                continue
            line = form.record(code, area_of(area) if form.by_area else "", parts)
            if line is None or not (code or form.register):
                continue
            if at in exchanged:
                # It may be a row of either indicator, and its figure is nobody's yet.
                other = (exchanged[at], *line[1:])
                yield FormRow(at, line, status, period, (), line)
                yield FormRow(at, other, status, period, (), other)
                continue
            figures = tuple(
                (name, value)
                for name in given
                if (value := self._number(name, batch.columns[name][at])) is not None
            )
            yield FormRow(at, counted_in(line, unit), status, period, figures, line)

    def _texts_of(self, name: str, cells: Sequence[Cell]) -> Iterator[str]:
        """A column of the key as text, the same in every format: days and numbers as they count."""
        field = self._context.schema.by_name.get(name)
        if field is None or field.type == "string":
            return map(self._text, cells)
        values = (self._value(name, cell) for cell in cells)
        return ("" if value is None or value is UNREAD else squeeze(str(value)) for value in values)

    def _value(self, name: str, cell: Cell) -> Any:
        read = self._readers.get(name)
        if read is None:
            schema = self._context.schema
            read = reader_of(schema.by_name[name], schema.missing_values)
            self._readers[name] = read
        return read(squeeze(cell) if isinstance(cell, str) else cell)

    def _text(self, cell: Cell) -> str:
        found = self._texts.get(cell)
        if found is None:
            text = squeeze(shown(cell))
            found = "" if text in self._context.schema.missing_values else text
            if len(self._texts) < 100_000:
                self._texts[cell] = found
        return found

    def _number(self, name: str, cell: Cell) -> float | None:
        value = self._value(name, cell)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if math.isfinite(value) else None
