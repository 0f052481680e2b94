"""Deadlines and days of the calendar as tables for people, at home in 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from iocsl.console.output import table
from iocsl.deadlines.calendar import Day
from iocsl.deadlines.obligation import Obligation
from iocsl.deadlines.words import (
    STATUSES,
    day_words,
    kind_of_day,
    left_words,
    moment_words,
    notes,
)
from iocsl.text import say, tr

if TYPE_CHECKING:
    from rich.table import Table

_NAMED = 3
"""So many dataset codes are named in a row; more are counted."""


def deadline_table(found: Sequence[Obligation], now: datetime) -> Table:
    """When, how much is left, which deadline, and what to know about it."""
    headings = (
        tr("Hạn cuối", "Due"),
        tr("Còn lại", "Left"),
        tr("Mã hạn", "Deadline"),
        tr("Ai gửi, gửi gì", "Who sends what"),
    )
    rows = [
        (
            f"{say(day_words(each.due.last_day))}\n{say(moment_words(each))}",
            say(left_words(each, now)),
            each.id.replace("/", "/\u200b") if len(each.id) > _LONG else each.id,
            "\n".join(_about(each)),
        )
        for each in found
    ]
    drawn = table(headings, rows)
    drawn.columns[0].no_wrap = True
    drawn.columns[1].max_width = 10
    drawn.columns[2].max_width = 23
    drawn.columns[3].ratio = 1
    for column in drawn.columns[1:]:
        column.overflow = "fold"
    return drawn


_LONG = 23


def _about(each: Obligation) -> list[str]:
    unit = f" [{each.unit}]" if each.unit else ""
    lines = [say(each.who) + unit, *([_datasets(each)] if each.datasets else [])]
    return [*lines, *(f"– {say(one)}" for one in notes(each))]


def _datasets(each: Obligation) -> str:
    count = len(each.datasets)
    if count <= _NAMED:
        return ", ".join(each.datasets)
    return tr(f"{count} bộ dữ liệu", f"{count} datasets")


def day_table(days: Sequence[tuple[Day, str]]) -> Table:
    """Days off and worked Saturdays, each with its status."""
    headings = (
        tr("Ngày", "Day"),
        tr("Là", "Is"),
        tr("Vì", "Why"),
        tr("Độ chắc", "How sure"),
        tr("Văn bản", "Document"),
    )
    return table(
        headings,
        [
            (
                say(day_words(day.day)),
                say(kind_of_day(day)),
                _why(day),
                say(STATUSES[status]),
                day.document or "",
            )
            for day, status in days
        ],
    )


def _why(day: Day) -> str:
    if day.proposal is None:
        return say(day.why)
    proposed = tr("đề xuất: ", "proposed: ") + say(day.proposal.why)
    return proposed if day.layer == "week" else f"{say(day.why)}; {proposed}"
