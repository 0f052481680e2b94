"""Structures of tables as the engine uses them. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iocsl.domain import Severity, Words

if TYPE_CHECKING:
    from iocsl.catalog.schema_values import Duration

COLLECTIONS = ("object", "array", "list")
RARE = frozenset({"time", "datetime", "duration", "geopoint", "geojson", *COLLECTIONS})
"""Types that take modules of their own, loaded where a schema has such a column."""
UNORDERED = frozenset({"duration", "geopoint", "geojson", *COLLECTIONS})
"""Types of which `quy_tac` cannot say that one value is the less."""
TYPES = (
    *("string", "number", "integer", "date", "time", "datetime", "year", "yearmonth", "duration"),
    *("boolean", *COLLECTIONS, "geopoint", "geojson", "any"),
)
"""The types of Table Schema, all of which are read."""
WORDED = frozenset({"string", "any", *COLLECTIONS})
"""Types whose cells may say anything in words: numbers of persons, too."""

IDENTIFIERS = {
    "cccd": Words("số định danh cá nhân", "a citizen's number"),
    "mst": Words("mã số thuế", "a tax code"),
    "bhxh": Words("mã số bảo hiểm xã hội", "a social insurance number"),
    "dien_thoai": Words("số điện thoại", "a phone number"),
    "bien_so": Words("biển số xe", "a number plate"),
    "email": Words("địa chỉ thư điện tử", "an e-mail address"),
    "uri": Words("địa chỉ web (URI)", "a URI"),
    "uuid": Words("mã UUID", "a UUID"),
    "binary": Words("dữ liệu mã hóa base64", "data in base64"),
}
"""Values of `format` of a text column whose structure is checked (V418)."""

COMPARISONS = ("<=", "<", "==", ">", ">=")
OPERATIONS = (*COMPARISONS, "sum", "required_if", "unique", "range_by")


class Collection(str):
    """A list or a JSON value as text; `size` is how many items it has."""

    size = 0


class CodeRow(NamedTuple):
    """One row of a code list: bounds and unit of measure of that code, where the list has them."""

    label: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit_of_measure: str | None = None


Bound: TypeAlias = "float | str | Duration | None"


class SchemaField(NamedTuple):
    """One column: how its cells are read and what they must satisfy.

    `decimal` and `group` are None where the schema declares none: then there is none. Bounds and
    `enum` are kept in the form in which values are compared. `above` and `below` are bounds that
    are themselves left out. `missing` is None where what the whole table calls missing holds.
    """

    name: str
    title: str
    type: str = "string"
    format: str | None = None
    decimal: str | None = None
    group: str | None = None
    true_values: tuple[str, ...] = ("true", "True", "TRUE", "1")
    false_values: tuple[str, ...] = ("false", "False", "FALSE", "0")
    required: bool = False
    unique: bool = False
    minimum: Bound = None
    maximum: Bound = None
    above: Bound = None
    below: Bound = None
    enum: tuple[str, ...] | None = None
    pattern: re.Pattern[str] | None = None
    min_length: int | None = None
    max_length: int | None = None
    unit_of_measure: str | None = None
    personal: bool = False
    codes: Mapping[str, CodeRow] | None = None
    missing: frozenset[str] | None = None
    bare: bool = True
    """Whether nothing but the number may stand in a cell (`bareNumber`)."""
    delimiter: str = ","
    item: SchemaField | None = None
    """How the items of a list are read, one by one."""
    names_attachment: bool = False
    """Whether each cell names a file that goes with the data (`tep_dinh_kem`)."""

    @property
    def values_in_use(self) -> str:
        """The first of the values that a cell may have, for a message."""
        return ", ".join((self.enum or ())[:12])


class TableRule(NamedTuple):
    """One row of `quy_tac`: `columns` stand in relation `operation` to `others`.

    `constant` is set where `voi` is a number; `equals` where `required_if` names a value.
    """

    code: str
    columns: tuple[str, ...]
    operation: str
    others: tuple[str, ...] = ()
    constant: float | None = None
    equals: str | None = None
    tolerance: float = 0.0
    severity: Severity = Severity.ERROR
    said: Words | None = None


class TableSchema(NamedTuple):
    """A whole structure. `extra_columns`: columns beside the declared ones are expected.

    `all_columns`, `no_others` and `in_order` are what `fieldsMatch` may ask besides.

    `attachment` and `narrative` say that a file, or a text in words, is sent with the table.
    """

    name: str
    title: str
    fields: tuple[SchemaField, ...]
    primary_key: tuple[str, ...] = ()
    rules: tuple[TableRule, ...] = ()
    missing_values: frozenset[str] = frozenset({""})
    extra_columns: bool = False
    all_columns: bool = False
    no_others: bool = False
    in_order: bool = False
    attachment: bool = False
    narrative: bool = False
    by_name: Mapping[str, SchemaField] = {}

    def missing_in(self, column: SchemaField) -> frozenset[str]:
        """The texts that stand for no value in a column, the empty one among them."""
        return self.missing_values if column.missing is None else column.missing
