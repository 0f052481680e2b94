"""Lists of obligations: rules and periods first, then datasets and units joined to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from iocsl.catalog import Catalogue, Dataset, Unit
from iocsl.deadlines.calendar import WorkingCalendar, open_calendar, unknown_year
from iocsl.deadlines.coverage import Coverage, period_asked
from iocsl.deadlines.moments import oblige
from iocsl.deadlines.obligation import Obligation
from iocsl.deadlines.readings import Readings
from iocsl.deadlines.records import Event, Override, events, overrides
from iocsl.deadlines.requests import Window, windows_of
from iocsl.deadlines.rules import Rule, open_rules, period_of
from iocsl.deadlines.windows import changed_for_some, closed, noticed
from iocsl.domain import Period, PeriodType, Regime, event_id

RULE, DATASET, UNIT = "rule", "dataset", "unit"
_COMMUNES = frozenset({"commune", "ward"})
_HOLIDAY_SPAN = timedelta(days=16)
"""Longer than any run of days off, weekends and swaps included."""
_AHEAD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the obligations is asked for; None is everything."""

    regime: Regime | None = None
    period_type: PeriodType | None = None
    dataset: Dataset | None = None
    unit: Unit | None = None
    to_store: bool | None = None


class Timetable:
    """Rules, calendar, coverage and records of one home, opened once for a command."""

    def __init__(self, catalogue: Catalogue, settings: Readings) -> None:
        self.catalogue = catalogue
        self.readings = settings
        self.rules = open_rules(catalogue)
        self.calendar: WorkingCalendar = open_calendar(catalogue, settings.home)
        self.coverage = Coverage(catalogue, self.rules, settings)
        self.events: list[Event] = events(settings.home)
        self.overrides: dict[tuple[str, str | None], Override] = overrides(settings.home)
        self.windows: list[Window] = windows_of(catalogue)
        self._units = {each.id: each for each in catalogue.units()}

    # rules and periods

    def between(
        self,
        start: date,
        end: date,
        wanted: Wanted = Wanted(),
        *,
        daily_until: date | None = None,
    ) -> list[Obligation]:
        """One obligation a rule and period, `nominal_last_day` from `start` to `end`.

        `daily_until` cuts the daily rule short, where its next days are all that is asked for.
        """
        self.require(start, end)
        last = {"hang_ngay": min(end, daily_until or end)}
        found = [
            self._obligation(rule, period)
            for rule in self._asked(wanted)
            for period in rule.read_as(self.readings).periods(
                start, last.get(rule.way, end), self.readings
            )
            if wanted.period_type in {None, period.type}
        ]
        found.extend(self._of_events(wanted, lambda due: start <= due.date() <= end))
        return sorted(found, key=lambda each: each.key)

    def of_period(self, period: Period, wanted: Wanted = Wanted()) -> list[Obligation]:
        """Every rule's obligation for one period that is in force by then.

        A period outside the known calendar of which nothing falls inside it: exit 8.
        """
        if period.type is PeriodType.EVENT:
            self.require(period.first_day, period.last_day)
            rule = self._change_rule
            asked_due = period.moment + timedelta(hours=rule.hours)
            found = list(self._of_events(wanted, lambda due: due == asked_due))
        else:
            found = [
                each
                for rule in self._asked(wanted)
                if rule.occurs(asked := self._asked_as(rule, period, wanted))
                and (each := self.obligation(rule, asked)) is not None
            ]
        if not found:
            self.require(period.first_day, period.last_day)
        return sorted(found, key=lambda each: each.key)

    def _asked_as(self, rule: Rule, period: Period, wanted: Wanted) -> Period:
        return period_asked(rule, wanted.dataset, period) if wanted.dataset else period

    def obligation(self, rule: Rule, period: Period) -> Obligation | None:
        """The rule's obligation for the period, None before the regulation counts."""
        start = rule.start(self.readings)
        if rule.way != "sau_su_kien":
            first = rule.read_as(self.readings).last_day(period, self.readings)
            return self._obligation(rule, period) if first >= start else None
        each = self._obligation(rule, period)
        return each if each.nominal.last_day >= start else None

    def widened(self, start: date, end: date) -> tuple[date, date]:
        """`start` to `end`, and the printed days of what was announced to close between them.

        A notice may move a closing by more than any run of days off, to either side.
        """
        closings = [(id_, one.closes_at) for (id_, _), one in self.overrides.items()]
        closings += [(one.id, one.closes_at) for one in self.windows if one.closes_at]
        days = [start, end]
        for id_, closes_at in closings:
            name, _, period = id_.partition("/")
            rule = self.rules.get(name)
            if rule is not None and start <= closes_at.date() <= end:
                printed = rule.read_as(self.readings)
                days.append(printed.last_day(period_of(period), self.readings))
        return min(days), max(days)

    def require(self, start: date, end: date) -> None:
        """Refuse (exit 8) a time that reaches outside the known calendar."""
        for day in (start, end):
            if day.year not in self.calendar.years:
                raise unknown_year(day.year, self.calendar.years)

    def _asked(self, wanted: Wanted) -> Iterator[Rule]:
        for rule in self.rules.values():
            if not self.coverage.active(rule) or rule.way == "sau_su_kien":
                continue
            if wanted.regime in {None, rule.regime} and wanted.to_store in {None, rule.to_store}:
                yield rule

    def _obligation(self, rule: Rule, period: Period) -> Obligation:
        each = oblige(rule, period, self.calendar, self.readings)
        return replace(each, datasets=self.coverage.of(rule, period))

    def _of_events(
        self, wanted: Wanted, within: Callable[[datetime], bool]
    ) -> Iterator[Obligation]:
        """One obligation for each declared moment whose deadline lies `within`."""
        if wanted.regime is Regime.QD2023 or wanted.period_type not in {None, PeriodType.EVENT}:
            return
        rule = self._change_rule
        by_moment: dict[str, set[str]] = defaultdict(set)
        for event in self.events:
            if within(event.changed_at + timedelta(hours=rule.hours)):
                by_moment[event_id(event.changed_at)].add(event.dataset)
        for period, codes in by_moment.items():
            each = oblige(rule, period_of(period), self.calendar, self.readings)
            if each.nominal.last_day >= rule.start(self.readings):
                yield replace(each, datasets=tuple(sorted(codes)))

    @property
    def _change_rule(self) -> Rule:
        return next(each for each in self.rules.values() if each.way == "sau_su_kien")

    # datasets and units

    def join(
        self, found: Iterable[Obligation], by: str = RULE, wanted: Wanted = Wanted()
    ) -> list[Obligation]:
        """The obligations by rule, dataset or unit, narrowed to one dataset or unit when asked."""
        shape: dict[str, Callable[[Obligation, Wanted], Iterator[Obligation]]] = {
            RULE: self._by_rule,
            DATASET: self._by_dataset,
            UNIT: self._by_unit,
        }
        narrow = shape[by]
        joined = [self._overridden(one) for each in found for one in narrow(each, wanted)]
        return sorted(joined, key=lambda each: each.key)

    def _by_rule(self, each: Obligation, wanted: Wanted) -> Iterator[Obligation]:
        if wanted.unit is not None:
            yield from self._of_unit(each, wanted.unit, wanted)
        elif wanted.dataset is None:
            yield each
        elif wanted.dataset.code in each.datasets:
            yield replace(each, datasets=(wanted.dataset.code,))

    def _by_dataset(self, each: Obligation, wanted: Wanted) -> Iterator[Obligation]:
        for one in self._by_rule(each, wanted):
            for code in one.datasets:
                for unit in [one.unit] if one.unit else self._units_of(code, one):
                    flags = self._flags(one, unit, code)
                    yield replace(one, datasets=(code,), unit=unit, flags=flags)

    def _by_unit(self, each: Obligation, wanted: Wanted) -> Iterator[Obligation]:
        if wanted.unit is not None:
            yield from self._of_unit(each, wanted.unit, wanted)
            return
        grouped: dict[str | None, list[str]] = defaultdict(list)
        for one in self._by_rule(each, wanted):
            for code in one.datasets:
                for unit in self._units_of(code, one):
                    grouped[unit].append(code)
        if not each.datasets and "own_report" in each.flags and wanted.dataset is None:
            grouped = {unit: [] for unit in self._owners}
        for unit, codes in grouped.items():
            flags = self._flags(each, unit, *codes)
            yield replace(each, datasets=tuple(codes), unit=unit, flags=flags)

    def _of_unit(self, each: Obligation, unit: Unit, wanted: Wanted) -> Iterator[Obligation]:
        """What of an obligation concerns one unit; nothing where the text lays nothing on it."""
        asked = self.rules[each.rule].asked
        if asked is not None:
            codes = each.datasets if unit.id in asked.addressees else ()
        elif unit.kind in _COMMUNES:
            # Communes report to the district for forms that the text does not name; in Phụ lục II
            # of 1134 they have no dataset.
            codes = each.datasets if each.rule == "2023.commune" else ()
        else:
            codes = self._codes_of(each, unit)
        if wanted.dataset is not None:
            codes = tuple(code for code in codes if code == wanted.dataset.code)
        reports = "own_report" in each.flags and unit.id in self._owners
        if codes or (reports and wanted.dataset is None):
            yield replace(
                each, unit=unit.id, datasets=codes, flags=self._flags(each, unit.id, *codes)
            )

    def _codes_of(self, each: Obligation, unit: Unit) -> tuple[str, ...]:
        if each.period.type is PeriodType.EVENT:
            return tuple(
                event.dataset
                for event in self.events
                if event.unit == unit.id and event_id(event.changed_at) == each.period.id
            )
        return tuple(code for code in each.datasets if unit.id in self._holders[code])

    def _units_of(self, code: str, each: Obligation) -> list[str | None]:
        """Whose duty it is: those who declared an event or whom a request asks, else its unit."""
        if each.period.type is PeriodType.EVENT:
            return [
                event.unit
                for event in self.events
                if event.dataset == code and event_id(event.changed_at) == each.period.id
            ]
        asked = self.rules[each.rule].asked
        return [*asked.addressees] if asked else [self.coverage.by_code[code].responsible]

    def _flags(self, each: Obligation, unit: str | None, *codes: str) -> tuple[str, ...]:
        more = []
        known = self._units.get(unit or "")
        if known is not None and not known.bound:
            more.append("encouraged_only")
        if self.rules[each.rule].asked is not None:
            return (*each.flags, *more)
        datasets = [self.coverage.by_code[code] for code in codes]
        if any(one.unit is None and one.unit_inferred is not None for one in datasets):
            more.append("unit_inferred")
        if any(one.responsible is None for one in datasets):
            more.append("unit_unknown")
        return (*each.flags, *more)

    @cached_property
    def _owners(self) -> list[str]:
        """Agencies that hold data of 1134, so that the quarterly report of Phụ lục I is theirs."""
        units = (
            each.responsible
            for each in self.coverage.by_code.values()
            if each.regime is Regime.QD1134
        )
        return sorted({unit for unit in units if unit is not None})

    @cached_property
    def _holders(self) -> dict[str, frozenset[str | None]]:
        """Dataset → the units that may answer for it: responsible and sub-provider."""
        return {
            code: frozenset({each.responsible, each.provider})
            for code, each in self.coverage.by_code.items()
        }

    # windows opened or closed at another time

    def _overridden(self, each: Obligation) -> Obligation:
        """2023 Điều 8, end: another closing time, recorded here or issued with the catalogue."""
        found = self.overrides.get((each.id, each.unit)) or self.overrides.get((each.id, None))
        if found is not None:
            return closed(each, found)
        windows = [one for one in self.windows if one.id == each.id]
        touched = [(one, one.touches(each.id, each.datasets, each.unit)) for one in windows]
        whole = [one for one, how in touched if how == "all"]
        if whole:
            return noticed(each, whole[-1])
        others = [one for (id_, _), one in self.overrides.items() if id_ == each.id]
        some = [one for one, how in touched if how == "some"]
        if not some and (each.unit is not None or not others):
            return each
        return changed_for_some(each, others, some)


def obligations(
    catalogue: Catalogue,
    settings: Readings,
    *,
    start: date,
    end: date,
    by: str = RULE,
    wanted: Wanted = Wanted(),
) -> list[Obligation]:
    """Obligations whose `nominal_last_day` lies from `start` to `end`, in the contract's order.

    `by` is `rule`, `dataset` or `unit`. Exit 8 where the calendar is not known.
    """
    timetable = Timetable(catalogue, settings)
    return timetable.join(timetable.between(start, end, wanted), by, wanted)


def obligation_for(
    catalogue: Catalogue, settings: Readings, dataset: Dataset, period: Period
) -> list[Obligation]:
    """What a submission of this dataset for this period must meet; [] where the text has no date.

    Only dates of submitting to the IOC or the warehouse count, not those between agencies.
    """
    timetable = Timetable(catalogue, settings)
    return obligations_of(timetable, dataset, period)


def obligations_of(
    timetable: Timetable, dataset: Dataset, period: Period, unit: str | None = None
) -> list[Obligation]:
    """`obligation_for` on an open timetable; `unit` is who sends it, where that matters.

    A request is answered by the units that it asks, whichever regulation the dataset is of.
    """
    found = []
    for rule in timetable.rules.values():
        if rule.asked is not None:
            if unit is not None and unit not in rule.asked.addressees:
                continue
        elif not rule.to_store or rule.regime is not dataset.regime:
            continue
        asked = period_asked(rule, dataset, period)
        if not timetable.coverage.active(rule) or not rule.occurs(asked):
            continue
        each = timetable.obligation(rule, asked)
        if each is not None and dataset.code in each.datasets:
            owner = unit if rule.asked is not None else dataset.responsible
            found.append(replace(each, datasets=(dataset.code,), unit=owner))
    return timetable.join(found)


def next_of_each(
    timetable: Timetable, now: datetime, count: int = 1, wanted: Wanted = Wanted(), by: str = RULE
) -> list[Obligation]:
    """For each rule the next `count` moments at which it falls due; all that falls due then.

    Looks ahead a little more than a year, no further than the known calendar reaches.
    """
    first, last = min(timetable.calendar.years), max(timetable.calendar.years)
    today = now.date()
    timetable.require(today, today)
    # A deadline that a long holiday moved may still lie ahead though its nominal day has passed;
    # one at the very end of the known calendar might move beyond it.
    opening = max(today - _HOLIDAY_SPAN, date(first, 1, 1))
    end = min(today + _AHEAD, date(last, 12, 31) - _HOLIDAY_SPAN)
    if end < today:
        raise unknown_year(last + 1, timetable.calendar.years)
    daily_until = today + _HOLIDAY_SPAN + timedelta(days=count)
    opening, _ = timetable.widened(opening, end)
    ahead = timetable.between(opening, end, wanted, daily_until=daily_until)
    found = timetable.join(ahead, by, wanted)
    kept: dict[tuple[str, str | None, tuple[str, ...]], set[datetime]] = defaultdict(set)
    chosen = []
    for each in found:
        if each.passed(now):
            continue
        key = (each.rule, each.unit, each.datasets if by == DATASET else ())
        if each.due.due_before in kept[key] or len(kept[key]) < count:
            kept[key].add(each.due.due_before)
            chosen.append(each)
    return chosen
