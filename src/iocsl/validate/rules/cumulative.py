"""X: figures that add up within the year (lũy kế, cộng dồn), over the year's periods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from iocsl.domain import Period, PeriodType, Severity
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Batch, Cell, Place
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, Placed, whole_rule

if TYPE_CHECKING:
    from iocsl.validate.context import Context
    from iocsl.validate.history_rows import FormRow

EXACT: Basis = {QD2023: "Điều 3 khoản 1; Điều 6 khoản 1", QD1134: "Điều 5 khoản 1 điểm a, b"}
SINCE = "0.1.0"
MOST = 100_000
"""Figures that are held of one file; beyond them it is compared with the past alone."""
_OF_A_YEAR = frozenset(
    {
        PeriodType.DAY,
        PeriodType.MONTH,
        PeriodType.QUARTER,
        PeriodType.HALF,
        PeriodType.NINE_MONTHS,
        PeriodType.YEAR,
    }
)

Key = tuple[str, ...]


class _Figure(NamedTuple):
    """One cumulative figure of the file. `last_day` is the ordinal of its period's last day."""

    last_day: int
    value: float
    period: str
    place: Place
    cell: Cell


@whole_rule(
    "X720",
    "cumulative-falls",
    Severity.WARNING,
    vi="Số lũy kế {value} của {code} ({period}) thấp hơn kỳ {before} cùng năm ({earlier}).",
    en="The cumulative figure {value} of {code} ({period}) is below that of {before} ({earlier}).",
    hint=(
        "Kiểm tra xem có ghi nhầm số trong kỳ thay cho số lũy kế không.",
        "See whether the figure of the period was typed in place of the cumulative one.",
    ),
    basis=EXACT,
    since=SINCE,
)
class CumulativeFalls:
    """A figure that adds up from the beginning of the year does not fall within the year.

    Why: the figure of the month in the column of the year so far is a common slip. It is asked of
    columns and indicators that call themselves lũy kế or cộng dồn and are no ratio, within one year
    and status, in the file itself and against what was accepted before; a negative figure ends it.
    Fix: correct the figure. Where an earlier one was corrected downwards, answer the warning.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._asked = context.comparison.any_add_up
        self._own: dict[Key, list[_Figure]] = {}
        self._held = 0

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Collect what adds up; a file too long for that is compared with the past at once."""
        if not self._asked:
            return
        comparison = self._context.comparison
        for row in comparison.rows(batch):
            period = row.period
            if period is None or period.type not in _OF_A_YEAR:
                continue
            for column, value in row.figures:
                if not comparison.adds_up(row.line[0], column):
                    continue
                key = (*row.line, row.status, column, str(period.year))
                figure = self._figure(batch, row, period, column, value)
                if self._held < MOST:
                    self._own.setdefault(key, []).append(figure)
                    self._held += 1
                else:
                    yield from self._judged(key, figure, [])

    @staticmethod
    def _figure(batch: Batch, row: FormRow, period: Period, column: str, value: float) -> _Figure:
        cell = batch.columns[column][row.at]
        return _Figure(period.last_day.toordinal(), value, period.id, batch.place(row.at), cell)

    def close(self) -> Iterator[Placed]:
        """Judge each figure by those of the same year that ended before it."""
        for key, figures in self._own.items():
            for figure in figures:
                yield from self._judged(key, figure, figures)

    def _judged(self, key: Key, figure: _Figure, own: list[_Figure]) -> Iterator[Placed]:
        """At most one fault, naming the nearest period before that had more."""
        said = {each.period for each in own}
        # What the file itself says of a period weighs more than what was accepted for it.
        known = [each[:3] for each in own]
        known += [each for each in self._context.past.of_year.get(key, ()) if each[2] not in said]
        before = [each for each in known if each[0] < figure.last_day]
        if figure.value < 0 or any(value < 0 for _, value, _ in before):
            return
        more = [each for each in before if each[1] > figure.value]
        if not more:
            return
        _, earlier, period = max(more)
        fault = Fault(
            quoting=self._context.comparison.key,
            value=plain(figure.value),
            code=self._context.comparison.named(key[:3], key[4]),
            period=figure.period,
            before=period,
            earlier=plain(earlier),
        )
        yield Placed(fault, figure.place, key[4], figure.cell)
