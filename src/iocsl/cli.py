"""The app: one tree of commands, its global options, and the exit codes of the contract."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from click.utils import PacifyFlushWrapper

import iocsl
from iocsl import clock, config, text
from iocsl.commands.frame import Branch, Tree, finish
from iocsl.console.output import (
    close_results,
    emit,
    note,
    prepare_streams,
    refuse,
    to_a_reader,
)
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.text import help_text, tr

COMMANDS: dict[str, Branch] = {
    "catalog": Branch(
        "catalog",
        "Danh mục dữ liệu, biểu mẫu và đơn vị",
        "The catalogue of datasets, forms and units",
    ),
    "validate": Branch(
        "validate",
        "Kiểm tra tệp dữ liệu trước khi ký và nộp",
        "Check data files before they are signed and sent",
    ),
    "deadlines": Branch(
        "deadlines",
        "Thời hạn: gì, đến hạn lúc nào, vì sao",
        "Deadlines: what, when, why",
    ),
    "calendar": Branch(
        "calendar",
        "Lịch làm việc và ngày nghỉ",
        "The working calendar and days off",
    ),
    "event": Branch(
        "event",
        "Khai báo dữ liệu thay đổi, để tính hạn 24 giờ",
        "Declare changes of data (24 hours)",
    ),
    "watch": Branch(
        "watch",
        "Theo dõi tệp, thư mục: số liệu thay đổi được ghi nhận, hạn 24 giờ được tính",
        "Watch files and folders: changes are recorded, their 24 hours counted",
    ),
    "why": Branch(
        "rules",
        "Vì sao: mã lỗi, mã hạn, một ngày trong lịch, hoặc mức trễ",
        "Why: a rule code, a deadline id, a calendar day or a mark",
    ),
    "rules": Branch(
        "rules",
        "Các quy tắc kiểm tra và lý do từ chối gói",
        "The rules of checking, and why bundles are refused",
    ),
    "bundle": Branch(
        "bundle",
        "Gói nộp: lập, thẩm định, phê duyệt, kiểm tra chữ ký",
        "Bundles: make, review, approve, verify",
    ),
    "signers": Branch(
        "signers",
        "Danh sách người ký của đơn vị",
        "The register of signers",
    ),
    "trust": Branch(
        "trust",
        "Nơi cấp chứng thư được tin",
        "Trusted certificate issuers",
    ),
    "submit": Branch(
        "submit",
        "Nộp gói đã phê duyệt vào kho",
        "Submit approved bundles",
    ),
    "status": Branch(
        "status",
        "Hàng chờ, gói đã nộp, thời hạn sắp tới",
        "Outbox and next deadlines",
    ),
    "quality": Branch(
        "quality",
        "Chất lượng số liệu đã nộp qua các kỳ: đúng, đủ, sạch, sống",
        "Quality of what was sent, over time: đúng, đủ, sạch, sống",
    ),
    "audit": Branch(
        "audit",
        "Sổ nhật ký của máy này",
        "The record of acts of this home",
    ),
    "warehouse": Branch(
        "warehouse",
        "Kho tiếp nhận: dựng, chạy, trông coi",
        "The receiving warehouse: set up, run",
    ),
    "demo": Branch(
        "demo",
        "Chạy thử toàn bộ quy trình trên chính máy này",
        "Try the whole path on this very machine",
    ),
    "doctor": Branch(
        "doctor",
        "Máy này đã sẵn sàng chưa, còn thiếu gì",
        "Is this machine ready, and what is missing",
    ),
    "config": Branch(
        "config",
        "Các thiết lập và nơi đặt ra chúng",
        "Settings and where they come from",
    ),
}
"""The first level, in the order of the help."""
HELP = frozenset({"--help", "--version"})


def build() -> click.Command:
    """The tree of commands, in the language chosen."""
    version = click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_say_version,
        help=help_text("In phiên bản rồi thôi", "Print the version"),
    )
    tree = Tree(
        COMMANDS,
        help=help_text(
            "Công cụ cho cán bộ dữ liệu tỉnh Sơn La: kiểm tra tệp, xem thời hạn, ký, nộp vào kho.",
            "Toolkit for Sơn La's data stewards: check files, see deadlines, sign, submit.",
        ),
        no_args_is_help=True,
        params=[version],
    )
    return finish(tree)


def _say_version(context: click.Context, option: click.Parameter, asked: bool) -> None:
    if asked:
        emit(f"iocsl {iocsl.__version__}")
        context.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code. Nothing is raised but what a test wants."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    prepare_streams()
    clock.set_now(None)
    config.set_home(None)
    as_json = _given(given, "--format") == "json"
    try:
        _choose_language(given)
        return _run(given)
    except click.UsageError as error:
        _say_usage(error, as_json)
        return int(ExitCode.USAGE)
    except (KeyboardInterrupt, click.Abort):
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader (a pager, `head`) has gone: nothing more can or need be said.
        close_results()
        return int(ExitCode.OK)
    except Exception as error:  # noqa: BLE001 - the last net: whatever it is, it is told in words
        refusal = _refusal_for(error)
        _refuse(refusal, as_json)
        return int(refusal.exit_code)


def _refuse(refusal: IocslError, as_json: bool) -> None:
    """Say it where it belongs; on stderr where results cannot be written, as on a full disk."""
    try:
        refuse(refusal, as_json)
        sys.stdout.flush()
    except OSError:
        close_results()
        refuse(refusal, as_json=False)


def _refusal_for(error: Exception) -> IocslError:
    if isinstance(error, IocslError):
        return error
    if isinstance(error, OSError):
        from iocsl.files import trouble

        return trouble(error)
    return _own_bug(error)


def run() -> NoReturn:
    """The console script."""
    # Hardly anything here is a cycle, and a start makes thirty thousand things that stay.
    gc.set_threshold(50_000)
    code = main()
    # What is left goes with the process: it need not be searched for cycles first.
    gc.freeze()
    sys.exit(code)


def _run(given: list[str]) -> int:
    try:
        code = build().main(given, prog_name="iocsl", standalone_mode=False)
    except SystemExit:
        if not isinstance(sys.stdout, PacifyFlushWrapper):
            raise
        # So click leaves a help whose reader has gone, with 1: nothing more need be said.
        close_results()
        code = None
    with to_a_reader():
        sys.stdout.flush()
    return code if isinstance(code, int) else int(ExitCode.OK)


def _given(arguments: Sequence[str], option: str) -> str | None:
    """The value of an option wherever it stands, for what must be known before parsing.

    Of several the last one counts, as it does for the framework.
    """
    found = None
    for place, word in enumerate(arguments):
        if word == option and place + 1 < len(arguments):
            found = arguments[place + 1]
        elif word.startswith(f"{option}="):
            found = word.partition("=")[2]
    return found


def _choose_language(arguments: Sequence[str]) -> None:
    """`--lang`, else `IOCSL_LANG`, else `config.toml`; the framework's own words follow."""
    chosen, named = _given(arguments, "--lang"), os.environ.get("IOCSL_LANG")
    try:
        if chosen is None:
            known = named in text.LANGUAGES
            chosen = named if known else _language_set(_given(arguments, "--home"), named)
    except (IocslError, OSError):
        # Whoever asks for help with a configuration that cannot be read is given it all the same.
        if arguments and not HELP.intersection(arguments):
            raise
    text.set_language(chosen or "vi")
    _translate_framework()


def _language_set(home: str | None, named: str | None) -> str | None:
    """The language in `config.toml`, if there is such a file; one that is `named` is refused."""
    config.set_home(Path(home) if home else None)
    try:
        if named or (config.home_path() / config.FILE).exists():
            return config.load().text("lang")
        return None
    finally:
        config.set_home(None)


def _translate_framework() -> None:
    """Point gettext, which click asks for its own words, at our catalogue of them."""
    import gettext

    os.environ["LANGUAGE"] = text.language()
    gettext.bindtextdomain("messages", str(Path(__file__).parent / "console" / "locale"))
    gettext.textdomain("messages")


def _say_usage(error: click.UsageError, as_json: bool) -> None:
    alone = isinstance(error, click.exceptions.NoArgsIsHelpError)
    if alone and not as_json:
        note(error.format_message())
        return
    where = error.ctx.command_path if error.ctx else "iocsl"
    hint = (
        f"Xem cách dùng: {where} --help",
        f"See how it is used: {where} --help",
    )
    missing = tr("Thiếu tên lệnh.", "Missing command.")
    message = missing if alone else text.nfc(error.format_message())
    _refuse(IocslError("usage", message, message, hint, ExitCode.USAGE), as_json)


def _own_bug(error: Exception) -> IocslError:
    """Keep where it happened, without the values at hand (they may be personal), and say so."""
    import traceback

    place = ""
    try:
        folder = config.home() / "loi"
        folder.mkdir(exist_ok=True)
        path = folder / f"{clock.record_now():%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        frames = "".join(traceback.format_tb(error.__traceback__))
        path.write_text(
            f"iocsl {iocsl.__version__}, {type(error).__name__}\n{frames}", encoding="utf-8"
        )
        place = str(path)
    except (OSError, IocslError):
        place = tr("không ghi được tệp lỗi", "the error file could not be written")
    return IocslError(
        "own-bug",
        f"iocsl gặp lỗi của chính nó ({type(error).__name__}). Dữ liệu của bạn không bị thay đổi.",
        f"iocsl met a fault of its own ({type(error).__name__}). Your data are unchanged.",
        (f"Gửi tệp này cho nhóm phát triển: {place}", f"Send this file to the developers: {place}"),
        ExitCode.BUG,
    )
