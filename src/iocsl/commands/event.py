"""`iocsl event`: declare that data changed, from which the 24 hours of 1134 run."""

from __future__ import annotations

from typing import Annotated

import typer

from iocsl import clock, config
from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, note
from iocsl.domain import Regime, event_id
from iocsl.errors import usage
from iocsl.text import help_text, say, tr


def add(app: typer.Typer) -> None:
    group = new_app(
        "Khai báo dữ liệu thay đổi, để tính hạn 24 giờ", "Declare changes of data (24 hours)"
    )
    command(
        group,
        "add",
        "Khai báo một lần thay đổi, phát sinh",
        "Declare one change",
    )(add_event)
    command(group, "list", "Các lần thay đổi đã khai báo", "Changes declared")(list_events)
    app.add_typer(group, name="event")


def add_event(
    dataset: Annotated[
        str,
        typer.Option("--dataset", metavar="CODE", help=help_text("Mã bộ dữ liệu", "Dataset code")),
    ],
    changed_at: Annotated[
        str,
        typer.Option(
            "--changed-at",
            metavar="MOMENT",
            help=help_text("Lúc dữ liệu thay đổi", "When the data changed"),
        ),
    ],
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="U", help=help_text("Đơn vị (mã hoặc tên)", "Unit")),
    ] = None,
) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings, Timetable, obligations_of
    from iocsl.deadlines.records import Event
    from iocsl.deadlines.records import add_event as record
    from iocsl.deadlines.rules import period_of
    from iocsl.deadlines.words import day_words, moment_words

    settings = config.load()
    asked = unit or settings.text("unit")
    if asked is None:
        raise usage(
            "needs-unit",
            "Cần cho biết đơn vị.",
            "Say which unit.",
            (
                "Thêm --unit, hoặc đặt unit trong config.toml.",
                "Add --unit, or set it in config.toml.",
            ),
        )
    catalogue = open_catalogue()
    chosen, holder = catalogue.dataset(dataset), catalogue.find_unit(asked)
    if chosen.regime is not Regime.QD1134 or chosen.list == "D":
        raise _not_by_event(chosen.code)
    moment = clock.parse_moment(changed_at)
    if moment > clock.now():
        raise usage(
            "future-change",
            f"Lúc thay đổi {clock.iso(moment)} còn ở phía trước.",
            f"The change at {clock.iso(moment)} lies in the future.",
            ("Khai báo khi dữ liệu đã thay đổi.", "Declare it once the data have changed."),
        )
    timetable = Timetable(catalogue, Readings.from_config(settings))
    period = period_of(event_id(moment))
    due = obligations_of(timetable, chosen, period)
    if not due:
        raise usage(
            "before-start",
            "Quyết định 1134 chưa áp dụng vào lúc đó.",
            "Decision 1134 did not apply at that time.",
            ("Kiểm tra lại --changed-at.", "Check --changed-at."),
        )
    event = Event(chosen.code, holder.id, moment)
    if not record(event):
        note(tr("Lần thay đổi này đã được khai báo trước đó.", "This change was declared before."))
    if as_json():
        emit_json(
            {**event.subject(), "period": period.id, "due_before": clock.iso(due[0].due.due_before)}
        )
        return
    last = say(day_words(due[0].due.last_day))
    emit(
        tr(
            f"{chosen.code}, kỳ {period.id}: hạn {say(moment_words(due[0]))}, {last}.",
            f"{chosen.code}, period {period.id}: due {say(moment_words(due[0]))}, {last}.",
        )
    )


def list_events() -> None:
    from iocsl.deadlines.records import events

    found = events(config.home())
    if as_json():
        emit_json([{**each.subject(), "period": event_id(each.changed_at)} for each in found])
        return
    for each in found:
        moment, period = clock.iso(each.changed_at), event_id(each.changed_at)
        emit(f"{moment}  {each.dataset}  {each.unit}  {period}")
    if not found:
        emit(tr("Chưa khai báo lần thay đổi nào.", "No change has been declared."))


def _not_by_event(code: str) -> Exception:
    return usage(
        "not-by-event",
        f"{code} không có hạn 24 giờ khi thay đổi.",
        f"{code} has no 24-hour deadline on change.",
        (
            "Quyết định 1134 Điều 5.2.b chỉ nêu dữ liệu tháng, quý, năm và khi có thay đổi.",
            "Decision 1134 Điều 5.2.b names monthly, quarterly, yearly and on-change data only.",
        ),
    )
