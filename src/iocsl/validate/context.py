"""What rules may know besides the value they are asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.domain import Period, Regime
from iocsl.text import fold, squeeze
from iocsl.validate.registry import Registry, RuleInfo, registry, rule_set

if TYPE_CHECKING:
    from pathlib import Path

    from iocsl.catalog import Catalogue, Dataset, Indicator, Unit
    from iocsl.validate.attachments import Attachment
    from iocsl.validate.exchanged import Exchanged
    from iocsl.validate.history import History, Past
    from iocsl.validate.history_rows import Comparison
    from iocsl.validate.own_folder import OwnRules

_CATALOGUE = frozenset("CP")
"""Groups of rules that hold a file against the catalogue."""

PROVINCE = "14"
"""The official code of Sơn La, as `dia_ban` holds it for a figure of the whole province."""


class Claim(NamedTuple):
    """What one place says of the file: `kind` is dataset, unit, period or template.

    `meant` is None where the text means nothing known.
    """

    kind: str
    source: str
    """`option`, `sheet` (Thong_tin, or root attributes of XML) or `name` (the file's name)."""
    text: str
    meant: str | None
    cell: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Context:
    """One file under check. `dataset`, `unit` and `period` are None where nothing says them."""

    catalogue: Catalogue
    schema: TableSchema
    dataset: Dataset | None = None
    unit: Unit | None = None
    period: Period | None = None
    claims: tuple[Claim, ...] = ()
    own_schema: bool = False
    """Whether the schema was given with `--schema` and not by the dataset."""
    path: Path | None = None
    """Where the file is; None where that is nobody's business."""
    history: History | None = None
    """What was accepted before of the same unit and dataset; None where nobody handed it in."""
    attachments: tuple[Attachment, ...] | None = None
    """What goes with the file; None where the check was told nothing of it."""
    own: OwnRules | None = None
    """Rules that the unit has added; the warehouse never hands any in."""
    field: SchemaField = field(default=SchemaField("", ""))
    """The column that a cell rule is asked about."""

    def at(self, column: SchemaField) -> Context:
        """The same file, seen from one column."""
        return replace(self, field=column)

    @property
    def regime(self) -> Regime | None:
        return self.dataset.regime if self.dataset else None

    @property
    def rules(self) -> Registry:
        """The rules that are asked: ours, and those that the unit has added."""
        return self.own.registry if self.own else registry()

    @property
    def rule_set(self) -> str:
        """The digest of those rules."""
        return self.own.rule_set if self.own else rule_set()

    def asks(self, rule: RuleInfo) -> bool:
        """Whether a rule has something to go by: those of codes and periods need a dataset.

        A table under a schema of one's own may call its columns as it likes.
        """
        return not self.own_schema or self.dataset is not None or rule.code[0] not in _CATALOGUE

    def disagree(self, kind: str) -> bool:
        """Whether two places say different things of the dataset, unit or period."""
        return len({claim.meant or claim.text for claim in self.claims if claim.kind == kind}) > 1

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """The dataset's indicators by code; empty where it has no set or is itself in dispute."""
        if self.dataset is None or self.disagree("dataset"):
            return {}
        found = self.catalogue.indicators(self.dataset.code)
        if all(each.own for each in found):
            return {}  # what a unit added alone is no set that other codes could be held against
        return {each.code: each for each in found}

    @cached_property
    def indicator_names(self) -> Mapping[str, str]:
        """Folded name → code."""
        return {fold(each.name): code for code, each in self.indicators.items()}

    @cached_property
    def past(self) -> Past:
        """The figures of earlier submissions; empty where there are none or they cannot be read."""
        from iocsl.validate.history import Past

        return Past.before(self)

    @cached_property
    def comparison(self) -> Comparison:
        """The figures of this file beside those before them, counted as the file is read."""
        from iocsl.validate.history_rows import Comparison

        return Comparison(self)

    @cached_property
    def exchanged(self) -> Exchanged:
        """The rows whose code is beside another's name: what follows from it is not told again."""
        from iocsl.validate.exchanged import Exchanged

        return Exchanged(self)

    @cached_property
    def doubted(self) -> set[tuple[str, int]]:
        """Column and row of figures of a table whose separator is doubted: one cause, told once."""
        return set()

    @cached_property
    def areas(self) -> Mapping[str, str]:
        """Every text that `dia_ban` may hold → name: the province, communes and wards in force."""
        areas = {PROVINCE: "Sơn La"}
        for each in self.catalogue.units():
            if each.level == "commune" and each.official_code and each.kind in {"commune", "ward"}:
                areas[each.official_code] = each.name
                areas[each.id] = each.name
        return areas

    @cached_property
    def former_areas(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """Code of an area that is gone → its name, and the names of what it became."""
        known = self.catalogue
        former: dict[str, tuple[str, tuple[str, ...]]] = {}
        for each in known.former_units():
            heirs = tuple(
                f"{unit.official_code or unit.id} ({unit.name})"
                for heir in each.successors
                if (unit := known.unit(heir)) is not None
            )
            for code in (each.official_code, each.id):
                if code:
                    former[code] = (each.name, heirs)
        return former

    @cached_property
    def former_area_names(self) -> Mapping[str, str]:
        """Folded name of an area that is gone → code; names of two areas left out."""
        codes: dict[str, set[str]] = {}
        for code, (name, _) in self.former_areas.items():
            if code.isdigit():
                codes.setdefault(fold(name), set()).add(code)
        return {said: min(found) for said, found in codes.items() if len(found) == 1}

    @cached_property
    def area_names(self) -> Mapping[str, str]:
        """Folded name, with and without "xã" or "phường" → code; names of two areas left out."""
        codes: dict[str, set[str]] = {}
        for code, name in self.areas.items():
            if code.isdigit():
                whole = fold(name)
                for said in {whole, whole.removeprefix("xa ").removeprefix("phuong ")}:
                    codes.setdefault(said, set()).add(code)
        return {said: min(found) for said, found in codes.items() if len(found) == 1}


def same_text(one: str, other: str) -> bool:
    """Whether two names are the same but for case, spaces and Unicode form."""
    return squeeze(one).casefold() == squeeze(other).casefold()
