"""The shapes of what is known: the catalogue, the calendar, deadlines, explanations."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from iocsl.console.shapes import (
    NoticeShape,
    ObligationShape,
    PeriodWord,
    RegimeWord,
    RequestShape,
    SeverityWord,
    closed,
)

Certainty = Literal["law", "official", "proposed", "predicted"]


@closed
class FileMade(TypedDict):
    """A template; `unit` and `period` are what it was filled in with."""

    code: str
    file: str
    unit: str | None
    period: str | None


@closed
class TemplateMade(TypedDict):
    """One of the templates of `--all`."""

    code: str
    file: str


@closed
class UnitShape(TypedDict):
    id: str
    name: str
    name_printed: str | None
    kind: str
    level: str
    bound: bool
    aliases: list[str]
    official_code: str | None
    parent: str | None
    valid_from: str | None
    valid_to: str | None
    successors: list[str]
    basis: str | None


@closed
class Doubt(TypedDict):
    check: str
    codes: list[str]
    message: str


@closed
class LintShape(TypedDict):
    counts: dict[str, int]
    doubts: list[Doubt]


@closed
class Built(TypedDict):
    version: int | str
    digest: str
    folder: str


@closed
class Synced(TypedDict):
    """`before` is the version that was in use, `issued` the requests and notices that are new."""

    version: int | str
    digest: str
    before: int | str
    changed: bool
    issued: list[str]


@closed
class CatalogueChange(TypedDict):
    kind: str
    code: str | None
    before: str | None
    after: str | None
    error: bool


@closed
class Rehearsed(TypedDict):
    file: str
    dataset: str | None
    valid_before: bool
    valid_after: bool
    newly_fails: bool
    new_errors: list[str]


@closed
class Person(TypedDict):
    ho_ten: str
    chuc_vu: str
    dien_thoai: str
    thu_dien_tu: str


@closed
class Contacts(TypedDict):
    unit: str
    lanh_dao: Person | None
    cong_chuc: Person | None


@closed
class ContactSet(TypedDict):
    unit: str
    role: str
    file: str


@closed
class OverlayAnswer(TypedDict):
    agreed: bool
    document: str
    date: str


@closed
class OverlayShape(TypedDict):
    file: str
    unit: str
    indicators: list[str]
    forms: list[str]
    answer: OverlayAnswer | None


@closed
class OverlayRequest(TypedDict):
    file: str
    unit: str


@closed
class InferredField(TypedDict):
    name: str
    title: str
    type: str
    why: list[str]


@closed
class Inferred(TypedDict):
    file: str
    sheet: str | None
    heading_row: int | None
    rows: int
    fields: list[InferredField]


@closed
class RequestIssued(RequestShape):
    """What was issued or withdrawn, and the file that says so."""

    file: str


@closed
class NoticeIssued(NoticeShape):
    """What was issued, and the file that says so."""

    file: str


@closed
class Standing(TypedDict):
    """`within` counts working days."""

    at: str
    unit: str | None
    within: int
    passed: list[ObligationShape]
    near: list[ObligationShape]
    exit_code: int


@closed
class Proposal(TypedDict):
    working: bool
    why: str
    document: str | None


@closed
class DayShape(TypedDict):
    date: str
    working: bool
    why: str
    document: str | None
    status: Certainty
    layer: str
    swapped_with: str | None
    proposal: Proposal | None


@closed
class DayDiffers(DayShape):
    computed_working: bool


@closed
class YearShape(TypedDict):
    year: int
    status: Certainty
    days: list[DayShape]


@closed
class CalendarQuestion(TypedDict):
    kind: str
    date: str


@closed
class CalendarCheck(TypedDict):
    years: dict[str, Certainty]
    questions: list[CalendarQuestion]
    exit_code: int


@closed
class DayEntry(TypedDict):
    ngay: str
    loai: Literal["nghi", "lam_viec"]
    ten: str
    van_ban: str | None
    trang_thai: Certainty
    doi_voi: str | None


@closed
class DayAdded(TypedDict):
    file: str
    entry: DayEntry


@closed
class EventShape(TypedDict):
    dataset: str
    unit: str
    changed_at: str
    period: str


@closed
class EventDeclared(EventShape):
    due_before: str


@closed
class Both(TypedDict):
    vi: str
    en: str


@closed
class BasisByRegime(TypedDict):
    QD1134: str | None
    QD2023: str | None


@closed
class CheckFacts(TypedDict):
    code: str
    name: str
    severity: SeverityWord
    level: str
    vi: str
    en: str
    hint: Both | None
    basis: BasisByRegime
    since: str | None
    doc: str
    own: bool


@closed
class RefusalFacts(TypedDict):
    code: str
    name: str
    vi: str
    en: str
    basis: str
    undecided: bool


@closed
class DeadlineRule(TypedDict):
    rule: str
    regime: RegimeWord
    basis: str
    who: str
    wording: str
    computed: bool
    periods: list[PeriodWord]
    to_store: bool
    flags: list[str]
    doubt: str | None
    settings: list[str]


@closed
class NoticeFacts(TypedDict):
    deadline: str
    unit: str | None
    datasets: list[str]
    opens_at: str | None
    closes_at: str | None
    document: str
    reason: str


@closed
class Facts(TypedDict):
    """Null but for what is explained; an `obligation` comes with its `rule`."""

    check: CheckFacts | None
    refusal: RefusalFacts | None
    obligation: ObligationShape | None
    rule: DeadlineRule | None
    rules: list[DeadlineRule] | None
    notice: NoticeFacts | None
    day: DayShape | None


@closed
class Explanation(TypedDict):
    kind: Literal["check", "refusal", "deadline", "rule", "notice", "day", "mark"]
    id: str
    lines: list[str]
    facts: Facts
