"""Files in which issuers say who was revoked: revocation lists (CRL) and OCSP answers."""

from __future__ import annotations

from pathlib import Path
from typing import TypeGuard

from asn1crypto import crl, ocsp, pem

from iocsl.errors import IocslError, is_folder, missing_file, usage

_MAX_BYTES = 64 << 20
_MAX_ANSWERS = 64
_LISTS, _ANSWERS = "X509 CRL", "OCSP RESPONSE"
_LIES = (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError)
"""What asn1crypto raises, when asked, for bytes that lie."""


def read_statement(path: Path) -> crl.CertificateList | ocsp.OCSPResponse:
    """One CRL or one OCSP answer, in PEM or DER, judged by its content. Exit 2 when it is neither.

    Everything that is asked for later has been looked at; whose word it is, has not.
    """
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    raw = path.read_bytes() if path.stat().st_size <= _MAX_BYTES else b""
    kinds = {_LISTS, _ANSWERS}
    try:
        if pem.detect(raw):
            label, _, raw = pem.unarmor(raw)
            kinds &= {label}
    except ValueError:
        raise _neither(path) from None
    found = _list(raw) if _LISTS in kinds else None
    if found is None and _ANSWERS in kinds:
        found = _answer(raw)
    if found is None:
        raise _neither(path)
    return found


def read_list(path: Path) -> crl.CertificateList:
    """One CRL. Exit 2 when there is none."""
    found = read_statement(path)
    if is_answer(found):
        raise _neither(path)
    return found


def read_answer(path: Path) -> ocsp.OCSPResponse:
    """One OCSP answer. Exit 2 when there is none."""
    found = read_statement(path)
    if not is_answer(found):
        raise _neither(path)
    return found


def is_statement(path: Path) -> bool:
    """Whether a CRL or an OCSP answer is in the file."""
    try:
        return path.is_file() and read_statement(path) is not None
    except IocslError:
        return False


def is_answer(found: crl.CertificateList | ocsp.OCSPResponse) -> TypeGuard[ocsp.OCSPResponse]:
    return isinstance(found, ocsp.OCSPResponse)


def _list(raw: bytes) -> crl.CertificateList | None:
    try:
        found = crl.CertificateList.load(raw, strict=True)
        whole = (found["tbs_cert_list"]["this_update"].native, found.issuer.native)
    except _LIES:
        return None
    return found if all(whole) else None


def _answer(raw: bytes) -> ocsp.OCSPResponse | None:
    """A successful answer; one that says no more than that it failed is none."""
    try:
        found = ocsp.OCSPResponse.load(raw, strict=True)
        if found["response_status"].native != "successful":
            return None
        basic = found.basic_ocsp_response
        count = len(basic["tbs_response_data"]["responses"])
        basic.native  # noqa: B018 - parses all of it
    except _LIES:
        return None
    return found if 0 < count <= _MAX_ANSWERS else None


def _neither(path: Path) -> IocslError:
    return usage(
        "not-a-statement",
        f"“{path}” không phải danh sách thu hồi (CRL) hay câu trả lời OCSP.",
        f"“{path}” is neither a revocation list (CRL) nor an OCSP answer.",
        (
            "Chọn tệp .crl, hoặc tệp trả lời OCSP dạng DER (.der, .ors) do nơi cấp ký.",
            "Choose a .crl file, or an OCSP answer in DER (.der, .ors) that the issuer signed.",
        ),
    )
