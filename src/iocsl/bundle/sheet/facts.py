"""What the sheet of one step says: worked out from the bundle's own records, and from nothing else.

So the unit that prints the sheet and the warehouse that reads it, years later and with another
catalogue, come to the same words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iocsl.bundle.container import SLIP, OpenBundle, manifest_name
from iocsl.bundle.records import ROLES
from iocsl.bundle.verdict import SignedStep
from iocsl.domain import VIETNAM

SCHEMA = "iocsl/sheet/1"


def facts_of(
    bundle: OpenBundle,
    step: int,
    decision: Mapping[str, Any],
    manifest_digest: str,
    earlier: Sequence[SignedStep],
    *,
    instead_of: str | None,
) -> dict[str, Any]:
    """The facts of `step`, a JSON object.

    `decision` is the record of the step, `manifest_digest` the SHA-256 (hex) of its manifest, both
    of which need not be in the bundle yet; `earlier` are the steps that were signed before;
    `instead_of` is for whom the signer acts, by a delegation.
    """
    slip, report, described = bundle.slip, bundle.report, bundle.description
    attached = set(bundle.document(SLIP)["attachments"])
    findings = [each for one in report["reports"] for each in one["findings"]]
    return {
        "schema": SCHEMA,
        "manifest": manifest_name(step),
        "sha256": manifest_digest,
        "step": step,
        "role": ROLES[step],
        "decision": decision["decision"],
        "reason": decision["reason"],
        "person": str(decision["person"]["name"]),
        "instead_of": instead_of,
        "certificate": str(decision["certificate"]),
        "identity": slip.identity(),
        "unit": {"code": slip.unit, "name": described["unit"].get("name")},
        "dataset": {"code": slip.dataset, "name": described["dataset"].get("name")},
        "period": slip.period,
        "sequence": slip.sequence,
        "supersedes": slip.supersedes,
        "files": [
            {"name": each.name, "size": each.size, "attached": each.name in attached}
            for each in slip.files
        ],
        "rows": sum(int(one["counts"]["rows"] or 0) for one in report["reports"]),
        "figures": _figures(report.get("figures", ()), described["indicators"]),
        "findings": {
            kind: sum(int(one["counts"][kind] or 0) for one in report["reports"])
            for kind in ("error", "warning", "info")
        },
        "warnings": _warnings(findings),
        "answers": [f"{each['code']} {each['reason']}" for each in report.get("answers", ())],
        "signed": [
            {
                "step": each.step,
                "person": each.person,
                "instead_of": each.instead_of,
                "signed_at": f"{each.signed_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}",
            }
            for each in earlier
            if each.step < step
        ],
    }


def _figures(
    totals: Sequence[Mapping[str, Any]], indicators: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The totals of the report with the names and measures of the description."""
    known = {each["code"]: each for each in indicators}
    return [
        {
            "code": each["code"],
            "name": known.get(each["code"], {}).get("name"),
            "unit": known.get(each["code"], {}).get("unit_of_measure"),
            "total": number(each["total"]),
            "rows": each["rows"],
        }
        for each in totals
    ]


def number(value: float) -> str:
    """A figure as it is written in Vietnam, with six places after the comma at most."""
    # Adding 0.0 takes the sign from what rounds to nothing.
    whole, _, part = f"{round(value, 6) + 0.0:,.6f}".partition(".")
    part = part.rstrip("0")
    return whole.replace(",", ".") + (f",{part}" if part else "")


def _warnings(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each code that the signers answer for."""
    told: dict[str, str] = {}
    for each in findings:
        if each["severity"] == "warning":
            told.setdefault(each["code"], f"{each['code']} {each['message']}")
    return list(told.values())
