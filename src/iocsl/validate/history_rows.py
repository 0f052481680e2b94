"""The figures of an indicator form as it is read, each beside the figures before it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from iocsl.domain import Period
from iocsl.text import squeeze
from iocsl.validate.cells import reader_of
from iocsl.validate.history import (
    FINAL,
    STATUSES,
    STILL,
    Line,
    Point,
    Series,
    area_of,
    form_of,
    joined,
    known_period,
)
from iocsl.validate.readers.base import Batch, Cell, shown
from iocsl.validate.registry import Role

if TYPE_CHECKING:
    from iocsl.validate.context import Context


class FormRow(NamedTuple):
    """One row of the form: its position in the batch, its key, its figures by column."""

    at: int
    line: Line
    status: str
    period: Period
    figures: tuple[tuple[str, float], ...]


class Against(NamedTuple):
    """One figure and its series by time, of which so many were over before its period began."""

    at: int
    place: Series
    period: Period
    value: float
    series: Sequence[Point]
    earlier: int

    @property
    def last(self) -> Point | None:
        """The nearest figure before."""
        return self.series[self.earlier - 1] if self.earlier else None


class Comparison:
    """The figures of one file, told batch by batch to every rule that asks, and counted once.

    The counts go over all tables of the file; figures that add up within the year are no part of
    them, since those rise from month to month and begin anew each January.
    """

    def __init__(self, context: Context) -> None:
        self.past = context.past
        self.form = form_of(context.schema)
        self.present: set[Line] = set()
        """Lines of the form that the file has, with or without a figure."""
        self.compared = 0
        """Figures with at least one of their series before them."""
        self.same = 0
        """Those that are what the last one was."""
        self.few = 0
        """Figures of series too short to say what is usual."""
        self.still: list[str] = []
        """Codes of figures that have not moved for `STILL` periods, this one included."""
        self._context = context
        self._rows: tuple[Batch | None, list[FormRow]] = (None, [])
        self._against: tuple[Batch | None, list[Against]] = (None, [])
        self._texts: dict[Cell, str] = {}
        self._read = {
            name: reader_of(context.schema.by_name[name], context.schema.missing_values)
            for name in (self.form.values if self.form else ())
        }

    @property
    def key(self) -> tuple[str, ...]:
        """The columns by which figures of several periods are told apart."""
        parts = self.form.parts if self.form else ()
        return (Role.INDICATOR_CODE, Role.PERIOD, Role.AREA, *parts)

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
        if not self.past:
            return []
        if self._against[0] is not batch:
            self._against = (batch, list(self._compare(batch)))
        return self._against[1]

    def _compare(self, batch: Batch) -> Iterator[Against]:
        from iocsl.validate.history_statistics import FEWEST

        for row in self.rows(batch):
            self.present.add(row.line)
            for column, value in row.figures:
                place = Series(*row.line, row.status, column, row.period.type)
                earlier = self.past.earlier(place, row.period)
                series = self.past.series(place)
                each = Against(row.at, place, row.period, value, series, earlier)
                if not self.adds_up(place.indicator, column):
                    self.few += earlier < FEWEST
                    self._count(each)
                yield each

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
        if form is None or not {Role.INDICATOR_CODE, Role.PERIOD} <= batch.columns.keys():
            return
        blank: Sequence[Cell] = [""] * len(batch)
        keys = (Role.INDICATOR_CODE, Role.PERIOD, Role.AREA, Role.STATUS, *form.parts)
        columns = [batch.columns.get(name, blank) for name in keys]
        given = [name for name in form.values if name in batch.columns]
        exchanged = self._context.exchanged.told(batch)
        for at, cells in enumerate(zip(*columns, strict=True)):
            code, period_text, area, status, *parts = map(self._text, cells)
            period = known_period(period_text)
            status = status or FINAL
            if period is None or not code or status not in STATUSES:
                continue
            line = (code, area_of(area), joined(parts))
            if at in exchanged:
                # It may be a row of either indicator, and its figure is nobody's yet.
                yield FormRow(at, line, status, period, ())
                yield FormRow(at, (exchanged[at], *line[1:]), status, period, ())
                continue
            figures = tuple(
                (name, value)
                for name in given
                if (value := self._number(name, batch.columns[name][at])) is not None
            )
            yield FormRow(at, line, status, period, figures)

    def _text(self, cell: Cell) -> str:
        found = self._texts.get(cell)
        if found is None:
            text = squeeze(shown(cell))
            found = "" if text in self._context.schema.missing_values else text
            if len(self._texts) < 100_000:
                self._texts[cell] = found
        return found

    def _number(self, name: str, cell: Cell) -> float | None:
        value: Any = self._read[name](squeeze(cell) if isinstance(cell, str) else cell)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if math.isfinite(value) else None
