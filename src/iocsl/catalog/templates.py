"""Files to fill in, made from the catalogue: XLSX with help and drop-downs, or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl.catalog.schema import SchemaField, TableSchema, parse_schema
from iocsl.errors import usage
from iocsl.files import replacing, write_whole

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from iocsl.catalog.lookup import Catalogue, Dataset

VERSION = 1
"""`phien_ban_mau`: goes up when the shape of templates changes."""
PROVINCE = "14"
DATA, INFO, HELP, LISTS = "Du_lieu", "Thong_tin", "Huong_dan", "Danh_muc"
HEADING_ROW = 4
EMPTY_ROWS = 300
"""Rows below the filled-in ones that are formatted and have drop-downs."""

_FONT = "Times New Roman"
_WIDTHS = {
    "ma_chi_tieu": 18,
    "ten_chi_tieu": 34,
    "don_vi_tinh": 16,
    "ky_bao_cao": 14,
    "dia_ban": 12,
    "gia_tri": 18,
    "trang_thai_so_lieu": 20,
    "ghi_chu": 30,
}


def write_template(
    catalogue: Catalogue, dataset: Dataset, path: Path, *, unit: str | None, period: str | None
) -> None:
    """Write the template of `dataset` to `path`: XLSX, or CSV by the name's ending (exit 2 else).

    `unit` and `period` are ids, filled in where given. Rows of the dataset's indicators are there
    already, with their value empty.
    """
    schema = parse_schema(catalogue.schema(dataset.schema), dataset.schema)
    rows = [*_rows(catalogue, dataset, schema, period)]
    if path.suffix.lower() == ".csv":
        _write_csv(schema, rows, path)
    elif path.suffix.lower() == ".xlsx":
        info = _info(catalogue, dataset, unit, period)
        book = _workbook(catalogue, dataset, schema, rows, info)
        with replacing(path) as stream:
            book.save(stream)
    else:
        raise usage(
            "template-format",
            f"Không tạo được mẫu dạng “{path.suffix or path.name}”.",
            f"No template can be made as “{path.suffix or path.name}”.",
            ("Đặt tên tệp có đuôi .xlsx hoặc .csv.", "Give a name that ends in .xlsx or .csv."),
        )


def _rows(
    catalogue: Catalogue, dataset: Dataset, schema: TableSchema, period: str | None
) -> Iterable[Mapping[str, str]]:
    """One row an indicator in force; none where the dataset has no set."""
    if "ma_chi_tieu" not in schema.by_name:
        return
    for each in catalogue.indicators(dataset.code):
        if each.valid_to is None:
            yield {
                "ma_chi_tieu": each.code,
                "ten_chi_tieu": each.name,
                "don_vi_tinh": each.unit_of_measure or "",
                "ky_bao_cao": period or "",
                "dia_ban": PROVINCE,
            }


def _info(
    catalogue: Catalogue, dataset: Dataset, unit: str | None, period: str | None
) -> Sequence[tuple[str, str, str]]:
    """The `Thong_tin` sheet: key, value, and what the key means."""
    owner = unit or dataset.unit or ""
    known = catalogue.unit(owner)
    return (
        ("ma_bo_du_lieu", dataset.code, dataset.title),
        ("don_vi", owner, known.name if known else "Mã đơn vị nộp, ví dụ CQ-TC"),
        ("ky_bao_cao", period or "", "Kỳ của tệp, ví dụ 2026-10, 2026-Q4, 2026"),
        ("phien_ban_mau", str(VERSION), "Không sửa"),
        ("phien_ban_danh_muc", str(catalogue.version), "Không sửa"),
    )


def _write_csv(schema: TableSchema, rows: Sequence[Mapping[str, str]], path: Path) -> None:
    """UTF-8 with its mark and semicolons: Excel set to Vietnamese opens it as columns."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([each.title for each in schema.fields])
    for row in rows:
        writer.writerow([row.get(each.name, "") for each in schema.fields])
    write_whole(path, text.getvalue().encode("utf-8-sig"))


def _workbook(
    catalogue: Catalogue,
    dataset: Dataset,
    schema: TableSchema,
    rows: Sequence[Mapping[str, str]],
    info: Sequence[tuple[str, str, str]],
) -> Workbook:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("openpyxl made a workbook without a sheet")
    sheet.title = DATA
    _data_sheet(sheet, dataset, schema, rows, info)
    _info_sheet(book.create_sheet(INFO), info)
    _help_sheet(book.create_sheet(HELP), catalogue, dataset, schema)
    lists = {each.name: list(each.enum or each.codes or ()) for each in schema.fields}
    lists["ma_chi_tieu"] = [each.code for each in catalogue.indicators(dataset.code)]
    lists["dia_ban"] = [PROVINCE, *(code for code, _ in _areas(catalogue))]
    last = HEADING_ROW + len(rows) + EMPTY_ROWS
    _drop_downs(sheet, book.create_sheet(LISTS), [each.name for each in schema.fields], lists, last)
    return book


def _data_sheet(
    sheet: Worksheet,
    dataset: Dataset,
    schema: TableSchema,
    rows: Sequence[Mapping[str, str]],
    info: Sequence[tuple[str, str, str]],
) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    said = {key: value for key, value, _ in info}
    width = len(schema.fields)
    required = PatternFill("solid", fgColor="FFF2CC")
    headed = PatternFill("solid", fgColor="D9E2F3")
    line = Side(style="thin", color="999999")
    frame = Border(left=line, right=line, top=line, bottom=line)
    titles = (
        (dataset.title, Font(name=_FONT, size=14, bold=True)),
        (" · ".join((dataset.code, said["don_vi"], said["ky_bao_cao"])), Font(name=_FONT, size=12)),
        (
            "Cột nền vàng là bắt buộc. Số thập phân viết dấu phẩy, hàng nghìn dấu chấm (1.234,5).",
            Font(name=_FONT, size=11, italic=True, color="666666"),
        ),
    )
    for at, (text, font) in enumerate(titles, 1):
        sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=width)
        title = sheet.cell(at, 1, text)
        title.font = font
        title.alignment = Alignment(wrap_text=True, vertical="center")
    sheet.row_dimensions[1].height = 20 * (1 + len(dataset.title) // 90)
    for at, each in enumerate(schema.fields, 1):
        cell = sheet.cell(HEADING_ROW, at, each.title)
        cell.font = Font(name=_FONT, size=12, bold=True)
        cell.fill = required if each.required else headed
        cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
        cell.border = frame
        letters = get_column_letter(at)
        sheet.column_dimensions[letters].width = _WIDTHS.get(each.name, 22)
        for row in range(HEADING_ROW + 1, HEADING_ROW + 1 + len(rows) + EMPTY_ROWS):
            body = sheet.cell(row, at)
            body.number_format = _number_format(each)
            if row <= HEADING_ROW + len(rows):
                body.value = rows[row - HEADING_ROW - 1].get(each.name) or None
                body.border = frame
                body.font = Font(name=_FONT, size=12)
                body.alignment = Alignment(wrap_text=each.type == "string", vertical="center")
    sheet.row_dimensions[HEADING_ROW].height = 34
    sheet.freeze_panes = f"A{HEADING_ROW + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = _fit_to_page()
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"


def _fit_to_page() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)


def _number_format(field: SchemaField) -> str:
    """Text for codes and periods, so that Excel neither drops zeros nor makes dates of them."""
    return {"number": "#,##0.###", "integer": "#,##0", "date": "dd/mm/yyyy"}.get(field.type, "@")


def _info_sheet(sheet: Worksheet, info: Sequence[tuple[str, str, str]]) -> None:
    from openpyxl.styles import Alignment, Font

    for at, row in enumerate(info, 1):
        for across, text in enumerate(row, 1):
            cell = sheet.cell(at, across)
            cell.value = text
            cell.number_format = "@"
            grey = "666666" if across == 3 else "000000"
            cell.font = Font(name=_FONT, size=12, bold=across == 1, color=grey)
            cell.alignment = Alignment(wrap_text=across == 3, vertical="center")
    for letters, width in (("A", 24), ("B", 24), ("C", 60)):
        sheet.column_dimensions[letters].width = width


def _help_sheet(
    sheet: Worksheet, catalogue: Catalogue, dataset: Dataset, schema: TableSchema
) -> None:
    """What each column takes, how each indicator is worked out, the codes of areas."""
    from openpyxl.styles import Alignment, Font

    document = catalogue.schema(dataset.schema)
    about = {each["name"]: each.get("description") for each in document["fields"]}
    lines: list[tuple[str, str, str, str]] = [("Cột", "Cách điền", "", "")]
    lines += [
        (each.title, about.get(each.name) or _how(each), "Bắt buộc" if each.required else "", "")
        for each in schema.fields
    ]
    if indicators := catalogue.indicators(dataset.code):
        lines += [("", "", "", ""), ("Mã", "Tên", "Đơn vị", "Phương pháp tính")]
        lines += [
            (each.code, each.name, each.unit_of_measure or "", each.method or "")
            for each in indicators
        ]
    if "dia_ban" in schema.by_name:
        lines += [
            ("", "", "", ""),
            ("Mã", "Địa bàn", "", ""),
            (PROVINCE, "Toàn tỉnh Sơn La", "", ""),
        ]
        lines += [(code, name, "", "") for code, name in _areas(catalogue)]
    for at, line in enumerate(lines, 1):
        heading = line[0] in {"Cột", "Mã"}
        for across, text in enumerate(line, 1):
            cell = sheet.cell(at, across, text or None)
            cell.number_format = "@"
            cell.font = Font(name=_FONT, size=12, bold=heading)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for letters, width in (("A", 22), ("B", 48), ("C", 18), ("D", 60)):
        sheet.column_dimensions[letters].width = width


def _how(field: SchemaField) -> str:
    return {
        "number": "Số; thập phân viết dấu phẩy",
        "integer": "Số nguyên",
        "date": "Ngày dd/mm/yyyy",
    }.get(field.type, "Chữ")


def _areas(catalogue: Catalogue) -> Sequence[tuple[str, str]]:
    return [
        (each.official_code, each.name)
        for each in catalogue.units()
        if each.kind in {"commune", "ward"} and each.official_code
    ]


def _drop_downs(
    sheet: Worksheet,
    hidden: Worksheet,
    columns: Sequence[str],
    lists: Mapping[str, Sequence[str]],
    last: int,
) -> None:
    """Offer the values of closed columns down to row `last`; they stand on a hidden sheet.

    That sheet has no headings, so that nothing takes it for a table.
    """
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    hidden.sheet_state = "hidden"
    for at, name in enumerate(columns, 1):
        values = lists.get(name)
        if not values:
            continue
        for row, value in enumerate(values, 1):
            hidden.cell(row, at, value).number_format = "@"
        letters = get_column_letter(at)
        offered = DataValidation(
            type="list",
            formula1=f"{LISTS}!${letters}$1:${letters}${len(values)}",
            allow_blank=True,
            errorTitle="Giá trị không có trong danh mục",
            error="Chọn một giá trị trong danh sách.",
        )
        offered.add(f"{letters}{HEADING_ROW + 1}:{letters}{last}")
        sheet.add_data_validation(offered)
