"""Nothing leaves the house that the unit itself cannot verify: fully approved, and unaltered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from iocsl.bundle.identity import Slip
from iocsl.errors import IocslError
from iocsl.files import sha256_of
from iocsl.ledger import chain
from iocsl.ledger.chain import Chain
from iocsl.transport.outbox import Staged

QUEUED = "submit.queue"
"""The act in the audit chain that notes a queued bundle, and whose signatures it bears."""


def screen(path: Path, home: Path, name: str) -> Slip:
    """The slip of a bundle that this home's trust finds valid; `name` is what people call it.

    Exit 4 when it is not valid, 8 when that cannot be told yet.
    """
    from iocsl.bundle.complaints import bundle_refused
    from iocsl.bundle.verdict import VALID, Policy
    from iocsl.bundle.verify import verify

    verdict = verify(path, Policy.from_home(home))
    if verdict.verdict == VALID and verdict.slip is not None:
        return verdict.slip
    raise bundle_refused(Path(name), verdict)


def taken(path: Path, home: Path, accepted: Callable[[str], str | None]) -> Slip | None:
    """The slip of the very bundle that was received before, None of any other.

    It was valid when it was received, and who may sign now does not matter to it (decision 0114).
    Known by its digest: this home queued it and keeps receipts, or it is what the warehouse has
    `accepted` of that identity.
    """
    from iocsl.bundle.container import open_bundle
    from iocsl.bundle.encryption_keys import opened
    from iocsl.bundle.refusals import RefusedError as BadBundleError
    from iocsl.ledger.receipts import Receipts

    try:
        with opened(path, home) as plain, open_bundle(plain) as bundle:
            slip = bundle.slip
    except BadBundleError:
        return None
    identity, digest = slip.identity(), sha256_of(path)
    if _queued(identity, digest, home) and Receipts(home).of(identity):
        return slip
    try:
        return slip if accepted(identity) == digest else None
    except IocslError:
        # What was found wrong with the bundle stands as long as nobody says that it was received.
        return None


def _queued(identity: str, sha256: str, home: Path) -> bool:
    """Whether the ledger notes that this very file was queued here."""
    about = Chain.open(home / chain.FILE).about(identity)
    return any(each.act == QUEUED and each.subject.get("bundle") == sha256 for each in about)


def remember(staged: Staged, slip: Slip, home: Path) -> None:
    """Note in the ledger which copy is queued, and who signed it: another is known by that."""
    from iocsl.bundle.container import open_bundle
    from iocsl.bundle.encryption_keys import opened
    from iocsl.bundle.seen import Act

    if _queued(slip.identity(), staged.sha256, home):
        return
    with opened(staged.path, home) as plain, open_bundle(plain) as bundle:
        acts = [Act.of(each) for each in bundle.decisions]
    subject = {
        "identity": slip.identity(),
        "unit": slip.unit,
        "dataset": slip.dataset,
        "period": slip.period,
        "sequence": slip.sequence,
        "bundle": staged.sha256,
        "signed": [each.document() for each in acts],
    }
    Chain.open(home / chain.FILE).append(QUEUED, subject)
