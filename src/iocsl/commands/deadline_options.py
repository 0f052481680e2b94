"""Options that the deadline commands share, and the timetable they open."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import config
from iocsl.domain import Period
from iocsl.errors import usage
from iocsl.text import help_text

if TYPE_CHECKING:
    from iocsl.catalog import Unit
    from iocsl.deadlines.lists import Timetable, Wanted


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
        max=1000,
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


def open_timetable(
    period: str | None, unit: str | None, regime: str | None, dataset: str | None
) -> tuple[Timetable, Wanted, Period | None]:
    """The timetable, what is wanted of it, and the one period named, if any."""
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings, Timetable, Wanted
    from iocsl.deadlines.asking import parse_period, parse_regime

    asked = parse_period(period) if period is not None else None
    wanted = Wanted(regime=parse_regime(regime) if regime is not None else None)
    catalogue = open_catalogue()
    if dataset is not None:
        wanted = replace(wanted, dataset=catalogue.dataset(dataset))
    if unit is not None:
        wanted = replace(wanted, unit=catalogue.find_unit(unit))
    timetable = Timetable(catalogue, Readings.from_config(config.load()))
    if isinstance(asked, Period):
        return timetable, wanted, asked
    return timetable, replace(wanted, period_type=asked), None


def require_part(timetable: Timetable, id_: str, unit: Unit) -> None:
    """Refuse (exit 2) a notice of a unit on a deadline that asks nothing of it.

    What is recorded stays for good and is shown with the deadline: it must be able to mean
    something.
    """
    from iocsl.deadlines import Wanted
    from iocsl.deadlines.rules import period_of

    name, _, period = id_.partition("/")
    each = timetable.obligation(timetable.rules[name], period_of(period))
    if each is None or not timetable.join([each], wanted=Wanted(unit=unit)):
        raise usage(
            "not-this-units",
            f"Hạn {id_} không gồm biểu nào của {unit.name} ({unit.id}).",
            f"The deadline {id_} covers no form of {unit.name} ({unit.id}).",
            (
                f"Xem: iocsl deadlines explain {id_}",
                f"See: iocsl deadlines explain {id_}",
            ),
        )
