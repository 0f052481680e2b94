"""The rows of a file by column key, typed by a schema: for landing, and for carrying over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl.catalog.schema import parse_schema
from iocsl.catalog.templates import Previous
from iocsl.domain import ExitCode, Period
from iocsl.errors import IocslError, is_folder, missing_file, usage
from iocsl.text import say, squeeze, tr
from iocsl.validate.cells import UNREAD, reader_of
from iocsl.validate.context import Context
from iocsl.validate.headings import SEARCHED, Layout, find_layout
from iocsl.validate.labels import chosen, claims_of, is_label_sheet
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import Sheet, Source, Unreadable
from iocsl.validate.table import Table, data_batches

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue, Dataset


def read_previous(path: Path, catalogue: Catalogue, dataset: Dataset) -> Previous:
    """The rows of last period's file of `dataset`, and its period where the file says one.

    A cell that does not fit its column is left out. IocslError: exit 1 for a file that cannot be
    read, 2 for one of another dataset or without a table of that structure.
    """
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    try:
        source = open_source(path)
    except Unreadable as unread:
        raise _unread(path, unread) from None
    try:
        claims = claims_of(source, path.name, catalogue, dataset=None, unit=None, period=None)
        said = chosen(claims, "dataset")
        if said not in {None, dataset.code}:
            raise _of_another(path, str(said), dataset.code)
        period = chosen(claims, "period")
        schema = parse_schema(catalogue.schema(dataset.schema), dataset.schema)
        context = Context(
            catalogue=catalogue,
            schema=schema,
            dataset=dataset,
            period=Period.parse(period) if period else None,
        )
        for sheet in source.sheets:
            if not (sheet.hidden or is_label_sheet(sheet)):
                rows = table_rows(sheet, context)
                if rows is not None:
                    return Previous([values for _, values in rows], period)
    except Unreadable as unread:
        raise _unread(path, unread) from None
    finally:
        source.close()
    raise _refused(
        path,
        tr(
            f"không thấy bảng nào theo cấu trúc “{schema.title}”.",
            f"no table of the structure “{schema.title}” is seen in it.",
        ),
    )


def table_rows(sheet: Sheet, context: Context) -> Iterator[tuple[int, dict[str, Any]]] | None:
    """The rows under the headings of a sheet: the number that a person sees, and values by key.

    A cell that is empty or does not fit its column is left out. None where the sheet holds no table
    of the structure.
    """
    layout = find_layout(sheet.head(SEARCHED), context.schema, sheet)
    return None if layout is None else _typed(sheet, layout, context)


def context_for(catalogue: Catalogue, code: str, unit: str, period: str) -> Context:
    """What reading the rows of a file takes whose dataset, unit and period are settled."""
    dataset = catalogue.dataset(code)
    return Context(
        catalogue=catalogue,
        schema=parse_schema(catalogue.schema(dataset.schema), dataset.schema),
        dataset=dataset,
        unit=catalogue.unit(unit),
        period=Period.parse(period),
    )


def rows_of(path: Path, context: Context) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """`records_of` of the file at `path`. Raises `Unreadable`."""
    source = open_source(path)
    try:
        yield from records_of(source, context)
    finally:
        source.close()


def records_of(source: Source, context: Context) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Sheet, number and values of every row, over all tables of the structure that are shown."""
    for sheet in source.sheets:
        if not (sheet.hidden or is_label_sheet(sheet)):
            for row, record in table_rows(sheet, context) or ():
                yield sheet.name or "", row, record


def _typed(sheet: Sheet, layout: Layout, context: Context) -> Iterator[tuple[int, dict[str, Any]]]:
    missing = context.schema.missing_values
    read = {key: reader_of(context.schema.by_name[key], missing) for key in layout.columns}
    for batch in data_batches(Table(sheet, layout), context):
        columns = (batch.columns[key] for key in read)
        for at, cells in enumerate(zip(*columns, strict=True)):
            values = {
                key: read[key](squeeze(cell) if isinstance(cell, str) else cell)
                for key, cell in zip(read, cells, strict=True)
            }
            kept = {key: value for key, value in values.items() if value not in (None, UNREAD)}
            yield batch.place(at).row, kept


def _refused(path: Path, why: str, exit_code: ExitCode = ExitCode.USAGE) -> Exception:
    return IocslError(
        "previous-unreadable",
        f"Không lấy được các dòng của tệp kỳ trước “{path.name}”: {why}",
        f"The rows of last period's file “{path.name}” cannot be taken: {why}",
        (
            f'Xem lỗi của tệp bằng: iocsl validate "{path}"',
            f'See what is wrong with it: iocsl validate "{path}"',
        ),
        exit_code,
    )


def _unread(path: Path, unread: Unreadable) -> Exception:
    return _refused(path, say(unread.rule.said(unread.fault.facts)), ExitCode.FINDINGS)


def _of_another(path: Path, said: str, wanted: str) -> Exception:
    return usage(
        "previous-of-another",
        f"Tệp “{path.name}” là của {said}, không phải của {wanted}.",
        f"The file “{path.name}” is of {said}, not of {wanted}.",
        ("Chọn tệp kỳ trước của đúng bộ dữ liệu.", "Take last period's file of this dataset."),
    )
