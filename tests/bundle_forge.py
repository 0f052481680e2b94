"""Makes bundles, good and hostile, part by part, without the code that users run to make them."""

from __future__ import annotations

import functools
import hashlib
import io
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

from asn1crypto import cms, tsp
from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from iocsl import clock
from iocsl.bundle import container, records
from iocsl.bundle.cms import fingerprint, with_timestamp
from iocsl.bundle.delegation import Delegation, record_of
from iocsl.bundle.identity import FileEntry, Slip
from iocsl.bundle.manifest import Manifest, write_manifest
from iocsl.bundle.register import FILE, Appointment, SignerRegister
from iocsl.bundle.signers.pkcs12 import Pkcs12Signer
from iocsl.bundle.testkeys import KEY_NOTE, TSA_FILE
from iocsl.bundle.testtsa import make_token
from iocsl.bundle.trust import FOLDER, TEST, TrustStore
from iocsl.bundle.verify import Policy
from iocsl.ledger.chain import Head, canonical

UNIT, DATASET, PERIOD = "CQ-TC", "KDL-M-016", "2026-10"
CSV = b"ma_chi_tieu,ky_bao_cao,gia_tri\r\nKDL-M-016.001,2026-10,12\r\n"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Holder:
    """A key with its certificate: a CA or a person."""

    key: Key
    certificate: x509.Certificate
    issuer: x509.Certificate

    @property
    def asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER))

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.asn1)

    def signer(self, *, pss: bool = False) -> Pkcs12Signer:
        der = serialization.Encoding.DER
        pkcs8 = self.key.private_bytes(
            der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        chain = [asn1_x509.Certificate.load(self.issuer.public_bytes(der))]
        return Pkcs12Signer(self.asn1, asn1_keys.PrivateKeyInfo.load(pkcs8), chain, pss=pss)


@functools.cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """One RSA key of a size for the whole run: they are slow to make."""
    return rsa.generate_private_key(65537, bits)


def certify(
    name: str,
    issuer: Holder | None = None,
    *,
    key: Key | None = None,
    ca: bool = False,
    days: tuple[int, int] = (-30, 300),
    digital_signature: bool = True,
    extended: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    critical: bool = False,
) -> Holder:
    """A certificate of `issuer`, or a self-signed CA; each option bends one rule."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = clock.record_now()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    issuer_key = issuer.key if issuer else key
    usage = x509.KeyUsage(
        digital_signature=digital_signature and not ca,
        content_commitment=digital_signature and not ca,
        key_encipherment=not digital_signature,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(usage, critical=True)
    )
    if extended and not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([extended]), critical=critical)
    certificate = builder.sign(issuer_key, hashes.SHA256())
    return Holder(key, certificate, issuer.certificate if issuer else certificate)


@functools.cache
def authority() -> Holder:
    return certify("THỬ NGHIỆM CA", ca=True)


@functools.cache
def people() -> tuple[Holder, Holder, Holder]:
    """Preparer, reviewer, head."""
    first, second, third = (certify(f"THỬ NGHIỆM {n}", authority()) for n in "ABC")
    return first, second, third


@functools.cache
def tsa() -> Holder:
    """A time-stamp authority of the test CA."""
    return stamping(authority())


def stamping(issuer: Holder, **bent: Any) -> Holder:
    """A certificate for time-stamps; `bent` overrides what makes it one."""
    use = {"extended": ExtendedKeyUsageOID.TIME_STAMPING, "critical": True}
    return certify("THỬ NGHIỆM TSA", issuer, **{**use, **bent})


def stamped(
    raw: bytes, by: Holder | None = None, at: datetime | None = None, over: bytes | None = None
) -> bytes:
    """The signature with a time-stamp: of `by`, saying `at`, over `over` (default: its value)."""
    value = cms.ContentInfo.load(raw)["content"]["signer_infos"][0]["signature"].native
    digest = hashlib.sha256(value if over is None else over).digest()
    imprint = tsp.MessageImprint(
        {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    )
    signer = (by or tsa()).signer()
    return with_timestamp(raw, make_token(imprint, signer, at or clock.record_now()).dump())


def revocation_list(
    issuer: Holder,
    *revoked: tuple[Holder, datetime],
    days: tuple[int, int] = (-1, 30),
    reason: x509.ReasonFlags | None = None,
) -> asn1_crl.CertificateList:
    """A CRL of `issuer` over the holders revoked since those moments."""
    now = clock.record_now()
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now + timedelta(days=days[0]))
        .next_update(now + timedelta(days=days[1]))
    )
    for holder, since in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(holder.certificate.serial_number)
            .revocation_date(since)
        )
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    made = builder.sign(issuer.key, hashes.SHA256())
    return asn1_crl.CertificateList.load(made.public_bytes(serialization.Encoding.DER))


def appointment(holder: Holder, steps: tuple[int, ...], **bent: Any) -> Appointment:
    """The register's line for a holder; `bent` replaces fields."""
    today = clock.record_now().date()
    common = holder.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    values: dict[str, Any] = {
        "person_id": str(common).lower().replace(" ", "-"),
        "person": str(common),
        "unit": UNIT,
        "steps": steps,
        "fingerprint": holder.fingerprint,
        "first_day": today - timedelta(days=10),
        "last_day": None,
        "basis": "QĐ thử nghiệm",
    }
    return Appointment(**{**values, **bent})


class World:
    """A home whose trust store knows one CA and whose register knows three people."""

    def __init__(self, home: Path, profile: str = TEST) -> None:
        self.home = home
        self.trust = TrustStore(home / FOLDER)
        self.trust.add_certificate(authority().asn1, profile)
        self.trust.add_certificate(authority().asn1, profile, tsa=True)
        self.register = SignerRegister(home / FILE)
        self.appoint(*(appointment(each, (n,)) for n, each in enumerate(people(), 1)))

    @property
    def policy(self) -> Policy:
        return Policy.from_home(self.home)

    def ask_for_stamps(self, folder: Path) -> None:
        """Signatures get a time-stamp from the test authority, whose key lies in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        sealed = pkcs12.serialize_key_and_certificates(
            b"tsa",
            tsa().key,
            tsa().certificate,
            [authority().certificate],
            serialization.BestAvailableEncryption(b"x"),
        )
        (folder / TSA_FILE).write_bytes(sealed)
        (folder / KEY_NOTE).write_text("x\n", "utf-8")
        (folder / KEY_NOTE).chmod(0o600)
        settings = f'[signing]\ntsa_url = "thu-nghiem:{folder.as_posix()}"\n'
        (self.home / "config.toml").write_text(settings, "utf-8")

    def appoint(self, *appointments: Appointment) -> None:
        self.register.write(list(appointments))


def party(holder: Holder) -> records.Person:
    """A holder as a delegation names the person."""
    held = appointment(holder, ())
    return records.Person(held.person_id, held.person, UNIT, held.fingerprint)


def delegation(
    delegator: Holder,
    delegate: Holder,
    step: int = 3,
    *,
    signer: Holder | None = None,
    days: tuple[int, int] = (-1, 5),
    at: datetime | None = None,
    **bent: Any,
) -> tuple[bytes, bytes]:
    """The record by which one gives another the right to sign `step`, and its signature."""
    today = clock.record_now().date()
    values: dict[str, Any] = {
        "unit": UNIT,
        "steps": (step,),
        "first_day": today + timedelta(days=days[0]),
        "last_day": today + timedelta(days=days[1]),
        "basis": "GUQ thử nghiệm",
        "delegator": party(delegator),
        "delegate": party(delegate),
    }
    record = record_of(Delegation(**{**values, **bent}))
    moment = (at or clock.record_now() - timedelta(hours=1)).replace(microsecond=0)
    return record, (signer or delegator).signer().sign(record, moment)


Bend = Callable[[Any], Any]


def same(value: Any) -> Any:
    return value


@dataclass
class Forge:
    """A bundle in the making. Each `sign` adds a step; what is bent is bent before it is signed."""

    files: dict[str, bytes] = field(default_factory=lambda: {"KDL-M-016_2026-10.csv": CSV})
    sequence: int = 1
    members: dict[str, bytes] = field(default_factory=dict)
    slip: Slip = field(init=False)

    def __post_init__(self) -> None:
        entries = tuple(
            FileEntry(name, len(data), hashlib.sha256(data).hexdigest())
            for name, data in sorted(self.files.items())
        )
        self.slip = Slip(UNIT, DATASET, PERIOD, self.sequence, None, entries)

    def fill(self, *, slip: Bend = same, report: Bend = same, description: Bend = same) -> Forge:
        """The records that step 1 signs."""
        self.members = {container.DATA + name: data for name, data in self.files.items()}
        document = records.slip_document(self.slip, [], 0, "0" * 64)
        self.members[container.SLIP] = canonical(slip(document))
        self.members[container.REPORT] = canonical(report(self.report_document()))
        self.members[container.DESCRIPTION] = canonical(description(self.description_document()))
        return self

    def description_document(self) -> dict[str, Any]:
        return {
            "schema": "iocsl/description/1",
            "dataset": {"code": DATASET, "source": {}},
            "unit": {"id": UNIT},
            "period": {"id": PERIOD},
            "catalogue": {"version": 0, "sha256": "0" * 64},
            "structure": {"name": "chi_tieu", "fields": [{"name": "gia_tri"}]},
            "indicators": [],
        }

    def report_document(self) -> dict[str, Any]:
        reports = [
            {
                "file": file.document(),
                "dataset": DATASET,
                "unit": UNIT,
                "period": PERIOD,
                "rule_set": "1" * 64,
                "valid": True,
                "counts": {"rows": 1, "cells": 3, "error": 0, "warning": 0, "info": 0},
                "quality": {"dung": 100, "du": 100, "sach": 100, "song": None},
                "findings": [],
            }
            for file in self.slip.files
        ]
        return {"schema": records.REPORT_SCHEMA, "rule_set": "1" * 64, "reports": reports}

    def sign(
        self,
        step: int,
        holder: Holder | None = None,
        *,
        as_person: records.Person | None = None,
        reason: str | None = None,
        decision: Bend = same,
        manifest: Bend = same,
        raw_manifest: Bend = same,
        cms: Bend = same,
        at: datetime | None = None,
        pss: bool = False,
        by: tuple[bytes, bytes] | None = None,
        sheet: Callable[[bytes], bytes] | None = None,
    ) -> Forge:
        """Add step `step`, signed by `holder` (default: the person of that step).

        `by` is the delegation that the step brings: its record and the signature over it. `sheet`
        makes a signed sheet for a manifest, which then takes the signature's place.
        """
        if not self.members:
            self.fill()
        holder = holder or people()[step - 1]
        held = appointment(holder, (step,))
        person = as_person or records.Person(held.person_id, held.person, UNIT, held.fingerprint)
        sheets = [n for n in (1, 2, 3) if container.sheet_name(n) in self.members]
        signatures = [container.evidence_name(n, sheets) for n in range(1, step)]
        earlier = {n: _sha256(self.members[n]) for n in signatures if n in self.members}
        document = records.decision_document(
            step, self.slip.identity(), person, earlier, ledger=Head(), reason=reason
        )
        self.members[container.decision_name(step)] = canonical(decision(document))
        if by is not None:
            self.members.update(zip(container.delegation_names(step), by, strict=True))
        delegated = [n for n in (1, 2, 3) if container.delegation_names(n)[0] in self.members]
        covered = container.covered_by(step, list(self.files), delegated, sheets)
        names = [n for n in covered if n in self.members]
        references = tuple((name, _sha256(self.members[name])) for name in names)
        evidence = container.evidence_name(step, [step] if sheet else [])
        raw = write_manifest(manifest(Manifest(evidence, references)))
        raw = raw_manifest(raw)
        moment = (at or clock.record_now()).replace(microsecond=0)
        self.members[container.manifest_name(step)] = raw
        sign = sheet or (lambda raw: cms(holder.signer(pss=pss).sign(raw, moment)))
        self.members[evidence] = sign(raw)
        return self

    def sign_all(self) -> Forge:
        return self.sign(1).sign(2).sign(3)

    def packed(self, **bent: Any) -> bytes:
        return pack({"mimetype": container.MIMETYPE, **self.members}, **bent)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def info(name: str, **bent: Any) -> ZipInfo:
    """The header of a member as bundles have it; `bent` sets attributes of `ZipInfo`."""
    made = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    made.create_system = 3
    made.external_attr = (stat.S_IFREG | 0o644) << 16
    for key, value in bent.items():
        setattr(made, key, value)
    return made


def pack(
    members: Mapping[str, bytes],
    *,
    extra: tuple[tuple[ZipInfo, bytes], ...] = (),
    headers: Mapping[str, dict[str, Any]] | None = None,
    comment: bytes = b"",
) -> bytes:
    """A ZIP of the members in their order; `headers` bends the header of one, `extra` follows."""
    stream = io.BytesIO()
    with ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(info(name, **(headers or {}).get(name, {})), data)
        for header, data in extra:
            archive.writestr(header, data)
        archive.comment = comment
    return stream.getvalue()


@functools.cache
def good() -> bytes:
    """A bundle that every hostile one starts from: three people, all well."""
    return Forge().sign_all().packed()


def good_forge() -> Forge:
    """The same with its parts at hand."""
    return Forge(members=dict(_good_members()))


@functools.cache
def _good_members() -> tuple[tuple[str, bytes], ...]:
    return tuple(Forge().sign_all().members.items())
