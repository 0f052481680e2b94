"""What a data file says of itself, held against the slip: dataset, unit and period.

The rules are those of the technical check, so that whoever verifies a bundle reads what the
warehouse would answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl import config
from iocsl.bundle.container import SLIP, OpenBundle
from iocsl.bundle.encryption_keys import aside
from iocsl.bundle.refusal_table import REMAKE
from iocsl.bundle.refusals import Refusal, visible
from iocsl.catalog import open_catalogue
from iocsl.domain import Words
from iocsl.errors import IocslError
from iocsl.validate.check import context_of
from iocsl.validate.hits import Hit, Hits
from iocsl.validate.labels import claims_of
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import Unreadable

if TYPE_CHECKING:
    from iocsl.bundle.identity import Slip
    from iocsl.catalog import Catalogue
    from iocsl.domain import Finding
    from iocsl.validate.context import Claim

RULES = frozenset({"P501", "P502", "P503", "P504", "P505", "U602"})
"""The rules over what a file says of itself, apart from its rows."""
_LONGEST = 400
"""Characters of a message, which may quote a cell."""
_NAME_ALONE = ".csv"
"""Files that say it by their name alone, and need not be opened."""


def disagreements(bundle: OpenBundle, slip: Slip, home: Path | None) -> Iterator[Refusal]:
    """Each data file that says something else than the slip, in the words of the rules.

    Nothing where the slip itself names what the catalogue here does not know, nor of a file that
    cannot be read: the warehouse answers both. In `home` files lie while they are read. Exit 3
    when the catalogue itself cannot be read.
    """
    catalogue = open_catalogue()
    said = {"dataset": slip.dataset, "unit": slip.unit, "period": slip.period}
    try:
        claims_of(None, "", catalogue, **said)
    except IocslError:
        return
    attachments = set(bundle.document(SLIP)["attachments"])
    for name in bundle.data_names:
        if name not in attachments:
            for each in _findings(_claims(bundle, name, catalogue, said, home), catalogue):
                yield _refusal(name, each)


def _claims(
    bundle: OpenBundle, name: str, catalogue: Catalogue, said: dict[str, str], home: Path | None
) -> list[Claim]:
    if Path(name).suffix.lower() == _NAME_ALONE:
        return claims_of(None, name, catalogue, **said)
    with aside(home or config.home()) as folder:
        path = folder / name
        bundle.extract(name, path)
        try:
            source = open_source(path)
        except Unreadable:
            return []
        try:
            return claims_of(source, name, catalogue, **said)
        except Unreadable:
            return []
        finally:
            source.close()


def _findings(claims: list[Claim], catalogue: Catalogue) -> Iterator[Finding]:
    context = context_of(catalogue, claims, None)
    hits = Hits(context)
    for rule in context.rules.file:
        if rule.info.code in RULES:
            hits.extend(Hit(rule.info, fault) for fault in rule.check(context))
    yield from hits.findings({})


def _refusal(name: str, finding: Finding) -> Refusal:
    # Rules put their findings into words in the language that is spoken, and in no other.
    told = f"{visible(name)}: {visible(finding.message, _LONGEST)}"
    hint = f"{finding.hint} " if finding.hint else ""
    fix = Words(hint + REMAKE.vi, hint + REMAKE.en)
    return Refusal(finding.code, finding.name, Words(told, told), fix)
