"""Who may sign which step for which unit: `signers.yaml`, reviewed by people.

phien_ban: 1
nguoi_ky:
  - ma: nguyen-van-a            # one id a person, also when a person has two certificates
    ho_ten: Nguyễn Văn A
    don_vi: CQ-TC
    buoc: [1]                   # [] for one who signs only when another delegates a step
    chung_thu_sha256: 3f…       # SHA-256 of the certificate's DER
    tu: 2026-01-01              # first day
    den: null                   # last day, null while it lasts
    can_cu: Quyết định số …     # the document that appoints the person
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl.domain import VIETNAM, Words
from iocsl.errors import IocslError, usage
from iocsl.files import write_whole
from iocsl.text import fold, squeeze

if TYPE_CHECKING:
    from asn1crypto import x509

    from iocsl.bundle.delegation import Delegation, Delegations

FILE = "signers.yaml"
COPIES = "signers"
"""Folder of the certificates that were registered, each named by its fingerprint."""
_VERSION = 1
_SOON = timedelta(days=30)
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Appointment:
    """One person's right to sign steps for a unit with one certificate, from day to day."""

    person_id: str
    person: str
    unit: str
    steps: tuple[int, ...]
    fingerprint: str
    first_day: date
    last_day: date | None
    basis: str

    def holds_at(self, moment: datetime) -> bool:
        day = moment.astimezone(VIETNAM).date()
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def document(self) -> dict[str, Any]:
        """As in the file; dates as `date`."""
        return {
            "ma": self.person_id,
            "ho_ten": self.person,
            "don_vi": self.unit,
            "buoc": list(self.steps),
            "chung_thu_sha256": self.fingerprint,
            "tu": self.first_day,
            "den": self.last_day,
            "can_cu": self.basis,
        }


class SignerRegister:
    """The register in one file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def from_home(cls, home: Path) -> SignerRegister:
        return cls(home / FILE)

    def delegations(self) -> Delegations:
        """The signed delegations beside the register."""
        from iocsl.bundle.delegation import Delegations

        return Delegations.from_home(self.path.parent)

    def appointments(self) -> list[Appointment]:
        """Every line of the register. Exit 3 naming the line that is wrong."""
        import yaml

        if not self.path.is_file():
            return []
        try:
            # The same loader, in C where libyaml is there.
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            document = yaml.load(self.path.read_text("utf-8-sig"), loader)  # noqa: S506 - a safe one
        except (yaml.YAMLError, UnicodeDecodeError):
            raise _bad_register(self.path, "YAML") from None
        if not isinstance(document, dict) or document.get("phien_ban") != _VERSION:
            raise _bad_register(self.path, "phien_ban")
        rows = document.get("nguoi_ky")
        if not isinstance(rows, list):
            raise _bad_register(self.path, "nguoi_ky")
        return [_appointment(row, number, self.path) for number, row in enumerate(rows, 1)]

    def keep(self, certificate: x509.Certificate) -> None:
        """Keep a copy of a registered certificate, so that it can be looked at again."""
        from asn1crypto import pem

        from iocsl.bundle.cms import fingerprint

        path = self._copy(fingerprint(certificate))
        write_whole(path, pem.armor("CERTIFICATE", certificate.dump()))

    def certificate(self, mark: str) -> x509.Certificate | None:
        """The copy of the certificate with this fingerprint; None where none is kept."""
        from iocsl.bundle.cms import fingerprint
        from iocsl.bundle.trust import read_certificate

        path = self._copy(mark)
        if not path.is_file():
            return None
        try:
            found = read_certificate(path)
        except IocslError:
            return None
        return found if fingerprint(found) == mark else None

    def _copy(self, mark: str) -> Path:
        return self.path.parent / COPIES / f"{mark}.pem"

    def add(self, appointment: Appointment) -> None:
        """Add a line. The same line again changes nothing."""
        present = self.appointments()
        if appointment in present:
            return
        for each in present:
            if each.fingerprint == appointment.fingerprint and (
                each.person_id != appointment.person_id
            ):
                raise _certificate_of_another(each)
        self.write([*present, appointment])

    def write(self, appointments: list[Appointment]) -> None:
        """Write the whole register, whole or not at all."""
        import yaml

        document = {
            "phien_ban": _VERSION,
            "nguoi_ky": [each.document() for each in appointments],
        }
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)
        write_whole(self.path, text.encode())


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a unit could not get a bundle approved, now or soon."""

    unit: str
    code: str
    message: Words


def gaps(
    appointments: Sequence[Appointment], now: datetime, delegations: Sequence[Delegation] = ()
) -> list[Gap]:
    """For every unit: steps without a holder, fewer than three people, rights about to end.

    A delegation is another holder as long as it holds; that it will end is its nature.
    """
    found: list[Gap] = []
    for unit in sorted({each.unit for each in appointments}):
        holding = [each for each in appointments if each.unit == unit and each.holds_at(now)]
        by_step = {
            step: {each.person_id for each in holding if step in each.steps}
            | {
                each.delegate.id
                for each in delegations
                if each.unit == unit and step in each.steps and each.holds_at(now)
            }
            for step in (1, 2, 3)
        }
        found.extend(_no_holder(unit, step) for step, people in by_step.items() if not people)
        teams = product(*by_step.values())
        if all(by_step.values()) and not any(len(set(team)) == 3 for team in teams):
            found.append(_too_few(unit))
        found.extend(_ends_soon(each) for each in holding if not each.holds_at(soon_after(now)))
    return found


def soon_after(now: datetime) -> datetime:
    """So far ahead what is about to end is told."""
    try:
        return now + _SOON
    except OverflowError:  # the last days that there are
        return now


def _no_holder(unit: str, step: int) -> Gap:
    words = Words(f"chưa có ai được ký bước {step}.", f"no one may sign step {step}.")
    return Gap(unit, "no-holder", words)


def _too_few(unit: str) -> Gap:
    words = Words(
        "chưa đủ ba người khác nhau cho ba bước.", "three steps need three different people."
    )
    return Gap(unit, "too-few-people", words)


def _ends_soon(each: Appointment) -> Gap:
    words = Words(
        f"quyền ký của {each.person} hết ngày {each.last_day}.",
        f"the right of {each.person} ends on {each.last_day}.",
    )
    return Gap(each.unit, "ends-soon", words)


def person_id_of(person: str) -> str:
    """An id made of the name: "Nguyễn Văn A" → `nguyen-van-a`."""
    return re.sub(r"[^a-z0-9]+", "-", fold(person)).strip("-")


def _appointment(row: Any, number: int, path: Path) -> Appointment:
    place = f"nguoi_ky {number}"
    if not isinstance(row, dict):
        raise _bad_register(path, place)
    person, unit = (_text(row, key, path, place) for key in ("ho_ten", "don_vi"))
    person_id = str(row.get("ma") or person_id_of(person))
    mark = str(row.get("chung_thu_sha256", "")).replace(":", "").lower()
    if not _FINGERPRINT.fullmatch(mark):
        raise _bad_register(path, f"{place}: chung_thu_sha256")
    steps = row.get("buoc")
    if not isinstance(steps, list) or not all(_is_step(step) for step in steps):
        raise _bad_register(path, f"{place}: buoc")
    first, last = (_day(row, key, path, place) for key in ("tu", "den"))
    if first is None:
        raise _bad_register(path, f"{place}: tu")
    basis = _text(row, "can_cu", path, place)
    return Appointment(person_id, person, unit, tuple(steps), mark, first, last, basis)


def _is_step(step: Any) -> bool:
    return isinstance(step, int) and not isinstance(step, bool) and 1 <= step <= 3


def _day(row: dict[str, Any], key: str, path: Path, place: str) -> date | None:
    value = row.get(key)
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise _bad_register(path, f"{place}: {key}")


def _text(row: dict[str, Any], key: str, path: Path, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not squeeze(value):
        raise _bad_register(path, f"{place}: {key}")
    return squeeze(value)


def _bad_register(path: Path, place: str) -> IocslError:
    return IocslError(
        "bad-signers-file",
        f"Danh sách người ký “{path}” sai ở chỗ: {place}.",
        f"The register of signers “{path}” is wrong at: {place}.",
        (
            "Sửa chỗ được nêu, hoặc khôi phục tệp từ bản sao lưu.",
            "Mend the place named, or restore the file from a backup.",
        ),
    )


def _certificate_of_another(held: Appointment) -> IocslError:
    return usage(
        "certificate-of-another",
        f"Chứng thư này đã đăng ký cho {held.person} ({held.person_id}).",
        f"This certificate is registered for {held.person} ({held.person_id}).",
        (
            "Mỗi chứng thư thuộc một người. Kiểm tra lại tệp chứng thư.",
            "A certificate belongs to one person. Check the certificate file.",
        ),
    )
