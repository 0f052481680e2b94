"""All deadlines of a year for every unit and entry, beside a loop over `holidays` per deadline."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from bench.harness import compare, in_process

YEAR = 2026


def run(folder: Path, runs: int) -> None:
    from iocsl import config
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings, obligations

    catalogue = open_catalogue()
    readings = Readings.from_config(config.load())
    units = catalogue.units()
    entries = catalogue.datasets()

    def ours() -> int:
        return len(
            obligations(
                catalogue,
                readings,
                start=date(YEAR, 1, 1),
                end=date(YEAR, 12, 31),
                by="unit",
            )
        )

    def naive() -> int:
        import holidays

        days = holidays.country_holidays("VN", years=range(YEAR, YEAR + 2))
        count = 0
        for _ in units:
            for entry in entries:
                for month in _months(entry.periods):
                    day = date(YEAR, month, 25)
                    while day.weekday() >= 5 or day in days:
                        day += timedelta(days=1)
                    count += 1
        return count

    compare(
        f"All deadlines of {YEAR} ({len(units)} units, {len(entries)} entries), in process",
        {
            "loop over holidays, one per deadline": in_process(naive),
            "iocsl, by unit": in_process(ours),
        },
        runs,
    )


def _months(periods: tuple[str, ...]) -> list[int]:
    """The months in which a naive loop expects a deadline; a day's data are due in each, daily."""
    months: list[int] = []
    for period in periods:
        if period in {"day", "month"}:
            months += range(1, 13)
        elif period == "quarter":
            months += [3, 6, 9, 12]
        elif period == "half":
            months += [6, 12]
        else:
            months.append(12)
    return months
