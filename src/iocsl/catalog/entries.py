"""What the catalogue speaks of: datasets, units, indicators. Frozen, standard library only."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from iocsl.domain import VIETNAM, Regime, Words
from iocsl.patterns import regex
from iocsl.text import fold, tr

PERIOD_WORDS: dict[str, Words] = {
    "day": Words("ngày", "day"),
    "month": Words("tháng", "month"),
    "quarter": Words("quý", "quarter"),
    "half": Words("6 tháng", "half-year"),
    "9m": Words("9 tháng", "9 months"),
    "year": Words("năm", "year"),
    "season": Words("mùa vụ", "season"),
    "event": Words("khi đổi", "on change"),
    "realtime": Words("tức thời", "real time"),
}
"""Types of period in words short enough for a column."""

_CUMULATIVE = regex(r"\b(luy ke|cong don)\b")
_RATIO = regex(r"\b(so voi|so sanh|binh quan|ty le|ty trong|chi so|toc do|phan tram)\b|%")


def accumulates(words: str, unit_of_measure: str | None = None) -> bool:
    """Whether words say of a figure that it adds up within the year (lũy kế, cộng dồn).

    Where they say nothing, nothing is assumed; a ratio of two such figures may fall.
    """
    said = fold(f"{words} {unit_of_measure or ''}")
    return bool(_CUMULATIVE.search(said)) and not _RATIO.search(said)


def due_words(moment: datetime) -> Words:
    """ "trước 17:00 ngày 30/11/2026"; a midnight is the end of the day before it."""
    at = moment.astimezone(VIETNAM)
    if at.time() == time(0):
        day = at.date() - timedelta(days=1)
        return Words(f"hết ngày {day:%d/%m/%Y}", f"the end of {day:%d/%m/%Y}")
    return Words(f"trước {at:%H:%M} ngày {at:%d/%m/%Y}", f"before {at:%H:%M} on {at:%d/%m/%Y}")


class Defect(NamedTuple):
    """One damaged place of the printed text. `reading` is None where nothing may be inferred."""

    kind: str
    printed: str | None
    reading: str | None
    confidence: str | None


class Inferred(NamedTuple):
    """An agency that the text does not print: `confidence` is high, medium or low."""

    unit: str
    confidence: str


class Source(NamedTuple):
    """Where an entry is printed."""

    document: str
    annex: str
    list: str
    row: int


class Dataset(NamedTuple):
    """One entry of the catalogue: a row of Phụ lục II of 1134, or a form of the 2023 annex.

    `list` and `row` locate it in 1134, `unit_no` and `row` in 2023. `unit` is the printed agency's
    id, never an inferred one. `provider` is the sub-provider that 2023 prints beside a row.

    A form that a request brings (`YC-2026-001`) is an entry too: it has no unit, its `addressees`
    are to send it, for `asked_period` alone.
    """

    code: str
    regime: Regime
    list: str | None
    row: int
    unit_no: int | None
    name: str | None
    name_printed: str
    unit: str | None
    unit_printed: str | None
    unit_inferred: Inferred | None
    provider: str | None
    periods: tuple[str, ...]
    due_printed: str | None
    status: str
    defects: tuple[Defect, ...]
    ma_tam: bool
    source: Source
    schema: str
    indicators: tuple[str, ...]
    addressees: tuple[str, ...] = ()
    asked_period: str | None = None

    @property
    def responsible(self) -> str | None:
        """The unit to show for it: printed, else inferred with high or medium confidence."""
        if self.unit is not None:
            return self.unit
        if self.unit_inferred is not None and self.unit_inferred.confidence != "low":
            return self.unit_inferred.unit
        return None

    @property
    def answers_changes(self) -> bool:
        """Whether 24 hours run when it changes: M, Q, Y and E of 1134 (Điều 5.2.b; record 0106)."""
        return self.regime is Regime.QD1134 and self.list in {"M", "Q", "Y", "E"}

    @property
    def title(self) -> str:
        """What to call it on a screen: its name, or that the text lost it."""
        return self.name or tr("(tên bị mất trong văn bản)", "(name lost in the text)")

    def document(self) -> dict[str, Any]:
        """The object of `iocsl catalog list --format json` in the contract."""
        inferred = self.unit_inferred
        return {
            "code": self.code,
            "regime": self.regime.value,
            "list": self.list,
            "row": self.row,
            "unit_no": self.unit_no,
            "name": self.name,
            "name_printed": self.name_printed,
            "unit": self.unit,
            "unit_printed": self.unit_printed,
            "unit_inferred": {"unit": inferred.unit, "confidence": inferred.confidence}
            if inferred
            else None,
            "periods": list(self.periods),
            "due_printed": self.due_printed,
            "status": self.status,
            "defects": [
                {
                    "kind": defect.kind,
                    "printed": defect.printed,
                    "reading": defect.reading,
                    "confidence": defect.confidence,
                }
                for defect in self.defects
            ],
            "ma_tam": self.ma_tam,
            "source": {
                "document": self.source.document,
                "annex": self.source.annex,
                "list": self.source.list,
                "row": self.source.row,
            },
            "schema": self.schema,
            "indicators": list(self.indicators),
        }


class Unit(NamedTuple):
    """A unit (đơn vị). Dates are ISO texts; `bound` is False where 2023 Điều 2.2 only encourages.

    `successors` are the units that took a former one over; `parent` is set for sub-providers.
    """

    id: str
    name: str
    name_printed: str | None
    kind: str
    level: str
    bound: bool
    aliases: tuple[str, ...]
    official_code: str | None
    parent: str | None
    valid_from: str | None
    valid_to: str | None
    successors: tuple[str, ...]
    basis: str

    @property
    def former(self) -> bool:
        """A district, or a commune that was merged away: explained, never used as a unit."""
        return self.kind.startswith("former_")

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "name_printed": self.name_printed,
            "kind": self.kind,
            "level": self.level,
            "bound": self.bound,
            "aliases": list(self.aliases),
            "official_code": self.official_code,
            "parent": self.parent,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "successors": list(self.successors),
            "basis": self.basis,
        }


class Indicator(NamedTuple):
    """One chỉ tiêu of a dataset. Dates are ISO texts; `replaced_by` names the code after it.

    `figures` are the figures that the form asks of it, each a period relative to the file's (`ky`
    the same, `nam` its year, `Q1` `H1` `9M` … a part of that year) and a status, None where the
    form names none. `breakdowns` are the ways in which it is divided.
    """

    code: str
    name: str
    unit_of_measure: str | None
    method: str | None
    valid_from: str | None
    valid_to: str | None
    replaced_by: str | None
    ma_tam: bool
    figures: tuple[tuple[str, str | None], ...] = ()
    breakdowns: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        """Whether a unit added it in an overlay, so that the base catalogue does not have it."""
        return ".X-" in self.code

    @property
    def accumulates(self) -> bool:
        """Whether its own name or method says that it adds up within the year."""
        return accumulates(f"{self.name}. {self.method or ''}", self.unit_of_measure)


class Link(NamedTuple):
    """One row of the crosswalk from the units of 2023 to the agencies of 2026."""

    old: str
    new: str | None
    field: str | None
    kind: str
    confidence: str
    source: str
