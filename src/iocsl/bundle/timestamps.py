"""RFC 3161 time-stamps: asked for over HTTP, and judged here.

A time-stamp is made over the value of a signature, so it proves that the signature was there before
its time. It counts only when a time-stamp authority trusted here made it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, tsp, x509

from iocsl.bundle.cms import (
    check_mathematics,
    check_signer_info,
    open_signed_data,
)
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.trust import TEST
from iocsl.domain import ExitCode
from iocsl.errors import IocslError

Post = Callable[[str, bytes, float], bytes]
TIMEOUT = 180.0
"""Seconds that an authority may take for one answer."""
TRIES = 3
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 20.0
"""Seconds between two tries."""
_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
_MAX_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp whose shape and mathematics hold; whether its authority counts comes later."""

    at: datetime
    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]


def read_stamp(token: bytes, stamped: bytes, step: int) -> Stamp:
    """Check a token (DER) over `stamped`, the value of a signature. Raises `RefusedError` B702."""
    try:
        return _read(token, stamped, step)
    except RefusedError as inner:
        if inner.refusal.code == "B702":
            raise
        detail = f"{inner.refusal.code} {inner.refusal.name}"
        raise RefusedError("B702", step=step, detail=detail) from None
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        raise RefusedError("B702", step=step, detail=type(error).__name__) from None


def _read(token: bytes, stamped: bytes, step: int) -> Stamp:
    outer = cms.ContentInfo.load(token, strict=True)
    data, info = open_signed_data(outer, "tst_info", step, _DIGESTS)
    certificate, others, attributes, _ = check_signer_info(data, info, step)
    content = data["encap_content_info"]["content"]
    digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
    if attributes["message_digest"].native != digest:
        raise RefusedError("B407", step=step)
    check_mathematics(token, info, certificate, step)
    what = tsp.TSTInfo.load(bytes(content), strict=True)
    imprint = what["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    if what["version"].native != "v1" or algorithm not in _DIGESTS:
        raise RefusedError("B702", step=step, detail=algorithm)
    if imprint["hashed_message"].native != hashlib.new(algorithm, stamped).digest():
        raise RefusedError("B702", step=step, detail="messageImprint")
    _check_purpose(certificate, step)
    at = what["gen_time"].native
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise RefusedError("B702", step=step, detail="genTime")
    return Stamp(at, certificate, others)


def _check_purpose(certificate: x509.Certificate, step: int) -> None:
    """RFC 3161 2.3: the key is for time-stamps alone, and a critical extension says so."""
    for extension in certificate["tbs_certificate"]["extensions"]:
        if extension["extn_id"].native == "extended_key_usage":
            uses = extension["extn_value"].parsed.native
            if uses == ["time_stamping"] and extension["critical"].native:
                return
    raise RefusedError("B702", step=step, detail="extKeyUsage")


@dataclass(frozen=True, slots=True)
class Stamper:
    """Asks one authority for time-stamps. `post` sends a body to a URL within so many seconds."""

    url: str
    post: Post

    def token(self, value: bytes, step: int) -> bytes:
        """A time-stamp token (DER) over `value`, that of a signature; it was checked.

        Exit 5 when the authority gives no usable answer.
        """
        nonce = secrets.randbits(63)
        query = tsp.TimeStampReq(
            {
                "version": 1,
                "message_imprint": {
                    "hash_algorithm": {"algorithm": "sha256"},
                    "hashed_message": hashlib.sha256(value).digest(),
                },
                "nonce": nonce,
                "cert_req": True,
            }
        )
        try:
            token = _token(self.post(self.url, query.dump(), TIMEOUT), nonce)
            read_stamp(token, value, step)
        except RefusedError as refused:
            raise no_stamp(self.url, str(refused)) from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise no_stamp(self.url, type(error).__name__) from None
        return token


def stamper_for(url: str | None) -> Stamper | None:
    """The stamper of the setting `signing.tsa_url`, None when no authority is set."""
    if url is None:
        return None
    scheme, _, rest = url.partition(":")
    if scheme == TEST:
        from iocsl.bundle.testtsa import post_to_test_authority

        return Stamper(rest, post_to_test_authority)
    if scheme not in {"http", "https"}:
        raise IocslError(
            "bad-tsa-url",
            f"Địa chỉ máy chủ dấu thời gian “{url}” không dùng được.",
            f"The address of the time-stamp authority “{url}” cannot be used.",
            ("Sửa signing.tsa_url: http:// hoặc https://.", "Mend signing.tsa_url: http(s)://."),
        )
    return Stamper(url, post_over_http)


def _token(answer: bytes, nonce: int) -> bytes:
    """The token in the answer to our question. Raises `ValueError` when there is none."""
    response = tsp.TimeStampResp.load(answer, strict=True)
    status = response["status"]["status"].native
    if status not in {"granted", "granted_with_mods"}:
        raise ValueError(status)
    token: bytes = response["time_stamp_token"].dump()
    content = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"]
    if tsp.TSTInfo.load(bytes(content), strict=True)["nonce"].native != nonce:
        raise ValueError("nonce")
    return token


def post_over_http(url: str, body: bytes, timeout: float) -> bytes:
    """A question to a time-stamp authority, put three times at most, with growing pauses.

    Each time the whole answer must be there within `timeout` seconds. Raises `OSError` when none
    came; a question that the authority itself refuses (4xx) is not put again.
    """
    import httpx
    import stamina
    from stamina import instrumentation

    # Its own log lines on stderr would be no help to an official.
    instrumentation.set_on_retry_hooks([])

    def worth_another_try(error: Exception) -> bool:
        refused = isinstance(error, httpx.HTTPStatusError) and error.response.is_client_error
        return isinstance(error, httpx.TransportError | httpx.HTTPStatusError) and not refused

    pauses = {"wait_initial": FIRST_PAUSE, "wait_max": LONGEST_PAUSE}
    try:
        # The library gives up after 45 seconds in all by itself, less than one answer may take.
        for attempt in stamina.retry_context(
            on=worth_another_try, attempts=TRIES, timeout=None, **pauses
        ):
            with attempt:
                return _post(url, body, timeout)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OSError(str(error)) from None
    raise OSError(url)


def _post(url: str, body: bytes, timeout: float) -> bytes:
    """One try. `timeout` is for the whole answer, also for one that comes drop by drop."""
    import httpx

    from iocsl.fetch import fetch

    asking = {"content": body, "headers": {"Content-Type": "application/timestamp-query"}}
    with httpx.Client(timeout=timeout) as client:
        answer = fetch(client, "POST", url, seconds=timeout, largest=_MAX_ANSWER, **asking)
    return answer.raise_for_status().content


def no_stamp(url: str, detail: str) -> IocslError:
    """The signature stands, its time-stamp is pending: exit 5."""
    return IocslError(
        "no-timestamp",
        f"Máy chủ dấu thời gian “{url}” không trả lời được ({detail}).",
        f"The time-stamp authority “{url}” gave no usable answer ({detail}).",
        (
            "Chạy lại khi có mạng; kiểm tra signing.tsa_url trong iocsl config.",
            "Run it again when the network is there; check signing.tsa_url in iocsl config.",
        ),
        ExitCode.NO_ANSWER,
    )
