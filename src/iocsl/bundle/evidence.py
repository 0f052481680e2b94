"""What a step was signed with: a CMS over its manifest, or a sheet that carries its digest.

Which of the two it is shows in the member's name. Both come to one `Signature`, and both have a
place for a time-stamp that no signature covers.
"""

from __future__ import annotations

import hashlib

from iocsl.bundle.cms import Signature, read_signature, with_timestamp
from iocsl.bundle.container import is_sheet
from iocsl.bundle.timestamps import Stamper
from iocsl.domain import ExitCode
from iocsl.errors import IocslError

LEAST_ROOM = 4096
"""Bytes that a time-stamp token takes, the authority's certificate included."""


def read_evidence(name: str, raw: bytes, manifest_digest: str, step: int) -> Signature:
    """Check the member `name` over the manifest with this SHA-256 (hex). Raises `RefusedError`."""
    if not is_sheet(name):
        return read_signature(raw, manifest_digest, step)
    from iocsl.bundle.sheet.read import read_sheet

    return read_sheet(raw, manifest_digest, step).signature


def stamped(name: str, raw: bytes, manifest: bytes, step: int, stamper: Stamper) -> bytes:
    """The member with a time-stamp, as it is where it has one.

    Exit 5 when the authority gives no usable answer, 2 when a sheet has no room for it.
    """
    found = read_evidence(name, raw, hashlib.sha256(manifest).hexdigest(), step)
    if found.timestamp is not None:
        return raw
    if not is_sheet(name):
        return with_timestamp(raw, stamper.token(found.value, step))
    from iocsl.bundle.sheet.read import room_in, with_stamp

    # Asked before the authority: it may be out of reach today, and tomorrow is too late.
    if room_in(raw, step) < LEAST_ROOM:
        raise _no_room()
    made = with_stamp(raw, stamper.token(found.value, step), step)
    if made is None:
        raise _no_room()
    return made


def _no_room() -> IocslError:
    return IocslError(
        "no-room-for-timestamp",
        "Phần mềm ký PDF không chừa chỗ cho dấu thời gian trong chữ ký của phiếu.",
        "The program that signed the sheet left no room for a time-stamp in its signature.",
        (
            "Ký lại phiếu, bật dấu thời gian (TSA) ngay trong phần mềm ký PDF; gói chưa thay đổi.",
            "Sign the sheet again with time-stamps (TSA) turned on there; the bundle is unchanged.",
        ),
        ExitCode.USAGE,
    )
