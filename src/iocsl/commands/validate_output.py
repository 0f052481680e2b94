"""The result of `iocsl validate` in each of its formats, on stdout or in a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from iocsl.console.output import emit, emit_exactly, note, refusal_document
from iocsl.errors import IocslError, is_folder, usage
from iocsl.text import say, tr

if TYPE_CHECKING:
    from iocsl.validate import Report

STDOUT = Path("-")
TOGETHER = 256
"""Lines that are written at once."""
_JSON, _MARKUP = "iocsl.json", "xmlcharrefreplace"
"""How letters that stdout lacks are written in formats for programs."""
NAMING = frozenset({"html", "xlsx"})
"""Formats that tell of which record each finding is."""
FORMATS = ("text", "json", "ndjson", "html", "xlsx", "junit", "sarif")


class Outcome(NamedTuple):
    """One file and what became of it: a report, or a refusal that did not stop the others."""

    path: Path
    result: Report | IocslError
    after: tuple[str, ...] = ()
    """What the terminal tells under the report."""


def place_of_result(output: Path | None, chosen: str, *, fix: bool) -> Path | None:
    """Where the result goes: None for stdout, which `-` names too. Exit 2 for a workbook there."""
    if output is None or output != STDOUT:
        return output
    if fix or chosen == "xlsx":
        raise usage(
            "no-file-on-stdout",
            "Kết quả này là một tệp, không in ra màn hình được.",
            "This result is a file and is not written to stdout.",
            ("Ghi tên tệp sau -o.", "Give the name of a file after -o."),
        )
    return None


def check_output(output: Path | None, paths: Iterable[Path]) -> None:
    """Whether the result may be written there: no folder, and none of the files that are read."""
    if output is None:
        return
    if output.is_dir():
        raise is_folder(output)
    if output.exists() and any(path.exists() and output.samefile(path) for path in paths):
        raise usage(
            "output-is-input",
            f"“{output}” là một tệp mà lần kiểm tra này đọc, không ghi đè.",
            f"“{output}” is a file that this check reads; it is not overwritten.",
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
    refused = [each.result for each in outcomes if isinstance(each.result, IocslError)]
    if chosen in {"json", "ndjson"}:
        results = [each.result for each in outcomes]
        if chosen == "json":
            _put(_as_json(results, many=many), output, _JSON)
        else:
            _put(_one_a_line(results), output, _JSON, end="")
        return
    outcomes = _told_apart(outcomes)
    reports = [each.result for each in outcomes if not isinstance(each.result, IocslError)]
    if chosen == "text":
        _write_text(reports, _after(outcomes), output)
    elif chosen == "html":
        from iocsl.reports.html import html_lines

        _put(html_lines(reports), output, _MARKUP)
    elif chosen == "junit":
        from iocsl.reports.junit import junit_lines

        _put(junit_lines(reports), output, _MARKUP)
    elif chosen == "sarif":
        from iocsl.reports.sarif import sarif_lines

        checked = [each.path for each in outcomes if not isinstance(each.result, IocslError)]
        _put(sarif_lines(reports, checked), output, _JSON)
    elif chosen == "xlsx":
        from iocsl.commands.validate_workbooks import write_workbooks

        write_workbooks(outcomes, output, as_list=as_list)
    for error in refused:
        note(tr("Chưa làm được: ", "Not done: ") + say(error.message))


def _told_apart(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Files of one name from several folders are called by their paths: a person must know which.

    JSON keeps the names of the contract, in the order of the files.
    """
    names = Counter(each.path.name for each in outcomes)
    return [
        each
        if isinstance(each.result, IocslError) or names[each.path.name] == 1
        else each._replace(
            result=replace(each.result, facts=replace(each.result.facts, name=each.path.as_posix()))
        )
        for each in outcomes
    ]


def _as_json(results: Sequence[Report | IocslError], *, many: bool) -> Iterator[str]:
    """A document of each result, an array of them for `many`; each finding has its line."""
    if many:
        yield "["
    for at, result in enumerate(results):
        last = ""
        for line in _lines(result):
            if last:
                yield last
            last = line
        yield last + "," if at + 1 < len(results) else last
    if many:
        yield "]"


def _lines(result: Report | IocslError) -> Iterator[str]:
    from iocsl.reports.wording import with_commas
    from iocsl.validate.report import finding_texts

    if isinstance(result, IocslError):
        yield _json(_refusal(result), indent=2)
    elif not result.findings:
        yield _json(result.document(), indent=2)
    else:
        yield _json(result.head(), indent=2).removesuffix("\n}") + ","
        yield '  "findings": ['
        yield from (f"    {each}" for each in with_commas(finding_texts(result.findings)))
        yield "  ]"
        yield "}"


def _one_a_line(results: Sequence[Report | IocslError]) -> Iterator[str]:
    """Each result on a line of its own, in pieces that carry their line end with them."""
    from iocsl.reports.wording import with_commas
    from iocsl.validate.report import finding_texts

    for result in results:
        if isinstance(result, IocslError):
            yield _json(_refusal(result)) + "\n"
            continue
        yield _json(result.head()).removesuffix("}") + ', "findings": ['
        yield from with_commas(finding_texts(result.findings))
        yield "]}\n"


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refusal(error: IocslError) -> dict[str, Any]:
    hint = say(error.hint) if error.hint else None
    return refusal_document(error.code, say(error.message), hint, int(error.exit_code))


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
    screen = Console(file=page, width=100, highlight=False, markup=False, emoji=False)
    show_reports(reports, screen, after=after)
    _put([page.getvalue().rstrip("\n")], output)


def _put(
    lines: Iterable[str], output: Path | None, escapes: str | None = None, end: str = "\n"
) -> None:
    """A text result on stdout as it is made, or whole in a file; `end` ends each of the lines.

    `escapes`: how the format writes letters that stdout lacks; None where a person reads.
    """
    if output is None:
        rest = iter(lines)
        while some := list(islice(rest, TOGETHER)):
            if escapes is None:
                emit(end.join(some), end=end)
            else:
                emit_exactly(end.join(some), escapes, end=end)
        return
    from iocsl.files import replacing

    with replacing(output) as stream:
        for line in lines:
            stream.write((line + end).encode("utf-8", "replace"))
    note(tr(f"Đã ghi kết quả vào {output}", f"Wrote the result to {output}"))
