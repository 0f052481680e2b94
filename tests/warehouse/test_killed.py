"""A server that dies at any line leaves something that a restart completes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.transport.account import Account
from iocsl.transport.client import Direct
from iocsl.transport.delivery import Delivery, Outcome
from iocsl.transport.outbox import Outbox
from iocsl.warehouse import upkeep
from warehouse_parts import container_of, opened, running, slip_of

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


def deliver(home: Path, account: Account, url: str) -> Outcome:
    there = Account(
        url, account.unit, account.client_id, account.secret, account.keys, account.test
    )
    with Direct(there, timeout=10, tries=1) as link:
        (outcome,) = Delivery(home, there, link).run(Outbox(home).entries(waiting=True))
    return outcome


@pytest.mark.parametrize(
    ("place", "when"),
    [
        ("announce", "after"),
        ("settle", "before"),
        ("complete", "before"),
        ("complete", "after"),
        ("stored", "after"),
        ("ask", "after"),
        ("accept", "after"),
        ("conclude", "before"),
        ("conclude", "after"),
    ],
)
def test_killed_and_restarted(tmp_path: Path, place: str, when: str) -> None:
    home, folder, port_file = tmp_path / "don-vi", tmp_path / "kho", tmp_path / "cong"
    with running(folder) as warehouse:
        account = warehouse.account(home)
    path = tmp_path / "goi.asice"
    path.write_bytes(container_of(slip_of(), pad=50_000))
    Outbox(home).add(slip_of(), Outbox(home).stage(path), str(path))

    child = subprocess.Popen(
        [sys.executable, HERE / "dying_server.py", folder, port_file, place, when],
        env=os.environ | {"PYTHONPATH": str(HERE.parent)},
    )
    try:
        while not port_file.exists():
            assert child.poll() is None
            time.sleep(0.02)
        outcome = deliver(home, account, f"http://127.0.0.1:{int(port_file.read_text('utf-8'))}")
        assert child.wait(10) == 137
    finally:
        child.kill()
        child.wait()
    assert outcome.error is not None
    assert outcome.error.exit_code is ExitCode.NO_ANSWER

    with running(folder) as warehouse:
        warehouse.intake.resume()
        outcome = deliver(home, account, warehouse.url)
        assert (outcome.error, outcome.entry.state) == (None, "landed")
        assert len(outcome.receipts) == 2
        assert len(warehouse.rows("SELECT * FROM receipts")) == 2
        assert len(warehouse.rows("SELECT * FROM facts")) == 1
        assert upkeep.check(warehouse.store) == []


@pytest.mark.parametrize("at", ["_copy", "_copy_private"])
def test_a_backup_that_was_killed_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "sao"
    with opened(tmp_path / "kho") as store:
        with monkeypatch.context() as patched:
            patched.setattr(upkeep, at, killed)
            with pytest.raises(KeyboardInterrupt):
                upkeep.backup(store, target)
        assert not (target / "kho.sqlite").exists()
        (target / f"{upkeep.UNFINISHED}-journal").write_bytes(b"")
        upkeep.backup(store, target)
        with pytest.raises(IocslError) as refused:
            upkeep.backup(store, target)
        assert refused.value.code == "backup-exists"
    assert not list(target.glob(".*"))
    if os.name == "posix":
        assert (target / "kho.sqlite").stat().st_mode & 0o077 == 0
    with opened(target) as copy:
        assert upkeep.check(copy) == []


def test_what_is_not_a_backups_own_stays(tmp_path: Path) -> None:
    target = tmp_path / "sao"
    target.mkdir()
    for name in (upkeep.UNFINISHED, "ghi-chu.txt"):
        (target / name).write_bytes(b"x")
    with opened(tmp_path / "kho") as store, pytest.raises(IocslError) as refused:
        upkeep.backup(store, target)
    assert refused.value.code == "backup-exists"
    assert [path.name for path in target.iterdir()] == ["ghi-chu.txt"]
