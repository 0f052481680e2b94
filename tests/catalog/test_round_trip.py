"""Template → filled in → checked: nothing to find, for every entry that has a name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from iocsl.catalog import Catalogue, Dataset
from iocsl.catalog.schema import SchemaField, TableSchema, parse_schema
from iocsl.catalog.template_book import HEADING_ROW
from iocsl.catalog.template_rows import PROVINCE, Previous
from iocsl.catalog.template_text import shown
from iocsl.catalog.templates import write_template
from iocsl.validate import Report, check
from iocsl.validate.rows import read_previous

PERIODS = {
    "day": "2026-11-20",
    "month": "2026-10",
    "quarter": "2026-Q3",
    "half": "2026-H1",
    "9m": "2026-9M",
    "year": "2026",
    "season": "2026-DX",
    "event": "20261120T080000+0700",
    "realtime": "2026-11-20",
}
QUARTER_I = {"IOC-21-01", "IOC-21-07"}
"""Quarterly forms whose titles speak of quarter I alone."""


def period_of(dataset: Dataset) -> str | None:
    if dataset.code in QUARTER_I:
        return "2026-Q1"
    return PERIODS[dataset.periods[0]] if dataset.periods else None


def plausible(
    schema: TableSchema, field: SchemaField, at: int, dataset: Dataset, period: str | None
) -> Any:
    """A value that a careful officer could have typed into that column."""
    before = {
        name for rule in schema.rules if rule.operation in {"<", "<="} for name in rule.columns
    }
    known = {
        "ma_chi_tieu": f"{dataset.code}.{at + 1:03d}",
        "ky_bao_cao": period or "2026",
        "dia_ban": PROVINCE,
    }
    if field.name in known:
        return known[field.name]
    if field.enum or field.codes:
        return next(iter(field.enum or field.codes or ()))
    low = float(field.minimum) if isinstance(field.minimum, int | float) else 0.0
    by_type = {
        "number": low + 12.5 + at,
        "integer": int(low) + 3 + at,
        "date": date(2026, 5 if field.name in before else 10, 5 + at % 20),
        "boolean": field.true_values[0],
        "year": "2026",
        "yearmonth": "2026-10",
    }
    if field.type in by_type:
        return by_type[field.type]
    return sample_text(field, at)


def sample_text(field: SchemaField, at: int) -> str:
    if field.format is not None:
        return {"cccd": f"01419900{at:04d}", "dien_thoai": f"091234{at:04d}"}[field.format]
    if field.pattern is not None:
        for text in (f"{at + 1}/2026", f"{at:09d}", "03646", "2026-10"):
            if field.pattern.fullmatch(text):
                return text
        raise AssertionError(field.name)
    return f"Nội dung {at + 1}"[: field.max_length]


def rows_for(schema: TableSchema, dataset: Dataset, period: str | None) -> list[dict[str, Any]]:
    return [
        {each.name: plausible(schema, each, at, dataset, period) for each in schema.fields}
        for at in range(2)
    ]


def fill_book(path: Path, schema: TableSchema, dataset: Dataset, period: str | None) -> None:
    """Fill the figures of rows that are there, or add two rows where there are none."""
    book = load_workbook(path)
    sheet = book["Du_lieu"]
    there = sheet.cell(HEADING_ROW + 1, 1).value is not None
    rows = list(range(HEADING_ROW + 1, sheet.max_row + 1 if there else HEADING_ROW + 3))
    for at, row in enumerate(rows):
        for across, field in enumerate(schema.fields, 1):
            cell = sheet.cell(row, across)
            if cell.value is None and not (there and field.name == "trang_thai_so_lieu"):
                cell.value = plausible(schema, field, at, dataset, period)
    book.save(path)


def schema_of(catalogue: Catalogue, dataset: Dataset) -> TableSchema:
    return parse_schema(catalogue.schema(dataset.schema), dataset.schema)


def told(report: Report) -> list[str]:
    return [f"{each.code} {each.column}: {each.message}" for each in report.findings]


def test_every_named_entry_comes_back_without_a_finding(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    found: dict[str, list[str]] = {}
    for dataset in catalogue.datasets():
        if dataset.name is None:
            continue
        period = period_of(dataset)
        schema = schema_of(catalogue, dataset)
        # One file a format for each structure and each set of indicators is enough for the writer;
        # the quick format carries all the others.
        path = tmp_path / f"{dataset.code}.csv"
        write_template(catalogue, dataset, path, unit=dataset.responsible, period=period)
        head, *given = path.read_text("utf-8-sig").splitlines()
        rows = [
            ";".join(shown(row[each.name], each) for each in schema.fields)
            for row in rows_for(schema, dataset, period)
        ]
        if given:
            rows = [_filled(line, schema) for line in given]
        path.write_text("\r\n".join([head, *rows]) + "\r\n", "utf-8-sig")
        report = check(path, catalogue, unit=dataset.responsible, period=period or "2026")
        if said := told(report):
            found[dataset.code] = said
        assert report.counts["rows"] == len(rows)
    assert found == {}


def _filled(line: str, schema: TableSchema) -> str:
    cells = line.split(";")
    names = [each.name for each in schema.fields]
    cells[names.index("gia_tri")] = "12,5"
    if "don_vi_tinh" in names and not cells[names.index("don_vi_tinh")]:
        cells[names.index("don_vi_tinh")] = "%"
    return ";".join(cells)


def one_of_each(catalogue: Catalogue) -> Mapping[str, Dataset]:
    """One entry for each structure, with a set of indicators and without."""
    found: dict[str, Dataset] = {}
    for each in catalogue.datasets():
        if each.name is not None and each.responsible:
            found.setdefault(f"{each.schema} {bool(each.indicators)}", each)
    return found


@pytest.mark.parametrize("ending", ["xlsx", "xml"])
def test_each_structure_comes_back_in_the_other_formats(
    catalogue: Catalogue, tmp_path: Path, ending: str
) -> None:
    for dataset in one_of_each(catalogue).values():
        period = period_of(dataset)
        schema = schema_of(catalogue, dataset)
        path = tmp_path / f"mau-{dataset.code}.{ending}"
        # A period is always filled in, so that nothing but the file says what it is.
        write_template(catalogue, dataset, path, unit=dataset.responsible, period=period)
        if ending == "xlsx":
            fill_book(path, schema, dataset, period)
        else:
            fill_xml(path, schema, dataset, period)
        report = check(path, catalogue)
        assert report.dataset == dataset.code
        assert report.period == period
        assert told(report) == []
        assert report.counts["rows"] >= 1


def fill_xml(path: Path, schema: TableSchema, dataset: Dataset, period: str | None) -> None:
    from lxml import etree

    tree = etree.parse(path)
    for at, record in enumerate(tree.getroot()):
        status_given = record.findtext("ma_chi_tieu")
        for field in schema.fields:
            cell = record.find(field.name)
            assert cell is not None
            if not cell.text and not (status_given and field.name == "trang_thai_so_lieu"):
                cell.text = shown(plausible(schema, field, at, dataset, period), field)
    grammar = etree.XMLSchema(etree.parse(path.with_suffix(".xsd")))
    grammar.assertValid(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)


def test_the_grammar_refuses_what_is_no_number(catalogue: Catalogue, tmp_path: Path) -> None:
    from lxml import etree

    path = tmp_path / "mau.xml"
    dataset = catalogue.dataset("KDL-M-016")
    write_template(catalogue, dataset, path, unit=dataset.unit, period="2026-10")
    tree = etree.parse(path)
    grammar = etree.XMLSchema(etree.parse(path.with_suffix(".xsd")))
    assert grammar.validate(tree)
    figure = tree.getroot()[0].find("gia_tri")
    assert figure is not None
    for text, right in (("1.234,5", True), ("12,5", True), ("1.5", False), ("mười", False)):
        figure.text = text
        assert grammar.validate(tree) is right


def test_last_period_is_carried_over_with_its_figures_beside(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    dataset = catalogue.dataset("KDL-M-016")
    old, new = tmp_path / "KDL-M-016_2026-09.xlsx", tmp_path / "KDL-M-016_2026-10.xlsx"
    write_template(catalogue, dataset, old, unit=dataset.unit, period="2026-09")
    fill_book(old, schema_of(catalogue, dataset), dataset, "2026-09")
    previous = read_previous(old, catalogue, dataset)
    assert previous.period == "2026-09"
    write_template(catalogue, dataset, new, unit=dataset.unit, period="2026-10", previous=previous)
    sheet = load_workbook(new)["Du_lieu"]
    headings = [cell.value for cell in sheet[HEADING_ROW]]
    assert headings[-1] == "Kỳ trước 2026-09: Giá trị"
    row = dict(zip(headings, (cell.value for cell in sheet[HEADING_ROW + 1]), strict=True))
    assert row["Kỳ báo cáo"] == "2026-10"
    assert row["Giá trị"] is None
    assert row["Kỳ trước 2026-09: Giá trị"] == 12.5
    fill_book(new, schema_of(catalogue, dataset), dataset, "2026-10")
    assert told(check(new, catalogue)) == []


def test_a_code_that_is_new_comes_after_the_carried_rows(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    dataset = catalogue.dataset("KDL-M-016")
    path = tmp_path / "mau.csv"
    one = {"ma_chi_tieu": "KDL-M-016.003", "ky_bao_cao": "2026-09", "gia_tri": 7.0}
    gone = {"ma_chi_tieu": "KDL-M-016.999", "ky_bao_cao": "2026-09", "gia_tri": 8.0}
    write_template(
        catalogue,
        dataset,
        path,
        unit=None,
        period="2026-10",
        previous=Previous([one, gone], "2026-09"),
    )
    lines = path.read_text("utf-8-sig").splitlines()
    assert lines[1].startswith("KDL-M-016.003;")
    assert lines[1].endswith(";7")
    assert len(lines) == 1 + len(dataset.indicators)


@pytest.mark.parametrize(
    ("options", "name", "code"),
    [
        ({"dataset": "KDL-D-003"}, "mau.xlsx", "P501"),
        ({"period": "2026-11"}, "mau.xlsx", "P503"),
        ({}, "KDL-M-016_2026-11.xlsx", "P503"),
    ],
)
def test_a_wrong_or_stale_template_is_one_finding(
    catalogue: Catalogue, tmp_path: Path, options: dict[str, Any], name: str, code: str
) -> None:
    dataset = catalogue.dataset("KDL-M-016")
    path = tmp_path / name
    write_template(catalogue, dataset, path, unit=dataset.unit, period="2026-10")
    fill_book(path, schema_of(catalogue, dataset), dataset, "2026-10")
    report = check(path, catalogue, **options)
    assert [each.code for each in report.findings] == [code]


def test_an_outdated_template_is_one_finding(catalogue: Catalogue, tmp_path: Path) -> None:
    dataset = catalogue.dataset("KDL-M-016")
    path = tmp_path / "mau.xlsx"
    write_template(catalogue, dataset, path, unit=dataset.unit, period="2026-10")
    fill_book(path, schema_of(catalogue, dataset), dataset, "2026-10")
    book = load_workbook(path)
    book["Thong_tin"]["B4"].value = "0-00000000"
    book.save(path)
    assert [each.code for each in check(path, catalogue).findings] == ["P511"]


def test_the_sheet_is_locked_and_its_filters_stay_usable(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    dataset = catalogue.dataset("KDL-M-016")
    path = tmp_path / "mau.xlsx"
    write_template(catalogue, dataset, path, unit=dataset.unit, period="2026-10")
    sheet = load_workbook(path)["Du_lieu"]
    assert sheet.protection.sheet
    assert not sheet.protection.autoFilter
    assert sheet.auto_filter.ref.startswith(f"A{HEADING_ROW}:")
    assert sheet.cell(HEADING_ROW, 1).protection.locked
    assert not sheet.cell(HEADING_ROW + 1, 1).protection.locked
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert len(lists) >= 3
