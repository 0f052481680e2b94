"""The unit's own days off: written into `ngay_nghi.yaml` of its home, and the layers compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from iocsl.deadlines.calendar import (
    OWN_FILE,
    PREDICTED,
    Day,
    WorkingCalendar,
    days_between,
    own_document,
)
from iocsl.errors import usage
from iocsl.files import write_whole

_HEAD = """\
# Ngày nghỉ, ngày làm bù của riêng đơn vị, đặt trên lịch kèm theo iocsl. Mỗi ngày một mục.
# loai: nghi | lam_viec. trang_thai: law | official | proposed (chỉ hiện) | predicted.
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A day that a later layer sees otherwise than the layer of `holidays` and weekends."""

    day: Day
    base_working: bool


def add_day(home: Path, entry: Mapping[str, Any]) -> Path:
    """Add one day to the unit's file and return its path. A day that is there: exit 2."""
    document = own_document(home)
    entries = [*document.get("muc", [])]
    if any(each["ngay"] == entry["ngay"] for each in entries):
        raise usage(
            "day-listed",
            f"Ngày {entry['ngay']} đã có trong {home / OWN_FILE}.",
            f"The day {entry['ngay']} is already in {home / OWN_FILE}.",
            ("Sửa hoặc xóa mục đó trong tệp.", "Change or remove that entry in the file."),
        )
    _require_swap_agrees(entry, entries)
    import yaml

    entries.append(dict(entry))
    entries.sort(key=lambda each: str(each["ngay"]))
    body: dict[str, Any] = {"nam": document["nam"]} if document.get("nam") else {}
    text = yaml.safe_dump({**body, "muc": entries}, allow_unicode=True, sort_keys=False)
    path = home / OWN_FILE
    write_whole(path, (_HEAD + text).encode("utf-8"))
    return path


def _require_swap_agrees(entry: Mapping[str, Any], entries: list[Any]) -> None:
    """Two swapped days name each other, one off and one worked; the file is checked by this too."""
    for each in entries:
        paired = entry.get("doi_voi") == each["ngay"] or each.get("doi_voi") == entry["ngay"]
        agree = entry.get("doi_voi") == each["ngay"] and each.get("doi_voi") == entry["ngay"]
        if paired and (not agree or each["loai"] == entry["loai"]):
            raise usage(
                "swap-disagrees",
                f"Ngày {entry['ngay']} và {each['ngay']} hoán đổi không khớp nhau.",
                f"The days {entry['ngay']} and {each['ngay']} do not agree on their swap.",
                (
                    "Một ngày ghi --off, ngày kia --work, và --swapped-with trỏ vào nhau.",
                    "One is --off, the other --work, and --swapped-with names the other.",
                ),
            )


def differences(calendar: WorkingCalendar, first: date, last: date) -> Iterator[Difference]:
    """Days on which the listed days change what `holidays` and weekends say."""
    plain = WorkingCalendar(calendar.years, calendar.base, ())
    for day in days_between(first, last):
        here, base = calendar.day(day), plain.day(day)
        if here.working != base.working or here.proposal is not None:
            yield Difference(here, base.working)


def special_days(calendar: WorkingCalendar, year: int) -> list[Day]:
    """Every day of a year that is no plain weekday or weekend, and every proposed one."""
    return [
        day
        for day in map(calendar.day, days_between(date(year, 1, 1), date(year, 12, 31)))
        if day.layer != "week" or day.proposal is not None
    ]


def open_questions(calendar: WorkingCalendar, today: date) -> list[tuple[str, date]]:
    """What somebody should look at: `unknown` years, `predicted` years, `proposed` days to come.

    A year counts once it begins within 90 days.
    """
    found: list[tuple[str, date]] = []
    for year in sorted(
        {today.year, date.fromordinal(min(today.toordinal() + 90, date.max.toordinal())).year}
    ):
        status = calendar.years.get(year)
        if status is None:
            found.append(("unknown", date(year, 1, 1)))
        elif status == PREDICTED:
            found.append((PREDICTED, date(year, 1, 1)))
    found.extend(("proposed", day) for day in sorted(calendar.proposals) if day >= today)
    return found
