"""What a unit declares about time, kept as entries of the hash-chained ledger.

An event is a change of data with its moment (1134 Điều 5.2.b: 24 hours from then); an override is a
window that its lead unit closes at another time, with the notice's number (2023 Điều 8, end). Both
are only ever added; a later override of the same deadline and unit takes the place of the earlier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from iocsl import clock
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.ledger.chain import FILE, Chain, Entry

Record = TypeVar("Record", "Event", "Override")

EVENT = "data-changed"
OVERRIDE = "deadline-override"


@dataclass(frozen=True, slots=True)
class Event:
    """A declared change: what changed, whose it is, when (aware)."""

    dataset: str
    unit: str
    changed_at: datetime

    def subject(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "unit": self.unit,
            "changed_at": clock.iso(self.changed_at),
        }


@dataclass(frozen=True, slots=True)
class Override:
    """Another closing time for one obligation; `unit` is the lead unit, None for all."""

    id: str
    unit: str | None
    closes_at: datetime
    document: str
    reason: str

    def subject(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "unit": self.unit,
            "closes_at": clock.iso(self.closes_at),
            "document": self.document,
            "reason": self.reason,
        }


def events(home: Path) -> list[Event]:
    """Every declared change, oldest entry first, each once."""
    return list(dict.fromkeys(_read(each, _event) for each in _entries(home, EVENT)))


def overrides(home: Path) -> dict[tuple[str, str | None], Override]:
    """The override in force by obligation id and unit."""
    read = (_read(each, _override) for each in _entries(home, OVERRIDE))
    return {(one.id, one.unit): one for one in read}


def _event(subject: dict[str, Any]) -> Event:
    return Event(subject["dataset"], subject["unit"], clock.parse_moment(subject["changed_at"]))


def _override(subject: dict[str, Any]) -> Override:
    return Override(
        subject["id"],
        subject["unit"],
        clock.parse_moment(subject["closes_at"]),
        subject["document"],
        subject["reason"],
    )


def _read(entry: Entry, shape: Callable[[dict[str, Any]], Record]) -> Record:
    try:
        return shape(entry.subject)
    except (KeyError, TypeError, AttributeError, IocslError):
        raise IocslError(
            "ledger-entry",
            f"Mục {entry.seq} của sổ nhật ký không đọc được.",
            f"Entry {entry.seq} of the ledger cannot be read.",
            (
                "Kiểm tra sổ bằng: iocsl audit verify",
                "Check the ledger with: iocsl audit verify",
            ),
            ExitCode.INTEGRITY,
        ) from None


def add_event(event: Event) -> bool:
    """Record a change; False when it was recorded before."""
    return Chain.open().append_new(EVENT, event.subject(), actor=event.unit) is not None


def add_override(override: Override) -> None:
    Chain.open().append(OVERRIDE, override.subject(), actor=override.unit or "")


def _entries(home: Path, act: str) -> list[Entry]:
    path = home / FILE
    return Chain.open(path).entries(act) if path.is_file() else []
