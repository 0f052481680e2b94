"""Numbers of people, bodies and things: what passes and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from iocsl import clock
from iocsl.catalog import Catalogue
from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.domain import VIETNAM
from iocsl.validate.context import Context
from iocsl.validate.rules.identifiers import wrong_identifier


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("cccd", "014199001234", "14199001234"),
        ("cccd", "101088001234", "003199001234"),
        ("cccd", "014226001234", "014227001234"),
        ("cccd", "096305001234", "014499001234"),
        ("mst", "0100109106", "0100109107"),
        ("mst", "0100109106-001", "010010910"),
        ("mst", "014199001234", "014199O01234"),
        ("bhxh", "1420123456", "142012345"),
        ("bhxh", "014199001234", "014999001234"),
        ("dien_thoai", "0912 345 678", "0112345678"),
        ("dien_thoai", "+84 212 3852 123", "02123852"),
        ("bien_so", "26A-123.45", "26-12345"),
        ("bien_so", "26B1-123.45", "06A-123.45"),
        ("bien_so", "TM-12-34", "26A-12"),
        ("bien_so", "80-123-NG-01", "80-12-NG-01"),
        ("email", "so@sonla.gov.vn", "so@sonla"),
    ],
)
def test_kinds(catalogue: Catalogue, kind: str, good: str, bad: str) -> None:
    clock.set_now(datetime(2026, 11, 22, 8, tzinfo=VIETNAM))
    context = replace(
        Context(catalogue, TableSchema("a", "A", ())), field=SchemaField("x", "X", format=kind)
    )
    assert wrong_identifier(good, context) is None
    fault = wrong_identifier(bad, context)
    assert fault is not None
    assert fault.facts["why"]
