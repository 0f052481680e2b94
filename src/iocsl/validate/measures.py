"""Units of measure as forms write them: “nghìn đồng”, “1.000 đ”, “ha”, “%”, “tạ”.

Only what is known is compared; a text in brackets that is no unit (“có thuế”) says nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from iocsl.patterns import regex
from iocsl.text import fold, squeeze

_TIMES = {
    "nghin": 1e3,
    "ngan": 1e3,
    "1.000": 1e3,
    "1000": 1e3,
    "trieu": 1e6,
    "1.000.000": 1e6,
    "1000000": 1e6,
    "ty": 1e9,
    "ti": 1e9,
}
_BASES: dict[str, tuple[str, float]] = {
    "dong": ("đồng", 1),
    "d": ("đồng", 1),
    "vnd": ("đồng", 1),
    "usd": ("usd", 1),
    "m2": ("m2", 1),
    "ha": ("m2", 1e4),
    "hecta": ("m2", 1e4),
    "km2": ("m2", 1e6),
    "kg": ("kg", 1),
    "kilogam": ("kg", 1),
    "lit": ("lít", 1),
    "l": ("lít", 1),
    "ta": ("kg", 1e2),
    "tan": ("kg", 1e3),
    "m": ("m", 1),
    "km": ("m", 1e3),
    "%": ("%", 1),
    "phan tram": ("%", 1),
    "‰": ("%", 0.1),
    "phan nghin": ("%", 0.1),
    "nguoi": ("người", 1),
    "ho": ("hộ", 1),
    "con": ("con", 1),
}
_ALONE = {"nghin", "ngan", "trieu", "ty", "ti"}
"""Said alone these mean money."""
_MONEY = regex(r"(1\.000\.000|1000000|1\.000|1000|trieu|tr|nghin|ngan|ng|ty|ti)[. ]*(?:dong|vnd|d)")
_SHORT = {"tr": "trieu", "ng": "nghin"}
"""Amounts of money written as one: “tr.đ”, “1000đ”."""
_SIGNS = str.maketrans("²³", "23")
_BRACKETS = regex(r"\(([^()]*)\)")
_CAPTION = regex(r"(?:don vi(?: tinh)?|dvt)\s*:\s*(.+)")


class Measure(NamedTuple):
    """What is measured, and how many of its base units one is: (“đồng”, 1000) for nghìn đồng."""

    base: str
    times: float


def measure(text: str) -> Measure | None:
    """The unit that a text names, None where it names none that is known."""
    said = fold(text.replace("²", "2")).strip(" .:()")
    times = 1.0
    if said in _ALONE:
        return Measure("đồng", _TIMES[said])
    if money := _MONEY.fullmatch(said):
        return Measure("đồng", _TIMES[_SHORT.get(money[1], money[1])])
    first, _, rest = said.partition(" ")
    if first in _TIMES and rest:
        times, said = _TIMES[first], rest
    if said not in _BASES:
        return None
    base, unit = _BASES[said]
    return Measure(base, times * unit)


def same_unit(one: str, other: str) -> bool:
    """Whether two texts name one unit, known or not: “1.000 đ” and “nghìn đồng”, “m³” and “m3”.

    A rate is told part by part: “đ/kg” is “đồng/kilôgam”.
    """
    parts, others = one.split("/"), other.split("/")
    return len(parts) == len(others) and all(map(_same, parts, others))


def _same(one: str, other: str) -> bool:
    known = measure(one)
    return (known is not None and known == measure(other)) or _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return squeeze(text).casefold().replace(" ", "").translate(_SIGNS)


def in_heading(text: str) -> tuple[str, Measure] | None:
    """The last unit in brackets in a heading, as written and as understood.

    It may stand in a heading above: `Doanh thu (triệu đồng) - Kế hoạch`.
    """
    for said in reversed(_BRACKETS.findall(text)):
        known = measure(said)
        if known is not None:
            return said.strip(), known
    return None


def in_caption(text: str) -> tuple[str, Measure] | None:
    """The unit that a line above a table names for all of it: `Đơn vị tính: triệu đồng`."""
    found = _CAPTION.search(fold(text.replace("²", "2")))
    known = measure(found[1]) if found else None
    return (text.rpartition(":")[2].strip(" ()"), known) if known else None
