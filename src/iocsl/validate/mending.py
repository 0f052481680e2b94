"""What of a text can be mended without loss: one meaning before, the same meaning after."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from enum import Enum

from iocsl.domain import Words
from iocsl.text import fold, nfc
from iocsl.validate.numbers import NumberFault, read_number
from iocsl.validate.readers.encodings import (
    ENOUGH,
    from_tcvn3,
    from_vni,
    is_syllable,
)
from iocsl.validate.rules.vietnamese import INVISIBLE, looks_old, syllables

Convert = Callable[[str], str]

LONGEST_NUMBER = 15
"""Digits that a spreadsheet keeps of a number."""

_BLANKS = re.compile("[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_ETH = str.maketrans("\u00d0\u00f0", "Đđ")
_WHITE = re.compile(r"\s+")
_SIGNS = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W\d_]+")
_ONE_GROUP = re.compile(r"[+-]?[0-9]{1,3}([.,])[0-9]{3}")


class Mend(Enum):
    """Kinds of mending, with the words for them."""

    FORM = Words("chữ rời thành chữ dựng sẵn (NFC)", "decomposed letters made whole (NFC)")
    INVISIBLE = Words("bỏ ký tự không nhìn thấy", "invisible characters removed")
    FONT = Words("đổi phông cũ sang Unicode", "old font converted to Unicode")
    ETH = Words("đổi Ð (eth) thành Đ", "Ð (eth) made Đ")
    SPACES = Words("bỏ dấu cách thừa", "stray spaces removed")
    NUMBER = Words("số lưu dạng chữ thành số", "a number stored as text made a number")
    CODE = Words("viết lại mã theo danh mục", "code spelt as in the catalogue")


def certain_font(texts: Iterable[str]) -> Convert | None:
    """The one conversion that makes Vietnamese of all these texts, None where that is not certain.

    `texts` are the cells of one column that look like an old font.
    """
    joined = " ".join(texts)
    scores: list[tuple[float, Convert]] = []
    fonts: tuple[Convert, Convert] = (from_tcvn3, from_vni)
    for font in fonts:
        marked, good = syllables(font(joined))
        scores.append((good / marked if marked >= ENOUGH else 0.0, font))
    scores.sort(key=lambda each: each[0], reverse=True)
    (best, convert), (second, _) = scores
    return convert if best >= 0.95 and second <= 0.6 else None


def mended_text(text: str, font: Convert | None) -> tuple[str, list[Mend]]:
    """The text mended, and how; untouched where it looks like an old font that is not certain.

    In TCVN3 a soft hyphen is the letter ư, so nothing is taken out of such a text.
    """
    kinds: list[Mend] = []
    if looks_old(text):
        meant = font(text) if font else text
        marked, good = syllables(meant)
        if font is None or marked != good:
            return text, []
        kinds.append(Mend.FONT)
        text = meant
    for kind, change in (
        # Before the form: a letter and its mark may have stood apart.
        (Mend.INVISIBLE, _without_invisible),
        (Mend.FORM, nfc),
        (Mend.ETH, _without_eth),
        (Mend.SPACES, _without_blanks),
    ):
        changed = change(text)
        if changed != text:
            kinds.append(kind)
            text = changed
    return text, kinds


def _without_invisible(text: str) -> str:
    return INVISIBLE.sub("", text)


def _without_eth(text: str) -> str:
    """Đ for the Icelandic letter, in words that are Vietnamese with it."""

    def word(found: re.Match[str]) -> str:
        meant = found[0].translate(_ETH)
        return meant if is_syllable(meant) else found[0]

    return text if text.translate(_ETH) == text else _WORD.sub(word, text)


def _without_blanks(text: str) -> str:
    """Single spaces, none at the ends of a line; line breaks stay."""
    return "\n".join(_BLANKS.sub(" ", line).strip(" ") for line in text.split("\n"))


def as_number(text: str, decimal: str | None, group: str | None, *, doubtful: bool) -> str | None:
    """The number that a text stands for, as XML writes it; None where it could mean two things.

    `doubtful`: other cells of the column make one reading of `1.234` uncertain. Leading zeros
    (`0123` may be a code) and more digits than a spreadsheet keeps are left alone.
    """
    if doubtful and _ONE_GROUP.fullmatch(text):
        return None
    digits = sum(char.isdigit() for char in text)
    bare = text.lstrip("+-")
    leading = len(bare) > 1 and bare[0] == "0" and bare[1].isdigit()
    if digits > LONGEST_NUMBER or leading:
        return None
    number = read_number(text, decimal, group)
    return None if isinstance(number, NumberFault) else repr(number)


class Spellings:
    """Codes by how people spell them: case, marks, spaces and which signs part them do not matter.

    Codes that differ in nothing else are left out. Where two differ in signs alone (`A-1`, `A1`),
    spaces and signs count: `a 1` may be either. Marks count in codes without a digit: those are
    words, and `dừa` is not `dứa`.
    """

    def __init__(self, codes: Collection[str]) -> None:
        bare = Counter(_SIGNS.sub("", fold(code)) for code in codes)
        keys = {code: _dashed(fold(code)) for code in codes}
        alone = [code for code, key in keys.items() if bare[_SIGNS.sub("", key)] == 1]
        self._spaced = _unique((key, code) for code, key in keys.items())
        self._joined = _unique((_WHITE.sub("", keys[code]), code) for code in alone)
        self._parted = _unique((_SIGNS.sub("-", keys[code]), code) for code in alone)

    def meant(self, text: str) -> str | None:
        """The one code that a text can be, None where there is none or more than one."""
        key = _dashed(fold(INVISIBLE.sub("", text)))
        code = self._spaced.get(key) or self._joined.get(_WHITE.sub("", key))
        code = code or self._parted.get(_SIGNS.sub("-", key.strip()))
        if code is None or any(map(str.isdigit, code)) or _marked(text) == _marked(code):
            return code
        return None


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Key → code, without the keys that two codes share."""
    found: dict[str, str | None] = {}
    for key, code in pairs:
        found[key] = None if key in found else code
    return {key: code for key, code in found.items() if code is not None}


def _dashed(text: str) -> str:
    return _DASHES.sub("-", text)


def _marked(text: str) -> str:
    """A text in small letters with their marks, without spaces."""
    return _WHITE.sub("", _dashed(nfc(text).translate(_ETH).casefold()))
