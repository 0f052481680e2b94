"""The catalogue as a signed snapshot: what a warehouse serves and a unit's home takes in.

The snapshot is a compact JWS (RFC 7515, ES256) by the key that also signs receipts; its `typ` keeps
the two apart. The payload holds the catalogue's files themselves. A home keeps each version in a
folder of its own under `danh-muc/`; `danh-muc.json` points at the one in use and is swapped in
whole, so that whoever is killed leaves the old version or the new one.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iocsl.catalog import mirror
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.files import sync_folder, write_whole

SCHEMA = "iocsl/catalogue/1"
TYPE, TEST_TYPE = "iocsl-catalogue+jws", "iocsl-catalogue-TEST+jws"
MOST_FILES = 2000
MAX_BYTES = 64 << 20
"""Of a snapshot as it travels; some sixty catalogues of today."""
_FILE = re.compile(
    r"(?:(?:schemas|chi_tieu|phat_hanh)/)?[0-9A-Za-z_][0-9A-Za-z_.-]*\.(?:yaml|csv|txt)"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot whose signature was checked. `sha256` is `mirror.digest` of its files."""

    version: int
    sha256: str
    test: bool
    files: Mapping[str, str]


def payload(folder: Path, version: int, *, test: bool, home: Path | None = None) -> dict[str, Any]:
    """What a warehouse signs: the files of its catalogue folder, and what `home` issued."""
    return {
        "schema": SCHEMA,
        "version": version,
        "sha256": mirror.digest(folder, home),
        "test": test,
        "files": {
            name: path.read_bytes().decode("utf-8")
            for name, path in mirror.parts(folder, home).items()
        },
    }


def read(jws: str, keys: Mapping[str, Any]) -> Snapshot:
    """Check a snapshot against the pinned keys (a JWKS). Exit 4 when it is not signed by one."""
    from joserfc import jws as jose
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        key_set = KeySet.import_key_set({"keys": list(keys["keys"])})
        # Made for short tokens, it refuses more than 128 kB; a whole catalogue has some 900.
        registry = jose.JWSRegistry(algorithms=["ES256"])
        registry.max_payload_length = MAX_BYTES
        opened = jose.deserialize_compact(jws, key_set, registry=registry)
        return _snapshot(opened.headers(), json.loads(opened.payload))
    except (JoseError, ValueError, KeyError, TypeError, RecursionError):
        raise _refused(
            "snapshot-altered",
            "Bản danh mục nhận được không mang chữ ký của kho mà đơn vị đã ghi nhận.",
            "The catalogue received is not signed by the warehouse on record.",
        ) from None


def _snapshot(header: Mapping[str, Any], body: Any) -> Snapshot:
    """The payload's members, each of its type. Raises `ValueError`, `KeyError` or `TypeError`."""
    test, version, files = body["test"], body["version"], body["files"]
    if header["typ"] != (TEST_TYPE if test is True else TYPE) or body["schema"] != SCHEMA:
        raise ValueError("typ")
    if type(version) is not int or version < 0 or not isinstance(test, bool):
        raise TypeError("version")
    if not _SHA256.fullmatch(body["sha256"]) or not 0 < len(files) <= MOST_FILES:
        raise ValueError("sha256")
    for name, text in files.items():
        if not _FILE.fullmatch(name) or not isinstance(text, str):
            raise ValueError(name)
    return Snapshot(version, body["sha256"], test, files)


def take_in(home: Path, snapshot: Snapshot, current_version: int, current_sha256: str) -> bool:
    """Bring a checked snapshot into use; False when it is the one in use already.

    Exit 4 for a version below the one in use, or the same with other content; exit 3 when its files
    do not pass the checks of the catalogue; exit 4 also when a request or notice that was issued
    before is gone or reads otherwise. In each case what was in use stays.
    """
    if snapshot.version == current_version and snapshot.sha256 == current_sha256:
        return False
    if snapshot.version <= current_version:
        raise _not_newer(snapshot.version, current_version)
    _keeps_issued(home, snapshot)
    store = home / mirror.SYNCED
    target = store / mirror.synced_name(snapshot.version, snapshot.sha256)
    if target.is_dir() and not mirror.as_signed(target):
        shutil.rmtree(target)
    if not target.is_dir():
        _lay_down(store, target, snapshot)
    _try_out(home, target)
    pointer = {
        "version": snapshot.version,
        "sha256": snapshot.sha256,
        "folder": target.name,
        "test": snapshot.test,
    }
    write_whole(home / mirror.POINTER, json.dumps(pointer).encode() + b"\n")
    _clear(store, target)
    return True


def _keeps_issued(home: Path, snapshot: Snapshot) -> None:
    """Whether every request and notice known here is still there, word for word."""
    for name, path in mirror.parts(mirror.folder(), home).items():
        if not name.startswith(f"{mirror.ISSUED}/"):
            continue
        known = path.read_text("utf-8")
        if snapshot.files.get(name, "").replace("\r\n", "\n") != known:
            code = path.name.partition(".")[0]
            raise _refused(
                "issued-record-changed",
                f"Kho phát danh mục mà {code} đã phát hành nay bị bỏ hoặc bị sửa.",
                f"The catalogue served has dropped or changed {code}, which was issued before.",
            )


def _lay_down(store: Path, target: Path, snapshot: Snapshot) -> None:
    """Write the files beside and rename the folder once all of them are on the disk."""
    store.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".moi-", dir=store))
    try:
        for name, text in snapshot.files.items():
            write_whole(part / name, text.encode())
        if mirror.digest(part) != snapshot.sha256:
            raise _refused(
                "snapshot-altered",
                "Nội dung bản danh mục không khớp mã băm đã ký.",
                "The content of the catalogue does not fit the digest that was signed.",
            )
        part.replace(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    sync_folder(store)


def _try_out(home: Path, target: Path) -> None:
    """Build a mirror from the new files, the unit's overlays included, and throw it away."""
    trial = home / "danh-muc-thu.sqlite"
    try:
        mirror.build_in_child(target, trial, force=True)
    except IocslError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    finally:
        trial.unlink(missing_ok=True)
        trial.with_suffix(".lock").unlink(missing_ok=True)


def _clear(store: Path, kept: Path) -> None:
    """Remove older versions and what a killed run left."""
    for path in store.iterdir():
        if path != kept:
            shutil.rmtree(path, ignore_errors=True)


def _not_newer(given: int, current: int) -> IocslError:
    if given == current:
        return _refused(
            "same-version",
            f"Kho phát danh mục phiên bản {given} nhưng nội dung khác bản {current} đang dùng.",
            f"The warehouse serves version {given} with other content than the {current} in use.",
        )
    return _refused(
        "lower-version",
        f"Kho phát danh mục phiên bản {given}, cũ hơn bản {current} đang dùng.",
        f"The warehouse serves catalogue version {given}, older than the {current} in use.",
    )


def _refused(code: str, vi: str, en: str) -> IocslError:
    return IocslError(
        code,
        vi,
        en,
        (
            "Không nạp gì, danh mục đang dùng giữ nguyên. Báo cho đơn vị vận hành kho.",
            "Nothing was loaded, the catalogue in use stays. Tell the operator of the warehouse.",
        ),
        ExitCode.INTEGRITY,
    )
