"""`iocsl deadlines`: what is due when, what is near or late, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import typer

from iocsl import clock
from iocsl.commands import deadline_acts
from iocsl.commands.deadline_options import (
    By,
    ByOption,
    DatasetOption,
    FromOption,
    LateOption,
    NextOption,
    OutOption,
    PeriodOption,
    RegimeOption,
    ToOption,
    UnitOption,
    open_timetable,
)
from iocsl.commands.options import new_app, output_format, with_formats
from iocsl.console.output import emit, emit_json, note, show
from iocsl.domain import Period, PeriodType, Regime
from iocsl.errors import is_folder, usage
from iocsl.text import tr

if TYPE_CHECKING:
    from iocsl.deadlines.lists import Timetable, Wanted
    from iocsl.deadlines.obligation import Obligation

FORMATS = ("table", "json", "csv", "xlsx", "ics")
_YEAR = timedelta(days=365)


def add(app: typer.Typer) -> None:
    group = new_app(
        "Thời hạn: gì, đến hạn lúc nào, vì sao", "Deadlines: what, when, why", default_action=True
    )
    group.callback()(deadlines)
    deadline_acts.add(group)
    app.add_typer(group, name="deadlines")


@with_formats(*FORMATS)
def deadlines(
    context: typer.Context,
    *,
    period: PeriodOption = None,
    unit: UnitOption = None,
    regime: RegimeOption = None,
    dataset: DatasetOption = None,
    start: FromOption = None,
    end: ToOption = None,
    next_: NextOption = None,
    late: LateOption = False,
    by: ByOption = By.RULE,
    output: OutOption = None,
) -> None:
    if context.invoked_subcommand is not None:
        _nothing_before(context)
        return
    form = _form(context, output)
    windowed = start is not None or end is not None
    _one_window(window=windowed, next_=next_ is not None, late=late)
    timetable, wanted, asked = open_timetable(period, unit, regime, dataset)
    now = clock.now()
    if late:
        found = _late(timetable, wanted, asked, now, by)
    elif windowed:
        first, last = _window(start, end, timetable)
        found = timetable.join(timetable.between(first, last, wanted), by, wanted)
        found = [each for each in found if asked in {None, each.period}]
    elif asked is not None:
        found = timetable.join(timetable.of_period(asked, wanted), by, wanted)
    else:
        from iocsl.deadlines.lists import next_of_each

        found = next_of_each(timetable, now, next_ or 1, wanted, by)
    _give(found, timetable, form, output, now)
    _advise(found, timetable, wanted, every_period=period is None)


def _nothing_before(context: typer.Context) -> None:
    """Options of the list before `check` would be lost without a word: exit 2."""
    from click.core import ParameterSource

    for option in context.command.params:
        if option.expose_value and option.name:
            source = context.get_parameter_source(option.name)
            if source is ParameterSource.COMMANDLINE:
                name, after = option.opts[-1], context.invoked_subcommand
                raise usage(
                    "option-too-early",
                    f"{name} đứng trước “{after}” nên không có tác dụng.",
                    f"{name} stands before “{after}”, where it has no effect.",
                    (
                        f"Viết sau tên lệnh: iocsl deadlines {after} … {name} …",
                        f"Write it after the command: iocsl deadlines {after} … {name} …",
                    ),
                )


def _form(context: typer.Context, output: Path | None) -> str:
    form = output_format()
    asked = context.meta.get("iocsl.format")
    if asked not in {None, "text", *FORMATS}:
        raise click.UsageError(
            tr(
                f"Lệnh này không có dạng kết quả “{asked}”. Chọn: {', '.join(FORMATS)}.",
                f"This command has no “{asked}” form. Choose from: {', '.join(FORMATS)}.",
            ),
            context,
        )
    if output is not None and output.is_dir():
        raise is_folder(output)
    if output is not None and form == "table":
        raise usage(
            "needs-format",
            "Bảng chỉ hiện trên màn hình.",
            "A table is for the screen only.",
            ("Thêm --format xlsx, csv, ics hoặc json.", "Add --format xlsx, csv, ics or json."),
        )
    if output is None and form == "xlsx":
        raise usage(
            "needs-file",
            "Dạng xlsx cần một tệp để ghi.",
            "The xlsx form needs a file to write to.",
            ("Thêm -o thoi_han.xlsx", "Add -o deadlines.xlsx"),
        )
    return form


def _one_window(*, window: bool, next_: bool, late: bool) -> None:
    if sum((window, next_, late)) > 1:
        raise usage(
            "two-windows",
            "Chỉ dùng một trong: --from/--to, --next, --late.",
            "Use only one of: --from/--to, --next, --late.",
            ("Bỏ bớt tùy chọn.", "Leave one out."),
        )


def _window(start: str | None, end: str | None, timetable: Timetable) -> tuple[date, date]:
    """`--from` alone reaches a year ahead, `--to` alone begins today."""
    from iocsl.deadlines.asking import parse_day

    first = parse_day(start) if start is not None else clock.today()
    timetable.require(first, first)
    a_year_on = min(first + _YEAR, date(max(timetable.calendar.years), 12, 1))
    last = parse_day(end) if end is not None else max(first, a_year_on)
    if last < first:
        raise usage(
            "window-backwards",
            f"Khoảng thời gian ngược: từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}.",
            f"The window runs backwards: from {first:%d/%m/%Y} to {last:%d/%m/%Y}.",
            ("Đổi chỗ --from và --to.", "Swap --from and --to."),
        )
    return first, last


def _late(
    timetable: Timetable, wanted: Wanted, asked: Period | None, now: datetime, by: By
) -> list[Obligation]:
    from iocsl.deadlines.standing import gathered, standing

    passed = standing(timetable, now, 0, wanted).passed
    of_unit = wanted.unit.id if wanted.unit else None
    return gathered((each for each in passed if asked in {None, each.period}), by, of_unit)


def _give(
    found: Sequence[Obligation],
    timetable: Timetable,
    form: str,
    output: Path | None,
    now: datetime,
) -> None:
    if form == "table":
        from iocsl.console.timetable import deadline_table

        if found:
            show(deadline_table(found, now))
        return
    if form == "json" and output is None:
        emit_json([each.document() for each in found])
        return
    data = _bytes(found, timetable, form, now)
    if output is None:
        emit(data.decode("utf-8-sig").replace("\r\n", "\n").rstrip("\n"))
        return
    from iocsl.files import write_whole

    write_whole(output, data)
    note(tr(f"Đã ghi {len(found)} hạn vào {output}", f"Wrote {len(found)} deadlines to {output}"))


def _bytes(found: Sequence[Obligation], timetable: Timetable, form: str, now: datetime) -> bytes:
    if form == "json":
        import json

        text = json.dumps([each.document() for each in found], ensure_ascii=False, indent=2)
        return f"{text}\n".encode()
    from iocsl.deadlines import export

    if form == "ics":
        return export.as_ics(found, now, timetable)
    return export.as_xlsx(found, now) if form == "xlsx" else export.as_csv(found, now)


def _on_change(wanted: Wanted) -> bool:
    """Whether what is asked for is due after a change alone."""
    if wanted.dataset is not None:
        return wanted.dataset.periods == (PeriodType.EVENT,)
    return wanted.period_type is PeriodType.EVENT


def _advise(
    found: Sequence[Obligation], timetable: Timetable, wanted: Wanted, *, every_period: bool
) -> None:
    """On stderr: why a list is empty, and which datasets have no date in the text."""
    if not found:
        note(tr("Không có hạn nào trong phạm vi này.", "No deadline within what was asked for."))
    unit = wanted.unit
    asked = any("on_request" in each.flags for each in found)
    of_2023 = Regime.QD2023 in {wanted.regime, wanted.dataset and wanted.dataset.regime}
    if unit is not None and unit.kind in {"commune", "ward"} and not asked and not of_2023:
        note(
            tr(
                "Phụ lục II của Quyết định 1134 không ghi bộ dữ liệu nào cho xã, phường"
                " nên không có hạn nào được đặt ra ở đây.",
                "Phụ lục II of Decision 1134 names no dataset for communes and wards,"
                " so no deadline is made up here.",
            )
        )
    if not found and _on_change(wanted):
        note(
            tr(
                "Dữ liệu khi có thay đổi có hạn 24 giờ kể từ lúc thay đổi được khai báo:"
                " iocsl event add --dataset MÃ --changed-at LÚC",
                "Data due on change have 24 hours from a change that is declared:"
                " iocsl event add --dataset CODE --changed-at MOMENT",
            )
        )
    without = timetable.coverage.without_deadline() if every_period else {}
    if unit is not None:
        held = {each.code for each in timetable.catalogue.datasets(unit=unit.id)}
        without = {code: rule for code, rule in without.items() if code in held}
    if wanted.dataset is not None:
        without = {code: rule for code, rule in without.items() if code == wanted.dataset.code}
    if wanted.regime is not None:
        regime = wanted.regime
        without = {
            code: rule for code, rule in without.items() if timetable.rules[rule].regime is regime
        }
    if without:
        codes, first = ", ".join(without), next(iter(without.values()))
        note(
            tr(
                f"Văn bản không nêu hạn cho: {codes}. Vì sao: iocsl deadlines explain {first}",
                f"The text has no date for: {codes}. Why: iocsl deadlines explain {first}",
            )
        )
