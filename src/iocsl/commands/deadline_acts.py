"""`iocsl deadlines check|explain|override`: for cron, for the curious, for the lead unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl import clock, config
from iocsl.commands.deadline_options import (
    DatasetOption,
    RegimeOption,
    UnitOption,
    open_timetable,
    require_part,
)
from iocsl.commands.explained import page_of, tell_page
from iocsl.commands.options import as_json, command, unit_or_own
from iocsl.console.output import emit, emit_json
from iocsl.domain import ExitCode
from iocsl.errors import usage
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.deadlines.lists import Wanted
    from iocsl.deadlines.obligation import Obligation
    from iocsl.deadlines.standing import Standing

_SHOWN = 12


def add(group: typer.Typer) -> None:
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

    timetable, wanted, _ = open_timetable(None, unit_or_own(unit), regime, dataset)
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

    unit = wanted.unit.id if wanted.unit else None
    near, passed = gathered(found.near, "rule", unit), gathered(found.passed, "rule", unit)
    if as_json():
        emit_json(
            {
                "at": clock.iso(now),
                "unit": unit,
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
    tell_page(page_of(**explain_deadline(open_catalogue(), settings, id_).document()))


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
                "Nhận báo cáo đến trước lúc này; chỉ ghi ngày là đến hết ngày",
                "Reports are taken before this moment; a day alone is to its end",
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
    from iocsl.deadlines.asking import parse_closing
    from iocsl.deadlines.explain import explain_deadline
    from iocsl.deadlines.records import Override, add_override

    timetable, wanted, _ = open_timetable(None, unit, None, None)
    closes_at = parse_closing(closes)
    explained = explain_deadline(timetable.catalogue, timetable.readings, id_)
    facts: dict[str, Any] = explained.facts.get("obligation", {})
    _require_2023(explained.id, facts)
    _require_notice(document, reason)
    timetable.require(closes_at.date(), closes_at.date())
    if wanted.unit is not None:
        require_part(timetable, explained.id, wanted.unit)
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


def _require_notice(document: str, reason: str) -> None:
    if not document.strip() or not reason.strip():
        raise usage(
            "empty-notice",
            "Cần số văn bản và lý do.",
            "A document number and a reason are needed.",
            ("Ghi --document và --reason theo thông báo.", "Give --document and --reason."),
        )
