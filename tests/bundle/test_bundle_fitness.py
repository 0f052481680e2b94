"""What is wrong with a certificate is said when it is registered, not when somebody signs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from iocsl.bundle.refusals import refusal_info
from iocsl.bundle.register import SignerRegister
from iocsl.cli import main

UNITED = ("--unit", "CQ-TC", "--step", "1", "--basis", "QĐ 1/QĐ-STC")
NOW = datetime.now(UTC)
SIGNS = {"digital_signature", "content_commitment"}
ALL = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
Make = Callable[..., Path]


@pytest.fixture(scope="module")
def keys() -> dict[str, Any]:
    return {
        "P-256": ec.generate_private_key(ec.SECP256R1()),
        "RSA 2048": rsa.generate_private_key(65537, 2048),
        "RSA 1024": rsa.generate_private_key(65537, 1024),  # noqa: S505 - weak is the point
        "P-192": ec.generate_private_key(ec.SECP192R1()),
        "Ed25519": ed25519.Ed25519PrivateKey.generate(),
    }


@pytest.fixture
def make(tmp_path: Path, keys: dict[str, Any]) -> Make:
    """A certificate file, signed by its own key; good unless told otherwise."""

    def made(
        key: str = "P-256",
        uses: set[str] | None = SIGNS,
        extended: list[x509.ObjectIdentifier] | None = None,
        *,
        name: str = "Nguyễn Văn A",
        ca: bool = False,
        sha1: bool = False,
        days: tuple[float, float] = (-30, 400),
    ) -> Path:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        private = keys[key]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + timedelta(days=days[0]))
            .not_valid_after(NOW + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
        )
        if uses is not None:
            builder = builder.add_extension(
                x509.KeyUsage(**{each: each in uses for each in ALL}), critical=True
            )
        if extended is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
        algorithm = None if key == "Ed25519" else hashes.SHA256()
        signed = builder.sign(private, algorithm).public_bytes(Encoding.DER)
        path = tmp_path / "chung-thu.cer"
        path.write_bytes(as_if_sha1(signed) if sha1 else signed)
        return path

    return made


def as_if_sha1(der: bytes) -> bytes:
    """The same certificate, saying that its issuer signed over SHA-1."""
    certificate = asn1_x509.Certificate.load(der)
    weak = algos.SignedDigestAlgorithm({"algorithm": "sha1_rsa"})
    certificate["tbs_certificate"]["signature"] = weak
    certificate["signature_algorithm"] = weak
    changed: bytes = certificate.dump(force=True)
    return changed


def register(
    capsys: pytest.CaptureFixture[str], path: Path, *words: str, code: int = 0
) -> dict[str, Any]:
    given = ["signers", "add", str(path), "--person", "Nguyễn Văn A", *UNITED, *words]
    assert main([*given, "--format", "json"]) == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.parametrize(
    ("faults", "code", "said"),
    [
        ({"extended": [ExtendedKeyUsageOID.SERVER_AUTH]}, "wrong-usage", "serverAuth"),
        ({"ca": True}, "wrong-usage", "(CA)"),
        ({"uses": {"key_encipherment"}}, "wrong-usage", "keyEncipherment"),
        ({"uses": None}, "wrong-usage", "keyUsage"),
        ({"key": "RSA 1024"}, "weak-key", "1024"),
        ({"key": "P-192"}, "weak-key", "192"),
        ({"key": "Ed25519"}, "algorithm-not-permitted", "ed25519"),
        ({"key": "RSA 2048", "sha1": True}, "weak-digest", "sha1"),
        ({"days": (-400, -1)}, "out-of-validity", "không ngày nào"),
    ],
)
def test_what_could_never_sign_is_refused(
    *,
    make: Make,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    faults: dict[str, Any],
    code: str,
    said: str,
) -> None:
    error = register(capsys, make(**faults), code=4)["error"]
    assert error["code"] == code
    assert said in error["message"]
    assert error["hint"]
    assert refusal_info(code) is not None
    assert SignerRegister.from_home(home).appointments() == []
    assert not (home / "signers").exists()


def test_everything_wrong_is_said_at_once(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make("RSA 1024", {"key_agreement"}, sha1=True, name="A\x1b[2JB")
    assert main(["signers", "add", str(path), "--person", "A", *UNITED, "--lang", "en"]) == 4
    said = capsys.readouterr().err
    assert all(each in said for each in ("keyAgreement", "RSA 1024", "sha1"))
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("days", "words", "code"),
    [
        ((-30, 10), (), "expires-soon"),
        ((20, 400), (), "not-yet-valid"),
        ((-400, -100), ("--from", "2020-01-01", "--to", "PAST"), "out-of-validity"),
    ],
)
def test_what_may_sign_is_registered_with_a_warning(
    *,
    make: Make,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    days: tuple[float, float],
    words: tuple[str, ...],
    code: str,
) -> None:
    past = f"{NOW - timedelta(days=200):%Y-%m-%d}"
    given = [past if each == "PAST" else each for each in words]
    document = register(capsys, make(days=days), *given)
    warned = [each["code"] for each in document["warnings"]]
    assert warned == [code, "untrusted"]
    assert len(SignerRegister.from_home(home).appointments()) == 1


def test_days_outside_the_certificates_are_refused(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    until = f"{NOW + timedelta(days=5):%Y-%m-%d}"
    error = register(capsys, make(days=(20, 400)), "--to", until, code=4)["error"]
    assert error["code"] == "out-of-validity"
    assert "--to" in error["hint"]


def test_a_trusted_issuer_is_no_warning_and_a_revoked_signer_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["bundle", "keys", "test", "--dir", "khoa", "--unit", "CQ-YT"]) == 0
    (home / "signers.yaml").unlink()
    capsys.readouterr()
    path = tmp_path / "khoa" / "buoc-1.pem"
    assert register(capsys, path)["warnings"] == []

    from iocsl.bundle import fitness, refusals

    def revoked(*given: Any, **more: Any) -> list[str]:
        raise refusals.RefusedError("B605", subject="A", step=0)

    monkeypatch.setattr(fitness, "unknown_status", revoked)
    assert register(capsys, tmp_path / "khoa" / "buoc-2.pem", code=4)["error"]["code"] == "revoked"
    past = ("--from", "2026-01-01", "--to", "2026-02-01")
    error = register(capsys, tmp_path / "khoa" / "buoc-2.pem", *past, code=4)["error"]
    assert error["code"] == "out-of-validity"


def test_a_name_without_letters_needs_an_id(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["signers", "add", str(make()), "--person", "(!)", *UNITED]
    assert main(given) == 2
    assert "--id" in capsys.readouterr().err
    assert main([*given, "--id", "a"]) == 0


def test_the_check_looks_at_certificates_again(
    make: Make, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make(days=(-30, 60))
    document = register(capsys, path)
    later = f"{NOW + timedelta(days=45):%Y-%m-%dT%H:%MZ}"
    after = f"{NOW + timedelta(days=90):%Y-%m-%dT%H:%MZ}"
    for at, code in ((later, "expires-soon"), (after, "out-of-validity")):
        assert main(["signers", "check", "--at", at, "--format", "json"]) == 1
        found = json.loads(capsys.readouterr().out)
        assert code in [each["code"] for each in found]
        assert all(set(each) == {"unit", "code", "message"} for each in found)
    assert main(["signers", "check", "--at", "9999-12-31T23:59", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)
    copy = home / "signers" / f"{document['fingerprint']}.pem"
    copy.write_bytes(make(name="Khác").read_bytes())
    # A copy that is not what was registered says nothing of it.
    assert main(["signers", "check", "--at", after, "--format", "json"]) == 1
    assert "out-of-validity" not in capsys.readouterr().out
    register(capsys, make(days=(-30, 60)))
