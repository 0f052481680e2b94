"""Build the mirror: `python -m iocsl.catalog.build [FOLDER MIRROR [--force]]`.

A process of its own, started by `mirror.open_catalogue`. It writes a new file beside the mirror
and swaps it in, one builder at a time; killed at any moment it leaves the old mirror or the new
one. A refusal goes to stdout as JSON and ends with its exit code.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from iocsl import config
from iocsl.catalog import mirror
from iocsl.catalog.contents import COLUMNS, Contents, load
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.files import sync_folder, trouble

_LOCK_SECONDS = 120
"""Longer than any build takes: whoever holds the lock for that long hangs."""
_SWAP_TRIES = 50
_SWAP_PAUSE = 0.1


def build(source: Path, target: Path, *, force: bool = False) -> None:
    """Bring the mirror `target` up to the files of `source`. IocslError leaves it as it was."""
    from filelock import FileLock

    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_suffix(".lock"), timeout=_LOCK_SECONDS):
        wanted = mirror.signature(source, target.parent)
        current = mirror.read_mirror(target)
        if not force and current is not None and current.signature == wanted:
            return  # another builder did it while this one waited
        mirror.require_as_signed(source, target.parent)
        parts = mirror.parts(source, target.parent)
        issued = [path for name, path in parts.items() if name.startswith(f"{mirror.ISSUED}/")]
        contents = load(source, target.parent / mirror.OVERLAYS, issued)
        part = target.with_suffix(".new")
        part.unlink(missing_ok=True)
        try:
            _write(part, contents, wanted, mirror.digest(source, target.parent))
            mirror.seal_file(part)
            _sync(part)
            _swap(part, target)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(target.parent)


def _write(part: Path, contents: Contents, wanted: str, digest: str) -> None:
    import sqlite_utils

    database = sqlite_utils.Database(part)
    # The file is thrown away unless it is whole, so its own journal would be wasted work.
    database.execute("PRAGMA journal_mode = OFF")
    meta = {"version": str(contents.version), "digest": digest, "signature": wanted}
    with database.conn:
        tables: list[tuple[str, str | tuple[str, str], list[dict[str, Any]]]] = [
            ("meta", "key", [{"key": key, "value": value} for key, value in meta.items()]),
            ("datasets", "code", contents.datasets),
            ("units", "id", contents.units),
            ("indicators", "code", contents.indicators),
            ("documents", ("kind", "name"), contents.documents),
        ]
        for name, key, rows in tables:
            table = database.table(name)
            table.create(COLUMNS[name], pk=key)
            table.insert_all(rows)
        database.table("indicators").create_index(["dataset"])
        database.execute(f"PRAGMA user_version = {mirror.LAYOUT}")
    database.close()


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _swap(part: Path, target: Path) -> None:
    """Replace; on Windows a reader or a virus scanner may hold the old file for a moment."""
    for left in reversed(range(_SWAP_TRIES)):
        try:
            part.replace(target)
        except PermissionError:
            if not left or os.name == "posix":
                raise
            time.sleep(_SWAP_PAUSE)
        else:
            return


def main(arguments: list[str]) -> int:
    """Build, and tell a refusal to the parent process as JSON on stdout."""
    try:
        if arguments:
            build(Path(arguments[0]), Path(arguments[1]), force="--force" in arguments[2:])
        else:
            build(mirror.folder(), config.home() / mirror.MIRROR, force=True)
    except IocslError as error:
        return _tell(error)
    except TimeoutError:
        return _tell(_held())
    except OSError as error:
        return _tell(trouble(error))
    except sqlite3.OperationalError as error:
        full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
        return _tell(trouble(OSError(errno.ENOSPC if full else errno.EIO, str(error))))
    return int(ExitCode.OK)


def _held() -> IocslError:
    return IocslError(
        "catalogue-held",
        "Một lệnh iocsl khác đang dựng danh mục quá lâu.",
        "Another iocsl command has been building the catalogue for too long.",
        ("Đóng các lệnh iocsl khác rồi chạy lại.", "Close other iocsl commands and run again."),
    )


def _tell(error: IocslError) -> int:
    document = json.dumps(mirror.refusal_document(error), ensure_ascii=False)
    sys.stdout.buffer.write(document.encode("utf-8") + b"\n")
    return int(error.exit_code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
