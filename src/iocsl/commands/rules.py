"""`iocsl why X` and `iocsl rules`: why something is said, due, off, refused or late."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl import config
from iocsl.commands.explained import page_of, tell_page
from iocsl.commands.options import as_json, command
from iocsl.console.output import emit_json, show, table
from iocsl.domain import Words
from iocsl.errors import IocslError, usage
from iocsl.text import help_text, nearest, say, tr

if TYPE_CHECKING:
    from iocsl.bundle.refusals import RefusalInfo
    from iocsl.validate.registry import RuleInfo

MARKS: dict[str, Words] = {
    "on_time": Words(
        "Kho nhận trước hạn, tính theo giờ của kho.",
        "The warehouse received it before the moment, by the warehouse's clock.",
    ),
    "late": Words("Kho nhận sau hạn.", "The warehouse received it after the moment."),
    "late_link": Words(
        "Đơn vị đã báo trước hạn một gói trọn vẹn, đã ký; tệp lên kho sau hạn vì đường truyền."
        " Vẫn ghi là trễ, kèm lý do, và có thể khiếu nại.",
        "A whole, signed bundle was announced before the moment; its bytes came after, over a bad"
        " link. It stays late on the record, with this reason, and may be contested.",
    ),
    "late_outage": Words(
        "Đơn vị có bằng chứng niêm phong là đã gửi trước hạn nhưng kho không trả lời."
        " Vẫn ghi là trễ, kèm lý do, và có thể khiếu nại.",
        "A sealed proof shows that the unit tried before the moment and the warehouse did not"
        " answer. It stays late on the record, with this reason, and may be contested.",
    ),
    "disputed": Words(
        "Nộp đúng ngày 18: văn bản viết “trước ngày 18” nhưng Điều 8 khoản 1 điểm c (2023) lại ghi"
        " “là ngày 18”. Ghi là còn tranh luận, không ghi là trễ. Cũng vậy khi cơ quan chủ trì đóng"
        " nhận sớm hơn hạn của Điều 8 và bài nộp đến sau lúc đóng nhưng trước hạn đó.",
        "Sent on the 18th: the text says “before the 18th”, while 2023 Điều 8.1.c explains it as"
        " “the 18th”. Shown as disputed, not as late. So is what comes after a lead unit closed its"
        " window early but before the date of Điều 8.",
    ),
    "nil": Words(
        "Đơn vị đã báo kỳ này không phát sinh số liệu.",
        "The unit reported that there was nothing to report in this period.",
    ),
    "missing": Words(
        "Đã qua hạn mà sổ chưa thấy kho nhận.",
        "The moment has passed and the ledger shows no acceptance.",
    ),
    "not_due": Words("Chưa đến hạn.", "Not due yet."),
}
_BLANK = re.compile(r"\{[^}]*\}")
_ISSUED = re.compile(r"(?:YC|TB)-\d{4}-\d{3}", re.IGNORECASE)
"""A request or a notice that came with the catalogue."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}")


def add(app: typer.Typer) -> None:
    command(
        app,
        "why",
        "Vì sao: mã lỗi, mã hạn, một ngày trong lịch, hoặc mức trễ",
        "Why: a rule code, a deadline id, a calendar day or a mark",
    )(why)
    command(
        app,
        "rules",
        "Các quy tắc kiểm tra và lý do từ chối gói",
        "The rules of checking, and why bundles are refused",
    )(rules)


def why(
    target: Annotated[
        str,
        typer.Argument(
            metavar=tr("MÃ", "X"),
            help=help_text(
                "Ví dụ: C301, 2023.lead/2026-04, 2026-11-24, late_link",
                "For example: C301, 2023.lead/2026-04, 2026-11-24, late_link",
            ),
        ),
    ],
) -> None:
    asked = target.strip()
    if _DAY.fullmatch(asked):
        _explain_day(asked)
    elif _ISSUED.fullmatch(asked) or (
        asked.partition("/")[0].count(".") >= 1 and asked[0].isdigit()
    ):
        _explain_deadline(asked)
    elif asked.lower() in MARKS:
        mark = asked.lower()
        tell_page(page_of("mark", mark, [say(MARKS[mark])]))
    else:
        tell_page(_rule_page(asked))


def rules(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar=tr("MÃ", "CODE"),
            help=help_text("Mã hoặc tên quy tắc", "Code or name of a rule"),
        ),
    ] = None,
) -> None:
    if code is not None:
        tell_page(_rule_page(code))
        return
    from iocsl.bundle.refusals import all_refusals
    from iocsl.commands.validate_jobs import own_rules
    from iocsl.validate.registry import all_rules

    own = own_rules()
    known = all_rules(own.registry if own else None)
    if as_json():
        pages = [_of_rule(each) for each in known]
        emit_json(pages + [_of_refusal(each) for each in all_refusals()])
        return
    rows = [(each.code, each.severity.value, _said(each)) for each in known]
    rows += [
        (each.code, "undecided" if each.undecided else "refused", _plain(tr(each.vi, each.en)))
        for each in all_refusals()
    ]
    show(table((tr("Mã", "Code"), tr("Mức", "Level"), tr("Nội dung", "What is said")), rows))


def _explain_day(asked: str) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings
    from iocsl.deadlines.explain import explain_day

    try:
        day = (
            date.fromisoformat(asked)
            if "-" in asked
            else datetime.strptime(asked, "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone
        )
    except ValueError:
        raise usage(
            "no-such-day",
            f"Không có ngày “{asked}”.",
            f"There is no day “{asked}”.",
            ("Viết như 2026-11-24 hoặc 24/11/2026.", "Write it like 2026-11-24 or 24/11/2026."),
        ) from None
    found = explain_day(open_catalogue(), Readings.from_config(config.load()), day)
    tell_page(page_of(**found.document()))


def _explain_deadline(asked: str) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings
    from iocsl.deadlines.explain import explain_deadline

    readings = Readings.from_config(config.load())
    tell_page(page_of(**explain_deadline(open_catalogue(), readings, asked).document()))


def _rule_page(asked: str) -> dict[str, Any]:
    from iocsl.bundle.refusals import refusal_info
    from iocsl.commands.validate_jobs import own_rules
    from iocsl.validate.registry import rule

    if found := rule(asked):
        return _of_rule(found)
    if refused := refusal_info(asked):
        return _of_refusal(refused)
    own = own_rules()
    if own is not None and (found := rule(asked, own.registry)):
        return _of_rule(found)
    raise _unknown(asked)


def _said(info: RuleInfo) -> str:
    """What a rule says; that it is the unit's own comes first."""
    mark = tr("[của đơn vị] ", "[the unit's own] ") if info.own else ""
    return mark + _plain(tr(info.vi, info.en))


def _plain(message: str) -> str:
    """A message without the places that a file fills in."""
    return _BLANK.sub("…", message)


def _of_rule(info: RuleInfo) -> dict[str, Any]:
    lines = [f"{info.code} {info.name} ({info.severity.value})", _said(info)]
    if info.hint:
        lines.append(tr("Cần làm: ", "What to do: ") + say(info.hint))
    for regime, article in info.basis.items():
        lines.append(f"{tr('Căn cứ', 'Basis')} {regime.value}: {article}")
    if info.since:
        lines.append(tr("Có từ bản ", "Since ") + info.since)
    return page_of("check", info.code, lines, {"check": info.document()})


def _of_refusal(info: RefusalInfo) -> dict[str, Any]:
    facts = {
        "code": info.code,
        "name": info.name,
        "vi": info.vi,
        "en": info.en,
        "basis": info.basis,
        "undecided": info.undecided,
    }
    lines = [
        f"{info.code} {info.name}",
        _plain(tr(info.vi, info.en)),
        say(info.why),
        tr("Cần làm: ", "What to do: ") + say(info.fix),
        f"{tr('Căn cứ', 'Basis')}: {info.basis}",
    ]
    return page_of("refusal", info.code, lines, {"refusal": facts})


def _unknown(asked: str) -> IocslError:
    from iocsl.bundle.refusals import all_refusals
    from iocsl.validate.registry import all_rules

    known = [word for each in all_rules() for word in (each.code, each.name)]
    known += [word for each in all_refusals() for word in (each.code, each.name)]
    meant = nearest(asked, [*known, *MARKS])
    return usage(
        "nothing-to-explain",
        f"“{asked}” không phải mã lỗi, mã hạn, ngày hay mức trễ nào.",
        f"“{asked}” is no rule code, deadline id, day or mark.",
        (f"Có phải là “{meant}”?", f"Did you mean “{meant}”?")
        if meant
        else ("Xem danh sách: iocsl rules", "See the list: iocsl rules"),
    )
