"""`iocsl catalog window`: notices that a window opens or closes at another time (2023 Điều 8)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from iocsl import clock, config
from iocsl.catalog import Unit, open_catalogue
from iocsl.catalog.mirror import ISSUED
from iocsl.commands.catalog_requests import (
    DayOption,
    DocumentOption,
    day_of,
    known_day,
    tell_issued,
)
from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, show, table
from iocsl.domain import Regime
from iocsl.errors import usage
from iocsl.text import help_text, nfc, squeeze, tr


def add(group: typer.Typer) -> None:
    app = new_app(
        "Thông báo mở, đóng nhận báo cáo vào lúc khác (2023 Điều 8)",
        "Notices of windows opened or closed at another time (2023 Điều 8)",
    )
    for name, vi, en, function in (
        ("add", "Phát hành một thông báo", "Issue a notice", add_notice),
        ("list", "Các thông báo đã phát hành", "Notices issued", list_notices),
    ):
        command(app, name, vi, en)(function)
    group.add_typer(app, name="window")


def add_notice(
    id_: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help=help_text("Mã hạn, ví dụ 2023.lead/2026-11", "A deadline: 2023.lead/2026-11"),
        ),
    ],
    *,
    document: DocumentOption,
    reason: Annotated[str, typer.Option("--reason", help=help_text("Lý do", "Why"))],
    opens: Annotated[
        str | None,
        typer.Option("--opens", metavar="MOMENT", help=help_text("Mở nhận từ", "Opens at")),
    ] = None,
    closes: Annotated[
        str | None,
        typer.Option(
            "--closes",
            metavar="MOMENT",
            help=help_text(
                "Nhận đến trước; chỉ ghi ngày là đến hết ngày", "Closes at; a day alone: its end"
            ),
        ),
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            "--dataset",
            metavar="CODE",
            help=help_text("Chỉ các biểu này, lặp lại được", "These forms alone, repeatable"),
        ),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="U", help=help_text("Đơn vị chủ trì", "The lead unit")),
    ] = None,
    day: DayOption = None,
) -> None:
    from iocsl.catalog import issuing

    if not opens and not closes:
        raise usage(
            "no-window",
            "Cần --opens hoặc --closes.",
            "--opens or --closes is wanted.",
            ("Ghi thời điểm như 2026-11-28T17:00.", "Give a moment like 2026-11-28T17:00."),
        )
    from iocsl.deadlines.asking import parse_closing, parse_opening

    catalogue = open_catalogue()
    lead = catalogue.find_unit(unit) if unit else None
    id_ = _deadline(id_, dataset or [], lead)
    opens_at = parse_opening(opens) if opens else None
    closes_at = parse_closing(closes) if closes else None
    for moment in (opens_at, closes_at):
        if moment is not None:
            known_day(catalogue, moment)
    home, signed_on = config.home(), day_of(day)
    with issuing.issuing(home) as folder:
        code = issuing.next_code(issuing.NOTICE, signed_on.year, home, folder)
        record = {
            "ma": code,
            "han": id_,
            "don_vi": lead.id if lead else None,
            "bo_du_lieu": [catalogue.dataset(each).code for each in dataset or []],
            "mo_tu": clock.iso(opens_at) if opens_at else None,
            "dong_luc": clock.iso(closes_at) if closes_at else None,
            "so": squeeze(nfc(document)),
            "ngay": signed_on.isoformat(),
            "ly_do": squeeze(nfc(reason)),
        }
        path = issuing.issue(catalogue, folder, f"{code}.yaml", record)
    tell_issued(code, path)


def _deadline(id_: str, datasets: list[str], lead: Unit | None) -> str:
    """The id of a deadline of 2023 or of a request, that covers the forms and the unit named.

    Exit 2 otherwise.
    """
    from iocsl.commands.deadline_options import open_timetable, require_part
    from iocsl.deadlines.explain import explain_deadline

    timetable, _, _ = open_timetable(None, None, None, None)
    explained = explain_deadline(timetable.catalogue, timetable.readings, id_)
    facts = explained.facts.get("obligation")
    rule = timetable.rules[facts["rule"]] if facts else None
    if rule is None or (rule.regime is not Regime.QD2023 and rule.asked is None):
        raise usage(
            "not-overridable",
            f"Không đổi được thời gian nhận của “{id_}”.",
            f"The window of “{id_}” cannot be changed.",
            (
                "Chỉ hạn có kỳ của chế độ 2023 (Điều 8) hoặc của một yêu cầu.",
                "Only a deadline with a period of 2023 (Điều 8), or that of a request.",
            ),
        )
    covered = explained.facts["obligation"]["datasets"]
    for each in datasets:
        if timetable.catalogue.dataset(each).code not in covered:
            raise usage(
                "not-covered",
                f"Hạn {explained.id} không gồm {each}.",
                f"The deadline {explained.id} does not cover {each}.",
                (
                    f"Xem: iocsl deadlines explain {explained.id}",
                    f"See: iocsl deadlines explain {explained.id}",
                ),
            )
    if lead is not None:
        require_part(timetable, explained.id, lead)
    return explained.id


def list_notices() -> None:
    bodies = open_catalogue().document(ISSUED)["notices"]
    if as_json():
        emit_json(bodies)
        return
    if bodies:
        headings = (
            tr("Mã", "Code"),
            tr("Hạn", "Deadline"),
            tr("Mở", "Opens"),
            tr("Đóng", "Closes"),
            tr("Văn bản", "Document"),
            tr("Lý do", "Why"),
        )
        rows = [
            (
                each["code"],
                each["deadline"],
                _short(each["opens_at"]),
                _short(each["closes_at"]),
                each["document"],
                each["reason"],
            )
            for each in bodies
        ]
        show(table(headings, rows))
    emit(tr(f"{len(bodies)} thông báo.", f"{len(bodies)} notices."))


def _short(moment: str | None) -> str:
    return f"{datetime.fromisoformat(moment):%d/%m/%Y %H:%M}" if moment else "–"
