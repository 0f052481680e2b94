"""`iocsl audit`: the record of acts of this home, and whether it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, show, table
from iocsl.domain import ExitCode
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.ledger.chain import Entry


def add(app: typer.Typer) -> None:
    group = new_app("Sổ nhật ký của máy này", "The record of acts of this home")
    command(group, "show", "Các việc đã làm", "What was done")(show_entries)
    command(group, "verify", "Sổ còn nguyên vẹn không", "Is the record whole?")(verify_chain)
    app.add_typer(group, name="audit")


def show_entries(
    last: Annotated[
        int | None,
        typer.Option(
            "--last", min=1, metavar="N", help=help_text("Chỉ N mục cuối", "The last N only")
        ),
    ] = None,
    act: Annotated[
        str | None,
        typer.Option(
            "--act",
            metavar="ACT",
            help=help_text("Chỉ một loại việc, ví dụ bundle.create", "One kind of act only"),
        ),
    ] = None,
) -> None:
    from iocsl.ledger.chain import Chain

    entries = Chain.open().entries(act)[-last if last else None :]
    if as_json():
        emit_json([entry.document() for entry in entries])
        return
    if not entries:
        emit(tr("Sổ chưa có mục nào.", "The record is empty."))
        return
    headings = (
        tr("Số", "No."),
        tr("Lúc", "At"),
        tr("Việc", "Act"),
        tr("Người", "By"),
        tr("Về", "About"),
    )
    rows = [
        (each.seq, each.at[:19].replace("T", " "), each.act, each.actor, _about(each))
        for each in entries
    ]
    show(table(headings, rows))


def verify_chain(
    bundles: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[BUNDLE]...",
            help=help_text(
                "Gói đã ký trên máy này, để đối chiếu", "Bundles signed here, as witnesses"
            ),
        ),
    ] = None,
) -> None:
    from iocsl.bundle.workflow import witnesses
    from iocsl.ledger.chain import Chain

    chain = Chain.open()
    heads = [head for bundle in bundles or () for head in witnesses(bundle, chain)]
    problems = chain.verify(heads)
    head = chain.head()
    if as_json():
        emit_json(
            {
                "valid": not problems,
                "entries": head.seq if head else 0,
                "head": head.hash if head else None,
                "problems": [
                    {"seq": each.seq, "code": each.code, "message": say(each.message)}
                    for each in problems
                ],
            }
        )
    elif problems:
        emit(tr("SỔ KHÔNG CÒN NGUYÊN VẸN:", "THE RECORD IS NOT WHOLE:"))
        for each in problems:
            emit(f"  {say(each.message)}")
    else:
        count = head.seq if head else 0
        emit(tr(f"Sổ nguyên vẹn, {count} mục.", f"The record is whole, {count} entries."))
        if head:
            emit(f"SHA-256: {head.hash}")
    if problems:
        raise typer.Exit(int(ExitCode.INTEGRITY))


def _about(entry: Entry) -> str:
    """The few words of a subject that a person looks for."""
    keys = ("dataset", "unit", "period", "sequence", "identity")
    words = [f"{entry.subject[key]}" for key in keys if entry.subject.get(key) is not None]
    return " ".join(word[:12] + "…" if len(word) == 64 else word for word in words)
