"""Blocks split by hand hold the same records as the csv module reads, at the same lines."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iocsl.validate.readers import delimited
from iocsl.validate.readers.base import Unreadable
from iocsl.validate.readers.delimited import CsvSource

QUIETLY = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(path: Path, mark: str = ";") -> tuple[list[list[str]], list[int]] | None:
    """Records without empty cells at their ends, and the line of each; None when refused."""
    try:
        source = CsvSource(path)
        source.delimiter = mark
        rows: list[list[str]] = []
        lines: list[int] = []
        for chunk in source.sheets[0].chunks():
            assert chunk.first == len(rows) + 1
            rows.extend([trimmed(list(map(str, row))) for row in chunk.rows()])
            lines.extend(chunk.lines or ())
    except Unreadable:
        return None
    return rows, lines


def trimmed(row: list[str]) -> list[str]:
    while row and row[-1] == "":
        row.pop()
    return row


def expected(text: str, mark: str = ";") -> tuple[list[list[str]], list[int]] | None:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        while True:
            before = reader.line_num
            row = next(reader, None)
            if row is None:
                return rows, lines
            rows.append(trimmed(row))
            lines.append(before + 1)
    except csv.Error:
        return None


@QUIETLY
@given(
    st.text(alphabet='ab;"\n\r ă', max_size=40),
    st.sampled_from([1, 3, 8, 1 << 16]),
)
def test_any_text(tmp_path: Path, text: str, piece: int) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "PIECE", piece)
        assert read(path) == expected(text)


@QUIETLY
@given(
    st.lists(
        st.lists(st.text(alphabet='x;"\nđ\r', max_size=4), min_size=1, max_size=4), max_size=6
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([1, 5, 1 << 16]),
)
def test_any_records(tmp_path: Path, rows: list[list[str]], end: str, piece: int) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator=end).writerows(rows)
    path = tmp_path / "a.csv"
    path.write_bytes(text.getvalue().encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "PIECE", piece)
        assert read(path) == expected(text.getvalue())


def test_a_bad_byte_after_the_beginning_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    good = "mã;giá trị\n" * 200_000
    path.write_bytes(good.encode() + b"\xe9t\xe9;1\n")
    source = CsvSource(path)
    with pytest.raises(Unreadable) as refused:
        list(source.sheets[0].chunks())
    assert refused.value.rule.code == "F110"
    assert refused.value.fault.facts["line"] == 200_001


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a;b;c\n1;8,5;2\n3;9,5;4\n", ";"),
        ("a,b,c\n1,8.5,2\n", ","),
        ("a\tb\n1,5\t2,5\n", "\t"),
        ("Bảng giá, tháng 10\na;b\n1,5;2\n", ";"),
        ("a\n1\n", ","),
        ('a,b\n"x;y;z",1\n"u;v;w",2\n', ","),
        ("a;b\r1,5;2\r3,5;4\r", ";"),
    ],
)
def test_the_delimiter_is_found(tmp_path: Path, text: str, mark: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    assert CsvSource(path).delimiter == mark


def test_lines_that_end_as_on_an_old_mac(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b\r1,5;2\r3,5;4\r")
    chunks = list(CsvSource(path).sheets[0].chunks())
    assert [row for chunk in chunks for row in chunk.rows()] == [
        ("a", "b"),
        ("1,5", "2"),
        ("3,5", "4"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"'])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_that_names_the_delimiter_is_no_record(
    tmp_path: Path, encoding: str, first: str, end: str
) -> None:
    # Excel shows "a" in row 1; commas agree in more rows than the delimiter does.
    path = tmp_path / "a.csv"
    path.write_bytes(end.join([first, "a;b", "1,5;2,5", '"c\nd";7,5', "x,y;z"]).encode(encoding))
    source = CsvSource(path)
    assert source.delimiter == ";"
    chunks = list(source.sheets[0].chunks())
    assert chunks[0].first == 1
    assert [tuple(map(str, row)) for chunk in chunks for row in chunk.rows()][1] == ("1,5", "2,5")
    assert [line for chunk in chunks for line in chunk.lines or ()] == [2, 3, 4, 6]


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("sep=^\na^b\n1,5^2\n", "^"),
        ("sep=,\na;b\n1;2\n", ";"),  # it is named and never used
        ("sep=ab\na;b\n1;2\n", ";"),
        ("ma;sep=,\n1;2\n", ";"),
    ],
)
def test_a_delimiter_that_is_named_is_taken_where_it_is_used(
    tmp_path: Path, text: str, mark: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    assert CsvSource(path).delimiter == mark
