"""Keys of Table Schema that few schemas have. Loaded where one has them.

What is not checked is refused with its place: a key passed over would make a wrong file valid.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from iocsl.catalog import schema_values as values
from iocsl.catalog.schema_types import Bound, SchemaField, TableRule
from iocsl.domain import Words
from iocsl.patterns import regex
from iocsl.text import squeeze

if TYPE_CHECKING:
    from iocsl.catalog.schema_fields import FieldParser

ITEMS = ("string", "integer", "boolean", "number", "datetime", "date", "time")
"""Types that the items of a list may have."""
_ORDERED = ("date", "yearmonth", "time", "datetime", "duration")
"""Types besides those of numbers whose values come before and after one another."""
_PLAIN_NUMBER = regex(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_YEAR = regex(r"[0-9]{4}")
_YEAR_MONTH = regex(r"[0-9]{4}-(0[1-9]|1[0-2])")
_DAY_FIRST = regex(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_CATEGORY = frozenset(["value", "label"])
_KEY = frozenset(["fields", "reference"])


def pattern_of(parser: FieldParser, value: str, kind: str, place: str) -> str:
    """A pattern of strptime that is read, without the `fmt:` of old schemas."""
    pattern = squeeze(value.removeprefix("fmt:"))
    try:
        values.shape_of(pattern, kind)
    except ValueError as error:
        (why,) = error.args
        vi, en = (why.vi, why.en) if isinstance(why, Words) else (str(why), str(why))
        raise parser.fail(place, f"mẫu “{value}”: {vi}", f"pattern “{value}”: {en}") from None
    return pattern


def with_items(
    parser: FieldParser, field: SchemaField, given: Mapping[str, Any], place: str
) -> SchemaField:
    """A column of lists with its delimiter and the type of its items."""
    if field.type != "list":
        return field
    delimiter = given.get("delimiter", ",")
    if not isinstance(delimiter, str) or not delimiter.strip():
        said = "phải là dấu ngăn cách, không phải dấu cách", "must be a mark, and no space"
        raise parser.fail(f"{place}.delimiter", *said)
    kind = given.get("itemType", "string")
    if kind not in ITEMS:
        listed = ", ".join(ITEMS)
        said = f"phải là một trong {listed}", f"must be one of {listed}"
        raise parser.fail(f"{place}.itemType", *said)
    return field._replace(delimiter=delimiter, item=field._replace(type=kind, missing=None))


def with_categories(
    parser: FieldParser,
    field: SchemaField,
    given: Mapping[str, Any],
    about: dict[str, Any],
    place: str,
) -> dict[str, Any]:
    """The constraints with the `categories` of a column as its closed list."""
    listed, at = given.get("categories"), f"{place}.categories"
    if listed is None:
        return about
    if field.type not in {"string", "integer"}:
        said = "chỉ dùng cho kiểu string, integer", "applies to types string and integer alone"
        raise parser.fail(at, *said)
    if not isinstance(listed, list) or not listed:
        raise parser.fail(at, "phải là một danh sách", "must be a list")
    known = [
        parser.mapping(each, f"{at}[{n}]", _CATEGORY).get("value")
        if isinstance(each, dict)
        else each
        for n, each in enumerate(listed)
    ]
    if None in known:
        raise parser.fail(at, "có mục thiếu value", "an entry has no value")
    closed = about.get("enum")
    if isinstance(closed, list) and (beyond := set(map(str, closed)) - set(map(str, known))):
        said = f"“{min(beyond)}” không có trong categories", f"“{min(beyond)}” is not in categories"
        raise parser.fail(f"{place}.constraints.enum", *said)
    return {"enum": known, **about}


def bound_of(parser: FieldParser, given: Any, field: SchemaField, place: str) -> Bound:
    """A bound in the form in which values of that column are compared."""
    if field.type in {"number", "integer", "year"}:
        return float(_number(parser, given, field, place))
    if field.type not in _ORDERED:
        said = f"không dùng cho kiểu {field.type}", f"does not apply to type {field.type}"
        raise parser.fail(place, *said)
    value = _value(parser, given, field, place)
    return value if isinstance(value, values.Duration) else str(value)


def tightest(read: dict[str, Any]) -> dict[str, Any]:
    """Of a bound and one that is itself left out that which allows less: a fault is told once."""
    low, above, high, below = (read.get(name) for name in ("minimum", "above", "maximum", "below"))
    made = dict(read)
    if low is not None and above is not None:
        made["above" if above < low else "minimum"] = None
    if high is not None and below is not None:
        made["below" if high < below else "maximum"] = None
    return made


def choices(
    parser: FieldParser, given: Sequence[Any], field: SchemaField, place: str
) -> tuple[str, ...]:
    """The values of `enum` as values of the column are shown."""
    if field.type == "list":
        said = "không dùng cho kiểu list", "does not apply to type list"
        raise parser.fail(place, *said)
    return tuple(str(_value(parser, each, field, f"{place}[{n}]")) for n, each in enumerate(given))


def _value(parser: FieldParser, given: Any, field: SchemaField, place: str) -> object:
    """What a schema names, as values of that column are shown; texts are read as cells are."""
    kind = field.type
    if kind in {"number", "integer"}:
        return _number(parser, given, field, place)
    if kind == "boolean":
        return _truth(parser, given, field, place)
    if kind in {"object", "array", "geojson", "geopoint"} and not isinstance(given, str):
        given = json.dumps(given, ensure_ascii=False)
    if kind == "time" and isinstance(given, int):
        given = f"{given // 3600:02}:{given // 60 % 60:02}:{given % 60:02}"  # YAML's 17:00:00
    text = squeeze(str(given))
    found = (read(text) for read in _readings(field))
    value = next((each for each in found if each is not None), None)
    if value is None:
        named = _named(field)
        raise parser.fail(
            place, f"“{given}” không phải là {named.vi}", f"“{given}” is not {named.en}"
        )
    return value


def _readings(field: SchemaField) -> list[Callable[[str], object]]:
    """How a text that a schema names may be read: as cells are, and in the plain form."""
    kind = field.type
    if kind in {"year", "yearmonth"}:
        shape = _YEAR if kind == "year" else _YEAR_MONTH
        return [lambda text: text if shape.fullmatch(text) else None]
    forms = [values.reading_of(field)]
    if kind in {"date", "time", "datetime"}:
        forms.append(values.reading_of(field._replace(format=None)) or _day)
    return [each for each in forms if each is not None]


def _day(text: str) -> date | None:
    if found := _DAY_FIRST.fullmatch(text):
        text = f"{found[3]}-{found[2]}-{found[1]}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _named(field: SchemaField) -> Words:
    if field.type in {"year", "yearmonth"}:
        wanted = "2026" if field.type == "year" else "2026-10"
        return Words(f"dạng {wanted}", f"like {wanted}")
    if field.type == "date":
        return Words("ngày yyyy-mm-dd", "a date yyyy-mm-dd")
    return values.wanted(field)[0]


def _number(parser: FieldParser, given: Any, field: SchemaField, place: str) -> int | float:
    """A number, or a text of one with the marks of its column."""
    if isinstance(given, str):
        bare = given.replace(field.group, "") if field.group else given
        bare = bare.replace(field.decimal, ".") if field.decimal else bare
        given = float(bare) if _PLAIN_NUMBER.fullmatch(bare) else given
    if not values.is_number(given):
        raise parser.fail(place, f"“{given}” không phải là số", f"“{given}” must be a number")
    return int(given) if float(given).is_integer() else float(given)


def _truth(parser: FieldParser, given: Any, field: SchemaField, place: str) -> str:
    """As `shown` has it of a value."""
    known = {**dict.fromkeys(field.true_values, True), **dict.fromkeys(field.false_values, False)}
    value = given if isinstance(given, bool) else known.get(str(given))
    if value is None:
        said = f"“{given}” không phải là có hay không", f"“{given}” is neither true nor false"
        raise parser.fail(place, *said)
    return "TRUE" if value else "FALSE"


def awaited_text(parser: FieldParser, given: Any, field: SchemaField, place: str) -> str:
    """A value that `required_if` waits for, as a text that cells of that column may have."""
    if field.type == "list":
        return parser.text(given, place)
    value = _value(parser, given, field, place)
    if isinstance(value, date) and field.format:
        return value.strftime(field.format)
    return str(value)


def unique_keys(
    parser: FieldParser, given: Any, by_name: Mapping[str, SchemaField]
) -> tuple[TableRule, ...]:
    """`uniqueKeys` as rules: columns that are together unique."""
    if not isinstance(given, list) or not given:
        raise parser.fail("uniqueKeys", "phải là một danh sách", "must be a list")
    return tuple(
        TableRule(code, parser.columns(each, code, by_name), "unique")
        for n, each in enumerate(given)
        for code in [f"uniqueKeys[{n}]"]
    )
