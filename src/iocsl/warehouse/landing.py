"""Facts out of a container: every row of its data files, typed by the schema, with its source."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from iocsl.bundle.container import open_bundle
from iocsl.bundle.identity import Slip
from iocsl.catalog import Catalogue
from iocsl.catalog.schema import parse_schema
from iocsl.domain import Period
from iocsl.validate.context import Context
from iocsl.validate.labels import is_label_sheet
from iocsl.validate.readers import open_source
from iocsl.validate.rows import table_rows
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
                for row, record in table_rows(sheet, context) or ():
                    yield Fact(name, sheet.name or "", row, record)
    finally:
        source.close()
