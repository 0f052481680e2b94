"""Tokens of SoftHSM2, a real PKCS#11 driver, in a folder of the test run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from bundle_forge import Holder, authority

PIN = "7391-pin"
DRIVERS = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
DRIVER = next((path for path in DRIVERS if Path(path).exists()), "")
PRESENT = bool(DRIVER) and shutil.which("softhsm2-util") is not None


class Tokens:
    """The tokens that the driver shows, in a folder of the test run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "the").mkdir()
        settings = folder / "softhsm2.conf"
        settings.write_text(f"directories.tokendir = {folder / 'the'}\n", encoding="utf-8")
        os.environ["SOFTHSM2_CONF"] = str(settings)

    def make(self, label: str, *holders: Holder) -> None:
        """A token with the keys and certificates of the holders, and their issuer's."""
        init = ["--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", PIN]
        run("softhsm2-util", *init)
        for number, holder in enumerate(holders, 1):
            self._import(label, holder, number)

    def _import(self, label: str, holder: Holder, number: int) -> None:
        key = self.folder / f"{label}-{number}.pem"
        key.write_bytes(
            holder.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        import pkcs11

        name, key_id = f"ky-{number}", f"{number:02}"
        where = ["--import", str(key), "--token", label, "--pin", PIN]
        run("softhsm2-util", *where, "--label", name, "--id", key_id)
        library = pkcs11.lib(DRIVER)
        library.reinitialize()
        with library.get_token(token_label=label).open(rw=True, user_pin=PIN) as session:
            for certificate, mark in ((holder.asn1, name), (authority().asn1, "ca")):
                session.create_object(
                    {
                        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                        pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                        pkcs11.Attribute.TOKEN: True,
                        pkcs11.Attribute.PRIVATE: False,
                        pkcs11.Attribute.LABEL: mark,
                        pkcs11.Attribute.ID: bytes.fromhex(key_id if mark == name else "ff"),
                        pkcs11.Attribute.SUBJECT: certificate.subject.dump(),
                        pkcs11.Attribute.VALUE: certificate.dump(),
                    }
                )


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
