"""Whether a certificate was revoked, by the CRL files in the trust store (RFC 5280, 5 and 6.3).

Nothing is fetched: what is not known stays unknown. A CRL counts when its issuer's certificate
signed it and it was not yet stale at the moment asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from iocsl.bundle.cms import name_of
from iocsl.bundle.refusals import RefusedError

if TYPE_CHECKING:
    from asn1crypto import crl, x509

_COMPROMISED = frozenset({"key_compromise", "ca_compromise", "aa_compromise"})
_ENTRY_EXTENSIONS = frozenset({"crl_reason", "invalidity_date"})
_LIST_EXTENSIONS = frozenset({"authority_key_identifier", "crl_number"})


def unknown_status(
    path: Sequence[x509.Certificate],
    lists: Sequence[crl.CertificateList],
    moment: datetime,
    step: int,
    *,
    stamped: bool,
) -> list[str]:
    """The subjects in `path` (anchor first) of whom no CRL says whether they were revoked.

    Raises `RefusedError` B605 when one was: at or before `moment`, at any time when its key was
    compromised, and at any time when no time-stamp shows that the signature came first.
    """
    unknown = []
    for issuer, certificate in pairwise(path):
        fitting = [each for each in lists if _speaks_for(each, issuer)]
        for each in fitting:
            if _revoked(each, certificate, moment, stamped=stamped):
                raise RefusedError("B605", subject=name_of(certificate), step=step)
        if not any(_fresh(each, moment) for each in fitting):
            unknown.append(name_of(certificate))
    return unknown


def _speaks_for(found: crl.CertificateList, issuer: x509.Certificate) -> bool:
    """Whether `issuer` signed this CRL, and it is a plain one: whole, direct, of all reasons."""
    from cryptography import x509 as crypto_x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    if found.issuer != issuer.subject:
        return False
    usage = issuer.key_usage_value
    if usage is not None and "crl_sign" not in usage.native:
        return False
    for extension in found["tbs_cert_list"]["crl_extensions"]:
        if extension["critical"].native and extension["extn_id"].native not in _LIST_EXTENSIONS:
            return False
    if found["signature_algorithm"].hash_algo not in {"sha256", "sha384", "sha512"}:
        return False
    try:
        parsed = crypto_x509.load_der_x509_crl(found.dump())
        key = crypto_x509.load_der_x509_certificate(issuer.dump()).public_key()
        return parsed.is_signature_valid(key)  # type: ignore[arg-type] # other keys: TypeError
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False


def _fresh(found: crl.CertificateList, moment: datetime) -> bool:
    """Whether the CRL had not gone stale at `moment`; one made later knows more, not less."""
    ends = found["tbs_cert_list"]["next_update"].native
    return isinstance(ends, datetime) and ends >= moment


def _revoked(
    found: crl.CertificateList, certificate: x509.Certificate, moment: datetime, *, stamped: bool
) -> bool:
    for entry in found["tbs_cert_list"]["revoked_certificates"]:
        if entry["user_certificate"].native != certificate.serial_number:
            continue
        extensions = {
            each["extn_id"].native: each["extn_value"].native
            for each in entry["crl_entry_extensions"]
        }
        reason = extensions.get("crl_reason")
        if reason == "remove_from_crl":
            continue
        since = entry["revocation_date"].native
        # An extension that is not understood is read against the certificate.
        plain = set(extensions) <= _ENTRY_EXTENSIONS and isinstance(since, datetime)
        if not (stamped and plain and reason not in _COMPROMISED and since > moment):
            return True
    return False
