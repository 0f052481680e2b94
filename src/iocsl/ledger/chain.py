"""The append-only, hash-chained record of acts in `home/ledger.sqlite` (1134 Điều 5.3.d).

Each entry carries the hash of the one before it, so a changed, removed or moved entry shows. What a
chain alone cannot show, that its last entries were cut off together with every trace of them, is
shown by the heads that travel in bundles and receipts: give them to `verify` as witnesses.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from iocsl import clock, config
from iocsl.domain import Words
from iocsl.ledger.database import connected, writing
from iocsl.patterns import regex
from iocsl.text import nfc

FILE = "ledger.sqlite"
GENESIS = "0" * 64
"""`prev` of the first entry."""

_SHA256 = regex(r"[0-9a-f]{64}")
_TABLE = """
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    act TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER IF NOT EXISTS entries_keep BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END;
"""


class Entry(NamedTuple):
    """One act. `at` is the record clock (ISO 8601, +07:00), `hash` SHA-256 in hex over the rest."""

    seq: int
    at: str
    act: str
    actor: str
    subject: dict[str, Any]
    prev: str
    hash: str

    def document(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "at": self.at,
            "act": self.act,
            "actor": self.actor,
            "subject": self.subject,
            "prev": self.prev,
            "hash": self.hash,
        }


class Head(NamedTuple):
    """How far a ledger had come, as bundles and receipts carry it.

    `ledger` is the hash of its first entry, by which one ledger is told from another; None, with
    `seq` 0 and the hash `GENESIS`, for one that was empty.
    """

    seq: int = 0
    hash: str = GENESIS
    ledger: str | None = None

    def document(self) -> dict[str, Any]:
        return {"seq": self.seq, "hash": self.hash, "ledger": self.ledger}

    @classmethod
    def read(cls, document: Any) -> Head:
        """The head in parsed JSON. Raises `ValueError` for another shape."""
        if not isinstance(document, dict) or set(document) != {"seq", "hash", "ledger"}:
            raise ValueError("head")
        found = cls(document["seq"], document["hash"], document["ledger"])
        if found == cls():
            return found
        marks = (found.hash, found.ledger)
        whole = all(isinstance(mark, str) and _SHA256.fullmatch(mark) for mark in marks)
        if not whole or type(found.seq) is not int or found.seq < 1:
            raise ValueError("head")
        return found


class Problem(NamedTuple):
    """What is wrong at `seq`, for people; `code` is for programs."""

    seq: int
    code: str
    message: Words


def canonical(document: Any) -> bytes:
    """RFC 8785 JSON of `document`, every text in NFC."""
    import rfc8785

    return rfc8785.dumps(_in_nfc(document))


def _in_nfc(value: Any) -> Any:
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, dict):
        return {nfc(str(key)): _in_nfc(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_in_nfc(item) for item in value]
    return value


def _hash(rest: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of everything in an entry but its hash."""
    return hashlib.sha256(canonical(rest)).hexdigest()


class Chain:
    """The chain in one file. A connection lives for one call, so a chain may be kept and shared."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: Path | None = None) -> Chain:
        """The chain at `path` (default: of this home), made when it is not there."""
        chain = cls(path or config.home() / FILE)
        chain.path.parent.mkdir(parents=True, exist_ok=True)
        with connected(chain.path, _TABLE):
            return chain

    def append(self, act: str, subject: dict[str, Any], actor: str = "") -> Entry:
        """Write one act and return it, safe on disk.

        `subject` is JSON that names things and holds no cell values, personal data or secrets.
        """
        with connected(self.path) as connection, writing(connection):
            return _appended(connection, nfc(act), canonical(subject).decode(), nfc(actor))

    def append_new(self, act: str, subject: dict[str, Any], actor: str = "") -> Entry | None:
        """`append`, unless the same act with the same subject was written before: None then.

        Looked for and written under one lock, so that two processes never write it twice.
        """
        text = canonical(subject).decode()
        with connected(self.path) as connection, writing(connection):
            known = connection.execute(
                "SELECT 1 FROM entries WHERE act = ? AND subject = ?", (nfc(act), text)
            ).fetchone()
            return None if known else _appended(connection, nfc(act), text, nfc(actor))

    def standing(self) -> Head:
        """How far the chain has come, as a witness elsewhere keeps it."""
        with connected(self.path) as connection:
            first, last = (
                connection.execute(
                    f"SELECT seq, hash FROM entries ORDER BY seq {order} LIMIT 1"  # noqa: S608 - ours
                ).fetchone()
                for order in ("ASC", "DESC")
            )
        return Head(last[0], last[1], first[1]) if last else Head()

    def head(self) -> Entry | None:
        """The last entry, None in an empty chain."""
        with connected(self.path) as connection:
            row = connection.execute(
                "SELECT seq, at, act, actor, subject, prev, hash FROM entries"
                " ORDER BY seq DESC LIMIT 1"
            ).fetchone()
        return _entry(row) if row else None

    def entries(self, act: str | None = None) -> list[Entry]:
        """All entries, oldest first; only those of one `act` when it is named."""
        query = "SELECT seq, at, act, actor, subject, prev, hash FROM entries"
        with connected(self.path) as connection:
            if act is None:
                rows = connection.execute(f"{query} ORDER BY seq").fetchall()
            else:
                rows = connection.execute(f"{query} WHERE act = ? ORDER BY seq", (act,)).fetchall()
        return [_entry(row) for row in rows]

    def about(self, identity: str) -> list[Entry]:
        """The entries whose subject has this identity, oldest first."""
        with connected(self.path) as connection:
            rows = connection.execute(
                "SELECT seq, at, act, actor, subject, prev, hash FROM entries"
                " WHERE instr(subject, ?) ORDER BY seq",
                (identity,),
            ).fetchall()
        found = (_entry(row) for row in rows)
        return [entry for entry in found if entry.subject.get("identity") == identity]

    def verify(self, witnesses: Iterable[tuple[int, str]] = ()) -> list[Problem]:
        """Everything that is wrong with the chain; [] when it is whole.

        `witnesses` are heads (seq, hash) seen elsewhere, in bundles or receipts.
        """
        problems: list[Problem] = []
        hashes: dict[int, str] = {}
        expected, prev = 1, GENESIS
        with connected(self.path) as connection:
            rows = connection.execute(
                "SELECT seq, at, act, actor, subject, prev, hash FROM entries ORDER BY seq"
            )
            for row in rows:
                seq, stored = int(row[0]), str(row[6])
                if seq != expected:
                    problems.append(_removed(expected, seq - 1))
                elif row[5] != prev:
                    problems.append(_broken(seq))
                if not _intact(row):
                    problems.append(_changed(seq))
                hashes[seq], prev, expected = stored, stored, seq + 1
            given = _given(connection)
        if given >= expected:
            problems.append(_removed(expected, given))
        problems.extend(_cut(seq) for seq, value in witnesses if seq and hashes.get(seq) != value)
        return problems


def _appended(connection: sqlite3.Connection, act: str, subject: str, actor: str) -> Entry:
    """Write an act within the transaction at hand; `subject` is canonical JSON."""
    last = connection.execute("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
    # A number once given is never given again, so entries cut from the end leave a gap.
    seq = max(last[0] if last else 0, _given(connection)) + 1
    prev = last[1] if last else GENESIS
    rest = {
        "seq": seq,
        "at": clock.iso(clock.record_now()),
        "act": act,
        "actor": actor,
        "subject": json.loads(subject),
        "prev": prev,
    }
    entry = Entry(**rest, hash=_hash(rest))
    connection.execute(
        "INSERT INTO entries (seq, at, act, actor, subject, prev, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (seq, entry.at, act, actor, subject, prev, entry.hash),
    )
    return entry


def _given(connection: sqlite3.Connection) -> int:
    """The highest number ever given to an entry, as SQLite remembers it."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
    return int(row[0]) if row else 0


def _entry(row: Sequence[Any]) -> Entry:
    try:
        subject = json.loads(row[4])
    except ValueError:
        subject = {}
    return Entry(row[0], row[1], row[2], row[3], subject, row[5], row[6])


def _intact(row: Sequence[Any]) -> bool:
    seq, at, act, actor, text, prev, stored = row
    try:
        subject = json.loads(text)
        rest = {"seq": seq, "at": at, "act": act, "actor": actor, "subject": subject, "prev": prev}
        # The text itself must be canonical, or two texts could share one hash.
        return bool(canonical(subject).decode() == text and stored == _hash(rest))
    except (ValueError, RecursionError):
        return False


def _removed(first: int, last: int) -> Problem:
    return Problem(
        first,
        "removed",
        Words(
            f"Sổ nhật ký thiếu mục {first} đến {last}.",
            f"Entries {first} to {last} are missing from the ledger.",
        ),
    )


def _broken(seq: int) -> Problem:
    return Problem(
        seq,
        "broken-link",
        Words(
            f"Mục {seq} không nối với mục đứng trước nó.",
            f"Entry {seq} does not link to the one before it.",
        ),
    )


def _changed(seq: int) -> Problem:
    return Problem(
        seq,
        "changed",
        Words(
            f"Nội dung mục {seq} không khớp mã băm đã ghi.",
            f"The content of entry {seq} does not match its hash.",
        ),
    )


def act_missing(seq: int, identity: str, step: int) -> Problem:
    """A bundle was signed here after entry `seq`, and no entry says so."""
    return Problem(
        seq + 1,
        "act-missing",
        Words(
            f"Sổ không còn ghi việc ký bước {step} của gói {identity[:16]}…, đã làm trên máy này.",
            f"The ledger no longer records step {step} of {identity[:16]}…, taken here.",
        ),
    )


def receipt_missing(seq: int, digest: str) -> Problem:
    """A receipt is kept here, and no entry says that it came."""
    return Problem(
        seq,
        "receipt-missing",
        Words(
            f"Sổ không còn ghi biên nhận {digest[:16]}… mà máy này đang giữ.",
            f"The ledger no longer records the receipt {digest[:16]}… that is kept here.",
        ),
    )


def _cut(seq: int) -> Problem:
    return Problem(
        seq,
        "not-the-witnessed",
        Words(
            f"Mục {seq} không còn là mục đã được ghi lại ở nơi khác (gói nộp hoặc biên nhận).",
            f"Entry {seq} is no longer the one recorded elsewhere (in a bundle or receipt).",
        ),
    )
