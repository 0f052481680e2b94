"""What a module of commands is written with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from iocsl import config
from iocsl.commands.frame import (
    DEFAULT_FORMATS,
    Function,
    as_json,
    output_format,
    with_formats,
)
from iocsl.text import help_text

__all__ = [
    "DatasetCode",
    "PeriodId",
    "UnitName",
    "as_json",
    "command",
    "new_app",
    "output_format",
    "unit_or_own",
    "with_formats",
]

DatasetCode = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        metavar="CODE",
        help=help_text("Mã bộ dữ liệu, ví dụ KDL-M-016", "Dataset code, e.g. KDL-M-016"),
    ),
]
UnitName = Annotated[
    str | None,
    typer.Option(
        "--unit", metavar="UNIT", help=help_text("Đơn vị (mã hoặc tên)", "Unit (id or name)")
    ),
]
PeriodId = Annotated[
    str | None,
    typer.Option(
        "--period",
        metavar="ID",
        help=help_text("Kỳ báo cáo, ví dụ 2026-10", "Period, e.g. 2026-10"),
    ),
]


def unit_or_own(given: str | None) -> str | None:
    """The unit that was named, an empty name too, else the one that this machine serves."""
    return given if given is not None else config.load().text("unit") or None


def new_app(vi: str, en: str, *, default_action: bool = False) -> typer.Typer:
    """A group of commands. `default_action` runs its callback when no subcommand is named."""
    return typer.Typer(
        help=help_text(vi, en),
        rich_markup_mode=None,
        add_completion=False,
        invoke_without_command=default_action,
        no_args_is_help=not default_action,
        pretty_exceptions_enable=False,
    )


def command(
    app: typer.Typer, name: str, vi: str, en: str, *, formats: tuple[str, ...] = DEFAULT_FORMATS
) -> Callable[[Function], Function]:
    """Register a command with its help in both languages and the formats that it can print."""

    def register(function: Function) -> Function:
        with_formats(*formats)(function)
        app.command(name, help=help_text(vi, en))(function)
        return function

    return register
