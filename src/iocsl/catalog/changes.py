"""What became of each code between two lists of them: the one comparison of all that compare.

A code that was removed, taken up again after it ended, or given another meaning is an error (2023
Điều 6.2: codes once set may not change).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ADDED, RETIRED, RENAMED, REDATED = "added", "retired", "renamed", "re_dated"
RESTRUCTURED = "restructured"
REMOVED, REUSED, CHANGED = "removed", "reused", "changed"
ERRORS = frozenset({REMOVED, REUSED, CHANGED})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `before` and `after` are what stood there, None where nothing did."""

    kind: str
    code: str
    before: str | None
    after: str | None

    @property
    def error(self) -> bool:
        return self.kind in ERRORS

    def document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "code": self.code,
            "before": self.before,
            "after": self.after,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class Coded:
    """What one code is compared by.

    `meaning` may never change, nor may `measure` (the unit of measure) once it is known. None is
    what a list does not hold, and is not compared.
    """

    meaning: str
    retired: bool = False
    measure: str = ""
    name: str | None = None
    dates: str | None = None
    structure: str | None = None

    @property
    def said(self) -> str:
        return f"{self.meaning} ({self.measure})" if self.measure else self.meaning


def changes(old: Mapping[str, Coded], new: Mapping[str, Coded]) -> Iterator[Change]:
    """Every difference, in no order."""
    for code in old.keys() | new.keys():
        before, after = old.get(code), new.get(code)
        if before is None and after is not None:
            yield Change(ADDED, code, None, after.said)
        elif after is None and before is not None:
            yield Change(REMOVED, code, before.said, None)
        elif before is not None and after is not None:
            yield from changes_of(code, before, after)


def changes_of(code: str, before: Coded, after: Coded) -> Iterator[Change]:
    """What changed in one code that both lists hold."""
    other_measure = bool(before.measure) and before.measure != after.measure
    if before.meaning != after.meaning or other_measure:
        yield Change(REUSED if before.retired else CHANGED, code, before.said, after.said)
    elif before.retired and not after.retired:
        yield Change(REUSED, code, before.said, after.said)
    elif _differ(before.name, after.name):
        yield Change(RENAMED, code, before.name, after.name)
    if after.retired and not before.retired:
        yield Change(RETIRED, code, before.said, None)
    if _differ(before.dates, after.dates):
        yield Change(REDATED, code, *_lines_apart(before.dates or "", after.dates or ""))
    if _differ(before.structure, after.structure):
        yield Change(RESTRUCTURED, code, before.structure, after.structure)


def _lines_apart(before: str, after: str) -> tuple[str | None, str | None]:
    """The lines that only the one has, and those that only the other has."""
    old, new = before.splitlines(), after.splitlines()
    gone = "; ".join(line for line in old if line not in new)
    come = "; ".join(line for line in new if line not in old)
    return gone or None, come or None


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other
