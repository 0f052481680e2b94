"""The columns of a Table Schema, and how its faults are told. Standard library only."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from iocsl.catalog.schema_types import IDENTIFIERS, TYPES, CodeRow, SchemaField
from iocsl.domain import Words
from iocsl.errors import IocslError
from iocsl.text import squeeze

_FIELD_KEYS = frozenset(
    [
        "name",
        "title",
        "description",
        "type",
        "format",
        "example",
        "rdfType",
        "decimalChar",
        "groupChar",
        "bareNumber",
        "trueValues",
        "falseValues",
        "constraints",
        "missingValues",
        "categories",
        "categoriesOrdered",
        "delimiter",
        "itemType",
        "don_vi_do",
        "du_lieu_ca_nhan",
        "danh_muc",
        "tep_dinh_kem",
    ]
)
_CONSTRAINTS = frozenset(
    (
        *("required", "unique", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("enum", "pattern", "minLength", "maxLength"),
    )
)
_FORMATS = {"string": tuple(IDENTIFIERS), "geopoint": ("array", "object"), "geojson": ("topojson",)}
_TIMES = ("date", "time", "datetime")
_BOUNDS = (
    *(("minimum", "minimum"), ("maximum", "maximum")),
    *(("exclusiveMinimum", "above"), ("exclusiveMaximum", "below")),
)
_LABELLED = frozenset(["value", "label"])
_UNSUPPORTED = {
    "jsonSchema": Words(
        "iocsl không kiểm tra bằng jsonSchema; bỏ khóa này, hoặc tách thành các cột riêng",
        "iocsl does not check by jsonSchema; leave it out, or make columns of their own of it",
    ),
    "foreignKeys": Words(
        "iocsl kiểm tra từng bảng một; bỏ khóa này và khai danh_muc (tệp CSV các mã) cho cột",
        "iocsl checks one table at a time; leave it out and give the column a danh_muc (CSV)",
    ),
}
"""Keys of the standard that would be checked by nobody, and what to do."""


class SchemaError(IocslError):
    """A fault of a schema. `place` is like `quy_tac[0].cot`; `said` is the fault alone.

    `line` is where that stands in the file, once known. `listed` is the row of the code list that
    is at fault, where the fault lies in one.
    """

    def __init__(
        self,
        where: str,
        place: str,
        said: Words,
        *,
        line: int | None = None,
        listed: int | None = None,
        list_name: str | None = None,
    ) -> None:
        vi = f", dòng {line}" if line else ""
        en = f", line {line}" if line else ""
        if place:
            vi, en = f"{vi}, {place}", f"{en}, {place}"
        if listed:
            named = f" “{list_name}”" if list_name else ""
            vi = f"{vi}, dòng {listed} của danh mục{named}"
            en = f"{en}, row {listed} of the code list{named}"
        super().__init__(
            "bad-schema",
            f"Cấu trúc “{where}”{vi}: {said.vi}.",
            f"The schema “{where}”{en}: {said.en}.",
            (
                "Sửa chỗ được nêu rồi chạy lại. Chưa có tệp nào được kiểm tra.",
                "Mend that place and run again. No file was checked.",
            ),
        )
        self.where = where
        self.place = place
        self.said = said
        self.listed = listed
        self.list_name = list_name

    def steps(self) -> list[int | str]:
        """`place` as keys and positions from the root of the document."""
        return [int(step) if step.isdigit() else step for step in re.findall(r"\w+", self.place)]

    def on_line(self, line: int) -> SchemaError:
        """The same fault with the line that it stands on."""
        return SchemaError(
            self.where,
            self.place,
            self.said,
            line=line,
            listed=self.listed,
            list_name=self.list_name,
        )


def bad_schema(where: str, place: str, vi: str, en: str) -> SchemaError:
    """A refusal that names the file and the place in it, exit 3."""
    return SchemaError(where, place, Words(vi, en))


class FieldParser:
    """Walks the columns of one document; every fault is raised with the place it was found at."""

    def __init__(self, where: str, base: Path | None) -> None:
        self.where = where
        self.base = base

    def fail(self, place: str, vi: str, en: str) -> SchemaError:
        return bad_schema(self.where, place, vi, en)

    def mapping(self, value: Any, place: str, known: frozenset[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.fail(place, "phải là một bảng khóa và giá trị", "must be keys and values")
        for key in value:
            if key not in known:
                at = f"{place}.{key}" if place else str(key)
                if key in _UNSUPPORTED and not value[key]:
                    continue
                if key in _UNSUPPORTED:
                    raise self.fail(at, *_UNSUPPORTED[key])
                raise self.fail(at, f"khóa lạ “{key}”", f"unknown key “{key}”")
        return value

    def text(self, value: Any, place: str) -> str:
        if not isinstance(value, str) or not value:
            raise self.fail(place, "phải là chữ, không để trống", "must be text and not empty")
        return value

    def texts(self, value: Any, place: str) -> tuple[str, ...]:
        """A name or a list of names."""
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not given:
            raise self.fail(place, "phải là một danh sách tên", "must be a list of names")
        return tuple(self.text(each, f"{place}[{n}]") for n, each in enumerate(given))

    def number(self, value: Any, place: str) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(place, "phải là số", "must be a number")
        return float(value)

    def flag(self, value: Any, place: str) -> bool:
        if not isinstance(value, bool):
            raise self.fail(place, "phải là true hoặc false", "must be true or false")
        return value

    def strings(self, value: Any, place: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.fail(place, "phải là một danh sách chữ", "must be a list of texts")
        return tuple(value)

    def columns(
        self, value: Any, place: str, by_name: Mapping[str, SchemaField]
    ) -> tuple[str, ...]:
        names = self.texts(value, place)
        for name in names:
            if name not in by_name:
                raise self.fail(place, f"không có cột “{name}”", f"there is no column “{name}”")
        return names

    def field(self, value: Any, place: str) -> SchemaField:
        given = self.mapping(value, place, _FIELD_KEYS)
        name = self.text(given.get("name"), f"{place}.name")
        kind = given.get("type", "string")
        if kind not in TYPES:
            raise self.fail(
                f"{place}.type",
                f"không đọc được kiểu “{kind}”, dùng một trong {', '.join(TYPES)}",
                f"type “{kind}” is not read, use one of {', '.join(TYPES)}",
            )
        decimal, group = (
            self.separator(given.get(key), f"{place}.{key}") for key in ("decimalChar", "groupChar")
        )
        if decimal is not None and decimal == group:
            raise self.fail(
                f"{place}.groupChar", "trùng với decimalChar", "is the same as decimalChar"
            )
        about = self.mapping(given.get("constraints") or {}, f"{place}.constraints", _CONSTRAINTS)
        words: dict[str, Any] = {
            key: self.strings(given[name], f"{place}.{name}")
            for key, name in (("true_values", "trueValues"), ("false_values", "falseValues"))
            if name in given
        }
        made = SchemaField(
            name=name,
            title=str(given.get("title") or name),
            type=kind,
            format=self.format(given.get("format"), kind, f"{place}.format"),
            decimal=decimal,
            group=group,
            unit_of_measure=given.get("don_vi_do"),
            personal=self.flag(given.get("du_lieu_ca_nhan", False), f"{place}.du_lieu_ca_nhan"),
            codes=self.codes(given.get("danh_muc"), f"{place}.danh_muc"),
            names_attachment=self.flag(given.get("tep_dinh_kem", False), f"{place}.tep_dinh_kem"),
            bare=self.flag(given.get("bareNumber", True), f"{place}.bareNumber"),
            missing=self.missing(given.get("missingValues"), f"{place}.missingValues"),
            **words,
        )
        if both := set(made.true_values).intersection(made.false_values):
            said = f"“{min(both)}” vừa là có vừa là không", f"“{min(both)}” is both true and false"
            raise self.fail(f"{place}.falseValues", *said)
        if kind == "list" or "categories" in given:
            from iocsl.catalog import schema_rarer

            made = schema_rarer.with_items(self, made, given, place)
            about = schema_rarer.with_categories(self, made, given, about, place)
        return made._replace(**self.constraints(about, made, f"{place}.constraints"))

    def missing(self, value: Any, place: str) -> frozenset[str] | None:
        """The texts that stand for no value, an empty cell always among them."""
        if value is None:
            return None
        if isinstance(value, list) and any(isinstance(each, dict) for each in value):
            value = [
                self.mapping(each, f"{place}[{n}]", _LABELLED).get("value")
                for n, each in enumerate(value)
            ]
        return frozenset({"", *map(squeeze, self.strings(value, place))})

    def format(self, value: Any, kind: str, place: str) -> str | None:
        """A format that is checked, or None. One that is not read is refused."""
        if value is None or value == "default" or (kind in _TIMES and value == "any"):
            return None
        if kind in _TIMES and isinstance(value, str) and "%" in value:
            from iocsl.catalog.schema_rarer import pattern_of

            return pattern_of(self, value, kind, place)
        known = _FORMATS.get(kind, ())
        if value not in known:
            patterns = ("any", "%d/%m/%Y …") if kind in _TIMES else ()
            listed = ", ".join(("default", *known, *patterns))
            raise self.fail(
                place,
                f"không đọc được dạng “{value}”, dùng một trong {listed}",
                f"format “{value}” is not read, use one of {listed}",
            )
        return str(value)

    def separator(self, value: Any, place: str) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) != 1 or value in "0123456789+-":
            raise self.fail(place, "phải là một dấu duy nhất", "must be one character")
        return value

    def constraints(self, given: dict[str, Any], field: SchemaField, place: str) -> dict[str, Any]:
        read: dict[str, Any] = {
            key: self.flag(given.get(key, False), f"{place}.{key}")
            for key in ("required", "unique")
        }
        numbers = field.type in {"number", "integer", "year"}
        for key, name in _BOUNDS:
            bound = given.get(key)
            if numbers and not isinstance(bound, str):
                read[name] = self.number(bound, f"{place}.{key}")
            elif bound is not None:
                from iocsl.catalog.schema_rarer import bound_of

                read[name] = bound_of(self, bound, field, f"{place}.{key}")
        if "exclusiveMinimum" in given or "exclusiveMaximum" in given:
            from iocsl.catalog.schema_rarer import tightest

            read = tightest(read)
        for key, name in (("minLength", "min_length"), ("maxLength", "max_length")):
            length = given.get(key)
            if length is not None and (
                isinstance(length, bool) or not isinstance(length, int) or length < 0
            ):
                raise self.fail(
                    f"{place}.{key}", "phải là số nguyên không âm", "must be a whole number"
                )
            read[name] = length
        if (enum := given.get("enum")) is not None:
            if not isinstance(enum, list) or not enum:
                raise self.fail(f"{place}.enum", "phải là một danh sách", "must be a list")
            read["enum"] = tuple(map(str, enum))
            if field.type not in {"string", "any"}:
                from iocsl.catalog.schema_rarer import choices

                read["enum"] = choices(self, enum, field, f"{place}.enum")
        if (pattern := given.get("pattern")) is not None:
            read["pattern"] = self.regex(pattern, f"{place}.pattern")
        return read

    def regex(self, value: Any, place: str) -> re.Pattern[str]:
        text = self.text(value, place)
        try:
            return re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise self.fail(
                place, f"mẫu sai ({error})", f"the pattern is wrong ({error})"
            ) from None

    def codes(self, value: Any, place: str) -> Mapping[str, CodeRow] | None:
        if value is None:
            return None
        if isinstance(value, list):
            return self.code_rows([dict(each) for each in value if isinstance(each, dict)], place)
        name = self.text(value, place)
        if self.base is None or Path(name).name != name:
            raise self.fail(
                place,
                "phải là tên một tệp CSV cạnh cấu trúc",
                "must name a CSV file beside the schema",
            )
        return self.code_rows(read_code_list(self.base / name, self.where, place), place, name)

    def code_rows(
        self, rows: Sequence[Mapping[str, Any]], place: str, name: str | None = None
    ) -> Mapping[str, CodeRow]:
        """The rows of a code list by code; `name` is its file, where it has one of its own."""

        def fail(row: int, vi: str, en: str) -> SchemaError:
            return SchemaError(self.where, place, Words(vi, en), listed=row, list_name=name)

        def number(value: Any, row: int) -> float | None:
            """A bound: digits with a point for decimals, as CSV of programs has it."""
            if value is None or value == "":
                return None
            try:
                bound = float(value)
            except (TypeError, ValueError):
                bound = math.nan
            if not math.isfinite(bound):
                raise fail(row, f"“{value}” không phải là số", f"“{value}” is not a number")
            return bound

        codes: dict[str, CodeRow] = {}
        for n, row in enumerate(rows, 2):
            cells = list(row.values())
            code = str(cells[0] or "").strip() if cells else ""
            if not code or code in codes:
                said = f"mã “{code}” trống hoặc lặp lại", f"code “{code}” is empty or repeated"
                raise fail(n, *said)
            low, high = number(row.get("min"), n), number(row.get("max"), n)
            if low is not None and high is not None and low > high:
                raise fail(
                    n, f"min {low:g} lớn hơn max {high:g}", f"min {low:g} is above max {high:g}"
                )
            label = row.get("ten") or (cells[1] if len(cells) > 1 else None)
            codes[code] = CodeRow(
                label=str(label) if label else None,
                minimum=low,
                maximum=high,
                unit_of_measure=row.get("don_vi_tinh") or None,
            )
        if not codes:
            raise self.fail(place, "danh mục không có mã nào", "the code list has no code")
        return codes


def read_code_list(path: Path, where: str, place: str) -> list[dict[str, Any]]:
    """The rows of a code list CSV (UTF-8, heading row); first column the code.

    Cells stand apart by commas, or by semicolons where the heading has no comma.
    """
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            heading = stream.readline()
            stream.seek(0)
            mark = ";" if ";" in heading and "," not in heading else ","
            return [dict(row) for row in csv.DictReader(stream, delimiter=mark)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        gone = isinstance(error, FileNotFoundError)
        raise bad_schema(
            where,
            place,
            f"{'không có' if gone else 'không đọc được'} tệp danh mục mã “{path.name}”",
            f"the code list “{path.name}” {'is not there' if gone else 'cannot be read'}",
        ) from None
