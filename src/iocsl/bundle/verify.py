"""Whether a bundle may be believed, in numbered steps; the same code at the unit and the warehouse.

    1  the container: one reading, fixed members                            B1xx
    2  the manifests: each covers everything before it, in order            B2xx
    3  the digests: every member is the one that was signed                 B3xx
    4  the signatures: shape, algorithms, mathematics                       B4xx B5xx
    5  the certificates: issuer trusted here, usage, validity; profile      B6xx
    6  time and revocation                                                  B7xx
    7  the people: registered, for this unit and step, three of them        B80x
    8  the records: slip, identity, report, decisions                       B90x
       the data files: what they say of themselves is what the slip says    P50x U602
    9  what was seen before: other copies, numbers, replay                  B92x
    10 the outcome: all steps there, none returned                          B806 B807

Each step rests on the ones before it, so the first one that refuses ends the verification, after
naming all that it found. A signature that holds is not a policy: what counts is steps 5 to 10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl import clock
from iocsl.bundle.certificates import Path as CertificatePath
from iocsl.bundle.certificates import check_path, check_person
from iocsl.bundle.cms import Signature, read_signature
from iocsl.bundle.container import (
    DATA,
    SLIP,
    STEPS,
    OpenBundle,
    covered_by,
    delegation_names,
    is_sheet,
    manifest_name,
    open_bundle,
)
from iocsl.bundle.delegation import SignedDelegation, not_in_order, read_delegation
from iocsl.bundle.encryption_keys import opened
from iocsl.bundle.identity import FileEntry, Slip
from iocsl.bundle.manifest import read_manifest
from iocsl.bundle.people import Authority, appointed, empowered, shared
from iocsl.bundle.records import (
    ROLES,
    check_decision,
    check_description,
    check_report,
    check_slip,
)
from iocsl.bundle.refusals import RefusedError, refusal
from iocsl.bundle.revocation import unknown_status
from iocsl.bundle.seen import check_seen
from iocsl.bundle.timestamps import Stamp, read_stamp
from iocsl.bundle.trust import TEST
from iocsl.bundle.verdict import INVALID, UNDECIDED, VALID, Policy, SignedStep, Verdict
from iocsl.errors import is_folder, missing_file

__all__ = ["INVALID", "UNDECIDED", "VALID", "Policy", "Verdict", "verify"]


if TYPE_CHECKING:
    from iocsl.bundle.sheet.read import SignedSheet

SKEW = timedelta(minutes=5)
"""How far the clocks of two desks may lie apart."""


def verify(path: Path, policy: Policy, *, steps: int = STEPS) -> Verdict:
    """Verify the bundle at `path`. `steps` is how many signatures are asked for: 3 when complete.

    Never raises for what is in the bundle. Exit 2 when there is no such file, 3 or 4 when the
    policy's own stores cannot be read. Memory does not grow with the payload.
    """
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    found = Verdict()
    try:
        with opened(path, policy.home) as plain, open_bundle(plain) as bundle:
            _Verification(bundle, policy, found).run(steps)
    except RefusedError as refused:
        found.refusals.append(refused.refusal)
    return found


class _Verification:
    """One run over one open bundle; what a step finds out is kept for the next."""

    def __init__(self, bundle: OpenBundle, policy: Policy, verdict: Verdict) -> None:
        self.bundle = bundle
        self.policy = policy
        self.verdict = verdict
        self.now = clock.record_now()
        self.references: dict[int, dict[str, str]] = {}
        self.digests: dict[str, str] = {}
        self.signatures: dict[int, Signature] = {}
        self.stamps: dict[int, Stamp] = {}
        self.sheets: dict[int, SignedSheet] = {}
        self.paths: dict[int, CertificatePath] = {}
        self.anchors = policy.anchors
        self.appointments = policy.appointments
        self.people: dict[int, Authority] = {}
        self.delegations: dict[int, SignedDelegation] = {}
        self.delegators: dict[int, CertificatePath] = {}

    def run(self, steps: int) -> None:
        numbered: tuple[Callable[[], None], ...] = (
            self._check_manifests,
            self._check_digests,
            self._check_signatures,
            self._check_certificates,
            self._check_time,
            self._check_people,
            self._check_records,
            self._check_seen,
            lambda: self._check_outcome(steps),
            lambda: self._check_attachments(steps),
        )
        for check in numbered:
            check()
            if self.verdict.verdict == INVALID:
                return

    @contextmanager
    def _collecting(self) -> Iterator[None]:
        """Keep a refusal and go on with the next object of the same step."""
        try:
            yield
        except RefusedError as refused:
            if refused.refusal not in self.verdict.refusals:
                self.verdict.refusals.append(refused.refusal)

    @property
    def _steps(self) -> range:
        return range(1, self.bundle.steps + 1)

    def _check_manifests(self) -> None:
        for step in self._steps:
            with self._collecting():
                self._check_manifest(step)

    def _check_manifest(self, step: int) -> None:
        name = manifest_name(step)
        manifest = read_manifest(self.bundle.whole(name), name)
        if manifest.signature != self.bundle.evidence(step):
            raise RefusedError("B204", member=name, target=manifest.signature)
        listed = [target for target, _ in manifest.references]
        bundle = self.bundle
        wanted = covered_by(step, bundle.data_names, bundle.delegated, bundle.sheets)
        for target in wanted:
            if target not in listed:
                raise RefusedError("B206", member=name, target=target)
        for target in listed:
            if target not in wanted:
                raise RefusedError("B207", member=name, target=target)
        if listed != wanted:
            raise RefusedError("B208", member=name)
        self.references[step] = dict(manifest.references)

    def _check_digests(self) -> None:
        for step in self._steps:
            self.digests[manifest_name(step)] = self.bundle.digest(manifest_name(step))
            evidence = self.bundle.evidence(step)
            self.digests[evidence] = self.bundle.digest(evidence)
        told: set[str] = set()
        for step in self._steps:
            for target, digest in self.references[step].items():
                if target not in self.digests:
                    self.digests[target] = self.bundle.digest(target)
                if self.digests[target] != digest and target not in told:
                    told.add(target)
                    self.verdict.refusals.append(refusal("B301", target=target, step=step))

    def _check_signatures(self) -> None:
        for step in self._steps:
            with self._collecting():
                signature = self._read_signature(step)
                if signature.timestamp is not None:
                    self.stamps[step] = read_stamp(signature.timestamp, signature.value, step)
                self.signatures[step] = signature
        for step in self.bundle.delegated:
            with self._collecting():
                record, signed = map(self.bundle.whole, delegation_names(step))
                self.delegations[step] = read_delegation(record, signed, step)

    def _read_signature(self, step: int) -> Signature:
        name, digest = self.bundle.evidence(step), self.digests[manifest_name(step)]
        raw = self.bundle.whole(name)
        if not is_sheet(name):
            return read_signature(raw, digest, step)
        from iocsl.bundle.sheet.read import read_sheet

        self.sheets[step] = read_sheet(raw, digest, step)
        return self.sheets[step].signature

    def _moments(self, step: int) -> tuple[datetime, ...]:
        """When certificate and register must hold: the time-stamp's time.

        Without a time-stamp the signer's clock is a claim: they must hold then and still hold now.
        """
        if step in self.stamps:
            return (self.stamps[step].at,)
        return (self.signatures[step].claimed_at, self.now)

    def _check_certificates(self) -> None:
        for step, signature in self.signatures.items():
            with self._collecting():
                self.paths[step] = check_person(
                    signature.certificate,
                    signature.others,
                    self.anchors,
                    self._moments(step),
                    step,
                )
        for step, delegation in self.delegations.items():
            given = delegation.signature
            with self._collecting(), _as_delegation(step):
                self.delegators[step] = check_person(
                    given.certificate, given.others, self.anchors, self._moments(step), step
                )
        paths = (*self.paths.values(), *self.delegators.values())
        profiles = {path.anchor.profile for path in paths}
        if len(profiles) > 1:
            self._add("B608")
        for profile in sorted(profiles):
            self.verdict.profile = profile
            if profile not in self.policy.profiles:
                accepted = ", ".join(sorted(self.policy.profiles)) or "–"
                self._add("B607", profile=profile, accepted=accepted)

    def _check_time(self) -> None:
        for step, signature in self.signatures.items():
            with self._collecting():
                self._check_order(step)
            with self._collecting():
                self._check_stamp(step)
            with self._collecting():
                self._check_revocation(self.paths[step], step)
            if step in self.delegators:
                with self._collecting(), _as_delegation(step):
                    self._check_revocation(self.delegators[step], step)
            if self.verdict.profile != TEST and signature.timestamp is None:
                self._add("B701", step=step)

    def _check_revocation(self, path: CertificatePath, step: int) -> None:
        unknown = unknown_status(
            path.certificates,
            self.anchors.statements,
            self._moments(step)[-1],
            step,
            stamped=step in self.stamps,
        )
        self._tell_unknown(unknown, step)

    def _check_order(self, step: int) -> None:
        """No step lies in the future or before the step it builds on, by either of its clocks."""
        clocks = [{n: each.claimed_at for n, each in self.signatures.items()}]
        clocks.append({n: each.at for n, each in self.stamps.items()})
        for times in clocks:
            earlier = [moment for other, moment in times.items() if other < step]
            moment = times.get(step, self.now)
            if moment > self.now + SKEW or any(moment < each - SKEW for each in earlier):
                raise RefusedError("B703", step=step, moment=clock.iso(moment))
        if step in self.stamps and self.signatures[step].claimed_at > self.stamps[step].at + SKEW:
            raise RefusedError(
                "B703", step=step, moment=clock.iso(self.signatures[step].claimed_at)
            )

    def _check_stamp(self, step: int) -> None:
        """The time-stamp's authority is trusted here, of this profile, and was not revoked."""
        if step not in self.stamps:
            return
        stamp = self.stamps[step]
        try:
            path = check_path(
                stamp.certificate, stamp.others, self.anchors.for_stamps(), (stamp.at,), step
            )
            unknown = unknown_status(
                path.certificates, self.anchors.statements, stamp.at, step, stamped=True
            )
        except RefusedError as inner:
            detail = f"{inner.refusal.code} {inner.refusal.name}"
            raise RefusedError("B702", step=step, detail=detail) from None
        if path.anchor.profile != self.verdict.profile:
            raise RefusedError("B702", step=step, detail=path.anchor.profile)
        self._tell_unknown(unknown, step)

    def _tell_unknown(self, subjects: list[str], step: int) -> None:
        """Unknown revocation leaves a bundle undecided; test keys are not asked for it."""
        if self.verdict.profile != TEST:
            for subject in subjects:
                self._add("B704", subject=subject, step=step)

    def _add(self, code: str, **details: object) -> None:
        self.verdict.refusals.append(refusal(code, **details))

    def _check_people(self) -> None:
        for step in self.signatures:
            with self._collecting():
                self.people[step] = self._authority(step)
        for step, authority in self.people.items():
            person = authority.person
            for first, other in self.people.items():
                twice = first < step and (shared(other, authority) or self._one_key(first, step))
                if twice:
                    self._add("B805", person=twice, first=first, step=step)
                    break
            signature = self.signatures[step]
            self.verdict.steps.append(
                SignedStep(
                    step,
                    ROLES[step],
                    person.name,
                    person.unit,
                    signature.claimed_at,
                    signature.algorithm,
                    self.stamps[step].at if step in self.stamps else None,
                    authority.delegator.name if authority.delegator else None,
                )
            )

    def _authority(self, step: int) -> Authority:
        certificate, unit = self.signatures[step].certificate, self.bundle.slip.unit
        appointments, moments = self.appointments, self._moments(step)
        if step not in self.delegations:
            return Authority(appointed(certificate, appointments, unit, step, moments))
        signed = self.delegations[step]
        if signed.signature.claimed_at > moments[0] + SKEW:
            terms = signed.terms
            days = f"{terms.first_day} – {terms.last_day}"
            raise RefusedError("B809", step=step, days=days, moment=clock.iso(moments[0]))
        return empowered(certificate, signed, appointments, unit=unit, step=step, moments=moments)

    def _one_key(self, first: int, second: int) -> str | None:
        """One key under two names: the name of its first holder."""
        keys = [self.signatures[step].certificate.public_key.dump() for step in (first, second)]
        return self.people[first].person.name if keys[0] == keys[1] else None

    def _check_records(self) -> None:
        slip, document = self.bundle.slip, self.bundle.document(SLIP)
        with self._collecting():
            check_slip(document, slip)
            self._check_files(slip)
            check_report(self.bundle.report, slip, document["attachments"])
            check_description(self.bundle.description, slip, document["catalogue"])
        self.verdict.slip = slip
        identity = slip.identity()
        earlier: dict[str, str] = {}
        for decision in self.bundle.decisions:
            step = decision.step
            with self._collecting():
                check_decision(decision.document, step, identity, self.people[step].person, earlier)
                self.verdict.ledgers.append({"step": step, **decision.document["ledger"]})
            name = self.bundle.evidence(step)
            earlier[name] = self.digests[name]
        if self.verdict.verdict != INVALID:
            for step, sheet in self.sheets.items():
                with self._collecting():
                    self._check_sheet(sheet, step)
            if self.policy.labels:
                from iocsl.bundle.labels import disagreements

                self.verdict.refusals.extend(disagreements(self.bundle, slip, self.policy.home))

    def _check_sheet(self, sheet: SignedSheet, step: int) -> None:
        """The page that was signed is the one that is printed for these records."""
        from iocsl.bundle.sheet.facts import facts_of
        from iocsl.bundle.sheet.read import check_page

        decision = self.bundle.decisions[step - 1].document
        digest = self.digests[manifest_name(step)]
        try:
            steps = self.verdict.steps
            instead_of = steps[step - 1].instead_of
            facts = facts_of(self.bundle, step, decision, digest, steps, instead_of=instead_of)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise RefusedError("B414", step=step, detail="ho-so/") from None
        check_page(sheet, facts, step)

    def _check_files(self, slip: Slip) -> None:
        """The slip lists exactly the files there, by name, size and digest; in order of name."""
        there = [
            FileEntry(name, self.bundle.size(DATA + name), self._digest(DATA + name))
            for name in self.bundle.data_names
        ]
        if list(slip.files) == there:
            return
        names = {file.name for file in slip.files} ^ {file.name for file in there}
        raise RefusedError("B904", detail=", ".join(sorted(names)) or "sha256")

    def _check_attachments(self, steps: int) -> None:
        """The attachments as those who signed may send them; asked of whole bundles alone."""
        names = self.bundle.document(SLIP)["attachments"]
        if names and steps == STEPS:
            from iocsl.bundle.attachments import AttachmentPolicy, objections_in

            for name, each in objections_in(self.bundle, names, AttachmentPolicy.of_config()):
                self._add("B911", name=name, reason=each.told.vi, reason_en=each.told.en)

    def _digest(self, name: str) -> str:
        if name not in self.digests:
            self.digests[name] = self.bundle.digest(name)
        return self.digests[name]

    def _check_seen(self) -> None:
        if self.policy.seen is None:
            return
        names = {each.person_id: each.person for each in self.appointments}
        self.verdict.refusals.extend(
            check_seen(self.policy.seen, self.bundle.slip, self.bundle.decisions, names)
        )

    def _check_outcome(self, steps: int) -> None:
        for decision in self.bundle.decisions:
            if decision.returned:
                self._add("B807", step=decision.step, reason=decision.document["reason"])
                return
        if self.bundle.steps < steps:
            self._add("B806", count=self.bundle.steps, wanted=steps)


@contextmanager
def _as_delegation(step: int) -> Iterator[None]:
    """What is wrong with the one who delegated is told as such."""
    try:
        yield
    except RefusedError as inner:
        raise not_in_order(inner, step) from None
