"""Periods as people write them, for a message that says which id may be meant. Nothing reads them.

"Tháng 10/2026" in a data file stays an error: what it is about is for the unit to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from iocsl.domain import Period
from iocsl.patterns import regex
from iocsl.text import fold, latin

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_YEAR = r"([0-9]{4})"
_TO = r"(?: ?[-/.,] ?(?:nam )?| nam | )"
"""What stands between a part of the year and the year."""
_PART = r"(i{1,3}|iv|[1-4])"


def _quarter(part: str) -> str:
    return f"Q{_ROMAN.get(part, part)}"


def _month(part: str) -> str:
    return part.zfill(2)


def _half(part: str) -> str:
    return "H2" if "cuoi" in part else "H1"


_Said = Callable[[str], str]
_PART_FIRST: Sequence[tuple[str, _Said]] = (
    (rf"(?:quy|q) ?{_PART}{_TO}{_YEAR}", _quarter),
    (rf"6 thang( dau| cuoi|)(?: nam)?(?:{_TO}| ){_YEAR}", _half),
    (rf"(9) thang(?: dau)?(?: nam)?(?:{_TO}| ){_YEAR}", lambda _: "9M"),
    (rf"(?:thang ?|t)?([0-9]{{1,2}}){_TO}{_YEAR}", _month),
)
_YEAR_FIRST: Sequence[tuple[str, _Said]] = (
    (rf"{_YEAR}[-/. ]?(?:quy|q) ?{_PART}", _quarter),
    (rf"{_YEAR}[-/. ]?(?:thang ?|t)?([0-9]{{1,2}})", _month),
    (rf"{_YEAR}[-/. ]?h([12])", lambda part: f"H{part}"),
    (rf"{_YEAR}[-/. ]?(9)m", lambda _: "9M"),
)
_DAY = regex(rf"([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]{_YEAR}")
_ALONE = regex(rf"nam {_YEAR}")
_MOST = 40
"""Characters of a text that may be a period in words."""


def meant(text: str) -> str | None:
    """The id of a period that a text seems to mean, None where there is none."""
    if len(text) > _MOST:
        return None
    said = fold(latin(text).translate(_DASHES)).removeprefix("ky ")
    return next(filter(None, map(_existing, _ids(said))), None)


def _ids(said: str) -> Sequence[str]:
    if found := _ALONE.fullmatch(said):
        return [found[1]]
    if found := _DAY.fullmatch(said):
        return [f"{found[3]}-{found[2].zfill(2)}-{found[1].zfill(2)}"]
    ids = [said.upper()]
    for form, part in _PART_FIRST:
        if found := regex(form).fullmatch(said):
            ids.append(f"{found[2]}-{part(found[1])}")
    for form, part in _YEAR_FIRST:
        if found := regex(form).fullmatch(said):
            ids.append(f"{found[1]}-{part(found[2])}")
    return ids


def _existing(id_: str) -> str | None:
    try:
        return Period.parse(id_).id
    except ValueError:
        return None
