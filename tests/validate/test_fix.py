"""`--fix`: what is mended means the same as before; what could mean two things is left alone."""

from __future__ import annotations

import csv
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.validate.fix import find_repairs
from iocsl.validate.mending import Mend, as_number, certain_font, mended_text, spellings
from validate_books import book, prices

HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị", "Ghi chú"]
NFD = unicodedata.normalize("NFD", "Giá gạo tẻ")


def _rows(*values: Any) -> list[list[Any]]:
    rows: list[list[Any]] = [HEAD]
    for at, value in enumerate(values, 1):
        rows.append([f"KDL-M-016.{at:03d}", "", "2026-10", "14", value, ""])
    return rows


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    rows = _rows("8500", " 2.345,5 ", "12.345.678", 1, "=E2+1", "0123", "1234567890123456")
    rows[1][0] = "kdl–m–016.001"
    rows[2][1] = NFD
    rows[3][5] = "a\u200b  b\u00a0"
    rows[4][5] = "Ðà Nẵng"
    rows[5][5] = "dòng một \n dòng  hai"
    return book(tmp_path / "KDL-M-016_2026-10.xlsx", rows)


def _mend(path: Path, catalogue: Catalogue) -> dict[str, tuple[str, set[Mend]]]:
    fixed = find_repairs(path, catalogue, prices(path, catalogue), dataset="KDL-M-016")
    return {each.cell or "": (each.number or each.after, {*each.kinds}) for each in fixed.repairs}


def test_each_kind_of_repair(faulty: Path, catalogue: Catalogue) -> None:
    assert _mend(faulty, catalogue) == {
        "A2": ("KDL-M-016.001", {Mend.CODE}),
        "E2": ("8500", {Mend.NUMBER}),
        "B3": ("Giá gạo tẻ", {Mend.FORM}),
        "E3": ("2345.5", {Mend.SPACES, Mend.NUMBER}),
        "E4": ("12345678", {Mend.NUMBER}),
        "F4": ("a b", {Mend.INVISIBLE, Mend.SPACES}),
        "F5": ("Đà Nẵng", {Mend.ETH}),
        "F6": ("dòng một\ndòng hai", {Mend.SPACES}),
    }


def test_the_original_stays_and_the_rest_is_the_same(
    faulty: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    before = faulty.read_bytes()
    main(["validate", str(faulty), "--fix", "--unit", "CQ-TC"])
    target = faulty.with_name("KDL-M-016_2026-10.sua.xlsx")
    assert faulty.read_bytes() == before
    assert "Du_lieu!E3: “ 2.345,5 ” → 2345,5" in capsys.readouterr().out
    old, new = load_workbook(faulty)["Du_lieu"], load_workbook(target)["Du_lieu"]
    assert (new["E3"].value, new["E2"].value, new["E4"].value) == (2345.5, 8500, 12345678)
    changed = {"A2", "E2", "B3", "E3", "E4", "F4", "F5", "F6"}
    for row in old.iter_rows():
        for cell in row:
            if cell.coordinate not in changed:
                assert new[cell.coordinate].value == cell.value, cell.coordinate
            assert new[cell.coordinate].number_format == cell.number_format
    with zipfile.ZipFile(faulty) as one, zipfile.ZipFile(target) as other:
        assert one.namelist() == other.namelist()
        assert b'fullCalcOnLoad="1"' in other.read("xl/workbook.xml")
    assert _mend(target, catalogue) == {}


def test_a_dry_run_writes_nothing_and_a_second_run_overwrites_nothing(
    faulty: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["validate", str(faulty), "--fix"]
    main([*ask, "--dry-run", "--lang", "en"])
    assert "8 cells would be mended" in capsys.readouterr().out
    assert not list(faulty.parent.glob("*.sua.xlsx"))
    main(ask)
    target = faulty.with_name("KDL-M-016_2026-10.sua.xlsx")
    before = target.read_bytes()
    assert main(ask) == 2
    assert target.read_bytes() == before
    assert main(["validate", str(faulty), "--dry-run"]) == 2


def test_a_group_among_decimals_is_left_alone(tmp_path: Path, catalogue: Catalogue) -> None:
    """Beside `1.5`, `1.234` could be meant as a decimal: nobody but its author knows."""
    path = book(tmp_path / "a.xlsx", _rows("1.234", "1.5", "2.345,5"))
    assert _mend(path, catalogue) == {"E4": ("2345.5", {Mend.NUMBER})}
    path = book(tmp_path / "b.xlsx", _rows("1.234", "2.345,5"))
    assert set(_mend(path, catalogue)) == {"E2", "E3"}


def test_formulas_and_mixed_formats_are_left_alone(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "a.xlsx"
    rich = CellRichText("Giá  ", TextBlock(InlineFont(b=True), "gạo"))
    rows = _rows("8500")
    rows[1][5] = rich
    book(path, rows)
    # A formula with a stored text, as Excel writes it.
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(
        b'<c r="B2"', b'<c r="B2" t="str"><f>"a"&amp;" "</f><v>a </v></c><c r="ZZ2"'
    )
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    assert set(_mend(path, catalogue)) <= {"E2"}


def test_csv_keeps_its_delimiter_and_becomes_utf8(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "KDL-M-016_2026-10.csv"
    rows = _rows("8500", " 2.345,5 ", "1.5")
    rows[1][0], rows[2][1], rows[3][5] = "kdl-m-016.001", NFD, 'có "ngoặc"; và\nxuống dòng'
    with path.open("w", encoding="utf-16", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(rows)
    main(["validate", str(path), "--fix"])
    target = path.with_name("KDL-M-016_2026-10.sua.csv")
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    with target.open(encoding="utf-8-sig", newline="") as stream:
        mended = list(csv.reader(stream, delimiter=";"))
    rows[1][0], rows[2][1], rows[2][4] = "KDL-M-016.001", "Giá gạo tẻ", "2.345,5"
    assert mended == rows


def test_personal_values_are_masked_in_the_diff(
    tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = tmp_path / "nguoi.yaml"
    schema.write_text(
        "name: nguoi\nfields:\n  - {name: ten, title: Họ tên, du_lieu_ca_nhan: true}\n"
        "  - {name: xa, title: Xã}\n",
        "utf-8",
    )
    path = book(tmp_path / "a.xlsx", [["Họ tên", "Xã"], ["Lò  Thị Hặc", "Tô  Hiệu"]])
    main(["validate", str(path), "--schema", str(schema), "--fix"])
    said = capsys.readouterr().out
    assert "Hặc" not in said
    assert "“Tô  Hiệu” → “Tô Hiệu”" in said
    assert load_workbook(tmp_path / "a.sua.xlsx")["Du_lieu"]["A2"].value == "Lò Thị Hặc"


def test_a_workbook_without_settings_of_sums_gets_them(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    path = book(tmp_path / "a.xlsx", _rows("8500"))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = re.sub(rb"<calcPr[^>]*/>", b"", parts["xl/workbook.xml"])
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    main(["validate", str(path), "--fix", "--dataset", "KDL-M-016"])
    with zipfile.ZipFile(tmp_path / "a.sua.xlsx") as archive:
        mended = archive.read("xl/workbook.xml")
    assert mended.index(b"</sheets>") < mended.index(b'calcPr fullCalcOnLoad="1"')
    assert load_workbook(tmp_path / "a.sua.xlsx")["Du_lieu"]["E2"].value == 8500


@pytest.mark.parametrize("name", ["a.xml"])
def test_other_formats_are_refused(name: str, tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / name
    path.write_text("<?xml version='1.0'?><a><r><ma_chi_tieu>1</ma_chi_tieu></r></a>", "utf-8")
    assert main(["validate", str(path), "--fix"]) in {1, 2}
    assert [each.name for each in tmp_path.iterdir() if "sua" in each.name] == []


@pytest.mark.parametrize(
    ("text", "doubtful", "wanted"),
    [
        ("12", False, "12"),
        ("-8,5", False, "-8.5"),
        ("1.234", False, "1234"),
        ("1.234", True, None),
        ("1.234,5", True, "1234.5"),
        ("1.5", False, None),
        ("1,234.5", False, None),
        ("0123", False, None),
        ("0,5", False, "0.5"),
        ("0", False, "0"),
        ("1234567890123456", False, None),
        ("12 kg", False, None),
        ("", False, None),
    ],
)
def test_numbers(text: str, doubtful: bool, wanted: str | None) -> None:
    assert as_number(text, ",", ".", doubtful=doubtful) == wanted


def test_an_old_font_is_converted_only_when_certain() -> None:
    tcvn3 = ["Gi\u00b8 thÞ tr\u00adêng", "S¶n l\u00adîng lóa"]
    font = certain_font(tcvn3)
    assert font is not None
    assert mended_text(tcvn3[0], font) == ("Giá thị trường", [Mend.FONT])
    # Too little to tell: untouched, the soft hyphen that is a letter there included.
    assert certain_font(["tr\u00adêng"]) is None
    assert mended_text("tr\u00adêng  ", None) == ("tr\u00adêng  ", [])


def test_a_spelling_that_two_codes_share_is_no_spelling() -> None:
    assert spellings(["A-1", "a-1", "B-2"]) == {"b-2": "B-2"}


def test_capitals_are_no_old_font_beside_one() -> None:
    font = certain_font(["Sè liÖu vÒ ®Êt ®ai", "§iÒu chØnh"])
    assert font is not None
    assert mended_text("Sè liÖu", font)[0] == "Số liệu"
    assert mended_text("LÊ  VĂN QUÊ", font) == ("LÊ VĂN QUÊ", [Mend.SPACES])
    assert mended_text("ðất đai", None)[0] == "đất đai"
