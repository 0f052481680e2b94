"""Why a deadline or a day is what it is: the article, what moved it, what else it could be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from iocsl.catalog import Catalogue
from iocsl.clock import iso
from iocsl.deadlines.asking import unknown_period
from iocsl.deadlines.calendar import Day
from iocsl.deadlines.lists import Timetable
from iocsl.deadlines.obligation import INCLUSIVE, Due, Obligation
from iocsl.deadlines.readings import PREFIX, Readings, choices
from iocsl.deadlines.requests import Window
from iocsl.deadlines.rules import Rule, period_of
from iocsl.deadlines.words import (
    FLAGS,
    STATUSES,
    day_words,
    kind_of_day,
    moment_words,
    next_working,
    until_words,
)
from iocsl.domain import Regime, Words
from iocsl.errors import IocslError, usage
from iocsl.text import nearest, say

_DATED_ROWS = "2023.tk.row"


@dataclass(frozen=True, slots=True)
class Explanation:
    """`kind` is `deadline`, `rule`, `notice` or `day`.

    `facts` are the machine's side of what `lines` say: `obligation` and its `rule`, a `rule`,
    several `rules`, a `notice` or a `day`.
    """

    kind: str
    id: str
    lines: tuple[Words, ...]
    facts: dict[str, Any]

    def document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "id": self.id,
            "lines": [say(line) for line in self.lines],
            "facts": self.facts,
        }

    def text(self) -> str:
        return "\n".join(say(line) for line in self.lines)


def explain_deadline(catalogue: Catalogue, settings: Readings, id: str) -> Explanation:  # noqa: A002 - the contract's word
    """Explain a deadline (`2023.lead/2026-10`) or a rule (`2023.lead`). Unknown: exit 2."""
    timetable = Timetable(catalogue, settings)
    name, _, asked = id.strip().partition("/")
    if notices := [one for one in timetable.windows if one.code == name.upper()]:
        return _explain_notice(notices[0], timetable)
    rule = timetable.rules.get(name) or _request_rule(name, timetable)
    if rule is None and name == _DATED_ROWS and not asked:
        return _explain_rows(timetable)
    if rule is None:
        raise _unknown(name, timetable)
    if rule.asked is not None and rule.computed and not asked:
        asked = rule.asked.period
    if not asked:
        told = tuple(_rule_lines(rule, timetable))
        return Explanation("rule", rule.id, told, {"rule": rule_facts(rule)})
    try:
        period = period_of(asked)
    except ValueError:
        raise unknown_period(asked) from None
    if not timetable.coverage.active(rule) or not rule.occurs(period):
        raise _no_such_occurrence(rule, asked)
    each = timetable.obligation(rule, period)
    if each is None:
        raise _before_start(rule, timetable)
    joined = timetable.join([each])[0]
    facts = {"obligation": joined.document(), "rule": rule_facts(rule)}
    return Explanation("deadline", joined.id, tuple(_lines(joined, rule, timetable)), facts)


def _request_rule(code: str, timetable: Timetable) -> Rule | None:
    """The rule of the request `YC-2026-001`, None where there is none of that code."""
    wanted = code.upper()
    return next(
        (each for each in timetable.rules.values() if each.asked and each.asked.code == wanted),
        None,
    )


def _explain_notice(notice: Window, timetable: Timetable) -> Explanation:
    """A notice in words, with the deadline that it speaks of."""
    said = Words(f"{_capital(notice.said.vi)}.", f"{_capital(notice.said.en)}.")
    name, _, asked = notice.id.partition("/")
    rule = timetable.rules.get(name)
    lines = [said, Words("Căn cứ: 2023 Điều 8, đoạn cuối.", "Basis: 2023 Điều 8, end.")]
    if rule is not None and (each := timetable.obligation(rule, period_of(asked))) is not None:
        moment = iso(each.due.due_before)
        lines.append(
            Words(
                f"Hạn {notice.id}, nếu không có thông báo: trước {moment}.",
                f"The deadline {notice.id} without the notice: before {moment}.",
            )
        )
    facts = {
        "deadline": notice.id,
        "unit": notice.unit,
        "datasets": sorted(notice.datasets),
        "opens_at": iso(notice.opens_at) if notice.opens_at else None,
        "closes_at": iso(notice.closes_at) if notice.closes_at else None,
        "document": notice.document,
        "reason": notice.reason,
    }
    return Explanation("notice", notice.code, tuple(lines), {"notice": facts})


def explain_day(catalogue: Catalogue, settings: Readings, day: date) -> Explanation:
    """Explain a day of the working calendar. Exit 8 outside the known years."""
    calendar = Timetable(catalogue, settings).calendar
    found = calendar.day(day)
    said = day_words(day)
    kind = kind_of_day(found)
    lines = [Words(f"{_capital(said.vi)}: {kind.vi}.", f"{said.en}: {kind.en}.")]
    if not found.working or found.layer != "week":
        lines.append(Words(f"Vì: {found.why.vi}.", f"Why: {found.why.en}."))
    if found.document:
        lines.append(Words(f"Văn bản: {found.document}.", f"Document: {found.document}."))
    status = STATUSES[calendar.status(day, day)]
    lines.append(Words(f"Độ chắc: {status.vi}.", f"How sure: {status.en}."))
    if found.swapped_with:
        other = day_words(found.swapped_with)
        lines.append(Words(f"Hoán đổi với {other.vi}.", f"Swapped with {other.en}."))
    if found.proposal is not None:
        proposed = found.proposal.why
        lines.append(
            Words(
                f"Chưa áp dụng: {proposed.vi}. Khi được duyệt, ghi bằng: iocsl calendar add.",
                f"Proposed, not applied: {proposed.en}. Once approved: iocsl calendar add.",
            )
        )
    if not found.working:
        moved = next_working(found, calendar)
        lines.append(
            Words(
                f"Hạn của chế độ 2023 rơi vào ngày này dời sang {moved.vi}"
                " (Điều 8.1); hạn của Quyết định 1134 giữ nguyên.",
                f"A deadline of 2023 on this day moves to {moved.en} (Điều 8.1);"
                " one of Decision 1134 stays.",
            )
        )
    facts = {"day": day_facts(found, calendar.status(day, day))}
    return Explanation("day", day.isoformat(), tuple(lines), facts)


def day_facts(day: Day, status: str) -> dict[str, Any]:
    """A day as JSON: what `calendar show --format json` lists."""
    proposal = day.proposal
    return {
        "date": day.day.isoformat(),
        "working": day.working,
        "why": say(day.why),
        "document": day.document,
        "status": status,
        "layer": day.layer,
        "swapped_with": day.swapped_with.isoformat() if day.swapped_with else None,
        "proposal": None
        if proposal is None
        else {"working": proposal.worked, "why": say(proposal.why), "document": proposal.document},
    }


def rule_facts(rule: Rule) -> dict[str, Any]:
    """A rule as JSON."""
    return {
        "rule": rule.id,
        "regime": rule.regime.value,
        "basis": rule.article,
        "who": say(rule.who),
        "wording": rule.wording,
        "computed": rule.computed,
        "periods": [kind.value for kind in rule.types],
        "to_store": rule.to_store,
        "flags": list(rule.flags),
        "doubt": say(rule.doubt) if rule.doubt else None,
        "settings": list(rule.settings),
    }


def _lines(each: Obligation, rule: Rule, timetable: Timetable) -> Iterator[Words]:
    yield Words(f"{each.id}: {rule.who.vi}", f"{each.id}: {rule.who.en}")
    yield _cited(rule)
    nominal = day_words(each.nominal.last_day)
    by = Words("yêu cầu", "the request") if rule.asked else Words("văn bản", "the text")
    yield Words(f"Ngày cuối theo {by.vi}: {nominal.vi}.", f"Last day by {by.en}: {nominal.en}.")
    for reason in each.reasons:
        source = f" ({reason.document})" if reason.document else ""
        yield Words(
            f"  {reason.date:%d/%m/%Y}: {reason.why.vi}{source}",
            f"  {reason.date:%d/%m/%Y}: {reason.why.en}{source}",
        )
    yield from _movement(each)
    until, last, moment = moment_words(each), day_words(each.due.last_day), iso(each.due.due_before)
    received = (
        Words(f"không muộn hơn {moment}", f"no later than {moment}")
        if each.boundary == INCLUSIVE
        else Words(f"trước {moment}", f"before {moment}")
    )
    yield Words(
        f"Hạn: {until.vi}, {last.vi} (kho phải nhận {received.vi}).",
        f"Due: {until.en}, {last.en} (received {received.en}).",
    )
    status = STATUSES[each.calendar_status]
    yield Words(f"Lịch làm việc: {status.vi}.", f"Working calendar: {status.en}.")
    for notice in each.told:
        yield Words(f"{_capital(notice.vi)}.", f"{_capital(notice.en)}.")
    for flag in each.flags:
        yield Words(f"Lưu ý: {FLAGS[flag].vi}.", f"Note: {FLAGS[flag].en}.")
    if rule.doubt:
        yield Words(f"Cách đọc: {rule.doubt.vi}", f"Read so: {rule.doubt.en}")
    if rule.asked is not None:
        whom = ", ".join(rule.asked.addressees)
        yield Words(f"Yêu cầu gửi: {whom}.", f"Asked of: {whom}.")
    for name, due in each.alternatives.items():
        yield _other_reading(name, due)
    yield _covered(each, timetable)


def _movement(each: Obligation) -> Iterator[Words]:
    if each.rolled:
        said = day_words(each.due.last_day)
        article = (
            Words("Điều 8.1 (2023)", "Điều 8.1 (2023)")
            if each.regime is Regime.QD2023
            else Words("thiết lập deadlines.rollover_1134", "setting deadlines.rollover_1134")
        )
        yield Words(
            f"Trùng ngày nghỉ nên dời sang {said.vi}, theo {article.vi}.",
            f"On a day off, so it moves to {said.en}, by {article.en}.",
        )
    elif each.advised_by and each.would_move_to:
        advised, moved = day_words(each.advised_by), day_words(each.would_move_to)
        yield Words(
            "Trùng ngày nghỉ nhưng không dời: văn bản không có điều khoản dời hạn."
            f" Nên nộp trước hết {advised.vi}; nếu được dời thì sẽ là {moved.vi}.",
            f"On a day off, yet not moved: the text has no clause for it. Better by {advised.en};"
            f" if it moved, it would be {moved.en}.",
        )


def _rule_lines(rule: Rule, timetable: Timetable) -> Iterator[Words]:
    yield Words(f"{rule.id}: {rule.who.vi}", f"{rule.id}: {rule.who.en}")
    yield _cited(rule)
    if rule.asked is not None and rule.asked.withdrawn:
        ended = rule.asked.withdrawn
        yield Words(f"Yêu cầu {ended.vi}.", f"The request was {ended.en}.")
    elif not rule.computed:
        yield Words("Không tính hạn cho quy tắc này.", "No deadline is computed for this rule.")
    if rule.doubt and not rule.asked:
        yield Words(f"Cách đọc: {rule.doubt.vi}", f"Read so: {rule.doubt.en}")
    for flag in rule.flags:
        yield Words(f"Lưu ý: {FLAGS[flag].vi}.", f"Note: {FLAGS[flag].en}.")
    for setting in rule.settings:
        yield _setting_line(setting, getattr(timetable.readings, setting.removeprefix(PREFIX)))
    standing = [
        each.asked.code
        for each in timetable.rules.values()
        if each.asked and each.computed and each.id.startswith(f"{rule.id}.")
    ]
    if standing:
        listed = ", ".join(standing)
        yield Words(f"Yêu cầu đang có: {listed}", f"Requests: {listed}")
    if without := timetable.coverage.undated(rule, partly=True):
        yield Words(f"Bộ dữ liệu: {', '.join(without)}", f"Datasets: {', '.join(without)}")
    if rule.computed:
        yield Words(
            f"Các kỳ: iocsl deadlines explain {rule.id}/KỲ",
            f"Its periods: iocsl deadlines explain {rule.id}/PERIOD",
        )


def _setting_line(setting: str, chosen: str | None) -> Words:
    values = " | ".join(choices(setting))
    if not values:
        return Words(
            f"Thiết lập {setting}: {chosen or 'chưa đặt'}",
            f"Setting {setting}: {chosen or 'not set'}",
        )
    return Words(
        f"Thiết lập {setting} = {chosen} (chọn: {values})",
        f"Setting {setting} = {chosen} (choices: {values})",
    )


def _explain_rows(timetable: Timetable) -> Explanation:
    rules = [rule for id_, rule in timetable.rules.items() if id_.startswith(_DATED_ROWS)]
    lines = [
        Words(
            "Phụ lục mục 21: mỗi dòng của Cục Thống kê có ngày in riêng.",
            "Annex, unit 21: each row of the Statistics Office prints its own date.",
        ),
        *(Words(f"  {rule.id}: {rule.wording}", f"  {rule.id}: {rule.wording}") for rule in rules),
    ]
    return Explanation(
        "rule", _DATED_ROWS, tuple(lines), {"rules": [rule_facts(rule) for rule in rules]}
    )


def _cited(rule: Rule) -> Words:
    regime = {
        Regime.QD2023: Words("Chế độ báo cáo 2023", "Reporting regime of 2023"),
        Regime.QD1134: Words("Quyết định 1134/QĐ-UBND", "Decision 1134/QĐ-UBND"),
    }[rule.regime]
    return Words(
        f"Căn cứ: {regime.vi}, {rule.article}: “{rule.wording}”.",
        f"Basis: {regime.en}, {rule.article}: “{rule.wording}”.",
    )


def _other_reading(name: str, due: Due) -> Words:
    last = day_words(due.last_day)
    setting, _, value = name.partition("=")
    if setting == "calendar":
        return Words(
            f"Nếu đề xuất hoán đổi ngày nghỉ được duyệt: {last.vi}.",
            f"If the proposed swap is approved: {last.en}.",
        )
    if setting == "override" and value == "none":
        return Words(
            f"Không có thông báo đổi thời gian nhận: {last.vi}.",
            f"Without the announced window: {last.en}.",
        )
    if setting == "override":
        until = until_words(due.due_before)
        return Words(
            f"Theo thông báo của {value}: {until.vi}, {last.vi}.",
            f"By the announcement of {value}: {until.en}, {last.en}.",
        )
    return Words(f"Cách đọc khác, {name}: {last.vi}.", f"Read otherwise, {name}: {last.en}.")


def _covered(each: Obligation, timetable: Timetable) -> Words:
    count = len(each.datasets)
    if count == 0:
        return Words("Không có bộ dữ liệu nào trong danh mục.", "No dataset of the catalogue.")
    shown = ", ".join(each.datasets[:8]) + (", …" if count > 8 else "")
    return Words(f"Bộ dữ liệu ({count}): {shown}", f"Datasets ({count}): {shown}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unknown(name: str, timetable: Timetable) -> IocslError:
    meant = nearest(name, timetable.rules)
    return usage(
        "unknown-deadline",
        f"Không có hạn hay quy tắc “{name}”.",
        f"There is no deadline or rule “{name}”.",
        (f"Có phải là {meant}?", f"Did you mean {meant}?")
        if meant
        else ("Xem các mã bằng: iocsl deadlines", "See the ids with: iocsl deadlines"),
    )


def _no_such_occurrence(rule: Rule, asked: str) -> IocslError:
    kinds = ", ".join(kind.value for kind in rule.types) or "–"
    return usage(
        "unknown-deadline",
        f"Quy tắc {rule.id} không có hạn cho kỳ “{asked}”.",
        f"Rule {rule.id} has no deadline for the period “{asked}”.",
        (
            f"Quy tắc này có các kỳ: {kinds}. Xem: iocsl deadlines explain {rule.id}",
            f"Its periods: {kinds}. See: iocsl deadlines explain {rule.id}",
        ),
    )


def _before_start(rule: Rule, timetable: Timetable) -> IocslError:
    start = rule.start(timetable.readings)
    return usage(
        "before-start",
        f"Quy tắc {rule.id} chỉ tính từ ngày {start:%d/%m/%Y}.",
        f"Rule {rule.id} counts only from {start:%d/%m/%Y}.",
        ("Chọn một kỳ sau ngày đó.", "Choose a period after that day."),
    )
