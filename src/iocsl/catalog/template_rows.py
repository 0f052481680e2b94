"""What a template holds before anybody fills it in: its rows, its `Thong_tin`, its version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.domain import Period

if TYPE_CHECKING:
    from iocsl.catalog.entries import Dataset, Indicator
    from iocsl.catalog.lookup import Catalogue

SHAPE = 1
"""Goes up when the shape of every template changes: its sheets, rows of titles, `Thong_tin`."""
PROVINCE = "14"
BEFORE = "Kỳ trước"
"""How the heading of a column begins that only shows last period's figures; a check skips it."""
_NUMBERS = frozenset({"number", "integer"})
_SAME, _YEAR = "ky", "nam"

Row = Mapping[str, Any]


class Previous(NamedTuple):
    """Last period's file: its rows by column key, values typed; its period where it says one."""

    rows: Sequence[Row]
    period: str | None = None


class Prepared(NamedTuple):
    """Everything a template is written from. `before` names the figures shown beside, if any."""

    dataset: Dataset
    schema: TableSchema
    info: Sequence[tuple[str, str, str]]
    rows: Sequence[Row] = ()
    beside: Sequence[Row] = ()
    before: Sequence[SchemaField] = ()
    before_period: str | None = None
    indicators: Sequence[Indicator] = ()
    areas: Sequence[tuple[str, str]] = ()
    about: Mapping[str, str] = {}

    def before_title(self, of: SchemaField) -> str:
        """The heading of a column that shows last period's figures."""
        period = f" {self.before_period}" if self.before_period else ""
        return f"{BEFORE}{period}: {of.title}"


def template_version(document: Mapping[str, Any]) -> str:
    """`phien_ban_mau`: changes exactly when the shape of templates or this structure changes."""
    told = {key: document.get(key) for key in ("fields", "primaryKey", "quy_tac")}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{SHAPE}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def prepare(
    catalogue: Catalogue,
    dataset: Dataset,
    schema: TableSchema,
    *,
    unit: str | None,
    period: str | None,
    previous: Previous | None,
) -> Prepared:
    """Gather what the template of `dataset` holds for that unit and period (ids, or None)."""
    document = catalogue.schema(dataset.schema)
    indicators = [each for each in catalogue.indicators(dataset.code) if each.valid_to is None]
    ours = "ma_chi_tieu" in schema.by_name
    planned = [*_planned(indicators, period)] if ours else []
    before: Sequence[SchemaField] = ()
    beside: list[Row] = []
    if previous is not None:
        before = figures_of(schema)
        planned, beside = _carried(schema, planned, indicators, previous, period)
    return Prepared(
        dataset=dataset,
        schema=schema,
        info=_info(catalogue, dataset, unit, period, template_version(document)),
        rows=planned,
        beside=beside,
        before=before,
        before_period=previous.period if previous else None,
        indicators=indicators if ours else (),
        areas=areas_of(catalogue) if "dia_ban" in schema.by_name else (),
        about={
            each["name"]: each["description"]
            for each in document["fields"]
            if each.get("description")
        },
    )


def figures_of(schema: TableSchema) -> list[SchemaField]:
    """The columns that are new each period: numbers that are no part of the key."""
    return [
        each
        for each in schema.fields
        if each.type in _NUMBERS and each.name not in schema.primary_key
    ]


def areas_of(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Code and name of every commune and ward in force."""
    return [
        (each.official_code, each.name)
        for each in catalogue.units()
        if each.kind in {"commune", "ward"} and each.official_code
    ]


def figure_period(relative: str, period: str | None) -> str:
    """The period that a figure is about: `ky` is the file's own, `nam` its year, `Q1` … a part.

    Empty where the file's period is not known yet.
    """
    if period is None:
        return ""
    if relative == _SAME:
        return period
    year = Period.parse(period).year
    return f"{year}" if relative == _YEAR else f"{year}-{relative}"


def _planned(indicators: Iterable[Indicator], period: str | None) -> Iterable[Row]:
    """One row for each figure of each indicator, its value empty."""
    for each in indicators:
        for relative, status in each.figures or ((_SAME, None),):
            yield {
                "ma_chi_tieu": each.code,
                "ten_chi_tieu": each.name,
                "don_vi_tinh": each.unit_of_measure or "",
                "ky_bao_cao": figure_period(relative, period),
                "dia_ban": PROVINCE,
                "trang_thai_so_lieu": status or "",
            }


def _carried(
    schema: TableSchema,
    planned: Sequence[Row],
    indicators: Sequence[Indicator],
    previous: Previous,
    period: str | None,
) -> tuple[list[Row], list[Row]]:
    """Last period's rows with their figures taken out and put beside; what is new comes after."""
    figures = {each.name for each in figures_of(schema)}
    living = {each.code for each in indicators}
    rows: list[Row] = []
    beside: list[Row] = []
    for old in previous.rows:
        if living and old.get("ma_chi_tieu") not in living:
            continue
        kept = {name: value for name, value in old.items() if name not in figures}
        if "ky_bao_cao" in schema.by_name:
            kept["ky_bao_cao"] = _shifted(kept.get("ky_bao_cao"), previous.period, period)
        if "gia_tri" in schema.by_name:
            kept.pop("ghi_chu", None)  # a note on one figure says nothing of the next
        rows.append(kept)
        beside.append({name: old.get(name) for name in figures})
    seen = {row.get("ma_chi_tieu") for row in rows}
    added = [row for row in planned if row["ma_chi_tieu"] not in seen]
    return [*rows, *added], [*beside, *({} for _ in added)]


def _shifted(text: Any, old: str | None, new: str | None) -> str:
    """The period of a carried row: the new file's, or the same part of the new year; else empty."""
    if new is None or not text:
        return ""
    if old is None or text == old:
        return new
    before, after = Period.parse(old), Period.parse(new)
    same = before.type is after.type and before.id[4:] == after.id[4:]
    if not same or not str(text).startswith(f"{before.year}"):
        return ""
    return f"{after.year}{str(text)[4:]}"


def _info(
    catalogue: Catalogue, dataset: Dataset, unit: str | None, period: str | None, version: str
) -> Sequence[tuple[str, str, str]]:
    """The `Thong_tin` sheet: key, value, and what the key means."""
    owner = unit or dataset.responsible or ""
    known = catalogue.unit(owner)
    return (
        ("ma_bo_du_lieu", dataset.code, dataset.title),
        ("don_vi", owner, known.name if known else "Mã đơn vị nộp, ví dụ CQ-TC"),
        ("ky_bao_cao", period or "", f"Kỳ của tệp, ví dụ {_examples(dataset)}"),
        ("phien_ban_mau", version, "Không sửa"),
        ("phien_ban_danh_muc", str(catalogue.version), "Không sửa"),
    )


_EXAMPLES = {
    "day": "2026-11-22",
    "month": "2026-10",
    "quarter": "2026-Q4",
    "half": "2026-H1",
    "9m": "2026-9M",
    "year": "2026",
    "season": "2026-DX, 2026-VM",
    "event": "20261122T080000+0700 (08 giờ ngày 22/11/2026)",
}


def _examples(dataset: Dataset) -> str:
    """How its periods are written; months, quarters and years where the text prints none."""
    found = [_EXAMPLES[each] for each in dataset.periods if each in _EXAMPLES]
    return ", ".join(found or [_EXAMPLES[each] for each in ("month", "quarter", "year")])
