"""The unit's own workbook back: cells with findings coloured and commented, two sheets in front.

Only the style of a cell with a finding changes; values, formulas, charts, pictures and macros stay
as they are, because the parts of the file are copied and not written anew.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, product
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from iocsl.domain import Finding, Severity
from iocsl.reports.annotated_sheets import FRONT, Looks, list_sheet, readme_sheet
from iocsl.reports.comments import add_comments, referring
from iocsl.reports.error_list import COLOURS, safe
from iocsl.reports.plain_sheets import DOCUMENT, MAIN
from iocsl.reports.threads import reply
from iocsl.reports.wording import WORST_FIRST, grouped, severity_word
from iocsl.validate.patch import (
    Address,
    CellEdit,
    Package,
    UnusualWorkbookError,
    address,
    patched,
    relations_of,
)

if TYPE_CHECKING:
    from iocsl.validate.report import Report

MOST = 100_000
"""Findings in one workbook; with more, no program opens it in reasonable time."""
MOST_COMMENTS = 10_000
"""Comments in one workbook; each takes longer to open than the one before it."""
LINK_COLOUR = "FF0B4A8F"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}[1-9][0-9]*):([A-Z]{1,3}[0-9]+)"'
)
_LARGEST_MERGED = 10_000
"""Cells of a merged one that are looked through."""
_MACROS = re.compile(rb"\.macroEnabled\.main\+xml", re.IGNORECASE)
_SELECTED = re.compile(rb'(<(?:\w+:)?sheetView\b[^>]*?)\stabSelected="(?:1|true)"')


def write_annotated(report: Report, source: Path, stream: IO[bytes]) -> None:
    """Write the annotated copy of `source`. Raises `UnusualWorkbookError` where it cannot."""
    if len(report.findings) > MOST:
        raise UnusualWorkbookError("findings")
    with zipfile.ZipFile(source) as archive:
        package = Package(archive)
        styles = _Styles(package)
        cells, told = _by_cell(report)
        for name, kind, path in package.tabs():
            found = cells.get(name, {}) if kind == "worksheet" else {}
            _annotate(package, path, found, styles, told[name])
        looks = styles.looks()
        styles.save()
        silent = sum(map(len, cells.values())) > MOST_COMMENTS
        _add_front(package, report, looks, silent=silent)
        package.write(stream)


def suffix_of(source: Path) -> str:
    """What the copy must be called for Excel to open it: `.xlsm` where it holds macros."""
    with zipfile.ZipFile(source) as archive:
        types = Package(archive).read("[Content_Types].xml")
    return ".xlsm" if _MACROS.search(types) else ".xlsx"


_Told = list[tuple[Sequence[Finding], int]]
"""Findings of one cell, each as its group and its place there: made when they are looked at."""


def _by_cell(report: Report) -> tuple[dict[str, dict[Address, _Told]], Counter[str]]:
    """Findings that have a cell: sheet → address → findings, the worst first.

    And how many of the first cells of each sheet get a comment.
    """
    found: dict[str, dict[Address, _Told]] = {}
    told: Counter[str] = Counter()
    left = MOST_COMMENTS
    for group in grouped(report.findings):
        for at, finding in enumerate(group.findings):
            if finding.sheet and finding.cell:
                cells = found.setdefault(finding.sheet, {})
                known = cells.setdefault(address(finding.cell), [])
                if not known and left:
                    told[finding.sheet] += 1
                    left -= 1
                known.append((group.findings, at))
    return found, told


def _annotate(
    package: Package, path: str, cells: dict[Address, _Told], styles: _Styles, told: int
) -> None:
    """Colour the cells, and have a comment on the first `told` of them."""
    for covered, anchor in _covered(package.read(path), cells).items():
        cells.setdefault(anchor, []).extend(cells.pop(covered))
    edits = {
        severity: CellEdit(restyle=partial(styles.coloured, severity)) for severity in WORST_FIRST
    }
    wanted = {at: edits[_worst(found)] for at, found in cells.items()}

    def said(at: Address) -> str:
        return _comment([group[each] for group, each in cells[at]])

    commented = list(islice(cells, told))
    refer = bool(commented) and add_comments(package, path, commented, said)
    reply(package, path, commented, said)

    def pieces() -> Iterator[bytes]:
        # Two sheets shown at once would be edited together.
        xml = _SELECTED.sub(rb"\1", package.read(path))
        if not cells:
            yield xml
        else:
            yield from patched(referring(xml) if refer else xml, wanted)

    # Gone through once before it is written: the coloured formats are known then.
    for _ in pieces():
        pass
    package.make(path, pieces)


def _covered(xml: bytes, cells: Container[Address]) -> dict[Address, Address]:
    """Those of the cells that lie under a merged one, which alone is seen; and that one."""
    found: dict[Address, Address] = {}
    for first, last in _MERGED.findall(xml):
        (top, left), (bottom, right) = address(first.decode()), address(last.decode())
        if (bottom - top + 1) * (right - left + 1) <= _LARGEST_MERGED:
            under = product(range(top, bottom + 1), range(left, right + 1))
            found.update((at, (top, left)) for at in under if at in cells and at != (top, left))
    return found


def _worst(told: _Told) -> Severity:
    return min((group[at].severity for group, at in told), key=WORST_FIRST.index)


def _comment(findings: Iterable[Finding]) -> str:
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

    def coloured(self, severity: Severity, style: int) -> int:
        """The number of a format in the colour of `severity`, else like the format `style`."""
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
            self._front(self._font("b")),
            self._front(self._font("u", LINK_COLOUR)),
            {severity: self.coloured(severity, text) for severity in WORST_FIRST},
        )

    def _front(self, font: int) -> int:
        from lxml import etree

        text = etree.SubElement(self.formats, f"{{{MAIN}}}xf", numFmtId="49", applyAlignment="1")
        for part, number in (("fontId", font), ("fillId", 0), ("borderId", 0)):
            text.set(part, str(number))
        text.set("applyFont", "1")
        etree.SubElement(text, f"{{{MAIN}}}alignment", vertical="top", wrapText="1")
        return len(self.formats) - 1

    def _font(self, mark: str, colour: str | None = None) -> int:
        """The workbook's first font with a mark, `b` or `u`, and in another colour."""
        from copy import deepcopy

        font = deepcopy(self.fonts[0])
        if font.find(f"{{{MAIN}}}{mark}") is None:
            font.insert(0, font.makeelement(f"{{{MAIN}}}{mark}"))
        if colour is not None:
            for old in font.findall(f"{{{MAIN}}}color"):
                font.remove(old)
            font.append(font.makeelement(f"{{{MAIN}}}color", rgb=colour))
        self.fonts.append(font)
        return len(self.fonts) - 1

    def save(self) -> None:
        for part in (self.formats, self.fills, self.fonts):
            part.set("count", str(len(part)))
        self.package.put_tree("xl/styles.xml", self.root)


def _add_front(package: Package, report: Report, looks: Looks, *, silent: bool) -> None:
    """Put the two sheets first and open the workbook there. `silent`: not all have a comment."""
    from lxml import etree

    names = [_free(name, {tab for tab, _, _ in package.tabs()}) for name in FRONT]
    readme = partial(readme_sheet, report, names[1], silent=silent)
    contents = (readme, partial(list_sheet, report))
    book = package.tree("xl/workbook.xml")
    relations = package.tree(relations_of("xl/workbook.xml"))
    types = package.tree("[Content_Types].xml")
    sheets = book.find(f"{{{MAIN}}}sheets")
    if sheets is None:
        raise UnusualWorkbookError("sheets")
    highest = max((int(each.get("sheetId", "0")) for each in sheets), default=0)
    for at, (name, content) in enumerate(zip(names, contents, strict=True)):
        # By a number of its own: the workbook may have been annotated before.
        number = highest + at + 1
        part, key = f"xl/worksheets/iocsl{number}.xml", f"iocsl{number}"
        package.make(part, partial(content, looks))
        sheet = etree.Element(f"{{{MAIN}}}sheet", name=name, sheetId=str(number))
        sheet.set(f"{{{DOCUMENT}}}id", key)
        sheets.insert(at, sheet)
        etree.SubElement(
            relations,
            f"{{{etree.QName(relations).namespace}}}Relationship",
            Id=key,
            Type=f"{DOCUMENT}/worksheet",
            Target=f"/{part}",
        )
        etree.SubElement(
            types,
            f"{{{etree.QName(types).namespace}}}Override",
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
