"""Nothing leaves the house that the unit itself cannot verify: fully approved, and unaltered."""

from __future__ import annotations

from pathlib import Path

from iocsl.bundle.identity import Slip
from iocsl.domain import ExitCode
from iocsl.errors import IocslError


def screen(path: Path, home: Path, name: str) -> Slip:
    """The slip of a bundle that this home's trust finds valid.

    Exit 4 (`bundle-invalid`) when it is not, 8 (`bundle-undecided`) when that cannot be told yet.
    """
    from iocsl.bundle.verify import Policy, verify

    verdict = verify(path, Policy.from_home(home))
    if verdict.verdict == "valid" and verdict.slip is not None:
        return verdict.slip
    reasons = "; ".join(f"{each.code} {each.message}" for each in verdict.refusals)
    hint = (
        f"Xem từng bước: iocsl bundle verify “{name}”",
        f"See each step: iocsl bundle verify “{name}”",
    )
    if verdict.verdict == "undecided":
        raise IocslError(
            "bundle-undecided",
            f"Chưa đủ căn cứ để kết luận gói “{name}” hợp lệ: {reasons}",
            f"It cannot be told yet whether the bundle “{name}” is valid: {reasons}",
            hint,
            ExitCode.UNDECIDED,
        )
    raise IocslError(
        "bundle-invalid",
        f"Gói “{name}” không hợp lệ, chưa gửi: {reasons}",
        f"The bundle “{name}” is not valid and was not sent: {reasons}",
        hint,
        ExitCode.INTEGRITY,
    )
