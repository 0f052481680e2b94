"""The only place where text is normalised, and where the language of messages is kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from iocsl.domain import Words

LANGUAGES = ("vi", "en")
MANY_CHOICES, LONG_WORD = 500, 40
"""Choices of which, and letters of a word in which, two slips are looked for."""

_language = "vi"
_help: dict[str, str] = {}


def set_language(language: str) -> None:
    """Choose the language of everything said from now on: `vi` or `en`."""
    global _language  # noqa: PLW0603 - one process speaks one language at a time
    _language = language if language in LANGUAGES else "vi"


def language() -> str:
    return _language


def tr(vi: str, en: str) -> str:
    """The text in the language chosen, at the moment it is said."""
    return en if _language == "en" else vi


def say(words: Words) -> str:
    """`tr` for a pair that is kept as one."""
    return tr(words.vi, words.en)


def grouped(number: int) -> str:
    """A whole number for reading: 20.745 in Vietnamese, 20,745 in English."""
    return tr(f"{number:,}".replace(",", "."), f"{number:,}")


def help_text(vi: str, en: str) -> str:
    """A help text: Vietnamese in the source, its English kept for `--lang en`.

    Help is fixed when a command's module is imported, before `--lang` is known; `cli` looks the
    English up when it is asked for.
    """
    _help[vi] = en
    return vi


def translated_help(vi: str) -> str:
    return _help.get(vi, vi) if _language == "en" else vi


def nfc(text: str) -> str:
    """Unicode NFC, the form of everything iocsl writes."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def squeeze(text: str) -> str:
    """NFC, runs of white space (line breaks and no-break spaces too) as one space, ends cut."""
    return " ".join(nfc(text).split())


_D = str.maketrans({"đ": "d", "Đ": "D", "Ð": "D", "ð": "d"})


@lru_cache(maxsize=2048)
def fold(text: str) -> str:
    """Lower case without diacritics, đ as d, for finding things: "Dữ liệu đất" → "du lieu dat"."""
    bare = unicodedata.normalize("NFD", text.translate(_D))
    if not bare.isascii():
        bare = "".join(char for char in bare if not unicodedata.combining(char))
    return " ".join(bare.split()).casefold()


_ALIKE = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422"
    "\u0423\u0425\u0406\u0405\u0408"
    "\u0430\u0435\u043e\u0441\u0440\u0445\u0443\u0456\u0455\u0458"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f"
    "\u03a1\u03a4\u03a5\u03a7\u03bf",
    "ABEKMHOPCTYXISJaeocpxyisjABEZHIKMNOPTYXo",
)
"""Cyrillic and Greek letters, and the Latin ones that nobody can tell from them."""


def latin(text: str) -> str:
    """Cyrillic, Greek and full-width letters and digits as the Latin ones that they look like.

    For finding what was meant; what stands in a file is not read by it.
    """
    return unicodedata.normalize("NFKC", text).translate(_ALIKE)


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that `word` most likely is, with a slip or two after folding; None for none.

    One slip (a letter more, fewer, another, or two exchanged) in words of four letters or more, two
    in words of eight or more where there are few choices.
    """
    return _nearest(fold(word), tuple(choices))


@lru_cache(maxsize=1024)
def _nearest(wanted: str, choices: tuple[str, ...]) -> str | None:
    folded, by_shortened = _shortened(choices)
    if wanted in folded:
        return folded[wanted]
    slips = _slips_in(wanted, len(folded))
    found = {each for short in _without(wanted, slips) for each in by_shortened.get(short, ())}
    near = [(_slips(wanted, each), each) for each in found]
    best = min(((many, each) for many, each in near if many <= slips), default=None)
    return folded[best[1]] if best else None


def _slips_in(word: str, choices: int) -> int:
    """How many slips are looked for: none in a sentence, for which it would take long."""
    few = choices <= MANY_CHOICES and len(word) <= LONG_WORD
    return min(2 if few else 1, len(word) // 4) if len(word) <= 2 * LONG_WORD else 0


@lru_cache(maxsize=16)
def _shortened(choices: tuple[str, ...]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Choices by their folded form, and these by what is left without some letters.

    Two words that differ by a slip are alike without a letter each, so a wrong word is looked up
    instead of being compared with every choice.
    """
    folded = {fold(choice): choice for choice in reversed(choices)}
    found: dict[str, list[str]] = {}
    for each in folded:
        for short in _without(each, _slips_in(each, len(folded))):
            found.setdefault(short, []).append(each)
    return folded, found


def _without(word: str, most: int) -> set[str]:
    """A word without up to `most` of its letters."""
    found = {word}
    for _ in range(most):
        found |= {each[:at] + each[at + 1 :] for each in found for at in range(len(each))}
    return found


def _slips(one: str, other: str) -> int:
    """How many letters have to be put in, left out, replaced or exchanged with their neighbour."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for at, counter in enumerate(other, 1):
            cost = min(above[at] + 1, line[-1] + 1, above[at - 1] + (letter != counter))
            swapped = row > 1 < at and letter == other[at - 2] and one[row - 2] == counter
            line.append(min(cost, before[at - 2] + 1) if swapped else cost)
        before, above = above, line
    return above[-1]
