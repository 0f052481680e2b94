"""Looking into an attachment, and into what it holds: programs, macros, locks, disguises.

Only the list of types is the regulation's (1134 Điều 6.3). What else is refused is our own policy;
`attachments` tells it, and where it can be set.
"""

from __future__ import annotations

import html
import re
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import IO

from iocsl.bundle import kinds
from iocsl.bundle import objections as because
from iocsl.bundle.kinds import ARCHIVES, DAMAGED_ZIP, OFFICE, PROGRAM, TYPES, Kind, kind_of
from iocsl.bundle.objections import Objection
from iocsl.bundle.old_documents import records
from iocsl.bundle.pdf import UnreadablePdfError, read_pdf
from iocsl.files import CHUNK
from iocsl.validate.readers.ole import Container, DamagedContainerError

MAX_INSIDE = 10_000
"""Members of one archive."""
_IN_MEMORY = 8 << 20
_FILEPASS, _BOUNDSHEET = 0x002F, 0x0085
_MACRO_SHEETS = frozenset({1, 6})
"""Kinds of sheets in old workbooks that are macros ([MS-XLS] 2.4.28): Excel 4.0, Visual Basic."""
_DOC_ENCRYPTED = 0x0100
"""Bit of the flags at offset 10 of an old document ([MS-DOC] 2.5.2)."""
_MACRO_PARTS = re.compile(r"vbaproject|vbadata|/macrosheets/|/intlmacrosheets/|activex", re.I)
_MACRO_TYPES = re.compile(rb"vbaproject|macrosheet|activex", re.I)
_REMOTE = re.compile(
    r"<Relationship\b(?=[^>]*(?:attachedTemplate|oleObject|subDocument|/frame\b))"
    r"(?=[^>]*TargetMode\s*=\s*[\"']External)",
    re.I,
)
_COMMAND = re.compile(
    rb"[=+@-]\s*(?:[\"']?(?:cmd|powershell|mshta|rundll32|regsvr32|[wc]script|certutil|msexcel)"
    rb"[^\r\n|]{0,40}\||dde\s*\()",
    re.I,
)
"""A cell of a text file that a spreadsheet would run as a command."""
_MAX_PART = 1 << 20
_MAX_TEXT = 16 << 20
_EMBEDDED = re.compile(r"\x01Ole10Native|\x01CompObj Package", re.I)
_NESTED = frozenset({".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".cab", ".xz", ".bz2"})
_APPLE = "__MACOSX/"
"""Where a Mac puts what it notes about the files that it packs, under their names."""
_UNSAFE = re.compile(r"(?:^|[\\/])\.\.(?:[\\/]|$)|^[\\/]|^[A-Za-z]:|\0")


@dataclass(slots=True)
class Inspection:
    """One look into one attachment; what has been unpacked so far counts against the limit."""

    depth: int
    """Archives within archives that are opened."""
    unpacked: int
    """Bytes that archives may unpack to, all in all."""
    macros: bool
    """Whether macros are let in."""
    protected: bool
    """Whether files behind passwords are let in, though nobody can look into them."""
    _trail: list[str] = field(default_factory=list)

    def of(self, name: str, stream: IO[bytes]) -> Iterator[Objection]:
        """Everything that speaks against a file of this name and content."""
        kind = kind_of(stream)
        wanted = TYPES.get(kinds.suffix_of(name))
        if (certain := self._at_once(kind)) is not None:
            yield self._here(certain)
            return
        if kind.name in kinds.WITH_MACROS and not self.macros:
            yield self._here(because.MACROS)
        elif wanted is not None and kind.name not in wanted:
            yield self._here(because.disguise(name, kind))
        elif not self._trail and wanted is None:
            yield self._here(because.not_listed(name))
        yield from self._inside(kind, stream)

    def _at_once(self, kind: Kind) -> Objection | None:
        """What ends the look into a file, since nothing in it can be better."""
        if kind.name == PROGRAM:
            return because.program(kind)
        if kind.name == "encrypted":
            return None if self.protected else because.LOCKED
        return {"empty": because.EMPTY, "damaged": because.DAMAGED}.get(kind.name)

    @contextmanager
    def _at(self, name: str) -> Iterator[None]:
        """The member that is being looked at."""
        self._trail.append(name)
        try:
            yield
        finally:
            self._trail.pop()

    def _here(self, objection: Objection) -> Objection:
        return replace(objection, inside=tuple(self._trail))

    def _inside(self, kind: Kind, stream: IO[bytes]) -> Iterator[Objection]:
        if kind.name in OFFICE:
            yield from self._office(stream)
        elif kind.name in {"doc", "xls", "ppt", "ole2", "msg"}:
            yield from self._ole(stream)
        elif kind.name == "pdf":
            yield from self._pdf(stream)
        elif kind.name == "text" and _runs_commands(stream) and not self.macros:
            yield self._here(because.MACROS)
        elif kind.name in ARCHIVES:
            yield from self._archive(kind, stream)
        if kind.name not in OFFICE | ARCHIVES | {"opendocument"} and _carries_archive(stream):
            yield self._here(because.TWO_IN_ONE)

    def _archive(self, kind: Kind, stream: IO[bytes]) -> Iterator[Objection]:
        if len(self._trail) > self.depth:
            yield self._here(because.too_deep(self.depth))
        elif kind.name == "zip":
            yield from self._zip(stream)
        elif kind.name == "rar":
            yield from self._rar(stream)
        else:
            yield self._here(because.other_archive(kind))

    def _zip(self, stream: IO[bytes]) -> Iterator[Objection]:
        try:
            with zipfile.ZipFile(stream) as archive:
                infos = archive.infolist()
                if len(infos) > MAX_INSIDE:
                    yield self._here(because.TOO_MUCH)
                    return
                for info in infos:
                    with self._at(info.filename):
                        yield from self._zip_member(archive, info)
        except _EnoughError:
            yield self._here(because.TOO_MUCH)
        except DAMAGED_ZIP:
            yield self._here(because.DAMAGED)

    def _zip_member(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Objection]:
        # zipfile cuts a name at a zero byte; other programs do not.
        told = list(self._named(info.orig_filename))
        yield from told
        if told or info.filename.endswith("/"):
            return
        if info.flag_bits & 0x1:
            if not self.protected:
                yield self._here(because.LOCKED)
            return
        with archive.open(info) as packed, self._unpack(packed) as member:
            if member.seek(0, 2) and not info.filename.startswith(_APPLE):
                yield from self.of(info.filename, member)

    @contextmanager
    def _unpack(self, packed: IO[bytes]) -> Iterator[IO[bytes]]:
        """A member as a file that can be read from any place, within what may be unpacked."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as member:
            while piece := packed.read(CHUNK):
                self._spend(len(piece))
                member.write(piece)
            yield member

    def _spend(self, count: int) -> None:
        self.unpacked -= count
        if self.unpacked < 0:
            raise _EnoughError

    def _named(self, name: str) -> Iterator[Objection]:
        """What the name of a member alone tells."""
        if _UNSAFE.search(name):
            yield self._here(because.UNSAFE_NAME)
        if kinds.suffix_of(name) in kinds.PROGRAM_SUFFIXES:
            yield self._here(because.runs(name))

    def _rar(self, stream: IO[bytes]) -> Iterator[Objection]:
        """By its list of members: no free program unpacks RAR, so nothing else is looked at."""
        import rarfile

        stream.seek(0)
        try:
            with rarfile.RarFile(stream) as archive:
                infos = archive.infolist()
                if archive.needs_password() and not self.protected:
                    yield self._here(because.LOCKED)
                    return
        except (rarfile.Error, ValueError, struct.error, EOFError, OSError, IndexError):
            yield self._here(because.DAMAGED)
            return
        if not infos:
            # What the list of a damaged archive comes to.
            yield self._here(because.DAMAGED)
            return
        if len(infos) > MAX_INSIDE or sum(each.file_size for each in infos) > self.unpacked:
            yield self._here(because.TOO_MUCH)
            return
        for each in infos:
            with self._at(each.filename):
                yield from self._named(each.filename)
                if kinds.suffix_of(each.filename) in _NESTED:
                    yield self._here(because.NESTED_IN_RAR)

    def _office(self, stream: IO[bytes]) -> Iterator[Objection]:
        """Macros, templates fetched from elsewhere, and what is embedded."""
        try:
            with zipfile.ZipFile(stream) as archive:
                with archive.open(kinds.CONTENT_TYPES) as part:
                    declared = _MACRO_TYPES.search(part.read(_MAX_PART))
                named = any(map(_MACRO_PARTS.search, archive.namelist()))
                if (declared or named) and not self.macros:
                    yield self._here(because.MACROS)
                for info in archive.infolist():
                    yield from self._office_part(archive, info)
        except _EnoughError:
            yield self._here(because.TOO_MUCH)
        except DAMAGED_ZIP:
            yield self._here(because.DAMAGED)

    def _office_part(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Objection]:
        if kinds.suffix_of(info.filename) == ".rels":
            with archive.open(info) as part:
                if _REMOTE.search(_xml(part.read(_MAX_PART))) and not self.macros:
                    yield self._here(because.REMOTE_TEMPLATE)
            return
        if kinds.suffix_of(info.filename) == ".xml" or info.filename.endswith("/"):
            return
        if "/embeddings/" in info.filename.lower():
            if len(self._trail) > self.depth:
                yield self._here(because.too_deep(self.depth))
                return
            with (
                archive.open(info) as packed,
                self._unpack(packed) as member,
                self._at(info.filename),
            ):
                yield from self.of(info.filename, member)
            return
        with archive.open(info) as part:
            found = kinds.program(part.read(kinds.START))
        if found is not None:
            with self._at(info.filename):
                yield self._here(because.program(found))

    def _ole(self, stream: IO[bytes]) -> Iterator[Objection]:
        """Visual Basic, Excel 4.0 macros, passwords and embedded files of old Office documents."""
        try:
            container = Container(stream)
            names = container.names
            book = next((name for name in ("Workbook", "Book") if name in names), None)
            found = list(records(container.read(book))) if book else []
            flags = container.read("WordDocument")[10:12] if "WordDocument" in names else b""
        except (DamagedContainerError, struct.error, ValueError, MemoryError):
            yield self._here(because.DAMAGED)
            return
        document = flags and int.from_bytes(flags, "little") & _DOC_ENCRYPTED
        if (document or any(kind == _FILEPASS for kind, _ in found)) and not self.protected:
            yield self._here(because.LOCKED)
            return
        basic = any("vba_project" in name.lower() for name in names)
        sheets = any(
            kind == _BOUNDSHEET and len(content) > 5 and content[5] in _MACRO_SHEETS
            for kind, content in found
        )
        if (basic or sheets) and not self.macros:
            yield self._here(because.MACROS)
        if any(map(_EMBEDDED.search, names)):
            yield self._here(because.EMBEDDED)

    def _pdf(self, stream: IO[bytes]) -> Iterator[Objection]:
        try:
            content = read_pdf(stream)
        except UnreadablePdfError as error:
            if not (error.protected and self.protected):
                yield self._here(because.LOCKED if error.protected else because.DAMAGED)
            return
        if content.active and not self.macros:
            yield self._here(because.MACROS)
        if content.embedded:
            yield self._here(because.EMBEDDED)


class _EnoughError(Exception):
    """More was unpacked than is looked at."""


def _xml(raw: bytes) -> str:
    """A part of an Office document as text, however its letters are written."""
    codec = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    return html.unescape(raw.decode(codec, "replace"))


def _runs_commands(stream: IO[bytes]) -> bool:
    stream.seek(0)
    return _COMMAND.search(stream.read(_MAX_TEXT).replace(b"\0", b"")) is not None


def _carries_archive(stream: IO[bytes]) -> bool:
    """Whether a file that is none begins or ends as an archive too: two files in one."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return bool(archive.infolist())
    except DAMAGED_ZIP:
        return False
