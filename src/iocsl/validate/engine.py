"""The check of one table: batches of columns against the rules, addresses for failures only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from iocsl.text import tr
from iocsl.validate.breaking_off import Wrongs
from iocsl.validate.cell_checks import CellChecks
from iocsl.validate.context import Context
from iocsl.validate.headings import Layout
from iocsl.validate.hits import Hit, Hits
from iocsl.validate.readers.base import Batch, Chunk, Place, Sheet, Unreadable, column_letters
from iocsl.validate.registry import Fault, Placed, RuleInfo, WholeRule
from iocsl.validate.rules.across import schema_whole_rules
from iocsl.validate.rules.breaking_off import BROKEN_OFF
from iocsl.validate.rules.nil import NIL_RETURN
from iocsl.validate.rules.structure import NO_ROWS, SHIFTED
from iocsl.validate.secrecy_places import MarksAside
from iocsl.validate.shifted import Beside, Shift
from iocsl.validate.split_numbers import SplitNumbers
from iocsl.validate.table import Table, data_batches
from iocsl.validate.understood import NumbersRead

if TYPE_CHECKING:
    from iocsl.validate.crew import Crew

Rules = Sequence[tuple[RuleInfo, WholeRule]]


def rules_over_the_file(context: Context) -> Rules:
    """Whole rules that judge all tables of a file together; `closed` tells what they found."""
    return [(rule.info, rule.make(context)) for rule in context.rules.whole if rule.over_file]


def closed(rules: Rules, tables: Sequence[Table]) -> Iterator[Hit]:
    """What the end of the last table proves, placed at the table where there is but one."""
    name = tables[0].sheet.name if len(tables) == 1 else None
    for info, rule in rules if tables else ():
        yield from _hits(info, rule.close(), name)


def check_table(
    sheet: Sheet,
    layout: Layout,
    context: Context,
    hits: Hits,
    over_the_file: Rules = (),
    *,
    crew: Crew | None = None,
) -> Table:
    """Read a table to its end and ask every rule that applies to it.

    A `crew` screens the cells of a long file in several processes; the findings are the same.
    """
    hits.part(sheet, layout)
    table = Table(sheet, layout, hits)
    table.marks = MarksAside(sheet, hits, context.regime)
    table.beside = Beside(layout, context)
    begun = len(hits)
    checks = _Checks(table, context, over_the_file)
    numbers, cut = NumbersRead(context.schema), SplitNumbers(layout, context.schema)
    chunks = _Read(crew.chunks(layout, context) if crew else sheet.chunks())
    for batch in checks.seen.pieces(data_batches(table, context, chunks)):
        table.rows += len(batch)
        table.last_row = batch.rows[-1]
        checks.see(batch)
        numbers.see(batch, checks.fresh())
        cut.see(batch)
    table.understood = numbers.understood()
    if checks.seen.left:
        table.leave(table.last_row, checks.seen.said())
    if table.left is None and chunks.broken is not None:
        raise chunks.broken
    if table.left is None:
        checks.close()
        hits.extend(cut.hits(sheet.name, table.understood))
    else:
        hits.leave(begun, table.left.row)
        hits.put(Hit(BROKEN_OFF, Fault(row=table.left.row, why=table.left.why), sheet.name))
    for shift, (first, rows) in table.beside.found.items():
        hits.put(shifted(sheet, shift, first, len(rows)))
    nothing = not table.rows and table.left is None
    if nothing and hits.codes().isdisjoint({NIL_RETURN.code, SHIFTED.code}):
        hits.put(Hit(NO_ROWS, Fault(), sheet.name, _place(sheet, layout.last_row)))
    return table


def _place(sheet: Sheet, row: int) -> Place:
    """Where a row is of which the number alone is known: headings are found among rows."""
    for chunk in sheet.chunks():
        if row < chunk.first + len(chunk):
            at = row - chunk.first
            return Place(row, chunk.lines[at] if chunk.lines is not None else None)
    return Place(row, None)


class _Read:
    """Chunks up to where a file cannot be read on, which matters only if the table goes so far.

    How much is read ahead depends on how the rows are cut; at which row a table is left must not.
    """

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self._chunks = chunks
        self.broken: Unreadable | None = None

    def __iter__(self) -> Iterator[Chunk]:
        try:
            yield from self._chunks
        except Unreadable as error:
            self.broken = error


def shifted(sheet: Sheet, shift: Shift, first: Place, count: int) -> Hit:
    """One finding for all rows that stand beside their headings in the same way."""
    letters = column_letters(shift.column + sheet.column_offset)
    side = tr("phải", "right") if shift.by > 0 else tr("trái", "left")
    fault = Fault(by=abs(shift.by), side=side, column=letters, rows=count)
    cell = f"{letters}{first.row}"
    return Hit(SHIFTED, fault, sheet.name, first, cell=cell, count=count)


class _Checks:
    """All that is asked of one table."""

    def __init__(self, table: Table, context: Context, over_the_file: Rules) -> None:
        self._table = table
        self._cells = CellChecks(table, context)
        self._whole = _whole_rules(context)
        self._over_the_file = over_the_file
        self.seen = Wrongs(len(table.layout.columns), self._cells.told_a_row)

    def see(self, batch: Batch) -> None:
        hits, rows, lines = self._table.hits, batch.rows, batch.lines
        told = wrong = 0
        for at, said in self._cells.failures(batch):
            told += 1
            wrong += said.wrong
            for kind in said.kinds:
                hits.add(kind, rows[at], lines[at] if lines is not None else None)
        self.seen.wrong += wrong
        self.seen.strange = self._cells.strange
        self.seen.told += told
        for info, rule in (*self._whole, *self._over_the_file):
            found = list(_hits(info, rule.see(batch), self._table.sheet.name))
            hits.extend(found)
            self.seen.repeated += sum(hit.fault.shared for hit in found)

    def close(self) -> None:
        for info, rule in self._whole:
            self._table.hits.extend(_hits(info, rule.close(), self._table.sheet.name))

    def fresh(self) -> dict[str, list[str]]:
        """By column of numbers, texts of the last batch that are written as none before."""
        return self._cells.fresh()


def _hits(rule: RuleInfo, placed: Iterable[Placed], sheet: str | None) -> Iterator[Hit]:
    for each in placed:
        yield Hit(
            each.rule or rule,
            each.fault,
            sheet,
            each.place,
            each.column,
            each.value,
            each.count,
        )


def _whole_rules(context: Context) -> list[tuple[RuleInfo, WholeRule]]:
    rules = [*context.rules.whole, *schema_whole_rules(context.schema)]
    return [(rule.info, rule.make(context)) for rule in rules if not rule.over_file]
