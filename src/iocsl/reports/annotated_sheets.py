"""The two sheets in front of an annotated workbook, as XML: what to read first, and the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import iocsl
from iocsl.reports.error_list import LIST, PLACE, SEVERITY, WIDTHS, headings, lines, safe
from iocsl.reports.plain_sheets import Row, sheet
from iocsl.reports.wording import about, quality_facts, readings, verdict
from iocsl.text import tr

if TYPE_CHECKING:
    from iocsl.domain import Finding, Severity
    from iocsl.validate.report import Report

FRONT = ("Doc_truoc", LIST)


@dataclass(frozen=True, slots=True)
class Looks:
    """Formats of the sheets in front, by their number in the workbook's styles."""

    text: int
    heading: int
    link: int
    severity: Mapping[Severity, int]


def readme_sheet(
    report: Report, list_name: str, looks: Looks, *, silent: bool = False
) -> Iterator[bytes]:
    """What was checked, what came out, what the colours mean, what to do.

    `silent`: some cells are coloured alone, there being too many for comments.
    """
    return sheet(
        _readme(report, list_name, looks, silent=silent), (110,), selected=True, link=looks.link
    )


def _readme(
    report: Report, list_name: str, looks: Looks, *, silent: bool
) -> Iterator[tuple[Row, str | None]]:
    counts = report.counts
    rows = [
        tr("KẾT QUẢ KIỂM TRA", "RESULT OF THE CHECK"),
        verdict(report),
        "",
        tr(f"Tệp: {report.facts.name}", f"File: {report.facts.name}"),
        tr(f"Bộ dữ liệu, đơn vị, kỳ: {about(report)}", f"Dataset, unit, period: {about(report)}"),
        tr(f"Số dòng dữ liệu: {counts['rows']}", f"Rows of data: {counts['rows']}"),
        *(f"{what}: {said}" for what, said in (*readings(report), *quality_facts(report))),
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
        *([_some_silent(list_name)] if silent else []),
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
    for at, text in enumerate((*rows, "", link)):
        yield (
            [(safe(text), looks.text if at else looks.heading)],
            f"'{list_name}'!A1" if text is link else None,
        )


def _some_silent(list_name: str) -> str:
    return tr(
        "Quá nhiều ô cần chú thích: chỉ những ô đầu có chú thích, lỗi trước; các ô khác chỉ tô "
        f"màu, đọc ở trang {list_name}.",
        "Too many cells for comments: the first ones have them, errors before others; the rest "
        f"are coloured alone, read them in the sheet {list_name}.",
    )


def list_sheet(report: Report, looks: Looks) -> Iterator[bytes]:
    """Every finding, critical first, with a link to its cell."""
    return sheet(_listed(report, looks), WIDTHS, linked=PLACE, link=looks.link)


def _listed(report: Report, looks: Looks) -> Iterator[tuple[Row, str | None]]:
    yield [(text, looks.heading) for text in headings()], None
    for finding, line in lines(report):
        row = [(text, looks.text) for text in line]
        row[SEVERITY] = (line[SEVERITY], looks.severity[finding.severity])
        yield row, _target(finding)


def _target(finding: Finding) -> str | None:
    """The cell that a finding is at, else its row, else the top of its sheet."""
    if not finding.sheet:
        return None
    name = finding.sheet.replace("'", "''")
    return safe(f"'{name}'!{finding.cell or f'A{finding.row or 1}'}")
