"""Many different texts of a column at once: which of them some rule may have something to say of.

A column of names, numbers or notes holds a value a row. Asking a dozen rules of each takes a dozen
times as long as reading the file; most rules can tell of a thousand texts, in one look at all of
them together, that none has their fault.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import NamedTuple

from iocsl.text import squeeze


class ManyTexts(NamedTuple):
    """`texts`, the `whole` of them as lines, and the different `letters` in it."""

    texts: Sequence[str]
    whole: str
    letters: str

    @classmethod
    def of(cls, texts: Sequence[str]) -> ManyTexts:
        whole = "\n".join(texts)
        return cls(texts, whole, "".join(set(whole)))

    def with_letter(self, letter: re.Pattern[str]) -> list[int]:
        """Positions of texts that hold a letter of a class."""
        if letter.search(self.letters) is None:
            return []
        return [at for at, text in enumerate(self.texts) if letter.search(text)]

    def holding(self, pattern: re.Pattern[str], letter: re.Pattern[str]) -> list[int]:
        """Positions of texts in which a pattern is found; every match has a letter of a class."""
        if letter.search(self.letters) is None or pattern.search(self.whole) is None:
            return []
        return [at for at, text in enumerate(self.texts) if pattern.search(text)]

    def unlike(self, pattern: re.Pattern[str]) -> list[int]:
        """Positions of texts that a pattern does not match as a whole."""
        return [at for at, found in enumerate(map(pattern.fullmatch, self.texts)) if not found]

    def outside(self, known: Collection[str]) -> list[int]:
        """Positions of texts that are none of some."""
        return [at for at, text in enumerate(self.texts) if text not in known]

    def untidy(self) -> list[int]:
        """Positions of texts that `squeeze` would change."""
        tidy = " ".join(self.whole.split()) == self.whole.replace("\n", " ")
        lines = self.whole.count("\n") == len(self.texts) - 1
        if tidy and lines and unicodedata.is_normalized("NFC", self.whole):
            return []
        return [at for at, text in enumerate(self.texts) if squeeze(text) != text]
