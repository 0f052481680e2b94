"""Both ends of the wire together, on loopback."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import stamina

from iocsl.ledger import receipts
from iocsl.transport.account import Account
from iocsl.transport.client import Direct
from iocsl.transport.delivery import Delivery, Outcome
from iocsl.transport.outbox import Outbox
from warehouse_parts import container_of, running, slip_of


@pytest.fixture(autouse=True)
def _quick() -> None:
    stamina.set_testing(True, attempts=2)


def put(home: Path, data: bytes, slip=None, name: str = "goi.asice"):
    path = home.parent / f"{home.name}-{name}"
    path.write_bytes(data)
    outbox = Outbox(home)
    return outbox.add(slip or slip_of(), outbox.stage(path), str(path))


def send(home: Path, account: Account, *, chunk: int = 1 << 20) -> list[Outcome]:
    with Direct(account, timeout=5, tries=2, chunk=chunk) as link:
        return list(Delivery(home, account, link).run(Outbox(home).entries(waiting=True)))


def test_a_bundle_becomes_two_chained_receipts(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        entry = put(home, container_of(slip_of(), pad=300_000))
        (outcome,) = send(home, account, chunk=100_000)
        assert outcome.error is None
        assert outcome.entry.state == "landed"
        first, second = (receipts.read(jws, account.keys) for jws in outcome.receipts)
        assert (first.seq, first.kind, first.prev, first.test) == (1, "received", None, True)
        assert (second.seq, second.kind, second.prev) == (2, "landed", first.digest)
        assert first.announced_at is not None
        assert first.announced_at <= first.accepted_at
        assert not Outbox(home).bytes_of(entry).exists()
        found = receipts.accepted(home)[("CQ-TC", "KDL-M-016", "2026-10")]
        assert (found.kind, found.attempted_at) == ("landed", None)
        assert warehouse.rows("SELECT record FROM current_facts") == [
            {"record": '{"gia_tri": 8.5}'}
        ]
