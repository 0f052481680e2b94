"""What the warehouse knows of each submission, step by step. The only SQL on the path of intake.

A submission is one identity. It may be announced in several containers (other signatures, another
home); the first that is committed and valid is accepted, and the others are answered with it.
Unique constraints decide every race: one acceptance an identity, one a unit, dataset, period and
sequence, one receipt a step.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from iocsl import clock
from iocsl.bundle.identity import Slip
from iocsl.ledger.receipts import LANDED, LEDGERS, NEEDS_WORK, RECEIVED, digest_of, header_of
from iocsl.warehouse.problems import Problem
from iocsl.warehouse.store import Store

ANNOUNCED, UPLOADED, REFUSED = "announced", "uploaded", "refused"


@dataclass(frozen=True, slots=True)
class Container:
    """One file in which a submission travels; `refusals` is what its last commit met, or None."""

    sha256: str
    size: int
    announced_at: str
    stored: bool
    commit_asked_at: str | None
    refusals: list[dict[str, str]] | None


@dataclass(frozen=True, slots=True)
class Submission:
    identity: str
    slip: Slip
    containers: tuple[Container, ...]
    accepted: str | None
    """SHA-256 of the container that was accepted."""
    receipts: tuple[tuple[str, str], ...]
    """Kind and JWS of each receipt, in order."""

    @property
    def state(self) -> str:
        if self.receipts:
            return self.receipts[-1][0]
        open_ones = [each for each in self.containers if each.refusals is None]
        if not open_ones:
            return REFUSED
        return UPLOADED if any(each.stored for each in open_ones) else ANNOUNCED

    @property
    def concluded(self) -> bool:
        return len(self.receipts) > 1

    def container(self, sha256: str) -> Container | None:
        return next((each for each in self.containers if each.sha256 == sha256), None)


@dataclass(frozen=True, slots=True)
class Fact:
    """One landed row: the file and sheet it stands in, its number there, its values by column."""

    file: str
    sheet: str
    row: int
    record: dict[str, Any]


class Registry:
    """The steps of a submission in a store, each one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def announce(self, slip: Slip, sha256: str, size: int, at: datetime) -> bool:
        """Note a submission and its container; True when the container is new.

        The first announcement of a container is the one that counts as evidence of its time.
        """
        identity = slip.identity()
        with self._store.writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO submissions VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    identity,
                    slip.unit,
                    slip.dataset,
                    slip.period,
                    slip.sequence,
                    slip.supersedes,
                    json.dumps(slip.document(), ensure_ascii=False),
                ),
            )
            done = connection.execute(
                "INSERT OR IGNORE INTO containers (identity, sha256, size, announced_at)"
                " VALUES (?, ?, ?, ?)",
                (identity, sha256, size, clock.iso(at)),
            )
            return done.rowcount == 1

    def arriving(self, unit: str) -> int:
        """How many containers of a unit were announced and are not on the disk yet."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT count(*) FROM containers AS c JOIN submissions AS s USING (identity)"
                " WHERE s.unit = ? AND c.stored_at IS NULL",
                (unit,),
            ).fetchone()
        return int(row[0])

    def find(self, identity: str) -> Submission | None:
        with self._store.reading() as connection:
            return _submission(connection, identity)

    def stored(self, identity: str, sha256: str, at: datetime) -> None:
        """The container's bytes are on the disk, under their name."""
        with self._store.writing() as connection:
            connection.execute(
                "UPDATE containers SET stored_at = ? WHERE identity = ? AND sha256 = ?",
                (clock.iso(at), identity, sha256),
            )

    def ask_commit(self, identity: str, sha256: str, at: datetime) -> None:
        """The sender has asked for the commit: this moment is the time of receipt.

        It is kept before anything is verified, so that neither the length of the check nor a
        restart of the server makes a submission late.
        """
        with self._store.writing() as connection:
            connection.execute(
                "UPDATE containers SET refusals = NULL,"
                " commit_asked_at = coalesce(commit_asked_at, ?)"
                " WHERE identity = ? AND sha256 = ?",
                (clock.iso(at), identity, sha256),
            )

    def refuse(self, identity: str, sha256: str, refusals: list[dict[str, str]]) -> None:
        """The container did not pass; a later commit of it is asked for, and timed, anew."""
        with self._store.writing() as connection:
            connection.execute(
                "UPDATE containers SET refusals = ?, commit_asked_at = NULL"
                " WHERE identity = ? AND sha256 = ?",
                (json.dumps(refusals, ensure_ascii=False), identity, sha256),
            )

    def accept(
        self,
        identity: str,
        sha256: str,
        catalogue_version: int | str,
        ledgers: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Accept a submission once and write its first receipt. `Problem` 409 when its sequence
        is taken, or a later one was accepted before."""
        with self._store.writing() as connection:
            submission = _submission(connection, identity)
            if submission is None or submission.accepted is not None:
                return
            container = submission.container(sha256)
            if container is None or container.commit_asked_at is None:
                return
            slip = submission.slip
            _check_sequence(connection, slip)
            connection.execute(
                "INSERT INTO acceptances VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    identity,
                    sha256,
                    slip.unit,
                    slip.dataset,
                    slip.period,
                    slip.sequence,
                    container.commit_asked_at,
                ),
            )
            self._receipt(connection, identity, RECEIVED, catalogue_version, ledgers=ledgers)

    def conclude(
        self,
        identity: str,
        *,
        valid: bool,
        findings: list[dict[str, Any]],
        reports: list[dict[str, Any]],
        facts: Iterable[Fact],
        catalogue_version: int | str,
        at: datetime,
    ) -> None:
        """Land the facts (none when not valid) and write the second receipt, all in one."""
        with self._store.writing() as connection:
            submission = _submission(connection, identity)
            if submission is None or submission.accepted is None or submission.concluded:
                return
            connection.execute(
                "INSERT INTO checks VALUES (?, ?, ?)",
                (identity, clock.iso(at), json.dumps(reports, ensure_ascii=False, default=str)),
            )
            if valid:
                connection.executemany(
                    "INSERT INTO facts VALUES (?, ?, ?, ?, ?)", _rows(identity, facts)
                )
            kind = LANDED if valid else NEEDS_WORK
            first = header_of(submission.receipts[0][1])
            ledgers = first.get(LEDGERS, [])
            self._receipt(
                connection,
                identity,
                kind,
                catalogue_version,
                findings=findings,
                ledgers=ledgers,
            )

    def _receipt(
        self,
        connection: sqlite3.Connection,
        identity: str,
        kind: str,
        catalogue_version: int | str,
        *,
        findings: list[dict[str, Any]] | None = None,
        ledgers: Sequence[dict[str, Any]],
    ) -> None:
        row = connection.execute(
            "SELECT a.*, c.announced_at FROM acceptances AS a"
            " JOIN containers AS c ON c.identity = a.identity AND c.sha256 = a.sha256"
            " WHERE a.identity = ?",
            (identity,),
        ).fetchone()
        last = connection.execute(
            "SELECT seq, digest FROM receipts ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        seq, prev = (last["seq"] + 1, last["digest"]) if last else (1, None)
        jws = self._store.keys.sign(
            {
                "seq": seq,
                "kind": kind,
                "identity": identity,
                "unit": row["unit"],
                "dataset": row["dataset"],
                "period": row["period"],
                "catalogue_version": catalogue_version,
                "announced_at": row["announced_at"],
                "accepted_at": row["accepted_at"],
                "findings": findings,
                "prev": prev,
                "test": self._store.test,
            },
            ledgers,
        )
        step = 1 if kind == RECEIVED else 2
        connection.execute(
            "INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?)",
            (seq, identity, row["unit"], step, kind, digest_of(jws), jws),
        )

    def unfinished(self) -> list[tuple[str, str]]:
        """Identity and container of every commit that was asked for and has no last word yet."""
        with self._store.reading() as connection:
            rows = connection.execute(_UNFINISHED).fetchall()
        return [(row["identity"], row["sha256"]) for row in rows]

    def receipts(self, unit: str, after: int, limit: int) -> list[dict[str, Any]]:
        """A unit's receipts with a number above `after`."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT seq, identity, kind, jws FROM receipts WHERE unit = ? AND seq > ?"
                " ORDER BY seq LIMIT ?",
                (unit, after, limit),
            ).fetchall()
        return [dict(row) for row in rows]

    def reports(self, identity: str) -> list[dict[str, Any]]:
        """The validation reports of the technical check, [] when there was none yet."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT reports FROM checks WHERE identity = ?", (identity,)
            ).fetchone()
        found: list[dict[str, Any]] = json.loads(row["reports"]) if row else []
        return found


_UNFINISHED = """
SELECT c.identity, c.sha256 FROM containers AS c
LEFT JOIN acceptances AS a ON a.identity = c.identity
LEFT JOIN receipts AS r ON r.identity = c.identity AND r.step = 2
WHERE c.commit_asked_at IS NOT NULL AND c.stored_at IS NOT NULL AND r.seq IS NULL
AND (a.sha256 IS NULL OR a.sha256 = c.sha256)
ORDER BY c.commit_asked_at
"""


def _submission(connection: sqlite3.Connection, identity: str) -> Submission | None:
    row = connection.execute(
        "SELECT s.slip, a.sha256 AS accepted FROM submissions AS s"
        " LEFT JOIN acceptances AS a ON a.identity = s.identity WHERE s.identity = ?",
        (identity,),
    ).fetchone()
    if row is None:
        return None
    containers = connection.execute(
        "SELECT * FROM containers WHERE identity = ? ORDER BY announced_at, sha256", (identity,)
    ).fetchall()
    receipts = connection.execute(
        "SELECT kind, jws FROM receipts WHERE identity = ? ORDER BY step", (identity,)
    ).fetchall()
    return Submission(
        identity,
        Slip.read(json.loads(row["slip"])),
        tuple(_container(each) for each in containers),
        row["accepted"],
        tuple((each["kind"], each["jws"]) for each in receipts),
    )


def _container(row: sqlite3.Row) -> Container:
    return Container(
        row["sha256"],
        row["size"],
        row["announced_at"],
        row["stored_at"] is not None,
        row["commit_asked_at"],
        None if row["refusals"] is None else json.loads(row["refusals"]),
    )


def _rows(identity: str, facts: Iterable[Fact]) -> Iterator[tuple[str, str, str, int, str]]:
    for fact in facts:
        record = json.dumps(fact.record, ensure_ascii=False, default=str)
        yield identity, fact.file, fact.sheet, fact.row, record


def _check_sequence(connection: sqlite3.Connection, slip: Slip) -> None:
    last = connection.execute(
        "SELECT max(sequence) FROM acceptances WHERE unit = ? AND dataset = ? AND period = ?",
        (slip.unit, slip.dataset, slip.period),
    ).fetchone()[0]
    if last is None or slip.sequence > last:
        return
    raise Problem(
        409,
        "sequence-taken",
        f"Kho đã nhận lần nộp số {last} của bộ dữ liệu và kỳ này; gói này ghi số {slip.sequence}."
        f" Hãy tạo gói mới với số {last + 1}.",
        f"The warehouse has submission {last} of this dataset and period; this bundle says"
        f" {slip.sequence}. Make a new bundle with number {last + 1}.",
        last_sequence=last,
    )
