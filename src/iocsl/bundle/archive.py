"""A strict reader of ZIP files: exactly the bytes that a bundle's writer writes, nothing between.

`zipfile` and other readers believe either the central directory or the local headers, skip what
lies between, and take the last of two members of one name; two programs may so read two contents
out of one file. Here both headers are read and must agree, the members must lie end to end, and
whatever a bundle does not need (PKWARE APPNOTE: encryption, data descriptors, extra fields,
comments, zip64) is refused.
"""

from __future__ import annotations

import io
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from iocsl.bundle.refusals import RefusedError
from iocsl.files import CHUNK

if TYPE_CHECKING:
    from typing_extensions import Buffer

STORED, DEFLATED = 0, 8
MAX_MEMBERS = 256
MAX_TOTAL = 2 << 30
"""Bytes that a whole bundle may inflate to."""
MAX_RATIO = 200
"""Deflate reaches about 1,000; tables of figures stay below 30."""
RATIO_FROM = 1 << 20
"""Below this inflated size no ratio is asked: it can choke nothing."""

ENVELOPED = bytes.fromhex("060b2a864886f70d0109100117")
"""OBJECT IDENTIFIER id-ct-authEnvelopedData in DER, as an encrypted bundle begins."""
ENVELOPE_START = 32
"""Bytes by which an encrypted bundle is known."""

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s5HL2L2H")
_OFFICE = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/", b"word/")
"""How the first member of an Office file is called."""
_UTF8 = 0x800
_TOLD = (20, 3, 20, 0, 0x21, 0, (stat.S_IFREG | 0o644) << 16)
"""Version 2.0 of Unix, 1 January 1980, a plain file: what the list says of every member."""
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    # Windows takes the three superscripts for digits here.
    + [f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³"]
)
_UNSAFE = frozenset('<>:"|?*\\')


@dataclass(frozen=True, slots=True)
class Member:
    """One member as both headers describe it; `start` is where its bytes begin in the file."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    start: int
    offset: int


def read_members(stream: IO[bytes]) -> tuple[Member, ...]:
    """The members in the order of the file. Raises `RefusedError` (B101-B111) for any oddity."""
    _check_not_office(stream)
    length = stream.seek(0, 2)
    start, count, size = _end_record(stream, length)
    stream.seek(start)
    directory = stream.read(size)
    members: list[Member] = []
    place, expected = 0, 0
    for _ in range(count):
        central, name, place = _central(directory, place)
        member = _checked_member(stream, central, name, expected)
        members.append(member)
        expected = member.start + member.packed
    if place != size:
        raise RefusedError("B103", offset=start + place)
    if expected != start:
        raise RefusedError("B103", offset=expected)
    _check_names(members)
    _check_sizes(members)
    return tuple(members)


def inflate(stream: IO[bytes], member: Member) -> Iterator[bytes]:
    """The bytes of a member in pieces, never more than its header says; the CRC is checked."""
    place, got, crc = member.start, 0, 0
    end = member.start + member.packed
    machine = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == DEFLATED else None
    while place < end:
        # Members may be read in turns, so the stream is never where it was left.
        stream.seek(place)
        packed = stream.read(min(CHUNK, end - place))
        if not packed:
            raise RefusedError("B111", member=member.name, detail="EOF")
        place += len(packed)
        for piece in _pieces(machine, packed, member.name):
            got += len(piece)
            if got > member.size:
                raise RefusedError("B111", member=member.name, detail="size")
            crc = zlib.crc32(piece, crc)
            yield piece
    if machine is not None and (not machine.eof or machine.unused_data):
        raise RefusedError("B111", member=member.name, detail="deflate")
    if got != member.size or crc != member.crc:
        raise RefusedError("B111", member=member.name, detail="CRC-32")


class Window(io.RawIOBase):
    """A stretch of a file as a file of its own; the file is shared, and left anywhere."""

    def __init__(self, stream: IO[bytes], start: int, size: int) -> None:
        super().__init__()
        self._stream, self._start, self._size, self._at = stream, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Buffer) -> int:
        target = memoryview(buffer).cast("B")
        self._stream.seek(self._start + self._at)
        piece = self._stream.read(max(0, min(len(target), self._size - self._at)))
        target[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def _pieces(machine: zlib._Decompress | None, packed: bytes, name: str) -> Iterator[bytes]:
    if machine is None:
        yield packed
        return
    try:
        while packed:
            yield machine.decompress(packed, CHUNK)
            packed = machine.unconsumed_tail
    except zlib.error:
        raise RefusedError("B111", member=name, detail="deflate") from None
    if machine.unused_data:
        raise RefusedError("B111", member=name, detail="deflate")


def _check_not_office(stream: IO[bytes]) -> None:
    """A workbook is a ZIP file too; given by mistake, it is told from a bundle gone bad."""
    stream.seek(0)
    start = stream.read(_LOCAL.size + 32)
    if start.startswith(b"PK\x03\x04") and start[_LOCAL.size :].startswith(_OFFICE):
        raise RefusedError("B101", detail="Excel, Word")


def _end_record(stream: IO[bytes], length: int) -> tuple[int, int, int]:
    """Start of the directory, number of entries, size of the directory."""
    stream.seek(max(0, length - _END.size))
    record = stream.read(_END.size)
    if len(record) < _END.size or not record.startswith(b"PK\x05\x06"):
        _refuse_end(stream, length)
    _, disk, first_disk, here, count, size, start, comment = _END.unpack(record)
    if disk or first_disk or here != count:
        raise RefusedError("B106", detail="multi-disk")
    if comment:
        raise RefusedError("B106", detail="comment")
    if 0xFFFFFFFF in {size, start} or count == 0xFFFF:
        raise RefusedError("B106", detail="zip64")
    if not 0 < count <= MAX_MEMBERS:
        raise RefusedError("B101", detail=f"{count}/{MAX_MEMBERS}")
    if start + size != length - _END.size:
        raise RefusedError("B103", offset=start + size)
    return start, count, size


def _refuse_end(stream: IO[bytes], length: int) -> None:
    """Say what is at the end of the file instead of the record that should be there."""
    window = min(length, _END.size + 0xFFFF)
    stream.seek(length - window)
    tail = stream.read(window)
    found = tail.rfind(b"PK\x05\x06", 0, len(tail) - _END.size + 4)
    if found < 0:
        stream.seek(0)
        start = stream.read(ENVELOPE_START)
        if is_envelope(start):
            raise RefusedError("B118")
        if start.startswith(b"PK\x03\x04"):
            raise RefusedError("B119", count=length)
        raise RefusedError("B101", detail=start[:4].hex(" ") or "0 byte")
    raise RefusedError("B102", count=window - found - _END.size)


@dataclass(frozen=True, slots=True)
class _Fields:
    """What central and local header both say."""

    needed: int
    flags: int
    method: int
    moment: int
    crc: int
    packed: int
    size: int
    name: bytes


def _central(directory: bytes, place: int) -> tuple[tuple[_Fields, int], str, int]:
    if place + _CENTRAL.size > len(directory):
        raise RefusedError("B101", detail="central directory")
    row = _CENTRAL.unpack_from(directory, place)
    signature, version, system, needed, _, flags, method, time, day, crc, packed, size = row[:12]
    name_size, extra, comment, disk, internal, attributes, offset = row[12:]
    if signature != b"PK\x01\x02":
        raise RefusedError("B101", detail="central directory")
    place += _CENTRAL.size
    raw = directory[place : place + name_size]
    if len(raw) != name_size:
        raise RefusedError("B101", detail="central directory")
    name = _decoded(raw, flags)
    if flags & 0x41:
        raise RefusedError("B105", member=name)
    for present, detail in (
        (extra, "extra field"),
        (comment, "comment"),
        (disk, "multi-disk"),
        (flags & ~_UTF8, f"flags {flags:#x}"),
        (method not in {STORED, DEFLATED}, f"method {method}"),
        (0xFFFFFFFF in {packed, size, offset}, "zip64"),
    ):
        if present:
            raise RefusedError("B106", detail=f"{detail} ({name})")
    mode = attributes >> 16 if system == 3 else 0
    if (stat.S_IFMT(mode) not in {0, stat.S_IFREG}) or attributes & 0x10 or name.endswith("/"):
        raise RefusedError("B109", member=name)
    # No signature covers these, so they say the same in every bundle.
    told = (version, system, needed, time, day, internal, attributes)
    if told != _TOLD:
        raise RefusedError("B106", detail=f"attributes ({name})")
    fields = _Fields(needed, flags, method, day << 16 | time, crc, packed, size, raw)
    return (fields, offset), name, place + name_size


def _checked_member(
    stream: IO[bytes], central: tuple[_Fields, int], name: str, expected: int
) -> Member:
    fields, offset = central
    if offset != expected:
        raise RefusedError("B103", offset=min(expected, offset))
    stream.seek(offset)
    head = stream.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise RefusedError("B103", offset=offset)
    _, needed, flags, method, time, day, crc, packed, size, name_size, extra = _LOCAL.unpack(head)
    local = _Fields(
        needed, flags, method, day << 16 | time, crc, packed, size, stream.read(name_size)
    )
    for key in _Fields.__slots__:
        if getattr(local, key) != getattr(fields, key):
            raise RefusedError("B104", member=name, detail=key)
    if extra:
        raise RefusedError("B106", detail=f"extra field ({name})")
    if method == STORED and packed != size:
        raise RefusedError("B104", member=name, detail="size")
    start = offset + _LOCAL.size + name_size
    return Member(name, method, crc, packed, size, start, offset)


def _decoded(raw: bytes, flags: int) -> str:
    try:
        name = raw.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        raise RefusedError("B108", member=raw.decode("latin-1")) from None
    if "\x00" in name:
        raise RefusedError("B108", member=name)
    return name


def is_envelope(start: bytes) -> bool:
    """Whether a file that begins so is an encrypted one (CMS AuthEnvelopedData)."""
    return start.startswith(b"\x30") and ENVELOPED in start[:ENVELOPE_START]


def safe_part(part: str) -> bool:
    """Whether a bare file name is safe on Linux and Windows alike, and in NFC."""
    if not part or part in {".", ".."} or len(part.encode()) > 200:
        return False
    if part != unicodedata.normalize("NFC", part) or part[-1] in ". " or part[0] == " ":
        return False
    if any(char in _UNSAFE or char == "/" or not char.isprintable() for char in part):
        return False
    return part.split(".", maxsplit=1)[0].rstrip().lower() not in _RESERVED


def _check_names(members: list[Member]) -> None:
    seen: set[str] = set()
    for member in members:
        if not all(safe_part(part) for part in member.name.split("/")):
            raise RefusedError("B108", member=member.name)
        # NFKC as well: Windows and macOS shares fold more than letter case.
        key = unicodedata.normalize("NFKC", member.name).casefold()
        if key in seen:
            raise RefusedError("B107", member=member.name)
        seen.add(key)


def _check_sizes(members: list[Member]) -> None:
    if sum(member.size for member in members) > MAX_TOTAL:
        largest = max(members, key=lambda member: member.size)
        raise RefusedError("B110", member=largest.name, limit=MAX_TOTAL, ratio=MAX_RATIO)
    for member in members:
        if member.size > RATIO_FROM and member.size > MAX_RATIO * max(member.packed, 1):
            raise RefusedError("B110", member=member.name, limit=MAX_TOTAL, ratio=MAX_RATIO)


def open_archive(path: Path) -> tuple[IO[bytes], tuple[Member, ...]]:
    """A bundle's stream and members; the caller closes the stream. Raises `RefusedError`."""
    stream = path.open("rb")
    try:
        return stream, read_members(stream)
    except BaseException:  # whatever ends it, Ctrl+C too: the caller has nothing to close
        stream.close()
        raise
