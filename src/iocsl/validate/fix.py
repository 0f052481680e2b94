"""`--fix`: lossless repairs of an XLSX, CSV or XML file, into a second file.

Only cells of data in known columns are touched; formulas, headings and text with several formats
inside one cell never. The original is read and never written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from iocsl.catalog.schema import SchemaField, read_schema
from iocsl.errors import IocslError, usage
from iocsl.validate.check import context_of
from iocsl.validate.context import Context
from iocsl.validate.headings import SEARCHED, Layout, find_layout
from iocsl.validate.hits import MASK
from iocsl.validate.labels import claims_of, is_label_sheet
from iocsl.validate.mending import (
    Convert,
    Mend,
    Spellings,
    as_number,
    certain_font,
    mended_text,
)
from iocsl.validate.other_rows import is_signature
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import Row, Sheet, Source, column_letters
from iocsl.validate.readers.markup import XmlSource
from iocsl.validate.registry import Role
from iocsl.validate.report import Report
from iocsl.validate.rules.vietnamese import looks_old
from iocsl.validate.sections import parts_of
from iocsl.validate.shifted import shift_of

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.validate.fix_xml import Span

FORMATS = ("xlsx", "csv", "xml")
MARK = ".sua"
"""Put before the extension of a mended file."""
_DOUBT = frozenset({"V403", "V404", "V419", "V420", "V431", "V433"})
"""Findings that make a figure with one group separator uncertain for the whole column."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot hold."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One cell: `before` and `after` as text, `number` where it becomes a number of a workbook."""

    sheet: str | None
    row: int
    column: int
    """From 1, in the sheet's own coordinates."""
    cell: str | None
    key: str
    before: str
    after: str
    kinds: tuple[Mend, ...]
    number: str | None = None
    personal: bool = False

    def shown(self) -> tuple[str, str]:
        """Before and after for a person; personal values are masked."""
        return (MASK, MASK) if self.personal else (self.before, self.number or self.after)


@dataclass(frozen=True, slots=True)
class Fixed:
    """What can be repaired in one file, and how to write it."""

    source: Path
    format: str
    repairs: tuple[Repair, ...]
    delimiter: str = ","
    encoding: str = "UTF-8"
    changes: tuple[Span, ...] = ()
    """The same repairs as bytes of an XML file."""

    def write(self, stream: IO[bytes]) -> None:
        """The whole mended file."""
        if self.format == "xlsx":
            from iocsl.validate.fix_xlsx import write_repaired

            write_repaired(self.source, self.repairs, stream)
        elif self.format == "xml":
            from iocsl.validate.fix_xml import write_mended

            write_mended(self.source, self.changes, stream)
        else:
            from iocsl.validate.fix_csv import write_cells

            cells: dict[int, dict[int, str]] = {}
            for each in self.repairs:
                cells.setdefault(each.row, {})[each.column] = each.after
            write_cells(self.source, self.delimiter, self.encoding, cells, stream)


def target_of(path: Path) -> Path:
    """Where the mended copy of a file goes: `bieu.xlsx` → `bieu.sua.xlsx`."""
    return path.with_name(f"{path.stem}{MARK}{path.suffix}")


def original_of(path: Path) -> Path | None:
    """The file of which a name says that it is the mended copy; None for any other name."""
    if not path.stem.endswith(MARK):
        return None
    return path.with_name(path.stem.removesuffix(MARK) + path.suffix)


def find_repairs(
    path: Path,
    catalogue: Catalogue,
    report: Report,
    *,
    dataset: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    schema: Path | None = None,
) -> Fixed:
    """The lossless repairs of a file that was checked with the same options.

    Exit 2 for a format that is not mended (XLS).
    """
    if report.facts.format not in FORMATS:
        raise _not_mended(path)
    source = open_source(path)
    try:
        claims = claims_of(source, path.name, catalogue, dataset=dataset, unit=unit, period=period)
        context = context_of(catalogue, claims, read_schema(schema) if schema else None)
        found = [
            repair
            for sheet in source.sheets
            if not sheet.hidden and not is_label_sheet(sheet)
            for repair in _repairs(sheet, source, context, report)
        ]
        if found and isinstance(source, XmlSource):
            return _in_xml(path, source, found)
        delimiter = str(getattr(source, "delimiter", None) or ",")
    finally:
        source.close()
    fixed = Fixed(path, source.format, tuple(found), delimiter, source.encoding or "UTF-8")
    return _without_spared(fixed) if found and source.format == "xlsx" else fixed


def _repairs(sheet: Sheet, source: Source, context: Context, report: Report) -> Iterator[Repair]:
    first = find_layout(sheet.head(SEARCHED), context.schema, sheet)
    if first is None or shift_of(sheet.head(SEARCHED), first, context) is not None:
        return
    columns = {
        each.name: _Column(each, context, report, sheet.name) for each in context.schema.fields
    }
    old: dict[str, set[str]] = {name: set() for name in columns}
    for layout, _, row in _data(sheet, first, context):
        for name, index in layout.columns.items():
            if isinstance(row[index], str) and looks_old(str(row[index])):
                old[name].add(str(row[index]))
    for name, seen in old.items():
        columns[name].font = certain_font(seen)
    for layout, number, row in _data(sheet, first, context):
        for name, index in layout.columns.items():
            column, before = columns[name], row[index]
            if not isinstance(before, str) or not before:
                continue
            after, kinds, typed = column.mended(before, workbook=source.cells_addressed)
            if kinds:
                across = index + sheet.column_offset
                cell = f"{column_letters(across)}{number}" if source.cells_addressed else None
                yield Repair(
                    sheet.name,
                    number,
                    across + 1,
                    cell,
                    column.field.name,
                    before,
                    after,
                    tuple(kinds),
                    typed,
                    column.field.personal,
                )


def _data(sheet: Sheet, first: Layout, context: Context) -> Iterator[tuple[Layout, int, Row]]:
    """Rows below headings with their layout and number; signatures are left as they are typed."""
    for layout, chunk in parts_of(sheet, first, context.schema):
        wide = chunk.fitted(max(len(chunk.columns), layout.width))
        for number, row in enumerate(wide.rows(), chunk.first):
            if not is_signature(row):
                yield layout, number, row


class _Column:
    """How the cells of one column are mended."""

    def __init__(
        self, field: SchemaField, context: Context, report: Report, sheet: str | None
    ) -> None:
        self.field = field
        self.font: Convert | None = None
        codes: Mapping[str, Any] = field.codes or {}
        if field.name == Role.INDICATOR_CODE:
            codes = codes or context.indicators
        self.codes = codes
        self.spellings = Spellings(codes)
        self.doubtful = any(
            each.code in _DOUBT and each.column == field.name and each.sheet == sheet
            for each in report.findings
        )

    def mended(self, text: str, *, workbook: bool) -> tuple[str, list[Mend], str | None]:
        """The text, how it was mended, and the number that it becomes in a workbook."""
        after, kinds = mended_text(text, self.font)
        if self.codes and after not in self.codes:
            code = self.spellings.meant(after)
            if code is not None:
                return code, [*kinds, Mend.CODE], None
        if workbook and self.field.type in {"number", "integer"}:
            field = self.field
            number = as_number(after, field.decimal, field.group, doubtful=self.doubtful)
            if number is not None:
                return after, [*kinds, Mend.NUMBER], number
        return (after, kinds, None) if not _UNWRITABLE.search(after) else (text, [], None)


def _in_xml(path: Path, source: XmlSource, found: Iterable[Repair]) -> Fixed:
    """Those of the repairs whose texts stand alone in an element of the file."""
    from iocsl.validate.fix_xml import spans

    # A column is found by its title too; in the file it has the name of its element.
    names = [str(name) for name in source.sheets[0].head(1)[0]]
    cells: dict[int, dict[str, tuple[str, str]]] = {}
    for each in found:
        cells.setdefault(each.row, {})[names[each.column - 1]] = (each.before, each.after)
    changes = spans(path, source.kinds, source.encoding or "UTF-8", cells)
    places = {(each.row, each.key) for each in changes}
    kept = (each for each in found if (each.row, names[each.column - 1]) in places)
    return Fixed(path, source.format, tuple(kept), changes=tuple(changes))


def _without_spared(fixed: Fixed) -> Fixed:
    """Leave out cells that the workbook holds in a way that is not rewritten.

    A workbook that cannot be patched at all has no repairs here; the caller tells so.
    """
    from iocsl.validate.fix_xlsx import left_alone

    left = left_alone(fixed.source, fixed.repairs)
    kept = (each for each in fixed.repairs if (each.sheet, each.row, each.column) not in left)
    return replace(fixed, repairs=tuple(kept))


def _not_mended(path: Path) -> IocslError:
    return usage(
        "format-not-mended",
        f"“{path.name}”: --fix chỉ sửa tệp XLSX, CSV và XML.",
        f"“{path.name}”: --fix mends XLSX, CSV and XML files only.",
        ("Lưu tệp thành XLSX rồi chạy lại.", "Save the file as XLSX and run it again."),
    )
