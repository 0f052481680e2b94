"""The rules, by group. Importing this package puts them all in the registry."""

from __future__ import annotations

from iocsl.validate.rules import (
    across,
    attachments,
    between,
    codes,
    constraints,
    cumulative,
    files,
    history,
    identifiers,
    nil,
    periods,
    scale,
    secrecy,
    separators,
    structure,
    templates,
    totals,
    units,
    values,
    vietnamese,
)

__all__ = [
    "across",
    "attachments",
    "between",
    "codes",
    "constraints",
    "cumulative",
    "files",
    "history",
    "identifiers",
    "nil",
    "periods",
    "scale",
    "secrecy",
    "separators",
    "structure",
    "templates",
    "totals",
    "units",
    "values",
    "vietnamese",
]
