"""Whether a signer's certificate leads to an issuer trusted here, at given moments.

Paths are built and validated by pyhanko-certvalidator (RFC 5280), without any network. What it lets
through is checked on top: key usage, weak keys and digests anywhere in the path, an expired anchor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from iocsl import clock
from iocsl.bundle.cms import check_key, name_of, signed_by
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.revocation import Statements
from iocsl.bundle.trust import ANCHOR, INTERMEDIATE, TSA, Trusted, TrustStore

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko_certvalidator.path import ValidationPath

PERSON_USES = frozenset(
    {
        "email_protection",
        "any_extended_key_usage",
        "1.3.6.1.5.5.7.3.36",  # documentSigning, RFC 9336
        "1.3.6.1.4.1.311.10.3.12",  # Microsoft's document signing
        "microsoft_document_signing",
        "document_signing",
    }
)
_DIGESTS = frozenset({"sha256", "sha384", "sha512"})


@dataclass(frozen=True, slots=True)
class Anchors:
    """A trust store read once, for the three signatures of a bundle."""

    roots: tuple[tuple[x509.Certificate, Trusted], ...]
    intermediates: tuple[x509.Certificate, ...]
    tsa_roots: tuple[tuple[x509.Certificate, Trusted], ...]
    statements: Statements

    @classmethod
    def read(cls, store: TrustStore) -> Anchors:
        return cls(
            tuple(store.certificates(ANCHOR)),
            tuple(certificate for certificate, _ in store.certificates(INTERMEDIATE)),
            tuple(store.certificates(TSA)),
            Statements(tuple(store.revocation_lists()), tuple(store.answers())),
        )

    def for_stamps(self) -> Anchors:
        """The same with the anchors of time-stamp authorities in the place of the others."""
        return replace(self, roots=self.tsa_roots)


@dataclass(frozen=True, slots=True)
class Path:
    """A validated path: certificates from the anchor down, and the anchor's line in the store."""

    certificates: tuple[x509.Certificate, ...]
    anchor: Trusted


def check_person(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Anchors,
    moments: Sequence[datetime],
    step: int,
) -> Path:
    """The path of a person's certificate, which must hold at each of the moments.

    Raises `RefusedError` B501, B502, B601-B604, B606.
    """
    check_usage(certificate, step)
    return check_path(certificate, others, anchors, moments, step)


def check_path(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Anchors,
    moments: Sequence[datetime],
    step: int,
) -> Path:
    """The path of any certificate to an anchor at each of the moments. Raises as `check_person`."""
    check_key(certificate, step)
    check_digest(certificate)
    for moment in moments:
        _check_validity(certificate, moment, step)
    found = _path_at(certificate, others, anchors, moments[0], step)
    for moment in moments:
        # The anchor as well, which RFC 5280 leaves to the one who trusts it.
        for each in found.certificates:
            _check_validity(each, moment, step)
    return found


def check_usage(certificate: x509.Certificate, step: int) -> None:
    """A person's certificate, made for signing. Raises B604, its `detail` what it is for."""
    subject = name_of(certificate)
    constraints = certificate.basic_constraints_value
    if constraints is not None and constraints["ca"].native:
        raise RefusedError("B604", subject=subject, step=step, detail="CA")
    usage = certificate.key_usage_value
    if usage is None or not usage.native & {"digital_signature", "non_repudiation"}:
        uses = _listed("keyUsage", usage.native if usage else ())
        raise RefusedError("B604", subject=subject, step=step, detail=uses)
    extended = certificate.extended_key_usage_value
    if extended is not None and not set(extended.native) & PERSON_USES:
        uses = _listed("extKeyUsage", extended.native)
        raise RefusedError("B604", subject=subject, step=step, detail=uses)


def _listed(name: str, uses: Iterable[str]) -> str:
    """`keyUsage: keyEncipherment`, in the words of RFC 5280."""
    words = (use.split("_") for use in sorted(uses))
    listed = ", ".join(first + "".join(each.title() for each in rest) for first, *rest in words)
    return f"{name}: {listed or '–'}"


def _check_extensions(certificate: x509.Certificate, step: int) -> None:
    """RFC 5280 4.2: each extension once; of two, one reader takes the first and one the last."""
    names = [each["extn_id"].dotted for each in certificate["tbs_certificate"]["extensions"]]
    if len(set(names)) != len(names):
        subject = name_of(certificate)
        raise RefusedError("B606", subject=subject, step=step, detail="extension × 2")


def check_digest(certificate: x509.Certificate) -> None:
    """What its issuer signed it with. Raises B501."""
    try:
        digest = certificate.hash_algo
    except ValueError:
        digest = str(certificate["signature_algorithm"]["algorithm"].native)
    if digest not in _DIGESTS:
        raise RefusedError("B501", where=name_of(certificate), algorithm=digest)


def _check_validity(certificate: x509.Certificate, moment: datetime, step: int) -> None:
    if not certificate.not_valid_before <= moment <= certificate.not_valid_after:
        raise RefusedError(
            "B603", subject=name_of(certificate), step=step, moment=clock.iso(moment)
        )


def _path_at(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Anchors,
    moment: datetime,
    step: int,
) -> Path:
    subject = name_of(certificate)
    if not anchors.roots:
        # Given none, the library would turn to the anchors of the operating system.
        raise RefusedError("B601", subject=subject, step=step)
    try:
        path = asyncio.run(_validated_path(certificate, others, anchors, moment))
    except _PathRefusedError as refused:
        if refused.expired:
            raise RefusedError(
                "B603", subject=subject, step=step, moment=clock.iso(moment)
            ) from None
        raise _untrusted(certificate, others, anchors, refused.detail, step) from None
    certificates = tuple(path)
    for each in certificates:
        _check_extensions(each, step)
    anchor = next(entry for root, entry in anchors.roots if root.dump() == certificates[0].dump())
    for each in certificates:
        check_key(each, step)
    for each in certificates[1:]:
        # The anchor's own signature proves nothing, so its digest does not count.
        check_digest(each)
    return Path(certificates, anchor)


class _PathRefusedError(Exception):
    def __init__(self, detail: str | None, *, expired: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.expired = expired


async def _validated_path(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Anchors,
    moment: datetime,
) -> ValidationPath:
    from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors

    context = ValidationContext(
        trust_roots=[root for root, _ in anchors.roots],
        other_certs=[*anchors.intermediates, *others],
        moment=moment,
        allow_fetching=False,
        weak_hash_algos={"md2", "md5", "sha1"},
        revocation_mode="soft-fail",
    )
    try:
        return await CertificateValidator(
            certificate, validation_context=context
        ).async_validate_path()
    except (errors.ExpiredError, errors.NotYetValidError) as error:
        raise _PathRefusedError(str(error), expired=True) from None
    except errors.PathBuildingError:
        raise _PathRefusedError(None) from None
    except errors.ValidationError as error:
        raise _PathRefusedError(type(error).__name__) from None


def _untrusted(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Anchors,
    detail: str | None,
    step: int,
) -> RefusedError:
    """Tell a stranger from one who borrows a trusted name, and both from a faulty path."""
    subject = name_of(certificate)
    if detail == "DisallowedAlgorithmError":
        return RefusedError("B501", where=subject, algorithm="SHA-1, MD5")
    for each in (certificate, *others):
        namesakes = [root for root, _ in anchors.roots if root.subject == each.issuer]
        if namesakes and not any(signed_by(each, root) for root in namesakes):
            return RefusedError("B602", issuer=name_of(namesakes[0]), step=step)
    if detail is None or detail == "InvalidCertificateError":
        return RefusedError("B601", subject=subject, step=step)
    return RefusedError("B606", subject=subject, step=step, detail=detail)
