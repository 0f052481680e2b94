"""Encrypted bundles: opened by every recipient and by openssl, refused after any change."""

from __future__ import annotations

import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from bundle_forge import Holder, World, authority, certify, good, rsa_key
from iocsl.bundle import encryption, encryption_keys
from iocsl.bundle.encryption import Opener, decrypt, encrypt, is_encrypted, recipients_of
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.verify import verify
from iocsl.cli import main
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.files import sha256_of

PEM = serialization.Encoding.PEM


def recipient(name: str = "Kho", bits: int = 2048, **bent: Any) -> Holder:
    use = {"key": rsa_key(bits), "digital_signature": False, "extended": None}
    return certify(f"THỬ NGHIỆM {name}", authority(), **{**use, **bent})


def opener(holder: Holder) -> Opener:
    return Opener(holder.asn1, holder.key)  # type: ignore[arg-type] # an RSA key, see `recipient`


def sealed(folder: Path, plain: bytes, *holders: Holder) -> Path:
    source, target = folder / "goi.asice", folder / "goi.asice.p7m"
    source.write_bytes(plain)
    encrypt(source, target, [each.asn1 for each in holders])
    return target


@pytest.mark.parametrize("size", [0, 1, 127, 128, 65_535, 3 << 20])
def test_every_recipient_opens_it(tmp_path: Path, size: int) -> None:
    plain = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    first, second = recipient("Kho"), recipient("Đơn vị")
    path = sealed(tmp_path, plain, first, second, first)
    assert is_encrypted(path)
    assert len(recipients_of(path)) == 2
    for holder in (first, second):
        decrypt(path, tmp_path / "ra", opener(holder))
        assert (tmp_path / "ra").read_bytes() == plain


@pytest.mark.parametrize("size", [0, 100, 3 << 20])
def test_openssl_opens_it(tmp_path: Path, size: int) -> None:
    """The command that docs/bundle.md prints."""
    plain = b"so lieu\r\n" * (size // 9)
    holder = recipient()
    path = sealed(tmp_path, plain, recipient("Đơn vị"), holder)
    (tmp_path / "kho.pem").write_bytes(holder.certificate.public_bytes(PEM))
    (tmp_path / "kho.key").write_bytes(
        holder.key.private_bytes(
            PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    command = (
        "openssl cms -decrypt -binary -inform DER -in {} -recip kho.pem -inkey kho.key -out ra"
    )
    subprocess.run(command.format(path.name).split(), cwd=tmp_path, check=True)
    assert (tmp_path / "ra").read_bytes() == plain


def test_a_changed_bit_anywhere_is_refused(tmp_path: Path) -> None:
    """All of it, the other recipient's part and the lengths too; nothing of the content stays."""
    holder = recipient()
    raw = sealed(tmp_path, b"du lieu ca nhan" * 4, recipient("Đơn vị"), holder).read_bytes()
    changed, out = tmp_path / "sua.p7m", tmp_path / "ra" / "goi.asice"
    for place in range(len(raw)):
        altered = bytearray(raw)
        altered[place] ^= 1 << place % 8
        changed.write_bytes(altered)
        with pytest.raises(RefusedError) as refused:
            decrypt(changed, out, opener(holder))
        assert refused.value.refusal.code in {"B116", "B117"}, place
    assert not out.parent.exists() or not list(out.parent.iterdir())


@pytest.mark.parametrize(
    "bent",
    [
        lambda raw: raw[:-1],
        lambda raw: raw + b"\0",
        lambda raw: raw[:20],
        lambda raw: raw[:32],
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw[:4] + b"\x80" + raw[5:],
        lambda raw: raw[:60] + b"\xff" * 40 + raw[100:],
    ],
)
def test_a_cut_or_padded_file_is_refused(tmp_path: Path, bent: Callable[[bytes], bytes]) -> None:
    holder = recipient()
    path = sealed(tmp_path, b"x" * 5000, holder)
    path.write_bytes(bent(path.read_bytes()))
    with pytest.raises(RefusedError, match="altered or damaged"):
        decrypt(path, tmp_path / "ra", opener(holder))
    assert not (tmp_path / "ra").exists()


def test_recipients_cannot_be_taken_out(tmp_path: Path) -> None:
    """Every part of such a file is well-formed, and the content's tag holds."""
    holder = recipient()
    path = sealed(tmp_path, b"x" * 300, recipient("Đơn vị"), holder)
    with path.open("rb") as stream:
        envelope = encryption._envelope(stream)
    (own,) = (
        each
        for each in encryption._infos(envelope.recipients)
        if each.name == encryption.name_for(holder.asn1)
    )
    fewer = encryption._der(0x31, own.document())
    head = encryption._head(fewer, envelope.nonce, envelope.size)
    path.write_bytes(head + path.read_bytes()[envelope.start :])
    with pytest.raises(RefusedError, match="RecipientInfos"):
        decrypt(path, tmp_path / "ra", opener(holder))


def test_memory_does_not_grow_with_the_bundle(tmp_path: Path) -> None:
    holder = recipient()
    source, target = tmp_path / "lon", tmp_path / "lon.p7m"
    with source.open("wb") as stream:
        stream.truncate(48 << 20)
    encrypt(source, target, [holder.asn1])
    tracemalloc.start()
    try:
        encrypt(source, target, [holder.asn1])
        decrypt(target, tmp_path / "ra", opener(holder))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20
    assert sha256_of(source) == sha256_of(tmp_path / "ra")


@pytest.mark.parametrize(
    ("bent", "said"),
    [
        ({"key": None}, "a key of the kind ec"),
        ({"key": rsa_key(1024)}, "RSA 1024 bits"),
        ({"digital_signature": True}, "for signatures only"),
        ({"days": (-30, -1)}, "outside its validity"),
        ({"days": (1, 30)}, "outside its validity"),
    ],
)
def test_unfit_certificates_are_told(tmp_path: Path, bent: dict[str, Any], said: str) -> None:
    with pytest.raises(IocslError, match=said) as refused:
        sealed(tmp_path, b"x", recipient(**bent))
    assert refused.value.exit_code is ExitCode.CONFIGURATION
    assert not (tmp_path / "goi.asice.p7m").exists()


def test_verify_opens_what_this_home_can_open(tmp_path: Path) -> None:
    world = World(tmp_path / "nha")
    own = encryption_keys.make(world.home, "CQ-TC")
    path = tmp_path / "goi.asice.p7m"
    (tmp_path / "goi.asice").write_bytes(good())
    encrypt(tmp_path / "goi.asice", path, [recipient().asn1, own.certificate])
    assert verify(path, world.policy).verdict == "valid"
    left = world.home / encryption_keys.OPENED
    assert list(left.iterdir()) == []


@pytest.mark.parametrize("keys", [False, True])
def test_what_no_key_opens_is_undecided(tmp_path: Path, keys: bool) -> None:
    world = World(tmp_path / "nha")
    if keys:
        encryption_keys.make(world.home, "CQ-TC")
    path = sealed(tmp_path, good(), recipient())
    verdict = verify(path, world.policy)
    assert verdict.verdict == "undecided"
    assert [each.code for each in verdict.refusals] == ["B117"]


def test_a_changed_envelope_is_invalid(tmp_path: Path) -> None:
    world = World(tmp_path / "nha")
    own = encryption_keys.make(world.home, "CQ-TC")
    (tmp_path / "goi.asice").write_bytes(good())
    path = tmp_path / "goi.asice.p7m"
    encrypt(tmp_path / "goi.asice", path, [own.certificate])
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    verdict = verify(path, world.policy)
    assert [each.code for each in verdict.refusals] == ["B116"]
    assert list((world.home / encryption_keys.OPENED).iterdir()) == []


def test_what_a_killed_run_left_in_clear_is_swept(tmp_path: Path) -> None:
    left = tmp_path / encryption_keys.OPENED / "cu"
    left.mkdir(parents=True)
    (left / "goi.asice").write_bytes(b"x")
    with encryption_keys.aside(tmp_path) as folder:
        assert folder.is_dir()
        assert left.exists(), "another run may be at work on it"
    encryption_keys.sweep(tmp_path)
    assert not left.exists()


def test_there_and_back_by_command(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    World(home)
    bundle, holder = tmp_path / "goi.asice", recipient()
    bundle.write_bytes(good())
    (tmp_path / "kho.pem").write_bytes(holder.certificate.public_bytes(PEM))
    named = ["--to", str(tmp_path / "kho.pem")]
    assert main(["bundle", "encrypt", str(bundle), *named]) == 0
    assert "THỬ NGHIỆM Kho" in capsys.readouterr().out
    sealed_file = tmp_path / "goi.asice.p7m"
    bundle.unlink()
    assert main(["bundle", "verify", str(sealed_file)]) == 0
    assert main(["bundle", "show", str(sealed_file)]) == int(ExitCode.INTEGRITY)
    assert "iocsl bundle decrypt" in capsys.readouterr().err
    assert main(["bundle", "decrypt", str(sealed_file)]) == 0
    assert bundle.read_bytes() == good()
    assert main(["bundle", "decrypt", str(sealed_file)]) == int(ExitCode.USAGE), "it is there"
    assert main(["bundle", "decrypt", str(bundle)]) == int(ExitCode.USAGE), "it is open"
    assert main(["bundle", "encrypt", str(sealed_file), *named]) == int(ExitCode.INTEGRITY)


def test_a_recipient_opens_it_with_a_key_file(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    holder, key, word = recipient(), tmp_path / "kho.p12", tmp_path / "mat-khau.txt"
    password = serialization.BestAvailableEncryption(b"mat khau")
    sealed_key = pkcs12.serialize_key_and_certificates(
        b"kho",
        holder.key,
        holder.certificate,
        None,
        password,
    )
    key.write_bytes(sealed_key)
    word.write_text("mat khau\n", "utf-8")
    word.chmod(0o600)
    path = sealed(tmp_path, good(), holder)
    opened = tmp_path / "ra.asice"
    command = ["bundle", "decrypt", str(path), "-o", str(opened), "--passphrase-file", str(word)]
    assert main(command) == int(ExitCode.UNDECIDED), "this machine has no key"
    assert main([*command, "--key", str(key)]) == 0
    assert opened.read_bytes() == good()
    word.write_text("sai\n", "utf-8")
    opened.unlink()
    assert main([*command, "--key", str(key)]) == int(ExitCode.INTEGRITY)
    assert not opened.exists()
    assert "mat khau" not in capsys.readouterr().err
