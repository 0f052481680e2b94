"""A text that bears a mark of secrecy: MẬT, TỐI MẬT or TUYỆT MẬT.

The mark counts where it stands for itself, as on paper: alone in any case, spacing and font; else
in capitals, at an end of a title or in brackets. "MẬT ĐỘ DÂN SỐ", "Mật ong" and "Bảo mật" are
ordinary words.
"""

from __future__ import annotations

import re
import unicodedata

from iocsl.patterns import regex
from iocsl.text import squeeze
from iocsl.validate.many_texts import ManyTexts

LONGEST = 60
"""Characters of a text that is a mark and nothing else."""
LONGEST_TITLE = 250
_URGENT = "(?:thượng)?khẩn|(?:hỏa|hoả)tốc(?:hẹngiờ)?"
"""The degrees of urgency, stamped beside a mark."""
_LEVEL = "tốimật|tuyệtmật|mật"
_DEGREE = "(?:mức)?độ(?:(?:bí)?mật|(?=tối|tuyệt))"
_MARK = regex(rf"(?:{_URGENT})?(?:{_DEGREE})?({_LEVEL})(?:{_URGENT})?")
_VOWEL = regex("[ậẬëËäÄ]")
_PERHAPS = regex(r"(?<![b-ln-zB-LN-Z])[ậẬëËäÄ][\W_]*[tT](?:[\W_kKhHtT]|$)")
"""What every mark holds, in Unicode (compatible forms aside), TCVN3 and VNI."""
_SHOWN = {"mật": "MẬT", "tốimật": "TỐI MẬT", "tuyệtmật": "TUYỆT MẬT"}

_STATE_SECRET = regex(
    r"(?:tài liệu |văn bản )?(?:thuộc )?(?:phạm vi |danh mục )?bí mật nhà nước,? ?"
    r"(?:thuộc )?(?:loại |(?:mức )?độ )?(tối mật|tuyệt mật|mật)"
)
"""What a mark is called in words: "Bí mật nhà nước độ Tối mật"."""
_MARKED_PAPER = regex(
    r"(?:BÁO CÁO|BIỂU|BẢNG|BIỂU SỐ LIỆU|DỮ LIỆU|HỒ SƠ|SỐ LIỆU|TÀI LIỆU|THÔNG TIN|VĂN BẢN) "
    r"(?:ĐỘ )?(TỐI MẬT|TUYỆT MẬT|MẬT)"
)
_BRACKETED = regex(r"[(\[{]([^()\[\]{}]{3,40})[)\]}]")
_APART = regex(r"\s[-–—|]\s|[.;]\s|\s*\n\s*")
_DASHES = regex(r"[\s:.,;|–—-]+")
_COUNTED = regex(
    r"(?:tổng )?số (?!liệu\b)|tỷ lệ |tỉ lệ |(?:văn bản|công văn|tài liệu|hồ sơ) (?:đến|đi)\b"
)
"""How the name of a figure begins: so many documents of that level."""
_SWEET = regex(
    r"\b(?:ong|mía|đường|thốt nốt|dừa|hoa|phấn|sáp|rỉ|gan|túi|sỏi|gấu|bò|lợn|chè|trái cây)\b"
)
"""Words beside which "mật" is honey, molasses or gall."""
_HIGHER = regex(r"\b(tối|tuyệt) mật\b")
_PARTS = regex(r"[()\[\]{}_,;:|/\\.–—-]+")
_BEFORE = frozenset({"bí", "bảo", "gan", "rỉ", "sỏi", "túi"})
_AFTER = frozenset({"độ", "khẩu", "mã", "mía", "ong", "thiết"})
_SECTION = regex(r"&[LCR]")
_ESCAPED = regex(r"_x([0-9A-Fa-f]{4})_")
"""How Office writes a line break in such a text: `_x000a_`."""
_CODE = regex(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K[0-9]{2}[+-][0-9]{3}|[0-9]+|[A-Z&])')


def mark_in(text: str) -> str | None:
    """The mark that a text is or bears; None for any other.

    One that is nothing else may be typed in Unicode or with a font of old days.
    """
    if text.isascii() or len(text) > LONGEST_TITLE:
        return None
    plain = unicodedata.normalize("NFKC", text).replace("Ð", "Đ")
    return _alone(plain) or _borne(plain)


def _alone(plain: str) -> str | None:
    from iocsl.validate.readers.encodings import from_tcvn3, from_vni

    if len(plain) > LONGEST:
        return None
    letters = "".join(char for char in plain if char.isalnum())
    readings = [letters]
    if "Ë" in letters:
        readings.append(from_tcvn3(letters))
    if "Ä" in letters or "ä" in letters:
        readings.append(from_vni(letters))
    for each in readings:
        if found := _MARK.fullmatch(each.replace("Ð", "Đ").casefold()):
            return _SHOWN[found[1]]
    return None


def _borne(plain: str) -> str | None:
    """The mark that a longer text bears, as "BÁO CÁO GIÁ (MẬT)" and "TỐI MẬT - Báo cáo" do."""
    said = squeeze(plain)
    low = said.casefold()
    if "ật" not in low:
        return None
    words = _DASHES.sub(" ", low).strip()
    if found := _STATE_SECRET.fullmatch(words):
        return _SHOWN[found[1].replace(" ", "")]
    if found := _MARKED_PAPER.fullmatch(said.strip(" .!*")):
        return _SHOWN[found[1].replace(" ", "").casefold()]
    if _COUNTED.match(low):
        return None
    stamped = [found[1] for found in _BRACKETED.finditer(said) if found[1].lstrip()[:1].isupper()]
    parts = [part.strip() for part in _APART.split(plain)]
    if len(parts) > 1:
        stamped += [part for part in (parts[0], parts[-1]) if part.isupper()]
    marks = {mark for each in stamped if (mark := _alone(each))}
    if len(marks) != 1 or ("MẬT" in marks and _SWEET.search(low)):
        return None  # of several levels, the text speaks of them all
    return marks.pop()


def perhaps_marks(many: ManyTexts) -> list[int]:
    """Positions of texts, in NFC, that may bear marks."""
    found = many.holding(_PERHAPS, _VOWEL)
    if not unicodedata.is_normalized("NFKC", many.whole):
        odd = (
            at for at, text in enumerate(many.texts) if not unicodedata.is_normalized("NFKC", text)
        )
        found.extend(odd)
    return found


def is_mark(text: str) -> bool:
    """Whether `text` is or bears a mark."""
    return mark_in(text) is not None


def mark_in_name(name: str) -> str | None:
    """The mark that a name or a property has as one of its parts: `MẬT_so-lieu.xlsx`.

    Parts stand between punctuation; where that punctuation only joins the words of a term
    (`mật_độ_dân_số`) it is none. The two higher marks count anywhere.
    """
    words = unicodedata.normalize("NFKC", name).casefold()
    if _COUNTED.match(words):
        return None
    if found := _HIGHER.search(" ".join(re.split(r"[\W_]+", words))):
        return _SHOWN[f"{found[1]}mật"]
    parts = [part.strip() for part in _PARTS.split(words) if part.strip()]
    for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
        joined = (before.split() or [""])[-1] in _BEFORE or (after.split() or [""])[0] in _AFTER
        mark = None if joined else mark_in(part)
        if mark and not (mark == "MẬT" and _SWEET.search(words)):
            return mark
    return None


def mark_in_header(text: str) -> str | None:
    """`&C&"Times,Bold"&14MẬT` → the mark that a section of a page header is."""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    lines = (line for part in _SECTION.split(plain) for line in _CODE.sub("", part).splitlines())
    return next((mark for line in lines if (mark := mark_in(line))), None)
