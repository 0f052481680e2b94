"""By what right somebody is about to sign, asked before the key is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iocsl import clock
from iocsl.bundle.certificates import Anchors, check_person
from iocsl.bundle.cms import fingerprint
from iocsl.bundle.delegation import SignedDelegation
from iocsl.bundle.people import Authority, appointed, empowered
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.revocation import unknown_status
from iocsl.bundle.verdict import Policy

if TYPE_CHECKING:
    from asn1crypto import x509

    from iocsl.bundle.signers import Holder


@dataclass(frozen=True, slots=True)
class Right:
    """By what right somebody signs: the register's, or a delegation that goes into the bundle."""

    authority: Authority
    delegation: SignedDelegation | None = None


def check_signer(signer: Holder, policy: Policy, unit: str, step: int) -> Right:
    """Who would sign `step` for `unit`, and by what right; asked before the key is used.

    A delegation of this home counts where the register alone gives no right. Raises `RefusedError`
    (B5xx, B6xx, B8xx) when the signature would be refused.
    """
    now, appointments = (clock.record_now(),), policy.register.appointments()
    anchors = Anchors.read(policy.trust)
    check_holder(signer.certificate, signer.chain, anchors, policy, step)
    try:
        person = appointed(signer.certificate, appointments, unit, step, now)
        return Right(Authority(person))
    except RefusedError as refused:
        reason = refused
    mark = fingerprint(signer.certificate)
    for signed in policy.register.delegations().fitting(mark, unit, step):
        try:
            given = signed.signature
            check_holder(given.certificate, given.others, anchors, policy, step)
            found = empowered(
                signer.certificate, signed, appointments, unit=unit, step=step, moments=now
            )
            return Right(found, signed)
        except RefusedError as refused:
            reason = refused
    raise reason


def check_holder(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Anchors,
    policy: Policy,
    step: int,
) -> None:
    """Whether a certificate may be used for signing now: trusted, not revoked, of the profile."""
    now = clock.record_now()
    found = check_person(certificate, others, anchors, (now,), step)
    unknown_status(found.certificates, anchors.statements, now, step, stamped=False)
    if found.anchor.profile not in policy.profiles:
        accepted = ", ".join(sorted(policy.profiles)) or "–"
        raise RefusedError("B607", profile=found.anchor.profile, accepted=accepted)
