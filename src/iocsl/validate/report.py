"""The validation report: findings, counts, and the contract's document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import iocsl
from iocsl.domain import Finding, Severity
from iocsl.validate.findings import KEPT, Findings, rules_met
from iocsl.validate.quality import Quality
from iocsl.validate.readers.base import Facts
from iocsl.validate.record_names import RecordNames
from iocsl.validate.registry import rule_set
from iocsl.validate.understood import Understood

SCHEMA = "iocsl/validation-report/1"
_NULL = "null"


@dataclass(frozen=True, slots=True)
class Report:
    """What the check of one file found. `dataset`, `unit` and `period` are ids, None if unsaid."""

    facts: Facts
    findings: Sequence[Finding]
    dataset: str | None = None
    unit: str | None = None
    period: str | None = None
    catalogue_version: int = 0
    rows: int = 0
    cells: int = 0
    quality: Quality = field(default_factory=Quality)
    rule_set: str = field(default_factory=rule_set)
    understood: tuple[Understood, ...] = ()
    records: RecordNames = field(default_factory=RecordNames)
    """What the records with findings are called, where that was asked for."""

    @property
    def valid(self) -> bool:
        return all(severity is not Severity.ERROR for _, severity in rules_met(self.findings))

    @property
    def unreadable(self) -> bool:
        """Whether the file itself could not be read: an F finding at error level."""
        met = rules_met(self.findings)
        return any(code[0] == "F" and severity is Severity.ERROR for code, severity in met)

    @property
    def counts(self) -> dict[str, int]:
        """Rows and cells read, and findings by severity."""
        counts = {"rows": self.rows, "cells": self.cells, "error": 0, "warning": 0, "info": 0}
        for (_, severity), many in rules_met(self.findings).items():
            counts[severity.value] += many
        return counts

    def document(self) -> dict[str, Any]:
        """The validation report of the contract."""
        return self.head() | {"findings": [finding_document(each) for each in self.findings]}

    def head(self) -> dict[str, Any]:
        """The validation report without its findings, which come last."""
        return {
            "schema": SCHEMA,
            "tool": {"name": "iocsl", "version": iocsl.__version__},
            "catalogue_version": self.catalogue_version,
            "rule_set": self.rule_set,
            "file": {
                "name": self.facts.name,
                "sha256": self.facts.sha256,
                "size": self.facts.size,
                "format": self.facts.format,
                "encoding": self.facts.encoding,
            },
            "dataset": self.dataset,
            "unit": self.unit,
            "period": self.period,
            "valid": self.valid,
            "counts": self.counts,
            "quality": self.quality.document(),
        }


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding with every key of the contract."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "row": finding.row,
        "line": finding.line,
        "column": finding.column,
        "value": finding.value,
        "message": finding.message,
        "hint": finding.hint,
        "basis": finding.basis,
        "count": finding.count,
    }


def finding_texts(findings: Sequence[Finding]) -> Iterator[str]:
    """Each finding as JSON on one line, as `finding_document` has it.

    What is said again and again is written once, and put together with each of its places.
    """
    if not isinstance(findings, Findings):
        yield from (_json(finding_document(finding)) for finding in findings)
        return
    ready: dict[int, tuple[str, str]] = {}
    for kind, cell, row, line in findings.placed():
        parts = ready.get(kind)
        if parts is None:
            if len(ready) >= KEPT:
                ready.clear()
            parts = ready[kind] = _around_the_place(findings.said(kind))
        at = _NULL if cell is None else f'"{cell}"'
        row_at, line_at = _NULL if row is None else row, _NULL if line is None else line
        yield f'{parts[0]}"cell": {at}, "row": {row_at}, "line": {line_at}{parts[1]}'


def _around_the_place(finding: Finding) -> tuple[str, str]:
    """The JSON of a finding before and after the keys that say where it is."""
    keys = list(finding_document(finding).items())
    first = next(at for at, (key, _) in enumerate(keys) if key == "cell")
    return _json(dict(keys[:first]))[:-1] + ", ", ", " + _json(dict(keys[first + 3 :]))[1:]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
