"""`iocsl audit`: the record of acts of this home, and whether it is whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import config
from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, show, table
from iocsl.domain import ExitCode
from iocsl.errors import is_folder, missing_file
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.ledger.chain import Entry
    from iocsl.ledger.receipts import Receipt

_LONGEST_RECEIPT = 1 << 20


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
    witnesses: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[BUNDLE|RECEIPT]...",
            help=help_text(
                "Gói đã ký trên máy này, biên nhận (.jws) giữ ở nơi khác, để đối chiếu",
                "Bundles signed here and receipts (.jws) kept elsewhere, as witnesses",
            ),
        ),
    ] = None,
) -> None:
    from iocsl.bundle.witness import verify_ledger
    from iocsl.ledger.chain import Chain

    home, chain = config.home(), Chain.open()
    bundles, receipts = _sorted_out(witnesses or ())
    problems = verify_ledger(home, chain, bundles, receipts)
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


def _sorted_out(paths: Sequence[Path]) -> tuple[list[Path], list[Receipt]]:
    """Bundles, and receipts whose signature is that of the warehouse on record."""
    from iocsl.ledger.receipts import read
    from iocsl.transport import account

    bundles, receipts = [], []
    for path in paths:
        if path.is_dir():
            raise is_folder(path)
        if not path.is_file():
            raise missing_file(path)
        with path.open("rb") as stream:
            start = stream.read(_LONGEST_RECEIPT)
        if not start.startswith(b"eyJ"):
            bundles.append(path)
            continue
        known = account.load(config.home(), url=config.load().text("warehouse.url"))
        receipts += [read(jws, known.keys) for jws in start.decode("latin-1").split()]
    return bundles, receipts


def _about(entry: Entry) -> str:
    """The few words of a subject that a person looks for."""
    keys = ("dataset", "unit", "period", "sequence", "identity")
    words = [f"{entry.subject[key]}" for key in keys if entry.subject.get(key) is not None]
    return " ".join(word[:12] + "…" if len(word) == 64 else word for word in words)
