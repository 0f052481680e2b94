"""Whether the warehouse took the copy that was sent, or another one of the same bundle."""

from __future__ import annotations

from pathlib import Path

from iocsl.bundle import witness
from iocsl.bundle.encryption_keys import opened
from iocsl.bundle.refusals import RefusedError
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.ledger.receipts import Receipt


def other_copy(path: Path, receipt: Receipt, home: Path) -> IocslError | None:
    """What to tell when the receipt is for other signatures than those in `path`; None: it is not.

    The heads of the signers' ledgers tell copies apart (`docs/decisions/0069-…`).
    """
    if not receipt.ledgers or not path.is_file():
        return None
    try:
        with opened(path, home) as plain:
            own = [(each.step, each.head) for each in witness.in_bundle(plain)]
    except (RefusedError, IocslError, OSError):
        return None
    if own == list(receipt.ledgers):
        return None
    return IocslError(
        "other-copy-accepted",
        "Kho đã nhận gói này từ một bản khác, có chữ ký khác; số liệu hai bản giống hệt nhau.",
        "The warehouse took this bundle from another copy, with other signatures; the data are the"
        " same.",
        (
            "Không cần nộp lại. Giữ bản kho đã nhận làm hồ sơ; hỏi những người đã ký hai bản.",
            "Nothing needs sending again. Keep the copy that was taken; ask those who signed both.",
        ),
        ExitCode.OK,
    )
