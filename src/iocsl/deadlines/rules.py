"""The deadline rules of the catalogue, and when each occurs, before any day off is looked at.

Each request that was issued is a rule of its own with one occurrence, by the date it sets.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from iocsl.catalog import Catalogue
from iocsl.deadlines.readings import Readings
from iocsl.deadlines.requests import Asked, requests_of
from iocsl.domain import VIETNAM, Period, PeriodType, Regime, Words

_ONE_DAY = timedelta(days=1)
_ONE_MOMENT = timedelta(microseconds=1)
_NAMED_DAY = "named_day_disputed"
_SUFFIXES: dict[PeriodType, tuple[str, ...]] = {
    PeriodType.MONTH: tuple(f"{month:02d}" for month in range(1, 13)),
    PeriodType.QUARTER: ("Q1", "Q2", "Q3", "Q4"),
    PeriodType.HALF: ("H1", "H2"),
    PeriodType.NINE_MONTHS: ("9M",),
    PeriodType.YEAR: ("NAM",),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, or one dated row of Cục Thống kê. Fields follow the keys of `thoi_han.yaml`.

    `way` is `thang_cuoi_ky ngay_co_dinh hang_ngay sau_su_kien khong_tinh`, or `yeu_cau` for a
    request that was issued (`asked`). `occurrences` maps the
    part of a period id after the year (`Q1`, `H1`, `9M`, `NAM`, `DX`, `VM`) to the forms due then;
    None when every period of `types` occurs. `to_store` says that the date is that of submitting to
    the IOC or the warehouse, not of reports between agencies.
    """

    id: str
    regime: Regime
    article: str
    who: Words
    wording: str
    way: str
    types: tuple[PeriodType, ...]
    day: int
    month: int
    months_later: int
    years_later: int
    hour: time | None
    hours: int
    named_day_counts: bool
    rollover: str
    in_annex: bool
    to_store: bool
    forms: tuple[str, ...]
    general: bool
    list: str | None
    occurrences: Mapping[str, tuple[str, ...]] | None
    stands_for: Mapping[str, str]
    flags: tuple[str, ...]
    doubt: Words | None
    settings: tuple[str, ...]
    applies_from: date
    asked: Asked | None = None

    @property
    def computed(self) -> bool:
        return self.way != "khong_tinh"

    def read_as(self, readings: Readings) -> Rule:
        """The rule's dates under these readings; the rule itself where none of them touches it."""
        if self.id == "2023.tk.row16" and readings.tk_row16 == "as_printed":
            return replace(self, years_later=0)
        if self.id == "2023.tk.row2" and readings.tk_row2 == "july":
            return replace(self, month=7)
        if self.id == "2023.ct.30" and readings.ct_30 == "general":
            return replace(self, day=25, in_annex=False)
        if self.to_store and self.by_reading_ktxh and readings.ktxh_forms == "general":
            return replace(self, day=25)
        return self

    @property
    def by_reading_ktxh(self) -> bool:
        return "deadlines.ktxh_forms" in self.settings

    def rolls(self, readings: Readings) -> bool:
        """Whether a day off moves this rule's deadline."""
        if self.way in {"sau_su_kien", "yeu_cau"}:
            return False
        if self.regime is Regime.QD1134:
            return readings.rollover_1134 == "following"
        if self.in_annex:
            return readings.rollover_annex == "following"
        return self.rollover == "following"

    def last_day(self, period: Period, readings: Readings) -> date:
        """The last permissible day as the text names it, before any rollover.

        For an hour ("trước 17h00' ngày 25") it is the day of that hour; for "trước ngày 18" it is
        the 17th.
        """
        if self.asked is not None:
            return (self.asked.due_before - _ONE_MOMENT).date()
        named = self._named_day(period, readings)
        if self.hour is not None or self.named_day_counts:
            return named
        if _NAMED_DAY in self.flags and readings.before_18 == "named_day":
            return named
        return named - _ONE_DAY

    def before(self, last_day: date) -> datetime:
        """The first moment that is too late when `last_day` is the last day."""
        if self.asked is not None:
            return self.asked.due_before
        if self.hour is not None:
            return datetime.combine(last_day, self.hour, VIETNAM)
        return datetime.combine(last_day + _ONE_DAY, time(), VIETNAM)

    def _named_day(self, period: Period, readings: Readings) -> date:
        if self.way == "hang_ngay":
            return period.first_day
        if self.way == "ngay_co_dinh":
            return date(period.year + self.years_later, self.month, self.day)
        year, month = period.last_month
        later = month - 1 + self.months_later
        year, month = year + later // 12, later % 12 + 1
        length = months.monthrange(year, month)[1]
        if self.day <= length:
            return date(year, month, self.day)
        end = date(year, month, length)
        return end + _ONE_DAY if readings.february_30 == "march" else end

    def overflows(self, period: Period) -> bool:
        """Whether the day named does not exist in that month ("ngày 30" in February)."""
        if self.way != "thang_cuoi_ky" or self.months_later:
            return False
        return self.day > months.monthrange(*period.last_month)[1]

    def periods(self, first: date, last: date, readings: Readings) -> Iterator[Period]:
        """Periods whose last permissible day lies from `first` to `last`, oldest first."""
        first = max(first, self.start(readings))
        if self.asked is not None and self.computed:
            period = period_of(self.asked.period)
            if first <= self.last_day(period, readings) <= last:
                yield period
            return
        if self.way == "hang_ngay":
            for ordinal in range(first.toordinal(), last.toordinal() + 1):
                yield period_of(date.fromordinal(ordinal).isoformat())
            return
        if self.way not in {"thang_cuoi_ky", "ngay_co_dinh"}:
            return
        for year in range(first.year - 1, last.year + 1):
            for suffix in self._yearly():
                period = period_of(_id(year, suffix))
                if first <= self.last_day(period, readings) <= last:
                    yield period

    def occurs(self, period: Period) -> bool:
        """Whether the rule has this period at all."""
        if not self.computed or period.type not in self.types:
            return False
        if self.asked is not None:
            return period.id == self.asked.period
        if self.way in {"hang_ngay", "sau_su_kien"}:
            return True
        return any(_id(period.year, suffix) == period.id for suffix in self._yearly())

    def start(self, readings: Readings) -> date:
        """The first day that the regulation, or the request, counts from."""
        if self.asked is None and self.regime is Regime.QD1134 and readings.applies_from_1134:
            return date.fromisoformat(readings.applies_from_1134)
        return self.applies_from

    def _yearly(self) -> Iterator[str]:
        if self.occurrences is not None:
            yield from self.occurrences
            return
        for kind in self.types:
            yield from _SUFFIXES.get(kind, ())


@lru_cache(maxsize=4096)
def period_of(text: str) -> Period:
    """`Period.parse`, remembered: the same few periods recur in every rule."""
    return Period.parse(text)


def _id(year: int, suffix: str) -> str:
    return f"{year:04d}" if suffix == "NAM" else f"{year:04d}-{suffix}"


def suffix_of(period: Period) -> str:
    """The part of a period's id after the year; `NAM` for the year itself."""
    return period.id[5:] or "NAM"


def open_rules(catalogue: Catalogue) -> dict[str, Rule]:
    """All rules by id, in the file's order; each dated row of Cục Thống kê is a rule of its own."""
    document = catalogue.document("thoi_han")
    found: dict[str, Rule] = {}
    for entry in document["muc"]:
        start = date.fromisoformat(document["che_do"][entry["quy_dinh"]]["ap_dung_tu"])
        for each in _expanded(entry):
            rule = _rule(each, start)
            found[rule.id] = rule
    for asked, record in requests_of(catalogue):
        rule = _of_request(asked, record, found[record["rule"]])
        found[rule.id] = rule
    return found


def _of_request(asked: Asked, record: Mapping[str, Any], general: Rule) -> Rule:
    """A request as a rule: `2023.thematic.YC-2026-001`; one withdrawn has no date any more."""
    return replace(
        general,
        id=f"{general.id}.{asked.code}",
        regime=Regime(record["regime"]),
        article=f"{record['basis']}; {asked.cited}",
        who=asked.said,
        way="khong_tinh" if asked.withdrawn else "yeu_cau",
        types=(PeriodType(record["period_type"]),),
        to_store=True,
        forms=asked.datasets,
        doubt=asked.withdrawn,
        applies_from=asked.issued_on,
        asked=asked,
    )


def _expanded(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The entry itself, or one entry for each of its dated rows."""
    if not entry.get("dong"):
        yield entry
        return
    for row in entry["dong"]:
        period = row["ky"]
        merged = {
            **entry,
            **row,
            "ma": f"{entry['ma']}{row['dong']}",
            "dieu": entry["dieu"].replace("1-21", str(row["dong"])),
            "ky": [period_of(_id(2000, period)).type.value],
            "lan": [{"ky": period, "bieu": [f"IOC-21-{row['dong']:02d}"]}],
            "thiet_lap": [*row.get("thiet_lap", ()), *entry.get("thiet_lap", ())],
        }
        yield merged


def _rule(entry: Mapping[str, Any], start: date) -> Rule:
    occurrences = entry.get("lan")
    hour = entry.get("gio")
    doubt = entry.get("nghi_ngo")
    return Rule(
        id=entry["ma"],
        regime=Regime(entry["quy_dinh"]),
        article=entry["dieu"],
        who=Words(entry["ai"], entry["ai_en"]),
        wording=entry["nguyen_van"],
        way=entry["cach_tinh"],
        types=tuple(PeriodType(each) for each in entry["ky"]),
        day=entry.get("ngay", 0),
        month=entry.get("thang", 0),
        months_later=entry.get("thang_sau", 0),
        years_later=entry.get("nam_sau", 0),
        hour=time.fromisoformat(hour) if hour else None,
        hours=entry.get("so_gio", 0),
        named_day_counts=entry.get("tinh_ca_ngay", True),
        rollover=entry.get("gap_ngay_nghi", "none"),
        in_annex=entry.get("trong_phu_luc", False),
        to_store=entry.get("vao_kho", False),
        forms=tuple(entry.get("bieu_rieng", ())),
        general=entry.get("bieu_chung", False),
        list=entry.get("danh_sach"),
        occurrences={each["ky"]: tuple(each["bieu"]) for each in occurrences}
        if occurrences
        else None,
        stands_for={
            each["thay_cho"]: each["ky"] for each in occurrences or () if "thay_cho" in each
        },
        flags=tuple(entry.get("co", ())),
        doubt=Words(doubt, entry.get("nghi_ngo_en") or doubt) if doubt else None,
        settings=tuple(entry.get("thiet_lap", ())),
        applies_from=start,
    )
