"""L: Vietnamese text that looks right and is not the same to a program."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from iocsl.domain import Severity
from iocsl.patterns import regex
from iocsl.text import latin, nfc
from iocsl.validate.context import Context
from iocsl.validate.many_texts import ManyTexts
from iocsl.validate.readers.base import Batch, Place
from iocsl.validate.registry import (
    QD1134,
    QD2023,
    Basis,
    Fault,
    On,
    Placed,
    Role,
    cell_rule,
    own,
    whole_rule,
)

TEXT: Basis = {
    QD2023: "Điều 3 khoản 1; Điều 6 khoản 1",
    QD1134: "Điều 5 khoản 1 điểm b; Điều 6 khoản 6",
}
"""Exact (2023); uniform structure, uniform and exact data (1134)."""
SINCE = "0.1.0"

INVISIBLE = regex(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\x00-\x08\x0e-\x1f]"
)
_SPACES = regex(r"^\s|\s$|\S {2,}\S|[^\S \n\r]")
"""At an end, doubled, or any other than the space bar gives: no-break, thin, tab."""
_GREEK_CYRILLIC = "\u0370-\u03ff\u0400-\u04ff"
_FOREIGN = regex(f"[{_GREEK_CYRILLIC}]")
_COMPATIBLE = "\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff"
_WIDE = regex(f"[{_COMPATIBLE}]")
"""Ligatures, full-width and mathematical letters and digits, which are never Vietnamese text."""
_ETH = regex(r"(?<!\w)[Ðð]")
"""The letter that begins a word, as đ does; within one it is a letter of an old font."""
_ETH_ITSELF = regex("[Ðð]")
_ODD_LETTER = regex(f"[{_GREEK_CYRILLIC}{_COMPATIBLE}]")
_TONES = {
    "old": regex(r"(?:[òóỏõọ][ae]|(?<!q)[ùúủũụ]y)(?!\w)", re.IGNORECASE),
    "new": regex(r"(?:o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])(?!\w)", re.IGNORECASE),
}
"""Where the tone mark of an open syllable in oa, oe, uy stands: “hòa, thủy” or “hoà, thuỷ”."""
LOOKED_AT = 5_000
_WORD = regex(r"\w+")
_LATIN = regex(r"[A-Za-z]")
_OLD_LETTERS = (
    "\u00a7-\u00af\u00b5-\u00bf\u00c4-\u00cc\u00ce-\u00d1\u00d6-\u00d8\u00db-\u00df\u00e4-\u00e7"
    "\u00eb\u00ee-\u00f1\u00f6-\u00f8\u00fb\u00fc\u00fe"
)
_OLD_LETTER = regex(f"[{_OLD_LETTERS}]")
_BYTE = regex("[\u00c3-\u00c6\u00e1]")
_BYTES = regex("[\u00c3-\u00c6\u00e1](?:[\u0080-\u00bf\u0152-\u0192]|[^\\w\\s])")
"""The first two bytes of a letter of Vietnamese in UTF-8, as Windows-1252 shows them."""
_LEGACY = regex(f"[A-Za-z][{_OLD_LETTERS}]|[\u00ae\u00a7][A-Za-z\u00b5-\u00fe]")
"""Letters of TCVN3 and VNI fonts that words of small letters in Unicode never have inside."""
_SOFT_HYPHEN = "U+00AD"
_ASCII_SIGNS = regex(r"[\s!-/:-@\[-`{-~0-9]+")


def asked_in_any_case(_: ManyTexts, __: Context) -> Iterable[int]:
    """Of many texts, those that may have a fault which no tidy text has."""
    return ()


def syllables(text: str) -> tuple[int, int]:
    """Words with a letter or sign beyond ASCII, and how many of those are Vietnamese syllables.

    Words end at white space and ASCII signs alone: `tr\u00adêng` is one word, and no syllable.
    """
    from iocsl.validate.readers.encodings import is_syllable

    marked = [word for word in _ASCII_SIGNS.split(nfc(text)) if not word.isascii()]
    return len(marked), sum(map(is_syllable, marked))


def looks_old(text: str) -> bool:
    """Whether a text looks typed with an old font. "LÊ VĂN" and "HOÀ BÌNH" are right."""
    if text.isascii() or not _LEGACY.search(text):
        return False
    marked, good = syllables(text)
    return good < marked


def _old_font(text: str) -> tuple[str, str] | None:
    """The old font that a text is typed with, and what it says; None where no font makes words."""
    if not looks_old(text):
        return None
    from iocsl.validate.readers.encodings import from_tcvn3, from_vni

    for font, convert in (("TCVN3", from_tcvn3), ("VNI", from_vni)):
        meant = convert(text)
        marked, good = syllables(meant)
        if marked and good == marked:
            return font, meant
    return None


def in_unicode(text: str) -> str:
    """A text as it is meant, where it is typed with an old font (L805), else as it is."""
    old = _old_font(text)
    return old[1] if old is not None else text


def as_seen(text: str) -> str:
    """A text as people read it, for comparing: what is told by L802, L803, L805 and L806 is no
    other name or unit besides."""
    seen = INVISIBLE.sub("", in_unicode(text)).replace("\u00d0", "Đ").replace("\u00f0", "đ")
    return latin(seen)


@cell_rule(
    "L801",
    "decomposed-text",
    Severity.WARNING,
    on=On.TEXT,
    quick=asked_in_any_case,
    vi="Chữ Việt ở dạng tổ hợp rời (NFD): “{text}”.",
    en="The Vietnamese text is in decomposed form (NFD): “{text}”.",
    hint=(
        "Gõ lại bằng bộ gõ Unicode dựng sẵn, hoặc dùng --fix.",
        "Type it again with precomposed Unicode, or use --fix.",
    ),
    basis=TEXT,
    since=SINCE,
)
def decomposed_text(text: str, context: Context) -> Fault | None:
    """Letters and their marks as separate characters.

    Why: it looks the same, yet a search or a comparison does not find it.
    Fix: set the keyboard to "Unicode dựng sẵn".
    """
    return Fault(text=nfc(text)) if nfc(text) != text else None


@cell_rule(
    "L802",
    "invisible-characters",
    Severity.WARNING,
    on=On.TEXT,
    quick=lambda many, _: many.with_letter(INVISIBLE),
    vi="“{text}” có ký tự không nhìn thấy ({codes}).",
    en="“{text}” holds characters that cannot be seen ({codes}).",
    hint=(
        "Xóa ô và gõ lại, không chép từ trang web; hoặc dùng --fix.",
        "Clear the cell and type it again, or use --fix.",
    ),
    basis=TEXT,
    since=SINCE,
)
def invisible_characters(text: str, context: Context) -> Fault | None:
    """Zero-width spaces, soft hyphens, direction marks, control characters.

    Why: they come along when text is copied, and make two equal words differ. A soft hyphen in a
    text of an old font is a letter there, and the font is what is told (L805); an indicator code
    with such characters is an unknown one (C301).
    Fix: type the text anew.
    """
    found = sorted({f"U+{ord(char):04X}" for char in INVISIBLE.findall(text)})
    if not found or (found == [_SOFT_HYPHEN] and _old_font(text) is not None):
        return None
    seen = INVISIBLE.sub("", text)
    if context.field.name == Role.INDICATOR_CODE and seen.strip() in context.indicators:
        return None  # it is no code as it stands, which C301 tells with the reason
    return Fault(text=seen, codes=own(", ".join(found)))


@cell_rule(
    "L803",
    "eth-for-d",
    Severity.WARNING,
    on=On.TEXT,
    quick=lambda many, _: many.with_letter(_ETH_ITSELF),
    vi="“{text}” dùng chữ Ð (eth) thay cho Đ.",
    en="“{text}” uses the letter Ð (eth) in place of Đ.",
    hint=(
        "Gõ lại chữ Đ bằng bộ gõ tiếng Việt, hoặc dùng --fix.",
        "Type Đ with a Vietnamese keyboard, or use --fix.",
    ),
    basis=TEXT,
    since=SINCE,
)
def eth_for_d(text: str, context: Context) -> Fault | None:
    """The Icelandic letter eth (Ð, ð), whose capital looks like Đ, where a word begins.

    Why: "Ðà Nẵng" and "Đà Nẵng" are two names to every program.
    Fix: type the letter with a Vietnamese keyboard.
    """
    return Fault(text=text) if _ETH.search(text) and not looks_old(_ETH.sub("", text)) else None


@cell_rule(
    "L804",
    "stray-spaces",
    Severity.INFO,
    on=On.TEXT,
    quick=asked_in_any_case,
    vi="“{text}” thừa dấu cách ở đầu, ở cuối hoặc giữa các từ.",
    en="“{text}” has spaces too many, at an end or between words.",
    hint=("Bỏ dấu cách thừa, hoặc dùng --fix.", "Take them out, or use --fix."),
    basis=TEXT,
    since=SINCE,
)
def stray_spaces(text: str, context: Context) -> Fault | None:
    """Spaces at the ends, doubled ones, tabs, no-break and thin spaces.

    Why: they are left out when the value is read; other programs may keep them.
    Fix: remove them when convenient.
    """
    return Fault(text=text.strip()) if _SPACES.search(text) else None


@cell_rule(
    "L805",
    "legacy-font",
    Severity.ERROR,
    on=On.TEXT,
    quick=lambda many, _: many.holding(_LEGACY, _OLD_LETTER),
    vi="“{text}” gõ bằng phông cũ {font} (“{meant}”?), không phải Unicode.",
    en="“{text}” is typed with an old font, {font} (“{meant}”?), not in Unicode.",
    hint=(
        "Chuyển mã bằng công cụ của bộ gõ (ví dụ Unikey: Ctrl+Shift+F6), hoặc dùng --fix.",
        "Convert it with your keyboard program (Unikey: Ctrl+Shift+F6), or use --fix.",
    ),
    basis=TEXT,
    since=SINCE,
)
def legacy_font(text: str, context: Context) -> Fault | None:
    """Text that shows as Vietnamese only with an old font.

    Why: everywhere else it is another string of letters.
    Fix: convert it to Unicode. What it seems to mean is shown, and not taken.
    """
    old = _old_font(text)
    return Fault(text=text, font=own(old[0]), meant=old[1]) if old is not None else None


@cell_rule(
    "L806",
    "look-alike-letters",
    Severity.WARNING,
    on=On.TEXT,
    quick=lambda many, _: many.with_letter(_ODD_LETTER),
    vi="“{text}” lẫn chữ cái không phải La-tinh trông giống chữ Việt: {letters}.",
    en="“{text}” mixes in letters that look Latin and are not: {letters}.",
    hint=("Xóa ô và gõ lại.", "Clear the cell and type it again."),
    basis=TEXT,
    since=SINCE,
)
def look_alike_letters(text: str, context: Context) -> Fault | None:
    """Cyrillic or Greek letters that pass for Latin ones, or full-width letters and digits.

    Why: a code with a Cyrillic A is another code, though no eye can tell. Letters that nobody takes
    for Latin ones (β, Ω, я) are let be.
    Fix: type it anew.
    """
    found = sorted(set(_WIDE.findall(text)))
    foreign = set(_FOREIGN.findall(text))
    alike = {char for char in foreign if latin(char).isascii()}
    if _LATIN.search(text) or alike == foreign:
        found += sorted(alike)
    if not found:
        return None
    names = [unicodedata.name(char, "?").title() for char in found[:3]]
    letters = [f"{char} ({name})" for char, name in zip(found, names, strict=False)]
    if context.field.personal:  # what alphabet it is, and not which letter
        letters = list(dict.fromkeys(name.partition(" ")[0] for name in names))
    return Fault(text=text, letters=own(", ".join(letters)))


@whole_rule(
    "L807",
    "two-tone-placements",
    Severity.INFO,
    vi="Cột “{title}” đặt dấu theo hai kiểu: “{word}” ở đây, “{other}” ở dòng {row}.",
    en="Column “{title}” places tone marks in two ways: “{word}” here, “{other}” in row {row}.",
    basis=TEXT,
    since="0.2.0",
)
class TwoTonePlacements:
    """One column places tone marks in one way: “hòa, thủy” or “hoà, thuỷ”.

    Why: both are right and in use, and Unicode does not make them one: "Hòa Bình" and "Hoà Bình"
    are two names to every program. Searches of iocsl find either.
    Fix: nothing has to be done; the keyboard program has a setting for it. The first 5,000 rows are
    looked at.
    """

    def __init__(self, context: Context) -> None:
        self._titles = {
            each.name: each.title
            for each in context.schema.fields
            if each.type in {"string", "any"} and not each.personal
        }
        self._rows = 0
        self._found: dict[str, dict[str, tuple[str, Place, str]]] = {}

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Note the first word of each way in each column."""
        left = LOOKED_AT - self._rows
        self._rows += len(batch)
        for name in self._titles.keys() & batch.columns.keys() if left > 0 else ():
            found = self._found.setdefault(name, {})
            if len(found) < 2:
                self._note(found, batch, name, left)
        return ()

    @staticmethod
    def _note(found: dict[str, tuple[str, Place, str]], batch: Batch, name: str, rows: int) -> None:
        marked = (cell for cell in batch.distinct(name) if isinstance(cell, str))
        together = nfc("\n".join(cell for cell in marked if not cell.isascii()))
        wanted = {
            way: style
            for way, style in _TONES.items()
            if way not in found and style.search(together)
        }
        for at, cell in enumerate(batch.columns[name][:rows] if wanted else ()):
            if not isinstance(cell, str) or cell.isascii():
                continue
            text = nfc(cell)
            for way, style in wanted.items():
                if way not in found and (hit := style.search(text)):
                    word = next(each[0] for each in _WORD.finditer(text) if each.end() >= hit.end())
                    found[way] = word, batch.place(at), cell

    def close(self) -> Iterable[Placed]:
        """One finding a column, where the second way begins."""
        for name, found in self._found.items():
            if len(found) == 2:
                (other, first, _), (word, place, cell) = sorted(
                    found.values(), key=lambda each: each[1].row
                )
                fault = Fault(title=self._titles[name], word=word, other=other, row=own(first.row))
                yield Placed(fault, place, name, cell)


@cell_rule(
    "L808",
    "wrongly-decoded",
    Severity.ERROR,
    on=On.TEXT,
    quick=lambda many, _: many.holding(_BYTES, _BYTE),
    vi="“{text}” là chữ Việt bị đọc nhầm bảng mã (“{meant}”?).",
    en="“{text}” is Vietnamese read in the wrong encoding (“{meant}”?).",
    hint=(
        "Mở lại tệp nguồn bằng bảng mã UTF-8 (Excel: Dữ liệu > Từ văn bản/CSV) rồi lưu lại.",
        "Open the source as UTF-8 (Excel: Data > From Text/CSV) and save it again.",
    ),
    basis=TEXT,
    since="0.2.0",
)
def wrongly_decoded(text: str, context: Context) -> Fault | None:
    """UTF-8 that a program took for Windows-1252, so that each letter with a mark became two or
    three: "giÃ¡" for "giá".

    Why: nobody can read it, and no program finds it.
    Fix: import the source anew as UTF-8. What it seems to mean is shown, and not taken.
    """
    if not _BYTES.search(text):
        return None
    try:
        meant = b"".join(map(_byte_of, text)).decode("utf-8")
    except UnicodeError:
        return None
    return Fault(text=text, meant=meant) if syllables(meant)[1] else None


def _byte_of(char: str) -> bytes:
    """The byte that Windows-1252 shows as a letter; five of them it shows as control characters."""
    return char.encode("latin-1" if "\x80" <= char <= "\x9f" else "cp1252")
