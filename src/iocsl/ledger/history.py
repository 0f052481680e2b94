"""What was sent and landed: its figures and its quality, in `lich-su.sqlite` of the home.

A submission enters once its receipt `landed` is kept, under its identity, so taking it in twice
changes nothing. Of a unit, dataset and period the highest sequence that landed counts. Kept are the
figures of indicator forms alone (`domain.Figure`); no name, no note and nothing personal.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from iocsl import clock
from iocsl.domain import Figure
from iocsl.errors import IocslError
from iocsl.ledger.database import connected, trouble, writing

FILE = "lich-su.sqlite"
FORMAT = 1
PATIENCE = 2.0
"""Seconds that a check waits for a history which another program holds."""
_TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS landings (
    identity TEXT PRIMARY KEY,
    unit TEXT NOT NULL,
    dataset TEXT NOT NULL,
    period TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    receipt TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    correct REAL,
    complete REAL,
    clean REAL
) STRICT;
CREATE INDEX IF NOT EXISTS landings_of ON landings (unit, dataset, period, sequence);
CREATE TABLE IF NOT EXISTS figures (
    identity TEXT NOT NULL REFERENCES landings,
    indicator TEXT NOT NULL,
    area TEXT NOT NULL,
    parts TEXT NOT NULL,
    period TEXT NOT NULL,
    status TEXT NOT NULL,
    "column" TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (identity, indicator, area, parts, period, status, "column")
) STRICT, WITHOUT ROWID;
PRAGMA user_version = {FORMAT};
COMMIT;
"""
_CURRENT = """
SELECT * FROM landings AS one WHERE sequence = (
    SELECT max(sequence) FROM landings AS other
    WHERE (other.unit, other.dataset, other.period) = (one.unit, one.dataset, one.period))
"""


class Landing(NamedTuple):
    """One submission that landed. `receipt` is the digest of the receipt that says so.

    `correct`, `complete` and `clean` (0-100 or None) are the report's that travelled with it.
    """

    identity: str
    unit: str
    dataset: str
    period: str
    sequence: int
    receipt: str
    accepted_at: datetime
    correct: float | None = None
    complete: float | None = None
    clean: float | None = None


def take(home: Path, landing: Landing, figures: Iterable[Figure]) -> bool:
    """Keep a landing and its figures, all or nothing; False when it was kept before.

    Raises `IocslError` (exit 3 or 5) when the history cannot be written.
    """
    path = home / FILE
    with connected(path) as connection:
        if not _made(connection, path):
            connection.executescript(_TABLES)
        return _take(connection, landing, figures)


def _take(connection: sqlite3.Connection, landing: Landing, figures: Iterable[Figure]) -> bool:
    with writing(connection):
        if _holds(connection, landing.identity):
            return False
        connection.execute(
            "INSERT INTO landings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                landing.identity,
                landing.unit,
                landing.dataset,
                landing.period,
                landing.sequence,
                landing.receipt,
                clock.iso(landing.accepted_at),
                landing.correct,
                landing.complete,
                landing.clean,
            ),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO figures VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((landing.identity, *figure) for figure in figures),
        )
    return True


def landings(home: Path, unit: str | None = None, dataset: str | None = None) -> list[Landing]:
    """Of each period what counts, by unit, dataset and time of acceptance; [] without a history."""
    with _reading(home) as connection:
        if connection is None:
            return []
        rows = connection.execute(
            f"SELECT * FROM ({_CURRENT}) WHERE unit = coalesce(?, unit)"  # noqa: S608 - our own
            " AND dataset = coalesce(?, dataset) ORDER BY unit, dataset, accepted_at, period",
            (unit, dataset),
        ).fetchall()
    try:
        return [_landing(row) for row in rows]
    except ValueError as error:
        raise trouble(sqlite3.DatabaseError(str(error)), home / FILE) from None


def figures_of(home: Path, identities: Iterable[str]) -> Iterator[list[Figure]]:
    """The figures of each landing named, one list a landing, as far as the caller goes on."""
    with _reading(home) as connection:
        if connection is None:
            return
        for identity in identities:
            rows = connection.execute(
                'SELECT indicator, area, parts, period, status, "column", value FROM figures'
                " WHERE identity = ?",
                (identity,),
            )
            yield [Figure(*row) for row in rows]


def holds(home: Path, identity: str) -> bool:
    """Whether a submission was taken in. Raises `IocslError` as reading does."""
    with _reading(home) as connection:
        return connection is not None and _holds(connection, identity)


def _holds(connection: sqlite3.Connection, identity: str) -> bool:
    row = connection.execute("SELECT 1 FROM landings WHERE identity = ?", (identity,)).fetchone()
    return row is not None


@contextlib.contextmanager
def _reading(home: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that only reads and does not wait long; None where nothing was ever kept."""
    path = home / FILE
    if not path.is_file():
        yield None
        return
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection if _made(connection, path) else None
    except sqlite3.Error as error:
        raise trouble(error, path) from None


def _made(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the tables are there; False for an empty file. `IocslError` for those of others."""
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found == FORMAT:
        return True
    if not found and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return False
    raise IocslError(
        "history-format",
        f"“{path}” không phải là lịch sử số liệu mà bản iocsl này đọc được.",
        f"“{path}” is no history of figures that this iocsl can read.",
        ("Cập nhật iocsl rồi chạy lại.", "Update iocsl and run it again."),
    )


def _landing(row: sqlite3.Row) -> Landing:
    values = dict(row)
    values["accepted_at"] = datetime.fromisoformat(values["accepted_at"])
    return Landing(**values)
