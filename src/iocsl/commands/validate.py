"""`iocsl validate`: files against the catalogue, or against a schema of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from iocsl.commands.options import DatasetCode, PeriodId, UnitName, command, output_format
from iocsl.commands.validate_after import (
    Answered,
    reasons_given,
    with_answers,
    with_history,
    with_names,
)
from iocsl.commands.validate_folders import gathered, with_bar
from iocsl.commands.validate_folders import watch as watch_folders
from iocsl.commands.validate_output import (
    FORMATS,
    NAMING,
    Outcome,
    check_output,
    place_of_result,
    write,
)
from iocsl.console.output import emit, note
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, usage
from iocsl.text import help_text

if TYPE_CHECKING:
    from iocsl.commands.validate_jobs import Beside
    from iocsl.validate import Report

# Options by name: typer compiles and evaluates every annotation of a command twice.
Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help=help_text(
            "Tệp XLSX, XLS, CSV, XML, hoặc thư mục có các tệp đó",
            "XLSX, XLS, CSV, XML files, or folders of them",
        ),
    ),
]
SchemaFile = Annotated[
    Path | None,
    typer.Option(
        "--schema",
        metavar="FILE",
        help=help_text(
            "Kiểm tra theo cấu trúc riêng (Table Schema, YAML hoặc JSON)",
            "Check against a schema of your own (Table Schema, YAML or JSON)",
        ),
    ),
]
Earlier = Annotated[
    list[Path] | None,
    typer.Option(
        "--history",
        metavar="PATH",
        help=help_text(
            "So sánh thêm với tệp (hoặc thư mục) của các kỳ trước; dùng được nhiều lần",
            "Compare with files (or a folder) of earlier periods too; may be given again",
        ),
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="OUT",
        help=help_text("Ghi kết quả vào tệp này", "Write the result to this file"),
    ),
]
ErrorList = Annotated[
    bool,
    typer.Option(
        "--error-list",
        help=help_text(
            "Với --format xlsx: chỉ ghi danh sách lỗi, không chú thích vào bản sao của tệp",
            "With --format xlsx: a list of findings alone, no annotated copy",
        ),
    ),
]
AnswersFile = Annotated[
    Path | None,
    typer.Option(
        "--answers",
        metavar="FILE",
        help=help_text(
            "Tệp giải trình (YAML hoặc JSON), mỗi dòng CODE: lý do",
            "File of answers (YAML or JSON), CODE: reason on each line",
        ),
    ),
]
Attached = Annotated[
    list[Path] | None,
    typer.Option(
        "--attach",
        metavar="FILE",
        help=help_text(
            "Tệp sẽ đính kèm khi nộp, để kiểm tra đủ hay thiếu; dùng được nhiều lần",
            "A file that will be attached, to see whether any is missing; may be repeated",
        ),
    ),
]
Fix = Annotated[
    bool,
    typer.Option(
        "--fix",
        help=help_text(
            "Sửa những chỗ chắc chắn không đổi nghĩa, ghi vào tệp thứ hai (TÊN.sua)",
            "Mend what surely keeps its meaning, into a second file (NAME.sua)",
        ),
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help=help_text(
            "Với --fix: chỉ cho xem, không ghi tệp nào",
            "With --fix: show it and write no file",
        ),
    ),
]
Watched = Annotated[
    bool,
    typer.Option(
        "--watch",
        help=help_text(
            "Theo dõi thư mục, kiểm tra tệp mỗi khi nó thay đổi; dừng bằng Ctrl+C",
            "Watch the folder and check a file whenever it changes; stop with Ctrl+C",
        ),
    ),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        metavar="N",
        min=1,
        help=help_text(
            "Dùng N tiến trình: mỗi tệp một tiến trình, hoặc cả N cho một tệp CSV lớn",
            "Use N processes: one for each file, or all of them for one large CSV file",
        ),
    ),
]
LowMemory = Annotated[
    bool,
    typer.Option(
        "--low-memory",
        help=help_text(
            "Đọc XLSX chỉ từng phần: ít bộ nhớ nhất, có thể chậm hơn; CSV và XML luôn đọc như vậy",
            "Read XLSX in slices alone: least memory, maybe slower; CSV and XML are always read so",
        ),
    ),
]

WORST_FIRST = (ExitCode.BUG, ExitCode.CONFIGURATION, ExitCode.FINDINGS, ExitCode.OK)
"""Which exit code wins when several files are checked."""


def add(app: typer.Typer) -> None:
    command(
        app,
        "validate",
        "Kiểm tra tệp dữ liệu trước khi ký và nộp",
        "Check data files before they are signed and sent",
        formats=FORMATS,
    )(validate)


def validate(  # noqa: PLR0917 - a command takes its options by name
    paths: Paths,
    dataset: DatasetCode = None,
    unit: UnitName = None,
    period: PeriodId = None,
    schema: SchemaFile = None,
    history: Earlier = None,
    output: Output = None,
    error_list: ErrorList = False,
    answer: Answered = None,
    answers: AnswersFile = None,
    attach: Attached = None,
    fix: Fix = False,
    dry_run: DryRun = False,
    watch: Watched = False,
    jobs: Jobs = 1,
    low_memory: LowMemory = False,
) -> None:
    _check_options(fix=fix, dry_run=dry_run, watch=watch, output=output)
    output = place_of_result(output, output_format(), fix=fix)
    asked = _Asked(
        {"dataset": dataset, "unit": unit, "period": period, "schema": schema},
        reasons_given(answer, answers),
        output,
        beside=_beside(history, attach)._replace(low_memory=low_memory),
        as_list=error_list,
        many=len(paths) > 1 or paths[0].is_dir(),
        jobs=jobs,
    )
    if watch:
        watch_folders(paths, lambda files: _say(_together(_checked(files, asked), asked), asked))
        return
    files = gathered(paths)
    read_too = (each for each in (schema, answers, *(attach or ())) if each is not None)
    check_output(output, (*files, *asked.beside.earlier, *read_too))
    outcomes = _checked(files, asked)
    if fix:
        from iocsl.catalog import open_catalogue
        from iocsl.commands.validate_fix import fix_all

        tell = emit if output_format() == "text" else note
        outcomes = fix_all(
            outcomes,
            open_catalogue(),
            asked.said,
            beside=asked.beside,
            output=output,
            dry_run=dry_run,
            tell=tell,
        )
        asked = asked._replace(output=None)
    if not asked.many and isinstance(outcomes[0].result, IocslError):
        raise outcomes[0].result
    outcomes = _together(outcomes, asked)
    _say(outcomes, asked)
    raise typer.Exit(int(_exit_code(outcomes)))


class _Asked(NamedTuple):
    """The options of one run: `said` of the files, answers given, and where the result goes."""

    said: dict[str, Any]
    reasons: dict[str, str]
    output: Path | None
    beside: Beside
    as_list: bool
    many: bool
    jobs: int


def _beside(history: Sequence[Path] | None, attach: Sequence[Path] | None) -> Beside:
    """What goes with the files by the options. Exit 2 for a file that is not there."""
    from iocsl.commands.validate_jobs import Beside

    earlier = tuple(gathered(history, copies=True)) if history else ()
    if not attach:
        return Beside(earlier)
    from iocsl.validate.attachments import attachments_of

    return Beside(earlier, attachments_of(attach))


def _check_options(*, fix: bool, dry_run: bool, watch: bool, output: Path | None) -> None:
    """Options that only make sense together, or apart: exit 2."""
    if dry_run and not fix:
        raise usage(
            "dry-run-alone",
            "--dry-run chỉ dùng cùng --fix.",
            "--dry-run goes with --fix.",
            ("Thêm --fix.", "Add --fix."),
        )
    if watch and (fix or output is not None):
        raise usage(
            "watch-writes-nothing",
            "--watch chỉ kiểm tra và báo, không dùng cùng --fix hay -o.",
            "--watch checks and tells; it does not go with --fix or -o.",
            ("Bỏ --fix, -o khi theo dõi.", "Leave out --fix and -o while watching."),
        )


def _say(outcomes: Sequence[Outcome], asked: _Asked) -> None:
    told = with_history(with_answers(outcomes, asked.reasons))
    if output_format() in NAMING:
        told = with_names(told, asked.said, low_memory=asked.beside.low_memory)
    write(told, output_format(), asked.output, as_list=asked.as_list, many=asked.many)


def _checked(files: Sequence[Path], asked: _Asked) -> list[Outcome]:
    """The outcome of each file in the order given; one that is refused does not stop the others."""
    from iocsl.commands.validate_jobs import results

    found = results(files, asked.said, asked.beside, asked.jobs)
    return [Outcome(path, result) for path, result in zip(with_bar(files), found, strict=True)]


def _together(outcomes: list[Outcome], asked: _Asked) -> list[Outcome]:
    """The outcomes with what the files say of one another."""
    if len(outcomes) < 2:
        return outcomes
    from iocsl.commands.validate_jobs import compared

    return compared(outcomes, asked.said)


def _exit_code(outcomes: Iterable[Outcome]) -> ExitCode:
    """70, then 3, then 1, then 0; a missing file or folder among several counts as wrong usage."""
    codes = {_code_of(each.result) for each in outcomes}
    for code in WORST_FIRST:
        if code in codes and code is not ExitCode.OK:
            return code
    return ExitCode.USAGE if ExitCode.USAGE in codes else ExitCode.OK


def _code_of(result: Report | IocslError) -> ExitCode:
    if isinstance(result, IocslError):
        return result.exit_code
    return ExitCode.OK if result.valid else ExitCode.FINDINGS
