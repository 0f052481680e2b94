"""What was seen before: who signed which copy of a bundle, and what the warehouse has taken.

Two people may act on copies of one bundle; the identity is the same, the signatures are not. Either
copy verifies by itself, so only who has seen the other can tell: a desk by its ledger, the
warehouse by its registry. `docs/decisions/0068-copies-and-numbers.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from iocsl.bundle.container import Decision
from iocsl.bundle.identity import Slip
from iocsl.bundle.refusals import Refusal, refusal
from iocsl.ledger.chain import FILE as LEDGER
from iocsl.ledger.chain import Chain, Entry
from iocsl.ledger.receipts import taken

Number = tuple[int, str]
"""Sequence and identity of a submission that the warehouse has taken."""


@dataclass(frozen=True, slots=True)
class Act:
    """A step that somebody took on some copy of a bundle; `person` is the id in the register."""

    step: int
    person: str
    returned: bool

    @classmethod
    def of(cls, decision: Decision) -> Act:
        return cls(decision.step, str(decision.document["person"]["id"]), decision.returned)

    def document(self) -> dict[str, Any]:
        return {"step": self.step, "person": self.person, "returned": self.returned}


class Seen(Protocol):
    """The memory of a desk or of the warehouse."""

    def acts(self, identity: str) -> Iterable[Act]:
        """Steps that were taken on copies of this bundle."""

    def taken(self, unit: str, dataset: str, period: str) -> Sequence[Number]:
        """What the warehouse has received of this unit, dataset and period."""

    def about(self, identity: str) -> tuple[str, str, str, int] | None:
        """Unit, dataset, period and sequence of a submission, None when it is not known."""


class SeenHere:
    """The memory of a home: its ledger and its receipts."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def acts(self, identity: str) -> list[Act]:
        return [
            Act(each["step"], each["person"], each["returned"])
            for entry in self._entries(identity)
            for each in entry.subject.get("signed", ())
        ]

    def taken(self, unit: str, dataset: str, period: str) -> list[Number]:
        return taken(self._home, (unit, dataset, period))

    def about(self, identity: str) -> tuple[str, str, str, int] | None:
        for entry in self._entries(identity):
            of = entry.subject
            if of.get("signed"):
                return of["unit"], of["dataset"], of["period"], of["sequence"]
        return None

    def _entries(self, identity: str) -> list[Entry]:
        path = self._home / LEDGER
        return Chain.open(path).about(identity) if path.is_file() else []


def check_seen(
    seen: Seen, slip: Slip, decisions: Sequence[Decision], names: Mapping[str, str]
) -> list[Refusal]:
    """What speaks against a bundle by what was seen before: B920-B924; `names` of people by id."""
    identity = slip.identity()
    found = _copies(seen.acts(identity), [Act.of(each) for each in decisions], names)
    key = (slip.unit, slip.dataset, slip.period)
    numbers = dict(seen.taken(*key))
    if identity not in numbers.values():
        if slip.sequence in numbers:
            found.append(refusal("B923", sequence=slip.sequence))
        elif numbers and slip.sequence < max(numbers):
            found.append(refusal("B922", last=max(numbers), sequence=slip.sequence))
    before = seen.about(slip.supersedes) if slip.supersedes else None
    if before is not None and (before[:3] != key or before[3] >= slip.sequence):
        found.append(refusal("B924", detail=" ".join(map(str, before))))
    return found


def _copies(seen: Iterable[Act], own: Sequence[Act], names: Mapping[str, str]) -> list[Refusal]:
    here = {each.step: each for each in own}
    found: dict[str, Refusal] = {}
    for act in seen:
        mine = here.get(act.step)
        other = names.get(act.person, act.person)
        if act.returned and act != mine:
            found["B921"] = refusal("B921", step=act.step, other=other)
        elif mine is not None and mine != act:
            name = names.get(mine.person, mine.person)
            found["B920"] = refusal("B920", step=act.step, other=other, here=name)
    return [found["B921"]] if "B921" in found else list(found.values())


def signed_elsewhere(seen: Seen, identity: str, act: Act) -> str | None:
    """Who took this step on another copy, differently, before `act` is signed; None: nobody."""
    others = (each for each in seen.acts(identity) if each.step == act.step and each != act)
    return next((each.person for each in others), None)
