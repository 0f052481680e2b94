"""Personal data from the desk to the warehouse: encrypted on the way, and nowhere in clear."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem

from iocsl import cli
from iocsl.bundle import encryption_keys
from iocsl.bundle.encryption import encrypt, is_encrypted
from iocsl.bundle.refusals import RefusedError
from iocsl.catalog import Catalogue
from iocsl.domain import ExitCode
from iocsl.files import sha256_of
from iocsl.transport import account as accounts
from iocsl.transport.account import Account
from iocsl.transport.client import Direct
from iocsl.transport.link import RefusedError as SendRefusedError
from iocsl.transport.outbox import Outbox
from iocsl.transport.screening import screen
from iocsl.warehouse import upkeep
from iocsl.warehouse.judge import CatalogueJudge
from iocsl.warehouse.store import Store
from real_bundles import Desk
from warehouse_parts import Running, running

UNIT, DATASET, PERIOD = "CQ-TP", "KDL-D-003", "2026-11-21"
CITIZEN, PERSON = "014226000123", "Lò Thị Ái Vân"
CSV = (
    "so_dang_ky,ngay_dang_ky,noi_dang_ky,dia_ban,ho_ten,gioi_tinh,ngay_sinh,so_dinh_danh\r\n"
    f"01/2026,20/11/2026,UBND phường Tô Hiệu,03646,{PERSON},Nữ,01/11/2026,{CITIZEN}\r\n"
)


@pytest.fixture
def desk(home: Path, catalogue: Catalogue) -> Desk:
    return Desk(home, unit=UNIT)


@pytest.fixture
def warehouse(tmp_path: Path, desk: Desk) -> Iterator[Running]:
    store = tmp_path / "kho"
    made = Store.create(store, test=True)
    judge = CatalogueJudge(made)
    made.close()
    desk.hand_over(store)
    with running(store, judge) as found:
        yield found


@pytest.fixture
def bundle(desk: Desk, tmp_path: Path) -> Path:
    file = tmp_path / "so-lieu" / f"{DATASET}_{PERIOD}.csv"
    file.parent.mkdir()
    file.write_text(CSV, "utf-8")
    return desk.bundle(file, tmp_path / "goi.asice")


def submit(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, Any]:
    capsys.readouterr()
    code = cli.main(["submit", *map(str, words), "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def holding(folder: Path, *values: str) -> list[Path]:
    """The files under a folder in which one of the values stands in clear."""
    raw = [value.encode() for value in values]
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(value in path.read_bytes() for value in raw)
    ]


def test_it_is_encrypted_on_the_way_and_lands(
    warehouse: Running,
    desk: Desk,
    bundle: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    warehouse.account(desk.home, UNIT)
    code, (sent,) = submit(capsys, bundle)
    assert (code, sent["state"], sent["error"]) == (0, "landed", None)
    (row,) = warehouse.rows("SELECT record FROM current_facts")
    assert json.loads(row["record"])["so_dinh_danh"] == CITIZEN

    (container,) = (each for each in (warehouse.store.folder / "tep").rglob("*") if each.is_file())
    assert is_encrypted(container)
    opener = encryption_keys.own(desk.home)
    assert opener is not None
    with encryption_keys.opened(container, desk.home) as plain:
        assert plain.read_bytes() == bundle.read_bytes(), "the unit opens its own"
    assert upkeep.check(warehouse.store) == []

    # In clear: the file, the bundle, and the rows that landed. Nowhere else, and said nowhere.
    assert holding(desk.home, CITIZEN, PERSON) == []
    clear = holding(warehouse.store.folder, CITIZEN, PERSON)
    assert {path.name.partition("-")[0] for path in clear} == {"kho.sqlite"}
    with sqlite3.connect(warehouse.store.folder / "kho.sqlite") as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        for table in set(tables) & {"checks", "receipts", "containers", "submissions"}:
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - ours
            assert CITIZEN not in str(rows)
            assert PERSON not in str(rows)
    connection.close()
    for command in (["audit", "show"], ["status"], ["bundle", "show", str(bundle)]):
        assert cli.main(command) == 0
    said = capsys.readouterr()
    for value in (CITIZEN, PERSON):
        assert value not in said.out + said.err + caplog.text


def test_a_second_run_a_lost_outbox_and_a_copy_made_by_hand_are_one_submission(
    warehouse: Running,
    desk: Desk,
    bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    warehouse.account(desk.home, UNIT)
    _, (first,) = submit(capsys, bundle)
    (desk.home / "outbox.sqlite").unlink()
    _, (second,) = submit(capsys, bundle)
    assert cli.main(["bundle", "encrypt", str(bundle)]) == 0
    _, (third,) = submit(capsys, tmp_path / "goi.asice.p7m")
    assert first["receipts"] == second["receipts"] == third["receipts"]
    assert len(warehouse.rows("SELECT * FROM acceptances")) == 1


def test_a_run_that_was_cut_off_sends_the_same_bytes_again(
    warehouse: Running,
    desk: Desk,
    bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    warehouse.account(desk.home, UNIT)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Direct, "upload", cut)
        assert cli.main(["submit", str(bundle)]) == 130
    (waiting,) = Outbox(desk.home).entries(waiting=True)
    copy = Outbox(desk.home).bytes_of(waiting)
    assert is_encrypted(copy)
    assert list(copy.parent.iterdir()) == [copy], "nothing in clear is left in the queue"
    code, (sent,) = submit(capsys, bundle)
    assert (code, sent["state"]) == (0, "landed")
    (container,) = warehouse.rows("SELECT sha256 FROM containers")
    assert container["sha256"] == waiting.sha256


def test_without_a_certificate_nothing_leaves(
    warehouse: Running, desk: Desk, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse.account(desk.home, UNIT)
    path = desk.home / accounts.FILE
    document = json.loads(path.read_text("utf-8"))
    document["keys"]["keys"] = [key for key in document["keys"]["keys"] if key["use"] == "sig"]
    path.write_text(json.dumps(document), "utf-8")
    for words in ([bundle], [bundle, "--dry-run"]):
        code, (sent,) = submit(capsys, *words)
        assert code == int(ExitCode.GATE)
        assert sent["error"]["code"] == "personal-data-in-clear"
    assert warehouse.rows("SELECT * FROM submissions") == []
    assert not any((desk.home / "hang-cho").iterdir())


def test_what_is_encrypted_to_others_is_not_sent(
    warehouse: Running,
    desk: Desk,
    bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    warehouse.account(desk.home, UNIT)
    own = encryption_keys.make(desk.home, UNIT)
    path = tmp_path / "chi-minh.p7m"
    encrypt(bundle, path, [own.certificate])
    code, (sent,) = submit(capsys, path)
    assert code == int(ExitCode.INTEGRITY)
    assert sent["error"]["code"] == "encrypted-for-another"


def in_clear(account: Account, bundle: Path, desk: Desk) -> str:
    """Send a bundle as a sender would that does not encrypt; the warehouse's answer."""
    slip = screen(bundle, desk.home, bundle.name)
    sha256 = sha256_of(bundle)
    with Direct(account, timeout=10, tries=1) as link:
        standing = link.announce(slip, sha256, bundle.stat().st_size)
        with pytest.raises(SendRefusedError) as refused:
            link.upload(slip.identity(), bundle, sha256, standing.offset or 0)
    assert refused.value.final
    return refused.value.code


def test_the_warehouse_takes_no_personal_data_in_clear(
    warehouse: Running, desk: Desk, bundle: Path
) -> None:
    account = warehouse.account(desk.home, UNIT)
    assert in_clear(account, bundle, desk) == "personal-data-in-clear"
    assert holding(warehouse.store.folder, PERSON) == []


def test_nor_does_it_land_them(warehouse: Running, desk: Desk, bundle: Path) -> None:
    """Were such bytes to get past the door, the verdict still refuses them."""
    verified = warehouse.intake.judge.verify(bundle)
    assert [each.code for each in verified.refusals] == ["B912"]


@pytest.mark.parametrize("cut", [0, 1000])
def test_a_changed_envelope_is_refused_and_can_be_sent_again(
    *,
    cut: int,
    warehouse: Running,
    desk: Desk,
    bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = warehouse.account(desk.home, UNIT)
    assert account.encryption is not None
    bad = tmp_path / "hong.p7m"
    encrypt(bundle, bad, [account.encryption])
    raw = bytearray(bad.read_bytes())
    raw[-20] ^= 1
    bad.write_bytes(raw[: len(raw) - cut])
    slip = screen(bundle, desk.home, bundle.name)
    with Direct(account, timeout=10, tries=1) as link:
        sha256 = sha256_of(bad)
        link.announce(slip, sha256, bad.stat().st_size)
        link.upload(slip.identity(), bad, sha256, 0)
        with pytest.raises(SendRefusedError) as refused:
            link.commit(slip.identity(), sha256)
    assert refused.value.code == "bundle-invalid"
    opened = warehouse.store.folder / encryption_keys.OPENED
    assert not opened.is_dir() or list(opened.iterdir()) == []
    assert [*upkeep.check(warehouse.store)] == []
    code, (sent,) = submit(capsys, bundle)
    assert (code, sent["state"]) == (0, "landed")


def test_what_is_encrypted_to_others_is_refused_and_troubles_nobody_later(
    warehouse: Running, desk: Desk, bundle: Path, tmp_path: Path
) -> None:
    account = warehouse.account(desk.home, UNIT)
    other = encryption_keys.make(tmp_path / "khac", "KHÁC")
    closed = tmp_path / "khac.p7m"
    encrypt(bundle, closed, [other.certificate])
    slip = screen(bundle, desk.home, bundle.name)
    with Direct(account, timeout=10, tries=1) as link:
        sha256 = sha256_of(closed)
        link.announce(slip, sha256, closed.stat().st_size)
        link.upload(slip.identity(), closed, sha256, 0)
        with pytest.raises(SendRefusedError):
            link.commit(slip.identity(), sha256)
    assert [*upkeep.check(warehouse.store)] == []


def test_a_backup_opens_what_it_holds(
    warehouse: Running,
    desk: Desk,
    bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    warehouse.account(desk.home, UNIT)
    submit(capsys, bundle)
    upkeep.backup(warehouse.store, tmp_path / "sao")
    copy = next(each for each in (tmp_path / "sao" / "tep").rglob("*") if each.is_file())
    with encryption_keys.opened(copy, tmp_path / "sao") as plain:
        assert plain.read_bytes() == bundle.read_bytes()


def test_a_lost_key_is_told(
    warehouse: Running, desk: Desk, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse.account(desk.home, UNIT)
    submit(capsys, bundle)
    encryption_keys.make(warehouse.store.folder, "Kho")
    with Store.open(warehouse.store.folder) as again:
        assert [fault.code for fault in upkeep.check(again)] == ["file-closed"]


def test_the_units_own_certificate_by_setting(
    warehouse: Running,
    desk: Desk,
    bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = encryption_keys.make(tmp_path / "khoa-don-vi", UNIT)
    certificate = tmp_path / "don-vi.pem"
    certificate.write_bytes(pem.armor("CERTIFICATE", other.certificate.dump()))
    monkeypatch.setenv("IOCSL_ENCRYPTION_CERTIFICATE", str(certificate))
    warehouse.account(desk.home, UNIT)
    assert cli.main(["bundle", "encrypt", str(bundle)]) == 0
    path = tmp_path / "goi.asice.p7m"
    assert encryption_keys.own(desk.home) is None
    with encryption_keys.opened(path, tmp_path / "khoa-don-vi") as plain:
        assert plain.read_bytes() == bundle.read_bytes()
    with pytest.raises(RefusedError), encryption_keys.opened(path, desk.home):
        pass
