"""What a submission is, apart from who signed it and when: its slip (phiếu gửi) and identity."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iocsl.ledger.chain import canonical
from iocsl.text import nfc

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One submitted file: its bare name (NFC), size in bytes, SHA-256 in hex."""

    name: str
    size: int
    sha256: str

    def document(self) -> dict[str, Any]:
        return {"name": nfc(self.name), "size": self.size, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class Slip:
    """The fields that identify a submission.

    `sequence` counts the submissions of one dataset, unit and period from 1; `supersedes` is the
    identity of the submission that this one corrects.
    """

    unit: str
    dataset: str
    period: str
    sequence: int
    supersedes: str | None
    files: tuple[FileEntry, ...]

    def document(self) -> dict[str, Any]:
        """Exactly what the identity is computed over; files sorted by name."""
        return {
            "unit": nfc(self.unit),
            "dataset": nfc(self.dataset),
            "period": nfc(self.period),
            "sequence": self.sequence,
            "supersedes": self.supersedes,
            "files": [file.document() for file in sorted(self.files, key=lambda f: nfc(f.name))],
        }

    def identity(self) -> str:
        """SHA-256 in hex of the RFC 8785 JSON of `document()`.

        No signature and no time is in it, so a retry or a second run names the same submission.
        """
        return hashlib.sha256(canonical(self.document())).hexdigest()

    @classmethod
    def read(cls, document: Any) -> Slip:
        """The slip in parsed JSON; other keys are let be. Raises `ValueError` on a wrong shape."""
        if not isinstance(document, Mapping):
            raise ValueError("slip")  # noqa: TRY004 - one kind of error for every wrong shape
        listed = document.get("files")
        if not isinstance(listed, list) or not listed:
            raise ValueError("files")
        sequence = document.get("sequence")
        if isinstance(sequence, bool) or not isinstance(sequence, int) or sequence < 1:
            raise ValueError("sequence")
        supersedes = document.get("supersedes")
        if supersedes is not None and not _is_digest(supersedes):
            raise ValueError("supersedes")
        files = tuple(_file(item) for item in listed)
        names = [file.name for file in files]
        if len({name.casefold() for name in names}) != len(names):
            raise ValueError("files.name")
        unit, dataset, period = (_word(document, key) for key in ("unit", "dataset", "period"))
        return cls(unit, dataset, period, sequence, supersedes, files)


def _file(item: Any) -> FileEntry:
    if not isinstance(item, Mapping):
        raise ValueError("files[]")  # noqa: TRY004 - one kind of error for every wrong shape
    size = item.get("size")
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise ValueError("files[].size")
    if not _is_digest(item.get("sha256")):
        raise ValueError("files[].sha256")
    return FileEntry(_word(item, "name"), size, item["sha256"])


def _word(of: Mapping[str, Any], key: str) -> str:
    value = of.get(key)
    if not isinstance(value, str) or not value.strip() or value != nfc(value):
        raise ValueError(key)
    return value


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None
