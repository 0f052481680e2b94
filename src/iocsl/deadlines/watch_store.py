"""What `iocsl watch` remembers between two looks: `watch.sqlite` in the home folder.

A change on its way into the ledger is written here first, with its moment. Whatever stops the
command after that, the next look finds it and finishes it: with the same moment it is the same
entry of the ledger, so it is neither lost nor written twice.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from iocsl import clock
from iocsl.ledger.database import BUSY_SECONDS, busy, connected, writing

FILE = "watch.sqlite"
_LOCK = "watch.lock"
# Paths as bytes: a name that is no text must be watched too.
_TABLES = """
CREATE TABLE IF NOT EXISTS places (
    path BLOB PRIMARY KEY,
    dataset TEXT,
    unit TEXT,
    looked_at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY,
    sha256 TEXT,
    looked_at REAL,
    dataset TEXT,
    unit TEXT,
    period TEXT,
    gone INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS changes (
    path BLOB PRIMARY KEY,
    sha256 TEXT NOT NULL,
    looked_at REAL NOT NULL,
    dataset TEXT NOT NULL,
    unit TEXT NOT NULL,
    period TEXT,
    changed_at TEXT NOT NULL,
    moment_from TEXT NOT NULL
) STRICT;
"""


class Place(NamedTuple):
    """A file or folder that is watched, with the options it was named with.

    `looked_at` (seconds of the clock of record) is when the last whole look at it began.
    """

    path: Path
    dataset: str | None
    unit: str | None
    looked_at: float | None


class Known(NamedTuple):
    """A file as remembered. `dataset` is None where it could not be told.

    Without a `sha256` its content has not been taken in yet: it was in the middle of being written,
    or nobody knew what it is. `looked_at` is when it was last seen with the content remembered, or
    when its place was looked at before it came; None says that it was there at the first look.
    """

    path: Path
    sha256: str | None
    looked_at: float | None
    dataset: str | None
    unit: str | None
    period: str | None
    gone: bool = False


class Change(NamedTuple):
    """A change on its way into the ledger; `moment_from` is `file`, `mtime` or `look`."""

    path: Path
    sha256: str
    looked_at: float
    dataset: str
    unit: str
    period: str | None
    changed_at: datetime
    moment_from: str


class WatchStore:
    """The file. A connection lives for one call."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One look at a time. Exit 5, safe to repeat, where another one takes very long."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.path.with_name(_LOCK))
        try:
            lock.acquire(timeout=BUSY_SECONDS)
        except Timeout:
            raise busy(self.path) from None
        try:
            yield
        finally:
            lock.release()

    def places(self) -> list[Place]:
        if not self.path.is_file():
            return []
        with self._open() as connection:
            rows = connection.execute(
                "SELECT path, dataset, unit, looked_at FROM places ORDER BY path"
            ).fetchall()
        return [Place(_path(row[0]), *row[1:]) for row in rows]

    def files(self) -> list[Known]:
        """Every file remembered, of whatever place."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT path, sha256, looked_at, dataset, unit, period, gone FROM files"
            ).fetchall()
        return [Known._make((_path(row[0]), *row[1:6], bool(row[6]))) for row in rows]

    def forget(self, path: Path) -> bool:
        """Watch a place no longer; False where it was not watched.

        Its files are forgotten, but for those that another place holds too.
        """
        places = [each.path for each in self.places()]
        if path not in places:
            return False
        others = [each for each in places if each != path]
        below = [
            each.path
            for each in self.files()
            if each.path.is_relative_to(path)
            and not any(each.path.is_relative_to(other) for other in others)
        ]
        with self._open() as connection, writing(connection):
            connection.execute("DELETE FROM places WHERE path = ?", (os.fsencode(path),))
            gone = [(os.fsencode(each),) for each in below]
            connection.executemany("DELETE FROM files WHERE path = ?", gone)
        return True

    def remember(self, place: Place | None, files: Iterable[Known]) -> None:
        """What one look found of a place, all of it or nothing."""
        rows = [(os.fsencode(each.path), *each[1:6], int(each.gone)) for each in files]
        with self._open() as connection, writing(connection):
            connection.executemany("REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            if place is not None:
                connection.execute(
                    "REPLACE INTO places VALUES (?, ?, ?, ?)", (os.fsencode(place.path), *place[1:])
                )

    def begin(self, change: Change) -> None:
        """Write down a change before the ledger has it."""
        path, *rest, changed_at, moment_from = change
        row = (os.fsencode(path), *rest, clock.iso(changed_at), moment_from)
        with self._open() as connection, writing(connection):
            connection.execute("REPLACE INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def begun(self) -> list[Change]:
        """Changes that may or may not have reached the ledger."""
        with self._open() as connection:
            rows = connection.execute("SELECT * FROM changes ORDER BY changed_at, path").fetchall()
        return [
            Change._make((_path(row[0]), *row[1:6], clock.parse_moment(row[6]), row[7]))
            for row in rows
        ]

    def finish(self, change: Change) -> None:
        """The ledger has it: what changed is what is remembered from now on."""
        path = os.fsencode(change.path)
        with self._open() as connection, writing(connection):
            connection.execute(
                "REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, 0)", (path, *change[1:6])
            )
            connection.execute("DELETE FROM changes WHERE path = ?", (path,))

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with connected(self.path, _TABLES) as connection:
            yield connection


def _path(stored: bytes) -> Path:
    return Path(os.fsdecode(stored))
