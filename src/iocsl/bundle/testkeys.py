"""Throw-away keys for trying iocsl out: a CA and three persons, all named THỬ NGHIỆM.

They are registered under the profile `thu-nghiem` and never under another. Whoever has the folder
can sign for all three, so they prove nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl import clock
from iocsl.bundle.register import FILE, Appointment, SignerRegister
from iocsl.bundle.trust import FOLDER, TEST, TrustStore, read_certificate
from iocsl.domain import VIETNAM
from iocsl.errors import IocslError, usage
from iocsl.files import sha256_of, write_whole

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

KEY_NOTE = "mat-khau.txt"
CA_FILE = "ca.pem"
TSA_FILE = "dau-thoi-gian.p12"
CRL_FILE = "thu-hoi.crl"
_TSA = "THỬ NGHIỆM Dấu thời gian"
_PERSONS = (
    ("thu-nghiem-nguoi-nhap", "THỬ NGHIỆM Người nhập liệu"),
    ("thu-nghiem-nguoi-tham-dinh", "THỬ NGHIỆM Người thẩm định"),
    ("thu-nghiem-thu-truong", "THỬ NGHIỆM Thủ trưởng"),
)
_BASIS = "Khóa thử nghiệm do iocsl bundle keys test tạo, không có giá trị pháp lý"
_DAYS = 365


@dataclass(frozen=True, slots=True)
class TestKeys:
    """What was made: three key files (steps 1, 2, 3), passphrase file, CA, TSA key and CRL."""

    __test__ = False  # pytest takes every class named Test… for a test

    keys: tuple[Path, Path, Path]
    passphrase: Path
    ca: Path
    tsa: Path
    crl: Path
    unit: str


def make_test_keys(folder: Path, home: Path, unit: str, *, force: bool = False) -> TestKeys:
    """Make CA, persons and passphrase in `folder`; trust the CA and register the persons in `home`.

    Exit 2 when the folder has such keys already and `force` is not given.
    """
    first, second, third = (folder / f"buoc-{step}.p12" for step in (1, 2, 3))
    made = TestKeys(
        (first, second, third),
        folder / KEY_NOTE,
        folder / CA_FILE,
        folder / TSA_FILE,
        folder / CRL_FILE,
        unit,
    )
    if not force and any(path.exists() for path in (*made.keys, made.passphrase, made.ca)):
        raise _already_there(folder)
    _forget(made, TrustStore(home / FOLDER))
    write_test_keys(made)
    register_test_keys(made, home)
    return made


def write_test_keys(made: TestKeys) -> None:
    """The files alone."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    now = clock.record_now()
    passphrase = secrets.token_urlsafe(12)
    ca_key = _key()
    # A serial in the name: two test CAs of one machine are two issuers.
    ca = _certificate(f"THỬ NGHIỆM CA {secrets.token_hex(4)}", ca_key, None, ca_key, now)
    write_whole(made.passphrase, (passphrase + "\n").encode(), private=True)
    names = [*(person for _, person in _PERSONS), _TSA]
    for path, name in zip((*made.keys, made.tsa), names, strict=True):
        key = _key()
        certificate = _certificate(name, key, ca, ca_key, now)
        encryption = BestAvailableEncryption(passphrase.encode())
        sealed = pkcs12.serialize_key_and_certificates(
            name.encode(), key, certificate, [ca], encryption
        )
        write_whole(path, sealed, private=True)
        write_whole(path.with_suffix(".pem"), certificate.public_bytes(serialization.Encoding.PEM))
    revoked = _revocation_list(ca, ca_key, now)
    write_whole(made.crl, revoked.public_bytes(serialization.Encoding.DER))
    write_whole(made.ca, ca.public_bytes(serialization.Encoding.PEM))


def register_test_keys(made: TestKeys, home: Path) -> None:
    """Trust the CA under `thu-nghiem`, and register the persons for their steps, in `home`.

    Persons of an earlier set of test keys of the unit leave the register.
    """
    from iocsl.bundle.cms import fingerprint

    trust = TrustStore(home / FOLDER)
    trust.add(made.ca, TEST)
    trust.add(made.ca, TEST, tsa=True)
    trust.add(made.crl, TEST)
    register = SignerRegister(home / FILE)
    ids = {person_id for person_id, _ in _PERSONS}
    kept = [
        each
        for each in register.appointments()
        if not (each.unit == made.unit and each.person_id in ids)
    ]
    today = clock.record_now().astimezone(VIETNAM).date()
    for step, (path, (person_id, person)) in enumerate(
        zip(made.keys, _PERSONS, strict=True), start=1
    ):
        certificate = read_certificate(path.with_suffix(".pem"))
        register.keep(certificate)
        mark = fingerprint(certificate)
        last = today + timedelta(days=_DAYS)
        kept.append(Appointment(person_id, person, made.unit, (step,), mark, today, last, _BASIS))
    register.write(kept)


def _forget(made: TestKeys, trust: TrustStore) -> None:
    """Older test keys of the folder lose their place in the trust store."""
    from iocsl.bundle.cms import fingerprint

    if made.ca.is_file():
        trust.remove([fingerprint(read_certificate(made.ca))])
    if made.crl.is_file():
        trust.remove([sha256_of(made.crl)])


def _revocation_list(
    ca: x509.Certificate, ca_key: EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateRevocationList:
    """A CRL that revokes nobody."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.subject)
        .last_update(now - timedelta(minutes=5))
        .next_update(now + timedelta(days=_DAYS))
        .add_extension(x509.CRLNumber(1), critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def _key() -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _certificate(
    name: str,
    key: EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    """A CA when there is no issuer, else a person's certificate for digital signatures."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "iocsl THỬ NGHIỆM"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    is_ca = issuer is None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(is_ca, 0 if is_ca else None), critical=True)
        .add_extension(_usage(is_ca=is_ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if name == _TSA:
        stamps = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamps, critical=True)
    elif not is_ca:
        uses = [
            ExtendedKeyUsageOID.EMAIL_PROTECTION,
            x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # documentSigning, RFC 9336
        ]
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=not is_ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def read_passphrase_file(path: Path) -> str:
    """The first line of a passphrase file. Exit 3 when others of this machine can read it."""
    from iocsl.errors import is_folder, missing_file

    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    if _readable_by_others(path):
        raise IocslError(
            "passphrase-file-open",
            f"Tệp mật khẩu “{path}” đang để người khác trên máy đọc được.",
            f"Others on this machine can read the passphrase file “{path}”.",
            (f'Chạy: chmod 600 "{path}"', f'Run: chmod 600 "{path}"'),
        )
    try:
        return path.read_text("utf-8-sig").split("\n", maxsplit=1)[0].rstrip("\r")
    except UnicodeDecodeError:
        raise usage(
            "bad-passphrase-file",
            f"Tệp mật khẩu “{path}” không phải văn bản UTF-8.",
            f"The passphrase file “{path}” is not UTF-8 text.",
            (
                "Ghi mật khẩu ở dòng đầu, lưu tệp với bảng mã UTF-8.",
                "Write the passphrase on the first line and save the file as UTF-8.",
            ),
        ) from None


def _readable_by_others(path: Path) -> bool:
    import os

    # Windows keeps rights in access lists that the mode does not show.
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)


def _already_there(folder: Path) -> IocslError:
    return usage(
        "keys-exist",
        f"Thư mục “{folder}” đã có khóa thử nghiệm.",
        f"The folder “{folder}” has test keys already.",
        (
            "Dùng khóa đang có, chọn thư mục khác, hoặc thêm --force để tạo bộ mới.",
            "Use those, choose another folder, or add --force to make new ones.",
        ),
    )
