"""Days as options say them."""

from __future__ import annotations

from datetime import date, datetime

from iocsl.errors import usage


def day_of(text: str | None) -> date | None:
    if text is None:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise usage(
        "bad-day",
        f"“{text}” không phải là một ngày.",
        f"“{text}” is not a date.",
        ("Viết như 2026-11-22 hoặc 22/11/2026.", "Write it like 2026-11-22."),
    )
