"""The acts of the three people: create (1), review (2), approve (3), or give back.

Each act writes a new file, verifies it, enters it in the ledger and only then lets it take the
bundle's place, so that a kill or a full disk leaves the bundle as it was before or as it is after.
The order is: what is signed is shown by the caller, the key is opened, its certificate and the
person's right are checked, then it signs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl import clock, config
from iocsl.bundle.complaints import (
    bundle_refused,
    cannot_sign,
    changed_meanwhile,
    no_authority,
    no_reason,
    not_answered,
    not_the_turn,
    nothing_pending,
    output_exists,
)
from iocsl.bundle.container import (
    DESCRIPTION,
    REPORT,
    SLIP,
    STEPS,
    OpenBundle,
    append_members,
    copy_bundle,
    covered_by,
    decision_name,
    delegation_names,
    evidence_name,
    manifest_name,
    open_bundle,
    replace_member,
    write_bundle,
)
from iocsl.bundle.drafts import CREATED, Draft, check_number
from iocsl.bundle.evidence import read_evidence, stamped
from iocsl.bundle.finishing import RETURN, Done, beside, finish
from iocsl.bundle.identity import Slip
from iocsl.bundle.manifest import Manifest, write_manifest
from iocsl.bundle.records import Person, decision_document, unanswered
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.rights import Right, check_signer
from iocsl.bundle.seen import Act, SeenHere, signed_elsewhere
from iocsl.bundle.timestamps import stamper_for
from iocsl.bundle.verdict import VALID, Policy, Verdict
from iocsl.bundle.verify import verify
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, is_folder, missing_file
from iocsl.files import sha256_of, sync_folder
from iocsl.ledger.chain import FILE as LEDGER
from iocsl.ledger.chain import Chain, canonical
from iocsl.text import squeeze

if TYPE_CHECKING:
    from iocsl.bundle.signers import Holder, Signer

ACTS = {1: CREATED, 2: "bundle.review", 3: "bundle.approve"}


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, and what the person decides: agree, or give back for a reason."""

    step: int
    slip: Slip
    right: Right
    reason: str | None
    sheet: bool = False
    """Whether the person signs an approval sheet instead of the manifest."""

    @property
    def evidence(self) -> str:
        """The member that will show the signature."""
        return evidence_name(self.step, (self.step,) if self.sheet else ())

    @property
    def person(self) -> Person:
        return self.right.authority.person

    @property
    def given(self) -> dict[str, bytes]:
        """The members that show by whose delegation the person signs; {} by the own right."""
        signed = self.right.delegation
        if signed is None:
            return {}
        return dict(
            zip(delegation_names(self.step), (signed.record, signed.raw_signature), strict=True)
        )

    @property
    def act(self) -> str:
        return ACTS[self.step] if self.reason is None else RETURN


def create(draft: Draft, signer: Signer, output: Path, home: Path | None = None) -> Done:
    """Step 1: write the bundle to `output`, signed by the person who prepared it."""
    home = home or config.home()
    slip = draft.slip
    check_output(output)
    check_number(Chain.open(home / LEDGER), slip)
    turn = turn_of(output, 1, signer, home, slip=slip, reason=None)
    with beside(output) as part:
        write_unsigned(draft, part)
        done = _sign(part, turn, signer, home)
        finish(part, output, done, home, earlier=None)
    return replace(done, path=output)


def create_unsigned(draft: Draft, output: Path, home: Path | None = None) -> None:
    """A bundle that nobody has signed yet, for a key that another program holds."""
    check_output(output)
    check_number(Chain.open((home or config.home()) / LEDGER), draft.slip)
    write_unsigned(draft, output)


def write_unsigned(draft: Draft, output: Path) -> None:
    """The members that are there before anyone signs."""
    members = {
        SLIP: canonical(draft.slip_document()),
        REPORT: canonical(draft.report_document()),
        DESCRIPTION: canonical(draft.description),
    }
    write_bundle(output, draft.paths, members)


def act(
    path: Path, step: int, signer: Signer, *, reason: str | None = None, home: Path | None = None
) -> Done:
    """Step 2 or 3: agree, or give back with a `reason`; the bundle at `path` is replaced."""
    if reason is not None and not squeeze(reason):
        raise no_reason()
    home = home or config.home()
    turn = turn_of(path, step, signer, home, slip=check_turn(path, step, home), reason=reason)
    before = sha256_of(path)
    with beside(path) as part:
        copy_bundle(path, part)
        done = _sign(part, turn, signer, home)
        finish(part, path, done, home, earlier=before)
    return replace(done, path=path)


def stamp(path: Path, home: Path | None = None) -> int:
    """Add the pending time-stamp of the last signature; the step that it belongs to.

    Only the last one can still be added: a later step signs over the earlier signatures. Exit 2
    when none is pending, 3 when no authority is set, 5 when it does not answer.
    """
    home = home or config.home()
    stamper = stamper_for(config.load().text("signing.tsa_url"))
    if stamper is None:
        raise no_authority()
    before = sha256_of(path) if path.is_file() else None
    try:
        with open_bundle(path) as bundle:
            step = bundle.steps
            if not step:
                raise nothing_pending(path)
            manifest = bundle.whole(manifest_name(step))
            name = bundle.evidence(step)
            signature = bundle.whole(name)
        digest = hashlib.sha256(manifest).hexdigest()
        if read_evidence(name, signature, digest, step).timestamp is not None:
            raise nothing_pending(path)
    except RefusedError as refused:
        raise bundle_refused(path, Verdict(refusals=[refused.refusal])) from None
    made = stamped(name, signature, manifest, step, stamper)
    with beside(path) as part:
        replace_member(path, part, name, made)
        verdict = verify(part, Policy.from_home(home), steps=step)
        blocking = [each for each in verdict.refusals if not each.undecided]
        if blocking and [each.code for each in blocking] != ["B807"]:
            raise bundle_refused(path, verdict)
        if sha256_of(path) != before:
            raise changed_meanwhile(path)
        subject = {"identity": verdict.identity, "step": step, "bundle": sha256_of(part)}
        Chain.open(home / LEDGER).append("bundle.stamp", subject)
        part.replace(path)
        sync_folder(path.parent)
    return step


def check_output(path: Path) -> None:
    """A new bundle overwrites nothing: exit 2."""
    if path.exists():
        raise output_exists(path)


def check_turn(path: Path, step: int, home: Path) -> Slip:
    """The slip of a bundle when it is the turn of `step`; see `verify_turn`."""
    return verify_turn(path, step, home)[1]


def verify_turn(path: Path, step: int, home: Path) -> tuple[Verdict, Slip]:
    """Whether it is the turn of `step`: every step before it is signed and good, and no more.

    Exit 2 when it is another step's turn, 4 when the bundle is not good, 8 when that is undecided.
    """
    verdict = verify(path, Policy.from_home(home), steps=step - 1)
    signed = len(verdict.steps)
    if verdict.slip is not None and signed != step - 1:
        blocking = [each for each in verdict.refusals if each.code != "B806"]
        if not blocking:
            raise not_the_turn(path, step, signed)
    # Revocation may become known later, at the latest in the warehouse; a time-stamp cannot be
    # added once the next step has signed over the signature that lacks it.
    waiting = {each.code for each in verdict.refusals} <= {"B704"}
    if verdict.slip is None or (verdict.verdict != VALID and not waiting):
        raise bundle_refused(path, verdict)
    return verdict, verdict.slip


def next_step(path: Path) -> int:
    """The step whose turn it is by the number of signatures, which are not verified here.

    Exit 2 when there is no such file, or every step is signed.
    """
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    try:
        with open_bundle(path) as bundle:
            signed = bundle.steps
    except RefusedError as refused:
        verdict = Verdict(refusals=[refused.refusal])
        raise bundle_refused(path, verdict) from None
    if signed >= STEPS:
        raise not_the_turn(path, STEPS, signed)
    return signed + 1


def turn_of(
    path: Path,
    step: int,
    signer: Holder,
    home: Path,
    *,
    slip: Slip,
    reason: str | None,
    sheet: bool = False,
) -> Turn:
    """Who signs what; refused (exit 4) before the key is used when the signature would not hold."""
    try:
        right = check_signer(signer, Policy.from_home(home), slip.unit, step)
    except RefusedError as refused:
        raise cannot_sign(path, step, refused) from None
    person = right.authority.person
    act = Act(step, person.id, returned=reason is not None)
    if other := signed_elsewhere(SeenHere(home), slip.identity(), act):
        conflict = RefusedError("B920", step=step, other=other, here=person.name)
        raise cannot_sign(path, step, conflict)
    return Turn(step, slip, right, None if reason is None else squeeze(reason), sheet)


def records_of(part: Path, turn: Turn, home: Path) -> tuple[bytes, bytes]:
    """The decision and the manifest that the turn's signature is made over.

    Exit 2 where the unit wants every warning answered, and one that is agreed to is not.
    """
    step = turn.step
    with open_bundle(part) as bundle:
        if turn.reason is None and config.load().flag("signing.answers_required"):
            _check_answers(turn.slip, bundle.report)
        signatures = [bundle.evidence(each) for each in range(1, step)]
        earlier = {name: bundle.digest(name) for name in signatures}
        decision = canonical(
            decision_document(
                step,
                turn.slip.identity(),
                turn.person,
                earlier,
                ledger=Chain.open(home / LEDGER).standing(),
                reason=turn.reason,
            )
        )
        own = {**turn.given, decision_name(step): decision}
        return decision, _manifest(bundle, turn, own)


def _check_answers(slip: Slip, report: Mapping[str, Any]) -> None:
    if codes := unanswered(report):
        raise not_answered(slip, codes)


def seal(part: Path, turn: Turn, decision: bytes, manifest: bytes, signature: bytes) -> Done:
    """Add the turn's records and signature, stamped if it can be, to the unfinished `part`."""
    signed, pending = _stamped(signature, manifest, turn)
    append_members(
        part,
        {
            **turn.given,
            decision_name(turn.step): decision,
            manifest_name(turn.step): manifest,
            turn.evidence: signed,
        },
    )
    instead_of = turn.right.authority.delegator
    return Done(part, turn.slip, turn.step, turn.person, turn.act, instead_of, pending)


def _sign(part: Path, turn: Turn, signer: Signer, home: Path) -> Done:
    decision, manifest = records_of(part, turn, home)
    signature = signer.sign(manifest, clock.record_now().replace(microsecond=0))
    return seal(part, turn, decision, manifest, signature)


def _stamped(signature: bytes, manifest: bytes, turn: Turn) -> tuple[bytes, IocslError | None]:
    """The signature with its time-stamp, or without and why.

    A signature that was made (a PIN was typed for it) is not thrown away for want of a time-stamp.
    """
    stamper = stamper_for(config.load().text("signing.tsa_url"))
    if stamper is None:
        return signature, None
    try:
        return stamped(turn.evidence, signature, manifest, turn.step, stamper), None
    except IocslError as error:
        if error.exit_code != ExitCode.NO_ANSWER:
            raise
        return signature, error


def _manifest(bundle: OpenBundle, turn: Turn, own: Mapping[str, bytes]) -> bytes:
    """What the step signs; `own` are the members that it brings itself."""
    fresh = {name: hashlib.sha256(content).hexdigest() for name, content in own.items()}
    delegated = (*bundle.delegated, *([turn.step] if turn.given else []))
    references = tuple(
        (name, fresh.get(name) or bundle.digest(name))
        for name in covered_by(turn.step, bundle.data_names, delegated, bundle.sheets)
    )
    return write_manifest(Manifest(turn.evidence, references))
