"""Structures of tables: Frictionless Table Schema with the additions of `docs/contract.md`.

Standard library only (YAML is loaded when a `--schema` file is YAML): `validate` pays for this on
every run. A fault in a schema is refused with file and place, exit 3; nothing of it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl.catalog.schema_fields import FieldParser, SchemaError, bad_schema, read_code_list
from iocsl.catalog.schema_types import (
    COMPARISONS,
    IDENTIFIERS,
    OPERATIONS,
    RARE,
    TYPES,
    UNORDERED,
    CodeRow,
    SchemaField,
    TableRule,
    TableSchema,
)
from iocsl.domain import Severity, Words
from iocsl.errors import is_folder, missing_file

if TYPE_CHECKING:
    from iocsl.catalog.loader import Document

__all__ = [
    "COMPARISONS",
    "IDENTIFIERS",
    "OPERATIONS",
    "TYPES",
    "CodeRow",
    "SchemaError",
    "SchemaField",
    "TableRule",
    "TableSchema",
    "bad_schema",
    "parse_schema",
    "read_code_list",
    "read_schema",
    "with_code_lists",
]

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
        "missingValues",
        "quy_tac",
        "dinh_kem",
        "thuyet_minh",
        "mau_khoi_dau",
        "nguon",
    ]
)
_RULE_KEYS = frozenset(["ma", "cot", "phep", "voi", "dung_sai", "muc", "vi", "en"])
_EMPTY = frozenset({""})
_MATCHES = ("exact", "equal", "subset", "superset", "partial")


def read_schema(path: Path) -> TableSchema:
    """The schema in a YAML or JSON file; code lists are read beside it. Exit 2 or 3.

    A fault is told with the line that it stands on.
    """
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    document: Document | None = None
    if path.suffix.lower() == ".json":
        data = _read_json(path)
    else:
        from iocsl.catalog.loader import read

        document = read(path)
        data = document.data
    try:
        return parse_schema(data, path.name, base=path.parent)
    except SchemaError as error:
        if document is None:
            from iocsl.catalog.loader import json_document

            document = json_document(path, data)
        if document is None:
            raise
        raise error.on_line(document.line(error.steps())) from None


def _read_json(path: Path) -> Any:
    import json

    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        said = Words(f"sai cú pháp JSON ({error.msg})", f"not JSON ({error.msg})")
        raise SchemaError(path.name, "", said, line=error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise bad_schema(
            path.name, "", f"sai cú pháp ({error})", f"cannot be read ({error})"
        ) from None


def parse_schema(document: Any, where: str, *, base: Path | None = None) -> TableSchema:
    """A Table Schema document as a `TableSchema`.

    `where` names the file in refusals; `base` is the folder of code lists (None: inline only).
    """
    return _Parser(where, base).schema(document)


class _Parser(FieldParser):
    """Walks a whole document: its columns, its keys and its `quy_tac`."""

    def schema(self, document: Any) -> TableSchema:
        top = self.mapping(document, "", _SCHEMA_KEYS)
        given = top.get("fields")
        if not isinstance(given, list) or not given:
            raise self.fail("fields", "phải có ít nhất một cột", "must have at least one column")
        fields = tuple(self.field(each, f"fields[{n}]") for n, each in enumerate(given))
        alone = top.get("primaryKey")
        if isinstance(alone, list) and len(alone) == 1:
            alone = alone[0]
        # Of a key of several columns some may be blank: an area left out is the whole province.
        fields = tuple(
            each._replace(required=True) if each.name == alone else each for each in fields
        )
        by_name: dict[str, SchemaField] = {}
        for n, each in enumerate(fields):
            if each.name in by_name:
                raise self.fail(
                    f"fields[{n}].name", f"“{each.name}” lặp lại", f"“{each.name}” is repeated"
                )
            by_name[each.name] = each
        match = top.get("fieldsMatch")
        if match not in {None, *_MATCHES}:
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
        of_table = self.rules(rules, by_name)
        if top.get("uniqueKeys") is not None:
            from iocsl.catalog.schema_rarer import unique_keys

            of_table += unique_keys(self, top["uniqueKeys"], by_name)
        return TableSchema(
            name=str(top.get("name") or Path(self.where).stem),
            title=str(top.get("title") or top.get("name") or self.where),
            fields=fields,
            primary_key=key,
            rules=of_table,
            missing_values=self.missing(top.get("missingValues", []), "missingValues") or _EMPTY,
            extra_columns=match in {"subset", "partial"},
            all_columns=match in {"exact", "equal", "subset"},
            no_others=match in {"exact", "equal", "superset"},
            in_order=match == "exact",
            attachment=self.flag(top.get("dinh_kem", False), "dinh_kem"),
            narrative=self.flag(top.get("thuyet_minh", False), "thuyet_minh"),
            by_name=by_name,
        )

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
        if not 0 <= tolerance < float("inf"):
            raise self.fail(
                f"{place}.dung_sai", "phải là số không âm", "must be a number of zero or more"
            )
        others, constant, equals = self.against(
            given.get("voi"), operation, f"{place}.voi", by_name
        )
        if constant is not None and by_name[columns[0]].type not in {"number", "integer", "year"}:
            raise self.fail(
                f"{place}.voi",
                f"cột “{columns[0]}” không phải kiểu số",
                f"column “{columns[0]}” is not of numbers",
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
            (other,) = self.columns(name, place, by_name)
            return (other,), None, self.awaited(wanted, by_name[other], place)
        if operation in COMPARISONS and isinstance(voi, int | float) and not isinstance(voi, bool):
            return (), float(voi), None
        others = self.columns(voi, place, by_name)
        if len(set(others)) < len(others):
            raise self.fail(place, "một cột được nêu hai lần", "a column is named twice")
        if operation != "sum" and len(others) != 1:
            raise self.fail(place, "phải là một cột", "must be one column")
        if operation == "range_by" and by_name[others[0]].codes is None:
            raise self.fail(
                place,
                f"cột “{others[0]}” không có danh_muc",
                f"column “{others[0]}” has no danh_muc",
            )
        return others, None, None

    def awaited(self, wanted: Any, column: SchemaField, place: str) -> str:
        """The value that `required_if` waits for; one that the column never holds is refused."""
        if isinstance(wanted, bool) and column.type == "boolean":
            return (column.true_values if wanted else column.false_values)[0]
        if wanted is None or isinstance(wanted, bool | list | dict):
            raise self.fail(place, "phải là một giá trị của cột", "must be one value of the column")
        if column.type in RARE or (column.type == "date" and column.format):
            from iocsl.catalog.schema_rarer import awaited_text

            return awaited_text(self, wanted, column, place)
        text = str(wanted)
        closed = column.enum or (column.codes and tuple(column.codes))
        if column.type == "boolean":
            closed = (*column.true_values, *column.false_values)
        number = column.type not in {"number", "integer"} or _is_number(text)
        if not number or (closed and text not in closed):
            raise self.fail(
                place,
                f"cột “{column.name}” không có giá trị “{text}”",
                f"column “{column.name}” has no value “{text}”",
            )
        return text

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
        if operation in COMPARISONS and operation != "==" and kinds[0] in UNORDERED:
            said = f"giá trị kiểu {kinds[0]} không so được lớn bé", f"{kinds[0]} has no order"
            raise self.fail(place, *said)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


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
