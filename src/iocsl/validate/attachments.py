"""What goes with a data file: names, sizes and whether they can be read. Content is judged where a
bundle is made (`iocsl.bundle.attachments`)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import NamedTuple

from iocsl.errors import is_folder, missing_file
from iocsl.text import fold, nfc

TYPES = (
    *("doc", "docx", "xls", "xlsx", "csv", "pptx", "pdf", "tif", "jpg", "jpeg", "bmp", "png"),
    *("gif", "txt", "mp3", "wav", "mp4", "avi", "zip", "rar"),
)
"""1134 Điều 6 khoản 3: the twenty types, in the order of the text."""
DOCUMENTS = frozenset({"doc", "docx", "pdf", "txt"})
"""Types that hold a text in words, as the narrative is (2023 Điều 5 khoản 2: "văn bản")."""
_NARRATIVE = "thuyet minh"
_BLANK = b" \t\r\n\x0b\x0c\xef\xbb\xbf\xff\xfe\xfe\xff\0"
LOOKED_AT = 4096


class Attachment(NamedTuple):
    """One file that goes with the data. `blank` is whether nothing but white space is in it."""

    name: str
    size: int
    blank: bool = False
    readable: bool = True

    @property
    def type(self) -> str:
        """Its extension without the dot, in small letters."""
        return PurePath(self.name).suffix.lower().lstrip(".")

    @property
    def narrative(self) -> bool:
        """Whether it can be the narrative: a document, or whatever says so in its name."""
        said = fold(PurePath(self.name).stem.replace("_", " ").replace("-", " "))
        return self.type in DOCUMENTS or _NARRATIVE in said


def attachments_of(paths: Iterable[Path]) -> tuple[Attachment, ...]:
    """The files by what can be told without looking into them. Exit 2 where one is not there."""
    found = []
    for path in paths:
        if path.is_dir():
            raise is_folder(path)
        if not path.is_file():
            raise missing_file(path)
        name, size = nfc(path.name), path.stat().st_size
        try:
            with path.open("rb") as stream:
                start = stream.read(LOOKED_AT)
        except OSError:
            found.append(Attachment(name, size, readable=False))
            continue
        found.append(Attachment(name, size, is_blank(start, size)))
    return tuple(found)


def is_blank(start: bytes, size: int) -> bool:
    """Whether a file is empty, by its first bytes and its size."""
    return size <= LOOKED_AT and not start.strip(_BLANK)
