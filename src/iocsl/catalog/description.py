"""The description that goes with every submission (1134 Điều 6 khoản 6, "tài liệu mô tả chi tiết").

It says what the columns are, in which units of measure, for which period, from whom, and where the
regulation asks for it, so that the data can be read without this tool and without its catalogue.
Everything in it comes from the catalogue; what the catalogue does not know is null.
"""

from __future__ import annotations

from typing import Any

from iocsl.catalog.entries import Dataset, Indicator
from iocsl.catalog.lookup import Catalogue
from iocsl.domain import Period

SCHEMA = "iocsl/description/1"


def describe(catalogue: Catalogue, dataset: Dataset, unit: str, period: Period) -> dict[str, Any]:
    """`ho-so/mo-ta.json`: `{schema, dataset, unit, period, catalogue, structure, indicators}`.

    `structure` is the Table Schema itself, code lists included.
    """
    sender = catalogue.unit(unit)
    leader = catalogue.unit(dataset.responsible) if dataset.responsible else None
    return {
        "schema": SCHEMA,
        "dataset": {
            "code": dataset.code,
            "name": dataset.name,
            "name_printed": dataset.name_printed,
            "regime": dataset.regime.value,
            "periods": list(dataset.periods),
            "status": dataset.status,
            "ma_tam": dataset.ma_tam,
            "leader": {"id": leader.id, "name": leader.name} if leader else None,
            "source": dataset.document()["source"],
        },
        "unit": {"id": unit, "name": sender.name if sender else None},
        "period": {
            "id": period.id,
            "type": period.type.value,
            "first_day": period.first_day.isoformat(),
            "last_day": period.last_day.isoformat(),
        },
        "catalogue": {"version": catalogue.version, "sha256": catalogue.digest},
        "structure": catalogue.schema(dataset.schema),
        "indicators": [_indicator(each) for each in catalogue.indicators(dataset.code)],
    }


def _indicator(each: Indicator) -> dict[str, Any]:
    return {
        "code": each.code,
        "name": each.name,
        "unit_of_measure": each.unit_of_measure,
        "method": each.method,
        "figures": [{"period": period, "status": status} for period, status in each.figures],
        "breakdowns": list(each.breakdowns),
        "valid_from": each.valid_from,
        "valid_to": each.valid_to,
        "replaced_by": each.replaced_by,
        "ma_tam": each.ma_tam,
    }
