"""Frozen types that every layer speaks of. Standard library only."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from typing import NamedTuple

from iocsl.patterns import regex

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
    count: int = 1  # type: ignore[assignment] # nobody counts what a finding says


class Figure(NamedTuple):
    """One figure of an indicator form: what it is of, and its value.

    `parts` are the other columns of the form's key (a group, a project) as one text, "" where there
    are none; `period` is what the figure is about; `column` the key of the column it stands in.
    """

    indicator: str
    area: str
    parts: str
    period: str
    status: str
    column: str
    value: float


_DAY = regex(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_EVENT = regex(r"[0-9]{8}T[0-9]{6}[+-][0-9]{4}")
# Type, form (year, number of the part), months of one part. A season has no printed first and last
# day, so it is dated by its report year alone, like a year.
_MONTHLY: tuple[tuple[PeriodType, re.Pattern[str], int], ...] = (
    (PeriodType.MONTH, regex(r"([0-9]{4})-([0-9]{2})"), 1),
    (PeriodType.QUARTER, regex(r"([0-9]{4})-Q([1-4])"), 3),
    (PeriodType.HALF, regex(r"([0-9]{4})-H([12])"), 6),
    (PeriodType.NINE_MONTHS, regex(r"([0-9]{4})-9M()"), 9),
    (PeriodType.YEAR, regex(r"([0-9]{4})()"), 12),
    (PeriodType.SEASON, regex(r"([0-9]{4})-(?:DX|VM)()"), 12),
)


class Period(NamedTuple):
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
        import calendar

        text = text.strip()
        if found := _DAY.fullmatch(text):
            day = date(*(int(part) for part in found.groups()))
            return cls(text, PeriodType.DAY, day.year, day, day)
        if _EVENT.fullmatch(text):
            try:
                day = datetime.strptime(text, "%Y%m%dT%H%M%S%z").astimezone(VIETNAM).date()
            except OverflowError:  # the last hours of the year 9999, seen from Vietnam
                raise ValueError(text) from None
            return cls(text, PeriodType.EVENT, day.year, day, day)
        for kind, form, months in _MONTHLY:
            if found := form.fullmatch(text):
                year, last = int(found[1]), months * int(found[2] or 1)
                end = date(year, last, calendar.monthrange(year, last)[1])
                return cls(text, kind, year, date(year, last - months + 1, 1), end)
        raise ValueError(text)

    @property
    def moment(self) -> datetime:
        """The declared moment of change of an event period. Raises `ValueError` for others."""
        if self.type is not PeriodType.EVENT:
            raise ValueError(self.id)
        return datetime.strptime(self.id, "%Y%m%dT%H%M%S%z")


def event_id(moment: datetime) -> str:
    """The period id of a change at `moment`: `20261122T080000+0700` (fits file names)."""
    return moment.astimezone(VIETNAM).strftime("%Y%m%dT%H%M%S%z")
