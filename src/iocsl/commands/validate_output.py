"""The result of `iocsl validate` in each of its formats, on stdout or in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl.console.output import emit, note, refusal_document
from iocsl.errors import IocslError, is_folder, usage
from iocsl.text import say, tr

if TYPE_CHECKING:
    from iocsl.validate import Report

FORMATS = ("text", "json", "ndjson", "html", "xlsx", "junit", "sarif")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file and what became of it: a report, or a refusal that did not stop the others."""

    path: Path
    result: Report | IocslError
    after: tuple[str, ...] = ()
    """What the terminal tells under the report."""


def check_output(output: Path | None, paths: Sequence[Path]) -> None:
    """Whether the result may be written there: not a folder, and not a file that is checked."""
    if output is None:
        return
    if output.is_dir():
        raise is_folder(output)
    if output.exists() and any(path.exists() and output.samefile(path) for path in paths):
        raise usage(
            "output-is-input",
            f"“{output}” chính là tệp được kiểm tra, không ghi đè.",
            f"“{output}” is a file that is being checked; it is not overwritten.",
            ("Chọn tên khác cho -o.", "Choose another name for -o."),
        )


def write(
    outcomes: Sequence[Outcome],
    chosen: str,
    output: Path | None,
    *,
    as_list: bool = False,
    many: bool = False,
) -> None:
    """Write what was found in the form `chosen`; refusals of single files are told on stderr.

    `as_list` gives one list of findings where `xlsx` would give each workbook back annotated.
    `many` makes JSON an array whatever their number: a folder, or several files, were given.
    """
    reports = [each.result for each in outcomes if not isinstance(each.result, IocslError)]
    refused = [each.result for each in outcomes if isinstance(each.result, IocslError)]
    if chosen in {"json", "ndjson"}:
        _put(_as_json([_document(each.result) for each in outcomes], chosen, many=many), output)
        return
    if chosen == "text":
        _write_text(reports, _after(outcomes), output)
    elif chosen == "html":
        from iocsl.reports.html import as_html

        _put(as_html(reports).rstrip("\n"), output)
    elif chosen == "junit":
        from iocsl.reports.junit import as_junit

        _put(as_junit(reports), output)
    elif chosen == "sarif":
        from iocsl.reports.sarif import as_sarif

        _put(as_sarif(reports), output)
    elif chosen == "xlsx":
        from iocsl.commands.validate_workbooks import write_workbooks

        write_workbooks(outcomes, output, as_list=as_list)
    for error in refused:
        note(tr("Chưa làm được: ", "Not done: ") + say(error.message))


def _as_json(documents: Sequence[object], chosen: str, *, many: bool) -> str:
    if chosen == "ndjson":
        return "\n".join(
            json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in documents
        )
    whole = documents if many else documents[0]
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _after(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    return [each.after for each in outcomes if not isinstance(each.result, IocslError)]


def _write_text(
    reports: Sequence[Report], after: Sequence[Sequence[str]], output: Path | None
) -> None:
    from iocsl.console.findings import show_reports

    if output is None:
        show_reports(reports, after=after)
        return
    import io

    from rich.console import Console

    page = io.StringIO()
    screen = Console(file=page, width=100, highlight=False, markup=False)
    show_reports(reports, screen, after=after)
    _put(page.getvalue().rstrip("\n"), output)


def _put(text: str, output: Path | None) -> None:
    """One text result on stdout, or whole in a file."""
    if output is None:
        emit(text)
        return
    from iocsl.files import write_whole

    write_whole(output, (text + "\n").encode("utf-8", "replace"))
    note(tr(f"Đã ghi kết quả vào {output}", f"Wrote the result to {output}"))


def _document(outcome: Report | IocslError) -> object:
    if isinstance(outcome, IocslError):
        hint = say(outcome.hint) if outcome.hint else None
        return refusal_document(outcome.code, say(outcome.message), hint, int(outcome.exit_code))
    return outcome.document()
