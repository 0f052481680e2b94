"""The outbox alone: bytes before entries, one entry an identity, nothing lost."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from iocsl.errors import IocslError
from iocsl.transport.outbox import Entry, Outbox
from warehouse_parts import container_of, slip_of


@pytest.fixture
def outbox(home: Path) -> Outbox:
    return Outbox(home)


def put(outbox: Outbox, tmp_path: Path, data: bytes = b"goi") -> Entry:
    path = tmp_path / "goi.asice"
    path.write_bytes(data)
    return outbox.add(slip_of(), outbox.stage(path), str(path))


def test_an_empty_outbox_makes_no_file(outbox: Outbox) -> None:
    assert outbox.entries() == []
    assert not outbox.path.exists()


def test_bytes_are_kept_though_the_original_goes(outbox: Outbox, tmp_path: Path) -> None:
    entry = put(outbox, tmp_path, b"noi dung")
    (tmp_path / "goi.asice").unlink()
    assert outbox.bytes_of(entry).read_bytes() == b"noi dung"
    assert outbox.entries(waiting=True) == [entry]
    assert entry.document()["state"] == "pending"


def test_the_same_identity_twice_is_one_entry(outbox: Outbox, tmp_path: Path) -> None:
    first = put(outbox, tmp_path, container_of(slip_of(), by="mot"))
    second = put(outbox, tmp_path, container_of(slip_of(), by="hai"))
    assert second == first
    outbox.move(first.identity, "received")
    assert put(outbox, tmp_path, b"ba").state == "received"


def test_a_run_that_ends_leaves_the_copy_of_another_run(outbox: Outbox, tmp_path: Path) -> None:
    path = tmp_path / "goi.asice"
    path.write_bytes(b"goi")
    mine, other = outbox.stage(path), outbox.stage(path)
    entry = outbox.add(slip_of(), mine, "goi.asice")
    outbox.move(entry.identity, "landed")
    assert other.path.read_bytes() == b"goi"
    assert outbox.add(slip_of(), other, "goi.asice").state == "landed"
    assert list(outbox.folder.iterdir()) == []


def test_a_refused_one_gives_way_to_a_new_one(outbox: Outbox, tmp_path: Path) -> None:
    first = put(outbox, tmp_path, b"mot")
    outbox.attempt(first.identity)
    outbox.fail(first.identity, "thiếu chữ ký", refused=True)
    assert outbox.entries(waiting=True) == []
    assert outbox.entries()[0].last_error == "thiếu chữ ký"
    second = put(outbox, tmp_path, b"hai")
    assert (second.state, second.attempts, second.last_error) == ("pending", 0, None)
    assert outbox.bytes_of(second).read_bytes() == b"hai"


def test_the_last_word_frees_the_bytes(outbox: Outbox, tmp_path: Path) -> None:
    entry = put(outbox, tmp_path)
    for state in ("announced", "uploaded", "received"):
        outbox.move(entry.identity, state)
        assert outbox.bytes_of(entry).is_file()
    outbox.move(entry.identity, "landed")
    assert not outbox.bytes_of(entry).exists()
    with pytest.raises(KeyError):
        outbox.find("f" * 64)


def test_only_one_run_sends(outbox: Outbox) -> None:
    outbox.path.parent.mkdir(parents=True)
    seen: list[bool] = []

    def other() -> None:
        with Outbox(outbox.path.parent).sending(0) as mine:
            seen.append(mine)

    with outbox.sending(0) as mine:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert mine
    other()
    assert seen == [False, True]


def test_what_a_dead_run_left_is_swept_a_day_later(outbox: Outbox, tmp_path: Path) -> None:
    entry = put(outbox, tmp_path)
    orphan, young = outbox.folder / "mo-coi.part", outbox.folder / "moi.part"
    for path in (orphan, young):
        path.write_bytes(b"x")
    old = young.stat().st_mtime - 100_000
    os.utime(orphan, (old, old))
    os.utime(outbox.bytes_of(entry), (old, old))
    with outbox.sending(0) as mine:
        assert mine
    assert sorted(path.name for path in outbox.folder.iterdir()) == sorted(
        [young.name, outbox.bytes_of(entry).name]
    )


def test_a_damaged_outbox_is_told_and_left_alone(outbox: Outbox, tmp_path: Path) -> None:
    outbox.path.parent.mkdir(parents=True)
    outbox.path.write_bytes(b"khong phai sqlite" * 100)
    with pytest.raises(IocslError) as caught:
        put(outbox, tmp_path)
    assert caught.value.code == "record-unreadable"
    assert outbox.path.read_bytes().startswith(b"khong phai")
