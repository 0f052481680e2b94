"""Nothing leaves the house that the unit itself cannot verify: fully approved, and unaltered."""

from __future__ import annotations

from pathlib import Path

from iocsl.bundle.identity import Slip
from iocsl.ledger import chain
from iocsl.ledger.chain import Chain

QUEUED = "submit.queue"
"""The act in the audit chain that notes whose signatures a queued bundle bears."""


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


def remember(path: Path, slip: Slip, home: Path) -> None:
    """Note in the ledger who signed the copy that is queued: another one is known by that."""
    from iocsl.bundle.container import open_bundle
    from iocsl.bundle.encryption_keys import opened
    from iocsl.bundle.seen import Act, SeenHere

    with opened(path, home) as plain, open_bundle(plain) as bundle:
        acts = [Act.of(each) for each in bundle.decisions]
    if set(acts) <= set(SeenHere(home).acts(slip.identity())):
        return
    subject = {
        "identity": slip.identity(),
        "unit": slip.unit,
        "dataset": slip.dataset,
        "period": slip.period,
        "sequence": slip.sequence,
        "signed": [each.document() for each in acts],
    }
    Chain.open(home / chain.FILE).append(QUEUED, subject)
