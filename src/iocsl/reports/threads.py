"""Conversations on cells (Excel 365) go on with what was found ([MS-XLSX] 2.6.200-207).

Where a cell has a conversation, Excel shows that alone and passes over the note behind it: what is
said there has to be a reply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from iocsl import clock
from iocsl.reports.comments import AUTHOR, named
from iocsl.reports.plain_sheets import DOCUMENT
from iocsl.validate.patch import Address, Package

BOOK = "xl/workbook.xml"
_SPACE = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
_THREAD, _PERSON = f"{{{_SPACE}}}threadedComment", f"{{{_SPACE}}}person"


def reply(
    package: Package, sheet: str, cells: Iterable[Address], said: Callable[[Address], str]
) -> None:
    """Put what is said of a cell at the end of its conversation, where it has one."""
    part = _part(package, sheet, "threadedComment")
    if part is None:
        return
    root = package.tree(part)
    begun = {each.get("ref"): each for each in root.iter(_THREAD) if each.get("parentId") is None}
    wanted = {at: begun[named(at)] for at in cells if named(at) in begun}
    person = _person(package) if wanted else None
    if person is not None:
        for at, first in wanted.items():
            _answer(root, first, person, said(at))
        package.put_tree(part, root)


def _part(package: Package, of: str, kind: str) -> str | None:
    return next((path for found, path in package.relations(of).values() if found == kind), None)


def _answer(root: Any, first: Any, person: str, text: str) -> None:
    parent = first.get("id")
    earlier = [each for each in root.iter(_THREAD) if each.get("parentId") == parent]
    answer = root.makeelement(_THREAD, ref=first.get("ref"))
    answer.set("dT", clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.00"))
    answer.set("personId", person)
    answer.set("id", _guid(f"{parent} {len(earlier)}"))
    answer.set("parentId", parent)
    shown = answer.makeelement(f"{{{_SPACE}}}text")
    shown.text = text
    answer.append(shown)
    (earlier or [first])[-1].addnext(answer)


def _person(package: Package) -> str | None:
    """The id of the one who replies, among the people of the workbook; None where it has none."""
    part = _part(package, BOOK, "person")
    if part is None:
        return None
    root = package.tree(part)
    known: dict[str, str] = {each.get("userId"): each.get("id") for each in root.iter(_PERSON)}
    if AUTHOR not in known:
        known[AUTHOR] = _guid(DOCUMENT)
        one = root.makeelement(_PERSON, displayName=AUTHOR, id=known[AUTHOR])
        one.set("userId", AUTHOR)
        one.set("providerId", "None")
        root.append(one)
        package.put_tree(part, root)
    return known[AUTHOR]


def _guid(text: str) -> str:
    return f"{{{str(uuid5(NAMESPACE_URL, f'{AUTHOR} {text}')).upper()}}}"
