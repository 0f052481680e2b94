"""The report: the contract's shape, the same for the same data, personal values masked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iocsl import text as language
from iocsl.catalog import Catalogue
from iocsl.catalog.templates import write_template
from iocsl.validate import Report, check
from iocsl.validate.registry import rule_set
from validate_books import HEAD, book, prices, text

FAULTY = [
    HEAD,
    ["KDL-M-016.001", "2026-10", "14", "1.234"],
    ["KDL-M-016.002", "2026-10", "14", "1.5"],
    ["KDL-M-016.099", "2026-10", "14", "8,5"],
    ["KDL-M-016.001", "2026-10", "14", "7"],
    ["KDL-M-016.003", "2026-13", "03649", ""],
]
KEYS = ["ma_chi_tieu", "ky_bao_cao", "dia_ban", "gia_tri"]


def as_xml(path: Path, rows: list[list[str]]) -> Path:
    records = "".join(
        "<r>"
        + "".join(f"<{key}>{cell}</{key}>" for key, cell in zip(KEYS, row, strict=True))
        + "</r>"
        for row in rows[1:]
    )
    path.write_text(f"<?xml version='1.0'?><bieu>{records}</bieu>", encoding="utf-8")
    return path


def as_xls(path: Path, rows: list[list[str]]) -> Path:
    import xlwt

    made = xlwt.Workbook(encoding="utf-8")
    sheet = made.add_sheet("Du_lieu")
    for down, row in enumerate(rows):
        for across, cell in enumerate(row):
            sheet.write(down, across, cell)
    made.save(str(path))
    return path


def told(report: Report) -> list[tuple[Any, ...]]:
    return [
        (each.code, each.row, each.column, each.value, each.message) for each in report.findings
    ]


def test_the_same_data_give_the_same_findings(tmp_path: Path, catalogue: Catalogue) -> None:
    paths = [
        book(tmp_path / "a.xlsx", FAULTY),
        text(tmp_path / "a.csv", FAULTY),
        text(tmp_path / "b.csv", FAULTY, encoding="utf-16"),
        as_xml(tmp_path / "a.xml", FAULTY),
        as_xls(tmp_path / "a.xls", FAULTY),
    ]
    reports = [prices(path, catalogue) for path in paths]
    seen = [[each for each in told(report) if each[0] != "F111"] for report in reports]
    assert [code for code, *_ in seen[0]] == [
        "C310", "V403", "C301", "X701", "P509", "C307", "V401",
    ]  # fmt: skip
    assert all(each == seen[0] for each in seen)


def test_places_by_format(tmp_path: Path, catalogue: Catalogue) -> None:
    workbook = prices(book(tmp_path / "a.xlsx", FAULTY), catalogue)
    first = next(each for each in workbook.findings if each.code == "V403")
    assert (first.sheet, first.cell, first.row, first.line) == ("Du_lieu", "D3", 3, None)
    plain = prices(text(tmp_path / "a.csv", FAULTY), catalogue)
    first = next(each for each in plain.findings if each.code == "V403")
    assert (first.sheet, first.cell, first.row, first.line) == (None, None, 3, 3)


def test_record_and_line_differ_after_a_quoted_line_break(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    path = tmp_path / "a.csv"
    head = "ma_chi_tieu;ky_bao_cao;gia_tri;ghi_chu"
    path.write_bytes(
        f'{head}\r\nKDL-M-016.001;2026-10;1;"a\r\nb"\r\nKDL-M-016.002;2026-10;x;\r\n'.encode()
    )
    found = [each for each in prices(path, catalogue).findings if each.code == "V402"]
    assert [(each.row, each.line) for each in found] == [(3, 4)]


def test_document_has_every_key(tmp_path: Path, catalogue: Catalogue) -> None:
    document = prices(text(tmp_path / "a.csv", FAULTY), catalogue).document()
    assert list(document) == [
        "schema", "tool", "catalogue_version", "rule_set", "file", "dataset", "unit", "period",
        "valid", "counts", "quality", "findings",
    ]  # fmt: skip
    assert document["schema"] == "iocsl/validation-report/1"
    assert document["rule_set"] == rule_set()
    assert list(document["file"]) == ["name", "sha256", "size", "format", "encoding"]
    assert list(document["counts"]) == ["rows", "cells", "error", "warning", "info"]
    assert list(document["quality"]) == ["dung", "du", "sach", "song"]
    for each in document["findings"]:
        assert list(each) == [
            "code", "name", "severity", "sheet", "cell", "row", "line", "column", "value",
            "message", "hint", "basis", "count",
        ]  # fmt: skip
        assert "1134" in each["basis"]
    json.dumps(document)


def test_basis_cites_the_regime_of_the_dataset(tmp_path: Path, catalogue: Catalogue) -> None:
    path = text(tmp_path / "a.csv", FAULTY)
    old = check(path, catalogue, dataset="IOC-21-24", period="2026-10")
    assert all(each.basis is None or "2023" in each.basis for each in old.findings)
    assert any(each.basis for each in old.findings)


def test_messages_follow_the_language(tmp_path: Path, catalogue: Catalogue) -> None:
    path = text(tmp_path / "a.csv", FAULTY)
    vi = prices(path, catalogue)
    language.set_language("en")
    en = prices(path, catalogue)
    assert [each.code for each in vi.findings] == [each.code for each in en.findings]
    assert all(a.message != b.message for a, b in zip(vi.findings, en.findings, strict=True))


def test_personal_values_are_masked_everywhere(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(
        "fields:\n"
        "  - {name: cccd, title: Số CCCD, du_lieu_ca_nhan: true,"
        " constraints: {required: true, unique: true, pattern: '[0-9]{12}'}}\n"
        "  - {name: ten, title: Họ tên, du_lieu_ca_nhan: true, constraints: {maxLength: 10}}\n"
        "primaryKey: [cccd]\n",
        encoding="utf-8",
    )
    secret = ["014099000123", "Lò Thị Mai Hương"]
    rows = [["Số CCCD", "Họ tên"], secret, secret, ["14099000123", "Lò\u200b Văn Bí Mật"]]
    report = check(text(tmp_path / "a.csv", rows), catalogue, schema=schema)
    assert {each.code for each in report.findings} >= {"X701", "V410", "V411", "L802"}
    said = json.dumps(report.document(), ensure_ascii=False)
    for piece in ("14099000123", "Hương", "Bí Mật"):
        assert piece not in said


def test_what_the_schema_says_of_a_personal_column_is_no_secret(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(
        "fields:\n"
        "  - {name: gioi_tinh, title: Giới tính, du_lieu_ca_nhan: true,"
        " constraints: {required: true, enum: [Nam, Nữ]}}\n"
        "  - {name: so, title: Số}\n",
        encoding="utf-8",
    )
    rows = [["Giới tính", "Số"], ["", "1"], ["Bí Mật", "2"]]
    report = check(text(tmp_path / "a.csv", rows), catalogue, schema=schema)
    said = {each.code: each.message for each in report.findings}
    assert "“Giới tính”" in said["V401"]
    assert "Nam, Nữ" in said["V407"]
    assert "Bí Mật" not in json.dumps(report.document(), ensure_ascii=False)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_template_filled_in_has_no_finding(
    tmp_path: Path, catalogue: Catalogue, ending: str
) -> None:
    path = tmp_path / f"KDL-M-016_2026-10.{ending}"
    dataset = catalogue.dataset("KDL-M-016")
    write_template(catalogue, dataset, path, unit="CQ-TC", period="2026-10")
    unfilled = check(path, catalogue, unit="CQ-TC")
    assert [(each.code, each.count) for each in unfilled.findings] == [("V401", 30)]
    if ending == "xlsx":
        import openpyxl

        made = openpyxl.load_workbook(path)
        for row in range(5, 35):
            made["Du_lieu"].cell(row, 6).value = 1000.5 * row
        made.save(path)
    else:
        lines = path.read_text("utf-8-sig").splitlines()
        filled = [line.replace(";14;;", ";14;12.345,6;") for line in lines]
        path.write_text("\n".join(filled), encoding="utf-8")
    report = check(path, catalogue, unit="CQ-TC")
    assert report.findings == ()
    assert (report.rows, report.dataset, report.unit, report.period) == (
        30,
        "KDL-M-016",
        "CQ-TC",
        "2026-10",
    )


def test_every_named_entry_has_a_template_that_is_read_back(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    for dataset in catalogue.datasets()[::40]:
        path = tmp_path / f"{dataset.code}.xlsx"
        write_template(catalogue, dataset, path, unit=None, period=None)
        report = check(path, catalogue)
        assert report.dataset == dataset.code
        assert not {each.code for each in report.findings} & {"S201", "S202", "S203", "S207"}
