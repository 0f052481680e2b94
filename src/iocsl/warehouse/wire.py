"""The JSON of the HTTP interface, as `/openapi.json` publishes it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])]
Text = Annotated[str, Field(min_length=1, max_length=255)]
Size = Annotated[int, Field(ge=0, le=1 << 53)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SubmittedFile(_Strict):
    name: Text
    size: Size
    sha256: Digest


class SlipBody(_Strict):
    """Exactly what the identity is computed over: SHA-256 of its RFC 8785 JSON."""

    unit: Text
    dataset: Text
    period: Text
    sequence: Annotated[int, Field(ge=1, le=1_000_000)]
    supersedes: Digest | None = None
    files: Annotated[list[SubmittedFile], Field(min_length=1, max_length=1000)]


class ContainerBody(_Strict):
    """The one file that travels."""

    sha256: Digest
    size: Size


class Announcement(_Strict):
    slip: SlipBody
    container: ContainerBody


class CommitBody(_Strict):
    sha256: Digest


class Missing(BaseModel):
    """A file that is not whole yet, and the byte to go on from."""

    sha256: str
    size: int
    offset: int


class RefusalBody(BaseModel):
    code: str
    message: str
    message_en: str


class SubmissionBody(BaseModel):
    """Where a submission stands. `missing` speaks of the asking unit's own files alone."""

    identity: str
    unit: str
    dataset: str
    period: str
    sequence: int
    state: str
    announced_at: str
    accepted: str | None
    """SHA-256 of the container that was accepted."""
    missing: list[Missing]
    receipts: list[str]
    refusals: list[RefusalBody]


class TokenBody(BaseModel):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name, not a secret
    expires_in: int


class ReceiptRow(BaseModel):
    seq: int
    identity: str
    kind: str
    jws: str


class HealthBody(BaseModel):
    """By `service` a sender knows that it speaks to a warehouse of this kind."""

    service: str
    version: str
    test: bool
    time: str
    kid: str
    catalogue_version: int | str


class ReportsBody(BaseModel):
    identity: str
    reports: list[dict[str, Any]]
