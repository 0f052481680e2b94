"""The signed sheet: a PDF signature (ETSI EN 319 142-1, ISO 32000-1 12.8) over our page.

A signature over a PDF says nothing of what a reader sees: pages may be covered, changed by a later
revision or by a program in the file. So the file is read strictly and held to what a sheet is: one
page, one signature over all of it, nothing that acts, nothing that lies on what was printed. The
page itself is reduced to a digest of everything that draws it, whatever way it is written down, so
that a program may rewrite the file around the page when it signs.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from struct import error as StructError  # noqa: N812 - its own name, error, says too little
from typing import Any

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from iocsl.bundle.cms import Signature, read_detached, with_timestamp
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.sheet.facts import SCHEMA
from iocsl.bundle.sheet.layout import PRINTED
from iocsl.bundle.sheet.pdf import FACTS, write_sheet

# The library reports suspicious files in its log as well; here they are refused, in words.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())

CADES, PKCS7, SHA1 = "/ETSI.CAdES.detached", "/adbe.pkcs7.detached", "/adbe.pkcs7.sha1"
_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
_MEBI = 1 << 20
_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=4 * _MEBI),
    document_budget=DocumentDecodeBudget(base_allowance=32 * _MEBI, max_ratio=1),
)
_MOST_OBJECTS = 20_000
_DEEPEST = 60
_BROKEN = (
    *(misc.PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError),
    *(OverflowError, RecursionError, AssertionError, NotImplementedError, StructError, zlib.error),
)
"""What pyHanko and asn1crypto raise for files that lie."""
_ACTING_KEYS = frozenset(
    {
        *("/AA", "/OpenAction", "/JS", "/JavaScript", "/A", "/PA", "/Next", "/XFA"),
        *("/OCProperties", "/RichMediaContent", "/RichMediaSettings", "/Collection", "/Threads"),
    }
)
_ACTIONS = frozenset(
    {
        *("/JavaScript", "/Launch", "/URI", "/SubmitForm", "/ImportData", "/ResetForm", "/Named"),
        *("/GoTo", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound", "/Hide", "/Thread"),
        *("/SetOCGState", "/Trans", "/GoTo3DView", "/RichMediaExecute"),
    }
)
_PAGE_ASIDE = frozenset({"/Parent", "/Annots", "/Tabs", "/LastModified"})
_STREAM_ASIDE = frozenset({"/Length", "/Filter", "/DecodeParms", "/DL"})


@dataclass(frozen=True, slots=True)
class SignedSheet:
    """A sheet whose signature holds: what it says, and the digest of its page."""

    signature: Signature
    facts: dict[str, Any]
    page: str


def read_sheet(raw: bytes, manifest_digest: str, step: int) -> SignedSheet:
    """Check a signed sheet of the step whose manifest has this SHA-256 (hex).

    Raises `RefusedError` B401-B409, B501-B503 for its signature, B410-B412 for the file, B413 when
    it is the sheet of something else. Whether its page is the right one: `check_page`.
    """
    try:
        return _read(raw, manifest_digest, step)
    except _BROKEN as error:
        raise RefusedError("B410", step=step, detail=type(error).__name__) from None


def check_page(sheet: SignedSheet, facts: dict[str, Any], step: int) -> None:
    """Whether what was signed is the page that iocsl prints for these facts. Raises B414."""
    for key in facts.keys() | sheet.facts.keys():
        if sheet.facts.get(key) != facts.get(key):
            raise RefusedError("B414", step=step, detail=key)
    printed = PdfFileReader(io.BytesIO(write_sheet(facts)))
    if sheet.page != _digest_of_page(_only_page(printed, step)):
        raise RefusedError("B414", step=step, detail="PDF")


def room_in(raw: bytes, step: int) -> int:
    """How many bytes the program that signed has left free in the place of its signature."""
    start, end, contents = _place(raw, step)
    return (end - start - 2) // 2 - len(contents)


def with_stamp(raw: bytes, token: bytes, step: int) -> bytes | None:
    """The signed sheet with a time-stamp token (DER) in its signature; None where it has no room.

    The place of the signature is the one part of the file that is not signed, and most programs
    leave room in it.
    """
    start, end, contents = _place(raw, step)
    room = (end - start - 2) // 2
    stamped = with_timestamp(contents, token)
    if len(stamped) > room:
        return None
    return raw[: start + 1] + stamped.hex().ljust(2 * room, "0").encode() + raw[end - 1 :]


def _place(raw: bytes, step: int) -> tuple[int, int, bytes]:
    """Where the signature stands in a sheet that was checked: first byte, end; and its CMS."""
    reader = PdfFileReader(io.BytesIO(raw), decode_limits=_LIMITS)
    _, signed = _only_signature(reader, step)
    _, start, end, _ = (int(each) for each in signed["/ByteRange"])
    return start, end, _trimmed(_contents(signed))


def _read(raw: bytes, manifest_digest: str, step: int) -> SignedSheet:
    reader = PdfFileReader(io.BytesIO(raw), decode_limits=_LIMITS)
    if "/Encrypt" in reader.trailer:
        raise RefusedError("B410", step=step, detail="/Encrypt")
    field, signed = _only_signature(reader, step)
    signature = _signature(raw, signed, step)
    _check_coverage(reader, field, step)
    _check_still(reader, step)
    page = _only_page(reader, step)
    _check_annotations(page, step)
    facts = _facts(reader, step)
    if facts["sha256"] != manifest_digest or facts["step"] != step:
        raise RefusedError("B413", step=step)
    return SignedSheet(signature, facts, _digest_of_page(page))


def _only_signature(reader: PdfFileReader, step: int) -> tuple[Any, generic.DictionaryObject]:
    """The field and the dictionary of the one signature; time-stamps of the document are none."""
    found = []
    for _, value, field in enumerate_sig_fields(reader, filled_status=True):
        signed = value.get_object()
        if _at(signed, "/Type") != "/DocTimeStamp":
            found.append((field, signed))
    if len(found) != 1:
        raise RefusedError("B403", step=step, count=len(found))
    return found[0]


def _signature(raw: bytes, signed: generic.DictionaryObject, step: int) -> Signature:
    """The CMS in the signature dictionary, over all bytes of the file but itself."""
    kind = _at(signed, "/SubFilter")
    if kind == SHA1:
        raise RefusedError("B501", where=SHA1[1:], algorithm="SHA-1")
    if kind not in {CADES, PKCS7}:
        raise RefusedError("B503", step=step, algorithm=kind)
    first, start, end, rest = (int(each) for each in signed["/ByteRange"])
    contents = _contents(signed)
    inside = raw[start:end]
    if first != 0 or not 0 < start < end or rest < 0 or end + rest > len(raw):
        raise RefusedError("B411", step=step)
    if inside[:1] + inside[-1:] != b"<>" or bytes.fromhex(inside[1:-1].decode()) != contents:
        raise RefusedError("B411", step=step)
    covered = raw[:start] + raw[end : end + rest]
    moment = _at(signed, "/M")
    claimed = generic.parse_pdf_date(str(moment)) if moment is not None else None
    return read_detached(
        _trimmed(contents),
        lambda name: hashlib.new(name, covered).digest(),
        step,
        digests=_DIGESTS,
        # The older format has no attribute that names the certificate. The decision names it, and
        # the sheet carries the decision's digest, so what was signed is bound to it all the same.
        bound=kind == CADES,
        claimed_at=claimed if isinstance(claimed, datetime) else None,
    )


def _at(found: generic.DictionaryObject, key: str) -> Any:
    """What stands at `key`, wherever in the file that is; None where nothing does."""
    return found[key] if key in found else None  # noqa: SIM401 - `get` does not look indirect up


def _contents(signed: generic.DictionaryObject) -> bytes:
    found = signed.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    return bytes(found.original_bytes)


def _trimmed(contents: bytes) -> bytes:
    """The CMS without the zeros that fill the place kept for it. Raises `ValueError`."""
    size = contents[1]
    if size < 0x80:
        total = 2 + size
    else:
        total = 2 + (size & 0x7F) + int.from_bytes(contents[2 : 2 + (size & 0x7F)], "big")
    if size == 0x80 or total > len(contents) or contents[total:].strip(b"\0"):
        raise ValueError(total)
    return contents[:total]


def _check_coverage(reader: PdfFileReader, field: Any, step: int) -> None:
    """Nothing came after the signature but what keeps it verifiable (revocation, time-stamps)."""
    embedded = EmbeddedPdfSignature(reader, field, "")
    embedded.compute_integrity_info()
    if embedded.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return
    later = embedded.diff_result
    kept = isinstance(later, DiffResult) and (
        later.modification_level <= ModificationLevel.LTA_UPDATES
    )
    # Bytes that belong to no revision could be read otherwise by another program.
    stray = reader.total_revisions == embedded.signed_revision + 1
    if embedded.coverage != SignatureCoverageLevel.ENTIRE_REVISION or stray or not kept:
        raise RefusedError("B411", step=step)


def _check_still(reader: PdfFileReader, step: int) -> None:
    """Nothing in the document acts when it is opened, looked at or clicked on."""
    for each in _reachable(reader.root):
        acting = sorted(_ACTING_KEYS & each.keys())
        kind = _at(each, "/S")
        if acting or kind in _ACTIONS:
            raise RefusedError("B412", step=step, detail=(acting or [kind])[0])
    for field in reader.root["/AcroForm"]["/Fields"]:
        if _at(field.get_object(), "/FT") != "/Sig":
            raise RefusedError("B412", step=step, detail="/AcroForm")


def _reachable(root: generic.DictionaryObject) -> Iterator[generic.DictionaryObject]:
    """Every dictionary that the root leads to, each once."""
    seen: set[Any] = set()
    waiting: list[Any] = [root]
    count = 0
    while waiting:
        each = waiting.pop()
        if isinstance(each, generic.IndirectObject):
            mark = (each.idnum, each.generation)
            if mark in seen:
                continue
            seen.add(mark)
            each = each.get_object()
        count += 1
        if count > _MOST_OBJECTS:
            raise ValueError(count)
        if isinstance(each, generic.DictionaryObject):
            yield each
            waiting.extend(each.raw_get(key) for key in each)
        elif isinstance(each, generic.ArrayObject):
            waiting.extend(each.raw_get(index) for index in range(len(each)))


def _only_page(reader: PdfFileReader, step: int) -> generic.DictionaryObject:
    pages = reader.root["/Pages"]
    kids = pages["/Kids"]
    page: generic.DictionaryObject = kids[0].get_object()
    if len(kids) != 1 or _at(page, "/Type") != "/Page":
        raise RefusedError("B412", step=step, detail="/Pages")
    return page


def _check_annotations(page: generic.DictionaryObject, step: int) -> None:
    """On the page lies at most the picture of a signature, beside what was printed."""
    for each in _at(page, "/Annots") or ():
        found = each.get_object()
        kinds = {_at(one, "/FT") for one in (found, _at(found, "/Parent") or found)}
        if _at(found, "/Subtype") != "/Widget" or "/Sig" not in kinds:
            raise RefusedError("B412", step=step, detail="/Annots")
        left, bottom, right, top = (float(number) for number in found["/Rect"])
        left, right = sorted((left, right))
        bottom, top = sorted((bottom, top))
        drawn = right > left and top > bottom
        across = left < PRINTED[2] and right > PRINTED[0]
        if drawn and across and bottom < PRINTED[3] and top > PRINTED[1]:
            raise RefusedError("B412", step=step, detail="/Rect")


def _facts(reader: PdfFileReader, step: int) -> dict[str, Any]:
    """The facts that travel in the file, the only thing attached to it."""
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    if len(names) != 2 or str(names[0]) != FACTS:
        raise RefusedError("B413", step=step)
    facts = json.loads(names[1].get_object()["/EF"]["/F"].data)
    if not isinstance(facts, dict) or facts.get("schema") != SCHEMA:
        raise RefusedError("B413", step=step)
    return facts


def _digest_of_page(page: generic.DictionaryObject) -> str:
    """SHA-256 of everything that draws the page, however the file writes it down."""
    machine = hashlib.sha256()
    budget = [_MOST_OBJECTS]
    for piece in _pieces(page, budget, 0):
        machine.update(len(piece).to_bytes(4, "big") + piece)
    return machine.hexdigest()


def _pieces(found: Any, budget: list[int], depth: int) -> Iterator[bytes]:
    """An object as a sequence of bytes that only the same object has."""
    budget[0] -= 1
    if budget[0] < 0 or depth > _DEEPEST:
        raise ValueError(depth)
    if isinstance(found, generic.IndirectObject):
        found = found.get_object()
    if isinstance(found, generic.DictionaryObject):
        aside = _STREAM_ASIDE if isinstance(found, generic.StreamObject) else frozenset()
        aside |= _PAGE_ASIDE if depth == 0 else frozenset()
        yield b"<<"
        for key in sorted(set(found) - aside):
            yield str(key).encode()
            yield from _pieces(found.raw_get(key), budget, depth + 1)
        yield b">>"
        if isinstance(found, generic.StreamObject):
            yield hashlib.sha256(found.data).digest()
    elif isinstance(found, generic.ArrayObject):
        yield b"["
        for index in range(len(found)):
            yield from _pieces(found.raw_get(index), budget, depth + 1)
        yield b"]"
    elif isinstance(found, generic.TextStringObject | generic.ByteStringObject):
        yield b"(" + bytes(found.original_bytes)
    elif isinstance(found, int | Decimal):
        yield b"#" + repr(float(found)).encode()
    else:
        yield type(found).__name__.encode() + b":" + str(found).encode()
