"""`iocsl event`: declare that data changed, from which the 24 hours of 1134 run."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import clock, config
from iocsl.commands.options import UnitName, as_json, command, new_app, unit_or_own
from iocsl.console.output import emit, emit_json, note
from iocsl.domain import event_id
from iocsl.errors import IocslError, usage
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue, Dataset, Unit
    from iocsl.deadlines import Obligation


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
    unit: UnitName = None,
) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines.records import Event
    from iocsl.deadlines.records import add_event as record
    from iocsl.deadlines.words import day_words, moment_words

    catalogue = open_catalogue()
    chosen, holder = catalogue.dataset(dataset), catalogue.find_unit(_unit(unit))
    if not chosen.answers_changes:
        raise not_by_event(chosen.code)
    moment = _past(clock.parse_moment(changed_at))
    each = _obligation(catalogue, chosen, moment)
    if chosen.responsible is not None and chosen not in catalogue.datasets(unit=holder.id):
        raise _of_another(chosen, holder, catalogue.find_unit(chosen.responsible))
    event = Event(chosen.code, holder.id, moment)
    if not record(event):
        note(tr("Lần thay đổi này đã được khai báo trước đó.", "This change was declared before."))
    due, period = clock.iso(each.due.due_before), each.period.id
    if as_json():
        emit_json({**event.subject(), "period": period, "due_before": due})
        return
    until, last = say(moment_words(each)), say(day_words(each.due.last_day))
    emit(
        tr(
            f"{chosen.code}, kỳ {period}: hạn {until}, {last}.",
            f"{chosen.code}, period {period}: due {until}, {last}.",
        )
    )


def _unit(given: str | None) -> str:
    asked = unit_or_own(given)
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
    return asked


def _of_another(dataset: Dataset, holder: Unit, owner: Unit) -> IocslError:
    """A declaration stays in the record for good; one by a unit that owes nothing is not taken."""
    return usage(
        "not-this-units",
        f"Danh mục không ghi {dataset.code} là của {holder.name} ({holder.id}).",
        f"The catalogue does not give {dataset.code} to {holder.name} ({holder.id}).",
        (
            f"Nếu {owner.name} khai báo: --unit {owner.id}. Kiểm tra lại mã bộ dữ liệu và đơn vị.",
            f"If {owner.name} declares it: --unit {owner.id}. Check the dataset and the unit.",
        ),
    )


def _past(moment: datetime) -> datetime:
    """It is kept as a record, so a clock set by `--at` makes no moment to come a past one."""
    if moment > min(clock.now(), clock.record_now()):
        raise usage(
            "future-change",
            f"Lúc thay đổi {clock.iso(moment)} còn ở phía trước.",
            f"The change at {clock.iso(moment)} lies in the future.",
            ("Khai báo khi dữ liệu đã thay đổi.", "Declare it once the data have changed."),
        )
    return moment


def _obligation(catalogue: Catalogue, dataset: Dataset, moment: datetime) -> Obligation:
    from iocsl.deadlines import Readings, Timetable
    from iocsl.deadlines.watch import due_after

    timetable = Timetable(catalogue, Readings.from_config(config.load()))
    found = due_after(timetable, dataset, moment)
    if found is None:
        raise usage(
            "before-start",
            "Quyết định 1134 chưa áp dụng vào lúc đó.",
            "Decision 1134 did not apply at that time.",
            ("Kiểm tra lại --changed-at.", "Check --changed-at."),
        )
    return found


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


def not_by_event(code: str) -> Exception:
    """A dataset without 24 hours on change: exit 2."""
    return usage(
        "not-by-event",
        f"{code} không có hạn 24 giờ khi thay đổi.",
        f"{code} has no 24-hour deadline on change.",
        (
            "Quyết định 1134 Điều 5.2.b chỉ nêu dữ liệu tháng, quý, năm và khi có thay đổi.",
            "Decision 1134 Điều 5.2.b names monthly, quarterly, yearly and on-change data only.",
        ),
    )
