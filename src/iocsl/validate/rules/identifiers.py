"""V: numbers of people, bodies and things, by their structure and check digit."""

from __future__ import annotations

import re
from collections.abc import Callable

from iocsl import clock
from iocsl.catalog.schema import IDENTIFIERS
from iocsl.domain import Severity, Words
from iocsl.patterns import regex
from iocsl.text import say
from iocsl.validate.context import Context
from iocsl.validate.readers.base import shown
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, cell_rule

IDENTITY: Basis = {QD2023: "Điều 3 khoản 1", QD1134: "Điều 5 khoản 1 điểm b"}
SINCE = "0.1.0"

_PROVINCES = (
    "01 02 04 06 08 10 11 12 14 15 17 19 20 22 24 25 26 27 30 31 33 34 35 36 37 38 40 42 44 45 46"
    " 48 49 51 52 54 56 58 60 62 64 66 67 68 70 72 74 75 77 79 80 82 83 84 86 87 89 91 92 93 94 95"
    " 96"
)
"""The 63 provinces and cities until 2025; numbers given then keep their codes."""
CITIZEN = regex(rf"0(?:{_PROVINCES.replace(' ', '|')})[0-3][0-9]{{8}}")
"""Số định danh cá nhân: province, century and sex, two digits of the year of birth, six more."""
_TWELVE = regex(r"([0-9]{3})([0-9])([0-9]{2})[0-9]{6}")
_ABROAD = regex(r"[1-3][0-9]{2}")
"""Codes of the countries where a birth was registered stand in the place of the province."""
_SOCIAL_INSURANCE = regex(r"[0-9]{10}")
_PHONE = regex(r"(?:\+84|0)(?:[35789][0-9]{8}|2[0-9]{9})")
_PLATE = regex(
    r"[1-9][0-9](?:-?[A-Z]{1,2}[0-9]?)-? ?(?:[0-9]{4}|[0-9]{3}\.?[0-9]{2})"
    r"|[A-Z]{2}[- ]?[0-9]{2}[-. ]?[0-9]{2}"
    r"|[1-9][0-9]-?[0-9]{3}-?(?:NG|NN|QT|CV)-?[0-9]{2}"
)
"""Civil plates, those of the army, and those of foreign bodies."""
_EMAIL = regex(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")

_SHAPE = Words("không đúng cấu trúc", "it does not have that structure")
_DIGITS = Words("chỉ gồm chữ số", "it consists of digits")
_CHECK_DIGIT = Words("chữ số kiểm tra không khớp", "its check digit does not fit")


def _citizen(text: str) -> Words | None:
    found = _TWELVE.fullmatch(text)
    if found is None:
        lost = len(text) in {10, 11} and text.isdigit()
        vi, en = (
            ("; có thể đã mất số 0 ở đầu", "; a leading zero may be lost") if lost else ("", "")
        )
        return Words(f"phải có 12 chữ số{vi}", f"it has 12 digits{en}")
    place, century, year = found[1], int(found[2]), int(found[3])
    if not (CITIZEN.match(place + "0" * 9) or _ABROAD.fullmatch(place)):
        return Words(f"{place} không phải mã tỉnh, mã nước", f"{place} is no province or country")
    born = 1900 + 100 * (century // 2) + year
    if born > clock.now().year:
        return Words(f"năm sinh {born} chưa tới", f"the year of birth {born} is not here yet")
    return None


def _tax_code(text: str) -> Words | None:
    """A body's tax code, or the citizen's number that has been a person's since July 2025."""
    from stdnum import exceptions
    from stdnum.vn import mst

    if _TWELVE.fullmatch(text):
        return _citizen(text)
    try:
        mst.validate(text)
    except exceptions.InvalidLength:
        return Words(
            "phải có 10 chữ số, 13 với đơn vị phụ thuộc, hoặc là số định danh 12 chữ số",
            "it has 10 digits, 13 for a branch, or is a citizen's number of 12",
        )
    except exceptions.InvalidChecksum:
        return _CHECK_DIGIT
    except exceptions.ValidationError:
        return _DIGITS
    return None


def _social_insurance(text: str) -> Words | None:
    """Ten digits, or the citizen's number that takes their place."""
    if _TWELVE.fullmatch(text):
        return _citizen(text)
    if _SOCIAL_INSURANCE.fullmatch(text):
        return None
    return Words(
        "phải có 10 chữ số, hoặc là số định danh 12 chữ số",
        "it has 10 digits, or is a citizen's number of 12",
    )


def _phone(text: str) -> Words | None:
    if _PHONE.fullmatch(re.sub(r"[ .()-]", "", text)):
        return None
    return Words(
        "di động có 10 chữ số, cố định có 11 chữ số, bắt đầu bằng 0 hoặc +84",
        "a mobile number has 10 digits, a fixed one 11, and 0 or +84 comes first",
    )


def _matching(pattern: re.Pattern[str]) -> Callable[[str], Words | None]:
    return lambda text: None if pattern.fullmatch(text) else _SHAPE


_CHECKS: dict[str, Callable[[str], Words | None]] = {
    "cccd": _citizen,
    "mst": _tax_code,
    "bhxh": _social_insurance,
    "dien_thoai": _phone,
    "bien_so": _matching(_PLATE),
    "email": _matching(_EMAIL),
}


@cell_rule(
    "V418",
    "wrong-identifier",
    Severity.ERROR,
    where=lambda field: field.format in IDENTIFIERS,
    vi="“{value}” không phải là {kind}: {why}.",
    en="“{value}” is not {kind}: {why}.",
    hint=(
        "Đối chiếu với giấy tờ; định dạng cột là Văn bản (Text) để không mất số 0 ở đầu.",
        "Compare it with the paper; format the column as Text, so that no leading zero is lost.",
    ),
    basis=IDENTITY,
    since=SINCE,
)
def wrong_identifier(value: object, context: Context) -> Fault | None:
    """A number of a kind whose structure or check digit is known.

    Why: a digit lost or swapped makes it the number of somebody else, or of nobody. Tax codes have
    a check digit; citizens' numbers have a province or country and a year of birth; of the others
    only the structure can be checked.
    Fix: compare with the paper. Whether the number was ever given is not checked.
    """
    kind = context.field.format or ""
    text = shown(value)
    why = _CHECKS[kind](text)
    return Fault(value=text, kind=say(IDENTIFIERS[kind]), why=say(why)) if why else None
