"""The shapes of what is done: bundles, signers, sending, the warehouse, this machine."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from iocsl.console.shapes import State, VerdictShape, closed

Profile = Literal["thu-nghiem", "chinh-thuc"]
Decision = Literal["dong-y", "tra-lai"]


@closed
class BundleStep(TypedDict):
    """`step` is 0, and the rest null, for a bundle that was made to be signed elsewhere."""

    bundle: str
    identity: str
    step: int
    decision: Decision | None
    person: str | None
    timestamp: Literal["pending"] | None
    sha256: str


@closed
class Stamped(TypedDict):
    bundle: str
    step: int
    sha256: str


@closed
class Exported(TypedDict):
    bundle: str
    step: int
    manifest: str


@closed
class SheetMade(TypedDict):
    bundle: str
    step: int
    manifest: str
    sheet: str


@closed
class Encrypted(TypedDict):
    """`recipients` are fingerprints of certificates."""

    bundle: str
    recipients: list[str]


@closed
class Decrypted(TypedDict):
    bundle: str


@closed
class TestKeys(TypedDict):
    unit: str
    profile: Literal["thu-nghiem"]
    keys: list[str]
    passphrase_file: str
    ca: str


@closed
class BundleFile(TypedDict):
    name: str
    size: int
    sha256: str


@closed
class Signatory(TypedDict):
    id: str | None
    name: str | None


@closed
class DecisionShape(TypedDict):
    step: int
    role: str
    decision: Decision
    reason: str | None
    person: Signatory | None
    instead_of: str | None


@closed
class BundlePage(TypedDict):
    identity: str
    unit: str
    unit_name: str | None
    dataset: str
    dataset_name: str | None
    period: str
    sequence: int
    supersedes: str | None
    files: list[BundleFile]
    attachments: list[Any]
    rows: int | None
    findings: dict[str, int]
    answers: list[Any]
    description: dict[str, Any]
    changes: dict[str, Any] | None
    last_period: dict[str, Any] | None
    digest: str | None
    decisions: list[DecisionShape]
    verification: VerdictShape | None


@closed
class SignerGap(TypedDict):
    unit: str
    code: str
    message: str


_Delegated = TypedDict(
    "_Delegated",
    {
        "record": str,
        "unit": str,
        "steps": list[int],
        "from": str,
        "to": str,
        "basis": str,
        "delegator": str,
        "delegate": str,
        "signed_at": str,
    },
)


@closed
class Delegated(_Delegated):
    """A delegation; `record` is its digest."""


_Signer = TypedDict(
    "_Signer",
    {
        "id": str,
        "person": str,
        "unit": str,
        "steps": list[int],
        "fingerprint": str,
        "from": str,
        "to": str | None,
        "basis": str,
        "delegated": list[Delegated],
    },
)


@closed
class Signer(_Signer):
    """Who may sign which steps."""


@closed
class SignerAdded(_Signer):
    """A new signer, and what is to be noted about the certificate."""

    warnings: list[Any]


@closed
class DelegationExported(TypedDict):
    record: str
    delegator: str


@closed
class Trusted(TypedDict):
    fingerprint: str
    kind: str
    profile: Profile
    subject: str
    not_after: str
    added_at: str


@closed
class Connected(TypedDict):
    unit: str
    url: str
    test: bool
    kid: str


@closed
class AuditEntry(TypedDict):
    seq: int
    at: str
    act: str
    actor: str
    subject: dict[str, Any]
    prev: str
    hash: str


@closed
class AuditProblem(TypedDict):
    seq: int
    code: str
    message: str


@closed
class AuditVerdict(TypedDict):
    valid: bool
    entries: int
    head: str | None
    problems: list[AuditProblem]


@closed
class StoreMade(TypedDict):
    store: str
    test: bool
    kid: str


@closed
class UnitAtStore(TypedDict):
    unit: str
    accounts: int
    submissions: int
    received: int
    landed: int
    needs_work: int
    last_accepted_at: str | None


@closed
class PublicKeys(TypedDict):
    """A JSON Web Key Set (RFC 7517): the keys of a key are those of its kind."""

    keys: list[dict[str, Any]]


@closed
class StoreFault(TypedDict):
    code: str
    what: str
    message: str


@closed
class SubmissionAtStore(TypedDict):
    identity: str
    unit: str
    dataset: str
    period: str
    sequence: int
    announced_at: str | None
    accepted_at: str | None
    state: State
    rows: int


@closed
class LandedRow(TypedDict):
    unit: str
    dataset: str
    period: str
    sequence: int
    identity: str
    file: str
    sheet: str | None
    row: int
    record: dict[str, Any]


@closed
class Backup(TypedDict):
    backup: str


@closed
class AccountMade(TypedDict):
    unit: str
    client_id: str
    url: str
    test: bool
    file: str


@closed
class AccountShape(TypedDict):
    client_id: str
    unit: str
    created_at: str
    locked_at: str | None


@closed
class AccountLocked(TypedDict):
    client_id: str
    locked: bool


@closed
class DemoStep(TypedDict):
    title: str
    command: str | None
    exit_code: int


@closed
class DemoStory(TypedDict):
    folder: str | None
    steps: list[DemoStep]
    receipts: list[str]


@closed
class DoctorCheck(TypedDict):
    check: str
    state: str
    message: str
    hint: str | None


@closed
class SettingShape(TypedDict):
    key: str
    value: str | int | bool | None
    origin: str
    env: str
    about: str


@closed
class ConfigShape(TypedDict):
    home: str
    home_origin: str
    file: str
    settings: list[SettingShape]
