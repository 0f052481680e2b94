"""What was issued for a time, as deadlines: requests by their own date, and notices of windows.

1134 Điều 5.2.c and 2023 Điều 8.2, 8.3: whoever asks sets the date, so it is never moved. 2023 Điều
8, end: a lead unit may open or close a window at another time with notice. Both travel with the
catalogue (`iocsl.catalog.issued`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from iocsl.catalog import Catalogue
from iocsl.catalog.entries import due_words
from iocsl.catalog.mirror import ISSUED
from iocsl.domain import VIETNAM, Words


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `due_before` is the first moment that is too late; `withdrawn` is in words."""

    code: str
    title: str
    issuer: str
    document: str
    issued_on: date
    period: str
    due_before: datetime
    addressees: tuple[str, ...]
    datasets: tuple[str, ...]
    own_form: bool
    withdrawn: Words | None

    @property
    def said(self) -> Words:
        """The request in a few words: "Yêu cầu YC-2026-001 của Sở Y tế: …"."""
        return Words(
            f"Yêu cầu {self.code} của {self.issuer}: {self.title}",
            f"Request {self.code} of {self.issuer}: {self.title}",
        )

    @property
    def news(self) -> Words:
        """The request with its due moment and whom it asks, for who has just received it."""
        due = due_words(self.due_before)
        whom = ", ".join(self.addressees[:3]) + (" …" if self.addressees[3:] else "")
        return Words(
            f"{self.said.vi}; {due.vi}; gửi {whom}", f"{self.said.en}; {due.en}; asked of {whom}"
        )

    @property
    def ended(self) -> Words:
        """The request and why it no longer stands."""
        gone = self.withdrawn or Words("", "")
        return Words(f"{self.said.vi}: {gone.vi}", f"{self.said.en}: {gone.en}")

    @property
    def cited(self) -> str:
        """The document that asks, as it is cited beside the article."""
        return f"văn bản {self.document} ngày {self.issued_on:%d/%m/%Y}"


@dataclass(frozen=True, slots=True)
class Window:
    """A notice: the deadline `id`, narrowed to `datasets` or the lead unit where they are given."""

    code: str
    id: str
    unit: str | None
    datasets: frozenset[str]
    opens_at: datetime | None
    closes_at: datetime | None
    document: str
    reason: str

    def touches(self, id_: str, datasets: tuple[str, ...], unit: str | None) -> str:
        """`all`, `some` or `none` of what an obligation covers."""
        if id_ != self.id:
            return "none"
        if self.unit is not None and unit != self.unit:
            return "some" if unit is None else "none"
        if not self.datasets or set(datasets) <= self.datasets:
            return "all"
        return "some" if self.datasets & set(datasets) else "none"

    @property
    def said(self) -> Words:
        """What the notice says: from when, until when, by which document."""
        vi, en = [], []
        if self.opens_at is not None:
            vi.append(f"mở nhận từ {self.opens_at:%H:%M %d/%m/%Y}")
            en.append(f"opens at {self.opens_at:%H:%M %d/%m/%Y}")
        if self.closes_at is not None:
            vi.append(f"đóng lúc {self.closes_at:%H:%M %d/%m/%Y}")
            en.append(f"closes at {self.closes_at:%H:%M %d/%m/%Y}")
        return Words(
            f"thông báo {self.code} ({self.document}): {', '.join(vi)}; {self.reason}",
            f"notice {self.code} ({self.document}): {', '.join(en)}; {self.reason}",
        )


def requests_of(catalogue: Catalogue) -> Iterator[tuple[Asked, Mapping[str, Any]]]:
    """Every request, withdrawn ones too, with the record it was read from."""
    for each in catalogue.document(ISSUED)["requests"]:
        issuer = catalogue.unit(each["issuer"])
        yield (
            Asked(
                code=each["code"],
                title=each["title"],
                issuer=issuer.name if issuer else each["issuer"],
                document=each["document"],
                issued_on=date.fromisoformat(each["date"]),
                period=each["period"],
                due_before=_moment(each["due_before"]),
                addressees=tuple(each["addressees"]),
                datasets=tuple(each["datasets"]),
                own_form=each["own_form"],
                withdrawn=_withdrawn(each["withdrawn"]),
            ),
            each,
        )


def windows_of(catalogue: Catalogue) -> list[Window]:
    """Every notice, oldest first: a later one on the same deadline takes the place of the other."""
    found = sorted(
        catalogue.document(ISSUED)["notices"], key=lambda each: (each["date"], each["code"])
    )
    return [
        Window(
            each["code"],
            each["deadline"],
            each["unit"],
            frozenset(each["datasets"]),
            _moment(each["opens_at"]) if each["opens_at"] else None,
            _moment(each["closes_at"]) if each["closes_at"] else None,
            each["document"],
            each["reason"],
        )
        for each in found
    ]


def _withdrawn(given: Mapping[str, str] | None) -> Words | None:
    if given is None:
        return None
    day = date.fromisoformat(given["date"])
    return Words(
        f"đã rút theo văn bản {given['document']} ngày {day:%d/%m/%Y}: {given['reason']}",
        f"withdrawn by document {given['document']} of {day:%d/%m/%Y}: {given['reason']}",
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(VIETNAM)
