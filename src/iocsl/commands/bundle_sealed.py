"""`iocsl bundle encrypt|decrypt`: bundles that only their recipients can read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import config
from iocsl.commands.bundle_pages import BundlePath
from iocsl.commands.keys import PassphraseFile, passphrase_of
from iocsl.commands.options import as_json
from iocsl.console.output import emit, emit_json
from iocsl.errors import is_folder, missing_file, usage
from iocsl.text import help_text, tr

if TYPE_CHECKING:
    from asn1crypto import x509

    from iocsl.bundle.encryption import Opener


def encrypt(
    bundle: BundlePath,
    to: Annotated[
        list[Path] | None,
        typer.Option(
            "--to",
            metavar="FILE",
            help=help_text(
                "Chứng thư RSA của người nhận (mặc định: kho đã kết nối và chính đơn vị)",
                "A recipient's RSA certificate (default: the warehouse on record and the unit)",
            ),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=help_text("Tệp mã hóa (.p7m)", "The encrypted file (.p7m)"),
        ),
    ] = None,
) -> None:
    from iocsl.bundle import encryption, workflow
    from iocsl.bundle.cms import fingerprint, name_of

    _check_there(bundle)
    _check_bundle(bundle)
    target = output or bundle.with_name(bundle.name + encryption.SUFFIX)
    workflow.check_output(target)
    recipients = _recipients(to or [])
    encryption.encrypt(bundle, target, recipients)
    if as_json():
        marks = [fingerprint(each) for each in recipients]
        emit_json({"bundle": str(target), "recipients": marks})
        return
    emit(str(target))
    for each in recipients:
        emit(tr("Mở được bằng khóa của: ", "Opened with the key of: ") + name_of(each))


def decrypt(
    bundle: Annotated[
        Path,
        typer.Argument(
            metavar="BUNDLE", help=help_text("Gói đã mã hóa (.p7m)", "The encrypted bundle (.p7m)")
        ),
    ],
    key: Annotated[
        Path | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help=help_text(
                "Khóa .p12 của người nhận (mặc định: khóa mã hóa của máy này)",
                "A recipient's .p12 key (default: this machine's encryption key)",
            ),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help=help_text("Gói đã mở", "The opened bundle")
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from iocsl.bundle import encryption, workflow
    from iocsl.bundle.complaints import bundle_refused
    from iocsl.bundle.refusals import RefusedError
    from iocsl.bundle.verdict import Verdict

    _check_there(bundle)
    if not encryption.is_encrypted(bundle):
        raise usage(
            "not-encrypted",
            f"“{bundle.name}” không phải là gói đã mã hóa.",
            f"“{bundle.name}” is not an encrypted bundle.",
            ("Gói thường thì dùng ngay, không cần mở.", "A bundle in clear is used as it is."),
        )
    target = output or bundle.with_name(bundle.name.removesuffix(encryption.SUFFIX))
    if target == bundle:
        target = bundle.with_name(f"{bundle.stem}.asice")
    workflow.check_output(target)
    try:
        encryption.decrypt(bundle, target, _opener(key, passphrase_file))
    except RefusedError as refused:
        raise bundle_refused(bundle, Verdict(refusals=[refused.refusal])) from None
    if as_json():
        emit_json({"bundle": str(target)})
    else:
        emit(str(target))


def _check_there(bundle: Path) -> None:
    if bundle.is_dir():
        raise is_folder(bundle)
    if not bundle.is_file():
        raise missing_file(bundle)


def _check_bundle(path: Path) -> None:
    """Only a bundle is encrypted, and once. Exit 4 for anything else."""
    from iocsl.bundle.complaints import bundle_refused
    from iocsl.bundle.container import open_bundle
    from iocsl.bundle.refusals import RefusedError
    from iocsl.bundle.verdict import Verdict

    try:
        with open_bundle(path):
            pass
    except RefusedError as refused:
        raise bundle_refused(path, Verdict(refusals=[refused.refusal])) from None


def _recipients(named: list[Path]) -> list[x509.Certificate]:
    """Those that were named and the unit itself; the warehouse on record where none was."""
    from iocsl.bundle.encryption import MAX_RECIPIENTS
    from iocsl.bundle.trust import read_certificate
    from iocsl.transport import account, sealing

    home, settings = config.home(), config.load()
    if not named:
        return sealing.recipients(account.load(home, url=settings.text("warehouse.url")), home)
    if len(named) >= MAX_RECIPIENTS:
        raise usage(
            "too-many-recipients",
            f"Chỉ mã hóa cho tối đa {MAX_RECIPIENTS - 1} người nhận.",
            f"A bundle is encrypted to {MAX_RECIPIENTS - 1} recipients at most.",
            (
                "Bỏ bớt --to, hoặc mã hóa thêm một tệp cho những người còn lại.",
                "Leave some --to out, or encrypt another file for the others.",
            ),
        )
    unit = settings.text("unit") or "iocsl"
    return [*map(read_certificate, named), sealing.unit_certificate(home, unit)]


def _opener(key: Path | None, passphrase_file: Path | None) -> Opener:
    from iocsl.bundle import encryption_keys
    from iocsl.bundle.refusals import RefusedError

    if key is None:
        own = encryption_keys.own(config.home())
        if own is None:
            raise RefusedError("B117")
        return own
    return encryption_keys.load_pkcs12(key, lambda name: passphrase_of(name, passphrase_file))
