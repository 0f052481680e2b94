"""Delegation: a person gives another the right to sign a step in his or her place for some days.

It is a record of its own, in RFC 8785 form, with a detached signature (the same CAdES as a step's)
by the registered certificate of the one who gives the right:

    {"schema", "unit", "steps", "from", "to", "basis",
     "delegator": {"id", "name", "certificate"}, "delegate": {"id", "name", "certificate"}}

It lies in `home/uy-quyen/`, and travels in every bundle that was signed by virtue of it, so that
whoever verifies the bundle years later needs no other file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from iocsl.bundle.cms import Signature, read_signature
from iocsl.bundle.records import Person
from iocsl.bundle.refusals import RefusedError
from iocsl.domain import VIETNAM, ExitCode
from iocsl.errors import IocslError
from iocsl.files import write_whole
from iocsl.ledger.chain import canonical
from iocsl.text import nfc, squeeze

SCHEMA = "iocsl/delegation/1"
FOLDER = "uy-quyen"
_KEYS = {"schema", "unit", "steps", "from", "to", "basis", "delegator", "delegate"}
_PARTY_KEYS = {"id", "name", "certificate"}
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Delegation:
    """What the record says. Both days count; it always ends."""

    unit: str
    steps: tuple[int, ...]
    first_day: date
    last_day: date
    basis: str
    delegator: Person
    delegate: Person

    def holds_at(self, moment: datetime) -> bool:
        return self.first_day <= moment.astimezone(VIETNAM).date() <= self.last_day

    def document(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "unit": self.unit,
            "steps": list(self.steps),
            "from": self.first_day.isoformat(),
            "to": self.last_day.isoformat(),
            "basis": self.basis,
            "delegator": _party(self.delegator),
            "delegate": _party(self.delegate),
        }


@dataclass(frozen=True, slots=True)
class SignedDelegation:
    """A record with a signature whose shape and mathematics hold; whose it is comes later."""

    terms: Delegation
    record: bytes
    raw_signature: bytes
    signature: Signature

    @property
    def digest(self) -> str:
        """SHA-256 of the record in hex, its name everywhere."""
        return hashlib.sha256(self.record).hexdigest()


def record_of(terms: Delegation) -> bytes:
    """The bytes that are signed."""
    return canonical(terms.document())


def read_delegation(record: bytes, signature: bytes, step: int) -> SignedDelegation:
    """A record and its signature. Raises `RefusedError` B808 when one of them is not in order."""
    try:
        terms = _terms(json.loads(record.decode("utf-8")), record)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RefusedError("B808", step=step, detail=f"JSON: {error}") from None
    try:
        found = read_signature(signature, hashlib.sha256(record).hexdigest(), step)
    except RefusedError as inner:
        raise not_in_order(inner, step) from None
    return SignedDelegation(terms, record, signature, found)


def not_in_order(inner: RefusedError, step: int) -> RefusedError:
    """What is wrong with the signature or certificate of the one who delegated: B808."""
    detail = f"{inner.refusal.code} {inner.refusal.name}"
    return RefusedError("B808", step=step, detail=detail)


def _party(person: Person) -> dict[str, str]:
    return {"id": person.id, "name": person.name, "certificate": person.fingerprint}


def _terms(document: Any, record: bytes) -> Delegation:
    if canonical(document) != record:
        raise ValueError("RFC 8785")
    if not isinstance(document, Mapping) or set(document) != _KEYS or document["schema"] != SCHEMA:
        raise ValueError("schema")
    steps = document["steps"]
    known = isinstance(steps, list) and all(type(each) is int and 1 <= each <= 3 for each in steps)
    if not known or not steps or sorted(set(steps)) != steps:
        raise ValueError("steps")
    first, last = (date.fromisoformat(document[key]) for key in ("from", "to"))
    if last < first:
        raise ValueError("to")
    unit = _word(document, "unit")
    return Delegation(
        unit,
        tuple(steps),
        first,
        last,
        _word(document, "basis"),
        *(_person(document[key], unit) for key in ("delegator", "delegate")),
    )


def _person(party: Any, unit: str) -> Person:
    if not isinstance(party, Mapping) or set(party) != _PARTY_KEYS:
        raise ValueError("person")
    mark = party["certificate"]
    if not isinstance(mark, str) or len(mark) != 64 or mark.strip("0123456789abcdef"):
        raise ValueError("certificate")
    return Person(_word(party, "id"), _word(party, "name"), unit, mark)


def _word(of: Mapping[str, Any], key: str) -> str:
    value = of[key]
    if not isinstance(value, str) or not squeeze(value) or value != nfc(value):
        raise ValueError(key)
    return value


class Delegations:
    """The delegations that a home knows, two files each: `uy-quyen/MARK.json` and `.p7s`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def from_home(cls, home: Path) -> Delegations:
        return cls(home / FOLDER)

    def all(self) -> list[SignedDelegation]:
        """Every one, by name. Exit 3 naming the file that is not in order."""
        paths = sorted(self.folder.glob("*.json")) if self.folder.is_dir() else []
        return [read_files(path, path.with_suffix(".p7s")) for path in paths]

    def fitting(self, mark: str, unit: str, step: int) -> list[SignedDelegation]:
        """Those that name the holder of this certificate for a step of a unit."""
        return [
            each
            for each in self.all()
            if (each.terms.delegate.fingerprint, each.terms.unit) == (mark, unit)
            and step in each.terms.steps
        ]

    def add(self, signed: SignedDelegation) -> Path:
        """Keep one; where its record is. The same one again changes nothing."""
        path = self.folder / f"{signed.digest[:16]}.json"
        # The signature first: a record without one would stop every command.
        write_whole(path.with_suffix(".p7s"), signed.raw_signature)
        write_whole(path, signed.record)
        return path


def read_files(record: Path, signature: Path) -> SignedDelegation:
    """A delegation in two files. Exit 4 when they are not one."""
    try:
        # A file that is too large to be one is refused for its shape.
        with record.open("rb") as first, signature.open("rb") as second:
            return read_delegation(first.read(_MAX_BYTES), second.read(_MAX_BYTES), 0)
    except FileNotFoundError as missing:
        raise _unsigned(record, missing) from None
    except RefusedError:
        raise _bad_files(record) from None


def _unsigned(record: Path, missing: FileNotFoundError) -> IocslError:
    return IocslError(
        "delegation-unsigned",
        f"Giấy ủy quyền “{record}” thiếu tệp: {missing.filename}.",
        f"The delegation “{record}” lacks a file: {missing.filename}.",
        (
            "Đặt tệp chữ ký .p7s cạnh tệp .json, hoặc bỏ tệp .json đi.",
            "Put the signature (.p7s) beside the .json file, or take the .json file away.",
        ),
        ExitCode.INTEGRITY,
    )


def _bad_files(record: Path) -> IocslError:
    return IocslError(
        "bad-delegation",
        f"Giấy ủy quyền “{record}” không đúng mẫu, hoặc chữ ký không phải của nội dung này.",
        f"“{record}” is no delegation, or the signature is not of what it says.",
        (
            "Xin lại giấy ủy quyền từ người đã ký nó.",
            "Get the delegation again from the one who signed it.",
        ),
        ExitCode.INTEGRITY,
    )
