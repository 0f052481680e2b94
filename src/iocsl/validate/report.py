"""The validation report: findings, counts, and the contract's document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import iocsl
from iocsl.domain import Finding, Severity
from iocsl.validate.findings import tally
from iocsl.validate.quality import Quality
from iocsl.validate.readers.base import Facts
from iocsl.validate.registry import rule_set

SCHEMA = "iocsl/validation-report/1"
WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


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

    @property
    def valid(self) -> bool:
        return not tally(self.findings)[Severity.ERROR]

    @property
    def unreadable(self) -> bool:
        """Whether the file itself could not be read: an F finding at error level."""
        return any(
            finding.code.startswith("F") and finding.severity is Severity.ERROR
            for finding in self.findings
        )

    @property
    def counts(self) -> dict[str, int]:
        """Rows and cells read, and findings by severity."""
        counts = {"rows": self.rows, "cells": self.cells}
        found = tally(self.findings)
        return counts | {severity.value: found[severity] for severity in WORST_FIRST}

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
