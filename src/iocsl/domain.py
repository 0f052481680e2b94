"""Frozen types that every layer speaks of. Standard library only."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from typing import NamedTuple

VIETNAM = timezone(timedelta(hours=7), "+07")
"""Asia/Ho_Chi_Minh: UTC+7, no daylight saving since 1975, so a fixed offset is exact."""


class ExitCode(IntEnum):
    """What a process of iocsl ends with; the table of `docs/contract.md`."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    CONFIGURATION = 3
    INTEGRITY = 4
    NO_ANSWER = 5
    REFUSED = 6
    GATE = 7
    UNDECIDED = 8
    DEADLINE_NEAR = 10
    DEADLINE_PASSED = 11
    BUG = 70
    INTERRUPTED = 130


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Regime(StrEnum):
    """The two texts. They are shown side by side and never merged."""

    QD1134 = "QD1134"
    QD2023 = "QD2023"


class PeriodType(StrEnum):
    """How often something is due, in the words of the contract."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    NINE_MONTHS = "9m"
    YEAR = "year"
    SEASON = "season"
    EVENT = "event"
    REALTIME = "realtime"


VIETNAMESE_PERIOD_TYPES = {
    "ngay": PeriodType.DAY,
    "thang": PeriodType.MONTH,
    "quy": PeriodType.QUARTER,
    "6thang": PeriodType.HALF,
    "9thang": PeriodType.NINE_MONTHS,
    "nam": PeriodType.YEAR,
    "muavu": PeriodType.SEASON,
    "khithaydoi": PeriodType.EVENT,
}


class Words(NamedTuple):
    """One text in the two languages of the tool."""

    vi: str
    en: str


class Finding(NamedTuple):
    """One thing said about a file; the shape of `findings` in the validation report.

    `row` is the number a person sees, `line` the physical line (CSV, XML), `cell` an A1 address,
    `column` the key of the column, `value` the text as read (masked where personal), `count` how
    many places the one cause touches.
    """

    code: str
    name: str
    severity: Severity
    message: str
    hint: str | None = None
    basis: str | None = None
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = None
    count: int = 1


_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_HALF = re.compile(r"(\d{4})-H([12])")
_NINE = re.compile(r"(\d{4})-9M")
_YEAR = re.compile(r"\d{4}")
_SEASON = re.compile(r"(\d{4})-(DX|VM)")
_EVENT = re.compile(r"(\d{8})T(\d{6})([+-]\d{4})")


@dataclass(frozen=True, slots=True)
class Period:
    """A reporting period (kỳ báo cáo), named by its id: `2026-11`, `2026-Q4`, `2026-DX` …"""

    id: str
    type: PeriodType
    year: int
    first_day: date
    last_day: date

    def __str__(self) -> str:
        return self.id

    @property
    def last_month(self) -> tuple[int, int]:
        """Year and month of "tháng cuối kỳ báo cáo" (2023 Điều 8.1)."""
        return self.last_day.year, self.last_day.month

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period id. Raises `ValueError` for one that does not exist (`2026-Q5`, 30/2)."""
        text = text.strip()
        if found := _DAY.fullmatch(text):
            day = date(*(int(part) for part in found.groups()))
            return cls(text, PeriodType.DAY, day.year, day, day)
        if found := _MONTH.fullmatch(text):
            return cls._months(text, PeriodType.MONTH, int(found[1]), int(found[2]), int(found[2]))
        if found := _QUARTER.fullmatch(text):
            last = 3 * int(found[2])
            return cls._months(text, PeriodType.QUARTER, int(found[1]), last - 2, last)
        if found := _HALF.fullmatch(text):
            last = 6 * int(found[2])
            return cls._months(text, PeriodType.HALF, int(found[1]), last - 5, last)
        if found := _NINE.fullmatch(text):
            return cls._months(text, PeriodType.NINE_MONTHS, int(found[1]), 1, 9)
        if _YEAR.fullmatch(text):
            return cls._months(text, PeriodType.YEAR, int(text), 1, 12)
        if found := _SEASON.fullmatch(text):
            # A season has no printed first and last day: it is dated by its report year alone.
            return cls._months(text, PeriodType.SEASON, int(found[1]), 1, 12)
        if found := _EVENT.fullmatch(text):
            moment = datetime.strptime(text, "%Y%m%dT%H%M%S%z").astimezone(VIETNAM)
            return cls(text, PeriodType.EVENT, moment.year, moment.date(), moment.date())
        raise ValueError(text)

    @classmethod
    def _months(cls, text: str, kind: PeriodType, year: int, first: int, last: int) -> Period:
        start = date(year, first, 1)
        end = date(year, last, calendar.monthrange(year, last)[1])
        return cls(text, kind, year, start, end)

    @property
    def moment(self) -> datetime:
        """The declared moment of change of an event period. Raises `ValueError` for others."""
        if self.type is not PeriodType.EVENT:
            raise ValueError(self.id)
        return datetime.strptime(self.id, "%Y%m%dT%H%M%S%z")


def event_id(moment: datetime) -> str:
    """The period id of a change at `moment`: `20261122T080000+0700` (fits file names)."""
    return moment.astimezone(VIETNAM).strftime("%Y%m%dT%H%M%S%z")
