"""Keys on USB tokens and smart cards, through the PKCS#11 driver of their maker.

A key is named as RFC 7512 does: `pkcs11:token=…;object=…?module-path=…`. Each part may be left out
where there is one to choose from; the driver comes from the setting `signing.pkcs11_module`. The
certificate is read without a PIN, so that it is checked before the PIN is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from asn1crypto import x509

from iocsl.bundle.cms import name_of
from iocsl.bundle.signers import Passphrase, unknown_key
from iocsl.bundle.signers.pkcs12 import pss_mechanism
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, missing_extra, usage
from iocsl.text import tr

if TYPE_CHECKING:
    import pkcs11


@dataclass(frozen=True, slots=True)
class TokenKey:
    """What a `pkcs11:` name says; None where it leaves the choice open."""

    token: str | None = None
    serial: str | None = None
    label: str | None = None
    id: bytes | None = None
    module: str | None = None

    @classmethod
    def read(cls, text: str, module: str | None) -> TokenKey:
        """Parse the part after `pkcs11:`. Exit 2 for an attribute that is not known here."""
        path, _, query = text.partition("?")
        found: dict[str, str] = {}
        for part in (*path.split(";"), *query.split("&")):
            name, equals, value = part.partition("=")
            if not part:
                continue
            if not equals or name not in {"token", "serial", "object", "id", "type", "module-path"}:
                raise unknown_key(f"pkcs11:{text}")
            found[name] = unquote(value, errors="strict")
        raw_id = found.get("id")
        return cls(
            found.get("token"),
            found.get("serial"),
            found.get("object"),
            raw_id.encode("latin-1") if raw_id is not None else None,
            found.get("module-path", module),
        )


class TokenSigner:
    """A key on a token. The PIN goes to the driver and nowhere else."""

    def __init__(self, name: TokenKey, passphrase: Passphrase, *, pss: bool = False) -> None:
        self._passphrase = passphrase
        self._pss = pss
        self._token = _find_token(name)
        with _session(self._token, None) as session:
            self._id, self._certificate, self.chain = _find_certificate(session, name)

    @property
    def certificate(self) -> x509.Certificate:
        return self._certificate

    def sign(self, content: bytes, at: datetime) -> bytes:
        """See `Signer.sign`. Exit 4 for a wrong PIN, which is never tried twice: tokens lock."""
        from pyhanko.sign.pkcs11 import PKCS11Signer
        from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

        is_rsa = self._certificate.public_key.algorithm == "rsa"
        with _session(self._token, self._pin()) as session:
            signer = PKCS11Signer(
                session,
                signing_cert=self._certificate,
                ca_chain=list(self.chain),
                key_id=self._id,
                embed_roots=False,
                use_raw_mechanism=not is_rsa and not self._hashes(),
                signature_mechanism=pss_mechanism() if self._pss and is_rsa else None,
            )
            signed = asyncio.run(
                signer.async_sign_general_data(
                    content,
                    "sha256",
                    use_cades=True,
                    signed_attr_settings=PdfCMSSignedAttributes(signing_time=at),
                )
            )
            return bytes(signed.dump())

    def _hashes(self) -> bool:
        """Whether the token hashes what it signs with ECDSA; many, SoftHSM2 too, only sign."""
        from pkcs11 import Mechanism

        return Mechanism.ECDSA_SHA256 in self._token.slot.get_mechanisms()

    @property
    def on_pad(self) -> bool:
        """Whether the PIN is typed on the token's own pad and never reaches this machine."""
        from pkcs11 import TokenFlag

        return TokenFlag.PROTECTED_AUTHENTICATION_PATH in self._token.flags

    def _pin(self) -> Any:
        from pkcs11 import PROTECTED_AUTH, TokenFlag

        if TokenFlag.USER_PIN_LOCKED in self._token.flags:
            raise _locked(self._token)
        if self.on_pad:
            return PROTECTED_AUTH
        name = self._token.label
        if TokenFlag.USER_PIN_FINAL_TRY in self._token.flags:
            name += tr(" (còn một lần thử, sai nữa sẽ khóa)", " (one try left before it locks)")
        return self._passphrase(name)


def open_token(
    text: str, passphrase: Passphrase, *, module: str | None, pss: bool = False
) -> TokenSigner:
    """The signer of a `pkcs11:` name (without the scheme).

    Exit 2 when no or several tokens or certificates fit, 3 when the driver cannot be loaded.
    """
    return TokenSigner(TokenKey.read(text, module), passphrase, pss=pss)


def _find_token(name: TokenKey) -> pkcs11.Token:
    try:
        import pkcs11
    except ImportError:
        raise missing_extra("token", "python-pkcs11") from None
    if name.module is None:
        raise _no_module()
    try:
        library = pkcs11.lib(name.module)
        tokens = [
            token
            for token in library.get_tokens()
            if name.token in {None, token.label.rstrip("\0 ")}
            and name.serial in {None, _text(token.serial)}
            and pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags
        ]
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise _driver_trouble(name.module, error) from None
    if len(tokens) != 1:
        raise _which_token([token.label for token in tokens])
    return tokens[0]


@contextmanager
def _session(token: pkcs11.Token, pin: Any) -> Iterator[pkcs11.Session]:
    """An open session; the driver's complaints become ours."""
    import pkcs11

    try:
        with token.open(user_pin=pin) as session:
            yield session
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
        raise _wrong_pin(token) from None
    except pkcs11.PinLocked:
        raise _locked(token) from None
    except pkcs11.PKCS11Error as error:
        raise _token_trouble(token, error) from None


def _find_certificate(
    session: pkcs11.Session, name: TokenKey
) -> tuple[bytes, x509.Certificate, Sequence[x509.Certificate]]:
    """The one person's certificate that fits the name, and the issuers' beside it."""
    from pkcs11 import Attribute, ObjectClass

    people: list[tuple[bytes, x509.Certificate]] = []
    issuers: list[x509.Certificate] = []
    for found in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        try:
            certificate = x509.Certificate.load(found[Attribute.VALUE], strict=True)
            is_ca = bool(certificate.ca)
        except (ValueError, TypeError):
            continue  # another use of the token: nothing that signs
        label, key_id = found[Attribute.LABEL], bytes(found[Attribute.ID])
        if is_ca:
            issuers.append(certificate)
        elif name.label in {None, label} and name.id in {None, key_id}:
            people.append((key_id, certificate))
    if len(people) != 1:
        raise _which_certificate([name_of(certificate) for _, certificate in people])
    return (*people[0], tuple(issuers))


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace").rstrip("\0 ") if isinstance(value, bytes) else value


def _no_module() -> IocslError:
    return IocslError(
        "no-pkcs11-module",
        "Chưa chỉ ra trình điều khiển (PKCS#11) của thiết bị ký.",
        "It is not said where the driver (PKCS#11) of the token is.",
        (
            "Đặt signing.pkcs11_module trong config.toml: tệp .dll hoặc .so của nhà cung cấp.",
            "Set signing.pkcs11_module in config.toml to the driver's .dll or .so file.",
        ),
    )


def _driver_trouble(module: str, error: Exception) -> IocslError:
    return IocslError(
        "pkcs11-driver",
        f"Không mở được trình điều khiển thiết bị ký “{module}” ({type(error).__name__}).",
        f"The token's driver “{module}” cannot be used ({type(error).__name__}).",
        (
            "Kiểm tra signing.pkcs11_module; cài lại trình điều khiển của nhà cung cấp.",
            "Check signing.pkcs11_module; install the maker's driver again.",
        ),
    )


def _which_token(labels: list[str]) -> IocslError:
    if not labels:
        return usage(
            "no-token",
            "Không thấy thiết bị ký nào như vậy.",
            "No such token is there.",
            ("Cắm thiết bị ký rồi chạy lại.", "Plug the token in and run it again."),
        )
    listed = ", ".join(labels)
    return usage(
        "several-tokens",
        f"Có nhiều thiết bị ký: {listed}.",
        f"There are several tokens: {listed}.",
        (f"Chỉ rõ: --key pkcs11:token={labels[0]}", f"Name one: --key pkcs11:token={labels[0]}"),
    )


def _which_certificate(names: list[str]) -> IocslError:
    listed = ", ".join(names) or "–"
    return usage(
        "which-certificate",
        f"Trên thiết bị ký phải có đúng một chứng thư phù hợp, thấy: {listed}.",
        f"Exactly one certificate on the token must fit; found: {listed}.",
        (
            "Chỉ rõ nhãn: --key pkcs11:object=NHÃN",
            "Name its label: --key pkcs11:object=LABEL",
        ),
    )


def _wrong_pin(token: pkcs11.Token) -> IocslError:
    return IocslError(
        "wrong-passphrase",
        f"Mã PIN của thiết bị ký “{token.label}” không đúng. Chưa có gì bị thay đổi.",
        f"The PIN of the token “{token.label}” is wrong. Nothing was changed.",
        (
            "Nhập lại cẩn thận: sai vài lần liên tiếp thiết bị sẽ bị khóa.",
            "Type it with care: after a few wrong ones the token locks.",
        ),
        ExitCode.INTEGRITY,
    )


def _locked(token: pkcs11.Token) -> IocslError:
    return IocslError(
        "token-locked",
        f"Thiết bị ký “{token.label}” đã bị khóa vì nhập sai PIN nhiều lần.",
        f"The token “{token.label}” is locked after too many wrong PINs.",
        (
            "Liên hệ nơi cấp chứng thư để mở khóa.",
            "Ask the issuer of your certificate to unlock it.",
        ),
        ExitCode.INTEGRITY,
    )


def _token_trouble(token: pkcs11.Token, error: Exception) -> IocslError:
    return IocslError(
        "token-trouble",
        f"Thiết bị ký “{token.label}” không làm được ({type(error).__name__}).",
        f"The token “{token.label}” could not do it ({type(error).__name__}).",
        (
            "Rút ra cắm lại thiết bị rồi chạy lại; gói nộp chưa thay đổi.",
            "Plug the token in anew and run it again; the bundle is unchanged.",
        ),
    )
