"""What `why`, `rules` and `deadlines explain` print: one page about one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iocsl.commands.options import as_json
from iocsl.console.output import emit, emit_json

FACTS = ("check", "refusal", "obligation", "rule", "rules", "notice", "day")


def page_of(
    kind: str,
    id: str,  # noqa: A002 - the key of the document
    lines: Sequence[str],
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The page as JSON: of whatever kind it is, `facts` has the same keys, null but its own."""
    known = facts or {}
    told = {name: known.get(name) for name in FACTS}
    return {"kind": kind, "id": id, "lines": list(lines), "facts": told}


def tell_page(page: Mapping[str, Any]) -> None:
    """The page as asked for: its lines, or all of it as JSON."""
    if as_json():
        emit_json(page)
    else:
        emit("\n".join(page["lines"]))
