"""One entry of the catalogue, and the list of doubts, as text for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from iocsl.catalog import Catalogue, Dataset, Defect, Indicator
from iocsl.catalog.lint import CHECKS, KINDS, Doubt
from iocsl.console.output import emit, show, table
from iocsl.domain import Words
from iocsl.text import say, tr

if TYPE_CHECKING:
    from rich.table import Table

_CONFIDENCE = {
    "high": ("chắc", "high"),
    "medium": ("khá chắc", "medium"),
    "low": ("không chắc", "low"),
}


def show_entry(catalogue: Catalogue, each: Dataset, periods: str) -> None:
    """Everything known of one entry; `periods` in words."""
    source = each.source
    row = tr(f"dòng {source.row}", f"row {source.row}")
    rows = [
        (tr("Mã", "Code"), each.code + (tr(" (mã tạm)", " (provisional)") if each.ma_tam else "")),
        (tr("Tên", "Name"), each.title),
        (tr("Như in", "As printed"), each.name_printed if each.name_printed != each.name else None),
        (tr("Đơn vị", "Unit"), _unit(catalogue, each)),
        (tr("Gửi yêu cầu", "Asked of"), ", ".join(each.addressees) or None),
        (tr("Cung cấp", "Provider"), _named(catalogue, each.provider)),
        (tr("Kỳ", "Period"), periods),
        (tr("Hạn in", "Due, printed"), each.due_printed),
        (tr("Nguồn", "Source"), f"{source.document}, {source.annex}, {source.list}, {row}"),
        (tr("Cấu trúc", "Schema"), each.schema),
        (tr("Chỉ tiêu", "Indicators"), str(len(each.indicators)) if each.indicators else None),
    ]
    show(_facts(rows))
    if each.defects:
        emit("")
        emit(tr("Chỗ cần rà soát:", "To review:"))
        headings = (tr("Lỗi", "Damage"), tr("Văn bản in", "Printed"), tr("Cách đọc", "Reading"))
        show(table(headings, [_defect(defect) for defect in each.defects]))
    if each.indicators:
        emit("")
        columns = (
            tr("Mã", "Code"),
            tr("Chỉ tiêu", "Indicator"),
            tr("Đơn vị tính", "Measure"),
            tr("Phương pháp, phân tổ, số liệu", "Method, breakdown, figures"),
        )
        listed = catalogue.indicators(each.code)
        rows_of = [(one.code, one.name, one.unit_of_measure, _about(one)) for one in listed]
        show(table(columns, rows_of))


_PARTS = {
    "ky": Words("kỳ báo cáo", "the period"),
    "nam": Words("cả năm", "the year"),
    "Q1": Words("quý I", "quarter I"),
    "Q2": Words("quý II", "quarter II"),
    "Q3": Words("quý III", "quarter III"),
    "Q4": Words("quý IV", "quarter IV"),
    "H1": Words("6 tháng đầu năm", "first half"),
    "H2": Words("6 tháng cuối năm", "second half"),
    "9M": Words("9 tháng", "nine months"),
}
_STATUSES = {
    "uoc_tinh": Words("ước tính", "estimated"),
    "so_bo": Words("sơ bộ", "preliminary"),
    "chinh_thuc": Words("chính thức", "official"),
}


def _about(one: Indicator) -> str:
    """Method, how it is divided, which figures of which part of the year, until when it holds."""
    figures = [
        f"{say(_PARTS[part])} {say(_STATUSES[status]) if status else ''}".rstrip()
        for part, status in one.figures
    ]
    ended = tr(f"đến {one.valid_to}", f"until {one.valid_to}") if one.valid_to else None
    parts = (one.method, ", ".join(one.breakdowns), "; ".join(figures), ended)
    return ". ".join(part for part in parts if part)


def _facts(rows: Sequence[tuple[str, str | None]]) -> Table:
    """What is known, a line each; what is not, is left out."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for name, value in rows:
        if value:
            grid.add_row(name, value)
    return grid


def _defect(defect: Defect) -> tuple[str, str | None, str]:
    sure = tr(*_CONFIDENCE[defect.confidence]) if defect.confidence else ""
    reading = f"{defect.reading} ({sure})" if defect.reading else tr("không suy đoán", "none")
    return say(KINDS[defect.kind]), defect.printed, reading


def _named(catalogue: Catalogue, id_: str | None) -> str | None:
    unit = catalogue.unit(id_) if id_ else None
    return f"{unit.name} ({unit.id})" if unit else None


def _unit(catalogue: Catalogue, each: Dataset) -> str:
    if each.unit:
        return f"{each.unit_printed} ({each.unit})"
    if each.unit_inferred is None:
        return "–"
    sure = tr(*_CONFIDENCE[each.unit_inferred.confidence])
    named = _named(catalogue, each.unit_inferred.unit)
    return tr(f"văn bản không in; suy ra {named}, {sure}", f"not printed; inferred {named}, {sure}")


def show_doubts(doubts: Sequence[Doubt]) -> None:
    """The doubts, grouped by check, each group with its count."""
    for check, title in CHECKS.items():
        group = [each for each in doubts if each.check == check]
        emit(f"{say(title)} ({len(group)})")
        headings = (tr("Mục", "Entry"), tr("Nội dung", "What"))
        show(table(headings, [(_codes(each.codes), say(each.said)) for each in group]))
        emit("")


def _codes(codes: Sequence[str]) -> str:
    """Codes one a line; a long run as its ends and its count."""
    if len(codes) <= 2:
        return "\n".join(codes)
    return f"{codes[0]}\n… {codes[-1]}\n({len(codes)})"
