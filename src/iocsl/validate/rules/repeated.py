"""X: rows and values that a table holds twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from iocsl.domain import Severity
from iocsl.text import squeeze
from iocsl.validate.context import Context
from iocsl.validate.hits import MASK
from iocsl.validate.readers.base import Batch, Cell, shown
from iocsl.validate.registry import Fault, Level, Placed, Role, file_fault, own, whole_rule
from iocsl.validate.rules.across import EXACT, SINCE
from iocsl.validate.spellings import SpelledRepeats, reading_of

REMEMBERED = 10_000
"""Rows of which it is remembered what is said of those that repeat them."""
FINAL = "chinh_thuc"
"""What a blank `trang_thai_so_lieu` means."""

ALIKE = file_fault(
    "X703",
    "repeated-in-other-spelling",
    Severity.WARNING,
    level=Level.WHOLE,
    vi="Khóa của dòng này chỉ khác dòng {first} ở chữ hoa, dấu hoặc dấu cách: {key}.",
    en="The key of this row differs from row {first} in case, marks or spaces alone: {key}.",
    hint=(
        "Nếu là một, giữ một dòng; nếu là hai, viết cho khác hẳn nhau.",
        "If they are one, keep one row; if they are two, write them so that it shows.",
    ),
    basis=EXACT,
    since="0.2.0",
    doc="""The key columns of two rows are the same once case, diacritics and doubled spaces are
    left out.

    Why: "Mường La" and "Muong la" are counted as two by every program, and are one commune. Names
    that differ in marks alone do exist, so it is a warning. Columns with up to 50,000 different
    cells are looked at.
    Fix: keep one of the rows, or spell them apart.
    """,
)


@whole_rule(
    "X701",
    "repeated-row",
    Severity.ERROR,
    vi="Dòng này trùng khóa với dòng {first}: {key}.",
    en="This row has the same key as row {first}: {key}.",
    hint=(
        "Giữ một dòng. Nếu là hai số liệu khác nhau, sửa kỳ, địa bàn hoặc mã cho đúng.",
        "Keep one. If they are two figures, mend the period, the area or the code.",
    ),
    basis=EXACT,
    since=SINCE,
)
class RepeatedRow:
    """The key columns of the schema together are unique.

    Why: of two figures for one indicator, period and area nobody can tell which holds.
    Fix: remove one row, or correct what makes them differ. A blank figure status counts as final;
    05/11/2026 and 2026-11-05 are one day, 03646 and X-03646 one commune.
    """

    def __init__(self, context: Context) -> None:
        self._personal = any(
            context.schema.by_name[name].personal for name in context.schema.primary_key
        )
        self._required = [each.name for each in context.schema.fields if each.required]
        self._key = context.schema.primary_key
        self._exchanged = context.exchanged
        self._readings = {name: reading_of(context.schema.by_name[name]) for name in self._key}
        self._missing = {
            name: context.schema.missing_in(context.schema.by_name[name]) for name in self._key
        }
        self._repeats: SpelledRepeats | None = None
        self._told: dict[tuple[Any, ...], Fault] = {}
        """By the first row and the key cells, what is said of the rows that repeat it."""

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Faults of this batch; nothing where a key column is not in the file."""
        present = [name for name in self._key if name in batch.columns]
        lacking = [name for name in self._key if name not in present and name in self._required]
        if lacking or not present:
            return
        if self._repeats is None:
            blank: dict[str, str] = {Role.STATUS: FINAL}
            self._repeats = SpelledRepeats(
                present, self._required, blank, self._readings, self._missing
            )
        keys: list[tuple[Any, ...]] = []
        for at, first, exact in self._repeats.see(self._exchanged.apart(batch)):
            keys = keys or list(zip(*map(batch.raw, present), strict=True))
            same = first.row, exact, keys[at]
            fault = self._told.get(same)
            if fault is None:
                cells = [_told(batch.columns[name][at]) for name in present]
                key = MASK if self._personal else " · ".join(cell for cell in cells if cell)
                fault = self._told[same] = Fault(first=own(first.row), key=own(key), shared=True)
            value = batch.columns[present[0]][at]
            yield Placed(fault, batch.place(at), present[0], value, rule=None if exact else ALIKE)
        if len(self._told) > REMEMBERED:
            self._told.clear()

    def close(self) -> Iterable[Placed]:
        """Nothing more is known at the end."""
        return ()


@whole_rule(
    "X702",
    "repeated-value",
    Severity.ERROR,
    vi="“{value}” ở cột “{title}” đã có ở dòng {first}; cột này không được lặp.",
    en="“{value}” in column “{title}” is in row {first} already; the column takes no repeats.",
    hint=("Kiểm tra xem dòng nào đúng.", "See which of the rows is right."),
    basis=EXACT,
    since=SINCE,
)
class RepeatedValue:
    """A column that the schema calls unique holds every value once, however it is written.

    Why: two objects under one number cannot be told apart.
    Fix: correct the number of one of them.
    """

    def __init__(self, context: Context) -> None:
        key = context.schema.primary_key
        self._fields = [
            each for each in context.schema.fields if each.unique and key != (each.name,)
        ]
        schema = context.schema
        self._repeats = {
            each.name: SpelledRepeats(
                (each.name,),
                readings={each.name: reading_of(each)},
                missing={each.name: schema.missing_in(each)},
            )
            for each in self._fields
        }
        self._exchanged = context.exchanged
        self._told: dict[tuple[str, int], Fault] = {}
        """By column and first row, what is said of the values that repeat it."""

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Faults of this batch."""
        for each in self._fields:
            if each.name not in batch.columns:
                continue
            for at, first, exact in self._repeats[each.name].see(self._exchanged.apart(batch)):
                if not exact:
                    continue
                value = batch.columns[each.name][at]
                fault = self._told.get((each.name, first.row))
                if fault is None:
                    fault = Fault(
                        shared=True, value=shown(value), title=each.title, first=own(first.row)
                    )
                    self._told[each.name, first.row] = fault
                yield Placed(fault, batch.place(at), each.name, value)
        if len(self._told) > REMEMBERED:
            self._told.clear()

    def close(self) -> Iterable[Placed]:
        """Nothing more is known at the end."""
        return ()


def _told(cell: Cell) -> str:
    """A part of a key, days as people write them."""
    return cell.strftime("%d/%m/%Y") if isinstance(cell, date) else squeeze(shown(cell))
