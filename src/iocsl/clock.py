"""The only caller of `datetime.now`. Two clocks: one for looking at dates, one for the record."""

from __future__ import annotations

import os
from datetime import date, datetime

from iocsl.domain import VIETNAM
from iocsl.errors import IocslError, usage

_EARLIEST = 1900
"""A year before it is a slip, and reckoning back from it would pass the beginning of time."""

_at: datetime | None = None


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment; without an offset it is Vietnam's time. Exit 2 otherwise."""
    try:
        moment = datetime.fromisoformat(text.strip())
        here = moment.replace(tzinfo=moment.tzinfo or VIETNAM).astimezone(VIETNAM)
    except (ValueError, OverflowError):
        raise _bad_moment(text) from None
    if here.year < _EARLIEST:
        raise _bad_moment(text)
    return here


def _bad_moment(text: str) -> IocslError:
    return usage(
        "bad-moment",
        f"“{text}” không phải là một thời điểm.",
        f"“{text}” is not a moment in time.",
        ("Viết như 2026-11-22T08:00+07:00.", "Write it like 2026-11-22T08:00+07:00."),
    )


def set_now(moment: datetime | None) -> None:
    """Hold the clock for looking at dates at `moment` (`--at`); None lets it run."""
    global _at  # noqa: PLW0603 - the clock of the process
    _at = moment


def held() -> datetime | None:
    """The moment given by `--at` or `IOCSL_NOW`, None when the clock runs."""
    if _at is not None:
        return _at
    given = os.environ.get("IOCSL_NOW")
    return parse_moment(given) if given else None


def now() -> datetime:
    """The moment to look at dates from: `--at`, else `IOCSL_NOW`, else the machine's clock."""
    return held() or record_now()


def today() -> date:
    return now().date()


def record_now() -> datetime:
    """The machine's clock, for what is signed or kept as a record. `--at` never reaches it."""
    return datetime.now(VIETNAM)


def iso(moment: datetime) -> str:
    """`2026-11-22T08:00:00+07:00`: seconds, and the offset of Vietnam."""
    return moment.astimezone(VIETNAM).isoformat(timespec="seconds")
