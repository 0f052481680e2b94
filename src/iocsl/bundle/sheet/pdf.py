"""The sheet as a PDF (ISO 32000-1), written by hand: seventeen objects, always the same.

A library would write the page otherwise with each release, and a sheet that was signed must be
printed again, years later, exactly as it was. The fonts are embedded whole, so that a page drawn
with other glyphs is another page; the facts travel as an attached file.
"""

from __future__ import annotations

import codecs
import hashlib
import zlib
from collections.abc import Sequence
from typing import Any

from iocsl.bundle.sheet.font import BOLD, REGULAR, Font, font
from iocsl.bundle.sheet.layout import HEIGHT, WIDTH, draw
from iocsl.ledger.chain import canonical

FACTS = "phieu.json"
_TITLE = "Phiếu trình ký số liệu"
_CATALOG, _PAGES, _PAGE, _CONTENT, _FILE, _FACTS, _INFO, _FONTS = range(1, 9)
_OBJECTS_OF_A_FONT = 5
_LINES_OF_A_MAP = 100


def write_sheet(facts: dict[str, Any]) -> bytes:
    """The unsigned sheet. The same facts give the same page."""
    first, second = _FONTS, _FONTS + _OBJECTS_OF_A_FONT
    box = f"[0 0 {WIDTH} {HEIGHT}]"
    files = f"<</EmbeddedFiles <</Names [({FACTS}) {_FILE} 0 R]>>>>"
    fonts = f"<</Font <</{REGULAR} {first} 0 R /{BOLD} {second} 0 R>>>>"
    title = (codecs.BOM_UTF16_BE + _TITLE.encode("utf-16-be")).hex()
    catalog = f"/Pages {_PAGES} 0 R /Lang (vi-VN) /Names {files} /AF [{_FILE} 0 R]"
    page = f"/Parent {_PAGES} 0 R /MediaBox {box} /CropBox {box} /Rotate 0 /Resources {fonts}"
    file = f"/F ({FACTS}) /UF ({FACTS}) /AFRelationship /Data /EF <</F {_FACTS} 0 R>>"
    return _file(
        [
            f"<</Type /Catalog {catalog}>>",
            f"<</Type /Pages /Kids [{_PAGE} 0 R] /Count 1>>",
            f"<</Type /Page {page} /Contents {_CONTENT} 0 R>>",
            _stream("", draw(facts)),
            f"<</Type /Filespec {file}>>",
            _stream("/Type /EmbeddedFile /Subtype /application#2Fjson", canonical(facts)),
            f"<</Title <{title}> /Producer (iocsl)>>",
            *_font(REGULAR, first),
            *_font(BOLD, second),
        ]
    )


def _file(objects: Sequence[str | bytes]) -> bytes:
    """Header, objects, cross-reference table, trailer."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        content = body if isinstance(body, bytes) else body.encode("ascii")
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start, size = len(out), len(objects) + 1
    mark = hashlib.sha256(out).hexdigest()[:32]
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for place in places:
        out += b"%010d 00000 n \n" % place
    trailer = f"<</Size {size} /Root {_CATALOG} 0 R /Info {_INFO} 0 R /ID [<{mark}> <{mark}>]>>"
    out += b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer.encode(), start)
    return bytes(out)


def _stream(entries: str, content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    head = f"<<{entries} /Length {len(packed)} /Filter /FlateDecode>>\nstream\n"
    return head.encode() + packed + b"\nendstream"


def _font(style: str, number: int) -> tuple[str | bytes, ...]:
    """The five objects of a font from `number` on: a TrueType font addressed by glyph."""
    face, name = font(style), f"NotoSansVi-{style}"
    widths, box = " ".join(map(str, face.widths)), " ".join(map(str, face.box))
    whole = f"/Encoding /Identity-H /DescendantFonts [{number + 1} 0 R] /ToUnicode {number + 4} 0 R"
    system = "/CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>>"
    glyphs = f"/CIDToGIDMap /Identity /DW 600 /W [0 [{widths}]] /FontDescriptor {number + 2} 0 R"
    shape = f"/Flags 4 /ItalicAngle 0 /StemV 80 /CapHeight 714 /FontBBox [{box}]"
    reach = f"/Ascent {face.ascent} /Descent {face.descent} /FontFile2 {number + 3} 0 R"
    return (
        f"<</Type /Font /Subtype /Type0 /BaseFont /{name} {whole}>>",
        f"<</Type /Font /Subtype /CIDFontType2 /BaseFont /{name} {system} {glyphs}>>",
        f"<</Type /FontDescriptor /FontName /{name} {shape} {reach}>>",
        _stream(f"/Length1 {len(face.raw)}", face.raw),
        _stream("", _to_unicode(face)),
    )


def _to_unicode(face: Font) -> bytes:
    """Which character each glyph stands for: for search, copying and screen readers."""
    by_glyph = {glyph: code for code, glyph in sorted(face.glyphs.items(), reverse=True)}
    pairs = [f"<{glyph:04x}> <{code:04x}>" for glyph, code in sorted(by_glyph.items())]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <ffff> endcodespacerange",
    ]
    for start in range(0, len(pairs), _LINES_OF_A_MAP):
        chunk = pairs[start : start + _LINES_OF_A_MAP]
        lines += [f"{len(chunk)} beginbfchar", *chunk, "endbfchar"]
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")
