"""V: commas in figures that look like those of thousands in English, or were read as delimiters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from iocsl.catalog.schema import SchemaField
from iocsl.domain import Severity
from iocsl.text import squeeze
from iocsl.validate.context import Context
from iocsl.validate.numbers import NumberFault, plain, read_number
from iocsl.validate.readers.base import Batch, Cell, Place
from iocsl.validate.readers.texts import Texts
from iocsl.validate.registry import (
    QD1134,
    QD2023,
    Basis,
    Fault,
    Level,
    Placed,
    file_fault,
    whole_rule,
)

EXACT: Basis = {QD2023: "Điều 3 khoản 1", QD1134: "Điều 5 khoản 1 điểm a"}
FEWEST = 3
"""Figures that make a way of writing."""


class _Column:
    """A column of which every text with a decimal mark had three digits after it so far."""

    def __init__(self, column: SchemaField, pattern: re.Pattern[str]) -> None:
        self.column = column
        self.pattern = pattern
        self.count = 0
        self.first: tuple[Place, str] | None = None
        self.usual = False
        """Whether other decimals were met: then three digits are decimals like them."""


CUT_IN_TWO = file_fault(
    "V432",
    "number-cut-in-two",
    Severity.WARNING,
    level=Level.WHOLE,
    vi="Số {figure} và “{rest}” ở cột “{title}” ngay sau nó có thể là một số “{whole}” bị cắt đôi: "
    "tệp này phân cách bằng dấu phẩy ({rows} dòng như vậy).",
    en="The figure {figure} and “{rest}” in the column “{title}” right after it may be one figure, "
    "“{whole}”, cut in two: this file is delimited by commas (rows like this one: {rows}).",
    hint=(
        "Đặt số có dấu phẩy trong dấu nháy kép, hoặc xuất tệp phân cách bằng dấu chấm phẩy.",
        "Put figures with a comma in quotation marks, or export the file with semicolons.",
    ),
    basis=EXACT,
    since="0.2.0",
    doc="""In a file that is delimited by commas, a text that may be left empty, right after a
    column of figures, holds nothing but a few digits, or a note nothing but digits.

    Why: `17193,5` without quotes is two cells there. The row may still have as many cells as there
    are headings, and then 17193 would be loaded, and 5 be a note. It is told once a column, unless
    some figure of that column has its comma: then the file has quotes where it needs them.
    Fix: quote the figures, or use semicolons; or say why it is right as it stands.
    """,
)


@whole_rule(
    "V431",
    "thousands-by-decimal-mark",
    Severity.WARNING,
    vi="“{text}” được hiểu là {value}: cả {many} số có dấu “{mark}” ở cột này đều có đúng ba "
    "chữ số sau dấu, như khi tách hàng nghìn.",
    en="“{text}” is read as {value}: all {many} figures with “{mark}” in this column have three "
    "digits after it, as thousands would.",
    hint=(
        "Nếu là hàng nghìn: bỏ dấu, hoặc tách bằng dấu chấm. Nếu là số thập phân: để nguyên.",
        "If thousands are meant, leave the mark out or use a dot. If decimals, leave it.",
    ),
    basis=EXACT,
    since="0.2.0",
)
class ThousandsByDecimalMark:
    """Every figure with a decimal mark in a column has exactly three digits after it.

    Why: a program set to English writes ten thousand as 10,000; by the declared separators that is
    ten. It is read by rule; whoever signs should have looked at it.
    Fix: write thousands with a dot or without a mark.
    """

    def __init__(self, context: Context) -> None:
        self._columns = [
            _Column(each, re.compile(f"[+-]?[1-9][0-9]{{0,2}}{re.escape(each.decimal)}[0-9]{{3}}"))
            for each in context.schema.fields
            if each.type == "number" and each.decimal and not each.personal
        ]

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Look at the texts until one tells that decimals are usual."""
        for each in self._columns:
            if not each.usual and each.column.name in batch.columns:
                self._look(each, batch)
        return ()

    @staticmethod
    def _look(each: _Column, batch: Batch) -> None:
        for at, cell in holding(each.column.decimal or "", batch.columns[each.column.name]):
            text = squeeze(cell)
            if not each.pattern.fullmatch(text):
                number = read_number(text, each.column.decimal, each.column.group)
                each.usual = not isinstance(number, NumberFault)
                if each.usual:
                    return
                continue
            each.count += 1
            each.first = each.first or (batch.place(at), text)

    def close(self) -> Iterator[Placed]:
        """One warning a column."""
        for each in self._columns:
            if each.usual or each.first is None or each.count < FEWEST:
                continue
            place, text = each.first
            number = read_number(text, each.column.decimal, each.column.group)
            fault = Fault(
                text=text, value=plain(float(number)), many=each.count, mark=each.column.decimal
            )
            yield Placed(fault, place, each.column.name, text, count=each.count)


def holding(mark: str, cells: Sequence[Cell]) -> Iterator[tuple[int, str]]:
    """Position and text of the cells that hold a character."""
    if isinstance(cells, Texts) and mark.encode() not in cells.spelling.lines(cells.raw):
        return
    for at, cell in enumerate(cells):
        if isinstance(cell, str) and mark in cell:
            yield at, cell
