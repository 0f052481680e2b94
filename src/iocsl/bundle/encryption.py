"""Encrypted bundles: CMS AuthEnvelopedData (RFC 5083, RFC 5084) with AES-256-GCM.

The content key goes to each recipient by RSA-OAEP with SHA-256 (RFC 4055). The file is DER from end
to end, since GCM leaves the size as it was: the head can be written before the first byte is read,
and memory does not grow with the bundle. Two things are narrower than the standards ask:

- there is one way of writing the head, and a file that is written otherwise is refused;
- the nonce is HMAC-SHA256(content key, recipients), cut to 12 bytes. A content key is used once, so
  any nonce will do; this one lets whoever opens the file see that no recipient was changed, added
  or removed, which the tag, made over the content alone, cannot show.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from asn1crypto import core, x509

from iocsl import clock
from iocsl.bundle.archive import ENVELOPE_START, ENVELOPED, is_envelope
from iocsl.bundle.cms import name_of
from iocsl.bundle.refusals import RefusedError
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.files import CHUNK, replacing

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import OAEP
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SUFFIX = ".p7m"
MIN_RSA = 2048
MAX_RECIPIENTS = 16
_MAX_HEAD = 64 << 10
_KEY, _NONCE, _TAG = 32, 12, 16
"""Bytes of an AES-256 key, a GCM nonce and a GCM tag."""
_TAIL = bytes([0x04, _TAG])
_VERSION = bytes.fromhex("020100")
_DATA = bytes.fromhex("06092a864886f70d010701")
"""OBJECT IDENTIFIER id-data: what is inside is a file like any other."""
_AES256_GCM = bytes.fromhex("060960864801650304012e")
_TAG_SIZE = bytes([0x02, 0x01, _TAG])
_RSAES_OAEP = bytes.fromhex(
    "303c06092a864886f70d010107302fa00f300d06096086480165030402010500"
    "a11c301a06092a864886f70d010108300d06096086480165030402010500"
)
"""AlgorithmIdentifier id-RSAES-OAEP with SHA-256 and MGF1 over SHA-256 (RFC 4055, 4.1)."""


@dataclass(frozen=True, slots=True)
class Opener:
    """A certificate and its private key, by which files encrypted to it are opened."""

    certificate: x509.Certificate
    key: RSAPrivateKey


@dataclass(frozen=True, slots=True)
class _Envelope:
    """An encrypted file without its content: where that begins, how long it is."""

    recipients: bytes
    nonce: bytes
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class _Recipient:
    """Issuer and serial number of a certificate in DER, and the content key encrypted to it."""

    issuer: bytes
    serial: bytes
    encrypted_key: bytes

    @property
    def name(self) -> tuple[bytes, bytes]:
        return self.issuer, self.serial

    def document(self) -> bytes:
        """KeyTransRecipientInfo (RFC 5652, 6.2.1)."""
        named = _der(0x30, self.issuer, self.serial)
        return _der(0x30, _VERSION, named, _RSAES_OAEP, _der(0x04, self.encrypted_key))


def is_encrypted(path: Path) -> bool:
    """Whether a file says of itself that it is AuthEnvelopedData."""
    with path.open("rb") as stream:
        return is_envelope(stream.read(ENVELOPE_START))


def encrypt(source: Path, target: Path, recipients: Sequence[x509.Certificate]) -> None:
    """Encrypt the file `source` to the certificates, as `target`, whole or not at all.

    Exit 3 for a certificate that may not be encrypted to.
    """
    if not 0 < len(recipients) <= MAX_RECIPIENTS:
        raise ValueError(len(recipients))
    for certificate in recipients:
        check_recipient(certificate)
    key = secrets.token_bytes(_KEY)
    listed = _recipient_infos(key, recipients)
    nonce = _nonce(key, listed)
    with source.open("rb") as plain, replacing(target) as stream:
        size = plain.seek(0, 2)
        plain.seek(0)
        stream.write(_head(listed, nonce, size))
        _seal(plain, stream, key, nonce, size)


def _seal(plain: IO[bytes], stream: IO[bytes], key: bytes, nonce: bytes, size: int) -> None:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    machine = Cipher(AES(key), GCM(nonce)).encryptor()
    left = size
    while left:
        piece = plain.read(min(CHUNK, left))
        if not piece:
            raise OSError(5, "shorter than it was", str(plain.name))
        left -= len(piece)
        stream.write(machine.update(piece))
    stream.write(machine.finalize() + _TAIL + machine.tag)


def decrypt(source: Path, target: Path, opener: Opener) -> None:
    """Open an encrypted file as `target`, which comes to be only when every byte was right.

    Raises `RefusedError` B116 for a file that was changed, B117 for one of other recipients.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    with source.open("rb") as sealed:
        envelope = _envelope(sealed)
        key = _content_key(envelope, opener)
        sealed.seek(envelope.start + envelope.size + len(_TAIL))
        machine = Cipher(AES(key), GCM(envelope.nonce, sealed.read(_TAG))).decryptor()
        sealed.seek(envelope.start)
        left = envelope.size
        with replacing(target, private=True) as stream:
            while left:
                piece = sealed.read(min(CHUNK, left))
                if not piece:
                    raise RefusedError("B116", detail="EOF")
                left -= len(piece)
                stream.write(machine.update(piece))
            try:
                machine.finalize()
            except InvalidTag:
                raise RefusedError("B116", detail="AES-256-GCM") from None


def recipients_of(source: Path) -> frozenset[tuple[bytes, bytes]]:
    """The names of every certificate that can open the file. Raises B116."""
    with source.open("rb") as sealed:
        return frozenset(each.name for each in _infos(_envelope(sealed).recipients))


def name_for(certificate: x509.Certificate) -> tuple[bytes, bytes]:
    """Issuer and serial number in DER, by which a recipient is named."""
    serial = core.Integer(certificate.serial_number)
    return certificate.issuer.dump(), serial.dump()


def check_recipient(certificate: x509.Certificate) -> None:
    """Exit 3 unless the certificate can be encrypted to, now."""
    info = certificate.public_key
    if info.algorithm not in {"rsa", "rsaes_oaep"}:
        raise _unfit(certificate, f"khóa {info.algorithm}", f"a key of the kind {info.algorithm}")
    if info.bit_size < MIN_RSA:
        raise _unfit(certificate, f"RSA {info.bit_size} bit", f"RSA {info.bit_size} bits")
    usage = certificate.key_usage_value
    if usage is not None and "key_encipherment" not in usage.native:
        raise _unfit(certificate, "chỉ để ký", "for signatures only")
    now = clock.record_now()
    if not certificate.not_valid_before <= now <= certificate.not_valid_after:
        raise _unfit(certificate, "ngoài thời hạn hiệu lực", "outside its validity")


def _unfit(certificate: x509.Certificate, vi: str, en: str) -> IocslError:
    name = name_of(certificate)
    return IocslError(
        "unfit-recipient",
        f"Không mã hóa được bằng chứng thư “{name}”: {vi}.",
        f"The certificate “{name}” cannot be encrypted to: {en}.",
        (
            "Cần chứng thư RSA từ 2048 bit, còn hiệu lực, có mục đích mã hóa khóa.",
            "It takes a valid RSA certificate of 2048 bits or more, for key encipherment.",
        ),
        ExitCode.CONFIGURATION,
    )


def _oaep() -> OAEP:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def _recipient_infos(key: bytes, recipients: Sequence[x509.Certificate]) -> bytes:
    """The SET OF RecipientInfo in DER; a certificate that is named twice stands there once."""
    different = {name_for(certificate): certificate for certificate in recipients}
    return _der(0x31, *sorted(_recipient(key, each).document() for each in different.values()))


def _recipient(key: bytes, certificate: x509.Certificate) -> _Recipient:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    public = serialization.load_der_public_key(certificate.public_key.dump())
    if not isinstance(public, RSAPublicKey):
        raise TypeError(type(public))
    issuer, serial = name_for(certificate)
    return _Recipient(issuer, serial, public.encrypt(key, _oaep()))


def _nonce(key: bytes, recipients: bytes) -> bytes:
    return hmac.digest(key, recipients, hashlib.sha256)[:_NONCE]


def _head(recipients: bytes, nonce: bytes, size: int) -> bytes:
    """Everything before the encrypted content of that many bytes."""
    gcm = _der(0x30, _der(0x04, nonce), _TAG_SIZE)
    about = _DATA + _der(0x30, _AES256_GCM, gcm)
    content = about + _length(0x80, size)
    inner = _length(0x30, len(content) + size) + content
    before = _VERSION + recipients + inner
    whole = len(before) + size + len(_TAIL) + _TAG
    data = _length(0x30, whole) + before
    enveloped = ENVELOPED + _length(0xA0, whole + len(data) - len(before)) + data
    return _length(0x30, len(enveloped) + size + len(_TAIL) + _TAG) + enveloped


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return _length(tag, len(content)) + content


def _length(tag: int, size: int) -> bytes:
    """Tag and length of a DER value of `size` bytes."""
    if size < 0x80:
        return bytes([tag, size])
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length


def _envelope(sealed: IO[bytes]) -> _Envelope:
    """Read the head. What is found is written anew and compared, so it has one reading: B116."""
    length = sealed.seek(0, 2)
    sealed.seek(0)
    raw = sealed.read(_MAX_HEAD)
    try:
        recipients, place = _walk(raw)
        # SEQUENCE, id-data, SEQUENCE, id-aes256-GCM, SEQUENCE, OCTET STRING: the nonce.
        for depth in (0x30, 0x06, 0x30, 0x06, 0x30):
            place = _step(raw, place, depth)
        nonce = raw[place + 2 : place + 2 + _NONCE]
        place += 2 + _NONCE + len(_TAG_SIZE)
        content, size = _value(raw, place, 0x80)
    except (IndexError, ValueError):
        raise RefusedError("B116", detail="DER") from None
    if raw[:content] != _head(recipients, nonce, size):
        raise RefusedError("B116", detail="DER")
    if length != content + size + len(_TAIL) + _TAG:
        raise RefusedError("B116", detail=f"{length} byte")
    sealed.seek(content + size)
    if sealed.read(len(_TAIL)) != _TAIL:
        raise RefusedError("B116", detail="DER")
    return _Envelope(recipients, nonce, content, size)


def _walk(raw: bytes) -> tuple[bytes, int]:
    """The recipients as they stand in the file, and the place behind them."""
    place = 0
    for tag in (0x30, 0x06, 0xA0, 0x30, 0x02):
        place = _step(raw, place, tag)
    start, size = _value(raw, place, 0x31)
    if start + size > len(raw):
        raise ValueError(size)
    return raw[place : start + size], start + size


def _step(raw: bytes, place: int, tag: int) -> int:
    """Into a constructed value, or past a primitive one."""
    start, size = _value(raw, place, tag)
    return start if tag & 0x20 else start + size


def _value(raw: bytes, place: int, tag: int) -> tuple[int, int]:
    """Where the content of the DER value at `place` begins, and its size. Raises `ValueError`."""
    if raw[place] != tag:
        raise ValueError(tag)
    size = raw[place + 1]
    if size < 0x80:
        return place + 2, size
    count = size & 0x7F
    return place + 2 + count, int.from_bytes(raw[place + 2 : place + 2 + count], "big")


def _infos(recipients: bytes) -> list[_Recipient]:
    """The recipients, each as this module writes them. Raises B116."""
    found: list[_Recipient] = []
    try:
        place, _ = _value(recipients, 0, 0x31)
        while place < len(recipients) and len(found) < MAX_RECIPIENTS:
            end = sum(_value(recipients, place, 0x30))
            found.append(_read(recipients[place:end]))
            place = end
    except (IndexError, ValueError):
        raise RefusedError("B116", detail="RecipientInfos") from None
    written = sorted(each.document() for each in found)
    if not found or _der(0x31, *written) != recipients:
        raise RefusedError("B116", detail="RecipientInfos")
    return found


def _read(raw: bytes) -> _Recipient:
    """One KeyTransRecipientInfo; whether it is one is seen by writing it anew."""
    place = _step(raw, 0, 0x30)
    place = _step(raw, place, 0x02)
    issuer = _step(raw, place, 0x30)
    serial = sum(_value(raw, issuer, 0x30))
    algorithm = sum(_value(raw, serial, 0x02))
    key = sum(_value(raw, algorithm, 0x30))
    start, size = _value(raw, key, 0x04)
    return _Recipient(raw[issuer:serial], raw[serial:algorithm], raw[start : start + size])


def _content_key(envelope: _Envelope, opener: Opener) -> bytes:
    wanted = name_for(opener.certificate)
    found = [each for each in _infos(envelope.recipients) if each.name == wanted]
    if not found:
        raise RefusedError("B117")
    try:
        key = opener.key.decrypt(found[0].encrypted_key, _oaep())
    except ValueError:
        raise RefusedError("B116", detail="RSA-OAEP") from None
    if len(key) != _KEY or not hmac.compare_digest(
        _nonce(key, envelope.recipients), envelope.nonce
    ):
        raise RefusedError("B116", detail="RecipientInfos")
    return key
