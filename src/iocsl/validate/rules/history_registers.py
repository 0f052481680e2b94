"""H: a register held against its last submission, and files that nothing could be held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iocsl.domain import Period, PeriodType, Severity, Words
from iocsl.validate.history import InParts, Line
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, RuleInfo, file_fault, own

if TYPE_CHECKING:
    from iocsl.validate.context import Context

EXACT: Basis = {QD2023: "Điều 3 khoản 1", QD1134: "Điều 5 khoản 1 điểm a; khoản 3 điểm a"}
EXAMPLES = 5
"""What a finding over many figures names."""
MOST_REASONS = 2

NOT_COMPARED = file_fault(
    "H808",
    "earlier-files-not-used",
    Severity.INFO,
    vi="Chưa so được số liệu nào với các kỳ trước đã chỉ ra: {why}.",
    en="No figure could be compared with the earlier files that were named: {why}.",
    hint=(
        "Chỉ ra tệp kỳ trước của cùng bộ dữ liệu, cùng đơn vị bằng --history.",
        "With --history, name earlier files of the same dataset and unit.",
    ),
    basis=EXACT,
    since="0.2.0",
    doc="""Files named with `--history` can be compared with.

    Why: who names them should not take silence for agreement. Nothing is compared where the files
    are of another dataset or unit or of no earlier period, where the schema declares no key or no
    column of numbers, and where no row of the file stood in any of them.
    Fix: name files of earlier periods of the same dataset; where there are none, nothing.
    """,
)

RECORDS_GONE = file_fault(
    "H809",
    "records-gone",
    Severity.INFO,
    vi="Không còn {count} bản ghi đã có ở kỳ {before}: {lines}.",
    en="Records that {before} had and this file has not, {count} in all: {lines}.",
    hint=(
        "Nếu bỏ sót thì bổ sung; nếu đã kết thúc thì không phải làm gì.",
        "Add them if they were left out; if they have ended, nothing has to be done.",
    ),
    basis=EXACT,
    since="0.2.0",
    doc="""A register that is sent whole each period still has the records of the last one.

    Why: rows lost in copying are seen by nobody else. Whether a register is sent whole, it shows
    itself: nothing is told where more than half of the last period's records are gone (a log of
    what happened in the period), or no more than went between earlier periods; nor of files of one
    day, or where the key holds a date. Records that are over by their own date or state (hoàn
    thành, hết hiệu lực, thu hồi) are not expected.
    Fix: add the records; where they were rightly taken out, nothing has to be done.
    """,
)


def of_registers(context: Context) -> Iterator[tuple[RuleInfo, Fault, int]]:
    """What a register lacks, and why files named by hand were of no use: rule, fault and count."""
    past, told = context.past, context.comparison
    gone = _gone(context)
    if gone:
        before = past.recent[0][0]
        lines = listed([told.named(line) for line in gone])
        fault = Fault(quoting=told.key, count=own(len(gone)), before=own(before), lines=lines)
        yield RECORDS_GONE, fault, len(gone)
    if past.by_hand and told.seen and not told.met:
        why = _why(context)
        fault = Fault(
            why=Words("; ".join(each.vi for each in why), "; ".join(each.en for each in why))
        )
        yield NOT_COMPARED, fault, 1


def _gone(context: Context) -> list[Line]:
    """The records of the last submission that a register lacks."""
    recent, present = context.past.recent, context.comparison.present
    form = context.comparison.form
    if form is None or not form.register or form.logs or _is_of_a_moment(context.period):
        return []
    if isinstance(context.history, InParts):
        present = context.history.with_lines(present)
    if not recent or not present:
        return []
    gone = recent[0][1] - present
    if 2 * len(gone) > len(recent[0][1]) or len(gone) <= context.past.usually_gone:
        return []
    return sorted(gone)


def _is_of_a_moment(period: Period | None) -> bool:
    """Whether a file is of a day or one change: what happened then, no list of what there is."""
    return period is not None and period.type in {PeriodType.DAY, PeriodType.EVENT}


def _why(context: Context) -> list[Words]:
    """The reasons why no figure had a past, the first of them."""
    past, form, title = context.past, context.comparison.form, context.schema.title
    if form is not None and not form.values and past.recent:
        return [
            Words(
                f"cấu trúc “{title}” không có cột số, chỉ xét được bản ghi nào không còn",
                f"the schema “{title}” has no column of numbers; only missing records are told",
            )
        ]
    if past.unused:
        return list(past.unused[:MOST_REASONS])
    return [
        Words(
            "không dòng nào của tệp này có trong đó với cùng khóa, cùng trạng thái số liệu",
            "no row of this file stands in them with the same key and status of figures",
        )
    ]


def listed(names: list[str]) -> str:
    return ", ".join(names[:EXAMPLES]) + (" …" if len(names) > EXAMPLES else "")
