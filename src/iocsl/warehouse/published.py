"""The catalogue that the warehouse judges by and serves, also while its files change.

A request that is issued goes out at once, without a restart. Files that are wrong leave the last
good catalogue in use and served: units must not pay for a slip of the operator.
"""

from __future__ import annotations

import logging
import threading

from iocsl import config
from iocsl.catalog import Catalogue, issuing, mirror, open_catalogue, snapshot
from iocsl.errors import IocslError
from iocsl.ledger.chain import canonical
from iocsl.warehouse.keys import Keys

log = logging.getLogger("iocsl.warehouse")


def in_use() -> Catalogue:
    """The catalogue as its files now are, else as the mirror last held it. For one thread."""
    try:
        return open_catalogue()
    except IocslError as error:
        last = mirror.read_mirror(config.home() / mirror.MIRROR)
        if last is None:
            raise
        log.warning("catalogue: %s", error.code)
        return last


class Published:
    """What `GET /v1/catalogue` gives: ETag and JSON, made anew when the catalogue changed."""

    def __init__(self, keys: Keys) -> None:
        """IocslError when there is no good catalogue to begin with."""
        self._keys = keys
        self._lock = threading.Lock()
        self._made = catalogue_snapshot(keys)

    def __call__(self) -> tuple[str, bytes]:
        with self._lock:
            try:
                if open_catalogue().digest != self._made[0]:
                    self._made = catalogue_snapshot(self._keys)
            except IocslError as error:
                log.warning("catalogue: %s", error.code)
            return self._made


def catalogue_snapshot(keys: Keys) -> tuple[str, bytes]:
    """ETag and JSON of the catalogue as the warehouse uses it; units compare by `version`.

    `snapshot` in it is the JWS that `iocsl catalog sync` takes in: the files, signed. Exit 4 when a
    request or notice is not the one that was issued.
    """
    catalogue, home, folder = open_catalogue(), config.home(), mirror.folder()
    issuing.check_unaltered(home, mirror.parts(folder, home))
    files = snapshot.payload(folder, catalogue.version, test=keys.test, home=home)
    document = {
        "schema": "iocsl/catalogue/1",
        "version": catalogue.version,
        "sha256": catalogue.digest,
        "datasets": [each.document() for each in catalogue.datasets()],
        "units": [each.document() for each in catalogue.units()],
        "snapshot": keys.sign_catalogue(files),
    }
    return catalogue.digest, canonical(document)
