"""What was accepted before of the same unit and dataset, as the rules see it.

Where it comes from (the unit's own record, files given by hand, what the warehouse has landed) is
behind `History`; the same figures give the same findings on both sides.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeGuard

from iocsl.catalog import accumulates
from iocsl.catalog.schema import TableSchema
from iocsl.domain import ExitCode, Figure, Period, PeriodType
from iocsl.errors import IocslError
from iocsl.patterns import regex
from iocsl.text import squeeze
from iocsl.validate.registry import Role

if TYPE_CHECKING:
    from iocsl.validate.context import Context
    from iocsl.validate.history_statistics import Usual

STATUSES = frozenset({"uoc_tinh", "so_bo", "chinh_thuc"})
"""Estimate, preliminary and final figures are never compared as one."""
FINAL = "chinh_thuc"
"""What a blank status means."""
MOST_PERIODS = 36
"""Submissions that are looked back at, the newest first."""
MOST_FIGURES = 500_000
"""Figures that are held; older submissions beyond them are left out."""
RECENT = 2
"""A series is missed when it stood in each of so many submissions before."""
STILL = 6
"""So many periods with one and the same figure are told."""
_NUMBERS = frozenset({"number", "integer"})
_KEY = (Role.INDICATOR_CODE, Role.PERIOD, Role.AREA, Role.STATUS)
_CODE = regex(r"[0-9A-Za-z._/-]{1,60}")
_AREA = regex(r"[0-9A-Za-z-]{0,20}")
_LONGEST_PART = 200


Line = tuple[str, str, str]
"""Indicator, area and parts: a line of the form, whatever its status."""


class Supplied(NamedTuple):
    """One submission of the past. `period` is None for a file that says none."""

    period: Period | None
    figures: Iterable[Figure]


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
    """What figures of several periods have in common."""

    indicator: str
    area: str
    parts: str
    status: str
    column: str
    type: PeriodType


class Point(NamedTuple):
    """One figure of a series. `last_day` is the ordinal of its period's last day."""

    last_day: int
    value: float
    period: str


class Form(NamedTuple):
    """The columns of an indicator form: the other parts of its key, and those of its figures."""

    schema: TableSchema
    parts: tuple[str, ...]
    values: tuple[str, ...]
    cumulative: frozenset[str]
    """Columns whose title says that they add up within the year."""

    def figures(self, record: Mapping[str, Any]) -> Iterator[Figure]:
        """The figures of one row, typed by the schema; none where a part of its key is no code."""
        code, area = _text(record, Role.INDICATOR_CODE), area_of(_text(record, Role.AREA))
        period = known_period(_text(record, Role.PERIOD))
        status = _text(record, Role.STATUS) or FINAL
        parts = [_text(record, name) for name in self.parts]
        if not _CODE.fullmatch(code) or not _AREA.fullmatch(area) or period is None:
            return
        if status not in STATUSES or any(len(part) > _LONGEST_PART for part in parts):
            return
        for column in self.values:
            value = record.get(column)
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            if math.isfinite(value):
                yield Figure(code, area, joined(parts), period.id, status, column, float(value))


def form_of(schema: TableSchema) -> Form | None:
    """The indicator form that a schema describes, None where it is of another kind or personal."""
    fields = schema.by_name
    value = fields.get(Role.VALUE)
    if Role.INDICATOR_CODE not in fields or Role.PERIOD not in fields or value is None:
        return None
    if value.type not in _NUMBERS or any(each.personal for each in schema.fields):
        return None
    cumulative = frozenset(
        each.name for each in schema.fields if each.type in _NUMBERS and accumulates(each.title)
    )
    parts = tuple(name for name in schema.primary_key if name not in _KEY)
    return Form(schema, parts, (Role.VALUE, *sorted(cumulative - {Role.VALUE})), cumulative)


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return "" if value is None else squeeze(str(value))


def joined(parts: Iterable[str]) -> str:
    return " · ".join(parts)


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


@dataclass(frozen=True)
class Past:
    """The figures before a file, by series. `trouble` says why they could not be read."""

    points: Mapping[Series, Mapping[str, float]] = field(default_factory=dict)
    recent: tuple[tuple[Period, frozenset[Line]], ...] = ()
    """The last submissions of the file's own kind of period, the newest first."""
    trouble: IocslError | None = None
    _sorted: dict[Series, list[Point]] = field(default_factory=dict, init=False, repr=False)

    def __bool__(self) -> bool:
        return bool(self.points)

    @classmethod
    def before(cls, context: Context) -> Past:
        """What the history handed in knows of the unit and dataset of a file."""
        history = context.history
        unclear = context.disagree("dataset") or context.disagree("unit")
        if history is None or unclear or form_of(context.schema) is None:
            return cls()
        try:
            return cls._gathered(history.supplied(context), context.period)
        except IocslError as error:
            if error.exit_code is ExitCode.USAGE:
                raise  # a file named by hand that cannot be read is the caller's to mend
            return cls(trouble=error)

    @classmethod
    def _gathered(cls, supplies: Iterable[Supplied], own: Period | None) -> Past:
        points: dict[Series, dict[str, float]] = {}
        recent: list[tuple[Period, frozenset[Line]]] = []
        submissions = held = 0
        for supply in supplies:
            if supply.period is not None and own is not None and supply.period.id == own.id:
                continue
            lines: set[Line] = set()
            for figure in supply.figures:
                held += 1
                period = known_period(figure.period)
                if period is None:
                    continue
                lines.add((figure.indicator, figure.area, figure.parts))
                place = Series(*figure[:3], figure.status, figure.column, period.type)
                points.setdefault(place, {}).setdefault(period.id, figure.value)
            if len(recent) < RECENT and _precedes(supply.period, own):
                last = recent[-1][0].id if recent else None
                if supply.period.id != last:
                    recent.append((supply.period, frozenset(lines)))
            submissions += 1
            if submissions >= MOST_PERIODS or held >= MOST_FIGURES:
                break
        return cls(points, tuple(recent))

    def series(self, place: Series) -> list[Point]:
        """All points of a series, by time."""
        found = self._sorted.get(place)
        if found is None:
            given = self.points.get(place, {})
            found = sorted(
                Point(period.last_day.toordinal(), value, period.id)
                for id_, value in given.items()
                if (period := known_period(id_)) is not None
            )
            self._sorted[place] = found
        return found

    def earlier(self, place: Series, period: Period) -> int:
        """How many points of a series were over before `period` began: the first so many."""
        return bisect_left(self.series(place), (period.first_day.toordinal(),))

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


def _precedes(period: Period | None, own: Period | None) -> TypeGuard[Period]:
    """Whether a submission is of an earlier period of the same kind as the file's own."""
    if period is None or own is None:
        return False
    return period.type is own.type and period.last_day < own.first_day
