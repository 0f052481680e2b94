"""The findings as an XLSX list: record, period and what is wrong first, codes last.

Every cell is a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, TYPE_CHECKING

from iocsl.domain import Severity
from iocsl.reports.plain_sheets import MAIN, Row, sheet, write_book
from iocsl.reports.wording import WORST_FIRST, grouped, place, printable, record, severity_word
from iocsl.text import tr

if TYPE_CHECKING:
    from iocsl.domain import Finding
    from iocsl.validate.report import Report

LIST = "Danh_sach_loi"
LONGEST = 32_000
"""UTF-16 units of a cell, as Excel counts; it takes 32,767."""
ROWS = 1_000_000
"""Rows of one sheet; Excel takes 1,048,576."""
WIDTHS = (34, 10, 50, 38, 12, 18, 18, 20, 20, 28, 8)
SEVERITY, PLACE = 4, 5
"""The columns of the severity, and of the place, which leads to the cell."""
COLOURS = {Severity.ERROR: "FFF4B6B0", Severity.WARNING: "FFFFE59A", Severity.INFO: "FFCFE2F7"}
_TEXT, _HEADING, _FIRST_COLOUR = 1, 2, 3
"""Formats of the list, by number."""


def headings() -> list[str]:
    return [
        tr("Bản ghi", "Record"),
        tr("Kỳ", "Period"),
        tr("Vấn đề", "What is wrong"),
        tr("Cần làm", "What to do"),
        tr("Mức độ", "Severity"),
        tr("Vị trí", "Place"),
        tr("Cột", "Column"),
        tr("Giá trị đọc được", "Value as read"),
        tr("Tệp", "File"),
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
                    safe(record(report, finding)),
                    safe(report.records.of(finding).period or report.period or ""),
                    safe(finding.message),
                    safe(finding.hint or ""),
                    severity_word(finding.severity),
                    safe(place(finding)),
                    safe(report.records.title(finding.column)),
                    safe(finding.value or ""),
                    safe(report.facts.name),
                    safe(finding.basis or ""),
                    finding.code,
                ],
            )


def safe(text: str) -> str:
    """What a cell can hold and show."""
    shown = printable(text)
    if len(shown) * 2 <= LONGEST:
        return shown
    return shown.encode("utf-16-le")[: LONGEST * 2].decode("utf-16-le", "ignore")


def write_list(reports: Sequence[Report], stream: IO[bytes]) -> None:
    """A workbook with the findings of all the reports; further sheets when one is full."""
    left = sum(len(report.findings) for report in reports)
    found = (each for report in reports for each in lines(report))
    sheets = [
        (
            LIST if number == 1 else f"{LIST}_{number}",
            sheet(_listed(islice(found, ROWS)), WIDTHS, linked=PLACE),
        )
        for number in range(1, max(-(-left // ROWS), 1) + 1)
    ]
    write_book(stream, sheets, _styles())


def _listed(
    found: Iterable[tuple[Finding, Sequence[str]]],
) -> Iterator[tuple[Row, str | None]]:
    yield [(text, _HEADING) for text in headings()], None
    for finding, line in found:
        row = [(text, _TEXT) for text in line]
        row[SEVERITY] = (line[SEVERITY], _FIRST_COLOUR + WORST_FIRST.index(finding.severity))
        yield row, None


def _styles() -> str:
    """Formats: none, text, heading, and text in the colour of each severity."""
    fills = "".join(
        f'<fill><patternFill patternType="solid"><fgColor rgb="{COLOURS[each]}"/></patternFill>'
        "</fill>"
        for each in WORST_FIRST
    )
    formats = "".join(
        f'<xf numFmtId="49" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" '
        'applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1">'
        '<alignment vertical="top" wrapText="1"/></xf>'
        for font, fill in ((0, 0), (1, 0), *((0, 2 + at) for at in range(len(WORST_FIRST))))
    )
    return (
        f'<styleSheet xmlns="{MAIN}">'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        f'<fills count="{2 + len(WORST_FIRST)}"><fill><patternFill patternType="none"/></fill>'
        f'<fill><patternFill patternType="gray125"/></fill>{fills}</fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        f'<cellXfs count="{3 + len(WORST_FIRST)}"><xf/>{formats}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )
