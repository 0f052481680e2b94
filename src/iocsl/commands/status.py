"""`iocsl status`: what waits, what arrived, and the next deadlines, on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import clock, config
from iocsl.commands.options import as_json, command
from iocsl.commands.submit import STATES
from iocsl.console.output import emit, emit_json, show, table
from iocsl.text import help_text, tr

if TYPE_CHECKING:
    from iocsl.reports.standing import Standing
    from iocsl.transport.outbox import Entry

SHOWN = 12
"""Rows of each table on one screen; the rest is told by its number. JSON holds all."""
MARKS = {
    "on_time": ("đúng hạn", "on time"),
    "late": ("trễ", "late"),
    "late_link": ("trễ, khai báo đúng hạn", "late, announced in time"),
    "late_outage": ("trễ, đã thử gửi đúng hạn", "late, tried in time"),
    "disputed": ("có ý kiến khác nhau về hạn", "disputed"),
    "nil": ("không phát sinh", "nil return"),
    "missing": ("quá hạn, chưa nộp", "missing"),
    "not_due": ("chưa tới hạn", "not due"),
}


def add(app: typer.Typer) -> None:
    command(app, "status", "Hàng chờ, gói đã nộp, thời hạn sắp tới", "Outbox and next deadlines")(
        status
    )


def status(
    daily: Annotated[
        bool,
        typer.Option(
            "--daily",
            help=help_text(
                "Chỉ việc đến hạn hôm nay và việc quá hạn", "Only what is due today or overdue"
            ),
        ),
    ] = False,
) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings
    from iocsl.reports import standing
    from iocsl.transport.outbox import Outbox

    loaded, now = config.load(), clock.now()
    home = config.home()
    catalogue = open_catalogue()
    named = loaded.text("unit")
    unit = catalogue.find_unit(named).id if named else _unit_of_account()
    entries = Outbox(home).entries()
    rows = standing.standings(catalogue, Readings.from_config(loaded), home, unit=unit, now=now)
    if daily:
        rows = standing.daily(rows, now)
    if as_json():
        emit_json(
            {
                "outbox": [entry.document() for entry in entries],
                "obligations": [row.document() for row in rows],
            }
        )
        return
    _show_outbox(entries, standing.counted(entries))
    emit("")
    _show_obligations(rows, unit, daily=daily)


def _unit_of_account() -> str | None:
    from iocsl.transport import account

    home = config.home()
    if not (home / account.FILE).is_file():
        return None
    return account.load(home, url=config.load().text("warehouse.url")).unit


def _show_outbox(entries: list[Entry], counts: Mapping[str, int]) -> None:
    if not entries:
        emit(tr("Hàng chờ trống, chưa nộp gói nào.", "The outbox is empty; nothing was sent yet."))
        return
    emit(", ".join(f"{tr(*STATES[state])}: {count}" for state, count in counts.items()))
    # What still needs somebody comes first, then what came last.
    order = sorted(entries, key=lambda entry: entry.state == "landed")
    headings = (
        tr("Bộ dữ liệu", "Dataset"),
        tr("Kỳ", "Period"),
        tr("Lần", "No."),
        tr("Tình trạng", "State"),
        tr("Số lần gửi", "Tries"),
        tr("Ghi chú", "Note"),
    )
    rows = [
        (
            entry.slip.dataset,
            entry.slip.period,
            entry.slip.sequence,
            tr(*STATES[entry.state]),
            entry.attempts,
            entry.last_error,
        )
        for entry in order[:SHOWN]
    ]
    show(table(headings, rows))
    _more(len(entries))


def _show_obligations(rows: list[Standing], unit: str | None, *, daily: bool) -> None:
    if not rows and unit and daily:
        emit(
            tr(
                "Hôm nay không có việc đến hạn, không có việc quá hạn.",
                "Nothing falls due today and nothing is overdue.",
            )
        )
        return
    if not rows:
        emit(
            tr("Không có thời hạn nào cần nêu.", "There is no deadline to tell of.")
            if unit
            else tr(
                "Chưa biết đơn vị của máy này: đặt unit trong config.toml để xem thời hạn.",
                "The unit of this machine is not known: set unit in config.toml to see deadlines.",
            )
        )
        return
    headings = (
        tr("Thời hạn", "Due before"),
        tr("Nghĩa vụ", "Obligation"),
        tr("Bộ dữ liệu", "Datasets"),
        tr("Kết quả", "Mark"),
    )
    grouped: dict[tuple[str, str, str], list[str]] = {}
    # Missing ones first: they cannot wait; then by time.
    for row in sorted(rows, key=lambda row: row.mark != "missing"):
        due = f"{row.obligation.due.due_before:%d/%m/%Y %H:%M}"
        grouped.setdefault((due, row.obligation.id, row.mark), []).append(row.dataset)
    lines = [
        (due, id_, _named(datasets), tr(*MARKS[mark]))
        for (due, id_, mark), datasets in grouped.items()
    ]
    show(table(headings, lines[:SHOWN]))
    _more(len(lines))


def _named(datasets: list[str]) -> str:
    """Two codes by name, the rest by number."""
    more = len(datasets) - 2
    shown = ", ".join(datasets[:2])
    return f"{shown} {tr(f'và {more} bộ khác', f'and {more} more')}" if more > 0 else shown


def _more(total: int) -> None:
    if total > SHOWN:
        emit(
            tr(
                f"… và {total - SHOWN} dòng nữa (--format json để xem hết).",
                f"… and {total - SHOWN} more (--format json shows all).",
            )
        )
