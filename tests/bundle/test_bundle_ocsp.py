"""OCSP answers as files: whose word counts, what it says at the time-stamp, and what is pinned."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos, core, pem
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from bundle_forge import (
    Forge,
    Holder,
    World,
    appointment,
    authority,
    certify,
    people,
    revocation_list,
    rsa_key,
    stamped,
    tsa,
)
from iocsl import clock
from iocsl.bundle.trust import OFFICIAL, TEST, TrustStore
from iocsl.bundle.verify import verify
from iocsl.cli import main
from iocsl.errors import IocslError
from iocsl.ledger.chain import Chain

GOOD, REVOKED = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED
UNKNOWN = ocsp.OCSPCertStatus.UNKNOWN
SHA1 = hashes.SHA1()  # noqa: S303 - to find a certificate by, and what must be refused


def responder(issuer: Holder | None = None, **bent: Any) -> Holder:
    """Whom an issuer lets answer for it."""
    use = {"extended": ExtendedKeyUsageOID.OCSP_SIGNING}
    return certify("THỬ NGHIỆM OCSP", issuer or authority(), **{**use, **bent})


def answer(
    about: Holder,
    *,
    by: Holder | None = None,
    issuer: Holder | None = None,
    status: ocsp.OCSPCertStatus = GOOD,
    since: timedelta | None = None,
    reason: x509.ReasonFlags | None = None,
    hours: tuple[float, float | None] = (-1, 24),
    naming: hashes.HashAlgorithm | None = None,
    digest: hashes.HashAlgorithm | None = None,
    by_name: bool = False,
    nonce: bool = False,
) -> asn1_ocsp.OCSPResponse:
    """An answer about a holder's certificate; made by the issuer itself unless `by` another."""
    now = clock.record_now()
    issuer = issuer or authority()
    by = by or issuer
    how = ocsp.OCSPResponderEncoding.NAME if by_name else ocsp.OCSPResponderEncoding.HASH
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=about.certificate,
            issuer=issuer.certificate,
            algorithm=naming or hashes.SHA256(),
            cert_status=status,
            this_update=now + timedelta(hours=hours[0]),
            next_update=None if hours[1] is None else now + timedelta(hours=hours[1]),
            revocation_time=None if since is None else now + since,
            revocation_reason=reason,
        )
        .responder_id(how, by.certificate)
    )
    if by is not issuer:
        builder = builder.certificates([by.certificate])
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(b"12345678"), critical=False)
    made = builder.sign(by.key, digest or hashes.SHA256())
    return asn1_ocsp.OCSPResponse.load(made.public_bytes(serialization.Encoding.DER))


def everyone(but: Holder | None = None) -> list[Holder]:
    return [each for each in (*people(), tsa()) if each is not but]


def judged(world: World, folder: Path, *answers: asn1_ocsp.OCSPResponse) -> tuple[str, set[str]]:
    """The verdict over a stamped bundle when good answers lie there about all but the head."""
    for holder in everyone(but=people()[2]):
        world.trust.add_answer(answer(holder), OFFICIAL)
    for each in answers:
        world.trust.add_answer(each, OFFICIAL)
    path = folder / "goi.asice"
    forge = Forge().sign(1, cms=stamped).sign(2, cms=stamped).sign(3, cms=stamped)
    path.write_bytes(forge.packed())
    verdict = verify(path, world.policy)
    return verdict.verdict, {each.code for each in verdict.refusals}


@pytest.fixture
def world(home: Path) -> World:
    return World(home, OFFICIAL)


HEAD = people()[2]
FAILED = asn1_ocsp.OCSPResponse({"response_status": "unauthorized"}).dump()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: answer(HEAD), id="the issuer itself"),
        pytest.param(lambda: answer(HEAD, by=responder()), id="a responder of the issuer"),
        pytest.param(lambda: answer(HEAD, by=responder(), by_name=True), id="named by name"),
        pytest.param(lambda: answer(HEAD, naming=SHA1), id="found by SHA-1"),
        pytest.param(lambda: answer(HEAD, nonce=True), id="with a nonce"),
        pytest.param(lambda: answer(HEAD, by=responder(key=rsa_key())), id="an RSA responder"),
        pytest.param(lambda: answer(HEAD, hours=(1, 24)), id="made after the signature"),
        pytest.param(lambda: answer(HEAD, hours=(1, None)), id="after it, without an end"),
        pytest.param(
            lambda: answer(HEAD, status=REVOKED, since=timedelta(hours=1), hours=(2, 24)),
            id="revoked after the time-stamp",
        ),
    ],
)
def test_an_answer_that_counts(
    world: World, tmp_path: Path, make: Callable[[], asn1_ocsp.OCSPResponse]
) -> None:
    assert judged(world, tmp_path, make()) == ("valid", set())


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: answer(HEAD, hours=(-9, -2)), id="stale"),
        pytest.param(lambda: answer(HEAD, hours=(-9, None)), id="old, without an end"),
        pytest.param(lambda: answer(HEAD, status=UNKNOWN), id="does not know"),
        pytest.param(lambda: answer(people()[0]), id="about somebody else"),
        pytest.param(lambda: answer(HEAD, by=people()[0]), id="a person answers"),
        pytest.param(
            lambda: answer(HEAD, by=responder(extended=ExtendedKeyUsageOID.EMAIL_PROTECTION)),
            id="not for answers",
        ),
        pytest.param(lambda: answer(HEAD, by=responder(extended=None)), id="for anything"),
        pytest.param(lambda: answer(HEAD, by=responder(days=(-20, -1))), id="responder expired"),
        pytest.param(
            lambda: answer(HEAD, by=responder(certify("CA lạ", ca=True))), id="a foreign responder"
        ),
        pytest.param(
            lambda: answer(HEAD, by=responder(certify("THỬ NGHIỆM CA", ca=True))),
            id="a responder of a look-alike",
        ),
        pytest.param(
            lambda: answer(HEAD, issuer=certify("THỬ NGHIỆM CA", ca=True)), id="a look-alike"
        ),
        pytest.param(lambda: answer(HEAD, by=responder(key=rsa_key(1024))), id="a weak key"),
        pytest.param(lambda: flipped(answer(HEAD)), id="a flipped byte"),
        pytest.param(
            lambda: answer(HEAD, status=REVOKED, since=timedelta(hours=-1), by=people()[0]),
            id="revoked, says a person",
        ),
    ],
)
def test_an_answer_that_says_nothing(
    world: World, tmp_path: Path, make: Callable[[], asn1_ocsp.OCSPResponse]
) -> None:
    assert judged(world, tmp_path, make()) == ("undecided", {"B704"})


def flipped(found: asn1_ocsp.OCSPResponse) -> asn1_ocsp.OCSPResponse:
    raw = bytearray(found.dump())
    raw[-3] ^= 1
    return asn1_ocsp.OCSPResponse.load(bytes(raw))


def test_an_answer_signed_over_sha1_says_nothing(world: World, tmp_path: Path) -> None:
    """Made by hand: the libraries do not make it any more."""
    found = answer(HEAD, by=responder(key=rsa_key()))
    key = rsa_key()
    assert isinstance(key, rsa.RSAPrivateKey)
    basic = found.basic_ocsp_response
    data = basic["tbs_response_data"].dump()
    basic["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "sha1_rsa"})
    basic["signature"] = key.sign(data, padding.PKCS1v15(), SHA1)
    found["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    made = asn1_ocsp.OCSPResponse.load(found.dump(force=True))
    assert judged(world, tmp_path, made) == ("undecided", {"B704"})


@pytest.mark.parametrize("by", [None, responder()], ids=["issuer", "responder"])
@pytest.mark.parametrize("hours", [(-1, 24), (-9, -2)], ids=["fresh", "stale"])
def test_revoked_is_refused(
    world: World, tmp_path: Path, by: Holder | None, hours: tuple[float, float]
) -> None:
    """Also by a stale answer: who was revoked stays so."""
    found = answer(HEAD, by=by, status=REVOKED, since=timedelta(days=-1), hours=hours)
    assert judged(world, tmp_path, found) == ("invalid", {"B605"})


def test_a_stolen_key_counts_back(world: World, tmp_path: Path) -> None:
    stolen = answer(
        HEAD,
        status=REVOKED,
        since=timedelta(hours=1),
        reason=x509.ReasonFlags.key_compromise,
        hours=(2, 24),
    )
    assert judged(world, tmp_path, stolen) == ("invalid", {"B605"})


def test_the_list_speaks_where_the_answer_is_silent(world: World, tmp_path: Path) -> None:
    world.trust.add_revocation_list(revocation_list(authority()), OFFICIAL)
    assert judged(world, tmp_path) == ("valid", set())


def test_the_worse_of_two_counts(world: World, tmp_path: Path) -> None:
    since = clock.record_now() - timedelta(hours=1)
    world.trust.add_revocation_list(revocation_list(authority(), (HEAD, since)), OFFICIAL)
    assert judged(world, tmp_path, answer(HEAD)) == ("invalid", {"B605"})


def test_what_is_said_after_a_certificate_ran_out_is_not_enough(home: Path, tmp_path: Path) -> None:
    """An issuer may leave expired certificates out of its lists, revoked or not."""
    world = World(home, OFFICIAL)
    one, two, _ = people()
    third = certify("THỬ NGHIỆM C", authority(), days=(-20, -1))
    world.appoint(*(appointment(each, (n,)) for n, each in enumerate((one, two, third), 1)))
    past = clock.record_now() - timedelta(days=5)
    forge = Forge()
    for number, holder in enumerate((one, two, third), 1):
        forge.sign(number, holder, at=past, cms=lambda raw: stamped(raw, at=past))
    path = tmp_path / "goi.asice"
    path.write_bytes(forge.packed())
    world.trust.add_revocation_list(revocation_list(authority(), days=(0, 30)), OFFICIAL)
    verdict = verify(path, world.policy)
    assert [each.code for each in verdict.refusals] == ["B704"]
    world.trust.add_answer(answer(third, hours=(-24 * 4, 0)), OFFICIAL)
    assert verify(path, world.policy).verdict == "valid"


def saved(folder: Path, found: asn1_ocsp.OCSPResponse, name: str = "tra-loi.ors") -> Path:
    path = folder / name
    path.write_bytes(found.dump())
    return path


def test_a_file_slipped_into_the_folder_is_not_believed(world: World, tmp_path: Path) -> None:
    (world.home / "trust" / "them.pem").write_bytes(answer(HEAD).dump())
    assert judged(world, tmp_path) == ("undecided", {"B704"})


@pytest.mark.parametrize("content", [b"", b"rac", pem.armor("OCSP RESPONSE", answer(HEAD).dump())])
def test_a_file_changed_in_the_folder_stops_everything(
    world: World, tmp_path: Path, content: bytes
) -> None:
    entry = world.trust.add_answer(answer(HEAD, status=REVOKED, since=timedelta(days=-1)), OFFICIAL)
    path = world.home / "trust" / f"{entry.fingerprint}.pem"
    path.write_bytes(content)
    with pytest.raises(IocslError) as refused:
        judged(world, tmp_path)
    assert (refused.value.code, refused.value.exit_code) == ("trust-changed", 4)


def test_update_takes_both_kinds_and_list_shows_them(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    World(home, TEST)
    crl = tmp_path / "thu-hoi.crl"
    crl.write_bytes(revocation_list(authority()).dump())
    one = saved(tmp_path, answer(HEAD, by=responder()))
    assert main(["trust", "update", str(crl), str(one), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["kind"] for each in told] == ["crl", "ocsp"]
    assert {each["profile"] for each in told} == {TEST}
    assert f"{HEAD.certificate.serial_number:x}" in told[1]["subject"]
    assert [entry.act for entry in Chain.open().entries()] == ["trust.update"] * 2
    assert main(["trust", "list"]) == 0
    assert "OCSP" in capsys.readouterr().out
    assert main(["trust", "update", str(one)]) == 0
    assert len(TrustStore(home / "trust").answers()) == 1


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: answer(HEAD, by=people()[0]).dump(), "unknown-issuer"),
        (lambda: answer(HEAD, issuer=certify("CA lạ", ca=True)).dump(), "unknown-issuer"),
        (lambda: revocation_list(certify("THỬ NGHIỆM CA", ca=True)).dump(), "unknown-issuer"),
        (lambda: FAILED, "not-a-statement"),
        (lambda: answer(HEAD).dump()[:-9], "not-a-statement"),
        (lambda: b"khong phai", "not-a-statement"),
        (lambda: b"", "not-a-statement"),
        (lambda: pem.armor("OCSP RESPONSE", b"!"), "not-a-statement"),
        (lambda: pem.armor("CERTIFICATE", HEAD.asn1.dump()), "not-a-statement"),
    ],
)
def test_what_is_nobodys_word_is_not_taken_in(
    home: Path, tmp_path: Path, make: Callable[[], bytes], code: str
) -> None:
    store = World(home, TEST).trust
    path = tmp_path / "x.ors"
    path.write_bytes(make())
    before = store.entries()
    with pytest.raises(IocslError) as refused:
        store.take_in(path)
    assert (refused.value.code, refused.value.exit_code) == (code, 2)
    assert store.entries() == before


def test_an_answer_is_no_issuer(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path, answer(HEAD))
    assert main(["trust", "add", str(path), "--profile", "thu-nghiem"]) == 2
    assert "trust update" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed here")
@pytest.mark.parametrize("revoked", [False, True])
def test_an_answer_made_by_openssl(world: World, tmp_path: Path, revoked: bool) -> None:
    """`openssl ocsp` answers from its own list of certificates, by a responder of the issuer."""
    by = responder(key=rsa_key())
    for name, holder in (("ca", authority()), ("nguoi", HEAD), ("ocsp", by)):
        encoding = serialization.Encoding.PEM
        (tmp_path / f"{name}.pem").write_bytes(holder.certificate.public_bytes(encoding))
        key = holder.key.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (tmp_path / f"{name}.key").write_bytes(key)
    serial = f"{HEAD.certificate.serial_number:X}"
    serial = serial.rjust(len(serial) + len(serial) % 2, "0")
    day = (clock.record_now() - timedelta(days=1)).strftime("%y%m%d%H%M%SZ")
    status = ("R", "491231235959Z", day) if revoked else ("V", "491231235959Z", "")
    line = (*status, serial, "unknown", "/C=VN")
    (tmp_path / "index.txt").write_text("\t".join(line) + "\n", "utf-8")
    ask = "openssl ocsp -issuer ca.pem -cert nguoi.pem -no_nonce -reqout hoi.der"
    reply = (
        "openssl ocsp -index index.txt -CA ca.pem -rsigner ocsp.pem -rkey ocsp.key -rmd sha256"
        " -ndays 7 -reqin hoi.der -respout tra-loi.der"
    )
    for command in (ask, reply):
        subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=True)
    entry = world.trust.take_in(tmp_path / "tra-loi.der")
    assert entry.kind == "ocsp"
    wanted = ("invalid", {"B605"}) if revoked else ("valid", set())
    assert judged(world, tmp_path) == wanted
