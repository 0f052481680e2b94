"""Reports with values that try to break out of the document they are written into."""

from __future__ import annotations

from iocsl.domain import Finding, Severity
from iocsl.validate.readers.base import Facts
from iocsl.validate.report import Report

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]><boom/>",
    '=HYPERLINK("http://x","a")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\x00\x0b\ufffe",
    "\u202egpj.exe",
    "\ud800",
    "--><b>",
    "{{7*7}}&amp;",
)


def hostile_report() -> Report:
    """An error, a warning and a note for each hostile text, in an XLSX and by line."""
    findings = []
    for at, text in enumerate(HOSTILE, 2):
        for severity, code in (
            (Severity.WARNING, "L802"),
            (Severity.ERROR, "C301"),
            (Severity.INFO, "L804"),
        ):
            findings.append(
                Finding(
                    code,
                    "unknown-indicator-code",
                    severity,
                    f"“{text}” là lạ.",
                    hint=f"Sửa {text}",
                    basis="Điều 5",
                    sheet=text[:20],
                    cell=f"A{at}",
                    row=at,
                    column="ma_chi_tieu",
                    value=text,
                )
            )
    facts = Facts('<b>"tệp"&.xlsx', 10, "0" * 64, "xlsx")
    return Report(facts, tuple(findings), "KDL-M-016", "CQ-TC", "2026-10", rows=12, cells=24)
