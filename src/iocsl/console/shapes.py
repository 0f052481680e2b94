"""The shape of every JSON document that iocsl prints; `docs/schemas/` is generated from here.

All keys are always present, none is added, and they are null where they do not apply; no language
changes a key. Nothing imports this module but the tests and the generator of the documents.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

closed = with_config(ConfigDict(extra="forbid"))

SeverityWord = Literal["error", "warning", "info"]
RegimeWord = Literal["QD1134", "QD2023"]
PeriodWord = Literal["day", "month", "quarter", "half", "9m", "year", "season", "event", "realtime"]
Confidence = Literal["high", "medium", "low"]


@closed
class ErrorBody(TypedDict):
    code: str
    message: str
    hint: str | None
    exit_code: int


@closed
class Refusal(TypedDict):
    error: ErrorBody


@closed
class Defect(TypedDict):
    kind: Literal[
        "lost_character",
        "misprint",
        "lost_name",
        "missing_unit",
        "interleaved",
        "blank_period",
        "truncated",
        "doubtful_date",
    ]
    printed: str | None
    reading: str | None
    confidence: Confidence | None


@closed
class InferredUnit(TypedDict):
    unit: str
    confidence: Confidence


@closed
class Source(TypedDict):
    document: str
    annex: str
    list: str | None
    row: int


@closed
class CatalogueEntry(TypedDict):
    code: str
    regime: RegimeWord
    list: Literal["D", "M", "Q", "Y", "E"] | None
    row: int
    unit_no: int | None
    name: str | None
    name_printed: str
    unit: str | None
    unit_printed: str | None
    unit_inferred: InferredUnit | None
    periods: list[PeriodWord]
    due_printed: str | None
    status: Literal["active", "needs_review", "retired"]
    defects: list[Defect]
    ma_tam: bool
    source: Source
    schema: str | None
    indicators: list[str]


@closed
class Tool(TypedDict):
    name: str
    version: str


@closed
class FileFacts(TypedDict):
    name: str
    sha256: str
    size: int
    format: str | None
    encoding: str | None


@closed
class Counts(TypedDict):
    rows: int
    cells: int
    error: int
    warning: int
    info: int


@closed
class Quality(TypedDict):
    dung: float | None
    du: float | None
    sach: float | None
    song: float | None


@closed
class FindingShape(TypedDict):
    code: str
    name: str
    severity: SeverityWord
    sheet: str | None
    cell: str | None
    row: int | None
    line: int | None
    column: str | None
    value: str | None
    message: str
    hint: str | None
    basis: str | None
    count: int


@closed
class ValidationReport(TypedDict):
    schema: Literal["iocsl/validation-report/1"]
    tool: Tool
    catalogue_version: int | str
    rule_set: str
    file: FileFacts
    dataset: str | None
    unit: str | None
    period: str | None
    valid: bool
    counts: Counts
    quality: Quality
    findings: list[FindingShape]


@closed
class Reason(TypedDict):
    date: str
    why: str
    document: str | None


@closed
class ObligationShape(TypedDict):
    id: str
    rule: str
    regime: RegimeWord
    period: str
    period_type: PeriodWord
    unit: str | None
    datasets: list[str]
    basis: str
    wording: str
    nominal_last_day: str
    nominal_before: str
    last_day: str
    due_before: str
    boundary: Literal["exclusive", "inclusive"]
    rolled: bool
    reasons: list[Reason]
    non_working: bool
    would_move_to: str | None
    advised_by: str | None
    calendar_status: str
    alternatives: dict[str, Any]
    flags: list[str]


@closed
class WatchedPlace(TypedDict):
    path: str
    dataset: str | None
    unit: str | None
    state: Literal["first", "seen", "unreachable"]


@closed
class WatchedFile(TypedDict):
    """`event` is the period id of the change, `moment_from` who says when it was."""

    path: str
    state: Literal[
        "changed",
        "declared",
        "remembered",
        "unchanged",
        "preparing",
        "no_duty",
        "unknown",
        "waiting",
        "unreadable",
        "gone",
    ]
    dataset: str | None
    unit: str | None
    period: str | None
    sha256: str | None
    changed_at: str | None
    moment_from: Literal["file", "mtime", "look"] | None
    event: str | None
    due_before: str | None
    message: str | None


@closed
class WatchShape(TypedDict):
    at: str
    places: list[WatchedPlace]
    files: list[WatchedFile]
    exit_code: int


@closed
class StepShape(TypedDict):
    step: int
    role: str
    person: str | None
    unit: str | None
    signed_at: str | None
    algorithm: str | None
    timestamp: str | None


@closed
class RefusalReason(TypedDict):
    code: str
    message: str


@closed
class VerdictShape(TypedDict):
    verdict: Literal["valid", "invalid", "undecided"]
    profile: str | None
    identity: str | None
    unit: str | None
    dataset: str | None
    period: str | None
    sequence: int | None
    steps: list[StepShape]
    refusals: list[RefusalReason]


State = Literal["pending", "announced", "uploaded", "received", "landed", "needs_work", "refused"]
Mark = Literal[
    "on_time", "late", "late_link", "late_outage", "disputed", "nil", "missing", "not_due"
]


@closed
class Submitted(TypedDict):
    bundle: str
    identity: str | None
    state: State | None
    receipts: list[str]
    error: ErrorBody | str | None


@closed
class OutboxRow(TypedDict):
    identity: str
    unit: str
    dataset: str
    period: str
    sequence: int
    state: State
    attempts: int
    last_error: str | None


@closed
class StatusRow(TypedDict):
    id: str
    unit: str | None
    dataset: str | None
    due_before: str
    mark: Mark
    accepted_at: str | None
    announced_at: str | None
    proof: str | None


@closed
class StatusShape(TypedDict):
    outbox: list[OutboxRow]
    obligations: list[StatusRow]


@closed
class QualityShape(TypedDict):
    unit: str
    dataset: str
    period: str
    sequence: int
    accepted_at: str
    dung: float | None
    du: float | None
    sach: float | None
    song: float | None


@closed
class ReceiptPayload(TypedDict):
    seq: int
    kind: Literal["received", "landed", "needs_work"]
    identity: str
    unit: str
    dataset: str
    period: str
    catalogue_version: int | str
    announced_at: str | None
    accepted_at: str
    findings: Any
    prev: str | None
    test: bool


@closed
class Withdrawal(TypedDict):
    document: str
    date: str
    reason: str


@closed
class RequestShape(TypedDict):
    """A row of `catalog request list`; `show` gives one, `add` and `withdraw` add `file`."""

    code: str
    kind: Literal["theo_yeu_cau", "chuyen_de", "dot_xuat"]
    regime: RegimeWord
    rule: str
    basis: str
    title: str
    issuer: str
    document: str
    date: str
    period: str
    period_type: PeriodWord
    due_before: str
    addressees: list[str]
    datasets: list[str]
    own_form: bool
    withdrawn: Withdrawal | None


@closed
class NoticeShape(TypedDict):
    """A row of `catalog window list`; `add` adds `file`."""

    code: str
    deadline: str
    unit: str | None
    datasets: list[str]
    opens_at: str | None
    closes_at: str | None
    document: str
    date: str
    reason: str


@closed
class AnswerShape(TypedDict):
    """A row of `warehouse requests`; `mark` is null of a request that was withdrawn."""

    code: str
    unit: str
    dataset: str
    period: str
    due_before: str
    mark: Mark | None
    accepted_at: str | None


DOCUMENTS: dict[str, Any] = {
    "error": Refusal,
    "catalog-list": list[CatalogueEntry],
    "validation-report": ValidationReport,
    "deadlines": list[ObligationShape],
    "watch": WatchShape,
    "bundle-verify": VerdictShape,
    "submit": list[Submitted],
    "status": StatusShape,
    "quality": list[QualityShape],
    "catalog-requests": list[RequestShape],
    "catalog-windows": list[NoticeShape],
    "warehouse-requests": list[AnswerShape],
    "receipt": ReceiptPayload,
}
"""The name of each schema in `docs/schemas/`, and the shape it is made from."""
