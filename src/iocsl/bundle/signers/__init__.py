"""Where a signature comes from: one interface, chosen by the scheme of the key's name.

`pkcs12:path` (or a path ending in .p12 or .pfx) is a key file, `pkcs11:…` a key on a token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from iocsl.errors import IocslError, usage

if TYPE_CHECKING:
    from asn1crypto import x509

EXTERNAL = "external"
"""What stands for a key that another program holds; see `bundle export`."""

Passphrase = Callable[[str], str]
"""Asked with the key's name at the moment it is needed; answers with the passphrase or PIN."""


class Holder(Protocol):
    """Whoever holds a key, here or elsewhere, by the certificate that names the person."""

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the person who will sign; known before anything is signed."""

    @property
    def chain(self) -> Sequence[x509.Certificate]:
        """Certificates of its issuers that came with the key, for building a path."""


class Signer(Holder, Protocol):
    """One person's key, ready to sign."""

    def sign(self, content: bytes, at: datetime) -> bytes:
        """A detached CAdES-BES signature over `content` (DER)."""


def open_signer(
    key: str, passphrase: Passphrase, *, pss: bool = False, module: str | None = None
) -> Signer:
    """The signer that `key` names; `module` is the PKCS#11 driver, `pss` how RSA keys sign.

    Exit 2 for an unknown scheme, 4 for a wrong passphrase.
    """
    from pathlib import Path

    from iocsl.bundle.signers import pkcs12

    scheme, colon, rest = key.partition(":")
    if colon and scheme == "pkcs11":
        from iocsl.bundle.signers.token import open_token

        return open_token(rest, passphrase, module=module, pss=pss)
    if colon and scheme == "pkcs12":
        return pkcs12.open_key(Path(rest), passphrase, pss=pss)
    if Path(key).suffix.lower() in {".p12", ".pfx"} or Path(key).exists():
        return pkcs12.open_key(Path(key), passphrase, pss=pss)
    raise held_elsewhere() if key == EXTERNAL else unknown_key(key)


def held_elsewhere() -> IocslError:
    """`external` where a signature is asked for on the spot."""
    return usage(
        "key-elsewhere",
        "Khóa nằm ở phần mềm khác, iocsl không ký thẳng bằng khóa đó được.",
        "Another program holds the key; iocsl cannot sign with it here.",
        (
            "Xuất ra để ký: iocsl bundle export, bundle sheet hoặc signers delegate export.",
            "Export it there: iocsl bundle export, bundle sheet, signers delegate export.",
        ),
    )


def unknown_key(key: str) -> IocslError:
    return usage(
        "unknown-key",
        f"Không rõ khóa ký “{key}” là gì.",
        f"It is not clear what the key “{key}” is.",
        (
            "Chỉ tệp khóa (buoc-1.p12), thiết bị ký (pkcs11:token=TÊN), hoặc external.",
            "Name a key file (buoc-1.p12), a token (pkcs11:token=NAME), or external.",
        ),
    )
