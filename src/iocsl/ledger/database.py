"""SQLite as a record: written through to the disk, one writer at a time, faults told to people."""

from __future__ import annotations

import contextlib
import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from iocsl import files
from iocsl.domain import ExitCode
from iocsl.errors import IocslError

BUSY_SECONDS = 30.0
_ROOM = 128 << 10
"""Bytes without which SQLite cannot even open its log."""


def connect(path: Path, *, shared: bool = False) -> sqlite3.Connection:
    """A connection that commits to the disk before it answers (WAL, synchronous=FULL).

    `shared` lets several threads use it; they must take turns themselves.
    """
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=not shared
    )
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def connected(path: Path, tables: str = "") -> Iterator[sqlite3.Connection]:
    """A connection for one piece of work; `tables` (IF NOT EXISTS) are made first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with contextlib.closing(connect(path)) as connection:
            if tables:
                connection.executescript(tables)
            yield connection
    except sqlite3.Error as error:
        raise trouble(error, path) from None


@contextlib.contextmanager
def kept_open(*paths: Path) -> Iterator[None]:
    """Hold databases open during a run of many small works.

    The last connection to leave folds the whole log into the file, which costs several fsyncs.
    """
    with contextlib.ExitStack() as held:
        for path in paths:
            held.enter_context(connected(path))
        yield


@contextlib.contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One transaction; the writer's place is taken before anything is read."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:  # whatever ends it, Ctrl+C too: all or nothing
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def is_full(error: BaseException, path: Path | None = None) -> bool:
    """Whether the disk is full. Beside a full disk SQLite often says only "disk I/O error"."""
    code = _primary(error)
    if code == sqlite3.SQLITE_IOERR and path is not None:
        return shutil.disk_usage(path.parent).free < _ROOM
    return code == sqlite3.SQLITE_FULL


def is_busy(error: BaseException) -> bool:
    return _primary(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _primary(error: BaseException) -> int:
    """SQLite's primary code, the low byte; the rest says which kind of it."""
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def trouble(error: sqlite3.Error, path: Path) -> IocslError:
    """What a fault of SQLite means to the person at the keyboard: exit 3."""
    if is_full(error, path):
        return IocslError(
            "disk-full",
            f"Ổ đĩa đã đầy, chưa ghi được “{path}”. Những gì có trước đó vẫn giữ nguyên.",
            f"The disk is full, “{path}” was not written. What was there before is unchanged.",
            ("Giải phóng chỗ trống rồi chạy lại lệnh.", "Free some space and run it again."),
        )
    if is_busy(error):
        return busy(path)
    if _primary(error) in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return files.trouble(PermissionError(errno.EACCES, str(error), str(path)))
    return IocslError(
        "record-unreadable",
        f"Không mở được “{path}”: {error}.",
        f"“{path}” cannot be opened: {error}.",
        (
            "Đừng xóa tệp. Sao tệp ra nơi khác rồi báo cán bộ CNTT.",
            "Do not delete the file. Copy it elsewhere and tell your IT officer.",
        ),
    )


def busy(path: Path) -> IocslError:
    """Another command holds a record, and went on holding it: exit 5, safe to repeat."""
    return IocslError(
        "record-busy",
        f"“{path}” đang được một lệnh khác ghi.",
        f"Another command is writing “{path}”.",
        ("Đợi lệnh kia xong rồi chạy lại.", "Wait for the other command and run it again."),
        ExitCode.NO_ANSWER,
    )
