"""The catalogue: YAML reviewed in git, a SQLite mirror in home, look-ups on the mirror.

`open_catalogue` is the door for every other layer. Reading needs the standard library alone;
pydantic, yaml and sqlite-utils are loaded only by `python -m iocsl.catalog.build`, a process of
its own.
"""

from __future__ import annotations

from iocsl.catalog.entries import (
    Dataset,
    Defect,
    Indicator,
    Inferred,
    Link,
    Source,
    Unit,
    accumulates,
)
from iocsl.catalog.lookup import Catalogue
from iocsl.catalog.mirror import open_catalogue

__all__ = [
    "Catalogue",
    "Dataset",
    "Defect",
    "Indicator",
    "Inferred",
    "Link",
    "Source",
    "Unit",
    "accumulates",
    "open_catalogue",
]
