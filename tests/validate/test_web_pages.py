"""What programs export as “.xls” and is a web page is named as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from validate_books import prices


@pytest.mark.parametrize(
    "start",
    [
        "<html><body><table>",
        "<table border='1'>",
        "<META http-equiv='Content-Type'>",
        "MIME-Version: 1.0\nContent-Type: multipart/related\n\n<html><table>",
    ],
)
@pytest.mark.parametrize("ending", ["xls", "xlsx", "csv"])
def test_a_web_page_is_named(tmp_path: Path, catalogue: Catalogue, start: str, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_text(f"{start}<tr><td>Mã chỉ tiêu</td><td>Giá trị</td></tr>", encoding="utf-8")
    found = prices(path, catalogue).findings
    assert [each.code for each in found] == ["F102"]
    assert "HTML" in found[0].message


def test_records_of_xml_may_stand_under_any_name(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "a.xml"
    row = "<dong><ma_chi_tieu>KDL-M-016.001</ma_chi_tieu><gia_tri>x</gia_tri></dong>"
    path.write_text(f"<table>{row}{row}</table>", encoding="utf-8")
    assert prices(path, catalogue).rows == 2
