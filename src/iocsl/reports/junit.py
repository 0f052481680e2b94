"""The findings as JUnit XML, for the build servers that read nothing else; nothing is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from iocsl.domain import Finding, Severity
from iocsl.reports.wording import place, printable
from iocsl.text import tr

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from iocsl.validate.report import Report


def as_junit(reports: Sequence[Report]) -> str:
    """A suite a file and a case a finding; only errors fail. A file without findings is one case.

    Warnings and notes pass and are told as output, as exit codes have it.
    """
    from xml.etree.ElementTree import Element, indent, tostring

    suites = [_suite(report) for report in reports]
    root = Element("testsuites", _totals("iocsl", suites))
    root.extend(suites)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _suite(report: Report) -> Element:
    from xml.etree.ElementTree import Element

    cases = list(_cases(report))
    failures = report.counts["error"]
    suite = Element("testsuite", name=printable(report.facts.name), errors="0", skipped="0")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(failures))
    suite.extend(cases)
    return suite


def _totals(name: str, suites: Sequence[Element]) -> dict[str, str]:
    counted = {
        key: str(sum(int(suite.get(key, "0")) for suite in suites))
        for key in ("tests", "failures", "errors")
    }
    return {"name": name, **counted}


def _cases(report: Report) -> Iterator[Element]:
    from xml.etree.ElementTree import Element

    file = printable(report.facts.name)
    if not report.findings:
        yield Element("testcase", classname=file, name=tr("hợp lệ", "valid"))
    for finding in report.findings:
        yield _case(file, finding)


def _case(file: str, finding: Finding) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    where = place(finding)
    name = printable(f"{finding.code} {where}".strip())
    case = Element("testcase", classname=f"{file}.{finding.name}", name=name)
    parts = (finding.message, finding.hint, finding.basis)
    said = "\n".join(printable(part) for part in parts if part)
    if finding.severity is Severity.ERROR:
        message = printable(finding.message)
        SubElement(case, "failure", type=finding.code, message=message).text = said
    else:
        SubElement(case, "system-out").text = f"{finding.severity.value}: {said}"
    return case
