"""Other programs accept what iocsl signs: openssl, GnuTLS, BouncyCastle; as docs/bundle.md says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from bundle_forge import (
    Forge,
    Holder,
    World,
    appointment,
    authority,
    certify,
    people,
    rsa_key,
    stamped,
)
from iocsl import config
from iocsl.bundle.external import folder_of
from iocsl.bundle.verify import verify
from iocsl.cli import main
from real_bundles import workbook
from sheet_signing import signed
from softhsm import DRIVER, PIN, PRESENT, Tokens

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("VerifyBundle.java")
JARS = Path("/usr/share/java")
PEM = serialization.Encoding.PEM

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
needs_certtool = pytest.mark.skipif(shutil.which("certtool") is None, reason="GnuTLS is not here")
needs_unzip = pytest.mark.skipif(shutil.which("unzip") is None, reason="unzip is not here")
needs_token = pytest.mark.skipif(
    not PRESENT or find_spec("pkcs11") is None,
    reason="SoftHSM2 or python-pkcs11 (extra: token) is not here",
)
needs_java = pytest.mark.skipif(
    shutil.which("javac") is None or not (JARS / "bcpkix.jar").exists(),
    reason="a JDK with BouncyCastle is not here",
)


def printed() -> list[str]:
    """The shell blocks of docs/bundle.md, in their order."""
    return re.findall(
        r"^```sh\n(.*?)^```", (ROOT / "docs/bundle.md").read_text("utf-8"), re.M | re.S
    )


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)


def unpacked(folder: Path, forge: Forge) -> Path:
    """The signatures and manifests of a bundle in a folder, beside their issuer's certificate."""
    (folder / "ca.pem").write_bytes(authority().certificate.public_bytes(PEM))
    inside = folder / "goi" / "META-INF"
    inside.mkdir(parents=True)
    for name, content in forge.members.items():
        if name.startswith("META-INF/"):
            (folder / "goi" / name).write_bytes(content)
    return inside


@pytest.fixture(scope="module")
def every_kind() -> Forge:
    """ECDSA, RSA v1.5 and RSA-PSS, each with a time-stamp."""
    forge = Forge().sign(1, cms=stamped)
    for step in (2, 3):
        holder = certify("THỬ NGHIỆM R", authority(), key=rsa_key())
        forge.sign(step, holder, cms=stamped, pss=step == 3)
    return forge


@needs_certtool
@pytest.mark.parametrize("step", [1, 2, 3])
def test_gnutls_accepts_every_kind(tmp_path: Path, every_kind: Forge, step: int) -> None:
    inside = unpacked(tmp_path, every_kind)
    options = ["--p7-verify", "--inder", "--load-ca-certificate", str(tmp_path / "ca.pem")]
    files = ["--load-data", f"ASiCManifest00{step}.xml", "--infile", f"signature00{step}.p7s"]
    done = run(["certtool", *options, *files], inside)
    assert done.returncode == 0, done.stderr
    (inside / f"ASiCManifest00{step}.xml").write_bytes(b"<khac/>")
    assert run(["certtool", *options, *files], inside).returncode != 0


@needs_java
def test_bouncycastle_accepts_every_kind(tmp_path: Path, every_kind: Forge) -> None:
    """One program checks the three signatures and their time-stamps; another manifest fails."""
    inside = unpacked(tmp_path, every_kind)
    classes = tmp_path / "lop"
    jars = f"{JARS}/bcprov.jar:{JARS}/bcutil.jar:{JARS}/bcpkix.jar"
    made = run(["javac", "-nowarn", "-cp", jars, "-d", str(classes), str(SOURCE)], tmp_path)
    assert made.returncode == 0, made.stderr
    command = ["java", "-cp", f"{jars}:{classes}", "VerifyBundle", "ca.pem", "goi"]
    done = run(command, tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line[0] for line in lines] == ["1", "2", "3"]
    assert all(re.search(r" \d{4}-\d\d-\d\dT[\d:]+Z$", line) for line in lines)
    (inside / "ASiCManifest002.xml").write_bytes(b"<khac/>")
    assert run(command, tmp_path).returncode != 0


class Desk:
    """Three people with a key file, a token and openssl, who sign through the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world = World(config.home())
        self.world.ask_for_stamps(folder / "khoa")
        reviewer, head = (
            certify(f"THỬ NGHIỆM {letter}", authority(), key=rsa_key(bits))
            for letter, bits in (("B", 2048), ("C", 3072))
        )
        self.holders = (people()[0], reviewer, head)
        self.world.appoint(*(appointment(each, (n,)) for n, each in enumerate(self.holders, 1)))

    def key_file(self, holder: Holder) -> Path:
        path = self.folder / "buoc-1.p12"
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"a",
                holder.key,
                holder.certificate,
                [authority().certificate],
                serialization.BestAvailableEncryption(b"mat-khau"),
            )
        )
        return path

    def pem_files(self, holder: Holder) -> None:
        """`nguoi-ky.pem` and `nguoi-ky.key`, as the page calls them."""
        (self.folder / "nguoi-ky.pem").write_bytes(holder.certificate.public_bytes(PEM))
        (self.folder / "nguoi-ky.key").write_bytes(
            holder.key.private_bytes(
                PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    # `Tokens` sets it for the driver; this has it put back afterwards.
    monkeypatch.setenv("SOFTHSM2_CONF", os.environ.get("SOFTHSM2_CONF", ""))
    return Tokens(tmp_path)


def two_steps(desk: Desk, tokens: Tokens, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle made with a key file and reviewed with a token."""
    one, two, _ = desk.holders
    tokens.make("tham-dinh", two)
    book = workbook(desk.folder, "2026-10")
    monkeypatch.setenv("IOCSL_PASSPHRASE", "mat-khau")
    make = ["bundle", "create", str(book), "--unit", "CQ-TC", "--khong-mat", "-o", str(bundle)]
    assert main([*make, "--key", str(desk.key_file(one))]) == 0
    monkeypatch.setenv("IOCSL_PASSPHRASE", PIN)
    token = f"pkcs11:token=tham-dinh?module-path={DRIVER}"
    assert main(["bundle", "review", str(bundle), "--key", token]) == 0
    desk.pem_files(desk.holders[2])
    for name in ("ca.pem", "tsa-ca.pem"):
        (desk.folder / name).write_bytes(authority().certificate.public_bytes(PEM))


def checked(folder: Path, *, steps: str = "1 2 3") -> str:
    """What the printed lines say of the bundle; each of them must succeed."""
    lines = "".join(printed()).replace("for n in 1 2 3", f"for n in {steps}")
    done = run(["bash", "-c", f"set -euo pipefail\n{lines}"], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_openssl
@needs_certtool
@needs_token
@needs_unzip
def test_a_key_file_a_token_and_openssl_sign_one_bundle(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: Tokens
) -> None:
    """It is verified by iocsl, and by the lines that docs/bundle.md prints, taken from there."""
    desk, bundle = Desk(tmp_path), tmp_path / "goi.asice"
    two_steps(desk, tokens, bundle, monkeypatch)
    person = str(tmp_path / "nguoi-ky.pem")
    assert main(["bundle", "export", str(bundle), "--certificate", person]) == 0
    page = (ROOT / "docs/bundle.md").read_text("utf-8")
    (sign,) = re.findall(r"^openssl cms -sign.*?\n(?=```)", page, re.MULTILINE | re.DOTALL)
    sign = sign.replace("ASiCManifest001", "ASiCManifest003")
    done = run(["bash", "-ec", sign], folder_of(bundle).parent)
    assert done.returncode == 0, done.stderr
    assert main(["bundle", "attach", str(bundle), str(tmp_path / "chu-ky.p7s")]) == 0
    verdict = verify(bundle, desk.world.policy)
    assert verdict.verdict == "valid"
    assert all(step.timestamp for step in verdict.steps)
    told = checked(tmp_path)
    assert told.count("CAdES Verification successful") == 3
    assert told.count("Verification: OK") == 3
    assert told.count("Signature status: ok") == 3


@needs_openssl
@needs_certtool
@needs_token
@needs_unzip
@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler-utils is not here")
def test_a_key_file_a_token_and_a_sheet_sign_one_bundle(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: Tokens
) -> None:
    """The sheet is verified by poppler, and the digest printed on it is that of the manifest."""
    desk, bundle = Desk(tmp_path), tmp_path / "goi.asice"
    two_steps(desk, tokens, bundle, monkeypatch)
    person, sheet = str(tmp_path / "nguoi-ky.pem"), tmp_path / "phieu.pdf"
    options = ["--certificate", person, "-o", str(sheet)]
    assert main(["bundle", "sheet", str(bundle), *options]) == 0
    sheet.write_bytes(signed(sheet.read_bytes(), desk.holders[2], room=16384))
    assert main(["bundle", "attach", str(bundle), str(sheet)]) == 0
    verdict = verify(bundle, desk.world.policy)
    assert verdict.verdict == "valid"
    assert all(step.timestamp for step in verdict.steps)
    assert checked(tmp_path, steps="1 2").count("CAdES Verification successful") == 2
    inside = tmp_path / "goi"
    assert "Signature is Valid." in run(["pdfsig", "quyet-dinh/phieu-3.pdf"], inside).stdout
    digest = run(["openssl", "dgst", "-sha256", "-r", "META-INF/ASiCManifest003.xml"], inside)
    words = run(["pdftotext", "quyet-dinh/phieu-3.pdf", "-"], inside).stdout
    assert digest.stdout[:64] in "".join(words.split())


@needs_openssl
@needs_unzip
def test_the_printed_lines_notice_a_changed_file(tmp_path: Path, home: Path) -> None:
    forge = Forge().sign_all()
    (tmp_path / "goi.asice").write_bytes(forge.packed())
    unpack, _, digests = printed()[:3]
    change = "echo x >> du-lieu/KDL-M-016_2026-10.csv\n"
    good = run(["bash", "-c", f"set -euo pipefail\n{unpack}{digests}"], tmp_path)
    assert good.returncode == 0, good.stderr
    shutil.rmtree(tmp_path / "goi")
    bad = run(["bash", "-c", f"set -euo pipefail\n{unpack}{change}{digests}"], tmp_path)
    assert bad.returncode != 0
    assert "changed: du-lieu/KDL-M-016_2026-10.csv" in bad.stdout
