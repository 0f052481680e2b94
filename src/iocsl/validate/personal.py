"""Kinds of personal data by their structure, and by what stands before them.

A long number alone is a figure. It is somebody's where its structure says so (a citizen's number, a
mobile phone) or where the heading or the words before it do (an account, a social insurance book).
"""

from __future__ import annotations

from typing import NamedTuple

from iocsl.catalog.schema import IDENTIFIERS, SchemaField
from iocsl.catalog.schema_types import WORDED
from iocsl.domain import Words
from iocsl.patterns import regex
from iocsl.text import fold
from iocsl.validate.readers.base import Cell, shown
from iocsl.validate.rules.identifiers import CITIZEN

KINDS = {
    "cccd": Words("số CCCD, CMND", "a citizen's number"),
    "bhxh": Words("số BHXH", "a social insurance number"),
    "tai_khoan": Words("số tài khoản ngân hàng", "a bank account"),
    "dien_thoai": Words("số điện thoại", "a phone number"),
    "email": Words("địa chỉ thư điện tử", "an e-mail address"),
}

SUSPECT = regex(r"[0-9](?:[ .-]?[0-9]){7}|@")
"""What every text with personal data holds."""
SUSPECT_LETTER = regex("[0-9@]")
_ALONE = r"(?<![0-9A-Za-z])(?<![0-9][.,]){}(?![0-9A-Za-z])"
_CITIZEN = regex(_ALONE.format(r"0[0-9]{2}[ .-]?[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{3}"))
_MOBILE = regex(
    _ALONE.format(
        r"(?:\+84[ .-]?|0)[35789](?:[0-9]{8}|[0-9]{2}[ .-]?[0-9]{3}[ .-]?[0-9]{3}"
        r"|[0-9][ .-][0-9]{3}[ .-][0-9]{4}|[0-9]{2}(?:[ .-][0-9]{2}){3})"
    )
)
_EMAIL = regex(r"[\w.%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_LABELS = {
    "cccd": r"\b(?:cmnd|cmt|cccd|can cuoc|chung minh|(?:so|ma) dinh danh)\b{}"
    r"[0-9]{{9}}(?:[0-9]{{3}})?",
    "bhxh": r"\b(?:so|ma)(?: so| the)? (?:bhxh|bao hiem xa hoi)\b{}[0-9]{{10}}",
    "tai_khoan": r"\b(?:stk|so tk|so tai khoan|tai khoan so|tai khoan ngan hang)\b{}[0-9]{{8,19}}",
    "dien_thoai": r"\b(?:dien thoai|dtdd|sdt|so di dong|(?:dt|tel)(?=\W?\W?\W?(?:\+84|0)))\b{}"
    r"(?:\+84|0)?[1-9][0-9]{{8,9}}",
}
_LABELLED = {
    kind: regex(label.format("[^0-9+]{0,40}") + r"\b(?![.,/][0-9])")
    for kind, label in _LABELS.items()
}
_LABEL = regex("|".join(label.partition("{}")[0] for label in _LABELS.values()))
_JOINED = regex(r"(?<=[0-9])[ .-](?=[0-9])")
_TAX = regex(r"\b(?:ma so thue|mst)\b")
_FORMAT_LABELS = {
    "cccd": "cccd",
    "bhxh": "so bhxh",
    "dien_thoai": "dien thoai",
}


class Column(NamedTuple):
    """How the cells of one column are looked at.

    `label` is the folded heading; `numbers` whether long numbers may be anything but figures.
    """

    label: str = ""
    numbers: bool = True
    declared: bool = False


def column_of(field: SchemaField | None, heading: str) -> Column:
    """The column of a declared `field`, or of a heading that the structure does not know."""
    label = fold(heading)
    if field is None:
        return Column(label, numbers=not _TAX.search(label))
    label = f"{label} {fold(field.title)} {_FORMAT_LABELS.get(field.format or '', '')}"
    listed = field.codes is not None or field.enum is not None
    tax = field.format in IDENTIFIERS and field.format not in KINDS
    numbers = field.type in WORDED and not listed and not tax
    return Column(label, numbers and not _TAX.search(label), field.personal)


def kind_of(cell: Cell, column: Column) -> str | None:
    """What personal data the cell holds, a key of `KINDS`, or None."""
    if isinstance(cell, str):
        if SUSPECT.search(cell) is None:
            return None
        if _EMAIL.search(cell):
            return "email"
        return _number_in(cell, column) if column.numbers else None
    if isinstance(cell, int | float) and column.numbers and _LABEL.search(column.label):
        return _labelled(f"{column.label}: {shown(cell)}")
    return None


def _number_in(cell: str, column: Column) -> str | None:
    if any(CITIZEN.fullmatch(_JOINED.sub("", each)) for each in _CITIZEN.findall(cell)):
        return "cccd"
    if _MOBILE.search(cell):
        return "dien_thoai"
    return _labelled(f"{column.label}: {fold(cell)}")


def _labelled(text: str) -> str | None:
    for said in (text, _JOINED.sub("", text)):
        for kind, pattern in _LABELLED.items():
            if pattern.search(said):
                return kind
    return None
