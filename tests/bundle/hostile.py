"""The register of hostile bundles, and what their makers share."""

from __future__ import annotations

import struct
from collections.abc import Callable

from bundle_forge import (
    World,
    good_forge,
)
from iocsl.bundle.container import DATA

Make = Callable[[World], bytes]
CASES: list[tuple[str, str, Make]] = []
PAYLOAD = f"{DATA}KDL-M-016_2026-10.csv"


def hostile(code: str) -> Callable[[Make], Make]:
    """Register a maker of bundles that must be refused with `code`."""

    def register(make: Make) -> Make:
        CASES.append((make.__name__, code, make))
        return make

    return register


def replaced(name: str, data: bytes) -> bytes:
    forge = good_forge()
    forge.members[name] = data
    return forge.packed()


def central(raw: bytes, name: str) -> int:
    """Where the central header of a member begins."""
    encoded, place = name.encode(), raw.index(b"PK\x01\x02")
    while raw[place + 46 : place + 46 + len(encoded)] != encoded:
        place = raw.index(b"PK\x01\x02", place + 4)
    return place


def local(raw: bytes, name: str) -> int:
    return int(struct.unpack_from("<L", raw, central(raw, name) + 42)[0])


def patched(raw: bytes, place: int, data: bytes) -> bytes:
    return raw[:place] + data + raw[place + len(data) :]
