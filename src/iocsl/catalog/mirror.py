"""Where the catalogue's files and their SQLite mirror lie, and when the mirror is built anew.

The mirror is written by a process of its own (`iocsl.catalog.build`), since what writes it loads
pandas, and is swapped in whole: whoever reads sees the old one or the new one. Reading takes a
copy into memory, so that no open handle keeps a later swap from happening on Windows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import iocsl
from iocsl import config
from iocsl.catalog.lookup import Catalogue
from iocsl.domain import ExitCode
from iocsl.errors import IocslError

MIRROR = "catalogue.sqlite"
SYNCED, POINTER = "danh-muc", "danh-muc.json"
"""Versions taken in from the warehouse, and which of them is in use; see `snapshot`."""
OVERLAYS = "bo_sung"
"""The folder in home of what the unit adds for itself; see `overlays`."""
ISSUED = "phat_hanh"
"""The folder of requests and notices, in a catalogue folder or in a home that issues; see
`issued`."""
_SQLITE = b"SQLite format 3\0"
_SEAL = slice(68, 72)
"""Where SQLite keeps `application_id` (file format, 1.3): here the CRC-32 of all other bytes."""
LAYOUT = 4
"""Raised when the tables of the mirror, or what they hold, change: an older one is not read."""
_PARTS = {
    "": (".yaml", ".txt"),
    "schemas/": (".yaml", ".csv", ".txt"),
    "chi_tieu/": (".yaml", ".csv", ".txt"),
}
"""The folders of a catalogue, and the endings of its files in each."""


def folder() -> Path:
    """The catalogue's folder: `catalog.folder`, else the wheel's data, else the checkout's."""
    if given := config.load().text("catalog.folder"):
        path = Path(given).expanduser().absolute()
        if not path.is_dir():
            raise IocslError(
                "no-catalogue",
                f"Không có thư mục danh mục “{path}” (catalog.folder).",
                f"There is no catalogue folder “{path}” (catalog.folder).",
                (
                    "Sửa IOCSL_CATALOG hoặc catalog.folder trong config.toml.",
                    "Mend IOCSL_CATALOG or catalog.folder in config.toml.",
                ),
            )
        return path
    return synced() or packaged()


def synced() -> Path | None:
    """The version that was taken in from the warehouse, None where there is none.

    A tool that was updated since and brings a higher version goes before it; what was issued with
    the version taken in still counts then (`issued_folders`).
    """
    path = taken_in(config.home())
    return path if path and base_version(path) >= packaged_version() else None


def taken_in(home: Path) -> Path | None:
    """The folder that the pointer of `home` names, None where nothing was taken in.

    A pointer that cannot be read, or whose folder is gone, is told and never passed over: an older
    catalogue would judge otherwise.
    """
    try:
        text = (home / POINTER).read_text("utf-8")
    except FileNotFoundError:
        return None
    try:
        path = home / SYNCED / Path(str(json.loads(text)["folder"])).name
    except (ValueError, KeyError, TypeError):
        raise _sync_damaged() from None
    if not (path / "phu_luc.yaml").is_file():
        raise _sync_damaged()
    return path


def synced_name(version: int, sha256: str) -> str:
    """The folder that a version is kept in: its name tells what its files must come to."""
    return f"{version}-{sha256[:12]}"


def as_signed(folder: Path) -> bool:
    """Whether the files of a version that was taken in are still those that were signed."""
    return folder.name.endswith(f"-{digest(folder)[:12]}")


def require_as_signed(source: Path, home: Path) -> None:
    """Refuse (exit 3) to read a version taken in whose files were damaged or edited since."""
    if source.parent == home / SYNCED and not as_signed(source):
        raise _sync_damaged()


def packaged_version() -> int:
    """`phien_ban` of the files that come with the tool."""
    return base_version(packaged())


def base_version(of: Path) -> int:
    """`phien_ban` of a folder's files, without reading all of them."""
    with (of / "phu_luc.yaml").open(encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("phien_ban:"):
                return int(line.partition(":")[2])
    return 0


def _sync_damaged() -> IocslError:
    return IocslError(
        "synced-catalogue-damaged",
        f"Bản danh mục đã đồng bộ trong thư mục làm việc bị hỏng ({POINTER}).",
        f"The synchronised catalogue in the home folder is damaged ({POINTER}).",
        (
            f"Xóa tệp {POINTER} trong thư mục làm việc rồi chạy: iocsl catalog sync",
            f"Remove {POINTER} from the home folder, then run: iocsl catalog sync",
        ),
    )


def packaged() -> Path:
    """The folder that comes with the tool: in the wheel, or beside `src` in a checkout."""
    package = Path(iocsl.__file__).parent
    for path in (package / "_data", package.parent.parent / "catalog"):
        if (path / "phu_luc.yaml").is_file():
            return path
    raise IocslError(
        "no-catalogue",
        "Bản cài đặt này thiếu danh mục dữ liệu.",
        "This installation lacks the catalogue.",
        ("Cài lại iocsl.", "Install iocsl again."),
    )


def files(of: Path) -> list[Path]:
    """Every file that the mirror comes from, sorted by its name within the folder."""
    return [path for _, path in sorted(_named(of))]


def _named(of: Path) -> Iterator[tuple[str, Path]]:
    """Each file of a folder and its name within it. Every command asks: `glob` takes four times
    as long."""
    for part, endings in _PARTS.items():
        with contextlib.suppress(FileNotFoundError), os.scandir(of / part) as entries:
            for each in entries:
                if each.name.endswith(endings) and each.is_file():
                    yield part + each.name, Path(each.path)


def issued_folders(of: Path, home: Path | None) -> Iterator[Path]:
    """Where what was issued lies: with the catalogue itself, and in the home that issues.

    Beside the tool's own files also what came with the version taken in: a tool that was updated
    must not make a request disappear.
    """
    yield of / ISSUED
    if home is None:
        return
    if of == packaged() and (folder := taken_in(home)) is not None:
        yield folder / ISSUED
    yield home / ISSUED


def parts(of: Path, home: Path | None = None) -> Mapping[str, Path]:
    """Every file of the catalogue by its name within it, what was issued included; sorted."""
    found = dict(_named(of))
    for folder in issued_folders(of, home):
        for path in folder.glob("*.yaml"):
            found.setdefault(f"{ISSUED}/{path.name}", path)
    return dict(sorted(found.items()))


def signature(of: Path, home: Path) -> str:
    """A cheap mark of the state of the folder and of the unit's own overlays in `home`: names,
    sizes and times, and this tool's version."""
    return hashlib.sha256("\n".join(_state(of, home)).encode()).hexdigest()


def _state(of: Path, home: Path) -> Iterator[str]:
    yield f"{iocsl.__version__} {LAYOUT} {of}"
    own = {f"{OVERLAYS}/{path.name}": path for path in (home / OVERLAYS).glob("*.yaml")}
    for name, path in [*parts(of, home).items(), *sorted(own.items())]:
        stat = path.stat()
        yield f"{name} {stat.st_size} {stat.st_mtime_ns}"


def digest(of: Path, home: Path | None = None) -> str:
    """SHA-256 over names and bytes of all files: the same catalogue, the same digest.

    With `home`, what was issued there counts too.
    """
    whole = hashlib.sha256()
    for name, path in parts(of, home).items():
        data = path.read_bytes().replace(b"\r\n", b"\n")
        whole.update(f"{name}\0{len(data)}\0".encode())
        whole.update(data)
    return whole.hexdigest()


def open_catalogue() -> Catalogue:
    """The catalogue, from its mirror in home; the mirror is built first when it is not current.

    IocslError (exit 3) when a catalogue file is wrong; the old mirror then stays as it was.
    """
    source = folder()
    mirror = config.home() / MIRROR
    wanted = signature(source, config.home())
    catalogue = read_mirror(mirror)
    if catalogue is not None and catalogue.signature == wanted:
        return catalogue
    build_in_child(source, mirror)
    catalogue = read_mirror(mirror)
    if catalogue is None:
        raise _build_failed("unreadable")
    return catalogue


def read_mirror(path: Path) -> Catalogue | None:
    """The mirror at `path`, None when it is absent, damaged, altered, or of another layout."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if not data.startswith(_SQLITE) or data[_SEAL] != seal(data):
        return None
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(data)
        if connection.execute("PRAGMA user_version").fetchone() == (LAYOUT,):
            return Catalogue(connection)
    except (sqlite3.Error, KeyError, ValueError):
        # Of another layout, whole in itself: it is only a mirror, built anew.
        pass
    connection.close()
    return None


def seal(data: bytes) -> bytes:
    """The four bytes that a mirror carries at `application_id`: one byte changed, and it is told.

    A damaged page would else be met in the middle of some command, on every later run again.
    """
    view = memoryview(data)
    return zlib.crc32(view[_SEAL.stop :], zlib.crc32(view[: _SEAL.start])).to_bytes(4, "big")


def seal_file(path: Path) -> None:
    """Write the seal into a mirror that is written to its end."""
    with path.open("rb+") as stream:
        mark = seal(stream.read())
        stream.seek(_SEAL.start)
        stream.write(mark)


def build_in_child(source: Path, mirror: Path, *, force: bool = False) -> None:
    """Run the builder; its refusal is raised here as it was there."""
    # -P keeps the current folder, where anybody's files may lie, off the import path.
    command = [sys.executable, "-P", "-m", "iocsl.catalog.build", str(source), str(mirror)]
    if force:
        command.append("--force")
    environment = os.environ | {"PYTHONUTF8": "1"}
    done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
        command, check=False, capture_output=True, stdin=subprocess.DEVNULL, env=environment
    )
    if done.returncode == 0:
        return
    try:
        raise refusal_from(json.loads(done.stdout.decode("utf-8")))
    except (ValueError, KeyError, TypeError):
        raise _build_failed(str(done.returncode)) from None


def refusal_document(error: IocslError) -> dict[str, Any]:
    """An IocslError as JSON, both languages, to cross from the building process to its parent."""
    return {
        "code": error.code,
        "message": list(error.message),
        "hint": list(error.hint) if error.hint else None,
        "exit_code": int(error.exit_code),
    }


def refusal_from(document: dict[str, Any]) -> IocslError:
    hint = document["hint"]
    vi, en = document["message"]
    exit_code = ExitCode(document["exit_code"])
    return IocslError(document["code"], vi, en, (hint[0], hint[1]) if hint else None, exit_code)


def _build_failed(how: str) -> IocslError:
    return IocslError(
        "catalogue-not-built",
        f"Chưa dựng được bản sao danh mục trong thư mục làm việc ({how}).",
        f"The copy of the catalogue in the home folder could not be built ({how}).",
        (
            "Chạy lại; nếu vẫn lỗi, chạy: iocsl catalog build",
            "Run it again; if it still fails, run: iocsl catalog build",
        ),
    )
