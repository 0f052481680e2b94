"""Whether a certificate was revoked, by the CRL and OCSP files in the trust store.

RFC 5280, 5 and 6.3; RFC 6960. Nothing is fetched: what is not known stays unknown. A statement
counts when the issuer of the certificate made it, was not yet stale at the moment asked about, and
was made before the certificate ran out: afterwards an issuer may forget that it was revoked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from iocsl.bundle import ocsp as answers_of
from iocsl.bundle.cms import name_of
from iocsl.bundle.ocsp import Statement
from iocsl.bundle.refusals import RefusedError

if TYPE_CHECKING:
    from asn1crypto import crl, ocsp, x509

_COMPROMISED = frozenset({"key_compromise", "ca_compromise", "aa_compromise"})
_ENTRY_EXTENSIONS = frozenset({"crl_reason", "invalidity_date"})
_LIST_EXTENSIONS = frozenset({"authority_key_identifier", "crl_number"})
_WORST = "key_compromise"


@dataclass(frozen=True, slots=True)
class Statements:
    """What issuers have said of revocation, as far as it lies in a trust store."""

    lists: tuple[crl.CertificateList, ...]
    answers: tuple[ocsp.OCSPResponse, ...]

    def of(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Iterator[Statement]:
        """Every statement of `issuer` about a certificate that it gave out."""
        for each in self.lists:
            if speaks_for(each, issuer):
                yield _entry(each, certificate)
        for answer in self.answers:
            found = answers_of.statement(answer, certificate, issuer)
            if found is not None:
                yield found


def unknown_status(
    path: Sequence[x509.Certificate],
    statements: Statements,
    moment: datetime,
    step: int,
    *,
    stamped: bool,
) -> list[str]:
    """The subjects in `path` (anchor first) of whom nobody says whether they were revoked.

    Raises `RefusedError` B605 when one was: at or before `moment`, at any time when its key was
    compromised, and at any time when no time-stamp shows that the signature came first.
    """
    unknown = []
    for issuer, certificate in pairwise(path):
        found = list(statements.of(certificate, issuer))
        if any(_revoked(each, moment, stamped=stamped) for each in found):
            raise RefusedError("B605", subject=name_of(certificate), step=step)
        last = certificate.not_valid_after
        if not any(each.ends >= moment and each.made <= last for each in found):
            unknown.append(name_of(certificate))
    return unknown


def _revoked(found: Statement, moment: datetime, *, stamped: bool) -> bool:
    if found.since is None:
        return False
    return not (stamped and found.reason not in _COMPROMISED and found.since > moment)


def speaks_for(found: crl.CertificateList, issuer: x509.Certificate) -> bool:
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


def _entry(found: crl.CertificateList, certificate: x509.Certificate) -> Statement:
    """What a list says of a certificate, be it by not naming it."""
    made = found["tbs_cert_list"]["this_update"].native
    ends = found["tbs_cert_list"]["next_update"].native
    if not isinstance(ends, datetime):
        ends = made
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
        return Statement(made, ends, since if plain else made, reason if plain else _WORST)
    return Statement(made, ends, None, None)
