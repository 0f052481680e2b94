"""How the regulations are read where they leave room; each choice is a setting.

The defaults are the readings of `docs/decisions/`; every alternative is off until somebody with the
authority turns it on in `config.toml` or the environment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from iocsl.config import Config
from iocsl.errors import IocslError
from iocsl.settings import SETTINGS

PREFIX = "deadlines."


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings in force, and the home whose own calendar and records count.

    Field names are the settings' keys without `deadlines.`; the meaning of each stands there.
    """

    home: Path
    rollover_1134: str = "none"
    rollover_annex: str = "following"
    before_18: str = "strict"
    half_with_year: str = "first"
    half_alone: str = "both"
    ct_30: str = "row"
    ktxh_forms: str = "row"
    tk_row2: str = "as_printed"
    tk_row16: str = "next_year"
    february_30: str = "last_day"
    daily_reminders: str = "working"
    applies_from_1134: str | None = None
    look_back: int = 31

    @classmethod
    def from_config(cls, config: Config) -> Readings:
        """The readings as configured. A start that is no date is refused (exit 3)."""
        chosen: dict[str, Any] = {
            key.removeprefix(PREFIX): found.value
            for key, found in config.resolved.items()
            if key.startswith(PREFIX)
        }
        readings = cls(home=config.home, **chosen)
        if given := readings.applies_from_1134:
            try:
                date.fromisoformat(given)
            except ValueError:
                raise _bad_start(given) from None
        return readings

    def but(self, name: str, value: str) -> Readings:
        """The same readings with one read otherwise."""
        change: dict[str, Any] = {name: value}
        return replace(self, **change)


def choices(setting: str) -> tuple[str, ...]:
    """All values of a reading's setting, () where it is free text or a number."""
    return next(each.choices for each in SETTINGS if each.key == setting)


def _bad_start(value: str) -> IocslError:
    return IocslError(
        "bad-setting",
        f"deadlines.applies_from_1134 = “{value}” không phải là một ngày.",
        f"deadlines.applies_from_1134 = “{value}” is not a date.",
        ("Viết như 2026-05-13.", "Write it like 2026-05-13."),
    )
