"""How a command is told which key signs, and where its passphrase comes from."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import config
from iocsl.console.output import note
from iocsl.errors import usage
from iocsl.text import help_text, tr

if TYPE_CHECKING:
    from iocsl.bundle.signers import Signer

PASSPHRASE_VARIABLE = "IOCSL_PASSPHRASE"  # noqa: S105 - the name of a variable, not its value

Key = Annotated[
    str,
    typer.Option(
        "--key",
        metavar="KEY",
        help=help_text(
            "Khóa ký của bạn: tệp .p12, .pfx, thiết bị ký pkcs11:…, hoặc external",
            "Your key: a .p12 or .pfx file, a token as pkcs11:…, or external",
        ),
    ),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help=help_text(
            f"Tệp riêng của bạn, dòng đầu là mật khẩu khóa (hoặc biến {PASSPHRASE_VARIABLE})",
            f"Your own file, its first line the passphrase (or set {PASSPHRASE_VARIABLE})",
        ),
    ),
]


def open_key(key: str, passphrase_file: Path | None) -> Signer:
    from iocsl.bundle.signers import open_signer

    def passphrase(name: str) -> str:
        return passphrase_of(name, passphrase_file)

    settings = config.load()
    signer = open_signer(
        key,
        passphrase,
        pss=settings.text("signing.rsa_padding") == "pss",
        module=settings.text("signing.pkcs11_module"),
    )
    if getattr(signer, "on_pad", False):
        note(
            tr(
                "Nhập mã PIN trên bàn phím của thiết bị ký khi thiết bị hỏi.",
                "Type the PIN on the token's own pad when it asks.",
            )
        )
    return signer


def passphrase_of(name: str, file: Path | None) -> str:
    """From the file, the variable or a prompt; never from the command line, where others see it."""
    from iocsl.bundle.testkeys import read_passphrase_file

    if file is not None:
        return read_passphrase_file(file)
    if (given := os.environ.get(PASSPHRASE_VARIABLE)) is not None:
        return given
    if not sys.stdin.isatty():
        raise usage(
            "no-passphrase",
            f"Chưa có mật khẩu của khóa “{name}”, và không có bàn phím để hỏi.",
            f"There is no passphrase for the key “{name}” and no keyboard to ask at.",
            (
                f"Dùng --passphrase-file hoặc đặt biến {PASSPHRASE_VARIABLE}.",
                f"Use --passphrase-file, or set {PASSPHRASE_VARIABLE}.",
            ),
        )
    import getpass

    question = tr(f"Mật khẩu của khóa {name}: ", f"Passphrase of {name}: ")
    try:
        return getpass.getpass(question, sys.stderr)
    except EOFError:
        # Ctrl-D at the question: as good as Ctrl-C.
        raise KeyboardInterrupt from None
