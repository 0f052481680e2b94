"""Whether a bundle may be believed, in numbered steps; the same code at the unit and the warehouse.

    1  the container: one reading, fixed members                            B1xx
    2  the manifests: each covers everything before it, in order            B2xx
    3  the digests: every member is the one that was signed                 B3xx
    4  the signatures: shape, algorithms, mathematics                       B4xx B5xx
    5  the certificates: issuer trusted here, usage, validity; profile      B6xx
    6  time and revocation                                                  B7xx
    7  the people: registered, for this unit and step, three of them        B80x
    8  the records: slip, identity, report, decisions                       B90x
    9  the outcome: all steps there, none returned                          B806 B807

Each step rests on the ones before it, so the first one that refuses ends the verification, after
naming all that it found. A signature that holds is not a policy: what counts is steps 5 to 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl import clock
from iocsl.bundle.certificates import Anchors, check_path, check_person
from iocsl.bundle.certificates import Path as CertificatePath
from iocsl.bundle.cms import Signature, fingerprint, name_of, read_signature
from iocsl.bundle.container import (
    DATA,
    SLIP,
    STEPS,
    OpenBundle,
    covered_by,
    manifest_name,
    open_bundle,
    signature_name,
)
from iocsl.bundle.encryption_keys import opened
from iocsl.bundle.identity import FileEntry, Slip
from iocsl.bundle.manifest import read_manifest
from iocsl.bundle.records import (
    ROLES,
    Person,
    check_decision,
    check_description,
    check_report,
    check_slip,
)
from iocsl.bundle.refusals import RefusedError, refusal
from iocsl.bundle.register import Appointment
from iocsl.bundle.revocation import unknown_status
from iocsl.bundle.timestamps import Stamp, read_stamp
from iocsl.bundle.trust import TEST
from iocsl.bundle.verdict import INVALID, UNDECIDED, VALID, Policy, SignedStep, Verdict
from iocsl.errors import is_folder, missing_file

__all__ = ["INVALID", "UNDECIDED", "VALID", "Policy", "Verdict", "check_signer", "verify"]

if TYPE_CHECKING:
    from asn1crypto import x509

    from iocsl.bundle.signers import Holder

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


def check_signer(signer: Holder, policy: Policy, unit: str, step: int) -> Person:
    """Who would sign `step` for `unit`; asked before the key is used.

    Raises `RefusedError` (B5xx, B6xx, B8xx) when the signature would be refused.
    """
    now = clock.record_now()
    anchors = Anchors.read(policy.trust)
    found = check_person(signer.certificate, signer.chain, anchors, (now,), step)
    unknown_status(found.certificates, anchors.revocation_lists, now, step, stamped=False)
    if found.anchor.profile not in policy.profiles:
        accepted = ", ".join(sorted(policy.profiles)) or "–"
        raise RefusedError("B607", profile=found.anchor.profile, accepted=accepted)
    return person_of(signer.certificate, policy.register.appointments(), unit, step, (now,))


def person_of(
    certificate: x509.Certificate,
    appointments: Sequence[Appointment],
    unit: str,
    step: int,
    moments: Iterable[datetime],
) -> Person:
    """The person whom the register's lines let sign `step` for `unit` at each moment.

    Raises `RefusedError` B801-B804.
    """
    mark = fingerprint(certificate)
    held = [each for each in appointments if each.fingerprint == mark]
    if not held:
        raise RefusedError("B801", subject=name_of(certificate), step=step)
    person = held[0].person
    here = [each for each in held if each.unit == unit]
    if not here:
        raise RefusedError("B804", person=person, unit=held[0].unit, wanted=unit)
    fitting = [each for each in here if step in each.steps]
    if not fitting:
        raise RefusedError("B803", person=person, step=step)
    for moment in moments:
        if not any(each.holds_at(moment) for each in fitting):
            raise RefusedError("B802", person=person, step=step, moment=clock.iso(moment))
    return Person(fitting[0].person_id, person, unit, mark)


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
        self.paths: dict[int, CertificatePath] = {}
        self.anchors = Anchors.read(policy.trust)
        self.people: dict[int, Person] = {}

    def run(self, steps: int) -> None:
        numbered: tuple[Callable[[], None], ...] = (
            self._check_manifests,
            self._check_digests,
            self._check_signatures,
            self._check_certificates,
            self._check_time,
            self._check_people,
            self._check_records,
            lambda: self._check_outcome(steps),
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
        if manifest.signature != signature_name(step):
            raise RefusedError("B204", member=name, target=manifest.signature)
        listed = [target for target, _ in manifest.references]
        wanted = covered_by(step, self.bundle.data_names)
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
            self.digests[signature_name(step)] = self.bundle.digest(signature_name(step))
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
                raw = self.bundle.whole(signature_name(step))
                digest = self.digests[manifest_name(step)]
                signature = read_signature(raw, digest, step)
                if signature.timestamp is not None:
                    self.stamps[step] = read_stamp(signature.timestamp, signature.value, step)
                self.signatures[step] = signature

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
        profiles = {path.anchor.profile for path in self.paths.values()}
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
                unknown = unknown_status(
                    self.paths[step].certificates,
                    self.anchors.revocation_lists,
                    self._moments(step)[-1],
                    step,
                    stamped=step in self.stamps,
                )
                self._tell_unknown(unknown, step)
            if self.verdict.profile != TEST and signature.timestamp is None:
                self._add("B701", step=step)

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
                path.certificates, self.anchors.revocation_lists, stamp.at, step, stamped=True
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
        slip, appointments = self.bundle.slip, self.policy.register.appointments()
        for step, signature in self.signatures.items():
            with self._collecting():
                self.people[step] = person_of(
                    signature.certificate,
                    appointments,
                    slip.unit,
                    step,
                    self._moments(step),
                )
        for step, person in self.people.items():
            for first, other in self.people.items():
                if first < step and self._same(first, step):
                    self._add("B805", person=other.name, first=first, step=step)
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
                )
            )

    def _same(self, first: int, second: int) -> bool:
        """One person by the register, or one key under two names."""
        keys = [self.signatures[step].certificate.public_key.dump() for step in (first, second)]
        return self.people[first].id == self.people[second].id or keys[0] == keys[1]

    def _check_records(self) -> None:
        slip, document = self.bundle.slip, self.bundle.document(SLIP)
        with self._collecting():
            check_slip(document, slip)
            self._check_files(slip)
            check_report(self.bundle.report, slip, document["attachments"])
            check_description(self.bundle.description, slip, document["catalogue"])
        self.verdict.slip = slip
        identity = slip.identity()
        earlier: list[str] = []
        for decision in self.bundle.decisions:
            step = decision.step
            with self._collecting():
                check_decision(decision.document, step, identity, self.people[step], earlier)
            earlier.append(self.digests[signature_name(step)])

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

    def _digest(self, name: str) -> str:
        if name not in self.digests:
            self.digests[name] = self.bundle.digest(name)
        return self.digests[name]

    def _check_outcome(self, steps: int) -> None:
        for decision in self.bundle.decisions:
            if decision.returned:
                self._add("B807", step=decision.step, reason=decision.document["reason"])
                return
        if self.bundle.steps < steps:
            self._add("B806", count=self.bundle.steps, wanted=steps)
