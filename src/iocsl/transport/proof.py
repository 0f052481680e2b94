"""Proof of attempt: an outbox entry sealed into the audit chain when the warehouse did not answer.

It shows that the unit had the signed bundle whole and tried to send it at that time: identity,
digest of the container, the moment by the record clock, linked to all that was recorded before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from iocsl import clock
from iocsl.ledger import chain
from iocsl.ledger.chain import Chain
from iocsl.ledger.receipts import ATTEMPT, Attempt
from iocsl.transport.outbox import Entry

APART = timedelta(hours=1)
"""A cron job may try every few minutes; one proof an hour shows the same."""


def seal(home: Path, entry: Entry, *, url: str, reason: str) -> Attempt | None:
    """Seal an attempt at sending `entry`; None when the last one is less than an hour old."""
    record = Chain.open(home / chain.FILE)
    earlier = [
        each for each in record.entries(ATTEMPT) if each.subject["identity"] == entry.identity
    ]
    now = clock.record_now()
    if earlier and abs(now - datetime.fromisoformat(earlier[-1].at)) < APART:
        return None
    slip = entry.slip
    sealed = record.append(
        ATTEMPT,
        {
            "identity": entry.identity,
            "unit": slip.unit,
            "dataset": slip.dataset,
            "period": slip.period,
            "sequence": slip.sequence,
            "container": entry.sha256,
            "size": entry.size,
            "to": url,
            "reason": reason,
        },
    )
    return Attempt(entry.identity, datetime.fromisoformat(sealed.at), sealed.hash)
