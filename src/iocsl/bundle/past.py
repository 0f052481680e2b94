"""What this home knows of the past of a unit and dataset: what landed, and files given by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl import clock, config
from iocsl.domain import Figure
from iocsl.validate.context import Context
from iocsl.validate.history import Supplied, form_of, known_period

if TYPE_CHECKING:
    from iocsl.validate.history_files import GivenFiles


class HomePast:
    """The `History` of the unit's own side. Files given by hand add to what landed.

    Where both have a figure, what landed counts: it was signed and accepted.
    """

    def __init__(self, home: Path, given: Sequence[Path] = ()) -> None:
        self._home = home
        self._given = given

    def supplied(self, context: Context) -> Iterator[Supplied]:
        given = self._files.supplied(context) if self._given else ()
        return merge(self._landed(context), given, key=newest, reverse=True)

    def live(self, context: Context) -> float | None:
        """None where the ledger shows nothing received of this unit and dataset."""
        if context.unit is None or context.dataset is None:
            return None
        from iocsl.ledger import receipts

        unit, code = context.unit.id, context.dataset.code
        accepted = receipts.accepted(self._home)
        if all(key[:2] != (unit, code) for key in accepted):
            return None
        from iocsl.deadlines import Readings, Timetable
        from iocsl.deadlines.liveliness import liveliness

        now = clock.now()
        timetable = Timetable(context.catalogue, Readings.from_config(config.load()))
        return liveliness(timetable, unit, code, accepted, now).at(now)

    @cached_property
    def _files(self) -> GivenFiles:
        from iocsl.validate.history_files import GivenFiles

        return GivenFiles(self._given)

    def _landed(self, context: Context) -> Iterator[Supplied]:
        if context.unit is None or context.dataset is None or form_of(context.schema) is None:
            return iter(())
        from iocsl.ledger import history

        landed = history.landings(self._home, context.unit.id, context.dataset.code)
        return by_period(
            [(each.period, each.identity) for each in landed],
            lambda identities: history.figures_of(self._home, identities),
        )


def newest(supply: Supplied) -> date:
    """The order of the past: by the last day of the period, files that name none at the end."""
    return supply.period.last_day if supply.period else date.min


def by_period(
    submissions: Iterable[tuple[str, str]],
    figures_of: Callable[[Iterable[str]], Iterator[Iterable[Figure]]],
) -> Iterator[Supplied]:
    """Submissions (period, identity) with their figures, the newest first, read as asked for."""
    known = [(known_period(period), identity) for period, identity in submissions]
    ordered = sorted(
        ((period, identity) for period, identity in known if period is not None),
        key=lambda each: (each[0].last_day, each[1]),
        reverse=True,
    )
    figures = figures_of(identity for _, identity in ordered)
    for (period, _), of_it in zip(ordered, figures, strict=False):
        yield Supplied(period, of_it)
