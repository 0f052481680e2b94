"""The findings as SARIF 2.1.0 (OASIS Standard), for editors and code hosts; nothing is left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import iocsl
from iocsl.domain import Finding, Severity
from iocsl.reports.wording import printable
from iocsl.text import language, say, tr
from iocsl.validate.registry import RuleInfo, rule

if TYPE_CHECKING:
    from iocsl.validate.report import Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def as_sarif(reports: Sequence[Report]) -> str:
    """One run over all the files; the rules that found something are described in it."""
    findings = [(at, finding) for at, report in enumerate(reports) for finding in report.findings]
    codes = sorted({finding.code for _, finding in findings})
    at = {code: place for place, code in enumerate(codes)}
    names = {finding.code: finding.name for _, finding in findings}
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "iocsl",
                        "version": iocsl.__version__,
                        "language": language(),
                        "rules": [_rule(code, names[code]) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "artifacts": [_artifact(report) for report in reports],
                "results": [
                    _result(finding, file, reports[file], at[finding.code])
                    for file, finding in findings
                ],
            }
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _rule(code: str, name: str) -> dict[str, Any]:
    info = rule(code)
    if info is None:
        # Rules of a schema (`quy_tac`) have codes of their own and no page.
        return {"id": code, "name": name}
    return {
        "id": code,
        "name": name,
        "shortDescription": {"text": info.doc.partition("\n")[0]},
        "fullDescription": {"text": info.doc},
        "help": {"text": _help(info)},
        "defaultConfiguration": {"level": _LEVELS[info.severity]},
    }


def _help(info: RuleInfo) -> str:
    basis = "; ".join(f"{regime.value}: {article}" for regime, article in info.basis.items())
    said = [say(info.hint)] if info.hint else []
    if basis:
        said.append(tr(f"Căn cứ: {basis}", f"Basis: {basis}"))
    return "\n".join(said) or info.doc


def _artifact(report: Report) -> dict[str, Any]:
    return {
        "location": {"uri": quote(printable(report.facts.name))},
        "length": report.facts.size,
        "hashes": {"sha-256": report.facts.sha256},
    }


def _result(finding: Finding, file: int, report: Report, at: int) -> dict[str, Any]:
    said = [finding.message, *([finding.hint] if finding.hint else [])]
    return {
        "ruleId": finding.code,
        "ruleIndex": at,
        "level": _LEVELS[finding.severity],
        "message": {"text": printable("\n".join(said))},
        "occurrenceCount": finding.count,
        "locations": [_location(finding, file, report)],
        "properties": {
            "basis": finding.basis,
            "column": finding.column,
            "value": None if finding.value is None else printable(finding.value),
        },
    }


def _location(finding: Finding, file: int, report: Report) -> dict[str, Any]:
    """The file; a region where there are lines, the cell as a logical location where not."""
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(printable(report.facts.name)), "index": file}
    }
    if finding.line is not None and finding.line > 0:
        physical["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.cell or finding.sheet:
        logical = {"kind": "cell" if finding.cell else "sheet"}
        parts = [printable(each) for each in (finding.sheet, finding.cell) if each]
        logical["name"], logical["fullyQualifiedName"] = parts[-1], "!".join(parts)
        location["logicalLocations"] = [logical]
    return location
