"""The figures "đúng, đủ, sạch, sống" of one file; their formulas stand in `docs/quality.md`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from iocsl.domain import Severity
from iocsl.errors import IocslError
from iocsl.validate.context import Context
from iocsl.validate.hits import Hits
from iocsl.validate.registry import Level, RuleInfo
from iocsl.validate.table import Table

WRONG = frozenset("VCPXH")
"""Groups whose errors say that a cell is not right."""
MISSING = "V401"
MERGED = "S218"
"""Tells the empty cells below a merged figure together, in place of V401."""
ABSENT_INDICATORS = "C310"
UNCLEAN = frozenset("LS")
REPEATED = frozenset({"X701", "X702", "X713"})


class Quality(NamedTuple):
    """đúng, đủ, sạch, sống: 0-100, or None where it cannot be told."""

    correct: float | None = None
    complete: float | None = None
    clean: float | None = None
    live: float | None = None

    def document(self) -> dict[str, float | None]:
        return {"dung": self.correct, "du": self.complete, "sach": self.clean, "song": self.live}


def quality_of(hits: Hits, tables: Sequence[Table], context: Context) -> Quality:
    """The figures of what was read; all None where nothing was."""
    rows = sum(table.rows for table in tables)
    if not rows:
        return Quality()
    return Quality(
        correct=_share(_wrong_cells(hits), sum(table.cells for table in tables)),
        complete=_complete(hits, tables, context),
        clean=_share(_unclean_rows(hits), rows),
        live=_live(context),
    )


def _live(context: Context) -> float | None:
    """What the history knows of deadlines; None where it is not there or cannot be read."""
    if context.history is None or context.past.trouble is not None:
        return None
    try:
        return context.history.live(context)
    except IocslError:
        return None


def together(reports: Sequence[Mapping[str, Any]]) -> Quality:
    """The figures of several reports (the contract's objects) as those of one file.

    "Đúng" weighs by cells, "đủ" and "sạch" by rows; "sống" is not a file's and is left out.
    """

    def mean(key: str, weight: str) -> float | None:
        known = [
            (each["quality"][key], each["counts"][weight])
            for each in reports
            if each["quality"][key] is not None
        ]
        total = sum(weight for _, weight in known)
        return (
            math.floor(sum(value * weight for value, weight in known) / total * 10) / 10
            if total
            else None
        )

    return Quality(mean("dung", "cells"), mean("du", "rows"), mean("sach", "rows"))


def _share(bad: int, of: int) -> float | None:
    """How many of a hundred are good, cut to one decimal: 100 is said of a faultless file only."""
    if of <= 0:
        return None
    return math.floor(max(of - bad, 0) / of * 1000) / 10


def _wrong_cells(hits: Hits) -> int:
    """Cells with an error of their own; empty ones count under "đủ"."""

    def wrong(rule: RuleInfo, severity: Severity) -> bool:
        right = rule.code[0] not in WRONG or rule.code == MISSING
        return not right and severity is Severity.ERROR

    return hits.places(wrong, whole_rows=False)


def _complete(hits: Hits, tables: Sequence[Table], context: Context) -> float | None:
    """Required cells that are filled, and indicators that are there, of all that should be."""
    required = [each.name for each in context.schema.fields if each.required]
    wanted = sum(table.rows for table in tables) * len(required)
    empty = hits.counted(MISSING) + hits.counted(MERGED, required)
    empty += sum(
        table.rows for table in tables for name in required if name not in table.layout.columns
    )
    absent = hits.counted(ABSENT_INDICATORS)
    expected = sum(1 for each in context.indicators.values() if each.valid_to is None)
    return _share(empty + absent, wanted + expected)


def _unclean_rows(hits: Hits) -> int:
    """Rows with untidy text, cells beside the table, or a repeat of another row."""

    def unclean(rule: RuleInfo, _: Severity) -> bool:
        told = rule.code[0] in UNCLEAN or rule.code in REPEATED
        levels = {Level.CELL, Level.WHOLE, Level.FILE}
        return told and rule.severity is not Severity.INFO and rule.level in levels

    return hits.places(unclean, whole_rows=True)
