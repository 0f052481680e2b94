"""What every command shares: the four global options, output formats, bilingual help."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click
import typer

from iocsl import clock, config, text
from iocsl.text import help_text

Function = TypeVar("Function", bound=Callable[..., Any])

PLAIN = ("text", "table")
"""Two words for what a person reads; the contract uses both."""
DEFAULT_FORMATS = ("text", "json")
_FORMAT = "iocsl.format"


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


def with_formats(*formats: str) -> Callable[[Function], Function]:
    """Say which `--format` a command takes; the first is its default."""

    def mark(function: Function) -> Function:
        function.formats = formats  # type: ignore[attr-defined] # read back in `_formats_of`
        return function

    return mark


def output_format() -> str:
    """The format asked for, as one of the running command's own words."""
    context = click.get_current_context()
    formats = _formats_of(context.command)
    return _fitting(context.meta.get(_FORMAT), formats) or formats[0]


def as_json() -> bool:
    return output_format() == "json"


def _formats_of(of: click.Command) -> tuple[str, ...]:
    return getattr(of.callback, "formats", DEFAULT_FORMATS)


def _fitting(asked: str | None, formats: tuple[str, ...]) -> str | None:
    if asked in PLAIN:
        return next((word for word in formats if word in PLAIN), None)
    return asked if asked in formats else None


def _take_format(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.meta[_FORMAT] = value
    asked = context.meta.get(_FORMAT)
    if isinstance(context.command, click.Group) or asked is None:
        return
    formats = _formats_of(context.command)
    if _fitting(asked, formats) is None:
        message = text.tr(
            f"Lệnh này không có dạng kết quả “{asked}”. Chọn: {', '.join(formats)}.",
            f"This command has no “{asked}” form. Choose from: {', '.join(formats)}.",
        )
        raise click.UsageError(message, context)


def _take_language(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is not None:
        text.set_language(value)


def _take_moment(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is not None:
        clock.set_now(clock.parse_moment(value))


def _take_home(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is not None:
        config.set_home(Path(value))


def _global_options(of: click.Command) -> list[click.Parameter]:
    """The four options that are accepted before and after a command's name."""

    def option(
        name: str, take: Callable[..., None], vi: str, en: str, metavar: str | None = None
    ) -> click.Option:
        kind = click.Choice(text.LANGUAGES) if name == "--lang" else None
        return click.Option(
            [name],
            callback=take,
            type=kind,
            metavar=metavar,
            help=text.tr(vi, en),
            expose_value=False,
            is_eager=True,
        )

    return [
        option(
            "--format",
            _take_format,
            "Dạng kết quả",
            "Form of the result",
            "|".join(_formats_of(of)),
        ),
        option("--lang", _take_language, "Ngôn ngữ của thông báo", "Language of messages"),
        option(
            "--at",
            _take_moment,
            "Xem như bây giờ là thời điểm này, ví dụ 2026-11-22T08:00+07:00;"
            " không đổi giờ ký, giờ ghi sổ",
            "Look at dates as if it were this moment, e.g. 2026-11-22T08:00+07:00;"
            " never the time of record",
            text.tr("THỜI-ĐIỂM", "MOMENT"),
        ),
        option(
            "--home",
            _take_home,
            "Thư mục làm việc (thay cho IOCSL_HOME)",
            "Home folder (instead of IOCSL_HOME)",
            text.tr("THƯ-MỤC", "DIR"),
        ),
    ]


def walk(of: click.Command) -> Iterator[click.Command]:
    """A command and all below it."""
    yield of
    if isinstance(of, click.Group):
        for child in of.commands.values():
            yield from walk(child)


def finish(root: click.Command) -> click.Command:
    """Give every command the global options, and its help the language chosen."""
    for each in walk(root):
        each.help = text.translated_help(each.help) if each.help else each.help
        for parameter in each.params:
            about = getattr(parameter, "help", None)
            if about:
                # Options and typer's arguments have it; click's plain parameters do not.
                setattr(parameter, "help", text.translated_help(about))  # noqa: B010 - as said
        each.params.extend(_global_options(each))
        each.options_metavar = text.tr("[TÙY CHỌN]", "[OPTIONS]")
        if isinstance(each, click.Group):
            each.subcommand_metavar = text.tr("LỆNH [THAM SỐ]...", "COMMAND [ARGS]...")
    return root
