"""What a bundle is about, on one page: shown before anyone signs, and by `bundle show`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl.bundle.changes import Changes, LastPeriod, changes_since, since_last_period
from iocsl.bundle.container import RECORDS, SLIP, STEPS, open_bundle
from iocsl.bundle.drafts import Draft
from iocsl.bundle.identity import Slip
from iocsl.bundle.records import first_warnings
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.verdict import Policy, Verdict
from iocsl.bundle.verify import verify
from iocsl.errors import IocslError
from iocsl.files import sha256_of

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue


@dataclass(frozen=True, slots=True)
class Overview:
    """One page. Names are null where this home's catalogue does not know the code.

    `findings` counts by severity; `warnings` are those that the signers answer for, one line for
    each code, `answers` what the unit says to them; `description` says what the
    data are in a few words; `digest` is the SHA-256 of the bundle, None before there is one.
    """

    slip: Slip
    unit_name: str | None
    dataset_name: str | None
    attachments: tuple[str, ...]
    rows: int
    findings: Mapping[str, int]
    warnings: tuple[str, ...]
    answers: tuple[str, ...]
    description: Mapping[str, Any]
    digest: str | None
    verdict: Verdict | None
    decisions: tuple[Mapping[str, Any], ...]
    changes: Changes | None = None
    """Against the submission that this one replaces; None when it replaces none."""
    last: LastPeriod | None = None
    """Against the period before; None when nothing of it is known here."""

    def document(self) -> dict[str, Any]:
        """The JSON of `bundle show`."""
        slip = self.slip
        signed = self.verdict.steps if self.verdict else []
        instead_of = {each.step: each.instead_of for each in signed}
        return {
            "identity": slip.identity(),
            "unit": slip.unit,
            "unit_name": self.unit_name,
            "dataset": slip.dataset,
            "dataset_name": self.dataset_name,
            "period": slip.period,
            "sequence": slip.sequence,
            "supersedes": slip.supersedes,
            "files": [file.document() for file in slip.files],
            "attachments": list(self.attachments),
            "rows": self.rows,
            "findings": dict(self.findings),
            "answers": list(self.answers),
            "description": dict(self.description),
            "changes": self.changes.document() if self.changes else None,
            "last_period": self.last.document() if self.last else None,
            "digest": self.digest,
            "decisions": [
                {key: decision.get(key) for key in ("step", "role", "decision", "reason", "person")}
                | {"instead_of": instead_of.get(step)}
                for step, decision in enumerate(self.decisions, 1)
            ],
            "verification": self.verdict.document() if self.verdict else None,
        }


def overview_of_draft(draft: Draft, catalogue: Catalogue) -> Overview:
    """The page before step 1."""
    return _overview(
        draft.slip, draft.report_document(), draft.attachments, draft.description, catalogue
    )


def overview_of_bundle(
    path: Path,
    home: Path,
    catalogue: Catalogue,
    *,
    steps: int = STEPS,
    verdict: Verdict | None = None,
) -> Overview:
    """The page of a bundle as it says of itself, beside what verification of `steps` says.

    `verdict` is what that said where it was asked already: it reads the whole of a large bundle.

    Raises `IocslError` (exit 4) when it is no bundle that can be opened.
    """
    from iocsl.bundle.complaints import bundle_refused

    verdict = verdict or verify(path, Policy.from_home(home), steps=steps)
    try:
        with open_bundle(path) as bundle:
            slip, document, report = bundle.slip, bundle.document(SLIP), bundle.report
            decisions = tuple(decision.document for decision in bundle.decisions)
            described = bundle.description
        page = _overview(
            slip,
            report,
            tuple(map(str, document["attachments"])),
            described,
            catalogue,
            digest=sha256_of(path),
            verdict=verdict,
            decisions=decisions,
        )
        return replace(
            page,
            changes=changes_since(path, slip, home, catalogue),
            last=since_last_period(path, slip, home, catalogue),
        )
    except RefusedError as refused:
        raise bundle_refused(path, Verdict(refusals=[refused.refusal])) from None
    except (KeyError, TypeError, AttributeError, ValueError):
        # Records of another shape are refused by the verification, with their reason.
        odd = RefusedError("B115", member=RECORDS[-1], detail="schema")
        found = verdict if verdict.refusals else Verdict(refusals=[odd.refusal])
        raise bundle_refused(path, found) from None


def _overview(
    slip: Slip,
    checked: Mapping[str, Any],
    attachments: tuple[str, ...],
    described: Mapping[str, Any],
    catalogue: Catalogue,
    *,
    digest: str | None = None,
    verdict: Verdict | None = None,
    decisions: tuple[Mapping[str, Any], ...] = (),
) -> Overview:
    rows, counts = 0, {"error": 0, "warning": 0, "info": 0}
    answers = tuple(f"{each['code']} {each['reason']}" for each in checked.get("answers", ()))
    for report in checked["reports"]:
        rows += int(report["counts"]["rows"] or 0)
        for severity in counts:
            counts[severity] += int(report["counts"][severity] or 0)
    unit = catalogue.unit(slip.unit)
    return Overview(
        slip,
        unit.name if unit else None,
        _dataset_name(slip.dataset, catalogue),
        attachments,
        rows,
        counts,
        tuple(f"{code} {said}" for code, said in first_warnings(checked).items()),
        answers,
        in_short(described),
        digest,
        verdict,
        decisions,
    )


def in_short(described: Mapping[str, Any]) -> dict[str, Any]:
    """What `ho-so/mo-ta.json` says, short enough for a page."""
    structure = described["structure"]
    return {
        "structure": structure.get("title", structure["name"]),
        "columns": len(structure["fields"]),
        "indicators": len(described["indicators"]),
        "basis": structure.get("nguon"),
        "starter": bool(structure.get("mau_khoi_dau")),
        "source": dict(described["dataset"]["source"]),
    }


def _dataset_name(code: str, catalogue: Catalogue) -> str | None:
    try:
        return catalogue.dataset(code).name
    except IocslError:
        return None
