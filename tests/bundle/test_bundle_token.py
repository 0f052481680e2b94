"""Keys on a token, through a real driver: SoftHSM2."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bundle_forge import CSV, Holder, World, appointment, authority, certify, people, rsa_key
from iocsl import config
from iocsl.bundle import workflow
from iocsl.bundle.signers import open_signer
from iocsl.bundle.verify import verify
from iocsl.errors import IocslError
from softhsm import DRIVER, PIN, PRESENT, Tokens

pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed (extra: token)")

pytestmark = pytest.mark.skipif(not PRESENT, reason="SoftHSM2 is not installed on this machine")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Any:
    before = os.environ.get("SOFTHSM2_CONF")
    made = Tokens(tmp_path_factory.mktemp("the-ky"))
    made.make("nguoi-nhap", people()[0])
    made.make("nguoi-tham-dinh", certify("THỬ NGHIỆM R", authority(), key=rsa_key()))
    made.make("hai-khoa", people()[1], people()[2])
    yield made
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def pin(_: str) -> str:
    return PIN


def open_key(name: str, *, pss: bool = False) -> Any:
    return open_signer(f"pkcs11:{name}", pin, module=DRIVER, pss=pss)


def sign_first(folder: Path, signer: Any) -> Path:
    from test_bundle_workflow import draft_of

    path = folder / "goi.asice"
    workflow.create(draft_of(folder, CSV), signer, path)
    return path


@pytest.mark.parametrize(
    ("name", "pss", "algorithm"),
    [
        ("token=nguoi-nhap", False, "ECDSA P-256 SHA-256"),
        ("token=nguoi-tham-dinh", False, "RSA-2048 PKCS#1 v1.5 SHA-256"),
        ("token=nguoi-tham-dinh", True, "RSA-2048 PSS SHA-256"),
        ("token=hai-khoa;object=ky-2", False, "ECDSA P-256 SHA-256"),
        ("token=hai-khoa;id=%02", False, "ECDSA P-256 SHA-256"),
        (f"token=nguoi-nhap?module-path={DRIVER}", False, "ECDSA P-256 SHA-256"),
    ],
)
def test_a_token_signs(
    tokens: Tokens, tmp_path: Path, name: str, pss: bool, algorithm: str
) -> None:
    world = World(config.home())
    signer = open_key(name, pss=pss)
    holder = _holder_of(signer)
    world.appoint(appointment(holder, (1,)))
    verdict = verify(sign_first(tmp_path, signer), world.policy, steps=1)
    assert verdict.verdict == "valid"
    assert verdict.steps[0].algorithm == algorithm


def _holder_of(signer: Any) -> Holder:
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(signer.certificate.dump())
    return Holder(people()[0].key, certificate, authority().certificate)


def test_the_pin_is_asked_only_after_the_certificate_was_checked(
    tokens: Tokens, home: Path, tmp_path: Path
) -> None:
    world = World(home)
    world.appoint()
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        return PIN

    signer = open_signer("pkcs11:token=nguoi-nhap", ask, module=DRIVER)
    with pytest.raises(IocslError) as refused:
        sign_first(tmp_path, signer)
    assert (refused.value.code, asked) == ("unregistered", [])


def test_a_wrong_pin_is_tried_once(tokens: Tokens, home: Path, tmp_path: Path) -> None:
    World(home)
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        return "sai-roi"

    signer = open_signer("pkcs11:token=nguoi-nhap", ask, module=DRIVER)
    with pytest.raises(IocslError) as refused:
        sign_first(tmp_path, signer)
    assert (refused.value.exit_code, len(asked)) == (4, 1)
    assert not (tmp_path / "goi.asice").exists()
    assert sign_first(tmp_path, open_key("token=nguoi-nhap")).exists()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("token=khong-co", "no-token"),
        ("", "several-tokens"),
        ("token=hai-khoa", "which-certificate"),
        ("token=hai-khoa;object=khong-co", "which-certificate"),
        ("slot=3", "unknown-key"),
        ("token=nguoi-nhap?module-path=/khong/co.so", "pkcs11-driver"),
    ],
)
def test_a_name_that_fits_not_exactly_one(tokens: Tokens, name: str, code: str) -> None:
    with pytest.raises(IocslError) as refused:
        open_key(name)
    assert refused.value.code == code


def test_without_a_driver() -> None:
    with pytest.raises(IocslError) as refused:
        open_signer("pkcs11:token=x", pin)
    assert (refused.value.code, refused.value.exit_code) == ("no-pkcs11-module", 3)
