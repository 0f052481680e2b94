"""The warehouse took another copy than the one that was sent."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bundle_forge import Forge, World, appointment, authority, certify, people
from iocsl.bundle import witness, workflow
from iocsl.ledger.chain import FILE, Chain
from iocsl.ledger.receipts import Receipt, unchecked
from iocsl.transport.copies import other_copy
from iocsl.warehouse.keys import Keys


@pytest.fixture
def copies(home: Path, tmp_path: Path) -> tuple[Path, Path]:
    """One bundle, reviewed on two machines by two people."""
    second = certify("THỬ NGHIỆM B2", authority())
    made = []
    for name, reviewer in (("a", people()[1]), ("b", second)):
        world = World(tmp_path / name)
        world.appoint(
            *(appointment(each, (n,)) for n, each in enumerate(people(), 1)),
            appointment(second, (2,)),
        )
        Chain.open(world.home / FILE).append("thu", {"may": name})
        path = tmp_path / f"{name}.asice"
        shutil.copyfile(begun(tmp_path), path)
        workflow.act(path, 2, reviewer.signer(), home=world.home)
        workflow.act(path, 3, people()[2].signer(), home=world.home)
        made.append(path)
    return made[0], made[1]


def begun(folder: Path) -> Path:
    path = folder / "buoc-1.asice"
    if not path.exists():
        path.write_bytes(Forge().sign(1).packed())
    return path


def receipt_for(path: Path, folder: Path) -> Receipt:
    found = witness.in_bundle(path)
    ledgers = [{"step": each.step, **each.head.document()} for each in found]
    payload = {
        "seq": 1,
        "kind": "received",
        "identity": found[0].identity,
        "unit": "CQ-TC",
        "dataset": "KDL-M-016",
        "period": "2026-10",
        "catalogue_version": 0,
        "announced_at": None,
        "accepted_at": "2026-11-22T08:00:00+07:00",
        "findings": None,
        "prev": None,
        "test": True,
    }
    return unchecked(Keys.make(folder, test=True).sign(payload, ledgers))


def test_another_copy_is_told_and_ones_own_is_not(
    copies: tuple[Path, Path], home: Path, tmp_path: Path
) -> None:
    first, second = copies
    receipt = receipt_for(first, tmp_path / "kho")
    assert other_copy(first, receipt, home) is None
    told = other_copy(second, receipt, home)
    assert told is not None
    assert (told.code, int(told.exit_code)) == ("other-copy-accepted", 0)
    assert other_copy(second, receipt._replace(ledgers=()), home) is None
    assert other_copy(tmp_path / "mat.asice", receipt, home) is None
