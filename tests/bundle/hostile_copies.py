"""Bundles that are good by themselves, and not where another one was seen before."""

from __future__ import annotations

import dataclasses
from typing import Any

from hostile import hostile

from bundle_forge import (
    DATASET,
    PERIOD,
    UNIT,
    Forge,
    World,
    appointment,
    authority,
    certify,
    good,
    good_forge,
    people,
)
from iocsl import clock
from iocsl.bundle.identity import Slip
from iocsl.ledger.chain import FILE, Chain
from iocsl.ledger.receipts import Receipt, Receipts


def received(home: Any, slip: Slip) -> None:
    """The home keeps a receipt for this submission."""
    made = Receipt(
        seq=10 * slip.sequence,
        kind="received",
        identity=slip.identity(),
        unit=slip.unit,
        dataset=slip.dataset,
        period=slip.period,
        catalogue_version=0,
        announced_at=None,
        accepted_at=clock.record_now(),
        findings=None,
        prev=None,
        test=True,
        jws=f"{slip.identity()}.x.y",
        kid="TEST",
    )
    Receipts(home).keep(made, issuer="TEST", sequence=slip.sequence)


def signed_here(home: Any, slip: Slip, step: int, person: str, *, returned: bool) -> None:
    """The home's ledger has an act on a copy of this bundle."""
    Chain.open(home / FILE).append(
        "bundle.return" if returned else "bundle.review",
        {
            "identity": slip.identity(),
            "unit": slip.unit,
            "dataset": slip.dataset,
            "period": slip.period,
            "sequence": slip.sequence,
            "signed": [{"step": step, "person": person, "returned": returned}],
        },
        person,
    )


def numbered(sequence: int, supersedes: str | None = None) -> Forge:
    forge = Forge()
    forge.slip = dataclasses.replace(forge.slip, sequence=sequence, supersedes=supersedes)
    return forge


@hostile("B920")
def two_reviewers_on_two_copies(world: World) -> bytes:
    """Undecided, and never success: each copy is good, and only one may go on."""
    other = certify("THỬ NGHIỆM B2", authority())
    world.appoint(
        *(appointment(each, (n,)) for n, each in enumerate(people(), 1)),
        appointment(other, (2,)),
    )
    signed_here(world.home, good_forge().slip, 2, "thử-nghiệm-b2", returned=False)
    return good()


@hostile("B921")
def approved_on_one_copy_returned_on_the_other(world: World) -> bytes:
    signed_here(world.home, good_forge().slip, 2, "thử-nghiệm-b2", returned=True)
    return good()


@hostile("B921")
def approved_by_the_one_who_returned_it(world: World) -> bytes:
    signed_here(world.home, good_forge().slip, 3, "thử-nghiệm-c", returned=True)
    return good()


@hostile("B922")
def older_after_newer(world: World) -> bytes:
    received(world.home, numbered(3).slip)
    return numbered(2).sign_all().packed()


@hostile("B923")
def other_content_under_a_number_that_was_taken(world: World) -> bytes:
    received(world.home, good_forge().slip)
    return Forge(files={"khac.csv": b"a,b\n"}).sign_all().packed()


@hostile("B924")
def supersedes_what_is_of_another_period(world: World) -> bytes:
    earlier = dataclasses.replace(good_forge().slip, period="2026-09")
    signed_here(world.home, earlier, 1, "thử-nghiệm-a", returned=False)
    return numbered(2, earlier.identity()).sign_all().packed()


@hostile("B924")
def supersedes_what_came_later(world: World) -> bytes:
    later = numbered(7).slip
    assert (later.unit, later.dataset, later.period) == (UNIT, DATASET, PERIOD)
    signed_here(world.home, later, 1, "thử-nghiệm-a", returned=False)
    return numbered(2, later.identity()).sign_all().packed()
