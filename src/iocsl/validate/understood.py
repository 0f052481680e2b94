"""Figures typed as text, and the numbers that they were read as: one of each way of writing.

It is shown and is no finding: in a CSV every figure is text, in a workbook few are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.text import squeeze, tr
from iocsl.validate.numbers import NumberFault, read_number
from iocsl.validate.readers.base import Batch, Cell

LOOKED = 20_000
"""Rows in which the ways of writing are looked for cell by cell."""
_NOWHERE = "\0"
"""A mark that no text holds, in place of one that the schema does not declare."""


class Understood(NamedTuple):
    """One column: texts as typed, with the number that each is by the declared separators."""

    title: str
    examples: tuple[tuple[str, int | float], ...]

    def said(self) -> str:
        """`“1.234” → 1234; “8,5” → 8,5`: no groups, and decimals as the language writes them."""
        return "; ".join(
            f"“{text}” → {repr(number).replace('.', tr(',', '.'))}"
            for text, number in self.examples
        )


class NumbersRead:
    """Looks at the columns of numbers until it has met each way of writing them."""

    def __init__(self, schema: TableSchema) -> None:
        self._columns = [
            _Column(each)
            for each in schema.fields
            if each.type in {"number", "integer"}
            and (each.decimal or each.group)
            and not each.personal
        ]
        self._rows = 0

    def see(self, batch: Batch, fresh: Mapping[str, Sequence[str]]) -> None:
        """Look at a batch: at the texts written as none before, where `fresh` has them by column.

        Of a column that is not there the first rows tell.
        """
        left = LOOKED - self._rows
        self._rows += len(batch)
        for each in self._columns:
            if each.name in fresh:
                each.look(fresh[each.name])
            elif left > 0 and each.name in batch.columns and not each.complete:
                each.look(batch.columns[each.name][:left])

    def understood(self) -> tuple[Understood, ...]:
        """The columns in which figures with separators were met."""
        return tuple(
            Understood(each.title, tuple(each.found.values()))
            for each in self._columns
            if each.found
        )


class _Column:
    def __init__(self, column: SchemaField) -> None:
        self.name, self.title = column.name, column.title
        self._decimal, self._group = column.decimal, column.group
        self._marks = [mark for mark in (column.decimal, column.group) if mark]
        self.found: dict[tuple[bool, bool], tuple[str, int | float]] = {}
        """With groups, with decimals → the first text written so, and its number."""

    @property
    def complete(self) -> bool:
        return len(self.found) == (1 << len(self._marks)) - 1

    def look(self, cells: Sequence[Cell]) -> None:
        for cell in cells:
            if isinstance(cell, str) and any(mark in cell for mark in self._marks):
                self._take(squeeze(cell))

    def _take(self, text: str) -> None:
        kind = ((self._group or _NOWHERE) in text, (self._decimal or _NOWHERE) in text)
        if kind not in self.found:
            number = read_number(text, self._decimal, self._group)
            if not isinstance(number, NumberFault):
                self.found[kind] = (text, number)
