"""Headings typed with an old font: "M· chØ tiªu" is "Mã chỉ tiêu" to whoever has that font."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from iocsl.validate.heading_rows import Grid

if TYPE_CHECKING:
    from iocsl.validate.headings import Layout

MOST = 5_000
"""Texts among which such headings are looked for."""

Texts = Sequence[Sequence[str]]


def in_old_font(grid: Texts, sheet: Grid, find: Callable[[Texts], Layout | None]) -> Layout | None:
    """The headings that `find` finds once the texts are read as an old font shows them.

    Asked where the texts as they stand hold no headings.
    """
    odd = [text for row in grid for text in row if not text.isascii()]
    if not 0 < len(odd) <= MOST:
        return None
    from iocsl.validate.readers.encodings import from_tcvn3, from_vni
    from iocsl.validate.rules.vietnamese import looks_old

    if not any(map(looks_old, odd)):
        return None
    for font, convert in (("TCVN3", from_tcvn3), ("VNI", from_vni)):
        layout = find([[convert(text) for text in row] for row in grid])
        if layout is not None:
            typed = [
                (each, grid[each.row - 1][each.column - sheet.column_offset])
                for each in layout.headings.values()
            ]
            layout.old_font = font, [(each, text) for each, text in typed if text != each.text]
            return layout
    return None
