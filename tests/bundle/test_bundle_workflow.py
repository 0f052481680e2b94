"""The acts of the three people on real files; what a crash or a full disk leaves."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from bundle_forge import CSV, DATASET, PERIOD, UNIT, Forge, World, appointment, people, rsa_key
from iocsl.bundle import container, drafts, finishing, workflow
from iocsl.bundle.container import open_bundle
from iocsl.bundle.drafts import Draft, Request
from iocsl.bundle.identity import FileEntry, Slip
from iocsl.bundle.verify import verify
from iocsl.bundle.witness import verify_ledger
from iocsl.errors import IocslError
from iocsl.files import sha256_of
from iocsl.ledger.chain import Chain


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


def draft_of(folder: Path, content: bytes = CSV, name: str = "KDL-M-016_2026-10.csv") -> Draft:
    """What `prepare` makes of one file, without the catalogue and the rules."""
    path = folder / name
    path.write_bytes(content)
    entry = FileEntry(name, len(content), hashlib.sha256(content).hexdigest())
    chain = Chain.open()
    bare = Slip(UNIT, DATASET, PERIOD, 1, None, (entry,))
    sequence, supersedes = drafts.number(chain, bare, Request((path,)))
    slip = Slip(UNIT, DATASET, PERIOD, sequence, supersedes, (entry,))
    forge = Forge(files={name: content})
    reports = forge.report_document()["reports"]
    described = forge.description_document()
    return Draft(slip, {name: path}, tuple(reports), (), (), 0, "0" * 64, described)


def approved(folder: Path, name: str = "goi.asice") -> Path:
    path = folder / name
    one, two, three = people()
    workflow.create(draft_of(folder), one.signer(), path)
    workflow.act(path, 2, two.signer())
    workflow.act(path, 3, three.signer())
    return path


def test_three_people_make_a_valid_bundle(world: World, tmp_path: Path) -> None:
    verdict = verify(approved(tmp_path), world.policy)
    assert verdict.verdict == "valid"
    assert [(step.step, step.role) for step in verdict.steps] == [
        (1, "prepared"),
        (2, "reviewed"),
        (3, "approved"),
    ]
    assert verdict.identity == draft_of(tmp_path).slip.identity()


def test_zip_is_as_good_a_name(world: World, tmp_path: Path) -> None:
    path = approved(tmp_path, "goi.zip")
    assert verify(path, world.policy).verdict == "valid"


def test_payload_comes_out_byte_for_byte(world: World, tmp_path: Path) -> None:
    with open_bundle(approved(tmp_path)) as bundle:
        (name,) = bundle.data_names
        bundle.extract(name, tmp_path / "ra.csv")
        assert bundle.slip.files == tuple(
            FileEntry(name, bundle.size(f"du-lieu/{name}"), bundle.digest(f"du-lieu/{name}"))
            for name in bundle.data_names
        )
    assert (tmp_path / "ra.csv").read_bytes() == CSV


def test_every_act_is_on_the_record(world: World, tmp_path: Path) -> None:
    path = approved(tmp_path)
    chain = Chain.open()
    entries = chain.entries()
    assert [entry.act for entry in entries] == ["bundle.create", "bundle.review", "bundle.approve"]
    assert entries[-1].subject["bundle"] == sha256_of(path)
    assert verify_ledger(world.home, chain, [path], []) == []


def test_earlier_bytes_never_change(world: World, tmp_path: Path) -> None:
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    with open_bundle(path) as bundle:
        last = bundle.members[-1]
        before = path.read_bytes()[: last.start + last.packed]
    workflow.act(path, 2, people()[1].signer())
    assert path.read_bytes().startswith(before)


def test_the_same_data_give_the_same_unsigned_bytes(tmp_path: Path) -> None:
    forge = Forge().fill()
    (tmp_path / "a").write_bytes(CSV)
    records = {name: forge.members[name] for name in container.RECORDS}
    for name in ("mot.asice", "hai.asice"):
        files = {"KDL-M-016_2026-10.csv": tmp_path / "a"}
        container.write_bundle(tmp_path / name, files, records)
    assert (tmp_path / "mot.asice").read_bytes() == (tmp_path / "hai.asice").read_bytes()


def test_a_table_of_one_value_is_not_taken_for_a_bomb(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0,0\n" * 3_000_000)
    forge = Forge().fill()
    records = {name: forge.members[name] for name in container.RECORDS}
    container.write_bundle(tmp_path / "goi.asice", {"a.csv": tmp_path / "a"}, records)
    with open_bundle(tmp_path / "goi.asice") as bundle:
        assert bundle.size("du-lieu/a.csv") == 12_000_000


@pytest.mark.parametrize("step", [2, 3])
def test_return_ends_the_bundle(world: World, tmp_path: Path, step: int) -> None:
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    if step == 3:
        workflow.act(path, 2, people()[1].signer())
    workflow.act(path, step, people()[step - 1].signer(), reason="Thiếu  số liệu")
    verdict = verify(path, world.policy)
    assert [each.code for each in verdict.refusals] == ["B807"]
    assert "Thiếu số liệu" in verdict.refusals[0].message.vi
    with pytest.raises(IocslError) as refused:
        workflow.act(path, 3, people()[2].signer())
    assert refused.value.code == "returned"


def test_the_correction_of_a_returned_bundle_supersedes_it(world: World, tmp_path: Path) -> None:
    path = tmp_path / "goi.asice"
    first = workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    assert draft_of(tmp_path).slip == first.slip  # the very same files: the same submission
    workflow.act(path, 2, people()[1].signer(), reason="Sai")
    again = draft_of(tmp_path).slip
    assert (again.sequence, again.supersedes) == (2, first.slip.identity())
    other = draft_of(tmp_path, CSV.replace(b"12", b"13")).slip
    assert (other.sequence, other.supersedes) == (2, first.slip.identity())


def test_a_number_is_given_once(world: World, tmp_path: Path) -> None:
    one = people()[0].signer()
    first, second = draft_of(tmp_path), draft_of(tmp_path, CSV * 2, "khac.csv")
    assert first.slip.sequence == second.slip.sequence == 1
    workflow.create(first, one, tmp_path / "mot.asice")
    with pytest.raises(IocslError) as refused:
        workflow.create(second, one, tmp_path / "hai.asice")
    assert refused.value.code == "sequence-taken"
    assert not (tmp_path / "hai.asice").exists()


@pytest.mark.parametrize(
    ("step", "who", "code"),
    [(2, 2, "wrong-role"), (2, 0, "wrong-role"), (3, 2, "not-the-turn")],
)
def test_the_wrong_person_or_turn_changes_nothing(
    world: World, tmp_path: Path, step: int, who: int, code: str
) -> None:
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    before = path.read_bytes()
    with pytest.raises(IocslError) as refused:
        workflow.act(path, step, people()[who].signer())
    assert refused.value.code == code
    assert path.read_bytes() == before
    assert len(Chain.open().entries()) == 1
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == [
        "KDL-M-016_2026-10.csv",
        "goi.asice",
    ]


def test_one_person_cannot_do_two_steps(world: World, tmp_path: Path) -> None:
    one, _, _ = people()
    world.appoint(appointment(one, (1, 2)))
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), one.signer(), path)
    before = path.read_bytes()
    with pytest.raises(IocslError) as refused:
        workflow.act(path, 2, one.signer())
    assert refused.value.code == "same-person"
    assert path.read_bytes() == before


def test_a_step_is_not_signed_twice(world: World, tmp_path: Path) -> None:
    path = approved(tmp_path)
    with pytest.raises(IocslError) as refused:
        workflow.act(path, 3, people()[2].signer())
    assert refused.value.code == "not-the-turn"


def test_an_altered_bundle_is_not_signed_on(world: World, tmp_path: Path) -> None:
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b'"sequence":1', b'"sequence":7'))
    with pytest.raises(IocslError) as refused:
        workflow.act(path, 2, people()[1].signer())
    assert refused.value.exit_code == 4


def test_an_empty_reason_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(IocslError) as refused:
        workflow.act(tmp_path / "goi.asice", 2, people()[1].signer(), reason=" \u00a0 ")
    assert refused.value.code == "no-reason"


def test_an_existing_file_is_not_overwritten(world: World, tmp_path: Path) -> None:
    path = tmp_path / "goi.asice"
    path.write_bytes(b"cua ai do")
    with pytest.raises(IocslError) as refused:
        workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    assert refused.value.code == "output-exists"
    assert path.read_bytes() == b"cua ai do"


@pytest.mark.parametrize("place", ["append_members", "verify", "replace"])
def test_a_full_disk_leaves_the_bundle_as_it_was(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    before = path.read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if place == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        monkeypatch.setattr(finishing if place == "verify" else workflow, place, full)
    with pytest.raises(OSError, match="No space"):
        workflow.act(path, 2, people()[1].signer())
    monkeypatch.undo()
    monkeypatch.setenv("IOCSL_HOME", str(world.home))
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".goi*"))
    workflow.act(path, 2, people()[1].signer())
    assert Chain.open().verify() == []


def test_what_a_killed_act_left_behind_goes_with_a_later_one(world: World, tmp_path: Path) -> None:
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    left = {name: tmp_path / name for name in (".goi.asice.cu.dang-ky", ".goi.asice.moi.dang-ky")}
    others = tmp_path / ".khac.asice.cu.dang-ky"
    for each in (*left.values(), others):
        each.write_bytes(b"x")
    for each in (left[".goi.asice.cu.dang-ky"], others):
        os.utime(each, (0, 0))
    workflow.act(path, 2, people()[1].signer())
    # One of today may be of an act that is under way, another bundle's is not ours to judge.
    assert sorted(each.name for each in tmp_path.glob(".*.dang-ky")) == [
        ".goi.asice.moi.dang-ky",
        ".khac.asice.cu.dang-ky",
    ]


def test_a_file_that_changes_while_it_is_packed_is_noticed(world: World, tmp_path: Path) -> None:
    draft = draft_of(tmp_path)
    next(iter(draft.paths.values())).write_bytes(CSV * 2)
    with pytest.raises(IocslError) as refused:
        workflow.create(draft, people()[0].signer(), tmp_path / "goi.asice")
    assert refused.value.code == "files-mismatch"
    assert not (tmp_path / "goi.asice").exists()


@pytest.mark.parametrize("pss", [False, True])
def test_rsa_keys_sign_both_ways(home: Path, tmp_path: Path, pss: bool) -> None:
    from bundle_forge import authority, certify

    world = World(home)
    one = certify("THỬ NGHIỆM A", authority(), key=rsa_key())
    _, two, three = people()
    world.appoint(appointment(one, (1,)), appointment(two, (2,)), appointment(three, (3,)))
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), one.signer(pss=pss), path)
    verdict = verify(path, world.policy, steps=1)
    assert verdict.verdict == "valid"
    assert verdict.steps[0].algorithm == f"RSA-2048 {'PSS' if pss else 'PKCS#1 v1.5'} SHA-256"


def test_the_identity_has_neither_time_nor_signature() -> None:
    entry = FileEntry("a.csv", 1, "0" * 64)
    slip = Slip(UNIT, DATASET, PERIOD, 1, None, (entry,))
    text = (
        '{"dataset":"KDL-M-016","files":[{"name":"a.csv","sha256":"' + "0" * 64 + '","size":1}],'
        '"period":"2026-10","sequence":1,"supersedes":null,"unit":"CQ-TC"}'
    )
    assert slip.identity() == hashlib.sha256(text.encode()).hexdigest()
    composed, split = FileEntry("giá.csv", 1, "0" * 64), FileEntry("gia\u0301.csv", 1, "0" * 64)
    first, second = (Slip(UNIT, DATASET, PERIOD, 1, None, (each,)) for each in (composed, split))
    assert first.identity() == second.identity()


def test_a_read_only_stick_is_told_and_the_bundle_stays(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    before = path.read_bytes()

    def locked(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "mkstemp", locked)
    with pytest.raises(IocslError) as refused:
        workflow.act(path, 2, people()[1].signer())
    assert refused.value.code == "read-only-folder"
    assert path.read_bytes() == before
