"""N: "không phát sinh" and "không áp dụng", told apart from an empty cell and from zero."""

from __future__ import annotations

from collections.abc import Sequence

from iocsl.domain import Severity
from iocsl.patterns import regex
from iocsl.text import fold, squeeze
from iocsl.validate.context import Context
from iocsl.validate.readers.base import Cell, shown
from iocsl.validate.registry import (
    QD1134,
    QD2023,
    Basis,
    Fault,
    On,
    cell_rule,
    file_fault,
)

FULL: Basis = {QD2023: "Điều 6 khoản 1", QD1134: "Điều 5 khoản 1 điểm a"}
SINCE = "0.1.0"

_PERIOD = r"(?:[69] thang|ky|thang|quy|nam|tuan|ngay|vu)(?: bao cao)?(?: (?:dau|cuoi) nam)?"
_NUMBER = r"(?:[0-9]{1,4}|[ivx]{1,4})"
_BUT = r"(?:nhung|rieng|ngoai|tru|song|tuy|chi|co|con|da)"
_WHEN = (
    rf"(?:trong (?:ky|thang|quy|nam|tuan|ngay|vu|[69] thang)\b(?:(?!\b{_BUT}\b)[^;:]){{0,30}}?"
    rf"|{_PERIOD}(?: nay| {_NUMBER}(?: ?[/-] ?{_NUMBER}){{0,2}}(?: nam {_NUMBER})?)?)"
)
"""A period: "trong …" in any words, or a bare one ("kỳ này", "quý IV/2026") in few."""
_WHO = r"(?:don vi|co quan|dia phuong|(?:toan )?(?:tinh|xa|phuong|nganh|so)|tren dia ban)"
_NONE = r"(?:khong|chua) (?:ghi nhan |co (?:so lieu |du lieu )?)?phat sinh"
_NOTHING = regex(rf"kps|(?:{_WHEN},? )?{_NONE}(?: (?:so lieu|du lieu))?(?: {_WHEN})?")
_STATEMENT = regex(
    rf"(?:{_WHEN},? )?(?:{_WHO}(?: nay)?,? )?(?:{_WHEN},? )?{_NONE}"
    rf"(?: (?!{_WHEN})(?:(?!\b{_BUT}\b)[^;:0-9]){{1,60}}?)?(?: {_WHEN})?"
)
"""A whole row may say it at more length: "Trong tháng 10 không phát sinh dự án mới". A figure, or
what did happen ("riêng …"), makes it something else."""
NOT_APPLICABLE = frozenset({"khong ap dung", "khong ap dung voi don vi", "n/a"})

NIL_RETURN = file_fault(
    "N901",
    "nil-return",
    Severity.INFO,
    vi="Đơn vị báo kỳ này không phát sinh: “{text}”.",
    en="The unit states that nothing happened in this period: “{text}”.",
    basis=FULL,
    since=SINCE,
    doc="""A row that says nothing but "không phát sinh".

    Why: a period without events is reported as such; an empty file may be a forgotten one.
    Fix: nothing, if it is so.
    """,
)


def _said(text: str) -> str:
    return fold(text).rstrip(" .")


def is_nil(cell: object) -> bool:
    """Whether a cell says that nothing happened, or that the figure does not apply."""
    if not isinstance(cell, str) or not 2 < len(cell) < 40:
        return False
    said = _said(cell)
    return said in NOT_APPLICABLE or _NOTHING.fullmatch(said) is not None


def nil_text(row: Sequence[Cell]) -> str | None:
    """The statement of a row that holds nothing else, None for any other row."""
    texts = [text for cell in row if (text := squeeze(shown(cell)))]
    if len(texts) != 1 or len(texts[0]) > 150:
        return None
    said = _said(texts[0])
    return texts[0] if _NOTHING.fullmatch(said) or _STATEMENT.fullmatch(said) else None


@cell_rule(
    "N902",
    "nothing-happened",
    Severity.INFO,
    on=On.NIL,
    vi="“{text}” được hiểu là không phát sinh: không phải số 0, không phải ô bỏ trống.",
    en="“{text}” is read as nothing happened: neither zero nor an empty cell.",
    basis=FULL,
    since=SINCE,
)
def nothing_happened(text: str, context: Context) -> Fault | None:
    """A number cell that says "không phát sinh".

    Why: zero is a figure, an empty cell is a missing one; this is neither, and is kept as such.
    Fix: nothing. Write 0 where the figure is zero.
    """
    return Fault(text=text) if _NOTHING.fullmatch(_said(text)) else None


@cell_rule(
    "N903",
    "does-not-apply",
    Severity.INFO,
    on=On.NIL,
    vi="“{text}” được hiểu là chỉ tiêu không áp dụng ở đây.",
    en="“{text}” is read as: the indicator does not apply here.",
    basis=FULL,
    since=SINCE,
)
def does_not_apply(text: str, context: Context) -> Fault | None:
    """A number cell that says "không áp dụng".

    Why: what cannot occur is not the same as what did not occur in this period.
    Fix: nothing, if it is so.
    """
    return Fault(text=text) if _said(text) in NOT_APPLICABLE else None
