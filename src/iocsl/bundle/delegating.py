"""Making a delegation, and taking in one that was made elsewhere: judged before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl import clock
from iocsl.bundle.certificates import Anchors
from iocsl.bundle.cms import fingerprint
from iocsl.bundle.delegation import Delegation, SignedDelegation, read_delegation, record_of
from iocsl.bundle.people import appointed
from iocsl.bundle.records import Person
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.register import Appointment
from iocsl.bundle.rights import check_holder
from iocsl.bundle.trust import read_certificate
from iocsl.bundle.verdict import Policy
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, usage
from iocsl.ledger.chain import FILE as LEDGER
from iocsl.ledger.chain import Chain
from iocsl.text import fold

if TYPE_CHECKING:
    from asn1crypto import x509

    from iocsl.bundle.signers import Holder, Signer


@dataclass(frozen=True, slots=True)
class Wanted:
    """A delegation but for the one who gives it, whom only the key tells."""

    delegate: Person
    steps: tuple[int, ...]
    first_day: date
    last_day: date
    basis: str

    def by(self, delegator: Person) -> Delegation:
        days = (self.first_day, self.last_day)
        unit = self.delegate.unit
        return Delegation(unit, self.steps, *days, self.basis, delegator, self.delegate)


def registered(appointments: Sequence[Appointment], asked: str, unit: str) -> Person:
    """The one registered certificate that a file, an id or a name stands for. Exit 2 otherwise."""
    path = Path(asked)
    mark = fingerprint(read_certificate(path)) if path.is_file() else None
    found = {
        each.fingerprint: each
        for each in appointments
        if each.fingerprint == mark
        or (mark is None and (each.person_id == asked or fold(each.person) == fold(asked)))
    }
    if len(found) == 1:
        (held,) = found.values()
        return Person(held.person_id, held.person, unit, held.fingerprint)
    if found:
        raise usage(
            "several-certificates",
            f"“{asked}” có {len(found)} chứng thư đã đăng ký.",
            f"“{asked}” has {len(found)} registered certificates.",
            ("Chỉ tệp chứng thư thay cho tên.", "Name the certificate file instead."),
        )
    raise usage(
        "not-registered",
        f"Danh sách người ký không có “{asked}”.",
        f"“{asked}” is not in the register of signers.",
        (
            f'Đăng ký trước: iocsl signers add CHỨNG-THƯ --person "{asked}" --basis "…"',
            f'Register first: iocsl signers add CERTIFICATE --person "{asked}" --basis "…"',
        ),
    )


def terms_of(wanted: Wanted, holder: Holder, home: Path) -> Delegation:
    """The whole record, delegated by the holder of a key.

    Exit 4 when that person has no right of the own to give, 2 when it goes to the same person.
    """
    policy, unit = Policy.from_home(home), wanted.delegate.unit
    try:
        delegator = _giver(holder.certificate, holder.chain, policy, unit, wanted.steps)
    except RefusedError as refused:
        raise _no_right(refused) from None
    if wanted.delegate.id == delegator.id:
        raise usage(
            "delegates-to-self",
            f"{delegator.name} không ủy quyền cho chính mình được.",
            f"{delegator.name} cannot delegate to the same person.",
            ("Chọn người ký khác: iocsl signers list", "Choose another signer: iocsl signers list"),
        )
    return wanted.by(delegator)


def _giver(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    policy: Policy,
    unit: str,
    steps: Sequence[int],
) -> Person:
    """Who gives the right to these steps, by the register as it is now."""
    anchors, now = Anchors.read(policy.trust), (clock.record_now(),)
    check_holder(certificate, others, anchors, policy, steps[0])
    appointments = policy.register.appointments()
    people = [appointed(certificate, appointments, unit, step, now) for step in steps]
    return people[0]


def sign(terms: Delegation, signer: Signer, home: Path) -> SignedDelegation:
    """Sign it, and check what came out as a verifier will."""
    record = record_of(terms)
    signature = signer.sign(record, clock.record_now().replace(microsecond=0))
    try:
        signed = read_delegation(record, signature, terms.steps[0])
    except RefusedError as refused:
        raise _no_right(refused) from None
    check(signed, home)
    return signed


def check(signed: SignedDelegation, home: Path) -> None:
    """Whether a delegation would count here, and a note of it in the ledger. Exit 4 otherwise."""
    terms, given = signed.terms, signed.signature
    policy = Policy.from_home(home)
    try:
        giver = _giver(given.certificate, given.others, policy, terms.unit, terms.steps)
    except RefusedError as refused:
        raise _no_right(refused) from None
    if (giver.id, giver.fingerprint) != (terms.delegator.id, terms.delegator.fingerprint):
        raise _no_right(RefusedError("B808", step=terms.steps[0], detail=giver.name))
    registered(policy.register.appointments(), terms.delegate.id, terms.unit)
    subject = {**terms.document(), "record": signed.digest}
    for party in ("delegator", "delegate"):
        subject[party] = subject[party]["id"]
    del subject["schema"]
    Chain.open(home / LEDGER).append("signers.delegate", subject, terms.delegator.id)


def _no_right(refused: RefusedError) -> IocslError:
    reason = refused.refusal
    return IocslError(
        reason.name,
        f"Không ủy quyền được: {reason.message.vi}",
        f"Nothing was delegated: {reason.message.en}",
        reason.fix,
        ExitCode.INTEGRITY,
    )
