"""The only place where text is normalised, and where the language of messages is kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from iocsl.domain import Words

LANGUAGES = ("vi", "en")

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


def fold(text: str) -> str:
    """Lower case without diacritics, đ as d, for finding things: "Dữ liệu đất" → "du lieu dat"."""
    bare = unicodedata.normalize("NFD", text.translate(_D))
    kept = "".join(char for char in bare if not unicodedata.combining(char))
    return " ".join(kept.split()).casefold()


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
    """The choice most like `word` after folding, or None when none is like it."""
    from difflib import get_close_matches

    folded = _folded(tuple(choices))
    hits = get_close_matches(fold(word), folded, n=1, cutoff=0.75)
    return folded[hits[0]] if hits else None


@lru_cache(maxsize=16)
def _folded(choices: tuple[str, ...]) -> dict[str, str]:
    """Choices by their folded form; the same ones are asked again for every wrong value."""
    return {fold(choice): choice for choice in choices}
