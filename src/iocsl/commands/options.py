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
            f"“{asked}” không dùng được ở lệnh này. Chọn: {', '.join(formats)}.",
            f"“{asked}” cannot be used here. Choose from: {', '.join(formats)}.",
        )
        raise click.BadParameter(message, context, option)


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
    formats = "|".join(_formats_of(of))
    given: list[tuple[str, Callable[..., None], Any, str]] = [
        (
            "--format",
            _take_format,
            None,
            help_text("Dạng kết quả", "Form of the result") if isinstance(of, click.Group) else "",
        ),
        ("--lang", _take_language, click.Choice(text.LANGUAGES), _LANG_HELP),
        ("--at", _take_moment, None, _AT_HELP),
        ("--home", _take_home, None, _HOME_HELP),
    ]
    options: list[click.Parameter] = []
    for name, callback, kind, about in given:
        shown = text.translated_help(about) if about else text.tr("Dạng kết quả", "Form of result")
        metavar = {"--format": formats, "--at": "2026-11-22T08:00+07:00", "--home": "DIR"}.get(name)
        options.append(
            click.Option(
                [name],
                callback=callback,
                type=kind,
                help=shown,
                metavar=metavar,
                expose_value=False,
                is_eager=True,
            )
        )
    return options


_LANG_HELP = help_text("Ngôn ngữ: vi (mặc định) hoặc en", "Language: vi (default) or en")
_AT_HELP = help_text(
    "Xem như bây giờ là thời điểm này (không ảnh hưởng giờ ghi sổ, giờ ký)",
    "Look at dates as if it were this moment (never the time of record)",
)
_HOME_HELP = help_text("Thư mục làm việc (thay IOCSL_HOME)", "Home folder (instead of IOCSL_HOME)")


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
                parameter.help = text.translated_help(about)  # type: ignore[attr-defined] # has it
        each.params.extend(_global_options(each))
    return root
