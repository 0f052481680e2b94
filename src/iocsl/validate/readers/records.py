"""XML of the plainest kind: records that all hold the same elements, with text and nothing else.

Such a file is split at its tags, which takes a fraction of the time of building elements. It is
looked through to its end first; whatever is not exactly of this kind (attributes, comments, nested
or missing elements, an entity of one's own, any doubt) is left to the parser, faults included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from iocsl.validate.readers.base import Chunk
from iocsl.validate.readers.texts import BREAK, Spelling, Texts

PIECE = 1 << 17
HEAD = 1 << 16
MAX_RECORD = 1 << 20
MOST_FIELDS = 200

_NAME = rb"[A-Za-z_][A-Za-z0-9_.-]*"
"""Prefixes of namespaces are left to the parser, which knows whether they were declared."""
_START = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<\?xml [^<>]*\?>)?\s*<(" + _NAME + rb")(?:\s[^<>]*[^<>/])?>(\s*)"
    rb"<(" + _NAME + rb")>"
)
_EMPTY = re.compile(rb"<(" + _NAME + rb")\s*/>")
_SPACE = rb"\s*"
_REFERENCE = re.compile(rb"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"', b"apos": "'"}
_CONTROLS = bytes(each for each in range(32) if each not in {9, 10, 13})
_GOOD = bytes(each for each in range(256) if each not in _CONTROLS)
_NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
"""U+FFFE and U+FFFF in UTF-8, which XML does not allow."""


class _OtherKindError(Exception):
    """The file is not of the plainest kind."""


@dataclass(frozen=True, slots=True)
class PlainRecords:
    """Where the records of a file begin, and how each is written."""

    path: Path
    start: int
    """Bytes before the first record."""
    line: int
    root: bytes
    record: bytes
    names: tuple[bytes, ...]

    @property
    def fields(self) -> list[str]:
        """The names of the elements in a record."""
        return [name.decode() for name in self.names]

    def chunks(self) -> Iterator[Chunk]:
        """The names as the heading row, then the records."""
        spellings = [Spelling(prefix=name + b">") for name in self.names]
        titles = zip(self.fields, spellings, strict=True)
        yield Chunk([Texts([spelling.raw(name)], spelling) for name, spelling in titles], 1, [1])
        first, line, width = 2, self.line, 2 * len(self.names) + 2
        opening = b"<" + self.record + b">"
        for block in self._blocks():
            lines = list(
                accumulate((each.count(b"\n") for each in block.split(opening)), initial=line)
            )
            pieces = block.replace(b"\n", BREAK).split(b"<")
            columns = [pieces[2 + 2 * at :: width] for at in range(len(self.names))]
            if b"&" in block:
                columns = [list(map(_without_references, cells)) for cells in columns]
            texts = [Texts(cells, each) for cells, each in zip(columns, spellings, strict=True)]
            yield Chunk(texts, first, lines[1:-1])
            first += len(columns[0])
            line = lines[-1]

    def _blocks(self) -> Iterator[bytes]:
        """Whole records, empty elements written out; the rest of the file after them."""
        ending = b"</" + self.record + b">"
        with self.path.open("rb") as stream:
            stream.seek(self.start)
            rest = b""
            while piece := stream.read(PIECE):
                block = rest + piece
                cut = block.rfind(ending)
                if cut < 0:
                    rest = block
                    if len(rest) > MAX_RECORD:
                        raise _OtherKindError
                    continue
                cut += len(ending)
                block, rest = block[:cut], block[cut:]
                if b"\r" in block:
                    block = block.replace(b"\r\n", b"\n")
                if b"/>" in block:
                    for name in self.names:
                        block = block.replace(b"<%b/>" % name, b"<%b></%b>" % (name, name))
                    block = _EMPTY.sub(rb"<\1></\1>", block) if b"/>" in block else block
                yield block
        if not re.fullmatch(_SPACE + b"</" + re.escape(self.root) + rb"\s*>\s*", rest):
            raise _OtherKindError

    def prove(self) -> None:
        """Look through the whole file. Raises `_OtherKindError` where it is not as it seemed."""
        width = 2 * len(self.names) + 2
        tags = [self.record, *(name for each in self.names for name in (each, b"/" + each))]
        marks = [each + b">" for each in (*tags, b"/" + self.record)]
        for block in self._blocks():
            _prove_characters(block)
            pieces = block.split(b"<")
            if pieces[0].strip() or (len(pieces) - 1) % width:
                raise _OtherKindError
            for at, mark in enumerate(marks):
                column = pieces[1 + at :: width]
                if at % 2 and mark[:1] != b"/":
                    # A cell: the name is followed by its text.
                    if (b"<" + b"<".join(column)).count(b"<" + mark) != len(column):
                        raise _OtherKindError
                elif any(
                    not each.startswith(mark) or each[len(mark) :].strip() for each in set(column)
                ):
                    raise _OtherKindError


def plain_records(path: Path) -> PlainRecords | None:
    """The records of a file in UTF-8 that holds nothing but them, None for any other file."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    found = _START.match(head)
    if found is None:
        return None
    root, _, record = found.groups()
    start = found.start(2)
    end = head.find(b"</" + record + b">", start)
    inner = _EMPTY.sub(rb"<\1></\1>", head[found.end() : end]) if end >= 0 else b""
    names = tuple(re.findall(rb"<(" + _NAME + rb")>", inner))
    if not names or len(set(names)) != len(names) or len(names) > MOST_FIELDS:
        return None
    line = 1 + head.count(b"\n", 0, start)
    records = PlainRecords(path, start, line, root, record, names)
    try:
        records.prove()
    except _OtherKindError:
        return None
    return records


def _prove_characters(block: bytes) -> None:
    """Raise where a character or a reference is none that XML knows."""
    if b"]]>" in block or b"\r" in block or block.translate(None, _GOOD):
        raise _OtherKindError
    if not block.isascii():
        try:
            block.decode()
        except UnicodeDecodeError:
            raise _OtherKindError from None
        if any(each in block for each in _NO_CHARACTERS):
            raise _OtherKindError
    if b"&" in block and block.count(b"&") != len(_good_references(block)):
        raise _OtherKindError


def _good_references(block: bytes) -> Sequence[str]:
    return [text for found in _REFERENCE.finditer(block) if (text := _meant(found)) is not None]


def _meant(found: re.Match[bytes]) -> str | None:
    """The character that a reference means, None for one that XML does not allow."""
    named, decimal, hexadecimal = found.groups()
    if named:
        return _NAMED[named]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    allowed = code in {9, 10, 13} or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE
    return chr(code) if allowed or 0x10000 <= code < 0x110000 else None


def _without_references(cell: bytes) -> bytes:
    if b"&" not in cell:
        return cell
    return _REFERENCE.sub(lambda found: (_meant(found) or "").encode().replace(b"\n", BREAK), cell)
