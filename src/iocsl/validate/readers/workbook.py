"""XLSX through python-calamine, after `xlsx_scan` has found it safe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from iocsl.validate.readers.base import BATCH, Cell, Chunk, Noticed, Row, Unreadable
from iocsl.validate.readers.xlsx_parts import is_plain_archive
from iocsl.validate.readers.xlsx_scan import Area, SheetScan, check_sheets, scan
from iocsl.validate.rules.files import DAMAGED, PASSWORD

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

    from iocsl.validate.readers.sliced import Frame, Slice, SlicedSheet


MOST_CELLS = 1 << 20
"""Cells that are handed over at once."""


class WorkbookSheet:
    """One worksheet. calamine drops empty columns at the left: `column_offset` counts them."""

    ragged = False

    def __init__(
        self, book: Any, name: str, hidden: bool, seen: SheetScan, mended: Callable[[], Any]
    ) -> None:
        """`mended` gives a book in which nothing of the sheet is what calamine cannot take, or
        None where that would be the same."""
        self._book = book
        self._mended = mended
        self.name: str | None = name
        self.hidden = hidden
        self.seen = seen

    @cached_property
    def _sheet(self) -> CalamineSheet:
        # Only a sheet that is looked at is read, and once.
        sheet: CalamineSheet
        try:
            sheet = guarded(self._book.get_sheet_by_name, self.name)
        except Unreadable as error:
            sheet = self._again(error)
        return sheet

    def _again(self, error: Unreadable) -> CalamineSheet:
        """The sheet mended. Raises `error` where there is nothing to mend."""
        book = self._mended()
        if book is None:
            raise error
        sheet: CalamineSheet = guarded(book.get_sheet_by_name, self.name)
        return sheet

    @cached_property
    def column_offset(self) -> int:
        return min([self._start, *(column for _, column in self.seen.broken)])

    @property
    def _start(self) -> int:
        """Empty columns that calamine leaves out at the left; error cells are empty to it."""
        return self._sheet.start[1] if self._sheet.start else 0

    def merged(self) -> Sequence[Area]:
        return self._sheet.merged_cell_ranges or ()

    def head(self, rows: int) -> list[Row]:
        return list(islice(chain.from_iterable(chunk.rows() for chunk in self.chunks()), rows))

    def chunks(self) -> Iterator[Chunk]:
        for first, columns in self._batches(1, self.column_offset):
            self.seen.put(columns, first, self.column_offset)
            yield Chunk(columns, first)

    def slices(self, first: int) -> Iterator[Slice]:
        """The rows from a number on, their columns counted from A."""
        from iocsl.validate.readers.sliced import Slice

        return (Slice(*batch) for batch in self._batches(first, 0))

    def _batches(self, first: int, left: int) -> Iterator[tuple[int, list[list[Cell]]]]:
        """The rows from a number on without `left` columns, those of error cells alone too."""
        rows: Iterator[Row] = islice(self._sheet.iter_rows(), first - 1, None)
        blank = range(self._start - left)
        # Of rows that are very wide, fewer.
        some = max(1, min(BATCH, MOST_CELLS // max(1, self._sheet.total_width)))
        while True:
            try:
                batch = list(islice(rows, some))
            except OverflowError as error:
                sheet = self._again(Unreadable(DAMAGED, detail=type(error).__name__))
                rows = islice(sheet.iter_rows(), first - 1, None)
                batch = guarded(list, islice(rows, some))
            if not batch:
                break
            before: list[list[Cell]] = [[""] * len(batch) for _ in blank]
            yield first, [*before, *map(list, zip(*batch, strict=True))]
            first += len(batch)
        last = 1 + max((row for row, _ in self.seen.broken), default=-1)
        for start in range(first, last + 1, BATCH):
            yield start, [[""] * min(BATCH, last + 1 - start)]


class WorkbookSource:
    """An open workbook. With `low_memory` its sheets are read a slice at a time."""

    format = "xlsx"
    encoding: str | None = None
    cells_addressed = True

    def __init__(self, path: Path, *, low_memory: bool = False) -> None:
        self.noticed: list[Noticed] = []
        self._path, self._low_memory = path, low_memory
        with path.open("rb") as stream:
            self._is_plain = is_plain_archive(stream)
            self._seen = scan(stream)
        self._open: list[Any] = []
        self._book = self._loaded(self._frame.around() if self._is_rebuilt else path.open("rb"))

    @property
    def _is_rebuilt(self) -> bool:
        """Whether calamine gets none but what was looked at, in an archive of our own."""
        return self._low_memory or not self._is_plain

    def _loaded(self, stream: IO[bytes]) -> Any:
        """The workbook in a stream. By content, not by name: calamine would believe an extension.

        Both are closed with the source.
        """
        self._open.append(stream)
        try:
            book = guarded(load, stream)
        except Unreadable:
            self.close()
            raise
        self._open.append(book)
        return book

    @property
    def labels(self) -> Mapping[str, str]:
        return {}

    @cached_property
    def sheets(self) -> Sequence[WorkbookSheet | SlicedSheet]:
        """Worksheets in the book's order (charts and macros are none)."""
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        return [
            self._sheet(each.name, hidden=each.visible != SheetVisibleEnum.Visible)
            for each in self._book.sheets_metadata
            if each.typ == SheetTypeEnum.WorkSheet
        ]

    def _sheet(self, name: str, *, hidden: bool) -> WorkbookSheet | SlicedSheet:
        seen = self._seen.get(name, SheetScan())
        at_once = partial(self._at_once, name, hidden, seen)
        is_rebuilt = bool(seen.part) and self._is_rebuilt
        if seen.is_looked_at and not is_rebuilt:
            return at_once()
        from iocsl.validate.readers.sliced import SlicedSheet

        sliced = SlicedSheet(self._frame, name, hidden, seen, None if is_rebuilt else at_once)
        if sliced.numbered:
            return sliced
        return at_once((lambda: self._loaded(sliced.at_once())) if is_rebuilt else None)

    def _at_once(
        self, name: str, hidden: bool, seen: SheetScan, book: Callable[[], Any] | None = None
    ) -> WorkbookSheet:
        """A sheet that calamine reads, in a `book` or in the file, once it is looked at."""
        if not seen.is_looked_at:
            self._frame.look(seen)
            check_sheets(self._seen.values())
        given = book() if book is not None else self._book
        return WorkbookSheet(given, name, hidden, seen, partial(self._mended, seen))

    def _mended(self, seen: SheetScan) -> Any:
        """The sheet in a book of its own, without what calamine cannot take; None without that."""
        from iocsl.validate.readers.xlsx_mended import MOST, mended

        if not seen.part or self._frame.part(seen.part).file_size > MOST:
            return None
        name, xml = self._frame.content(seen.part)
        known = mended(xml)
        return None if known is None else self._loaded(self._frame.around((name, known)))

    @cached_property
    def _frame(self) -> Frame:
        from iocsl.validate.readers.sliced import Frame

        return Frame(self._path)

    def close(self) -> None:
        while self._open:
            self._open.pop().close()


def load(stream: IO[bytes]) -> Any:
    from python_calamine import load_workbook

    return load_workbook(stream)


def guarded(call: Any, *arguments: Any) -> Any:
    """Call calamine; what it raises, panics of its Rust side too, becomes a finding."""
    from python_calamine import CalamineError, PasswordError

    try:
        return call(*arguments)
    except PasswordError:
        raise Unreadable(PASSWORD) from None
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise Unreadable(DAMAGED, detail=type(error).__name__) from None
    except BaseException as error:
        # A panic arrives as pyo3's PanicException, which is no Exception and has no public name.
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable(DAMAGED, detail="calamine") from None
