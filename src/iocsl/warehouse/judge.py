"""The warehouse's own judgement: the code that units run, with its own trust and catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from iocsl.bundle.container import DATA, SLIP, OpenBundle, open_bundle
from iocsl.bundle.encryption import is_encrypted
from iocsl.bundle.encryption_keys import aside, opened
from iocsl.bundle.gate import declares_personal
from iocsl.bundle.identity import Slip
from iocsl.bundle.refusals import refusal
from iocsl.bundle.trust import OFFICIAL, PROFILES
from iocsl.bundle.verdict import Policy
from iocsl.bundle.verify import verify
from iocsl.catalog import Catalogue
from iocsl.domain import Finding
from iocsl.errors import IocslError
from iocsl.validate import Report
from iocsl.validate.attachments import LOOKED_AT, Attachment, is_blank
from iocsl.validate.between_files import check_together
from iocsl.validate.history import History
from iocsl.warehouse.intake import Checked, Refusal, Verified
from iocsl.warehouse.landing import facts_in
from iocsl.warehouse.past import LandedPast
from iocsl.warehouse.published import in_use
from iocsl.warehouse.seen import SeenAtWarehouse
from iocsl.warehouse.store import Store


class CatalogueJudge:
    """Verifies with the store's `trust/` and `signers.yaml`, checks with the catalogue's rules.

    Throw-away keys (`thu-nghiem`) count in a test store alone.
    """

    def __init__(self, store: Store) -> None:
        self._folder = store.folder
        self._past = LandedPast(store)
        self._seen = SeenAtWarehouse(store)
        self._profiles = frozenset(PROFILES) if store.test else frozenset({OFFICIAL})
        in_use()  # one that cannot be read is told at the start

    @property
    def catalogue_version(self) -> int | str:
        return in_use().version

    def knows(self, dataset: str) -> bool:
        catalogue = in_use()
        try:
            return catalogue.dataset(dataset).code == dataset
        except IocslError:
            return False

    def personal(self, dataset: str) -> bool:
        # A catalogue serves one thread: each question opens its own.
        return declares_personal(in_use(), dataset)

    def verify(self, container: Path) -> Verified:
        """The policy is read anew each time: a signer registered now counts from now."""
        known = Policy.from_home(self._folder, self._profiles)
        # What files say of themselves is part of the technical check, which has its own receipt.
        policy = replace(known, seen=self._seen, labels=False)
        verdict = verify(container, policy)
        slip = verdict.slip
        if slip and not is_encrypted(container) and self.personal(slip.dataset):
            verdict.refusals.append(refusal("B912"))
        refusals = tuple(Refusal(each.code, each.message) for each in verdict.refusals)
        return Verified(verdict.verdict, verdict.identity, refusals, tuple(verdict.ledgers))

    def check(self, container: Path, slip: Slip) -> Checked:
        """The technical check of every data file; attachments are not tables and are let be."""
        catalogue = in_use()
        with (
            opened(container, self._folder) as plain,
            open_bundle(plain) as bundle,
            aside(self._folder) as folder,
        ):
            names, reports = _check(bundle, slip, catalogue, folder, self._past)
        valid = bool(reports) and all(report.valid for report in reports)
        return Checked(
            valid,
            _in_short(finding for report in reports for finding in report.findings),
            [report.document() for report in reports],
            facts_in(container, self._folder, slip, names, catalogue) if valid else (),
        )


def _check(
    bundle: OpenBundle, slip: Slip, catalogue: Catalogue, folder: Path, past: History
) -> tuple[list[str], list[Report]]:
    """The data files' names and what was found in each."""
    attachments = sorted(bundle.document(SLIP)["attachments"])
    names = [name for name in bundle.data_names if name not in set(attachments)]
    for name in names:
        bundle.extract(name, folder / name)
    said = {"dataset": slip.dataset, "unit": slip.unit, "period": slip.period}
    reports = check_together(
        [folder / name for name in names],
        catalogue,
        said,
        history=past,
        attachments=tuple(_attachment(bundle, name) for name in attachments),
    )
    return names, reports


def _attachment(bundle: OpenBundle, name: str) -> Attachment:
    size = bundle.size(DATA + name)
    with bundle.file(DATA + name) as stream:
        return Attachment(name, size, is_blank(stream.read(LOOKED_AT), size))


def _in_short(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """One line a rule, with how many places: a receipt names no value."""
    counts: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        counts[finding.code, finding.severity.value] += finding.count
    return [
        {"code": code, "severity": severity, "count": count}
        for (code, severity), count in sorted(counts.items())
    ]
