"""Finding entries by words: without diacritics, the likeliest first, and what is near when none is.

An entry is searched as the mirror holds it: folded words, one space before each (`words_of`). Only
the standard library is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from iocsl.catalog.entries import Dataset
from iocsl.patterns import regex
from iocsl.text import fold, squeeze

_NO_WORD = regex(r"[^0-9a-z]+")
_NO_LETTER = regex(r"[\W_]+")
_LEAST, _LEAST_ALONE = 3, 5
"""Letters of a word, and of one that stands alone, below which too many others are like it."""


def words_of(text: str) -> str:
    """Folded words with a space before each, so that ` wo` finds the beginning of ` word`."""
    return " " + _NO_WORD.sub(" ", fold(text)).strip()


def find(text: str, among: Sequence[Dataset], folded: Mapping[str, str]) -> list[Dataset]:
    """Entries that hold every word, or a word that begins with it; the likeliest first.

    Likeliest is the phrase as typed with its diacritics, then the whole words, then their
    beginnings one after another, then the words anywhere; among equals the code decides.
    """
    phrase, typed = words_of(text), _letters(text)
    words = [f" {word}" for word in phrase.split()]
    hits: list[tuple[bool, bool, bool, str, Dataset]] = []
    for each in among:
        held = folded[each.code]
        if all(word in held for word in words):
            accented = typed in _letters(f"{each.title} {each.unit_printed or ''}")
            whole = f"{phrase} " in f"{held} "
            hits.append((not accented, not whole, phrase not in held, each.code, each))
    return [hit[-1] for hit in sorted(hits, key=lambda hit: hit[:-1])]


def near(text: str, among: Sequence[Dataset], folded: Mapping[str, str]) -> list[Dataset]:
    """What `find` would find were each unknown word one that it is like: for slips of the keys.

    Half of the words must be right as they stand; words written together ("vacxin") count as apart.
    """
    words = words_of(text).split()
    joined = "".join(words)
    if len(joined) < _LEAST_ALONE:
        return []
    together = [each for each in among if joined in folded[each.code].replace(" ", "")]
    if together:
        return together
    vocabulary = sorted({word for held in folded.values() for word in held.split()})
    slips = [word for word in words if not any(one.startswith(word) for one in vocabulary)]
    if 2 * len(slips) > len(words) > 1 or any(len(word) < _LEAST for word in slips):
        return []
    surely = 2 * len(slips) < len(words)
    meant = [_like(word, vocabulary, surely=surely) if word in slips else [word] for word in words]
    ranked = []
    for each in among:
        held = folded[each.code]
        places = [
            next((at for at, one in enumerate(like) if f" {one}" in held), None) for like in meant
        ]
        if None not in places:
            ranked.append((places, each.code, each))
    return [each for *_, each in sorted(ranked, key=lambda one: one[:-1])]


def _like(word: str, vocabulary: Sequence[str], *, surely: bool) -> list[str]:
    """The few words that one is like, the most alike first; less alike where others are right."""
    from difflib import get_close_matches

    return get_close_matches(word, vocabulary, n=5, cutoff=0.66 if surely else 0.75)


def _letters(text: str) -> str:
    """Words as they are written, diacritics kept, a space around each."""
    return f" {_NO_LETTER.sub(' ', squeeze(text).casefold()).strip()} "
