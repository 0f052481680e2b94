"""Every refusal and fault as a problem document; nothing that may be data is told or logged."""

from __future__ import annotations

import logging
import sqlite3
import traceback

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iocsl.warehouse.problems import CONTENT_TYPE, Problem, bad_request, of_fault

TUS = "1.0.0"
FRAMES = 8
"""Innermost calls of a fault that go to the log; the outer ones are the framework's."""

log = logging.getLogger("iocsl.warehouse")


def install(app: FastAPI) -> None:
    """Make an application answer in problem documents."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_middleware(_LastNet)


class _LastNet:
    """ASGI middleware: an exception that nobody expected is answered, and the link stays good.

    The framework's own handler raises it again after the answer, and the server then hangs up.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            answer = _of_exception(scope, error)
            if started:
                raise
            await answer(scope, receive, send)


def _answer(problem: Problem) -> Response:
    headers = {"Tus-Resumable": TUS}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.status in {423, 503, 507}:
        headers["Retry-After"] = "5"
    return JSONResponse(problem.document(), problem.status, headers, media_type=CONTENT_TYPE)


async def _on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return _answer(error)


async def _on_bad_request(request: Request, error: Exception) -> Response:
    """Name the place; the value, which may be data, is not sent back."""
    where = "body"
    if isinstance(error, RequestValidationError) and error.errors():
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
    return _answer(bad_request(where))


async def _on_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status in {404, 405}:
        return _answer(
            Problem(
                status,
                "no-such-address",
                "Kho không có địa chỉ hoặc thao tác này.",
                "The warehouse has no such address or method.",
            )
        )
    return _answer(bad_request("body"))


def _of_exception(scope: Scope, error: Exception) -> Response:
    """Our own fault: told without values, which may be data; where it happened goes to the log."""
    if isinstance(error, OSError | sqlite3.Error):
        problem = of_fault(error)
    else:
        problem = Problem(
            500,
            "warehouse-bug",
            "Kho gặp lỗi của chính nó. Gói nộp vẫn nằm trong hàng chờ của đơn vị.",
            "The warehouse met a fault of its own. The bundle stays in the unit's outbox.",
        )
    frames = "".join(traceback.format_tb(error.__traceback__)[-FRAMES:])
    log.error("%s %s: %s\n%s", scope.get("method"), scope.get("path"), type(error).__name__, frames)
    return _answer(problem)
