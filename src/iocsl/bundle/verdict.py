"""The policy that a bundle is judged by, and what the judgement says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl import clock
from iocsl.bundle.identity import Slip
from iocsl.bundle.refusals import Refusal
from iocsl.bundle.register import Appointment, SignerRegister
from iocsl.bundle.trust import PROFILES, TrustStore
from iocsl.text import say

if TYPE_CHECKING:
    from iocsl.bundle.certificates import Anchors
    from iocsl.bundle.seen import Seen

VALID, INVALID, UNDECIDED = "valid", "invalid", "undecided"


@dataclass(frozen=True)
class Policy:
    """Whom to believe: trust store, register of signers, profiles accepted here.

    Store and register are read once for all the bundles that one policy judges.
    """

    trust: TrustStore
    register: SignerRegister
    profiles: frozenset[str] = frozenset(PROFILES)
    home: Path | None = None
    """Whose key opens what is encrypted (`encryption_keys`); None where there is none."""
    seen: Seen | None = None
    """What was seen before; None where nobody remembers."""
    labels: bool = True
    """Whether what data files say of themselves is asked; the warehouse does so once received."""

    @classmethod
    def from_home(cls, home: Path, profiles: frozenset[str] = frozenset(PROFILES)) -> Policy:
        """The stores in a home, or in a warehouse's own folder: `trust/` and `signers.yaml`."""
        from iocsl.bundle.seen import SeenHere

        return cls(
            TrustStore.from_home(home),
            SignerRegister.from_home(home),
            profiles,
            home,
            SeenHere(home),
        )

    @cached_property
    def anchors(self) -> Anchors:
        from iocsl.bundle.certificates import Anchors

        return Anchors.read(self.trust)

    @cached_property
    def appointments(self) -> Sequence[Appointment]:
        return self.register.appointments()


@dataclass(frozen=True, slots=True)
class SignedStep:
    """One step whose signature and signer were found good."""

    step: int
    role: str
    person: str
    unit: str
    signed_at: datetime
    algorithm: str
    timestamp: datetime | None
    instead_of: str | None = None
    """For whom the person acted, by a delegation."""

    def document(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "role": self.role,
            "person": self.person,
            "unit": self.unit,
            "signed_at": clock.iso(self.signed_at),
            "algorithm": self.algorithm,
            "timestamp": clock.iso(self.timestamp) if self.timestamp else None,
        }


@dataclass(slots=True)
class Verdict:
    """What was found. `slip` and `identity` are None as long as their step was not reached."""

    profile: str | None = None
    slip: Slip | None = None
    steps: list[SignedStep] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    ledgers: list[dict[str, Any]] = field(default_factory=list)
    """Step and head of the ledger that it was signed beside (`ledger.receipts.LEDGERS`)."""

    @property
    def verdict(self) -> str:
        """`valid`, `invalid` or `undecided`; undecided is never success."""
        if any(not each.undecided for each in self.refusals):
            return INVALID
        return UNDECIDED if self.refusals else VALID

    @property
    def identity(self) -> str | None:
        return self.slip.identity() if self.slip else None

    def document(self) -> dict[str, Any]:
        """The contract's JSON of `bundle verify`; messages in the language chosen."""
        slip = self.slip
        return {
            "verdict": self.verdict,
            "profile": self.profile,
            "identity": self.identity,
            "unit": slip.unit if slip else None,
            "dataset": slip.dataset if slip else None,
            "period": slip.period if slip else None,
            "sequence": slip.sequence if slip else None,
            "steps": [step.document() for step in self.steps],
            "refusals": [
                {"code": each.code, "message": say(each.message)} for each in self.refusals
            ],
        }
