"""Who may send for which unit: client id and secret, and the one file that carries them there.

Accounts are made and locked on a written request (1134 Điều 9.2); the holder answers for its use.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from iocsl import clock
from iocsl.errors import usage
from iocsl.warehouse.store import Store

ACCOUNT_FORMAT = "iocsl/warehouse-account/1"


@dataclass(frozen=True, slots=True)
class Account:
    client_id: str
    unit: str
    created_at: str
    locked_at: str | None


def _digest(secret: str) -> str:
    # The secret is 256 random bits, so a plain hash cannot be searched; no slow hash is needed.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def add(store: Store, unit: str, url: str) -> dict[str, Any]:
    """A new account of `unit`; returns the document that the unit imports. Only a hash is kept."""
    client_id = f"{unit}-{secrets.token_hex(4)}"
    secret = secrets.token_urlsafe(32)
    with store.writing() as connection:
        connection.execute(
            "INSERT INTO accounts VALUES (?, ?, ?, ?, NULL)",
            (client_id, unit, _digest(secret), clock.iso(clock.record_now())),
        )
    return {
        "type": ACCOUNT_FORMAT,
        "url": url.rstrip("/"),
        "unit": unit,
        "client_id": client_id,
        "secret": secret,
        "keys": store.keys.public(),
        "test": store.test,
    }


def listed(store: Store) -> list[Account]:
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT client_id, unit, created_at, locked_at FROM accounts ORDER BY unit, created_at"
        ).fetchall()
    return [Account(*row) for row in rows]


def lock(store: Store, client_id: str) -> None:
    """Lock an account at once, its running tokens too. Exit 2 when there is none of that id."""
    with store.writing() as connection:
        done = connection.execute(
            "UPDATE accounts SET locked_at = coalesce(locked_at, ?) WHERE client_id = ?",
            (clock.iso(clock.record_now()), client_id),
        )
    if done.rowcount == 0:
        raise usage(
            "unknown-account",
            f"Kho không có tài khoản “{client_id}”.",
            f"The warehouse has no account “{client_id}”.",
            ("Xem danh sách: iocsl warehouse accounts list", "See: iocsl warehouse accounts list"),
        )


def unit_of(store: Store, client_id: str) -> str | None:
    """The unit of an account that is not locked."""
    with store.reading() as connection:
        row = connection.execute(
            "SELECT unit FROM accounts WHERE client_id = ? AND locked_at IS NULL", (client_id,)
        ).fetchone()
    return str(row["unit"]) if row else None


def proves(store: Store, client_id: str, secret: str) -> bool:
    """Whether the secret is that of an unlocked account; the time taken tells nothing."""
    with store.reading() as connection:
        row = connection.execute(
            "SELECT secret_sha256 FROM accounts WHERE client_id = ? AND locked_at IS NULL",
            (client_id,),
        ).fetchone()
    expected = row["secret_sha256"] if row else _digest(secrets.token_urlsafe(32))
    return hmac.compare_digest(expected, _digest(secret)) and row is not None
