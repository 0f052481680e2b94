"""V: numbers of people, bodies and things, by their structure and check digit."""

from __future__ import annotations

import re
from collections.abc import Callable

from iocsl.catalog.schema import IDENTIFIERS
from iocsl.domain import Severity
from iocsl.text import say
from iocsl.validate.context import Context
from iocsl.validate.readers.base import shown
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, cell_rule

IDENTITY: Basis = {QD2023: "Điều 3 khoản 1", QD1134: "Điều 5 khoản 1 điểm b"}
SINCE = "0.1.0"

CITIZEN = re.compile(r"0(?:0[1-9]|[1-8][0-9]|9[0-6])[0-9]{9}")
"""Số định danh cá nhân: province 001-096, century and sex, two digits of the year, six more."""
_SOCIAL_INSURANCE = re.compile(r"[0-9]{10}")
_PHONE = re.compile(r"(?:\+84|0)(?:[35789][0-9]{8}|2[0-9]{9})")
_PLATE = re.compile(r"[1-9][0-9](?:-?[A-Z]{1,2}[0-9]?)-? ?(?:[0-9]{4}|[0-9]{3}\.?[0-9]{2})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


def _tax_code(text: str) -> bool:
    from stdnum.vn import mst

    return bool(mst.is_valid(text))


def _matching(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {
    "cccd": _matching(CITIZEN),
    "mst": _tax_code,
    "bhxh": _matching(_SOCIAL_INSURANCE),
    "dien_thoai": lambda text: _PHONE.fullmatch(re.sub(r"[ .-]", "", text)) is not None,
    "bien_so": _matching(_PLATE),
    "email": _matching(_EMAIL),
}


@cell_rule(
    "V418",
    "wrong-identifier",
    Severity.ERROR,
    where=lambda field: field.format in IDENTIFIERS,
    vi="“{value}” không phải là {kind} đúng cấu trúc.",
    en="“{value}” does not have the structure of {kind}.",
    hint=(
        "Đối chiếu với giấy tờ; định dạng cột là Văn bản (Text) để không mất số 0 ở đầu.",
        "Compare it with the paper; format the column as Text, so that no leading zero is lost.",
    ),
    basis=IDENTITY,
    since=SINCE,
)
def wrong_identifier(value: object, context: Context) -> Fault | None:
    """A number of a kind whose structure or check digit is known.

    Why: a digit lost or swapped makes it the number of somebody else, or of nobody.
    Fix: compare with the paper. Structure is all that is checked, not whether the number was given.
    """
    kind = context.field.format or ""
    text = shown(value)
    if _CHECKS[kind](text):
        return None
    return Fault(value=text, kind=say(IDENTIFIERS[kind]))
