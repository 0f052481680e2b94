"""Whatever the bytes are, a finding comes back: no exception, no abort, no exit 0."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iocsl.catalog import Catalogue
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.validate import check
from iocsl.validate.readers import delimited, markup, xlsx_extent, xlsx_parts, xlsx_scan
from iocsl.validate.readers.encodings import tcvn3_table
from iocsl.validate.readers.xlsx_extent import Extent
from validate_books import HEAD, book, prices, text

SHEET = "xl/worksheets/sheet1.xml"


def rewritten(path: Path, part: str, body: bytes, *, level: int = 9) -> Path:
    """The workbook with one part replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as new,
    ):
        for info in old.infolist():
            new.writestr(info.filename, body if info.filename == part else old.read(info))
    path.write_bytes(stream.getvalue())
    return path


def sheet_xml(cells: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'.encode()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return book(tmp_path / "a.xlsx", [HEAD, ["KDL-M-016.001", "2026-10", "14", 1]])


FAR = "<c r='XFD1048576'><v>1</v></c>"


@pytest.mark.parametrize(
    "cells",
    [
        f'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">{FAR}</row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="ZZ1048576"><v>1</v></c></row>',
        f"<row r='1'><c r='A1'><v>1</v></c></row><row r='9'>{FAR}</row>",
        '<x:row r="1"><x:c r="A1"/><x:c r="XFD1048576"/></x:row>',
    ],
)
def test_a_stray_cell_far_away_does_not_stop_the_process(
    small: Path, catalogue: Catalogue, cells: str
) -> None:
    report = check(rewritten(small, SHEET, sheet_xml(cells)), catalogue)
    assert "F107" in {each.code for each in report.findings}
    assert report.unreadable


def test_one_stray_cell_among_many(small: Path, catalogue: Catalogue) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>{n}</v></c></row>'
        for n in range(1, 30_000)
    )
    far = '<row r="30000"><c r="AAA1048576"><v>1</v></c></row>'
    report = check(rewritten(small, SHEET, sheet_xml(rows + far)), catalogue)
    assert report.findings[0].code == "F107"


def test_declared_dimensions_are_not_believed(small: Path, catalogue: Catalogue) -> None:
    with zipfile.ZipFile(small) as archive:
        body = archive.read(SHEET).replace(b'ref="A1:D2"', b'ref="A1:XFD1048576"')
    assert b"XFD1048576" in body
    assert not check(rewritten(small, SHEET, body), catalogue).unreadable


def test_a_bomb_of_spaces(
    small: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_parts, "MAX_TEXT", 2 << 20)
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>' + " " * (8 << 20) + "</t></is></c></row>"
    assert check(rewritten(small, SHEET, sheet_xml(cell)), catalogue).findings[0].code == "F107"


def test_a_part_that_unpacks_without_end(
    small: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_parts, "MAX_PART", 4 << 20)
    report = check(rewritten(small, SHEET, sheet_xml("<row/>" * (1 << 20))), catalogue)
    assert report.findings[0].code == "F107"


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml"])
def test_a_document_type_is_refused(small: Path, catalogue: Catalogue, part: str) -> None:
    body = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert check(rewritten(small, part, body), catalogue).findings[0].code == "F108"


EXCEL_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("a.csv", b"\0" * 5000, "F109"),
        ("a.csv", b"a;b\n" + b"x" * (9 << 20), "F112"),
        ("a.csv", b'a;b\n"1;2\n', "F113"),
        ("a.xlsx", b"PK\x03\x04" + b"junk" * 50, "F106"),
        ("a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "F106"),
        ("a.xls", b"\x09\x04\x06\x00\x00\x00\x10\x00" + bytes(50), "F102"),
        ("a.xlsx", b"\x7fELF\0\0\0", "F102"),
        ("a.xls", b"<html><table></table></html>", "F102"),
        ("a.xls", b'<?xml version="1.0"?><Workbook xmlns="' + EXCEL_2003 + b'"/>', "F102"),
        ("a.xml", b"<?xml version='1.0'?><a><b>", "F106"),
        ("a.xml", b"<!DOCTYPE a><a/>", "F108"),
        ("~$a.xlsx", b"x", "F105"),
    ],
)
def test_files_that_are_not_what_they_say(
    tmp_path: Path, catalogue: Catalogue, name: str, body: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    report = check(path, catalogue)
    assert [each.code for each in report.findings if each.code.startswith("F")] == [code]
    assert report.unreadable
    assert not report.valid


def test_an_old_workbook_that_aborts_its_reader_is_a_finding(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    import xlwt

    made = xlwt.Workbook()
    sheet = made.add_sheet("D")
    for row in range(3):
        for column in range(3):
            sheet.write(row, column, f"x{row}{column}" if row % 2 else row * column)
    path = tmp_path / "a.xls"
    made.save(str(path))
    body = bytearray(path.read_bytes())
    # Two bytes of the dimensions and of a record: calamine then asks for a terabyte and aborts.
    body[1564], body[2738] = 230, 65
    path.write_bytes(bytes(body))
    report = check(path, catalogue)
    assert not report.valid
    assert report.unreadable


def renamed(path: Path, name: Callable[[str], str], more: Mapping[str, bytes]) -> Path:
    """A copy of a workbook with other names of its parts, and with more parts."""
    target = path.with_name("renamed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            new.writestr(name(each), old.read(each))
        for each, content in more.items():
            new.writestr(each, content)
    return target


def test_a_workbook_packed_by_hand_on_a_mac_is_read(small: Path, catalogue: Catalogue) -> None:
    extra = {"__MACOSX/xl/worksheets/._sheet1.xml": b"\0\5\x16\7\0\2\0\0Mac OS X"}
    path = renamed(small, str, extra)
    assert check(path, catalogue).rows == check(small, catalogue).rows


def test_a_workbook_with_the_wrong_stroke_in_its_names_is_told_to_be_saved_anew(
    small: Path, catalogue: Catalogue
) -> None:
    path = renamed(small, lambda name: name.replace("/", "\\"), {})
    assert check(path, catalogue).findings[0].code == "F106"


def test_missing_file_and_folder_are_wrong_usage(tmp_path: Path, catalogue: Catalogue) -> None:
    for path in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(IocslError) as refused:
            check(path, catalogue)
        assert refused.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings_that_prove_themselves(
    tmp_path: Path, catalogue: Catalogue, encoding: str
) -> None:
    path = tmp_path / "KDL-M-016_2026-10.csv"
    path.write_bytes(f"{';'.join(HEAD)}\nKDL-M-016.001;2026-10;14;8,5\n".encode(encoding))
    report = check(path, catalogue, unit="CQ-TC")
    assert report.rows == 1
    converted = [each.code for each in report.findings if each.code == "F111"]
    assert converted == (["F111"] if encoding.startswith("utf-16") else [])


def test_an_old_encoding_is_found_behind_a_long_beginning_without_marks(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "SAMPLE", 1 << 10)
    head = "ma_chi_tieu;ky_bao_cao;gia_tri;ghi_chu\n"
    rows = (
        "KDL-M-016.001;2026-10;1;khong\n" * 100
        + "KDL-M-016.002;2026-10;2;Sở Tài chính tỉnh Sơn La\n"
    )
    path = tmp_path / "a.csv"
    back = str.maketrans({letter: code for code, letter in tcvn3_table().items()})
    path.write_bytes((head + rows).translate(back).encode("latin-1"))
    report = prices(path, catalogue)
    assert report.facts.encoding == "TCVN3"
    assert report.rows == 101


def test_tcvn3_is_converted_and_told(tmp_path: Path, catalogue: Catalogue) -> None:
    back = {letter: code for code, letter in tcvn3_table().items()}
    head = "".join(chr(back.get(char, ord(char))) for char in ";".join(HEAD).replace("Đ", "đ"))
    path = tmp_path / "KDL-M-016_2026-10.csv"
    path.write_bytes(f"{head}\nKDL-M-016.001;2026-10;14;8,5\n".encode("latin-1"))
    report = check(path, catalogue, unit="CQ-TC")
    assert report.facts.encoding == "TCVN3"
    assert report.rows == 1
    assert report.findings[0].code == "F111"


ANY_BYTES = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ANY_BYTES
@given(st.binary(max_size=400), st.sampled_from(["csv", "xlsx", "xls", "xml"]))
def test_any_bytes_give_a_report(
    tmp_path: Path, catalogue: Catalogue, body: bytes, extension: str
) -> None:
    path = tmp_path / f"fuzz.{extension}"
    path.write_bytes(body)
    assert not check(path, catalogue).valid


@ANY_BYTES
@given(st.integers(0, 1 << 30), st.sampled_from(["xlsx", "xml", "csv"]))
def test_a_good_file_with_some_bytes_changed_gives_a_report(
    tmp_path: Path, catalogue: Catalogue, seed: int, extension: str
) -> None:
    samples = Path(__file__).parent.parent / "rules"
    folder = {"xlsx": "F102", "xml": "F108", "csv": "F101"}[extension]
    body = bytearray((samples / folder / f"ok.{extension}").read_bytes())
    chance = random.Random(seed)  # noqa: S311 - it shakes bytes, it keeps no secret
    for _ in range(chance.randint(1, 12)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    path = tmp_path / f"fuzz.{extension}"
    path.write_bytes(bytes(body[: chance.randint(1, len(body))] if seed % 3 else body))
    check(path, catalogue, dataset="KDL-M-016", unit="CQ-TC", period="2026-10")


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(),
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["Tổng cộng", "1.234", "8,5", "1.5", "KDL-M-016.001", "2026-10", "14", " "]),
)


@ANY_BYTES
@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=8))
def test_any_cells_give_a_report(
    tmp_path: Path, catalogue: Catalogue, rows: list[list[object]]
) -> None:
    from openpyxl.utils.exceptions import IllegalCharacterError

    try:
        path = book(tmp_path / "fuzz.xlsx", [HEAD, *rows])
    except (IllegalCharacterError, ValueError, OverflowError):
        return
    report = check(path, catalogue, dataset="KDL-M-016", unit="CQ-TC", period="2026-10")
    assert report.document()["findings"] is not None


def test_a_wide_and_long_sheet_is_as_wide_as_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks that are not measured cell by cell do not count as 26 columns."""
    monkeypatch.setattr(xlsx_extent, "HEAD", 50)
    seen = Extent()
    for row in range(1, 40):
        cells = "".join(f'<c r="{letter}{row}"><v>1</v></c>' for letter in "ABCD")
        seen.see(f'<row r="{row}">{cells}</row>'.encode())
    assert (seen.last, seen.cells) == ((38, 3), 156)
    seen.see(b'<row r="40"><c r="A40"><v>1</v></c><c r="H40"><v>1</v></c></row>' * 3)
    assert seen.last == (39, 7)


def test_a_tag_of_a_million_attributes(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "a.xml"
    attributes = " ".join(f'a{at}="1"' for at in range(200_000))
    path.write_text(f"<du_lieu><dong {attributes}/></du_lieu>", encoding="utf-8")
    assert [each.code for each in check(path, catalogue).findings] == ["F107"]


BIG = 9 << 20


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<dong " + b" ".join(b'a%d=">"' % at for at in range(30_000)) + b"/>", "F107"),
        (b"<dong " + b" ".join(b"a%d = '1'" % at for at in range(1_500)) + b"/>", "F107"),
        (b"<!-- " + b"> " * (BIG // 2) + b"-->", "F107"),
        (b"<?x " + b"> " * (BIG // 2) + b"?>", "F107"),
        (b"<dong><ma><![CDATA[" + b"> " * (BIG // 2) + b"]]></ma></dong>", "F107"),
        (b"<!-- x -->" * (BIG // 10), "F107"),
        (b"<dong>" + b"<a>1</a>" * (BIG // 8) + b"</dong>", "F107"),
        (b"<a>" * 100_000 + b"</a>" * 100_000, "F106"),
    ],
    ids=["bracket", "attributes", "comment", "instruction", "CDATA", "comments", "record", "deep"],
)
def test_xml_that_keeps_a_parser_busy(
    tmp_path: Path, catalogue: Catalogue, body: bytes, code: str
) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(b"<du_lieu>" + body + b"</du_lieu>")
    assert [each.code for each in check(path, catalogue).findings] == [code]


def test_xml_of_more_tags_than_are_read_in_seconds(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markup, "MAX_TAGS", 40_000)
    monkeypatch.setattr(markup, "CHUNK", 1 << 10)
    path = tmp_path / "a.xml"
    rows = b"<dong><ma>1</ma></dong>" * 5_000
    path.write_bytes(b"<du_lieu>" + rows + b"</du_lieu>")
    assert not check(path, catalogue).unreadable
    path.write_bytes(b"<du_lieu>" + rows * 3 + b"</du_lieu>")
    assert [each.code for each in check(path, catalogue).findings] == ["F107"]


@pytest.mark.parametrize("declared", ["UTF-8", "utf-8"])
def test_xml_cut_off_names_the_line(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, declared: str
) -> None:
    monkeypatch.setattr(markup, "HEAD", 1 << 10)
    head = f'<?xml version="1.0" encoding="{declared}"?>\n<du_lieu>\n'.encode()
    rows = b"<dong><ma>1</ma></dong>\n" * 2_000
    path = tmp_path / "a.xml"
    for end in (b"", b"<dong><ma>", b"</du_lie", b"</dong></du_lieux>"):
        path.write_bytes(head + rows + end)
        (found,) = check(path, catalogue).findings
        assert (found.code, "2003" in found.message) == ("F106", True)
    for end in (b"</du_lieu>", b"</du_lieu >\n\n", b"<dong/></du_lieu><!-- x -->"):
        path.write_bytes(head + rows + end)
        assert not check(path, catalogue).unreadable


def test_more_shared_texts_than_any_workbook_has(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_scan, "MAX_TEXTS", 10)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", f"<sst>{'<si><t>x</t></si>' * 20}</sst>")
    assert [each.code for each in check(path, catalogue).findings] == ["F107"]


@pytest.mark.parametrize("change", [b"cut", b"longer than it was " * 9])
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, change: bytes
) -> None:
    path = text(tmp_path / "a.csv", [HEAD, ["KDL-M-016.001", "2026-10", "14", "1"]])
    assert not check(path, catalogue).unreadable
    checking = import_module("iocsl.validate.check")
    read = checking._read

    def changed(*given: object) -> object:
        report = read(*given)
        path.write_bytes(change)
        return report

    monkeypatch.setattr(checking, "_read", changed)
    found = check(path, catalogue).findings
    assert [each.code for each in found] == ["F106"]
