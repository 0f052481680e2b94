"""The warehouse's own keys: ES256 for receipts, RSA for what is encrypted to it, HS256 for tokens.

Units pin the public parts of the first two with their account.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from iocsl import clock
from iocsl.bundle import encryption_keys
from iocsl.bundle.cms import fingerprint
from iocsl.bundle.encryption import Opener
from iocsl.errors import IocslError
from iocsl.files import check_private, write_whole
from iocsl.ledger.chain import canonical
from iocsl.ledger.receipts import LEDGERS, TEST_TYPE, TYPE

FILE = "khoa-kho.json"
TOKEN_SECONDS = 900


class Keys:
    """The keys in `khoa-kho.json` and `khoa-ma-hoa.pem`, files that only their owner may read."""

    def __init__(self, document: dict[str, Any], encryption: Opener | None, *, test: bool) -> None:
        from joserfc.jwk import ECKey, OctKey

        self._receipts = ECKey.import_key(document["bien_nhan"])
        self._tokens = OctKey.import_key(document["phien"])
        self.encryption = encryption
        """None in a store that was made before there was one: it takes no personal data."""
        self.test = test

    @classmethod
    def make(cls, folder: Path, *, test: bool) -> Keys:
        """New keys in a new file. The key id of a test warehouse starts with `TEST-`."""
        from joserfc.jwk import ECKey, OctKey

        receipts = ECKey.generate_key("P-256")
        kid = ("TEST-" if test else "") + receipts.thumbprint()
        document = {
            "bien_nhan": {**receipts.as_dict(private=True), "kid": kid, "use": "sig"},
            "phien": OctKey.generate_key(256).as_dict(private=True),
        }
        write_whole(folder / FILE, json.dumps(document).encode(), private=True)
        encryption = encryption_keys.make(folder, f"Kho dữ liệu dùng chung{' TEST' * test}")
        return cls(document, encryption, test=test)

    @classmethod
    def load(cls, folder: Path, *, test: bool) -> Keys:
        """The keys of a store. Exit 3 when they are missing, damaged or readable by others."""
        path = folder / FILE
        if path.is_file():
            check_private(path)
        try:
            document = json.loads(path.read_text("utf-8"))
            return cls(document, encryption_keys.own(folder), test=test)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            raise IocslError(
                "warehouse-keys",
                f"Không đọc được khóa của kho ở “{path}”.",
                f"The keys of the warehouse at “{path}” cannot be read.",
                (
                    "Khôi phục tệp khóa từ bản sao lưu của kho.",
                    "Restore the key file from the warehouse's backup.",
                ),
            ) from None

    @property
    def kid(self) -> str:
        return str(self._receipts.kid)

    def public(self) -> dict[str, Any]:
        """The JWKS: by which receipts are checked, and to whom personal data are encrypted."""
        public = {**self._receipts.as_dict(private=False), "alg": "ES256", "use": "sig"}
        return {"keys": [public, *([published(self.encryption)] if self.encryption else [])]}

    def sign(self, payload: dict[str, Any], ledgers: Sequence[dict[str, Any]] = ()) -> str:
        """A receipt: compact JWS over the RFC 8785 JSON of `payload`.

        `ledgers` go into its header: how far the unit's ledgers had come (`receipts.LEDGERS`).
        """
        from joserfc import jws

        header: dict[str, Any] = {
            "alg": "ES256",
            "kid": self.kid,
            "typ": TEST_TYPE if self.test else TYPE,
            LEDGERS: list(ledgers),
        }
        registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
        return jws.serialize_compact(header, canonical(payload), self._receipts, registry=registry)

    def sign_catalogue(self, payload: dict[str, Any]) -> str:
        """A snapshot of the catalogue: a JWS of another type, so that it is never a receipt."""
        from joserfc import jws

        from iocsl.catalog import snapshot

        kind = snapshot.TEST_TYPE if self.test else snapshot.TYPE
        header = {"alg": "ES256", "kid": self.kid, "typ": kind}
        return jws.serialize_compact(header, canonical(payload), self._receipts)

    def token(self, client_id: str) -> str:
        """An access token for `TOKEN_SECONDS`, by the machine's clock even in a test store."""
        from joserfc import jwt

        ends = int(clock.record_now().timestamp()) + TOKEN_SECONDS
        header = {"alg": "HS256", "typ": "at+jwt"}
        return jwt.encode(header, {"sub": client_id, "exp": ends}, self._tokens)

    def client_of(self, token: str) -> str | None:
        """The client that a token of ours names, None when it is not ours or has run out."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        try:
            opened = jwt.decode(token, self._tokens, algorithms=["HS256"])
        except (JoseError, ValueError, TypeError, KeyError):
            return None
        client, ends = opened.claims.get("sub"), opened.claims.get("exp")
        if not isinstance(client, str) or not isinstance(ends, int):
            return None
        return client if clock.record_now().timestamp() < ends else None


def published(opener: Opener) -> dict[str, Any]:
    """A certificate to encrypt to, as a JWK (RFC 7517): `x5c` is the certificate itself."""
    import base64

    from joserfc.jwk import RSAKey

    key = RSAKey.import_key(opener.certificate.public_key.dump())
    certificate = base64.b64encode(opener.certificate.dump()).decode()
    return {
        **key.as_dict(private=False),
        "kid": fingerprint(opener.certificate),
        "use": "enc",
        "alg": "RSA-OAEP-256",
        "x5c": [certificate],
    }
