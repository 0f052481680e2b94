"""`iocsl warehouse requests`: who has answered what was asked."""

from __future__ import annotations

from typing import Annotated

import typer

from iocsl import clock, config
from iocsl.commands.options import as_json, command
from iocsl.commands.status import MARKS
from iocsl.commands.warehouse_store import StoreOption, opened_store
from iocsl.console.output import emit, emit_json, show, table
from iocsl.text import help_text, tr


def add(group: typer.Typer) -> None:
    command(group, "requests", "Đơn vị nào đã trả lời yêu cầu nào", "Who has answered a request")(
        requests
    )


def requests(
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help=help_text("Chỉ yêu cầu này", "This request alone")),
    ] = None,
    store: StoreOption = None,
) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.commands.catalog_requests import record_of
    from iocsl.deadlines import Readings
    from iocsl.warehouse.answers import answers

    catalogue = open_catalogue()
    asked = record_of(catalogue, code)["code"] if code else None
    readings = Readings.from_config(config.load())
    with opened_store(store) as opened:
        rows = answers(opened, catalogue, readings, clock.now(), asked)
    if as_json():
        emit_json(rows)
        return
    if rows:
        headings = (
            tr("Yêu cầu", "Request"),
            tr("Đơn vị", "Unit"),
            tr("Bộ dữ liệu", "Dataset"),
            tr("Kết quả", "Outcome"),
            tr("Kho nhận lúc", "Received at"),
        )
        shown = [
            (
                each["code"],
                each["unit"],
                each["dataset"],
                tr(*MARKS[each["mark"]]) if each["mark"] else tr("đã rút", "withdrawn"),
                _short(each["accepted_at"]),
            )
            for each in rows
        ]
        show(table(headings, shown))
    done = sum(1 for each in rows if each["accepted_at"])
    emit(tr(f"{done}/{len(rows)} đã nộp.", f"{done}/{len(rows)} sent."))


def _short(moment: str | None) -> str:
    return f"{clock.parse_moment(moment):%d/%m/%Y %H:%M}" if moment else "–"
