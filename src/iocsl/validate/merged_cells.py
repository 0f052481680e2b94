"""Cells of data that are merged over several rows: one name beside the rows that it stands for.

A reader of the workbook sees the name at every row; the file has it at the first alone. Names,
codes and periods are read as they are seen, and told; a figure is that of one row, for it would be
counted several times else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from iocsl.catalog.schema import TableSchema
from iocsl.validate.headings import Layout
from iocsl.validate.hits import Hit
from iocsl.validate.readers.base import Cell, Chunk, Place, Sheet, column_letters, shown
from iocsl.validate.registry import Fault, own
from iocsl.validate.rules.structure import MERGED_CELLS, MERGED_FIGURES

_FIGURES = frozenset({"number", "integer"})


@dataclass(slots=True)
class _Area:
    """One merged area in one column; rows count from 1. `value` is known once its top was read."""

    top: int
    bottom: int
    column: int
    value: Cell = ""


@dataclass(slots=True)
class _Told:
    """What is told of a column: the first area, and how many cells have no value of their own."""

    first: _Area
    cells: int = 0


class MergedCells:
    """The merged cells of one sheet, below its headings."""

    def __init__(self, sheet: Sheet, schema: TableSchema) -> None:
        self._sheet = sheet
        self._schema = schema
        areas = [
            _Area(top + 1, bottom + 1, left - sheet.column_offset)
            for (top, left), (bottom, right) in sheet.merged()
            if top < bottom and left == right
        ]
        self._areas = deque(sorted(areas, key=lambda each: each.top))
        self._told: dict[str, _Told] = {}

    def spread(self, chunk: Chunk, layout: Layout) -> Chunk:
        """A chunk in which every row has what is merged over it, as `layout` names its columns."""
        last = chunk.first + len(chunk) - 1
        here = []
        while self._areas and self._areas[0].bottom < chunk.first:
            self._areas.popleft()
        for area in self._areas:
            if area.top > last:
                break
            if area.bottom >= chunk.first and area.top > layout.last_row:
                here.append(area)
        if not here:
            return chunk
        names = {at: name for name, at in layout.columns.items()}
        columns = list(chunk.columns)
        for area in here:
            if area.column not in names:
                continue
            cells = list(columns[area.column])
            if area.top >= chunk.first:
                area.value = cells[area.top - chunk.first]
            rows = range(max(area.top + 1, chunk.first), min(area.bottom, last) + 1)
            if not rows or not shown(area.value).strip():
                continue
            name = names[area.column]
            told = self._told.setdefault(name, _Told(area))
            told.cells += len(rows)
            if self._schema.by_name[name].type not in _FIGURES:
                for row in rows:
                    cells[row - chunk.first] = area.value
                columns[area.column] = cells
        return Chunk(columns, chunk.first, chunk.lines)

    def hits(self) -> Iterator[Hit]:
        """One hit for each column with merged cells; of required figures the empty cells tell."""
        for name, told in self._told.items():
            each = self._schema.by_name[name]
            figures = each.type in _FIGURES
            if figures and each.required:
                continue
            letters = column_letters(told.first.column + self._sheet.column_offset)
            area = f"{letters}{told.first.top}:{letters}{told.first.bottom}"
            fault = Fault(title=each.title, area=own(area), cells=own(told.cells))
            rule = MERGED_FIGURES if figures else MERGED_CELLS
            place = Place(told.first.top, None)
            yield Hit(rule, fault, self._sheet.name, place, name, count=told.cells)
