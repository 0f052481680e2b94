"""Signing for another, by a delegation that travels in the bundle."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hostile_delegations import deputy, signed_for
from test_bundle_workflow import draft_of

from bundle_forge import Forge, World, delegation, people, stamped
from iocsl import clock
from iocsl.bundle import external, workflow
from iocsl.bundle.container import open_bundle
from iocsl.bundle.delegation import Delegations, read_delegation
from iocsl.bundle.verify import verify
from iocsl.errors import IocslError


def written(folder: Path, raw: bytes) -> Path:
    path = folder / "goi.asice"
    path.write_bytes(raw)
    return path


def test_a_delegate_signs_in_the_place_of_the_head(home: Path, tmp_path: Path) -> None:
    world = World(home)
    second = deputy(world)
    path = written(tmp_path, signed_for(delegation(people()[2], second), second))
    verdict = verify(path, world.policy)
    assert (verdict.verdict, verdict.refusals) == ("valid", [])
    assert (verdict.steps[2].person, verdict.steps[2].instead_of) == (
        "THỬ NGHIỆM D",
        "THỬ NGHIỆM C",
    )


def test_the_time_stamp_decides_whether_the_delegation_held(home: Path, tmp_path: Path) -> None:
    """It ended yesterday by the clock of today, and held when the stamp was made."""
    world = World(home)
    second = deputy(world)
    then = clock.record_now() - timedelta(days=3)
    by = delegation(people()[2], second, days=(-5, -1), at=then - timedelta(hours=1))

    def approved(stamped_at: datetime) -> bytes:
        forge = Forge()
        for step, holder in enumerate((*people()[:2], second), 1):
            forge.sign(
                step,
                holder,
                at=stamped_at,
                by=by if step == 3 else None,
                cms=lambda raw: stamped(raw, at=stamped_at),
            )
        return forge.packed()

    assert verify(written(tmp_path, approved(then)), world.policy).verdict == "valid"
    today = verify(written(tmp_path, approved(clock.record_now())), world.policy)
    assert [each.code for each in today.refusals] == ["B809"]


def test_the_workflow_takes_the_delegation_of_this_home(home: Path, tmp_path: Path) -> None:
    world = World(home)
    second = deputy(world)
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    workflow.act(path, 2, people()[1].signer())
    with pytest.raises(IocslError) as refused:
        workflow.act(path, 3, second.signer())
    assert refused.value.code == "wrong-role"
    signed = read_delegation(*delegation(people()[2], second), step=3)
    Delegations.from_home(home).add(signed)
    assert workflow.act(path, 3, second.signer()).person.name == "THỬ NGHIỆM D"
    with open_bundle(path) as bundle:
        assert bundle.delegated == (3,)
    # The verifier needs no file beside the bundle.
    elsewhere = World(tmp_path / "kho")
    elsewhere.register.write(world.register.appointments())
    assert verify(path, elsewhere.policy).verdict == "valid"


def test_a_delegation_out_of_time_is_said_before_the_key_is_used(
    home: Path, tmp_path: Path
) -> None:
    world = World(home)
    second = deputy(world)
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    workflow.act(path, 2, people()[1].signer())
    old = read_delegation(*delegation(people()[2], second, days=(-5, -1)), step=3)
    Delegations.from_home(home).add(old)
    with pytest.raises(IocslError) as refused:
        workflow.act(path, 3, second.signer())
    assert refused.value.code == "delegation-out-of-time"


def test_a_file_that_is_no_delegation_is_named(home: Path) -> None:
    world = World(home)
    second = deputy(world)
    store = Delegations.from_home(home)
    path = store.add(read_delegation(*delegation(people()[2], second), step=3))
    assert [each.terms.delegate.name for each in store.all()] == ["THỬ NGHIỆM D"]
    path.write_bytes(path.read_bytes().replace(b"GUQ", b"QUG"))
    with pytest.raises(IocslError, match=path.stem) as refused:
        store.all()
    assert (refused.value.code, refused.value.exit_code) == ("bad-delegation", 4)
    path.with_suffix(".p7s").unlink()
    with pytest.raises(IocslError) as refused:
        store.all()
    assert refused.value.code == "delegation-unsigned"


def test_a_delegate_signs_with_another_program(home: Path, tmp_path: Path) -> None:
    world = World(home)
    second = deputy(world)
    Delegations.from_home(home).add(read_delegation(*delegation(people()[2], second), step=3))
    path = tmp_path / "goi.asice"
    workflow.create(draft_of(tmp_path), people()[0].signer(), path)
    workflow.act(path, 2, people()[1].signer())
    exported = external.export(path, second.asn1)
    now = clock.record_now().replace(microsecond=0)
    signature = tmp_path / "chu-ky.p7s"
    signature.write_bytes(second.signer().sign(exported.manifest.read_bytes(), now))
    done = external.attach(path, signature)
    assert done.instead_of is not None
    assert done.instead_of.name == "THỬ NGHIỆM C"
    assert verify(path, world.policy).verdict == "valid"
