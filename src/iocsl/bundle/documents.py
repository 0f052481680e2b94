"""Where a file of any kind bears a mark of secrecy outside its cells, and what an archive holds."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from iocsl.bundle.inspection import MAX_INSIDE
from iocsl.bundle.kinds import DAMAGED_ZIP, TYPES, suffix_of
from iocsl.bundle.old_documents import marks_of_old_document
from iocsl.bundle.pdf import UnreadablePdfError, read_pdf
from iocsl.domain import Words
from iocsl.files import CHUNK
from iocsl.text import nfc
from iocsl.validate.office_marks import marks_of_office_file
from iocsl.validate.readers.encodings import certain_encoding
from iocsl.validate.secrecy_marks import is_mark, mark_in_name

DEPTH = 4
"""Archives within archives that are opened; how many a bundle takes is `attachments`' to say."""
MAX_UNPACKED = 2 << 30
_MAX_TEXT = 16 << 20


def marked_places(path: Path) -> Iterator[Words]:
    """Where a document bears a mark outside its cells, judged by its content.

    A damaged one has none here; it is told of elsewhere. Pictures and scans are not read.
    """
    with path.open("rb") as stream:
        start = stream.read(8)
    if start.startswith(b"PK"):
        yield from (each.place for each in marks_of_office_file(path))
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        yield from marks_of_old_document(path)
    elif start.startswith(b"%PDF-"):
        yield from _marks_of_pdf(path)
    elif path.suffix.lower() == ".txt" and _marked_text(path):
        yield Words("một dòng", "a line")


def _marks_of_pdf(path: Path) -> Iterator[Words]:
    try:
        with path.open("rb") as stream:
            content = read_pdf(stream)
    except UnreadablePdfError:
        return
    if any(map(is_mark, content.lines)):
        yield Words("dòng chữ ở các trang đầu", "a line on its first pages")
    if any(map(mark_in_name, content.properties)):
        yield Words("thuộc tính tài liệu", "a document property")


def _marked_text(path: Path) -> bool:
    with path.open("rb") as stream:
        raw = stream.read(_MAX_TEXT)
    codec = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        # As Latin-1 the fonts of old days are seen; Windows-1258 composes its own marks.
        text = raw.decode(
            "cp1258" if certain_encoding(raw) == "Windows-1258" else "latin-1", "replace"
        )
    return any(map(is_mark, text.splitlines()))


def unpacked(path: Path) -> Iterator[Path]:
    """The members of a ZIP archive that are documents, each as a file of its own, one at a time.

    Only what can be read is given: `attachments` refuses the rest.
    """
    budget = MAX_UNPACKED
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            for info in archive.infolist()[:MAX_INSIDE]:
                name = nfc(info.filename.replace("\\", "/").rpartition("/")[2])
                if not name or suffix_of(name) not in TYPES:
                    continue
                inner = Path(folder) / name
                with archive.open(info) as packed, inner.open("wb") as target:
                    while (piece := packed.read(CHUNK)) and budget > 0:
                        budget -= len(piece)
                        target.write(piece)
                yield inner
                inner.unlink()
    except DAMAGED_ZIP:
        return
