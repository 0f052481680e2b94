"""V: values and types, by what the schema declares of a column."""

from __future__ import annotations

import math
from datetime import date, time, timedelta

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Severity
from iocsl.patterns import regex
from iocsl.text import squeeze, tr
from iocsl.validate.context import Context
from iocsl.validate.numbers import NumberFault, plain, read_number
from iocsl.validate.readers.base import Broken, Cell, shown
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, On, Role, cell_rule, own

FORMAT: Basis = {QD2023: "Điều 3 khoản 1; Điều 6 khoản 1", QD1134: "Điều 5 khoản 1 điểm a, b"}
"""Full and exact (2023); uniform structure and format (1134)."""
SINCE = "0.1.0"
NUMBERS = ("number", "integer")
_SHORT_DAY = regex(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")


def _is_number(field: SchemaField) -> bool:
    return field.type in NUMBERS


@cell_rule(
    "V401",
    "required-value-missing",
    Severity.ERROR,
    where=lambda field: field.required,
    on=On.EMPTY,
    vi="Ô bắt buộc ở cột “{title}” đang để trống.",
    en="The required cell in column “{title}” is empty.",
    hint=(
        "Điền giá trị. Nếu không có số liệu, ghi lý do ở cột ghi chú và bỏ dòng khỏi bảng.",
        "Fill it in. Where there is no figure, say why in the note and leave the row out.",
    ),
    basis=FORMAT,
    since=SINCE,
)
def required_value_missing(_: None, context: Context) -> Fault | None:
    """A column that the schema requires has a value in every row of data.

    Why: a figure without code, period or value cannot be loaded.
    Fix: fill the cell in, or remove the row.
    """
    return Fault(title=context.field.title)


@cell_rule(
    "V402",
    "not-a-number",
    Severity.ERROR,
    where=_is_number,
    on=On.UNREAD,
    vi="“{value}” không phải là số.",
    en="“{value}” is not a number.",
    hint=(
        (
            "Chỉ ghi chữ số, dấu và dấu phân cách đã quy định; đơn vị tính, ghi chú để ở cột riêng;"
            " thay cho “-” ghi 0 hoặc “không phát sinh”."
        ),
        (
            "Write digits, a sign and the declared separators; units and notes go to their own"
            " columns; for “-” write 0 or “không phát sinh”."
        ),
    ),
    basis=FORMAT,
    since=SINCE,
)
def not_a_number(cell: Cell, context: Context) -> Fault | None:
    """A text in a number column that no reading makes a number of.

    Why: "khoảng 12", "5%" or "1.200 đồng" mean something to people only; nothing is guessed.
    Fix: leave the number alone in the cell.
    """
    if isinstance(cell, Broken):
        return None
    if not isinstance(cell, str):
        number = isinstance(cell, float) and math.isfinite(cell)
        return None if number else Fault(value=shown(cell))
    problem = read_number(squeeze(cell), context.field.decimal, context.field.group)
    return Fault(value=squeeze(cell)) if problem is NumberFault.NOT_A_NUMBER else None


@cell_rule(
    "V403",
    "ill-formed-grouping",
    Severity.ERROR,
    where=_is_number,
    on=On.UNREAD,
    vi="“{value}” đặt dấu phân cách sai chỗ; {declared}.",
    en="“{value}” has a separator in the wrong place; {declared}.",
    hint=(
        "Viết một nghìn hai trăm là 1.200 hoặc 1200; tám phẩy năm là 8,5.",
        "Write one thousand two hundred as 1.200 or 1200; eight and a half as 8,5.",
    ),
    basis=FORMAT,
    since=SINCE,
)
def ill_formed_grouping(cell: Cell, context: Context) -> Fault | None:
    """Declared separators that do not stand where they must: groups are of three digits.

    Why: `1.5` is 15 to one program and one and a half to another; neither is taken.
    Fix: write decimals with the decimal character, and group whole numbers by three or not at all.
    """
    if not isinstance(cell, str):
        return None
    field = context.field
    if read_number(squeeze(cell), field.decimal, field.group) is not NumberFault.GROUPING:
        return None
    declared = [tr(f"hàng nghìn tách bằng “{field.group}”", f"“{field.group}” groups thousands")]
    if field.decimal:
        declared.append(tr(f"thập phân viết “{field.decimal}”", f"“{field.decimal}” is decimal"))
    return Fault(value=squeeze(cell), declared=own(", ".join(declared[0 if field.group else 1 :])))


@cell_rule(
    "V404",
    "undeclared-separator",
    Severity.ERROR,
    where=_is_number,
    on=On.UNREAD,
    vi="“{value}” có dấu phân cách mà cấu trúc không quy định.",
    en="“{value}” has a separator that the schema does not declare.",
    hint=(
        "Chỉ ghi chữ số và dấu, hoặc khai báo decimalChar, groupChar trong cấu trúc.",
        "Write digits and a sign only, or declare decimalChar and groupChar in the schema.",
    ),
    basis=FORMAT,
    since=SINCE,
)
def undeclared_separator(cell: Cell, context: Context) -> Fault | None:
    """A dot or comma in a number of a column whose schema declares none.

    Why: what it separates, thousands or decimals, is then anybody's guess.
    Fix: leave it out, or have the schema declare it.
    """
    if not isinstance(cell, str):
        return None
    problem = read_number(squeeze(cell), context.field.decimal, context.field.group)
    return Fault(value=squeeze(cell)) if problem is NumberFault.UNDECLARED else None


@cell_rule(
    "V405",
    "not-a-date",
    Severity.ERROR,
    where=lambda field: field.type == "date" and field.format is None,
    on=On.UNREAD,
    vi="“{value}” không phải là ngày có thật viết theo dd/mm/yyyy{near}.",
    en="“{value}” is not an existing date written dd/mm/yyyy{near}.",
    hint=(
        "Viết như 05/11/2026 hoặc 2026-11-05; ô hiện số như 46331 thì định dạng lại là Ngày.",
        "Write it like 05/11/2026 or 2026-11-05; format a cell that shows 46331 as a date.",
    ),
    basis=FORMAT,
    since=SINCE,
)
def not_a_date(cell: Cell, context: Context) -> Fault | None:
    """A date is a date cell, or text in one of two forms, and a day that exists.

    Why: 5/3/26 or 3-5-2026 can be two days; 30/02/2026 is none.
    Fix: write two digits for day and month and four for the year.
    """
    if isinstance(cell, Broken):
        return None
    near = None if context.field.personal else _day_meant(shown(cell))
    return Fault(value=shown(cell), near=own(f" ({near}?)" if near else ""))


def _day_meant(text: str) -> str | None:
    """The existing day of a text that lacks nothing but zeros: 5/11/2026 or 5.11.2026."""
    from iocsl.validate.cells import read_date

    found = _SHORT_DAY.fullmatch(squeeze(text))
    said = f"{int(found[1]):02}/{int(found[2]):02}/{found[3]}" if found else ""
    return said if read_date(said) else None


@cell_rule(
    "V406",
    "not-a-whole-number",
    Severity.ERROR,
    where=lambda field: field.type == "integer",
    on=On.UNREAD,
    vi="“{value}” không phải là số nguyên.",
    en="“{value}” is not a whole number.",
    hint=("Cột này chỉ nhận số nguyên.", "This column takes whole numbers only."),
    basis=FORMAT,
    since=SINCE,
)
def not_a_whole_number(cell: Cell, context: Context) -> Fault | None:
    """A number with decimals in a column of whole numbers.

    Why: people, cases and pieces come whole; a fraction shows a wrong column or a wrong separator.
    Fix: correct the figure, or the column it stands in.
    """
    if isinstance(cell, str):
        read = read_number(squeeze(cell), context.field.decimal, context.field.group)
        return None if isinstance(read, NumberFault) else Fault(value=squeeze(cell))
    if not isinstance(cell, float) or not math.isfinite(cell):
        return None
    return Fault(value=plain(cell))


@cell_rule(
    "V412",
    "error-cell",
    Severity.ERROR,
    on=On.UNREAD,
    vi="Ô hiện lỗi của bảng tính: {value}.",
    en="The cell shows an error of the spreadsheet: {value}.",
    hint=(
        "Sửa công thức, hoặc ghi giá trị thay cho công thức.",
        "Mend the formula or type the value.",
    ),
    basis=FORMAT,
    since=SINCE,
)
def error_cell(cell: Cell, context: Context) -> Fault | None:
    """A cell like #N/A or #DIV/0!.

    Why: it is no figure; other programs read it as empty without a word.
    Fix: mend the formula.
    """
    return Fault(value=cell.shown) if isinstance(cell, Broken) and cell.shown is not None else None


@cell_rule(
    "V413",
    "formula-without-value",
    Severity.ERROR,
    on=On.UNREAD,
    vi="Ô ở cột “{title}” có công thức nhưng chưa có kết quả được lưu.",
    en="The cell in column “{title}” holds a formula without a stored result.",
    hint=(
        "Mở tệp bằng Excel hoặc LibreOffice, chờ tính xong rồi lưu lại.",
        "Open the file in Excel or LibreOffice, let it compute and save it.",
    ),
    basis=FORMAT,
    since=SINCE,
)
def formula_without_value(cell: Cell, context: Context) -> Fault | None:
    """A formula that was never worked out, as programs that write workbooks leave it.

    Why: the figure is not in the file; it would be read as empty.
    Fix: open and save the workbook in a spreadsheet program.
    """
    if isinstance(cell, Broken) and cell.shown is None:
        return Fault(title=context.field.title)
    return None


@cell_rule(
    "V415",
    "not-yes-or-no",
    Severity.ERROR,
    where=lambda field: field.type == "boolean",
    on=On.UNREAD,
    vi="“{value}” không phải là một trong: {allowed}.",
    en="“{value}” is not one of: {allowed}.",
    hint=("Chọn một giá trị trong danh sách.", "Choose one from the list."),
    basis=FORMAT,
    since=SINCE,
)
def not_yes_or_no(cell: Cell, context: Context) -> Fault | None:
    """A yes-or-no column takes the words that the schema lists for each.

    Why: "x", "rồi" or "1" may mean yes to one and no to another.
    Fix: use the words listed.
    """
    if isinstance(cell, Broken):
        return None
    allowed = (*context.field.true_values, *context.field.false_values)
    return Fault(value=shown(cell), allowed=own(", ".join(allowed)))


@cell_rule(
    "V416",
    "not-a-year-or-month",
    Severity.ERROR,
    where=lambda field: field.type in {"year", "yearmonth"},
    on=On.UNREAD,
    vi="“{value}” không đúng dạng {wanted}.",
    en="“{value}” does not have the form {wanted}.",
    hint=("Viết năm bốn chữ số, tháng hai chữ số.", "Four digits for a year, two for a month."),
    basis=FORMAT,
    since=SINCE,
)
def not_a_year_or_month(cell: Cell, context: Context) -> Fault | None:
    """A year is four digits, a month of a year is 2026-10.

    Why: 26 or 10/2026 can be read in more than one way.
    Fix: write it in that form; set the cell to Text first, so that Excel makes no date of it.
    """
    if isinstance(cell, Broken):
        return None
    wanted = "2026" if context.field.type == "year" else "2026-10"
    return Fault(value=shown(cell), wanted=own(wanted))


@cell_rule(
    "V417",
    "period-became-date",
    Severity.ERROR,
    column=Role.PERIOD,
    on=On.UNREAD,
    vi="Kỳ báo cáo đã bị bảng tính đổi thành ngày {value}; không suy ra được kỳ đã gõ.",
    en="The spreadsheet turned the period into the date {value}; what was typed is lost.",
    hint=(
        "Định dạng cột là Văn bản (Text) rồi gõ lại, ví dụ 2026-10.",
        "Format the column as Text and type it again, e.g. 2026-10.",
    ),
    basis=FORMAT,
    since=SINCE,
)
def period_became_date(cell: Cell, context: Context) -> Fault | None:
    """A date cell in the period column.

    Why: Excel turns 2026-10 into 1 October 2026; a day and a month are then the same cell.
    Fix: format the column as Text before typing. The template has it so.
    """
    if isinstance(cell, date):
        return Fault(value=cell.strftime("%d/%m/%Y"))
    return Fault(value=shown(cell)) if isinstance(cell, time | timedelta) else None
