"""What is looked at in a register besides its figures: what its rows hold, and which are over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from iocsl.catalog.schema import TableSchema
from iocsl.patterns import regex
from iocsl.text import fold
from iocsl.validate.registry import Role

WHOLE = (1 << 64) - 1
"""What sums over rows are cut to."""
REMEMBERED = 10_000
_END = (
    r"hoan thanh|hoan tat|ket thuc|cham dut|het han|het hieu luc|thu hoi|thanh ly|giai the|huy"
    r"|ban giao|quyet toan|giai ngan xong|da xong|da dong|ngung|dung hoat dong|dung thuc hien"
)
_ENDS_ON = regex(rf"\b(?:{_END}|hieu luc den|den ngay|ngay ve)\b")
"""Titles of the days on which something is over, folded."""
_IS_STATE = regex(r"\b(?:tinh trang|trang thai|ket qua)\b")
_OVER = regex(rf"\b(?:{_END}|chuyen|tot nghiep|da ve|da chet|xoa)\b")
_NOT_YET = regex(r"\b(?:chua|khong|dang|sap|se)\b")


def content_of(row: Mapping[str, Any], period: str) -> int:
    """A number for a typed row, the same for the same row within one process.

    They are added up, so that the order of rows makes no difference. The column of the `period` is
    left out: it is what should differ.
    """
    cells = row.items()
    return hash(
        frozenset(each for each in cells if each[0] != period) if period else frozenset(cells)
    )


class Ends:
    """When the records of a register are over, and need not come again."""

    def __init__(self, schema: TableSchema) -> None:
        titles = [(each.name, each.type, fold(each.title)) for each in schema.fields]
        self._days = [
            name for name, kind, title in titles if kind == "date" and _ENDS_ON.search(title)
        ]
        self._known: dict[str, bool] = {}
        """By what rows say of their state, whether it is an end."""
        self._states = [
            name
            for name, kind, title in titles
            if kind == "string" and name != Role.STATUS and _IS_STATE.search(title)
        ]

    def of(self, record: Mapping[str, Any]) -> date:
        """The day by which the object of a row has ended: the first one if its state says so, the
        last one if nothing does."""
        if any(self._is_end(str(record[name])) for name in self._states if name in record):
            return date.min
        ended = date.max
        for name in self._days:
            day = record.get(name)
            if isinstance(day, date) and not isinstance(day, datetime):
                ended = min(ended, day)
        return ended

    def _is_end(self, state: str) -> bool:
        found = self._known.get(state)
        if found is None:
            said = fold(state)
            found = bool(_OVER.search(said)) and not _NOT_YET.search(said)
            if len(self._known) < REMEMBERED:
                self._known[state] = found
        return found
