"""Another program, which knows nothing of iocsl, accepts each signature over its manifest."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from bundle_forge import Forge, Holder, authority, certify, people, rsa_key
from iocsl.bundle.container import manifest_name, signature_name

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not installed on this machine"
)


def verified(
    folder: Path, forge: Forge, step: int, *options: str
) -> subprocess.CompletedProcess[str]:
    (folder / "ca.pem").write_bytes(
        authority().certificate.public_bytes(serialization.Encoding.PEM)
    )
    (folder / "s.p7s").write_bytes(forge.members[signature_name(step)])
    (folder / "m.xml").write_bytes(forge.members[manifest_name(step)])
    command = (
        "openssl cms -verify -inform DER -in s.p7s -content m.xml -CAfile ca.pem -binary -out o.xml"
    )
    return subprocess.run(
        [*command.split(), *options], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("options", [(), ("-purpose", "any"), ("-cades",)], ids=str)
def test_openssl_accepts_every_step(tmp_path: Path, step: int, options: tuple[str, ...]) -> None:
    forge = Forge().sign_all()
    done = verified(tmp_path, forge, step, *options)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "o.xml").read_bytes() == forge.members[manifest_name(step)]


@pytest.mark.parametrize("pss", [False, True])
def test_openssl_accepts_rsa(tmp_path: Path, pss: bool) -> None:
    holder: Holder = certify("THỬ NGHIỆM R", authority(), key=rsa_key())
    done = verified(tmp_path, Forge().sign(1, holder, pss=pss), 1, "-cades")
    assert done.returncode == 0, done.stderr


def test_openssl_refuses_another_manifest(tmp_path: Path) -> None:
    forge = Forge().sign(1, people()[0]).sign(2)
    forge.members[manifest_name(1)] = forge.members[manifest_name(2)]
    assert verified(tmp_path, forge, 1).returncode != 0
