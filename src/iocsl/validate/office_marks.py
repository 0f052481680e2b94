"""Marks of secrecy wherever a document bears them: cells, names, properties, headers and footers.

MẬT, TỐI MẬT, TUYỆT MẬT count where they stand alone, in any case, spacing or Unicode form;
"MẬT ĐỘ DÂN SỐ" and "Mật ong" are ordinary words. The rule D901 looks for the same in tables.
"""

from __future__ import annotations

import html
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from iocsl.bundle.kinds import DAMAGED_ZIP
from iocsl.domain import Words
from iocsl.validate.secrecy_marks import is_mark

_PIECE = 1 << 20
_MAX_PART = 16 << 20
"""Bytes of a part that are looked at."""
_MAX_SHEET = 1 << 30
"""The same of a sheet; no reader takes a larger one."""

_HIGHER = re.compile(r"\b(?:tối|tuyệt) mật\b")
_PARTS = re.compile(r"[()\[\]{}_,;:|/\\.–—-]+")
_BEFORE = frozenset({"bí", "bảo", "gan", "rỉ", "sỏi", "túi"})
_AFTER = frozenset({"độ", "khẩu", "mã", "mía", "ong", "thiết"})
_PROPERTY = re.compile(
    r"<(?:\w+:)?(?:title|subject|keywords|category|description|contentStatus|lpwstr)\b[^>]*>([^<]*)<"
)
_PROPERTIES = frozenset({"docprops/core.xml", "docprops/custom.xml"})
_SHEET = re.compile(r"xl/(?:work|chart)sheets/[^/]+\.xml")
_PAGES = re.compile(
    r"(?:word/(?:document|header\d*|footer\d*)|ppt/slides/slide\d+|xl/drawings/drawing\d+)\.xml"
)
_NOTES = re.compile(r"xl/(?:comments/?|threadedcomments/threaded)(?:comment)?\d*\.xml")
_NOTE = re.compile(r"</(?:\w+:)?(?:comment|threadedComment)>")
_NOTE_TEXT = re.compile(r"<(?:\w+:)?(?:t|text)(?:\s[^>]*)?>([^<]*)(?=<)")
_PARAGRAPH = re.compile(r"</(?:w|a):p>")
_RUN = re.compile(r"<(?:w|a):t(?:\s[^>]*)?>([^<]*)<")
_HEADER = re.compile(
    rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)\b[^>]*>([^<]{0,4096})<", re.DOTALL
)
_SECTION = re.compile(r"&[LCR]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How Office writes a line break in such a text: `_x000a_`."""
_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K[0-9]{2}[+-][0-9]{3}|[0-9]+|[A-Z&])')


def marked_name(name: str) -> bool:
    """Whether a name or a title bears a mark as one of its parts: `MẬT_so-lieu.xlsx`.

    Parts stand between punctuation; where that punctuation only joins the words of a term
    (`mật_độ_dân_số`) it is none. The two higher marks count anywhere.
    """
    words = unicodedata.normalize("NFKC", name).casefold()
    if _HIGHER.search(" ".join(re.split(r"[\W_]+", words))):
        return True
    parts = [part.strip() for part in _PARTS.split(words) if part.strip()]
    return any(
        is_mark(part)
        and (before.split() or [""])[-1] not in _BEFORE
        and (after.split() or [""])[0] not in _AFTER
        for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False)
    )


def marks_of_office_file(path: Path) -> Iterator[Words]:
    """Where an Office document (XLSX, DOCX, PPTX) bears a mark outside its cells.

    A file of another kind, or a damaged one, has none here; it is told of elsewhere.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                with archive.open(info) as part:
                    place = _marked_part(info.filename.lower(), part)
                if place is not None:
                    yield place
    except DAMAGED_ZIP:
        return


def _marked_part(name: str, part: IO[bytes]) -> Words | None:
    if name in _PROPERTIES:
        text = part.read(_MAX_PART).decode("utf-8", "replace")
        if any(marked_name(html.unescape(each)) for each in _PROPERTY.findall(text)):
            return Words("thuộc tính tài liệu", "a document property")
    elif _SHEET.fullmatch(name):
        if any(map(marked_header, _headers(part))):
            return Words("đầu trang hoặc chân trang in", "a page header or footer")
    elif _PAGES.fullmatch(name):
        text = part.read(_MAX_PART).decode("utf-8", "replace")
        paragraphs = ("".join(_RUN.findall(each)) for each in _PARAGRAPH.split(text))
        if any(is_mark(html.unescape(each)) for each in paragraphs):
            return Words("dòng chữ, đầu trang hoặc hình vẽ", "a line, page header or drawing")
    elif _NOTES.fullmatch(name):
        text = part.read(_MAX_PART).decode("utf-8", "replace")
        notes = (html.unescape("".join(_NOTE_TEXT.findall(each))) for each in _NOTE.split(text))
        # The first line of a note is often its author's name.
        if any(is_mark(line) for each in notes for line in each.splitlines()):
            return Words("ghi chú của một ô", "a note on a cell")
    return None


def _headers(part: IO[bytes]) -> Iterator[str]:
    """The page headers and footers of a sheet, which stand behind its rows however many."""
    rest = b""
    for _ in range(_MAX_SHEET // _PIECE):
        piece = part.read(_PIECE)
        if not piece:
            return
        seen = rest + piece
        end = 0
        for found in _HEADER.finditer(seen):
            yield html.unescape(found[1].decode("utf-8", "replace"))
            end = found.end() - 1
        rest = seen[max(end, len(seen) - 8192) :]


def marked_header(text: str) -> bool:
    """`&C&"Times,Bold"&14MẬT` → a centred section that is a mark."""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    lines = (line for part in _SECTION.split(plain) for line in _CODE.sub("", part).splitlines())
    return any(map(is_mark, lines))
