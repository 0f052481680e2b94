"""The warehouse's folder: its registry (`kho.sqlite`), its keys, its blobs, its trust.

```
kho.sqlite         accounts, submissions, receipts, landed facts
khoa-kho.json      keys for receipts and tokens, readable by the owner alone
khoa-ma-hoa.pem    key and certificate for what is encrypted to the warehouse, the same
dang-mo/           what is being checked in clear, emptied at every start
tep/ab/ab12…       containers by their SHA-256; tep/dang-nhan/ those still arriving
trust/, signers.yaml   whom the warehouse believes, in the forms that units use too
```
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from iocsl import clock
from iocsl.errors import IocslError, usage
from iocsl.files import on_network
from iocsl.ledger import database
from iocsl.warehouse.blobs import Blobs
from iocsl.warehouse.keys import Keys

FILE = "kho.sqlite"
FORMAT = "1"

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE accounts (
    client_id TEXT PRIMARY KEY,
    unit TEXT NOT NULL,
    secret_sha256 TEXT NOT NULL,
    created_at TEXT NOT NULL,
    locked_at TEXT
) STRICT;
CREATE TABLE submissions (
    identity TEXT PRIMARY KEY,
    unit TEXT NOT NULL,
    dataset TEXT NOT NULL,
    period TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    supersedes TEXT,
    slip TEXT NOT NULL
) STRICT;
CREATE TABLE containers (
    identity TEXT NOT NULL REFERENCES submissions,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    announced_at TEXT NOT NULL,
    stored_at TEXT,
    commit_asked_at TEXT,
    refusals TEXT,
    PRIMARY KEY (identity, sha256)
) STRICT;
CREATE TABLE acceptances (
    identity TEXT PRIMARY KEY REFERENCES submissions,
    sha256 TEXT NOT NULL,
    unit TEXT NOT NULL,
    dataset TEXT NOT NULL,
    period TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    accepted_at TEXT NOT NULL,
    UNIQUE (unit, dataset, period, sequence)
) STRICT;
CREATE TABLE receipts (
    seq INTEGER PRIMARY KEY,
    identity TEXT NOT NULL REFERENCES submissions,
    unit TEXT NOT NULL,
    step INTEGER NOT NULL,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    jws TEXT NOT NULL,
    UNIQUE (identity, step)
) STRICT;
CREATE TABLE checks (
    identity TEXT PRIMARY KEY REFERENCES submissions,
    checked_at TEXT NOT NULL,
    reports TEXT NOT NULL
) STRICT;
CREATE TABLE facts (
    identity TEXT NOT NULL REFERENCES submissions,
    file TEXT NOT NULL,
    sheet TEXT NOT NULL,
    row INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (identity, file, sheet, row)
) STRICT, WITHOUT ROWID;
CREATE VIEW current_facts AS
SELECT a.unit, a.dataset, a.period, a.sequence, f.* FROM facts AS f
JOIN acceptances AS a ON a.identity = f.identity
WHERE a.sequence = (
    SELECT max(b.sequence) FROM acceptances AS b
    JOIN receipts AS r ON r.identity = b.identity AND r.kind = 'landed'
    WHERE b.unit = a.unit AND b.dataset = a.dataset AND b.period = a.period
);
CREATE TRIGGER receipts_keep BEFORE UPDATE ON receipts
BEGIN SELECT RAISE(ABORT, 'receipts are never changed'); END;
CREATE TRIGGER receipts_stay BEFORE DELETE ON receipts
BEGIN SELECT RAISE(ABORT, 'receipts are never removed'); END;
"""


class Store:
    """An open store. Readers have connections of their own; writers take turns at one."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, *, test: bool) -> None:
        self.folder = folder
        self.test = test
        self.keys = Keys.load(folder, test=test)
        self.blobs = Blobs(folder / "tep")
        self._writer = connection
        self._turn = threading.Lock()

    @classmethod
    def create(cls, folder: Path, *, test: bool) -> Store:
        """A new store in `folder`. Exit 2 when one is there, 3 on a network share.

        A test store stays one for ever: it takes throw-away keys and a held clock, and everything
        that it signs says TEST.
        """
        if (folder / FILE).exists():
            raise usage(
                "store-exists",
                f"“{folder}” đã có một kho, không ghi đè.",
                f"There is a warehouse at “{folder}” already; it is not overwritten.",
                ("Chọn thư mục khác bằng --store.", "Choose another folder with --store."),
            )
        if on_network(folder):
            raise _on_network(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "trust").mkdir(exist_ok=True)
        Keys.make(folder, test=test)
        # The registry comes last and is renamed in whole: a folder with one is a finished store.
        part = folder / f".{FILE}.part"
        part.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as connection:
            connection.executescript(_TABLES)
            made = clock.iso(clock.record_now())
            facts = [("format", FORMAT), ("test", str(int(test))), ("created_at", made)]
            connection.executemany("INSERT INTO meta VALUES (?, ?)", facts)
        # Landed rows may be personal data; SQLite gives its journals the rights of the file.
        part.chmod(0o600)
        part.replace(folder / FILE)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Store:
        """The store in `folder`. Exit 3 when there is none, or it cannot be read."""
        path = folder / FILE
        if not path.is_file():
            raise IocslError(
                "no-store",
                f"Chưa có kho ở “{folder}”.",
                f"There is no warehouse at “{folder}”.",
                (
                    "Tạo kho: iocsl warehouse init --store THƯ_MỤC",
                    "Make one: iocsl warehouse init --store FOLDER",
                ),
            )
        try:
            connection = database.connect(path, shared=True)
        except sqlite3.Error as error:
            raise database.trouble(error, path) from None
        try:
            meta = dict(tuple(row) for row in connection.execute("SELECT key, value FROM meta"))
            _check_format(folder, meta.get("format"))
            return cls(folder, connection, test=meta["test"] == "1")
        except sqlite3.Error as error:
            connection.close()
            raise database.trouble(error, path) from None
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        with self._turn:
            self._writer.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees what was last committed. Raises `sqlite3.Error`."""
        with contextlib.closing(database.connect(self.folder / FILE)) as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction of the one writer, on the disk when the block ends."""
        with self._turn, database.writing(self._writer) as connection:
            yield connection

    def now(self) -> datetime:
        """The server's time. Only in a test store may the clock be held (`--at`, `IOCSL_NOW`)."""
        return (clock.held() if self.test else None) or clock.record_now()


def _on_network(folder: Path) -> IocslError:
    return IocslError(
        "store-on-network",
        f"“{folder}” nằm trên ổ mạng, kho không an toàn ở đó.",
        f"“{folder}” is on a network share, where a warehouse is not safe.",
        ("Chọn một ổ đĩa của chính máy chủ.", "Choose a disk of the server itself."),
    )


def _check_format(folder: Path, found: str | None) -> None:
    if found == FORMAT:
        return
    raise IocslError(
        "store-format",
        f"Kho ở “{folder}” theo định dạng {found}, bản iocsl này dùng định dạng {FORMAT}.",
        f"The warehouse at “{folder}” has format {found}; this iocsl uses format {FORMAT}.",
        ("Cập nhật iocsl rồi chạy lại.", "Update iocsl and run it again."),
    )
