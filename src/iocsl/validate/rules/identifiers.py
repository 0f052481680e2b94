"""V: numbers of people, bodies and things, by their structure and check digit."""

from __future__ import annotations

import re
from collections.abc import Callable

from iocsl import clock
from iocsl.catalog.schema import IDENTIFIERS
from iocsl.domain import Severity, Words
from iocsl.patterns import regex
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
_PHONE = regex(r"(?:\+84|0)(?:[35789][0-9]{8}|2[0-9]{9})|1[89]00(?:[0-9]{4}|[0-9]{6})")
"""Mobile and fixed numbers since 2018, and those of services."""
_OLD_MOBILE = regex(r"(?:\+84|0)1[2689][0-9]{8}")
_OLD_FIXED = regex(r"(?:\+84|0)2[0-9]{8}")
_PLATE = regex(
    r"[1-9][0-9] ?-? ?(?:[A-ZĐ]{1,2}[0-9]?) ?-? ?(?:[0-9]{4}|[0-9]{3}\.?[0-9]{2})"
    r"|[A-Z]{2}[- ]?[0-9]{2}[-. ]?[0-9]{2}"
    r"|[1-9][0-9]-?[0-9]{3}-?(?:NG|NN|QT|CV)-?[0-9]{2}"
)
"""Civil plates (motorcycles have two letters since 2025), those of the army, of foreign bodies."""
_EMAIL = regex(
    r"[^@\s.,;:<>()\[\]\"\\]+(?:\.[^@\s.,;:<>()\[\]\"\\]+)*"
    r"@(?:[^\W_](?:[^\W_]|-)*\.)+[^\W\d_](?:[^\W_]|-)*[^\W_]"
)

_MARKS = regex(r"[ .()/-]")
_CHECK_DIGIT = Words("chữ số kiểm tra không khớp", "its check digit does not fit")
_LOST_ZERO = Words("; có thể đã mất số 0 ở đầu", "; a leading zero may be lost")
_NONE = Words("", "")
_CITIZEN_PLACE = Words(
    "ba chữ số đầu không phải mã tỉnh hay mã nước",
    "its first three digits are no province or country",
)
_CITIZEN_YEAR = Words(
    "chữ số thứ tư đến thứ sáu chỉ một năm sinh chưa tới",
    "its fourth to sixth digit say a year of birth that is not here yet",
)


def _with(one: Words, other: Words) -> Words:
    return Words(one.vi + other.vi, one.en + other.en)


def _lost(text: str, *lengths: int) -> Words:
    """What to add where a number is as long as one that lost its zeros in a number cell."""
    return _LOST_ZERO if len(text) in lengths and text.isdecimal() else _NONE


def _citizen(text: str) -> Words | None:
    found = _TWELVE.fullmatch(text)
    if found is None:
        return _not_twelve(text)
    place, century, year = found[1], int(found[2]), int(found[3])
    if not (CITIZEN.match(place + "0" * 9) or _ABROAD.fullmatch(place)):
        return _CITIZEN_PLACE
    born = 1900 + 100 * (century // 2) + year
    return _CITIZEN_YEAR if born >= 2000 and born > clock.now().year else None


def _not_twelve(text: str) -> Words:
    if _TWELVE.fullmatch(_MARKS.sub("", text)):
        return Words(
            "viết liền 12 chữ số, không có dấu cách hay dấu chấm",
            "its 12 digits are written without spaces or dots",
        )
    if len(text) == 9 and text.isdecimal():
        return Words(
            "phải có 12 chữ số; 9 chữ số là số chứng minh nhân dân cũ",
            "it has 12 digits; one of 9 is that of a former identity card",
        )
    return _with(Words("phải có 12 chữ số", "it has 12 digits"), _lost(text, 10, 11))


def _tax_code(text: str) -> Words | None:
    """A body's tax code, or the citizen's number that has been a person's since July 2025."""
    from stdnum import exceptions
    from stdnum.vn import mst

    if _TWELVE.fullmatch(text):
        return _citizen(text)
    try:
        mst.validate(text)
    except exceptions.InvalidLength:
        said = Words(
            "phải có 10 chữ số, 13 với đơn vị phụ thuộc, hoặc là số định danh 12 chữ số",
            "it has 10 digits, 13 for a branch, or is a citizen's number of 12",
        )
        return _with(said, _lost(text, 9))
    except exceptions.InvalidChecksum:
        return _CHECK_DIGIT
    except exceptions.InvalidComponent:
        return Words(
            "số thứ tự không thể toàn chữ số 0", "its running number cannot be zeros alone"
        )
    except exceptions.ValidationError:
        return Words("chỉ gồm chữ số", "it consists of digits")
    return None


def _social_insurance(text: str) -> Words | None:
    """Ten digits, or the citizen's number that takes their place."""
    if _TWELVE.fullmatch(text):
        return _citizen(text)
    if _SOCIAL_INSURANCE.fullmatch(text):
        return None
    said = Words(
        "phải có 10 chữ số, hoặc là số định danh 12 chữ số",
        "it has 10 digits, or is a citizen's number of 12",
    )
    return _with(said, _lost(text, 9))


def _phone(text: str) -> Words | None:
    number = _MARKS.sub("", text)
    if _PHONE.fullmatch(number):
        return None
    if _OLD_MOBILE.fullmatch(number):
        return Words(
            "đầu số di động 11 chữ số đã đổi thành 10 chữ số từ năm 2018",
            "mobile numbers of 11 digits have had 10 since 2018",
        )
    if _OLD_FIXED.fullmatch(number):
        return Words(
            "số cố định phải có 11 chữ số; mã vùng đã đổi từ năm 2017 (Sơn La: 0212)",
            "a fixed number has 11 digits; area codes changed in 2017 (Sơn La: 0212)",
        )
    lost = _PHONE.fullmatch("0" + number) or _PHONE.fullmatch("+" + number)
    said = Words(
        "di động có 10 chữ số, cố định có 11 chữ số, bắt đầu bằng 0 hoặc +84",
        "a mobile number has 10 digits, a fixed one 11, and 0 or +84 comes first",
    )
    lost_mark = Words("; có thể đã mất số 0 hoặc dấu + ở đầu", "; a leading zero or + may be lost")
    return _with(said, lost_mark if lost else _NONE)


def _like(pattern: re.Pattern[str], example: str) -> Callable[[str], Words | None]:
    said = Words(f"không đúng cấu trúc, ví dụ {example}", f"it is not like {example}, for example")
    return lambda text: None if pattern.fullmatch(text) else said


_URI = regex(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?://[^\s/?#\[\]<>\"{}|\\^`]*(?:\[[0-9A-Fa-f:.]+\](?::[0-9]*)?)?)?"
    r"(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
)
"""RFC 3986 with its scheme, a host in Vietnamese letters let pass as browsers do."""
_UUID = regex(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_BASE64 = regex(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


_CHECKS: dict[str, Callable[[str], Words | None]] = {
    "cccd": _citizen,
    "mst": _tax_code,
    "bhxh": _social_insurance,
    "dien_thoai": _phone,
    "bien_so": _like(_PLATE, "26A-123.45"),
    "email": _like(_EMAIL, "ten@sonla.gov.vn"),
    "uri": _like(_URI, "https://sonla.gov.vn/tin"),
    "uuid": _like(_UUID, "6f1c2a3e-58b4-4c1d-9a7e-0b2c4d6e8f10"),
    "binary": _like(_BASE64, "U8ahbiBMYQ=="),
}


def why_not(kind: str, text: str) -> Words | None:
    """Why a text is no number of a kind (a key of `IDENTIFIERS`), None where it is one."""
    return _CHECKS[kind](text)


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
    why = why_not(kind, text)
    if why is None:
        return None
    return Fault(value=text, kind=IDENTIFIERS[kind], why=why)
