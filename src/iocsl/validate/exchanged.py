"""Rows whose code stands beside the name of another indicator: one cause, told by C303.

Either of the two is wrong, and nobody knows which. What would follow from the code alone (a key
that repeats, an indicator that is missing, another unit of measure) is not told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from iocsl.text import fold, squeeze
from iocsl.validate.readers.base import Batch, Cell, shown
from iocsl.validate.readers.texts import Texts
from iocsl.validate.registry import Role
from iocsl.validate.rules.vietnamese import as_seen

if TYPE_CHECKING:
    from iocsl.validate.context import Context

REMEMBERED = 10_000
"""Codes with the name beside them of which it is remembered whether they go together."""


class Exchanged:
    """The exchanged codes of one file, as they are met."""

    def __init__(self, context: Context) -> None:
        self.owners: set[str] = set()
        """Codes of the indicators whose names stood beside other codes."""
        self._context = context
        self._known: dict[tuple[Any, Any], str | None] = {}
        self._last: tuple[Batch | None, Mapping[int, str]] = (None, {})

    def owner(self, code: str | None, name: str | None) -> str | None:
        """The other indicator of the dataset whose name stands beside a code."""
        found = self._context.indicators.get(code) if code else None
        if found is None or not name or fold(name) == fold(found.name):
            return None
        owner = self._context.indicator_names.get(fold(as_seen(name)))
        if owner == found.code:
            return None
        if owner is not None:
            self.owners.add(owner)
        return owner

    def told(self, batch: Batch) -> Mapping[int, str]:
        """The owner by the position of each such row of a batch that the row rules have seen.

        A file of which none was told so far costs nothing.
        """
        if not self.owners:
            return {}
        if self._last[0] is not batch:
            self._last = (batch, self.among(batch))
        return self._last[1]

    def among(self, batch: Batch) -> Mapping[int, str]:
        """The owner by the position of each such row of any batch."""
        if not {Role.INDICATOR_CODE, Role.INDICATOR_NAME} <= batch.columns.keys():
            return {}
        if len(self._known) > REMEMBERED:
            self._known.clear()
        codes, names = batch.raw(Role.INDICATOR_CODE), batch.raw(Role.INDICATOR_NAME)
        known, found = self._known, {}
        for at, pair in enumerate(zip(codes, names, strict=True)):
            if pair not in known:
                code, name = (batch.columns[each][at] for each in _PAIR)
                known[pair] = self.owner(_text(code), _text(name))
            owner = known[pair]
            if owner is not None:
                found[at] = owner
        return found

    def apart(self, batch: Batch) -> Batch:
        """The batch with codes that tell such rows from all but those with the same name beside."""
        told = self.told(batch)
        if not told:
            return batch
        spelling, codes = batch.spelling(Role.INDICATOR_CODE), batch.columns[Role.INDICATOR_CODE]
        cells = list(batch.raw(Role.INDICATOR_CODE))
        for at, owner in told.items():
            both = f"{_text(codes[at])} {owner}"
            cells[at] = both if spelling is None else spelling.raw(both)
        marked = cells if spelling is None else Texts(cells, spelling)
        return Batch({**batch.columns, Role.INDICATOR_CODE: marked}, batch.rows, batch.lines)


_PAIR = (Role.INDICATOR_CODE, Role.INDICATOR_NAME)


def _text(cell: Cell) -> str:
    return squeeze(shown(cell))
