"""`iocsl demo`: the whole path on this machine, every step a command one could type."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from iocsl import clock, config
from iocsl.commands.options import as_json, command
from iocsl.console.output import emit, emit_json
from iocsl.errors import usage
from iocsl.text import help_text, tr


def add(app: typer.Typer) -> None:
    command(
        app,
        "demo",
        "Chạy thử toàn bộ quy trình trên chính máy này",
        "Try the whole path on this very machine",
    )(demo)


def demo(
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            metavar=tr("THƯ-MỤC", "DIR"),
            help=help_text(
                "Giữ mọi tệp trong thư mục này để xem", "Leave all files in this folder"
            ),
        ),
    ] = None,
) -> None:
    from iocsl.warehouse.server import require_extra

    require_extra()
    if keep is None:
        # A virus scanner or Excel may hold a file for a moment; the system clears the rest.
        with tempfile.TemporaryDirectory(prefix="iocsl-demo-", ignore_cleanup_errors=True) as made:
            _play(Path(made), kept=False)
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise usage(
            "folder-in-use",
            f"“{keep}” đã có sẵn và không trống.",
            f"“{keep}” is there already and not empty.",
            ("Chọn một thư mục mới.", "Choose a new folder."),
        )
    _play(keep.absolute(), kept=True)


def _play(folder: Path, *, kept: bool) -> None:
    from iocsl.demo.scenario import payload_of, play

    quiet = as_json()
    story = play(folder, _period(), (lambda _line: None) if quiet else emit)
    receipts = [payload_of(receipt) for receipt in story.receipts]
    if quiet:
        emit_json(
            {
                "folder": str(folder) if kept else None,
                "steps": [
                    {"title": step.title, "command": step.command, "exit_code": step.exit_code}
                    for step in story.steps
                ],
                "receipts": story.receipts,
            }
        )
        return
    emit("\n" + tr("Hai biên nhận có chữ ký của kho:", "The two receipts signed by the warehouse:"))
    for payload in receipts:
        emit(
            f"  {payload['seq']}. {payload['kind']}  {payload['accepted_at']}"
            f"  {payload['identity'][:16]}…" + ("  TEST" if payload["test"] else "")
        )
    if kept:
        emit(tr("Mọi tệp nằm trong ", "All files are in ") + str(folder))


def _period() -> str:
    """The month whose report to the warehouse is due next."""
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings
    from iocsl.demo.scenario import DATASET, next_month_due

    readings = Readings.from_config(config.load())
    return next_month_due(open_catalogue(), readings, DATASET, clock.now())
