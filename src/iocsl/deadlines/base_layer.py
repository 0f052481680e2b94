"""Public holidays by law, from the package `holidays`, kept in home so that it is rarely loaded.

Loading the package and asking it in two languages takes several times what the deadlines of a year
take. The days are therefore kept in a small file, which is written anew when the package or the
years change, and which may be thrown away at any time.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from iocsl.domain import Words
from iocsl.files import write_whole

CACHE = "lich_nen.json"
_OBSERVED = "(nghỉ bù)"


@dataclass(frozen=True, slots=True)
class BaseDay:
    """A public holiday, or the day off given for one that fell on a weekly rest day."""

    why: Words
    compensation: bool


def base_days(home: Path, first_year: int, last_year: int) -> Mapping[date, BaseDay]:
    """Holidays of the years, both included."""
    path = home / CACHE
    mark = f"{_release()} {first_year} {last_year}"
    kept = _read(path, mark)
    if kept is None:
        kept = compute(first_year, last_year)
        # Where the file cannot be kept (a full disk), the days are computed again next time.
        with contextlib.suppress(OSError):
            _write(path, mark, kept)
    return kept


@cache
def compute(first_year: int, last_year: int) -> Mapping[date, BaseDay]:
    """What the package says: Vietnam, public days, observed days included. Not to be changed."""
    import holidays

    def ask(language: str) -> Mapping[date, str]:
        years = range(first_year, last_year + 1)
        found: Mapping[date, str] = holidays.country_holidays(
            "VN", years=years, observed=True, language=language, categories=("public",)
        )
        return found

    english = ask("en_US")
    return {
        day: BaseDay(Words(name, english[day]), _OBSERVED in name)
        for day, name in sorted(ask("vi").items())
    }


def _release() -> str:
    """Which release of `holidays` is installed, without loading it."""
    spec = find_spec("holidays")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("holidays")
    version = Path(spec.origin).with_name("version.py").stat()
    return f"{spec.origin} {version.st_size} {version.st_mtime_ns}"


def _read(path: Path, mark: str) -> Mapping[date, BaseDay] | None:
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["mark"] != mark:
            return None
        return {
            date.fromisoformat(day): BaseDay(Words(vi, en), bool(compensation))
            for day, vi, en, compensation in document["days"]
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, mark: str, days: Mapping[date, BaseDay]) -> None:
    rows = [[day.isoformat(), *each.why, each.compensation] for day, each in days.items()]
    text = json.dumps({"mark": mark, "days": rows}, ensure_ascii=False)
    write_whole(path, text.encode("utf-8"))
