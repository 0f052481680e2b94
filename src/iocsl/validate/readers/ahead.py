"""Work that goes on while what came before it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")

_AT_ONCE = 2
"""Items that are not worth a thread."""


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, each made in a thread while the caller works on the one before.

    Inflating, check sums and calamine let other threads of Python run meanwhile. What making an
    item raises is raised where that item is due.
    """
    yield from islice(items, _AT_ONCE)
    first = next(items, None)
    if first is None:
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=1) as pool:
        made = pool.submit(next, items, None)
        yield first
        while (item := made.result()) is not None:
            made = pool.submit(next, items, None)
            yield item
