"""`--fix`: what is mended means the same as before; what could mean two things is left alone."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from pathlib import Path
from typing import IO, Any

import pytest
import xlwt
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.validate.fix import Fixed, Repair, find_repairs
from iocsl.validate.mending import Mend, Spellings, as_number, certain_font, mended_text
from iocsl.validate.readers.encodings import tcvn3_table
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
    capsys.readouterr()
    assert main(ask) == 2
    assert not capsys.readouterr().out.strip()  # nothing is told as done
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


LINES = (
    "Mã chỉ tiêu;Tên;Kỳ báo cáo;Địa bàn;Giá trị;Ghi chú",
    'kdl-m-016.001;"x ";"2026-10";14;8500; a',
    'KDL-M-016.002;;2026-10;"14"; 2.345,5 ;"có ""ngoặc""; và\nxuống  dòng"',
    "",
    'KDL-M-016.003;;2026-10;14;1.5;  a "b"',
)
MENDED = (
    LINES[0],
    'KDL-M-016.001;"x ";"2026-10";14;8500;a',
    'KDL-M-016.002;;2026-10;"14";2.345,5;"có ""ngoặc""; và\nxuống dòng"',
    "",
    'KDL-M-016.003;;2026-10;14;1.5;"a ""b"""',
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_keeps_every_byte_around_the_mended_cells(
    encoding: str, end: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    path = tmp_path / "KDL-M-016_2026-10.csv"
    path.write_bytes(end.join(LINES).encode(encoding))
    main(["validate", str(path), "--fix"])
    target = path.with_name("KDL-M-016_2026-10.sua.csv")
    assert target.read_bytes() == end.join(MENDED).encode(encoding)
    assert _mend(target, catalogue) == {}


def test_csv_that_names_its_delimiter_is_mended_in_the_right_rows(tmp_path: Path) -> None:
    path = tmp_path / "KDL-M-016_2026-10.csv"
    path.write_bytes("\r\n".join(["\ufeffsep=;", *LINES]).encode())
    main(["validate", str(path), "--fix"])
    target = path.with_name("KDL-M-016_2026-10.sua.csv")
    assert target.read_bytes() == "\r\n".join(["\ufeffsep=;", *MENDED]).encode()


def test_a_mark_in_the_middle_is_part_of_its_cell(tmp_path: Path, catalogue: Catalogue) -> None:
    """As where two files with marks were put together."""
    path = tmp_path / "KDL-M-016_2026-10.csv"
    path.write_bytes("\n".join([LINES[0], LINES[2], "\ufeff" + LINES[4]]).encode("utf-8-sig"))
    main(["validate", str(path), "--fix"])
    target = path.with_name("KDL-M-016_2026-10.sua.csv")
    assert target.read_bytes() == "\n".join([LINES[0], MENDED[2], MENDED[4]]).encode("utf-8-sig")


def test_a_file_that_changes_while_it_is_mended_is_left(
    faulty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write = Fixed.write

    def late(fixed: Fixed, stream: IO[bytes]) -> None:
        write(fixed, stream)
        with faulty.open("ab") as saved:
            saved.write(b"x")

    monkeypatch.setattr(Fixed, "write", late)
    assert main(["validate", str(faulty), "--fix", "--lang", "en"]) == 2
    assert "changed while it was being mended" in capsys.readouterr().err
    assert list(faulty.parent.glob("*.xlsx*")) == [faulty]


def test_csv_in_an_old_encoding_becomes_utf8(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "KDL-M-016_2026-10.csv"
    notes = ["giá gạo tẻ tăng nhẹ", "nguồn hàng ổn định", "sức mua chậm"]
    lines = [f"KDL-M-016.00{at};2026-10;14;8500;{note}" for at, note in enumerate(notes, 1)]
    old = "\n".join(["ma_chi_tieu;ky_bao_cao;dia_ban;gia_tri;ghi_chu", *lines, ""])
    old = old.replace("8500", " 8500", 1)
    table = {ord(letter): chr(code) for code, letter in tcvn3_table().items()}
    path.write_bytes(old.translate(table).encode("latin-1"))
    assert prices(path, catalogue).facts.encoding == "TCVN3"
    main(["validate", str(path), "--fix"])
    mended = path.with_name("KDL-M-016_2026-10.sua.csv").read_bytes()
    assert mended.decode("utf-8-sig") == old.replace(" 8500", "8500")
    assert mended.startswith(b"\xef\xbb\xbf")


RECORDS = """<?xml version="1.0" encoding="{encoding}"?>
<!-- mẫu -->
<ds:du_lieu xmlns:ds="urn:x" ma_bo_du_lieu="KDL-M-016" don_vi="CQ-TC" ky_bao_cao="2026-10">
  <dong><ma_chi_tieu>{code}</ma_chi_tieu><ky_bao_cao>2026-10</ky_bao_cao><dia_ban>14</dia_ban>
    <gia_tri a='x>y'>{value}</gia_tri><ghi_chu>{note}</ghi_chu></dong>
  <dong ghi_chu="p  q"><ma_chi_tieu>KDL-M-016.002</ma_chi_tieu><ky_bao_cao>2026-10</ky_bao_cao>
    <dia_ban>14</dia_ban><gia_tri><![CDATA[ 5]]></gia_tri></dong>
  <dong><ma_chi_tieu>KDL-M-016.003</ma_chi_tieu><ky_bao_cao>2026-10</ky_bao_cao>
    <dia_ban>14</dia_ban><gia_tri>5</gia_tri><ghi_chu>a  b</ghi_chu><ghi_chu>c  d</ghi_chu></dong>
</ds:du_lieu>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_xml_keeps_every_byte_around_the_mended_texts(
    encoding: str, end: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    """Attributes, CDATA, and an element that stands twice in its record are left alone."""
    path = tmp_path / "KDL-M-016_2026-10.xml"

    def text(code: str, value: str, note: str) -> bytes:
        named = "UTF-16" if encoding.startswith("utf-16") else "UTF-8"
        page = RECORDS.format(encoding=named, code=code, value=value, note=note)
        return page.replace("\n", end).encode(encoding)

    path.write_bytes(text("kdl-m-016.001", " 8500", "a  &amp; b&#x200B;\nộ"))
    assert main(["validate", str(path), "--fix"]) == 1  # S204: a field twice
    target = path.with_name("KDL-M-016_2026-10.sua.xml")
    wanted = text("KDL-M-016.001", "8500", "a &amp; b\nộ").decode(encoding)
    mended = target.read_bytes().decode(encoding)
    assert mended.replace("\r\n", "\n") == wanted.replace("\r\n", "\n")
    assert {each.key for each in _repairs(target, catalogue)} == set()


def _repairs(path: Path, catalogue: Catalogue) -> tuple[Repair, ...]:
    return find_repairs(path, catalogue, prices(path, catalogue), dataset="KDL-M-016").repairs


def test_xml_whose_elements_are_named_by_titles(tmp_path: Path) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text("fields:\n  - {name: ten, title: Họ_tên}\n  - {name: xa}\n", "utf-8")
    path = tmp_path / "a.xml"
    path.write_text("<a><r><Họ_tên>a  b</Họ_tên><xa>c</xa></r></a>", "utf-8")
    assert main(["validate", str(path), "--schema", str(schema), "--fix"]) == 0
    assert "<Họ_tên>a b</Họ_tên>" in (tmp_path / "a.sua.xml").read_text("utf-8")


def test_the_mended_file_keeps_the_format_of_its_name(
    faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = faulty.with_name("sua.csv")
    assert main(["validate", str(faulty), "--fix", "-o", str(target), "--lang", "en"]) == 2
    assert "must end in .xlsx" in capsys.readouterr().err
    assert not target.exists()


def test_what_looks_like_an_escape_stays(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = _rows(8500)
    rows[1][5] = "_x005F_x0041_  b"
    path = book(tmp_path / "KDL-M-016_2026-10.xlsx", rows)
    main(["validate", str(path), "--fix"])
    target = path.with_name("KDL-M-016_2026-10.sua.xlsx")
    sheet = CalamineWorkbook.from_path(target).get_sheet_by_name("Du_lieu").to_python()
    assert sheet[1][5] == "_x0041_ b"


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


@pytest.mark.parametrize(
    ("code", "mended"),
    [
        ("General", True),
        ("#,##0.00", True),
        ('#,##0 "đồng/m"', True),
        ("[Red]#,##0", True),
        ("dd/mm/yyyy", False),
        ("h:mm", False),
        ("0%", False),
        ('0.0" %"', True),
    ],
)
def test_a_number_does_not_become_a_day_or_a_share(
    code: str, mended: bool, tmp_path: Path, catalogue: Catalogue
) -> None:
    def formatted(sheet: Worksheet) -> None:
        sheet["E2"].number_format = code

    path = book(tmp_path / "a.xlsx", _rows("8500"), shape=formatted)
    assert ("E2" in _mend(path, catalogue)) == mended


def test_xls_is_refused(
    tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    made = xlwt.Workbook()
    sheet = made.add_sheet("Du_lieu")
    for row, cells in enumerate(_rows(" 8500")):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    path = tmp_path / "KDL-M-016_2026-10.xls"
    made.save(str(path))
    assert main(["validate", str(path), "--fix", "--lang", "en"]) == 2
    assert "Save the file as XLSX" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir() if "sua" in each.name] == []


@pytest.mark.parametrize(("encoding", "mended"), [("ISO-8859-1", True), ("Shift_JIS", False)])
def test_xml_in_other_encodings(
    encoding: str, mended: bool, tmp_path: Path, catalogue: Catalogue
) -> None:
    path = tmp_path / "a.xml"
    page = (
        f'<?xml version="1.0" encoding="{encoding}"?><a><r><ma_chi_tieu>KDL-M-016.001</ma_chi_tieu>'
        "<ky_bao_cao>2026-10</ky_bao_cao><gia_tri>5</gia_tri><ghi_chu>a&#xE9;  b</ghi_chu></r></a>"
    )
    path.write_bytes(page.encode(encoding))
    found = _repairs(path, catalogue)
    assert [each.after for each in found] == (["aé b"] if mended else [])


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


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("b – 2", "B-2"),
        ("a-1", None),  # two codes
        ("b.2", "B-2"),
        ("B_2", "B-2"),
        ("B2", None),
        ("c3", "C3"),
        ("C-3 ", "C-3"),
        ("c 3", None),  # with or without the dash?
        ("Đ9", "D9"),  # a slip of the keyboard
        ("d\u200b 9", "D9"),
        ("LÚA", "lúa"),
        ("dừa", None),  # a coconut is no pineapple
        ("dua", None),
    ],
)
def test_a_spelling_means_one_code_or_none(text: str, wanted: str | None) -> None:
    known = Spellings(["A-1", "a-1", "B-2", "C-3", "C3", "D9", "lúa", "dứa"])
    assert known.meant(text) == wanted


def test_a_letter_and_its_mark_that_stood_apart_become_one() -> None:
    assert mended_text("a\u200b\u0301", None) == ("á", [Mend.INVISIBLE, Mend.FORM])
    assert mended_text("\u2068Xã\u2069", None) == ("Xã", [Mend.INVISIBLE])


def test_capitals_are_no_old_font_beside_one() -> None:
    font = certain_font(["Sè liÖu vÒ ®Êt ®ai", "§iÒu chØnh"])
    assert font is not None
    assert mended_text("Sè liÖu", font)[0] == "Số liệu"
    assert mended_text("LÊ  VĂN QUÊ", font) == ("LÊ VĂN QUÊ", [Mend.SPACES])
    assert mended_text("ðất đai", None)[0] == "đất đai"
