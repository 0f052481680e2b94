"""Repeated keys are found whatever holds the keys, and each with its first row."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iocsl.validate import repeats
from iocsl.validate.readers.base import Batch, Cell
from iocsl.validate.repeats import Repeats

CELLS = st.sampled_from(["", "a", "b", "c", "d", 1.0, 2.0])
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=40)


def found(rows: Sequence[tuple[Cell, Cell]], size: int) -> list[tuple[int, int]]:
    """Row and first row of each repeat, the rows being handed over `size` at a time."""
    keys = Repeats(["x", "y"], required=["x"], defaults={"y": "d"})
    hits = []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        columns = {"x": [x for x, _ in part], "y": [y for _, y in part]}
        batch = Batch(columns, range(start + 2, start + 2 + len(part)), None)
        hits += [(batch.rows[at], first.row) for at, first in keys.see(batch)]
    return hits


def plainly(rows: Sequence[tuple[Cell, Cell]]) -> list[tuple[int, int]]:
    seen: dict[tuple[Cell, Cell], int] = {}
    hits = []
    for row, (x, y) in enumerate(rows, 2):
        key = (x, y or "d")
        if key in seen and x != "":
            hits.append((row, seen[key]))
        seen.setdefault(key, row)
    return hits


@given(ROWS, st.integers(1, 20))
def test_numbered_keys(rows: list[tuple[Cell, Cell]], size: int) -> None:
    assert found(rows, size) == plainly(rows)


@given(ROWS, st.integers(1, 20), st.integers(1, 60))
def test_hashes_take_over_at_any_moment(
    rows: list[tuple[Cell, Cell]], size: int, limit: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "MAX_KEYS", limit)
        patch.setattr(repeats, "ROOM", 0)
        assert found(rows, size) == plainly(rows)


def test_many_values_of_one_column() -> None:
    rows = [(f"id{n % 30_000}", "a") for n in range(30_010)]
    assert found(rows, 1000) == [(n + 30_002, n + 2) for n in range(10)]
