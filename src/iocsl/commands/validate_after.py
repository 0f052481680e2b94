"""What `iocsl validate` knows of a file beyond its report: its last check, and its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import click
import typer

from iocsl import config
from iocsl.console.output import note
from iocsl.errors import IocslError
from iocsl.files import trouble
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.commands.validate_output import Outcome
    from iocsl.validate.answers import Standing

Answered = Annotated[
    list[str] | None,
    typer.Option(
        "--answer",
        click_type=click.Tuple([str, str]),
        metavar='CODE "LÝ DO"',
        help=help_text(
            "Giải trình một cảnh báo; dùng được nhiều lần",
            "Answer a warning with its reason; may be given several times",
        ),
    ),
]
"""Pairs of code and reason, whatever the annotation says: typer has no name for that."""


def with_history(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Keep each check, and tell under its report how it stands against the last one.

    A record that cannot be written is told once on stderr; the checks themselves stand.
    """
    from iocsl.reports.history import remembering

    together = Counter(map(_submission, outcomes))
    told: list[Outcome] = []
    try:
        with remembering(config.home()) as remember:
            for each in outcomes:
                change = None
                if not isinstance(each.result, IocslError):
                    # Parts of one submission are no versions of one another.
                    alone = together[_submission(each)] == 1
                    change = remember(each.path, each.result, alone=alone)
                after = () if change is None else (change.said(),)
                told.append(each._replace(after=(*each.after, *after)))
    except IocslError as error:
        note(say(error.message))
        return list(outcomes)
    except OSError as error:
        note(say(trouble(error).message))
        return list(outcomes)
    return told


def _submission(outcome: Outcome) -> tuple[str | None, ...]:
    result = outcome.result
    if isinstance(result, IocslError):
        return ()
    return result.dataset, result.unit, result.period


def with_names(
    outcomes: Sequence[Outcome], said: Mapping[str, Any], *, low_memory: bool
) -> list[Outcome]:
    """The reports with the names of the records that they speak of; the files are read again."""
    from iocsl.catalog import open_catalogue
    from iocsl.validate.naming import names_of_records

    catalogue = open_catalogue()
    told = []
    for each in outcomes:
        report = each.result
        if not isinstance(report, IocslError):
            names = names_of_records(each.path, report, catalogue, said, low_memory=low_memory)
            report = replace(report, records=names)
        told.append(each._replace(result=report))
    return told


def reasons_given(
    given: Sequence[str | tuple[str, str]] | None, path: Path | None
) -> dict[str, str]:
    """The answers of the options by code; `--answer` weighs more than the file."""
    if not given and path is None:
        return {}
    from iocsl.commands.validate_jobs import own_rules
    from iocsl.validate.answers import checked, read_answers

    own = own_rules()
    known = own.registry if own else None
    reasons = read_answers(path, known) if path is not None else {}
    pairs = cast("Sequence[tuple[str, str]]", given or ())
    reasons.update(checked(code, reason, known) for code, reason in pairs)
    return reasons


def with_answers(outcomes: Sequence[Outcome], reasons: Mapping[str, str]) -> list[Outcome]:
    """Keep the answers given, and tell under each report which warnings have one."""
    from iocsl.validate import answers

    home = config.home()
    reports = (each.result for each in outcomes if not isinstance(each.result, IocslError))
    answers.refuse_errors(reports, reasons)
    taken: set[str] = set()
    told: list[Outcome] = []
    for each in outcomes:
        if isinstance(each.result, IocslError):
            told.append(each)
            continue
        taken.update(answers.keep(home, each.result, reasons))
        lines = _standing(answers.for_report(home, each.result))
        told.append(each._replace(after=(*each.after, *lines)))
    for code in sorted(reasons.keys() - taken):
        note(
            tr(
                f"Không có cảnh báo {code} trong các tệp này; giải trình đó không được lưu.",
                f"No file here has the warning {code}; that answer was not kept.",
            )
        )
    return told


def _standing(standing: Standing) -> list[str]:
    lines = [
        tr(
            f"Đã giải trình {each.code}: {each.reason}",
            f"Answered {each.code}: {each.reason}",
        )
        for each in standing.answered
    ]
    lines.extend(
        tr(
            f"Kỳ {each.period} đã giải trình {each.code}: “{each.reason}”. Nếu vẫn đúng: "
            f'--answer {each.code} "…"',
            f"{each.code} was answered for {each.period}: “{each.reason}”. If it still holds: "
            f'--answer {each.code} "…"',
        )
        for each in standing.offered
    )
    if standing.open:
        codes = ", ".join(standing.open)
        lines.append(
            tr(
                f"Cảnh báo chưa giải trình: {codes}. Sửa, hoặc: "
                f'--answer {standing.open[0]} "lý do"',
                f"Warnings without an answer: {codes}. Mend them, or: "
                f'--answer {standing.open[0]} "reason"',
            )
        )
    return lines
