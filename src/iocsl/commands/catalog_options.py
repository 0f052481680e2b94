"""Options that several commands of `iocsl catalog` share."""

from __future__ import annotations

from typing import Annotated

import typer

from iocsl.text import help_text

RegimeOption = Annotated[
    str | None,
    typer.Option(
        "--regime",
        metavar="QD1134|QD2023",
        help=help_text("Chỉ một quy định", "One regulation only"),
    ),
]
UnitOption = Annotated[
    str | None,
    typer.Option("--unit", help=help_text("Mã hoặc tên đơn vị", "Id or name of a unit")),
]
PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period",
        metavar="TYPE",
        help=help_text("Kỳ: ngay, thang, quy, nam…", "Period type: day, month, quarter, year…"),
    ),
]
CodeArgument = Annotated[
    str,
    typer.Argument(metavar="CODE", help=help_text("Mã bộ dữ liệu", "Code of the dataset")),
]
