"""Facts out of a container: every row of its data files, typed by the schema, with its source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from iocsl.bundle.container import open_bundle
from iocsl.bundle.encryption_keys import aside, opened
from iocsl.bundle.identity import Slip
from iocsl.catalog import Catalogue
from iocsl.catalog.schema import parse_schema
from iocsl.domain import Period
from iocsl.validate.context import Context
from iocsl.validate.labels import is_label_sheet
from iocsl.validate.readers import open_source
from iocsl.validate.rows import table_rows
from iocsl.warehouse.registry import Fact


def facts_in(
    container: Path, store: Path, slip: Slip, names: list[str], catalogue: Catalogue
) -> Iterator[Fact]:
    """The rows of the data files `names`, which have passed the technical check.

    Read as they are asked for, so that memory does not grow with the file. What is encrypted is
    opened with the key of the folder `store` for as long as that takes.
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
    with (
        opened(container, store) as plain,
        open_bundle(plain) as bundle,
        aside(store) as folder,
    ):
        for name in names:
            path = folder / name
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
