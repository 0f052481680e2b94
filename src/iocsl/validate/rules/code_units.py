"""X: the unit of measure beside a code whose list says one."""

from __future__ import annotations

from functools import partial
from typing import Any

from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.domain import Severity
from iocsl.validate.context import Context
from iocsl.validate.hits import MASK
from iocsl.validate.measures import same_unit
from iocsl.validate.readers.base import shown
from iocsl.validate.registry import Fault, Level, Role, RowRule, file_fault
from iocsl.validate.rules.codes import CODES

OTHER_UNIT = file_fault(
    "X715",
    "other-unit-of-code",
    Severity.ERROR,
    level=Level.ROW,
    vi="Đơn vị tính “{unit}” khác danh mục: mã {code} tính bằng “{listed}”.",
    en="The unit “{unit}” is not the code list's: {code} is measured in “{listed}”.",
    hint=(
        "Quy đổi số liệu về đơn vị của danh mục rồi sửa đơn vị tính.",
        "Convert the figure to the unit of the list and mend the unit.",
    ),
    basis=CODES,
    since="0.2.0",
    doc="""The unit of measure of a row (`don_vi_tinh`) is the one that the code list gives for the
    row's code (`don_vi_tinh` of the list).

    Why: a figure in another unit is wrong a thousand times, and nothing shows it later.
    Fix: convert the figure. The unit may be left out: then it is the list's.
    """,
)


def unit_rules(schema: TableSchema) -> list[RowRule]:
    """A rule for each column of codes whose list says units, where the schema has `don_vi_tinh`."""
    unit = schema.by_name.get(Role.UNIT_OF_MEASURE)
    if unit is None or unit.type != "string":
        return []
    return [
        RowRule(OTHER_UNIT, partial(_other_unit, each), (each.name, unit.name), unit.name)
        for each in schema.fields
        if any(row.unit_of_measure for row in (each.codes or {}).values())
    ]


def _other_unit(column: SchemaField, code: Any, unit: str | None, _: Context) -> Fault | None:
    row = (column.codes or {}).get(shown(code)) if code is not None else None
    if row is None or not unit or not row.unit_of_measure or same_unit(unit, row.unit_of_measure):
        return None
    said = MASK if column.personal else shown(code)
    return Fault(unit=unit, code=said, listed=row.unit_of_measure)
