"""Heads of the ledger in bundles and receipts: what was cut off shows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from test_bundle_workflow import approved, draft_of

from bundle_forge import CSV, World, people
from iocsl import clock
from iocsl.bundle import witness, workflow
from iocsl.bundle.container import open_bundle
from iocsl.bundle.verify import verify
from iocsl.cli import main
from iocsl.errors import IocslError
from iocsl.ledger.chain import FILE, GENESIS, Chain, Head
from iocsl.ledger.receipts import NOTED, Receipts, read
from iocsl.warehouse.keys import Keys


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


def cut(home: Path, keep: int) -> None:
    """Cut the ledger back, and every trace in the file that it was longer."""
    with sqlite3.connect(home / FILE) as raw:
        raw.execute("DROP TRIGGER entries_stay")
        raw.execute("DELETE FROM entries WHERE seq > ?", (keep,))
        raw.execute("UPDATE sqlite_sequence SET seq = ?", (keep,))
    raw.close()
    Chain.open(home / FILE)
    for each in (home / "goi").glob("*"):
        each.unlink()


def codes(home: Path, *bundles: Path) -> list[tuple[int, str]]:
    found = witness.verify_ledger(home, Chain.open(home / FILE), bundles, [])
    return [(each.seq, each.code) for each in found]


def test_every_step_carries_the_head(world: World, tmp_path: Path) -> None:
    path = approved(tmp_path)
    entries = Chain.open().entries()
    with open_bundle(path) as bundle:
        heads = [Head.read(each.document["ledger"]) for each in bundle.decisions]
    first = entries[0].hash
    assert heads == [Head(), Head(1, first, first), Head(2, entries[1].hash, first)]
    assert Head().hash == GENESIS
    assert verify(path, world.policy).ledgers == [
        {"step": step, **head.document()} for step, head in enumerate(heads, 1)
    ]


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (3, []),
        (2, [(3, "act-missing")]),
        (1, [(2, "not-the-witnessed"), (2, "act-missing"), (3, "act-missing")]),
    ],
)
def test_a_bundle_proves_what_was_cut_off(
    world: World, tmp_path: Path, keep: int, expected: list[tuple[int, str]]
) -> None:
    path = approved(tmp_path)
    cut(world.home, keep)
    assert Chain.open().verify() == []
    assert codes(world.home, path) == expected


def test_bundles_that_are_kept_here_bear_witness_unasked(world: World, tmp_path: Path) -> None:
    approved(tmp_path)
    copies = {each: each.read_bytes() for each in (world.home / "goi").iterdir()}
    cut(world.home, 1)
    for path, raw in copies.items():
        path.write_bytes(raw)
    assert (2, "act-missing") in codes(world.home)
    assert main(["audit", "verify"]) == 4


def test_a_ledger_begun_anew_shows_by_the_bundles_that_are_kept(
    world: World, tmp_path: Path
) -> None:
    approved(tmp_path)
    for each in world.home.glob(f"{FILE}*"):
        each.unlink()
    assert codes(world.home) == [(1, "act-missing")]
    workflow.create(draft_of(tmp_path, CSV * 2, "khac.csv"), people()[0].signer(), tmp_path / "x")
    assert codes(world.home) == [(1, "act-missing")]
    assert main(["audit", "verify"]) == 4


def test_a_ledger_begun_anew_knows_the_bundle_no_longer(world: World, tmp_path: Path) -> None:
    path = approved(tmp_path)
    for each in world.home.glob(f"{FILE}*"):
        each.unlink()
    with pytest.raises(IocslError) as refused:
        codes(world.home, path)
    assert refused.value.code == "not-signed-here"
    workflow.create(draft_of(tmp_path, CSV * 2, "khac.csv"), people()[0].signer(), tmp_path / "x")
    with pytest.raises(IocslError):
        codes(world.home, path)


def test_a_bundle_of_two_machines_is_witness_to_each_of_its_own(
    world: World, tmp_path: Path
) -> None:
    other = World(tmp_path / "may-khac")
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    workflow.act(path, 2, people()[1].signer(), home=other.home)
    workflow.act(path, 3, people()[2].signer())
    assert codes(world.home, path) == codes(other.home, path) == []
    cut(world.home, 1)
    assert codes(world.home, path) == [(2, "act-missing")]
    assert codes(other.home, path) == []


Keep = Callable[..., str]


@pytest.fixture
def keep(world: World, tmp_path: Path) -> Keep:
    """A receipt of a test warehouse for an approved bundle, as `submit` takes it in."""
    folder = tmp_path / "kho"
    keys = Keys.make(folder, test=True)
    path = approved(tmp_path)

    def kept(*, noted: bool = True) -> str:
        verdict = verify(path, world.policy)
        now = clock.iso(clock.record_now())
        assert verdict.slip is not None
        payload = {
            "seq": 1,
            "kind": "received",
            "identity": verdict.identity,
            "unit": verdict.slip.unit,
            "dataset": verdict.slip.dataset,
            "period": verdict.slip.period,
            "catalogue_version": 0,
            "announced_at": None,
            "accepted_at": now,
            "findings": None,
            "prev": None,
            "test": True,
        }
        receipt = read(keys.sign(payload, verdict.ledgers), keys.public())
        Receipts(world.home).keep(receipt, issuer="TEST", sequence=1)
        if noted:
            subject = {"identity": receipt.identity, "receipt": receipt.digest}
            Chain.open().append(NOTED, subject)
        return receipt.jws

    return kept


def test_a_receipt_proves_what_was_cut_off(world: World, keep: Keep) -> None:
    keep()
    assert codes(world.home) == []
    cut(world.home, 1)
    found = {code for _, code in codes(world.home)}
    assert found == {"not-the-witnessed", "act-missing", "receipt-missing"}


def test_a_receipt_that_the_ledger_does_not_note(
    world: World, keep: Keep, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(noted=False)
    assert codes(world.home) == [(3, "receipt-missing")]
    assert main(["audit", "verify", "--format", "json"]) == 4
    document = json.loads(capsys.readouterr().out)
    assert (document["valid"], document["problems"][0]["code"]) == (False, "receipt-missing")


def test_a_receipt_altered_in_its_store_is_told(world: World, keep: Keep) -> None:
    jws = keep()
    with sqlite3.connect(world.home / "receipts.sqlite") as raw:
        raw.execute("UPDATE receipts SET jws = ?", (jws[:-4] + "AAAA",))
    raw.close()
    with pytest.raises(IocslError) as refused:
        codes(world.home)
    assert refused.value.code == "receipt-altered"


def test_the_payload_of_a_receipt_is_the_contracts(keep: Keep) -> None:
    from iocsl.ledger.receipts import header_of, unchecked

    jws = keep()
    assert [each["step"] for each in header_of(jws)["ledgers"]] == [1, 2, 3]
    assert len(unchecked(jws).ledgers) == 3


def test_a_receipt_in_a_file_needs_the_keys_of_the_warehouse(
    world: World, keep: Keep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bien-nhan.jws").write_text(keep(), encoding="ascii")
    assert main(["audit", "verify", str(tmp_path / "bien-nhan.jws")]) == 3
    assert "submit --connect" in capsys.readouterr().err
