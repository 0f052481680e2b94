"""The description that every bundle carries (1134 Điều 6.6)."""

from __future__ import annotations

import json

import pytest

from iocsl.catalog import Catalogue
from iocsl.catalog.description import describe
from iocsl.domain import Period
from iocsl.ledger.chain import canonical


def described(catalogue: Catalogue, code: str, unit: str, period: str) -> dict[str, object]:
    return describe(catalogue, catalogue.dataset(code), unit, Period.parse(period))


def test_it_says_what_the_columns_and_figures_are(catalogue: Catalogue) -> None:
    found = described(catalogue, "KDL-M-016", "CQ-TC", "2026-10")
    assert json.loads(canonical(found)) == found
    assert found["unit"] == {"id": "CQ-TC", "name": "Sở Tài chính"}
    assert found["period"] == {
        "id": "2026-10",
        "type": "month",
        "first_day": "2026-10-01",
        "last_day": "2026-10-31",
    }
    dataset, structure = found["dataset"], found["structure"]
    assert isinstance(dataset, dict)
    assert isinstance(structure, dict)
    assert dataset["source"]["annex"] == "Phụ lục II"
    assert dataset["leader"] == {"id": "CQ-TC", "name": "Sở Tài chính"}
    assert [each["title"] for each in structure["fields"]][:2] == ["Mã chỉ tiêu", "Tên chỉ tiêu"]
    indicators = found["indicators"]
    assert isinstance(indicators, list)
    assert len(indicators) == 30
    assert (indicators[0]["code"], indicators[0]["unit_of_measure"]) == (
        "KDL-M-016.001",
        "đồng/kg",
    )


@pytest.mark.parametrize(("code", "basis"), [("KDL-D-003", True), ("KDL-M-010", False)])
def test_a_norm_is_cited_or_nothing(catalogue: Catalogue, code: str, *, basis: bool) -> None:
    structure = described(catalogue, code, "CQ-TP", "2026-11-20")["structure"]
    assert isinstance(structure, dict)
    assert ("nguon" in structure) is basis
    assert structure["mau_khoi_dau"] is True


def test_every_entry_can_be_described(catalogue: Catalogue) -> None:
    for each in catalogue.datasets():
        found = describe(catalogue, each, "CQ-TC", Period.parse("2026-10"))
        assert canonical(found)
        if each.name is None:
            dataset = found["dataset"]
            assert isinstance(dataset, dict)
            assert dataset["name"] is None
