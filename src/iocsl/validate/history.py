"""What was accepted before of the same unit and dataset, as the rules see it.

Where it comes from (the unit's own record, files given by hand, what the warehouse has landed) is
behind `History`; the same figures give the same findings on both sides.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeGuard

from iocsl.domain import ExitCode, Figure, Period, PeriodType, Words
from iocsl.errors import IocslError
from iocsl.validate.history_forms import (
    STATUSES,
    Form,
    Line,
    compared_as,
    form_of,
    known_period,
)

if TYPE_CHECKING:
    from iocsl.validate.context import Context
    from iocsl.validate.history_statistics import Usual

__all__ = [
    "RECENT",
    "STATUSES",
    "STILL",
    "Form",
    "History",
    "InParts",
    "Line",
    "Past",
    "Point",
    "Series",
    "Supplied",
    "compared_as",
    "form_of",
    "known_period",
]

MOST_PERIODS = 36
"""Submissions that are looked back at, the newest first."""
MOST_FIGURES = 500_000
"""Figures that are held; older submissions beyond them are left out."""
RECENT = 2
"""A series is missed when it stood in each of so many submissions before."""
STILL = 6
"""So many periods with one and the same figure are told."""


class Supplied(NamedTuple):
    """One submission of the past. `period` is None for a file that says none."""

    period: Period | None
    figures: Iterable[Figure]
    lines: Mapping[Line, date] | None = None
    """The records of a register, each with the day on which it is over by its own word.

    `date.max` for one that says none; None for indicator forms.
    """
    content: int | None = None
    """What the rows of a register add up to: the same for the same rows in any order."""
    name: str | None = None
    """Of a file that was given by hand. A register without a period is told by it."""
    unused: Words | None = None
    """Why nothing of such a file counts."""


class History(Protocol):
    """The past of the unit and dataset of a file; whoever starts a check hands one in."""

    def supplied(self, context: Context) -> Iterator[Supplied]:
        """What counts of each earlier submission, the newest period first.

        Raises `IocslError` where it cannot be read.
        """
        ...

    def live(self, context: Context) -> float | None:
        """“Sống”: 0-100, None where it cannot be known. `IocslError` where it cannot be read."""
        ...


class InParts:
    """The past of files that are sent together: a line that one lacks may stand in another."""

    def __init__(self, history: History, files: int) -> None:
        self._history = history
        self._left = files
        self._lines: set[Line] = set()

    def supplied(self, context: Context) -> Iterator[Supplied]:
        return self._history.supplied(context)

    def live(self, context: Context) -> float | None:
        return self._history.live(context)

    def with_lines(self, lines: Iterable[Line]) -> set[Line]:
        """The lines of one file more: those of all files with the last one, none before it."""
        self._lines.update(lines)
        self._left -= 1
        return set() if self._left else self._lines


class Series(NamedTuple):
    """What figures of several periods have in common.

    `type` is None for registers whose period is that of the whole file.
    """

    indicator: str
    area: str
    parts: str
    status: str
    column: str
    type: PeriodType | None


class Point(NamedTuple):
    """One figure of a series. `last_day` is the ordinal of its period's last day."""

    last_day: int
    value: float
    period: str


@dataclass(frozen=True)
class Past:
    """The figures before a file, by series. `trouble` says why they could not be read."""

    points: Mapping[Series, Mapping[str, float]] = field(default_factory=dict)
    recent: tuple[tuple[str, frozenset[Line]], ...] = ()
    """The last submissions of the file's own kind of period, the newest first; all of a register.

    Each by its period, or its name where it says none.
    """
    trouble: IocslError | None = None
    content: int | None = None
    """What the rows of a register's last submission add up to."""
    by_hand: bool = False
    """Whether files were named to compare with."""
    unused: tuple[Words, ...] = ()
    """Why some of those do not count."""
    names: tuple[str, ...] = ()
    """The files that say no period, the newest first."""
    _sorted: dict[Series, list[Point]] = field(default_factory=dict, init=False, repr=False)

    def __bool__(self) -> bool:
        return bool(self.points or self.recent)

    @classmethod
    def before(cls, context: Context) -> Past:
        """What the history handed in knows of the unit and dataset of a file."""
        history, form = context.history, compared_as(context.schema)
        if history is None or context.disagree("dataset") or context.disagree("unit"):
            return cls()
        try:
            return cls._gathered(history.supplied(context), context.period, form)
        except IocslError as error:
            if error.exit_code is ExitCode.USAGE:
                raise  # a file named by hand that cannot be read is the caller's to mend
            return cls(trouble=error)

    @classmethod
    def _gathered(cls, supplies: Iterable[Supplied], own: Period | None, form: Form | None) -> Past:
        points: dict[Series, dict[str, float]] = {}
        recent: list[tuple[str, set[Line]]] = []
        newest: list[int | None] = []
        unused: dict[Words, None] = {}
        names: list[str] = []
        by_hand = False
        submissions = held = 0
        dated = form is not None and bool(form.period)
        for supply in supplies:
            by_hand = by_hand or supply.name is not None
            why = supply.unused or _unfit(supply, own, dated=dated)
            if why is not None:
                unused[why] = None
                continue
            lines = _expected(supply, own)
            for figure in supply.figures:
                held += 1
                period = known_period(figure.period)
                if period is None and figure.period != supply.name:
                    continue
                if supply.lines is None:
                    lines.add((figure.indicator, figure.area, figure.parts))
                kind = period.type if dated and period else None
                place = Series(*figure[:3], figure.status, figure.column, kind)
                points.setdefault(place, {}).setdefault(figure.period, figure.value)
            label = supply.period.id if supply.period else supply.name or ""
            if supply.period is None:
                names.append(label)
            if not dated or _precedes(supply.period, own):
                _remember(recent, label, lines, every=supply.lines is not None)
                newest += [supply.content] if label == recent[0][0] else []
            submissions += 1
            held += 0 if form and form.values else len(lines)
            if submissions >= MOST_PERIODS or held >= MOST_FIGURES:
                break
        return cls(
            points,
            tuple((label, frozenset(lines)) for label, lines in recent),
            content=newest[0] if len(newest) == 1 else None,
            by_hand=by_hand,
            unused=tuple(unused),
            names=tuple(names),
        )

    def series(self, place: Series) -> list[Point]:
        """All points of a series, by time."""
        found = self._sorted.get(place)
        if found is None:
            given = self.points.get(place, {})
            found = sorted(Point(self._day(id_), value, id_) for id_, value in given.items())
            self._sorted[place] = found
        return found

    def _day(self, id_: str) -> int:
        """The last day of a period. Files that say none come before all that do, by name."""
        period = known_period(id_)
        return period.last_day.toordinal() if period else -self.names.index(id_)

    def earlier(self, place: Series, period: Period | None) -> int:
        """How many points of a series were over before `period` began: the first so many.

        All of them, where nothing says which period it is.
        """
        series = self.series(place)
        return bisect_left(series, (period.first_day.toordinal(),)) if period else len(series)

    @cached_property
    def usually_gone(self) -> int:
        """The most records of a register that any earlier submission lacked of the one before."""
        steps = zip(self.recent, self.recent[1:], strict=False)
        return max((len(before - after) for (_, after), (_, before) in steps), default=0)

    def usual(self, place: Series) -> Usual | None:
        """What is usual in a series, None where it has too few points to tell."""
        from iocsl.validate.history_statistics import FEWEST

        if len(self.points.get(place, ())) < FEWEST:
            return None
        return self._usual.get(place)

    @cached_property
    def _usual(self) -> dict[Series, Usual]:
        from iocsl.validate.history_statistics import usual_of

        return usual_of(self.points)

    @cached_property
    def of_year(self) -> dict[tuple[str, ...], list[tuple[int, float, str]]]:
        """Points by line, status, column and year, whatever their kind of period, by time."""
        found: dict[tuple[str, ...], list[tuple[int, float, str]]] = {}
        for place in self.points:
            for point in self.series(place):
                found.setdefault((*place[:5], point.period[:4]), []).append(point)
        for points in found.values():
            points.sort()
        return found


def _expected(supply: Supplied, own: Period | None) -> set[Line]:
    """The records of a submission that should come again in the file."""
    now = own or supply.period
    until = now.last_day if now else date.max
    ends = supply.lines or {}
    return {line for line, end in ends.items() if end > until or end == date.max}


def _remember(
    recent: list[tuple[str, set[Line]]], label: str, lines: set[Line], *, every: bool
) -> None:
    """Put what a submission holds behind the newer ones; several files may make one of them.

    `every`: of a register, of which all submissions are kept and not the last ones alone.
    """
    if recent and recent[-1][0] == label:
        recent[-1][1].update(lines if every else ())
    elif every or len(recent) < RECENT:
        recent.append((label, lines))


def _unfit(supply: Supplied, own: Period | None, *, dated: bool) -> Words | None:
    """Why a submission is no past of a file; `dated`: its rows say what period they are of."""
    period, name = supply.period, supply.name or ""
    if period is None or own is None:
        return None
    if period.id == own.id:
        return Words(
            f"tệp “{name}” cùng kỳ {period.id} với tệp này",
            f"the file “{name}” is of the same period, {period.id}",
        )
    if dated:
        return None
    if period.type is not own.type:
        return Words(
            f"tệp “{name}” có kỳ loại khác ({period.id})",
            f"the file “{name}” is of another kind of period ({period.id})",
        )
    if period.last_day < own.first_day:
        return None
    return Words(
        f"tệp “{name}” của kỳ {period.id}, không phải kỳ trước",
        f"the file “{name}” is of {period.id}, which is not an earlier period",
    )


def _precedes(period: Period | None, own: Period | None) -> TypeGuard[Period]:
    """Whether a submission is of an earlier period of the same kind as the file's own."""
    if period is None or own is None:
        return False
    return period.type is own.type and period.last_day < own.first_day
