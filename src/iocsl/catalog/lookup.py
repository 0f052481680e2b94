"""Look-ups on the mirror. Standard library only: this is what every command pays for."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from iocsl.catalog.entries import Dataset, Defect, Indicator, Inferred, Link, Source, Unit
from iocsl.catalog.search import find, near, words_of
from iocsl.domain import Regime
from iocsl.errors import IocslError, usage
from iocsl.patterns import regex
from iocsl.text import fold, nearest, squeeze

__all__ = ["Catalogue", "Dataset", "Defect", "Indicator", "Inferred", "Link", "Source", "Unit"]


class Catalogue:
    """The catalogue as the mirror holds it, read whole or by entry. Not for several threads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        self.version = int(meta["version"])
        self.digest: str = meta["digest"]
        self.signature: str = meta["signature"]

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy for another process: the mirror is in memory, and goes along whole."""
        return _copied, (self._connection.serialize(),)

    # datasets

    def dataset(self, code: str) -> Dataset:
        """The entry with that code, however its letters are cased. Unknown: exit 3."""
        row = self._connection.execute(
            "SELECT body FROM datasets WHERE code = ?", (squeeze(code).upper(),)
        ).fetchone()
        if row is None:
            raise _unknown_dataset(code, self._by_code)
        return _dataset(json.loads(row[0]))

    def datasets(
        self,
        *,
        regime: Regime | str | None = None,
        unit: str | None = None,
        period_type: str | None = None,
    ) -> list[Dataset]:
        """Entries sorted by code.

        `unit` is an id and matches printed, inferred, provider and the addressees of a request.
        """
        return [
            each
            for each in self._by_code.values()
            if (regime is None or each.regime == regime)
            and (unit is None or unit in _units_of(each))
            and (period_type is None or period_type in each.periods)
        ]

    def search(
        self,
        text: str,
        *,
        unit: str | None = None,
        period_type: str | None = None,
        regime: Regime | str | None = None,
    ) -> list[Dataset]:
        """Entries whose code, name or agency holds every word; the likeliest first (`find`)."""
        among = self.datasets(regime=regime, unit=unit, period_type=period_type)
        return find(text, among, self._folded)

    def near(
        self,
        text: str,
        *,
        unit: str | None = None,
        period_type: str | None = None,
        regime: Regime | str | None = None,
    ) -> list[Dataset]:
        """Entries of words like these, for when `search` finds none."""
        among = self.datasets(regime=regime, unit=unit, period_type=period_type)
        return near(text, among, self._folded)

    @cached_property
    def _by_code(self) -> dict[str, Dataset]:
        rows = self._connection.execute("SELECT body FROM datasets ORDER BY code")
        read = (_dataset(json.loads(body)) for (body,) in rows)
        return {each.code: each for each in read}

    @cached_property
    def _folded(self) -> dict[str, str]:
        return dict(self._connection.execute("SELECT code, folded FROM datasets"))

    # units

    def unit(self, id: str) -> Unit | None:  # noqa: A002 - the word of the contract
        return self._by_id.get(id)

    def units(self) -> list[Unit]:
        """Every unit in force or printed, in the file's order; former ones are not among them."""
        return [each for each in self._by_id.values() if not each.former]

    def former_units(self) -> list[Unit]:
        """Districts and communes that ended on 1 July 2025."""
        return [each for each in self._by_id.values() if each.former]

    def find_unit(self, text: str) -> Unit:
        """The unit meant by an id, an official code, a name or an alias; None or two: exit 2."""
        wanted = _COUNCIL.sub("", squeeze(text))
        exact = self._by_id.get(wanted.upper())
        hits = [exact] if exact else self._named(wanted)
        living = [each for each in hits if not each.former]
        if len(living) == 1:
            return living[0]
        if len(living) > 1:
            raise _several_units(text, living)
        if hits:
            raise _former_unit(text, hits, self._by_id)
        raise _unknown_unit(text, self.units())

    def search_units(self, text: str, *, former: bool = False) -> list[Unit]:
        """Units whose id, name or alias holds every word or one that begins with it."""
        words = [f" {word}" for word in words_of(text).split()]
        among = [*self.units(), *self.former_units()] if former else self.units()
        return [
            each
            for each in among
            if all(
                word in " |".join(words_of(name) for name in (each.id, *_names_of(each)))
                for word in words
            )
        ]

    def _named(self, wanted: str) -> list[Unit]:
        """Units of that very name; those of that name without diacritics only when none is."""
        for shape in (str.casefold, fold):
            shaped = shape(wanted)
            hits = [
                each
                for each in self._by_id.values()
                if any(shape(name) == shaped for name in _names_of(each))
            ]
            if hits:
                return hits
        return []

    @cached_property
    def _by_id(self) -> dict[str, Unit]:
        rows = self._connection.execute("SELECT body FROM units ORDER BY place")
        read = (_unit(json.loads(body)) for (body,) in rows)
        return {each.id: each for each in read}

    def crosswalk(self) -> list[Link]:
        """What became of each unit of 2023, in the file's order."""
        return [Link(**row) for row in self.document("chuyen_doi_don_vi")]

    # the rest

    def indicators(self, dataset_code: str) -> list[Indicator]:
        """The indicators of a dataset in the file's order, ended ones too; [] when it has none."""
        rows = self._connection.execute(
            "SELECT body FROM indicators WHERE dataset = ? ORDER BY place", (dataset_code,)
        )
        return [_indicator(json.loads(body)) for (body,) in rows]

    def schema(self, name: str) -> dict[str, Any]:
        """The Table Schema document of `schemas/<name>.yaml`. Unknown: exit 3."""
        row = self._connection.execute(
            "SELECT body FROM documents WHERE kind = 'schema' AND name = ?", (name,)
        ).fetchone()
        if row is None:
            raise IocslError(
                "unknown-schema",
                f"Danh mục không có cấu trúc “{name}”.",
                f"The catalogue has no schema “{name}”.",
                (
                    "Xem cấu trúc của một mục: iocsl catalog show MÃ",
                    "See the structure of an entry: iocsl catalog show CODE",
                ),
            )
        body: dict[str, Any] = json.loads(row[0])
        return body

    def schemas(self) -> list[str]:
        rows = self._connection.execute(
            "SELECT name FROM documents WHERE kind = 'schema' ORDER BY name"
        )
        return [name for (name,) in rows]

    def document(self, name: str) -> Any:
        """Another file of the catalogue as JSON data: `thoi_han`, `ngay_nghi`, `van_ban`."""
        row = self._connection.execute(
            "SELECT body FROM documents WHERE kind = 'document' AND name = ?", (name,)
        ).fetchone()
        if row is None:
            raise IocslError(
                "unknown-document",
                f"Danh mục không có tệp “{name}.yaml”.",
                f"The catalogue has no file “{name}.yaml”.",
                (
                    "Dựng lại bản sao danh mục: iocsl catalog build",
                    "Build the catalogue again: iocsl catalog build",
                ),
            )
        return json.loads(row[0])


_COUNCIL = regex(r"^(?:UBND|Ủy ban nhân dân|Uỷ ban nhân dân)\s+", re.IGNORECASE)


def _copied(mirror: bytes) -> Catalogue:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(mirror)
    return Catalogue(connection)


def _units_of(dataset: Dataset) -> Iterable[str | None]:
    inferred = dataset.unit_inferred
    return dataset.unit, dataset.provider, inferred.unit if inferred else None, *dataset.addressees


def _names_of(unit: Unit) -> Iterable[str]:
    yield unit.name
    if unit.name_printed:
        yield squeeze(unit.name_printed)
    if unit.official_code:
        yield unit.official_code
        if unit.level == "commune":
            # An old commune's code in the shape of a present id.
            yield f"X-{unit.official_code}"
    yield from unit.aliases


def _dataset(body: dict[str, Any]) -> Dataset:
    inferred = body.pop("unit_inferred")
    return Dataset(
        regime=Regime(body.pop("regime")),
        unit_inferred=Inferred(**inferred) if inferred else None,
        periods=tuple(body.pop("periods")),
        defects=tuple(Defect(**each) for each in body.pop("defects")),
        source=Source(**body.pop("source")),
        indicators=tuple(body.pop("indicators")),
        addressees=tuple(body.pop("addressees", ())),
        **body,
    )


def _indicator(body: dict[str, Any]) -> Indicator:
    figures = tuple((one["period"], one["status"]) for one in body.pop("figures"))
    return Indicator(figures=figures, breakdowns=tuple(body.pop("breakdowns")), **body)


def _unit(body: dict[str, Any]) -> Unit:
    return Unit(
        aliases=tuple(body.pop("aliases")), successors=tuple(body.pop("successors")), **body
    )


def _unknown_dataset(code: str, known: Iterable[str]) -> IocslError:
    meant = nearest(code, known)
    return IocslError(
        "unknown-dataset",
        f"Danh mục không có bộ dữ liệu “{code}”.",
        f"The catalogue has no dataset “{code}”.",
        (f"Có phải là {meant}? Xem: iocsl catalog list", f"Did you mean {meant}?")
        if meant
        else (
            "Tìm mã bằng: iocsl catalog search TỪ KHÓA",
            "Find the code with: iocsl catalog search WORDS",
        ),
    )


def _unknown_unit(text: str, units: Iterable[Unit]) -> IocslError:
    by_name = {name: each for each in units for name in (each.id, *_names_of(each))}
    close = nearest(text, by_name)
    meant = f"{by_name[close].id} ({by_name[close].name})" if close else None
    return usage(
        "unknown-unit",
        f"Không có đơn vị “{text}”.",
        f"There is no unit “{text}”.",
        (f"Có phải là {meant}?", f"Did you mean {meant}?")
        if meant
        else ("Tìm bằng: iocsl catalog units TÊN", "Look for it with: iocsl catalog units NAME"),
    )


def _several_units(text: str, hits: list[Unit]) -> IocslError:
    named = ", ".join(f"{each.id} ({each.name})" for each in hits)
    return usage(
        "ambiguous-unit",
        f"“{text}” là tên của {len(hits)} đơn vị: {named}.",
        f"“{text}” is the name of {len(hits)} units: {named}.",
        ("Dùng mã đơn vị thay cho tên.", "Use the unit's id instead of the name."),
    )


def _former_unit(text: str, hits: list[Unit], known: dict[str, Unit]) -> IocslError:
    said = "; ".join(f"{each.name} ({each.official_code})" for each in hits)
    heirs = [known[id_] for each in hits for id_ in each.successors if id_ in known]
    now = ", ".join(dict.fromkeys(f"{each.id} ({each.name})" for each in heirs))
    return usage(
        "former-unit",
        f"“{text}” là đơn vị hành chính cũ, đã kết thúc trước ngày 01/7/2025: {said}.",
        f"“{text}” is a former unit that ended before 1 July 2025: {said}.",
        (f"Nay thuộc: {now}. Chọn một mã trong số đó.", f"Now within: {now}. Choose one of those.")
        if now
        else (
            "Xem danh mục xã, phường tại Quyết định 19/2025/QĐ-TTg: iocsl catalog units",
            "See the communes and wards of Decision 19/2025/QĐ-TTg: iocsl catalog units",
        ),
    )
