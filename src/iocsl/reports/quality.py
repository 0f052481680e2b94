"""“Đúng, đủ, sạch, sống” of what landed, over time: per unit, dataset and period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from iocsl import clock
from iocsl.deadlines import Timetable
from iocsl.deadlines.liveliness import Liveliness, liveliness
from iocsl.ledger.history import Landing
from iocsl.ledger.receipts import Accepted, Key

Facts = Callable[[str, str], Mapping[Key, Accepted]]
"""Unit and dataset → what was received of them and not sent back."""


@dataclass(frozen=True, slots=True)
class QualityRow:
    """The four figures of one landing, 0-100 or None; `live` as of the moment it was received."""

    landing: Landing
    live: float | None

    def figures(self) -> dict[str, float | None]:
        each = self.landing
        return {"dung": each.correct, "du": each.complete, "sach": each.clean, "song": self.live}

    def document(self) -> dict[str, Any]:
        """The contract's row of `quality`."""
        each = self.landing
        return {
            "unit": each.unit,
            "dataset": each.dataset,
            "period": each.period,
            "sequence": each.sequence,
            "accepted_at": clock.iso(each.accepted_at),
            **self.figures(),
        }


def over_time(
    landings: Iterable[Landing], facts: Facts, timetable: Timetable, now: datetime
) -> list[QualityRow]:
    """A row for each landing, in the order given."""
    alive: dict[tuple[str, str], Liveliness] = {}
    rows = []
    for each in landings:
        key = (each.unit, each.dataset)
        if key not in alive:
            alive[key] = liveliness(timetable, *key, facts(*key), now)
        rows.append(QualityRow(each, alive[key].at(each.accepted_at)))
    return rows
