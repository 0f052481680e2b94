"""Two people act on copies of one bundle: who has seen the other says so, and what to do."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from hostile_copies import numbered, received
from test_bundle_workflow import draft_of

from bundle_forge import CSV, World, appointment, authority, certify, good, good_forge, people
from iocsl.bundle import drafts, workflow
from iocsl.bundle.drafts import Request
from iocsl.bundle.identity import Slip
from iocsl.bundle.verify import verify
from iocsl.errors import IocslError
from iocsl.files import sha256_of
from iocsl.ledger.chain import FILE, Chain
from iocsl.transport.outbox import Staged
from iocsl.transport.screening import remember, screen

SECOND = certify("THỬ NGHIỆM B2", authority())


@pytest.fixture
def world(home: Path) -> World:
    made = World(home)
    made.appoint(
        *(appointment(each, (n,)) for n, each in enumerate(people(), 1)),
        appointment(SECOND, (2,)),
    )
    return made


def two_copies(folder: Path) -> tuple[Path, Path]:
    first = folder / "goi.asice"
    workflow.create(draft_of(folder), people()[0].signer(), first)
    second = folder / "ban-sao.asice"
    shutil.copyfile(first, second)
    return first, second


def test_the_second_reviewer_is_told_before_signing(world: World, tmp_path: Path) -> None:
    first, second = two_copies(tmp_path)
    workflow.act(first, 2, people()[1].signer())
    before = second.read_bytes()
    with pytest.raises(IocslError) as refused:
        workflow.act(second, 2, SECOND.signer())
    assert (refused.value.code, refused.value.exit_code) == ("other-copy-signed", 4)
    assert "thử-nghiệm-b" in refused.value.message.vi
    assert refused.value.hint is not None
    assert "--supersedes" in refused.value.hint.vi
    assert second.read_bytes() == before


def test_the_head_is_told_when_the_other_copy_arrives(world: World, tmp_path: Path) -> None:
    """The two reviewers sit at machines of their own; the head has approved one copy."""
    first, second = two_copies(tmp_path)
    elsewhere = World(tmp_path / "may-khac")
    elsewhere.register.write(world.register.appointments())
    workflow.act(second, 2, SECOND.signer(), home=elsewhere.home)
    workflow.act(first, 2, people()[1].signer())
    workflow.act(first, 3, people()[2].signer())
    assert verify(first, world.policy).verdict == "valid"
    verdict = verify(second, world.policy, steps=2)
    assert (verdict.verdict, [each.code for each in verdict.refusals]) == ("undecided", ["B920"])
    with pytest.raises(IocslError) as refused:
        workflow.act(second, 3, people()[2].signer())
    assert refused.value.exit_code == 8
    assert "THỬ NGHIỆM B" in refused.value.message.vi


@pytest.mark.parametrize("returned_first", [True, False])
def test_returned_on_one_copy_approved_on_the_other(
    world: World, tmp_path: Path, returned_first: bool
) -> None:
    first, second = two_copies(tmp_path)
    reasons = ("Sai số liệu", None) if returned_first else (None, "Sai số liệu")
    workflow.act(first, 2, people()[1].signer(), reason=reasons[0])
    with pytest.raises(IocslError) as refused:
        workflow.act(second, 2, SECOND.signer(), reason=reasons[1])
    expected = "other-copy-returned" if returned_first else "other-copy-signed"
    assert refused.value.code == expected


def test_the_same_person_may_sign_again_what_a_crash_took(world: World, tmp_path: Path) -> None:
    first, second = two_copies(tmp_path)
    workflow.act(first, 2, people()[1].signer())
    first.unlink()
    workflow.act(second, 2, people()[1].signer())
    workflow.act(second, 3, people()[2].signer())
    assert verify(second, world.policy).verdict == "valid"


def test_the_way_out_is_a_new_bundle(world: World, tmp_path: Path) -> None:
    first, _ = two_copies(tmp_path)
    workflow.act(first, 2, people()[1].signer())
    old = draft_of(tmp_path).slip
    request = Request((first,), supersedes=old.identity())
    assert drafts.number(Chain.open(), old, request) == (2, old.identity())


def test_what_was_received_once_stays_valid(world: World, tmp_path: Path) -> None:
    """An auditor looks at an old submission after a newer one was taken."""
    path = tmp_path / "goi.asice"
    path.write_bytes(good())
    received(world.home, good_forge().slip)
    received(world.home, numbered(2).slip)
    assert verify(path, world.policy).verdict == "valid"


def test_a_lost_ledger_does_not_give_a_number_twice(world: World, tmp_path: Path) -> None:
    received(world.home, numbered(4).slip)
    entry = dataclasses.replace(good_forge().slip.files[0], sha256="1" * 64)
    bare = Slip(*_key(good_forge().slip), 1, None, (entry,))
    (tmp_path / "x.csv").write_bytes(CSV)
    found = drafts.number(Chain.open(), bare, Request((tmp_path / "x.csv",)))
    assert found == (5, numbered(4).slip.identity())


def _key(slip: Slip) -> tuple[str, str, str]:
    return slip.unit, slip.dataset, slip.period


def test_the_outbox_knows_the_copy_that_it_took(world: World, tmp_path: Path) -> None:
    """Both copies were signed elsewhere; the machine that submits has one of them in its queue."""
    first, second = two_copies(tmp_path)
    sender, desks = World(tmp_path / "may-nop"), []
    for name, path, reviewer in (("a", first, people()[1]), ("b", second, SECOND)):
        desks.append(World(tmp_path / name))
        desks[-1].register.write(world.register.appointments())
        workflow.act(path, 2, reviewer.signer(), home=desks[-1].home)
        workflow.act(path, 3, people()[2].signer(), home=desks[-1].home)
    sender.register.write(world.register.appointments())
    slip = screen(first, sender.home, "goi.asice")
    staged = Staged(first, sha256_of(first), first.stat().st_size)
    remember(staged, slip, sender.home)
    remember(staged, slip, sender.home)
    assert len(Chain.open(sender.home / FILE).entries()) == 1
    assert screen(first, sender.home, "goi.asice") == slip
    with pytest.raises(IocslError) as refused:
        screen(second, sender.home, "ban-sao.asice")
    assert (refused.value.code, refused.value.exit_code) == ("other-copy-signed", 8)
