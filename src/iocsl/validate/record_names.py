"""Names of records by where they stand, kept in little room."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from iocsl.domain import Finding
from iocsl.validate.findings import Spool


class RecordName(NamedTuple):
    """A record by its key, and the period that its own row gives; empty where there is none."""

    name: str = ""
    period: str = ""


class RecordNames:
    """Names by sheet and row, and the printed titles of columns by key.

    Ten bytes a row are held in memory, names beyond the first ten thousand in a temporary file.
    """

    def __init__(self, titles: Mapping[str, str] | None = None) -> None:
        self._titles = titles or {}
        self._rows: dict[str | None, array[int]] = {}
        self._starts: dict[str | None, int] = {}
        self._names = Spool()

    def of(self, finding: Finding) -> RecordName:
        """The name of the record in whose row a finding is."""
        rows = self._rows.get(finding.sheet)
        if rows is None or finding.row is None:
            return RecordName()
        at = bisect_left(rows, finding.row)
        if at == len(rows) or rows[at] != finding.row:
            return RecordName()
        return RecordName(*self._names[self._starts[finding.sheet] + at])

    def title(self, column: str | None) -> str:
        """The printed title of a column; its key where it has none."""
        return self._titles.get(column or "", column or "")

    def put(self, sheet: str | None, named: Iterable[tuple[int, RecordName]]) -> None:
        """Take in the names of one sheet, its rows from top to bottom."""
        rows = self._rows[sheet] = array("q")
        self._starts[sheet] = len(self._names)
        for row, name in named:
            rows.append(row)
            self._names.append(name)
