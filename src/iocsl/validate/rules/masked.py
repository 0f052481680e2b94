"""What is said of a cell of a personal column: the rule's own words are shown, the cell is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iocsl.domain import Severity, Words
from iocsl.text import say
from iocsl.validate.hits import MASK
from iocsl.validate.registry import Fault


def fault_of(
    message: Words,
    known: Mapping[str, Words | str | int],
    *,
    personal: bool,
    severity: Severity | None = None,
    **cell: Any,
) -> Fault:
    """A fault whose message names facts of two kinds.

    `known` are what rule and schema say whatever stands in the file, and numbers of rows; `cell`
    are what was read, or was worked out from it, and are masked where the column is `personal`.
    """
    own = {
        name: each if isinstance(each, Words) else Words(str(each), str(each))
        for name, each in known.items()
    }
    facts: dict[str, Any] = {**cell, **{name: say(each) for name, each in own.items()}}
    if not personal:
        return Fault(severity=severity, **facts)
    hidden = dict.fromkeys(cell, MASK)
    said = Words(
        message.vi.format(**hidden, **{name: each.vi for name, each in own.items()}),
        message.en.format(**hidden, **{name: each.en for name, each in own.items()}),
    )
    return Fault(said=said, severity=severity, **facts)
