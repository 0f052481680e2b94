"""The unit's connection to its warehouse: the account file that an IT officer imports once.

The file comes from `iocsl warehouse accounts add`; it holds the address, the client id and secret,
and the public keys by which receipts are checked. It is kept as `ket-noi.json` in the home folder,
readable by its owner alone.
"""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from iocsl.errors import IocslError, is_folder, missing_file, usage
from iocsl.files import check_private, write_whole

if TYPE_CHECKING:
    from asn1crypto import x509

FILE = "ket-noi.json"
FORMAT = "iocsl/warehouse-account/1"
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Account:
    """Where to send, as whom, and whose receipts to believe."""

    url: str
    unit: str
    client_id: str
    secret: str = field(repr=False)
    keys: Mapping[str, Any]
    test: bool

    @property
    def issuer(self) -> str:
        """What names the warehouse in the unit's ledger: the id of its first key."""
        return str(self.keys["keys"][0]["kid"])

    @property
    def kids(self) -> frozenset[str]:
        return frozenset(str(key["kid"]) for key in self.keys["keys"] if key.get("use") != "enc")

    @property
    def encryption(self) -> x509.Certificate | None:
        """The certificate that personal data are encrypted to, None where there is none.

        It came with the account, from hand to hand: nothing between here and the warehouse can
        put another in its place.
        """
        from asn1crypto import x509

        for key in self.keys["keys"]:
            if key.get("use") == "enc":
                return x509.Certificate.load(base64.b64decode(key["x5c"][0]), strict=True)
        return None


def connect(home: Path, path: Path) -> Account:
    """Import an account file into `home`; what was there before is replaced.

    Exit 2 for a missing file, a folder, or a file of another kind; 3 for an address without TLS.
    """
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    account = _read(path)
    check_address(account.url)
    write_whole(home / FILE, _text(account).encode(), private=True)
    return account


def load(home: Path, *, url: str | None = None) -> Account:
    """The account of this home; `url` (the setting) goes before the account's own address.

    Exit 3 when there is none, when it is readable by others, or when the address has no TLS.
    """
    path = home / FILE
    if not path.is_file():
        raise IocslError(
            "not-connected",
            "Máy này chưa được kết nối với kho.",
            "This machine is not connected to a warehouse.",
            (
                "Nhập tệp tài khoản do kho cấp: iocsl submit --connect tai-khoan.json",
                "Import the account file from the warehouse: iocsl submit --connect FILE",
            ),
        )
    check_private(path)
    account = _read(path)
    if url:
        account = Account(
            url.rstrip("/"),
            account.unit,
            account.client_id,
            account.secret,
            account.keys,
            account.test,
        )
    check_address(account.url)
    return account


def _read(path: Path) -> Account:
    try:
        with path.open("rb") as stream:
            document = json.loads(stream.read(_MAX_BYTES))
        return _account(document)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise usage(
            "not-an-account",
            f"“{path}” không phải là tệp tài khoản do kho cấp.",
            f"“{path}” is not an account file of a warehouse.",
            (
                "Xin lại tệp tai-khoan.json từ đơn vị vận hành kho.",
                "Ask the operator of the warehouse for the account file.",
            ),
        ) from None


def _account(document: Any) -> Account:
    """Raises `ValueError`, `KeyError`, `TypeError` or `IndexError` for a wrong shape."""
    if document["type"] != FORMAT:
        raise ValueError("type")
    words = [document[key] for key in ("url", "unit", "client_id", "secret")]
    if not all(isinstance(word, str) and word for word in words):
        raise ValueError("text")
    keys = document["keys"]
    if not all(isinstance(key["kid"], str) and "d" not in key for key in keys["keys"]):
        raise ValueError("keys")
    if not isinstance(document["test"], bool) or not keys["keys"]:
        raise ValueError("test")
    url, unit, client_id, secret = words
    account = Account(url.rstrip("/"), unit, client_id, secret, keys, document["test"])
    if account.encryption is not None:
        account.encryption.native  # noqa: B018 - parsing is lazy: a wrong one is told here
    return account


def _text(account: Account) -> str:
    document = {
        "type": FORMAT,
        "url": account.url,
        "unit": account.unit,
        "client_id": account.client_id,
        "secret": account.secret,
        "keys": account.keys,
        "test": account.test,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def check_address(url: str) -> None:
    """Exit 3 unless the address is https, or http to this very machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return
    raise IocslError(
        "insecure-address",
        f"Địa chỉ kho “{url}” không dùng https, nên không gửi tài khoản và dữ liệu tới đó.",
        f"The address “{url}” is not https: neither account nor data are sent there.",
        (
            "Kiểm tra warehouse.url (iocsl config) hoặc xin lại tệp tài khoản.",
            "Check warehouse.url (iocsl config), or ask for a new account file.",
        ),
    )


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
