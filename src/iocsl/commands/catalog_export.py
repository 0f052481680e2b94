"""`iocsl catalog export` and `diff`: the catalogue for others, and two of them held together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iocsl import clock
from iocsl.catalog import open_catalogue
from iocsl.commands.options import as_json, command, output_format
from iocsl.console.output import emit, emit_json, note, show, table
from iocsl.domain import ExitCode
from iocsl.errors import is_folder, usage
from iocsl.text import help_text, tr

FORMS = ("table-schema", "json-schema", "dcat", "xlsx", "html")


def add(group: typer.Typer) -> None:
    command(group, "export", "Xuất danh mục để công bố", "Publish the catalogue", formats=FORMS)(
        export
    )
    command(group, "diff", "So hai phiên bản danh mục", "Compare two versions of the catalogue")(
        diff
    )


def export(
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help=help_text("Tệp cần tạo", "The file to make")
        ),
    ],
) -> None:
    from iocsl.catalog.publish import write

    if output.is_dir():
        raise is_folder(output)
    catalogue = open_catalogue()
    write(catalogue, output_format(), output, clock.record_now())
    note(tr(f"Đã xuất danh mục ra {output}.", f"Published the catalogue to {output}."))


def diff(
    old: Annotated[
        Path,
        typer.Argument(
            metavar="OLD",
            help=help_text(
                "Thư mục danh mục cũ, hoặc danh sách mã đã phát hành (ma_da_phat_hanh.txt)",
                "Old folder, or the list of released codes (ma_da_phat_hanh.txt)",
            ),
        ),
    ],
    new: Annotated[
        Path, typer.Argument(metavar="NEW", help=help_text("Thư mục danh mục mới", "New folder"))
    ],
) -> None:
    from iocsl.catalog.compare import compare

    for folder in (new,) if old.is_file() else (old, new):
        if not (folder / "phu_luc.yaml").is_file():
            raise usage(
                "not-a-catalogue",
                f"“{folder}” không phải là thư mục danh mục (thiếu phu_luc.yaml).",
                f"“{folder}” is no catalogue folder (phu_luc.yaml is missing).",
                ("Nêu thư mục có phu_luc.yaml.", "Name a folder that has phu_luc.yaml."),
            )
    changes = compare(old, new)
    errors = sum(1 for each in changes if each.error)
    if as_json():
        emit_json([each.document() for each in changes])
    else:
        headings = (tr("Việc", "What"), tr("Mã", "Code"), tr("Trước", "Before"), tr("Sau", "After"))
        rows = [
            (tr(*_WHAT[each.kind]), each.code, _short(each.before), _short(each.after))
            for each in changes
        ]
        if rows:
            show(table(headings, rows))
        emit(
            tr(
                f"{len(changes)} thay đổi, {errors} lỗi (mã đã phát hành không được bỏ, dùng lại, "
                "đổi nghĩa).",
                f"{len(changes)} changes, {errors} errors (released codes are never removed, "
                "reused or re-meant).",
            )
        )
    raise typer.Exit(int(ExitCode.FINDINGS if errors else ExitCode.OK))


_WHAT = {
    "added": ("thêm", "added"),
    "retired": ("ngừng dùng", "retired"),
    "renamed": ("sửa tên", "renamed"),
    "re_dated": ("đổi kỳ, hạn", "re-dated"),
    "restructured": ("đổi cấu trúc", "restructured"),
    "removed": ("LỖI: bị xóa", "ERROR: removed"),
    "reused": ("LỖI: dùng lại mã", "ERROR: reused"),
    "changed": ("LỖI: đổi nghĩa", "ERROR: changed"),
}


def _short(text: str | None) -> str:
    return "–" if text is None else text if len(text) <= 80 else text[:80] + "…"
