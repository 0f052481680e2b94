"""Headings that shorten a printed title: "ĐVT" for "Đơn vị tính", "Mã CT" for "Mã chỉ tiêu".

They are no titles, and are told as such; which column is meant is plain all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby

from iocsl.patterns import regex

LONGEST = 30
"""Characters of a heading that shortens another."""
NUMBERING = frozenset({"stt", "tt", "so thu tu", "so tt", "no"})
_BRACKETS_AT_END = regex(r"\s*\([^()]*\)\s*$")
_NUMBER_BEFORE = regex(
    r"(?:c[ộo]t\s*)?(?:[(\[]\s*(?:[0-9]{1,2}|[A-Z])\s*[)\]]|(?:[0-9]{1,2}|[A-Z])\s*[.)/:-])"
    r"\s*(?![0-9\s])",
    re.IGNORECASE,
)


def without_unit(text: str) -> str:
    """A heading without what stands in brackets at its end: mostly a unit of measure."""
    return _BRACKETS_AT_END.sub("", text)


def without_number(text: str) -> str:
    """A heading without the number of its column before it: "1. ", "(1) ", "Cột 1: "."""
    found = _NUMBER_BEFORE.match(text)
    return text[found.end() :] if found else text


@lru_cache(maxsize=4096)
def shortened(heading: str, titles: tuple[tuple[str, str], ...]) -> str | None:
    """The key of the one title that a heading shortens; None where that is none, or several.

    `titles` are pairs of key and title; both texts are folded and hold words alone.
    """
    if heading in NUMBERING or not 1 < len(heading) <= LONGEST:
        return None
    words = _words(heading)
    found = {key for key, title in titles if _shortens(words, title.split(" "))}
    return found.pop() if len(found) == 1 else None


def begins(heading: str, titles: Iterable[tuple[str, str]]) -> str | None:
    """The key of the one title that begins with the words of a heading: "Kỳ" for "Kỳ báo cáo"."""
    if len(heading) < 2 or heading in NUMBERING:
        return None
    found = {key for key, title in titles if title.startswith(f"{heading} ")}
    return found.pop() if len(found) == 1 else None


def _words(heading: str) -> list[str]:
    """The words of a heading, letters that stand alone taken together: "d v t" is "dvt"."""
    words: list[str] = []
    for alone, group in groupby(heading.split(" "), key=lambda word: len(word) == 1):
        some = list(group)
        words.extend(["".join(some)] if alone else some)
    return words


def _shortens(words: Sequence[str], title: Sequence[str]) -> bool:
    """Whether each word is one of the title, or the initials of two and more, in its order."""
    if not words or not title:
        return not words and not title
    first = words[0]
    if first == title[0] and _shortens(words[1:], title[1:]):
        return True
    many = len(first)
    initials = "".join(word[:1] for word in title[:many])
    return 1 < many <= len(title) and first == initials and _shortens(words[1:], title[many:])
