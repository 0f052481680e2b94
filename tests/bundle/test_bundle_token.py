"""Keys on a token, through a real driver: SoftHSM2."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bundle_forge import (
    CSV,
    Holder,
    World,
    appointment,
    authority,
    certify,
    people,
    revocation_list,
    rsa_key,
)
from iocsl import clock, config
from iocsl.bundle import workflow
from iocsl.bundle.signers import open_signer
from iocsl.bundle.signers.token import TokenSigner
from iocsl.bundle.trust import TEST
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


def noting(asked: list[str]) -> Callable[[str], str]:
    """The PIN, and what it was asked for goes into the list."""

    def ask(name: str) -> str:
        asked.append(name)
        return PIN

    return ask


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


def destroy(label: str, *classes: Any) -> None:
    """What a person with the PIN, or a failing chip, takes from a token."""
    library = pkcs11.lib(DRIVER)
    with library.get_token(token_label=label).open(rw=True, user_pin=PIN) as session:
        for each in classes:
            for found in list(session.get_objects({pkcs11.Attribute.CLASS: each})):
                found.destroy()


@pytest.mark.parametrize("taken", ["key", "token"])
def test_a_token_that_goes_away_midway(
    tokens: Tokens, home: Path, tmp_path: Path, taken: str
) -> None:
    """Between the look at its certificate and the signature; nothing is left half done."""
    world = World(home)
    holder = certify("THỬ NGHIỆM Z", authority())
    label = f"bi-rut-{taken}"
    tokens.make(label, holder)
    world.appoint(appointment(holder, (1,)))

    def ask(_: str) -> str:
        if taken == "key":
            destroy(label, pkcs11.ObjectClass.PRIVATE_KEY)
        else:
            for folder in (tokens.folder / "the").iterdir():
                if label.encode() in (folder / "token.object").read_bytes():
                    shutil.rmtree(folder)
            pkcs11.lib(DRIVER).reinitialize()
        return PIN

    signer = open_signer(f"pkcs11:token={label}", ask, module=DRIVER)
    with pytest.raises(IocslError) as refused:
        sign_first(tmp_path, signer)
    assert refused.value.code == "token-trouble"
    assert not (tmp_path / "goi.asice").exists()
    assert not list(tmp_path.glob(".goi*"))


class Stand:
    """A token of another make: the driver's, with its flags and its way of opening bent."""

    def __init__(self, token: Any, flags: Any, error: type[Exception] | None = None) -> None:
        self.label, self.slot, self.flags = token.label, token.slot, flags
        self._error = error
        self.pins: list[Any] = []

    def open(self, user_pin: Any = None) -> Any:
        self.pins.append(user_pin)
        raise self._error or pkcs11.PinIncorrect


Flag = pkcs11.TokenFlag


def test_a_pin_is_typed_on_the_pad_where_there_is_one(
    tokens: Tokens, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    World(home)
    asked: list[str] = []
    signer = open_signer("pkcs11:token=nguoi-nhap", noting(asked), module=DRIVER)
    assert isinstance(signer, TokenSigner)
    assert not signer.on_pad
    stand = Stand(signer._token, signer._token.flags | Flag.PROTECTED_AUTHENTICATION_PATH)
    monkeypatch.setattr(signer, "_token", stand)
    assert signer.on_pad
    with pytest.raises(IocslError) as refused:
        sign_first(tmp_path, signer)
    assert (refused.value.code, asked) == ("wrong-passphrase", [])
    assert stand.pins == [pkcs11.PROTECTED_AUTH]


@pytest.mark.parametrize(
    ("flag", "error", "code"),
    [
        (Flag.USER_PIN_LOCKED, None, "token-locked"),
        (Flag.USER_PIN_FINAL_TRY, pkcs11.PinLocked, "token-locked"),
        (Flag.USER_PIN_FINAL_TRY, pkcs11.DeviceRemoved, "token-trouble"),
        (Flag.TOKEN_INITIALIZED, pkcs11.TokenNotPresent, "token-trouble"),
        (Flag.TOKEN_INITIALIZED, pkcs11.FunctionCancelled, "token-trouble"),
    ],
)
def test_a_locked_or_missing_token(  # noqa: PLR0917 - one row of the table above
    tokens: Tokens,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flag: Any,
    error: Any,
    code: str,
) -> None:
    World(config.home())
    names: list[str] = []
    signer = open_signer("pkcs11:token=nguoi-nhap", noting(names), module=DRIVER)
    assert isinstance(signer, TokenSigner)
    stand = Stand(signer._token, signer._token.flags | flag, error)
    monkeypatch.setattr(signer, "_token", stand)
    with pytest.raises(IocslError) as refused:
        sign_first(tmp_path, signer)
    assert (refused.value.code, len(names)) == (code, int(flag is not Flag.USER_PIN_LOCKED))
    assert all(("còn một lần" in each) is (flag is Flag.USER_PIN_FINAL_TRY) for each in names)


def test_a_revoked_certificate_is_told_before_the_pin(
    tokens: Tokens, home: Path, tmp_path: Path
) -> None:
    world = World(home)
    since = clock.record_now() - timedelta(days=2)
    revoked = revocation_list(authority(), (people()[0], since))
    world.trust.add_revocation_list(revoked, TEST)
    asked: list[str] = []
    signer = open_signer("pkcs11:token=nguoi-nhap", noting(asked), module=DRIVER)
    with pytest.raises(IocslError) as refused:
        sign_first(tmp_path, signer)
    assert (refused.value.code, asked) == ("revoked", [])
