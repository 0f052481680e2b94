"""Answers to warnings: why a figure that looks wrong is right, in the words of the unit.

Kept in `giai-trinh.sqlite` of the home by unit, dataset, period and rule. An answer holds for its
own period; in the next one it is offered and not applied, as long as it is not too old.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from iocsl import clock
from iocsl.domain import ExitCode, Period, PeriodType, Severity, Words
from iocsl.errors import IocslError, missing_file, usage
from iocsl.ledger.database import connected, writing
from iocsl.text import nearest, squeeze
from iocsl.validate.findings import rules_met
from iocsl.validate.personal import KINDS, Column, kind_of
from iocsl.validate.registry import Registry, all_rules, rule
from iocsl.validate.report import Report

FILE = "giai-trinh.sqlite"
LONGEST = 2_000
"""Characters of one answer."""
OFFERED = timedelta(days=95)
"""How long an answer is offered again: a quarter and a few days."""
OFFERED_LONG = timedelta(days=400)
"""The same where the next period comes half a year or a year later."""
_LONG = frozenset(
    {PeriodType.HALF, PeriodType.NINE_MONTHS, PeriodType.YEAR, PeriodType.SEASON, PeriodType.EVENT}
)
_TABLES = """
CREATE TABLE IF NOT EXISTS giai_trinh (
    don_vi TEXT NOT NULL, bo_du_lieu TEXT NOT NULL, ky TEXT NOT NULL, ma TEXT NOT NULL,
    ly_do TEXT NOT NULL, luc TEXT NOT NULL,
    PRIMARY KEY (don_vi, bo_du_lieu, ky, ma)) WITHOUT ROWID;
"""


class Answer(NamedTuple):
    """One answer: `code` of the rule, the `reason`, the `period` it was given for, and when."""

    code: str
    reason: str
    period: str
    at: datetime

    def document(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "reason": self.reason,
            "period": self.period,
            "answered_at": clock.iso(self.at),
        }


class Standing(NamedTuple):
    """The warnings of one report by code: answered, offered from an earlier period, or open."""

    answered: tuple[Answer, ...] = ()
    offered: tuple[Answer, ...] = ()
    open: tuple[str, ...] = ()
    """Codes of warnings without an answer; those with an offer are among them."""


def warnings_of(report: Report) -> tuple[str, ...]:
    """Codes of the warnings in a report, each once, in the order of the file."""
    met = rules_met(report.findings)
    return tuple(code for code, severity in met if severity is Severity.WARNING)


def for_report(home: Path, report: Report) -> Standing:
    """How the warnings of a report stand. All are open where unit, dataset or period is unknown."""
    codes = warnings_of(report)
    if not codes or not _named(report) or not (home / FILE).exists():
        return Standing(open=codes)
    with connected(home / FILE, _TABLES) as database:
        rows = database.execute(
            "SELECT * FROM giai_trinh WHERE don_vi = ? AND bo_du_lieu = ? ORDER BY luc DESC",
            (report.unit, report.dataset),
        ).fetchall()
    known = [
        Answer(row["ma"], row["ly_do"], row["ky"], clock.parse_moment(row["luc"])) for row in rows
    ]
    own = {each.code: each for each in known if each.period == report.period}
    now = clock.record_now()
    earlier: dict[str, Answer] = {}
    for each in known:
        if each.code not in own and now - each.at <= _offered_for(each.period):
            earlier.setdefault(each.code, each)
    return Standing(
        answered=tuple(own[code] for code in codes if code in own),
        offered=tuple(earlier[code] for code in codes if code in earlier),
        open=tuple(code for code in codes if code not in own),
    )


def documents(home: Path, report: Report) -> list[dict[str, Any]]:
    """The answers to a report's warnings, as they travel with it in a bundle."""
    return [each.document() for each in for_report(home, report).answered]


def keep(home: Path, report: Report, reasons: Mapping[str, str]) -> tuple[str, ...]:
    """Keep the reasons for those warnings that the report has; the codes that were taken.

    Exit 2 where unit, dataset or period of the file is unknown.
    """
    taken = tuple(code for code in warnings_of(report) if code in reasons)
    if not taken:
        return ()
    if not _named(report):
        raise _not_named(report)
    at = clock.iso(clock.record_now())
    with connected(home / FILE, _TABLES) as database, writing(database):
        database.executemany(
            "INSERT INTO giai_trinh VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "ly_do = excluded.ly_do, luc = excluded.luc",
            [
                (report.unit, report.dataset, report.period, code, reasons[code], at)
                for code in taken
            ],
        )
    return taken


def checked(code: str, reason: object, known: Registry | None = None) -> tuple[str, str]:
    """The rule's code and the reason of one answer; `known` are the rules, ours by default.

    Exit 2 for one that cannot be taken, 7 where it names a person's number or address: it travels
    in the bundle, which nobody masks. Whether it answers a warning is seen in the report: rules
    that are errors by themselves may be warnings in a `quy_tac` of a schema.
    """
    info = rule(code, known)
    if info is None:
        words = [word for each in all_rules(known) for word in (each.code, each.name)]
        meant = nearest(code, words)
        raise usage(
            "unknown-rule",
            f"Không có quy tắc “{code}”.",
            f"There is no rule “{code}”.",
            (f"Có phải là {meant}?", f"Did you mean {meant}?")
            if meant
            else ("Xem các mã: iocsl rules", "See the codes: iocsl rules"),
        )
    text = squeeze(reason) if isinstance(reason, str) else ""
    if not text or len(text) > LONGEST:
        raise usage(
            "no-reason",
            f"Giải trình cho {info.code} phải là một lý do bằng chữ, tối đa {LONGEST} ký tự.",
            f"The answer to {info.code} must be a reason in words, {LONGEST} characters at most.",
            (f'Viết: --answer {info.code} "lý do"', f'Write: --answer {info.code} "the reason"'),
        )
    if kind := kind_of(text, Column()):
        raise _personal(info.code, KINDS[kind])
    return info.code, text


def _personal(code: str, kind: Words) -> IocslError:
    return IocslError(
        "personal-data-in-answer",
        f"Giải trình cho {code} có {kind.vi}. Giải trình đi theo gói nộp nên không ghi dữ liệu cá"
        " nhân; chưa lưu gì.",
        f"The answer to {code} holds {kind.en}. Answers travel in the bundle, so personal data have"
        " no place there; nothing was kept.",
        ("Viết lại lý do, bỏ phần đó.", "Word the reason without it."),
        ExitCode.GATE,
    )


def refuse_errors(reports: Iterable[Report], reasons: Mapping[str, str]) -> None:
    """Exit 2 for an answer to what is an error, and nowhere a warning, in these reports."""
    found: dict[str, set[Severity]] = {}
    for report in reports:
        for code, severity in rules_met(report.findings):
            if code in reasons:
                found.setdefault(code, set()).add(severity)
    for code, severities in found.items():
        if severities == {Severity.ERROR}:
            raise _not_answerable(code)


def _not_answerable(code: str) -> IocslError:
    return usage(
        "error-not-answerable",
        f"{code} là lỗi, phải sửa chứ không giải trình được.",
        f"{code} is an error: it is mended and not answered.",
        (f"Xem cách sửa: iocsl why {code}", f"See how: iocsl why {code}"),
    )


def read_answers(path: Path, known: Registry | None = None) -> dict[str, str]:
    """Answers of a YAML or JSON file, one `CODE: reason` a line.

    Exit 2 for a file that is none and for two answers to one rule, else as `checked`.
    """
    if not path.is_file():
        raise missing_file(path)
    given: dict[str, str] = {}
    for word, reason in _entries(path):
        try:
            code, text = checked(str(word), reason, known)
        except IocslError as error:
            said = Words(*(f"“{path.name}”: {words}" for words in error.message))
            raise IocslError(error.code, *said, error.hint, error.exit_code) from None
        if code in given:
            raise _bad_file(path, Words(f"{code} có hai lần", f"{code} is there twice"))
        given[code] = text
    return given


def _entries(path: Path) -> Iterable[tuple[object, object]]:
    if path.suffix.lower() == ".json":
        import json

        try:
            # As pairs: of two members of one name a plain document keeps the last.
            pairs = json.loads(path.read_bytes().decode("utf-8-sig"), object_pairs_hook=_Pairs)
        except (ValueError, RecursionError):
            pairs = None
        if not isinstance(pairs, _Pairs):
            raise _bad_file(path)
        return pairs
    from iocsl.catalog.loader import read

    try:
        document = read(path).data
    except IocslError as error:
        raise usage("bad-answers-file", *error.message, _ONE_A_LINE) from None
    if not isinstance(document, Mapping):
        raise _bad_file(path)
    return document.items()


class _Pairs(list[tuple[object, object]]):
    """The members of a JSON object in their order."""


def _named(report: Report) -> bool:
    return None not in {report.unit, report.dataset, report.period}


def _offered_for(period: str) -> timedelta:
    try:
        return OFFERED_LONG if Period.parse(period).type in _LONG else OFFERED
    except ValueError:
        return OFFERED


def _not_named(report: Report) -> IocslError:
    return usage(
        "answer-needs-names",
        f"Chưa rõ bộ dữ liệu, đơn vị hoặc kỳ của “{report.facts.name}”, không lưu được giải trình.",
        f"Dataset, unit or period of “{report.facts.name}” is unknown; no answer was kept.",
        ("Thêm --dataset, --unit, --period.", "Add --dataset, --unit, --period."),
    )


_ONE_A_LINE = ("Mỗi dòng một mục: H801: lý do", "One entry a line: H801: the reason")


def _bad_file(path: Path, why: Words | None = None) -> IocslError:
    return usage(
        "bad-answers-file",
        f"“{path}” không phải là tệp giải trình" + (f": {why.vi}." if why else "."),
        f"“{path}” is no file of answers" + (f": {why.en}." if why else "."),
        _ONE_A_LINE,
    )
