"""One HTTP answer, whole or not at all, within bounds of time and size.

The time-outs of an HTTP client are for one piece each: a server that sends a byte a second, or
without end, keeps within them for ever. Import it only where something is asked for over HTTP.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from time import monotonic
from typing import Any

import httpx

SLOWEST = 4096
"""Bytes a second that an answer or what is sent must come to, beyond the seconds given."""
LARGEST = 256 << 20
"""Bytes of an answer, unpacked; the full reports of a large submission are tens of MiB."""
_LOOK_SECONDS = 0.5
"""How often Ctrl+C is looked for while waiting, where the system does not interrupt that."""
_PACKING = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})


def fetch(
    client: httpx.Client,
    method: str,
    url: str,
    *,
    seconds: float,
    largest: int | None = None,
    **request: Any,
) -> httpx.Response:
    """The whole answer to one request; `request` is what `httpx.Client.stream` takes.

    A long one is given more time than `seconds`, as a slow link needs it. Raises
    `httpx.RequestError`: `ReadTimeout` when it is not all there by then, `DecodingError` when it
    is packed wrongly or longer than `largest` bytes (default: `LARGEST`).
    """
    send = partial(client.stream, method, url, **request)
    until = monotonic() + seconds + len(request.get("content", b"")) / SLOWEST
    asked = _Asked(send, until, largest or LARGEST)
    asked.start()
    while asked.is_alive() and monotonic() < asked.until:
        asked.join(min(_LOOK_SECONDS, max(0.0, asked.until - monotonic())))
    if asked.failure is not None:
        raise asked.failure
    if asked.answer is None:
        raise httpx.ReadTimeout(url)
    return asked.answer


class _Asked(threading.Thread):
    """A request in a thread of its own, which may be left: nothing else ends a slow heading."""

    def __init__(
        self,
        send: Callable[[], AbstractContextManager[httpx.Response]],
        until: float,
        largest: int,
    ) -> None:
        super().__init__(daemon=True)
        self.until = until
        self.answer: httpx.Response | None = None
        self.failure: Exception | None = None
        self._send = send
        self._largest = largest

    def run(self) -> None:
        try:
            self.answer = self._whole()
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is waited for
            self.failure = error

    def _whole(self) -> httpx.Response:
        found = bytearray()
        with self._send() as answer:
            for piece in answer.iter_bytes():
                found += piece
                if len(found) > self._largest:
                    raise httpx.DecodingError("too large", request=answer.request)
                self.until += len(piece) / SLOWEST
                if monotonic() > self.until:
                    raise httpx.ReadTimeout("too slow", request=answer.request)
        headers = [each for each in answer.headers.raw if each[0].lower() not in _PACKING]
        return httpx.Response(
            answer.status_code, headers=headers, content=bytes(found), request=answer.request
        )
