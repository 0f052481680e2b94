"""XLS: what a child process read of it (see `xls_child`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from iocsl.text import tr
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import (
    BATCH,
    Broken,
    Chunk,
    Noticed,
    Row,
    SheetMarks,
    Unreadable,
    across,
)
from iocsl.validate.readers.biff import MAX_CELLS
from iocsl.validate.readers.xls_child import unpack
from iocsl.validate.rules.files import DAMAGED, PASSWORD, TOO_LARGE

SECONDS = 10
_PASSWORD_EXIT, _TOO_LARGE_EXIT = 3, 4

Area = tuple[tuple[int, int], tuple[int, int]]


class XlsSheet:
    """One worksheet, its rows already here: XLS holds 65,536 at most."""

    ragged = False

    def __init__(self, about: dict[str, Any], rows: list[Row]) -> None:
        self.name: str | None = about["name"]
        self.hidden: bool = about["hidden"]
        self.column_offset: int = about["offset"]
        self._merged = [((a, b), (c, d)) for (a, b), (c, d) in about["merged"]]
        self.seen = SheetMarks(
            broken={(row, column): Broken(text) for row, column, text in about["broken"]},
            hidden_rows=set(about["hidden_rows"]),
            hidden_columns=about["hidden_columns"],
            percents={column: dict(shown) for column, shown in about["percents"]},
        )
        self._columns = list(map(list, across(rows)))
        self.seen.put(self._columns, 1, self.column_offset)

    def merged(self) -> Sequence[Area]:
        return self._merged

    def head(self, rows: int) -> list[Row]:
        return Chunk([cells[:rows] for cells in self._columns], 1).rows()

    def chunks(self) -> Iterator[Chunk]:
        for start in range(0, len(self._columns[0]), BATCH):
            yield Chunk([cells[start : start + BATCH] for cells in self._columns], start + 1)


class XlsSource:
    """An old workbook."""

    format = "xls"
    encoding: str | None = None
    cells_addressed = True

    def __init__(self, path: Path) -> None:
        self.noticed: list[Noticed] = []
        self.sheets: Sequence[XlsSheet] = _read(path)

    @property
    def labels(self) -> Mapping[str, str]:
        return {}

    def close(self) -> None:
        self.sheets = ()


def _read(path: Path) -> list[XlsSheet]:
    with tempfile.TemporaryFile() as out:
        command = [sys.executable, "-m", "iocsl.validate.readers.xls_child", str(path.absolute())]
        try:
            ended = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
                env={**os.environ, "RUST_BACKTRACE": "0"},
            ).returncode
        except subprocess.TimeoutExpired:
            raise Unreadable(TOO_LARGE, seen=f"> {SECONDS} s", limit=f"{SECONDS} s") from None
        if ended == _PASSWORD_EXIT:
            raise Unreadable(PASSWORD)
        if ended == _TOO_LARGE_EXIT:
            limit = f"{plain(MAX_CELLS)} {tr('ô', 'cells')}"
            raise Unreadable(TOO_LARGE, seen=f"> {limit}", limit=limit)
        if ended != 0:
            raise Unreadable(DAMAGED, detail="XLS")
        out.seek(0)
        return _sheets(out)


def _sheets(out: IO[bytes]) -> list[XlsSheet]:
    found: list[tuple[dict[str, Any], list[Row]]] = []
    for line in out:
        read = json.loads(line)
        if isinstance(read, dict):
            found.append((read, []))
        else:
            found[-1][1].append([unpack(cell) for cell in read])
    return [XlsSheet(about, rows) for about, rows in found]
