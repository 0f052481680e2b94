"""The frame of the command line, on click alone, so that the first help is instant.

The four global options, the forms of a result, the bilingual help, and a tree whose branches are
imported when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from iocsl import clock, config, text
from iocsl.errors import missing_folder

Function = TypeVar("Function", bound=Callable[..., Any])

PLAIN = ("text", "table")
"""Two words for what a person reads; the contract uses both."""
DEFAULT_FORMATS = ("text", "json")
_FORMAT = "iocsl.format"


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
    if value == "":
        raise click.BadParameter(_empty(), context, option)
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


class Branch(NamedTuple):
    """A command of the first level: its module in `iocsl.commands`, and its line in the help.

    The line stands here again, since reading it from its module would mean importing them all; a
    test holds the two together.
    """

    module: str
    vi: str
    en: str


class Tree(click.Group):
    """The first level of commands; a branch is imported when it is run or walked."""

    def __init__(self, branches: Mapping[str, Branch], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._branches = branches

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._branches)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        branch = self._branches.get(cmd_name)
        if branch is None:
            return None
        if cmd_name not in self.commands:
            self.add_command(finish(_grown(branch.module, cmd_name)), cmd_name)
        return self.commands[cmd_name]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """What may have been meant is looked for among all, not only those imported by now."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=self._branches, ctx=ctx
            ) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(text.tr("Các lệnh", "Commands")):
            formatter.write_dl(
                [(name, text.tr(each.vi, each.en)) for name, each in self._branches.items()]
            )


def _grown(module: str, name: str) -> click.Command:
    """The command `name` that a module of `iocsl.commands` adds to an app."""
    import typer

    # click says what may have been meant, and in the language chosen.
    app = typer.Typer(rich_markup_mode=None, add_completion=False, suggest_commands=False)
    app.callback()(lambda: None)
    import_module(f"iocsl.commands.{module}").add(app)
    group = typer.main.get_command(app)
    if not isinstance(group, click.Group):
        raise TypeError(module)
    return group.commands[name]


def walk(of: click.Command) -> Iterator[click.Command]:
    """A command and all below it."""
    yield of
    if isinstance(of, click.Group):
        context = click.Context(of)
        for name in of.list_commands(context):
            child = of.get_command(context, name)
            if child is not None:
                yield from walk(child)


class _Text(click.types.StringParamType):
    """A text that can be written down; a path may be any bytes, and is none of these."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """What a terminal of another encoding sends is no text: kept, it would spoil a record.

        Nothing, as of a variable that is not set, is never taken for all.
        """
        read = super().convert(value, param, ctx)
        if not read:
            self.fail(_empty(), param, ctx)
        try:
            read.encode()
        except UnicodeEncodeError:
            self.fail(
                text.tr(
                    "có chữ không đúng bảng mã; đặt cửa sổ lệnh ở UTF-8 rồi gõ lại",
                    "it holds letters of another encoding; set the terminal to UTF-8",
                ),
                param,
                ctx,
            )
        return read


def _kind_of_word(option: click.Option) -> str | None:
    """What the help shows for a value, where the option itself does not say: no word of click."""
    if option.is_flag:
        return None
    if isinstance(option.type, click.types.IntParamType):
        return text.tr("SỐ", "N")
    return text.tr("CHỮ", "TEXT") if type(option.type) is click.types.StringParamType else None


class _Place(click.ParamType[Any]):
    """A path. An empty one, as of a variable that is not set, never means the current folder."""

    def __init__(self, path: click.Path) -> None:
        self.name = path.name
        self._path = path

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail(_empty(), param, ctx)
        return self._path.convert(value, param, ctx)


class _Target(_Place):
    """Where a result is written (`-o`). A folder that is not there is mistyped, and never made."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        place = super().convert(value, param, ctx)
        if not Path(place).parent.is_dir():
            raise missing_folder(Path(place))
        return place


def _empty() -> str:
    return text.tr("đang để trống", "it is empty")


def finish(root: click.Command) -> click.Command:
    """Give a command and all below it the global options, and their help the language chosen."""
    for each in (root,) if isinstance(root, Tree) else walk(root):
        each.help = text.translated_help(each.help) if each.help else each.help
        for parameter in each.params:
            about = getattr(parameter, "help", None)
            if about:
                # Options and typer's arguments have it; click's plain parameters do not.
                setattr(parameter, "help", text.translated_help(about))  # noqa: B010 - as said
            if isinstance(parameter, click.Option) and parameter.metavar is None:
                parameter.metavar = _kind_of_word(parameter)
            if type(parameter.type) is click.types.StringParamType:
                parameter.type = _Text()
            elif isinstance(parameter.type, click.Path):
                place = _Target if "--output" in parameter.opts else _Place
                parameter.type = place(parameter.type)
        each.params.extend(_global_options(each))
        each.options_metavar = text.tr("[TÙY CHỌN]", "[OPTIONS]")
        if isinstance(each, click.Group):
            each.subcommand_metavar = text.tr("LỆNH [THAM SỐ]...", "COMMAND [ARGS]...")
    return root
