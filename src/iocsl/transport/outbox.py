"""What waits to be sent: one SQLite file and the bundles' bytes, both safe on the disk.

The bytes come first (copied, fsynced, renamed), the entry after them: an entry always has its
bytes, and bytes without an entry are swept away a day later. A bundle of an identity that is there
already changes nothing, unless the earlier one was refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iocsl import clock
from iocsl.bundle.identity import Slip
from iocsl.files import CHUNK, sha256_of, sync_folder
from iocsl.ledger.database import connected, writing

FILE = "outbox.sqlite"
FOLDER = "hang-cho"
LOCK = "outbox.lock"
WAITING = ("pending", "announced", "uploaded", "received")
"""States in which a later run goes on; the others are the warehouse's last word."""
_SWEEP_SECONDS = 86_400

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    identity TEXT PRIMARY KEY,
    unit TEXT NOT NULL,
    dataset TEXT NOT NULL,
    period TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    slip TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    added_at TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """A copy of a bundle beside the waiting bytes; not an entry yet."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    identity: str
    slip: Slip
    name: str
    sha256: str
    size: int
    state: str
    attempts: int
    last_error: str | None

    @property
    def waits(self) -> bool:
        return self.state in WAITING

    def document(self) -> dict[str, Any]:
        """The contract's row of `status`."""
        return {
            "identity": self.identity,
            "unit": self.slip.unit,
            "dataset": self.slip.dataset,
            "period": self.slip.period,
            "sequence": self.slip.sequence,
            "state": self.state,
            "attempts": self.attempts,
            "last_error": self.last_error,
        }


class Outbox:
    """The outbox of one home. A connection lives for one call."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self.folder = home / FOLDER
        self.lock_path = home / LOCK

    @contextlib.contextmanager
    def sending(self, wait: float) -> Iterator[bool]:
        """Hold the outbox for sending; False when another run still has it after `wait` seconds."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.lock_path)
        try:
            lock.acquire(timeout=wait)
        except Timeout:
            yield False
            return
        try:
            self._sweep()
            yield True
        finally:
            lock.release()

    def stage(self, path: Path) -> Staged:
        """Copy a bundle's bytes beside the queue, whole and on the disk. Raises `OSError`.

        The copy is this run's own: another run that sends the same bytes, and is done with them,
        cannot take it away.
        """
        digest, size = hashlib.sha256(), 0
        with self.making() as part:
            with part.open("wb") as target, path.open("rb") as source:
                while piece := source.read(CHUNK):
                    digest.update(piece)
                    size += len(piece)
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
            return Staged(part, digest.hexdigest(), size)

    @contextlib.contextmanager
    def making(self) -> Iterator[Path]:
        """A name beside the queue for bytes in the making; an error takes them away."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".part", dir=self.folder)
        os.close(handle)
        part = Path(name)
        try:
            yield part
        except BaseException:  # whatever ends it, Ctrl+C too: no half file stays
            part.unlink(missing_ok=True)
            raise

    def made(self, part: Path) -> Staged:
        """What was made under a name of `making`, whole and on the disk."""
        return Staged(part, sha256_of(part), part.stat().st_size)

    def add(self, slip: Slip, staged: Staged, name: str) -> Entry:
        """Make the entry of a staged bundle, or give the one that is there.

        The staged copy goes into the queue, or away where it is not needed.
        """
        identity = slip.identity()
        with connected(self.path, _TABLES) as connection, writing(connection):
            known = _find(connection, identity)
            if known is None or known.state == "refused" or not self._has(known):
                staged.path.replace(self._place(staged.sha256))
                sync_folder(self.folder)
                connection.execute(
                    "INSERT OR REPLACE INTO entries (identity, unit, dataset, period, sequence,"
                    " slip, name, sha256, size, state, added_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?)",
                    (
                        identity,
                        slip.unit,
                        slip.dataset,
                        slip.period,
                        slip.sequence,
                        json.dumps(slip.document(), ensure_ascii=False),
                        name,
                        staged.sha256,
                        staged.size,
                        clock.iso(clock.record_now()),
                    ),
                )
        self.drop(staged)
        return self.find(identity)

    def would_be(self, slip: Slip, path: Path) -> Entry:
        """The entry that `add` would make of the bundle at `path`; nothing is copied."""
        size = path.stat().st_size
        return Entry(slip.identity(), slip, str(path), sha256_of(path), size, "pending", 0, None)

    def _has(self, entry: Entry) -> bool:
        path = self.bytes_of(entry)
        return not entry.waits or (path.is_file() and sha256_of(path) == entry.sha256)

    def find(self, identity: str) -> Entry:
        """The entry of an identity. Raises `KeyError` when there is none."""
        with connected(self.path, _TABLES) as connection:
            found = _find(connection, identity)
        if found is None:
            raise KeyError(identity)
        return found

    def entries(self, *, waiting: bool = False) -> list[Entry]:
        """All entries in the order in which they came; only those that wait when asked."""
        if not self.path.is_file():
            return []
        with connected(self.path, _TABLES) as connection:
            rows = connection.execute("SELECT * FROM entries ORDER BY added_at, rowid").fetchall()
        found = [_entry(row) for row in rows]
        return [entry for entry in found if entry.waits] if waiting else found

    def bytes_of(self, entry: Entry) -> Path:
        return self._place(entry.sha256)

    def attempt(self, identity: str) -> None:
        """Count a try at sending."""
        self._update(identity, "attempts = attempts + 1")

    def fail(self, identity: str, error: str, *, refused: bool = False) -> None:
        """Note why a try failed; `refused` is the warehouse's last word on this bundle."""
        state = ", state = 'refused'" if refused else ""
        self._update(identity, f"last_error = ?{state}", error)

    def move(self, identity: str, state: str, *, keep: bool = False) -> None:
        """Go on to `state`; what failed before is forgotten.

        Bytes no longer needed are removed, unless they are to `keep` for the history of figures.
        """
        self._update(identity, "state = ?, last_error = NULL", state)
        entry = self.find(identity)
        if not (entry.waits or keep):
            self.bytes_of(entry).unlink(missing_ok=True)

    def _update(self, identity: str, what: str, *values: object) -> None:
        with connected(self.path, _TABLES) as connection:
            connection.execute(
                f"UPDATE entries SET {what} WHERE identity = ?",  # noqa: S608 - our own columns
                (*values, identity),
            )

    def _place(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.asice"

    def drop(self, staged: Staged) -> None:
        """Remove a staged copy that did not become an entry's."""
        staged.path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove bytes that a run left behind, once they are old enough not to be another's."""
        if not self.folder.is_dir():
            return
        # What landed has no bytes any more, unless the history of figures has yet to take them.
        kept = (entry for entry in self.entries() if entry.waits or entry.state == "landed")
        used = {self.bytes_of(entry).name for entry in kept}
        now = clock.record_now().timestamp()
        for path in self.folder.iterdir():
            if path.name not in used and now - path.stat().st_mtime > _SWEEP_SECONDS:
                path.unlink(missing_ok=True)


def _find(connection: sqlite3.Connection, identity: str) -> Entry | None:
    row = connection.execute("SELECT * FROM entries WHERE identity = ?", (identity,)).fetchone()
    return _entry(row) if row else None


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        row["identity"],
        Slip.read(json.loads(row["slip"])),
        row["name"],
        row["sha256"],
        row["size"],
        row["state"],
        row["attempts"],
        row["last_error"],
    )
