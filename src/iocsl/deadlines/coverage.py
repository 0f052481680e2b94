"""Which datasets a rule covers in which period; general rules take what no row claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from iocsl.catalog import Catalogue, Dataset
from iocsl.deadlines.readings import Readings
from iocsl.deadlines.rules import Rule, suffix_of
from iocsl.domain import Period, PeriodType, Regime

_LISTS = {"M": PeriodType.MONTH, "Q": PeriodType.QUARTER, "Y": PeriodType.YEAR}
_EVENT_LISTS = frozenset("MQYE")
"""Lists whose data fall under the 24 hours (1134 Điều 5.2.b): daily data have 17h00 alone."""


class Coverage:
    """The catalogue's datasets by rule, worked out once for each rule and kind of period."""

    def __init__(self, catalogue: Catalogue, rules: Mapping[str, Rule], readings: Readings) -> None:
        self._datasets = [each for each in catalogue.datasets() if each.status != "retired"]
        self.by_code = {each.code: each for each in self._datasets}
        self._rules = rules
        self._readings = readings
        self._found: dict[tuple[str, str], tuple[str, ...]] = {}

    def active(self, rule: Rule) -> bool:
        """Whether the rule has dates of its own under these readings."""
        given_up = rule.id == "2023.ct.30" and self._readings.ct_30 == "general"
        return rule.computed and not given_up

    def of(self, rule: Rule, period: Period) -> tuple[str, ...]:
        """Codes of the datasets that the rule covers in that period, sorted."""
        key = rule.id, self._kind(rule, period)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = tuple(sorted(self._covered(rule, period)))
        return found

    def without_deadline(self) -> dict[str, str]:
        """Code → rule id, for datasets for which the text has no date (`khong_tinh`)."""
        return {code: rule.id for rule in self._rules.values() for code in self.undated(rule)}

    def undated(self, rule: Rule, *, partly: bool = False) -> list[str]:
        """Codes of the datasets that fall under a rule without a date, by all of their periods.

        With `partly` also those that have other periods besides, with dates of their own.
        """
        if rule.computed or rule.asked is not None:
            return []
        types = {kind.value for kind in rule.types}
        found = []
        for each in self._datasets:
            if each.asked_period is not None:
                continue
            under = types & {*each.periods} if partly else {*each.periods} <= types
            general = not rule.forms and each.periods and under and each.regime is rule.regime
            if each.code in rule.forms or general:
                found.append(each.code)
        return found

    def _kind(self, rule: Rule, period: Period) -> str:
        if rule.occurrences is not None or period.type is PeriodType.HALF:
            return suffix_of(period)
        return period.type.value

    def _covered(self, rule: Rule, period: Period) -> Iterator[str]:
        if rule.occurrences is not None:
            if self._keeps(rule):
                yield from rule.occurrences.get(suffix_of(period), ())
        elif rule.forms:
            if self._keeps(rule):
                yield from (code for code in rule.forms if code in self.by_code)
        elif rule.list is not None:
            for each in self._datasets:
                if each.regime is Regime.QD1134 and self._listed(rule, each, period):
                    yield each.code
        elif rule.general:
            for each in self._datasets:
                if each.regime is Regime.QD2023 and self._general(each, period):
                    yield each.code

    def _listed(self, rule: Rule, dataset: Dataset, period: Period) -> bool:
        if period.type is PeriodType.EVENT:
            return dataset.list in _EVENT_LISTS
        return dataset.list == rule.list

    def _general(self, dataset: Dataset, period: Period) -> bool:
        if dataset.code in self._claimed or period.type.value not in dataset.periods:
            return False
        if period.type is not PeriodType.HALF or suffix_of(period) == "H1":
            return True
        if PeriodType.YEAR.value in dataset.periods:
            return self._readings.half_with_year == "both"
        return self._readings.half_alone == "both"

    def _keeps(self, rule: Rule) -> bool:
        """Whether the forms that a rule names are its own under these readings."""
        if rule.by_reading_ktxh and self._readings.ktxh_forms == "general":
            return False
        return self.active(rule)

    @cached_property
    def _claimed(self) -> frozenset[str]:
        """Forms with a date of their own, which the general rules of Điều 8.1 leave out."""
        claimed: set[str] = set()
        for rule in self._rules.values():
            if rule.asked is not None and not rule.asked.own_form:
                continue  # what is asked for once more keeps its own date
            if self._keeps(rule):
                claimed.update(rule.forms)
                claimed.update(
                    code for codes in (rule.occurrences or {}).values() for code in codes
                )
        return frozenset(claimed)


def period_asked(rule: Rule, dataset: Dataset, period: Period) -> Period:
    """The period under which the rule asks for what a form reports on.

    The socio-economic report has no quarters II, III and IV: they are due as 6 tháng, 9 tháng and
    năm (2023 Điều 8.1.c), so form 2.2 of `2026-Q2` answers `2026-H1`.
    """
    from iocsl.deadlines.rules import period_of

    if period.type is PeriodType.QUARTER and dataset.regime is Regime.QD2023:
        suffix = rule.stands_for.get(suffix_of(period))
        if suffix is not None:
            year = f"{period.year:04d}"
            return period_of(year if suffix == "NAM" else f"{year}-{suffix}")
    return period
