"""Whether a person has the right to sign a step: by the register, or by a delegation.

A delegation gives what the one who signed it has by the register, and no more: who acts for
somebody else cannot hand that on. Both stand behind the step then, so neither may stand behind
another one. `docs/decisions/0067-delegation.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from iocsl import clock
from iocsl.bundle.cms import fingerprint, name_of
from iocsl.bundle.delegation import SignedDelegation
from iocsl.bundle.records import Person
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.register import Appointment

if TYPE_CHECKING:
    from asn1crypto import x509


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs a step, and for whom where it is by delegation."""

    person: Person
    delegator: Person | None = None

    @property
    def behind(self) -> frozenset[str]:
        """The ids of those who stand behind the step."""
        both = (self.person, self.delegator)
        return frozenset(each.id for each in both if each is not None)


def appointed(
    certificate: x509.Certificate,
    appointments: Sequence[Appointment],
    unit: str,
    step: int,
    moments: Iterable[datetime],
) -> Person:
    """The person whom the register's lines let sign `step` for `unit` at each moment.

    Raises `RefusedError` B801-B804.
    """
    held, person = _known(certificate, appointments, step)
    here = [each for each in held if each.unit == unit]
    if not here:
        raise RefusedError("B804", person=person, unit=held[0].unit, wanted=unit)
    fitting = [each for each in here if step in each.steps]
    if not fitting:
        raise RefusedError("B803", person=person, step=step)
    for moment in moments:
        if not any(each.holds_at(moment) for each in fitting):
            raise RefusedError("B802", person=person, step=step, moment=clock.iso(moment))
    return Person(fitting[0].person_id, person, unit, fitting[0].fingerprint)


def empowered(
    certificate: x509.Certificate,
    signed: SignedDelegation,
    appointments: Sequence[Appointment],
    *,
    unit: str,
    step: int,
    moments: Sequence[datetime],
) -> Authority:
    """Who signs `step` with `certificate` by a delegation whose signature was found good.

    Raises `RefusedError`: B801, B802 when the register does not know the delegate then, B808 when
    another signed than the one it names, B809 out of its time, B810 when that one has no right of
    his or her own to give, B811 when it is for another person, unit or step.
    """
    terms = signed.terms
    held, name = _known(certificate, appointments, step)
    mark = fingerprint(certificate)
    if (terms.delegate.fingerprint, terms.delegate.id) != (mark, held[0].person_id):
        raise RefusedError("B811", step=step, detail=terms.delegate.name)
    if terms.unit != unit:
        raise RefusedError("B811", step=step, detail=terms.unit)
    if step not in terms.steps:
        raise RefusedError("B811", step=step, detail=", ".join(map(str, terms.steps)))
    giver = signed.signature.certificate
    if terms.delegator.fingerprint != fingerprint(giver):
        raise RefusedError("B808", step=step, detail=name_of(giver))
    days = f"{terms.first_day} – {terms.last_day}"
    for moment in moments:
        if not terms.holds_at(moment):
            raise RefusedError("B809", step=step, days=days, moment=clock.iso(moment))
        if not any(each.holds_at(moment) for each in held):
            raise RefusedError("B802", person=name, step=step, moment=clock.iso(moment))
    try:
        delegator = appointed(giver, appointments, unit, step, moments)
    except RefusedError as inner:
        raise RefusedError(
            "B810", step=step, person=terms.delegator.name, detail=inner.refusal.code
        ) from None
    if delegator.id != terms.delegator.id:
        raise RefusedError("B808", step=step, detail=delegator.id)
    person = Person(held[0].person_id, name, unit, mark)
    return Authority(person, delegator)


def shared(first: Authority, second: Authority) -> str | None:
    """The name of one who stands behind both steps, None when nobody does."""
    for mine in (first.person, first.delegator):
        if mine is not None and mine.id in second.behind:
            return mine.name
    return None


def _known(
    certificate: x509.Certificate, appointments: Sequence[Appointment], step: int
) -> tuple[list[Appointment], str]:
    """The register's lines of a certificate, and the name of its holder. Raises B801."""
    mark = fingerprint(certificate)
    held = [each for each in appointments if each.fingerprint == mark]
    if not held:
        raise RefusedError("B801", subject=name_of(certificate), step=step)
    return held, held[0].person
