"""Faults with their places, as the engine meets them; in the end the findings of a report."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iocsl.catalog.schema_types import WORDED
from iocsl.domain import Regime, Severity, Words
from iocsl.text import nfc, say, tr
from iocsl.validate.findings import KEPT, NOWHERE, About, Findings, Said, Spool
from iocsl.validate.personal import Column, column_of, kind_of
from iocsl.validate.readers.base import Place, Sheet, column_letters, shown
from iocsl.validate.registry import GROUPS, Fault, Level, RuleInfo

if TYPE_CHECKING:
    from iocsl.catalog.schema import SchemaField
    from iocsl.validate.context import Context
    from iocsl.validate.headings import Layout

MASK = "***"
LONGEST = 200
"""Characters of a value that a message or a `value` shows."""
WHOLE_COLUMN = 0.9
"""A rule that fails in this part of the rows has one cause, and gives one finding."""
OF_ITS_COLUMN = {"D902": 0.1}
"""Rules that blame the column for what its cells hold; so many of the rows are no single slips."""
ENOUGH_ROWS = 20
VERY_MANY = 1_000
"""Rows told of one and the same fault, as those that repeat one other row, that have one cause."""
_ROW_BITS, _COLUMN_BITS, _RULE_BITS = 40, 20, 12
_ROW_STARTS = _COLUMN_BITS + _RULE_BITS
_LOT_STARTS = _ROW_STARTS + 12
"""Hits of 4,096 rows are sorted together."""

_REGIME_NAMES = {
    Regime.QD1134: Words(
        "Quyết định 1134/QĐ-UBND ngày 13/5/2026", "Decision 1134/QĐ-UBND of 13/5/2026"
    ),
    Regime.QD2023: Words("Quy định chế độ báo cáo năm 2023", "the 2023 reporting regime"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One fault with its place."""

    rule: RuleInfo
    fault: Fault
    sheet: str | None = None
    place: Place | None = None
    column: str | None = None
    value: object = None
    count: int = 1
    cell: str | None = None


class Hits:
    """Hits by their kind: the same thing said of the same value of a column is put in words once.

    Without a `context` nothing is masked and nothing cited. `addressed` is whether cells have A1
    addresses.
    """

    def __init__(self, context: Context | None = None, *, addressed: bool = False) -> None:
        self._context = context
        self._addressed = addressed
        self._across: dict[tuple[str | None, str], int] = {}
        self._parts: dict[str | None, list[tuple[int, dict[str, str]]]] = {}
        self._order: dict[str | None, int] = {}
        self._abouts: list[About] = []
        self._index: dict[tuple[str, Severity, str | None, str | None], int] = {}
        self._of = array("I")
        self._looks: dict[str | None, Column] = {}
        """How the cells of a column are looked at for personal numbers, once they were."""
        self._said = Spool()
        self._kinds, self._rows, self._lines = array("I"), array("q"), array("q")
        self._known: dict[Fault, int] = {}
        self._implied: Counter[str] = Counter()
        self._shared = array("I")
        """Kinds of one fault that may be met in many rows."""

    def __len__(self) -> int:
        return len(self._kinds)

    def part(self, sheet: Sheet, layout: Layout) -> None:
        """A table, or a part of one under headings of its own, of which is spoken from now on."""
        parts = self._parts.setdefault(sheet.name, [])
        if not parts:
            self._order[sheet.name] = len(self._order) + 1
            self._across.update({(sheet.name, name): at for name, at in layout.columns.items()})
        letters = {
            name: column_letters(at + sheet.column_offset) for name, at in layout.columns.items()
        }
        parts.append((layout.first_row if parts else 0, letters))

    def put(self, hit: Hit) -> None:
        """Take in one hit."""
        kind = self._known.get(hit.fault) if hit.fault.shared else None
        if kind is None:
            kind = self.kind(
                hit.rule,
                hit.fault,
                hit.sheet,
                hit.column,
                value=hit.value,
                count=hit.count,
                cell=hit.cell,
            )
            if hit.fault.shared:
                self._share(hit.fault, kind)
        place = hit.place
        self.add(kind, place.row if place else NOWHERE, place.line if place else None)

    def imply(self, hit: Hit) -> None:
        """Count a hit that is not told: it follows from another one, which is."""
        self._implied[hit.rule.code] += hit.count

    def extend(self, hits: Iterable[Hit]) -> None:
        """Take in several hits."""
        for hit in hits:
            self.put(hit)

    def _share(self, fault: Fault, kind: int) -> None:
        """Remember the kind of a fault that many rows share."""
        if len(self._known) > KEPT:
            self._known.clear()
        self._known[fault] = kind
        self._shared.append(kind)

    def add(self, kind: int, row: int, line: int | None) -> None:
        """One more place where a kind was met."""
        self._kinds.append(kind)
        self._rows.append(row)
        self._lines.append(NOWHERE if line is None else line)

    def leave(self, since: int, row: int) -> None:
        """Forget those of the hits since the first `since` that stand below a row."""
        self._keep(since, [at for at in range(since, len(self)) if self._rows[at] <= row])

    def forget(
        self, code: str, sheet: str | None, column: str | None, rows: Container[int]
    ) -> None:
        """Forget what a rule said of some rows, in a column where it speaks of one."""
        gone = {
            at
            for at, each in enumerate(self._abouts)
            if (each.rule.code, each.sheet, each.column) == (code, sheet, column)
        }
        placed = enumerate(zip(self._kinds, self._rows, strict=True))
        self._keep(
            0, [at for at, (kind, row) in placed if self._of[kind] not in gone or row not in rows]
        )

    def _keep(self, since: int, kept: Iterable[int]) -> None:
        """Of the hits since the first `since` keep those at some positions."""
        for each in (self._kinds, self._rows, self._lines):
            each[since:] = _picked(each, kept)

    def kind(
        self,
        rule: RuleInfo,
        fault: Fault,
        sheet: str | None = None,
        column: str | None = None,
        *,
        value: object = None,
        count: int = 1,
        cell: str | None = None,
    ) -> int:
        """The number of a new kind, put into words here and now."""
        personal = self._personal(column) or self._looks_personal(column, value, fault)
        about = self._about(rule, fault.severity or rule.severity, sheet, column)
        if not self._addressed:
            cell = None
        if fault.at is not None:
            sheet, cell = fault.at
        text = None if value is None else _short(shown(value))
        if personal and text:
            text = MASK
        words = self._words(rule, fault, column, personal=personal)
        self._said.append(Said(words, text, count, sheet, cell))
        self._of.append(about)
        return len(self._of) - 1

    def _about(
        self, rule: RuleInfo, severity: Severity, sheet: str | None, column: str | None
    ) -> int:
        key = (rule.code, severity, sheet, column)
        found = self._index.get(key)
        if found is None:
            found = self._index[key] = len(self._abouts)
            self._abouts.append(
                About(
                    rule,
                    severity,
                    sheet,
                    column,
                    (),
                    say(rule.hint) if rule.hint else None,
                    self._basis(rule),
                )
            )
        return found

    def _personal(self, column: str | None) -> bool:
        field = self._field(column)
        return field is not None and field.personal

    def _looks_personal(self, column: str | None, value: object, fault: Fault) -> bool:
        """Whether a cell, or what is quoted of it, is what D902 tells: that masks it, as all do."""
        field = self._field(column)
        if field is None or field.type not in WORDED:
            return False
        if column not in self._looks:
            self._looks[column] = column_of(field, "")
        quoted = (fact for fact in fault.facts.values() if isinstance(fact, str))
        look = self._looks[column]
        return any(kind_of(shown(each), look) for each in (value, *quoted) if each is not None)

    def _field(self, column: str | None) -> SchemaField | None:
        if self._context is None or column is None:
            return None
        return self._context.schema.by_name.get(column)

    def _words(
        self, rule: RuleInfo, fault: Fault, column: str | None, *, personal: bool = False
    ) -> str:
        if fault.said is not None:
            return nfc(say(fault.said))
        personal = personal or any(map(self._personal, fault.quoting))
        known = self._schema_words(column) if personal else None
        facts = {name: _fact(value, known) for name, value in fault.facts.items()}
        return nfc(tr(rule.vi, rule.en).format(**facts))

    def _schema_words(self, column: str | None) -> frozenset[str]:
        """What the schema itself says of a column: its key, its title, the values in use."""
        field = self._context.schema.by_name[column] if self._context and column else None
        if field is None:
            return frozenset()
        return frozenset({field.name, field.title, field.values_in_use})

    def _basis(self, rule: RuleInfo) -> str | None:
        regime = self._context.regime if self._context else None
        if regime is None or regime not in rule.basis:
            return None
        return f"{rule.basis[regime]}, {say(_REGIME_NAMES[regime])}"

    def places(self, wanted: Callable[[RuleInfo, Severity], bool], *, whole_rows: bool) -> int:
        """How many cells (or whole rows) hits of the `wanted` rules and severities touch."""
        numbers: dict[tuple[str | None, str | None], int] = {}
        chosen = [
            numbers.setdefault((each.sheet, None if whole_rows else each.column), len(numbers))
            if wanted(each.rule, each.severity)
            else None
            for each in self._abouts
        ]
        # A bit for each row: of millions of hits a set of places would take hundreds of megabytes.
        size = max(self._rows, default=0) // 8 + 1
        touched = {number: bytearray(size) for number in numbers.values()}
        for kind, row in zip(self._kinds, self._rows, strict=True):
            number = chosen[self._of[kind]]
            if number is not None and row != NOWHERE:
                touched[number][row >> 3] |= 1 << (row & 7)
        return sum(int.from_bytes(each, "little").bit_count() for each in touched.values())

    def counted(self, code: str, columns: Container[str | None] | None = None) -> int:
        """What the hits of a rule add up to, of some `columns` where they are given.

        Without `columns` those that are implied count too.
        """
        of = {
            at
            for at, each in enumerate(self._abouts)
            if each.rule.code == code and (columns is None or each.column in columns)
        }
        kinds = Counter(kind for kind in self._kinds if self._of[kind] in of)
        told: int = sum(self._said[kind][2] * many for kind, many in kinds.items())
        return told + self._implied[code] if columns is None else told

    def codes(self) -> set[str]:
        """The codes of the rules that were hit."""
        return {about.rule.code for about in self._abouts}

    def findings(self, rows: Mapping[str | None, int]) -> Findings:
        """All hits in the order of the file: the file itself, then sheet, row and column.

        `rows` are the rows of each table. A rule of cells or rows that fails in nearly all of them
        has one cause, and becomes one finding.
        """
        self._gather(rows)
        order = self._in_order()
        # One after the other, so that no more than one of them is there twice.
        self._kinds = _picked(self._kinds, order)
        self._rows = _picked(self._rows, order)
        self._lines = _picked(self._lines, order)
        abouts = [about._replace(letters=self._letters(about)) for about in self._abouts]
        return Findings(abouts, self._of, self._said, (self._kinds, self._rows, self._lines))

    def _in_order(self) -> array[int]:
        """The positions of all hits in the order of the file.

        Some rows are sorted at a time: keys of millions of hits would take hundreds of megabytes.
        """
        placed, loose = self._heads()

        def keys(kinds: Iterable[int], rows: Iterable[int]) -> Iterator[int]:
            for kind, row in zip(kinds, rows, strict=True):
                yield loose[kind] if row == NOWHERE else placed[kind] + (row << _ROW_STARTS)

        lots: dict[int, array[int]] = {}
        last, lot = -1, array("I")
        for at, key in enumerate(keys(self._kinds, self._rows)):
            which = key >> _LOT_STARTS
            if which != last:
                last, lot = which, lots.setdefault(which, array("I"))
            lot.append(at)
        order = array("I")
        for which in sorted(lots):
            lot = lots.pop(which)
            exact = list(keys(_picked(self._kinds, lot), _picked(self._rows, lot)))
            order.extend(map(lot.__getitem__, sorted(range(len(lot)), key=exact.__getitem__)))
        return order

    def _letters(self, about: About) -> tuple[tuple[int, str | None], ...]:
        if not self._addressed or about.column is None:
            return ()
        parts = self._parts.get(about.sheet, [])
        return tuple((start, letters.get(about.column)) for start, letters in reversed(parts))

    def _heads(self) -> tuple[list[int], list[int]]:
        """What the order hangs on besides the row: for each kind, in a row and without one."""
        groups = {letter: place for place, letter in enumerate(GROUPS)}
        codes = sorted(self.codes(), key=lambda code: (groups[code[0]], code))
        ranks = {code: rank for rank, code in enumerate(codes)}
        placed, loose = [], []
        for about in self._abouts:
            across = self._across.get((about.sheet, about.column or ""), -1)
            order = self._order.get(about.sheet, 0) << _ROW_BITS + _COLUMN_BITS + _RULE_BITS
            rank = ranks[about.rule.code]
            placed.append(order + (across + 1 << _RULE_BITS) + rank)
            file = about.rule.level is Level.FILE
            loose.append((1 << _RULE_BITS) + rank if file else placed[-1])
        return [placed[of] for of in self._of], [loose[of] for of in self._of]

    def _gather(self, rows: Mapping[str | None, int]) -> None:
        """Leave one hit, with their count, of those that have one cause.

        That are those of a rule that fails in nearly all cells or rows, and those of very many rows
        that are told of one and the same fault.
        """
        often = Counter(
            kind for kind, row in zip(self._kinds, self._rows, strict=True) if row != NOWHERE
        )
        placed: Counter[int] = Counter()
        for kind, many in often.items():
            placed[self._of[kind]] += many
        shared = set(self._shared)
        rules = {self._of[kind] for kind in shared}
        whole = {
            of: many
            for of, many in placed.items()
            if (of in rules or self._has_one_cause(self._abouts[of].rule))
            and many >= ENOUGH_ROWS
            and many >= self._part_of_rows(of) * rows.get(self._abouts[of].sheet, 0)
        }
        alike = {
            kind: often[kind]
            for kind in shared
            if often[kind] >= VERY_MANY and self._of[kind] not in whole
        }
        if not (whole or alike):
            return
        met: set[tuple[int, int]] = set()
        old = self._kinds, self._rows, self._lines
        self._kinds, self._rows, self._lines = array("I"), array("q"), array("q")
        for kind, row, line in zip(*old, strict=True):
            of = self._of[kind]
            many = 0 if row == NOWHERE else whole.get(of) or alike.get(kind, 0)
            cause = (of, NOWHERE if of in whole else kind)
            if not many:
                self.add(kind, row, line)
            elif cause not in met:
                met.add(cause)
                self.add(self._counted(kind, many, rows=of in rules), row, line)

    def _part_of_rows(self, of: int) -> float:
        return OF_ITS_COLUMN.get(self._abouts[of].rule.code, WHOLE_COLUMN)

    def _has_one_cause(self, rule: RuleInfo) -> bool:
        """Whether failing everywhere has one cause; rules of a schema share codes and may not."""
        if rule.level is Level.ROW and self._context is not None:
            return any(each.info is rule for each in self._context.rules.row)
        return rule.level is Level.CELL

    def _counted(self, kind: int, count: int, *, rows: bool) -> int:
        """A kind that stands for so many cells, or rows."""
        message, value, _, sheet, cell = self._said[kind]
        message += (
            tr(f" Cùng một lỗi ở {count} dòng.", f" The same fault in {count} rows.")
            if rows
            else tr(
                f" Cùng một lỗi ở {count} ô của cột này.",
                f" The same fault in {count} cells of this column.",
            )
        )
        self._said.append(Said(message, value, count, sheet, cell))
        self._of.append(self._of[kind])
        return len(self._of) - 1


def _picked(values: array[int], order: Iterable[int]) -> array[int]:
    return array(values.typecode, map(values.__getitem__, order))


def _fact(value: object, known: frozenset[str] | None) -> object:
    """A fact for a message. Of a personal column (`known`) only what the schema says is shown."""
    if isinstance(value, Words):
        return _short(say(value))
    if known is not None and not (isinstance(value, str) and value in known):
        return MASK
    return value if isinstance(value, int | float) else _short(shown(value))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
