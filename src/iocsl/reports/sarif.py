"""The findings as SARIF 2.1.0 (OASIS Standard), for editors and code hosts; nothing is left out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import iocsl
from iocsl.domain import Finding, Severity
from iocsl.reports.wording import printable, with_commas
from iocsl.text import language, say, tr
from iocsl.validate.findings import said_how_often
from iocsl.validate.registry import RuleInfo, rule

if TYPE_CHECKING:
    from iocsl.validate.report import Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif_lines(reports: Sequence[Report], paths: Sequence[Path]) -> Iterator[str]:
    """One run over all the files, line by line; the rules that found something are described.

    `paths` lead to the files, one for each report: by them an editor opens what a finding is in.
    """
    uris = [_uri(path) for path in paths]
    said = (finding for report in reports for finding, _ in said_how_often(report.findings))
    names = {finding.code: finding.name for finding in said}
    codes = sorted(names)
    driver = {
        "name": "iocsl",
        "version": iocsl.__version__,
        "language": language(),
        "rules": [_rule(code, names[code]) for code in codes],
    }
    yield f'{{"$schema": {_json(SCHEMA)}, "version": "2.1.0", "runs": [{{'
    yield f'"tool": {_json({"driver": driver})},'
    yield '"columnKind": "unicodeCodePoints",'
    yield f'"artifacts": {_json([_artifact(*each) for each in zip(reports, uris, strict=True)])},'
    yield '"results": ['
    at = {code: place for place, code in enumerate(codes)}
    results = (
        _result(finding, {"uri": uris[file], "index": file}, at[finding.code])
        for file, report in enumerate(reports)
        for finding in report.findings
    )
    yield from with_commas(map(_json, results))
    yield "]}]}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rule(code: str, name: str) -> dict[str, Any]:
    info = rule(code)
    if info is None:
        # A rule of the unit's own has no page here.
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


def _uri(path: Path) -> str:
    """A path as a URI (RFC 3986), relative to the current folder where the file lies in it."""
    here = Path.cwd()
    if path.is_absolute() and not path.is_relative_to(here):
        return path.as_uri()
    nearer = path.relative_to(here) if path.is_absolute() else path
    return quote(os.fsencode(nearer.as_posix()))


def _artifact(report: Report, uri: str) -> dict[str, Any]:
    return {
        "location": {"uri": uri},
        "length": report.facts.size,
        "hashes": {"sha-256": report.facts.sha256},
    }


def _result(finding: Finding, file: dict[str, Any], at: int) -> dict[str, Any]:
    said = [finding.message, *([finding.hint] if finding.hint else [])]
    return {
        "ruleId": finding.code,
        "ruleIndex": at,
        "level": _LEVELS[finding.severity],
        "message": {"text": printable("\n".join(said))},
        "occurrenceCount": finding.count,
        "locations": [_location(finding, file)],
        "properties": {
            "basis": finding.basis,
            "column": finding.column,
            "value": None if finding.value is None else printable(finding.value),
        },
    }


def _location(finding: Finding, file: dict[str, Any]) -> dict[str, Any]:
    """The file; a region where there are lines, the cell as a logical location where not."""
    physical: dict[str, Any] = {"artifactLocation": file}
    if finding.line is not None and finding.line > 0:
        physical["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.cell or finding.sheet:
        logical = {"kind": "cell" if finding.cell else "sheet"}
        parts = [printable(each) for each in (finding.sheet, finding.cell) if each]
        logical["name"], logical["fullyQualifiedName"] = parts[-1], "!".join(parts)
        location["logicalLocations"] = [logical]
    return location
