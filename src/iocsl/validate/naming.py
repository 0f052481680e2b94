"""What the official calls the records that findings speak of, read again from the file.

A finding says sheet, row and cell. Whoever has to mend it looks for "Giá thịt lợn, Xã Chiềng Mai":
the record's key, with the names that go with its codes. Only rows with a finding are looked at, up
to the last of them, and the check itself pays nothing.
"""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl.catalog.schema import SchemaField, TableSchema, read_schema
from iocsl.domain import Finding
from iocsl.text import squeeze, tr
from iocsl.validate.check import context_of_file
from iocsl.validate.context import PROVINCE
from iocsl.validate.findings import rows_of
from iocsl.validate.headings import SEARCHED, Layout, find_layout
from iocsl.validate.hits import MASK
from iocsl.validate.labels import claims_of, is_label_sheet
from iocsl.validate.merged_cells import MergedCells
from iocsl.validate.personal import column_of, kind_of
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import Cell, Chunk, Sheet, Unreadable, shown
from iocsl.validate.record_names import RecordName, RecordNames
from iocsl.validate.registry import Role
from iocsl.validate.sections import parts_of
from iocsl.validate.shifted import shift_of
from iocsl.validate.table import NUMBERS

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.validate.context import Context
    from iocsl.validate.report import Report

MOST_PARTS = 6
"""Columns that make up a name."""
LONGEST = 80
"""Characters of a part."""
REMEMBERED = 10_000
"""Cells of a column of which the text is kept."""


def names_of_records(
    path: Path,
    report: Report,
    catalogue: Catalogue,
    said: Mapping[str, Any],
    *,
    low_memory: bool = False,
) -> RecordNames:
    """The names of the records that the findings of a file are about.

    `said` are the options that it was checked with. A file that changed or went since then has no
    names: its report stands.
    """
    if not report.findings or report.unreadable:
        return RecordNames()
    options = dict(said)
    structure = options.pop("schema", None)
    own = read_schema(structure) if structure is not None else None
    with contextlib.suppress(Unreadable, OSError):
        source = open_source(path, low_memory=low_memory)
        try:
            claims = claims_of(source, path.name, catalogue, **options)
            context = context_of_file(source, claims, catalogue, own)
            names = RecordNames({each.name: each.title for each in context.schema.fields})
            wanted = _wanted(report.findings)
            for sheet in source.sheets:
                if sheet.name in wanted and not (sheet.hidden or is_label_sheet(sheet)):
                    names.put(sheet.name, _named(sheet, wanted[sheet.name], context))
            return names
        finally:
            source.close()
    return RecordNames()


def _wanted(findings: Sequence[Finding]) -> dict[str | None, Sequence[int]]:
    """The rows with findings of each sheet, from top to bottom."""
    rows: dict[str | None, array[int]] = {}
    for sheet, row in rows_of(findings):
        of_sheet = rows.setdefault(sheet, array("q"))
        if not of_sheet or of_sheet[-1] != row:
            of_sheet.append(row)
    return {
        sheet: array("q", (row for row, _ in groupby(sorted(found))))
        for sheet, found in rows.items()
    }


def _named(sheet: Sheet, rows: Sequence[int], context: Context) -> Iterator[tuple[int, RecordName]]:
    """The rows that have a name, read no further than the last of them."""
    head = sheet.head(SEARCHED)
    first = find_layout(head, context.schema, sheet)
    if first is None or shift_of(head, first, context) is not None:
        return
    naming, merged, at = _Naming(context), MergedCells(sheet, context.schema), 0
    for layout, below in parts_of(sheet, first, context.schema):
        chunk = merged.spread(below, layout)
        end = chunk.first + len(chunk)
        while at < len(rows) and rows[at] < end:
            if rows[at] >= chunk.first:
                name = naming.name(_cells(chunk, rows[at] - chunk.first, layout))
                yield rows[at], name
            at += 1
        if at == len(rows):
            return


def _cells(chunk: Chunk, at: int, layout: Layout) -> dict[str, Cell]:
    return {
        name: chunk.columns[column][at]
        for name, column in layout.columns.items()
        if column < len(chunk.columns)
    }


class _Naming:
    """How the records of one structure are called."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._fields = context.schema.by_name
        self._columns = {each.name: column_of(each, each.title) for each in self._fields.values()}
        self._parts = _parts(context.schema)
        self._texts: dict[str, dict[Cell, str]] = {}
        self._stated = Role.STATUS in context.schema.primary_key

    def name(self, cells: Mapping[str, Cell]) -> RecordName:
        """The name of the record with those cells."""
        parts: list[str] = []
        for names in self._parts:
            part = self._part(names, cells)
            # "UBND xã Chiềng Mai" need not be followed by the commune.
            if part and not any(part.casefold() in each.casefold() for each in parts):
                parts.append(part)
        if self._stated and (status := self._status(self._text(Role.STATUS, cells))):
            parts.append(status)
        said = "" if all(part == MASK for part in parts) else ", ".join(parts)
        return RecordName(said, self._text(Role.PERIOD, cells))

    def _part(self, names: Sequence[str], cells: Mapping[str, Cell]) -> str:
        """A code with the name that goes with it, or either alone."""
        texts = [self._text(name, cells) for name in names]
        if names[0] == Role.INDICATOR_CODE and not any(texts[1:]):
            known = self._context.indicators.get(texts[0])
            texts.append(known.name if known else "")
        elif names[0] == Role.AREA:
            texts = [self._area(texts[0])]
        return " ".join(filter(None, texts))

    def _text(self, name: str, cells: Mapping[str, Cell]) -> str:
        """A cell as text, masked where it is personal; "" for none."""
        cell = cells.get(name, "")
        known = self._texts.setdefault(name, {})
        if cell not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            known[cell] = self._shown(name, cell)
        return known[cell]

    def _shown(self, name: str, cell: Cell) -> str:
        if isinstance(cell, date):
            return MASK if self._fields[name].personal else cell.strftime("%d/%m/%Y")
        text = squeeze(shown(cell))
        if not text or text in self._context.schema.missing_values:
            return ""
        if self._fields[name].personal or kind_of(cell, self._columns[name]):
            return MASK
        return text if len(text) <= LONGEST else text[:LONGEST] + "…"

    def _area(self, text: str) -> str:
        if text == PROVINCE:
            return tr("toàn tỉnh", "the whole province")
        return self._context.areas.get(text, text)

    @staticmethod
    def _status(text: str) -> str:
        said = {"uoc_tinh": tr("ước tính", "estimate"), "so_bo": tr("sơ bộ", "preliminary")}
        return said.get(text, "")


def _parts(schema: TableSchema) -> list[tuple[str, ...]]:
    """The columns that name a record: its key, the name beside a code, the area.

    Without a key these are the texts and dates that every row must have, else its first text.
    """
    texts = [each for each in schema.fields if each.type not in NUMBERS]
    key: Sequence[str] = schema.primary_key or [each.name for each in texts if each.required]
    names = dict.fromkeys(key or [each.name for each in texts[:1]])
    for common in (Role.INDICATOR_CODE, Role.INDICATOR_NAME, Role.AREA):
        if common in schema.by_name:
            names.setdefault(common.value)
    for apart in (Role.PERIOD, Role.STATUS):
        names.pop(apart, None)
    parts: list[tuple[str, ...]] = []
    for name in names:
        beside = _beside(name, schema.by_name)
        if beside:
            parts.append((name, beside))
        elif name not in {each for part in parts for each in part}:
            parts.append((name,))
    return parts[:MOST_PARTS]


def _beside(name: str, fields: Mapping[str, SchemaField]) -> str | None:
    """The column with the names for a column of codes: `ten_du_an` for `ma_du_an`."""
    start, _, rest = name.partition("_")
    found = f"ten_{rest}"
    return found if start == "ma" and found in fields else None
