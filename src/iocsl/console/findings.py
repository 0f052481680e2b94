"""A validation report for a person: grouped by code, critical first, exact counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from iocsl.console.output import console
from iocsl.domain import Finding, Severity
from iocsl.text import tr

if TYPE_CHECKING:
    from rich.console import Console

    from iocsl.validate.report import Report

SHOWN = 50
"""Findings listed of each code; the count tells the rest."""

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}


def severity_word(severity: Severity) -> str:
    return {
        Severity.ERROR: tr("LỖI", "ERROR"),
        Severity.WARNING: tr("CẢNH BÁO", "WARNING"),
        Severity.INFO: tr("GHI CHÚ", "NOTE"),
    }[severity]


def show_reports(reports: Sequence[Report], screen: Console | None = None) -> None:
    """Draw each report; a line for all of them when there are several."""
    screen = screen or console()
    for at, report in enumerate(reports):
        if at:
            screen.print()
        _show(report, screen)
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
    said = [each for each in (report.dataset, report.unit, report.period) if each]
    known = " · ".join(said) or tr("chưa rõ bộ dữ liệu", "dataset unknown")
    counts = report.counts
    rows = tr(f"{counts['rows']} dòng dữ liệu", f"{counts['rows']} rows of data")
    screen.print(f"{known} · {rows}")
    for severity, code, findings in _grouped(report.findings):
        screen.print()
        _group(severity, code, findings, screen)
    screen.print()
    screen.print(_verdict(report))


def _grouped(findings: Iterable[Finding]) -> list[tuple[Severity, str, list[Finding]]]:
    """Findings by severity and code; within each, in the order of the file."""
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code), []).append(finding)
    return [
        (severity, code, many)
        for severity in _ORDER
        for (of, code), many in groups.items()
        if of is severity
    ]


def _group(severity: Severity, code: str, findings: list[Finding], screen: Console) -> None:
    from rich.text import Text

    first = findings[0]
    many = sum(finding.count for finding in findings)
    head = Text.assemble(
        (f"{severity_word(severity)} {code}", _STYLES[severity]), f"  {first.name}"
    )
    if many > 1:
        head.append(tr(f"  ({many} chỗ)", f"  ({many} places)"))
    screen.print(head)
    for finding in findings[:SHOWN]:
        place = _place(finding)
        _indented(
            f"{place}: {finding.message}" if place else finding.message, screen, bold=len(place)
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


def _place(finding: Finding) -> str:
    """Where it is, as short as the format allows: sheet and cell, or row and line."""
    if finding.cell:
        return f"{finding.sheet}!{finding.cell}" if finding.sheet else finding.cell
    if finding.row is None:
        return finding.sheet or ""
    row = tr(f"dòng {finding.row}", f"row {finding.row}")
    if finding.line is not None and finding.line != finding.row:
        row += tr(f" (dòng {finding.line} của tệp)", f" (line {finding.line} of the file)")
    return f"{row}, {finding.column}" if finding.column else row


def _verdict(report: Report) -> str:
    counts = report.counts
    errors, warnings, infos = (counts[severity.value] for severity in _ORDER)
    if report.unreadable:
        return tr(
            "Không đọc được tệp; chưa kiểm tra được số liệu.",
            "The file cannot be read; its figures were not checked.",
        )
    if errors:
        return tr(
            f"Chưa hợp lệ: {errors} lỗi, {warnings} cảnh báo, {infos} ghi chú. "
            "Sửa các lỗi rồi kiểm tra lại.",
            f"Not valid: {_many(errors, 'error')}, {_many(warnings, 'warning')}, "
            f"{_many(infos, 'note')}. Mend the errors and check again.",
        )
    return tr(
        f"Hợp lệ: không có lỗi, {warnings} cảnh báo, {infos} ghi chú.",
        f"Valid: no errors, {_many(warnings, 'warning')}, {_many(infos, 'note')}.",
    )


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
