"""Total rows against the rows that they add up, once the table has been read.

Nobody says in a file what a total adds up, so every reading that its place allows is tried: a run
of rows that ends (or begins) right beside the total and begins (or ends) at another total or at the
edge of the table. That covers groups, groups of groups and the whole table. Only a total that fits
no reading is told, and one whose place allows no reading is left unjudged with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import fsum
from typing import NamedTuple

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Severity, Words
from iocsl.patterns import regex
from iocsl.text import fold, say, squeeze, tr
from iocsl.validate.cells import UNREAD, Reader, Unread, reader_of
from iocsl.validate.context import Context
from iocsl.validate.hits import Hit
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Batch, Cell, shown
from iocsl.validate.registry import Fault, Role, own
from iocsl.validate.rules.across import SUMMED, schema_row_rules
from iocsl.validate.rules.nil import is_nil
from iocsl.validate.rules.totals import TOTAL_DIFFERS, TOTAL_NOT_COMPARED
from iocsl.validate.table import MOST_TOTALS, NUMBERS, Table, TotalRow, data_batches

ROUNDING = 1e-9
LEVELS = 3
"""Groups within groups whose rows are counted among the data."""

_NOT_ADDED = regex(
    r"%|\b(?:t[yi] (?:le|trong|so|suat)|binh quan|trung binh|chi so|gia (?:ban|mua|thanh|co)"
    r"|don gia|nang suat|mat do|toc do|co cau|he so|diem so|tuoi|nam (?:sinh|xay dung))\b"
    r"|/(?:nguoi|ha|kg|lit|m2|m3|thang|nam)\b"
)
"""Titles, names and units of figures that nobody adds up: rates, averages, indices, prices."""
_OF_WHICH = regex(
    r"(?:[-+*\s]*|\w{1,4}\s*[.)/-]\s*)"
    r"(?:trong đó|chia ra|trong tổng số|tổng cộng|tổng số|cộng|chung|toàn tỉnh)\b",
    re.IGNORECASE,
)
"""Rows of data that are parts or sums of other rows."""

OF_WHICH = Words(
    "có dòng “trong đó”, “chia ra”, “cộng” giữa các dòng số liệu nên không cộng thẳng được",
    "there are “of which” rows or sums among the rows, which cannot simply be added up",
)
SEVERAL = Words(
    "các dòng thuộc nhiều chỉ tiêu, kỳ hoặc trạng thái khác nhau",
    "the rows are of several indicators, periods or statuses",
)
NOT_READ = Words("có ô không đọc được thành số", "some cells cannot be read as numbers")
TOO_MANY = Words("bảng có quá nhiều dòng tổng", "the table has too many totals")
NO_PLACE = Words(
    "vị trí của dòng tổng không cho biết nó cộng những dòng nào",
    "its place does not say which rows it adds up",
)


class _Sum:
    """What was seen of one column between two totals."""

    def __init__(self) -> None:
        self.added = 0.0
        self.largest = 0.0
        self.figures = 0
        self.decimals = 0
        self.unread = False


class _Segment:
    """The rows between two totals: `kinds` are the indicators, periods and statuses they are of."""

    def __init__(self) -> None:
        self.rows = 0
        self.of_which = False
        self.kinds: set[tuple[Cell, ...]] = set()
        self.sums: dict[str, _Sum] = {}


class _Run(NamedTuple):
    """Several segments together, seen as what a total may add up in one column."""

    rows: int
    added: float
    slack: float
    reason: Words | None

    def fits(self, value: float) -> bool:
        """Whether a total is the sum, each row counted once, or once on each level of groups.

        A row that sums those below it may bear a name like any other ("Khu vực I").
        """
        return any(
            abs(value * levels - self.added) <= self.slack * levels
            for levels in range(1, LEVELS + 1)
            if levels == 1 or value
        )


def judged(table: Table, context: Context) -> list[Hit]:
    """Hits of the total rows of a table that was read. One more pass, where there are any."""
    columns = [
        each
        for name in table.layout.columns
        if (each := context.schema.by_name[name]).type in NUMBERS and _adds_up(each, context)
    ]
    if not table.totals:
        return []
    across = list(_across(table, context))
    if not columns:
        return across
    if len(table.totals) >= MOST_TOTALS:
        return [*across, _not_compared(table, TOO_MANY, table.totals)]
    judge = _Judge(table, columns, context)
    judge.read()
    return [*across, *judge.hits()]


def _across(table: Table, context: Context) -> Iterator[Hit]:
    """Total rows in which a `sum` of the schema does not hold: no error, as they are not loaded."""
    missing = context.schema.missing_values
    for rule in schema_row_rules(context.schema):
        if rule.info is not SUMMED or not all(
            each in table.layout.columns for each in rule.columns
        ):
            continue
        readers = {each: reader_of(context.schema.by_name[each], missing) for each in rule.columns}
        for total in table.totals:
            values = [_figure(total.cells[each], readers[each]) for each in rule.columns]
            fault = None if UNREAD in values else rule.check(*values, context)
            if fault is not None:
                mild = fault.severity is Severity.INFO
                fault.severity = Severity.INFO if mild else Severity.WARNING
                cell = total.cells[rule.blame]
                name = table.sheet.name
                yield Hit(rule.info, fault, name, total.place, rule.blame, cell)


def _adds_up(column: SchemaField, context: Context) -> bool:
    """Whether figures of a column can be added up at all, by its title and unit."""
    said = fold(f"{column.title} {column.unit_of_measure or ''}")
    return _NOT_ADDED.search(said) is None


class _Judge:
    def __init__(self, table: Table, columns: Sequence[SchemaField], context: Context) -> None:
        self.table = table
        self.totals = table.totals
        self.columns = columns
        self.context = context
        missing = context.schema.missing_values
        self.readers: dict[str, Reader] = {each.name: reader_of(each, missing) for each in columns}
        self.segments = [_Segment() for _ in range(len(self.totals) + 1)]
        self.tolerance = {each.name: _tolerance(each.name, context) for each in columns}

    def read(self) -> None:
        """Add up the rows between the totals."""
        again = Table(self.table.sheet, self.table.layout)
        ends = [total.place.row for total in self.totals]
        which = 0
        for batch in data_batches(again, self.context):
            start = 0
            while which < len(ends) and ends[which] < batch.rows[-1]:
                stop = next(at for at, row in enumerate(batch.rows) if row > ends[which])
                self._add(self.segments[which], batch, start, stop)
                start, which = stop, which + 1
            self._add(self.segments[which], batch, start, len(batch))

    def _add(self, segment: _Segment, batch: Batch, start: int, stop: int) -> None:
        if start >= stop:
            return
        segment.rows += stop - start
        parts = {name: cells[start:stop] for name, cells in batch.columns.items()}
        segment.of_which = segment.of_which or any(map(_is_of_which, parts.values()))
        if Role.INDICATOR_CODE in parts and len(segment.kinds) < 2:
            keys = (Role.INDICATOR_CODE, Role.PERIOD, Role.STATUS)
            segment.kinds.update(zip(*(parts[key] for key in keys if key in parts), strict=True))
        for each in self.columns:
            known = segment.sums.setdefault(each.name, _Sum())
            _add_up(known, parts[each.name], self.readers[each.name])

    def hits(self) -> Iterator[Hit]:
        """One hit for each total that fits no reading; one for each reason of not judging."""
        unjudged: dict[Words, list[TotalRow]] = {}
        for at, total in enumerate(self.totals):
            said = self._judge(at, total)
            if isinstance(said, Words):
                unjudged.setdefault(said, []).append(total)
            elif said is not None:
                yield said
        for reason, totals in unjudged.items():
            yield _not_compared(self.table, reason, totals)

    def _judge(self, at: int, total: TotalRow) -> Hit | Words | None:
        """What is wrong with one total, why it is not judged, or None where it fits."""
        wrong: list[tuple[SchemaField, float, _Run]] = []
        reason: Words | None = None
        for each in self.columns:
            value = _figure(total.cells[each.name], self.readers[each.name])
            if value is None:
                continue
            if value is UNREAD:
                reason = NOT_READ
                continue
            nearest: _Run | None = None
            for run in self._runs(at, each.name):
                if nearest is None or abs(value - run.added) < abs(value - nearest.added):
                    nearest = run
                if run.fits(value):
                    break
            else:
                if nearest is None:
                    reason = NO_PLACE
                elif why := nearest.reason or self._unclear():
                    reason = why
                else:
                    wrong.append((each, value, nearest))
        if not wrong:
            return reason
        return self._hit(total, wrong)

    def _unclear(self) -> Words | None:
        """Why the place of totals does not tell what they add up; None where it does."""
        above, below = self.segments[0].rows, self.segments[-1].rows
        return NO_PLACE if bool(above) == bool(below) else None

    def _runs(self, at: int, column: str) -> Iterator[_Run]:
        """Every run of rows that ends or begins at this total, as the table's edges allow."""
        first, last = self.segments[0].rows, self.segments[-1].rows
        if first or not last:
            yield from self._growing(self.segments[at::-1], column)
        if last or not first:
            yield from self._growing(self.segments[at + 1 :], column)

    def _growing(self, segments: Sequence[_Segment], column: str) -> Iterator[_Run]:
        """The first segment that has rows, the first two, and so on to the table's edge."""
        rows, whole, of_which = 0, _Sum(), False
        kinds: set[tuple[Cell, ...]] = set()
        for segment in segments:
            if not segment.rows:
                continue
            rows += segment.rows
            kinds |= segment.kinds
            of_which = of_which or segment.of_which
            part = segment.sums[column]
            whole.added += part.added
            whole.figures += part.figures
            whole.largest = max(whole.largest, part.largest)
            whole.decimals = max(whole.decimals, part.decimals)
            whole.unread = whole.unread or part.unread
            reason = self._reason(kinds, whole, of_which=of_which)
            yield _Run(rows, whole.added, self._slack(whole, column), reason)

    def _slack(self, whole: _Sum, column: str) -> float:
        """How far a total may be off: what the schema allows, or what rounding explains."""
        slack = self.tolerance[column]
        if not slack and whole.decimals:
            slack = 0.5 * 10.0**-whole.decimals * (whole.figures + 1)
        return slack + ROUNDING * max(whole.largest, abs(whole.added))

    def _reason(self, kinds: set[tuple[Cell, ...]], whole: _Sum, *, of_which: bool) -> Words | None:
        if len(kinds) > 1 or any(not self._indicator_adds_up(kind[0]) for kind in kinds):
            return SEVERAL
        if of_which:
            return OF_WHICH
        return NOT_READ if whole.unread else None

    def _indicator_adds_up(self, code: Cell) -> bool:
        known = self.context.indicators.get(shown(code))
        if known is None:
            return True
        return _NOT_ADDED.search(fold(f"{known.name} {known.unit_of_measure or ''}")) is None

    def _hit(self, total: TotalRow, wrong: Sequence[tuple[SchemaField, float, _Run]]) -> Hit:
        column, value, run = wrong[0]
        more = len(wrong) - 1
        also = tr(f", cùng {more} cột khác", f", and {more} more column(s)") if more else ""
        fault = Fault(
            text=own(total.text),
            title=column.title,
            value=plain(value),
            rows=own(run.rows),
            sum=plain(round(run.added, 9)),
            difference=plain(round(value - run.added, 9)),
            also=also,
        )
        cell = total.cells[column.name]
        name = self.table.sheet.name
        return Hit(TOTAL_DIFFERS, fault, name, total.place, column.name, cell, len(wrong))


def _not_compared(table: Table, reason: Words, totals: Sequence[TotalRow]) -> Hit:
    first = totals[0]
    fault = Fault(text=first.text, count=len(totals), reason=say(reason))
    return Hit(TOTAL_NOT_COMPARED, fault, table.sheet.name, first.place, count=len(totals))


def _tolerance(column: str, context: Context) -> float:
    """The largest `dung_sai` that the schema allows to a sum with this column."""
    sums = (each for each in context.schema.rules if each.operation == "sum")
    return max(
        (each.tolerance for each in sums if column in (*each.columns, *each.others)), default=0.0
    )


def _figure(cell: Cell, read: Reader) -> float | Unread | None:
    """The figure in a cell of a total row; None where there is none, as in an empty cell or "x"."""
    value = read(squeeze(cell) if isinstance(cell, str) else cell)
    if isinstance(value, int | float):
        return float(value)
    if isinstance(cell, str) and not any(char.isdigit() for char in cell):
        return None
    return UNREAD if value is UNREAD else None


def _add_up(known: _Sum, cells: Iterable[Cell], read: Reader) -> None:
    values: list[float] = []
    for cell in cells:
        value = read(squeeze(cell) if isinstance(cell, str) else cell)
        if isinstance(value, int | float):
            values.append(float(value))
            if not float(value).is_integer():
                known.decimals = max(known.decimals, _decimals(value))
        elif value is UNREAD and not is_nil(cell):
            known.unread = True
    known.figures += len(values)
    known.added += fsum(values)
    known.largest = max(known.largest, max(map(abs, values), default=0.0))


def _decimals(value: float) -> int:
    """Decimals of a figure as it would be typed; of a computed one, those that can matter."""
    return min(len(f"{value:.12g}".partition(".")[2]), 6)


def _is_of_which(cells: Iterable[Cell]) -> bool:
    return any(isinstance(cell, str) and cell and _OF_WHICH.match(cell) for cell in cells)
