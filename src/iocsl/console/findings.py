"""A validation report for a person: grouped by code, critical first, exact counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from iocsl.console.output import console
from iocsl.domain import Severity
from iocsl.reports.wording import (
    Group,
    about,
    grouped,
    place,
    readings,
    severity_word,
    title,
    verdict,
)
from iocsl.text import tr

if TYPE_CHECKING:
    from rich.console import Console

    from iocsl.validate.report import Report

SHOWN = 50
"""Findings listed of each code; the count tells the rest."""

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}


def show_reports(
    reports: Sequence[Report],
    screen: Console | None = None,
    *,
    after: Sequence[Sequence[str]] = (),
) -> None:
    """Draw each report; a line for all of them when there are several.

    `after` are lines told under each report: its answers, and how it stands against the last check.
    """
    screen = screen or console()
    for at, report in enumerate(reports):
        if at:
            screen.print()
        _show(report, screen)
        for line in after[at] if after else ():
            screen.print(line)
    if len(reports) > 1:
        good = sum(1 for report in reports if report.valid)
        screen.print()
        screen.print(
            tr(
                f"{len(reports)} tệp: {good} hợp lệ, {len(reports) - good} có lỗi.",
                f"{len(reports)} files: {good} valid, {len(reports) - good} with errors.",
            )
        )


def _show(report: Report, screen: Console) -> None:
    from rich.text import Text

    screen.print(Text(report.facts.name, style="bold"))
    counts = report.counts
    rows = tr(f"{counts['rows']} dòng dữ liệu", f"{counts['rows']} rows of data")
    screen.print(f"{about(report)} · {rows}")
    for what, examples in readings(report):
        screen.print(f"{what}: {examples}")
    for group in grouped(report.findings):
        screen.print()
        _group(group, screen)
    screen.print()
    screen.print(verdict(report))


def _group(group: Group, screen: Console) -> None:
    from rich.text import Text

    findings = group.findings
    first = findings[0]
    word = f"{severity_word(group.severity)} {group.code}"
    head = Text.assemble((word, _STYLES[group.severity]), f"  {title(group)}")
    if group.places > 1:
        head.append(tr(f"  ({group.places} chỗ)", f"  ({group.places} places)"))
    screen.print(head)
    for finding in findings[:SHOWN]:
        where = place(finding)
        _indented(
            f"{where}: {finding.message}" if where else finding.message, screen, bold=len(where)
        )
    if len(findings) > SHOWN:
        rest = len(findings) - SHOWN
        _indented(
            tr(
                f"… và {rest} chỗ nữa; xem đủ bằng --format json.",
                f"… and {rest} more; see all with --format json.",
            ),
            screen,
        )
    for word, said in (
        (tr("Cần làm", "What to do"), first.hint),
        (tr("Căn cứ", "Basis"), first.basis),
    ):
        if said:
            _indented(f"{word}: {said}", screen, style="dim")


def _indented(text: str, screen: Console, *, bold: int = 0, style: str = "") -> None:
    """One paragraph two columns in, wrapped without blanks at the line ends."""
    from textwrap import wrap

    from rich.text import Text

    for at, line in enumerate(wrap(text, max(screen.width - 2, 20), break_on_hyphens=False)):
        drawn = Text("  " + line, style=style)
        if at == 0 and bold:
            drawn.stylize("bold", 2, 2 + bold)
        screen.print(drawn, soft_wrap=True)
