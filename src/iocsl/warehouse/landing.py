"""Facts out of a container: every row of its data files, typed by the schema, with its source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from iocsl.bundle.container import open_bundle
from iocsl.bundle.encryption_keys import aside, opened
from iocsl.bundle.identity import Slip
from iocsl.catalog import Catalogue
from iocsl.validate.rows import context_for, rows_of
from iocsl.warehouse.registry import Fact


def facts_in(
    container: Path, store: Path, slip: Slip, names: list[str], catalogue: Catalogue
) -> Iterator[Fact]:
    """The rows of the data files `names`, which have passed the technical check.

    Read as they are asked for, so that memory does not grow with the file. What is encrypted is
    opened with the key of the folder `store` for as long as that takes.
    """
    context = context_for(catalogue, slip.dataset, slip.unit, slip.period)
    with (
        opened(container, store) as plain,
        open_bundle(plain) as bundle,
        aside(store) as folder,
    ):
        for name in names:
            path = folder / name
            bundle.extract(name, path)
            for sheet, row, record in rows_of(path, context):
                yield Fact(name, sheet, row, record)
