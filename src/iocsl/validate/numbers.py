"""Numbers as they are typed in Vietnam, never guessed.

A schema declares the decimal and the group character; what it does not declare does not exist.
Declared and well-formed is the value, anything else is a fault that says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from typing import Any

LONGEST = 4000
"""Digits that Python turns into a number without complaint."""

_DIGITS = re.compile(r"[+-]?[0-9]+")
_ALIKE = str.maketrans("0123456789", "9999999999")


class NumberFault(StrEnum):
    """Why a text is no number under a schema."""

    GROUPING = "grouping"
    """Only digits, a sign and declared separators, but the separators stand wrongly: `1.5`."""
    UNDECLARED = "undeclared"
    """A dot or comma that the schema does not declare."""
    NOT_A_NUMBER = "not-a-number"


@cache
def number_pattern(decimal: str | None, group: str | None) -> re.Pattern[str]:
    """All texts that are numbers where these two characters are declared.

    Groups are of three digits, the first of one to three and not beginning with 0: `0.500` would
    else be read as 500 by one person and as a half by another.
    """
    whole = "[0-9]+"
    if group:
        whole = f"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}})+)"
    fraction = f"(?:{re.escape(decimal)}[0-9]+)?" if decimal else ""
    return re.compile(f"[+-]?{whole}{fraction}")


def read_number(text: str, decimal: str | None, group: str | None) -> int | float | NumberFault:
    """The number that `text` is, or why it is none. `text` has no spaces at its ends."""
    if _DIGITS.fullmatch(text):
        return int(text) if len(text) < LONGEST else NumberFault.NOT_A_NUMBER
    if number_pattern(decimal, group).fullmatch(text):
        bare = text.replace(group, "") if group else text
        if decimal is None or decimal not in bare:
            return int(bare) if len(bare) < LONGEST else NumberFault.NOT_A_NUMBER
        return float(bare.replace(decimal, "."))
    return _why_not(text, decimal, group)


def _why_not(text: str, decimal: str | None, group: str | None) -> NumberFault:
    declared = {mark for mark in (decimal, group) if mark}
    marks = set(text) - set("0123456789+-")
    if not any(char in "0123456789" for char in text) or not marks <= declared | {".", ","}:
        return NumberFault.NOT_A_NUMBER
    if any(sign in text[1:] for sign in "+-"):
        return NumberFault.NOT_A_NUMBER
    return NumberFault.GROUPING if marks <= declared else NumberFault.UNDECLARED


class NumberTexts:
    """Tells of many texts at once which are surely numbers within the bounds of their column.

    Digits are made alike, and of the shapes that remain ("9.999,9") each is looked at once. It may
    doubt numbers in rare forms or at a bound, and never passes anything else.
    """

    def __init__(
        self,
        decimal: str | None,
        group: str | None,
        minimum: float | None = None,
        maximum: float | None = None,
    ) -> None:
        self._decimal = decimal
        self._group = group
        self._minimum = minimum
        self._maximum = maximum
        self._pattern = number_pattern(decimal, group)
        # A group that begins with 0 is no group, but its shape does not show that.
        self._zero = re.compile(f"\n[+-]?0[0-9]*{re.escape(group)}") if group else None
        self._good: set[str] = set()

    def all_numbers(self, cells: Sequence[str]) -> bool:
        """Whether a whole column of texts passes."""
        text = "\n" + "\n".join(cells)
        if not text.isascii() or text.count("\n") != len(cells):
            return False
        shapes = set(text.translate(_ALIKE).split("\n")[1:])
        for shape in shapes - self._good:
            if len(shape) > LONGEST or not self._pattern.fullmatch(shape):
                return False
            self._good.add(shape)
        if self._zero is not None and self._zero.search(text):
            return False
        if self._maximum is None and (self._minimum is None or self._minimum <= 0):
            return self._minimum is None or "-" not in text
        return self.within(list(map(float, self._plain(text[1:]).split("\n"))))

    def doubtful(self, cells: Iterable[object]) -> list[Any]:
        """The cells that need a closer look."""
        match, within = self._pattern.fullmatch, self.within
        free = self._minimum is None and self._maximum is None
        return [
            cell
            for cell in cells
            if not (
                type(cell) is str
                and len(cell) < LONGEST
                and match(cell)
                and (free or within((float(self._plain(cell)),)))
            )
        ]

    def within(self, numbers: Sequence[float]) -> bool:
        """Whether all lie between the bounds; a number at a bound is left to an exact look."""
        low, high = self._minimum, self._maximum
        return (low is None or low < min(numbers)) and (high is None or max(numbers) < high)

    def _plain(self, text: str) -> str:
        bare = text.replace(self._group, "") if self._group else text
        return bare.replace(self._decimal, ".") if self._decimal else bare


def plain(number: float) -> str:
    """A number the Vietnamese way for messages: 1234.5 → `1.234,5`."""
    text = f"{number:,}" if isinstance(number, int) else f"{number:,.12g}"
    if "e" in text:
        return text
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")
