"""What the warehouse refuses, as RFC 9457 problem documents: a stable code, Vietnamese, English."""

from __future__ import annotations

import errno
import sqlite3
from typing import Any

from iocsl.domain import Words
from iocsl.ledger.database import is_busy, is_full

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - the RFC's own word
    """A refusal with its HTTP status. `more` are members beside the RFC's own."""

    def __init__(self, status: int, code: str, vi: str, en: str, **more: Any) -> None:
        super().__init__(en)
        self.status = status
        self.code = code
        self.message = Words(vi, en)
        self.more = more

    def document(self) -> dict[str, Any]:
        return {
            "type": f"urn:iocsl:problem:{self.code}",
            "title": self.message.vi,
            "title_en": self.message.en,
            "status": self.status,
            "code": self.code,
            **self.more,
        }


def unknown_submission() -> Problem:
    """The same answer for "not there" and "another unit's": nobody learns who holds what."""
    return Problem(
        404,
        "unknown-submission",
        "Kho chưa biết gói nộp này của đơn vị. Hãy khai báo gói trước.",
        "The warehouse knows no such submission of this unit. Announce it first.",
    )


def bad_request(where: str) -> Problem:
    return Problem(
        400,
        "bad-request",
        f"Yêu cầu gửi tới kho sai ở “{where}”.",
        f"The request to the warehouse is wrong at “{where}”.",
        where=where,
    )


def of_fault(error: OSError | sqlite3.Error) -> Problem:
    """A fault of the warehouse's own disk or registry; the sender keeps the bundle and retries."""
    full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    if full or is_full(error):
        return Problem(
            507,
            "warehouse-full",
            "Kho hết chỗ lưu, chưa nhận thêm được. Gói nộp vẫn nằm trong hàng chờ của đơn vị.",
            "The warehouse is out of space. The bundle stays in the unit's outbox.",
        )
    if is_busy(error):
        return Problem(
            503,
            "warehouse-busy",
            "Kho đang bận, hãy thử lại sau ít phút.",
            "The warehouse is busy; try again in a few minutes.",
        )
    return Problem(
        500,
        "warehouse-fault",
        "Kho gặp sự cố lưu trữ. Gói nộp vẫn nằm trong hàng chờ của đơn vị.",
        "The warehouse met a storage fault. The bundle stays in the unit's outbox.",
    )
