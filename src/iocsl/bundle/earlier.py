"""Earlier bundles that lie at hand, so that a reviewer sees what changed.

Looked for in the folder of the bundle, among those that were signed here (`home/goi`) and in the
outbox. One counts as the submission of an identity when its files are those that the identity names
by their digests; who signed it does not matter for that.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from iocsl.bundle.container import DATA, OpenBundle, open_bundle
from iocsl.bundle.refusals import RefusedError
from iocsl.files import CHUNK, replacing

FOLDER = "goi"
OUTBOX = "hang-cho"
KEPT = 100
"""Bundles that were signed here and are kept; the oldest go first."""
LARGEST = 32 << 20
"""Bytes of a bundle that is kept."""
_LOOKED_AT = 500
_SUFFIXES = frozenset({".asice", ".zip"})


def keep(path: Path, identity: str, home: Path) -> None:
    """Keep a bundle that was signed here, unless it is large or holds personal data.

    That it cannot be kept is no reason to stop: a comparison is missed, nothing else.
    """
    folder = home / FOLDER
    with contextlib.suppress(OSError, RefusedError):
        if path.stat().st_size > LARGEST or _personal(path):
            return
        with path.open("rb") as source, replacing(folder / f"{identity}.asice") as target:
            while piece := source.read(CHUNK):
                target.write(piece)
        kept = sorted(folder.glob("*.asice"), key=lambda each: each.stat().st_mtime, reverse=True)
        for old in kept[KEPT:]:
            old.unlink(missing_ok=True)


def _personal(path: Path) -> bool:
    with open_bundle(path) as bundle:
        fields = bundle.description["structure"]["fields"]
    return any(each.get("du_lieu_ca_nhan") for each in fields)


def find(identity: str, near: Path, home: Path) -> Path | None:
    """A bundle at hand whose content is that of the identity, None when there is none.

    What was signed here comes first: it says whether it was returned, and why.
    """
    for path in _candidates(near, home):
        with contextlib.suppress(OSError, RefusedError), open_bundle(path) as bundle:
            if bundle.slip.identity() == identity and _is_whole(bundle):
                return path
    return None


def _candidates(near: Path, home: Path) -> Iterator[Path]:
    for folder in (home / FOLDER, near.absolute().parent, home / OUTBOX):
        with contextlib.suppress(OSError):
            found = (each for each in folder.iterdir() if each.suffix.lower() in _SUFFIXES)
            yield from sorted(found)[:_LOOKED_AT]


def _is_whole(bundle: OpenBundle) -> bool:
    """Whether the files are those that the slip, and with it the identity, names."""
    files = {file.name: file.sha256 for file in bundle.slip.files}
    return set(files) == set(bundle.data_names) and all(
        bundle.digest(DATA + name) == digest for name, digest in files.items()
    )
