"""Nothing leaves the house that the unit itself cannot verify: fully approved, and unaltered."""

from __future__ import annotations

from pathlib import Path

from iocsl.bundle.identity import Slip


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
