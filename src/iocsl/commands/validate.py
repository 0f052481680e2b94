"""`iocsl validate`: files against the catalogue, or against a schema of one's own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl.commands.options import command, output_format
from iocsl.console.output import emit, note, refusal_document
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, is_folder
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.validate import Report

WORST_FIRST = (ExitCode.BUG, ExitCode.CONFIGURATION, ExitCode.FINDINGS, ExitCode.OK)
"""Which exit code wins when several files are checked."""


def add(app: typer.Typer) -> None:
    command(
        app,
        "validate",
        "Kiểm tra tệp dữ liệu trước khi ký và nộp",
        "Check data files before they are signed and sent",
        formats=("text", "json", "ndjson"),
    )(validate)


def validate(  # noqa: PLR0917 - a command takes its options by name
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help=help_text("Tệp XLSX, XLS, CSV, XML", "XLSX, XLS, CSV, XML files"),
        ),
    ],
    dataset: Annotated[
        str | None,
        typer.Option("--dataset", metavar="CODE", help=help_text("Mã bộ dữ liệu", "Dataset code")),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", help=help_text("Mã hoặc tên đơn vị nộp", "Id or name of the unit")),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            metavar="ID",
            help=help_text("Kỳ báo cáo, ví dụ 2026-10", "Period, e.g. 2026-10"),
        ),
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option(
            "--schema",
            metavar="FILE",
            help=help_text(
                "Kiểm tra theo cấu trúc riêng (Table Schema, YAML hoặc JSON)",
                "Check against a schema of your own (Table Schema, YAML or JSON)",
            ),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help=help_text("Ghi kết quả vào tệp này", "Write the result to this file"),
        ),
    ] = None,
) -> None:
    if output is not None and output.is_dir():
        raise is_folder(output)
    outcomes = _check_all(paths, dataset=dataset, unit=unit, period=period, schema=schema)
    refused = [each for each in outcomes if isinstance(each, IocslError)]
    reports = [each for each in outcomes if not isinstance(each, IocslError)]
    if refused and len(paths) == 1:
        raise refused[0]
    _write(outcomes, reports, refused, output)
    raise typer.Exit(int(_exit_code(reports, refused)))


def _check_all(
    paths: Sequence[Path],
    *,
    dataset: str | None,
    unit: str | None,
    period: str | None,
    schema: Path | None,
) -> list[Report | IocslError]:
    """The outcome of each file in the order given; one that is refused does not stop the others."""
    from iocsl.catalog import open_catalogue
    from iocsl.validate import check

    catalogue = open_catalogue()
    outcomes: list[Report | IocslError] = []
    for path in paths:
        try:
            outcomes.append(
                check(path, catalogue, dataset=dataset, unit=unit, period=period, schema=schema)
            )
        except IocslError as error:
            outcomes.append(error)
    return outcomes


def _write(
    outcomes: Sequence[Report | IocslError],
    reports: Sequence[Report],
    refused: Sequence[IocslError],
    output: Path | None,
) -> None:
    chosen = output_format()
    if chosen == "text":
        _write_text(reports, refused, output)
        return
    documents = [_document(each) for each in outcomes]
    if chosen == "ndjson":
        text = "\n".join(_line(each) for each in documents)
    else:
        whole = documents if len(documents) > 1 else documents[0]
        text = json.dumps(whole, ensure_ascii=False, indent=2)
    if output is None:
        emit(text)
    else:
        _save(output, text + "\n")


def _write_text(
    reports: Sequence[Report], refused: Sequence[IocslError], output: Path | None
) -> None:
    from iocsl.console.findings import show_reports

    if output is None:
        show_reports(reports)
    else:
        import io

        from rich.console import Console

        page = io.StringIO()
        show_reports(reports, Console(file=page, width=100, highlight=False, markup=False))
        _save(output, page.getvalue())
    for error in refused:
        note(tr("Chưa làm được: ", "Not done: ") + say(error.message))


def _save(output: Path, text: str) -> None:
    from iocsl.files import write_whole

    write_whole(output, text.encode())
    note(tr(f"Đã ghi kết quả vào {output}", f"Wrote the result to {output}"))


def _document(outcome: Report | IocslError) -> object:
    if isinstance(outcome, IocslError):
        hint = say(outcome.hint) if outcome.hint else None
        return refusal_document(outcome.code, say(outcome.message), hint, int(outcome.exit_code))
    return outcome.document()


def _line(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _exit_code(reports: Iterable[Report], refused: Iterable[IocslError]) -> ExitCode:
    """70, then 3, then 1, then 0; a missing file or folder among several counts as wrong usage."""
    codes = {error.exit_code for error in refused}
    codes |= {ExitCode.OK if report.valid else ExitCode.FINDINGS for report in reports}
    for code in WORST_FIRST:
        if code in codes and code is not ExitCode.OK:
            return code
    return ExitCode.USAGE if ExitCode.USAGE in codes else ExitCode.OK
