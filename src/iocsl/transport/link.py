"""What a way to the warehouse must be able to do, and what it says when it cannot.

`direct` (HTTP, in `client`) is the way of today; the provincial LGSP and a shared folder are others
of the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from iocsl.bundle.identity import Slip
from iocsl.domain import ExitCode
from iocsl.errors import IocslError


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a submission stands at the warehouse; `offset` is None when no byte is missing."""

    state: str
    offset: int | None
    receipts: tuple[str, ...]


class Link(Protocol):
    """A way to the warehouse. Raises `NoAnswerError` (exit 5) and `RefusedError` (exit 6)."""

    def announce(self, slip: Slip, sha256: str, size: int) -> Standing: ...

    def upload(self, identity: str, path: Path, sha256: str, offset: int) -> None: ...

    def commit(self, identity: str, sha256: str) -> Standing: ...


class NoAnswerError(IocslError):
    """Nobody answered, or not a warehouse: the bundle waits, sending may be repeated. Exit 5."""

    def __init__(self, code: str, vi: str, en: str, hint: tuple[str, str] | None = None) -> None:
        super().__init__(code, vi, en, hint or KEPT, ExitCode.NO_ANSWER)


class RefusedError(IocslError):
    """The warehouse said no. `final` is True when it spoke of this bundle, not of the account."""

    def __init__(
        self,
        code: str,
        vi: str,
        en: str,
        hint: tuple[str, str] | None = None,
        *,
        final: bool = False,
    ) -> None:
        super().__init__(code, vi, en, hint, ExitCode.REFUSED)
        self.final = final


KEPT = (
    "Gói nộp vẫn nằm trong hàng chờ. Chạy lại sau: iocsl submit --all",
    "The bundle stays in the outbox. Run again later: iocsl submit --all",
)
