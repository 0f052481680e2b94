"""Where the data of a table end and the block of notes and signatures under it begins.

Forms are signed side by side: "Người lập biểu" in the column of names, "Thủ trưởng đơn vị" under a
column of figures, two names some rows below. Such rows fill what a row of data must fill. They are
told by what opens the block, and by the figures that rows of data have and signatures do not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from iocsl.patterns import regex
from iocsl.text import fold, squeeze
from iocsl.validate.other_rows import filled_cells, is_blank, is_figure, is_note, is_post, signs
from iocsl.validate.readers.base import Cell, Row, shown

LOOKED_AT = 40
"""Rows at the end of a table among which signatures are looked for."""
MOST_SIGNERS = 4
"""Cells of words, no figure among them, that a row below a signature may hold."""
MOST_NAMES, FEW_NAMES = 12, 2
"""Rows below a signature that fill what a row of data must fill: addressees, notes and names. The
second where the table has no columns of figures, which would tell such rows from data."""
_PERSON = regex(
    r"(?:can bo|cong chuc|vien chuc|chuyen vien|ke toan|thu quy|thu kho|van thu|tro ly|lanh dao|"
    r"dai dien|chi huy|pho|chu tich|bi thu|giam doc|chanh|nguoi)\b.{0,40}"
)
_OFFICE = regex(
    r"(?:phong|ban|to|doi|bo phan|van phong|trung tam|chi cuc|so|don vi|ubnd|uy ban)\b.{0,60}"
)
_HEAD = regex(r"(?:.{1,20} )?(?<!tăng )trưởng\b.{0,40}")
"""Of "trưởng" with its marks: without them a school ("trường") is the same word."""


def end_of_data(rows: Sequence[Row], keys: Sequence[int], figures: Collection[int]) -> int:
    """How many of the last rows of a table are data: notes and signatures are cut off.

    `keys` are the indices of the columns a data row must fill, `figures` those of the columns of
    figures.
    """
    end = len(rows)
    names = 0
    for at in range(len(rows) - 1, max(len(rows) - LOOKED_AT, -1), -1):
        row = rows[at]
        if _opens(rows, at, keys, figures):
            end, names = at, 0
        elif _fills(row, keys):
            names += 1
            filled = filled_cells(row)
            if any(map(is_figure, filled)) or len(filled) > MOST_SIGNERS:
                break
            if names > (MOST_NAMES if figures else FEW_NAMES):
                break
    return end


def _fills(row: Row, keys: Sequence[int]) -> bool:
    """Whether a row has what a row of data must have."""
    needed = [row[key] if key < len(row) else "" for key in keys]
    return bool(needed) and all(shown(cell).strip() and not signs(cell) for cell in needed)


def _opens(rows: Sequence[Row], at: int, keys: Sequence[int], figures: Collection[int]) -> bool:
    """Whether notes or signatures may begin at a row, from what stands in it and above it."""
    row = rows[at]
    filled = [column for column, cell in enumerate(row) if shown(cell).strip()]
    people = [column for column in filled if _names_somebody(row[column])]
    some = len(people) > 1 or any(signs(row[column]) for column in people)
    if is_note(row) or not some or any(is_figure(row[column]) for column in filled):
        return is_note(row)
    sure = any(signs(row[column]) and not is_post(row[column]) for column in people)
    above = rows[max(at - LOOKED_AT, 0) : at]
    if not sure and all(_lists_posts(above, column, keys) for column in people):
        return False
    apart = at > 0 and (is_blank(rows[at - 1]) or _opens(rows, at - 1, keys, figures))
    others = [column for column in filled if column not in people]
    if not others:
        return sure or apart or bool(figures)
    if any(column in figures and _is_title(row[column]) for column in people):
        return True
    if any(column in filled for column in keys):
        offices = bool(figures) and all(_is_office(row[column]) for column in others)
        return apart and (sure or offices)
    return sure or apart


def _names_somebody(cell: Cell) -> bool:
    """Whether a cell says who signs, in words that need not mean that elsewhere."""
    text = squeeze(shown(cell))
    return (
        signs(cell)
        or _PERSON.fullmatch(fold(text)) is not None
        or _HEAD.fullmatch(text.lower()) is not None
    )


def _is_office(cell: Cell) -> bool:
    """Whether a cell names the office of who signs in capitals, as titles of signatures are."""
    text = squeeze(shown(cell))
    return text.isupper() and _OFFICE.fullmatch(fold(text)) is not None


def _is_title(cell: Cell) -> bool:
    """Whether a cell says who signs as forms have it: "Thủ trưởng đơn vị chưa ký" does not."""
    return signs(cell) and (not is_post(cell) or shown(cell).isupper())


def _lists_posts(above: Sequence[Row], column: int, keys: Sequence[int]) -> bool:
    """Whether rows of data have a post in a column ("Chức danh"): then one more is no signature."""
    return any(column < len(row) and is_post(row[column]) and _is_data(row, keys) for row in above)


def _is_data(row: Row, keys: Sequence[int]) -> bool:
    needed = all(key < len(row) and shown(row[key]).strip() for key in keys)
    return needed and any(map(is_figure, filled_cells(row)))
