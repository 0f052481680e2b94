"""What another window does to an obligation (2023 Điều 8, end).

A later closing gives more time. An earlier one is shown and is the moment to meet, but the text
does not take away the time of Điều 8.1: what comes between the two is disputed, not late. An
opening is told and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from iocsl.deadlines.obligation import Due, Obligation, Reason
from iocsl.deadlines.records import Override
from iocsl.deadlines.requests import Window
from iocsl.domain import Words


def closed(each: Obligation, override: Override) -> Obligation:
    """The obligation with the closing time that was recorded in this home."""
    said = Words(
        f"cơ quan chủ trì đổi thời gian nhận báo cáo: {override.reason}",
        f"the lead unit changed the window: {override.reason}",
    )
    return _closing_at(each, override.closes_at, said, override.document)


def noticed(each: Obligation, window: Window) -> Obligation:
    """The obligation with the notice that came with the catalogue."""
    if window.closes_at is not None:
        each = _closing_at(each, window.closes_at, window.said, window.document)
    flags, reasons = each.flags, each.reasons
    if window.opens_at is not None:
        flags = (*flags, "window_opens")
        if window.closes_at is None:
            opening = Reason(window.opens_at.date(), window.said, window.document)
            reasons = (*reasons, opening)
    return replace(each, flags=flags, reasons=reasons, told=(*each.told, window.said))


def changed_for_some(
    each: Obligation, overrides: Sequence[Override], windows: Sequence[Window]
) -> Obligation:
    """An obligation of which only some forms or units have another window: told, not changed."""
    shown = {f"override={one.unit}": _closing(one.closes_at) for one in overrides}
    shown |= {f"override={one.code}": _closing(one.closes_at) for one in windows if one.closes_at}
    return replace(
        each,
        alternatives={**each.alternatives, **shown},
        flags=(*each.flags, "window_changed_for_some"),
        told=(*each.told, *(one.said for one in windows)),
    )


def _closing(moment: datetime) -> Due:
    return Due((moment - timedelta(microseconds=1)).date(), moment)


def _closing_at(each: Obligation, moment: datetime, said: Words, document: str) -> Obligation:
    due, by_text = _closing(moment), each.due
    early = due.due_before < by_text.due_before
    return replace(
        each,
        due=due,
        rolled=False,
        reasons=(*each.reasons, Reason(due.last_day, said, document)),
        would_move_to=None,
        advised_by=None,
        alternatives={**each.alternatives, "override=none": by_text},
        flags=(*each.flags, "window_changed", *(["window_closes_early"] if early else [])),
        disputed_until=(each.disputed_until or by_text.due_before) if early else None,
    )
