"""Cells of data that are merged over several rows: one name beside the rows that it stands for.

A reader of the workbook sees the name at every row; the file has it at the first alone. Names,
codes and periods are read as they are seen, and told; a figure is that of one row, for it would be
counted several times else, and that the others have none is told once.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import chain

from iocsl.catalog.schema import TableSchema
from iocsl.validate.headings import Layout
from iocsl.validate.hits import Hit, Hits
from iocsl.validate.readers.base import Cell, Chunk, Place, Sheet, column_letters, shown
from iocsl.validate.registry import Fault, own
from iocsl.validate.rules.structure import MERGED_CELLS, MERGED_FIGURES

_FIGURES = frozenset({"number", "integer"})
_EMPTY = "V401"
"""The rule that tells an empty cell of a required column."""


@dataclass(slots=True)
class _Area:
    """One merged area in one column; rows count from 1. `value` is known once its top was read."""

    top: int
    bottom: int
    column: int
    value: Cell = ""


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
        self._told: dict[str, dict[int, _Area]] = {}
        """By column, the areas with something in them, by their first row."""

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
            self._told.setdefault(name, {})[area.top] = area
            if self._schema.by_name[name].type not in _FIGURES:
                for row in rows:
                    cells[row - chunk.first] = area.value
                columns[area.column] = cells
        return Chunk(columns, chunk.first, chunk.lines)

    def tell(self, hits: Hits, last_row: int) -> None:
        """Put one hit for each column with merged cells, down to the last row of data.

        It stands for what was said of the empty cells of required figures below the first.
        """
        for name, areas in self._told.items():
            each = self._schema.by_name[name]
            covered = {
                area.top: range(area.top + 1, min(area.bottom, last_row) + 1)
                for area in areas.values()
            }
            tops = [top for top, rows in covered.items() if rows]
            if not tops:
                continue
            figures = each.type in _FIGURES
            if figures and each.required:
                rows = frozenset(chain.from_iterable(covered.values()))
                hits.forget(_EMPTY, self._sheet.name, name, rows)
            first = areas[tops[0]]
            letters = column_letters(first.column + self._sheet.column_offset)
            area = f"{letters}{first.top}:{letters}{first.bottom}"
            cells = sum(map(len, covered.values()))
            fault = Fault(title=each.title, area=own(area), cells=own(cells))
            rule = MERGED_FIGURES if figures else MERGED_CELLS
            place = Place(first.top, None)
            hits.put(Hit(rule, fault, self._sheet.name, place, name, first.value, cells))
