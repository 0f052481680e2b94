"""Which encoding a text file is in: told, and converted only when certain.

UTF-8 and marked UTF-16 prove themselves. The one-byte encodings of older Vietnamese programs do
not: each is tried, and taken only when nearly every word with a mark is then a Vietnamese syllable
and is none under the others.
"""

from __future__ import annotations

import re
from functools import cache

from iocsl.patterns import regex
from iocsl.text import nfc

_TCVN3_CODES = (
    "b5b8b6b7b9 a8 bbbebcbdc6 a9 c7cac8c9cb ae ccd0cecfd1 aa d2d5d3d4d6 d7ddd8dcde "
    "dfe3e1e2e4 ab e5e8e6e7e9 ac eaedebecee eff3f1f2f4 ad f5f8f6f7f9 fafdfbfcfe a1a2a3a4a5a6a7"
)
_TCVN3_LETTERS = (
    "àáảãạ ă ằắẳẵặ â ầấẩẫậ đ èéẻẽẹ ê ềếểễệ ìíỉĩị òóỏõọ ô ồốổỗộ ơ ờớởỡợ ùúủũụ ư ừứửữự ỳýỷỹỵ ĂÂÊÔƠƯĐ"
)
_VNI_PAIRS = {
    "a": ("øùûõï", "àáảãạ"),
    "e": ("øùûõï", "èéẻẽẹ"),
    "o": ("øùûõï", "òóỏõọ"),
    "u": ("øùûõï", "ùúủũụ"),
    "y": ("øùûõ", "ỳýỷỹ"),
    "ô": ("øùûõï", "ờớởỡợ"),
    "ö": ("øùûõï", "ừứửữự"),
}
_VNI_HATS = {
    "a": ("âàáåãäêèéúüë", "âầấẩẫậăằắẳẵặ"),
    "e": ("âàáåãä", "êềếểễệ"),
    "o": ("âàáåãä", "ôồốổỗộ"),
}
_VNI_SINGLE = {
    "ô": "ơ",
    "ö": "ư",
    "ñ": "đ",
    "æ": "ỉ",
    "ó": "ĩ",
    "ò": "ị",
    "î": "ỵ",
    "ì": "ì",
    "í": "í",
}

_WORD = regex(r"[^\W\d_]+")
_ONSET = "(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdđghklmnpqrstvx])?"
_VOWELS = (
    "(?:iêu|yêu|oai|oay|oeo|uây|uôi|ươi|ươu|uya|uyê|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|ôi|ơi|"
    "oo|ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|yê|[aăâeêioôơuưy])"
)
_CODA = "(?:ng|nh|ch|[cmnpt])?"
_SYLLABLE = regex(_ONSET + _VOWELS + _CODA)
_TONES = str.maketrans(
    "àáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ",
    "aaaaaăăăăăâââââeeeeeêêêêêiiiiioooooôôôôôơơơơơuuuuuưưưưưyyyyy",
)

ENOUGH = 3
"""Words with Vietnamese marks below which no encoding is certain."""


@cache
def tcvn3_table() -> dict[int, str]:
    """TCVN 5712:1993 (VN3), the bytes of .VnTime fonts, seen as Latin-1 → letters."""
    codes = bytes.fromhex(_TCVN3_CODES)
    return dict(zip(codes, _TCVN3_LETTERS.replace(" ", ""), strict=True))


@cache
def _vni() -> tuple[re.Pattern[str], dict[str, str]]:
    table = dict(_VNI_SINGLE)
    for pairs in (_VNI_PAIRS, _VNI_HATS):
        for base, (marks, letters) in pairs.items():
            table.update({base + mark: letter for mark, letter in zip(marks, letters, strict=True)})
    for small, letter in list(table.items()):
        table[small.upper()] = letter.upper()
        table[small[0].upper() + small[1:]] = letter.upper()
    longest_first = sorted(table, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), table


def from_tcvn3(text: str) -> str:
    """Text typed with a TCVN3 font, seen as Latin-1, in Unicode."""
    return text.translate(tcvn3_table())


def from_vni(text: str) -> str:
    """Text typed with a VNI font, seen as Windows-1252, in Unicode."""
    pattern, table = _vni()
    return pattern.sub(lambda found: table[found[0]], text)


def is_syllable(word: str) -> bool:
    """Whether a word is built like a Vietnamese syllable (by its letters, not by a dictionary)."""
    return _SYLLABLE.fullmatch(nfc(word).lower().translate(_TONES)) is not None


def likeness(text: str) -> tuple[int, int]:
    """How many words of `text` have a non-ASCII letter, and how many of those are syllables."""
    marked = [word for word in _WORD.findall(nfc(text)) if not word.isascii()]
    return len(marked), sum(map(is_syllable, marked))


def candidates(raw: bytes) -> dict[str, str]:
    """The text under each one-byte encoding; one that cannot hold these bytes is left out."""
    texts = {"TCVN3": from_tcvn3(raw.decode("latin-1"))}
    try:
        texts["VNI"] = from_vni(raw.decode("cp1252"))
    except UnicodeDecodeError:
        texts["VNI"] = from_vni(raw.decode("latin-1"))
    try:
        texts["Windows-1258"] = nfc(raw.decode("cp1258"))
    except UnicodeDecodeError:
        return texts
    return texts


def certain_encoding(raw: bytes) -> str | None:
    """`Windows-1258`, `TCVN3` or `VNI` where one alone makes Vietnamese of the bytes, else None."""
    scores = {}
    for name, text in candidates(raw).items():
        marked, good = likeness(text)
        scores[name] = good / marked if marked >= ENOUGH else 0.0
    ranked = sorted(scores, key=lambda name: scores[name], reverse=True)
    if not ranked or scores[ranked[0]] < 0.95:
        return None
    if len(ranked) > 1 and scores[ranked[1]] > 0.6:
        return None
    return ranked[0]


def decode(raw: bytes, encoding: str) -> str:
    """`raw` in one of the encodings that `certain_encoding` names, or a Python codec."""
    if encoding == "TCVN3":
        return from_tcvn3(raw.decode("latin-1"))
    if encoding == "VNI":
        return from_vni(raw.decode("cp1252", "replace"))
    if encoding == "Windows-1258":
        return nfc(raw.decode("cp1258", "replace"))
    return raw.decode(encoding)
