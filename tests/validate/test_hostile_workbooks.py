"""Workbooks made to make a reader build what nobody has looked at."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate import check
from iocsl.validate.readers import open_source, sliced, xlsx_extent, xlsx_parts, xlsx_scan
from iocsl.validate.readers.base import Unreadable
from iocsl.validate.readers.sliced import SlicedSheet
from iocsl.validate.readers.xlsx_extent import Extent
from validate_books import HEAD, book

SHEET = "xl/worksheets/sheet1.xml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FIRST = '<row r="1"><c r="A1"><v>1</v></c></row>'
ODD = {
    "spaces": '<row r="2"><c r = "XFD1048576"><v>1</v></c></row>',
    "a line end": '<row r="2"><c r\n=\n"XFD1048576"><v>1</v></c></row>',
    "small letters": '<row r="2"><c r="xfd1048576"><v>1</v></c></row>',
    "four letters": '<row r="2"><c r="ZZZZ1048576"><v>1</v></c></row>',
    "many digits": '<row r="2"><c r="XFD4000000000"><v>1</v></c></row>',
    "zeros": '<row r="2"><c r="XFD00000001048576"><v>1</v></c></row>',
    "a bracket before": '<row r="2"><c a=">" r="XFD1048576"><v>1</v></c></row>',
    "a tab": '<row r="2"><c\tr="XFD1048576"><v>1</v></c></row>',
    "another attribute": '<row r="2"><c s="0" r="XFD1048576"><v>1</v></c></row>',
    "one quotation mark": "<row r='2'><c r='XFD1048576'><v>1</v></c></row>",
    "a prefix": f'<row r="2"><a-b:c xmlns:a-b="{SPACE}" r="XFD1048576"><v>1</v></a-b:c></row>',
    "in a comment": f'<!-- <c a=" -->{FIRST}<row r="2"><c r="XFD1048576"/></row><!-- "> -->',
    "after the last column": (
        '<row r="2"><c r="XFC2"><v>1</v></c><c><v>1</v></c></row>'
        '<row r="1048576"><c><v>1</v></c></row>'
    ),
}
"""Cells at the last row and column, with addresses that a hasty look does not see."""


def with_parts(path: Path, parts: dict[str, str | bytes], *, without: str = "") -> Path:
    """The workbook with some parts replaced or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in {*parts, without}:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    path.write_bytes(stream.getvalue())
    return path


def sheet(rows: str) -> str:
    return f'<worksheet xmlns="{SPACE}"><sheetData>{rows}</sheetData></worksheet>'


def read(path: Path, *, low_memory: bool) -> None:
    source = open_source(path, low_memory=low_memory)
    try:
        list(source.sheets[0].chunks())
    finally:
        source.close()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return book(tmp_path / "a.xlsx", [HEAD, ["KDL-M-016.001", "2026-10", "14", 1]])


@pytest.mark.parametrize("rows", ODD.values(), ids=ODD)
def test_a_far_cell_in_an_odd_spelling_does_not_stop_the_process(
    small: Path, catalogue: Catalogue, rows: str
) -> None:
    report = check(with_parts(small, {SHEET: sheet(FIRST + rows)}), catalogue)
    assert report.unreadable
    assert {each.code for each in report.findings} & {"F106", "F107"}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_the_same_far_down_a_sheet_of_plain_rows(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_extent, "HEAD", 200)
    rows = "".join(
        f'<row r="{n}">'
        + "".join(f'<c r="{letter}{n}"><v>1</v></c>' for letter in "ABCD")
        + "</row>"
        for n in range(1, 400)
    )
    plain = rows.encode()
    seen = Extent()
    seen.see(plain)
    assert (seen.last, seen.cells) == ((398, 3), 4 * 399)
    middle = len(plain) // 2
    cut = plain.find(b"<row ", middle)
    with pytest.raises(Unreadable):
        seen.see(plain[:cut] + odd.encode() + plain[cut:])


@pytest.mark.parametrize(
    ("rows", "last"),
    [
        ("<row><c/><c/></row><row><c/><c/><c/></row>", (1, 2)),
        ('<row r="7"><c><v>1</v></c><c r="C7"/><c/></row>', (6, 4)),
        ('<row r="3"><c s="1" r="B3"/></row>', (2, 1)),
        ('<row r="9" spans="1:2"/>', (-1, -1)),
    ],
)
def test_cells_without_an_address_follow_the_one_before(rows: str, last: tuple[int, int]) -> None:
    seen = Extent()
    seen.see(rows.encode())
    assert seen.last == last


def test_a_wide_sheet_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from iocsl.validate.readers.base import column_letters

    monkeypatch.setattr(xlsx_extent, "HEAD", 1000)
    letters = [column_letters(at) for at in range(60)]
    seen = Extent()
    for start in (1, 100, 200):
        for row in range(start, start + 100):
            cells = "".join(f'<c r="{each}{row}"><v>1</v></c>' for each in letters)
            seen.see(f'<row r="{row}">{cells}</row>'.encode())
    assert seen.last == (298, 59)


@pytest.mark.parametrize("target", ["/xl/other.xml", "/xl/media/picture.png"])
def test_a_sheet_by_any_name_is_looked_at(small: Path, catalogue: Catalogue, target: str) -> None:
    far = sheet(FIRST + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    relations = "xl/_rels/workbook.xml.rels"
    with zipfile.ZipFile(small) as archive:
        text = archive.read(relations).decode().replace(f"/{SHEET}", target)
    assert target in text
    path = with_parts(small, {relations: text, target.lstrip("/"): far}, without=SHEET)
    assert check(path, catalogue).findings[0].code == "F107"


@pytest.mark.parametrize("before", [b"PK\3\4" + bytes(96), b""], ids=["before", "long"])
def test_calamine_gets_what_was_looked_at_where_programs_read_archives_differently(
    small: Path, before: bytes
) -> None:
    source = open_source(small)
    rows = [list(row) for row in source.sheets[0].head(9)]
    source.close()
    assert not isinstance(source.sheets[0], SlicedSheet)
    raw = small.read_bytes()
    ending = raw.rfind(b"PK\5\6")
    long = b"" if before else b"PK\6\7".rjust(56 + 4, b"\0") + bytes(16)
    small.write_bytes(before + raw[:ending] + long + raw[ending:])
    with small.open("rb") as stream:
        assert not xlsx_parts.is_plain_archive(stream)
    if before:
        source = open_source(small)
        assert isinstance(source.sheets[0], SlicedSheet)
        assert [list(row) for row in source.sheets[0].head(9)] == rows
        source.close()


def test_a_wrong_check_sum_is_damage(small: Path, catalogue: Catalogue) -> None:
    with zipfile.ZipFile(small) as archive:
        right = archive.getinfo("docProps/app.xml").CRC.to_bytes(4, "little")
    small.write_bytes(small.read_bytes().replace(right, bytes(4)))
    assert check(small, catalogue).findings[0].code == "F106"


def test_more_parts_than_any_workbook_has(
    small: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_parts, "MAX_DIRECTORY", 300)
    assert check(small, catalogue).findings[0].code == "F107"


ROWS = "".join(
    f'<row r="{n}" hidden="1"><c r="A{n}" t="e"><v>#N/A</v></c></row>' for n in range(1, 30)
)


@pytest.mark.parametrize(
    "limit", ["MAX_BROKEN", "MAX_HIDDEN", "MAX_CELLS", "MAX_NAMES", "MAX_STYLES"]
)
def test_more_than_a_sheet_may_tell(
    small: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    path = with_parts(small, {SHEET: sheet(ROWS)})
    assert not check(path, catalogue).unreadable
    monkeypatch.setattr(xlsx_scan, limit, 20)
    assert check(path, catalogue).findings[0].code == "F107"


def test_one_part_called_by_many_sheets(
    small: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_scan, "MAX_SHEETS", 5)
    with zipfile.ZipFile(small) as archive:
        text = archive.read("xl/workbook.xml").decode()
    start = text.index("<sheet ")
    one = text[start : text.index("/>", start) + 2]
    path = with_parts(small, {"xl/workbook.xml": text.replace(one, one * 6)})
    assert check(path, catalogue).findings[0].code == "F107"


def test_cells_written_over_and_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_extent, "MANY_CELLS", 50)
    with pytest.raises(Unreadable):
        Extent().see(FIRST.encode() * 60)


@pytest.mark.parametrize("long", [1, xlsx_scan.LONG], ids=["long", "short"])
@pytest.mark.parametrize("low_memory", [False, True], ids=["at once", "low memory"])
@pytest.mark.parametrize("junk", ["<row></row>", "<v>1</v>", "<!-- -->"])
def test_a_flood_of_what_is_no_cell(
    small: Path, monkeypatch: pytest.MonkeyPatch, junk: str, long: int, *, low_memory: bool
) -> None:
    monkeypatch.setattr(xlsx_scan, "LONG", long)
    path = with_parts(small, {SHEET: sheet(FIRST + junk * 500 + FIRST.replace("1", "2", 2))})

    monkeypatch.setattr(sliced, "SLICE", 1_000)
    read(path, low_memory=low_memory)
    monkeypatch.setattr(xlsx_extent, "MANY_TAGS", 400)
    with pytest.raises(Unreadable) as refused:
        read(path, low_memory=low_memory)
    assert refused.value.rule.code == "F107"


def test_a_flood_in_the_shared_texts(
    small: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_scan, "MANY_BYTES", 0)
    shared = f'<sst xmlns="{SPACE}"><si><t>a</t></si>' + "<r/>" * 500 + "</sst>"
    path = with_parts(small, {"xl/sharedStrings.xml": shared})
    assert not check(path, catalogue).unreadable
    monkeypatch.setattr(xlsx_extent, "MANY_TAGS", 400)
    assert check(path, catalogue).findings[0].code == "F107"


def test_hidden_columns_named_over_and_over(small: Path, catalogue: Catalogue) -> None:
    columns = "<cols>" + '<col min="1" max="16384" hidden="1"/>' * 500 + "</cols><sheetData>"
    rows = sheet(FIRST).replace("<sheetData>", columns)
    found = check(with_parts(small, {SHEET: rows}), catalogue).findings[0]
    assert found.code == "F107"
    assert "1.064.960" in found.message  # told at the first beyond the limit, not at the last


def row(number: int) -> str:
    return f'<row r="{number}"><c r="A{number}"><v>{number}</v></c></row>'


@pytest.mark.parametrize("long", [1, xlsx_scan.LONG], ids=["long", "short"])
@pytest.mark.parametrize("low_memory", [False, True], ids=["at once", "low memory"])
@pytest.mark.parametrize(
    ("rows", "detail"),
    [
        (row(2) + row(4) + row(3), "row"),
        (row(2) + row(3) + row(3), "row"),
        (row(2) + "</sheetData><sheetData>" + row(3), "sheetData"),
    ],
    ids=["out of order", "twice", "apart"],
)
def test_rows_that_programs_read_differently(
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: str,
    detail: str,
    long: int,
    *,
    low_memory: bool,
) -> None:
    monkeypatch.setattr(xlsx_scan, "LONG", long)
    path = with_parts(small, {SHEET: sheet(FIRST + rows)})
    with pytest.raises(Unreadable) as refused:
        read(path, low_memory=low_memory)
    assert (refused.value.rule.code, refused.value.fault.facts["detail"]) == ("F106", detail)
