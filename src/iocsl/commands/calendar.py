"""`iocsl calendar`: the working calendar that deadlines move on, and where each day comes from."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl import clock, config
from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, note, show
from iocsl.domain import ExitCode
from iocsl.errors import usage
from iocsl.text import help_text, say, squeeze, tr

if TYPE_CHECKING:
    from iocsl.deadlines.calendar import WorkingCalendar


class Status(StrEnum):
    LAW = "law"
    OFFICIAL = "official"
    PROPOSED = "proposed"
    PREDICTED = "predicted"


DayArgument = Annotated[
    str, typer.Argument(metavar="DATE", help=help_text("Ngày, như 2026-11-23", "The day"))
]
OffOption = Annotated[
    bool | None,
    typer.Option("--off/--work", help=help_text("Ngày nghỉ, hay ngày làm bù", "Off, or worked")),
]
SwapOption = Annotated[
    str | None,
    typer.Option(
        "--swapped-with",
        metavar="DATE",
        help=help_text("Ngày được hoán đổi", "The day it is swapped with"),
    ),
]
YearArgument = Annotated[
    int | None,
    typer.Argument(
        metavar="[YEAR]", help=help_text("Năm; mặc định năm nay", "The year; this one by default")
    ),
]


def add(app: typer.Typer) -> None:
    group = new_app("Lịch làm việc và ngày nghỉ", "The working calendar and days off")
    command(group, "show", "Ngày nghỉ, ngày làm bù của một năm", "Days off and worked of a year")(
        show_year
    )
    command(
        group,
        "check",
        "Lịch có đủ cho các hạn sắp tới không; mã 8 khi chưa biết",
        "Whether the calendar reaches the coming deadlines; exit 8 when not",
    )(check)
    command(
        group,
        "diff",
        "Chỗ lịch này khác cách tính lịch chung",
        "Where this calendar differs from the computed one",
    )(diff)
    command(
        group,
        "add",
        "Ghi thêm một ngày nghỉ hoặc ngày làm bù của đơn vị",
        "Add a day off or a worked day of this unit",
    )(add_day)
    app.add_typer(group, name="calendar")


def _calendar() -> WorkingCalendar:
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines.calendar import open_calendar

    return open_calendar(open_catalogue(), config.home())


def show_year(year: YearArgument = None) -> None:
    from iocsl.console.timetable import day_table
    from iocsl.deadlines.calendar import unknown_year
    from iocsl.deadlines.explain import day_facts
    from iocsl.deadlines.own_days import special_days

    calendar = _calendar()
    chosen = year if year is not None else clock.today().year
    if chosen not in calendar.years:
        raise unknown_year(chosen, calendar.years)
    days = [(day, calendar.status(day.day, day.day)) for day in special_days(calendar, chosen)]
    if as_json():
        emit_json(
            {
                "year": chosen,
                "status": calendar.years[chosen],
                "days": [day_facts(day, status) for day, status in days],
            }
        )
        return
    show(day_table(days))
    note(
        tr(
            "Thứ Bảy, Chủ nhật là ngày nghỉ, trừ ngày làm bù. Ngày đề xuất chỉ hiện, chưa áp dụng.",
            "Saturdays and Sundays are rest days, worked ones apart. Proposals are not applied.",
        )
    )


def check() -> None:
    from iocsl.deadlines.own_days import open_questions

    calendar = _calendar()
    found = open_questions(calendar, clock.today())
    unknown = any(kind == "unknown" for kind, _ in found)
    code = ExitCode.UNDECIDED if unknown else ExitCode.OK
    if as_json():
        emit_json(
            {
                "years": {str(year): status for year, status in sorted(calendar.years.items())},
                "questions": [{"kind": kind, "date": day.isoformat()} for kind, day in found],
                "exit_code": int(code),
            }
        )
        raise typer.Exit(int(code))
    for kind, day in found:
        emit(_question(kind, day, calendar))
    if not found:
        emit(tr("Lịch đủ và không có gì chờ quyết định.", "The calendar is whole and settled."))
    raise typer.Exit(int(code))


def _question(kind: str, day: date, calendar: WorkingCalendar) -> str:
    if kind == "unknown":
        return tr(
            f"Chưa có lịch năm {day.year}: không tính được hạn. Cập nhật danh mục.",
            f"No calendar of {day.year}: no deadline can be told. Update the catalogue.",
        )
    if kind == "predicted":
        return tr(
            f"Năm {day.year}: chưa có thông báo nghỉ lễ, các hạn là dự kiến.",
            f"{day.year}: no notice on holidays yet, deadlines are predictions.",
        )
    why = say(calendar.proposals[day].why)
    return tr(
        f"{day:%d/%m/%Y}: {why}; chưa áp dụng. Khi được duyệt: iocsl calendar add {day}",
        f"{day:%d/%m/%Y}: {why}; not applied. Once approved: iocsl calendar add {day}",
    )


def diff(year: YearArgument = None) -> None:
    from iocsl.console.timetable import day_table
    from iocsl.deadlines.calendar import unknown_year
    from iocsl.deadlines.explain import day_facts
    from iocsl.deadlines.own_days import differences

    calendar = _calendar()
    years = sorted(calendar.years) if year is None else [year]
    if year is not None and year not in calendar.years:
        raise unknown_year(year, calendar.years)
    found = list(differences(calendar, date(years[0], 1, 1), date(years[-1], 12, 31)))
    days = [(each.day, calendar.status(each.day.day, each.day.day)) for each in found]
    if as_json():
        emit_json(
            [
                {**day_facts(day, status), "computed_working": each.base_working}
                for each, (day, status) in zip(found, days, strict=True)
            ]
        )
        return
    if days:
        show(day_table(days))
    else:
        emit(tr("Không có chỗ nào khác.", "No difference."))


def add_day(
    day: DayArgument,
    *,
    off: OffOption = None,
    name: Annotated[
        str | None, typer.Option("--name", help=help_text("Tên hoặc lý do", "Name or reason"))
    ] = None,
    document: Annotated[
        str | None, typer.Option("--document", help=help_text("Số văn bản", "Document number"))
    ] = None,
    swapped_with: SwapOption = None,
    status: Annotated[
        Status, typer.Option("--status", help=help_text("Độ chắc", "How sure"))
    ] = Status.OFFICIAL,
) -> None:
    from iocsl.deadlines.asking import parse_day
    from iocsl.deadlines.own_days import add_day as write

    chosen = parse_day(day)
    _require_whole(off, status, document)
    usual = tr("Ngày nghỉ", "Day off") if off else tr("Ngày làm bù", "Worked day")
    entry: dict[str, Any] = {
        "ngay": chosen.isoformat(),
        "loai": "nghi" if off else "lam_viec",
        "ten": squeeze(name or "") or usual,
        "van_ban": squeeze(document or "") or None,
        "trang_thai": status.value,
    }
    if swapped_with:
        entry["doi_voi"] = parse_day(swapped_with).isoformat()
    _calendar().day(chosen)
    path = write(config.home(), entry)
    if as_json():
        emit_json({"file": str(path), "entry": {"doi_voi": None, **entry}})
    else:
        emit(tr(f"Đã ghi {chosen:%d/%m/%Y} vào {path}", f"Wrote {chosen:%d/%m/%Y} to {path}"))


def _require_whole(off: bool | None, status: Status, document: str | None) -> None:
    if off is None:
        raise usage(
            "off-or-work",
            "Cần cho biết đó là ngày nghỉ hay ngày làm bù.",
            "Say whether it is a day off or a worked day.",
            ("Thêm --off hoặc --work.", "Add --off or --work."),
        )
    if status in {Status.LAW, Status.OFFICIAL} and not (document or "").strip():
        raise usage(
            "needs-document",
            "Ngày theo luật hoặc đã có thông báo cần số văn bản.",
            "A day by law or notice needs its document.",
            (
                "Thêm --document, hoặc --status proposed nếu mới là đề xuất.",
                "Add --document, or --status proposed if it is only proposed.",
            ),
        )
