"""XML of a sheet without what calamine or Python cannot take, though the file is well.

calamine knows seven errors and refuses a sheet that shows another (`#SPILL!`, `#CALC!`, those of
other programs). A number under a style of hours and minutes becomes a `timedelta`, which ends at
999,999,999 days: amounts of money get such a style by a slip. Neither is damage.
"""

from __future__ import annotations

import re

from iocsl.validate.readers.xlsx_scan import ERROR

MOST = 64 << 20
"""Bytes of XML that are written anew."""
MOST_DAYS = 999_999_999
"""What `timedelta` holds; from 9999 on a number is no date either, whatever its style."""
_KNOWN = frozenset({b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"})
_STYLED = re.compile(
    rb'(<(?:\w+:)?c\b[^<>]*?)\ss="[0-9]+"([^<>]*>(?:<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?'
    rb"<(?:\w+:)?v>)([0-9.eE+-]{3,})(?=<)"
)


def mended(xml: bytes) -> bytes | None:
    """The XML with errors that calamine knows, and large numbers without a style.

    None where there is nothing of that. Which error a cell shows is told by `SheetMarks`.
    """
    if len(xml) > MOST:
        return None
    known = _STYLED.sub(_bare, ERROR.sub(_known, xml))
    return known if known != xml else None


def is_beyond(value: bytes) -> bool:
    """Whether a number is no date or time, whatever its style."""
    try:
        return abs(float(value)) >= MOST_DAYS
    except ValueError:
        return False


def _known(found: re.Match[bytes]) -> bytes:
    whole, start = found[0], found.start(3) - found.start()
    return whole if found[3] in _KNOWN or not found[3] else whole[:start] + b"#N/A"


def _bare(found: re.Match[bytes]) -> bytes:
    return found[1] + found[2] + found[3] if is_beyond(found[3]) else found[0]
