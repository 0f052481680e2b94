"""Signatures made by another program, here openssl, put into the bundle."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from test_bundle_workflow import draft_of

from bundle_forge import Holder, World, appointment, authority, certify, people, rsa_key
from iocsl.bundle import external, workflow
from iocsl.bundle.external import DECISION, Elsewhere, attach, export, folder_of
from iocsl.bundle.verify import verify
from iocsl.errors import IocslError
from iocsl.files import sha256_of
from iocsl.ledger.chain import Chain, canonical

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not installed on this machine"
)


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


@pytest.fixture
def bundle(world: World, tmp_path: Path) -> Path:
    """A bundle that nobody has signed."""
    path = tmp_path / "goi.asice"
    workflow.create_unsigned(draft_of(tmp_path), path)
    return path


def by_openssl(holder: Holder, manifest: Path, *options: str) -> Path:
    """The detached signature that openssl makes with the holder's key."""
    folder = manifest.parent
    key, certificate = folder / "key.pem", folder / "cert.pem"
    pem = serialization.Encoding.PEM
    key.write_bytes(
        holder.key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate.write_bytes(holder.certificate.public_bytes(pem))
    target = folder / "chu-ky.p7s"
    command = (
        f"openssl cms -sign -binary -md sha256 -outform DER -in {manifest} -signer {certificate}"
        f" -inkey {key} -out {target}"
    )
    subprocess.run([*command.split(), *(options or ("-cades",))], check=True, capture_output=True)
    return target


def test_three_signatures_of_openssl(world: World, bundle: Path) -> None:
    for step, holder in enumerate(people(), 1):
        made = export(bundle, holder.asn1)
        assert made.step == step
        attach(bundle, by_openssl(holder, made.manifest))
        assert not folder_of(bundle).exists()
    assert verify(bundle, world.policy).verdict == "valid"
    acts = [entry.act for entry in Chain.open().entries()]
    assert acts == ["bundle.create", "bundle.review", "bundle.approve"]


@pytest.mark.parametrize("options", [(), ("-keyopt", "rsa_padding_mode:pss")])
def test_rsa_both_ways(world: World, bundle: Path, options: tuple[str, ...]) -> None:
    holder = certify("THỬ NGHIỆM A", authority(), key=rsa_key())
    world.appoint(appointment(holder, (1,)))
    made = export(bundle, holder.asn1)
    salt = ("-keyopt", "rsa_pss_saltlen:32") if options else ()
    attach(bundle, by_openssl(holder, made.manifest, "-cades", *options, *salt))
    assert verify(bundle, world.policy, steps=1).verdict == "valid"


def test_pem_is_taken_too(world: World, bundle: Path) -> None:
    one = people()[0]
    signature = by_openssl(one, export(bundle, one.asn1).manifest, "-cades", "-outform", "PEM")
    assert signature.read_bytes().startswith(b"-----BEGIN CMS")
    attach(bundle, signature)
    assert verify(bundle, world.policy, steps=1).verdict == "valid"


def test_keys_of_every_kind_in_one_bundle(world: World, bundle: Path) -> None:
    one, two, three = people()
    attach(bundle, by_openssl(one, export(bundle, one.asn1).manifest))
    workflow.act(bundle, 2, two.signer())
    attach(bundle, by_openssl(three, export(bundle, three.asn1).manifest))
    assert verify(bundle, world.policy).verdict == "valid"


def test_a_return_may_be_signed_elsewhere(world: World, bundle: Path) -> None:
    one, two, _ = people()
    attach(bundle, by_openssl(one, export(bundle, one.asn1).manifest))
    attach(bundle, by_openssl(two, export(bundle, two.asn1, reason="Sai số").manifest))
    verdict = verify(bundle, world.policy)
    assert [each.code for each in verdict.refusals] == ["B807"]


Attempt = Callable[[Path], Path]


def over_something_else(bundle: Path) -> Path:
    one = people()[0]
    manifest = export(bundle, one.asn1).manifest
    other = manifest.with_name("khac.xml")
    other.write_bytes(manifest.read_bytes() + b" ")
    return by_openssl(one, other)


def by_another_person(bundle: Path) -> Path:
    return by_openssl(people()[1], export(bundle, people()[0].asn1).manifest)


def of_another_steps_person(bundle: Path) -> Path:
    """Registered and signing well, but for step 2: the decision names the one it was made for."""
    return by_openssl(people()[2], export(bundle, people()[0].asn1).manifest)


def without_the_attribute(bundle: Path) -> Path:
    one = people()[0]
    return by_openssl(one, export(bundle, one.asn1).manifest, "-nosmimecap")


def with_content(bundle: Path) -> Path:
    one = people()[0]
    return by_openssl(one, export(bundle, one.asn1).manifest, "-cades", "-nodetach")


def with_sha1(bundle: Path) -> Path:
    one = people()[0]
    return by_openssl(one, export(bundle, one.asn1).manifest, "-cades", "-md", "sha1")


def no_signature_at_all(bundle: Path) -> Path:
    return export(bundle, people()[0].asn1).manifest


def with_the_decision_changed(bundle: Path) -> Path:
    """The officer signs what was exported; someone swaps the decision beside it."""
    one = people()[0]
    made = export(bundle, one.asn1)
    decision = made.folder / DECISION
    document = json.loads(decision.read_bytes())
    decision.write_bytes(canonical({**document, "ledger": {"seq": 1, "hash": "0" * 64}}))
    return by_openssl(one, made.manifest)


@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        (over_something_else, "other-content"),
        (by_another_person, "wrong-role"),
        (of_another_steps_person, "wrong-role"),
        (without_the_attribute, "no-certificate-attribute"),
        (with_content, "not-detached"),
        (with_sha1, "weak-digest"),
        (no_signature_at_all, "signature-unreadable"),
        (with_the_decision_changed, "altered"),
    ],
)
def test_a_bad_signature_changes_nothing(
    world: World, bundle: Path, attempt: Attempt, code: str
) -> None:
    before = sha256_of(bundle)
    signature = attempt(bundle)
    with pytest.raises(IocslError) as refused:
        attach(bundle, signature)
    assert (refused.value.code, refused.value.exit_code) == (code, 4)
    assert sha256_of(bundle) == before
    assert Chain.open().entries() == []


def test_nothing_was_exported(world: World, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "x.p7s").write_bytes(b"x")
    with pytest.raises(IocslError) as refused:
        attach(bundle, tmp_path / "x.p7s")
    assert refused.value.code == "nothing-exported"


def test_who_may_not_sign_gets_nothing_to_sign(world: World, bundle: Path) -> None:
    with pytest.raises(IocslError) as refused:
        export(bundle, people()[1].asn1)
    assert refused.value.code == "wrong-role"
    assert not folder_of(bundle).exists()


def test_the_holder_elsewhere_is_known_by_certificate_alone() -> None:
    assert Elsewhere(people()[0].asn1).chain == ()
    assert not hasattr(external.Elsewhere, "sign")
