"""Numbers are never guessed: what is declared and well-formed is the value, the rest a fault."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iocsl.catalog import Catalogue
from iocsl.catalog.schema import SchemaField
from iocsl.domain import Severity
from iocsl.text import squeeze
from iocsl.validate.cells import UNREAD, reader_of
from iocsl.validate.numbers import NumberFault, NumberTexts, plain, read_number
from validate_books import HEAD, book, prices, text

GROUPING, UNDECLARED, NONE = NumberFault


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1.234", 1234),
        ("8,5", 8.5),
        ("1.234.567,89", 1234567.89),
        ("-1.234", -1234),
        ("+7", 7),
        ("1234,5", 1234.5),
        ("007", 7),
        ("0,500", 0.5),
    ],
)
def test_declared_and_well_formed_is_the_value(text: str, meant: float) -> None:
    assert read_number(text, ",", ".") == meant


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1.5", GROUPING),
        ("1.2345", GROUPING),
        ("0.500", GROUPING),
        ("1234.567", GROUPING),
        ("1,5,5", GROUPING),
        (",5", GROUPING),
        ("5,", GROUPING),
        ("1.234,", GROUPING),
        ("12 345", NONE),
        ("5%", NONE),
        ("1e5", NONE),
        ("", NONE),
        ("-", NONE),
        ("1-2", NONE),
        ("١٢", NONE),
        ("12đ", NONE),
        ("nan", NONE),
    ],
)
def test_anything_else_says_why(text: str, fault: NumberFault) -> None:
    assert read_number(text, ",", ".") is fault


def test_what_a_schema_does_not_declare_does_not_exist() -> None:
    assert read_number("1234", None, None) == 1234
    assert read_number("8.5", None, None) is UNDECLARED
    assert read_number("1,234.5", None, None) is UNDECLARED
    assert read_number("8,5", ",", None) == 8.5
    assert read_number("1.234", ",", None) is UNDECLARED
    assert read_number("1,234.5", ".", ",") == 1234.5


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_a_number_written_our_way_is_read_back(number: int) -> None:
    assert read_number(plain(number), ",", ".") == number


@given(st.text(max_size=30))
def test_any_text_gives_an_answer(text: str) -> None:
    for decimal, group in ((",", "."), (".", ","), (None, None)):
        answer = read_number(text, decimal, group)
        assert isinstance(answer, int | float | NumberFault)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["12,500", "9,000", "110,250"], 3),
        (["12,500", "9,000"], 0),
        (["12,500", "9,000", "110,25"], 0),
        (["12,500", "9,000", "110,250", "0,125"], 0),
        (["12,500", "9,000", "110,250", "13000"], 3),
    ],
)
def test_commas_that_look_like_those_of_thousands(
    tmp_path: Path, catalogue: Catalogue, typed: list[str], told: int
) -> None:
    rows = [[f"KDL-M-016.{at:03d}", "2026-10", "14", figure] for at, figure in enumerate(typed, 1)]
    found = prices(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue).findings
    assert [each.count for each in found if each.code == "V431"] == ([told] if told else [])
    assert not [each for each in found if each.severity is Severity.ERROR]


@pytest.mark.parametrize("given", ["9" * 310, "-" + "9" * 3999, "1." + ".".join(["000"] * 200)])
def test_what_nobody_can_reckon_with_is_no_number(given: str) -> None:
    assert read_number(given, ",", ".") is NONE
    assert read_number(given + ",5", ",", ".") is NONE


FIGURES = [[f"KDL-M-016.00{n}", "2026-10", "14", f"{n}.500"] for n in range(1, 5)]


def told(path: Path, catalogue: Catalogue) -> list[tuple[str, int | None]]:
    found = prices(path, catalogue).findings
    return [(each.code, each.row) for each in found if each.code != "C310"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_number_without_end_is_one_fault(kind: str, tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [HEAD, *FIGURES[:2], [*FIGURES[2][:3], "9" * 400], FIGURES[3]]
    path = tmp_path / f"a.{kind}"
    (text if kind == "csv" else book)(path, rows)
    assert told(path, catalogue) == [("V402", 4)]


@pytest.mark.parametrize("stored", ["NaN", "INF", "-inf", "1e400"])
def test_what_a_workbook_calls_a_number_and_is_none(
    stored: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = [HEAD, *FIGURES[:2], [*FIGURES[2][:3], 12345.5], FIGURES[3]]
    path, made = tmp_path / "a.xlsx", book(tmp_path / "b.xlsx", rows)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b"<v>12345.5</v>", f"<v>{stored}</v>".encode()))
    assert told(path, catalogue) == [("V402", 4)]


MARKS = st.sampled_from(
    [(",", "."), (".", ","), (",", None), (None, "."), (None, None), (",", " ")]
)
NEARLY = st.lists(st.text("0123456789+-,. \u00a0\u0663\uff11eE_x'", max_size=9), min_size=1)
BOUNDS = st.sampled_from([(None, None), (0.0, None), (None, 1000.0), (-5.5, 1234.0), (1.0, None)])


@given(NEARLY, MARKS, BOUNDS, st.booleans())
def test_the_quick_look_passes_nothing_that_the_exact_one_refuses(
    cells: list[str],
    marks: tuple[str | None, str | None],
    bounds: tuple[float | None, float | None],
    whole: bool,
) -> None:
    """By shapes or one by one, in a text file or a workbook, a text is the same number or none."""
    decimal, group = marks
    low, high = bounds
    field = SchemaField("x", "X", "integer" if whole else "number", decimal=decimal, group=group)
    read = reader_of(field, frozenset({""}))
    quick = NumberTexts(None if whole else decimal, group, low, high, whole=whole)
    texts = [cell.replace("\n", " ") for cell in cells]
    doubtful = set(quick.doubtful_texts("\n".join(texts).encode()))
    for at, cell in enumerate(texts):
        number = read(squeeze(cell))
        exact = read_number(squeeze(cell), decimal, group)
        if isinstance(exact, NumberFault):
            assert number in {None, UNREAD}
        elif not whole:
            assert number == exact
        if at in doubtful:
            continue
        assert isinstance(number, int | float), cell
        assert low is None or number >= low, cell
        assert high is None or number <= high, cell


@given(NEARLY, MARKS)
def test_a_text_has_one_reading(cells: list[str], marks: tuple[str | None, str | None]) -> None:
    """Where two declarations both make a number of a text with one mark, it is of one of them."""
    for cell in map(squeeze, cells):
        number = read_number(cell, *marks)
        if isinstance(number, NumberFault):
            continue
        bare = cell.replace(marks[1], "") if marks[1] else cell
        assert number == float(bare.replace(marks[0] or ",", "."))
        assert cell.isascii()
