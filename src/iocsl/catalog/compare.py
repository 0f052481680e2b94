"""Two versions of the catalogue held together: what came, went, was renamed or moved in time.

A code that was removed, taken up again after it ended, or given another meaning is an error (2023
Điều 6.2: codes once set may not change).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iocsl.catalog.contents import Files, load_files
from iocsl.catalog.models import Status

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
class _Entry:
    """What two versions of one code are compared by; `meaning` may never change."""

    meaning: str
    name: str
    retired: bool = False
    dates: str = ""
    structure: str = ""


def compare(old: Path, new: Path) -> list[Change]:
    """Every difference between the catalogues of two folders, by code. IocslError for a bad one."""
    before, after = load_files(old), load_files(new)
    changes = [*_changes(_entries(before), _entries(after))]
    changes += _rules(before.others.get("thoi_han"), after.others.get("thoi_han"))
    return sorted(changes, key=lambda each: (not each.error, each.code, each.kind))


def _entries(files: Files) -> dict[str, _Entry]:
    entries = {
        each.ma: _Entry(
            meaning=each.ten_in,
            name=each.ten or "",
            retired=each.trang_thai is Status.RETIRED,
            dates=" ".join([*each.ky, each.han_in or ""]).strip(),
            structure=each.mau,
        )
        for each in files.datasets.muc
    }
    for unit in files.units.muc:
        entries[unit.ma] = _Entry(unit.ten, unit.ten, unit.hieu_luc_den is not None)
    for one in files.sets:
        for each in one.chi_tieu:
            meaning = f"{each.ten} ({each.don_vi_tinh})" if each.don_vi_tinh else each.ten
            entries[each.ma] = _Entry(meaning, each.ten, each.hieu_luc_den is not None)
    return entries


def _changes(old: Mapping[str, _Entry], new: Mapping[str, _Entry]) -> Iterator[Change]:
    for code in old.keys() | new.keys():
        before, after = old.get(code), new.get(code)
        if before is None and after is not None:
            yield Change(ADDED, code, None, after.meaning)
        elif after is None and before is not None:
            yield Change(REMOVED, code, before.meaning, None)
        elif before is not None and after is not None:
            yield from _of_one(code, before, after)


def _of_one(code: str, before: _Entry, after: _Entry) -> Iterator[Change]:
    if before.meaning != after.meaning:
        kind = REUSED if before.retired else CHANGED
        yield Change(kind, code, before.meaning, after.meaning)
    elif before.retired and not after.retired:
        yield Change(REUSED, code, before.meaning, after.meaning)
    elif before.name != after.name:
        yield Change(RENAMED, code, before.name, after.name)
    if after.retired and not before.retired:
        yield Change(RETIRED, code, before.meaning, None)
    if before.dates != after.dates:
        yield Change(REDATED, code, before.dates, after.dates)
    if before.structure != after.structure:
        yield Change(RESTRUCTURED, code, before.structure, after.structure)


def _rules(old: Any, new: Any) -> Iterator[Change]:
    """Deadline rules that were added, dropped or changed."""
    before, after = _by_code(old), _by_code(new)
    for code in before.keys() | after.keys():
        if before.get(code) != after.get(code):
            yield Change(REDATED, code, _said(before.get(code)), _said(after.get(code)))


def _by_code(document: Any) -> dict[str, Any]:
    return {each["ma"]: each for each in document["muc"]} if document else {}


def _said(rule: Any) -> str | None:
    import json

    return None if rule is None else json.dumps(rule, ensure_ascii=False, sort_keys=True)
