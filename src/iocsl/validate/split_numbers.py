"""Figures cut in two where a file of commas writes `8,5` without quotes.

The row may still have as many cells as there are headings: then the figure is read as 8, and 5
stands in the column beside it as if it were a note. Nobody else would tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.text import squeeze
from iocsl.validate.headings import Layout
from iocsl.validate.hits import Hit
from iocsl.validate.readers.base import Batch, Place, shown
from iocsl.validate.registry import Fault, Role, own
from iocsl.validate.rules.separators import CUT_IN_TWO
from iocsl.validate.table import NUMBERS
from iocsl.validate.understood import Understood

COMMA = ","
DIGITS = 3
"""The most digits that are taken for decimals in a text; a note is no number at all."""


@dataclass(slots=True)
class _Pair:
    """A column of numbers and the free text right beside it, with what was met so far."""

    number: SchemaField
    text: SchemaField
    first: Place | None = None
    figure: str = ""
    rest: str = ""
    count: int = 0

    def is_rest(self, cell: str) -> bool:
        """Whether a cell of the text may be the end of a figure."""
        short = len(cell) <= DIGITS or self.text.name == Role.NOTE
        return short and cell.isascii() and cell.isdigit()


class SplitNumbers:
    """Looks at the texts beside numbers of a table, batch by batch."""

    def __init__(self, layout: Layout, schema: TableSchema) -> None:
        at_place = {at: schema.by_name[name] for name, at in layout.columns.items()}
        self._pairs = [
            _Pair(at_place[at - 1], field)
            for at, field in at_place.items()
            if at - 1 in at_place and _has_commas(at_place[at - 1]) and _is_free(field)
        ]

    def see(self, batch: Batch) -> None:
        """Count the rows in which a figure may be cut."""
        for pair in self._pairs:
            spelling = batch.spelling(pair.text.name)
            if spelling is None or spelling.mark != COMMA.encode():
                continue
            texts = (squeeze(shown(cell)) for cell in batch.distinct(pair.text.name))
            rests = {text for text in texts if pair.is_rest(text)}
            if rests:
                self._count(pair, batch, rests)

    @staticmethod
    def _count(pair: _Pair, batch: Batch, rests: Collection[str]) -> None:
        cells = zip(batch.columns[pair.number.name], batch.columns[pair.text.name], strict=True)
        for at, (number, text) in enumerate(cells):
            figure, rest = squeeze(shown(number)), squeeze(shown(text))
            if rest in rests and figure.lstrip("+-").isdigit():
                if pair.first is None:
                    pair.first, pair.figure, pair.rest = batch.place(at), figure, rest
                pair.count += 1

    def hits(self, sheet: str | None, understood: Collection[Understood]) -> Iterator[Hit]:
        """One for each column. Where some figures have their comma, the file has quotes for it."""
        quoted = {
            each.title for each in understood if any(COMMA in text for text, _ in each.examples)
        }
        for each in self._pairs:
            if each.first is None or each.number.title in quoted:
                continue
            fault = Fault(
                quoting=(each.text.name,),
                figure=each.figure,
                whole=f"{each.figure}{COMMA}{each.rest}",
                rest=each.rest,
                title=own(each.text.title),
                rows=own(each.count),
            )
            yield Hit(
                CUT_IN_TWO, fault, sheet, each.first, each.number.name, each.figure, each.count
            )


def _has_commas(field: SchemaField) -> bool:
    """Whether figures of a column may be written with a comma."""
    return field.type in NUMBERS and (not field.decimal or COMMA in {field.decimal, field.group})


def _is_free(field: SchemaField) -> bool:
    """Whether a column takes any text and may be left empty."""
    bound = field.enum or field.codes or field.pattern or field.format or field.names_attachment
    return field.type in {"string", "any"} and not (field.required or field.unique or bound)
