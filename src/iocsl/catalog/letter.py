"""The letter that asks Sở Khoa học và Công nghệ about damaged rows, as a Word document.

Layout of an official letter (công văn) after Nghị định 30/2020/NĐ-CP, Phụ lục I: A4, Times New
Roman, name of the agency at the left, national title at the right, place and date, addressee,
body, recipients, signature. What only the unit knows (number, date, signer) is left to fill in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from iocsl.catalog.entries import Dataset
from iocsl.catalog.lint import KINDS
from iocsl.domain import Regime
from iocsl.files import replacing

FONT = "Times New Roman"
_NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO = "Độc lập - Tự do - Hạnh phúc"
_SUBJECT = "V/v đề nghị xác nhận nội dung bị lỗi, thiếu trong danh mục dữ liệu, biểu mẫu báo cáo"
_OPENING = (
    "Thực hiện Quyết định số 1134/QĐ-UBND ngày 13/5/2026 của Chủ tịch UBND tỉnh ban hành Quy định "
    "về quản lý, vận hành, khai thác Kho dữ liệu dùng chung và Trung tâm Giám sát, điều hành thông "
    "minh tỉnh Sơn La; qua rà soát danh mục tại Phụ lục II của Quy định và phụ lục của Quy định "
    "Chế độ báo cáo năm 2023, {unit} thấy có {count} mục có nội dung bị lỗi in, bị mất hoặc chưa "
    "đủ trong bản văn nhận được (bảng kèm theo)."
)
_REQUEST = (
    "Căn cứ Điều 17 của Quy định, {unit} đề nghị Sở Khoa học và Công nghệ xác nhận nội dung đúng "
    "của từng mục, cung cấp bản Phụ lục II đầy đủ (danh sách 5 của bản nhận được dừng ở dòng 119) "
    "để các cơ quan, đơn vị cập nhật dữ liệu được đúng, đủ và thống nhất."
)
_NOTE = (
    "Cột “Cách hiểu tạm thời” chỉ dùng để tra cứu trong khi chờ xác nhận; mã mục là mã tạm, "
    "không có trong văn bản."
)
_BLANK = "…………………"
_HEADINGS = ("STT", "Mã (tạm)", "Vị trí trong văn bản", "Văn bản in", "Lỗi", "Cách hiểu tạm thời")
_HEAD_WIDTHS_CM = (6.6, 9.9)
_WIDTHS_CM = (1.2, 2.3, 3.3, 4.3, 2.2, 3.2)


def write_letter(path: Path, datasets: list[Dataset], unit: str | None) -> None:
    """Write the letter about the damaged entries among `datasets` to `path` (.docx).

    `unit` is the sender's name, None leaves it blank. OSError when the file cannot be written.
    """
    import docx

    document: Any = docx.Document()
    sender = unit or "cơ quan chúng tôi"
    start(document, unit or _BLANK, _SUBJECT)
    centred(document, "Kính gửi: Sở Khoa học và Công nghệ", before=12, after=12)
    damaged = [each for each in datasets if each.defects]
    for text in (_OPENING, _REQUEST, _NOTE):
        paragraph(document, text.format(unit=sender, count=len(damaged)))
    paragraph(document, f"{sender[:1].upper()}{sender[1:]} trân trọng đề nghị./.")
    finish(document)
    document.add_page_break()
    centred(document, "BẢNG CÁC MỤC ĐỀ NGHỊ XÁC NHẬN", bold=True, after=6)
    table(document, _HEADINGS, _WIDTHS_CM, _rows(damaged))
    with replacing(path) as stream:
        document.save(stream)


def _page(document: Any) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    normal = document.styles["Normal"]
    normal.font.name = FONT
    normal.font.size = Pt(14)
    # Word keeps the font of East Asian runs apart; without it a fallback font is shown.
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)


def start(document: Any, sender: str, subject: str) -> None:
    """Page, names of agency and nation, number and date to fill in, what the letter is about."""
    _page(document)
    table = document.add_table(rows=2, cols=2)
    cells = [*table.rows[0].cells, *table.rows[1].cells]
    _widths(table, _HEAD_WIDTHS_CM)
    left = [("UBND TỈNH SƠN LA", 13, False), (sender.upper(), 13, True), ("———", 10, False)]
    right = [(_NATION, 12, True), (_MOTTO, 13, True), ("————————", 10, False)]
    _lines(cells[0], left)
    _lines(cells[1], right)
    _lines(cells[2], [("Số:         /", 13, False), (subject, 12, False)])
    _lines(cells[3], [("Sơn La, ngày       tháng       năm", 14, False)], italic=True)


def _lines(cell: Any, lines: list[tuple[str, int, bool]], *, italic: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    for place, (text, size, bold) in enumerate(lines):
        paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(text)
        run.bold, run.italic, run.font.size = bold, italic, Pt(size)


def centred(
    document: Any, text: str, *, bold: bool = False, before: int = 0, after: int = 0
) -> None:
    """A line in the middle; spaces in points."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before = Pt(before)
    paragraph.paragraph_format.space_after = Pt(after)
    paragraph.add_run(text).bold = bold


def paragraph(document: Any, text: str) -> None:
    """A paragraph of the body."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    paragraph = document.add_paragraph(text)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph.paragraph_format.first_line_indent = Cm(1.27)
    paragraph.paragraph_format.space_after = Pt(6)


def finish(document: Any) -> None:
    """Recipients at the left, the signer's place at the right."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    table = document.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    for place, (text, bold) in enumerate(
        [("Nơi nhận:", True), ("- Như trên;", False), ("- Lưu: VT.", False)]
    ):
        paragraph = left.paragraphs[0] if place == 0 else left.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(text)
        run.bold, run.italic = bold, bold
        run.font.size = Pt(12 if bold else 11)
    _lines(right, [("THỦ TRƯỞNG CƠ QUAN", 14, True), ("(Ký, ghi rõ họ tên, đóng dấu)", 12, False)])


def table(
    document: Any,
    headings: Sequence[str],
    widths: Sequence[float],
    rows: Iterable[Sequence[str]],
) -> None:
    """A table with lines, its headings again on every page; widths in centimetres."""
    from docx.oxml import OxmlElement

    drawn = document.add_table(rows=1, cols=len(headings))
    drawn.style = "Table Grid"
    _row(drawn.rows[0], headings, bold=True)
    repeat = OxmlElement("w:tblHeader")
    drawn.rows[0]._tr.get_or_add_trPr().append(repeat)
    for cells in rows:
        _row(drawn.add_row(), cells, bold=False)
    _widths(drawn, widths)


def _rows(damaged: list[Dataset]) -> Iterator[Sequence[str]]:
    for number, each in enumerate(damaged, 1):
        text = "1134" if each.regime is Regime.QD1134 else "2023"
        where = f"{text}, {each.source.annex}, {each.source.list}, dòng {each.row}"
        printed = each.name_printed + (f" ({each.due_printed})" if each.due_printed else "")
        kinds = "; ".join(dict.fromkeys(KINDS[defect.kind].vi for defect in each.defects))
        read = "; ".join(_readings(each)) or "Không suy đoán; đề nghị cung cấp"
        yield str(number), each.code, where, printed, kinds, read


def _readings(each: Dataset) -> Iterator[str]:
    for defect in each.defects:
        if defect.reading:
            yield defect.reading + ("" if defect.confidence == "high" else " (chưa chắc)")


def _widths(table: Any, widths: Sequence[float]) -> None:
    """Columns of these centimetres: Word goes by the cells, LibreOffice by the columns."""
    from docx.shared import Cm

    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)


def _row(row: Any, texts: Sequence[str], *, bold: bool) -> None:
    from docx.shared import Pt

    for cell, text in zip(row.cells, texts, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(text)
        run.bold, run.font.size = bold, Pt(11)
