"""The validation report: hits into findings, counts, and the contract's document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import iocsl
from iocsl.domain import Finding, Regime, Severity, Words
from iocsl.text import nfc, say, tr
from iocsl.validate.context import Context
from iocsl.validate.engine import Hit, Table
from iocsl.validate.quality import Quality
from iocsl.validate.readers.base import Facts, column_letters, shown
from iocsl.validate.registry import GROUPS, Level, RuleInfo, rule_set

SCHEMA = "iocsl/validation-report/1"
MASK = "***"
LONGEST = 200
"""Characters of a value that a message or a `value` shows."""
WHOLE_COLUMN = 0.9
"""A rule that this part of a column fails has one cause, and gives one finding."""
ENOUGH_ROWS = 20

_REGIME_NAMES = {
    Regime.QD1134: Words(
        "Quyết định 1134/QĐ-UBND ngày 13/5/2026", "Decision 1134/QĐ-UBND of 13/5/2026"
    ),
    Regime.QD2023: Words("Quy định chế độ báo cáo năm 2023", "the 2023 reporting regime"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """What the check of one file found. `dataset`, `unit` and `period` are ids, None if unsaid."""

    facts: Facts
    findings: tuple[Finding, ...]
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
        return not any(finding.severity is Severity.ERROR for finding in self.findings)

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
        counts = {"rows": self.rows, "cells": self.cells, "error": 0, "warning": 0, "info": 0}
        for finding in self.findings:
            counts[finding.severity.value] += 1
        return counts

    def document(self) -> dict[str, Any]:
        """The validation report of the contract."""
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
            "findings": [finding_document(finding) for finding in self.findings],
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


def findings_of(
    hits: Sequence[Hit], tables: Sequence[Table], context: Context | None, addressed: bool
) -> tuple[Finding, ...]:
    """Hits as findings in the order of the file: the file itself, then sheet, row and column."""
    by_sheet = {table.sheet.name: table for table in tables}
    order = {name: place for place, name in enumerate(by_sheet, 1)}
    groups = {letter: place for place, letter in enumerate(GROUPS)}
    writer = _Writer(by_sheet, context, addressed)
    gathered = _gathered(hits, by_sheet)

    def key(hit: Hit) -> tuple[int, int, int, int, str]:
        table = by_sheet.get(hit.sheet)
        across = table.layout.columns.get(hit.column or "", -1) if table else -1
        row = hit.place.row if hit.place else 0
        if hit.rule.level is Level.FILE and hit.place is None:
            return 0, 0, 0, groups[hit.rule.code[0]], hit.rule.code
        return order.get(hit.sheet, 0), row, across, groups[hit.rule.code[0]], hit.rule.code

    return tuple(writer.finding(hit) for hit in sorted(gathered, key=key))


def _gathered(hits: Iterable[Hit], by_sheet: Mapping[str | None, Table]) -> list[Hit]:
    """One hit for a cell rule that fails nearly all of a column: it has one cause."""
    kept: list[Hit] = []
    columns: dict[tuple[str | None, str | None, str], list[Hit]] = {}
    for hit in hits:
        if hit.rule.level is Level.CELL and hit.place is not None:
            columns.setdefault((hit.sheet, hit.column, hit.rule.code), []).append(hit)
        else:
            kept.append(hit)
    for (sheet, _, _), many in columns.items():
        rows = by_sheet[sheet].rows
        if len(many) < ENOUGH_ROWS or len(many) < WHOLE_COLUMN * rows:
            kept.extend(many)
            continue
        first = many[0]
        kept.append(
            Hit(
                first.rule,
                first.fault,
                first.sheet,
                first.place,
                first.column,
                first.value,
                len(many),
            )
        )
    return kept


class _Writer:
    """Turns hits into findings: words in the language chosen, addresses, masks, citations."""

    def __init__(
        self, by_sheet: Mapping[str | None, Table], context: Context | None, addressed: bool
    ) -> None:
        self.by_sheet = by_sheet
        self.context = context
        self.addressed = addressed

    def finding(self, hit: Hit) -> Finding:
        rule, fault = hit.rule, hit.fault
        personal = self._personal(hit.column)
        facts = {name: self._fact(value, personal) for name, value in fault.facts.items()}
        said = fault.said or rule.said(facts)
        message = nfc(say(said))
        if hit.count > 1 and rule.level is Level.CELL:
            message += tr(
                f" Cùng một lỗi ở {hit.count} ô của cột này.",
                f" The same fault in {hit.count} cells of this column.",
            )
        sheet, cell = self._where(hit)
        return Finding(
            code=rule.code,
            name=rule.name,
            severity=fault.severity or rule.severity,
            message=message,
            hint=say(rule.hint) if rule.hint else None,
            basis=self._basis(rule),
            sheet=sheet,
            cell=cell,
            row=hit.place.row if hit.place else None,
            line=hit.place.line if hit.place else None,
            column=hit.column,
            value=self._value(hit, personal),
            count=hit.count,
        )

    def _personal(self, column: str | None) -> bool:
        if self.context is None or column is None:
            return False
        field = self.context.schema.by_name.get(column)
        return field is not None and field.personal

    def _fact(self, value: object, personal: bool) -> object:
        """A fact for a message. Where the column is personal no text of the file is shown."""
        if isinstance(value, int | float):
            return MASK if personal else value
        return MASK if personal else _short(shown(value))

    def _value(self, hit: Hit, personal: bool) -> str | None:
        if hit.value is None:
            return None
        return MASK if personal else _short(shown(hit.value))

    def _where(self, hit: Hit) -> tuple[str | None, str | None]:
        if hit.fault.at is not None:
            return hit.fault.at
        if hit.cell is not None or not self.addressed:
            return hit.sheet, hit.cell
        table = self.by_sheet.get(hit.sheet)
        if table is None or hit.place is None or hit.column is None:
            return hit.sheet, None
        column = table.layout_at(hit.place.row).columns.get(hit.column)
        if column is None:
            return hit.sheet, None
        letters = column_letters(column + table.sheet.column_offset)
        return hit.sheet, f"{letters}{hit.place.row}"

    def _basis(self, rule: RuleInfo) -> str | None:
        regime = self.context.regime if self.context else None
        if regime is None or regime not in rule.basis:
            return None
        return f"{rule.basis[regime]}, {say(_REGIME_NAMES[regime])}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
