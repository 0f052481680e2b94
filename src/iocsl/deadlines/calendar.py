"""The working calendar: which days offices work, why, and how sure that is.

Three layers, the later over the earlier: weekly rest and public holidays as the package `holidays`
computes them (Bộ luật Lao động 2019, Điều 111, 112), the dated days of `catalog/ngay_nghi.yaml`,
and the unit's own `ngay_nghi.yaml` in its home. A proposed day is shown and never applied. Outside
the years that the data name nothing is known, and nothing is guessed (exit 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from iocsl.catalog import Catalogue
from iocsl.deadlines.base_layer import BaseDay, base_days
from iocsl.domain import ExitCode, Words
from iocsl.errors import IocslError

OWN_FILE = "ngay_nghi.yaml"
LAW, OFFICIAL, PROPOSED, PREDICTED = "law", "official", "proposed", "predicted"
SURENESS = (LAW, OFFICIAL, PROPOSED, PREDICTED)
"""The surest first; what rests on several days is as sure as the least sure of them."""

HOLIDAY_LAW = "Bộ luật Lao động 2019, Điều 112"
COMPENSATION_LAW = "Bộ luật Lao động 2019, Điều 111.3"
_ONE_DAY = timedelta(days=1)
_WEEKDAYS = (
    Words("thứ Hai", "Monday"),
    Words("thứ Ba", "Tuesday"),
    Words("thứ Tư", "Wednesday"),
    Words("thứ Năm", "Thursday"),
    Words("thứ Sáu", "Friday"),
    Words("thứ Bảy", "Saturday"),
    Words("Chủ nhật", "Sunday"),
)


def weekday(day: date) -> Words:
    """The day of the week as Vietnamese writes it inside a sentence."""
    return _WEEKDAYS[day.weekday()]


@dataclass(frozen=True, slots=True)
class Listed:
    """One day of `ngay_nghi.yaml`; `worked` is a rest day that is worked for `swapped_with`."""

    day: date
    worked: bool
    why: Words
    document: str | None
    status: str
    swapped_with: date | None
    own: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One day as the calendar sees it. `why` is said of rest days and of worked Saturdays.

    `layer`: `week` (weekly rest or a plain working day), `holidays`, `listed`, `own`. `proposal` is
    a change that was proposed and is not applied.
    """

    day: date
    working: bool
    why: Words
    document: str | None
    status: str
    layer: str
    swapped_with: date | None = None
    proposal: Listed | None = None


class WorkingCalendar:
    """Days of the known years. Every question about another year is refused (exit 8)."""

    def __init__(
        self, years: Mapping[int, str], base: Mapping[date, BaseDay], listed: Iterable[Listed]
    ) -> None:
        self.years = dict(years)
        self.base = base
        self.listed: dict[date, Listed] = {}
        self.proposals: dict[date, Listed] = {}
        for each in listed:
            if each.status == PROPOSED:
                self.proposals[each.day] = each
            else:
                self.listed[each.day] = each
                self.proposals.pop(each.day, None)
        self._seen: dict[date, Day] = {}

    def day(self, day: date) -> Day:
        """What `day` is. Exit 8 outside the known years."""
        found = self._seen.get(day)
        if found is None:
            found = self._seen[day] = self._look(day)
        return found

    def is_working(self, day: date) -> bool:
        return self.day(day).working

    def following(self, day: date) -> date:
        """`day` itself when it is worked, else the next working day (2023 Điều 8.1)."""
        while not self.day(day).working:
            day += _ONE_DAY
        return day

    def preceding(self, day: date) -> date:
        """`day` itself when it is worked, else the last working day before it."""
        while not self.day(day).working:
            day -= _ONE_DAY
        return day

    def shift(self, day: date, working_days: int) -> date:
        """The day that lies so many working days after `day` (before it, when negative)."""
        step = _ONE_DAY if working_days > 0 else -_ONE_DAY
        left = abs(working_days)
        while left:
            day += step
            left -= self.day(day).working
        return day

    def rest(self, first: date, last: date) -> list[Day]:
        """The rest days from `first` to `last`, both included."""
        return [each for each in map(self.day, days_between(first, last)) if not each.working]

    def status(self, first: date, last: date) -> str:
        """How sure the calendar is from `first` to `last`: the least sure of its days and years."""
        worst = 0
        for day in days_between(first, last):
            worst = max(worst, SURENESS.index(self.day(day).status))
            if self.years[day.year] == PREDICTED:
                worst = max(worst, SURENESS.index(PREDICTED))
            if day in self.proposals:
                worst = max(worst, SURENESS.index(PROPOSED))
        return SURENESS[worst]

    @cached_property
    def with_proposals(self) -> WorkingCalendar:
        """The calendar as it would be if every proposal were approved."""
        approved = [
            Listed(p.day, p.worked, p.why, p.document, PREDICTED, p.swapped_with, p.own)
            for p in self.proposals.values()
        ]
        return WorkingCalendar(self.years, self.base, [*self.listed.values(), *approved])

    def _look(self, day: date) -> Day:
        if day.year not in self.years:
            raise unknown_year(day.year, self.years)
        proposal = self.proposals.get(day)
        if (own := self.listed.get(day)) is not None:
            layer = "own" if own.own else "listed"
            return Day(
                day,
                own.worked,
                own.why,
                own.document,
                own.status,
                layer,
                own.swapped_with,
                proposal,
            )
        if (base := self.base.get(day)) is not None:
            document = COMPENSATION_LAW if base.compensation else HOLIDAY_LAW
            return Day(day, False, base.why, document, LAW, "holidays", proposal=proposal)
        working = day.weekday() < 5
        return Day(day, working, weekday(day), None, LAW, "week", proposal=proposal)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    while first <= last:
        yield first
        first += _ONE_DAY


def open_calendar(catalogue: Catalogue, home: Path) -> WorkingCalendar:
    """The calendar of the catalogue and of the unit's own file in `home`."""
    packaged = catalogue.document("ngay_nghi")
    own = own_document(home)
    years = {each["nam"]: each["trang_thai"] for each in packaged["nam"]}
    years |= {each["nam"]: each["trang_thai"] for each in own.get("nam", [])}
    listed = [
        *(listed_from(each, own=False) for each in packaged["muc"]),
        *(listed_from(each, own=True) for each in own.get("muc", [])),
    ]
    return WorkingCalendar(years, base_days(home, min(years), max(years)), listed)


def own_document(home: Path) -> dict[str, Any]:
    """The unit's own `ngay_nghi.yaml`, checked (exit 3 names file, line, entry); {} without one."""
    path = home / OWN_FILE
    if not path.is_file():
        return {}
    from iocsl.catalog.loader import read
    from iocsl.catalog.timetable import check_days_off

    document = read(path)
    check_days_off(document)
    data: dict[str, Any] = document.data
    return data


def listed_from(entry: Mapping[str, Any], *, own: bool) -> Listed:
    """One checked entry of `ngay_nghi.yaml`."""
    swapped = entry.get("doi_voi")
    return Listed(
        date.fromisoformat(entry["ngay"]),
        entry["loai"] == "lam_viec",
        Words(entry["ten"], entry.get("ten_en") or entry["ten"]),
        entry["van_ban"],
        entry["trang_thai"],
        date.fromisoformat(swapped) if swapped else None,
        own,
    )


def unknown_year(year: int, years: Iterable[int]) -> IocslError:
    """A day outside the known calendar: undecided, exit 8."""
    known = sorted(years)
    end, missing = f"15/12/{known[-1]}", known[-1] + 1
    hint = Words(
        f"Chọn thời gian từ {known[0]} đến {end} (hạn sau đó có thể dời sang năm sau), hoặc cập"
        f" nhật danh mục khi có thông báo nghỉ lễ năm {missing}.",
        f"Choose a time from {known[0]} to {end} (a later deadline may move into the next year),"
        f" or update the catalogue once the notice for {missing} is out.",
    )
    return IocslError(
        "calendar-unknown",
        f"Lịch làm việc năm {year} chưa biết nên không tính được hạn; lịch hiện có: "
        f"{known[0]} đến {known[-1]}.",
        f"The working calendar of {year} is not known, so no deadline can be told; known: "
        f"{known[0]} to {known[-1]}.",
        hint,
        ExitCode.UNDECIDED,
    )
