"""The annotated workbook and the list of findings: nothing lost, nothing worked out."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from hostile_reports import HOSTILE, hostile_report
from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.domain import Severity
from iocsl.reports import annotated, plain_sheets
from iocsl.reports.annotated import write_annotated
from iocsl.reports.annotated_sheets import Looks, list_sheet
from iocsl.reports.comments import RELATIONS
from iocsl.reports.error_list import COLOURS, LONGEST, safe, write_list
from iocsl.reports.plain_sheets import DOCUMENT
from iocsl.reports.wording import printable
from iocsl.validate.patch import (
    CellEdit,
    UnusualWorkbookError,
    address,
    patch_sheet,
)
from validate_books import HEAD, book, prices

ROWS = [
    HEAD,
    ["KDL-M-016.001", "2026-10", "14", 8500],
    ["KDL-M-016.002", "2026-10", "14", "1.5"],
    ["KDL-M-016.003", "2026-10", "14", None],
    ["KDL-M-016.004", "2026-10", "14", "=D2+1"],
]


def _rich(sheet: Worksheet) -> None:
    sheet["A1"].font = Font(bold=True)
    sheet["D3"].comment = Comment("Ghi chú của đơn vị", "Sở")
    sheet["D2"].number_format = "#,##0.00"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=4, min_row=1, max_row=4))
    sheet.add_chart(chart, "H2")
    sheet.print_area = "A1:D5"
    sheet.auto_filter.ref = "A1:D5"


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return book(tmp_path / "KDL-M-016_2026-10.xlsx", ROWS, shape=_rich)


def _annotated(path: Path, catalogue: Catalogue, target: Path) -> Path:
    with target.open("wb") as stream:
        write_annotated(prices(path, catalogue), path, stream)
    return target


def test_values_formulas_and_formats_stay(rich: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    before = rich.read_bytes()
    after = load_workbook(_annotated(rich, catalogue, tmp_path / "b.xlsx"))
    assert rich.read_bytes() == before
    old, new = load_workbook(rich)["Du_lieu"], after["Du_lieu"]
    assert old.dimensions == new.dimensions
    for row in old.iter_rows():
        for cell in row:
            twin = new[cell.coordinate]
            assert (cell.value, cell.data_type) == (twin.value, twin.data_type)
            for part in ("font", "number_format", "border", "alignment", "protection"):
                assert repr(getattr(cell, part)) == repr(getattr(twin, part))
    assert repr(new["D2"].fill) == repr(old["D2"].fill)
    assert new.print_area == "'Du_lieu'!$A$1:$D$5"


def test_every_other_part_is_the_same_byte_for_byte(
    rich: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    target = _annotated(rich, catalogue, tmp_path / "b.xlsx")
    with zipfile.ZipFile(rich) as one, zipfile.ZipFile(target) as other:
        changed = {name for name in one.namelist() if one.read(name) != other.read(name)}
        assert set(one.namelist()) <= set(other.namelist())
    assert not any("chart" in name for name in changed)
    assert changed <= {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
        "xl/comments/comment1.xml",
        "xl/drawings/commentsDrawing1.vml",
        "xl/worksheets/_rels/sheet1.xml.rels",
    }


def test_findings_are_coloured_and_told_in_their_cell(
    rich: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    after = load_workbook(_annotated(rich, catalogue, tmp_path / "b.xlsx"))
    sheet = after["Du_lieu"]
    assert after.sheetnames[:2] == ["Doc_truoc", "Danh_sach_loi"]
    for cell, code in (("D3", "V403"), ("D4", "V401"), ("D5", "V413")):
        assert sheet[cell].fill.fgColor.rgb == COLOURS[Severity.ERROR]
        assert code in sheet[cell].comment.text
    assert sheet["D3"].comment.text.startswith("Ghi chú của đơn vị")
    listed = after["Danh_sach_loi"]
    codes = [row[-1].value for row in listed.iter_rows(min_row=2)]
    severities = [str(row[4].value) for row in listed.iter_rows(min_row=2)]
    assert severities == sorted(severities, key=["LỖI", "CẢNH BÁO", "GHI CHÚ"].index)
    link = listed[f"F{codes.index('V403') + 2}"].hyperlink
    assert link.location == "'Du_lieu'!D3"


def test_the_sheets_in_front_add_no_finding(
    rich: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    again = prices(_annotated(rich, catalogue, tmp_path / "b.xlsx"), catalogue)
    first = prices(rich, catalogue)
    assert [(each.code, each.cell) for each in again.findings] == [
        (each.code, each.cell) for each in first.findings
    ]


def test_the_list_holds_texts_alone() -> None:
    stream = io.BytesIO()
    write_list([hostile_report()], stream)
    stream.seek(0)
    sheet = load_workbook(stream).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2))
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    assert [row[7].value for row in rows[: len(HOSTILE)]] == [printable(each) for each in HOSTILE]
    assert rows[0][4].value == "LỖI"


@pytest.mark.parametrize(
    ("xml", "wanted"),
    [
        (b"<sheetData/>", b'<sheetData><row r="2"><c r="B2" s="7"/></row></sheetData>'),
        (
            b'<sheetData><row r="2"/></sheetData>',
            b'<sheetData><row r="2"><c r="B2" s="7"/></row></sheetData>',
        ),
        (
            b'<sheetData><row r="1"><c r="A1"/></row><row r="3"/></sheetData>',
            (
                b'<sheetData><row r="1"><c r="A1"/></row><row r="2"><c r="B2" s="7"/></row>'
                b'<row r="3"/></sheetData>'
            ),
        ),
        (
            b'<sheetData><row r="2"><c r="A2"><v>1</v></c><c r="C2"/></row></sheetData>',
            (
                b'<sheetData><row r="2"><c r="A2"><v>1</v></c><c r="B2" s="7"/><c r="C2"/></row>'
                b"</sheetData>"
            ),
        ),
        (
            b'<cols><col min="2" max="3" width="9" style="4"/></cols><sheetData/>',
            (
                b'<cols><col min="2" max="3" width="9" style="4"/></cols>'
                b'<sheetData><row r="2"><c r="B2" s="11"/></row></sheetData>'
            ),
        ),
        (
            b'<sheetData><row r="2" s="5" customFormat="1"><c r="A2" s="1"/></row></sheetData>',
            (
                b'<sheetData><row r="2" s="5" customFormat="1"><c r="A2" s="1"/>'
                b'<c r="B2" s="12"/></row></sheetData>'
            ),
        ),
        (
            b"<sheetData/><from><xdr:row>6</xdr:row></from><to><xdr:row>9</xdr:row></to>",
            (
                b'<sheetData><row r="2"><c r="B2" s="7"/></row></sheetData>'
                b"<from><xdr:row>6</xdr:row></from><to><xdr:row>9</xdr:row></to>"
            ),
        ),
        (
            (
                b'<x:sheetData><x:row><x:c/></x:row><x:row><x:c/><x:c s="2" t="n"/></x:row>'
                b"</x:sheetData>"
            ),
            (
                b'<x:sheetData><x:row><x:c/></x:row><x:row><x:c/><x:c s="9" t="n"/></x:row>'
                b"</x:sheetData>"
            ),
        ),
    ],
)
def test_one_cell_is_changed_wherever_it_stands(xml: bytes, wanted: bytes) -> None:
    assert patch_sheet(xml, {(2, 2): CellEdit(restyle=lambda style: style + 7)}) == wanted


def test_what_cannot_be_patched_safely_is_refused() -> None:
    with pytest.raises(UnusualWorkbookError):
        patch_sheet(b"<sheetData><!-- <row> --></sheetData>", {(1, 1): CellEdit(text="a")})
    with pytest.raises(ValueError, match="A0"):
        address("A0")


def _text(path: Path) -> Path:
    path = path.with_suffix(".csv")
    path.write_text("Mã chỉ tiêu;Kỳ báo cáo;Giá trị\nKDL-M-016.001;2026-10;1.5\n", "utf-8")
    return path


def _changed(source: Path, name: str, old: bytes, new: bytes) -> Path:
    """The workbook with something else in one of its parts."""
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new)
    with zipfile.ZipFile(source, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return source


def _odd(path: Path) -> Path:
    """A workbook whose sheet holds a comment of XML."""
    return _changed(
        book(path, ROWS), "xl/worksheets/sheet1.xml", b"<sheetData>", b"<!-- a --><sheetData>"
    )


def test_a_comment_of_xml_among_the_formats_is_no_format(
    rich: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    _changed(rich, "xl/styles.xml", b"<xf ", b"<!-- a --><xf ")
    after = load_workbook(_annotated(rich, catalogue, tmp_path / "b.xlsx"))
    assert after["Du_lieu"]["D3"].fill.fgColor.rgb == COLOURS[Severity.ERROR]


def test_types_under_a_prefix(rich: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    with zipfile.ZipFile(rich) as archive:
        types = archive.read("[Content_Types].xml")
    prefixed = types.replace(b"<Types xmlns=", b"<p:Types xmlns:p=").replace(
        b"</Types", b"</p:Types"
    )
    for word in (b"Default", b"Override"):
        prefixed = prefixed.replace(b"<" + word, b"<p:" + word)
    _changed(rich, "[Content_Types].xml", types, prefixed)
    assert (
        "Danh_sach_loi"
        in load_workbook(_annotated(rich, catalogue, tmp_path / "b.xlsx")).sheetnames
    )


def test_a_finding_under_a_merged_cell_is_told_where_it_is_seen(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    def merged(sheet: Worksheet) -> None:
        sheet.merge_cells("C3:D4")

    rows = [HEAD, *([f"KDL-M-016.00{at}", "2026-10", "14", 5] for at in (1, 2))]
    source = book(
        tmp_path / "a.xlsx", [*rows, ["KDL-M-016.003", "2026-10", "14", None]], shape=merged
    )
    empty = [each.cell for each in prices(source, catalogue).findings if each.code == "V401"]
    assert empty == ["D3", "D4"]
    sheet = load_workbook(_annotated(source, catalogue, tmp_path / "b.xlsx"))["Du_lieu"]
    assert "V401" in sheet["C3"].comment.text
    assert sheet["C3"].fill.fgColor.rgb == COLOURS[Severity.ERROR]


def test_an_annotated_workbook_is_annotated_again(
    rich: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    once = _annotated(rich, catalogue, tmp_path / "b.xlsx")
    twice = _annotated(once, catalogue, tmp_path / "c.xlsx")
    with zipfile.ZipFile(twice) as archive:
        assert len(archive.namelist()) == len(set(archive.namelist()))
        shapes = archive.read("xl/drawings/commentsDrawing1.vml")
    ids = re.findall(rb'id="(_x0000_s[0-9]+)"', shapes)
    assert len(ids) == len(set(ids))
    names = load_workbook(twice).sheetnames
    assert names[:4] == ["Doc_truoc_2", "Danh_sach_loi_2", "Doc_truoc", "Danh_sach_loi"]


def test_comments_do_not_go_into_the_drawing_of_the_page_head(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    source = book(tmp_path / "a.xlsx", ROWS)
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" '
            f'Type="{DOCUMENT}/vmlDrawing" Target="../head.vml"/></Relationships>',
        )
        archive.writestr("xl/head.vml", "<xml></xml>")
    hf = f'<legacyDrawingHF xmlns:r="{DOCUMENT}" r:id="rId1"/></worksheet>'
    _changed(source, "xl/worksheets/sheet1.xml", b"</worksheet>", hf.encode())
    with zipfile.ZipFile(_annotated(source, catalogue, tmp_path / "b.xlsx")) as archive:
        assert archive.read("xl/head.vml") == b"<xml></xml>"
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert sheet.index(b"<legacyDrawing ") < sheet.index(b"<legacyDrawingHF ")


def test_a_workbook_with_macros_keeps_the_name_that_opens_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path / "KDL-M-016_2026-10.xlsm", ROWS)
    plain = b"openxmlformats-officedocument.spreadsheetml.sheet.main"
    _changed(path, "[Content_Types].xml", plain, b"ms-excel.sheet.macroEnabled.main")
    command = ["--lang", "en", "validate", str(path), "--format", "xlsx"]
    assert main(command) == 1
    assert (tmp_path / "KDL-M-016_2026-10.kiem-tra.xlsm").exists()
    assert not (tmp_path / "KDL-M-016_2026-10.kiem-tra.xlsx").exists()
    assert main([*command, "-o", str(tmp_path / "out.xlsx")]) == 2
    assert "out.xlsm" in capsys.readouterr().err
    assert not (tmp_path / "out.xlsx").exists()


def test_the_list_is_made_piece_by_piece() -> None:
    """A hundred thousand findings are never held as text at once."""
    one = hostile_report().findings[0]
    report = replace(hostile_report(), findings=[one] * 2_000)
    looks = Looks(0, 0, 0, dict.fromkeys(Severity, 0))
    pieces = [len(each) for each in list_sheet(report, looks)]
    assert max(pieces) < sum(pieces) / 5


def test_the_list_keeps_what_looks_like_an_escape() -> None:
    findings = (hostile_report().findings[0]._replace(value="_x0041_", message="007"),)
    stream = io.BytesIO()
    write_list([replace(hostile_report(), findings=findings)], stream)
    stream.seek(0)
    (_, row) = CalamineWorkbook.from_filelike(stream).get_sheet_by_index(0).to_python()
    assert (row[7], row[2]) == ("_x0041_", "007")


def test_a_cell_is_no_longer_than_excel_counts() -> None:
    """Excel counts a picture as two, and mends a workbook with longer cells by force."""
    for text in ("a" * 40_000, "😀" * 20_000, "a" + "😀" * 20_000):
        units = len(safe(text).encode("utf-16-le")) // 2
        assert LONGEST - 1 <= units <= LONGEST
    assert safe("😀" * 16_000) == "😀" * 16_000


@pytest.mark.parametrize("most", [0, 1])
def test_comments_end_where_programs_would_not_open_the_workbook(
    most: int, rich: Path, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst have their comment; each is coloured, and the list holds them all."""
    whole = load_workbook(_annotated(rich, catalogue, tmp_path / "a.xlsx"))
    monkeypatch.setattr(annotated, "MOST_COMMENTS", most)
    fewer = load_workbook(_annotated(rich, catalogue, tmp_path / "b.xlsx"))

    def cells(book: Workbook, said: str) -> dict[str, str]:
        return {
            f"{sheet.title}!{cell.coordinate}": cell.fill.fgColor.rgb
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
            if cell.comment and said in cell.comment.text
        }

    before, after = cells(whole, "LỖI"), cells(fewer, "LỖI")
    assert len(before) > most
    assert len(after) == most
    for place, colour in cells(whole, "").items():
        name, _, at = place.rpartition("!")
        assert fewer[name][at].fill.fgColor.rgb == colour
    assert fewer["Danh_sach_loi"].max_row == whole["Danh_sach_loi"].max_row
    told = [[str(cell.value) for (cell,) in book["Doc_truoc"]] for book in (whole, fewer)]
    assert ["Quá nhiều ô" in "".join(each) for each in told] == [False, True]


def test_what_leads_to_a_cell_looks_like_it(
    rich: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    book = load_workbook(_annotated(rich, catalogue, tmp_path / "b.xlsx"))
    sheet = book["Danh_sach_loi"]
    for row in sheet.iter_rows(min_row=2):
        assert (row[5].font.u is not None) == (row[5].hyperlink is not None)
        assert row[2].font.u is None
    readme = book["Doc_truoc"]
    assert [cell.value for (cell,) in readme.iter_rows() if cell.font.u] == ["Mở danh sách lỗi"]


def test_no_more_links_than_excel_takes(
    rich: Path, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_sheets, "LINKS", 2)
    sheet = load_workbook(_annotated(rich, catalogue, tmp_path / "b.xlsx"))["Danh_sach_loi"]
    linked = [row[5].row for row in sheet.iter_rows(min_row=2) if row[5].hyperlink]
    assert len(linked) == 2
    assert sheet.max_row > 3


@pytest.mark.parametrize(
    ("make", "name", "why"),
    [
        (_text, "KDL-M-016_2026-10.csv.kiem-tra.xlsx", "only an XLSX can be annotated"),
        (_odd, "KDL-M-016_2026-10.kiem-tra.xlsx", "this workbook cannot be annotated"),
    ],
)
def test_other_files_get_the_list_and_are_told_why(
    make: Callable[[Path], Path],
    name: str,
    why: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = make(tmp_path / "KDL-M-016_2026-10.xlsx")
    assert main(["--lang", "en", "validate", str(path), "--format", "xlsx"]) == 1
    assert load_workbook(tmp_path / name).sheetnames == ["Danh_sach_loi"]
    assert why in capsys.readouterr().err


def test_the_list_in_front_shows_all_of_its_texts_and_filters(
    rich: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    out = tmp_path / "out.xlsx"
    with out.open("wb") as stream:
        write_annotated(prices(rich, catalogue), rich, stream)
    sheet = load_workbook(out)["Danh_sach_loi"]
    assert sheet.auto_filter.ref == f"A1:K{sheet.max_row}"
    assert all(cell.font.b for cell in sheet[1])
    heights = [sheet.row_dimensions[at].height for at in range(1, sheet.max_row + 1)]
    assert heights[0] == 15
    assert max(heights) > 15
    fills = {row[4].fill.fgColor.rgb for row in sheet.iter_rows(min_row=2)}
    assert COLOURS[Severity.ERROR] in fills


def test_one_list_for_several_files(rich: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    other, out = _text(tmp_path / "KDL-M-016_2026-09.xlsx"), tmp_path / "loi.xlsx"
    both = ["validate", str(rich), str(other), "--format", "xlsx", "-o", str(out)]
    assert main(both) == 2
    assert not out.exists()
    assert main([*both, "--error-list"]) == 1
    sheet = load_workbook(out).active
    assert sheet is not None
    assert {row[8].value for row in sheet.iter_rows(min_row=2)} == {rich.name, other.name}
