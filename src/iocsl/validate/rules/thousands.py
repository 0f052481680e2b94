"""V: a figure of any table that is a thousand times out of its column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, repeat
from typing import NamedTuple

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Severity, Words
from iocsl.text import fold, squeeze
from iocsl.validate.context import Context
from iocsl.validate.measures import measure
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Batch, Cell, Place, shown
from iocsl.validate.readers.texts import Texts
from iocsl.validate.registry import Fault, Placed, Role, own, whole_rule
from iocsl.validate.rules.constraints import names_share
from iocsl.validate.rules.scale import EXACT, median, number_of, times

ROWS = 10_000
"""Rows up to which a table is looked at: the figures of longer ones are not read one by one."""
FEWEST = 7
"""Figures that a column has besides one that is out of it."""
SHARE, MOST = 0.1, 20
"""As a share of the figures and at all, those that may be out of a column: more are its kind."""
FAR = 100
"""How many times beyond all others such a figure is."""
CLOSE = 20
"""How many times the least of the others the greatest may be: else the column spreads anyway."""
POWERS = (1e3, 1e6)
"""What a figure is out by: a slip of one or two groups of digits, or units."""
NEAR = 2
"""How far beyond the others a figure may lie once it is divided or multiplied."""
ENGLISH = 3
"""Figures written the English way that are told together, by V431."""
SAME_SUM = 0.01
"""A figure so near to a sum of its neighbours is that sum."""
_UNIT_TITLES = frozenset({"don vi tinh", "dvt", "don vi do"})
_DIGITS = 6
"""Decimals that are told apart."""


class _Figure(NamedTuple):
    value: float
    place: Place
    cell: Cell


@whole_rule(
    "V433",
    "thousand-times-its-column",
    Severity.WARNING,
    vi="Giá trị {value} ở cột “{title}” {times} mức thường thấy ở đó ({usual}){meant}.",
    en="The value {value} in “{title}” is {times} what is usual there ({usual}){meant}.",
    hint=(
        "Kiểm tra đơn vị tính (đồng, nghìn đồng, triệu đồng) và dấu phân cách của số này.",
        "Check the unit of measure (đồng, nghìn or triệu đồng) and the separators of this figure.",
    ),
    basis=EXACT,
    since="0.2.0",
)
class ThousandTimesItsColumn:
    """One figure of a column of numbers is a thousand or a million times the others, or that part
    of them: divided or multiplied, it lies among them.

    Why: a figure in đồng among figures in triệu đồng makes every sum wrong.
    Fix: convert it, or leave it if it is right. Asked are columns of tables of up to 10,000 rows,
    with at least seven figures besides, all within twenty times of one another and a hundred times
    away from it; figures of several units of measure are compared unit by unit, sums of others are
    let be, and a small figure is told only where it has decimals that the others have not, or is
    written with three digits after the mark ("7,800"). Of an indicator form such texts alone are
    told here; its figures are compared indicator by indicator (V420). A figure of a register with a
    past of its own is held against that (H806).
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        fields = context.schema.fields
        self._columns = [each for each in fields if _is_asked(each)]
        self._unit = next((each.name for each in fields if _names_unit(each)), None)
        self._kept: list[Batch] = []
        self._rows = 0
        self._apart: set[tuple[str, int]] = set()
        """Column and row of figures that are held against their own past."""
        self._measures: dict[Cell | None, object] = {}

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Keep the rows, as long as the table is small."""
        self._rows += len(batch)
        if self._rows > ROWS:
            self._kept.clear()
        elif self._columns:
            self._kept.append(batch)
            compared = self._context.comparison
            against = compared.against(batch) if compared.register else ()
            self._apart.update(
                (each.place.column, batch.place(each.at).row) for each in against if each.earlier
            )
        return ()

    def close(self) -> Iterator[Placed]:
        """Judge each column, or what it holds of each unit."""
        for column in self._columns if self._rows > FEWEST else ():
            kept = [batch for batch in self._kept if column.name in batch.columns]
            if not self._is_doubtful(column, kept):
                continue
            english = _english(column)
            for figures in self._by_unit(column, kept):
                found = _out_of(figures, english)
                if self._is_form(column):
                    found = [each for each in found if _is_english(each.cell, english)]
                written = sum(_is_english(each.cell, english) for each in figures)
                for each in found:
                    if written < ENGLISH or not _is_english(each.cell, english):
                        yield from self._told(column, each, figures, english)

    def _is_form(self, column: SchemaField) -> bool:
        return column.name == Role.VALUE and Role.INDICATOR_CODE in self._context.schema.by_name

    def _is_doubtful(self, column: SchemaField, kept: Iterable[Batch]) -> bool:
        """Whether there is a gap between figures of a column: those of most are not looked at one
        by one, which takes ten times as long."""
        sizes: dict[object, list[float]] = {}
        for batch in kept:
            values = _floats(column, batch.columns[column.name])
            units = self._units(column, batch)
            if units is None:
                sizes.setdefault("", []).extend(values)
                continue
            for unit, value in zip(units, values, strict=True):
                sizes.setdefault(unit, []).append(value)
        return any(map(_may_have_ends, sizes.values()))

    def _by_unit(self, column: SchemaField, kept: Sequence[Batch]) -> Iterable[list[_Figure]]:
        """The figures of a column in the order of the table, those of each unit apart."""
        found: dict[object, list[_Figure]] = {}
        for batch in kept:
            units = self._units(column, batch) or repeat("")
            for at, (unit, cell) in enumerate(zip(units, batch.columns[column.name], strict=False)):
                value = number_of(cell, column)
                if value:
                    found.setdefault(unit, []).append(_Figure(value, batch.place(at), cell))
        return found.values()

    def _units(self, column: SchemaField, batch: Batch) -> Iterable[object] | None:
        """What is measured in each row, by its indicator or else as the row says; None where
        nothing says so."""
        known = self._is_form(column) and self._context.indicators
        if known and Role.INDICATOR_CODE in batch.columns:
            return map(self._unit_of_code, batch.columns[Role.INDICATOR_CODE])
        if self._unit is not None and self._unit in batch.columns:
            return map(self._unit_of, batch.columns[self._unit])
        return None

    def _unit_of_code(self, code: Cell) -> object:
        known = self._context.indicators.get(squeeze(shown(code)))
        return self._unit_of(known.unit_of_measure if known else "")

    def _unit_of(self, cell: Cell | None) -> object:
        """A unit as others are compared with it: of a rate its first part."""
        if cell not in self._measures:
            text = squeeze(shown(cell))
            self._measures[cell] = measure(text.partition("/")[0]) or fold(text)
        return self._measures[cell]

    def _told(
        self,
        column: SchemaField,
        each: _Figure,
        figures: Sequence[_Figure],
        english: re.Pattern[str] | None,
    ) -> Iterator[Placed]:
        beyond = _beyond_bounds(column, each.value)
        place = column.name, each.place.row
        if beyond or place in self._apart or place in self._context.doubted:
            return  # that has been told
        usual = median(abs(other.value) for other in figures)
        meant = Words("", "")
        if _is_english(each.cell, english):
            text = squeeze(shown(each.cell)).replace(column.decimal or ",", column.group or "")
            meant = Words(f"; nếu là hàng nghìn, viết “{text}”", f"; if thousands, write “{text}”")
        fault = Fault(
            value=plain(each.value),
            title=own(column.title),
            times=times(each.value, usual),
            usual=plain(usual),
            meant=meant,
        )
        yield Placed(fault, each.place, column.name, each.cell)


def _is_asked(column: SchemaField) -> bool:
    return column.type in {"number", "integer"} and not (
        column.personal or names_share(column.title)
    )


def _names_unit(column: SchemaField) -> bool:
    is_text = column.type in {"string", "any"}
    return is_text and (
        column.name == Role.UNIT_OF_MEASURE or fold(column.title).strip(" .:") in _UNIT_TITLES
    )


def _beyond_bounds(column: SchemaField, value: float) -> bool:
    low, high = column.minimum, column.maximum
    return (isinstance(low, int | float) and value < low) or (
        isinstance(high, int | float) and value > high
    )


def _english(column: SchemaField) -> re.Pattern[str] | None:
    """Texts whose mark of decimals may be one of thousands: "7,800"."""
    if not column.decimal:
        return None
    return re.compile(rf"\s*[+-]?[1-9][0-9]{{0,2}}{re.escape(column.decimal)}[0-9]{{3}}\s*")


def _is_english(cell: Cell, english: re.Pattern[str] | None) -> bool:
    return english is not None and isinstance(cell, str) and english.fullmatch(cell) is not None


def _floats(column: SchemaField, cells: Sequence[Cell]) -> list[float]:
    """The numbers in some cells, 0 where there is none: of texts all together where they can be."""
    if isinstance(cells, Texts):
        lines = cells.spelling.lines(cells.raw)
        if column.group:
            lines = lines.replace(column.group.encode(), b"")
        if column.decimal:
            lines = lines.replace(column.decimal.encode(), b".")
        try:
            texts = lines.split(b"\n")
            whole = all(texts)  # blank cells are rare, and a look at each takes half as long again
            return list(map(float, texts if whole else (each or b"0" for each in texts)))
        except ValueError:
            pass
    numbers = {cell: number_of(cell, column) or 0.0 for cell in set(cells) if isinstance(cell, str)}
    return [cell if isinstance(cell, float) else numbers.get(shown(cell), 0.0) for cell in cells]


def _most(figures: int) -> int:
    return max(1, min(MOST, int(SHARE * figures)))


def _may_have_ends(values: Sequence[float]) -> bool:
    """Whether few of some figures are within a hundred times of the greatest, or of the least."""
    sizes = list(filter(None, values))
    if min(sizes, default=0) < 0:
        sizes = list(map(abs, sizes))
    if len(sizes) <= FEWEST or (greatest := max(sizes)) < FAR * (least := min(sizes)):
        return False
    most, great, small = _most(len(sizes)), greatest / FAR, least * FAR
    few_above = len([size for size in sizes if size > great]) <= most
    return few_above or len([size for size in sizes if size < small]) <= most


def _ends(sizes: Sequence[float]) -> tuple[int, int]:
    """How many of some sizes, from the least to the greatest, are far below and far above the rest;
    0 where there are none, or too many to be slips."""
    if len(sizes) <= FEWEST:
        return 0, 0
    some = range(_most(len(sizes)), 0, -1)
    low = next((many for many in some if sizes[many] >= FAR * sizes[many - 1]), 0)
    high = next((many for many in some if sizes[-many] >= FAR * sizes[-many - 1]), 0)
    return low, high


def _out_of(figures: Sequence[_Figure], english: re.Pattern[str] | None) -> list[_Figure]:
    """The figures that are far above or below all others, and among them by a slip of thousands."""
    ordered = sorted(figures, key=lambda each: abs(each.value))
    sizes = [abs(each.value) for each in ordered]
    low, high = _ends(sizes)
    body = sizes[low : len(sizes) - high]
    if len(body) < FEWEST or not (low or high):
        return []
    decimals = max(map(_decimals, body))
    compact = body[-1] <= CLOSE * body[0]

    def lies(sizes: Iterable[float]) -> bool:
        return any(body[0] / NEAR <= size <= body[-1] * NEAR for size in sizes)

    below = [
        each
        for each, size in zip(ordered[:low], sizes, strict=False)
        if lies(size * power for power in POWERS)
        and (_is_english(each.cell, english) or (compact and _decimals(size) > decimals))
    ]
    above = [
        each
        for each, size in zip(ordered[len(sizes) - high :], sizes[len(sizes) - high :], strict=True)
        if compact and lies(size / power for power in POWERS) and not _is_sum(each, figures)
    ]
    return sorted(below + above, key=lambda each: each.place.row)


def _decimals(size: float) -> int:
    return len(f"{size:.{_DIGITS}f}".rstrip("0").partition(".")[2])


def _is_sum(figure: _Figure, figures: Sequence[_Figure]) -> bool:
    """Whether a figure is the sum of all others, once or at several levels, or of those next to it
    above or below."""
    at = figures.index(figure)
    values = [each.value for each in figures]
    below, above = values[at + 1 :], values[:at][::-1]
    sums = [*accumulate(below), *accumulate(above)]
    sums += [(sum(above) + sum(below)) / levels for levels in (1, 2, 3)]
    return any(abs(each - figure.value) <= SAME_SUM * abs(figure.value) for each in sums)
