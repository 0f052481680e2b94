"""How an act of the three people ends: verified, entered in the ledger, then in its place.

Nothing takes the bundle's place before that, so that a kill or a full disk leaves the bundle as it
was before or as it is after.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iocsl import clock
from iocsl.bundle import earlier as earlier_bundles
from iocsl.bundle.complaints import bundle_refused, changed_meanwhile, read_only
from iocsl.bundle.container import open_bundle
from iocsl.bundle.drafts import check_number
from iocsl.bundle.identity import Slip
from iocsl.bundle.records import Person
from iocsl.bundle.seen import Act
from iocsl.bundle.verdict import Policy, Verdict
from iocsl.bundle.verify import verify
from iocsl.errors import IocslError
from iocsl.files import sha256_of, sync_folder
from iocsl.ledger.chain import FILE as LEDGER
from iocsl.ledger.chain import Chain

RETURN = "bundle.return"
UNFINISHED = ".dang-ky"
_STALE_SECONDS = 86_400
"""No act takes that long: what is older was left behind by a kill."""


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was carried out: the bundle as it now is, and who did it."""

    path: Path
    slip: Slip
    step: int
    person: Person
    act: str
    instead_of: Person | None = None
    """For whom the person acted, by a delegation."""
    pending: IocslError | None = None
    """Why the time-stamp that was asked for is not there yet; `stamp` adds it later."""


def finish(part: Path, target: Path, done: Done, home: Path, *, earlier: str | None) -> None:
    """Verify what was made, enter it in the ledger, and let it take the place of `target`.

    `earlier` is the SHA-256 that `target` must still have, None when it is new.
    """
    verdict = verify(part, Policy.from_home(home), steps=done.step)
    blocking = [
        each
        for each in verdict.refusals
        if not each.undecided and not (done.act == RETURN and each.code == "B807")
    ]
    if blocking:
        raise bundle_refused(target, Verdict(refusals=blocking))
    if earlier is not None and sha256_of(target) != earlier:
        raise changed_meanwhile(target)
    _record(part, done, home)
    part.replace(target)
    sync_folder(target.parent)
    earlier_bundles.keep(target, done.slip.identity(), home)


def _record(part: Path, done: Done, home: Path) -> None:
    """The act's entry. A number is given once, also when two desks make a bundle at a time."""
    from filelock import FileLock

    chain = Chain.open(home / LEDGER)
    with FileLock(home / "create.lock"):
        if done.step == 1:
            check_number(chain, done.slip)
        chain.append(done.act, _subject(part, done), done.person.id)


def _subject(part: Path, done: Done) -> dict[str, Any]:
    slip = done.slip
    with open_bundle(part) as bundle:
        decisions = bundle.decisions
    return {
        "identity": slip.identity(),
        "unit": slip.unit,
        "dataset": slip.dataset,
        "period": slip.period,
        "sequence": slip.sequence,
        "supersedes": slip.supersedes,
        "step": done.step,
        "bundle": sha256_of(part),
        "signed": [Act.of(each).document() for each in decisions],
    }


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """An unfinished file in the folder of `target`, gone when the block ends without using it."""
    _sweep(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=UNFINISHED, dir=target.parent
        )
    except OSError as error:
        if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
            raise read_only(target) from None
        raise
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _sweep(target: Path) -> None:
    """Remove what acts on `target` that were killed left beside it: it holds the unit's data."""
    now = clock.record_now().timestamp()
    for path in target.parent.glob(f".{glob.escape(target.name)}.*{UNFINISHED}"):
        with contextlib.suppress(OSError):
            if now - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()
