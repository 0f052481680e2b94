"""The findings as JUnit XML, for the build servers that read nothing else; nothing is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from iocsl.domain import Finding, Severity
from iocsl.reports.wording import place, printable
from iocsl.text import tr

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from iocsl.validate.report import Report


def junit_lines(reports: Sequence[Report]) -> Iterator[str]:
    """A suite a file and a case a finding; only errors fail. A file without findings is one case.

    Warnings and notes pass and are told as output, as exit codes have it.
    """
    tests = [len(report.findings) or 1 for report in reports]
    failures = [report.counts["error"] for report in reports]
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    counts = f'tests="{sum(tests)}" failures="{sum(failures)}" errors="0"'
    yield f'<testsuites name="iocsl" {counts}>'
    for report, cases, failed in zip(reports, tests, failures, strict=True):
        name = quoteattr(printable(report.facts.name))
        counts = f'errors="0" skipped="0" tests="{cases}" failures="{failed}"'
        yield f"<testsuite name={name} {counts}>"
        yield from _cases(report)
        yield "</testsuite>"
    yield "</testsuites>"


def _cases(report: Report) -> Iterator[str]:
    from xml.etree.ElementTree import Element, tostring

    file = printable(report.facts.name)
    if not report.findings:
        passed = Element("testcase", classname=file, name=tr("hợp lệ", "valid"))
        yield tostring(passed, encoding="unicode")
    met: Counter[str] = Counter()
    for finding in report.findings:
        name = printable(f"{finding.code} {place(finding)}".strip())
        met[name] += 1
        # Of cases of one name some servers keep the first alone.
        named = f"{name} ({met[name]})" if met[name] > 1 else name
        yield tostring(_case(file, named, finding), encoding="unicode")


def _case(file: str, name: str, finding: Finding) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    case = Element("testcase", classname=f"{file}.{finding.name}", name=name)
    parts = (finding.message, finding.hint, finding.basis)
    said = "\n".join(printable(part) for part in parts if part)
    if finding.severity is Severity.ERROR:
        message = printable(finding.message)
        SubElement(case, "failure", type=finding.code, message=message).text = said
    else:
        SubElement(case, "system-out").text = f"{finding.severity.value}: {said}"
    return case
