"""`iocsl catalog rehearse`: past submissions against a new version, before it is issued."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from iocsl.catalog import Catalogue, mirror, open_catalogue
from iocsl.commands.options import as_json, command
from iocsl.console.output import emit, emit_json, show, table
from iocsl.domain import ExitCode, Severity
from iocsl.errors import usage
from iocsl.text import help_text, tr


def add(group: typer.Typer) -> None:
    command(
        group,
        "rehearse",
        "Thử phiên bản mới trên các tệp đã nộp",
        "Try a new version on files sent before",
    )(rehearse)


def rehearse(
    new: Annotated[
        Path, typer.Argument(metavar="NEW", help=help_text("Thư mục danh mục mới", "New folder"))
    ],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help=help_text("Các tệp đã nộp", "Past files"))
    ],
) -> None:
    if not (new / "phu_luc.yaml").is_file():
        raise usage(
            "not-a-catalogue",
            f"“{new}” không phải là thư mục danh mục (thiếu phu_luc.yaml).",
            f"“{new}” is no catalogue folder (phu_luc.yaml is missing).",
            ("Nêu thư mục có phu_luc.yaml.", "Name a folder that has phu_luc.yaml."),
        )
    told = _compared(open_catalogue(), _built(new), files)
    failing = sum(1 for each in told if each["newly_fails"])
    if as_json():
        emit_json(told)
    else:
        _print(told, failing)
    raise typer.Exit(int(ExitCode.FINDINGS if failing else ExitCode.OK))


def _built(new: Path) -> Catalogue:
    """The new version's catalogue, from a mirror that is thrown away. Exit 3 when it is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / mirror.MIRROR
        mirror.build_in_child(new, target)
        catalogue = mirror.read_mirror(target)
    if catalogue is None:
        raise RuntimeError("a mirror just built cannot be read")
    return catalogue


def _compared(current: Catalogue, coming: Catalogue, files: Sequence[Path]) -> list[dict[str, Any]]:
    """For each file whether it passes now and then, and the codes of errors that are new."""
    from iocsl.validate import check

    told = []
    for path in files:
        before, after = check(path, current), check(path, coming)
        errors = [
            {each.code for each in report.findings if each.severity is Severity.ERROR}
            for report in (before, after)
        ]
        told.append(
            {
                "file": str(path),
                "dataset": after.dataset,
                "valid_before": before.valid,
                "valid_after": after.valid,
                "newly_fails": before.valid and not after.valid,
                "new_errors": sorted(errors[1] - errors[0]),
            }
        )
    return told


def _print(told: Sequence[dict[str, Any]], failing: int) -> None:
    words = {True: tr("đạt", "passes"), False: tr("không đạt", "fails")}
    rows = [
        (
            Path(each["file"]).name,
            each["dataset"],
            words[each["valid_before"]],
            words[each["valid_after"]],
            ", ".join(each["new_errors"]),
        )
        for each in told
    ]
    headings = (
        *(tr("Tệp", "File"), tr("Bộ dữ liệu", "Dataset"), tr("Hiện nay", "Now")),
        *(tr("Bản mới", "New version"), tr("Lỗi mới", "New errors")),
    )
    show(table(headings, rows))
    emit(
        tr(
            f"{len(told)} tệp, {failing} tệp sẽ không đạt thêm.",
            f"{len(told)} files, {failing} would newly fail.",
        )
    )
