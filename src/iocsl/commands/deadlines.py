"""`iocsl deadlines`: what is due when, what is near or late, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer

from iocsl import clock, config
from iocsl.commands.options import as_json, command, new_app, output_format, with_formats
from iocsl.console.output import emit, emit_json, note, show
from iocsl.domain import ExitCode, Period
from iocsl.errors import is_folder, usage
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.deadlines.lists import Timetable, Wanted
    from iocsl.deadlines.obligation import Obligation
    from iocsl.deadlines.standing import Standing

FORMATS = ("table", "json", "csv", "xlsx", "ics")
_YEAR = timedelta(days=365)
_SHOWN = 12


class By(StrEnum):
    RULE = "rule"
    DATASET = "dataset"
    UNIT = "unit"


PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period",
        metavar="TYPE|ID",
        help=help_text(
            "Loại kỳ (day month quarter half 9m year season event, hoặc ngay thang quy 6thang"
            " 9thang nam muavu khithaydoi) hay một kỳ (2026-10)",
            "A type (day month quarter half 9m year season event) or one period (2026-10)",
        ),
    ),
]
UnitOption = Annotated[
    str | None,
    typer.Option(
        "--unit", metavar="U", help=help_text("Đơn vị (mã hoặc tên)", "Unit (id or name)")
    ),
]
RegimeOption = Annotated[
    str | None,
    typer.Option(
        "--regime",
        metavar="QD1134|QD2023",
        help=help_text("Chỉ một chế độ", "One regime only"),
    ),
]
DatasetOption = Annotated[
    str | None,
    typer.Option("--dataset", metavar="CODE", help=help_text("Mã bộ dữ liệu", "Dataset code")),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="D",
        help=help_text(
            "Từ ngày (tính theo ngày cuối in trong văn bản)", "From this printed last day"
        ),
    ),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="D", help=help_text("Đến hết ngày", "Up to and with this day")),
]
NextOption = Annotated[
    int | None,
    typer.Option(
        "--next",
        metavar="N",
        min=1,
        help=help_text("N lần đến hạn sắp tới của mỗi quy tắc", "The next N times of each rule"),
    ),
]
LateOption = Annotated[
    bool,
    typer.Option(
        "--late",
        help=help_text("Những gì đã qua hạn mà sổ chưa thấy kho nhận", "What has passed unmet"),
    ),
]
ByOption = Annotated[
    By,
    typer.Option(
        "--by",
        help=help_text(
            "Gộp theo quy tắc, bộ dữ liệu hay đơn vị", "One line a rule, dataset or unit"
        ),
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help=help_text("Ghi vào tệp", "Write to a file")
    ),
]


def add(app: typer.Typer) -> None:
    group = new_app(
        "Thời hạn: gì, đến hạn lúc nào, vì sao", "Deadlines: what, when, why", default_action=True
    )
    group.callback()(deadlines)
    command(
        group,
        "check",
        "Cho lịch chạy tự động: mã 10 sắp đến hạn, 11 đã qua hạn, 0 không có gì",
        "For cron: exit 10 near, 11 passed, 0 nothing",
    )(check)
    command(group, "explain", "Vì sao một hạn là như vậy", "Why a deadline is what it is")(explain)
    command(
        group,
        "override",
        "Ghi việc cơ quan chủ trì nhận báo cáo đến một lúc khác (2023 Điều 8)",
        "Record that the lead unit closes a window at another time (2023 Điều 8)",
    )(override)
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
        return
    form = _form(context, output)
    _one_window(window=bool(start or end), next_=next_ is not None, late=late)
    timetable, wanted, asked = _open(period, unit, regime, dataset)
    now = clock.now()
    if late:
        found = _late(timetable, wanted, asked, now, by)
    elif start or end:
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


def _open(
    period: str | None, unit: str | None, regime: str | None, dataset: str | None
) -> tuple[Timetable, Wanted, Period | None]:
    """The timetable, what is wanted of it, and the one period named, if any."""
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings, Timetable, Wanted
    from iocsl.deadlines.asking import parse_period, parse_regime

    asked = parse_period(period) if period else None
    wanted = Wanted(regime=parse_regime(regime) if regime else None)
    catalogue = open_catalogue()
    if dataset:
        wanted = replace(wanted, dataset=catalogue.dataset(dataset))
    if unit:
        wanted = replace(wanted, unit=catalogue.find_unit(unit))
    timetable = Timetable(catalogue, Readings.from_config(config.load()))
    if isinstance(asked, Period):
        return timetable, wanted, asked
    return timetable, replace(wanted, period_type=asked), None


def _window(start: str | None, end: str | None, timetable: Timetable) -> tuple[date, date]:
    """`--from` alone reaches a year ahead, `--to` alone begins today."""
    from iocsl.deadlines.asking import parse_day

    first = parse_day(start) if start else clock.today()
    a_year_on = min(first + _YEAR, date(max(timetable.calendar.years), 12, 1))
    last = parse_day(end) if end else a_year_on
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
    return gathered((each for each in passed if asked in {None, each.period}), by)


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


def _advise(
    found: Sequence[Obligation], timetable: Timetable, wanted: Wanted, *, every_period: bool
) -> None:
    """On stderr: why a list is empty, and which datasets have no date in the text."""
    if not found:
        note(tr("Không có hạn nào trong phạm vi này.", "No deadline within what was asked for."))
    unit = wanted.unit
    if unit is not None and unit.kind in {"commune", "ward"}:
        note(
            tr(
                "Phụ lục II của Quyết định 1134 không ghi bộ dữ liệu nào cho xã, phường"
                " nên không có hạn nào được đặt ra ở đây.",
                "Phụ lục II of Decision 1134 names no dataset for communes and wards,"
                " so no deadline is made up here.",
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


def check(
    within: Annotated[
        int,
        typer.Option(
            "--within",
            metavar="N",
            min=0,
            max=250,
            help=help_text("Báo trước bấy nhiêu ngày làm việc", "Working days ahead to warn of"),
        ),
    ] = 3,
    unit: UnitOption = None,
    regime: RegimeOption = None,
    dataset: DatasetOption = None,
) -> None:
    from iocsl.deadlines.standing import standing

    own = unit or config.load().text("unit")
    timetable, wanted, _ = _open(None, own, regime, dataset)
    now = clock.now()
    found = standing(timetable, now, within, wanted)
    code = ExitCode.OK
    if found.near:
        code = ExitCode.DEADLINE_NEAR
    if found.passed:
        code = ExitCode.DEADLINE_PASSED
    _tell_standing(found, wanted, now, within, code)
    raise typer.Exit(int(code))


def _tell_standing(
    found: Standing, wanted: Wanted, now: datetime, within: int, code: ExitCode
) -> None:
    from iocsl.deadlines.standing import gathered

    near, passed = gathered(found.near, "rule"), gathered(found.passed, "rule")
    if as_json():
        emit_json(
            {
                "at": clock.iso(now),
                "unit": wanted.unit.id if wanted.unit else None,
                "within": within,
                "passed": [each.document() for each in passed],
                "near": [each.document() for each in near],
                "exit_code": int(code),
            }
        )
        return
    for title, these in (
        (tr("Đã qua hạn, chưa thấy kho nhận", "Passed, not seen as accepted"), passed),
        (tr("Sắp đến hạn", "Near"), near),
    ):
        if these:
            emit(f"{title}: {sum(len(each.datasets) for each in these)}")
            _tell_lines(these, now)
    if not near and not passed:
        emit(
            tr(
                f"Không có hạn nào trong {within} ngày làm việc tới, không có gì quá hạn.",
                f"Nothing due within {within} working days, nothing overdue.",
            )
        )


def _tell_lines(found: Sequence[Obligation], now: datetime) -> None:
    """One line a rule: its first deadline, and how many more there are."""
    from iocsl.deadlines.words import day_words, left_words, moment_words

    by_rule: dict[str, list[Obligation]] = {}
    for each in found:
        by_rule.setdefault(each.rule, []).append(each)
    for first, *others in list(by_rule.values())[:_SHOWN]:
        count = len(first.datasets)
        what = first.datasets[0] if count == 1 else tr(f"{count} bộ dữ liệu", f"{count} datasets")
        when = f"{say(day_words(first.due.last_day))}, {say(moment_words(first))}"
        more = tr(f"; và {len(others)} kỳ nữa", f"; and {len(others)} more periods")
        emit(f"  {first.id}: {when}; {say(left_words(first, now))}; {what}{more if others else ''}")
    hidden = len(by_rule) - _SHOWN
    if hidden > 0:
        emit(tr(f"  … và {hidden} quy tắc nữa", f"  … and {hidden} more rules"))


def explain(
    id_: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help=help_text(
                "Mã hạn (2023.lead/2026-10) hoặc mã quy tắc (2023.lead)",
                "A deadline (2023.lead/2026-10) or a rule (2023.lead)",
            ),
        ),
    ],
) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings
    from iocsl.deadlines.explain import explain_deadline

    settings = Readings.from_config(config.load())
    explained = explain_deadline(open_catalogue(), settings, id_)
    if as_json():
        emit_json(explained.document())
    else:
        emit(explained.text())


def override(
    id_: Annotated[
        str,
        typer.Argument(
            metavar="ID", help=help_text("Mã hạn của chế độ 2023", "A deadline of the 2023 regime")
        ),
    ],
    closes: Annotated[
        str,
        typer.Option(
            "--closes",
            metavar="MOMENT",
            help=help_text(
                "Nhận báo cáo đến trước lúc này", "Reports are taken before this moment"
            ),
        ),
    ],
    document: Annotated[
        str,
        typer.Option("--document", help=help_text("Số văn bản thông báo", "Number of the notice")),
    ],
    reason: Annotated[
        str, typer.Option("--reason", help=help_text("Lý do nêu trong thông báo", "Its reason"))
    ],
    unit: UnitOption = None,
) -> None:
    from iocsl.deadlines.explain import explain_deadline
    from iocsl.deadlines.records import Override, add_override

    timetable, wanted, _ = _open(None, unit, None, None)
    closes_at = clock.parse_moment(closes)
    explained = explain_deadline(timetable.catalogue, timetable.readings, id_)
    facts: dict[str, Any] = explained.facts.get("obligation", {})
    _require_2023(explained.id, facts)
    if not document.strip() or not reason.strip():
        raise usage(
            "empty-notice",
            "Cần số văn bản và lý do.",
            "A document number and a reason are needed.",
            ("Ghi --document và --reason theo thông báo.", "Give --document and --reason."),
        )
    timetable.require(closes_at.date(), closes_at.date())
    chosen = wanted.unit.id if wanted.unit else None
    add_override(Override(explained.id, chosen, closes_at, document.strip(), reason.strip()))
    if as_json():
        again = explain_deadline(timetable.catalogue, timetable.readings, id_)
        emit_json(again.facts["obligation"])
        return
    emit(
        tr(
            f"Đã ghi: {explained.id} nhận đến trước {clock.iso(closes_at)} ({document.strip()}).",
            f"Recorded: {explained.id} closes at {clock.iso(closes_at)} ({document.strip()}).",
        )
    )


def _require_2023(id_: str, facts: dict[str, Any]) -> None:
    if facts.get("regime") != "QD2023":
        raise usage(
            "not-overridable",
            f"Không đổi được thời gian nhận của “{id_}”.",
            f"The window of “{id_}” cannot be changed.",
            (
                "Chỉ hạn có kỳ của chế độ 2023 (Điều 8): ví dụ 2023.lead/2026-10.",
                "Only a deadline with a period of 2023 (Điều 8), e.g. 2023.lead/2026-10.",
            ),
        )
