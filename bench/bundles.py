"""What signing, verifying and encrypting cost, beside openssl doing the same work, and how memory
stands when the payload grows a hundredfold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from bench.harness import Outcome, Runnable, command, compare

SMALL, LARGE = 1 << 20, 100 << 20
BUNDLES = 1000
UNIT, DATASET, PERIOD = "CQ-TC", "KDL-M-016", "2026-10"
_VIDEO = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2"
"""How an MP4 file begins: the payload is an attachment, whose content nobody checks as a table."""


def run(folder: Path, runs: int) -> None:
    """Sign, verify and encrypt; fewer runs than elsewhere, since each reads 100 MiB many times."""
    desk = _Desk(folder / "goi")
    runs = max(1, runs // 2)
    for size in (SMALL, LARGE):
        desk.sign(size, runs)
    for size in (SMALL, LARGE):
        desk.verify(size, runs)
    for size in (SMALL, LARGE):
        desk.encrypt(size, runs)
    desk.verify_many(1)


class _Desk:
    """A unit with three test keys, as files that openssl reads too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.home = folder / "nha"
        self.keys = folder / "khoa"
        self._iocsl("bundle", "keys", "test", "--dir", str(self.keys), "--unit", UNIT)
        self._data = folder / f"{DATASET}_{PERIOD}.csv"
        rows = [f"{DATASET}.{n:03},{PERIOD},{n}" for n in range(1, 31)]
        head = "ma_chi_tieu,ky_bao_cao,gia_tri"
        self._data.write_text("\r\n".join([head, *rows, ""]), "utf-8")
        for step in (1, 2, 3):
            self._openssl_key(step)

    def _openssl_key(self, step: int) -> None:
        word = (self.keys / "mat-khau.txt").read_text("utf-8").strip()
        source = [*self._openssl("pkcs12"), "-in", str(self.keys / f"buoc-{step}.p12")]
        key = [*source, "-nodes", "-nocerts", "-passin", f"pass:{word}"]
        with (self.keys / f"buoc-{step}.key").open("wb") as stream:
            subprocess.run(key, stdout=stream, check=True, stderr=subprocess.DEVNULL)

    @staticmethod
    def _openssl(name: str) -> list[str]:
        return [shutil.which("openssl") or "openssl", name]

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "IOCSL_HOME": str(self.home), "IOCSL_LANG": "en"}

    def _iocsl(self, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "iocsl", *words],
            env=self._environment,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode("utf-8", "replace"))

    def _command(self, *words: str) -> Runnable:
        return command([sys.executable, "-m", "iocsl", *words], self._environment)

    def _key(self, step: int) -> tuple[str, ...]:
        return (
            *("--key", str(self.keys / f"buoc-{step}.p12")),
            *("--passphrase-file", str(self.keys / "mat-khau.txt")),
        )

    def _payload(self, size: int) -> Path:
        path = self.folder / f"phim-{size >> 20}.mp4"
        if not path.exists():
            with path.open("wb") as stream:
                stream.write(_VIDEO)
                for _ in range(size >> 20):
                    stream.write(os.urandom(1 << 20))
        return path

    def _create(self, size: int, target: Path) -> tuple[str, ...]:
        return (
            *("bundle", "create", str(self._data), "--attach", str(self._payload(size))),
            *("--unit", UNIT, "--not-secret", "-o", str(target), *self._key(1)),
        )

    def bundle(self, size: int, steps: int = 3) -> Path:
        """A bundle over a payload of that size with that many signatures, made once."""
        path = self.folder / f"goi-{size >> 20}-{steps}.asice"
        if path.exists():
            return path
        if steps == 1:
            # Each its own number: the ledger gives one to a submission.
            self._forget()
            self._iocsl(*self._create(size, path))
        else:
            shutil.copyfile(self.bundle(size, steps - 1), path)
            self._iocsl(*self._act(steps, path))
        return path

    def _act(self, step: int, path: Path) -> tuple[str, ...]:
        return ("bundle", "review" if step == 2 else "approve", str(path), *self._key(step))

    def _forget(self) -> None:
        """What the ledger and its witnesses know of earlier runs, so that each is the first."""
        for path in self.home.glob("*.sqlite*"):
            if path.name != "catalogue.sqlite":
                path.unlink()

    def sign(self, size: int, runs: int) -> None:
        """Every step is a whole process: it verifies what is there, signs, and verifies again."""

        def step(number: int) -> Callable[[], Outcome]:
            target = self.folder / "ky.asice"

            def act() -> Outcome:
                target.unlink(missing_ok=True)
                if number == 1:
                    self._forget()
                    return self._command(*self._create(size, target))()
                shutil.copyfile(self.bundle(size, number - 1), target)
                return self._command(*self._act(number, target))()

            return act

        payload, made = self._payload(size), self.folder / "ky.p7s"

        def openssl() -> Outcome:
            for number in (1, 2, 3):
                subprocess.run(
                    [
                        *(*self._openssl("cms"), "-sign", "-binary", "-cades", "-md", "sha256"),
                        *("-outform", "DER", "-in", str(payload), "-out", str(made)),
                        *("-signer", str(self.keys / f"buoc-{number}.pem")),
                        *("-inkey", str(self.keys / f"buoc-{number}.key")),
                    ],
                    check=True,
                )
            return Outcome()

        compare(
            f"Three signatures over {size >> 20} MiB",
            {
                "openssl cms -sign, three times": openssl,
                "step 1: bundle create": step(1),
                "step 2: bundle review": step(2),
                "step 3: bundle approve": step(3),
            },
            runs,
        )

    def verify(self, size: int, runs: int) -> None:
        path = self.bundle(size)
        digest = [*self._openssl("dgst"), "-sha256", str(self._payload(size))]
        compare(
            f"A bundle of {size >> 20} MiB verified",
            {
                "openssl dgst -sha256 of the payload": command(digest),
                "iocsl bundle verify": self._command("bundle", "verify", str(path)),
            },
            runs,
            lambda said: said.splitlines()[0] if said else "",
        )

    def encrypt(self, size: int, runs: int) -> None:
        path, target = self.bundle(size), self.folder / "kin.p7m"
        certificate, key = self.folder / "nhan.pem", self.folder / "nhan.key"
        if not certificate.exists():
            subprocess.run(
                [
                    *(*self._openssl("req"), "-x509", "-newkey", "rsa:3072", "-nodes"),
                    *("-subj", "/CN=Kho", "-addext", "keyUsage=critical,keyEncipherment"),
                    *("-keyout", str(key), "-out", str(certificate)),
                ],
                check=True,
                stderr=subprocess.DEVNULL,
            )
        sealing = [
            *(*self._openssl("cms"), "-encrypt", "-binary", "-aes-256-gcm", "-stream"),
            *("-outform", "DER", "-in", str(path), "-out", str(target)),
            *("-recip", str(certificate), "-keyopt", "rsa_padding_mode:oaep"),
        ]

        def iocsl() -> Outcome:
            target.unlink(missing_ok=True)
            words = ("encrypt", str(path), "--to", str(certificate), "-o", str(target))
            return self._command("bundle", *words)()

        def opened() -> Outcome:
            plain = self.folder / "mo.asice"
            plain.unlink(missing_ok=True)
            return self._command("bundle", "decrypt", str(target), "-o", str(plain))()

        compare(
            f"A bundle of {size >> 20} MiB encrypted and opened",
            {
                "openssl cms -encrypt": command(sealing),
                "iocsl bundle encrypt": iocsl,
                "iocsl bundle decrypt": opened,
            },
            runs,
        )

    def verify_many(self, runs: int) -> None:
        """Many small bundles in one process, as an auditor or a warehouse has them."""
        one = self.folder / "nho.asice"
        self._forget()
        words = ("--unit", UNIT, "--not-secret", "-o", str(one))
        self._iocsl("bundle", "create", str(self._data), *words, *self._key(1))
        for step in (2, 3):
            self._iocsl(*self._act(step, one))
        many = [self.folder / f"nho-{number:04}.asice" for number in range(BUNDLES)]
        for path in many:
            shutil.copyfile(one, path)
        parts = self.folder / "nho"
        subprocess.run(
            [sys.executable, "-m", "zipfile", "-e", str(one), str(parts)],
            check=True,
        )
        taken = _openssl_verifies(self._openssl("cms"), parts, self.keys / "ca.pem", BUNDLES)
        compare(
            f"{BUNDLES} small bundles verified in one process",
            {"iocsl bundle verify": self._command("bundle", "verify", *map(str, many))},
            runs,
            lambda said: said.splitlines()[0] if said else "",
        )
        print(f"  {'openssl cms -verify of the same signatures':<42} {taken * 1000:10.1f} ms")


def _openssl_verifies(cms: Sequence[str], parts: Path, authority: Path, bundles: int) -> float:
    """Seconds that openssl takes over the three signatures of that many bundles, and nothing else:
    neither digests of members nor people nor records, one process a signature."""
    start = perf_counter()
    for _ in range(bundles):
        for step in (1, 2, 3):
            meta = parts / "META-INF"
            subprocess.run(
                [
                    *(*cms, "-verify", "-inform", "DER", "-binary", "-cades"),
                    *("-in", str(meta / f"signature{step:03}.p7s")),
                    *("-content", str(meta / f"ASiCManifest{step:03}.xml")),
                    *("-CAfile", str(authority), "-out", os.devnull),
                ],
                check=True,
                stderr=subprocess.DEVNULL,
            )
    return perf_counter() - start
