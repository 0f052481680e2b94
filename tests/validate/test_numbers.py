"""Numbers are never guessed: what is declared and well-formed is the value, the rest a fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iocsl.catalog import Catalogue
from iocsl.domain import Severity
from iocsl.validate.numbers import NumberFault, plain, read_number
from validate_books import HEAD, prices, text

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
