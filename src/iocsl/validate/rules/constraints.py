"""V: what the constraints of a schema allow: lists, bounds, patterns, lengths, code lists."""

from __future__ import annotations

from datetime import date

from iocsl.catalog.schema import IDENTIFIERS, SchemaField
from iocsl.catalog.schema_types import COLLECTIONS, RARE, Collection
from iocsl.domain import Severity, Words
from iocsl.patterns import regex
from iocsl.text import fold, nearest
from iocsl.validate.context import Context
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Broken, Cell, shown
from iocsl.validate.registry import Fault, On, cell_rule, own
from iocsl.validate.rules.identifiers import why_not
from iocsl.validate.rules.values import FORMAT, SINCE


@cell_rule(
    "V407",
    "not-in-list",
    Severity.ERROR,
    where=lambda field: field.enum is not None,
    quick=lambda many, context: many.outside(context.field.enum or ()),
    vi="“{value}” không có trong các giá trị được dùng: {allowed}.",
    en="“{value}” is not among the values in use: {allowed}.",
    hint=("Chọn một giá trị trong danh sách.", "Choose one from the list."),
    basis=FORMAT,
    since=SINCE,
)
def not_in_list(value: object, context: Context) -> Fault | None:
    """The schema closes the list of values of a column.

    Why: a spelling of one's own cannot be counted together with the others.
    Fix: choose from the list.
    """
    allowed = context.field.enum or ()
    if shown(value) in allowed:
        return None
    return Fault(value=shown(value), allowed=context.field.values_in_use)


@cell_rule(
    "V408",
    "below-minimum",
    Severity.ERROR,
    where=lambda field: field.minimum is not None,
    vi="{value} nhỏ hơn mức thấp nhất {minimum}.",
    en="{value} is below the minimum {minimum}.",
    hint=("Kiểm tra lại số liệu và đơn vị tính.", "Check the figure and its unit of measure."),
    basis=FORMAT,
    since=SINCE,
)
def below_minimum(value: object, context: Context) -> Fault | None:
    """A value under the least that the schema allows.

    Why: such a value is impossible, or stands in another unit of measure.
    Fix: correct the figure.
    """
    minimum = context.field.minimum
    if minimum is None or not _less(value, minimum):
        return None
    return Fault(value=_said(value), minimum=own(_bound(minimum, context.field)))


@cell_rule(
    "V409",
    "above-maximum",
    Severity.ERROR,
    where=lambda field: field.maximum is not None,
    vi="{value} lớn hơn mức cao nhất {maximum}.",
    en="{value} is above the maximum {maximum}.",
    hint=("Kiểm tra lại số liệu và đơn vị tính.", "Check the figure and its unit of measure."),
    basis=FORMAT,
    since=SINCE,
)
def above_maximum(value: object, context: Context) -> Fault | None:
    """A value over the most that the schema allows.

    Why: such a value is impossible, or stands in another unit of measure.
    Fix: correct the figure.
    """
    maximum = context.field.maximum
    if maximum is None or not _less(maximum, value):
        return None
    return Fault(value=_said(value), maximum=own(_bound(maximum, context.field)))


def _less(one: object, other: object) -> bool:
    """Order of numbers, of durations, or of dates and months by their ISO text."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return not other <= one  # a month and thirty days: neither is surely the longer
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one < other
    if isinstance(one, str) and one.isdigit() and isinstance(other, int | float):
        return int(one) < other
    if isinstance(other, str) and other.isdigit() and isinstance(one, int | float):
        return one < int(other)
    return shown(one) < shown(other)


def _bound(bound: object, field: SchemaField) -> str:
    """A bound of the schema as it is told; a year has no mark of thousands."""
    return shown(bound) if field.type == "year" else _said(bound)


def _said(value: object) -> str:
    from iocsl.validate.cells import read_date

    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, str) and (day := read_date(value)):
        return day.strftime("%d/%m/%Y")
    return plain(value) if isinstance(value, int | float) else shown(value)


@cell_rule(
    "V410",
    "wrong-pattern",
    Severity.ERROR,
    where=lambda field: field.pattern is not None,
    quick=lambda many, context: many.unlike(context.field.pattern) if context.field.pattern else (),
    vi="“{value}” không đúng dạng quy định ({pattern}).",
    en="“{value}” does not have the form laid down ({pattern}).",
    hint=("Viết theo dạng trong mẫu.", "Write it in the form of the template."),
    basis=FORMAT,
    since=SINCE,
)
def wrong_pattern(value: object, context: Context) -> Fault | None:
    """A text that does not fit the pattern of its column, where its `format` has not said why.

    Why: numbers of papers, codes and phones have a fixed shape; another shape is a slip.
    Fix: write it in that shape.
    """
    pattern = context.field.pattern
    text = shown(value)
    if pattern is None or pattern.fullmatch(text):
        return None
    kind = context.field.format
    if kind in IDENTIFIERS and why_not(kind or "", text):
        return None  # V418 says what is wrong with it
    return Fault(value=text, pattern=own(pattern.pattern))


_CHARACTERS = Words("ký tự", "characters")
_ITEMS = Words("phần tử", "items")


@cell_rule(
    "V411",
    "wrong-length",
    Severity.ERROR,
    where=lambda field: field.min_length is not None or field.max_length is not None,
    vi="“{value}” có {length} {of}, quy định là {allowed}.",
    en="“{value}” has {length} {of}, laid down are {allowed}.",
    hint=("Kiểm tra xem thừa hay thiếu ký tự.", "See whether a character is missing or too many."),
    basis=FORMAT,
    since=SINCE,
)
def wrong_length(value: object, context: Context) -> Fault | None:
    """A text shorter or longer than its column allows, or a list with fewer or more items.

    Why: a lost or doubled character makes another code of it.
    Fix: compare it with the paper it was taken from.
    """
    text, field = shown(value), context.field
    low, high = field.min_length or 0, field.max_length
    length = value.size if isinstance(value, Collection) else len(text)
    if length >= low and (high is None or length <= high):
        return None
    allowed = f"{low}–{high}" if high is not None else f"≥ {low}"
    of = _ITEMS if field.type in COLLECTIONS else _CHARACTERS
    return Fault(value=text, length=length, of=of, allowed=own(allowed))


@cell_rule(
    "V414",
    "not-in-code-list",
    Severity.ERROR,
    where=lambda field: field.codes is not None,
    quick=lambda many, context: many.outside(context.field.codes or ()),
    vi="Mã “{value}” không có trong danh mục của cột “{title}”{near}.",
    en="The code “{value}” is not in the code list of column “{title}”{near}.",
    hint=("Chép mã từ danh mục.", "Copy the code from the list."),
    basis=FORMAT,
    since=SINCE,
)
def not_in_code_list(value: object, context: Context) -> Fault | None:
    """The column takes the codes of a list and no others.

    Why: an unknown code joins nothing and is counted nowhere.
    Fix: copy the code from the list, or have the list extended.
    """
    text, codes = shown(value), context.field.codes or {}
    if text in codes:
        return None
    near = None if context.field.personal else nearest(text, codes)
    said = own(f" ({near}?)" if near else "")
    return Fault(value=text, title=context.field.title, near=said)


@cell_rule(
    "V423",
    "wrong-form-for-type",
    Severity.ERROR,
    where=lambda field: field.type in RARE or (field.type == "date" and field.format is not None),
    on=On.UNREAD,
    vi="“{value}” không phải là {kind}; viết như {example}.",
    en="“{value}” is not {kind}; write it like {example}.",
    hint=(
        "Viết đúng dạng như ví dụ; trong bảng tính, định dạng ô là Ngày, Giờ hoặc Văn bản (Text).",
        "Write it like the example; in a workbook format the cell as Date, Time or Text.",
    ),
    basis=FORMAT,
    since="0.2.0",
)
def wrong_form_for_type(cell: Cell, context: Context) -> Fault | None:
    """A cell in a column of times, durations, JSON values, lists or places that is none, or a date
    not written by the pattern of its column.

    Why: what has one form for people has several for programs, and nothing is guessed. A place is
    longitude first: 103.91, 21.33 lies in Sơn La, 21.33, 103.91 nowhere.
    Fix: write it in the form of the example, which is that of the schema.
    """
    if isinstance(cell, Broken):
        return None
    from iocsl.catalog.schema_values import wanted

    kind, example = wanted(context.field)
    return Fault(value=shown(cell), kind=kind, example=own(example))


@cell_rule(
    "V424",
    "at-excluded-bound",
    Severity.ERROR,
    where=lambda field: field.above is not None or field.below is not None,
    vi="{value} phải {bound}.",
    en="{value} must be {bound}.",
    hint=("Kiểm tra lại số liệu và đơn vị tính.", "Check the figure and its unit of measure."),
    basis=FORMAT,
    since="0.2.0",
)
def at_excluded_bound(value: object, context: Context) -> Fault | None:
    """A value at or beyond a bound that the schema leaves out (`exclusiveMinimum`,
    `exclusiveMaximum`).

    Why: such a value is impossible, or stands in another unit of measure.
    Fix: correct the figure.
    """
    above, below = context.field.above, context.field.below
    if above is not None and not _more(value, above):
        said = _bound(above, context.field)
        return Fault(value=_said(value), bound=Words(f"lớn hơn {said}", f"more than {said}"))
    if below is not None and not _more(below, value):
        said = _bound(below, context.field)
        return Fault(value=_said(value), bound=Words(f"nhỏ hơn {said}", f"less than {said}"))
    return None


def _more(one: object, other: object) -> bool:
    """Whether `one` surely comes after the other."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return other < one
    return _less(other, one)


_SHARE = regex(r"\b(?:t[yi] (?:le|trong)|co cau)\b")
_BEYOND = regex(r"\b(?:tang|giam|so voi|hoan thanh|thuc hien|dat|toc do|ke hoach)\b")
"""Percentages that may well be negative or above a hundred."""


def names_share(name: str) -> bool:
    """Whether a name is that of a share of a whole ("tỷ lệ hộ nghèo"), which ends at a hundred."""
    folded = fold(name)
    return _SHARE.search(folded) is not None and _BEYOND.search(folded) is None


def _is_share(field: SchemaField) -> bool:
    """Whether a column holds shares of a whole, by its unit and title."""
    in_percent = "%" in (field.unit_of_measure or field.title)
    return field.type in {"number", "integer"} and in_percent and names_share(field.title)


@cell_rule(
    "V421",
    "share-out-of-range",
    Severity.WARNING,
    where=_is_share,
    vi="“{title}” là {value} %; một tỷ lệ của toàn bộ nằm trong khoảng 0–100.",
    en="“{title}” is {value} %; a share of a whole lies between 0 and 100.",
    hint=(
        "Kiểm tra số liệu và dấu thập phân.",
        "Check the figure and its decimal mark.",
    ),
    basis=FORMAT,
    since="0.2.0",
)
def share_out_of_range(value: object, context: Context) -> Fault | None:
    """A column of shares in per cent ("tỷ lệ", "tỷ trọng", "cơ cấu") holds none above a hundred.

    Why: 852 is mostly 85,2 without its comma. Columns that tell of growth, of plans or of
    comparisons with another time are not asked.
    Fix: correct the figure; if it is right, answer why.
    """
    if not isinstance(value, int | float) or 0 <= value <= 100:
        return None
    return Fault(title=context.field.title, value=plain(value))
