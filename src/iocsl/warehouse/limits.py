"""A limit on the size of request bodies, kept while they are read; uploads have their own."""

from __future__ import annotations

import contextlib
import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iocsl.warehouse.problems import CONTENT_TYPE, Problem

MAX_BODY = 1 << 20
DRAINED = 16 << 20
"""How much of a refused body is still taken, so that the sender gets to read the refusal."""


class _TooLargeError(Exception):
    pass


class BodyLimit:
    """ASGI middleware: 413 for a body above `MAX_BODY` bytes, except for PATCH."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "PATCH":
            await self._app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise _TooLargeError
            return message

        async def guarded(message: Message) -> None:
            # FastAPI answers a fault in reading the body by itself, with a 400: ours is told below.
            if seen <= MAX_BODY:
                await send(message)

        with contextlib.suppress(_TooLargeError):
            await self._app(scope, counted, guarded)
        if seen > MAX_BODY:
            await _drain(receive)
            await _refuse(send)


async def _drain(receive: Receive) -> None:
    left = DRAINED
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if not message.get("more_body", False):
            return


async def _refuse(send: Send) -> None:
    problem = Problem(
        413,
        "body-too-large",
        "Yêu cầu gửi tới kho quá lớn.",
        "The request to the warehouse is too large.",
    )
    body = json.dumps(problem.document(), ensure_ascii=False).encode()
    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
