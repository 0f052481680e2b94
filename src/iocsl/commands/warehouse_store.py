"""What the commands of `iocsl warehouse` share: which store is meant, and opening it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import config
from iocsl.text import help_text, tr

if TYPE_CHECKING:
    from iocsl.warehouse.store import Store

DEFAULT_PORT = 8470

StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="DIR",
        help=help_text(
            "Thư mục của kho (mặc định: thư mục con kho của thư mục làm việc)",
            "Folder of the warehouse (default: kho in the home folder)",
        ),
    ),
]


def folder_of(store: Path | None) -> Path:
    return (store or config.home() / "kho").absolute()


@contextlib.contextmanager
def opened_store(folder: Path | None) -> Iterator[Store]:
    from iocsl.ledger.database import trouble
    from iocsl.warehouse.store import FILE, Store

    place = folder_of(folder)
    with Store.open(place) as store:
        try:
            yield store
        except sqlite3.Error as error:
            raise trouble(error, place / FILE) from None


def test_mark(test: bool) -> str:
    return tr("  (KHO THỬ NGHIỆM - TEST)", "  (TEST WAREHOUSE)") if test else ""
