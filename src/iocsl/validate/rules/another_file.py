"""Where the places that name dataset, unit and period differ, and whether for one cause."""

from __future__ import annotations

from functools import partial

from iocsl.domain import Period
from iocsl.validate.context import Claim, Context
from iocsl.validate.period_words import meant
from iocsl.validate.rules.units import owners


def _stands_for(claim: Claim) -> str:
    """What a claim comes to. That "10/2026" is no way to write 2026-10 is told once, by P505."""
    near = meant(claim.text) if claim.kind == "period" else None
    return claim.meant or near or claim.text


def differing(context: Context, kind: str) -> tuple[Claim, Claim] | None:
    """The first two claims that differ."""
    said = [claim for claim in context.claims if claim.kind == kind]
    for other in said[1:]:
        if _stands_for(said[0]) != _stands_for(other):
            return said[0], other
    return None


def follows(context: Context, kind: str) -> tuple[Claim, Claim] | None:
    """Two claims that differ because the file is of another dataset, and go with the dataset that
    each place names: then the datasets are the one cause."""
    found, datasets = differing(context, kind), differing(context, "dataset")
    if found is None or datasets is None:
        return None
    if [each.source == "sheet" for each in found] != [each.source == "sheet" for each in datasets]:
        return None
    if not all(map(partial(_goes_with, context), found, datasets)):
        return None
    return found if kind == "unit" or _kind_of(found[0]) != _kind_of(found[1]) else None


def _goes_with(context: Context, claim: Claim, of: Claim) -> bool:
    """Whether a unit is one that answers for a dataset, or a period of a kind that it has."""
    if claim.meant is None or of.meant is None:
        return False
    dataset = context.catalogue.dataset(of.meant)
    if claim.kind == "period":
        return _kind_of(claim) in dataset.periods
    return claim.meant in {*owners(dataset, context.catalogue), *dataset.addressees}


def _kind_of(claim: Claim) -> str | None:
    return Period.parse(claim.meant).type.value if claim.meant else None
