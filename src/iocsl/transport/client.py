"""The direct way to the warehouse: HTTP with resumable chunks (tus 1.0.0 core headers).

What may pass by itself (no link, time-outs, a busy or full server) is tried again with growing
pauses. Before the secret leaves, the other side must show that it is the warehouse on record.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import iocsl
from iocsl.bundle.identity import Slip
from iocsl.errors import IocslError
from iocsl.transport.account import Account, is_loopback
from iocsl.transport.link import NoAnswerError, RefusedError, Standing

if TYPE_CHECKING:
    import httpx

CHUNK = 4 << 20
SERVICE = "iocsl-warehouse"
TUS = "1.0.0"
PATIENCE = 2
"""How many times as long as for one piece is waited for a whole answer."""
LONGEST_NUMBER = 18
"""Digits of a number in a header."""
_NOT_MODIFIED = 304
_PASSING = frozenset({408, 423, 425, 429, 500, 502, 503, 504, 507})
_ACCOUNT = frozenset({401, 403})
_LAST_WORDS = frozenset(
    {
        *("bundle-invalid", "sequence-taken", "too-large", "unknown-dataset", "unknown-period"),
        "personal-data-in-clear",
    }
)
"""Refusals of this very bundle, which sending it again would not change."""

Result = TypeVar("Result")


LONGEST_PAUSE = 30.0
"""Seconds to wait at most where a server says when to come again; past it, the next run does."""


class Passing(NoAnswerError):  # noqa: N818 - not an error yet: it is tried again first
    """A fault that may pass by itself; `pause` is in how many seconds, where the server says so."""

    pause: float | None = None


class Direct:
    """A connection for one run. Close it, or use it as a context manager."""

    def __init__(
        self,
        account: Account,
        *,
        timeout: float,
        tries: int,
        ca: str | None = None,
        chunk: int = CHUNK,
    ) -> None:
        import httpx
        from stamina import instrumentation

        # Its own log lines on stderr would be no help to an official.
        instrumentation.set_on_retry_hooks([])
        self._account = account
        self._tries = max(1, tries)
        self._longest = PATIENCE * timeout
        self._chunk = chunk
        self._token: str | None = None
        self._greeted = False
        loopback = is_loopback(urlsplit(account.url).hostname or "")
        self._http = httpx.Client(
            base_url=account.url,
            timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            verify=_context(ca),
            headers={"User-Agent": f"iocsl/{iocsl.__version__}"},
            # A proxy named in the environment is for other machines.
            trust_env=not loopback,
        )

    def __enter__(self) -> Direct:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def announce(self, slip: Slip, sha256: str, size: int) -> Standing:
        body = {"slip": slip.document(), "container": {"sha256": sha256, "size": size}}
        answer = self._ask("PUT", f"/v1/bundles/{slip.identity()}", json=body)
        return _standing(answer.json(), sha256)

    def commit(self, identity: str, sha256: str) -> Standing:
        answer = self._ask("POST", f"/v1/bundles/{identity}/commit", json={"sha256": sha256})
        return _standing(answer.json(), sha256)

    def accepted(self, identity: str) -> str | None:
        """SHA-256 of the file of a submission that was accepted, None when none was."""
        try:
            answer = self._ask("GET", f"/v1/bundles/{identity}")
        except RefusedError as error:
            if error.code != "unknown-submission":
                raise
            return None
        document = answer.json()
        found = document.get("accepted") if isinstance(document, Mapping) else None
        return found if isinstance(found, str) else None

    def reports(self, identity: str) -> list[dict[str, Any]]:
        """The full reports of the warehouse's technical check."""
        answer = self._ask("GET", f"/v1/bundles/{identity}/reports")
        reports: list[dict[str, Any]] = _field(answer.json(), "reports", list)
        return reports

    def catalogue(self, known: str) -> str | None:
        """The signed snapshot of the warehouse's catalogue, None when it is the one `known`.

        `known` is the SHA-256 of the catalogue in use, which is also the warehouse's ETag.
        """
        return self._retried(partial(self._catalogue, known))

    def _catalogue(self, known: str) -> str | None:
        self.greet()
        headers = {"If-None-Match": f'"{known}"'}
        answer = self._send_request("GET", "/v1/catalogue", headers=headers)
        if answer.status_code == _NOT_MODIFIED:
            return None
        snapshot: str = _field(_json(self._accepted(answer)), "snapshot", str)
        return snapshot

    def upload(self, identity: str, path: Path, sha256: str, offset: int) -> None:
        """Send the file from `offset` on, chunk by chunk; after a cut the warehouse says where."""
        address = f"/v1/bundles/{identity}/files/{sha256}"
        size = path.stat().st_size
        restarted, stalls = False, 0
        with path.open("rb") as stream:
            while offset < size:
                try:
                    reached = self._retried(partial(self._send, address, stream, offset))
                except RefusedError as error:
                    # What lay at the warehouse was damaged there: once more from the start.
                    if error.code != "wrong-digest" or restarted:
                        raise
                    restarted, reached = True, 0
                stalls = 0 if reached > offset else stalls + 1
                if stalls > self._tries:
                    raise _no_answer(self._account.url, f"{reached}/{size}")
                offset = reached

    def _send(self, address: str, stream: Any, offset: int) -> int:
        stream.seek(offset)
        data = stream.read(self._chunk)
        headers = {
            "Tus-Resumable": TUS,
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        try:
            answer = self._once("PATCH", address, content=data, headers=headers)
            return _offset(answer)
        except Passing:
            reached = self._where(address)
            if reached == offset:
                # Nothing got there: the pause before the next try, and what to tell, is its own.
                raise
            return reached
        except RefusedError as error:
            if error.code != "wrong-offset":
                raise
            return self._where(address)

    def _where(self, address: str) -> int:
        return _offset(self._once("HEAD", address, headers={"Tus-Resumable": TUS}))

    def _ask(self, method: str, address: str, **request: Any) -> httpx.Response:
        return self._retried(lambda: self._once(method, address, **request))

    def _retried(self, call: Callable[[], Result]) -> Result:
        import stamina

        for attempt in stamina.retry_context(
            on=_next_try, attempts=self._tries, timeout=None, wait_initial=0.3, wait_max=5.0
        ):
            with attempt:
                return call()
        raise _no_answer(self._account.url, *_CUT)

    def _once(self, method: str, address: str, **request: Any) -> httpx.Response:
        """One request with a valid token; a token that ran out is renewed once."""
        self.greet()
        headers = dict(request.pop("headers", {}))
        for renewed in (False, True):
            if self._token is None:
                self._token = self._login()
            headers["Authorization"] = f"Bearer {self._token}"
            answer = self._send_request(method, address, headers=headers, **request)
            if answer.status_code == 401 and not renewed:
                self._token = None
                continue
            return self._accepted(answer)
        raise _no_answer(self._account.url, *_CUT)

    def greet(self) -> None:
        """See that this is the warehouse whose keys are on record, before the secret is sent."""
        if self._greeted:
            return
        answer = self._accepted(self._send_request("GET", "/v1/health"))
        document = _json(answer)
        if not isinstance(document, Mapping) or document.get("service") != SERVICE:
            raise _not_a_warehouse(self._account.url)
        if document.get("kid") not in self._account.kids:
            raise _other_warehouse(self._account.url)
        self._greeted = True

    def _login(self) -> str:
        account = self._account
        answer = self._send_request(
            "POST",
            "/v1/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": account.client_id,
                "client_secret": account.secret,
            },
        )
        token: str = _field(_json(self._accepted(answer)), "access_token", str)
        if not (token.isascii() and token.isprintable()):
            raise _strange("access_token")
        return token

    def _send_request(self, method: str, address: str, **request: Any) -> httpx.Response:
        import httpx

        from iocsl.fetch import fetch

        try:
            return fetch(self._http, method, address, seconds=self._longest, **request)
        except httpx.TimeoutException:
            raise _no_answer(self._account.url, *_TIMED_OUT) from None
        except httpx.ConnectError:
            raise _no_answer(self._account.url, *_NO_LINK) from None
        except httpx.TransportError:
            raise _no_answer(self._account.url, *_CUT) from None
        except httpx.DecodingError:
            raise _not_a_warehouse(self._account.url) from None

    def _accepted(self, answer: httpx.Response) -> httpx.Response:
        """The answer when it is a good one; else what its status and problem document mean."""
        if answer.is_success:
            if answer.request.method not in {"HEAD", "PATCH"}:
                _json(answer)
            return answer
        problem = _problem(answer)
        if problem is None:
            if answer.status_code in _PASSING:
                why = f"HTTP {answer.status_code}"
                raise _later(_no_answer(self._account.url, why), answer)
            if answer.request.method == "HEAD":
                raise _head_refused(answer)
            raise _not_a_warehouse(self._account.url)
        vi, en = str(problem["title"]), str(problem.get("title_en") or problem["title"])
        code = str(problem["code"])
        if answer.status_code in _PASSING:
            raise _later(Passing(code, vi, en), answer)
        hint = _ASK_FOR_ACCOUNT if answer.status_code in _ACCOUNT else _hint(problem)
        raise RefusedError(code, vi, en, hint, final=code in _LAST_WORDS)


def _context(ca: str | None) -> ssl.SSLContext:
    """The machine's own trust in TLS servers, or the file of the setting `warehouse.ca`."""
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError):
        raise IocslError(
            "bad-ca-file",
            f"Không đọc được tệp chứng thư máy chủ “{ca}” (warehouse.ca).",
            f"The file of server certificates “{ca}” (warehouse.ca) cannot be read.",
            ("Kiểm tra lại đường dẫn và định dạng PEM.", "Check the path; the format is PEM."),
        ) from None


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise _not_a_warehouse(str(answer.request.url.copy_with(path="/"))) from None


def _problem(answer: httpx.Response) -> Mapping[str, Any] | None:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return None
    document = _json(answer)
    if isinstance(document, Mapping) and all(
        isinstance(document.get(name), str) for name in ("code", "title")
    ):
        return document
    return None


def _later(fault: Passing, answer: httpx.Response) -> Passing:
    """The fault with the pause that the answer asks for (RFC 9110 section 10.2.3, in seconds)."""
    given = answer.headers.get("retry-after", "")
    if _is_number(given):
        fault.pause = float(given)
    return fault


def _next_try(error: Exception) -> bool | float:
    """Whether to try once more, or in how many seconds to."""
    if not isinstance(error, Passing):
        return False
    if error.pause is None:
        return True
    return error.pause if error.pause <= LONGEST_PAUSE else False


def _field(document: Any, name: str, kind: type) -> Any:
    value = document.get(name) if isinstance(document, Mapping) else None
    if not isinstance(value, kind):
        raise _strange(name)
    return value


def _standing(document: Any, sha256: str) -> Standing:
    state = _field(document, "state", str)
    receipts = tuple(str(jws) for jws in _field(document, "receipts", list))
    offset = None
    for item in _field(document, "missing", list):
        if _field(item, "sha256", str) == sha256:
            offset = max(0, _field(item, "offset", int))
    return Standing(state, offset, receipts)


def _offset(answer: httpx.Response) -> int:
    given = answer.headers.get("upload-offset", "")
    if not _is_number(given):
        raise _not_a_warehouse(str(answer.request.url.copy_with(path="/")))
    return int(given)


def _is_number(text: str) -> bool:
    """Whether a header's value is a whole number that a file's size or a pause may be."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER


def _hint(problem: Mapping[str, Any]) -> tuple[str, str] | None:
    refusals = problem.get("refusals")
    if not isinstance(refusals, list) or not refusals:
        return None
    told = [each for each in refusals if isinstance(each, Mapping)]
    vi = "; ".join(f"{each.get('code')} {each.get('message')}" for each in told)
    en = "; ".join(f"{each.get('code')} {each.get('message_en')}" for each in told)
    return (f"Kho nêu lý do: {vi}", f"The warehouse says: {en}")


_ASK_FOR_ACCOUNT = (
    "Xin lại tệp tài khoản từ đơn vị vận hành kho rồi nhập: iocsl submit --connect tai-khoan.json",
    "Ask the operator for a new account file and import it: iocsl submit --connect FILE",
)


_TIMED_OUT = ("quá thời gian chờ", "timed out")
_NO_LINK = ("không kết nối được", "no connection")
_CUT = ("kết nối bị ngắt", "the link was cut")


def _no_answer(url: str, why_vi: str, why_en: str | None = None) -> Passing:
    return Passing(
        "no-answer",
        f"Kho ở {url} không trả lời ({why_vi}).",
        f"The warehouse at {url} does not answer ({why_en or why_vi}).",
    )


def _strange(name: str) -> NoAnswerError:
    return NoAnswerError(
        "strange-answer",
        f"Câu trả lời của kho thiếu “{name}”.",
        f"The warehouse's answer lacks “{name}”.",
    )


def _head_refused(answer: httpx.Response) -> RefusedError:
    return RefusedError(
        "upload-unknown",
        f"Kho không còn biết lượt gửi này (HTTP {answer.status_code}).",
        f"The warehouse no longer knows this upload (HTTP {answer.status_code}).",
    )


def _not_a_warehouse(url: str) -> NoAnswerError:
    return NoAnswerError(
        "not-a-warehouse",
        f"Máy chủ ở {url} không phải là kho iocsl.",
        f"The server at {url} is not an iocsl warehouse.",
        (
            "Kiểm tra địa chỉ kho (iocsl config) và mạng; gói nộp vẫn nằm trong hàng chờ.",
            "Check the address (iocsl config) and the network; the bundle stays in the outbox.",
        ),
    )


def _other_warehouse(url: str) -> NoAnswerError:
    return NoAnswerError(
        "other-warehouse",
        f"Máy chủ ở {url} không mang khóa của kho mà đơn vị đã ghi nhận.",
        f"The server at {url} does not have the key of the warehouse on record.",
        _ASK_FOR_ACCOUNT,
    )
