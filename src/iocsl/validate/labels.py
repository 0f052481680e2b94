"""What file it is: dataset, unit and period as options, the `Thong_tin` sheet and the name say.

Where two places disagree a finding names both; nothing is chosen silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from iocsl.domain import Period
from iocsl.errors import IocslError, usage
from iocsl.patterns import regex
from iocsl.text import fold, squeeze
from iocsl.validate.context import Claim, same_text
from iocsl.validate.readers.base import Sheet, Source, column_letters, shown

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue

LINES = 100
"""Rows of the `Thong_tin` sheet that are looked at."""
KEYS = {
    "ma_bo_du_lieu": "dataset",
    "don_vi": "unit",
    "ky_bao_cao": "period",
    "phien_ban_mau": "template",
}
_SHEET_NAMES = frozenset({"thong_tin", "thong tin"})
_FILE_NAME = regex(
    r"(KDL-[DMQYE]-\d{3}|IOC-\d{2}-\d{2}|YC-\d{4}-\d{3})"
    r"(?:[_ ](\d{8}T\d{6}[+-]\d{4}|[0-9][0-9A-Z]*(?:-[0-9A-Z]+)*))?",
    re.IGNORECASE,
)
_PRECEDENCE = ("option", "sheet", "name")


def is_label_sheet(sheet: Sheet) -> bool:
    return sheet.name is not None and fold(sheet.name) in _SHEET_NAMES


def claims_of(
    source: Source | None,
    name: str,
    catalogue: Catalogue,
    *,
    dataset: str | None,
    unit: str | None,
    period: str | None,
) -> list[Claim]:
    """Everything that is said of the file. What an option says must exist (exit 2 or 3)."""
    claims = [*_from_options(catalogue, dataset, unit, period)]
    if source is not None:
        for key, value in source.labels.items():
            if key in KEYS and value.strip():
                claims.append(_claim(KEYS[key], "sheet", squeeze(value), catalogue))
        for sheet in source.sheets:
            if is_label_sheet(sheet):
                claims.extend(_from_sheet(sheet, catalogue))
    claims.extend(_from_name(name, catalogue))
    return _with_leader(claims, catalogue)


def _with_leader(claims: list[Claim], catalogue: Catalogue) -> list[Claim]:
    """A name that two units bear, one of each regime, means the one that leads the dataset."""
    code = chosen(claims, "dataset")
    leader = catalogue.unit(catalogue.dataset(code).unit or "") if code else None
    if leader is None:
        return claims
    return [
        claim._replace(meant=leader.id)
        if claim.kind == "unit" and claim.meant is None and same_text(claim.text, leader.name)
        else claim
        for claim in claims
    ]


def chosen(claims: Sequence[Claim], kind: str) -> str | None:
    """What is meant, options before the sheet before the name; None where nothing known is said."""
    said = [claim for claim in claims if claim.kind == kind and claim.meant is not None]
    said.sort(key=lambda claim: _PRECEDENCE.index(claim.source))
    return said[0].meant if said else None


def _from_options(
    catalogue: Catalogue, dataset: str | None, unit: str | None, period: str | None
) -> Iterator[Claim]:
    if dataset is not None:
        yield Claim("dataset", "option", dataset, catalogue.dataset(dataset).code)
    if unit is not None:
        yield Claim("unit", "option", unit, catalogue.find_unit(unit).id)
    if period is not None:
        try:
            yield Claim("period", "option", period, Period.parse(period).id)
        except ValueError:
            raise _no_such_period(period) from None


def _no_such_period(text: str) -> IocslError:
    return usage(
        "unknown-period",
        f"“{text}” không phải là một kỳ báo cáo có thật.",
        f"“{text}” is not a period that exists.",
        (
            "Viết như 2026-11-22 (ngày), 2026-11 (tháng), 2026-Q4, 2026-H1, 2026-9M, 2026 (năm).",
            "Write it like 2026-11-22 (day), 2026-11, 2026-Q4, 2026-H1, 2026-9M, 2026 (year).",
        ),
    )


def _from_sheet(sheet: Sheet, catalogue: Catalogue) -> Iterator[Claim]:
    """What the keys have beside them, in the column nearest to them that any key has filled.

    Beyond it are notes: the template explains there what to write where the value is left blank.
    """
    said: list[tuple[str, int, dict[int, str]]] = []
    for number, row in enumerate(sheet.head(LINES), 1):
        cells = {at: text for at, cell in enumerate(row) if (text := shown(cell).strip())}
        key = fold(cells.pop(min(cells))).replace(" ", "_") if cells else ""
        if key in KEYS and cells:
            said.append((KEYS[key], number, cells))
    at = min((min(cells) for _, _, cells in said), default=0)
    for kind, number, cells in said:
        if at in cells:
            cell = f"{column_letters(at + sheet.column_offset)}{number}"
            yield _claim(kind, "sheet", squeeze(cells[at]), catalogue, at=(sheet.name, cell))


def _from_name(name: str, catalogue: Catalogue) -> Iterator[Claim]:
    found = _FILE_NAME.match(name)
    if found is None:
        return
    yield _claim("dataset", "name", found[1].upper(), catalogue)
    if found[2]:
        yield _claim("period", "name", found[2].upper(), catalogue)


def _claim(
    kind: str,
    source: str,
    text: str,
    catalogue: Catalogue,
    *,
    at: tuple[str | None, str | None] = (None, None),
) -> Claim:
    sheet, cell = at
    return Claim(kind, source, text, _MEANINGS[kind](text, catalogue), cell, sheet)


def _dataset_meant(text: str, catalogue: Catalogue) -> str | None:
    try:
        return catalogue.dataset(text).code
    except IocslError:
        return None


def _unit_meant(text: str, catalogue: Catalogue) -> str | None:
    try:
        return catalogue.find_unit(text).id
    except IocslError:
        return None


def _period_meant(text: str, _: Catalogue) -> str | None:
    try:
        return Period.parse(text).id
    except ValueError:
        return None


def _as_said(text: str, _: Catalogue) -> str:
    return text


_MEANINGS = {
    "dataset": _dataset_meant,
    "unit": _unit_meant,
    "period": _period_meant,
    "template": _as_said,
}
