"""The JSON records in a bundle: the slip as written, and the decision of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import iocsl
from iocsl.bundle.identity import Slip
from iocsl.bundle.refusals import RefusedError
from iocsl.catalog.description import SCHEMA as DESCRIPTION_SCHEMA
from iocsl.domain import Words
from iocsl.ledger.chain import Head
from iocsl.text import squeeze

SLIP_SCHEMA = "iocsl/slip/1"
DECISION_SCHEMA = "iocsl/decision/1"
REPORT_SCHEMA = "iocsl/validation/1"
AGREED, RETURNED = "dong-y", "tra-lai"
DECLARATION = "not-secret-not-internal"
"""What is declared at create: 1134 Điều 1.2 and 2023 Điều 1.2 do not apply to these data."""
ROLES = {1: "prepared", 2: "reviewed", 3: "approved"}
ROLE_NAMES = {
    1: Words("nhập liệu", "prepared"),
    2: Words("thẩm định", "reviewed"),
    3: Words("phê duyệt", "approved"),
}
_DECISION_KEYS = {
    *("schema", "step", "role", "decision", "reason", "identity"),
    *("person", "unit", "certificate", "previous", "ledger"),
}
_DESCRIPTION_KEYS = {
    *("schema", "dataset", "unit", "period", "catalogue", "structure", "indicators"),
}
_SLIP_KEYS = {
    *("schema", "identity", "unit", "dataset", "period", "sequence", "supersedes", "files"),
    *("attachments", "declaration", "catalogue", "tool"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """The signer of a step, as the register knows the person."""

    id: str
    name: str
    unit: str
    fingerprint: str


def slip_document(
    slip: Slip, attachments: Sequence[str], catalogue_version: int, catalogue_digest: str
) -> dict[str, Any]:
    """`ho-so/phieu-gui.json`: the identity's fields, and what is no part of the identity."""
    return {
        "schema": SLIP_SCHEMA,
        "identity": slip.identity(),
        **slip.document(),
        "attachments": sorted(attachments),
        "declaration": DECLARATION,
        "catalogue": {"version": catalogue_version, "sha256": catalogue_digest},
        "tool": {"name": "iocsl", "version": iocsl.__version__},
    }


def decision_document(
    step: int,
    identity: str,
    person: Person,
    previous: Mapping[str, str],
    *,
    ledger: Head,
    reason: str | None = None,
) -> dict[str, Any]:
    """`quyet-dinh/buoc-N.json`. `previous` are the earlier signatures: member name to SHA-256."""
    return {
        "schema": DECISION_SCHEMA,
        "step": step,
        "role": ROLES[step],
        "decision": AGREED if reason is None else RETURNED,
        "reason": reason,
        "identity": identity,
        "person": {"id": person.id, "name": person.name},
        "unit": person.unit,
        "certificate": person.fingerprint,
        "previous": _previous(previous),
        "ledger": ledger.document(),
    }


def _previous(digests: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "sha256": digest} for name, digest in digests.items()]


def check_decision(
    document: Mapping[str, Any],
    step: int,
    identity: str,
    person: Person,
    previous: Mapping[str, str],
) -> None:
    """Whether a decision says what its signature and its place say. Raises B901 or B902."""

    def refuse(detail: str) -> RefusedError:
        return RefusedError("B901", step=step, detail=detail)

    if set(document) != _DECISION_KEYS or document["schema"] != DECISION_SCHEMA:
        raise refuse("schema")
    if (
        type(document["step"]) is not int
        or document["step"] != step
        or document["role"] != ROLES[step]
    ):
        raise refuse("step, role")
    if document["identity"] != identity:
        raise refuse("identity")
    if document["previous"] != _previous(previous):
        raise refuse("previous")
    try:
        Head.read(document["ledger"])
    except ValueError:
        raise refuse("ledger") from None
    decision, reason = document["decision"], document["reason"]
    given = isinstance(reason, str) and bool(squeeze(reason))
    agreed = decision == AGREED and reason is None
    if not agreed and not (decision == RETURNED and given and step > 1):
        raise refuse("decision, reason")
    named = (document["person"], document["unit"], document["certificate"])
    if named != ({"id": person.id, "name": person.name}, person.unit, person.fingerprint):
        raise RefusedError("B902", step=step)


def check_slip(document: Mapping[str, Any], slip: Slip) -> None:
    """Whether the slip has its shape, its identity and the declaration. Raises B115, B903, B907."""
    from iocsl.bundle.container import SLIP

    if set(document) != _SLIP_KEYS or document["schema"] != SLIP_SCHEMA:
        raise RefusedError("B115", member=SLIP, detail="schema")
    for key, value in slip.document().items():
        if document[key] != value:
            raise RefusedError("B115", member=SLIP, detail=key)
    attachments = document["attachments"]
    names = {file.name for file in slip.files}
    if not isinstance(attachments, list) or not all(
        isinstance(name, str) and name in names for name in attachments
    ):
        raise RefusedError("B904", detail="attachments")
    if document["identity"] != slip.identity():
        raise RefusedError("B903")
    if document["declaration"] != DECLARATION:
        raise RefusedError("B907")


def check_description(
    document: Mapping[str, Any], slip: Slip, catalogue: Mapping[str, Any]
) -> None:
    """Whether the description is about what the slip names, by the slip's catalogue: B908."""
    if set(document) != _DESCRIPTION_KEYS or document["schema"] != DESCRIPTION_SCHEMA:
        raise RefusedError("B908", detail="schema")
    for key, name in (("dataset", "code"), ("unit", "id"), ("period", "id")):
        about = document[key]
        if not isinstance(about, Mapping) or about.get(name) != getattr(slip, key):
            raise RefusedError("B908", detail=key)
    if document["catalogue"] != catalogue:
        raise RefusedError("B908", detail="catalogue")
    structure = document["structure"]
    fields = structure.get("fields") if isinstance(structure, Mapping) else None
    if not fields or not (_has_words(structure, "name") and _are_named(fields, "name")):
        raise RefusedError("B908", detail="structure")
    if not isinstance(document["dataset"].get("source"), Mapping):
        raise RefusedError("B908", detail="source")
    if not _are_named(document["indicators"], "code"):
        raise RefusedError("B908", detail="indicators")


def unanswered(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Codes of the warnings in `ho-so/kiem-tra.json` to which the unit says nothing, sorted."""
    answered = {str(each["code"]) for each in document.get("answers", ())}
    return tuple(sorted(first_warnings(document).keys() - answered))


def first_warnings(document: Mapping[str, Any]) -> dict[str, str]:
    """The warnings in `ho-so/kiem-tra.json`: by code, the message of the first."""
    found: dict[str, str] = {}
    for report in document["reports"]:
        for finding in report["findings"]:
            if finding["severity"] == "warning":
                found.setdefault(str(finding["code"]), str(finding["message"]))
    return found


def check_report(document: Mapping[str, Any], slip: Slip, attachments: Sequence[str]) -> None:
    """Whether the reports are about the slip's data files and free of errors: B905, B906."""

    def refuse(detail: str) -> RefusedError:
        return RefusedError("B905", detail=detail)

    reports = document.get("reports")
    if document.get("schema") != REPORT_SCHEMA or not isinstance(reports, list):
        raise refuse("schema")
    wanted = {file.name: file for file in slip.files if file.name not in set(attachments)}
    if not wanted:
        raise refuse("0")
    for report in reports:
        about = report.get("file") if isinstance(report, dict) else None
        if not isinstance(about, dict):
            raise refuse("file")
        file = wanted.pop(str(about.get("name")), None)
        if file is None or about.get("sha256") != file.sha256 or about.get("size") != file.size:
            raise refuse(str(about.get("name")))
        for key in ("dataset", "unit", "period"):
            if report.get(key) not in (None, getattr(slip, key)):
                raise refuse(key)
        if report.get("rule_set") != document.get("rule_set"):
            raise refuse("rule_set")
        _check_counts(report)
    said = {"answers": ("code", "reason"), "figures": ("code",)}
    for name, words in said.items():
        if not _are_named(document.get(name, []), *words):
            raise refuse(name)
    if not all(map(_is_total, document.get("figures", []))):
        raise refuse("figures")
    if wanted:
        raise refuse(", ".join(wanted))


def _check_counts(report: Mapping[str, Any]) -> None:
    counts = report.get("counts")
    errors = counts.get("error") if isinstance(counts, dict) else None
    if report.get("valid") is not True or type(errors) is not int or errors:
        raise RefusedError("B906", count=errors)
    if not _is_readable(report):
        raise RefusedError("B905", detail="counts, findings")
    if not has_quality(report):
        raise RefusedError("B905", detail="quality")


def _is_readable(report: Mapping[str, Any]) -> bool:
    """Whether those who sign can be shown what a report says: its counts and findings."""
    counts, findings = report["counts"], report.get("findings")
    numbers = [counts.get(key) for key in ("warning", "info")] + [counts.get("rows") or 0]
    if not all(type(each) is int and each >= 0 for each in numbers):
        return False
    return _are_named(findings, "code", "severity", "message")


def has_quality(report: Mapping[str, Any]) -> bool:
    """Whether the history of figures can take in what a report says of quality, and its weights."""
    counts, quality = report.get("counts"), report.get("quality")
    if not (isinstance(counts, Mapping) and isinstance(quality, Mapping)):
        return False
    weighed = all(type(counts.get(key)) is int and counts[key] >= 0 for key in ("rows", "cells"))
    return weighed and all(_is_share(quality.get(key, "")) for key in ("dung", "du", "sach"))


def _is_share(value: Any) -> bool:
    return value is None or (type(value) in {int, float} and 0 <= value <= 100)


def _is_total(document: Mapping[str, Any]) -> bool:
    """Whether the numbers are those of one of `figures.totals`."""
    total, rows = document.get("total"), document.get("rows")
    return type(total) in {int, float} and type(rows) is int and rows >= 0


def _are_named(documents: Any, *keys: str) -> bool:
    return isinstance(documents, list) and all(_has_words(each, *keys) for each in documents)


def _has_words(document: Any, *keys: str) -> bool:
    return isinstance(document, Mapping) and all(isinstance(document.get(k), str) for k in keys)
