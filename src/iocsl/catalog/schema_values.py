"""Values of the rarer types of Table Schema, from their texts: times, durations, JSON, places.

Loaded only where a schema has such a column. Each function gives the value in the one form in which
values are compared, or None for a text that is none. Nothing is guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from typing import Any, NamedTuple

from iocsl.catalog.schema_types import Collection, SchemaField
from iocsl.domain import Words

HERE = timezone(timedelta(hours=7))
"""Where a date and time without an offset is: Viet Nam has one time."""

_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,6})[0-9]*)?"
_TIME = re.compile(_CLOCK)
_DATETIME = re.compile(
    r"(?:([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]|([0-9]{2})/([0-9]{2})/([0-9]{4}) )"
    rf"(?:{_CLOCK}|(24:00:00(?:\.0+)?))(Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
)
_DURATION = re.compile(
    r"(-)?P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?"
)
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]+)?")
_MOST_DIGITS = 12
"""Digits of a part of a duration that can be reckoned with."""


def read_time(text: str) -> str | None:
    """`hh:mm:ss`, with parts of a second or without."""
    found = _TIME.fullmatch(text)
    return _clock(*found.groups()).isoformat() if found else None


def _clock(hour: str, minute: str, second: str, part: str | None) -> time:
    return time(int(hour), int(minute), int(second), int((part or "0").ljust(6, "0")))


def read_datetime(text: str) -> str | None:
    """A day in either of the two forms of a date, and a time; with an offset or of Viet Nam."""
    found = _DATETIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, day_first, its_month, its_year, *clock, end, offset = found.groups()
    try:
        on = date(int(year or its_year), int(month or its_month), int(day or day_first))
        at = datetime.combine(on, time() if end else _clock(*clock))
        return moment((at + timedelta(days=1) if end else at).replace(tzinfo=_zone(offset)))
    except (ValueError, OverflowError):
        return None


def _zone(offset: str | None) -> timezone | None:
    if offset is None or offset == "Z":
        return UTC if offset else None
    hours, minutes = offset[1:].split(":")
    size = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-size if offset[0] == "-" else size)


def moment(at: datetime) -> str:
    """A date and time as it is compared: by the clocks of Viet Nam."""
    return (at.astimezone(HERE).replace(tzinfo=None) if at.tzinfo else at).isoformat()


_DIRECTIVES = {
    **dict.fromkeys("dmyHIMS", "[0-9]{2}"),
    "Y": "[0-9]{4}",
    "j": "[0-9]{3}",
    "f": "[0-9]{1,6}",
    "p": "[AP]M",
    "z": "(?:Z|[+-][0-9]{2}:?[0-9]{2})",
    "b": "[A-Z][a-z]{2}",
    "B": "[A-Z][a-z]+",
    "%": "%",
}
_DIRECTIVE = re.compile("%(.?)", re.DOTALL)


@cache
def shape_of(pattern: str, kind: str) -> re.Pattern[str]:
    """All texts that may have been written by a pattern of strptime, figures with their zeros.

    ValueError with what is wrong (`Words`) for one that is not read, or that says too little.
    """
    used = set(_DIRECTIVE.findall(pattern))
    if unknown := sorted(used - _DIRECTIVES.keys()):
        listed = " ".join(f"%{each}" for each in unknown)
        raise ValueError(Words(f"không đọc được {listed}", f"{listed} is not read"))
    year, hour = used & {"Y", "y"}, "H" in used or {"I", "p"} <= used
    day = year and ("j" in used or ("d" in used and used & {"m", "b", "B"}))
    if (kind != "time" and not day) or (kind != "date" and not hour):
        needed = {"date": "%d/%m/%Y", "time": "%H:%M"}.get(kind, "%d/%m/%Y %H:%M")
        raise ValueError(Words(f"phải nói đủ như {needed}", f"must say as much as {needed} does"))
    parts = re.split("(%.)", pattern)
    told = (_DIRECTIVES[each[1]] if at % 2 else re.escape(each) for at, each in enumerate(parts))
    return re.compile("".join(told))


def by_pattern(text: str, pattern: str, kind: str) -> date | str | None:
    """A date, or a time or both as these are compared, written by a pattern of strptime."""
    if not shape_of(pattern, kind).fullmatch(text):
        return None
    try:
        read = datetime.strptime(text, pattern)  # noqa: DTZ007 - an offset is in the pattern or not
        if kind == "date":
            return read.date()
        return read.time().isoformat() if kind == "time" else moment(read)
    except (ValueError, OverflowError):
        return None


class Duration(NamedTuple):
    """An interval of XML Schema. Of two, one is the less only where it is in every month."""

    months: int
    seconds: float
    text: str

    def __str__(self) -> str:
        return self.text

    def _ends(self) -> list[float]:
        """Where it ends if it begins in each of the four months that XML Schema compares by."""
        ends = []
        for year, month in ((1696, 9), (1697, 2), (1903, 3), (1903, 7)):
            years, month0 = divmod(year * 12 + month - 1 + self.months, 12)
            ends.append(_days_before(years, month0) * 86_400.0 + self.seconds)
        return ends

    def __lt__(self, other: tuple[Any, ...]) -> bool:
        ends = zip(self._ends(), Duration(*other)._ends(), strict=True)
        return all(one < another for one, another in ends)

    def __le__(self, other: tuple[Any, ...]) -> bool:
        ends = zip(self._ends(), Duration(*other)._ends(), strict=True)
        return all(one <= another for one, another in ends)


def _days_before(year: int, month: int) -> int:
    """Days from the start of a cycle of the calendar to that month (0 to 11); any year at all."""
    cycles, within = divmod(year, 400)
    return cycles * 146_097 + date(within + 400, month + 1, 1).toordinal()


def read_duration(text: str) -> Duration | None:
    """`PnYnMnDTnHnMnS` of XML Schema: any part may be left out, only seconds have decimals."""
    found = _DURATION.fullmatch(text)
    if found is None or any(len(each or "") > _MOST_DIGITS for each in found.groups()):
        return None
    years, months, days, hours, minutes = (int(each or 0) for each in found.groups()[1:6])
    sign = -1 if found[1] else 1
    seconds = ((days * 24 + hours) * 60 + minutes) * 60 + float(found[7] or 0)
    months += 12 * years
    return Duration(sign * months, sign * seconds, _in_short(sign, months, seconds))


def _in_short(sign: int, months: int, seconds: float) -> str:
    """A duration in one form: P1D and PT24H are one value."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    told = [
        f"{int(n)}{mark}" for n, mark in zip((*divmod(months, 12), days), "YMD", strict=True) if n
    ]
    clock = [f"{int(n)}{mark}" for n, mark in ((hours, "H"), (minutes, "M")) if n]
    clock += [f"{rest:.9g}S"] if rest or not (told or clock) else []
    return f"{'-' if sign < 0 else ''}P{''.join(told)}{'T' if clock else ''}{''.join(clock)}"


def as_duration(length: timedelta) -> str:
    """A length of time of a workbook in the form of a duration."""
    seconds = length.total_seconds()
    return f"{'-' if seconds < 0 else ''}PT{abs(seconds):.12g}S"


def _json(text: str) -> Any:
    """What a JSON text holds; None for what is no JSON (and for `null`)."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


def as_collection(held: Any) -> Collection:
    """A JSON value as text in one form, with the number of its items."""
    told = Collection(json.dumps(held, ensure_ascii=False, sort_keys=True))
    told.size = len(held)
    return told


def read_object(text: str) -> Collection | None:
    held = _json(text)
    return as_collection(held) if isinstance(held, dict) else None


def read_array(text: str) -> Collection | None:
    held = _json(text)
    return as_collection(held) if isinstance(held, list) else None


def read_place(text: str, form: str | None) -> str | None:
    """Longitude and latitude in degrees: `lon, lat`, `[lon, lat]` or `{"lon": …, "lat": …}`."""
    if form is None:
        parts = [each.strip() for each in text.split(",")]
        if len(parts) != 2 or not all(map(_DEGREES.fullmatch, parts)):
            return None
        given: list[Any] = list(map(float, parts))
    else:
        held = _json(text)
        if form == "object" and isinstance(held, dict) and held.keys() == {"lon", "lat"}:
            held = [held["lon"], held["lat"]]
        elif form == "object":
            return None
        if not isinstance(held, list) or len(held) != 2 or not all(map(is_number, held)):
            return None
        given = held
    if not (abs(given[0]) <= 180 and abs(given[1]) <= 90):
        return None
    return f"{float(given[0])!r},{float(given[1])!r}"


def is_number(held: object) -> bool:
    return isinstance(held, int | float) and not isinstance(held, bool)


def read_shape(text: str, form: str | None) -> Collection | None:
    """GeoJSON (RFC 7946), or TopoJSON where that is the form."""
    from iocsl.catalog import schema_geojson as shapes

    held = _json(text)
    holds = shapes.is_topology(held) if form == "topojson" else shapes.is_geojson(held)
    return as_collection(held) if holds else None


Reading = Callable[[str], object]


def reading_of(field: SchemaField) -> Reading | None:
    """How texts of a column of these types, or of one with a pattern, are read. Not of lists."""
    kind, form = field.type, field.format
    if kind in {"date", "time", "datetime"} and form is not None:
        return lambda text: by_pattern(text, form, kind)
    plain: dict[str, Reading] = {
        "time": read_time,
        "datetime": read_datetime,
        "duration": read_duration,
        "object": read_object,
        "array": read_array,
        "geopoint": lambda text: read_place(text, form),
        "geojson": lambda text: read_shape(text, form),
    }
    return plain.get(kind)


_KINDS = {
    "date": Words("ngày", "a date"),
    "time": Words("giờ", "a time"),
    "datetime": Words("ngày giờ", "a date and time"),
    "duration": Words("khoảng thời gian", "a duration"),
    "object": Words("đối tượng JSON", "a JSON object"),
    "array": Words("mảng JSON", "a JSON array"),
    "list": Words("danh sách đúng kiểu", "a list of the right type"),
    "geopoint": Words("tọa độ (kinh độ, vĩ độ)", "a place (longitude, latitude)"),
    "geojson": Words("hình GeoJSON", "a GeoJSON object"),
}
_EXAMPLES = {
    ("time", None): "08:30:00",
    ("datetime", None): "05/11/2026 08:30:00, 2026-11-05T08:30:00",
    ("duration", None): "P1Y2M10D, PT8H30M",
    ("object", None): '{"ten": "Mai"}',
    ("array", None): "[1, 2]",
    ("geopoint", None): "103.91, 21.33",
    ("geopoint", "array"): "[103.91, 21.33]",
    ("geopoint", "object"): '{"lon": 103.91, "lat": 21.33}',
    ("geojson", None): '{"type": "Point", "coordinates": [103.91, 21.33]}',
    ("geojson", "topojson"): '{"type": "Topology", "objects": {}, "arcs": []}',
}
_ITEMS = {
    "string": ("Mai", "Lan"),
    "integer": ("1", "2"),
    "number": ("1", "2"),
    "date": ("05/11/2026", "06/11/2026"),
    "time": ("08:30:00", "09:00:00"),
    "datetime": ("2026-11-05T08:30:00", "2026-11-06T08:30:00"),
}


def wanted(field: SchemaField) -> tuple[Words, str]:
    """What a cell of such a column is, and an example of it."""
    kind, form = field.type, field.format
    if kind == "list":
        item = field.item.type if field.item else "string"
        told = field.delimiter.join(_ITEMS.get(item) or (field.true_values[0],) * 2)
    elif (kind, form) in _EXAMPLES:
        told = _EXAMPLES[kind, form]
    else:
        told = datetime(2026, 11, 5, 8, 30, tzinfo=HERE).strftime(form or "%d/%m/%Y")
    named = Words("hình TopoJSON", "a TopoJSON object") if form == "topojson" else _KINDS[kind]
    return named, told
