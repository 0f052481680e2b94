"""ASiC manifests (ETSI EN 319 162-1, annex A.4): the list of digests that a step signs."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from iocsl.bundle.refusals import RefusedError

if TYPE_CHECKING:
    from lxml.etree import _Element

ASIC = "http://uri.etsi.org/02918/v1.2.1#"
DS = "http://www.w3.org/2000/09/xmldsig#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_SIGNATURE_TYPE = "application/pkcs7-signature"
_MAX_BYTES = 1 << 20
_TYPES = {
    "json": "application/json",
    "xml": "text/xml",
    "p7s": _SIGNATURE_TYPE,
    "csv": "text/csv",
    "pdf": "application/pdf",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says: the signature it belongs to, and (name, SHA-256 in hex) in order."""

    signature: str
    references: tuple[tuple[str, str], ...]


def write_manifest(manifest: Manifest) -> bytes:
    """The XML of a manifest: UTF-8, one reference a line, the same bytes for the same content."""
    kind = _media_type(manifest.signature)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<asic:ASiCManifest xmlns:asic="{ASIC}" xmlns:ds="{DS}">',
        f'<asic:SigReference URI="{_uri(manifest.signature)}" MimeType="{kind}"/>',
    ]
    for name, digest in manifest.references:
        value = base64.b64encode(bytes.fromhex(digest)).decode()
        lines.append(
            f'<asic:DataObjectReference URI="{_uri(name)}" MimeType="{_media_type(name)}">'
            f'<ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue>{value}</ds:DigestValue>'
            "</asic:DataObjectReference>"
        )
    lines.append("</asic:ASiCManifest>")
    return ("\n".join(lines) + "\n").encode()


def _uri(name: str) -> str:
    return quote(name, safe="/-._~")


def _media_type(name: str) -> str:
    return _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def read_manifest(raw: bytes, member: str) -> Manifest:
    """Parse a manifest strictly. Raises `RefusedError` (B201-B205, B501).

    Elements, their order and their attributes are those of the standard; nothing else is let in.
    """
    from lxml import etree

    if len(raw) > _MAX_BYTES:
        raise RefusedError("B203", member=member)
    # Declarations, comments and instructions have no place here: refuse them before any parser.
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise RefusedError("B202", member=member)
    if b"<!" in raw or b"<?" in raw[1:] or b"\x00" in raw:
        raise RefusedError("B201", member=member, detail="<! <?")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(raw.decode("utf-8").encode(), parser)
    except (UnicodeDecodeError, etree.XMLSyntaxError):
        raise RefusedError("B201", member=member, detail="XML") from None
    if root.getroottree().docinfo.encoding not in {None, "UTF-8"}:
        raise RefusedError("B201", member=member, detail="encoding")
    first, *others = _children(root, f"{{{ASIC}}}ASiCManifest", set(), member)
    _children(first, f"{{{ASIC}}}SigReference", {"URI", "MimeType"}, member)
    references: dict[str, str] = {}
    for element in others:
        name, digest = _reference(element, member)
        if name in references:
            raise RefusedError("B205", member=member, target=name)
        references[name] = digest
    return Manifest(_name(first, member), tuple(references.items()))


def _reference(element: _Element, member: str) -> tuple[str, str]:
    inner = _children(element, f"{{{ASIC}}}DataObjectReference", {"URI", "MimeType"}, member)
    if len(inner) != 2:
        raise RefusedError("B201", member=member, detail="DataObjectReference")
    method, value = inner
    _children(method, f"{{{DS}}}DigestMethod", {"Algorithm"}, member)
    algorithm = method.get("Algorithm")
    if algorithm != SHA256:
        raise RefusedError("B501", where=member, algorithm=algorithm)
    if value.tag != f"{{{DS}}}DigestValue" or value.attrib or len(value):
        raise RefusedError("B201", member=member, detail="DigestValue")
    try:
        digest = base64.b64decode(value.text or "", validate=True)
    except ValueError:
        digest = b""
    if len(digest) != 32 or base64.b64encode(digest).decode() != value.text:
        raise RefusedError("B201", member=member, detail="DigestValue")
    return _name(element, member), digest.hex()


def _children(element: _Element, tag: str, attributes: set[str], member: str) -> list[_Element]:
    """The children of an element that must have this tag, no other attributes, and no text."""
    texts = [element.text, *(child.tail for child in element)]
    if (
        element.tag != tag
        or not set(map(str, element.attrib)) <= attributes
        or any(text and text.strip(" \t\r\n") for text in texts)
        or (not attributes and not len(element))
    ):
        raise RefusedError("B201", member=member, detail=tag.rpartition("}")[2])
    return list(element)


def _name(element: _Element, member: str) -> str:
    """The member that a URI names; written in exactly one way, so that it has one reading."""
    uri = element.get("URI") or ""
    name = unquote(uri, errors="replace")
    if not uri or _uri(name) != uri:
        raise RefusedError("B201", member=member, detail="URI")
    return name
