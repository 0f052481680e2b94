"""The findings as an XLSX list: what is wrong first, codes last, every text a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from iocsl.reports.wording import grouped, place, printable, severity_word
from iocsl.text import tr

if TYPE_CHECKING:
    from iocsl.domain import Finding
    from iocsl.validate.report import Report

LIST = "Danh_sach_loi"
LONGEST = 32_000
"""Characters of a cell; Excel takes 32,767."""
ROWS = 1_000_000
"""Rows of one sheet; Excel takes 1,048,576."""
STYLED = 20_000
"""Rows of a sheet whose cells are wrapped; giving each cell its format takes most of the time."""
WIDTHS = (26, 24, 12, 12, 60, 44, 28, 20, 40, 10)


def headings() -> list[str]:
    return [
        tr("Tệp", "File"),
        tr("Vị trí", "Place"),
        tr("Kỳ", "Period"),
        tr("Mức độ", "Severity"),
        tr("Vấn đề", "What is wrong"),
        tr("Cần làm", "What to do"),
        tr("Giá trị đọc được", "Value as read"),
        tr("Cột", "Column"),
        tr("Căn cứ", "Basis"),
        tr("Mã", "Code"),
    ]


def lines(report: Report) -> Iterator[tuple[Finding, list[str]]]:
    """One line a finding, the critical ones first, in the order of `headings`."""
    for group in grouped(report.findings):
        for finding in group.findings:
            yield (
                finding,
                [
                    safe(report.facts.name),
                    safe(place(finding)),
                    safe(report.period or ""),
                    severity_word(finding.severity),
                    safe(finding.message),
                    safe(finding.hint or ""),
                    safe(finding.value or ""),
                    safe(finding.column or ""),
                    safe(finding.basis or ""),
                    finding.code,
                ],
            )


def safe(text: str) -> str:
    """What a cell can hold and show."""
    return printable(text)[:LONGEST]


def write_list(reports: Sequence[Report], stream: IO[bytes]) -> None:
    """A workbook with the findings of all the reports; further sheets when one is full."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    rows = (line for report in reports for _, line in lines(report))
    left = sum(len(report.findings) for report in reports)
    number = 0
    while left > 0 or number == 0:
        number += 1
        _sheet(
            book, LIST if number == 1 else f"{LIST}_{number}", islice(rows, ROWS), min(left, ROWS)
        )
        left -= ROWS
    book.save(stream)


def _sheet(book: Any, name: str, rows: Iterable[Sequence[str]], count: int) -> None:
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    for at, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(WIDTHS))}{count + 1}"
    sheet.append([_text_cell(sheet, heading, bold=True) for heading in headings()])
    for row in rows:
        if count <= STYLED:
            sheet.append([_text_cell(sheet, text) for text in row])
        else:
            sheet.append([_text_cell(sheet, each) if each[:1] == "=" else each for each in row])


def _text_cell(sheet: Any, text: str, *, bold: bool = False) -> Any:
    """A cell that stays text: `=1+1` is shown, never worked out."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell
