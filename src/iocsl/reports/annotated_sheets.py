"""The two sheets in front of an annotated workbook, as XML: what to read first, and the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import iocsl
from iocsl.reports.error_list import LIST, WIDTHS, headings, lines, safe
from iocsl.reports.wording import about, readings, verdict
from iocsl.text import tr
from iocsl.validate.readers.base import column_letters

if TYPE_CHECKING:
    from iocsl.domain import Finding, Severity
    from iocsl.validate.report import Report

FRONT = ("Doc_truoc", LIST)
Row = Sequence[tuple[str, int]]
"""Texts with the number of their format."""
_SEVERITY = 3
"""The column of the severity in the list."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


_LINE = 15.0
"""Points that a line of text takes."""
_TALLEST = 405.0
"""Excel draws no row higher than 409 points."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Formats of the sheets in front, by their number in the workbook's styles."""

    text: int
    heading: int
    severity: Mapping[Severity, int]


def readme_sheet(report: Report, list_name: str, looks: Looks) -> bytes:
    """What was checked, what came out, what the colours mean, what to do."""
    counts = report.counts
    rows = [
        tr("KẾT QUẢ KIỂM TRA", "RESULT OF THE CHECK"),
        verdict(report),
        "",
        tr(f"Tệp: {report.facts.name}", f"File: {report.facts.name}"),
        tr(f"Bộ dữ liệu, đơn vị, kỳ: {about(report)}", f"Dataset, unit, period: {about(report)}"),
        tr(f"Số dòng dữ liệu: {counts['rows']}", f"Rows of data: {counts['rows']}"),
        *(f"{what}: {examples}" for what, examples in readings(report)),
        f"SHA-256: {report.facts.sha256}",
        f"iocsl {iocsl.__version__}",
        "",
        tr(
            "Đây là bản sao để xem lỗi. Hãy sửa trong tệp gốc, rồi kiểm tra lại tệp gốc.",
            "This is a copy for looking at. Mend the original file and check that one again.",
        ),
        tr(
            "Ô đỏ: lỗi, phải sửa. Ô vàng: cảnh báo. Ô xanh: ghi chú. Đưa chuột vào ô để đọc.",
            "Red: error, must be mended. Yellow: warning. Blue: note. Point at a cell to read it.",
        ),
        tr(
            f"Trang {list_name} liệt kê tất cả, lỗi trước; bấm vào vị trí để tới ô.",
            f"The sheet {list_name} lists them all, errors first; a place leads to its cell.",
        ),
        tr(
            "Số liệu, công thức, biểu đồ, hình, macro giữ nguyên; chỉ thêm màu, chú thích và "
            "hai trang.",
            "Values, formulas, charts, pictures, macros are unchanged; only colours, comments and "
            "two sheets were added.",
        ),
        tr(
            "Chữ ký số bên trong tệp Excel, nếu có, không còn đúng với bản sao này.",
            "A digital signature inside the workbook, if there is one, does not hold for the copy.",
        ),
    ]
    link = tr("Mở danh sách lỗi", "Open the list")
    links = [(f"A{len(rows) + 2}", f"'{list_name}'!A1")]
    cells = [[(safe(text), looks.text)] for text in (*rows, "", link)]
    cells[0] = [(cells[0][0][0], looks.heading)]
    return _sheet(cells, (110,), links, selected=True)


def list_sheet(report: Report, looks: Looks) -> bytes:
    """Every finding, critical first, with a link to its cell."""
    rows = [[(text, looks.heading) for text in headings()]]
    links = []
    for at, (finding, line) in enumerate(lines(report), 2):
        row = [(text, looks.text) for text in line]
        row[_SEVERITY] = (line[_SEVERITY], looks.severity[finding.severity])
        rows.append(row)
        if target := _target(finding):
            links.append((f"B{at}", target))
    return _sheet(rows, WIDTHS, links, selected=False)


def _target(finding: Finding) -> str | None:
    if not finding.sheet or not finding.cell:
        return None
    name = finding.sheet.replace("'", "''")
    return f"'{name}'!{finding.cell}"


def _height(row: Row, widths: Sequence[int]) -> float:
    """Points that show all of a row: programs differ in whether they work that out themselves."""
    tallest = max(
        sum(len(line) // width + 1 for line in text.split("\n"))
        for (text, _), width in zip(row, widths, strict=True)
    )
    return min(_LINE * tallest, _TALLEST)


def _sheet(
    rows: Sequence[Row],
    widths: Sequence[int],
    links: Sequence[tuple[str, str]],
    *,
    selected: bool,
) -> bytes:
    return "".join(_pieces(rows, widths, links, selected=selected)).encode("utf-8", "replace")


def _pieces(
    rows: Sequence[Row],
    widths: Sequence[int],
    links: Sequence[tuple[str, str]],
    *,
    selected: bool,
) -> Iterator[str]:
    chosen = ' tabSelected="1"' if selected else ""
    yield f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{_MAIN}">'
    yield '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    frozen = '<pane ySplit="1" topLeftCell="A2" state="frozen"/>' if len(widths) > 1 else ""
    yield f'<sheetViews><sheetView{chosen} workbookViewId="0">{frozen}</sheetView></sheetViews>'
    yield "<cols>"
    for at, width in enumerate(widths, 1):
        yield f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
    yield "</cols><sheetData>"
    for down, row in enumerate(rows, 1):
        yield f'<row r="{down}" ht="{_height(row, widths):g}" customHeight="1">'
        for across, (text, style) in enumerate(row):
            yield f'<c r="{column_letters(across)}{down}" s="{style}" t="inlineStr"><is>'
            yield f'<t xml:space="preserve">{escape(text, quote=False)}</t></is></c>'
        yield "</row>"
    yield "</sheetData>"
    if len(widths) > 1:
        yield f'<autoFilter ref="A1:{column_letters(len(widths) - 1)}{len(rows)}"/>'
    if links:
        yield "<hyperlinks>"
        for ref, target in links:
            yield f'<hyperlink ref="{ref}" location="{escape(safe(target))}"/>'
        yield "</hyperlinks>"
    yield '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
