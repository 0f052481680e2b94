"""What the cells of a workbook mean that do not say it themselves: shared texts, dates by style.

calamine is asked, once for each of them, so that a cell means the same however its sheet is read.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache

from iocsl.validate.readers.base import Broken, Cell, Unreadable
from iocsl.validate.readers.xlsx_mended import is_beyond
from iocsl.validate.readers.xlsx_scan import SHARED_TEXT

_ATTRIBUTE = re.compile(rb' (s|t)="([A-Za-z0-9]+)"')
_NUMBER_LETTERS = b"0123456789.eE+-"
_ENTITY = re.compile(r"&([#A-Za-z0-9]*;)?")
_REFERENCE = re.compile(r"#(?:([0-9]{1,7})|x([0-9A-Fa-f]{1,6}))")
ESCAPE = re.compile(rb"_x[0-9A-Fa-f]{4}_")
"""A letter as Excel writes those that XML has not."""
_INLINE = b"inlineStr"
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_TRUTH: dict[bytes, Cell] = {b"1": True, b"0": False}
_ITEM, _ITEM_END, _TEXT = b"<si>", b"</t></si>", b"<t>"
_SHARED_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml\b[^<>]*\?>)?\s*<sst(?: [^<>]*)?>\s*<si>")
_SHARED_END = re.compile(_ITEM_END + rb"\s*</sst>\s*")
_KEPT, _MARK = b'<t xml:space="preserve">', b"\1"
_ENCODING = re.compile(rb"^[^<]*<\?xml\b[^>]*\bencoding\s*=\s*[\"']([^\"']*)")
AT_ONCE = 250_000
"""Cells of a workbook that is made to ask."""
LONGEST_INDEX = 7
"""Digits of the number of a shared text."""
STYLES_AT_ONCE, MOST_DATED = 1_000, 64
"""Styles that are asked for together, and styles of dates in one sheet."""
REMEMBERED = 50_000
"""Different dates of a style, or texts with entities, that are kept."""


class NotPlain(Exception):  # noqa: N818 - no error: calamine reads what is not
    """Something is written in a way that is not known here."""


Ask = Callable[[Sequence[bytes]], Sequence[Cell]]
"""Gives the cells, as calamine reads them, for what stands between `<c r="A1"` and `</c>`."""


class Meanings:
    """The cells of one workbook by how they are written. `shared` gives the XML of its texts."""

    def __init__(self, ask: Ask, shared: Callable[[], bytes]) -> None:
        self._ask = ask
        self._shared_xml = shared
        self._are_numbers: dict[int, list[bool]] = {}
        self._known: dict[bytes, Cell] = {}
        self._dated: dict[bytes, dict[bytes, Cell]] = {}
        self._plain: tuple[dict[str, Cell], dict[str, Cell]] = ({}, {})
        self._readers: dict[bytes, Callable[[Sequence[bytes]], list[Cell] | None]] = {
            b"s": self._shared_by,
            b"str": self._texts,
            b"b": _truths,
            b"e": _errors,
        }

    def cells(
        self, said: bytes, values: Sequence[bytes], *, kept: bytes | None
    ) -> list[Cell] | None:
        """Cells with the attributes `said` besides their address, and their values.

        `kept`: white space around a text in its cell means something. None where they are not
        written the plain way.
        """
        kind, style = _kind_and_style(said)
        if kind == b"n":
            return self._numbers(style, values)
        if kind == _INLINE:
            return self._texts(values) if kept else self._trimmed(values)
        read = self._readers.get(kind)
        return read(values) if read is not None else None

    def _trimmed(self, values: Sequence[bytes]) -> list[Cell] | None:
        """Texts around which white space means nothing: here, those that have none."""
        return self._texts(values, kept=False)

    def _texts(self, values: Sequence[bytes], *, kept: bool = True) -> list[Cell] | None:
        whole = b"\0".join(values)
        if b"\r" in whole or (b"_x" in whole and ESCAPE.search(whole)):
            return None
        if not kept and _has_edges(whole):
            return None
        split = whole.decode().split("\0")
        texts: list[Cell] = [*split]
        if b"&" in whole:
            texts = self._plain_texts(split, kept=kept)
        return texts if len(texts) == len(values) else None

    def _plain_texts(self, texts: Sequence[str], *, kept: bool) -> list[Cell]:
        """Texts with their entities replaced. Raises `NotPlain` for what is none of XML's own."""
        known = self._plain[kept]
        if len(known) > REMEMBERED:
            known.clear()
        new = {text for text in texts if "&" in text}.difference(known)
        known.update((text, _without_entities(text, kept=kept)) for text in new)
        return [known[text] if "&" in text else text for text in texts]

    def _shared_by(self, values: Sequence[bytes]) -> list[Cell] | None:
        known = self._known
        try:
            return list(map(known.__getitem__, values))
        except KeyError:
            new = list(set(values).difference(known))
        if not b"".join(new).isdigit() or b"" in new or max(map(len, new)) > LONGEST_INDEX:
            return None
        places = list(map(int, new))
        if max(places) >= len(self._shared):
            return None
        known.update(zip(new, map(self._shared.__getitem__, places), strict=True))
        return list(map(known.__getitem__, values))

    def _numbers(self, style: bytes, values: Sequence[bytes]) -> list[Cell] | None:
        if b"".join(values).translate(None, _NUMBER_LETTERS):
            return None
        try:
            numbers: list[Cell] = list(map(float, values))
        except ValueError:
            return None
        return numbers if self._is_number(style) else self._dates(style, values)

    def _is_number(self, style: bytes) -> bool:
        if len(style) > LONGEST_INDEX or not style.isdigit():
            raise NotPlain
        block, at = divmod(int(style), STYLES_AT_ONCE)
        if block not in self._are_numbers:
            # A number that is a date under such a style would be the first of March 1900.
            first = block * STYLES_AT_ONCE
            styles = range(first, first + STYLES_AT_ONCE)
            found = self._ask([b' s="%d"><v>61.5</v>' % each for each in styles])
            self._are_numbers[block] = [type(cell) is float for cell in found]
        return self._are_numbers[block][at]

    def _dates(self, style: bytes, values: Sequence[bytes]) -> list[Cell]:
        if style not in self._dated and len(self._dated) >= MOST_DATED:
            raise NotPlain
        known = self._dated.setdefault(style, {})
        if len(known) > REMEMBERED:
            known.clear()
        fresh = set(values).difference(known)
        known.update((each, float(each)) for each in fresh if is_beyond(each))
        new = [*fresh.difference(known)]
        if new:
            known.update(zip(new, self._asked(b' s="%b"' % style, new), strict=True))
        return list(map(known.__getitem__, values))

    @cached_property
    def _shared(self) -> Sequence[Cell]:
        xml = self._shared_xml()
        with contextlib.suppress(NotPlain, UnicodeDecodeError):
            if (found := self._plain_shared(xml)) is not None:
                return found
        count = len(SHARED_TEXT.findall(xml))
        try:
            return self._asked(b' t="s"', [b"%d" % at for at in range(count)])
        except Unreadable:
            return ()  # counted what is none, a comment perhaps

    def _plain_shared(self, xml: bytes) -> list[Cell] | None:
        """The shared texts where none has more than one piece."""
        head = _SHARED_HEAD.match(xml)
        end = xml.rfind(_ITEM_END)
        if head is None or not (is_utf8(head[0]) and _SHARED_END.fullmatch(xml, max(end, 0))):
            return None
        items = xml[head.end() : end].replace(_KEPT, _TEXT + _MARK)
        if _MARK in xml or not items.startswith(_TEXT):
            return None
        values = items[len(_TEXT) :].split(_ITEM_END + _ITEM + _TEXT)
        if b"<" in b"".join(values):
            return None
        if _MARK not in items:
            return self._texts(values, kept=False)
        texts: list[Cell] = [""] * len(values)
        for kept in (False, True):
            places = [at for at, value in enumerate(values) if (value[:1] == _MARK) == kept]
            found = self._texts([values[at][kept:] for at in places], kept=kept) if places else []
            if found is None:
                return None
            for at, text in zip(places, found, strict=True):
                texts[at] = text
        return texts

    def _asked(self, said: bytes, values: Sequence[bytes]) -> list[Cell]:
        found: list[Cell] = []
        for start in range(0, len(values), AT_ONCE):
            some = values[start : start + AT_ONCE]
            found.extend(self._ask([b"%b><v>%b</v>" % (said, value) for value in some]))
        return found


def is_utf8(head: bytes) -> bool:
    """Whether XML that begins so is written in UTF-8, as nearly all is."""
    said = _ENCODING.search(head)
    return said is None or said[1].lower() == b"utf-8"


def is_inline(said: bytes) -> bool:
    """Whether a cell with these attributes holds its text in `<is><t>`, not in `<v>`."""
    return _kind_and_style(said)[0] == _INLINE


def _truths(values: Sequence[bytes]) -> list[Cell] | None:
    return list(map(_TRUTH.__getitem__, values)) if _TRUTH.keys() >= set(values) else None


def _errors(values: Sequence[bytes]) -> list[Cell] | None:
    if b"" in values:
        return None
    return [Broken(value.decode("ascii", "replace")) for value in values]


@lru_cache(maxsize=1024)
def _kind_and_style(said: bytes) -> tuple[bytes, bytes]:
    parts = _ATTRIBUTE.split(said)
    given = dict(zip(parts[1::3], parts[2::3], strict=True))
    if any(parts[::3]) or 3 * len(given) + 1 != len(parts):
        raise NotPlain
    return given.get(b"t", b"n"), given.get(b"s", b"0")


def _has_edges(whole: bytes) -> bool:
    """Whether one of some texts, joined by NUL, begins or ends with white space."""
    if b"\t" in whole or b"\n" in whole:
        return True
    return whole[:1] == b" " or whole[-1:] == b" " or b"\0 " in whole or b" \0" in whole


def _without_entities(text: str, *, kept: bool) -> str:
    plain = _ENTITY.sub(_entity, text)
    if ESCAPE.search(plain.encode()) or not (kept or plain == plain.strip()):
        raise NotPlain
    return plain


@lru_cache(maxsize=1024)
def _letter(entity: str) -> str:
    """What `&amp;` or `&#7863;` stands for."""
    name = entity[1:-1]  # of a bare "&" too, which stands for nothing
    if name in _ENTITIES:
        return _ENTITIES[name]
    number = _REFERENCE.fullmatch(name)
    code = int(number[1] or number[2], 10 if number[1] else 16) if number else 0
    # No XML holds the others; what they were read as would be anybody's guess.
    if code in {9, 10} or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE:
        return chr(code)
    raise NotPlain


def _entity(found: re.Match[str]) -> str:
    return _letter(found[0])
