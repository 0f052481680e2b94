"""What the warehouse remembers when it verifies: other copies of a bundle, numbers that it took."""

from __future__ import annotations

import json

from iocsl.bundle.container import open_bundle
from iocsl.bundle.encryption_keys import opened
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.seen import Act, Number
from iocsl.warehouse.store import Store

RETURNED = "B807"


class SeenAtWarehouse:
    """A `Seen` over the registry. A copy counts once its signatures were found good."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def acts(self, identity: str) -> list[Act]:
        """The steps of copies that came here returned: refused for that reason and no other."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT sha256, refusals FROM containers WHERE identity = ?"
                " AND stored_at IS NOT NULL AND refusals IS NOT NULL",
                (identity,),
            ).fetchall()
        found: list[Act] = []
        for row in rows:
            if {each["code"] for each in json.loads(row["refusals"])} == {RETURNED}:
                found.extend(self._acts_in(row["sha256"]))
        return found

    def _acts_in(self, sha256: str) -> list[Act]:
        try:
            with (
                opened(self._store.blobs.path(sha256), self._store.folder) as plain,
                open_bundle(plain) as bundle,
            ):
                return [Act.of(each) for each in bundle.decisions]
        except (RefusedError, OSError):
            # Bytes that are gone or damaged since: `warehouse check` tells of them.
            return []

    def taken(self, unit: str, dataset: str, period: str) -> list[Number]:
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT sequence, identity FROM acceptances"
                " WHERE unit = ? AND dataset = ? AND period = ? ORDER BY sequence",
                (unit, dataset, period),
            ).fetchall()
        return [(row["sequence"], row["identity"]) for row in rows]

    def about(self, identity: str) -> tuple[str, str, str, int] | None:
        """Of what the warehouse took: what was only announced proves nothing."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT unit, dataset, period, sequence FROM acceptances WHERE identity = ?",
                (identity,),
            ).fetchone()
        return (row["unit"], row["dataset"], row["period"], row["sequence"]) if row else None
