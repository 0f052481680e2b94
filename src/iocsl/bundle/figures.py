"""The figures of a submission added up, by indicator: what a signer looks at first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl.validate.history import form_of
from iocsl.validate.labels import is_label_sheet
from iocsl.validate.readers import open_source
from iocsl.validate.registry import Role
from iocsl.validate.rows import table_rows

if TYPE_CHECKING:
    from iocsl.validate.context import Context

MOST_ROWS = 50_000
"""Rows that are read a second time to be added up; above that nothing is."""


def rows_of(path: Path, context: Context) -> Iterator[dict[str, Any]]:
    """The rows of a data file, typed by the structure of `context`."""
    source = open_source(path)
    try:
        for sheet in source.sheets:
            if not (sheet.hidden or is_label_sheet(sheet)):
                for _, record in table_rows(sheet, context) or ():
                    yield record
    finally:
        source.close()


def totals(paths: Iterable[Path], context: Context, rows: int) -> list[dict[str, Any]]:
    """`[{code, total, rows}]` by code, of the figures about the period of `context`.

    Empty for structures that are no indicator forms, personal ones, and above `MOST_ROWS`.
    """
    form = form_of(context.schema)
    if form is None or context.period is None or rows > MOST_ROWS:
        return []
    found: dict[str, list[float]] = {}
    for path in paths:
        for record in rows_of(path, context):
            for figure in form.figures(record):
                if figure.column == Role.VALUE and figure.period == context.period.id:
                    found.setdefault(figure.indicator, []).append(figure.value)
    # Figures beyond all measure have no total; each of them was told by the check of the file.
    return [
        {"code": code, "total": math.fsum(values), "rows": len(values)}
        for code, values in sorted(found.items())
        if math.isfinite(sum(map(abs, values)))
    ]
