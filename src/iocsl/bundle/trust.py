"""Whom this home trusts: certificates, and what issuers said, in `home/trust/`, with an index.

Nothing is trusted out of the box. An anchor carries the profile under which it was added:
`thu-nghiem` (throw-away keys, for trying out) or `chinh-thuc` (the real thing). A file that is not
in the index, or no longer has the fingerprint pinned there, is not used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl import clock
from iocsl.bundle.refusals import RefusedError
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, is_folder, missing_file, usage
from iocsl.files import write_whole

if TYPE_CHECKING:
    from datetime import datetime

    from asn1crypto import crl, ocsp, x509

FOLDER = "trust"
INDEX = "index.json"
TEST, OFFICIAL = "thu-nghiem", "chinh-thuc"
PROFILES = (TEST, OFFICIAL)
ANCHOR, INTERMEDIATE, TSA, CRL, OCSP = "anchor", "intermediate", "tsa", "crl", "ocsp"
_SCHEMA = "iocsl/trust/1"
_MAX_BYTES = 1 << 20
_LABELS = {CRL: "X509 CRL", OCSP: "OCSP RESPONSE"}


@dataclass(frozen=True, slots=True)
class Trusted:
    """One line of the index. `fingerprint` is SHA-256 of the DER in hex.

    Of a revocation list or an OCSP answer `not_after` is when it goes stale, "" where it says none.
    """

    fingerprint: str
    kind: str
    profile: str
    subject: str
    not_after: str
    added_at: str

    def document(self) -> dict[str, str]:
        return {key: getattr(self, key) for key in self.__slots__}


class TrustStore:
    """The trusted certificates of one home or one warehouse."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def from_home(cls, home: Path) -> TrustStore:
        return cls(home / FOLDER)

    def entries(self) -> list[Trusted]:
        """The index, in the order of adding. Exit 3 when it cannot be read."""
        path = self.folder / INDEX
        if not path.is_file():
            return []
        try:
            document = json.loads(path.read_text("utf-8"))
            if document["schema"] != _SCHEMA:
                raise _bad_index(path)
            return [Trusted(**{str(k): str(v) for k, v in row.items()}) for row in document["list"]]
        except (ValueError, TypeError, KeyError, AttributeError):
            raise _bad_index(path) from None

    def certificates(self, kind: str) -> list[tuple[x509.Certificate, Trusted]]:
        """The certificates of one kind. Exit 4 when a file is missing or is not the one pinned."""
        return list(self._pinned(kind, read_certificate))

    def revocation_lists(self) -> list[crl.CertificateList]:
        """The CRLs; each was signed or not, which is judged where it is used."""
        from iocsl.bundle.statements import read_list

        return [found for found, _ in self._pinned(CRL, read_list)]

    def answers(self) -> list[ocsp.OCSPResponse]:
        """The OCSP answers; whose word each is, is judged where it is used."""
        from iocsl.bundle.statements import read_answer

        return [found for found, _ in self._pinned(OCSP, read_answer)]

    def _pinned(self, kind: str, read: Callable[[Path], Any]) -> Iterator[tuple[Any, Trusted]]:
        """What the files of one kind hold. Exit 4 when one is missing or is not the one pinned."""
        for entry in self.entries():
            if entry.kind != kind:
                continue
            path = self._file(entry.fingerprint)
            try:
                found = read(path)
            except IocslError:
                raise _not_pinned(path, entry) from None
            if hashlib.sha256(found.dump()).hexdigest() != entry.fingerprint:
                raise _not_pinned(path, entry)
            yield found, entry

    def add(self, path: Path, profile: str, *, tsa: bool = False) -> Trusted:
        """Trust the CA certificate, or take in what an issuer said, in `path` (PEM or DER).

        `tsa` trusts a CA for time-stamps alone. Adding the same again changes nothing.
        """
        from iocsl.bundle.statements import is_statement

        if is_statement(path):
            return self.take_in(path)
        return self.add_certificate(read_certificate(path), profile, tsa=tsa)

    def take_in(self, path: Path) -> Trusted:
        """Take in the CRL or OCSP answer in `path`, under the profile of its issuer.

        Older ones of the same issuer stay: old time-stamps may need them. Exit 2 when it is
        neither, or the word of nobody trusted here.
        """
        from iocsl.bundle.ocsp import speaks_of
        from iocsl.bundle.revocation import speaks_for
        from iocsl.bundle.statements import is_answer, read_statement

        found = read_statement(path)
        for issuer, entry in self._issuers():
            if is_answer(found) and speaks_of(found, issuer):
                return self.add_answer(found, entry.profile)
            if not is_answer(found) and speaks_for(found, issuer):
                return self.add_revocation_list(found, entry.profile)
        raise _unknown_issuer(path)

    def _issuers(self) -> list[tuple[x509.Certificate, Trusted]]:
        return [pair for kind in (ANCHOR, INTERMEDIATE, TSA) for pair in self.certificates(kind)]

    def add_certificate(
        self, certificate: x509.Certificate, profile: str, *, tsa: bool = False
    ) -> Trusted:
        """An anchor when it is self-signed, else an intermediate that still needs its anchor."""
        from iocsl.bundle.cms import check_key, fingerprint, name_of

        _check_is_ca(certificate)
        try:
            check_key(certificate, 0)
        except RefusedError as refused:
            raise _weak_issuer(refused) from None
        kind = ANCHOR if certificate.subject == certificate.issuer else INTERMEDIATE
        entry = Trusted(
            fingerprint(certificate),
            TSA if tsa else kind,
            profile,
            name_of(certificate),
            clock.iso(certificate.not_valid_after),
            clock.iso(clock.record_now()),
        )
        return self._keep(entry, "CERTIFICATE", certificate.dump())

    def add_revocation_list(self, found: crl.CertificateList, profile: str) -> Trusted:
        """Take in a CRL, whoever made it; who did is judged where it is used."""
        ends = found["tbs_cert_list"]["next_update"].native
        name = str(found.issuer.native.get("common_name") or found.issuer.human_friendly)
        return self._add_statement(found.dump(), CRL, profile, name, ends)

    def add_answer(self, found: ocsp.OCSPResponse, profile: str) -> Trusted:
        """Take in an OCSP answer, whoever gave it; who did is judged where it is used."""
        from iocsl.bundle.ocsp import ends_at, serials_of

        serials = ", ".join(f"{serial:x}" for serial in serials_of(found))
        return self._add_statement(found.dump(), OCSP, profile, serials, ends_at(found))

    def _add_statement(
        self, der: bytes, kind: str, profile: str, subject: str, ends: datetime | None
    ) -> Trusted:
        entry = Trusted(
            hashlib.sha256(der).hexdigest(),
            kind,
            profile,
            subject,
            clock.iso(ends) if ends else "",
            clock.iso(clock.record_now()),
        )
        return self._keep(entry, _LABELS[kind], der)

    def _keep(self, entry: Trusted, label: str, der: bytes) -> Trusted:
        from asn1crypto import pem

        present = self.entries()
        for each in present:
            if each.fingerprint == entry.fingerprint:
                if each.profile != entry.profile:
                    raise _other_profile(each)
                if each.kind == entry.kind:
                    return each
        # The file first: an index that names a missing file would stop every command.
        write_whole(self._file(entry.fingerprint), pem.armor(label, der))
        self._write([*present, entry])
        return entry

    def remove(self, fingerprints: Iterable[str]) -> None:
        """Trust these no longer; unknown ones are let be."""
        gone = set(fingerprints)
        self._write([entry for entry in self.entries() if entry.fingerprint not in gone])
        for mark in gone:
            self._file(mark).unlink(missing_ok=True)

    def _file(self, mark: str) -> Path:
        return self.folder / f"{mark}.pem"

    def _write(self, entries: list[Trusted]) -> None:
        document: dict[str, Any] = {
            "schema": _SCHEMA,
            "list": [entry.document() for entry in entries],
        }
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        write_whole(self.folder / INDEX, text.encode())


def read_certificate(path: Path) -> x509.Certificate:
    """One certificate in PEM or DER. Exit 2 when there is none."""
    from asn1crypto import pem, x509

    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    try:
        raw = path.read_bytes() if path.stat().st_size <= _MAX_BYTES else b""
        if pem.detect(raw):
            kind, _, raw = pem.unarmor(raw)
            if kind != "CERTIFICATE":
                raise _not_a_certificate(path)
        certificate = x509.Certificate.load(raw, strict=True)
        # Parsing is lazy: look at the parts that everything else relies on.
        parts = (certificate.subject.native, certificate.not_valid_after, certificate.public_key)
        certificate.native  # noqa: B018 - parses all extensions
    except (ValueError, TypeError, KeyError):
        raise _not_a_certificate(path) from None
    if not all(parts):
        raise _not_a_certificate(path)
    return certificate


def _check_is_ca(certificate: x509.Certificate) -> None:
    constraints = certificate.basic_constraints_value
    if constraints is None or not constraints["ca"].native:
        raise usage(
            "not-a-ca",
            "Đây là chứng thư của một người ký, không phải của nơi cấp (CA).",
            "This is the certificate of a signer, not of an issuer (CA).",
            (
                "Người ký đăng ký bằng: iocsl signers add. Ở đây chọn tệp của nơi cấp.",
                "Signers are registered with: iocsl signers add. Choose the issuer's file here.",
            ),
        )


def _weak_issuer(refused: RefusedError) -> IocslError:
    words = refused.refusal.message
    return usage(
        "weak-issuer",
        f"Không thể tin nơi cấp này: {words.vi}",
        f"This issuer cannot be trusted: {words.en}",
        ("Dùng chứng thư mới của nơi cấp.", "Use the issuer's newer certificate."),
    )


def _not_a_certificate(path: Path) -> IocslError:
    return usage(
        "not-a-certificate",
        f"“{path}” không phải là tệp chứng thư hay danh sách thu hồi (PEM hoặc DER).",
        f"“{path}” is neither a certificate nor a revocation list (PEM or DER).",
        (
            "Chọn tệp .pem, .crt hoặc .cer chứa đúng một chứng thư, hoặc tệp .crl.",
            "Choose a .pem, .crt or .cer file with exactly one certificate, or a .crl file.",
        ),
    )


def _unknown_issuer(path: Path) -> IocslError:
    return usage(
        "unknown-issuer",
        f"“{path}” không phải lời của nơi cấp nào được tin ở đây.",
        f"“{path}” is the word of no issuer that is trusted here.",
        ("Thêm nơi cấp trước: iocsl trust add", "Trust the issuer first: iocsl trust add"),
    )


def _other_profile(entry: Trusted) -> IocslError:
    return usage(
        "other-profile",
        f"“{entry.subject}” đã được tin theo loại “{entry.profile}”.",
        f"“{entry.subject}” is already trusted under the profile “{entry.profile}”.",
        (
            "Một nơi cấp chỉ thuộc một loại. Xem: iocsl trust list",
            "An issuer belongs to one profile. See: iocsl trust list",
        ),
    )


def _bad_index(path: Path) -> IocslError:
    return IocslError(
        "bad-trust-index",
        f"Không đọc được danh mục nơi cấp được tin “{path}”.",
        f"The index of trusted issuers “{path}” cannot be read.",
        (
            "Khôi phục từ bản sao lưu, hoặc xóa thư mục trust rồi thêm lại bằng iocsl trust add.",
            "Restore it from a backup, or remove the folder and add again with iocsl trust add.",
        ),
    )


def _not_pinned(path: Path, entry: Trusted) -> IocslError:
    return IocslError(
        "trust-changed",
        f"Tệp “{path}” của nơi cấp “{entry.subject}” bị mất hoặc đã bị đổi.",
        f"The file “{path}” of the issuer “{entry.subject}” is missing or was changed.",
        (
            "Khôi phục thư mục trust từ bản sao lưu, hoặc thêm lại bằng iocsl trust add.",
            "Restore the trust folder from a backup, or add again with iocsl trust add.",
        ),
        ExitCode.INTEGRITY,
    )
