"""The unit's own workbook back: cells with findings coloured and commented, two sheets in front.

Only the style of a cell with a finding changes; values, formulas, charts, pictures and macros stay
as they are, because the parts of the file are copied and not written anew.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from iocsl.domain import Finding, Severity
from iocsl.reports.annotated_sheets import FRONT, Looks, list_sheet, readme_sheet
from iocsl.reports.comments import add_comments
from iocsl.reports.error_list import safe
from iocsl.reports.wording import WORST_FIRST, severity_word
from iocsl.validate.patch import (
    Address,
    CellEdit,
    Package,
    UnusualWorkbookError,
    address,
    patch_sheet,
    relations_of,
)

if TYPE_CHECKING:
    from iocsl.validate.report import Report

MOST = 100_000
"""Findings in one workbook; with more, no program opens it in reasonable time."""
COLOURS = {Severity.ERROR: "FFF4B6B0", Severity.WARNING: "FFFFE59A", Severity.INFO: "FFCFE2F7"}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SELECTED = re.compile(rb'(<(?:\w+:)?sheetView\b[^>]*?)\stabSelected="(?:1|true)"')


def write_annotated(report: Report, source: Path, stream: IO[bytes]) -> None:
    """Write the annotated copy of `source`. Raises `UnusualWorkbookError` where it cannot."""
    if len(report.findings) > MOST:
        raise UnusualWorkbookError("findings")
    with zipfile.ZipFile(source) as archive:
        package = Package(archive)
        styles = _Styles(package)
        sheets = package.sheets()
        for path in sheets.values():
            # Two sheets shown at once would be edited together.
            package.put(path, _SELECTED.sub(rb"\1", package.read(path)))
        for name, cells in _by_cell(report).items():
            if name in sheets:
                _annotate(package, sheets[name], cells, styles)
        looks = styles.looks()
        styles.save()
        _add_front(package, report, set(sheets), looks)
        package.write(stream)


def _by_cell(report: Report) -> dict[str, dict[Address, list[Finding]]]:
    """Findings that have a cell: sheet → address → findings, the worst first."""
    found: dict[str, dict[Address, list[Finding]]] = {}
    for finding in sorted(report.findings, key=lambda each: WORST_FIRST.index(each.severity)):
        if finding.sheet and finding.cell:
            cells = found.setdefault(finding.sheet, {})
            cells.setdefault(address(finding.cell), []).append(finding)
    return found


def _annotate(
    package: Package, path: str, cells: Mapping[Address, list[Finding]], styles: _Styles
) -> None:
    edits = {
        at: CellEdit(restyle=styles.coloured(findings[0].severity))
        for at, findings in cells.items()
    }
    package.put(path, patch_sheet(package.read(path), edits))
    add_comments(package, path, {at: _comment(findings) for at, findings in cells.items()})


def _comment(findings: list[Finding]) -> str:
    said = []
    for each in findings:
        text = f"{severity_word(each.severity)} {each.code}: {each.message}"
        said.append(f"{text}\n{each.hint}" if each.hint else text)
    return safe("\n\n".join(said))


class _Styles:
    """The workbook's cell formats; a coloured copy of each is added where it is needed."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.root = package.tree("xl/styles.xml")
        self.formats = self._one("cellXfs")
        self.fills = self._one("fills")
        self.fonts = self._one("fonts")
        self.made: dict[tuple[Severity, int], int] = {}
        self.filled: dict[Severity, int] = {}

    def _one(self, name: str) -> Any:
        found = self.root.find(f"{{{MAIN}}}{name}")
        if found is None or not len(found):
            raise UnusualWorkbookError(name)
        return found

    def coloured(self, severity: Severity) -> Any:
        return lambda style: self._copy(severity, style)

    def _copy(self, severity: Severity, style: int) -> int:
        key = (severity, style)
        if key not in self.made:
            from copy import deepcopy

            copy = deepcopy(self.formats[style if style < len(self.formats) else 0])
            copy.set("fillId", str(self._fill(severity)))
            copy.set("applyFill", "1")
            self.formats.append(copy)
            self.made[key] = len(self.formats) - 1
        return self.made[key]

    def _fill(self, severity: Severity) -> int:
        if severity not in self.filled:
            from lxml import etree

            fill = etree.SubElement(self.fills, f"{{{MAIN}}}fill")
            pattern = etree.SubElement(fill, f"{{{MAIN}}}patternFill", patternType="solid")
            etree.SubElement(pattern, f"{{{MAIN}}}fgColor", rgb=COLOURS[severity])
            etree.SubElement(pattern, f"{{{MAIN}}}bgColor", indexed="64")
            self.filled[severity] = len(self.fills) - 1
        return self.filled[severity]

    def looks(self) -> Looks:
        """The formats of the sheets in front: text, wrapped, at the top of its cell."""
        text = self._front(0)
        return Looks(
            text,
            self._front(self._bold()),
            {severity: self._copy(severity, text) for severity in WORST_FIRST},
        )

    def _front(self, font: int) -> int:
        from lxml import etree

        text = etree.SubElement(self.formats, f"{{{MAIN}}}xf", numFmtId="49", applyAlignment="1")
        for part, number in (("fontId", font), ("fillId", 0), ("borderId", 0)):
            text.set(part, str(number))
        text.set("applyFont", "1")
        etree.SubElement(text, f"{{{MAIN}}}alignment", vertical="top", wrapText="1")
        return len(self.formats) - 1

    def _bold(self) -> int:
        """The workbook's first font in bold."""
        from copy import deepcopy

        font = deepcopy(self.fonts[0])
        if font.find(f"{{{MAIN}}}b") is None:
            font.insert(0, font.makeelement(f"{{{MAIN}}}b"))
        self.fonts.append(font)
        return len(self.fonts) - 1

    def save(self) -> None:
        for part in (self.formats, self.fills, self.fonts):
            part.set("count", str(len(part)))
        self.package.put_tree("xl/styles.xml", self.root)


def _add_front(package: Package, report: Report, taken: set[str], looks: Looks) -> None:
    """Put the two sheets first and open the workbook there."""
    from lxml import etree

    names = [_free(name, taken) for name in FRONT]
    contents = (readme_sheet(report, names[1], looks), list_sheet(report, looks))
    book = package.tree("xl/workbook.xml")
    relations = package.tree(relations_of("xl/workbook.xml"))
    types = package.tree("[Content_Types].xml")
    sheets = book.find(f"{{{MAIN}}}sheets")
    if sheets is None:
        raise UnusualWorkbookError("sheets")
    highest = max((int(each.get("sheetId", "0")) for each in sheets), default=0)
    for at, (name, content) in enumerate(zip(names, contents, strict=True)):
        part = f"xl/worksheets/iocsl{at + 1}.xml"
        key = f"iocsl{at + 1}"
        package.put(part, content)
        sheet = etree.Element(f"{{{MAIN}}}sheet", name=name, sheetId=str(highest + at + 1))
        sheet.set(f"{{{DOCUMENT}}}id", key)
        sheets.insert(at, sheet)
        etree.SubElement(
            relations,
            f"{{{relations.nsmap[None]}}}Relationship",
            Id=key,
            Type=f"{DOCUMENT}/worksheet",
            Target=f"/{part}",
        )
        etree.SubElement(
            types,
            f"{{{types.nsmap[None]}}}Override",
            PartName=f"/{part}",
            ContentType=f"{_TYPES}.worksheet+xml",
        )
    _shift(book, len(names))
    package.put_tree("xl/workbook.xml", book)
    package.put_tree(relations_of("xl/workbook.xml"), relations)
    package.put_tree("[Content_Types].xml", types)


def _shift(book: Any, by: int) -> None:
    """Names of one sheet (print areas) count the sheets: move them along."""
    for name in book.iter(f"{{{MAIN}}}definedName"):
        if name.get("localSheetId") is not None:
            name.set("localSheetId", str(int(name.get("localSheetId")) + by))
    for view in book.iter(f"{{{MAIN}}}workbookView"):
        view.set("activeTab", "0")
        view.set("firstSheet", "0")


def _free(name: str, taken: set[str]) -> str:
    known = {each.casefold() for each in taken}
    free, number = name, 1
    while free.casefold() in known:
        number += 1
        free = f"{name}_{number}"
    return free
