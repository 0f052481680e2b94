"""A bundle that landed goes into the history whatever its own report says of quality."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from bundle_forge import DATASET, UNIT, Forge
from iocsl import clock
from iocsl.catalog import Catalogue
from iocsl.ledger import history
from iocsl.transport.history import take_in


def _instead(document: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    return document


def test_a_report_of_another_shape_stops_nothing(
    home: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    """It may have been queued by an older program; what landed must leave the queue."""
    bent: tuple[dict[str, Any], ...] = ({"quality": None}, {"counts": None}, {})
    for number, change in enumerate(bent, 1):
        forge = Forge(sequence=number)
        document = forge.report_document()
        document["reports"] = [{**each, **change} for each in document["reports"]]
        forge.fill(report=partial(_instead, document))
        path = tmp_path / f"{number}.asice"
        path.write_bytes(forge.sign_all().packed())
        take_in(home, path, forge.slip, f"{number:064}", clock.record_now())
        assert history.holds(home, forge.slip.identity())
    (landed,) = history.landings(home, UNIT, DATASET)
    assert landed.correct == 100
