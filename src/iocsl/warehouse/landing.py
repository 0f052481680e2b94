"""Facts out of a container: every row of its data files, typed by the schema, with its source."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from iocsl.bundle.container import open_bundle
from iocsl.bundle.identity import Slip
from iocsl.catalog import Catalogue
from iocsl.catalog.schema import TableSchema, parse_schema
from iocsl.domain import Period
from iocsl.validate.cells import UNREAD, reader_of
from iocsl.validate.context import Context
from iocsl.validate.engine import Table
from iocsl.validate.engine import _batches as batches
from iocsl.validate.headings import SEARCHED, find_layout
from iocsl.validate.labels import is_label_sheet
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import Sheet
from iocsl.warehouse.registry import Fact


def facts_in(container: Path, slip: Slip, names: list[str], catalogue: Catalogue) -> Iterator[Fact]:
    """The rows of the data files `names`, which have passed the technical check.

    Read as they are asked for, so that memory does not grow with the file.
    """
    dataset = catalogue.dataset(slip.dataset)
    schema = parse_schema(catalogue.schema(dataset.schema), dataset.schema)
    context = Context(
        catalogue=catalogue,
        schema=schema,
        dataset=dataset,
        unit=catalogue.unit(slip.unit),
        period=Period.parse(slip.period),
    )
    with open_bundle(container) as bundle, tempfile.TemporaryDirectory() as folder:
        for name in names:
            path = Path(folder) / name
            bundle.extract(name, path)
            yield from _facts_of(path, name, context)


def _facts_of(path: Path, name: str, context: Context) -> Iterator[Fact]:
    source = open_source(path)
    try:
        for sheet in source.sheets:
            if not (sheet.hidden or is_label_sheet(sheet)):
                yield from _rows(sheet, name, context)
    finally:
        source.close()


def _rows(sheet: Sheet, name: str, context: Context) -> Iterator[Fact]:
    first = list(islice((row for chunk in sheet.chunks() for row in chunk.rows), SEARCHED))
    layout = find_layout(first, context.schema, sheet)
    if layout is None:
        return
    read = _readers(context.schema, list(layout.columns))
    for batch in batches(Table(sheet, layout), context):
        for at, row in enumerate(zip(*(batch.columns[key] for key in read), strict=True)):
            values = ((key, read[key](cell)) for key, cell in zip(read, row, strict=True))
            record = {key: value for key, value in values if value not in (None, UNREAD)}
            yield Fact(name, sheet.name or "", batch.place(at).row, record)


def _readers(schema: TableSchema, columns: list[str]) -> dict[str, Any]:
    return {key: reader_of(schema.by_name[key], schema.missing_values) for key in columns}
