"""Files to attach, good ones and hostile ones, made from bytes and never kept."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import openpyxl
import xlwt
from docx import Document

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
EXE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0" + b"\0" * 48 + b"\x40\0\0\0PE\0\0"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 30
MP3 = b"\xff\xfb\x90\x64" + b"\0" * 400
MP4 = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + b"\0" * 64
WAV = b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32
AVI = b"RIFF\x24\0\0\0AVI LIST" + b"\0" * 32
BMP = b"BM" + struct.pack("<IHHIIii", 70, 0, 0, 54, 40, 1, 1) + b"\0" * 40
TIF = b"II*\0\x08\0\0\0" + b"\0" * 16
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 20
GIF = b"GIF89a" + b"\0" * 20


def zipped(members: Mapping[str, bytes], *, locked: bool = False) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    raw = bytearray(stream.getvalue())
    if locked:
        # The bit that says "encrypted", in every local and central header.
        for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            place = raw.find(mark)
            while place >= 0:
                raw[place + offset] |= 1
                place = raw.find(mark, place + 4)
    return bytes(raw)


def added(base: bytes, members: Mapping[str, bytes]) -> bytes:
    """An archive with more members."""
    stream = io.BytesIO(base)
    with zipfile.ZipFile(stream, "a") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def docx(*lines: str) -> bytes:
    stream, document = io.BytesIO(), Document()
    for line in lines or ("Thuyết minh",):
        document.add_paragraph(line)
    document.save(stream)
    return stream.getvalue()


def xlsx(*rows: tuple[object, ...]) -> bytes:
    stream, book = io.BytesIO(), openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows or (("a", 1),):
        sheet.append(list(row))
    book.save(stream)
    book.close()
    return stream.getvalue()


def xls(*rows: tuple[object, ...], header: str = "") -> bytes:
    stream, book = io.BytesIO(), xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    # Its own setter takes ASCII alone.
    sheet._Worksheet__header_str = header
    for at, row in enumerate(rows or (("a", 1),)):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    book.save(stream)
    return stream.getvalue()


def pptx() -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    return office(kind, {"ppt/presentation.xml": b"<p/>"})


def office(kind: str, parts: Mapping[str, bytes]) -> bytes:
    """The least that Office would take for one of its documents, of this content type."""
    types = f'<Types><Override PartName="/x" ContentType="{kind}"/></Types>'
    return zipped({"[Content_Types].xml": types.encode(), **parts})


def ole(streams: Mapping[str, bytes]) -> bytes:
    """An OLE2 container ([MS-CFB]) of large streams only, so that it needs no small sectors."""
    contents = [content.ljust(4096, b"\0") for content in streams.values()]
    sectors = [content[at : at + 512] for content in contents for at in range(0, len(content), 512)]
    sectors = [sector.ljust(512, b"\0") for sector in sectors]
    starts, at = [], 0
    chain: list[int] = []
    for content in contents:
        count = -(-len(content) // 512)
        starts.append(at)
        chain += [*range(at + 1, at + count), _END]
        at += count
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    for number, (name, content, start) in enumerate(zip(streams, contents, starts, strict=True), 1):
        right = number + 1 if number < len(streams) else _FREE
        entries.append(_entry(name, 2, start, len(content), right=right))
    entries += [_entry("", 0, 0, 0)] * (-len(entries) % 4)
    directory = b"".join(entries)
    folder = at
    count = len(directory) // 512
    chain += [*range(folder + 1, folder + count), _END]
    table = folder + count
    chain.append(_FAT)
    assert len(chain) <= 128
    fat = struct.pack("<128I", *chain, *[_FREE] * (128 - len(chain)))
    head = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII",
        *(OLE, b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, 1, folder, 0, 4096, _END, 0, _END, 0, table),
    )
    return head.ljust(512, b"\xff") + b"".join(sectors) + directory + fat


def _entry(
    name: str, kind: int, start: int, size: int, *, right: int = _FREE, child: int = _FREE
) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0" if name else b""
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        *(encoded, len(encoded), kind, 1, _FREE, right, child, b"", 0, 0, 0, start, size),
    )


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def word(*lines: str, flags: int = 0) -> bytes:
    """The stream of an old Word document: its first fields, and its text in UTF-16."""
    text = "\r".join(["", *lines, ""]).encode("utf-16-le")
    return (b"\xec\xa5" + b"\0" * 8 + struct.pack("<H", flags)).ljust(512, b"\0") + text


def rar(names: tuple[str, ...], *, locked: bool = False) -> bytes:
    """A RAR 4 archive of stored files that say "x"."""
    main = _rar_block(0x73, 0, b"\0" * 6)
    files = b""
    for name in names:
        raw = name.encode()
        body = struct.pack(
            "<IIBIIBBHI", 1, 1, 3, zlib.crc32(b"x"), 0x5A000000, 29, 0x30, len(raw), 0
        )
        files += _rar_block(0x74, 0x8000 | (4 if locked else 0), body + raw) + b"x"
    return b"Rar!\x1a\x07\0" + main + files + _rar_block(0x7B, 0x4000, b"")


def _rar_block(kind: int, flags: int, body: bytes) -> bytes:
    rest = struct.pack("<BHH", kind, flags, len(body) + 7) + body
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest


def pdf(
    *lines: str, catalog: str = "", page: str = "", title: str = "", objects: tuple[str, ...] = ()
) -> bytes:
    """A PDF of one page with these lines; `catalog` and `page` are put into these dictionaries,
    objects are numbered from 10 on."""
    letters = sorted({char for line in lines for char in line})
    codes = {char: 33 + at for at, char in enumerate(letters)}
    shown = "".join(
        f"1 0 0 1 72 {700 - 20 * at} Tm <{''.join(f'{codes[char]:02x}' for char in line)}> Tj "
        for at, line in enumerate(lines)
    )
    text = f"BT /F1 12 Tf {shown}ET"
    table = "\n".join(
        f"<{code:02x}> <{char.encode('utf-16-be').hex()}>" for char, code in codes.items()
    )
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{table}\nendbfchar endcmap end end"
    )
    about = (b"\xfe\xff" + title.encode("utf-16-be")).hex()
    body = [
        f"<</Type/Catalog/Pages 2 0 R {catalog}>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 600 800]>>",
        f"<</Type/Page{page}/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        f"<</Length {len(cmap)}>>stream\n{cmap}\nendstream",
        f"<</Title<{about}>>>",
    ]
    out, places = b"%PDF-1.7\n", []
    numbered = [*enumerate(body, 1), *enumerate(objects, 10)]
    for number, each in numbered:
        places.append((number, len(out)))
        out += f"{number} 0 obj\n{each}\nendobj\n".encode()
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places:
        out += f"{number} 1\n{place:010} 00000 n \n".encode()
    out += f"trailer<</Size {numbered[-1][0] + 1}/Root 1 0 R/Info 7 0 R>>\n".encode()
    return out + f"startxref\n{start}\n%%EOF\n".encode()
