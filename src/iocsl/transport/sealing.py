"""How a bundle travels: encrypted where its dataset declares personal data, else as it is.

What is encrypted is the copy in the outbox, once: a run that was cut off sends the very same bytes
again. The submission's identity is over what is inside, so that a copy encrypted anew, on another
machine or after a lost outbox, is still the same submission and is accepted once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from iocsl import config
from iocsl.bundle import encryption_keys
from iocsl.bundle.encryption import encrypt, is_encrypted, name_for, recipients_of
from iocsl.bundle.gate import declares_personal
from iocsl.bundle.refusal_table_files import PERSONAL
from iocsl.bundle.trust import read_certificate
from iocsl.catalog import open_catalogue
from iocsl.domain import ExitCode
from iocsl.errors import IocslError

if TYPE_CHECKING:
    from asn1crypto import x509

    from iocsl.bundle.identity import Slip
    from iocsl.transport.account import Account
    from iocsl.transport.outbox import Outbox, Staged


def sealed(staged: Staged, slip: Slip, account: Account, home: Path, outbox: Outbox) -> Staged:
    """The copy that will be sent. Exit 7 when it has to be encrypted and nobody to."""
    if not must_encrypt(staged.path, slip, account):
        return staged
    try:
        with outbox.making() as part:
            encrypt(staged.path, part, recipients(account, home))
            return outbox.made(part)
    finally:
        # In clear it stays no longer than it takes to encrypt it.
        outbox.drop(staged)


def must_encrypt(path: Path, slip: Slip, account: Account) -> bool:
    """Whether the bundle still has to be encrypted. Exit 4 when it is, but not to this warehouse.

    Exit 7 when it has to be and the account brought no certificate for it.
    """
    if is_encrypted(path):
        if account.encryption is None or name_for(account.encryption) not in recipients_of(path):
            raise _encrypted_for_another(account.url)
        return False
    if not declares_personal(open_catalogue(), slip.dataset):
        return False
    if account.encryption is None:
        raise _no_certificate(account.url)
    return True


def recipients(account: Account, home: Path) -> list[x509.Certificate]:
    """The warehouse, and the unit itself."""
    if account.encryption is None:
        raise _no_certificate(account.url)
    return [account.encryption, unit_certificate(home, account.unit)]


def unit_certificate(home: Path, unit: str) -> x509.Certificate:
    """The unit's own certificate: the setting's, else of a key that is made on first use."""
    from filelock import FileLock

    named = config.load().text("encryption.certificate")
    if named is not None:
        return read_certificate(Path(named))
    with FileLock(home / "khoa-ma-hoa.lock"):
        # Two runs at a time must not make two keys: only one of them would be kept.
        return (encryption_keys.own(home) or encryption_keys.make(home, unit)).certificate


def _no_certificate(url: str) -> IocslError:
    return IocslError(
        "personal-data-in-clear",
        f"Gói có dữ liệu cá nhân, phải mã hóa ({PERSONAL}), nhưng chưa có chứng thư mã hóa của"
        f" kho {url}. Chưa gửi gì.",
        f"The bundle holds personal data and must be encrypted ({PERSONAL}), but there is no"
        f" certificate of the warehouse {url} to encrypt to. Nothing was sent.",
        (
            "Xin kho tệp tài khoản mới rồi nhập: iocsl submit --connect tai-khoan.json",
            "Ask the warehouse for a new account file: iocsl submit --connect FILE",
        ),
        ExitCode.GATE,
    )


def _encrypted_for_another(url: str) -> IocslError:
    return IocslError(
        "encrypted-for-another",
        f"Gói này được mã hóa cho nơi khác, kho {url} không mở được. Chưa gửi gì.",
        f"This bundle is encrypted to others; the warehouse {url} cannot open it. Not sent.",
        (
            "Nộp gói chưa mã hóa: lệnh submit tự mã hóa cho đúng kho.",
            "Submit the bundle in clear: submit encrypts it to the right warehouse.",
        ),
        ExitCode.INTEGRITY,
    )
