"""How a file stands against its last check: what is mended, what is new, what is the same.

A file that was renamed, moved or saved under another name goes on where the one before it ended.
Kept in `kiem-tra.sqlite` of the home: digests under a key of this home alone, made of rule, sheet,
column and value. No value, no name and no path is stored.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from iocsl import clock
from iocsl.ledger.database import connected, writing
from iocsl.text import tr
from iocsl.validate.findings import said_how_often

if TYPE_CHECKING:
    from iocsl.domain import Finding
    from iocsl.validate.report import Report

FILE = "kiem-tra.sqlite"
KEPT = 10_000
"""Last checks that are kept, of files and of submissions; the oldest go first."""
_TABLES = """
CREATE TABLE IF NOT EXISTS khoa (id INTEGER PRIMARY KEY CHECK (id = 1), gia_tri BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS lan_kiem_tra (
    tep TEXT PRIMARY KEY, luc TEXT NOT NULL, dau_vet BLOB NOT NULL) WITHOUT ROWID;
"""


class Change(NamedTuple):
    """Findings that went, came and stayed since the check at `since`.

    `renamed`: that check was of a file with another name, of the same dataset, unit and period.
    """

    fixed: int
    new: int
    same: int
    since: datetime
    renamed: bool = False

    def said(self) -> str:
        when = self.since.strftime("%d/%m/%Y %H:%M")
        of_vi, of_en = "", ""
        if self.renamed:
            of_vi = " (tệp tên khác, cùng bộ dữ liệu, đơn vị, kỳ)"
            of_en = " (a file of another name, of the same dataset, unit and period)"
        return tr(
            f"So với lần kiểm tra {when}{of_vi}: {self.fixed} đã sửa, {self.new} mới, "
            f"{self.same} vẫn còn.",
            f"Since the check of {when}{of_en}: {self.fixed} fixed, {self.new} new, "
            f"{self.same} same.",
        )


class Remember(Protocol):
    """Keep the check of the file at `path` and compare it with the last; None for the first."""

    def __call__(self, path: Path, report: Report, *, alone: bool = True) -> Change | None: ...


@contextmanager
def remembering(home: Path) -> Iterator[Remember]:
    """What keeps checks, all of them or none: thousands of files are one write to the disk.

    A finding is the same when rule, sheet, column and value are: a row that moves does not make it
    new. A file whose name was never met, and which is checked `alone` of its dataset, unit and
    period, is held against their last check, whatever that file was called. Raises `IocslError`
    when the record cannot be written.
    """
    with connected(home / FILE, _TABLES) as database, writing(database):
        yield partial(_remember, database, _key(database))
        database.execute(
            "DELETE FROM lan_kiem_tra WHERE tep NOT IN "
            "(SELECT tep FROM lan_kiem_tra ORDER BY luc DESC LIMIT ?)",
            (KEPT,),
        )


def _remember(
    database: sqlite3.Connection, key: bytes, path: Path, report: Report, *, alone: bool = True
) -> Change | None:
    said = [report.dataset or "", report.unit or "", report.period or ""]
    names = [_digest(key, [str(path.resolve()), report.dataset or "", report.period or ""])]
    if all(said):
        names.append(_digest(key, ["", *said]))
    now = _marks(key, report.findings)
    asked = names if alone else names[:1]
    rows = (
        database.execute(
            "SELECT tep, luc, dau_vet FROM lan_kiem_tra WHERE tep = ?", (name,)
        ).fetchone()
        for name in asked
    )
    row = next(filter(None, rows), None)
    database.executemany(
        "INSERT INTO lan_kiem_tra VALUES (?, ?, ?) ON CONFLICT (tep) DO UPDATE SET "
        "luc = excluded.luc, dau_vet = excluded.dau_vet",
        [(name, clock.iso(clock.record_now()), _packed(now)) for name in names],
    )
    if row is None:
        return None
    before = _unpacked(row["dau_vet"])
    return Change(
        fixed=(before - now).total(),
        new=(now - before).total(),
        same=(before & now).total(),
        since=clock.parse_moment(row["luc"]),
        renamed=row["tep"] != names[0],
    )


def _key(database: sqlite3.Connection) -> bytes:
    """The key of this home's digests, made once."""
    row = database.execute("SELECT gia_tri FROM khoa").fetchone()
    if row is not None:
        kept: bytes = row["gia_tri"]
        return kept
    import secrets

    made = secrets.token_bytes(32)
    database.execute("INSERT INTO khoa VALUES (1, ?)", (made,))
    return made


def _marks(key: bytes, findings: Sequence[Finding]) -> Counter[str]:
    marks: Counter[str] = Counter()
    for each, many in said_how_often(findings):
        said = [each.code, each.sheet or "", each.column or "", each.value or ""]
        marks[_digest(key, said)] += many
    return marks


def _digest(key: bytes, parts: list[str]) -> str:
    """Twelve bytes: enough to tell findings of one file apart, too few to be of other use."""
    text = json.dumps(parts, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), key=key, digest_size=12).hexdigest()


def _packed(marks: Counter[str]) -> bytes:
    return zlib.compress(json.dumps(marks, sort_keys=True).encode())


def _unpacked(blob: bytes) -> Counter[str]:
    return Counter(json.loads(zlib.decompress(blob)))
