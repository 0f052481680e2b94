"""What of an XML file is a record: elements of one or several names that hold the same fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Set
from pathlib import Path
from typing import Any

from iocsl.validate.readers.xml_events import cells_of, elements, name_of

Kind = tuple[str, int]
"""The name of a record, and how deep below the root it stands."""
MAX_FIELDS = 500


class Shape:
    """What the first elements of a file look like: records under the root, or in a list there."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._inside: dict[str, Counter[str]] = {}
        self._holding: set[tuple[str, str]] = set()

    def add(self, element: Any) -> None:
        path = [name_of(each.tag) for each in (element, *element.iterancestors())][:-1]
        if not all(path):
            return
        if len(path) == 1:
            self._count[path[0]] += 1
        elif len(path) == 2:
            self._inside.setdefault(path[1], Counter())[path[0]] += 1
        elif len(path) == 3:
            self._holding.add((path[2], path[1]))

    def record(self) -> Kind:
        """The most frequent record; without a name where there is none.

        All that a list holds has elements of its own, and it holds more than one of a name, or
        elements of one name alone: `<ds><dong><ma>…`.
        """
        lists = [name for name in self._inside if self._is_list(name)]
        found: Counter[Kind] = Counter()
        for name in lists:
            found.update({(each, 2): count for each, count in self._inside[name].items()})
        found.update({(each, 1): self._count[each] for each in self._count if each not in lists})
        return found.most_common(1)[0][0] if found else ("", 1)

    def _is_list(self, name: str) -> bool:
        inside = self._inside[name]
        several = len(inside) == 1 or inside.total() > len(inside) * self._count[name]
        return several and all((name, each) in self._holding for each in inside)


def records(path: Path, kinds: Set[Kind]) -> Iterator[Any]:
    """The records of a file; each is emptied once the next is asked for."""
    names = {name for name, _ in kinds if name}
    if not names:
        return
    shallow = len({level for _, level in kinds}) == 1
    for element in elements(path, ("end",), [f"{{*}}{name}" for name in names]):
        # What stands in a record is a cell of it, whatever its name.
        if _kind(element) in kinds and (
            shallow or not any(_kind(each) in kinds for each in element.iterancestors())
        ):
            yield element
            _forget(element)


def beside(path: Path, record: Kind, fields: Collection[str]) -> tuple[set[Kind], Counter[str]]:
    """What else holds elements, outside of the records of a file.

    Kinds of further records, half of whose fields are those of the records at least, and how often
    there is something else, by its name.
    """
    alike: set[Kind] = set()
    others: Counter[str] = Counter()
    name, level = record
    # The depths at which elements that hold others ended in the element that is still open.
    held: set[int] = set()
    for element in elements(path, ("end",)):
        line = [name_of(each.tag) for each in (element, *element.iterancestors())]
        depth = len(line) - 1
        if depth == 0 or (depth > level and line[-1 - level] == name):
            continue
        kind = line[0], depth
        is_known = kind == record or depth + 1 in held
        held.discard(depth + 1)
        keys = set() if is_known else {key for key, _ in cells_of(element)}
        is_alike = bool(keys) and 2 * len(keys.intersection(fields)) >= len(keys)
        if is_alike:
            alike.add(kind)
        elif len(element) and not is_known:
            others[line[0]] += 1
        if is_known or is_alike or len(element):
            held.add(depth)
            _forget(element)
        elif depth == 1 or len(element.getparent()) > MAX_FIELDS:
            _forget(element)
    return alike, others


def _kind(element: Any) -> Kind:
    depth, above = 0, element
    while (above := above.getparent()) is not None:
        depth += 1
    return name_of(element.tag), depth


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]
