"""Structures of tables as the engine uses them. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from iocsl.domain import Severity, Words

TYPES = ("string", "number", "integer", "date", "year", "yearmonth", "boolean", "any")
"""Types of Table Schema that are read; `datetime`, `geojson` and the like are refused by name."""

IDENTIFIERS = {
    "cccd": Words("số định danh cá nhân", "a citizen's number"),
    "mst": Words("mã số thuế", "a tax code"),
    "bhxh": Words("mã số bảo hiểm xã hội", "a social insurance number"),
    "dien_thoai": Words("số điện thoại", "a phone number"),
    "bien_so": Words("biển số xe", "a number plate"),
    "email": Words("địa chỉ thư điện tử", "an e-mail address"),
}
"""Values of `format` of a text column whose structure is checked (V418)."""

COMPARISONS = ("<=", "<", "==", ">", ">=")
OPERATIONS = (*COMPARISONS, "sum", "required_if", "unique", "range_by")


class CodeRow(NamedTuple):
    """One row of a code list: bounds and unit of measure of that code, where the list has them."""

    label: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit_of_measure: str | None = None


class SchemaField(NamedTuple):
    """One column: how its cells are read and what they must satisfy.

    `decimal` and `group` are None where the schema declares none: then there is none.
    `minimum` and `maximum` are kept as declared and read with the field's type by the engine.
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
    minimum: float | str | None = None
    maximum: float | str | None = None
    enum: tuple[str, ...] | None = None
    pattern: re.Pattern[str] | None = None
    min_length: int | None = None
    max_length: int | None = None
    unit_of_measure: str | None = None
    personal: bool = False
    codes: Mapping[str, CodeRow] | None = None
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

    `attachment` and `narrative` say that a file, or a text in words, is sent with the table.
    """

    name: str
    title: str
    fields: tuple[SchemaField, ...]
    primary_key: tuple[str, ...] = ()
    rules: tuple[TableRule, ...] = ()
    missing_values: frozenset[str] = frozenset({""})
    extra_columns: bool = False
    attachment: bool = False
    narrative: bool = False
    by_name: Mapping[str, SchemaField] = {}
