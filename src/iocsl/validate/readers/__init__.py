"""Readers: a file by its content → `Source`. Readers know formats, rules do not."""

from __future__ import annotations

from pathlib import Path

from iocsl.validate.readers.base import Noticed, Source, Unreadable
from iocsl.validate.readers.ole import MAGIC, Container, DamagedContainerError
from iocsl.validate.registry import Fault
from iocsl.validate.rules.files import (
    DAMAGED,
    EMPTY_FILE,
    LOCK_FILE,
    OTHER_FORMAT,
    PASSWORD,
    WRONG_EXTENSION,
)

_EXCEL_2003 = b'"urn:schemas-microsoft-com:office:spreadsheet"'
_BEFORE_OLE = "Excel 2-4 (.xls)"
"""Workbooks from before 1993, one bare stream of records."""
_WEB_PAGES = (b"<!doctype html", b"<html", b"mime-version:")
_PARTS_OF_PAGES = (b"<head", b"<meta", b"<style", b"<body", b"<table", b"<div")
"""How web pages begin that programs export as “.xls”; the latter may be records of XML too."""
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3\0", "SQLite"),
    (b"PAR1", "Parquet"),
    (b"MZ", "EXE"),
    (b"\x09\x00\x04\x00", _BEFORE_OLE),
    (b"\x09\x02\x06\x00", _BEFORE_OLE),
    (b"\x09\x04\x06\x00", _BEFORE_OLE),
)
_ZIP_KINDS = (
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "XLSB"),
    ("word/document.xml", "Word (.docx)"),
    ("ppt/presentation.xml", "PowerPoint (.pptx)"),
    ("content.xml", "OpenDocument"),
)
_OLE_KINDS = (
    ("EncryptedPackage", None),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "Word (.doc)"),
    ("PowerPoint Document", "PowerPoint (.ppt)"),
)
"""The stream that tells, and what it tells; None: a workbook behind a password."""
_EXTENSIONS = {
    "xlsx": {".xlsx", ".xlsm"},
    "xls": {".xls"},
    "csv": {".csv", ".txt", ".tsv"},
    "xml": {".xml"},
}


def open_source(path: Path, *, low_memory: bool = False) -> Source:
    """Open a file by what it is, not by its name. Raises `Unreadable` with an F finding.

    `low_memory` reads a workbook a slice at a time; text files are always read so.
    """
    if path.name.startswith("~$"):
        raise Unreadable(LOCK_FILE, name=path.name)
    with path.open("rb") as stream:
        start = stream.read(4096)
    if not start:
        raise Unreadable(EMPTY_FILE)
    kind = _kind(path, start)
    source = _reader(path, kind, low_memory=low_memory)
    if path.suffix.lower() not in _EXTENSIONS[kind]:
        fault = Fault(extension=path.suffix or path.name, found=kind.upper())
        source.noticed.append(Noticed(WRONG_EXTENSION, fault))
    return source


def _kind(path: Path, start: bytes) -> str:
    if start.startswith(b"PK\x03\x04"):
        return _zip_kind(path)
    if start.startswith(MAGIC):
        return _ole_kind(path)
    for magic, name in _OTHERS:
        # Two letters alone may begin a text; with a zero byte they do not.
        if start.startswith(magic) and (len(magic) > 2 or b"\0" in start):
            raise Unreadable(OTHER_FORMAT, found=name)
    head = _narrow(start).removeprefix(b"\xef\xbb\xbf").lstrip()
    if _EXCEL_2003 in head:
        raise Unreadable(OTHER_FORMAT, found="Excel 2003 XML")
    if head[:5].lower() == b"<?xml":
        return "xml"
    begins = head[:20].lower()
    named_xml = path.suffix.lower() == ".xml"
    if begins.startswith(_WEB_PAGES) or (begins.startswith(_PARTS_OF_PAGES) and not named_xml):
        raise Unreadable(OTHER_FORMAT, found="HTML")
    if head.startswith(b"<") and named_xml:
        return "xml"
    if b"\0" in start and path.suffix.lower() in {".xlsx", ".xlsm", ".xls", ".xml"}:
        raise Unreadable(OTHER_FORMAT, found="?")
    return "csv"


def _narrow(start: bytes) -> bytes:
    """The beginning of a file in UTF-16 as UTF-8; of any other as it is."""
    codec = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(start[:2])
    if codec is None:
        codec = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(start[:2])
    return start.decode(codec, "ignore").encode() if codec else start


def _zip_kind(path: Path) -> str:
    import zipfile

    from iocsl.validate.readers.xlsx_parts import check_directory

    try:
        with path.open("rb") as stream:
            check_directory(stream)
            with zipfile.ZipFile(stream) as archive:
                # Some programs write the folders of a workbook with the wrong stroke.
                names = {name.lower().replace("\\", "/") for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise Unreadable(DAMAGED, detail=type(error).__name__) from None
    for part, kind in _ZIP_KINDS:
        if part in names:
            if kind == "xlsx":
                return kind
            raise Unreadable(OTHER_FORMAT, found=kind)
    raise Unreadable(OTHER_FORMAT, found="ZIP")


def _ole_kind(path: Path) -> str:
    """An OLE2 container: an encrypted workbook, an old workbook, or something else of Office."""
    with path.open("rb") as stream:
        try:
            names = Container(stream).names
        except DamagedContainerError:
            raise Unreadable(DAMAGED, detail="OLE2") from None
    for name, found in _OLE_KINDS:
        if name in names:
            if found is None:
                raise Unreadable(PASSWORD)
            if found == "xls":
                return found
            raise Unreadable(OTHER_FORMAT, found=found)
    raise Unreadable(OTHER_FORMAT, found="OLE2")


def _reader(path: Path, kind: str, *, low_memory: bool) -> Source:
    if kind == "xlsx":
        from iocsl.validate.readers.workbook import WorkbookSource

        return WorkbookSource(path, low_memory=low_memory)
    if kind == "xls":
        from iocsl.validate.readers.xls import XlsSource

        return XlsSource(path)
    if kind == "xml":
        from iocsl.validate.readers.markup import XmlSource

        return XmlSource(path)
    from iocsl.validate.readers.delimited import CsvSource

    return CsvSource(path)
