"""The catalogue as others read it: complete, valid in each form, and one page without a network."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from iocsl.catalog import Catalogue
from iocsl.cli import main


def exported(form: str, tmp_path: Path) -> Path:
    path = tmp_path / f"danh-muc.{form}"
    assert main(["catalog", "export", "--format", form, "-o", str(path)]) == 0
    return path


def loaded(form: str, tmp_path: Path) -> Any:
    return json.loads(exported(form, tmp_path).read_text("utf-8"))


def test_table_schema_holds_every_entry(tmp_path: Path, catalogue: Catalogue) -> None:
    package = loaded("table-schema", tmp_path)
    assert len(package["resources"]) == 463
    births = next(each for each in package["resources"] if each["name"] == "kdl-d-003")
    assert births["schema"] == catalogue.schema("khai_sinh")
    assert "trích xuất" in package["sources"][0]["title"]


def test_json_schema_says_types_and_what_is_personal(tmp_path: Path) -> None:
    schema = loaded("json-schema", tmp_path)
    assert schema["properties"]["KDL-M-016"]["items"] == {"$ref": "#/$defs/gia_ca_thi_truong"}
    figures = schema["$defs"]["gia_ca_thi_truong"]
    assert figures["required"] == ["ma_chi_tieu", "ky_bao_cao", "gia_tri"]
    assert figures["properties"]["gia_tri"]["type"] == "number"
    assert figures["additionalProperties"] is False
    births = schema["$defs"]["khai_sinh"]["properties"]
    assert births["ho_ten"]["x-du-lieu-ca-nhan"] is True
    assert births["ngay_sinh"]["format"] == "date"
    for name in re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)):
        assert name in schema["$defs"]


def test_dcat_names_publisher_and_frequency(tmp_path: Path) -> None:
    document = loaded("dcat", tmp_path)
    assert len(document["dcat:dataset"]) == 463
    by_code = {each["dct:identifier"]: each for each in document["dcat:dataset"]}
    prices = by_code["KDL-M-016"]
    assert prices["dct:publisher"]["dct:identifier"] == "CQ-TC"
    assert prices["dct:accrualPeriodicity"][0]["@id"].endswith("/MONTHLY")
    # An agency that the text does not print is no publisher.
    assert "dct:publisher" not in by_code["KDL-E-119"]


def test_the_workbook_lists_all(tmp_path: Path) -> None:
    sheet = load_workbook(exported("xlsx", tmp_path)).active
    assert sheet is not None
    assert sheet.max_row == 2 + 463
    assert sheet.auto_filter.ref.startswith("A2:")
    assert (sheet.print_title_rows, sheet.page_setup.fitToWidth) == ("$2:$2", 1)
    fitted = sheet.sheet_properties.pageSetUpPr
    assert fitted is not None
    assert fitted.fitToPage


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, str | None]] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.add(str(given["id"]))
        if tag == "tr" and "data-s" in given:
            self.rows.append(given)
        if tag == "a":
            self.links.append(str(given["href"]))
        if tag in {"script", "link", "img", "iframe"} and (given.get("src") or given.get("href")):
            self.fetched.append(tag)


def test_the_page_is_one_file_searched_without_diacritics(tmp_path: Path) -> None:
    text = exported("html", tmp_path).read_text("utf-8")
    seen = _Seen()
    seen.feed(text)
    assert len(seen.rows) == 463
    assert seen.fetched == []
    assert "http://" not in text
    assert "https://" not in text
    assert all(link.removeprefix("#") in seen.ids for link in seen.links)
    births = next(row for row in seen.rows if row["id"] == "KDL-D-003")
    assert " khai sinh" in str(births["data-s"])
    assert (births["data-u"], births["data-k"], births["data-r"]) == ("CQ-TP", "day", "QD1134")


def test_an_unknown_form_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "export", "--format", "json", "-o", str(tmp_path / "x")]) == 2
    assert "table-schema" in capsys.readouterr().out
