"""What the warehouse has answered: signed receipts, checked before they count, and kept for ever.

A receipt is a compact JWS (RFC 7515, ES256). Its payload is the contract's: `{seq, kind, identity,
unit, dataset, period, catalogue_version, announced_at, accepted_at, findings, prev, test}`, `prev`
being the SHA-256 in hex of the JWS before it in the warehouse's own chain.

Together with the proofs of attempt in the audit chain (when this unit tried to send and could not)
they tell whether a submission was on time (2023 Điều 8; 1134 Điều 5.2, 5.4.c).
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from iocsl import clock
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.ledger import chain
from iocsl.ledger.chain import Chain, Head
from iocsl.ledger.database import connected, writing
from iocsl.patterns import regex

FILE = "receipts.sqlite"
TYPE = "iocsl-receipt+jws"
TEST_TYPE = "iocsl-receipt-TEST+jws"
RECEIVED, LANDED, NEEDS_WORK = "received", "landed", "needs_work"
ATTEMPT = "submit.attempt"
"""The act in the audit chain that seals a try at sending; its subject names the identity."""
NOTED = "submit.receipt"
"""The act in the audit chain that notes a receipt by its digest."""
LONGEST_HEADER = 4096
"""Characters of a JWS header; the library's own limit is too small for three heads."""
LEDGERS = "ledgers"
"""Parameter of the JWS header: `[{step, seq, hash, ledger}]`, the heads of the unit's ledgers as
the accepted bundle carries them, so that the unit's record cannot be cut back unseen."""
KINDS = (RECEIVED, LANDED, NEEDS_WORK)

Key = tuple[str, str, str]
"""Unit, dataset, period."""

_SHA256 = regex(r"[0-9a-f]{64}")
_TABLES = """
CREATE TABLE IF NOT EXISTS receipts (
    digest TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    identity TEXT NOT NULL,
    step INTEGER NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    dataset TEXT NOT NULL,
    period TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    accepted_at TEXT NOT NULL,
    announced_at TEXT,
    prev TEXT,
    test INTEGER NOT NULL,
    jws TEXT NOT NULL,
    kept_at TEXT NOT NULL,
    UNIQUE (issuer, seq),
    UNIQUE (identity, step)
) STRICT;
"""


class Receipt(NamedTuple):
    """A receipt whose signature was checked. Moments are aware; `digest` is over the JWS."""

    seq: int
    kind: str
    identity: str
    unit: str
    dataset: str
    period: str
    catalogue_version: int | str
    announced_at: datetime | None
    accepted_at: datetime
    findings: Any
    prev: str | None
    test: bool
    jws: str
    kid: str
    ledgers: tuple[tuple[int, Head], ...] = ()
    """Step and head of the ledger that it was signed beside."""

    @property
    def digest(self) -> str:
        return digest_of(self.jws)

    @property
    def step(self) -> int:
        """1 for `received`, 2 for what follows it."""
        return 1 if self.kind == RECEIVED else 2


class Accepted(NamedTuple):
    """What the ledger shows for one unit, dataset and period; moments are aware.

    `attempted_at` and `proof` (hash of the chain's entry) are the first sealed attempt at sending
    this same submission, None when there was none.
    """

    identity: str
    sequence: int
    kind: str
    accepted_at: datetime
    announced_at: datetime | None
    attempted_at: datetime | None
    proof: str | None
    test: bool


class Attempt(NamedTuple):
    """A sealed proof that sending was tried: when (record clock), and the chain entry's hash."""

    identity: str
    attempted_at: datetime
    proof: str


def digest_of(jws: str) -> str:
    """SHA-256 in hex of a receipt, as the next receipt's `prev` names it."""
    return hashlib.sha256(jws.encode("ascii")).hexdigest()


def read(jws: str, keys: Mapping[str, Any]) -> Receipt:
    """Check a receipt against a JWKS (`{"keys": [...]}`) and read it.

    Raises `IocslError` exit 4 (`receipt-altered`) when it is not signed by one of the keys, or its
    header, payload and test mark do not agree.
    """
    from joserfc import jws as jose
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        key_set = KeySet.import_key_set({"keys": list(keys["keys"])})
        # What is not known to the library is ours to read, or a later version's to add.
        registry = jose.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
        registry.max_header_length = LONGEST_HEADER
        opened = jose.deserialize_compact(jws, key_set, registry=registry)
        header = opened.headers()
        payload = json.loads(opened.payload)
        return _receipt(jws, header, payload)
    except (JoseError, ValueError, KeyError, TypeError, RecursionError):
        raise _altered() from None


def _receipt(jws: str, header: Mapping[str, Any], payload: Any) -> Receipt:
    """The payload's fields, each of its type. Raises `ValueError`, `KeyError` or `TypeError`."""
    test = payload["test"]
    if header["typ"] != (TEST_TYPE if test is True else TYPE) or payload["kind"] not in KINDS:
        raise ValueError("typ")
    texts = {name: payload[name] for name in ("identity", "unit", "dataset", "period")}
    if not all(isinstance(value, str) for value in texts.values()):
        raise TypeError("text")
    prev, announced = payload["prev"], payload["announced_at"]
    if prev is not None and not _SHA256.fullmatch(prev):
        raise ValueError("prev")
    if type(payload["seq"]) is not int or payload["seq"] < 1 or not isinstance(test, bool):
        raise TypeError("seq")
    return Receipt(
        seq=payload["seq"],
        kind=payload["kind"],
        **texts,
        catalogue_version=payload["catalogue_version"],
        announced_at=None if announced is None else _moment(announced),
        accepted_at=_moment(payload["accepted_at"]),
        findings=payload["findings"],
        prev=prev,
        test=test,
        jws=jws,
        kid=str(header["kid"]),
        ledgers=tuple(_ledger(each) for each in header.get(LEDGERS, ())),
    )


def _ledger(document: Mapping[str, Any]) -> tuple[int, Head]:
    rest = dict(document)
    step = rest.pop("step")
    if type(step) is not int:
        raise ValueError("step")
    return step, Head.read(rest)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _altered() -> IocslError:
    return IocslError(
        "receipt-altered",
        "Biên nhận không mang chữ ký hợp lệ của kho mà đơn vị đã ghi nhận, nên không được tính.",
        "The receipt does not carry a valid signature of the warehouse on record.",
        (
            "Báo ngay cho đơn vị vận hành kho. Gói nộp vẫn còn trong hàng chờ.",
            "Tell the operator of the warehouse at once. The bundle is still in the outbox.",
        ),
        ExitCode.INTEGRITY,
    )


class Receipts:
    """The receipts of one home, in `receipts.sqlite`."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE

    def check(self, receipt: Receipt, *, issuer: str) -> None:
        """Exit 4 (`receipt-chain`) when `keep` would refuse this receipt."""
        with connected(self.path, _TABLES) as connection:
            self._is_kept(connection, receipt, issuer)

    def keep(self, receipt: Receipt, *, issuer: str, sequence: int) -> bool:
        """Store a checked receipt; True when it is new. `issuer` names the warehouse.

        Raises `IocslError` exit 4 (`receipt-chain`) when it contradicts one that is kept: another
        receipt under the same number, a second answer to the same step, or a `prev` that is not
        the receipt before it.
        """
        with connected(self.path, _TABLES) as connection, writing(connection):
            if self._is_kept(connection, receipt, issuer):
                return False
            connection.execute(
                "INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    receipt.digest,
                    issuer,
                    receipt.seq,
                    receipt.identity,
                    receipt.step,
                    receipt.kind,
                    receipt.unit,
                    receipt.dataset,
                    receipt.period,
                    sequence,
                    clock.iso(receipt.accepted_at),
                    clock.iso(receipt.announced_at) if receipt.announced_at else None,
                    receipt.prev,
                    int(receipt.test),
                    receipt.jws,
                    clock.iso(clock.record_now()),
                ),
            )
        return True

    def _is_kept(self, connection: sqlite3.Connection, receipt: Receipt, issuer: str) -> bool:
        known = connection.execute(
            "SELECT 1 FROM receipts WHERE digest = ?", (receipt.digest,)
        ).fetchone()
        if known is None and self._contradicts(connection, receipt, issuer):
            raise _broken_chain(receipt)
        return known is not None

    @staticmethod
    def _contradicts(connection: sqlite3.Connection, receipt: Receipt, issuer: str) -> bool:
        rows = connection.execute(
            "SELECT seq, digest, prev, identity, step FROM receipts WHERE issuer = ?"
            " AND (seq BETWEEN ? AND ? OR identity = ?)",
            (issuer, receipt.seq - 1, receipt.seq + 1, receipt.identity),
        ).fetchall()
        for row in rows:
            same_place = row["seq"] == receipt.seq
            same_step = row["identity"] == receipt.identity and row["step"] == receipt.step
            before = row["seq"] == receipt.seq - 1 and row["digest"] != receipt.prev
            after = row["seq"] == receipt.seq + 1 and row["prev"] != receipt.digest
            if same_place or same_step or before or after:
                return True
        return False

    def of(self, identity: str) -> list[str]:
        """The receipts (JWS) kept for a submission, in order."""
        with connected(self.path, _TABLES) as connection:
            rows = connection.execute(
                "SELECT jws FROM receipts WHERE identity = ? ORDER BY step", (identity,)
            ).fetchall()
        return [str(row["jws"]) for row in rows]

    def landed(self, identity: str) -> tuple[str, datetime] | None:
        """Digest and time of acceptance of the receipt that a submission landed, None without."""
        with connected(self.path, _TABLES) as connection:
            row = connection.execute(
                "SELECT digest, accepted_at FROM receipts WHERE identity = ? AND kind = ?",
                (identity, LANDED),
            ).fetchone()
        return (str(row["digest"]), _moment(row["accepted_at"])) if row else None

    def accepted(self) -> dict[Key, Accepted]:
        """What counts as supplied, per unit, dataset and period.

        The earliest submission that the warehouse received and did not send back as `needs_work`:
        what is not technically valid is not loaded (1134 Điều 5.3.b), and a later correction of
        valid data does not make the first one late.
        """
        with connected(self.path, _TABLES) as connection:
            rows = connection.execute(_ACCEPTED).fetchall()
        tried = attempts(self.path.parent)
        found: dict[Key, Accepted] = {}
        for row in rows:
            key = (row["unit"], row["dataset"], row["period"])
            if key in found:
                continue
            announced, attempt = row["announced_at"], tried.get(row["identity"])
            found[key] = Accepted(
                row["identity"],
                row["sequence"],
                row["outcome"] or RECEIVED,
                _moment(row["accepted_at"]),
                _moment(announced) if announced else None,
                attempt.attempted_at if attempt else None,
                attempt.proof if attempt else None,
                bool(row["test"]),
            )
        return found


_ACCEPTED = """
SELECT first.*, second.kind AS outcome
FROM receipts AS first
LEFT JOIN receipts AS second ON second.identity = first.identity AND second.step = 2
WHERE first.step = 1 AND coalesce(second.kind, '') <> 'needs_work'
ORDER BY first.accepted_at, first.seq
"""


def attempts(home: Path) -> dict[str, Attempt]:
    """The first sealed attempt at sending each identity, as the audit chain has it."""
    path = home / chain.FILE
    if not path.is_file():
        return {}
    found: dict[str, Attempt] = {}
    for entry in Chain.open(path).entries(ATTEMPT):
        identity = str(entry.subject["identity"])
        found.setdefault(identity, Attempt(identity, _moment(entry.at), entry.hash))
    return found


def accepted(home: Path) -> Mapping[Key, Accepted]:
    """What this home's ledger shows as accepted; empty, and nothing made, when there is none."""
    if not (home / FILE).is_file():
        return {}
    return Receipts(home).accepted()


def kept(home: Path) -> list[Receipt]:
    """Every receipt of this home. Its signature was checked when it came, its digest is now."""
    path = home / FILE
    if not path.is_file():
        return []
    with connected(path, _TABLES) as connection:
        rows = connection.execute(
            "SELECT digest, jws FROM receipts ORDER BY issuer, seq"
        ).fetchall()
    found = []
    for row in rows:
        if digest_of(row["jws"]) != row["digest"]:
            raise _altered()
        found.append(unchecked(row["jws"]))
    return found


def unchecked(jws: str) -> Receipt:
    """What a receipt says; its signature is not looked at. Exit 4 when it is none."""
    try:
        header, payload, _ = (_decoded(part) for part in jws.split("."))
        return _receipt(jws, json.loads(header), json.loads(payload))
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        raise _altered() from None


def header_of(jws: str) -> dict[str, Any]:
    """The protected header of a JWS of one's own making."""
    header: dict[str, Any] = json.loads(_decoded(jws.split(".", maxsplit=1)[0]))
    return header


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def taken(home: Path, key: Key) -> list[tuple[int, str]]:
    """Sequence and identity of all that the warehouse has received under this key."""
    path = home / FILE
    if not path.is_file():
        return []
    with connected(path, _TABLES) as connection:
        rows = connection.execute(
            "SELECT sequence, identity FROM receipts"
            " WHERE step = 1 AND unit = ? AND dataset = ? AND period = ? ORDER BY sequence",
            key,
        ).fetchall()
    return [(row["sequence"], row["identity"]) for row in rows]


def _broken_chain(receipt: Receipt) -> IocslError:
    return IocslError(
        "receipt-chain",
        f"Biên nhận số {receipt.seq} mâu thuẫn với biên nhận của kho đã lưu trước đó.",
        f"Receipt {receipt.seq} contradicts a receipt of the warehouse kept earlier.",
        (
            "Giữ nguyên máy và báo cho đơn vị vận hành kho: sổ biên nhận của kho có thể đã bị sửa.",
            "Leave the machine as it is and tell the operator: the receipts may have been changed.",
        ),
        ExitCode.INTEGRITY,
    )
