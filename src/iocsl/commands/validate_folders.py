"""Many files: what a folder holds, a bar while they are checked, and a watch over folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from time import sleep
from typing import TypeVar

from iocsl import clock
from iocsl.commands.validate_workbooks import MARK
from iocsl.console.output import note, reader_gone
from iocsl.errors import missing_file, usage
from iocsl.text import tr

DATA = frozenset({".xls", ".xlsx", ".xlsm", ".csv", ".xml"})
POLL = 1.0
"""Seconds between two looks at a watched folder."""

Thing = TypeVar("Thing")
State = tuple[int, int]
"""Size and time of change, as the file system tells them."""


def gathered(paths: Sequence[Path], *, copies: bool = False) -> list[Path]:
    """Files as given, folders as the data files in them; how many those are is told.

    Copies that `--fix` wrote beside their originals are left out unless they are named themselves,
    or `copies` are wanted. Exit 2 when all that was given are folders without a data file.
    """
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        every = _tables(path, _tell_closed)
        found = _own(every, copies=copies)
        note(
            tr(
                f"Thư mục {path}: {len(found)} tệp dữ liệu.",
                f"Folder {path}: {len(found)} data file{'s' * (len(found) != 1)}.",
            )
        )
        _tell_left_out(every, found, paths)
        files.extend(each for each in found if each not in files)
    if not files:
        raise usage(
            "no-data-files",
            "Không có tệp XLSX, XLS, CSV hay XML nào trong thư mục này.",
            "There is no XLSX, XLS, CSV or XML file in this folder.",
            ("Kiểm tra lại thư mục.", "Check the folder."),
        )
    return files


def _own(files: Sequence[Path], *, copies: bool = False) -> list[Path]:
    """Files without our reports and, but for `copies`, the mended ones of others among them.

    A mended copy without its original is the unit's own.
    """
    from iocsl.validate.fix import original_of

    known = set() if copies else set(files)
    return [each for each in files if not is_report(each) and original_of(each) not in known]


def _tell_left_out(files: Sequence[Path], kept: Sequence[Path], named: Sequence[Path]) -> None:
    """How many files of a folder are not looked at, those left out that are named themselves."""
    left = set(files).difference(kept, named)
    if left:
        note(
            tr(
                f"Bỏ qua {len(left)} tệp do iocsl ghi (….sua, ….kiem-tra). Muốn kiểm tra tệp nào "
                "trong số đó thì ghi rõ tên tệp.",
                f"Left out, as iocsl wrote them (….sua, ….kiem-tra): {len(left)}. Name one to "
                "have it checked.",
            )
        )


def _tell_closed(error: OSError) -> None:
    """A folder without the right to look in is told and not passed over; one just gone is gone."""
    if isinstance(error, PermissionError):
        raise error


def data_files(folder: Path, onerror: Callable[[OSError], None] = _tell_closed) -> list[Path]:
    """Data files in a folder and below it, sorted; no hidden or lock files, none of our reports.

    `onerror` hears of each folder that cannot be listed, and raises or passes it over.
    """
    return [each for each in _tables(folder, onerror) if not is_report(each)]


def is_report(path: Path) -> bool:
    """Whether a name is that of a workbook in which `validate` wrote what it found."""
    return path.stem.endswith(MARK)


def _tables(folder: Path, onerror: Callable[[OSError], None]) -> list[Path]:
    """All files in a folder and below it that could hold a table, whoever wrote them."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=onerror):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (Path(place) / name for name in sorted(names) if not name.startswith((".", "~$")))
        found.extend(each for each in paths if each.suffix.lower() in DATA)
    return found


def with_bar(things: Sequence[Thing]) -> Iterator[Thing]:
    """The things one by one, under a bar where stderr is a terminal and there are several."""
    from iocsl.console.output import progress

    return iter(things) if len(things) < 2 else progress(things, tr("Kiểm tra", "Checking"))


class Watch:
    """Looks at files again and again; a file is ready when two looks in a row find it the same."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        self.seen: dict[Path, State] = {}
        self.done: dict[Path, State] = {}

    def ready(self) -> list[Path]:
        """Files that are new or changed since they were last ready, and have come to rest."""
        now = dict(_states(self.paths))
        ready = [
            path
            for path, state in now.items()
            if self.seen.get(path) == state and self.done.get(path) != state
        ]
        self.gone = [path for path in self.done if path not in now and path not in self.seen]
        for path in self.gone:
            del self.done[path]
        self.done.update({path: now[path] for path in ready})
        self.seen = now
        return ready


def watch(paths: Sequence[Path], check: Callable[[list[Path]], None]) -> None:
    """Check what comes into the folders until Ctrl+C, which ends the command with 130.

    Exit 2 where one of them is not there.
    """
    for path in paths:
        if not path.exists():
            raise missing_file(path)
    note(
        tr(
            "Đang theo dõi; tệp nào thay đổi sẽ được kiểm tra. Dừng bằng Ctrl+C.",
            "Watching; a file is checked when it changes. Stop with Ctrl+C.",
        )
    )
    for path in paths:
        if path.is_dir():
            every = _tables(path, _tell_closed)
            _tell_left_out(every, _own(every), paths)
    looking = Watch(paths)
    while True:
        ready = looking.ready()
        for path in looking.gone:
            note(tr(f"Tệp {path} không còn.", f"File {path} is gone."))
        if ready:
            note(f"\n--- {clock.record_now():%H:%M:%S} ---")
            check(ready)
        if reader_gone():
            return
        sleep(POLL)


def _states(paths: Iterable[Path]) -> Iterator[tuple[Path, State]]:
    for path in paths:
        for file in _own(_tables(path, _tell_closed)) if path.is_dir() else [path]:
            try:
                known = file.stat()
            except OSError:
                # Gone between two looks, as when a program saves by renaming: not there now.
                continue
            yield file, (known.st_size, known.st_mtime_ns)
