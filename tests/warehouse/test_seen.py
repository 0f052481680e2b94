"""What the warehouse remembers of other copies and of the numbers that it took."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundle_forge import Forge, World, good, good_forge
from iocsl.bundle.identity import Slip
from iocsl.bundle.seen import Act
from iocsl.bundle.verify import Verdict, verify
from iocsl.warehouse.registry import Registry
from iocsl.warehouse.seen import RETURNED, SeenAtWarehouse
from iocsl.warehouse.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "kho", test=True) as made:
        yield made


def brought(store: Store, slip: Slip, raw: bytes) -> str:
    """A container on the disk of the warehouse; its SHA-256."""
    registry, sha256 = Registry(store), hashlib.sha256(raw).hexdigest()
    registry.announce(slip, sha256, len(raw), store.now())
    path = store.blobs.path(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    registry.stored(slip.identity(), sha256, store.now())
    return sha256


def accepted(store: Store, slip: Slip, raw: bytes) -> None:
    registry, sha256 = Registry(store), brought(store, slip, raw)
    registry.ask_commit(slip.identity(), sha256, store.now())
    registry.accept(slip.identity(), sha256, 0)


def judged(store: Store, tmp_path: Path, raw: bytes) -> Verdict:
    (tmp_path / "goi.asice").write_bytes(raw)
    policy = World(tmp_path / "nha").policy
    policy = dataclasses.replace(policy, seen=SeenAtWarehouse(store))
    return verify(tmp_path / "goi.asice", policy)


def codes(verdict: Verdict) -> list[str]:
    return [each.code for each in verdict.refusals]


def test_a_copy_that_came_returned_ends_the_others(store: Store, tmp_path: Path) -> None:
    slip = good_forge().slip
    returned = Forge().sign(1).sign(2, reason="Thiếu số liệu").packed()
    assert codes(judged(store, tmp_path, good())) == []
    sha256 = brought(store, slip, returned)
    assert codes(judged(store, tmp_path, good())) == []
    refusals = [{"code": RETURNED, "message": "", "message_en": ""}]
    Registry(store).refuse(slip.identity(), sha256, refusals)
    assert Act(2, "thử-nghiệm-b", returned=True) in SeenAtWarehouse(store).acts(slip.identity())
    assert codes(judged(store, tmp_path, good())) == ["B921"]
    store.blobs.path(sha256).unlink()
    assert codes(judged(store, tmp_path, good())) == []


def test_a_copy_that_was_not_good_proves_nothing(store: Store, tmp_path: Path) -> None:
    slip = good_forge().slip
    returned = Forge().sign(1).sign(2, reason="Thiếu số liệu").packed()
    sha256 = brought(store, slip, returned)
    refusals = [{"code": code, "message": "", "message_en": ""} for code in ("B801", RETURNED)]
    Registry(store).refuse(slip.identity(), sha256, refusals)
    assert codes(judged(store, tmp_path, good())) == []


def test_numbers_are_taken_once_and_in_order(store: Store, tmp_path: Path) -> None:
    second = dataclasses.replace(good_forge().slip, sequence=2)
    forge = Forge()
    forge.slip = second
    raw = forge.sign_all().packed()
    accepted(store, second, raw)
    assert codes(judged(store, tmp_path, good())) == ["B922"]
    assert codes(judged(store, tmp_path, raw)) == []
    other = Forge(files={"khac.csv": b"a,b\n"})
    other.slip = dataclasses.replace(other.slip, sequence=2)
    assert codes(judged(store, tmp_path, other.sign_all().packed())) == ["B923"]
    assert SeenAtWarehouse(store).about(second.identity()) == (
        second.unit,
        second.dataset,
        second.period,
        2,
    )
    assert SeenAtWarehouse(store).about("0" * 64) is None
