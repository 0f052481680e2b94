"""The streams of an OLE2 container ([MS-CFB]), the shell of XLS files and of encrypted workbooks.

Only what is needed: the list of streams, and one of them as bytes. Every chain is bounded by the
size of the file, so a damaged or malicious one ends.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from typing import IO, NamedTuple

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_IN_HEADER = 109
"""Sectors of the allocation table that the header itself lists."""
_LAST = 0xFFFFFFF9
"""Sector numbers above this one are marks (end of chain, free), no sectors."""
_ENTRY = 128
_STREAM, _ROOT = 2, 5


class DamagedContainerError(Exception):
    """The container cannot be followed to its end."""


class _Stream(NamedTuple):
    start: int
    size: int
    mini: bool


class Container:
    """An open container. `stream` stays open and belongs to the caller."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._file = stream
        self._length = stream.seek(0, 2)
        stream.seek(0)
        header = stream.read(512)
        if len(header) < 512 or header[:8] != MAGIC:
            raise DamagedContainerError
        shift, mini_shift = struct.unpack_from("<HH", header, 30)
        if shift not in {9, 12} or mini_shift != 6:
            raise DamagedContainerError
        self._sector = 1 << shift
        self._mini_sector = 1 << mini_shift
        first_entry = struct.unpack_from("<I", header, 48)[0]
        self._cutoff, mini_table = struct.unpack_from("<II", header, 56)
        self._next = self._table(header)
        self._mini_start, self._mini_size = _LAST + 1, 0
        self._mini_next = array("I")
        self._streams: dict[str, _Stream] = {}
        self._directory(first_entry)
        self._mini_next = _numbers(self._joined(mini_table, self._length + 1))

    def _table(self, header: bytes) -> array[int]:
        """The next sector of each sector."""
        listed = list(struct.unpack_from(f"<{_IN_HEADER}I", header, 76))
        more = struct.unpack_from("<I", header, 68)[0]
        seen = 0
        while more < _LAST:
            numbers = _numbers(self._read(more))
            listed.extend(numbers[:-1])
            more = numbers[-1]
            seen += self._sector
            if seen > self._length:
                raise DamagedContainerError
        table = array("I")
        for sector in listed:
            if sector < _LAST:
                table.extend(_numbers(self._read(sector)))
        return table

    def _read(self, sector: int) -> bytes:
        self._file.seek((sector + 1) * self._sector)
        piece = self._file.read(self._sector)
        if not piece:
            raise DamagedContainerError
        # The last sector of a file may be cut short by the program that wrote it.
        return piece.ljust(self._sector, b"\0")

    def _chain(self, start: int) -> Iterator[bytes]:
        read = 0
        while start < _LAST:
            read += self._sector
            if start >= len(self._next) or read > self._length:
                raise DamagedContainerError
            yield self._read(start)
            start = self._next[start]

    def _joined(self, start: int, size: int) -> bytes:
        """The first `size` bytes of a chain, or all that it has."""
        pieces, got = [], 0
        for piece in self._chain(start):
            pieces.append(piece)
            got += len(piece)
            if got >= size:
                break
        return b"".join(pieces)[:size]

    def _directory(self, start: int) -> None:
        entries = self._joined(start, self._length + 1)
        for at in range(0, len(entries) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", entries, at + 64)
            first, size = struct.unpack_from("<II", entries, at + 116)
            if kind == _ROOT:
                self._mini_start, self._mini_size = first, size
            elif kind == _STREAM and 2 <= length <= 64:
                name = entries[at : at + length - 2].decode("utf-16-le", "replace")
                found = _Stream(first, size, size < self._cutoff)
                self._streams.setdefault(name, found)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._streams)

    def read(self, name: str) -> bytes:
        """The bytes of a stream. Raises `DamagedContainerError` where the chain breaks off."""
        start, size, mini = self._streams[name]
        content = self._small(start, size) if mini else self._joined(start, size)
        if len(content) < size:
            raise DamagedContainerError
        return content

    def _small(self, start: int, size: int) -> bytes:
        """A stream in sectors of 64 bytes, which all lie in one stream of the container."""
        held = self._joined(self._mini_start, self._mini_size)
        pieces, got = [], 0
        while start < _LAST and got < size:
            pieces.append(held[start * self._mini_sector : (start + 1) * self._mini_sector])
            got += self._mini_sector
            if start >= len(self._mini_next):
                raise DamagedContainerError
            start = self._mini_next[start]
        return b"".join(pieces)[:size]


def _numbers(raw: bytes) -> array[int]:
    """Little-endian numbers of 32 bits."""
    return array("I", struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))
