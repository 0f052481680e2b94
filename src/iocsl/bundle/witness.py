"""Heads of ledgers that travel in bundles and receipts, held against the ledger of this home.

Who cuts entries off the end of a ledger, and every trace of them in it, cannot cut them out of the
bundles and receipts that others keep. `docs/decisions/0069-heads-of-the-ledger.md`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from iocsl.bundle.complaints import bundle_refused, not_signed_here
from iocsl.bundle.container import open_bundle
from iocsl.bundle.earlier import FOLDER as KEPT
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.verdict import Verdict
from iocsl.errors import IocslError
from iocsl.ledger import receipts
from iocsl.ledger.chain import Chain, Head, Problem, act_missing, receipt_missing
from iocsl.ledger.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Witness:
    """What a bundle or receipt says: step `step` of `identity` was taken after this head."""

    identity: str
    step: int
    head: Head


def in_bundle(path: Path) -> list[Witness]:
    """The witnesses in a bundle. Exit 4 when it cannot be opened."""
    try:
        with open_bundle(path) as bundle:
            identity = bundle.slip.identity()
            return [
                Witness(identity, each.step, Head.read(each.document.get("ledger")))
                for each in bundle.decisions
            ]
    except RefusedError as refused:
        raise bundle_refused(path, Verdict(refusals=[refused.refusal])) from None
    except ValueError:
        refusal = RefusedError("B901", step="–", detail="ledger").refusal
        raise bundle_refused(path, Verdict(refusals=[refusal])) from None


def in_receipt(receipt: Receipt) -> list[Witness]:
    """The witnesses in a receipt whose signature was checked."""
    return [Witness(receipt.identity, step, head) for step, head in receipt.ledgers]


def verify_ledger(
    home: Path, chain: Chain, bundles: Iterable[Path], given: Iterable[Receipt]
) -> list[Problem]:
    """What is wrong with the ledger by itself, and beside all that bears witness to it here.

    That is `bundles` and `given` receipts, those bundles that were signed here and are kept, and
    every receipt of this home. Exit 4 when no step of one of `bundles` was taken here.
    """
    ledger = chain.standing().ledger
    found: list[Witness] = []
    for path in bundles:
        own = [each for each in in_bundle(path) if _is_ours(each, chain, ledger)]
        if not own:
            raise not_signed_here(path)
        found.extend(own)
    kept = receipts.kept(home)
    witnesses = [each for one in (*given, *kept) for each in in_receipt(one)]
    forgotten = []
    for path in sorted((home / KEPT).glob("*.asice")):
        # A copy that was damaged since bears no witness; it was only kept for comparing.
        with contextlib.suppress(IocslError, OSError):
            told = in_bundle(path)
            witnesses.extend(told)
            if told and not any(_is_ours(each, chain, ledger) for each in told):
                forgotten.append(told[-1])
    found.extend(each for each in witnesses if _is_ours(each, chain, ledger))
    heads = {(each.head.seq, each.head.hash) for each in found}
    problems = chain.verify(sorted(heads))
    problems += _acts_missing(chain, found)
    # Signed here, and this ledger knows none of the steps: it was begun anew.
    problems += [act_missing(0, each.identity, each.step) for each in forgotten]
    problems += _receipts_missing(chain, kept)
    return problems


def _is_ours(witness: Witness, chain: Chain, ledger: str | None) -> bool:
    """Whether the step was taken here: by the name of the ledger, or by an entry that says so."""
    if witness.head.ledger is not None:
        return witness.head.ledger == ledger
    return witness.step in _steps(chain, witness.identity)


def _steps(chain: Chain, identity: str) -> set[int]:
    return {
        entry.subject["step"]
        for entry in chain.about(identity)
        if entry.act.startswith("bundle.") and "step" in entry.subject
    }


def _acts_missing(chain: Chain, witnesses: Iterable[Witness]) -> list[Problem]:
    return [
        act_missing(each.head.seq, each.identity, each.step)
        for each in dict.fromkeys(witnesses)
        if each.step not in _steps(chain, each.identity)
    ]


def _receipts_missing(chain: Chain, kept: Iterable[Receipt]) -> list[Problem]:
    noted = {entry.subject.get("receipt") for entry in chain.entries(receipts.NOTED)}
    head = chain.standing().seq
    return [receipt_missing(head, each.digest) for each in kept if each.digest not in noted]
