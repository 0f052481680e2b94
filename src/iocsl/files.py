"""Files written whole or not at all, digests, and where a folder lies."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from iocsl.errors import IocslError, usage

CHUNK = 1 << 20
LONG = 4 << 20
"""Bytes from which a file is hashed beside other work."""
LET_GO = 16 << 20
"""Bytes read that the system is told of at once, when it need not keep them."""
_NETWORK_TYPES = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "davfs"),
        *("fuse.sshfs", "fuse.rclone"),
    }
)
_NETWORK_DRIVE = 4  # DRIVE_REMOTE of GetDriveTypeW


@contextlib.contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[IO[bytes]]:
    """Write a file beside `path` and swap it in when the block ends; on an error `path` stays.

    `private` gives the file to its owner alone (0600) before anything is written. A device or a
    pipe (`/dev/null`) is written to and never replaced; a link stays, what it leads to is replaced.
    """
    import tempfile

    if not private:
        if _is_special(path):
            with path.open("wb") as stream:
                yield stream
            return
        path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if not private and os.name == "posix":
            part.chmod(0o666 & ~_umask())
        part.replace(path)
    except BaseException:  # whatever ends it, Ctrl+C too: no half file stays
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _is_special(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """`replacing` for bytes that are at hand."""
    with replacing(path, private=private) as stream:
        stream.write(data)


def _umask() -> int:
    # There is no way of reading the umask but setting it.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut. Windows has no such call, and needs none."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_private(path: Path) -> None:
    """Refuse a file of secrets that others on this machine may read (POSIX): exit 3."""
    if os.name != "posix" or not path.stat().st_mode & 0o077:
        return
    raise IocslError(
        "too-open",
        f"Tệp “{path}” chứa bí mật nhưng người khác trên máy này cũng đọc được.",
        f"The file “{path}” holds a secret, and others on this machine may read it.",
        (f'Chạy: chmod 600 "{path}"', f'Run: chmod 600 "{path}"'),
    )


def sha256_of(path: Path, *, again: bool = True) -> str:
    """SHA-256 of a file in hex, read in pieces.

    Where nobody will read it `again`, the system need not keep what was read: to find room for
    gigabytes may take it longer than everything else.
    """
    digest = hashlib.sha256()
    piece = memoryview(bytearray(CHUNK))
    read, kept = 0, 0
    with path.open("rb", buffering=0) as stream:
        while size := stream.readinto(piece):
            digest.update(piece[:size])
            read += size
            if not again and read - kept >= LET_GO and hasattr(os, "posix_fadvise"):
                os.posix_fadvise(stream.fileno(), kept, read - kept, os.POSIX_FADV_DONTNEED)
                kept = read
    return digest.hexdigest()


def sha256_beside(path: Path) -> Callable[[], str]:
    """Begin with the SHA-256 of a file; what is returned waits for it, or raises what was raised.

    A long file is hashed by a thread of its own: the work is done outside of the interpreter.
    """
    if path.stat().st_size < LONG:
        digest = sha256_of(path)
        return lambda: digest
    found: list[str | OSError | MemoryError] = []

    def hash_it() -> None:
        try:
            found.append(sha256_of(path))
        except (OSError, MemoryError) as error:
            found.append(error)

    thread = threading.Thread(target=hash_it, daemon=True)
    thread.start()

    def wait() -> str:
        thread.join()
        digest = found[0]
        if isinstance(digest, str):
            return digest
        raise digest

    return wait


def on_network(path: Path) -> bool:
    """True where it can be told that `path` lies on a network share.

    SQLite and lock files cannot be trusted there. Linux asks the mount table, Windows the kind
    of drive; elsewhere nothing is known and the answer is False.
    """
    text = str(path)
    if text.startswith(("\\\\", "//")):
        return not text.startswith(("\\\\?\\", "\\\\.\\"))
    if sys.platform == "win32":
        import ctypes

        kind: int = ctypes.windll.kernel32.GetDriveTypeW(f"{path.drive}\\")
        return kind == _NETWORK_DRIVE
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return False
    return network_mount(path.absolute(), mounts.read_text("utf-8", "replace"))


def network_mount(path: Path, table: str) -> bool:
    """Whether the longest mount point above `path` in a `/proc/mounts` table is a network one."""
    best, kind = "", ""
    for line in table.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind in _NETWORK_TYPES


def trouble(error: OSError) -> IocslError:
    """What an `OSError` of the file system means to a person: full disk, no right, and so on."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return IocslError(
            "disk-full",
            f"Ổ đĩa đã đầy, chưa ghi được{where}. Những gì có trước đó vẫn giữ nguyên.",
            f"The disk is full, nothing was written{where}. What was there before is unchanged.",
            ("Giải phóng chỗ trống rồi chạy lại lệnh.", "Free some space and run it again."),
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return IocslError(
            "no-permission",
            f"Không có quyền đọc hoặc ghi{where}, hoặc tệp đang được chương trình khác giữ.",
            f"No right to read or write{where}, or another program holds the file.",
            (
                "Đóng tệp nếu đang mở trong Excel, hoặc nhờ cán bộ CNTT cấp quyền.",
                "Close the file if it is open in Excel, or ask your IT officer for the right.",
            ),
        )
    if error.errno in {errno.EEXIST, errno.ENOTDIR}:
        return usage(
            "not-folder",
            f"Ở chỗ cần một thư mục lại có một tệp{where}.",
            f"A file is in the place of a folder{where}.",
            ("Chọn thư mục khác, hoặc dời tệp đó đi.", "Choose another folder, or move the file."),
        )
    return IocslError(
        "file-trouble",
        f"Hệ điều hành không đọc hoặc ghi được{where}: {error.strerror or error.errno}.",
        f"The system could not read or write{where}: {error.strerror or error.errno}.",
        ("Kiểm tra ổ đĩa và thư mục, rồi chạy lại.", "Check the disk and folder; run it again."),
    )
