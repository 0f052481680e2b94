"""A time-stamp authority of throw-away keys, in this process: for the demo and the tests.

It answers RFC 3161 queries as a real one does over HTTP. Its stamps count only where its issuer was
added to the trust store, which test keys are under `thu-nghiem` alone.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import cms, core, tsp

from iocsl import clock
from iocsl.bundle.signers.pkcs12 import Pkcs12Signer, open_key
from iocsl.bundle.testkeys import KEY_NOTE, TSA_FILE, read_passphrase_file

POLICY = "1.3.6.1.4.1.99999.1"
"""A made-up policy: these stamps promise nothing."""


def make_token(
    imprint: tsp.MessageImprint, signer: Pkcs12Signer, at: datetime, nonce: int | None = None
) -> cms.ContentInfo:
    """A token over `imprint` that says `at`."""
    fields = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": imprint,
        "serial_number": secrets.randbits(63),
        "gen_time": at.astimezone(UTC).replace(microsecond=0),
    }
    if nonce is not None:
        fields["nonce"] = nonce
    content = cms.EncapsulatedContentInfo(
        {
            "content_type": "tst_info",
            "content": core.ParsableOctetString(tsp.TSTInfo(fields).dump()),
        }
    )
    return signer.sign_attached(content)


def answer(query: bytes, signer: Pkcs12Signer, at: datetime) -> bytes:
    """The authority's answer to a query, as it comes over HTTP (both DER)."""
    asked = tsp.TimeStampReq.load(query, strict=True)
    token = make_token(asked["message_imprint"], signer, at, asked["nonce"].native)
    return bytes(
        tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()
    )


def post_to_test_authority(folder: str, body: bytes, timeout: float) -> bytes:
    """As `timestamps.post_over_http`, answered by the authority among the test keys in `folder`.

    Raises `OSError` when there is none, as for a machine that cannot be reached.
    """
    path = Path(folder)
    if not (path / TSA_FILE).is_file():
        raise OSError(folder)
    secret = read_passphrase_file(path / KEY_NOTE)
    signer = open_key(path / TSA_FILE, lambda _: secret)
    return answer(body, signer, clock.record_now())
