"""Keys in several spellings are told as such; the very same key is told as before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from iocsl.validate.readers.base import Batch, Cell
from iocsl.validate.spellings import SpelledRepeats


def found(batches: Sequence[Sequence[Cell]]) -> list[tuple[int, int, bool]]:
    """Row, first row and exactness of each repeat; the key is one column."""
    repeats, told, row = SpelledRepeats(["k"]), [], 1
    for cells in batches:
        batch = Batch({"k": cells}, range(row, row + len(cells)), None)
        told += [(batch.rows[at], first.row, exact) for at, first, exact in repeats.see(batch)]
        row += len(cells)
    return told


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["Mường La", "Mường Bú"], []),
        (["Mường La", "Mường La"], [(2, 1, True)]),
        (["Mường La", " Mường  La "], [(2, 1, True)]),
        (["14", 14.0], [(2, 1, True)]),
        (["Mường La", "muong la"], [(2, 1, False)]),
        (["Đà", "da", "da"], [(2, 1, False), (3, 2, True)]),
        (["Đà", "da", "Đà"], [(2, 1, False), (3, 1, True)]),
    ],
)
def test_spellings(cells: list[Cell], wanted: list[tuple[int, int, bool]]) -> None:
    assert found([cells]) == wanted
    assert found([[cell] for cell in cells]) == wanted


def test_other_parts_of_the_key_still_count() -> None:
    repeats = SpelledRepeats(["a", "b"])
    first = Batch({"a": ["x", "X"], "b": ["1", "2"]}, range(1, 3), None)
    assert list(repeats.see(first)) == []
    again = Batch({"a": ["x", "X", "X"], "b": ["2", "1", "1"]}, range(3, 6), None)
    assert [(each.at, each.first.row, each.exact) for each in repeats.see(again)] == [
        (0, 2, False),
        (1, 1, False),
        (2, 4, True),
    ]


def test_a_key_met_in_another_spelling_first_is_no_repeat_of_it() -> None:
    columns = {"a": ["x", "y", "y", "y"], "b": ["A", "a", "A", "A"]}
    whole = Batch(columns, range(1, 5), None)
    found = [
        (each.at, each.first.row, each.exact) for each in SpelledRepeats(["a", "b"]).see(whole)
    ]
    assert found == [(2, 2, False), (3, 3, True)]
