"""Bundles in which somebody signs for another without the right to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hostile import hostile

from bundle_forge import (
    Forge,
    Holder,
    World,
    appointment,
    authority,
    certify,
    delegation,
    party,
    people,
)
from iocsl import clock
from iocsl.bundle.container import decision_name, delegation_names
from iocsl.ledger.chain import canonical


def deputy(world: World, *, days: tuple[int, int] = (-30, 300), **bent: Any) -> Holder:
    """Somebody whom the register knows, and who may sign nothing by the own right."""
    made = certify("THỬ NGHIỆM D", authority(), days=days)
    world.appoint(
        *(appointment(each, (n,)) for n, each in enumerate(people(), 1)),
        appointment(made, bent.pop("steps", ()), **bent),
    )
    return made


def signed_for(by: tuple[bytes, bytes] | None, holder: Holder, **bent: Any) -> bytes:
    """A bundle whose third step `holder` signs by a delegation."""
    return Forge().sign(1).sign(2).sign(3, holder, by=by, as_person=party(holder), **bent).packed()


@hostile("B803")
def deputy_without_a_delegation(world: World) -> bytes:
    return signed_for(None, deputy(world))


@hostile("B801")
def delegate_whom_nobody_registered(world: World) -> bytes:
    stranger = certify("THỬ NGHIỆM D", authority())
    return signed_for(delegation(people()[2], stranger), stranger)


@hostile("B802")
def delegate_whose_line_ended(world: World) -> bytes:
    today = clock.record_now().date()
    second = deputy(world, last_day=today - timedelta(days=1))
    return signed_for(delegation(people()[2], second), second)


@hostile("B114")
def delegation_unsigned(world: World) -> bytes:
    second = deputy(world)
    forge = Forge().sign(1).sign(2)
    forge.sign(3, second, by=delegation(people()[2], second), as_person=party(second))
    del forge.members[delegation_names(3)[1]]
    return forge.packed()


@hostile("B808")
def delegation_with_an_empty_signature(world: World) -> bytes:
    second = deputy(world)
    return signed_for((delegation(people()[2], second)[0], b""), second)


@hostile("B808")
def delegation_altered_by_the_delegate(world: World) -> bytes:
    second = deputy(world)
    record, signature = delegation(people()[2], second, step=2)
    return signed_for((record.replace(b'"steps":[2]', b'"steps":[3]'), signature), second)


@hostile("B301")
def delegation_altered_afterwards(world: World) -> bytes:
    second = deputy(world)
    forge = Forge().sign(1).sign(2)
    forge.sign(3, second, by=delegation(people()[2], second), as_person=party(second))
    name = delegation_names(3)[0]
    forge.members[name] = forge.members[name].replace(b"GUQ", b"QUG")
    return forge.packed()


@hostile("B206")
def delegation_added_afterwards(world: World) -> bytes:
    forge = Forge().sign_all()
    by = delegation(people()[2], deputy(world))
    forge.members.update(zip(delegation_names(3), by, strict=True))
    return forge.packed()


@hostile("B113")
def delegation_of_a_step_that_is_not_there(world: World) -> bytes:
    forge = Forge().sign(1).sign(2)
    by = delegation(people()[2], deputy(world))
    forge.members.update(zip(delegation_names(3), by, strict=True))
    return forge.packed()


@hostile("B808")
def delegation_signed_by_the_delegate(world: World) -> bytes:
    second = deputy(world)
    return signed_for(delegation(people()[2], second, signer=second), second)


@hostile("B808")
def delegation_signed_by_a_stranger(world: World) -> bytes:
    second = deputy(world)
    stranger = certify("THỬ NGHIỆM C", certify("THỬ NGHIỆM CA", ca=True))
    return signed_for(delegation(people()[2], second, signer=stranger), second)


@hostile("B808")
def delegation_signed_with_an_expired_certificate(world: World) -> bytes:
    third = certify("THỬ NGHIỆM C", authority(), days=(-20, -1))
    second = certify("THỬ NGHIỆM D", authority())
    one, two, _ = people()
    world.appoint(
        appointment(one, (1,)),
        appointment(two, (2,)),
        appointment(third, (3,)),
        appointment(second, ()),
    )
    return signed_for(delegation(third, second), second)


@hostile("B808")
def delegation_that_is_not_canonical(world: World) -> bytes:
    second = deputy(world)
    record, _ = delegation(people()[2], second)
    spaced = record.replace(b'":', b'": ')
    moment = clock.record_now().replace(microsecond=0)
    return signed_for((spaced, people()[2].signer().sign(spaced, moment)), second)


@hostile("B808")
def delegation_with_a_repeated_key(world: World) -> bytes:
    second = deputy(world)
    record, _ = delegation(people()[2], second)
    twice = record.replace(b"{", b'{"unit":"CQ-KHCN",', 1)
    moment = clock.record_now().replace(microsecond=0)
    return signed_for((twice, people()[2].signer().sign(twice, moment)), second)


@hostile("B808")
def a_decision_passed_off_as_a_delegation(world: World) -> bytes:
    """The head did sign something: the record of another kind with a valid signature."""
    second = deputy(world)
    document = canonical({"schema": "iocsl/decision/1", "decision": "dong-y"})
    moment = clock.record_now().replace(microsecond=0)
    return signed_for((document, people()[2].signer().sign(document, moment)), second)


@hostile("B809")
def delegation_ended_yesterday(world: World) -> bytes:
    second = deputy(world)
    return signed_for(delegation(people()[2], second, days=(-5, -1)), second)


@hostile("B809")
def delegation_begins_tomorrow(world: World) -> bytes:
    second = deputy(world)
    return signed_for(delegation(people()[2], second, days=(1, 5)), second)


@hostile("B809")
def delegation_signed_after_the_step(world: World) -> bytes:
    second = deputy(world)
    later = clock.record_now() + timedelta(hours=2)
    return signed_for(delegation(people()[2], second, at=later), second)


@hostile("B810")
def delegate_delegates_on(world: World) -> bytes:
    """The head's deputy, who may sign by delegation only, hands the right to a third."""
    middle = certify("THỬ NGHIỆM D", authority())
    last = certify("THỬ NGHIỆM E", authority())
    world.appoint(
        *(appointment(each, (n,)) for n, each in enumerate(people(), 1)),
        appointment(middle, ()),
        appointment(last, ()),
    )
    return signed_for(delegation(middle, last), last)


@hostile("B810")
def reviewer_delegates_the_approval(world: World) -> bytes:
    second = deputy(world)
    return signed_for(delegation(people()[1], second), second)


@hostile("B810")
def delegator_of_another_unit(world: World) -> bytes:
    other = certify("THỬ NGHIỆM E", authority())
    second = certify("THỬ NGHIỆM D", authority())
    world.appoint(
        *(appointment(each, (n,)) for n, each in enumerate(people(), 1)),
        appointment(second, ()),
        appointment(other, (3,), unit="CQ-KHCN"),
    )
    return signed_for(delegation(other, second), second)


@hostile("B811")
def delegation_for_another_person(world: World) -> bytes:
    second = deputy(world)
    return signed_for(delegation(people()[2], people()[1]), second)


@hostile("B811")
def delegation_for_another_unit(world: World) -> bytes:
    second = deputy(world)
    return signed_for(delegation(people()[2], second, unit="CQ-KHCN"), second)


@hostile("B811")
def delegation_for_another_step(world: World) -> bytes:
    second = deputy(world)
    return signed_for(delegation(people()[2], second, step=2), second)


@hostile("B805")
def delegate_signs_two_steps(world: World) -> bytes:
    """The reviewer approves in the head's place what she reviewed herself."""
    two, three = people()[1], people()[2]
    return signed_for(delegation(three, two), two)


@hostile("B805")
def delegator_stands_behind_two_steps(world: World) -> bytes:
    """The head reviews, and approves through a deputy."""
    one, _, three = people()
    second = certify("THỬ NGHIỆM D", authority())
    world.appoint(appointment(one, (1,)), appointment(three, (2, 3)), appointment(second, ()))
    forge = Forge().sign(1).sign(2, three)
    by = delegation(three, second)
    return forge.sign(3, second, by=by, as_person=party(second)).packed()


@hostile("B902")
def delegate_signs_in_the_name_of_the_head(world: World) -> bytes:
    second = deputy(world)
    by = delegation(people()[2], second)
    return Forge().sign(1).sign(2).sign(3, second, by=by, as_person=party(people()[2])).packed()


@hostile("B807")
def delegate_returns(world: World) -> bytes:
    second = deputy(world)
    return signed_for(delegation(people()[2], second), second, reason="Sai số liệu")


@hostile("B114")
def delegation_without_its_step(world: World) -> bytes:
    second = deputy(world)
    forge = Forge().sign(1).sign(2)
    forge.sign(3, second, by=delegation(people()[2], second), as_person=party(second))
    del forge.members[decision_name(3)]
    return forge.packed()
