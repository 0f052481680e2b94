"""`iocsl bundle sheet`: a step on one page, for a program that signs nothing but PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iocsl.commands.bundle_exchange import Certificate, Reason, given_reason
from iocsl.commands.bundle_pages import BundlePath, show_turn
from iocsl.commands.options import as_json
from iocsl.console.output import emit, emit_json, note
from iocsl.errors import usage
from iocsl.text import help_text, tr


def sheet(
    bundle: BundlePath,
    certificate: Certificate,
    reason: Reason = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help=help_text("Tên phiếu", "The sheet")),
    ] = None,
) -> None:
    from iocsl.bundle import external, workflow
    from iocsl.bundle.trust import read_certificate

    why = given_reason(reason)
    if output is not None and output.suffix.lower() != ".pdf":
        raise usage(
            "wrong-sheet-name",
            f"Tên phiếu “{output.name}” phải có đuôi .pdf.",
            f"The sheet's name “{output.name}” must end in .pdf.",
            ("Ví dụ: -o phieu.pdf", "For example: -o phieu.pdf"),
        )
    signer = read_certificate(certificate)
    show_turn(bundle, workflow.next_step(bundle))
    made = external.print_sheet(bundle, signer, output, reason=why)
    if as_json():
        emit_json(
            {
                "bundle": str(bundle),
                "step": made.step,
                "manifest": str(made.manifest),
                "sheet": str(made.sheet),
            }
        )
        return
    emit(str(made.sheet))
    note(
        tr(
            f"Ký tệp PDF trên cho bước {made.step} bằng phần mềm ký PDF của đơn vị, rồi:",
            f"Sign this PDF for step {made.step} with the unit's own program, then:",
        )
    )
    note(f"  iocsl bundle attach {bundle.name} {tr('PHIẾU-ĐÃ-KÝ.pdf', 'SIGNED.pdf')}")
