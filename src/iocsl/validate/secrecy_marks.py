"""A text that is a mark of secrecy and nothing else: MẬT, TỐI MẬT or TUYỆT MẬT."""

from __future__ import annotations

import unicodedata

from iocsl.patterns import regex
from iocsl.validate.many_texts import ManyTexts

LONGEST = 60
_URGENT = "(?:thượng)?khẩn|(?:hỏa|hoả)tốc(?:hẹngiờ)?"
"""The degrees of urgency, stamped beside a mark."""
_MARK = regex(rf"(?:{_URGENT})?(?:(?:mức)?độ(?:bí)?mật)?(tốimật|tuyệtmật|mật)(?:{_URGENT})?")
_VOWEL = regex("[ậẬëËäÄ]")
_PERHAPS = regex(r"(?<![b-ln-zB-LN-Z])[ậẬëËäÄ][\W_]*[tT](?:[\W_kKhHtT]|$)")
"""What every mark holds, in Unicode (compatible forms aside), TCVN3 and VNI."""
_SHOWN = {"mật": "MẬT", "tốimật": "TỐI MẬT", "tuyệtmật": "TUYỆT MẬT"}


def mark_in(text: str) -> str | None:
    """The mark that a text is, typed in Unicode or with a font of old days; None for any other."""
    from iocsl.validate.readers.encodings import from_tcvn3, from_vni

    if text.isascii() or len(text) > LONGEST:
        return None
    letters = "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())
    readings = [letters]
    if "Ë" in letters:
        readings.append(from_tcvn3(letters))
    if "Ä" in letters or "ä" in letters:
        readings.append(from_vni(letters))
    for each in readings:
        if found := _MARK.fullmatch(each.replace("Ð", "Đ").casefold()):
            return _SHOWN[found[1]]
    return None


def perhaps_marks(many: ManyTexts) -> list[int]:
    """Positions of texts, in NFC, that may be marks."""
    found = many.holding(_PERHAPS, _VOWEL)
    if not unicodedata.is_normalized("NFKC", many.whole):
        odd = (
            at for at, text in enumerate(many.texts) if not unicodedata.is_normalized("NFKC", text)
        )
        found.extend(odd)
    return found


def is_mark(text: str) -> bool:
    """Whether `text` is a mark and nothing else."""
    return mark_in(text) is not None
