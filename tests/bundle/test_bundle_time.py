"""Time-stamps and revocation: what makes an official bundle valid, undecided or refused."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
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
    stamped,
    stamping,
    tsa,
)
from iocsl import clock
from iocsl.bundle.cms import read_signature
from iocsl.bundle.container import manifest_name, signature_name
from iocsl.bundle.trust import OFFICIAL, TEST
from iocsl.bundle.verdict import Verdict
from iocsl.bundle.verify import verify

Cms = Callable[[bytes], bytes]


@pytest.fixture
def world(home: Path) -> World:
    """A home with one official issuer, whose CRL revokes nobody."""
    made = World(home, OFFICIAL)
    made.trust.add_revocation_list(revocation_list(authority()), OFFICIAL)
    return made


def judged(world: World, folder: Path, forge: Forge) -> Verdict:
    path = folder / "goi.asice"
    path.write_bytes(forge.packed())
    return verify(path, world.policy)


def codes(verdict: Verdict) -> list[str]:
    return [each.code for each in verdict.refusals]


def now() -> datetime:
    return clock.record_now()


def with_third(third: Cms) -> Forge:
    return Forge().sign(1, cms=stamped).sign(2, cms=stamped).sign(3, cms=third)


def test_three_time_stamps_and_a_list_make_it_valid(world: World, tmp_path: Path) -> None:
    verdict = judged(world, tmp_path, with_third(stamped))
    assert (verdict.verdict, verdict.profile, codes(verdict)) == ("valid", OFFICIAL, [])
    assert all(step.timestamp for step in verdict.steps)


def test_a_missing_time_stamp_is_undecided(world: World, tmp_path: Path) -> None:
    verdict = judged(world, tmp_path, with_third(lambda raw: raw))
    assert (verdict.verdict, codes(verdict)) == ("undecided", ["B701"])


def test_unknown_revocation_is_undecided(home: Path, tmp_path: Path) -> None:
    verdict = judged(World(home, OFFICIAL), tmp_path, with_third(stamped))
    assert verdict.verdict == "undecided"
    assert set(codes(verdict)) == {"B704"}


def test_a_stale_list_knows_nothing(home: Path, tmp_path: Path) -> None:
    world = World(home, OFFICIAL)
    world.trust.add_revocation_list(revocation_list(authority(), days=(-9, -2)), OFFICIAL)
    assert judged(world, tmp_path, with_third(stamped)).verdict == "undecided"


def test_a_list_of_a_look_alike_knows_nothing(home: Path, tmp_path: Path) -> None:
    world = World(home, OFFICIAL)
    other = certify("THỬ NGHIỆM CA", ca=True)
    found = revocation_list(other, (people()[2], now() - timedelta(days=1)))
    world.trust.add_revocation_list(found, OFFICIAL)
    assert judged(world, tmp_path, with_third(stamped)).verdict == "undecided"


def test_test_keys_need_neither(home: Path, tmp_path: Path) -> None:
    world = World(home, TEST)
    assert judged(world, tmp_path, with_third(stamped)).verdict == "valid"
    assert judged(world, tmp_path, with_third(lambda raw: raw)).verdict == "valid"


@pytest.mark.parametrize("profile", [TEST, OFFICIAL])
def test_revoked_before_it_signed(home: Path, tmp_path: Path, profile: str) -> None:
    world = World(home, profile)
    found = revocation_list(authority(), (people()[2], now() - timedelta(hours=1)))
    world.trust.add_revocation_list(found, profile)
    verdict = judged(world, tmp_path, with_third(stamped))
    assert (verdict.verdict, codes(verdict)) == ("invalid", ["B605"])


@pytest.mark.parametrize(
    ("third", "reason", "verdict"),
    [
        (stamped, None, "valid"),
        (stamped, x509.ReasonFlags.affiliation_changed, "valid"),
        (stamped, x509.ReasonFlags.key_compromise, "invalid"),
        (lambda raw: raw, None, "invalid"),
    ],
)
def test_revoked_after_it_signed(
    world: World, tmp_path: Path, third: Cms, reason: x509.ReasonFlags | None, verdict: str
) -> None:
    """A time-stamp from before saves the signature, unless the key itself was in other hands."""
    later = now() + timedelta(hours=1)
    found = revocation_list(authority(), (people()[2], later), reason=reason)
    world.trust.add_revocation_list(found, OFFICIAL)
    assert judged(world, tmp_path, with_third(third)).verdict == verdict


def test_a_certificate_that_expired_since_still_counts(world: World, tmp_path: Path) -> None:
    """Only the time-stamp proves it: without one, an expired certificate proves nothing."""
    one, two, _ = people()
    third = certify("THỬ NGHIỆM C", authority(), days=(-20, -1))
    world.appoint(*(appointment(each, (n,)) for n, each in enumerate((one, two, third), 1)))
    past = now() - timedelta(days=5)

    def then(raw: bytes) -> bytes:
        return stamped(raw, at=past)

    forge = Forge()
    for number, holder in enumerate((one, two, third), 1):
        forge.sign(number, holder, at=past, cms=then)
    assert judged(world, tmp_path, forge).verdict == "valid"
    for number, holder in enumerate((one, two, third), 1):
        forge.sign(number, holder, at=past)
    assert codes(judged(world, tmp_path, forge)) == ["B603"]


def test_an_appointment_that_ended_since_still_counts(world: World, tmp_path: Path) -> None:
    one, two, three = people()
    ended = now().date() - timedelta(days=2)
    world.appoint(
        appointment(one, (1,)),
        appointment(two, (2,)),
        appointment(three, (3,), last_day=ended),
    )
    past = now() - timedelta(days=4)
    forge = Forge()
    for number in (1, 2, 3):
        forge.sign(number, at=past, cms=lambda raw: stamped(raw, at=past))
    assert judged(world, tmp_path, forge).verdict == "valid"


TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
OTHER = TST_INFO[:-1] + b"\x05"


def foreign() -> Holder:
    return stamping(certify("TSA lạ", ca=True))


@pytest.mark.parametrize(
    "third",
    [
        pytest.param(lambda raw: stamped(raw, foreign()), id="foreign authority"),
        pytest.param(
            lambda raw: stamped(raw, stamping(certify("THỬ NGHIỆM CA", ca=True))), id="look-alike"
        ),
        pytest.param(lambda raw: stamped(raw, over=b"khac"), id="over something else"),
        pytest.param(lambda raw: stamped(raw, people()[0]), id="a person stamps"),
        pytest.param(
            lambda raw: stamped(raw, stamping(authority(), critical=False)), id="not critical"
        ),
        pytest.param(
            lambda raw: stamped(
                raw, stamping(authority(), extended=ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
            ),
            id="for anything",
        ),
        pytest.param(
            lambda raw: stamped(raw, stamping(authority(), days=(-20, -1))), id="expired authority"
        ),
        pytest.param(lambda raw: stamped(raw).replace(TST_INFO, OTHER), id="other content"),
    ],
)
@pytest.mark.parametrize("profile", [TEST, OFFICIAL])
def test_a_bad_time_stamp_is_refused(home: Path, tmp_path: Path, third: Cms, profile: str) -> None:
    world = World(home, profile)
    world.trust.add_revocation_list(revocation_list(authority()), profile)
    verdict = judged(world, tmp_path, with_third(third))
    assert (verdict.verdict, codes(verdict)) == ("invalid", ["B702"])


def test_a_flipped_byte_in_a_time_stamp_is_refused(world: World, tmp_path: Path) -> None:
    def flipped(raw: bytes) -> bytes:
        bent = bytearray(stamped(raw))
        bent[-5] ^= 1
        return bytes(bent)

    assert codes(judged(world, tmp_path, with_third(flipped))) == ["B702"]


def test_a_revoked_authority_is_refused(home: Path, tmp_path: Path) -> None:
    world = World(home, OFFICIAL)
    found = revocation_list(authority(), (tsa(), now() - timedelta(hours=1)))
    world.trust.add_revocation_list(found, OFFICIAL)
    assert set(codes(judged(world, tmp_path, with_third(stamped)))) == {"B702"}


def test_an_authority_of_another_profile_is_refused(home: Path, tmp_path: Path) -> None:
    """A test authority dates nothing official."""
    world = World(home, OFFICIAL)
    world.trust.add_revocation_list(revocation_list(authority()), OFFICIAL)
    toy = certify("CA đồ chơi", ca=True)
    world.trust.add_certificate(toy.asn1, TEST, tsa=True)
    verdict = judged(world, tmp_path, with_third(lambda raw: stamped(raw, stamping(toy))))
    assert codes(verdict) == ["B702"]


@pytest.mark.parametrize("hours", [-3, 3])
def test_time_stamps_out_of_order_are_refused(world: World, tmp_path: Path, hours: int) -> None:
    moment = now() + timedelta(hours=hours)
    verdict = judged(world, tmp_path, with_third(lambda raw: stamped(raw, at=moment)))
    assert codes(verdict)[0] == "B703"


def test_a_signer_of_the_anchor_kind_only_is_no_authority(home: Path, tmp_path: Path) -> None:
    """Trust in an issuer of persons is not trust in an authority for time."""
    world = World(home, TEST)
    index = home / "trust" / "index.json"
    index.write_text(index.read_text("utf-8").replace('"tsa"', '"intermediate"'), "utf-8")
    assert set(codes(judged(world, tmp_path, with_third(stamped)))) == {"B702"}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed here")
def test_openssl_accepts_signature_and_time_stamp(tmp_path: Path) -> None:
    forge = Forge().sign(1, cms=stamped)
    raw = forge.members[signature_name(1)]
    pem = authority().certificate.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "ca.pem").write_bytes(pem)
    (tmp_path / "s.p7s").write_bytes(raw)
    (tmp_path / "m.xml").write_bytes(forge.members[manifest_name(1)])
    digest = hashlib.sha256(forge.members[manifest_name(1)]).hexdigest()
    signature = read_signature(raw, digest, 1)
    assert signature.timestamp is not None
    (tmp_path / "t.tst").write_bytes(signature.timestamp)
    (tmp_path / "value").write_bytes(signature.value)
    cms = "openssl cms -verify -inform DER -in s.p7s -content m.xml -CAfile ca.pem -binary -cades"
    ts = "openssl ts -verify -in t.tst -token_in -data value -CAfile ca.pem"
    for command in (f"{cms} -out o.xml", ts):
        done = subprocess.run(
            command.split(), cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
