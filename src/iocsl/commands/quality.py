"""`iocsl quality`: the four figures "đúng, đủ, sạch, sống" of what landed, period by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import clock, config
from iocsl.commands.options import DatasetCode, PeriodId, UnitName, command, output_format
from iocsl.console.output import emit, emit_json, show, table
from iocsl.text import help_text, tr

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.domain import Period, PeriodType
    from iocsl.ledger.history import Landing
    from iocsl.ledger.receipts import Accepted, Key
    from iocsl.reports.quality import QualityRow

FORMATS = ("table", "json", "csv")


def add(app: typer.Typer) -> None:
    command(
        app,
        "quality",
        "Chất lượng số liệu đã nộp qua các kỳ: đúng, đủ, sạch, sống",
        "Quality of what was sent, over time: đúng, đủ, sạch, sống",
        formats=FORMATS,
    )(quality)


def quality(
    unit: UnitName = None,
    dataset: DatasetCode = None,
    period: PeriodId = None,
    store: Annotated[
        Path | None,
        typer.Option(
            "--store",
            metavar="DIR",
            help=help_text(
                "Xem ở kho: thư mục của kho (mặc định: những gì máy này đã nộp)",
                "At the warehouse: its folder (default: what this machine has sent)",
            ),
        ),
    ] = None,
) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines.asking import parse_period

    catalogue = open_catalogue()
    of_unit = catalogue.find_unit(unit).id if unit else None
    code = catalogue.dataset(dataset).code if dataset else None
    wanted = parse_period(period) if period else None
    rows = [row for row in _rows(catalogue, of_unit, code, store) if _in(row, wanted)]
    form = output_format()
    if form == "json":
        emit_json([row.document() for row in rows])
    elif form == "csv":
        emit(_as_csv(rows).rstrip("\r\n"))
    else:
        _show(rows)


def _in(row: QualityRow, wanted: PeriodType | Period | None) -> bool:
    """Whether a row is of the period, or the kind of period, asked for."""
    from iocsl.domain import Period

    of_row = Period.parse(row.landing.period)
    return wanted is None or wanted in {of_row, of_row.type}


def _rows(
    catalogue: Catalogue, unit: str | None, dataset: str | None, store: Path | None
) -> list[QualityRow]:
    from iocsl.deadlines import Readings, Timetable
    from iocsl.ledger import history, receipts
    from iocsl.reports.quality import over_time

    timetable = Timetable(catalogue, Readings.from_config(config.load()))
    now = clock.now()
    if store is None:
        home = config.home()
        accepted = receipts.accepted(home)
        landed = history.landings(home, unit, dataset)
        return over_time(landed, lambda *_: accepted, timetable, now)
    from iocsl.commands.warehouse_store import opened_store
    from iocsl.warehouse.past import accepted_of, landings

    with opened_store(store) as opened:

        def facts(unit: str, dataset: str) -> Mapping[Key, Accepted]:
            return accepted_of(opened, unit, dataset)

        landed_there: list[Landing] = landings(opened, unit, dataset)
        return over_time(landed_there, facts, timetable, now)


def _as_csv(rows: Sequence[QualityRow]) -> str:
    import csv
    import io

    page = io.StringIO()
    names = ("unit", "dataset", "period", "sequence", "accepted_at", "dung", "du", "sach", "song")
    writer = csv.DictWriter(page, names)
    writer.writeheader()
    writer.writerows(row.document() for row in rows)
    return page.getvalue()


def _show(rows: Sequence[QualityRow]) -> None:
    if not rows:
        emit(
            tr(
                "Chưa có số liệu nào đã vào kho để xem chất lượng.",
                "Nothing has landed yet whose quality could be shown.",
            )
        )
        return
    headings = (
        tr("Đơn vị", "Unit"),
        tr("Bộ dữ liệu", "Dataset"),
        tr("Kỳ", "Period"),
        tr("Lần", "No."),
        tr("Kho nhận", "Received"),
        "Đúng",
        "Đủ",
        "Sạch",
        "Sống",
    )
    show(table(headings, [_line(row) for row in rows]))
    emit("")
    emit(
        tr(
            "Mỗi số từ 0 đến 100; – là chưa tính được. Cách tính: docs/quality.md",
            "Each is 0 to 100; – cannot be told. Formulas: docs/quality.md",
        )
    )


def _line(row: QualityRow) -> tuple[object, ...]:
    from iocsl.reports.wording import decimal

    each = row.landing
    figures = ("–" if value is None else decimal(value) for value in row.figures().values())
    received = f"{each.accepted_at:%d/%m/%Y}"
    return each.unit, each.dataset, each.period, each.sequence, received, *figures
