"""Deadlines and days of the calendar as tables for people, at home in 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from iocsl.console.output import table
from iocsl.deadlines.calendar import Day
from iocsl.deadlines.obligation import Obligation
from iocsl.deadlines.words import (
    FLAGS,
    QUIET,
    STATUSES,
    day_words,
    kind_of_day,
    left_words,
    moment_words,
    movement,
)
from iocsl.text import say, tr

if TYPE_CHECKING:
    from rich.table import Table

_NAMED = 3
"""So many dataset codes are named in a row; more are counted."""
_ID_WIDTH = 24


def deadline_table(found: Sequence[Obligation], now: datetime) -> Table:
    """When and how much is left, which deadline, who sends what, what moved it.

    What holds for many rows is told once below the table, by number.
    """
    headings = (
        tr("Hạn cuối", "Due"),
        tr("Mã hạn", "Deadline"),
        tr("Ai gửi, gửi gì", "Who sends what"),
    )
    numbers = _numbered(found)
    rows = [(_when(each, now), each.id, "\n".join(_about(each, numbers))) for each in found]
    drawn = table(headings, rows)
    due, deadline, about = drawn.columns
    due.no_wrap = True
    deadline.max_width = _ID_WIDTH
    about.ratio = 1
    drawn.caption = "\n".join(f"({number}) {say(FLAGS[flag])}" for flag, number in numbers.items())
    drawn.caption_justify = "left"
    drawn.caption_style = ""
    return drawn


def _numbered(found: Sequence[Obligation]) -> dict[str, int]:
    """The flags to tell, in the order in which they occur, each with its number."""
    flags = dict.fromkeys(flag for each in found for flag in each.flags if flag not in QUIET)
    return {flag: number for number, flag in enumerate(flags, 1)}


def _when(each: Obligation, now: datetime) -> str:
    day = say(day_words(each.due.last_day))
    return f"{day}\n{say(moment_words(each))}\n{say(left_words(each, now))}"


def _about(each: Obligation, numbers: dict[str, int]) -> list[str]:
    marks = "".join(f"({numbers[flag]})" for flag in each.flags if flag in numbers)
    who = say(each.who) + (f" [{each.unit}]" if each.unit else "")
    lines = [f"{who} {marks}".rstrip()]
    if each.datasets:
        lines.append(_datasets(each))
    if (moved := movement(each)) is not None:
        lines.append(f"– {say(moved)}")
    return lines


def _datasets(each: Obligation) -> str:
    count = len(each.datasets)
    if count <= _NAMED:
        return ", ".join(each.datasets)
    return tr(f"{count} bộ dữ liệu", f"{count} datasets")


def day_table(days: Sequence[tuple[Day, str]]) -> Table:
    """Days off and worked Saturdays: what each is, why, how sure, by which document."""
    headings = (tr("Ngày", "Day"), tr("Là gì", "What"), tr("Độ chắc, văn bản", "How sure, source"))
    drawn = table(
        headings,
        [
            (
                say(day_words(day.day)),
                f"{say(kind_of_day(day))}: {_why(day)}",
                "\n".join(part for part in (say(STATUSES[status]), day.document) if part),
            )
            for day, status in days
        ],
    )
    drawn.columns[0].no_wrap = True
    return drawn


def _why(day: Day) -> str:
    if day.proposal is None:
        return say(day.why)
    if day.layer == "week":
        return say(day.proposal.why)
    return f"{say(day.why)}; {say(day.proposal.why)}"
