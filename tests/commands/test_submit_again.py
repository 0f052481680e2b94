"""The very bundle that was received, sent again after its signers were replaced."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from iocsl import cli
from iocsl.bundle.testkeys import make_test_keys
from iocsl.catalog import Catalogue
from iocsl.ledger.chain import FILE, Chain
from iocsl.transport.screening import QUEUED
from iocsl.warehouse.judge import CatalogueJudge
from iocsl.warehouse.store import Store
from real_bundles import UNIT, Desk, workbook
from warehouse_parts import Running, running

Submit = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def desk(home: Path, catalogue: Catalogue) -> Desk:
    return Desk(home)


@pytest.fixture
def warehouse(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("IOCSL_WAREHOUSE_TRIES", "1")
    store = tmp_path / "kho"
    made = Store.create(store, test=True)
    judge = CatalogueJudge(made)
    made.close()
    desk.hand_over(store)
    with running(store, judge) as found:
        yield found


@pytest.fixture
def submit(capsys: pytest.CaptureFixture[str]) -> Submit:
    def once(path: Path, *more: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = cli.main(["submit", str(path), *more, "--format", "json"])
        return code, json.loads(capsys.readouterr().out)[0]

    return once


def goi(desk: Desk, tmp_path: Path, period: str = "2026-10") -> Path:
    return desk.bundle(workbook(tmp_path / "so-lieu", period), tmp_path / f"goi-{period}.asice")


def other_signers(folder: Path, keys: Path) -> None:
    """Three others, of another issuer, are the ones who may sign from now on."""
    (folder / "signers.yaml").unlink()
    shutil.rmtree(folder / "trust")
    make_test_keys(keys, folder, UNIT)


@pytest.mark.parametrize("lost", [(), ("outbox.sqlite",), ("outbox.sqlite", "receipts.sqlite")])
def test_the_receipts_are_given_again(
    lost: tuple[str, ...], warehouse: Running, desk: Desk, tmp_path: Path, submit: Submit
) -> None:
    warehouse.account(desk.home)
    path = goi(desk, tmp_path)
    code, first = submit(path)
    assert (code, first["state"]) == (0, "landed")
    for name in lost:
        (desk.home / name).unlink()
    other_signers(warehouse.store.folder, tmp_path / "khoa-kho")
    other_signers(desk.home, tmp_path / "khoa-moi")
    assert cli.main(["bundle", "verify", str(path)]) == 4
    code, again = submit(path)
    assert (code, again["state"], again["receipts"]) == (0, "landed", first["receipts"])
    assert len(warehouse.rows("SELECT * FROM receipts")) == 2


def test_another_machine_of_the_unit_asks_the_warehouse(
    warehouse: Running, desk: Desk, tmp_path: Path, submit: Submit
) -> None:
    warehouse.account(desk.home)
    path = goi(desk, tmp_path)
    first = submit(path)[1]
    new = tmp_path / "may-khac"
    make_test_keys(tmp_path / "khoa-khac", new, UNIT)
    warehouse.account(new)
    assert submit(path, "--home", str(new)) == (0, first)
    assert submit(path, "--home", str(new), "--dry-run")[0] == 0


def test_what_was_not_received_as_it_is_is_judged_anew(
    warehouse: Running, desk: Desk, tmp_path: Path, submit: Submit
) -> None:
    """Another copy, a changed file, one that never came: none gets the receipts of the first."""
    warehouse.account(desk.home)
    path = goi(desk, tmp_path)
    unsent = goi(desk, tmp_path, "2026-09")
    assert submit(path)[0] == 0
    other_signers(desk.home, tmp_path / "khoa-moi")
    changed = tmp_path / "sua.asice"
    changed.write_bytes(path.read_bytes().replace(b"12501", b"99999") + b"\0")
    copy = tmp_path / "ban-khac.asice"
    copy.write_bytes(path.read_bytes()[:-1] + b"\1")
    for each in (unsent, changed, copy):
        code, refused = submit(each)
        assert (code, refused["state"], refused["receipts"]) == (4, None, [])
    assert len(warehouse.rows("SELECT * FROM submissions")) == 1


def test_a_unit_gets_no_receipts_of_another(
    warehouse: Running, desk: Desk, tmp_path: Path, submit: Submit
) -> None:
    warehouse.account(desk.home)
    path = goi(desk, tmp_path)
    assert submit(path)[0] == 0
    other = tmp_path / "nha-khac"
    make_test_keys(tmp_path / "khoa-khac", other, "CQ-KHCN")
    warehouse.account(other, "CQ-KHCN")
    code, refused = submit(path, "--home", str(other))
    assert (code, refused["receipts"]) == (4, [])


def test_without_the_warehouse_the_ledger_tells(
    warehouse: Running, desk: Desk, tmp_path: Path, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.account(desk.home)
    path = goi(desk, tmp_path)
    first = submit(path)[1]
    other_signers(desk.home, tmp_path / "khoa-moi")

    def no_link(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("iocsl.transport.client.Direct.accepted", no_link)
    assert submit(path) == (0, first)
    assert submit(path, "--dry-run")[0] == 0
    queued = Chain.open(desk.home / FILE).entries(QUEUED)
    assert len(queued) == 1
