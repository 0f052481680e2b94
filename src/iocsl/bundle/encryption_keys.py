"""The key by which a home, or a warehouse, opens what is encrypted to it.

It is made where it is first needed, lies in `khoa-ma-hoa.pem` (readable by its owner alone) and
never leaves; its certificate is self-signed, since it is handed over with the account, not found.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from iocsl import clock
from iocsl.bundle.encryption import SUFFIX, Opener, decrypt, is_encrypted
from iocsl.bundle.refusals import RefusedError
from iocsl.errors import IocslError, usage
from iocsl.files import check_private, write_whole

if TYPE_CHECKING:
    from cryptography import x509 as crypto_x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

FILE = "khoa-ma-hoa.pem"
OPENED = "dang-mo"
"""Folder of what is being looked at in clear; nothing stays there."""
BITS = 3072
YEARS = 10
_MAX_BYTES = 1 << 16
_STALE_SECONDS = 86_400


def make(folder: Path, name: str) -> Opener:
    """A new key in `folder` with a certificate that names `name`."""
    from cryptography.hazmat.primitives import serialization

    key = new_key()
    certificate = _self_signed(key, name)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    write_whole(folder / FILE, private + public, private=True)
    return load(folder / FILE)


def new_key() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, BITS)


def _self_signed(key: RSAPrivateKey, name: str) -> crypto_x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    now = clock.record_now()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "iocsl"),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=366 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def own(folder: Path) -> Opener | None:
    """The key of a home or a store, None where none was made. Exit 3 when it is damaged."""
    path = folder / FILE
    if not path.is_file():
        return None
    check_private(path)
    return load(path)


def load(path: Path) -> Opener:
    """A key and its certificate in one PEM file without a passphrase. Exit 3 when it is none."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_BYTES)
        return _opener(
            serialization.load_pem_private_key(raw, None), x509.load_pem_x509_certificate(raw)
        )
    except (ValueError, TypeError):
        raise _damaged(path) from None


def load_pkcs12(path: Path, passphrase: Callable[[str], str]) -> Opener:
    """A key in a PKCS#12 file. Exit 2 for another kind of file or key, 4: wrong passphrase."""
    from iocsl.bundle.signers.pkcs12 import read_key

    key, certificate, _ = read_key(path, passphrase)
    try:
        return _opener(key, certificate)
    except TypeError:
        raise usage(
            "not-a-decryption-key",
            f"Khóa “{path.name}” không phải khóa RSA, không giải mã được.",
            f"The key “{path.name}” is not an RSA key; it decrypts nothing.",
            (
                "Chọn khóa RSA đã dùng khi mã hóa, hoặc bỏ --key để dùng khóa của máy này.",
                "Choose the RSA key it was encrypted for, or leave out --key.",
            ),
        ) from None


def _opener(key: object, certificate: crypto_x509.Certificate) -> Opener:
    from asn1crypto import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding

    if not isinstance(key, RSAPrivateKey):
        raise TypeError(type(key))
    return Opener(x509.Certificate.load(certificate.public_bytes(Encoding.DER)), key)


@contextmanager
def opened(path: Path, folder: Path | None) -> Iterator[Path]:
    """The bundle at `path` in clear as long as the block lasts; itself when it is not encrypted.

    `folder` is the home or store whose key opens it, and where it lies meanwhile. Raises
    `RefusedError` B116 for a file that was changed, B117 where there is no key for it.
    """
    if not is_encrypted(path):
        yield path
        return
    key = own(folder) if folder is not None else None
    if key is None or folder is None:
        raise RefusedError("B117")
    with aside(folder) as inner:
        plain = inner / path.name.removesuffix(SUFFIX)
        decrypt(path, plain, key)
        yield plain


@contextmanager
def aside(folder: Path) -> Iterator[Path]:
    """A folder in the home or store for what is looked at in clear, gone with the block."""
    place = folder / OPENED
    place.mkdir(parents=True, exist_ok=True)
    sweep(folder, _STALE_SECONDS)
    with TemporaryDirectory(dir=place) as inner:
        yield Path(inner)


def sweep(folder: Path, older: float = 0.0) -> None:
    """Remove what a killed process left in clear, once it is that many seconds old."""
    place = folder / OPENED
    if not place.is_dir():
        return
    for each in place.iterdir():
        if time.time() - each.stat().st_mtime >= older:
            shutil.rmtree(each, ignore_errors=True)


def _damaged(path: Path) -> IocslError:
    return IocslError(
        "encryption-key",
        f"Không đọc được khóa mã hóa ở “{path}”.",
        f"The encryption key at “{path}” cannot be read.",
        (
            "Khôi phục tệp khóa từ bản sao lưu; không có nó thì không mở được gói đã mã hóa.",
            "Restore the key file from a backup; without it encrypted bundles stay closed.",
        ),
    )
