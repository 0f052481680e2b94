"""`iocsl bundle export|attach|keys test`: keys that others hold, and keys for trying out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iocsl import config
from iocsl.commands.bundle_pages import BundlePath, report, show_turn
from iocsl.commands.options import UnitName, as_json, unit_or_own
from iocsl.console.output import emit, emit_json, note
from iocsl.errors import is_folder, missing_file, usage
from iocsl.text import help_text, tr

Certificate = Annotated[
    Path,
    typer.Option(
        "--certificate",
        metavar="FILE",
        help=help_text(
            "Chứng thư của người sẽ ký (PEM, DER)", "Certificate of the one who will sign"
        ),
    ),
]
Reason = Annotated[
    str | None,
    typer.Option(
        "--reason",
        metavar="TEXT",
        help=help_text("Trả lại gói vì lý do này", "Return the bundle for this reason"),
    ),
]


def given_reason(reason: str | None) -> str | None:
    """The reason as given. Exit 2 for an empty one."""
    from iocsl.bundle.complaints import no_reason

    if reason is not None and not reason.strip():
        raise no_reason()
    return reason


def export(bundle: BundlePath, certificate: Certificate, reason: Reason = None) -> None:
    from iocsl.bundle import external, workflow
    from iocsl.bundle.trust import read_certificate

    why = given_reason(reason)
    signer = read_certificate(certificate)
    show_turn(bundle, workflow.next_step(bundle))
    made = external.export(bundle, signer, reason=why)
    if as_json():
        emit_json({"bundle": str(bundle), "step": made.step, "manifest": str(made.manifest)})
        return
    emit(str(made.manifest))
    note(
        tr(
            f"Ký rời (CAdES, SHA-256) tệp trên cho bước {made.step}, rồi:",
            f"Sign this file (detached CAdES, SHA-256) for step {made.step}, then:",
        )
    )
    note(f"  iocsl bundle attach {bundle.name} {tr('CHỮ-KÝ.p7s', 'SIGNATURE.p7s')}")


def attach(
    bundle: BundlePath,
    signature: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SIGNATURE]",
            help=help_text(
                "Chữ ký rời trên tệp đã xuất (.p7s), hoặc phiếu đã ký (.pdf)",
                "The detached signature (.p7s), or the signed sheet (.pdf)",
            ),
        ),
    ] = None,
    timestamp: Annotated[
        bool,
        typer.Option(
            "--timestamp",
            help=help_text(
                "Xin dấu thời gian còn thiếu của chữ ký cuối",
                "Ask for the pending time-stamp of the last signature",
            ),
        ),
    ] = False,
) -> None:
    from iocsl.bundle import external, workflow
    from iocsl.files import sha256_of

    if bundle.is_dir():
        raise is_folder(bundle)
    if not bundle.is_file():
        raise missing_file(bundle)
    if signature is not None and not timestamp:
        report(external.attach(bundle, signature))
        return
    if signature is not None or not timestamp:
        raise usage(
            "nothing-to-attach",
            "Chọn một: tệp chữ ký, hoặc --timestamp.",
            "Choose one: a signature file, or --timestamp.",
            (
                "Ví dụ: iocsl bundle attach goi.asice chu-ky.p7s",
                "For example: iocsl bundle attach goi.asice chu-ky.p7s",
            ),
        )
    step = workflow.stamp(bundle)
    if as_json():
        emit_json({"bundle": str(bundle), "step": step, "sha256": sha256_of(bundle)})
        return
    emit(
        tr(
            f"Đã bổ sung dấu thời gian cho chữ ký bước {step}.",
            f"The signature of step {step} has its time-stamp now.",
        )
    )


def make_keys(
    folder: Annotated[
        Path,
        typer.Option(
            "--dir", metavar="DIR", help=help_text("Thư mục chứa khóa", "Where the keys go")
        ),
    ],
    unit: UnitName = None,
    force: Annotated[
        bool, typer.Option("--force", help=help_text("Thay bộ khóa cũ", "Replace older keys"))
    ] = False,
) -> None:
    from iocsl.bundle.testkeys import make_test_keys
    from iocsl.catalog import open_catalogue

    chosen = unit_or_own(unit)
    if chosen is None:
        raise usage(
            "no-unit",
            "Chưa rõ khóa thử nghiệm dùng cho đơn vị nào.",
            "It is not said which unit the test keys are for.",
            ("Thêm --unit, ví dụ: --unit CQ-TC", "Add --unit, for example: --unit CQ-TC"),
        )
    found = open_catalogue().find_unit(chosen)
    made = make_test_keys(folder, config.home(), found.id, force=force)
    if as_json():
        emit_json(
            {
                "unit": made.unit,
                "profile": "thu-nghiem",
                "keys": [str(path) for path in made.keys],
                "passphrase_file": str(made.passphrase),
                "ca": str(made.ca),
            }
        )
        return
    emit(
        tr(
            f"Đã tạo khóa THỬ NGHIỆM của ba người cho {found.name} ({made.unit}):",
            f"Made TEST keys of three people for {found.name} ({made.unit}):",
        )
    )
    for step, path in enumerate(made.keys, start=1):
        emit(tr(f"  bước {step}: {path}", f"  step {step}: {path}"))
    emit(tr(f"  mật khẩu: {made.passphrase}", f"  passphrase: {made.passphrase}"))
    emit(tr("Các khóa này không có giá trị thật.", "These keys are worth nothing."))
