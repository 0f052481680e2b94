"""The parts of a workbook, inflated in pieces within limits, whatever the archive says of them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from iocsl.text import tr
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Unreadable
from iocsl.validate.rules.files import DAMAGED, DOCTYPE, TOO_LARGE

PIECE = 1 << 20
MAX_PART = 1 << 30
"""Inflated bytes of one part; a sheet of a million rows of nine columns has half of it."""
MAX_TEXT = 4 << 20
"""Bytes without a tag; Excel allows 32,767 characters in a cell."""
MAX_DIRECTORY = 4 << 20
"""Bytes in which the archive names its parts: tens of thousands of them."""

_END = struct.Struct("<4s4H2LH")
_END_MARK, _LONG_MARK = b"PK\x05\x06", b"PK\x06\x07"
_LOCAL_MARK = b"PK\x03\x04"
_LONG = 56 + 20
"""Bytes of what long archives have before their end: the record, and where it stands."""


class Part:
    """One entry of the archive, inflated from its raw bytes: declared sizes are not believed.

    `proven`: its check sum was right before.
    """

    def __init__(self, stream: IO[bytes], info: zipfile.ZipInfo, *, proven: bool = False) -> None:
        self.stream = stream
        self.info = info
        self.size = 0
        self._proven = proven

    @property
    def is_xml(self) -> bool:
        """Whether its name says XML; a Mac adds folders with names of which that is not true."""
        name = self.info.filename.lower()
        return name.endswith((".xml", ".rels")) and not name.startswith("__macosx/")

    @property
    def is_known(self) -> bool:
        """Whether it is packed in a way that workbooks use."""
        known = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
        return not self.info.flag_bits & 0x1 and self.info.compress_type in known

    def pieces(self) -> Iterator[bytes]:
        """Raises `Unreadable` for what no real part has, `BadZipFile` for a wrong check sum."""
        gap = check = 0
        for piece in self._inflated():
            if not self.size and self.is_xml:
                _check_head(piece)
            self.size += len(piece)
            if self.size > MAX_PART:
                raise too_large(size(self.size), size(MAX_PART))
            if not self._proven:
                check = zlib.crc32(piece, check)
            gap = 0 if b"<" in piece else gap + len(piece)
            if gap > MAX_TEXT and self.is_xml:
                raise too_large(size(gap), size(MAX_TEXT))
            yield piece
        if not self._proven and check != self.info.CRC:
            raise zipfile.BadZipFile

    def _inflated(self) -> Iterator[bytes]:
        info = self.info
        if info.flag_bits & 0x1:
            raise Unreadable(DAMAGED, detail="encrypted part")
        if info.header_offset < 0:
            raise zipfile.BadZipFile
        self.stream.seek(info.header_offset)
        header = self.stream.read(30)
        if header[:4] != _LOCAL_MARK:
            raise zipfile.BadZipFile
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        self.stream.seek(name_length + extra_length, 1)
        if info.compress_type == zipfile.ZIP_STORED:
            yield from self._stored(info.compress_size)
        elif info.compress_type == zipfile.ZIP_DEFLATED:
            yield from self._deflated(info.compress_size)
        else:
            raise Unreadable(DAMAGED, detail=f"compression {info.compress_type}")

    def _stored(self, left: int) -> Iterator[bytes]:
        while left > 0:
            piece = self.stream.read(min(PIECE, left))
            if not piece:
                raise EOFError
            left -= len(piece)
            yield piece

    def _deflated(self, left: int) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-15)
        while not inflater.eof:
            raw = inflater.unconsumed_tail
            if not raw:
                raw = self.stream.read(min(1 << 16, left))
                left -= len(raw)
                if not raw:
                    raise EOFError
            if piece := inflater.decompress(raw, PIECE):
                yield piece


def _check_head(piece: bytes) -> None:
    """The start of an XML part: UTF-8 or plain, and no document type (entities hide in one)."""
    if piece[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in piece[:256]:
        raise Unreadable(DAMAGED, detail="UTF-16 part")
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
        raise Unreadable(DOCTYPE)


class _Ending(NamedTuple):
    """Where an archive ends: position of the record there, and what it says of the directory."""

    at: int
    size: int
    offset: int
    comment: int
    is_long: bool
    """Whether a record for long archives (ZIP64) stands before it."""


def check_directory(stream: IO[bytes]) -> None:
    """Raises `Unreadable` for an archive that names more parts than any workbook has."""
    ending = _ending(stream)
    if ending is not None and ending.size > MAX_DIRECTORY:
        raise too_large(size(ending.size), size(MAX_DIRECTORY))


def is_plain_archive(stream: IO[bytes]) -> bool:
    """Whether any program finds the same directory in an archive: one, at its very end.

    Data before the first part, a second directory or a record for long archives are read by some
    programs and not by others, so that one part is looked at and another is built.
    """
    ending = _ending(stream)
    if ending is None or ending.is_long:
        return False
    ends = ending.at + _END.size + ending.comment == stream.seek(0, 2)
    return ends and ending.offset + ending.size == ending.at


def _ending(stream: IO[bytes]) -> _Ending | None:
    length = stream.seek(0, 2)
    start = max(0, length - (1 << 16) - _END.size - _LONG)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(_END_MARK)
    if at < 0 or at + _END.size > len(tail):
        return None
    *_, directory, offset, comment = _END.unpack_from(tail, at)
    is_long = tail.find(_LONG_MARK, max(0, at - _LONG), at) >= 0
    if is_long and directory == 0xFFFFFFFF and at >= _LONG:
        # The long record says the size in its last but one field.
        directory = struct.unpack_from("<Q", tail, at - _LONG + 40)[0]
    return _Ending(start + at, min(directory, length), offset, comment, is_long)


def size(given: int) -> str:
    return f"{given >> 20} MiB"


def cells(number: int) -> str:
    return f"{plain(number)} {tr('ô', 'cells')}"


def too_large(seen: Any, limit: Any) -> Unreadable:
    return Unreadable(TOO_LARGE, seen=seen, limit=limit)
