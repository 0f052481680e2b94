"""`submit`, `status` and `warehouse` on real bundles, as a user types them."""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from pydantic import TypeAdapter

from iocsl import cli, clock, validate
from iocsl.catalog import Catalogue
from iocsl.console.shapes import DOCUMENTS
from iocsl.domain import VIETNAM
from iocsl.files import sha256_of
from iocsl.ledger import receipts
from iocsl.ledger.chain import Chain
from iocsl.transport.client import Direct
from iocsl.transport.outbox import Outbox
from iocsl.transport.screening import screen
from iocsl.warehouse.judge import CatalogueJudge
from iocsl.warehouse.store import Store
from real_bundles import Desk, workbook
from warehouse_parts import Running, running

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line; its exit code, and the JSON or the text that it printed.

    What `submit` and `status` print as JSON is held to the published shape each time.
    """

    def once(*words: str | Path, text: bool = False) -> tuple[int, Any]:
        given = [str(word) for word in words]
        capsys.readouterr()
        code = cli.main(given if text else [*given, "--format", "json"])
        out, err = capsys.readouterr()
        if text:
            return code, out + err
        document = json.loads(out)
        shape = DOCUMENTS.get(given[0])
        if shape is not None and "--connect" not in given and "error" not in document:
            TypeAdapter(shape).validate_python(document, strict=True)
        return code, document

    return once


@pytest.fixture
def desk(home: Path, catalogue: Catalogue) -> Desk:
    return Desk(home)


@contextlib.contextmanager
def served(tmp_path: Path, desk: Desk, port: int = 0) -> Iterator[Running]:
    """A test warehouse that judges for real and knows the desk's three persons."""
    store = tmp_path / "kho"
    made = Store.open(store) if store.exists() else Store.create(store, test=True)
    judge = CatalogueJudge(made)
    made.close()
    desk.hand_over(store)
    with running(store, judge, port=port) as found:
        yield found


@pytest.fixture
def warehouse(tmp_path: Path, desk: Desk) -> Iterator[Running]:
    with served(tmp_path, desk) as found:
        yield found


@pytest.fixture(autouse=True)
def _one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOCSL_WAREHOUSE_TRIES", "1")


def goi(desk: Desk, tmp_path: Path, period: str = "2026-10") -> Path:
    file = workbook(tmp_path / "so-lieu", period)
    return desk.bundle(file, tmp_path / f"goi-{desk.home.name}-{period}.asice")


def test_a_real_bundle_from_the_desk_to_two_receipts(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run
) -> None:
    account = warehouse.account(desk.home)
    path = goi(desk, tmp_path)
    before = path.read_bytes()
    code, planned = run("submit", path, "--dry-run")
    assert (code, planned[0]["state"], planned[0]["receipts"]) == (0, "pending", [])
    assert warehouse.rows("SELECT * FROM submissions") == []

    code, (sent,) = run("submit", path)
    assert (code, sent["bundle"], sent["state"], sent["error"]) == (0, str(path), "landed", None)
    first, second = (receipts.read(jws, account.keys) for jws in sent["receipts"])
    assert second.prev == first.digest
    for receipt in (first, second):
        payload = receipt.jws.split(".")[1]
        words = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        TypeAdapter(DOCUMENTS["receipt"]).validate_python(words, strict=True)
    assert all(each["severity"] != "error" for each in second.findings)
    assert path.read_bytes() == before
    landed = warehouse.rows("SELECT row, record FROM current_facts ORDER BY row")
    assert [row["row"] for row in landed] == [2, 3, 4]
    assert json.loads(landed[0]["record"]) == {
        "ma_chi_tieu": "KDL-M-016.001",
        "ky_bao_cao": "2026-10",
        "gia_tri": 12501.0,
    }
    assert run("submit", path) == (0, [sent])
    assert run("submit", "--all") == (0, [])
    assert len(warehouse.rows("SELECT * FROM receipts")) == 2

    code, status = run("status", "--at", "2026-11-22T08:00")
    assert code == 0
    assert set(status) == {"outbox", "obligations"}
    assert status["outbox"][0] == {
        "identity": sent["identity"],
        "unit": "CQ-TC",
        "dataset": "KDL-M-016",
        "period": "2026-10",
        "sequence": 1,
        "state": "landed",
        "attempts": 1,
        "last_error": None,
    }
    marks = {(row["id"], row["dataset"]): row for row in status["obligations"]}
    assert marks["1134.month/2026-10", "KDL-M-016"]["accepted_at"] is not None
    assert marks["1134.month/2026-11", "KDL-M-016"]["mark"] == "not_due"


def test_the_same_data_signed_in_two_homes_are_accepted_once(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run
) -> None:
    other = Desk(tmp_path / "nha-2", desk.keys)
    paths = [goi(each, tmp_path) for each in (desk, other)]
    assert paths[0].read_bytes() != paths[1].read_bytes()
    warehouse.account(desk.home)
    warehouse.account(other.home)
    code, (first,) = run("submit", paths[0])
    assert code == 0
    code, (second,) = run("submit", paths[1], "--home", other.home)
    assert code == 0
    assert second["identity"] == first["identity"]
    assert second["receipts"] == first["receipts"]
    assert len(warehouse.rows("SELECT * FROM acceptances")) == 1


@pytest.fixture
def dated(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The machine's clock stands in November 2026; `--at` moves a test warehouse's alone."""
    moment = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
    monkeypatch.setattr(clock, "record_now", lambda: moment)
    return moment


@pytest.mark.usefixtures("dated")
def test_down_then_up_again(tmp_path: Path, desk: Desk, run: Run) -> None:
    with served(tmp_path, desk) as up:
        account = up.account(desk.home)
    path = goi(desk, tmp_path, "2026-12")
    code, (kept,) = run("submit", path)
    assert (code, kept["state"], kept["error"]["exit_code"]) == (5, "pending", 5)
    code, text = run("submit", "--all", text=True)
    assert code == 5
    assert "bằng chứng" in text
    (proof,) = Chain.open(desk.home / "ledger.sqlite").entries("submit.attempt")
    assert (mark_of(run)["mark"], mark_of(run)["proof"]) == ("not_due", proof.hash)
    port = int(account.url.rpartition(":")[2])
    with served(tmp_path, desk, port):
        code, (sent,) = run("submit", "--all", "--at", "2026-12-26T08:00")
    assert (code, sent["state"], len(sent["receipts"])) == (0, "landed", 2)
    row = mark_of(run)
    assert (row["mark"], row["proof"]) == ("late_outage", proof.hash)
    assert row["accepted_at"] == "2026-12-26T08:00:00+07:00"


@pytest.mark.usefixtures("dated")
@pytest.mark.parametrize(
    ("announced", "accepted", "mark"),
    [
        ("2026-12-25T16:59:59", "2026-12-25T16:59:59", "on_time"),
        ("2026-12-25T16:59:59", "2026-12-25T17:00:00", "late_link"),
        ("2026-12-25T17:00:00", "2026-12-26T08:00:00", "late"),
    ],
)
def test_the_warehouses_clock_decides(
    tmp_path: Path, desk: Desk, run: Run, *, announced: str, accepted: str, mark: str
) -> None:
    with served(tmp_path, desk) as up:
        account = up.account(desk.home)
        path = goi(desk, tmp_path, "2026-12")
        clock.set_now(clock.parse_moment(announced))
        with Direct(account, timeout=5, tries=1) as link:
            link.announce(screen(path, desk.home, ""), sha256_of(path), path.stat().st_size)
        assert run("submit", path, "--at", accepted)[0] == 0
    row = mark_of(run)
    assert row["mark"] == mark
    assert row["accepted_at"] == f"{accepted}+07:00"
    assert row["announced_at"] == f"{announced}+07:00"


def mark_of(run: Run) -> dict[str, Any]:
    """What `status` says of the demo's dataset for December, looked at in that month."""
    rows = run("status", "--at", "2026-12-24T08:00")[1]["obligations"]
    found: dict[str, Any] = next(
        row for row in rows if (row["id"], row["dataset"]) == ("1134.month/2026-12", "KDL-M-016")
    )
    return found


def test_what_is_not_fully_approved_or_was_changed_stays_home(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run
) -> None:
    warehouse.account(desk.home)
    file = workbook(tmp_path / "so-lieu", "2026-10")
    two = desk.bundle(file, tmp_path / "hai-chu-ky.asice", steps=2)
    good = goi(desk, tmp_path, "2026-09")
    bad = tmp_path / "sua.asice"
    data = bytearray(good.read_bytes())
    data[len(data) // 3] ^= 1
    bad.write_bytes(data)
    code, results = run("submit", two, bad, good)
    assert code == 4
    assert [each["state"] for each in results] == [None, None, "landed"]
    assert [each["error"]["exit_code"] for each in results[:2]] == [4, 4]
    assert [entry.slip.period for entry in Outbox(desk.home).entries()] == ["2026-09"]
    assert list((desk.home / "hang-cho").iterdir()) == []
    assert len(warehouse.rows("SELECT * FROM submissions")) == 1


def test_the_warehouse_believes_its_own_register_only(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run
) -> None:
    warehouse.account(desk.home)
    (warehouse.store.folder / "signers.yaml").unlink()
    path = goi(desk, tmp_path)
    code, (sent,) = run("submit", path)
    assert (code, sent["state"]) == (6, "refused")
    assert sent["error"]["code"] == "bundle-invalid"
    assert "B801" in sent["error"]["hint"]
    desk.hand_over(warehouse.store.folder)
    code, (sent,) = run("submit", path)
    assert (code, sent["state"]) == (0, "landed")


def test_an_official_warehouse_takes_no_test_keys(tmp_path: Path, desk: Desk, run: Run) -> None:
    store = Store.create(tmp_path / "kho", test=False)
    judge = CatalogueJudge(store)
    store.close()
    desk.hand_over(tmp_path / "kho")
    with running(tmp_path / "kho", judge) as official:
        official.account(desk.home)
        code, (sent,) = run("submit", goi(desk, tmp_path))
    assert (code, sent["state"]) == (6, "refused")
    assert "B607" in sent["error"]["hint"]


def test_a_bundle_of_another_unit_is_not_queued(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run
) -> None:
    warehouse.account(desk.home, "CQ-KHCN")
    code, (sent,) = run("submit", goi(desk, tmp_path))
    assert (code, sent["error"]["code"]) == (3, "other-unit")
    assert Outbox(desk.home).entries() == []


def test_data_that_fail_the_warehouses_rules_need_work(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.account(desk.home)
    path = goi(desk, tmp_path)
    real = validate.check

    def stricter(file: Path, catalogue: Catalogue, **said: Any) -> Any:
        # The rules have grown since the unit checked its file.
        return real(file, catalogue, **said | {"period": "2026-09"})

    monkeypatch.setattr("iocsl.validate.between_files.check", stricter)
    code, (sent,) = run("submit", path)
    assert (code, sent["state"], sent["error"]) == (1, "needs_work", None)
    account = Running.account(warehouse, tmp_path / "khac")
    last = receipts.read(sent["receipts"][-1], account.keys)
    assert last.kind == "needs_work"
    assert any(each["severity"] == "error" for each in last.findings)
    assert warehouse.rows("SELECT * FROM facts") == []
    monkeypatch.undo()


def test_csv_is_landed_and_attachments_are_not(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run
) -> None:
    warehouse.account(desk.home)
    data = tmp_path / "KDL-M-016_2026-10.csv"
    data.write_text(
        "ma_chi_tieu;ky_bao_cao;gia_tri\nKDL-M-016.001;2026-10;1.234,5\n", encoding="utf-8"
    )
    beside = workbook(tmp_path / "kem", "2026-09").rename(tmp_path / "thuyet-minh.xlsx")
    path = desk.bundle(data, tmp_path / "goi.asice", attachments=(beside,))
    assert run("submit", path)[1][0]["state"] == "landed"
    (row,) = warehouse.rows("SELECT file, row, record FROM facts")
    assert (row["file"], row["row"]) == (data.name, 2)
    assert json.loads(row["record"])["gia_tri"] == 1234.5


def test_usage(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("submit")[1]["error"]["code"] == "nothing-to-submit"
    assert run("submit", tmp_path)[0] == 2
    assert run("submit", tmp_path / "khong-co.asice")[0] == 2
    code, refusal = run("submit", "--all")
    assert (code, refusal["error"]["code"]) == (3, "not-connected")
    assert run("submit", "--connect", tmp_path / "khong-co.json")[0] == 2


def test_two_runs_at_once_do_not_send_twice(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iocsl.commands import submit

    monkeypatch.setattr(submit, "LOCK_SECONDS", 0.0)
    warehouse.account(desk.home)
    path = goi(desk, tmp_path)
    with FileLock(Outbox(desk.home).lock_path):
        code, (sent,) = run("submit", path)
        assert (code, sent["state"], sent["error"]["code"]) == (5, "pending", "outbox-busy")
        assert run("submit", "--all") == (0, [])
    assert run("submit", "--all")[1][0]["state"] == "landed"


def test_a_full_disk_leaves_no_half_entry(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import os

    warehouse.account(desk.home)
    path = goi(desk, tmp_path)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("iocsl.transport.outbox.os.fsync", full)
        code, refusal = run("submit", path)
    assert (code, refusal["error"]["code"]) == (3, "disk-full")
    assert Outbox(desk.home).entries() == []
    assert list((desk.home / "hang-cho").iterdir()) == []
    assert run("submit", path)[1][0]["state"] == "landed"


def test_setting_up_a_warehouse(run: Run, tmp_path: Path, catalogue: Catalogue) -> None:
    store = tmp_path / "kho"
    code, made = run("warehouse", "init", "--store", store, "--test")
    assert (code, made["test"]) == (0, True)
    assert run("warehouse", "init", "--store", store)[1]["error"]["code"] == "store-exists"
    file = tmp_path / "tk.json"
    add = ("warehouse", "accounts", "add", "cq-tc", "--store", store, "-o", file)
    code, account = run(*add)
    assert (code, account["unit"], account["url"]) == (0, "CQ-TC", "http://127.0.0.1:8470")
    assert "secret" not in account
    assert run(*add)[1]["error"]["code"] == "file-exists"
    assert run("warehouse", "keys", "--store", store)[1]["keys"][0]["kid"] == made["kid"]
    (listed,) = run("warehouse", "accounts", "list", "--store", store)[1]
    assert listed["locked_at"] is None
    assert run("warehouse", "accounts", "lock", listed["client_id"], "--store", store)[0] == 0
    (listed,) = run("warehouse", "accounts", "list", "--store", store)[1]
    assert listed["locked_at"] is not None
    assert run("warehouse", "accounts", "lock", "ai", "--store", store)[0] == 2
    assert run("warehouse", "check", "--store", store) == (0, [])
    assert run("submit", "--connect", file)[1]["unit"] == "CQ-TC"


def test_a_real_warehouse_wants_an_address_with_tls(
    run: Run, tmp_path: Path, catalogue: Catalogue
) -> None:
    store = tmp_path / "kho"
    run("warehouse", "init", "--store", store)
    add = ("warehouse", "accounts", "add", "CQ-TC", "--store", store, "-o", tmp_path / "tk.json")
    assert run(*add)[1]["error"]["code"] == "no-url"
    assert run(*add, "--url", "http://kho.vn")[1]["error"]["code"] == "insecure-address"
    assert run(*add, "--url", "https://kho.vn")[0] == 0


def test_the_clock_of_a_real_warehouse_is_not_held(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "kho"
    run("warehouse", "init", "--store", store)
    serve = ("warehouse", "serve", "--store", store)
    held = "2026-11-22T08:00+07:00"
    assert run(*serve, "--at", held)[1]["error"]["code"] == "held-clock"
    monkeypatch.setenv("IOCSL_NOW", held)
    assert run(*serve)[0] == 3
    assert run("warehouse", "serve", "--store", tmp_path / "khac")[1]["error"]["code"] == "no-store"


def test_without_the_extra_serve_says_what_to_install(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    code, refusal = run("warehouse", "serve", "--store", tmp_path)
    assert (code, refusal["error"]["code"]) == (3, "missing-extra")


@contextlib.contextmanager
def process(store: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`warehouse serve` as a process of its own, and its port."""
    port_file = tmp_path / "cong.txt"
    port_file.unlink(missing_ok=True)
    words = ("warehouse", "serve", "--store", store, "--port", "0", "--port-file", port_file)
    child = subprocess.Popen([sys.executable, "-m", "iocsl", *words], stderr=subprocess.PIPE)
    try:
        while not port_file.exists():
            assert child.poll() is None
            time.sleep(0.02)
        yield child, int(port_file.read_text("utf-8"))
    finally:
        child.kill()
        _, said = child.communicate()
        assert b"Traceback" not in said


def test_a_warehouse_of_its_own_process_killed_and_started_again(
    tmp_path: Path, desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "kho"
    run("warehouse", "init", "--store", store, "--test")
    desk.hand_over(store)
    account = tmp_path / "tk.json"
    run("warehouse", "accounts", "add", "CQ-TC", "--store", store, "-o", account)
    run("submit", "--connect", account)
    path = goi(desk, tmp_path)
    with process(store, tmp_path) as (_, port):
        monkeypatch.setenv("IOCSL_WAREHOUSE_URL", f"http://127.0.0.1:{port}")
        other = ("warehouse", "serve", "--store", store, "--port", "0")
        assert run(*other)[1]["error"]["code"] == "store-in-use"
        code, (sent,) = run("submit", path)
        assert (code, sent["state"]) == (0, "landed")
        monkeypatch.setenv("IOCSL_HOME", str(tmp_path / "khac"))
        run("warehouse", "init", "--test")
        taken = run("warehouse", "serve", "--port", port)
        assert (taken[0], taken[1]["error"]["code"]) == (3, "no-address")
        monkeypatch.setenv("IOCSL_HOME", str(desk.home))
    with process(store, tmp_path) as (child, port):
        monkeypatch.setenv("IOCSL_WAREHOUSE_URL", f"http://127.0.0.1:{port}")
        assert run("submit", path) == (0, [sent])
        child.terminate()
        child.wait(20)
    assert run("warehouse", "check", "--store", store) == (0, [])


def test_check_export_backup_and_restore(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run
) -> None:
    warehouse.account(desk.home)
    run("submit", goi(desk, tmp_path))
    store = warehouse.store.folder
    assert run("warehouse", "check", "--store", store) == (0, [])
    (unit,) = run("warehouse", "units", "--store", store)[1]
    assert (unit["unit"], unit["landed"]) == ("CQ-TC", 1)
    (row,) = run("warehouse", "report", "--store", store)[1]
    assert (row["state"], row["rows"]) == ("landed", 3)
    out = tmp_path / "xuat.jsonl"
    assert run("warehouse", "export", "--store", store, "-o", out, text=True)[0] == 0
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line["record"]["gia_tri"] for line in lines] == [12501.0, 12502.0, 12503.0]
    assert run("warehouse", "export", "--store", store) == (0, lines)
    assert run("warehouse", "export", "--store", store, "--period", "1999") == (0, [])
    assert run("warehouse", "export", "--store", store, "--dataset", "kdl-m-016") == (0, lines)
    for option, word, code in (("--dataset", "KDL-M-999", 3), ("--period", "2026-13", 2)):
        assert run("warehouse", "export", "--store", store, option, word)[0] == code

    copy, again = tmp_path / "sao-luu", tmp_path / "kho-2"
    assert run("warehouse", "backup", copy, "--store", store)[0] == 0
    assert run("warehouse", "backup", copy, "--store", store)[0] == 2
    assert run("warehouse", "restore", copy, "--store", again) == (0, [])
    assert run("warehouse", "report", "--store", again)[1] == [row]

    (blob,) = (path for path in (again / "tep").rglob("*") if path.is_file())
    blob.write_bytes(b"khac")
    with sqlite3.connect(again / "kho.sqlite") as connection:
        connection.execute("DROP TRIGGER receipts_keep")
        connection.execute("UPDATE receipts SET jws = replace(jws, '.e', '.f') WHERE seq = 2")
    connection.close()
    code, faults = run("warehouse", "check", "--store", again)
    assert code == 4
    assert {fault["code"] for fault in faults} == {"receipt-altered", "file-altered"}
    blob.unlink()
    with sqlite3.connect(again / "kho.sqlite") as connection:
        connection.execute("DROP TRIGGER receipts_stay")
        connection.execute("DELETE FROM receipts WHERE seq = 1")
    connection.close()
    found = {fault["code"] for fault in run("warehouse", "check", "--store", again)[1]}
    assert {"receipt-missing", "acceptance-without-receipt", "file-missing"} <= found


def test_screens_in_both_languages(
    warehouse: Running, desk: Desk, tmp_path: Path, run: Run
) -> None:
    warehouse.account(desk.home)
    path = goi(desk, tmp_path)
    assert "đã vào kho" in run("submit", path, text=True)[1]
    english = run("submit", path, "--lang", "en", text=True)[1]
    assert "Receipt 2: landed" in english
    assert "TEST" in english
    assert "Thời hạn" in run("status", text=True)[1]
    assert "Due before" in run("status", "--lang", "en", text=True)[1]
    store = ("--store", warehouse.store.folder)
    for words in (("units",), ("report",), ("keys",), ("check",), ("accounts", "list")):
        code, text = run("warehouse", *words, *store, text=True)
        assert code == 0
        assert text.strip()
