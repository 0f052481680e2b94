"""Rows under the headings that are no data: totals, names of groups, notes, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from iocsl.patterns import regex
from iocsl.text import fold, squeeze
from iocsl.validate.readers.base import Cell, Row, shown

_NUMBERED = r"(?:(?:[ivx]{1,5}|[a-h]|[0-9]{1,2})\s*[.)/-]\s*)?"
_WHOLE = r"(?:toan|ca) (?:tinh|huyen|xa|phuong|nganh|so)"
_TOTAL = regex(
    _NUMBERED + r"(?:tong(?: cong| so| chung)?|cong(?: don)?|cong (?:nhom|muc|phan|loai|khoi|bieu|"
    rf"trang)\b.{{0,30}})(?: {_WHOLE})?(?: ?\([^()]*\))?\s*:?"
)
_GROUP_TOTAL = regex(
    r"(?:(?:[ivx]{1,5}|[a-h]|[0-9]{1,2})\s*[.)/-]\s*)?(?:"
    r"(?:tổng )?cộng (?:(?:nhóm|mục|phần|loại|khối|khu|khu vực|vùng|cụm|tiểu khu|huyện|thị xã"
    r"|thành phố|xã|phường|ngành|lĩnh vực|chương)\b.{1,40}|\(?(?:[ivx]{1,5}|[a-hđ])\)?)"
    r"|tổng (?:nhóm|khối|khu vực|vùng|cụm)\b.{1,40})\s*:?"
)
"""The total of one group ("Cộng khu vực 1"); with its marks, as "công" is another word."""
_TOTAL_ALONE = regex(_NUMBERED + rf"(?:chung|{_WHOLE})\s*:?")
"""Words that mean a total only where a row holds no other text."""
_TOTAL_KEYS = (
    *("tổng cộng", "tổng số", "tổng chung", "tổng", "cộng", "toàn tỉnh"),
    *("tổng cộng toàn tỉnh", "tổng số toàn tỉnh", "cộng toàn tỉnh"),
)
TOTAL_SPELLINGS = frozenset(
    word + end
    for phrase in _TOTAL_KEYS
    for word in (phrase, phrase.capitalize(), phrase.title(), phrase.upper())
    for end in ("", ":", " :")
)
"""Totals as they stand in a column that a row of data must fill, to be found without a look at
each cell. "Chung", which is a name and a kind of thing too, is not among them."""
_POST = (
    r"(?:pho |quyen )?(?:(?:tong |pho )?giam doc|chu tich|truong (?:phong|ban|khoa)|hieu truong|"
    r"chanh (?:van phong|thanh tra)|(?:chi )?cuc truong|thu truong|vien truong)"
)
_SIGNED_BY = rf"{_POST}(?: (?:don vi|co quan)\b.{{0,20}})?|ke toan truong"
_SIGNATURE = regex(
    r"(?:nguoi|can bo) (?:lap|tong hop|kiem tra|kiem soat|phu trach|ky|duyet|bao cao)\b.{0,30}|"
    rf"{_SIGNED_BY}|lap (?:bieu|bang)|(?:kt|tl|tm|tuq|q)\. ?[a-z].{{1,60}}|"
    r"xac nhan cua .{1,60}|ky,? ?(?:ghi ro )?ho ten.*|\((?:da )?ky.*|"
    r"(?:[a-z .…_]+, ?)?ngay [0-9 .…_]*(?:thang .* nam.*|/ ?[0-9 .…_]+/.*)|noi nhan:?.*"
)
_SIGNED_BY_ALONE = regex(_SIGNED_BY)
_NOTE = regex(
    r"(?:ghi chu|nguon(?: so lieu| du lieu)?|chu thich|luu y|chu y)\s*(?:\([^()]*\)\s*)?[:.].*|"
    r"so lieu (?:tinh|duoc) .*|(?:so tien )?bang chu ?:.*|"
    r"(?:danh sach|bieu|bang|bao cao) (?:nay )?(?:co|gom) .*|"
    r"(?:tong (?:so|cong)|cong) ?: ?[0-9].*|ghi chu|chu thich|\(\*+\).*|"
    r"\*+\s*(?:ghi chu|nguon|chu thich|luu y|chu y)\b.*"
)
_MARK = r"[IVX]{1,5}|[A-HĐ]"
_GROUP_MARK = regex(_MARK)
_GROUP = regex(rf"(?:{_MARK})\s*[.)/:-]\s*\w\D*")


def total_text(row: Row, *, lone: bool = True) -> str | None:
    """The text that makes a row a total ("Tổng cộng"), None where it has none.

    With `lone` so do words that mean one where a row holds no other text ("Chung").
    """
    texts = [squeeze(cell) for cell in row if isinstance(cell, str) and cell]
    found = next(filter(is_total, texts), None)
    if found is None and lone:
        words = [text for text in texts if any(char.isalpha() for char in text)]
        if len(words) == 1 and len(words[0]) < 60 and _TOTAL_ALONE.fullmatch(fold(words[0])):
            found = words[0]
    return found


@lru_cache(maxsize=4096)  # names and codes are few, and asked for again in every row
def is_total(cell: Cell) -> bool:
    if not isinstance(cell, str) or not 0 < len(cell) < 60:
        return False
    return _TOTAL.fullmatch(fold(cell)) is not None or is_group_total(cell)


def is_group_total(text: str) -> bool:
    """Whether a text is the total of a group that it calls one."""
    return _GROUP_TOTAL.fullmatch(squeeze(text).casefold()) is not None


def is_signature(row: Row) -> bool:
    """Whether a row belongs to the notes and signatures under a form."""
    return is_note(row) or (any(map(signs, row)) and not any(map(is_figure, row)))


def is_figure(cell: Cell) -> bool:
    """Whether a cell holds a number, a date or digits: under a form there are words."""
    if not isinstance(cell, str):
        return True
    return any(char.isdigit() for char in cell) and not any(char.isalpha() for char in cell)


def signs(cell: Cell) -> bool:
    """Whether a cell holds words that stand under forms: who signs, where and when, for whom."""
    return isinstance(cell, str) and cell != "" and _SIGNATURE.fullmatch(fold(cell)) is not None


def is_post(cell: Cell) -> bool:
    """Whether those words are a post ("Giám đốc"), which a row of data may hold too."""
    return isinstance(cell, str) and _SIGNED_BY_ALONE.fullmatch(fold(cell)) is not None


def is_note(row: Row) -> bool:
    """Whether a row holds a remark on the table ("Ghi chú: …", "Nguồn: …") and nothing else."""
    filled = filled_cells(row)
    text = filled[0] if len(filled) == 1 else None
    return isinstance(text, str) and _NOTE.fullmatch(fold(text)) is not None


def filled_cells(row: Row) -> list[Cell]:
    return [cell for cell in row if cell != "" and (not isinstance(cell, str) or cell.strip())]


def group_text(row: Row, *, outside: bool = False) -> str | None:
    """The name of a group of rows ("I. Lương thực"), where a row holds nothing but that.

    It is numbered by a Roman number or a letter, before the name or in the cell on its left. A
    plain number, or none, does not tell it from a row of data that lost its cells, unless it stands
    `outside` of all columns of the form.
    """
    filled = filled_cells(row)
    texts = [squeeze(cell) for cell in filled[:3] if isinstance(cell, str)]
    if len(texts) != len(filled):
        return None
    if len(texts) == 1 and (outside or _GROUP.fullmatch(texts[0])):
        return texts[0]
    if len(texts) == 2 and _GROUP_MARK.fullmatch(texts[0]) and _is_name(texts[1]):
        return " ".join(texts)
    return None


def group_total_text(row: Row) -> str | None:
    """The name of a group with figures beside it ("I", "Dự án chuyển tiếp", 60): sums of the rows.

    None where a cell holds anything else.
    """
    filled = filled_cells(row)
    mark = filled[0] if len(filled) > 2 else None
    if not isinstance(mark, str) or not _GROUP_MARK.fullmatch(mark.strip()):
        return None
    words = [squeeze(cell) for cell in filled[1:] if isinstance(cell, str) and not is_figure(cell)]
    if len(words) == 1 and _is_name(words[0]):
        return f"{mark.strip()} {words[0]}"
    return None


def _is_name(text: str) -> bool:
    return " " in text and not any(char.isdigit() for char in text)


def is_blank(row: Row) -> bool:
    return not any(cell != "" and (not isinstance(cell, str) or cell.strip()) for cell in row)


def end_of_table(rows: Sequence[Row], required: Sequence[int]) -> int:
    """How many of the last rows belong to the table: another table may follow below a blank row.

    `required` are the indices of the columns a data row must fill. What stands below the last row
    that fills half of them, and is no total, is none of the table's from the next blank row on.
    """
    end = len(rows)
    for at in range(len(rows) - 1, -1, -1):
        row = rows[at]
        if is_blank(row):
            end = at
        elif _belongs(row, required):
            return end
    return len(rows)


def _belongs(row: Row, required: Sequence[int]) -> bool:
    filled = sum(1 for at in required if at < len(row) and shown(row[at]).strip())
    if len(required) < 3 or 2 * filled >= len(required):
        return True
    return total_text(row) is not None or group_total_text(row) is not None


def has_figures(rows: Sequence[Row]) -> bool:
    """Whether any cell of some rows is a figure or a date."""
    return any(is_figure(cell) for row in rows for cell in filled_cells(row))
