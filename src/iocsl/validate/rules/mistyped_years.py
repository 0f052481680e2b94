"""P: rows whose year is so long ago that it may be mistyped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from iocsl.domain import Period, Severity
from iocsl.text import squeeze
from iocsl.validate.context import Context
from iocsl.validate.history import known_period
from iocsl.validate.readers.base import Batch, Cell, Place, shown
from iocsl.validate.registry import Fault, Placed, Role, own, whole_rule
from iocsl.validate.rules.periods import PERIODS

FAR_BACK = 20
"""Years by which a figure is older than its file when everybody asks."""
RECENT = 5
"""Years by which a figure may be older before anybody asks."""
FEW = 0.1
"""Share of the rows up to which those of one year are slips and no series or base year."""
KEPT = 1_000
"""Rows of one year that are kept; with more of them it is none of a few slips."""


@whole_rule(
    "P513",
    "row-period-far-back",
    Severity.WARNING,
    vi="Số liệu của kỳ {text} trước kỳ của tệp ({period}) {years} năm; có thể gõ nhầm năm.",
    en="A figure of period {text} is {years} years before the file's period {period}; "
    "the year may be mistyped.",
    hint=("Kiểm tra lại năm ở dòng này.", "Check the year of the row."),
    basis=PERIODS,
    since="0.2.0",
)
class RowPeriodFarBack:
    """A figure is of a time that the report may still speak of.

    Why: 1026, 2006 and 2016 are slips for 2026 that pass as periods; the figure is then never
    found. Twenty years are told in any row; more than five where few rows (a tenth at most) are of
    that year and none of the years beside it: a series of years and a base year have more of them.
    Fix: correct the year; figures of so long ago are answered for.
    """

    def __init__(self, context: Context) -> None:
        settled = context.period is not None and not context.disagree("period")
        self._file = context.period if settled else None
        self._rows = 0
        self._periods: dict[Cell, Period | None] = {}
        self._years: set[int] = set()
        self._faults: dict[str, Fault] = {}
        self._many: Counter[int] = Counter()
        self._kept: dict[int, list[tuple[Place, Period]]] = {}

    def see(self, batch: Batch) -> Iterator[Placed]:
        """Tell of those long ago, and keep the others that may be slips."""
        self._rows += len(batch)
        if self._file is None or Role.PERIOD not in batch.columns:
            return
        if len(self._periods) > KEPT:
            self._periods.clear()
        met = batch.distinct(Role.PERIOD)
        for cell in met.difference(self._periods):
            self._periods[cell] = known_period(squeeze(shown(cell)))
        known = {cell: period for cell in met if (period := self._periods[cell]) is not None}
        self._years.update(each.year for each in known.values())
        old = {cell: of for cell, of in known.items() if self._file.year - of.year > RECENT}
        for at, cell in enumerate(batch.columns[Role.PERIOD] if old else ()):
            if cell in old:
                yield from self._met(batch.place(at), old[cell], self._file)

    def _met(self, place: Place, period: Period, file: Period) -> Iterator[Placed]:
        if file.year - period.year >= FAR_BACK:
            yield self._told(place, period, file)
            return
        self._many[period.year] += 1
        if self._many[period.year] <= KEPT:
            self._kept.setdefault(period.year, []).append((place, period))

    def close(self) -> Iterator[Placed]:
        """Tell of the years that few rows are of."""
        if self._file is None:
            return
        for year, kept in self._kept.items():
            few = self._many[year] <= max(1, min(KEPT, FEW * self._rows))
            alone = self._years.isdisjoint({year - 1, year + 1}) and len(self._years) > 1
            for place, period in kept if few and alone else ():
                yield self._told(place, period, self._file)

    def _told(self, place: Place, period: Period, file: Period) -> Placed:
        fault = self._faults.get(period.id)
        if fault is None:
            years = file.year - period.year
            fault = Fault(text=period.id, period=own(file.id), years=own(years), shared=True)
            self._faults[period.id] = fault
        return Placed(fault, place, Role.PERIOD, period.id)
