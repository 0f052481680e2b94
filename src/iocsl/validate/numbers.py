"""Numbers as they are typed in Vietnam, never guessed.

A schema declares the decimal and the group character; what it does not declare does not exist.
Declared and well-formed is the value, anything else is a fault that says what is wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache, lru_cache
from itertools import compress
from typing import Any

from iocsl.patterns import regex

LONGEST = 300
"""Digits of a number that can be reckoned with; beyond some 308 there is no float of it."""
MOST_SHAPES, SHORT = 20_000, 64
"""Shapes of a column that are remembered, and the longest that may be."""

_DIGITS = regex(r"[+-]?[0-9]+")
_ALIKE = bytes.maketrans(b"0123456789", b"9999999999")


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


@lru_cache(maxsize=256)  # several rules ask why the same text is no number
def read_number(text: str, decimal: str | None, group: str | None) -> int | float | NumberFault:
    """The number that `text` is, or why it is none. `text` has no spaces at its ends."""
    if _DIGITS.fullmatch(text):
        return int(text) if len(text) < LONGEST else NumberFault.NOT_A_NUMBER
    if number_pattern(decimal, group).fullmatch(text):
        bare = text.replace(group, "") if group else text
        if decimal is None or decimal not in bare:
            return int(bare) if len(bare) < LONGEST else NumberFault.NOT_A_NUMBER
        number = float(bare.replace(decimal, "."))
        return number if math.isfinite(number) else NumberFault.NOT_A_NUMBER
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
    """Tells of many cells at once which are surely numbers within the bounds of their column.

    Digits are made alike, and of the shapes that remain ("9.999,9") each is looked at once. It may
    doubt numbers in rare forms or at a bound, and never passes anything else.
    """

    def __init__(
        self,
        decimal: str | None,
        group: str | None,
        minimum: float | None = None,
        maximum: float | None = None,
        *,
        whole: bool = False,
    ) -> None:
        self.fresh: list[str] = []
        """Of the texts last looked at, one of each shape that was not met before."""
        self._whole = whole
        self._decimal = decimal.encode() if decimal else b""
        self._group = group.encode() if group else b""
        self._minimum = minimum
        self._maximum = maximum
        self._pattern = re.compile(number_pattern(decimal, group).pattern.encode())
        # A group that begins with 0 is no group, but its shape does not show that.
        self._zero = re.compile(rb"[+-]?0[0-9]*" + re.escape(self._group)) if group else None
        # Without a sign no number is below zero, so that a minimum up to there asks for no sums.
        self._unsigned = minimum is not None and minimum <= 0 and maximum is None
        self._shapes: dict[bytes, bool] = {}
        """Every shape met, and whether it is surely one of numbers."""

    def doubtful_texts(self, text: bytes) -> list[int]:
        """Which lines of UTF-8 need a closer look."""
        shapes = text.translate(_ALIKE).split(b"\n")
        known, here = self._shapes, set(shapes)
        new = here.difference(known)
        if new:
            if len(known) > MOST_SHAPES:
                known.clear()
            short = (shape for shape in here.difference(known) if len(shape) <= SHORT)
            known.update((shape, self._is_good(shape)) for shape in short)
            cells = text.split(b"\n")
            fresh = sorted(map(shapes.index, new))
            self.fresh = [cells[at].decode("utf-8", "replace") for at in fresh]
        else:
            self.fresh = []
        strange = {shape for shape in here if not known.get(shape)}
        odd = map(strange.__contains__, shapes if strange else ())
        doubtful = set(compress(range(len(shapes)), odd))
        # One byte is found many times faster than two, and most columns have no sign.
        signed = (sign for sign in (b"-", b"+") if sign in text)
        zero = text.startswith(b"0") or any(each + b"0" in text for each in (b"\n", *signed))
        if self._zero is not None and zero:
            starts = map(self._zero.match, text.split(b"\n"))
            doubtful.update(at for at, found in enumerate(starts) if found)
        if self._bounded:
            doubtful.update(self._outside(text.split(b"\n"), doubtful))
        return sorted(doubtful)

    def know(self, lengths: Iterable[int]) -> bool:
        """Whether whole numbers with that many digits were met before, and are all surely good."""
        self.fresh = []
        return not self._bounded and all(self._shapes.get(b"9" * each) for each in lengths)

    def hear(self, texts: Sequence[str]) -> None:
        """Keep as `fresh` those of some texts that are written as none before."""
        self.fresh = []
        for text in texts:
            shape = text.encode("utf-8", "replace").translate(_ALIKE)
            if shape not in self._shapes:
                self.fresh.append(text)
                if len(shape) <= SHORT:
                    self._shapes[shape] = self._is_good(shape)

    def doubtful_cells(self, cells: Sequence[Any]) -> list[int]:
        """Which cells of a workbook need a closer look; whole numbers are floats there too."""
        self.fresh = [cell for cell in cells if type(cell) is str]
        doubtful = {at for at, cell in enumerate(cells) if type(cell) is not float}
        if not math.isfinite(sum(cell for cell in cells if type(cell) is float)):
            doubtful.update(
                at
                for at, cell in enumerate(cells)
                if at not in doubtful and not math.isfinite(cell)
            )
        if self._whole:
            doubtful.update(at for at, cell in enumerate(cells) if at not in doubtful and cell % 1)
        if self._minimum is not None or self._maximum is not None:
            doubtful.update(self._outside(cells, doubtful))
        return sorted(doubtful)

    def _is_good(self, shape: bytes) -> bool:
        if len(shape) > LONGEST or not self._pattern.fullmatch(shape):
            return False
        return not self._unsigned or b"-" not in shape

    @property
    def _bounded(self) -> bool:
        return not self._unsigned and (self._minimum, self._maximum) != (None, None)

    def _outside(self, cells: Sequence[Any], known: set[int]) -> list[int]:
        """Numbers not between the bounds; one at a bound is left to an exact look."""
        low = -math.inf if self._minimum is None else self._minimum
        high = math.inf if self._maximum is None else self._maximum
        places = [at for at in range(len(cells)) if at not in known] if known else range(len(cells))
        distinct = set(map(cells.__getitem__, places)) if known else set(cells)
        outside = {cell for cell in distinct if not low < self._number(cell) < high}
        return [at for at in places if cells[at] in outside] if outside else []

    def _number(self, cell: Any) -> float:
        if type(cell) is float:
            return cell
        bare = cell.replace(self._group, b"") if self._group else cell
        return float(bare.replace(self._decimal, b".") if self._decimal else bare)


def plain(number: float) -> str:
    """A number the Vietnamese way for messages: 1234.5 → `1.234,5`."""
    text = f"{number:,}" if isinstance(number, int) else f"{number:,.12g}"
    if "e" in text:
        return text
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")
