"""OCSP answers kept as files (RFC 6960): whose word they are, and what they say of a certificate.

An answer counts when the issuer of the certificate asked about gave it, or a responder to which
that issuer itself gave a certificate for this use. A nonce says nothing in a file and is not asked
for. The SHA-1 of the certificate's name in an answer is a way of finding it and proves nothing; the
signature over the answer must be made with SHA-256 or better.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from iocsl.bundle.cms import check_key, signed_by
from iocsl.bundle.refusals import RefusedError

if TYPE_CHECKING:
    from asn1crypto import ocsp, x509

_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
_NAMING = _DIGESTS | {"sha1"}
_EXTENSIONS = frozenset({"nonce", "archive_cutoff", "extended_revoke"})


@dataclass(frozen=True, slots=True)
class Statement:
    """What one answer says of one certificate. `since` is None for a good one."""

    made: datetime
    ends: datetime
    since: datetime | None
    reason: str | None


def statement(
    answer: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> Statement | None:
    """What `answer` says of the certificate that `issuer` gave out.

    None where it does not speak of it, says that it does not know, or is nobody's word.
    """
    basic = answer.basic_ocsp_response
    for single in basic["tbs_response_data"]["responses"]:
        if not _names(single["cert_id"], certificate, issuer) or _strange(single, "single"):
            continue
        status = single["cert_status"]
        if status.name == "unknown" or not _authorised(basic, issuer):
            return None
        made = single["this_update"].native
        ends = single["next_update"].native or made
        if status.name == "good":
            return Statement(made, ends, None, None)
        revoked = status.chosen
        return Statement(
            made, ends, revoked["revocation_time"].native, revoked["revocation_reason"].native
        )
    return None


def speaks_of(answer: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Whether an answer is about a certificate of `issuer`, and its word or its responder's."""
    basic = answer.basic_ocsp_response
    about = [each["cert_id"] for each in basic["tbs_response_data"]["responses"]]
    return any(_of_issuer(each, issuer) for each in about) and _authorised(basic, issuer)


def serials_of(answer: ocsp.OCSPResponse) -> list[int]:
    """The certificates that an answer is about, by their serial numbers."""
    singles = answer.basic_ocsp_response["tbs_response_data"]["responses"]
    return [each["cert_id"]["serial_number"].native for each in singles]


def ends_at(answer: ocsp.OCSPResponse) -> datetime:
    """When the first of its statements goes stale."""
    singles = answer.basic_ocsp_response["tbs_response_data"]["responses"]
    ends: list[datetime] = [
        each["next_update"].native or each["this_update"].native for each in singles
    ]
    return min(ends)


def _names(cert_id: ocsp.CertId, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    serial = bool(cert_id["serial_number"].native == certificate.serial_number)
    return serial and _of_issuer(cert_id, issuer)


def _of_issuer(cert_id: ocsp.CertId, issuer: x509.Certificate) -> bool:
    algorithm = cert_id["hash_algorithm"]["algorithm"].native
    if algorithm not in _NAMING:
        return False
    key = bytes(issuer.public_key["public_key"])
    return bool(
        cert_id["issuer_name_hash"].native == _hash(algorithm, issuer.subject.dump())
        and cert_id["issuer_key_hash"].native == _hash(algorithm, key)
    )


def _hash(algorithm: str, data: bytes) -> bytes:
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def _strange(holder: ocsp.SingleResponse | ocsp.ResponseData, kind: str) -> bool:
    """Whether a critical extension stands there that is not understood."""
    return any(
        each["critical"].native and each["extn_id"].native not in _EXTENSIONS
        for each in holder[f"{kind}_extensions"]
    )


def _authorised(basic: ocsp.BasicOCSPResponse, issuer: x509.Certificate) -> bool:
    """RFC 6960 4.2.2.2: signed by the issuer, or by a responder that the issuer itself named."""
    data = basic["tbs_response_data"]
    if _strange(data, "response"):
        return False
    produced = data["produced_at"].native
    delegated = [
        each
        for each in basic["certs"]
        if _issued_for_answers(each, issuer)
        and each.not_valid_before <= produced <= each.not_valid_after
    ]
    return any(
        _is(data["responder_id"], each) and _signed(basic, each) for each in (issuer, *delegated)
    )


def _is(responder: ocsp.ResponderId, certificate: x509.Certificate) -> bool:
    if responder.name == "by_name":
        return bool(responder.chosen == certificate.subject)
    key = bytes(certificate.public_key["public_key"])
    return bool(responder.chosen.native == _hash("sha1", key))


def _issued_for_answers(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    uses = certificate.extended_key_usage_value
    return (
        certificate.issuer == issuer.subject
        and uses is not None
        and "ocsp_signing" in uses.native
        and certificate.hash_algo in _DIGESTS
        and signed_by(certificate, issuer)
    )


def _signed(basic: ocsp.BasicOCSPResponse, certificate: x509.Certificate) -> bool:
    """Whether the certificate's key, strong enough, signed the answer."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    algorithm, value = basic["signature_algorithm"], basic["signature"].native
    signed = basic["tbs_response_data"].dump()
    try:
        check_key(certificate, 0)
        if algorithm.hash_algo not in _DIGESTS:
            return False
        digest = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[
            algorithm.hash_algo
        ]
        key = serialization.load_der_public_key(certificate.public_key.dump())
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm.signature_algo == "ecdsa":
            key.verify(value, signed, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey) and algorithm.signature_algo == "rsassa_pss":
            salt = algorithm["parameters"]["salt_length"].native
            key.verify(value, signed, padding.PSS(padding.MGF1(digest), salt), digest)
        elif isinstance(key, rsa.RSAPublicKey) and algorithm.signature_algo == "rsassa_pkcs1v15":
            key.verify(value, signed, padding.PKCS1v15(), digest)
        else:
            return False
    except (InvalidSignature, RefusedError, ValueError, TypeError):
        return False
    return True
