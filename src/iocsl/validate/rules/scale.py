"""V: figures whose neighbours suggest another reading. They are told, and never read otherwise."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Severity, Words
from iocsl.text import squeeze
from iocsl.validate.context import PROVINCE, Context
from iocsl.validate.numbers import NumberFault, plain, read_number
from iocsl.validate.readers.base import Batch, Cell, Place, shown
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, Placed, Role, whole_rule
from iocsl.validate.rules.separators import holding

EXACT: Basis = {QD2023: "Điều 3 khoản 1", QD1134: "Điều 5 khoản 1 điểm a"}
SINCE = "0.1.0"

SAMPLE = 1_000
"""Figures by which a column is judged."""
MOST = 1_000
"""Doubtful figures that are kept; a column with more of them means what it writes."""
USUAL = 0.2
"""From this share on, single groups are how the column writes its figures."""
FEWEST = 5
FAR = 100
"""How many times its neighbours a figure must be to look like a decimal read as a group."""
LARGEST = 999_999
"""What a text with one group can be; where neighbours are not far below it nothing is doubtful."""
TABLE_ROWS = 5_000
"""Rows up to which figures are compared indicator by indicator."""
FEWEST_OF_CODE = 4
_Figure = tuple[float, Place, Cell]
_WHOLE = frozenset({"", PROVINCE})
"""Areas of figures that are of the whole province."""
SCALE = 500
"""A slip between đồng and nghìn đồng is a thousand; half of that tells it from real differences."""


def other_scale(value: float, usual: float) -> bool:
    """Whether a figure is some thousand times another, or a thousandth of it."""
    value, usual = abs(value), abs(usual)
    return bool(value and usual) and (value >= SCALE * usual or value <= usual / SCALE)


def median(figures: Iterable[float]) -> float:
    """The middle figure. Python's own statistics would load fractions and decimals with it."""
    ordered = sorted(figures)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def times(value: float, usual: float) -> Words:
    """How many times the other a figure is, or which part of it, for a message."""
    value, usual = abs(value), abs(usual)
    if value < usual:
        part = plain(float(f"{usual / value:.3g}"))
        return Words(f"chỉ bằng 1/{part}", f"1/{part} of")
    many = plain(float(f"{value / usual:.3g}"))
    return Words(f"gấp {many} lần", f"{many} times")


def number_of(cell: Cell, column: SchemaField) -> float | None:
    """The figure in a cell of a number column, None where there is none."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell) if math.isfinite(cell) else None
    if not isinstance(cell, str):
        return None
    number = read_number(squeeze(cell), column.decimal, column.group)
    return None if isinstance(number, NumberFault) else float(number)


class _Column:
    """What was seen of one column: ordinary figures, and those with a single group."""

    def __init__(self, column: SchemaField, pattern: re.Pattern[str]) -> None:
        self.column = column
        self.pattern = pattern
        self.seen = 0
        self.figures: list[float] = []
        self.doubtful: list[tuple[Place, str, float]] = []
        self.settled = False


@whole_rule(
    "V419",
    "group-among-decimals",
    Severity.WARNING,
    vi="“{text}” được hiểu là {value}; số lân cận cỡ {usual}. Nếu là số thập phân, viết “{meant}”.",
    en="“{text}” is read as {value}; its neighbours are near {usual}. A decimal is “{meant}”.",
    hint=(
        "Kiểm tra lại số này. Dấu chấm tách hàng nghìn, dấu phẩy tách phần thập phân.",
        "Check this figure. The dot groups thousands, the comma marks decimals.",
    ),
    basis=EXACT,
    since=SINCE,
)
class GroupAmongDecimals:
    """A text like 1.234 in a column of figures a hundred times smaller.

    Why: it is one thousand two hundred and thirty-four by rule, and was perhaps meant as a little
    over one. It is read by rule; whoever signs should have looked at it.
    Fix: write the decimal comma, or no mark at all.
    """

    def __init__(self, context: Context) -> None:
        self._told = context.doubted
        self._told.clear()
        self._columns = [
            _Column(
                each,
                re.compile(rf"\s*[+-]?[1-9][0-9]{{0,2}}{re.escape(each.group)}[0-9]{{3}}\s*"),
            )
            for each in context.schema.fields
            if each.type == "number" and each.group and not each.personal
        ]

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Collect until the column's way of writing is plain.

        Where that is does not depend on the batches, which differ between formats.
        """
        for each in self._columns:
            if not each.settled and each.column.name in batch.columns:
                self._collect(each, batch)
        return ()

    @staticmethod
    def _collect(each: _Column, batch: Batch) -> None:
        cells = batch.columns[each.column.name]
        each.seen += len(cells)
        sampling = len(each.figures) < SAMPLE
        # Once the sample is full, only what may be a single group is looked at.
        found = enumerate(cells) if sampling else holding(each.column.group or "", cells)
        for at, cell in found:
            value = number_of(cell, each.column)
            if not value:
                continue
            if isinstance(cell, str) and each.pattern.fullmatch(cell):
                each.doubtful.append((batch.place(at), cell, value))
                each.settled = len(each.doubtful) >= MOST
            elif sampling:
                each.figures.append(abs(value))
                sampling = len(each.figures) < SAMPLE
                each.settled = not sampling and FAR * median(each.figures) > LARGEST
            if each.settled:
                return

    def close(self) -> Iterator[Placed]:
        """Judge each doubtful figure by the ordinary ones of its column."""
        for each in self._columns:
            usual = len(each.doubtful) > USUAL * each.seen
            if each.settled or usual or len(each.figures) < FEWEST:
                continue
            middle, low, high = median(each.figures), min(each.figures), max(each.figures)
            for place, text, value in each.doubtful:
                if abs(value) >= FAR * middle and low / 3 <= abs(value) / 1000 <= high * 3:
                    group, decimal = each.column.group or ".", each.column.decimal or ","
                    meant = squeeze(text).replace(group, decimal)
                    fault = Fault(text=text, value=plain(value), usual=plain(middle), meant=meant)
                    self._told.add((each.column.name, place.row))
                    yield Placed(fault, place, each.column.name, text)


@whole_rule(
    "V420",
    "other-scale",
    Severity.WARNING,
    vi="Giá trị {value} của {code} {times} mức thường thấy trong tệp ({usual}).",
    en="The value {value} of {code} is {times} what is usual in the file ({usual}).",
    hint=(
        "Kiểm tra đơn vị tính: đồng, nghìn đồng hay triệu đồng, và dấu phân cách.",
        "Check the unit of measure (đồng, nghìn or triệu đồng) and the separators.",
    ),
    basis=EXACT,
    since=SINCE,
)
class OtherScale:
    """One figure of an indicator is some thousand times the others of the same indicator.

    Why: a figure in đồng among figures in nghìn đồng makes every sum wrong.
    Fix: convert it, or leave it if it is right. It is compared in files of up to 5,000 rows, where
    an indicator has at least four figures, those of the province apart from those of communes; a
    figure with a past of its own is held against that (H806), and one whose separator is the likely
    cause is told for that alone (V419).
    """

    def __init__(self, context: Context) -> None:
        self._comparison = context.comparison
        self._doubted = context.doubted
        self._exchanged = context.exchanged
        self._column = context.schema.by_name.get(Role.VALUE)
        self._kept: list[tuple[Batch, set[int]]] = []
        """All rows of a small table, and the positions of figures that are not compared there."""
        self._rows = 0

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Keep the rows, as long as the table is small."""
        self._rows += len(batch)
        if self._column is None or self._rows > TABLE_ROWS:
            self._kept.clear()
        elif Role.VALUE in batch.columns and Role.INDICATOR_CODE in batch.columns:
            apart = {
                each.at
                for each in self._comparison.against(batch)
                if each.earlier and each.place.column == Role.VALUE
            }
            self._kept.append((batch, apart.union(self._exchanged.told(batch))))
        return ()

    def _figures(self, column: SchemaField) -> dict[tuple[Cell, bool], list[_Figure]]:
        """The figures of each indicator, those of the province apart."""
        found: dict[tuple[Cell, bool], list[_Figure]] = {}
        for batch, apart in self._kept:
            areas = batch.columns.get(Role.AREA) or [""] * len(batch)
            figures = (batch.columns[Role.INDICATOR_CODE], areas, batch.columns[Role.VALUE])
            for at, (code, area, cell) in enumerate(zip(*figures, strict=True)):
                value = number_of(cell, column)
                if value and at not in apart:
                    key = code, squeeze(shown(area)) in _WHOLE
                    found.setdefault(key, []).append((abs(value), batch.place(at), cell))
        return found

    def close(self) -> Iterator[Placed]:
        """Judge each figure by the middle one of its indicator."""
        if self._column is None:
            return
        for (code, _), figures in self._figures(self._column).items():
            if len(figures) < FEWEST_OF_CODE:
                continue
            middle = median(value for value, _, _ in figures)
            for value, place, cell in figures:
                if other_scale(value, middle) and (Role.VALUE, place.row) not in self._doubted:
                    fault = Fault(
                        quoting=(Role.INDICATOR_CODE,),
                        value=plain(number_of(cell, self._column) or value),
                        code=shown(code),
                        times=times(value, middle),
                        usual=plain(middle),
                    )
                    yield Placed(fault, place, Role.VALUE, cell)
