"""Rows that are split here are what calamine reads in them, whatever they hold."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from contextlib import closing
from datetime import date, time
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.validate import check
from iocsl.validate.readers import open_source, plain_rows, sliced, xlsx_scan
from iocsl.validate.readers.base import Broken, Cell, Sheet, Unreadable, column_letters
from iocsl.validate.readers.plain_rows import PlainRows
from iocsl.validate.readers.sliced import SlicedSheet
from iocsl.validate.readers.xlsx_meanings import Meanings
from validate_books import book, prices

SHARED = ("Mường La", " hai  dấu cách ", "a&b <c>", "", "8,5")
STYLES = 4
"""Number formats of the workbook: general, a date, a time, a figure with two decimals."""

LETTERS = "ABCDEFZ"
texts = st.text("aạ8,.& <>_x0041\t\n\u00a0ệ", max_size=6)
figures = st.sampled_from(
    ["0", "1", "12.5", "-3", "1E+5", "2e-3", "46348", "46348.25", "0.5", "1e999", "", "x", "1_0"]
)


def _value(text: str, *, kept: bool) -> str:
    space = ' xml:space="preserve"' if kept else ""
    return f"<is><t{space}>{escape(text)}</t></is>"


@st.composite
def cells(draw: st.DrawFn) -> str:
    """What stands behind an address, up to the end of the cell."""
    style = draw(st.sampled_from(["", *(f' s="{number}"' for number in range(STYLES))]))
    formula = draw(st.sampled_from(["", "", "", "<f>A1+1</f>", '<f t="shared" si="0"/>']))
    kind = draw(st.sampled_from(["n", "", "s", "str", "inlineStr", "b", "e", "blank", "short"]))
    if kind == "short":
        return f"{style}/>"
    if kind == "blank":
        return f"{style}>{formula}</c>"
    said = f'{style} t="{kind}"' if kind else style
    if draw(st.integers(0, 9)) == 0:
        said = "".join(reversed([f' t="{kind}"' if kind else "", style]))
    if kind == "inlineStr":
        return f"{said}>{_value(draw(texts), kept=draw(st.booleans()))}</c>"
    value = {
        "s": st.sampled_from([*map(str, range(len(SHARED)))]),
        "str": texts.map(escape),
        "b": st.sampled_from(["0", "1"]),
        "e": st.sampled_from(["#N/A", "#DIV/0!"]),
    }.get(kind, figures)
    return f"{said}>{formula}<v>{draw(value)}</v></c>"


@st.composite
def sheets(draw: st.DrawFn) -> str:
    """The rows of a sheet: a few kinds of cells, so that columns are often written alike."""
    forms = draw(st.lists(cells(), min_size=1, max_size=4))
    columns = sorted(draw(st.sets(st.sampled_from(LETTERS), min_size=1)))
    rows, number = [], 0
    for _ in range(draw(st.integers(1, 8))):
        number += draw(st.sampled_from([1, 1, 1, 1, 2, 40]))
        head = draw(st.sampled_from(["", ' spans="1:9"', ' hidden="1"', ' ht="15" hidden="false"']))
        if draw(st.integers(0, 7)) == 0:
            rows.append(f'<row r="{number}"{head}/>')
            continue
        filled = [each for each in columns if draw(st.integers(0, 5))]
        content = "".join(f'<c r="{each}{number}"{draw(st.sampled_from(forms))}' for each in filled)
        rows.append(f'<row r="{number}"{head}>{content}</row>')
    return "".join(rows)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with shared texts and some number formats."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = 1
    sheet["A2"] = date(2026, 11, 22)
    sheet["A3"] = time(8, 30)
    sheet["A4"] = 1.5
    sheet["A4"].number_format = "#,##0.00"
    path = tmp_path_factory.mktemp("plain") / "made.xlsx"
    book.save(path)
    return path


def _with_rows(made: Path, path: Path, rows: str, shared: str | None = None) -> Path:
    if shared is None:
        shared = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in SHARED)
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            if name not in {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"}:
                content = old.read(name)
                if name == "xl/_rels/workbook.xml.rels" and b"sharedStrings" not in content:
                    relation = (
                        b'<Relationship Id="rIdT" Target="sharedStrings.xml" Type="http://schemas.'
                        b'openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>'
                    )
                    content = content.replace(b"</Relationships>", relation + b"</Relationships>")
                new.writestr(name, content)
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{namespace}">{shared}</sst>')
        sheet = f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>'
        new.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


def _read(path: Path) -> tuple[Sheet, list[list[Cell]], set[int]] | str:
    """The sheet, its rows without blank cells at their ends, and the rows that are hidden."""
    with closing(open_source(path)) as source:
        sheet = source.sheets[0]
        try:
            left = [""] * sheet.column_offset
            rows = [[*left, *row] for chunk in sheet.chunks() for row in chunk.rows()]
        except Unreadable as unread:
            return unread.rule.code
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return sheet, rows, sheet.seen.hidden_rows  # type: ignore[attr-defined] # of a workbook


def _both_ways(path: Path, size: int = 1 << 20) -> tuple[Any, Any]:
    """The sheet as calamine reads it at once, and as it is split, in slices of some bytes."""
    at_once = _read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlsx_scan, "LONG", 1)
        patch.setattr(sliced, "SLICE", size)
        return at_once, _read(path)


def _same(one: Cell, other: Cell) -> bool:
    return type(one) is type(other) and (one == other or str(one) == str(other) == "nan")


@pytest.mark.parametrize("size", [150, 1 << 20])
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sheets())
def test_what_is_split_is_what_calamine_reads(
    made: Path, tmp_path: Path, size: int, rows: str
) -> None:
    path = _with_rows(made, tmp_path / "a.xlsx", rows)
    at_once, parts = _both_ways(path, size)
    if isinstance(at_once, str) or isinstance(parts, str):
        assert at_once == parts
        return
    assert isinstance(parts[0], SlicedSheet)
    assert not isinstance(at_once[0], SlicedSheet)
    assert len(parts[1]) == len(at_once[1])
    for one, other in zip(parts[1], at_once[1], strict=True):
        assert len(one) == len(other)
        assert all(map(_same, one, other)), (one, other)
    assert parts[2] == at_once[2]


@st.composite
def shared_texts(draw: st.DrawFn) -> list[str]:
    """Shared texts, most of them in one piece."""
    found = []
    for text in map(escape, draw(st.lists(texts, min_size=1, max_size=6))):
        kind = draw(st.sampled_from(["bare", "kept", "kept", "bare", "rich", "none", "sound"]))
        found.append(
            {
                "bare": f"<si><t>{text}</t></si>",
                "kept": f'<si><t xml:space="preserve">{text}</t></si>',
                "rich": f"<si><r><t>{text}</t></r><r><rPr><b/></rPr><t>b</t></r></si>",
                "none": "<si><t/></si>",
                "sound": f'<si><t>{text}</t><rPh sb="0" eb="1"><t>x</t></rPh></si>',
            }[kind]
        )
    return found


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(shared_texts())
def test_shared_texts_are_what_calamine_reads(made: Path, tmp_path: Path, items: list[str]) -> None:
    rows = "".join(
        f'<row r="{at}"><c r="A{at}" t="s"><v>{at - 1}</v></c><c r="B{at}"><v>1</v></c></row>'
        for at in range(1, len(items) + 1)
    )
    path = _with_rows(made, tmp_path / "a.xlsx", rows, "".join(items))
    at_once, parts = _both_ways(path)
    assert not isinstance(at_once, str)
    assert not isinstance(parts, str)
    assert isinstance(parts[0], SlicedSheet)
    assert parts[1] == at_once[1]


def _meanings() -> Meanings:
    """Styles 1 and 2 are dates; calamine reads a date as the number of its day."""

    def ask(cells: Sequence[bytes]) -> list[Cell]:
        if b' t="s"' in cells[0]:
            return list(SHARED)
        numbers = [float(cell.partition(b"<v>")[2].partition(b"<")[0]) for cell in cells]
        dated = [b' s="1"' in cell or b' s="2"' in cell for cell in cells]
        return [
            date.fromordinal(int(each)) if is_date else each
            for each, is_date in zip(numbers, dated, strict=True)
        ]

    return Meanings(ask, lambda: b"<si/>" * len(SHARED))


PLAIN: dict[str, tuple[str, list[list[Cell]]]] = {
    "Excel": (
        (
            '<row r="2" spans="1:3" x14ac:dyDescent="0.25"><c r="A2" s="3" t="s"><v>0</v></c>'
            '<c r="B2" s="3"><v>8.5</v></c><c r="C2" s="1"><v>9</v></c></row>'
            '<row r="3" spans="1:3" x14ac:dyDescent="0.25"><c r="A3" s="3" t="s"><v>4</v></c>'
            '<c r="B3" s="3"><v>12</v></c><c r="C3" s="1"><v>10</v></c></row>'
        ),
        [["Mường La", 8.5, date.fromordinal(9)], ["8,5", 12.0, date.fromordinal(10)]],
    ),
    "blank cells left out": (
        (
            '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2"><v>1</v></c></row>'
            '<row r="3"><c r="B3" t="b"><v>1</v></c></row><row r="4"/><row r="5" ht="2"></row>'
            '<row r="6"><c r="A6" t="s"><v>2</v></c><c r="C6"><v>2</v></c></row>'
        ),
        [["Mường La", "", 1.0], ["", True, ""], ["", "", ""], ["a&b <c>", "", 2.0]],
    ),
    "LibreOffice": (
        (
            '<row r="2" customFormat="false" ht="15" hidden="false">'
            '<c r="A2" s="3" t="n"><v>1</v></c>'
            '<c r="B2" s="3" t="n"><f aca="false">A2*2</f><v>2</v></c></row>'
            '<row r="3" customFormat="false" ht="15" hidden="true"><c r="A3" s="3" t="str"><v>x</v>'
            '</c><c r="B3" s="3"><f aca="false">A3*2</f><v>6</v></c></row>'
        ),
        [[1.0, 2.0], ["x", 6.0]],
    ),
    "openpyxl": (
        (
            '<row r="2"><c r="A2" t="inlineStr"><is><t>M&#432;&#7901;ng</t></is></c>'
            '<c r="B2"/></row>'
            '<row r="3"><c r="A3" t="inlineStr"></c><c r="B3" t="e"><v>#N/A</v></c></row>'
            '<row r="4"><c r="A4" t="inlineStr"><is><t>a &amp; b</t></is></c>'
            '<c r="B4"><f>A1</f></c></row>'
        ),
        [["Mường", ""], ["", Broken("#N/A")], ["a & b", Broken(None)]],
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_what_programs_write_is_split(name: str) -> None:
    block, wanted = PLAIN[name]
    found = PlainRows(_meanings()).of(block.encode())
    assert found is not None
    rows = [list(row) for row in zip(*found.columns, strict=True)]
    assert rows == wanted
    assert list(found.hidden) == ([3] if name == "LibreOffice" else [])


@pytest.mark.parametrize(
    "cell",
    [
        "<c r='A1'><v>1</v></c>",
        '<x:c r="A1"><v>1</v></x:c>',
        '<c r="A2"><v>1</v></c>',
        '<c r="A01"><v>1</v></c>',
        '<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>',
        '<c r="B1"><v>1</v></c><c r="A1"><v>2</v></c>',
        '<c r="ZZZ1"><v>1</v></c>',
        '<c r="A1" t="inlineStr"><v>1</v></c>',
        '<c r="A1" t="str"><is><t>1</t></is></c>',
        '<c r="A1" t="str" t="n"><v>1</v></c>',
        '<c r="A1" t="d"><v>2026-11-22</v></c>',
        '<c r="A1" t="b"><v>true</v></c>',
        '<c r="A1" t="s"><v>5</v></c>',
        '<c r="A1" t="s"><v>-1</v></c>',
        f'<c r="A1" t="s"><v>{"0" * 5000}</v></c>',
        '<c r="A1" s="x"><v>1</v></c>',
        f'<c r="A1" s="{"9" * 5000}"><v>1</v></c>',
        '<c r="A1" t="n"><v>1_0</v></c>',
        '<c r="A1" t="n"><v>nan</v></c>',
        '<c r="A1" t="n"><v> 1</v></c>',
        '<c r="A1" cm="1"><v>1</v></c><extLst/>',
        '<c r="A1" t="str"><v>a<!-- b --></v></c>',
        '<c r="A1" t="str"><v><![CDATA[a]]></v></c>',
        '<c r="A1" t="str"><v>a_x000D_</v></c>',
        '<c r="A1" t="str"><v>&#95;x000D_</v></c>',
        '<c r="A1" t="str"><v>a\r\nb</v></c>',
        '<c r="A1" t="str"><v>&nbsp;</v></c>',
        '<c r="A1" t="str"><v>&#224 a</v></c>',
        '<c r="A1" t="str"><v>&#224a;</v></c>',
        '<c r="A1" t="str"><v>a & b</v></c>',
        '<c r="A1" t="str"><v>&#0;</v></c>',
        '<c r="A1" t="inlineStr"><is><t> a</t></is></c>',
        '<c r="A1" t="inlineStr"><is><t>&#32;a</t></is></c>',
        '<c r="A1" t="inlineStr"><is><r><t>a</t></r></is></c>',
        '<c r="A1" t="str"><v>a</c>',
        '<c r="A1" t="str"><v>a" t="str"><v>1</v></c><c r="A1</v></c>',
    ],
)
def test_what_is_written_in_another_way_is_left_to_calamine(cell: str) -> None:
    row = f'<row r="1">{cell}</row>'.encode()
    assert PlainRows(_meanings()).of(row) is None
    more = b'<row r="2"><c r="A2" t="s"><v>0</v></c></row>'
    assert PlainRows(_meanings()).of(row + more) is None
    assert PlainRows(_meanings()).of(row.replace(b"1", b"3") + more) is None


@pytest.mark.parametrize("said", [" ht=15", ' ht="1', ' .a="1"', ' ht="<"', 'ht="1"'])
def test_rows_whose_attributes_are_none(said: str) -> None:
    row = f'<row r="1"{said}><c r="A1"><v>1</v></c></row>'.encode()
    assert PlainRows(_meanings()).of(row) is None


@pytest.mark.parametrize(
    "shared",
    [
        "<si/><si><t>A</t></si><si><t>B</t></si>",
        "<si ><t>A</t></si><si><t>B</t></si><si><t>C</t></si>",
        '<si a="1"><t>A</t></si><si><t>B</t></si><si><t>C</t></si>',
        "<!--<si><t>Z</t></si>--><si><t>A</t></si><si><t>B</t></si><si><t>C</t></si>",
        "<si><t>A</t></si><si><t>B</t></si><!--<si><t>Z</t></si>-->",
        "<si><t>A</t></si><si><t>B</t></si><si><t>C</t></si><x/>",
    ],
)
def test_which_shared_text_is_meant(made: Path, tmp_path: Path, shared: str) -> None:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    path = _with_rows(made, tmp_path / "a.xlsx", rows, shared)
    at_once, parts = _both_ways(path)
    assert not isinstance(at_once, str)
    assert not isinstance(parts, str)
    assert parts[1] == at_once[1]


def test_many_styles_and_columns(made: Path, tmp_path: Path) -> None:
    """What no form has is left to calamine before it takes long."""
    styles = "".join(
        f'<row r="{at}"><c r="A{at}" s="{at}"><v>1</v></c></row>' for at in range(1, 99)
    )
    assert PlainRows(_meanings()).of(styles.encode()) is None
    texts = styles.replace('"><v>', '" t="str"><v>').encode()
    assert PlainRows(_meanings()).of(texts) is None
    wide = "".join(f'<c r="{column_letters(at)}1"><v>1</v></c>' for at in range(2_000))
    assert PlainRows(_meanings()).of(f'<row r="1">{wide}</row>'.encode()) is None
    asked = []

    def ask(cells: Sequence[bytes]) -> list[Cell]:
        asked.append(len(cells))
        return [1.0] * len(cells)

    few = "".join(f'<row r="{at}"><c r="A{at}" s="{at}"><v>1</v></c></row>' for at in range(1, 60))
    assert PlainRows(Meanings(ask, bytes)).of(few.encode()) is not None
    assert len(asked) == 1


def _rows_of(*cells: str, first: int = 1) -> bytes:
    """A row for each of some cells in column A, by what stands behind their addresses."""
    return "".join(
        f'<row r="{at}"><c r="A{at}"{cell}</row>' for at, cell in enumerate(cells, first)
    ).encode()


def test_more_is_learned_of_rows_as_they_come() -> None:
    """Blank cells, other styles, formulas and columns that no row had before."""
    rows = PlainRows(_meanings())
    wanted: list[tuple[bytes, list[list[Cell]]]] = [
        (_rows_of(*["><v>1</v></c>"] * 200), [[1.0] * 200]),
        (
            _rows_of(*["><v>2</v></c>"] * 150, "/>", *["><v>2</v></c>"] * 49, first=201),
            [[*[2.0] * 150, "", *[2.0] * 49]],
        ),
        (_rows_of(*(f' s="{at}"><v>3</v></c>' for at in (0, 3, 4, 5, 6, 7, 0))), [[3.0] * 7]),
        (_rows_of("><f>B9</f><v>4</v></c>", "><f>B9</f></c>"), [[4.0, Broken(None)]]),
        (_rows_of("><v>5</v></c>"), [[5.0]]),
        (b'<row r="9"><c r="C9" t="b"><v>1</v></c></row>', [[""], [""], [True]]),
        (_rows_of("><v>6</v></c>", first=10), [[6.0], [""], [""]]),
    ]
    for block, columns in wanted:
        found = rows.of(block)
        assert found is not None
        assert found.columns == columns


def test_what_is_not_plain_teaches_nothing_wrong() -> None:
    rows = PlainRows(_meanings())
    plain = _rows_of(*["><v>1</v></c>"] * 9)
    assert rows.of(plain) is not None
    assert rows.of(_rows_of(' t="str"><v>a</v></c>', "><v>2</v></c><!-- -->")) is None
    found = rows.of(plain)
    assert found is not None
    assert found.columns == [[1.0] * 9]


def test_rows_that_are_all_written_otherwise_are_left_to_calamine() -> None:
    rows = PlainRows(_meanings())
    taken = [
        rows.of(f'<row r="1"><c r="{column_letters(at)}1"><v>1</v></c></row>'.encode())
        for at in range(plain_rows.LESSONS + 1)
    ]
    assert all(found is not None for found in taken[:-1])
    assert taken[-1] is None


def test_columns_that_few_rows_have_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    sparse = "".join(
        f'<row r="{at}"><c r="{column_letters(at % 40)}{at}"><v>1</v></c></row>'
        for at in range(1, 200)
    ).encode()
    assert PlainRows(_meanings()).of(sparse) is not None
    monkeypatch.setattr(plain_rows, "MOST_PARTS", 199 * 40)
    assert PlainRows(_meanings()).of(sparse) is None


def test_rows_that_lost_their_numbers_are_looked_at_first(made: Path, tmp_path: Path) -> None:
    rows = '<row><c><v>1</v></c></row><row><c r="XFD1048576"><v>1</v></c></row>'
    path = _with_rows(made, tmp_path / "a.xlsx", rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlsx_scan, "LONG", 1)
        with closing(open_source(path)) as source, pytest.raises(Unreadable) as told:
            _ = source.sheets
    assert told.value.rule.code == "F107"


def test_bytes_that_are_no_text_are_left_to_calamine() -> None:
    row = b'<row r="1"><c r="A1" t="str"><v>a\xc3</v></c></row>'
    assert PlainRows(_meanings()).of(row) is None


def test_a_sheet_that_is_not_plain_further_down(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """calamine goes on where rows are written in another way, in the same sheet."""
    rows = [f'<row r="{at}"><c r="B{at}"><v>{at}</v></c></row>' for at in range(1, 3000)]
    rows[2000] = '<row r="2001"><c t="d" r="B2001"><v>2026-11-22</v></c></row>'
    rows[2900] = '<row r="2901" hidden="1"><c r="B2901" t="e"><v>#REF!</v></c></row>'
    path = _with_rows(made, tmp_path / "a.xlsx", "".join(rows))
    monkeypatch.setattr(xlsx_scan, "LONG", 1)
    monkeypatch.setattr(sliced, "SLICE", 5000)
    for low in (False, True):
        with closing(open_source(path, low_memory=low)) as source:
            sheet = source.sheets[0]
            found = [cell for chunk in sheet.chunks() for cell in chunk.columns[1]]
            assert found[:2000] == [float(at) for at in range(1, 2001)]
            assert found[2000] == date(2026, 11, 22)
            assert found[2900] == Broken("#REF!")
            assert found[2901:] == [float(at) for at in range(2902, 3000)]
            assert sheet.seen.hidden_rows == {2900}  # type: ignore[attr-defined] # of a workbook
            assert len(sheet.head(2500)) == 2500


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (
            (
                '<row r="1"><c r="A1"><v>1</v></c></row>'
                '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
            ),
            "F107",
        ),
        ('<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>', "F106"),
    ],
)
def test_cells_where_none_can_be(
    made: Path, tmp_path: Path, catalogue: Catalogue, rows: str, code: str
) -> None:
    path = _with_rows(made, tmp_path / "KDL-M-016_2026-10.xlsx", rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlsx_scan, "LONG", 1)
        assert [each.code for each in check(path, catalogue).findings] == [code]


SAMPLES = sorted((Path(__file__).parents[1] / "rules").glob("*/*.xlsx"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_sample(path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = check(path, catalogue).document()
    monkeypatch.setattr(xlsx_scan, "LONG", 1)
    monkeypatch.setattr(sliced, "SLICE", 400)
    parts = check(path, catalogue).document()
    # What is too large is told once it is read, and then its format is known.
    if at_once["file"]["format"] is None:
        parts["file"]["format"] = None
    assert parts == at_once


def test_blank_rows_and_cells_to_the_end_of_a_sheet(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="AMJ1" s="0"/></row>'
        '<row r="2"><c r="A2"><v>2</v></c><c r="AMJ2" s="0"/></row>'
        '<row r="1048575" ht="12"></row><row r="1048576" ht="12"></row>'
    )
    path = _with_rows(made, tmp_path / "a.xlsx", rows)
    monkeypatch.setattr(xlsx_scan, "LONG", 1)
    with closing(open_source(path)) as source:
        chunks = [chunk.columns for chunk in source.sheets[0].chunks()]
    assert chunks == [[[1.0, 2.0]]]


def test_a_slice_with_fewer_columns_than_the_headings(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("E12:E13")

    head = ["ma_chi_tieu", "ten_chi_tieu", "ky_bao_cao", "dia_ban", "gia_tri"]
    rows = [
        [f"KDL-M-016.{at:03d}", "", "2026-10", "14", 5 if at < 11 else None] for at in range(20)
    ]
    path = book(tmp_path / "a.xlsx", [head, *rows], shape=merge)
    at_once = prices(path, catalogue).document()
    monkeypatch.setattr(xlsx_scan, "LONG", 1)
    monkeypatch.setattr(sliced, "SLICE", 400)
    assert prices(path, catalogue).document() == at_once
