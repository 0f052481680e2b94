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


def test_hits_of_many_rows_come_in_the_order_of_the_file() -> None:
    info, hits = rule("V402"), Hits()
    assert info is not None
    rows = [20_000, 3, 4_095, 4_096, 9_000, 4_097, 2]
    for row in rows:
        hits.put(Hit(info, Fault(value="x"), "Trang 1", Place(row, None), "a", "x"))
    hits.put(Hit(info, Fault(value="y"), "Trang 1", None, "a", "y"))
    found = hits.findings({})
    assert [each.row for each in found] == [None, *sorted(rows)]
