"""A workbook with some cells changed: formulas and texts with several formats stay as they are."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from iocsl.validate.patch import (
    CellEdit,
    Package,
    UnusualWorkbookError,
    address,
    patch_sheet,
    style_of,
)

if TYPE_CHECKING:
    from iocsl.validate.fix import Repair

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_SHARED = re.compile(rb'\st="s"')
_INDEX = re.compile(rb"<(?:\w+:)?v>\s*([0-9]+)")
_SAID = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
"""Parts of a format code that are shown as they are, or say a colour or a condition."""
_SAYS_MORE = re.compile("[dmyhs%]")
_BUILT_IN = frozenset({9, 10, *range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Percentages, days and times among the formats without a code (ECMA-376 part 1, 18.8.30)."""


def left_alone(path: Path, repairs: Sequence[Repair]) -> set[tuple[str | None, int, int]]:
    """Sheet, row and column of those repairs that are not made: formulas, mixed formats.

    Raises `UnusualWorkbookError` where the workbook cannot be patched at all.
    """
    with zipfile.ZipFile(path) as archive:
        return _patch(Package(archive), repairs)


def write_repaired(path: Path, repairs: Sequence[Repair], stream: IO[bytes]) -> None:
    """The workbook at `path` with its repairs."""
    with zipfile.ZipFile(path) as archive:
        package = Package(archive)
        _patch(package, repairs)
        if any(each.number is not None for each in repairs):
            _work_out_anew(package)
        package.write(stream)


def _patch(package: Package, repairs: Sequence[Repair]) -> set[tuple[str | None, int, int]]:
    """Change the sheets in `package`; the cells that were left as they are."""
    sheets, mixed, meaning = package.sheets(), _mixed(package), _with_a_meaning(package)
    left: set[tuple[str | None, int, int]] = set()

    def spared(cell: bytes, edit: CellEdit) -> bool:
        if _FORMULA.search(cell) or (edit.number is not None and style_of(cell) in meaning):
            return True
        index = _INDEX.search(cell) if _SHARED.search(cell.partition(b">")[0]) else None
        return (int(index[1]) in mixed) if index else b"<r>" in cell

    by_sheet: dict[str | None, dict[tuple[int, int], CellEdit]] = {}
    for each in repairs:
        edit = CellEdit(number=each.number) if each.number else CellEdit(text=each.after)
        by_sheet.setdefault(each.sheet, {})[address(each.cell or "")] = edit
    for name, edits in by_sheet.items():
        if name not in sheets:
            raise UnusualWorkbookError(str(name))
        path = sheets[name]
        kept: set[tuple[int, int]] = set()
        package.put(path, patch_sheet(package.read(path), edits, spared=spared, left=kept))
        left.update((name, row, column) for row, column in kept)
    return left


def _mixed(package: Package) -> set[int]:
    """Shared strings with several formats inside (runs) or readings beside them."""
    if not package.has("xl/sharedStrings.xml"):
        return set()
    strings = package.tree("xl/sharedStrings.xml").iter("{*}si")
    return {
        at
        for at, each in enumerate(strings)
        if each.find("{*}r") is not None or each.find("{*}rPh") is not None
    }


def _with_a_meaning(package: Package) -> frozenset[int]:
    """Formats under which a number means more than itself: a day, a time, a percentage.

    A text under one of them would become a day, or seem a hundred times as much.
    """
    if not package.has("xl/styles.xml"):
        return frozenset()
    styles = package.tree("xl/styles.xml")
    codes = {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iter("{*}numFmt")}
    told = {key for key, code in codes.items() if _SAYS_MORE.search(_SAID.sub("", code).casefold())}
    formats = styles.find("{*}cellXfs")
    return frozenset(
        at
        for at, each in enumerate(() if formats is None else formats)
        if (key := each.get("numFmtId", "0")) in told
        or (key not in codes and int(key) in _BUILT_IN)
    )


def _work_out_anew(package: Package) -> None:
    """Have the formulas worked out when the file is opened: figures they add up are new."""
    book = package.tree("xl/workbook.xml")
    found = book.find("{*}calcPr")
    if found is None:
        # Its place in the sequence of ECMA-376 part 1, 18.2.27.
        before = [*book.iterfind("{*}sheets"), *book.iterfind("{*}functionGroups")]
        before += [*book.iterfind("{*}externalReferences"), *book.iterfind("{*}definedNames")]
        found = book.makeelement(before[-1].tag.rpartition("}")[0] + "}calcPr")
        before[-1].addnext(found)
    found.set("fullCalcOnLoad", "1")
    package.put_tree("xl/workbook.xml", book)
