"""Containers as files named by their SHA-256, and the parts of those that are still arriving.

Order on the disk: fsync(part), hash, rename, fsync(folder); only then does the registry know the
file. After a failed write or fsync the part is cut back to where the chunk began.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from iocsl.files import sha256_of, sync_folder
from iocsl.warehouse.problems import Problem


class Part:
    """An upload in progress: bytes are appended from `start` on, by one thread at a time."""

    def __init__(self, path: Path, start: int, limit: int) -> None:
        # Unbuffered: what a failed write left behind must not come out again later.
        self._stream = path.open("r+b" if path.exists() else "xb", buffering=0)
        self._stream.seek(start)
        self._start = start
        self._limit = limit
        self.offset = start

    def write(self, data: bytes) -> None:
        """Append. Raises `Problem` 413 past the announced size; the chunk is then undone."""
        if self.offset + len(data) > self._limit:
            self._undo()
            raise Problem(
                413,
                "too-many-bytes",
                "Số byte gửi lên vượt quá kích thước đã khai báo.",
                "More bytes came than the announced size.",
            )
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._stream.write(rest) :]
        except BaseException:
            self._undo()
            raise
        self.offset += len(data)

    def settle(self) -> None:
        """Put what was written on the disk."""
        try:
            os.fsync(self._stream.fileno())
        except BaseException:
            self._undo()
            raise

    def close(self) -> None:
        # What could not be written was cut off before; a second complaint would hide the first.
        with contextlib.suppress(OSError):
            self._stream.close()

    def _undo(self) -> None:
        self.offset = self._start
        with contextlib.suppress(OSError):
            os.ftruncate(self._stream.fileno(), self._start)


class Blobs:
    """The folder `tep/` of a store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.arriving = folder / "dang-nhan"
        self._busy: set[Path] = set()
        self._guard = threading.Lock()

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def part_path(self, identity: str, sha256: str) -> Path:
        return self.arriving / f"{identity}.{sha256}"

    def offset(self, identity: str, sha256: str) -> int:
        """How many bytes of an upload are there."""
        try:
            return self.part_path(identity, sha256).stat().st_size
        except FileNotFoundError:
            return 0

    @contextlib.contextmanager
    def taking(self, identity: str, sha256: str) -> Iterator[None]:
        """Hold an upload for one request. `Problem` 423 while another one is writing it."""
        path = self.part_path(identity, sha256)
        with self._guard:
            if path in self._busy:
                raise Problem(
                    423,
                    "upload-busy",
                    "Một lượt gửi khác đang ghi tệp này, hãy thử lại sau ít phút.",
                    "Another request is writing this file; try again in a few minutes.",
                )
            self._busy.add(path)
        try:
            yield
        finally:
            with self._guard:
                self._busy.discard(path)

    def begin(self, identity: str, sha256: str, size: int) -> Part:
        """Go on with an upload where it stopped."""
        self.arriving.mkdir(parents=True, exist_ok=True)
        path = self.part_path(identity, sha256)
        return Part(path, self.offset(identity, sha256), size)

    def complete(self, identity: str, sha256: str) -> None:
        """Move a whole upload to its place. `Problem` 422 when its digest is another one.

        A wrong file is dropped, so that the sender can begin again.
        """
        part = self.part_path(identity, sha256)
        if sha256_of(part) != sha256:
            part.unlink()
            raise Problem(
                422,
                "wrong-digest",
                "Tệp nhận được không khớp mã băm đã khai báo, cần gửi lại từ đầu.",
                "The file received does not match the announced digest; send it again.",
            )
        place = self.path(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        part.replace(place)
        sync_folder(place.parent)
        sync_folder(self.folder)
