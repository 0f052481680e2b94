"""A validation report for a person: grouped by code, critical first, exact counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from iocsl.console.output import console
from iocsl.domain import Severity
from iocsl.reports.wording import (
    Group,
    about,
    grouped,
    place,
    printable,
    quality_facts,
    readings,
    severity_word,
    title,
    verdict,
)
from iocsl.text import tr
from iocsl.validate.findings import places

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from iocsl.validate.report import Report

SHOWN = 50
"""Findings listed of each code; the count tells the rest."""

_BLANK = re.compile(r"\s")
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
            _say(line, screen)
    if len(reports) > 1:
        good = sum(1 for report in reports if report.valid)
        screen.print()
        _say(
            tr(
                f"{len(reports)} tệp: {good} hợp lệ, {len(reports) - good} có lỗi.",
                f"{len(reports)} files: {good} valid, {len(reports) - good} with errors.",
            ),
            screen,
        )


def _show(report: Report, screen: Console) -> None:
    from rich.text import Text

    _paragraph(Text(_on_one_line(report.facts.name), style="bold"), screen)
    counts = report.counts
    rows = tr(f"{counts['rows']} dòng dữ liệu", f"{counts['rows']} rows of data")
    _say(f"{about(report)} · {rows}", screen)
    for what, examples in readings(report):
        _say(f"{what}: {examples}", screen)
    for group in grouped(report.findings):
        screen.print()
        _group(group, screen)
    screen.print()
    _say(verdict(report), screen)
    for what, figures in quality_facts(report):
        _say(f"{what}: {figures}", screen)


def _group(group: Group, screen: Console) -> None:
    from rich.text import Text

    findings = group.findings
    first = findings[0]
    word = f"{severity_word(group.severity)} {group.code}"
    head = Text.assemble((word, _STYLES[group.severity]), f"  {title(group)}")
    if group.places > 1:
        head.append(tr(f"  ({group.places} chỗ)", f"  ({group.places} places)"))
    _paragraph(head, screen)
    for finding in findings[:SHOWN]:
        where = _on_one_line(place(finding))
        line = f"{where}: {finding.message}" if where else finding.message
        _say(line, screen, indent=2, bold=len(where))
    if len(findings) > SHOWN:
        rest = group.places - places(findings[:SHOWN])
        _say(
            tr(
                f"… và {rest} chỗ nữa; xem đủ bằng --format json.",
                f"… and {rest} more; see all with --format json.",
            ),
            screen,
            indent=2,
        )
    for word, said in (
        (tr("Cần làm", "What to do"), first.hint),
        (tr("Căn cứ", "Basis"), first.basis),
    ):
        if said:
            _say(f"{word}: {said}", screen, indent=2, style="dim")


def _on_one_line(text: str) -> str:
    """What a file says, unable to steer the terminal: control and direction marks are named."""
    return _BLANK.sub(" ", printable(text))


def _say(text: str, screen: Console, *, indent: int = 0, bold: int = 0, style: str = "") -> None:
    """One paragraph, its first `bold` characters bold."""
    from rich.text import Text

    said = Text(_on_one_line(text), style=style)
    if bold:
        said.stylize("bold", 0, bold)
    _paragraph(said, screen, indent=indent)


def _paragraph(text: Text, screen: Console, *, indent: int = 0) -> None:
    """Wrapped by the columns that letters take, without blanks at the line ends."""
    from rich.text import Text

    for line in text.wrap(screen, max(screen.width - indent, 20)):
        line.rstrip()
        screen.print(Text(" " * indent).append_text(line), soft_wrap=True)
