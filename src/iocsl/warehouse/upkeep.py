"""Looking after a store: is it whole, who sent what, copies of it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import TextIOBase
from pathlib import Path
from typing import Any

from iocsl.bundle import encryption_keys
from iocsl.bundle.encryption import is_encrypted, name_for, recipients_of
from iocsl.bundle.refusals import RefusedError
from iocsl.catalog.mirror import ISSUED
from iocsl.domain import Words
from iocsl.errors import IocslError, usage
from iocsl.files import sha256_of, sync_folder
from iocsl.ledger import receipts
from iocsl.text import say
from iocsl.warehouse.keys import FILE as KEY_FILE
from iocsl.warehouse.store import FILE, Store

TRUST = ("trust", "signers.yaml", "signers")
UNFINISHED = f".{FILE}.sao"
"""The registry of a copy that is not whole yet, in the folder of the copy."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a store: `what` names the receipt, submission or file."""

    code: str
    what: str
    message: Words

    def document(self) -> dict[str, str]:
        return {"code": self.code, "what": self.what, "message": say(self.message)}


def check(store: Store) -> list[Fault]:
    """Everything that is wrong with a store; [] when it is whole."""
    with store.reading() as connection:
        connection.execute("BEGIN")
        faults = list(_check_receipts(store, connection))
        faults += _check_steps(connection)
        faults += _check_blobs(store, connection)
    return faults


def _check_receipts(store: Store, connection: sqlite3.Connection) -> Iterator[Fault]:
    expected, prev = 1, None
    for row in connection.execute("SELECT * FROM receipts ORDER BY seq"):
        what = f"{row['seq']}"
        if row["seq"] != expected:
            yield Fault(
                "receipt-missing",
                what,
                Words(
                    f"Thiếu biên nhận từ số {expected} đến {row['seq'] - 1}.",
                    f"Receipts {expected} to {row['seq'] - 1} are missing.",
                ),
            )
        try:
            receipt = receipts.read(row["jws"], store.keys.public())
        except IocslError:
            yield Fault(
                "receipt-altered",
                what,
                Words(
                    f"Biên nhận số {what} không mang chữ ký của kho.",
                    f"Receipt {what} does not carry the warehouse's signature.",
                ),
            )
            expected, prev = row["seq"] + 1, receipts.digest_of(row["jws"])
            continue
        named = (receipt.seq, receipt.identity, receipt.kind, receipt.unit, receipt.digest)
        kept = (row["seq"], row["identity"], row["kind"], row["unit"], row["digest"])
        if named != kept or receipt.prev != prev:
            yield Fault(
                "receipt-chain",
                what,
                Words(
                    f"Biên nhận số {what} không nối với biên nhận trước nó hoặc với sổ đăng ký.",
                    f"Receipt {what} does not link to the one before it or to the registry.",
                ),
            )
        expected, prev = row["seq"] + 1, receipt.digest


def _check_steps(connection: sqlite3.Connection) -> Iterator[Fault]:
    rows = connection.execute(
        "SELECT a.identity FROM acceptances AS a LEFT JOIN receipts AS r"
        " ON r.identity = a.identity AND r.step = 1 WHERE r.seq IS NULL"
        " UNION SELECT r.identity FROM receipts AS r LEFT JOIN acceptances AS a"
        " ON a.identity = r.identity WHERE a.identity IS NULL"
    )
    for row in rows:
        yield Fault(
            "acceptance-without-receipt",
            row["identity"],
            Words(
                f"Gói {row['identity']}: sổ đăng ký và biên nhận không khớp.",
                f"Submission {row['identity']}: registry and receipts do not agree.",
            ),
        )


def _check_blobs(store: Store, connection: sqlite3.Connection) -> Iterator[Fault]:
    rows = connection.execute(
        "SELECT sha256, max(refusals IS NULL) AS standing FROM containers"
        " WHERE stored_at IS NOT NULL GROUP BY sha256 ORDER BY sha256"
    )
    for row in rows:
        path = store.blobs.path(row["sha256"])
        if not path.is_file():
            yield Fault(
                "file-missing",
                row["sha256"],
                Words(f"Mất tệp gói nộp “{path}”.", f"The container “{path}” is gone."),
            )
        elif sha256_of(path) != row["sha256"]:
            yield Fault(
                "file-altered",
                row["sha256"],
                Words(f"Tệp gói nộp “{path}” đã bị sửa.", f"The container “{path}” was changed."),
            )
        elif row["standing"] and _is_closed(store, path):
            yield Fault(
                "file-closed",
                row["sha256"],
                Words(
                    f"Khóa của kho không mở được gói mã hóa “{path}”.",
                    f"The key of this warehouse does not open the encrypted container “{path}”.",
                ),
            )


def _is_closed(store: Store, path: Path) -> bool:
    """Whether a container is encrypted, and not to the key that is here."""
    if not is_encrypted(path):
        return False
    own = store.keys.encryption
    try:
        return own is None or name_for(own.certificate) not in recipients_of(path)
    except RefusedError:
        # It came damaged, was refused for that, and is still what came.
        return False


def by_unit(store: Store) -> list[dict[str, Any]]:
    """One row a unit that has an account or sent something: how much, and where it stands."""
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(_BY_UNIT)]


_BY_UNIT = """
WITH last AS (
    SELECT s.unit, s.identity, a.accepted_at,
        (SELECT kind FROM receipts WHERE identity = s.identity ORDER BY step DESC LIMIT 1) AS kind
    FROM submissions AS s LEFT JOIN acceptances AS a ON a.identity = s.identity
)
SELECT u.unit,
    (SELECT count(*) FROM accounts WHERE unit = u.unit AND locked_at IS NULL) AS accounts,
    count(last.identity) AS submissions,
    count(CASE WHEN kind = 'received' THEN 1 END) AS received,
    count(CASE WHEN kind = 'landed' THEN 1 END) AS landed,
    count(CASE WHEN kind = 'needs_work' THEN 1 END) AS needs_work,
    max(accepted_at) AS last_accepted_at
FROM (SELECT unit FROM accounts UNION SELECT unit FROM submissions) AS u
LEFT JOIN last ON last.unit = u.unit
GROUP BY u.unit ORDER BY u.unit
"""


def submissions(store: Store) -> list[dict[str, Any]]:
    """One row an accepted submission, in the order of acceptance."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT a.identity, a.unit, a.dataset, a.period, a.sequence, c.announced_at,"
            " a.accepted_at, (SELECT kind FROM receipts WHERE identity = a.identity"
            " ORDER BY step DESC LIMIT 1) AS state,"
            " (SELECT count(*) FROM facts WHERE identity = a.identity) AS rows"
            " FROM acceptances AS a JOIN containers AS c"
            " ON c.identity = a.identity AND c.sha256 = a.sha256"
            " ORDER BY a.accepted_at, a.identity"
        )
        return [dict(row) for row in rows]


def export(
    store: Store,
    stream: TextIOBase,
    *,
    dataset: str | None,
    period: str | None,
    array: bool = False,
) -> int:
    """Write the facts in force, each with its source; how many there were.

    They are JSON lines, or with `array` one JSON document. Neither is ever whole in memory.
    """
    count = 0
    stream.write("[" if array else "")
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM current_facts WHERE (?1 IS NULL OR dataset = ?1)"
            " AND (?2 IS NULL OR period = ?2) ORDER BY dataset, period, unit, file, sheet, row",
            (dataset, period),
        )
        for row in rows:
            line = {**dict(row), "record": json.loads(row["record"])}
            before, after = (",\n" if count else "\n", "") if array else ("", "\n")
            stream.write(before + json.dumps(line, ensure_ascii=False) + after)
            count += 1
    stream.write("\n]\n" if array else "")
    return count


def backup(store: Store, target: Path) -> None:
    """Copy a store, which may be in use, to the new folder `target`.

    The registry comes first: every container that the copy of it names is then there to be copied.
    It gets its name last, so that half a copy is no store; what a kill left of one is begun anew.
    """
    part = target / UNFINISHED
    if part.is_file() and not (target / FILE).exists():
        _clear(store, target)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise usage(
            "backup-exists",
            f"“{target}” đã có nội dung, không ghi đè.",
            f"There is something at “{target}” already; it is not overwritten.",
            ("Chọn một thư mục mới.", "Choose a new folder."),
        )
    target.mkdir(parents=True, exist_ok=True)
    # Landed rows may be personal data: nobody else reads the copy either.
    part.touch(0o600, exist_ok=False)
    with store.reading() as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
        copy.row_factory = sqlite3.Row
        stored = [
            row["sha256"]
            for row in copy.execute(
                "SELECT DISTINCT sha256 FROM containers WHERE stored_at IS NOT NULL"
            )
        ]
    for name in (KEY_FILE, encryption_keys.FILE):
        _copy_private(store.folder / name, target / name)
    for name in (*TRUST, ISSUED):
        _copy(store.folder / name, target / name)
    for sha256 in stored:
        path = store.blobs.path(sha256)
        place = target / path.relative_to(store.folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    part.replace(target / FILE)
    sync_folder(target)


def restore(source: Path, target: Path) -> list[Fault]:
    """Make a store at `target` from a backup; what is wrong with it, [] when it is whole.

    What was still arriving at the time of the copy is asked for again: the senders have it still.
    """
    with Store.open(source) as copy:
        backup(copy, target)
    with Store.open(target) as store:
        return check(store)


def _clear(store: Store, target: Path) -> None:
    """Remove what an unfinished copy made in `target`, and nothing else; its mark goes last."""
    blobs = store.blobs.folder.relative_to(store.folder)
    known = (KEY_FILE, encryption_keys.FILE, *TRUST, ISSUED, blobs)
    journals = target.glob(f"{UNFINISHED}-*")
    for path in (*(target / name for name in known), *journals, target / UNFINISHED):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.is_file():
        shutil.copyfile(source, target)


def _copy_private(source: Path, target: Path) -> None:
    if not source.is_file():
        return
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(source.read_bytes())
