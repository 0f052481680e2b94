"""The two fonts of the sheet: what a line of text looks like and how wide it is.

They are parts of Noto Sans (SIL Open Font License, `fonts/OFL.txt`): Latin letters with every
Vietnamese mark. A TrueType file is a table of tables; four of them say all that is needed here.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass
from importlib import resources

REGULAR, BOLD = "Regular", "Bold"
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Font:
    """One font: the file, the glyph of each character, the widths of glyphs.

    Lengths are in thousandths of the font's size. Characters that the font lacks are drawn as
    glyph 0, an empty box.
    """

    raw: bytes
    glyphs: dict[int, int]
    widths: tuple[int, ...]
    ascent: int
    descent: int
    box: tuple[int, int, int, int]

    def encode(self, text: str) -> str:
        """The glyphs of `text` in hex, two bytes each."""
        return "".join(f"{self.glyphs.get(ord(char), 0):04x}" for char in text)

    def width(self, text: str, size: float) -> float:
        """How far `text` reaches at `size`, in the unit of `size`."""
        return sum(self.widths[self.glyphs.get(ord(char), 0)] for char in text) * size / 1000

    def wrap(self, text: str, size: float, room: float, most: int) -> list[str]:
        """`text` in lines no wider than `room`, at most `most` of them; the last one says so."""
        lines: list[str] = []
        rest = " ".join(text.split())
        while rest:
            line = self._line(rest, size, room)
            rest = rest[len(line) :].lstrip(" ")
            if rest and len(lines) == most - 1:
                return [*lines, self.shorten(f"{line} {rest}", size, room)]
            lines.append(line.rstrip(" "))
        return lines or [""]

    def shorten(self, text: str, size: float, room: float) -> str:
        """`text` cut so that it fits with an ellipsis, or as it is where it fits."""
        if self.width(text, size) <= room:
            return text
        while text and self.width(text + ELLIPSIS, size) > room:
            text = text[:-1].rstrip(" ")
        return text + ELLIPSIS

    def _line(self, text: str, size: float, room: float) -> str:
        """The longest beginning of `text` that fits; broken inside a word where one is too long."""
        end, reach = 0, 0.0
        for end, char in enumerate(text):  # noqa: B007 - where it stopped is asked below
            reach += self.width(char, size)
            if reach > room:
                break
        else:
            return text
        space = text.rfind(" ", 0, end + 1)
        return text[: space if space > 0 else max(1, end)]


@functools.cache
def font(style: str) -> Font:
    """The font of a style."""
    raw = resources.files(__package__).joinpath(f"fonts/NotoSans-{style}-vi.ttf").read_bytes()
    (count,) = struct.unpack_from(">H", raw, 4)
    places = {}
    for number in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", raw, 12 + 16 * number)
        places[tag] = offset
    ascent, descent = struct.unpack_from(">hh", raw, places[b"hhea"] + 4)
    (measured,) = struct.unpack_from(">H", raw, places[b"hhea"] + 34)
    widths = struct.unpack_from(">" + "Hh" * measured, raw, places[b"hmtx"])[::2]
    (glyphs,) = struct.unpack_from(">H", raw, places[b"maxp"] + 4)
    box = struct.unpack_from(">hhhh", raw, places[b"head"] + 36)
    return Font(
        raw,
        _characters(raw, places[b"cmap"]),
        widths + widths[-1:] * (glyphs - measured),
        ascent,
        descent,
        box,
    )


def _characters(raw: bytes, cmap: int) -> dict[int, int]:
    """Code point to glyph, from the first subtable, which is of format 4."""
    start = cmap + struct.unpack_from(">L", raw, cmap + 8)[0]
    (doubled,) = struct.unpack_from(">H", raw, start + 6)
    segments = doubled // 2
    ends = start + 14
    parts = [ends + 2 + doubled * index for index in (1, 2, 3)]
    found: dict[int, int] = {}
    for number in range(segments):
        (last,) = struct.unpack_from(">H", raw, ends + 2 * number)
        first, delta, offset = (
            struct.unpack_from(">H", raw, part + 2 * number)[0] for part in parts
        )
        for code in range(first, last + 1):
            glyph = code
            if offset:
                place = parts[2] + 2 * number + offset + 2 * (code - first)
                (glyph,) = struct.unpack_from(">H", raw, place)
            if glyph and (glyph + delta) & 0xFFFF:
                found[code] = (glyph + delta) & 0xFFFF
    return found
