"""Reads what a PDF file says and does, in a process of its own: `python -m … < FILE`.

PDF is a language; a file can be written so that reading it never ends or takes all memory. Here it
ends this process alone. What is found goes to stdout as one JSON document.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from iocsl.child import limit_memory

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MEMORY = 1 << 30
"""Bytes that the process may take, where the system lets it be said."""
PAGES = 3
"""Pages whose text is looked at: a mark of secrecy stands on the first page, under its heading."""
LINKS = 200
"""Pages whose actions are looked at."""
PROTECTED = 3
"""Exit code for a file behind a password."""
_RUNS = frozenset({"/JavaScript", "/Launch", "/Rendition", "/ImportData"})
"""Actions that run something (ISO 32000-2, 12.6.4)."""


def found(content: bytes) -> dict[str, Any]:
    """`{"active": [what runs], "embedded": bool, "lines": [of text], "properties": [values]}`."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        sys.exit(PROTECTED)
    root = reader.root_object
    names = _dictionary(root.get("/Names"))
    active = {kind for each in _actions(reader, root) for kind in _kinds(each)}
    if "/JavaScript" in names:
        active.add("/JavaScript")
    if "/XFA" in _dictionary(root.get("/AcroForm")):
        active.add("/XFA")
    embedded = "/EmbeddedFiles" in names or any(
        note.get("/Subtype") == "/FileAttachment"
        for page in islice(reader.pages, LINKS)
        for note in _notes(page)
    )
    return {
        "active": sorted(each.lstrip("/") for each in active),
        "embedded": embedded,
        "lines": list(_lines(reader)),
        "properties": [str(value) for value in (reader.metadata or {}).values()],
    }


def _lines(reader: PdfReader) -> Iterator[str]:
    for page in islice(reader.pages, PAGES):
        yield from page.extract_text().splitlines()
        for note in _notes(page):
            yield from str(note.get("/Contents") or "").splitlines()


def _actions(reader: PdfReader, root: Any) -> Iterator[Any]:
    """Actions of opening the document, of its pages, and of what can be clicked on them."""
    yield root.get("/OpenAction")
    yield from _dictionary(root.get("/AA")).values()
    for page in islice(reader.pages, LINKS):
        yield from _dictionary(page.get("/AA")).values()
        for note in _notes(page):
            yield note.get("/A")
            yield from _dictionary(note.get("/AA")).values()


def _kinds(action: Any) -> Iterator[str]:
    """What runs in an action and those that follow it; each is looked at once."""
    waiting, seen = [action], 0
    while waiting and seen < LINKS:
        seen += 1
        each = _dictionary(waiting.pop())
        if each.get("/S") in _RUNS:
            yield str(each["/S"])
        following = each.get("/Next")
        following = following.get_object() if hasattr(following, "get_object") else following
        waiting.extend(following if isinstance(following, list) else [following])


def _notes(page: PageObject) -> Iterator[Any]:
    annotations: Any = page.get("/Annots")
    if hasattr(annotations, "get_object"):
        annotations = annotations.get_object()
    for each in annotations if isinstance(annotations, list) else ():
        yield _dictionary(each)


def _dictionary(value: Any) -> Any:
    resolved = value.get_object() if hasattr(value, "get_object") else value
    return resolved if isinstance(resolved, dict) else {}


if __name__ == "__main__":
    limit_memory(MEMORY)
    logging.disable()
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr] # a text stream it is
    sys.stdout.write(json.dumps(found(sys.stdin.buffer.read()), ensure_ascii=False))
