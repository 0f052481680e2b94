"""The HTTP interface: it reads requests, calls the intake, and writes answers. Nothing else.

Endpoints are plain functions, which run in worker threads, since an fsync in an async handler would
stall every client. The one async endpoint, which must stream, hands each piece to a thread.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote

from fastapi import Depends, FastAPI, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

import iocsl
from iocsl import clock
from iocsl.bundle.identity import Slip
from iocsl.warehouse import accounts, faults
from iocsl.warehouse.faults import TUS
from iocsl.warehouse.intake import Intake, Upload
from iocsl.warehouse.keys import TOKEN_SECONDS
from iocsl.warehouse.limits import BodyLimit
from iocsl.warehouse.problems import Problem, bad_request
from iocsl.warehouse.registry import Submission
from iocsl.warehouse.wire import (
    Announcement,
    CommitBody,
    HealthBody,
    ReceiptRow,
    ReportsBody,
    SubmissionBody,
    TokenBody,
)

SERVICE = "iocsl-warehouse"
PIECE = 1 << 20
SILENCE_SECONDS = 30.0
"""How long a sender may be silent within a chunk before its place is given up."""
PAGE = 500
Identity = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def build(intake: Intake, catalogue: Callable[[], tuple[str, bytes]]) -> FastAPI:
    """The application. `catalogue` gives the ETag and the JSON of the catalogue's snapshot."""
    app = FastAPI(
        title="iocsl: Kho dữ liệu dùng chung",
        version=iocsl.__version__,
        docs_url=None,
        redoc_url=None,
        # Newer FastAPI can hand requests and exceptions, data included, to exporters.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.intake = intake
    app.state.catalogue = catalogue
    app.add_middleware(BodyLimit)
    for method, path, endpoint, status in _ROUTES:
        app.add_api_route(path, endpoint, methods=[method], status_code=status)
    faults.install(app)
    return app


def _intake(request: Request) -> Intake:
    intake: Intake = request.app.state.intake
    return intake


def _unit(request: Request) -> str:
    """The unit that the bearer token speaks for; checked against the account on every request."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    store = _intake(request).store
    client = store.keys.client_of(token.strip()) if scheme.lower() == "bearer" else None
    unit = accounts.unit_of(store, client) if client else None
    if unit is None:
        raise Problem(
            401,
            "no-token",
            "Phiên làm việc với kho đã hết hạn hoặc chưa đăng nhập.",
            "The session with the warehouse has ended, or there was none.",
        )
    return unit


Held = Annotated[Intake, Depends(_intake)]
Unit = Annotated[str, Depends(_unit)]


def health(intake: Held) -> HealthBody:
    store = intake.store
    return HealthBody(
        service=SERVICE,
        version=iocsl.__version__,
        test=store.test,
        time=clock.iso(store.now()),
        kid=store.keys.kid,
        catalogue_version=intake.judge.catalogue_version,
    )


def keys(intake: Held) -> dict[str, Any]:
    return intake.store.keys.public()


def catalogue(request: Request) -> Response:
    """A snapshot of the catalogue; `If-None-Match` spares a copy that is still the same."""
    etag, body = request.app.state.catalogue()
    headers = {"ETag": f'"{etag}"', "Cache-Control": "no-cache"}
    if f'"{etag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


async def token(request: Request) -> TokenBody:
    """OAuth 2.0 client credentials (RFC 6749 section 4.4), by Basic or in the form."""
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    client, secret = _credentials(request, form)
    intake = _intake(request)
    granted = form.get("grant_type") == ["client_credentials"]
    if not granted:
        raise Problem(
            400,
            "unsupported-grant",
            "Kho chỉ cấp phiên theo tài khoản của đơn vị.",
            "Only the client credentials grant is given.",
            error="unsupported_grant_type",
        )
    if not await run_in_threadpool(accounts.proves, intake.store, client, secret):
        raise Problem(
            401,
            "wrong-account",
            "Tài khoản kết nối của đơn vị không đúng hoặc đã bị khóa.",
            "The unit's account is wrong or locked.",
            error="invalid_client",
        )
    return TokenBody(access_token=intake.store.keys.token(client), expires_in=TOKEN_SECONDS)


def _credentials(request: Request, form: dict[str, list[str]]) -> tuple[str, str]:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        client, _, secret = text.partition(":")
        return unquote(client), unquote(secret)
    return form.get("client_id", [""])[0], form.get("client_secret", [""])[0]


def announce(
    identity: Identity, body: Announcement, intake: Held, unit: Unit, response: Response
) -> SubmissionBody:
    """Say what is coming. 201 when the container is new here, 200 when it was known."""
    try:
        slip = Slip.read(body.slip.model_dump())
    except ValueError as error:
        raise bad_request(f"slip.{error}") from None
    sent = body.container
    submission, new = intake.announce(unit, identity, slip, sent.sha256, sent.size)
    response.status_code = 201 if new else 200
    return _shown(intake, submission, sent.sha256)


def state(identity: Identity, intake: Held, unit: Unit) -> SubmissionBody:
    return _shown(intake, intake.find(unit, identity), None)


def reports(identity: Identity, intake: Held, unit: Unit) -> ReportsBody:
    """What the technical check found, in full: the same report as `iocsl validate` gives."""
    intake.find(unit, identity)
    return ReportsBody(identity=identity, reports=intake.registry.reports(identity))


def commit(identity: Identity, body: CommitBody, intake: Held, unit: Unit) -> SubmissionBody:
    """Verify, accept, check and land what was uploaded. May be repeated."""
    return _shown(intake, intake.commit(unit, identity, body.sha256), body.sha256)


def receipts(
    intake: Held,
    unit: Unit,
    after: Annotated[int, Query(ge=0, le=1 << 53)] = 0,
) -> list[ReceiptRow]:
    """The unit's receipts numbered above `after`, oldest first, a page at a time."""
    return [ReceiptRow(**row) for row in intake.registry.receipts(unit, after, PAGE)]


def head_file(
    identity: Identity, sha256: Identity, request: Request, intake: Held, unit: Unit
) -> Response:
    _require_tus(request)
    submission, container = intake.container(unit, identity, sha256)
    headers = {
        "Tus-Resumable": TUS,
        "Upload-Offset": str(intake.offset_of(submission, container)),
        "Upload-Length": str(container.size),
        "Cache-Control": "no-store",
    }
    return Response(status_code=200, headers=headers)


async def patch_file(
    identity: Identity, sha256: Identity, request: Request, intake: Held, unit: Unit
) -> Response:
    """A chunk from `Upload-Offset` on. What came before a cut stays, to be gone on from."""
    _require_tus(request)
    if request.headers.get("content-type") != "application/offset+octet-stream":
        raise Problem(
            415,
            "wrong-content-type",
            "Phần tệp gửi lên phải có kiểu application/offset+octet-stream.",
            "A chunk must have the type application/offset+octet-stream.",
        )
    given = request.headers.get("upload-offset", "")
    if not given.isascii() or not given.isdigit() or len(given) > 16:
        raise bad_request("Upload-Offset")
    upload = await run_in_threadpool(intake.upload, unit, identity, sha256, int(given))
    try:
        whole = await _pour(request, upload)
        offset = await run_in_threadpool(upload.finish)
    finally:
        await run_in_threadpool(upload.leave)
    if not whole:
        raise _silent()
    return Response(status_code=204, headers={"Tus-Resumable": TUS, "Upload-Offset": str(offset)})


async def _pour(request: Request, upload: Upload) -> bool:
    """Write the body as it comes; False when the sender left or fell silent before its end."""
    try:
        async for piece in _pieces(request):
            await run_in_threadpool(upload.write, piece)
    except (ClientDisconnect, TimeoutError):
        return False
    return True


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces of about a mebibyte; what had come before a cut is given too."""
    held = bytearray()
    stream = aiter(request.stream())
    try:
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                held += await anext(stream)
            if len(held) >= PIECE:
                yield bytes(held)
                held.clear()
    except StopAsyncIteration:
        yield bytes(held)
    except (ClientDisconnect, TimeoutError):
        yield bytes(held)
        raise


def _require_tus(request: Request) -> None:
    if request.headers.get("tus-resumable") != TUS:
        raise Problem(
            412,
            "tus-version",
            f"Cần tiêu đề Tus-Resumable: {TUS}.",
            f"The header Tus-Resumable: {TUS} is wanted.",
        )


def _shown(intake: Intake, submission: Submission, sha256: str | None) -> SubmissionBody:
    """A submission as its sender sees it; `sha256` narrows it to the container that was sent."""
    slip = submission.slip
    containers = [each for each in submission.containers if sha256 in {None, each.sha256}]
    missing = []
    if submission.accepted is None:
        for each in containers:
            if not each.stored:
                offset = intake.offset_of(submission, each)
                missing.append({"sha256": each.sha256, "size": each.size, "offset": offset})
    return SubmissionBody.model_validate(
        {
            "identity": submission.identity,
            "unit": slip.unit,
            "dataset": slip.dataset,
            "period": slip.period,
            "sequence": slip.sequence,
            "state": submission.state,
            "announced_at": min(each.announced_at for each in submission.containers),
            "accepted": submission.accepted,
            "missing": missing,
            "receipts": [jws for _, jws in submission.receipts],
            "refusals": [refusal for each in containers for refusal in each.refusals or []],
        }
    )


def _silent() -> Problem:
    return Problem(
        408,
        "cut-off",
        "Đường truyền bị ngắt giữa chừng; phần đã nhận được giữ lại.",
        "The link was cut off; what came is kept.",
    )


_Endpoint = Callable[..., Any | Awaitable[Any]]
_FILE = "/v1/bundles/{identity}/files/{sha256}"
_ROUTES: tuple[tuple[str, str, _Endpoint, int], ...] = (
    ("GET", "/v1/health", health, 200),
    ("GET", "/v1/keys", keys, 200),
    ("GET", "/v1/catalogue", catalogue, 200),
    ("POST", "/v1/oauth/token", token, 200),
    ("PUT", "/v1/bundles/{identity}", announce, 200),
    ("GET", "/v1/bundles/{identity}", state, 200),
    ("GET", "/v1/bundles/{identity}/reports", reports, 200),
    ("HEAD", _FILE, head_file, 200),
    ("PATCH", _FILE, patch_file, 204),
    ("POST", "/v1/bundles/{identity}/commit", commit, 200),
    ("GET", "/v1/receipts", receipts, 200),
)
