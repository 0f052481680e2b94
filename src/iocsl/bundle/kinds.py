"""What a file is, by its content: the twenty types of 1134 Điều 6.3, and what is none of them.

A name says what a file wants to be; only its bytes say what a program will make of it.
"""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO, NamedTuple

from iocsl.domain import Words
from iocsl.validate import attachments

START = 8192
"""Bytes by which most kinds are known."""
DAMAGED_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError),
    *(ValueError, LookupError, EOFError, OSError),
)
"""What zipfile raises over a damaged or protected archive."""

_CONTENT = {"jpg": "jpeg", "csv": "text", "txt": "text"}
TYPES: dict[str, frozenset[str]] = {
    f".{suffix}": frozenset({_CONTENT.get(suffix, suffix)}) for suffix in attachments.TYPES
}
"""The twenty types by their extensions, and which content each may have."""
ARCHIVES = frozenset({"zip", "rar", "7z", "gzip", "bzip2", "xz", "tar", "cab", "iso"})
OFFICE = frozenset({"docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "xlsb", "dotx", "xltx", "ppsx"})
WITH_MACROS = frozenset({"docm", "xlsm", "pptm", "xlsb"})
PROGRAM = "program"

PROGRAM_SUFFIXES = frozenset(
    f".{word}"
    for word in (
        *("apk", "app", "application", "bat", "chm", "cmd", "com", "cpl", "desktop", "dll", "exe"),
        *("gadget", "hta", "img", "inf", "ins", "iso", "jar", "js", "jse", "jsp", "lnk", "mde"),
        *("msc", "msi", "msp", "mst", "ocx", "php", "pif", "ps1", "psm1", "py", "pyw", "reg"),
        *("scf", "scr", "sct", "sh", "sys", "url", "vb", "vbe", "vbs", "vhd", "wsc", "wsf", "wsh"),
        *("xll", "docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppam", "ppsm", "svg"),
        *("html", "htm", "mht", "mhtml", "xhtml"),
    )
)
"""Names that a double click starts, or that carry macros or scripts."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tif"),
    (b"MM\0*", "tif"),
    (b"II+\0", "tif"),
    (b"MM\0+", "tif"),
    (b"Rar!\x1a\x07\0", "rar"),
    (b"Rar!\x1a\x07\x01\0", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"{\\rtf", "rtf"),
    (b"ID3\x02", "mp3"),
    (b"ID3\x03", "mp3"),
    (b"ID3\x04", "mp3"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"SQLite format 3\0", "sqlite"),
)
_PROGRAMS: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "ELF"),
    (b"\xfe\xed\xfa\xce", "Mach-O"),
    (b"\xfe\xed\xfa\xcf", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "Mach-O"),
    (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xca\xfe\xba\xbe", "Mach-O, Java"),
    (b"\xbe\xba\xfe\xca", "Mach-O"),
    (b"dex\n", "Android"),
    (b"\0asm", "WebAssembly"),
    (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F", "lnk"),
    (b"ITSF\x03\0\0\0", "chm"),
    (b"!<arch>\n", "ar"),
    (b"#!", "script"),
)
_SCRIPTS = re.compile(
    rb"(?:<!doctype html|<html\b|<script\b|<hta:|<\?php|<%@|<svg\b|<job\b|<scriptlet\b"
    rb"|@echo\s+o(?:ff|n)\b|\[autorun\]|\[internetshortcut\]|\[shell\]|\[desktop entry\]"
    rb"|windows registry editor|regedit4|mime-version:|on error resume next\b)",
)
_MAIN = {
    "openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    "openxmlformats-officedocument.wordprocessingml.template.main+xml": "dotx",
    "openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
    "openxmlformats-officedocument.spreadsheetml.template.main+xml": "xltx",
    "openxmlformats-officedocument.presentationml.presentation.main+xml": "pptx",
    "openxmlformats-officedocument.presentationml.slideshow.main+xml": "ppsx",
    "ms-word.document.macroenabled.main+xml": "docm",
    "ms-word.template.macroenabledtemplate.main+xml": "docm",
    "ms-excel.sheet.macroenabled.main+xml": "xlsm",
    "ms-excel.template.macroenabled.main+xml": "xlsm",
    "ms-excel.addin.macroenabled.main+xml": "xlsm",
    "ms-excel.sheet.binary.macroenabled.main": "xlsb",
    "ms-powerpoint.presentation.macroenabled.main+xml": "pptm",
    "ms-powerpoint.slideshow.macroenabled.main+xml": "pptm",
}
CONTENT_TYPES = "[Content_Types].xml"
_CONTENT_TYPE = re.compile(rb"""ContentType\s*=\s*["']application/vnd\.([^"']+)["']""")
_MAX_TYPES = 1 << 20
_DIB_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_TAR = slice(257, 262)
_RIFF = {b"WAVE": "wav", b"AVI ": "avi"}


class Kind(NamedTuple):
    """What a file is: a name of `TYPES`, of `ARCHIVES`, `PROGRAM`, or another; `detail` of it."""

    name: str
    detail: str = ""

    @property
    def words(self) -> Words:
        shown = self.detail or self.name.upper()
        if self.name == PROGRAM:
            return Words(f"chương trình hoặc mã lệnh ({shown})", f"a program or script ({shown})")
        if self.name == "unknown":
            return Words("không rõ loại", "of no known type")
        return Words(shown, shown)


def suffix_of(name: str) -> str:
    """The extension in small letters; Windows drops dots and spaces behind a name, so here too."""
    return PurePosixPath(name.rstrip(". ")).suffix.lower()


def kind_of(stream: IO[bytes]) -> Kind:
    """What the content is. The stream is read from its beginning and left anywhere."""
    stream.seek(0)
    start = stream.read(START)
    if found := program(start):
        return found
    if start.startswith(b"PK\x03\x04"):
        return _zip_kind(stream)
    if start.startswith(_OLE):
        return _ole_kind(stream)
    for magic, name in _MAGIC:
        if start.startswith(magic):
            return Kind(name)
    return _by_structure(stream, start) or _text_kind(stream, start)


def program(start: bytes) -> Kind | None:
    """The program or script that begins so, None where it is none."""
    if start[:2] in {b"MZ", b"ZM"} and b"\0" in start[:64]:
        return Kind(PROGRAM, "EXE")
    for magic, detail in _PROGRAMS:
        if start.startswith(magic):
            return Kind(PROGRAM, detail)
    head = _bare(start)
    if _SCRIPTS.match(head):
        return Kind(PROGRAM, head[:16].decode("ascii", "replace").split("\n")[0].strip())
    return None


def _bare(start: bytes) -> bytes:
    """The beginning of a text without its byte-order mark, comments of XML, and case."""
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        start = start.decode("utf-16", "ignore").encode()
    head = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    while (opened := re.match(rb"<(?:\?xml|!--)", head)) is not None:
        end = head.find(b"?>" if opened[0] == b"<?xml" else b"-->")
        if end < 0:
            break
        head = head[end + 2 :].lstrip(b"> \t\r\n")
    return head


def _by_structure(stream: IO[bytes], start: bytes) -> Kind | None:
    if start[:4] == b"RIFF" and (form := _RIFF.get(start[8:12])):
        return Kind(form)
    if start[4:8] == b"ftyp":
        return Kind("mp4")
    if start[:2] == b"BM" and len(start) >= 18:
        header = struct.unpack_from("<I", start, 14)[0]
        return Kind("bmp") if header in _DIB_HEADERS else None
    if len(start) > 4 and start[0] == 0xFF and _is_mpeg_frame(start):
        return Kind("mp3")
    if start[_TAR] == b"ustar":
        return Kind("tar")
    stream.seek(0x8001)
    return Kind("iso") if stream.read(5) == b"CD001" else None


def _is_mpeg_frame(start: bytes) -> bool:
    """A header of MPEG audio, layer III (ISO/IEC 11172-3, 2.4.1.3), with no reserved value."""
    second, third = start[1], start[2]
    layer = second & 0xE6 == 0xE2 and second & 0x18 != 0x08
    return layer and third >> 4 not in {0, 15} and third >> 2 & 3 != 3


def _text_kind(stream: IO[bytes], start: bytes) -> Kind:
    """Text of any encoding: no zero bytes (but in UTF-16), hardly any control characters."""
    if not start:
        return Kind("empty", "0 byte")
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        try:
            start[: len(start) & ~1].decode("utf-16")
        except UnicodeDecodeError as error:
            # A pair may be cut by the end of what was read.
            if error.end < len(start) - 4:
                return Kind("unknown")
        return Kind("text")
    stream.seek(0)
    while piece := stream.read(1 << 20):
        if piece.translate(None, _TEXT) != b"":
            return Kind("unknown")
    return Kind("text")


_TEXT = bytes({*range(0x20, 0x100), 0x09, 0x0A, 0x0C, 0x0D, 0x1A} - {0x7F})
"""Bytes that texts of the Vietnamese encodings are made of; 0x1A ends some old ones."""


def _zip_kind(stream: IO[bytes]) -> Kind:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            if CONTENT_TYPES in names:
                return _office_kind(archive)
            if "mimetype" in names:
                said = archive.read("mimetype")[:100].decode("ascii", "replace").strip()
                return Kind("opendocument" if "opendocument" in said else "zip", said)
    except DAMAGED_ZIP:
        return Kind("damaged", "ZIP")
    if {"classes.dex", "AndroidManifest.xml"} & names:
        return Kind(PROGRAM, "Android")
    if "META-INF/MANIFEST.MF" in names and any(name.endswith(".class") for name in names):
        return Kind(PROGRAM, "Java")
    return Kind("zip")


def _office_kind(archive: zipfile.ZipFile) -> Kind:
    """By the content type of the main part, which is what Office itself goes by."""
    with archive.open(CONTENT_TYPES) as part:
        raw = part.read(_MAX_TYPES)
    said = [found.decode("ascii", "replace").lower() for found in _CONTENT_TYPE.findall(raw)]
    found = [_MAIN[each] for each in said if each in _MAIN]
    return Kind(found[0]) if len(set(found)) == 1 else Kind("damaged", "Office")


def _ole_kind(stream: IO[bytes]) -> Kind:
    from iocsl.validate.readers.ole import Container, DamagedContainerError

    try:
        names = {name.casefold() for name in Container(stream).names}
    except (DamagedContainerError, struct.error, ValueError, MemoryError):
        return Kind("damaged", "OLE2")
    if "encryptedpackage" in names:
        return Kind("encrypted", "Office")
    for stream_name, kind in (
        ("worddocument", "doc"),
        ("workbook", "xls"),
        ("book", "xls"),
        ("powerpoint document", "ppt"),
        ("__properties_version1.0", "msg"),
    ):
        if stream_name in names:
            return Kind(kind)
    # Installers are such containers, with streams of names coded so ([MS-CFB] knows nothing of it).
    coded = any("\u3800" <= char <= "\u4840" for name in names for char in name)
    return Kind(PROGRAM, "MSI") if coded else Kind("ole2")
