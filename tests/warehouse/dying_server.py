"""A warehouse killed at a given line, for the tests: `STORE PORT_FILE PLACE before|after`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from iocsl.warehouse import blobs, registry, server
from iocsl.warehouse.store import Store
from warehouse_parts import CATALOGUE, PlainJudge

PLACES: dict[str, tuple[type, str]] = {
    "announce": (registry.Registry, "announce"),
    "settle": (blobs.Part, "settle"),
    "complete": (blobs.Blobs, "complete"),
    "stored": (registry.Registry, "stored"),
    "ask": (registry.Registry, "ask_commit"),
    "accept": (registry.Registry, "accept"),
    "conclude": (registry.Registry, "conclude"),
}


def dying(real: Callable[..., Any], when: str) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        if when == "after":
            real(*given, **named)
        # No clean-up, no flush, no farewell: as if the power had gone.
        os._exit(137)

    return call


def main() -> None:
    folder, port_file, place, when = sys.argv[1:]
    owner, name = PLACES[place]
    setattr(owner, name, dying(getattr(owner, name), when))
    with Store.open(Path(folder)) as store:
        bound = server.listen("127.0.0.1", 0)
        judge = PlainJudge()
        server.serve(store, judge, lambda: CATALOGUE, bound, port_file=Path(port_file))


if __name__ == "__main__":
    main()
