"""Templates as XLSX workbooks: the table, `Thong_tin`, a sheet of help, hidden code lists.

Formats, fonts and locks are set on whole columns, not on hundreds of empty cells: a template is
small, quick to make, and right however far down somebody fills it in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from iocsl.catalog.paper import on_paper
from iocsl.catalog.schema import SchemaField
from iocsl.catalog.schema_types import RARE, Bound
from iocsl.catalog.template_rows import PROVINCE, Prepared

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

DATA, INFO, HELP, LISTS = "Du_lieu", "Thong_tin", "Huong_dan", "Danh_muc"
HEADING_ROW = 4
OFFERED_ROWS = 5000
"""How far down the drop-downs and the checks of numbers and dates reach."""

_FONT = "Times New Roman"
_LAST_COLUMN = 16384
_LINE = 16
"""Points that a line of text takes."""
_HELP_WIDTHS = (26, 56, 18, 60)
_REQUIRED, _HEADED, _BESIDE, _GREY = "FFF2CC", "D9E2F3", "EDEDED", "595959"
_WIDTHS = {
    "ma_chi_tieu": 18,
    "ten_chi_tieu": 40,
    "don_vi_tinh": 16,
    "ky_bao_cao": 13,
    "dia_ban": 11,
    "gia_tri": 18,
    "trang_thai_so_lieu": 17,
    "ghi_chu": 30,
}
_STATUS_WORDS = {"uoc_tinh": "ước tính", "so_bo": "sơ bộ", "chinh_thuc": "chính thức"}


def workbook(of: Prepared) -> Workbook:
    """The whole workbook, ready to be saved."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("openpyxl made a workbook without a sheet")
    sheet.title = DATA
    _columns(sheet, of)
    _titles(sheet, of)
    _headings(sheet, of)
    _rows(sheet, of)
    _behaviour(sheet, of)
    _info_sheet(book.create_sheet(INFO), of)
    _help_sheet(book, of)
    _offers(sheet, book.create_sheet(LISTS), of)
    return book


def _width(of: Prepared) -> int:
    return len(of.schema.fields) + len(of.before)


def _columns(sheet: Worksheet, of: Prepared) -> None:
    """Width, format and lock of each column; everything but headings and old figures is open."""
    from openpyxl.styles import Protection
    from openpyxl.utils import get_column_letter

    for at, (each, beside) in enumerate(_across(of), 1):
        column = sheet.column_dimensions[get_column_letter(at)]
        column.width = _column_width(each)
        _dress(column, each, beside=beside)
    rest = sheet.column_dimensions[get_column_letter(_width(of) + 1)]
    rest.min, rest.max, rest.width = _width(of) + 1, _LAST_COLUMN, 10
    rest.protection = Protection(locked=False)


def _across(of: Prepared) -> list[tuple[SchemaField, bool]]:
    """The columns from left to right, and whether each only shows last period's figures."""
    return [(each, False) for each in of.schema.fields] + [(each, True) for each in of.before]


def _dress(target: Any, field: SchemaField, *, beside: bool) -> None:
    """The look of a column's cells, for the column itself and for cells that are there already."""
    from openpyxl.styles import Alignment, Font, PatternFill, Protection

    target.number_format = _number_format(field)
    target.font = Font(name=_FONT, size=12, color=_GREY if beside else None)
    target.alignment = Alignment(
        wrap_text=field.type == "string", vertical="center", horizontal=_side(field)
    )
    target.protection = Protection(locked=beside)
    if beside:
        target.fill = PatternFill("solid", fgColor=_BESIDE)


def _column_width(field: SchemaField) -> float:
    known = _WIDTHS.get(field.name)
    if known is not None:
        return known
    if field.type in {"number", "integer", "date", "boolean", "year", "yearmonth"}:
        return max(15, min(24, len(field.title) * 0.75))
    return max(18, min(36, len(field.title) * 1.1))


def _side(field: SchemaField) -> str | None:
    return "center" if field.type in {"date", "boolean", "year", "yearmonth"} else None


def _number_format(field: SchemaField) -> str:
    """Text for codes and periods, so that Excel neither drops zeros nor makes dates of them."""
    return {"number": "#,##0.00", "integer": "#,##0", "date": "dd/mm/yyyy"}.get(field.type, "@")


def _titles(sheet: Worksheet, of: Prepared) -> None:
    """What it is, of whom and when, and how to fill it in, above the table."""
    from openpyxl.styles import Alignment, Font

    said = {key: (value, about) for key, value, about in of.info}
    unit = " ".join(said["don_vi"]) if said["don_vi"][0] else "Đơn vị: ghi ở trang Thong_tin"
    period = said["ky_bao_cao"][0]
    whose = (of.dataset.code, unit, f"Kỳ {period}" if period else "Kỳ: ghi ở Thong_tin")
    advice = f"Cột nền vàng là bắt buộc. Thập phân viết dấu phẩy. Cách điền: trang {HELP}."
    lines = (
        (of.dataset.title, Font(name=_FONT, size=14, bold=True)),
        (" · ".join(whose), Font(name=_FONT, size=12)),
        (advice, Font(name=_FONT, size=11, italic=True, color=_GREY)),
    )
    room = sum(_column_width(each) for each in (*of.schema.fields, *of.before))
    for at, (text, font) in enumerate(lines, 1):
        sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=_width(of))
        title = sheet.cell(at, 1, text)
        title.font = font
        title.number_format = "General"
        title.alignment = Alignment(wrap_text=True, vertical="center", horizontal="left")
    sheet.row_dimensions[1].height = 21 * _lines(of.dataset.title, room * 0.85)


def _headings(sheet: Worksheet, of: Prepared) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    frame = _frame()
    tallest = 1
    for at, (each, beside) in enumerate(_across(of), 1):
        text = of.before_title(each) if beside else each.title
        cell = sheet.cell(HEADING_ROW, at, text)
        cell.number_format = "General"
        cell.font = Font(name=_FONT, size=12, bold=True)
        colour = _BESIDE if beside else _REQUIRED if each.required else _HEADED
        cell.fill = PatternFill("solid", fgColor=colour)
        cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
        cell.border = frame
        # The filter's arrow takes some of the width.
        tallest = max(tallest, _lines(text, _column_width(each) - 3))
    sheet.row_dimensions[HEADING_ROW].height = _LINE * tallest + 4


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column; said, since not every program works it out."""
    return max(1, math.ceil(len(text) * 1.15 / max(width, 1)))


def _frame() -> Any:
    from openpyxl.styles import Border, Side

    line = Side(style="thin", color="999999")
    return Border(left=line, right=line, top=line, bottom=line)


def _rows(sheet: Worksheet, of: Prepared) -> None:
    """The rows that are there already; their cells take the look of their column, and a frame."""
    frame = _frame()
    columns = _across(of)
    for number, row in enumerate(of.rows):
        old = of.beside[number] if of.beside else {}
        for at, (each, beside) in enumerate(columns, 1):
            value = (old if beside else row).get(each.name)
            cell = sheet.cell(HEADING_ROW + 1 + number, at, value if value != "" else None)
            if isinstance(value, str):
                cell.data_type = "s"  # text that begins with "=" stays text
            _dress(cell, each, beside=beside)
            cell.border = frame
        tallest = max(
            _lines(str(row.get(each.name) or ""), _column_width(each)) for each in of.schema.fields
        )
        sheet.row_dimensions[HEADING_ROW + 1 + number].height = _LINE * tallest


def _behaviour(sheet: Worksheet, of: Prepared) -> None:
    """Headings locked without a password, filters and sorting usable, headings on every page."""
    from openpyxl.utils import get_column_letter

    last = HEADING_ROW + max(len(of.rows), 1)
    sheet.auto_filter.ref = f"A{HEADING_ROW}:{get_column_letter(_width(of))}{last}"
    guard = sheet.protection
    guard.sheet = True
    # In this format False means that the act is not forbidden.
    guard.autoFilter = guard.sort = guard.formatCells = guard.formatColumns = False
    guard.formatRows = guard.insertRows = guard.deleteRows = guard.insertColumns = False
    sheet.freeze_panes = f"A{HEADING_ROW + 1}"
    wide = sum(_column_width(each) for each, _ in _across(of))
    on_paper(sheet, heading=HEADING_ROW, wide=wide)


def _info_sheet(sheet: Worksheet, of: Prepared) -> None:
    from openpyxl.styles import Alignment, Font

    for at, row in enumerate(of.info, 1):
        for across, text in enumerate(row, 1):
            cell = sheet.cell(at, across, text or None)
            cell.number_format = "@"
            grey = _GREY if across == 3 else "000000"
            cell.font = Font(name=_FONT, size=12, bold=across == 1, color=grey)
            cell.alignment = Alignment(wrap_text=across == 3, vertical="center")
        sheet.row_dimensions[at].height = _LINE * _lines(row[2], 60)
    for letters, width in (("A", 24), ("B", 24), ("C", 60)):
        sheet.column_dimensions[letters].width = width
    on_paper(sheet)


def _help_sheet(book: Workbook, of: Prepared) -> None:
    """What each column takes, how each indicator is worked out (2023 Điều 5.1.b), area codes."""
    from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill

    wrapped = Alignment(wrap_text=True, vertical="top")
    # Named styles, since setting three properties on each cell takes most of a template's time.
    body = NamedStyle("Nội dung", Font(name=_FONT, size=12), alignment=wrapped, number_format="@")
    head = NamedStyle(
        "Đầu mục",
        Font(name=_FONT, size=12, bold=True),
        PatternFill("solid", fgColor=_HEADED),
        alignment=wrapped,
        number_format="@",
    )
    for style in (head, body):
        book.add_named_style(style)
    sheet = book.create_sheet(HELP)
    at = 0
    for block in _help_blocks(of):
        for place, line in enumerate(block):
            at += 1
            for across, text in enumerate(line, 1):
                if text:
                    sheet.cell(at, across, text).style = body.name if place else head.name
            tallest = max(map(_lines, line, _HELP_WIDTHS))
            sheet.row_dimensions[at].height = _LINE * tallest
        at += 1
    for letters, width in zip("ABCD", _HELP_WIDTHS, strict=True):
        sheet.column_dimensions[letters].width = width
    on_paper(sheet)


def _help_blocks(of: Prepared) -> list[Sequence[Sequence[str]]]:
    columns = [("Cột", "Cách điền", "Bắt buộc", "Giá trị được dùng")]
    columns += [
        (each.title, _how(each, of.about), "Có" if each.required else "", _taken(each))
        for each in of.schema.fields
    ]
    blocks: list[Sequence[Sequence[str]]] = [columns]
    if of.indicators:
        named = [("Mã", "Tên", "Đo bằng", "Phương pháp tính, phân tổ")]
        named += [
            (
                each.code,
                each.name,
                each.unit_of_measure or "",
                "; ".join([each.method or "", *(f"theo {one}" for one in each.breakdowns)]).strip(
                    "; "
                ),
            )
            for each in of.indicators
        ]
        blocks.append(named)
    if of.areas:
        blocks.append(
            [("Mã", "Tên nơi", "", ""), (PROVINCE, "Toàn tỉnh Sơn La", "", "")]
            + [(code, name, "", "") for code, name in of.areas]
        )
    return blocks


def _how(field: SchemaField, about: Mapping[str, str]) -> str:
    said = about.get(field.name) or {
        "number": "Số; thập phân viết dấu phẩy",
        "integer": "Số nguyên",
        "date": "Ngày, viết dd/mm/yyyy",
        "boolean": f"{field.true_values[0]} hoặc {field.false_values[0]}",
        "year": "Năm, bốn chữ số",
    }.get(field.type, "Chữ")
    if field.type in RARE and field.name not in about:
        from iocsl.catalog.schema_values import wanted

        kind, example = wanted(field)
        said = f"{kind.vi[:1].upper()}{kind.vi[1:]}, viết như {example}"
    if field.unit_of_measure:
        said += f". Đơn vị: {field.unit_of_measure}"
    return f"{said}. Dữ liệu cá nhân" if field.personal else said


def _taken(field: SchemaField) -> str:
    if field.codes:
        return "; ".join(
            f"{code}: {row.label}" if row.label else code for code, row in field.codes.items()
        )
    return "; ".join(
        f"{each}: {_STATUS_WORDS[each]}" if each in _STATUS_WORDS else each
        for each in field.enum or ()
    )


def _offers(sheet: Worksheet, hidden: Worksheet, of: Prepared) -> None:
    """Drop-downs of closed columns and checks of numbers and dates, down to `OFFERED_ROWS`.

    The values stand on a hidden sheet without headings, so that nothing takes it for a table.
    """
    from openpyxl.utils import get_column_letter

    hidden.sheet_state = "hidden"
    for at, each in enumerate(of.schema.fields, 1):
        letters = get_column_letter(at)
        values = _values(each, of)
        for row, value in enumerate(values, 1):
            hidden.cell(row, at, value)
        offered = (
            _drop_down(f"{LISTS}!${letters}$1:${letters}${len(values)}") if values else _typed(each)
        )
        if offered is not None:
            offered.add(f"{letters}{HEADING_ROW + 1}:{letters}{HEADING_ROW + OFFERED_ROWS}")
            sheet.add_data_validation(offered)


def _values(field: SchemaField, of: Prepared) -> Sequence[str]:
    if field.name == "ma_chi_tieu":
        return [each.code for each in of.indicators]
    if field.name == "dia_ban":
        return [PROVINCE, *(code for code, _ in of.areas)]
    if field.type == "boolean":
        return [field.true_values[0], field.false_values[0]]
    return list(field.enum or field.codes or ())


def _drop_down(source: str) -> DataValidation:
    from openpyxl.worksheet.datavalidation import DataValidation

    return DataValidation(
        type="list",
        formula1=source,
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="Giá trị không có trong danh mục",
        error="Chọn một giá trị trong danh sách.",
    )


def _typed(field: SchemaField) -> DataValidation | None:
    """Only numbers in columns of numbers, only dates in columns of dates."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if field.type in {"number", "integer"}:
        return DataValidation(
            type="decimal" if field.type == "number" else "whole",
            operator="between",
            formula1=_bound(field.minimum, "-1E+15"),
            formula2=_bound(field.maximum, "1E+15"),
            allow_blank=True,
            showErrorMessage=True,
            errorTitle="Ô này cần một số",
            error="Gõ số, không kèm chữ hay đơn vị; xem giới hạn ở trang Huong_dan.",
        )
    if field.type == "date":
        return DataValidation(
            type="date",
            operator="greaterThan",
            formula1="1",
            allow_blank=True,
            showErrorMessage=True,
            errorTitle="Ô này cần một ngày",
            error="Gõ ngày theo dạng dd/mm/yyyy.",
        )
    return None


def _bound(given: Bound, default: str) -> str:
    return f"{given:.15g}" if isinstance(given, float) else default
