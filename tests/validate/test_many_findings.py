"""More different findings than are held in memory: the rest comes back from the disk, in order."""

from __future__ import annotations

import pytest

from iocsl.domain import Severity
from iocsl.validate import findings as room
from iocsl.validate.findings import Findings
from iocsl.validate.hits import Hit, Hits
from iocsl.validate.readers.base import Place
from iocsl.validate.registry import Fault, rule


@pytest.fixture(autouse=True)
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "KEPT", 3)


def made(first: int, count: int) -> Findings:
    info, hits = rule("V402"), Hits()
    assert info is not None
    for row in range(first, first + count):
        hits.put(Hit(info, Fault(value=f"chữ {row}"), None, Place(row, None), "a", f"chữ {row}"))
    return hits.findings({})


def test_findings_beyond_what_is_held() -> None:
    found = made(2, 19)
    assert [(each.row, each.value) for each in found] == [(n, f"chữ {n}") for n in range(2, 21)]


def test_two_lots_are_one_sequence() -> None:
    one, more = made(2, 5), made(50, 6)
    both = one.followed_by(more)
    assert list(both) == [*one, *more]
    assert list(one.followed_by(more)) == list(both)
    assert (len(one), both.rules()) == (5, {("V402", Severity.ERROR): 11})
    assert [each.value for each in both[4:6]] == ["chữ 6", "chữ 50"]
