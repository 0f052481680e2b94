"""Keys in PKCS#12 files (RFC 7292)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from asn1crypto import algos, cms, keys, x509
from asn1crypto import pkcs12 as asn1_pkcs12

from iocsl.bundle.signers import Passphrase
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, is_folder, missing_file, usage

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate

_MAX_BYTES = 1 << 20
_SALT = 32  # bytes: as long as the digest, RFC 8017 9.1


class Pkcs12Signer:
    """A key that lies in a file, unlocked."""

    def __init__(
        self,
        certificate: x509.Certificate,
        key: keys.PrivateKeyInfo,
        chain: list[x509.Certificate],
        *,
        pss: bool,
    ) -> None:
        from pyhanko.sign.signers import SimpleSigner
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        mechanism = pss_mechanism() if pss and key.algorithm == "rsa" else None
        store = SimpleCertificateStore()
        for each in chain:
            store.register(each)
        self._signer = SimpleSigner(
            certificate,
            key,
            store,
            signature_mechanism=mechanism,
            embed_roots=False,
        )
        self._certificate = certificate
        self.chain = tuple(chain)

    @property
    def certificate(self) -> x509.Certificate:
        return self._certificate

    def sign(self, content: bytes, at: datetime) -> bytes:
        """See `Signer.sign`. The private key never leaves this process."""
        from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

        signed = asyncio.run(
            self._signer.async_sign_general_data(
                content,
                "sha256",
                use_cades=True,
                signed_attr_settings=PdfCMSSignedAttributes(signing_time=at),
            )
        )
        return bytes(signed.dump())

    def sign_attached(self, content: cms.EncapsulatedContentInfo) -> cms.ContentInfo:
        """A signature that carries its content, as a time-stamp token does."""
        return asyncio.run(
            self._signer.async_sign_general_data(content, "sha256", detached=False, use_cades=True)
        )


def open_key(path: Path, passphrase: Passphrase, *, pss: bool = False) -> Pkcs12Signer:
    """Unlock a key file. Exit 2: no such file, no PKCS#12, no key in it; 4: wrong passphrase."""
    from cryptography.hazmat.primitives import serialization

    key, certificate, chain = read_key(path, passphrase)
    inner = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    der = serialization.Encoding.DER
    return Pkcs12Signer(
        x509.Certificate.load(certificate.public_bytes(der)),
        keys.PrivateKeyInfo.load(inner),
        [x509.Certificate.load(each.public_bytes(der)) for each in chain],
        pss=pss,
    )


def read_key(
    path: Path, passphrase: Passphrase
) -> tuple[PrivateKeyTypes, Certificate, list[Certificate]]:
    """Key, its certificate and those of its issuers, as `cryptography` knows them; see above."""
    from cryptography.hazmat.primitives.serialization import pkcs12

    raw = _read(path)
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(
            raw, passphrase(path.name).encode("utf-8")
        )
    except ValueError:
        raise _wrong_passphrase(path) from None
    if key is None or certificate is None:
        raise _no_key(path)
    return key, certificate, chain


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    if path.stat().st_size > _MAX_BYTES:
        raise _no_key(path)
    raw = path.read_bytes()
    try:
        version = asn1_pkcs12.Pfx.load(raw, strict=True)["version"].native
    except (ValueError, TypeError):
        version = None
    if version != "v3":
        raise _no_key(path)
    return raw


def pss_mechanism() -> algos.SignedDigestAlgorithm:
    """RSASSA-PSS with SHA-256, MGF1 over SHA-256 and a salt as long as the digest (RFC 8017)."""
    digest = {"algorithm": "sha256"}
    return algos.SignedDigestAlgorithm(
        {
            "algorithm": "rsassa_pss",
            "parameters": algos.RSASSAPSSParams(
                {
                    "hash_algorithm": digest,
                    "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": digest},
                    "salt_length": _SALT,
                }
            ),
        }
    )


def _wrong_passphrase(path: Path) -> IocslError:
    return IocslError(
        "wrong-passphrase",
        f"Mật khẩu của khóa “{path.name}” không đúng. Chưa có gì bị thay đổi.",
        f"The passphrase of the key “{path.name}” is wrong. Nothing was changed.",
        (
            "Nhập lại mật khẩu; kiểm tra Caps Lock và bộ gõ tiếng Việt.",
            "Type it again; mind Caps Lock and the Vietnamese input method.",
        ),
        ExitCode.INTEGRITY,
    )


def _no_key(path: Path) -> IocslError:
    return usage(
        "not-a-key-file",
        f"“{path}” không phải là tệp khóa PKCS#12 có khóa và chứng thư.",
        f"“{path}” is not a PKCS#12 file with a key and a certificate.",
        (
            "Chọn tệp .p12 hoặc .pfx do nơi cấp chứng thư giao.",
            "Choose the .p12 or .pfx file that the issuer of the certificate gave.",
        ),
    )
