"""Cells of a workbook that hold 0.1452 and show 14.52%: how many there are is seen by their style.

A typed number is its value, whatever it looks like; whoever typed 14,52% saw another one.
"""

from __future__ import annotations

import contextlib
import re

from iocsl.validate.readers.xlsx_extent import position

BUILT_IN = frozenset({9, 10})
"""Number formats 0% and 0.00% of ECMA-376 part 1, 18.8.30, and of [MS-XLS]."""
_NUMBER_FORMAT = re.compile(r"<(?:\w+:)?numFmt\s([^<>]*)>")
_CELL_FORMATS = re.compile(r"<(?:\w+:)?cellXfs\b[^<>]*>(.*?)</(?:\w+:)?cellXfs>", re.DOTALL)
_CELL_FORMAT = re.compile(r"<(?:\w+:)?xf\b([^<>]*)>")
_ID = re.compile(r"\bnumFmtId\s*=\s*[\"']([0-9]{1,9})[\"']")
_CODE = re.compile(r"\bformatCode\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
# Text in quotation marks, letters kept as they are, and what stands in square brackets.
_ASIDE = re.compile(r'"[^"]*"|&quot;.*?&quot;|[\\_*].|\[[^\]]*\]')
_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*)>(?:<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))?"
    rb"<(?:\w+:)?v>([-+0-9.eE]{1,30})</"
)
_REF = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_STYLE = re.compile(rb'\bs="([0-9]{1,7})"')
_TEXT = re.compile(rb'\bt="(?!n")')


def is_percent(code: str) -> bool:
    """Whether a number format shows a hundred times the number."""
    return "%" in _ASIDE.sub("", code)


def percent_styles(styles: str) -> frozenset[bytes]:
    """The styles of cells, by their numbers, that show a percentage; from the part of styles."""
    known = set(BUILT_IN)
    for found in _NUMBER_FORMAT.findall(styles):
        number, code = _ID.search(found), _CODE.search(found)
        if number is not None and code is not None:
            known.discard(int(number[1]))
            if is_percent(code[1] or code[2] or ""):
                known.add(int(number[1]))
    formats = _CELL_FORMATS.search(styles)
    cells = _CELL_FORMAT.findall(formats[1]) if formats is not None else []
    numbers = map(_ID.search, cells)
    return frozenset(
        b"%d" % at for at, number in enumerate(numbers) if number and int(number[1]) in known
    )


def note_percents(
    block: bytes, styles: frozenset[bytes], into: dict[int, dict[int, float]]
) -> None:
    """Note the cells of some rows that show a percentage, but for those of nothing."""
    if not any(b's="' + each + b'"' in block for each in styles):
        return
    for said, value in _CELL.findall(block):
        style = _STYLE.search(said)
        if style is None or style[1] not in styles or _TEXT.search(said):
            continue
        ref = _REF.search(said)
        with contextlib.suppress(ValueError):  # "1e" is no number, and read as none
            number = float(value)
            if ref is not None and number:
                row, column = position(ref[1], ref[2])
                into.setdefault(column, {})[row] = number
