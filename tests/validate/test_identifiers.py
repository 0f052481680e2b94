"""Numbers of people, bodies and things: what passes and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from iocsl import clock
from iocsl.catalog import Catalogue
from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.domain import VIETNAM
from iocsl.validate import check
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
        ("dien_thoai", "1900 1234", "1900 12345"),
        ("bien_so", "26AB-123.45", "26a-123.45"),
        ("bien_so", "26-MĐ1 123.45", "26MĐ-12.345"),
        ("bien_so", "26A - 123.45", "26A_123.45"),
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


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        ("cccd", "14199001234", "phải có 12 chữ số; có thể đã mất số 0 ở đầu"),
        ("cccd", "014 199 001 234", "viết liền 12 chữ số, không có dấu cách hay dấu chấm"),
        ("cccd", "123456789", "phải có 12 chữ số; 9 chữ số là số chứng minh nhân dân cũ"),
        ("cccd", "099199001234", "ba chữ số đầu không phải mã tỉnh hay mã nước"),
        ("mst", "0100109106-000", "số thứ tự không thể toàn chữ số 0"),
        ("bhxh", "120123456", "phải có 10 chữ số, hoặc là số định danh 12 chữ số; có thể đã mất"),
        ("dien_thoai", "01654 123 456", "đầu số di động 11 chữ số đã đổi thành 10 chữ số từ năm"),
        ("dien_thoai", "022 3852 123", "số cố định phải có 11 chữ số; mã vùng đã đổi từ năm 2017"),
        ("dien_thoai", "912345678", "có thể đã mất số 0 hoặc dấu + ở đầu"),
        ("bien_so", "26a-123.45", "ví dụ 26A-123.45"),
    ],
)
def test_the_reason_is_shown_where_the_number_is_not(
    tmp_path: Path, catalogue: Catalogue, kind: str, given: str, why: str
) -> None:
    """Most of these columns are personal: what is wrong has to be plain without the number."""
    schema = tmp_path / "a.schema.yaml"
    schema.write_text(f"fields:\n  - {{name: x, format: {kind}, du_lieu_ca_nhan: true}}\n", "utf-8")
    path = tmp_path / "a.csv"
    path.write_text(f"x\n{given}\n", "utf-8")
    told = [each for each in check(path, catalogue, schema=schema).findings if each.code == "V418"]
    assert len(told) == 1
    assert why in told[0].message
    assert "“***”" in told[0].message
    assert given not in told[0].message


def test_bounds_of_a_personal_column_are_shown(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "a.schema.yaml"
    schema.write_text(
        "fields:\n  - {name: x, type: number, du_lieu_ca_nhan: true, constraints: {maximum: 50}}\n"
        "  - {name: y, du_lieu_ca_nhan: true, constraints: {maxLength: 3, pattern: '[a-z]+'}}\n",
        "utf-8",
    )
    path = tmp_path / "a.csv"
    path.write_text("x;y\n77;Abcd\n", "utf-8")
    told = {each.code: each.message for each in check(path, catalogue, schema=schema).findings}
    assert told == {
        "V409": "*** lớn hơn mức cao nhất 50.",
        "V410": "“***” không đúng dạng quy định ([a-z]+).",
        "V411": "“***” có *** ký tự, quy định là 0–3.",
    }


def test_a_wrong_number_is_told_once_and_with_its_reason(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """The forms of civil status ask for citizens' numbers by pattern and by structure."""
    path = tmp_path / "a.csv"
    rows = [
        "so_dang_ky;ho_ten;dia_ban;so_dinh_danh",
        "12/2026;Lò Văn A;03646;14199001234",
        "13/2026;Lò Văn B;03646;099199001234",
    ]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    found = check(path, catalogue, dataset="KDL-D-005", period="2026-11-05").findings
    told = [(each.code, each.row) for each in found if each.column == "so_dinh_danh"]
    assert told == [("V418", 2), ("V418", 3)]
