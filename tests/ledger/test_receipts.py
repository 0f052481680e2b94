"""Receipts: what makes one count, and what in a warehouse's chain is a contradiction."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.ledger import receipts
from iocsl.ledger.receipts import Receipt, Receipts
from iocsl.warehouse.keys import Keys


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.make(tmp_path, test=True)


def payload(seq: int = 1, kind: str = "received", **changed: Any) -> dict[str, Any]:
    return {
        "seq": seq,
        "kind": kind,
        "identity": "a" * 64,
        "unit": "CQ-TC",
        "dataset": "KDL-M-016",
        "period": "2026-10",
        "catalogue_version": 0,
        "announced_at": "2026-10-25T16:00:00+07:00",
        "accepted_at": "2026-10-25T16:30:00+07:00",
        "findings": None,
        "prev": None,
        "test": True,
    } | changed


def made(keys: Keys, seq: int = 1, kind: str = "received", **changed: Any) -> Receipt:
    return receipts.read(keys.sign(payload(seq, kind, **changed)), keys.public())


def test_a_good_receipt_is_read_whole(keys: Keys) -> None:
    receipt = made(keys)
    assert (receipt.seq, receipt.kind, receipt.step, receipt.test) == (1, "received", 1, True)
    assert receipt.announced_at is not None
    assert receipt.announced_at < receipt.accepted_at
    assert receipt.digest == receipts.digest_of(receipt.jws)


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "accepted"},
        {"test": False},
        {"test": 1},
        {"seq": 0},
        {"seq": True},
        {"seq": "1"},
        {"prev": "xyz"},
        {"accepted_at": None},
        {"accepted_at": "2026-10-25T16:30:00"},
        {"accepted_at": "hôm qua"},
        {"identity": 5},
        {"unit": None},
    ],
)
def test_a_signed_receipt_of_a_wrong_shape_does_not_count(
    keys: Keys, changed: dict[str, Any]
) -> None:
    with pytest.raises(IocslError) as caught:
        made(keys, **changed)
    assert (caught.value.code, caught.value.exit_code) == ("receipt-altered", ExitCode.INTEGRITY)


def test_what_is_not_signed_by_the_key_on_record_does_not_count(keys: Keys, tmp_path: Path) -> None:
    good = keys.sign(payload())
    head, body, signature = good.split(".")
    other = Keys.make(tmp_path / "khac", test=True)
    later = base64.urlsafe_b64encode(json.dumps(payload(seq=9)).encode()).decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for jws in (
        other.sign(payload()),
        f"{head}.{later}.{signature}",
        f"{none}.{body}.",
        f"{head}.{body}.",
        good[:-4],
        "",
        "a.b.c",
    ):
        with pytest.raises(IocslError):
            receipts.read(jws, keys.public())


def test_a_hash_key_cannot_stand_in_for_the_public_one(keys: Keys) -> None:
    from joserfc import jws
    from joserfc.jwk import OctKey

    public = json.dumps(keys.public()["keys"][0])
    header = {"alg": "HS256", "kid": keys.kid, "typ": receipts.TEST_TYPE}
    forged = jws.serialize_compact(
        header, json.dumps(payload()).encode(), OctKey.import_key(public)
    )
    with pytest.raises(IocslError):
        receipts.read(forged, keys.public())


def test_keeping_is_repeatable_and_ordered(keys: Keys, home: Path) -> None:
    ledger = Receipts(home)
    first = made(keys)
    second = made(keys, 2, "landed", prev=first.digest)
    # The second may come first: a run that was cut off brings them in any order.
    assert ledger.keep(second, issuer="kho", sequence=1)
    assert ledger.keep(first, issuer="kho", sequence=1)
    assert not ledger.keep(first, issuer="kho", sequence=1)
    assert ledger.of("a" * 64) == [first.jws, second.jws]
    (found,) = receipts.accepted(home).values()
    assert (found.kind, found.sequence) == ("landed", 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"seq": 1, "identity": "b" * 64},
        {"seq": 2, "identity": "b" * 64},
        {"seq": 2, "identity": "b" * 64, "prev": "c" * 64},
        {"seq": 7, "accepted_at": "2026-10-24T16:30:00+07:00"},
    ],
    ids=["same-number", "no-prev", "other-prev", "same-step-again"],
)
def test_a_warehouse_that_contradicts_itself_is_found_out(
    keys: Keys, home: Path, changed: dict[str, Any]
) -> None:
    ledger = Receipts(home)
    ledger.keep(made(keys), issuer="kho", sequence=1)
    with pytest.raises(IocslError) as caught:
        ledger.keep(made(keys, **changed), issuer="kho", sequence=1)
    assert (caught.value.code, caught.value.exit_code) == ("receipt-chain", ExitCode.INTEGRITY)
    # Another warehouse has a chain of its own.
    if changed["seq"] == 1:
        assert ledger.keep(made(keys, **changed), issuer="kho-khac", sequence=1)


def test_the_earliest_valid_submission_counts(keys: Keys, home: Path) -> None:
    ledger = Receipts(home)
    rows: list[tuple[int, str, str, str]] = [
        (1, "received", "a", "2026-10-20T08:00:00+07:00"),
        (2, "needs_work", "a", "2026-10-20T08:00:00+07:00"),
        (3, "received", "b", "2026-10-22T08:00:00+07:00"),
        (4, "landed", "b", "2026-10-22T08:00:00+07:00"),
        (5, "received", "c", "2026-10-27T08:00:00+07:00"),
        (6, "landed", "c", "2026-10-27T08:00:00+07:00"),
    ]
    prev = None
    for number, (seq, kind, who, when) in enumerate(rows):
        receipt = made(keys, seq, kind, identity=who * 64, accepted_at=when, prev=prev)
        prev = receipt.digest
        ledger.keep(receipt, issuer="kho", sequence=1 + number // 2)
    (found,) = receipts.accepted(home).values()
    assert (found.identity, found.sequence) == ("b" * 64, 2)
    assert found.accepted_at.day == 22


def test_nothing_kept_is_nothing_accepted(home: Path) -> None:
    assert receipts.accepted(home) == {}
    assert receipts.attempts(home) == {}
    assert not home.exists()
