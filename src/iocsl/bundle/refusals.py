"""Refusals of bundles: a reason of the table with the details of one bundle."""

from __future__ import annotations

from dataclasses import dataclass

from iocsl.bundle import (
    refusal_table,
    refusal_table_files,
    refusal_table_people,
    refusal_table_sheet,
)
from iocsl.bundle.refusal_table import RefusalInfo
from iocsl.domain import Words

__all__ = ["Refusal", "RefusalInfo", "RefusedError", "all_refusals", "refusal", "refusal_info"]


_PARTS = (
    refusal_table.TABLE,
    refusal_table_sheet.TABLE,
    refusal_table_people.TABLE,
    refusal_table_files.TABLE,
)
TABLE = tuple(sorted((each for part in _PARTS for each in part), key=lambda info: info.code))


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason found in one bundle."""

    code: str
    name: str
    message: Words
    fix: Words
    """What to do about it."""
    undecided: bool = False


class RefusedError(Exception):
    """Raised inside the checks when the rest of a check has nothing left to stand on."""

    def __init__(self, code: str, **details: object) -> None:
        self.refusal = refusal(code, **details)
        self.details = details
        super().__init__(self.refusal.message.en)


def refusal(code: str, **details: object) -> Refusal:
    """The reason `code` with its details put in; control characters in them are made visible."""
    info = _BY_CODE[code]
    shown = {key: visible(str(value)) for key, value in details.items()}
    words = Words(info.vi.format(**shown), info.en.format(**shown))
    return Refusal(info.code, info.name, words, info.fix, info.undecided)


def refusal_info(code_or_name: str) -> RefusalInfo | None:
    """The reason of that code (any case) or name, None when there is none."""
    asked = code_or_name.strip()
    return _BY_CODE.get(asked.upper()) or next(
        (info for info in TABLE if info.name == asked.lower()), None
    )


def all_refusals() -> tuple[RefusalInfo, ...]:
    """Every reason, by code."""
    return TABLE


def visible(text: str, longest: int = 160) -> str:
    """Foreign text that cannot steer a terminal or fill it."""
    kept = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
    return kept if len(kept) <= longest else f"{kept[:longest]}…"


_BY_CODE = {info.code: info for info in TABLE}
