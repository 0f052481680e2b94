"""`iocsl catalog schema`: a first draft of a structure from a file in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, note, show, table
from iocsl.errors import is_folder
from iocsl.text import help_text, tr


def add(group: typer.Typer) -> None:
    app = new_app("Cấu trúc bảng (Table Schema)", "Structures of tables (Table Schema)")
    # With one command alone the group would stand for it.
    app.callback()(_group)
    command(app, "infer", "Soạn nháp cấu trúc từ bảng đang dùng", "Draft one from a table in use")(
        infer_schema
    )
    group.add_typer(app, name="schema")


def _group() -> None:
    """Nothing to do before the command."""


def infer_schema(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help=help_text("Bảng đang dùng", "A table in use"))
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE.yaml", help=help_text("Tệp cần tạo", "The file to make")
        ),
    ],
) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.catalog.schema import read_schema
    from iocsl.files import write_whole
    from iocsl.validate.infer import as_yaml, infer

    if output.is_dir():
        raise is_folder(output)
    draft = infer(path, open_catalogue())
    write_whole(output, as_yaml(draft).encode())
    read_schema(output)
    if as_json():
        emit_json(
            {
                "file": str(output),
                "sheet": draft.sheet,
                "heading_row": draft.heading_row,
                "rows": draft.rows,
                "fields": [
                    {
                        "name": each.name,
                        "title": each.title,
                        "type": each.type,
                        "why": each.evidence,
                    }
                    for each in draft.columns
                ],
            }
        )
        return
    headings = (tr("Cột", "Column"), tr("Kiểu", "Type"), tr("Căn cứ", "Evidence"))
    show(
        table(
            headings, [(each.name, each.type, "; ".join(each.evidence)) for each in draft.columns]
        )
    )
    emit(tr(f"Đã soạn {output}.", f"Drafted {output}."))
    note(
        tr(
            f'Đọc lại, sửa chỗ chưa đúng, rồi thử: iocsl validate "{path}" --schema "{output}"',
            f'Read it, mend it, then try: iocsl validate "{path}" --schema "{output}"',
        )
    )
