"""Reads an old workbook (XLS) with calamine, in a process of its own: `python -m … FILE`.

A damaged XLS can make calamine ask for a terabyte, which aborts the process and no `except`
catches. Here it ends this process alone. Rows go to stdout as lines of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from iocsl.child import limit_memory

MEMORY = 1 << 30
"""Bytes that the process may take, where the system lets it be said; XLS is small by nature."""


def pack(cell: Any) -> Any:
    """A cell as JSON: text and numbers as they are, the rest as `[kind, text]`."""
    if isinstance(cell, bool):
        return ["bool", cell]
    if isinstance(cell, int):
        return float(cell)  # as in every other workbook, so that no rule sees a difference
    if isinstance(cell, str | float):
        return cell
    if isinstance(cell, timedelta):
        return ["timedelta", cell.total_seconds()]
    return [type(cell).__name__, cell.isoformat()]


def unpack(packed: Any) -> Any:
    """What `pack` made of a cell."""
    if not isinstance(packed, list):
        return packed
    kind, value = packed
    return _KINDS[kind](value)


_KINDS: dict[str, Any] = {
    "bool": bool,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


def lines(path: Path) -> Iterator[str]:
    """For each sheet a line that describes it, then a line a row."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    from iocsl.validate.readers.biff import marks

    with path.open("rb") as stream:
        all_marks = marks(stream)
        stream.seek(0)
        book = load_workbook(stream)
        for each, seen in zip(book.sheets_metadata, all_marks, strict=True):
            if each.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(each.name)
            about = {
                "name": each.name,
                "hidden": each.visible != SheetVisibleEnum.Visible,
                "offset": sheet.start[1] if sheet.start else 0,
                "merged": sheet.merged_cell_ranges or [],
                "broken": [[*at, what.shown] for at, what in seen.broken.items()],
                "hidden_rows": [*seen.hidden_rows],
                "hidden_columns": seen.hidden_columns,
                "percents": [[at, [*shown.items()]] for at, shown in seen.percents.items()],
            }
            yield json.dumps(about)
            for row in sheet.iter_rows():
                yield json.dumps([pack(cell) for cell in row])


if __name__ == "__main__":
    limit_memory(MEMORY)
    from python_calamine import PasswordError

    from iocsl.validate.readers.biff import ProtectedError, TooManyCellsError

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr] # a text stream it is
    try:
        for line in lines(Path(sys.argv[1])):
            sys.stdout.write(line + "\n")
    except (PasswordError, ProtectedError):
        sys.exit(3)
    except TooManyCellsError:
        sys.exit(4)
