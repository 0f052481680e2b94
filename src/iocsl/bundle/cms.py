"""Detached CAdES-BES signatures (ETSI EN 319 122-1, RFC 5652): made by pyHanko, judged here.

What a signature must be is narrower than CMS allows: one SignerInfo, no content, SHA-256, the
signer named by issuer and serial number and bound by signing-certificate-v2 (RFC 5035), each
signed attribute once. The place of a time-stamp is the unsigned attribute of RFC 3161.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from asn1crypto import (
    cms,
    parser,
    tsp,  # noqa: F401 - teaches `cms` the attributes of RFC 5035 and RFC 3161
    x509,
)

from iocsl.bundle.refusals import RefusedError

MIN_RSA = 2048
CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
MAX_CERTIFICATES = 16
_MOST_VALUES = 64
_STAMP = "signature_time_stamp_token"
_UNSIGNED = 6
"""Place of the unsigned attributes in a SignerInfo (RFC 5652, 5.3)."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature whose shape, digest and mathematics hold; who signed is judged elsewhere.

    `claimed_at` is the signer's own clock; `timestamp` the DER of the time-stamp token, if any;
    `value` is the signature itself, over which a time-stamp is made.
    """

    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]
    claimed_at: datetime
    algorithm: str
    value: bytes
    timestamp: bytes | None


def read_signature(raw: bytes, content_digest: str, step: int) -> Signature:
    """Check one detached signature over content with this SHA-256 (hex).

    Raises `RefusedError` B401-B409, B501-B503.
    """
    try:
        return _read(raw, bytes.fromhex(content_digest), step)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        # asn1crypto parses as it is asked, and these are what it raises for bytes that lie.
        raise RefusedError("B401", step=step, detail=type(error).__name__) from None


def _read(raw: bytes, content_digest: bytes, step: int) -> Signature:
    return read_detached(raw, lambda _: content_digest, step, digests=frozenset({"sha256"}))


def read_detached(
    raw: bytes,
    digest_of: Callable[[str], bytes],
    step: int,
    *,
    digests: frozenset[str],
    bound: bool = True,
    claimed_at: datetime | None = None,
) -> Signature:
    """`read_signature` for content digested with any of `digests`, as `digest_of` says.

    `bound` asks for the signing-certificate-v2 attribute. `claimed_at` stands in for a signing-time
    that is not among the signed attributes. Parsing is lazy: bytes that lie raise what asn1crypto
    raises (see `read_signature`).
    """
    outer = cms.ContentInfo.load(raw, strict=True)
    data, info = open_signed_data(outer, "data", step, digests)
    if data["encap_content_info"]["content"].native is not None:
        raise RefusedError("B402", step=step)
    certificate, others, attributes, algorithm = check_signer_info(data, info, step, bound=bound)
    digest = digest_of(info["digest_algorithm"]["algorithm"].native)
    if attributes["message_digest"].native != digest:
        raise RefusedError("B407", step=step)
    check_mathematics(raw, info, certificate, step)
    claimed = attributes["signing_time"].native if "signing_time" in attributes else claimed_at
    return Signature(
        certificate,
        others,
        _moment(claimed, step),
        algorithm,
        info["signature"].native,
        _timestamp(info, step),
    )


def open_signed_data(
    outer: cms.ContentInfo, content_type: str, step: int, digests: frozenset[str]
) -> tuple[cms.SignedData, cms.SignerInfo]:
    """The SignedData over one content type and its one SignerInfo. Raises B401-B403, B501."""
    if outer["content_type"].native != "signed_data":
        raise RefusedError("B401", step=step, detail="signedData")
    data = outer["content"]
    if data["encap_content_info"]["content_type"].native != content_type:
        raise RefusedError("B402", step=step)
    if len(data["signer_infos"]) != 1:
        raise RefusedError("B403", step=step, count=len(data["signer_infos"]))
    info = data["signer_infos"][0]
    used = {each["algorithm"].native for each in data["digest_algorithms"]}
    for algorithm in sorted(used | {info["digest_algorithm"]["algorithm"].native}):
        if algorithm not in digests:
            raise RefusedError("B501", where=_step(step), algorithm=algorithm)
    return data, info


def check_signer_info(
    data: cms.SignedData, info: cms.SignerInfo, step: int, *, bound: bool = True
) -> tuple[x509.Certificate, tuple[x509.Certificate, ...], dict[str, Any], str]:
    """Signer's certificate, the other ones, the signed attributes, the algorithm in words.

    The attributes must fit the content type and, where it is `bound`, name the certificate.
    Raises B4xx, B5xx.
    """
    certificate, others = _certificates(data, info, step)
    content_type = data["encap_content_info"]["content_type"].native
    attributes = _signed_attributes(info, content_type, step)
    if bound or "signing_certificate_v2" in attributes:
        _check_bound(attributes, certificate, step)
    return certificate, others, attributes, check_key(certificate, step, info)


def _step(step: int) -> str:
    return f"signature{step:03}"


def _moment(value: Any, step: int) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise RefusedError("B404", step=step, detail="signing-time")
    return value


def _certificates(
    data: cms.SignedData, info: cms.SignerInfo, step: int
) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    if info["sid"].name != "issuer_and_serial_number":
        raise RefusedError("B401", step=step, detail="issuerAndSerialNumber")
    sid = info["sid"].chosen
    found: list[x509.Certificate] = []
    others: list[x509.Certificate] = []
    if len(data["certificates"]) > MAX_CERTIFICATES:
        raise RefusedError("B401", step=step, detail=f"certificates > {MAX_CERTIFICATES}")
    # The same certificate may stand there twice: some programs write it so, and it says nothing.
    for choice in {choice.dump(): choice for choice in data["certificates"]}.values():
        if choice.name != "certificate":
            raise RefusedError("B401", step=step, detail=choice.name)
        each = choice.chosen
        same = (
            each.serial_number == sid["serial_number"].native
            and each.issuer.dump() == sid["issuer"].dump()
        )
        (found if same else others).append(each)
    if len(found) != 1:
        raise RefusedError("B409", step=step)
    return found[0], tuple(others)


def _signed_attributes(info: cms.SignerInfo, content_type: str, step: int) -> dict[str, Any]:
    """The one value of each signed attribute. Repeated types, several or no values are refused."""
    values: dict[str, Any] = {}
    for attribute in info["signed_attrs"]:
        name = attribute["type"].native
        if name in values or len(attribute["values"]) != 1:
            raise RefusedError("B404", step=step, detail=name)
        values[name] = attribute["values"][0]
    if "signing_certificate" in values:
        raise RefusedError("B501", where=_step(step), algorithm="SHA-1, signing-certificate")
    for name in ("content_type", "message_digest"):
        if name not in values:
            raise RefusedError("B404", step=step, detail=name)
    if values["content_type"].native != content_type:
        raise RefusedError("B404", step=step, detail="content-type")
    return values


def _check_bound(attributes: dict[str, Any], certificate: x509.Certificate, step: int) -> None:
    """RFC 5035: the first ESSCertIDv2 names the signer's certificate by its hash."""
    found = attributes.get("signing_certificate_v2")
    if found is None or found.native is None:
        raise RefusedError("B405", step=step)
    first = found["certs"][0]
    algorithm = first["hash_algorithm"]["algorithm"].native
    if algorithm not in {"sha256", "sha384", "sha512"}:
        raise RefusedError("B501", where=_step(step), algorithm=algorithm)
    if first["cert_hash"].native != hashlib.new(algorithm, certificate.dump()).digest():
        raise RefusedError("B406", step=step)
    named = first["issuer_serial"]
    if named.native is not None:
        issuers = [general.chosen.untag().dump() for general in named["issuer"]]
        serial = named["serial_number"].native
        if issuers != [certificate.issuer.dump()] or serial != certificate.serial_number:
            raise RefusedError("B406", step=step)


def check_key(certificate: x509.Certificate, step: int, info: cms.SignerInfo | None = None) -> str:
    """The key, and with `info` the algorithm, in words (`RSA-2048 PSS SHA-256`).

    Raises `RefusedError`: B502 for RSA below 2048 bits or another curve, B503 for an algorithm
    that is not RSA v1.5, RSA-PSS or ECDSA, B501 for a digest that is not the SignerInfo's.
    """
    key = certificate.public_key
    subject = name_of(certificate)
    if key.algorithm in {"rsa", "rsassa_pss"}:
        modulus = key["public_key"].parsed["modulus"].native
        exponent = key["public_key"].parsed["public_exponent"].native
        bits = modulus.bit_length()
        if bits < MIN_RSA or exponent < 65537 or not exponent % 2:
            raise RefusedError("B502", subject=subject, detail=f"RSA {bits}, e={exponent}")
        words, fitting = f"RSA-{bits}", {"rsassa_pkcs1v15", "rsassa_pss"}
    elif key.algorithm == "ec":
        curve = CURVES.get(str(key.curve[1]))
        if curve is None:
            raise RefusedError("B502", subject=subject, detail=f"{key.curve[1]}")
        words, fitting = f"ECDSA {curve}", {"ecdsa"}
    else:
        raise RefusedError("B503", step=step, algorithm=key.algorithm)
    return words if info is None else f"{words}{_check_algorithm(info, fitting, step)}"


def _check_algorithm(info: cms.SignerInfo, fitting: set[str], step: int) -> str:
    """Padding and digest of the signature in words; they fit the key and the digest."""
    signature, digest = info["signature_algorithm"], info["digest_algorithm"]["algorithm"].native
    kind = signature.signature_algo
    if kind not in fitting:
        raise RefusedError("B503", step=step, algorithm=kind)
    if signature["algorithm"].native != "rsassa_pkcs1v15" and signature.hash_algo != digest:
        raise RefusedError("B501", where=_step(step), algorithm=signature.hash_algo)
    if kind == "rsassa_pss":
        mask = signature["parameters"]["mask_gen_algorithm"]
        inner = mask["parameters"]["algorithm"].native
        if mask["algorithm"].native != "mgf1" or inner != digest:
            raise RefusedError("B501", where=_step(step), algorithm=f"MGF1 {inner}")
        if signature["parameters"]["salt_length"].native < 32:
            raise RefusedError("B503", step=step, algorithm="PSS, salt < 32")
    padding = {"rsassa_pkcs1v15": " PKCS#1 v1.5", "rsassa_pss": " PSS"}.get(kind, "")
    return f"{padding} {digest[:3].upper()}-{digest[3:]}"


def check_mathematics(
    raw: bytes, info: cms.SignerInfo, certificate: x509.Certificate, step: int
) -> None:
    """Whether the certificate's key made the signature in `raw`, the whole CMS. Raises B408."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    signed = _as_signed(raw)
    key = serialization.load_der_public_key(certificate.public_key.dump())
    made = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    value, digest = info["signature"].native, made[info["digest_algorithm"]["algorithm"].native]
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, signed, ec.ECDSA(digest))
        elif not isinstance(key, rsa.RSAPublicKey):
            raise RefusedError("B503", step=step, algorithm=type(key).__name__)
        elif info["signature_algorithm"].signature_algo == "rsassa_pss":
            salt = info["signature_algorithm"]["parameters"]["salt_length"].native
            key.verify(value, signed, padding.PSS(padding.MGF1(digest), salt), digest)
        else:
            key.verify(value, signed, padding.PKCS1v15(), digest)
    except InvalidSignature:
        raise RefusedError("B408", step=step) from None


def _as_signed(raw: bytes) -> bytes:
    """The bytes that were signed (RFC 5652, 5.4): the attributes as a SET OF in DER.

    Each attribute is taken as it stands in the file: asn1crypto would encode what it has parsed
    anew, which for a hostile one could take for ever.
    """
    (outer,) = _values(raw)
    (data,) = _values(_values(outer.content)[1].content)
    (info,) = _values(_values(data.content)[-1].content)
    (attributes,) = [each for each in _values(info.content) if each.tag == 0xA0]
    return _der(0x31, sorted(each.whole for each in _values(attributes.content)))


class _Value(NamedTuple):
    tag: int
    content: bytes
    whole: bytes


def _values(raw: bytes) -> list[_Value]:
    """The BER values, a few dozen at most, one after the other in `raw`. Raises `ValueError`."""
    found: list[_Value] = []
    while raw:
        if len(found) == _MOST_VALUES:
            raise ValueError(_MOST_VALUES)
        _, _, _, header, content, trailer = parser.parse(raw)
        size = len(header) + len(content) + len(trailer)
        found.append(_Value(header[0], content, raw[:size]))
        raw = raw[size:]
    return found


def _timestamp(info: cms.SignerInfo, step: int) -> bytes | None:
    """The time-stamp token; nothing else may stand among the attributes that no one signs."""
    found: list[bytes] = []
    for attribute in info["unsigned_attrs"]:
        name = attribute["type"].native
        if name != _STAMP:
            raise RefusedError("B404", step=step, detail=name)
        found.extend(value.dump() for value in attribute["values"])
    if len(found) > 1:
        raise RefusedError("B404", step=step, detail="signature-time-stamp × 2")
    return found[0] if found else None


def with_timestamp(raw: bytes, token: bytes) -> bytes:
    """The signature with a time-stamp token (DER) added (CAdES-T, ETSI EN 319 122-1 5.3).

    What was there is carried over byte for byte. asn1crypto would encode every level anew for each
    level above it, at a cost that doubles with depth, so the levels are put together by hand.
    """
    outer = cms.ContentInfo.load(raw, strict=True)
    data = outer["content"]
    info = data["signer_infos"][0]
    attribute = _der(0x30, [cms.CMSAttributeType(_STAMP).dump(), _der(0x31, [token])])
    kept = [info[index].dump() for index in range(len(info)) if index != _UNSIGNED]
    stamped = _der(0x31, [_der(0x30, [*kept, _der(0xA1, [attribute])])])
    parts = [data[index].dump() for index in range(len(data) - 1)]
    signed_data = _der(0xA0, [_der(0x30, [*parts, stamped])])
    return _der(0x30, [outer["content_type"].dump(), signed_data])


def _der(tag: int, contents: list[bytes]) -> bytes:
    """A DER value of a one-byte tag."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def name_of(certificate: x509.Certificate) -> str:
    """The person or body a certificate names: its common name, else the whole subject."""
    common = certificate.subject.native.get("common_name")
    if isinstance(common, list):
        common = ", ".join(map(str, common))
    return str(common) if common else str(certificate.subject.human_friendly)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate's DER in hex, the name by which registers know it."""
    return hashlib.sha256(certificate.dump()).hexdigest()


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's key, under the issuer's name, signed the certificate."""
    from cryptography import x509 as crypto_x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        crypto_x509.load_der_x509_certificate(certificate.dump()).verify_directly_issued_by(
            crypto_x509.load_der_x509_certificate(issuer.dump())
        )
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True
