"""Structures of tables: Frictionless Table Schema with the additions of `docs/contract.md`.

Standard library only (YAML is loaded when a `--schema` file is YAML): `validate` pays for this on
every run. A fault in a schema is refused with file and place, exit 3; nothing of it is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from iocsl.catalog.schema_types import (
    COMPARISONS,
    IDENTIFIERS,
    OPERATIONS,
    TYPES,
    CodeRow,
    SchemaField,
    TableRule,
    TableSchema,
)
from iocsl.domain import Severity, Words
from iocsl.errors import IocslError

__all__ = [
    "COMPARISONS",
    "IDENTIFIERS",
    "OPERATIONS",
    "TYPES",
    "CodeRow",
    "SchemaField",
    "TableRule",
    "TableSchema",
    "bad_schema",
    "parse_schema",
    "read_code_list",
    "read_schema",
    "with_code_lists",
]

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
        "don_vi_do",
        "du_lieu_ca_nhan",
        "danh_muc",
    ]
)
_SCHEMA_KEYS = frozenset(
    [
        "$schema",
        "name",
        "title",
        "description",
        "fields",
        "fieldsMatch",
        "primaryKey",
        "uniqueKeys",
        "foreignKeys",
        "missingValues",
        "quy_tac",
        "mau_khoi_dau",
        "nguon",
    ]
)
_CONSTRAINTS = frozenset(
    ["required", "unique", "minimum", "maximum", "enum", "pattern", "minLength", "maxLength"]
)
_RULE_KEYS = frozenset(["ma", "cot", "phep", "voi", "dung_sai", "muc", "vi", "en"])
_MATCHES = ("exact", "equal", "subset", "superset", "partial")


_READ_FORMATS = {"date": ("default", "any", "%d/%m/%Y", "%Y-%m-%d")}
"""Formats that mean what is read anyway; another one would be read wrongly, so it is refused."""


def read_schema(path: Path) -> TableSchema:
    """The schema in a YAML or JSON file; code lists are read beside it. Exit 2 or 3."""
    from iocsl.errors import is_folder, missing_file

    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    if path.suffix.lower() == ".json":
        document = _read_json(path)
    else:
        from iocsl.catalog.loader import read

        document = read(path).data
    return parse_schema(document, path.name, base=path.parent)


def _read_json(path: Path) -> Any:
    import json

    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise bad_schema(
            path.name, "", f"sai cú pháp ({error})", f"cannot be read ({error})"
        ) from None


class SchemaError(IocslError):
    """A fault of a schema. `place` is like `quy_tac[0].cot`; `said` is the fault alone."""

    def __init__(self, where: str, place: str, said: Words) -> None:
        at = f", {place}" if place else ""
        super().__init__(
            "bad-schema",
            f"Cấu trúc “{where}”{at}: {said.vi}.",
            f"The schema “{where}”{at}: {said.en}.",
            (
                "Sửa chỗ được nêu rồi chạy lại. Chưa có tệp nào được kiểm tra.",
                "Mend that place and run again. No file was checked.",
            ),
        )
        self.place = place
        self.said = said


def bad_schema(where: str, place: str, vi: str, en: str) -> SchemaError:
    """A refusal that names the file and the place in it, exit 3."""
    return SchemaError(where, place, Words(vi, en))


def parse_schema(document: Any, where: str, *, base: Path | None = None) -> TableSchema:
    """A Table Schema document as a `TableSchema`.

    `where` names the file in refusals; `base` is the folder of code lists (None: inline only).
    """
    return _Parser(where, base).schema(document)


class _Parser:
    """Walks one document; every fault is raised with the place it was found at."""

    def __init__(self, where: str, base: Path | None) -> None:
        self.where = where
        self.base = base

    def fail(self, place: str, vi: str, en: str) -> IocslError:
        return bad_schema(self.where, place, vi, en)

    def mapping(self, value: Any, place: str, known: frozenset[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.fail(place, "phải là một bảng khóa và giá trị", "must be keys and values")
        for key in value:
            if key not in known:
                raise self.fail(place, f"khóa lạ “{key}”", f"unknown key “{key}”")
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

    def schema(self, document: Any) -> TableSchema:
        top = self.mapping(document, "", _SCHEMA_KEYS)
        given = top.get("fields")
        if not isinstance(given, list) or not given:
            raise self.fail("fields", "phải có ít nhất một cột", "must have at least one column")
        fields = tuple(self.field(each, f"fields[{n}]") for n, each in enumerate(given))
        by_name: dict[str, SchemaField] = {}
        for n, each in enumerate(fields):
            if each.name in by_name:
                raise self.fail(
                    f"fields[{n}].name", f"“{each.name}” lặp lại", f"“{each.name}” is repeated"
                )
            by_name[each.name] = each
        match = top.get("fieldsMatch", "partial")
        if match not in _MATCHES:
            raise self.fail(
                "fieldsMatch",
                f"phải là {', '.join(_MATCHES)}",
                f"must be one of {', '.join(_MATCHES)}",
            )
        key = (
            self.columns(top["primaryKey"], "primaryKey", by_name) if top.get("primaryKey") else ()
        )
        rules = top.get("quy_tac") or []
        if not isinstance(rules, list):
            raise self.fail("quy_tac", "phải là một danh sách", "must be a list")
        missing = self.strings(top.get("missingValues", [""]), "missingValues")
        return TableSchema(
            name=str(top.get("name") or Path(self.where).stem),
            title=str(top.get("title") or top.get("name") or self.where),
            fields=fields,
            primary_key=key,
            rules=self.rules(rules, by_name),
            missing_values=frozenset({"", *missing}),
            extra_columns=match == "superset",
            by_name=by_name,
        )

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
        return SchemaField(
            name=name,
            title=str(given.get("title") or name),
            type=kind,
            format=self.format(given.get("format"), kind, f"{place}.format"),
            decimal=decimal,
            group=group,
            unit_of_measure=given.get("don_vi_do"),
            personal=self.flag(given.get("du_lieu_ca_nhan", False), f"{place}.du_lieu_ca_nhan"),
            codes=self.codes(given.get("danh_muc"), f"{place}.danh_muc"),
            **words,
            **self.constraints(about, kind, f"{place}.constraints"),
        )

    def format(self, value: Any, kind: str, place: str) -> str | None:
        """A format that is checked, or None. One that is not read is refused."""
        if value is None or value == "default":
            return None
        known = tuple(IDENTIFIERS) if kind == "string" else _READ_FORMATS.get(kind, ())
        if value not in known:
            raise self.fail(
                place,
                f"không đọc được dạng “{value}”, dùng một trong {', '.join(('default', *known))}",
                f"format “{value}” is not read, use one of {', '.join(('default', *known))}",
            )
        return value if kind == "string" else None

    def separator(self, value: Any, place: str) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) != 1 or value in "0123456789+-":
            raise self.fail(place, "phải là một dấu duy nhất", "must be one character")
        return value

    def constraints(self, given: dict[str, Any], kind: str, place: str) -> dict[str, Any]:
        read: dict[str, Any] = {
            key: self.flag(given.get(key, False), f"{place}.{key}")
            for key in ("required", "unique")
        }
        for key, name in (("minimum", "minimum"), ("maximum", "maximum")):
            bound = given.get(key)
            if kind in {"number", "integer", "year"}:
                bound = self.number(bound, f"{place}.{key}")
            elif bound is not None:
                bound = self.bound(bound, kind, f"{place}.{key}")
            read[name] = bound
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
            read["enum"] = tuple(str(each) for each in enum)
        if (pattern := given.get("pattern")) is not None:
            read["pattern"] = self.regex(pattern, f"{place}.pattern")
        return read

    def bound(self, value: Any, kind: str, place: str) -> str:
        from datetime import date

        if kind == "date":
            try:
                return date.fromisoformat(str(value)).isoformat()
            except ValueError:
                raise self.fail(
                    place, "phải là ngày yyyy-mm-dd", "must be a date yyyy-mm-dd"
                ) from None
        if kind == "yearmonth" and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(value)):
            return str(value)
        raise self.fail(place, f"không dùng cho kiểu {kind}", f"does not apply to type {kind}")

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
        return self.code_rows(read_code_list(self.base / name, self.where, place), place)

    def code_rows(self, rows: Sequence[Mapping[str, Any]], place: str) -> Mapping[str, CodeRow]:
        codes: dict[str, CodeRow] = {}
        for n, row in enumerate(rows, 2):
            cells = list(row.values())
            code = str(cells[0] or "").strip() if cells else ""
            at = f"{place}, dòng {n}"
            if not code or code in codes:
                raise self.fail(
                    at, f"mã “{code}” trống hoặc lặp lại", f"code “{code}” is empty or repeated"
                )
            label = row.get("ten") or (cells[1] if len(cells) > 1 else None)
            codes[code] = CodeRow(
                label=str(label) if label else None,
                minimum=self.listed_number(row.get("min"), at),
                maximum=self.listed_number(row.get("max"), at),
                unit_of_measure=row.get("don_vi_tinh") or None,
            )
        if not codes:
            raise self.fail(place, "danh mục không có mã nào", "the code list has no code")
        return codes

    def listed_number(self, value: Any, place: str) -> float | None:
        """A bound in a code list: digits with a point for decimals, as CSV of programs has it."""
        if value is None or value == "":
            return None
        try:
            return float(value)
        except (TypeError, ValueError):
            raise self.fail(
                place, f"“{value}” không phải là số", f"“{value}” is not a number"
            ) from None

    def rules(self, given: list[Any], by_name: Mapping[str, SchemaField]) -> tuple[TableRule, ...]:
        rules = tuple(self.rule(each, f"quy_tac[{n}]", by_name) for n, each in enumerate(given))
        codes = [each.code for each in rules]
        for n, code in enumerate(codes):
            if code in codes[:n]:
                raise self.fail(f"quy_tac[{n}].ma", f"“{code}” lặp lại", f"“{code}” is repeated")
        return rules

    def rule(self, value: Any, place: str, by_name: Mapping[str, SchemaField]) -> TableRule:
        given = self.mapping(value, place, _RULE_KEYS)
        operation = given.get("phep")
        if operation not in OPERATIONS:
            raise self.fail(
                f"{place}.phep",
                f"phải là một trong {' '.join(OPERATIONS)}",
                f"must be one of {' '.join(OPERATIONS)}",
            )
        try:
            severity = Severity(given.get("muc", "error"))
        except ValueError:
            raise self.fail(
                f"{place}.muc", "phải là error, warning hoặc info", "must be error, warning or info"
            ) from None
        columns = self.columns(given.get("cot"), f"{place}.cot", by_name)
        if operation not in {"unique"} and len(columns) != 1:
            raise self.fail(f"{place}.cot", "phải là một cột", "must be one column")
        vi, en = given.get("vi"), given.get("en")
        said = Words(str(vi or en), str(en or vi)) if vi or en else None
        tolerance = self.number(given.get("dung_sai", 0), f"{place}.dung_sai") or 0.0
        others, constant, equals = self.against(
            given.get("voi"), operation, f"{place}.voi", by_name
        )
        self.check_kinds(operation, (*columns, *others), place, by_name)
        return TableRule(
            code=self.text(given.get("ma"), f"{place}.ma"),
            columns=columns,
            operation=operation,
            others=others,
            constant=constant,
            equals=equals,
            tolerance=tolerance,
            severity=severity,
            said=said,
        )

    def against(
        self, voi: Any, operation: str, place: str, by_name: Mapping[str, SchemaField]
    ) -> tuple[tuple[str, ...], float | None, str | None]:
        """`voi` as columns, a constant, or the value that `required_if` waits for."""
        if operation == "unique":
            if voi is not None:
                raise self.fail(place, "không dùng với unique", "is not used with unique")
            return (), None, None
        if operation == "required_if" and isinstance(voi, dict) and len(voi) == 1:
            ((name, wanted),) = voi.items()
            return self.columns(name, place, by_name), None, str(wanted)
        if operation in COMPARISONS and isinstance(voi, int | float) and not isinstance(voi, bool):
            return (), float(voi), None
        others = self.columns(voi, place, by_name)
        if operation != "sum" and len(others) != 1:
            raise self.fail(place, "phải là một cột", "must be one column")
        if operation == "range_by" and by_name[others[0]].codes is None:
            raise self.fail(
                place,
                f"cột “{others[0]}” không có danh_muc",
                f"column “{others[0]}” has no danh_muc",
            )
        return others, None, None

    def check_kinds(
        self, operation: str, columns: Sequence[str], place: str, by_name: Mapping[str, SchemaField]
    ) -> None:
        """Sums and bounds want numbers; a comparison wants two columns of one kind."""
        kinds = [
            "number" if by_name[name].type == "integer" else by_name[name].type for name in columns
        ]
        wanted = kinds if operation == "sum" else kinds[:1] if operation == "range_by" else []
        if any(kind != "number" for kind in wanted):
            raise self.fail(
                place, f"“{operation}” cần cột kiểu số", f"“{operation}” wants number columns"
            )
        if operation in COMPARISONS and len(set(kinds)) > 1:
            raise self.fail(place, "hai cột khác kiểu", "the two columns differ in type")


def read_code_list(path: Path, where: str, place: str) -> list[dict[str, Any]]:
    """The rows of a code list CSV (UTF-8, comma, heading row); first column the code."""
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [dict(row) for row in csv.DictReader(stream)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise bad_schema(
            where,
            place,
            f"không đọc được danh mục “{path.name}” ({error})",
            f"the code list “{path.name}” cannot be read ({error})",
        ) from None


def with_code_lists(document: dict[str, Any], base: Path, where: str) -> dict[str, Any]:
    """The document with each `danh_muc` file replaced by its rows, for the mirror to carry."""
    fields = [
        {
            **each,
            "danh_muc": read_code_list(base / each["danh_muc"], where, f"fields[{n}].danh_muc"),
        }
        if isinstance(each, dict) and isinstance(each.get("danh_muc"), str)
        else each
        for n, each in enumerate(document.get("fields") or [])
    ]
    return {**document, "fields": fields}
