"""`iocsl catalog`: what is asked, of whom, how often; templates, units, what is doubtful."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iocsl import config
from iocsl.catalog import Catalogue, Dataset, Unit, open_catalogue
from iocsl.commands import (
    catalog_contacts,
    catalog_export,
    catalog_overlay,
    catalog_rehearse,
    catalog_requests,
    catalog_schema,
    catalog_sync,
    catalog_templates,
    catalog_windows,
)
from iocsl.commands.catalog_options import CodeArgument, PeriodOption, RegimeOption, UnitOption
from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, note, show, table
from iocsl.domain import VIETNAMESE_PERIOD_TYPES, PeriodType, Regime
from iocsl.errors import is_folder, usage
from iocsl.text import fold, help_text, tr


def add(app: typer.Typer) -> None:
    group = new_app(
        "Danh mục dữ liệu, biểu mẫu và đơn vị", "The catalogue of datasets, forms and units"
    )
    for name, vi, en, function in (
        ("list", "Liệt kê bộ dữ liệu, biểu mẫu", "List datasets and forms", list_datasets),
        ("show", "Xem một mục", "Show one entry", show_dataset),
        ("search", "Tìm theo từ, không cần dấu", "Search by words, without diacritics", search),
        ("template", "Tạo tệp mẫu để điền", "Make a file to fill in", catalog_templates.template),
        ("units", "Tìm đơn vị và mã của nó", "Find units and their ids", list_units),
        ("lint", "Chỗ còn nghi ngờ trong danh mục", "What is doubtful in the catalogue", lint),
        ("build", "Dựng lại bản sao danh mục", "Build the local copy anew", build),
    ):
        command(group, name, vi, en)(function)
    catalog_contacts.add(group)
    catalog_overlay.add(group)
    catalog_schema.add(group)
    catalog_export.add(group)
    catalog_rehearse.add(group)
    catalog_sync.add(group)
    catalog_requests.add(group)
    catalog_windows.add(group)
    app.add_typer(group, name="catalog")


def list_datasets(
    regime: RegimeOption = None,
    unit: UnitOption = None,
    period: PeriodOption = None,
    needs_review: Annotated[
        bool,
        typer.Option("--needs-review", help=help_text("Chỉ mục cần rà soát", "Only the doubtful")),
    ] = False,
) -> None:
    catalogue = open_catalogue()
    of = catalogue.find_unit(unit) if unit else None
    found = catalogue.datasets(
        regime=_regime(regime), unit=of.id if of else None, period_type=period_type(period)
    )
    if needs_review:
        found = [each for each in found if each.status == "needs_review"]
    _print(found)
    if of is not None:
        _explain(catalogue, of, found)


def search(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", help=help_text("Các từ cần tìm", "The words"))
    ],
    regime: RegimeOption = None,
    unit: UnitOption = None,
    period: PeriodOption = None,
) -> None:
    text = " ".join(words)
    if not any(each.isalnum() for each in text):
        raise usage(
            "no-words",
            "Chưa có từ nào để tìm.",
            "There is no word to look for.",
            ("Ví dụ: iocsl catalog search giá cả", "For example: iocsl catalog search gia ca"),
        )
    catalogue = open_catalogue()
    of = catalogue.find_unit(unit) if unit else None
    only: dict[str, str | None] = {
        "regime": _regime(regime),
        "unit": of.id if of else None,
        "period_type": period_type(period),
    }
    found = catalogue.search(text, **only)
    if not found and not as_json():
        found = catalogue.near(text, **only)
        _tell_none(near=bool(found))
    _print(found)


def _tell_none(*, near: bool) -> None:
    note(
        tr("Không có mục nào chứa đủ các từ này.", "No entry holds all these words.")
        + (
            tr(" Gần giống nhất:", " The most alike:")
            if near
            else tr(" Thử ít từ hơn.", " Try fewer.")
        )
    )


def _regime(given: str | None) -> Regime | None:
    from iocsl.deadlines.asking import parse_regime

    return parse_regime(given) if given else None


def period_type(given: str | None) -> PeriodType | None:
    """A type of period in the contract's words or in Vietnamese. Unknown: exit 2."""
    if given is None:
        return None
    folded = fold(given).replace(" ", "").replace("-", "")
    if folded in VIETNAMESE_PERIOD_TYPES:
        return VIETNAMESE_PERIOD_TYPES[folded]
    try:
        return PeriodType(folded)
    except ValueError:
        known = ", ".join(PeriodType)
        raise usage(
            "unknown-period-type",
            f"Không có loại kỳ “{given}”.",
            f"There is no type of period “{given}”.",
            (
                f"Chọn: ngay, thang, quy, 6thang, 9thang, nam, muavu, khithaydoi ({known}).",
                f"Choose from: {known}.",
            ),
        ) from None


def _print(found: list[Dataset]) -> None:
    if as_json():
        emit_json([each.document() for each in found])
        return
    if found:
        headings = (tr("Mã", "Code"), tr("Tên", "Name"), tr("Đơn vị", "Unit"), tr("Kỳ", "Period"))
        show(
            table(
                headings,
                [
                    (_coded(each), each.title, _unit(each), catalog_templates.periods_of(each))
                    for each in found
                ],
            )
        )
    doubtful = sum(1 for each in found if each.status == "needs_review")
    emit(
        tr(
            f"{len(found)} mục, {doubtful} mục cần rà soát (dấu ?).",
            f"{len(found)} entries, {doubtful} to review (marked ?).",
        )
    )


def _coded(each: Dataset) -> str:
    return f"{each.code} ?" if each.status == "needs_review" else each.code


def _unit(each: Dataset) -> str:
    """The printed unit, else the inferred one with its mark."""
    if each.unit:
        return each.unit
    return f"{each.unit_inferred.unit} ?" if each.unit_inferred else "–"


def _explain(catalogue: Catalogue, unit: Unit, found: list[Dataset]) -> None:
    """Why a unit's list is empty, and where else to look: the two regulations name other units."""
    if unit.level == "commune" and not found:
        note(
            tr(
                f"Phụ lục II của 1134 nêu 13 cơ quan cấp tỉnh, không dòng nào cho {unit.name} hay "
                "xã, phường khác; phụ lục 2023 cũng vậy. Điều 2 có áp dụng với UBND xã, phường, "
                "nhưng công cụ không tự đặt thêm việc mà văn bản không in.",
                "Phụ lục II of 1134 names 13 provincial agencies and has no row for "
                f"{unit.name} or any commune; nor has the 2023 annex. Điều 2 does cover communes "
                "and wards, but no duty is made up here that the texts do not print.",
            )
        )
        return
    links = [link for link in catalogue.crosswalk() if unit.id in {link.old, link.new}]
    others = [link.new if link.old == unit.id else link.old for link in links]
    named = ", ".join(other for other in others if other)
    if named:
        note(
            tr(
                f"Xem thêm {named}: đơn vị tương ứng ở quy định kia (để tra cứu).",
                f"See also {named}: the counterpart in the other regulation (for reference).",
            )
        )


def show_dataset(code: CodeArgument) -> None:
    catalogue = open_catalogue()
    each = catalogue.dataset(code)
    if as_json():
        emit_json(each.document())
        return
    from iocsl.console.entry import show_entry

    show_entry(catalogue, each, catalog_templates.periods_of(each))


def list_units(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]", help=help_text("Tên hoặc mã", "Name or id")),
    ] = None,
    former: Annotated[
        bool,
        typer.Option("--former", help=help_text("Cả đơn vị cũ", "Former units too")),
    ] = False,
) -> None:
    catalogue = open_catalogue()
    found = catalogue.search_units(" ".join(words or []), former=former)
    if as_json():
        emit_json([each.document() for each in found])
        return
    if found:
        headings = (
            tr("Mã", "Id"),
            tr("Tên", "Name"),
            tr("Loại", "Kind"),
            tr("Nay thuộc", "Now in"),
        )
        rows = [(each.id, each.name, _kind(each), ", ".join(each.successors)) for each in found]
        columns = 4 if former else 3
        show(table(headings[:columns], [row[:columns] for row in rows]))
    emit(tr(f"{len(found)} đơn vị.", f"{len(found)} units."))


_KINDS: dict[str, tuple[str, str]] = {
    "annex_2023": ("phụ lục 2023", "2023 annex"),
    "agency": ("Phụ lục II, 1134", "Phụ lục II, 1134"),
    "sub_provider": ("đơn vị cung cấp", "sub-provider"),
    "commune": ("xã", "commune"),
    "ward": ("phường", "ward"),
    "former_district": ("cấp huyện cũ", "former district"),
    "former_commune": ("xã, phường cũ", "former commune"),
}


def _kind(unit: Unit) -> str:
    said = tr(*_KINDS[unit.kind])
    return said if unit.bound or unit.former else said + tr(", khuyến khích", ", encouraged")


def lint(
    letter: Annotated[
        Path | None,
        typer.Option(
            "--letter",
            metavar="FILE.docx",
            help=help_text("Soạn công văn gửi Sở KH&CN", "Draft the letter to Sở KH&CN"),
        ),
    ] = None,
) -> None:
    from iocsl.catalog.lint import CHECKS
    from iocsl.catalog.lint import lint as doubts_of

    catalogue = open_catalogue()
    doubts = doubts_of(catalogue)
    if letter is not None:
        _write_letter(catalogue, letter)
    if as_json():
        counts = {check: sum(1 for each in doubts if each.check == check) for check in CHECKS}
        emit_json({"counts": counts, "doubts": [each.document() for each in doubts]})
        return
    from iocsl.console.entry import show_doubts

    show_doubts(doubts)


def _write_letter(catalogue: Catalogue, path: Path) -> None:
    from iocsl.catalog.letter import write_letter

    if path.is_dir():
        raise is_folder(path)
    if path.suffix.lower() != ".docx":
        raise usage(
            "not-docx",
            f"“{path}” không có đuôi .docx.",
            f"“{path}” does not end in .docx.",
            ("Đặt tên tệp như cong-van.docx.", "Name the file like cong-van.docx."),
        )
    own = config.load().text("unit")
    write_letter(path, catalogue.datasets(), catalogue.find_unit(own).name if own else None)
    note(
        tr(
            f"Đã soạn {path}. Điền số, ngày, người ký rồi gửi Sở Khoa học và Công nghệ.",
            f"Drafted {path}. Fill in number, date and signer, then send it to Sở KH&CN.",
        )
    )


def build() -> None:
    from iocsl.catalog import mirror

    home = config.home() / mirror.MIRROR
    mirror.build_in_child(mirror.folder(), home, force=True)
    catalogue = open_catalogue()
    if as_json():
        emit_json(
            {
                "version": catalogue.version,
                "digest": catalogue.digest,
                "folder": str(mirror.folder()),
            }
        )
        return
    emit(
        tr(
            f"Đã dựng danh mục phiên bản {catalogue.version} từ {mirror.folder()}.",
            f"Built catalogue version {catalogue.version} from {mirror.folder()}.",
        )
    )
