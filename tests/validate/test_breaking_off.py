"""Tables that are plainly something else: the check ends early, says so, and tells what it saw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iocsl import cli
from iocsl.catalog import Catalogue
from iocsl.domain import ExitCode
from iocsl.text import set_language
from iocsl.validate import Report, breaking_off, check, engine, table
from iocsl.validate.readers.base import Batch
from iocsl.validate.rows import context_for
from iocsl.validate.rows import rows_of as landed
from iocsl.validate.table import data_batches
from validate_books import book, prices, text

COLUMNS = ["a", "b", "c", "d"]
SCHEMA = "name: bieu\nfields:\n" + "".join(
    f"  - {{name: {name}, type: integer, constraints: {{required: true}}}}\n" for name in COLUMNS
)
HEAD = ["Mã chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị"]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaking_off, "STEP", 10)
    monkeypatch.setattr(breaking_off, "TOO_MANY", ((60, 2), (200, 5)))
    monkeypatch.setattr(breaking_off, "TOO_MANY_TOLD", (1_000, 2))
    monkeypatch.setattr(breaking_off, "TOO_MANY_REPEATED", (2_000, 2))
    monkeypatch.setattr(table, "MOST_BLANK", 50)
    monkeypatch.setattr(table, "MOST_ASIDE", 40)
    set_language("en")


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "bieu.schema.yaml"
    path.write_text(SCHEMA, "utf-8")
    return path


def rows(count: int, wrong: int) -> list[list[str]]:
    """Rows of which the first `wrong` cells hold words."""
    return [[f"chữ {at}"] * wrong + [str(at)] * (4 - wrong) for at in range(count)]


def left(report: Report) -> list[str]:
    return [each.message for each in report.findings if each.code == "S219"]


@pytest.mark.parametrize(
    ("wrong", "count", "last"),
    [
        (4, 16, None),  # 60 wrong cells after 15 rows, and none is left when it is asked
        (4, 20, None),
        (4, 21, 21),
        (2, 31, 31),
        (2, 200, 31),
        (1, 199, None),
        (1, 200, None),
        (1, 201, 201),
    ],
)
def test_many_wrong_cells(  # noqa: PLR0917 - drawn by name
    tmp_path: Path, catalogue: Catalogue, schema: Path, wrong: int, count: int, last: int | None
) -> None:
    path = text(tmp_path / "a.csv", [COLUMNS, *rows(count, wrong)])
    report = check(path, catalogue, schema=schema)
    if last is None:
        assert left(report) == []
        assert report.rows == count
        return
    looked_at = last - 1
    share = f"{looked_at * wrong} of the {looked_at * 4} cells looked at are wrong"
    assert [share in each and f"row {last} only" in each for each in left(report)] == [True]
    assert report.rows == looked_at
    assert not report.valid
    # Whole columns that fail have one cause here too, and are counted down to that row.
    told = [each for each in report.findings if each.code == "V402"]
    assert [(each.column, each.row, each.count) for each in told] == [
        (name, 2, looked_at) for name in COLUMNS[:wrong]
    ]


def test_a_code_of_another_list_in_nearly_every_row(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wide table of which few cells are wrong; one code in every row has one cause."""
    monkeypatch.setattr(breaking_off, "TOO_MANY", ((6_000, 2),))
    monkeypatch.setattr(breaking_off, "TOO_MANY_STRANGE", (50, 10 / 9))
    for codes, found in (((f"A{at}" for at in range(200)), [True]), (["A1"] * 200, [])):
        made = [[code, "2026-10", "14", str(at)] for at, code in enumerate(codes)]
        path = text(tmp_path / "a.csv", [HEAD, *made])
        report = check(path, catalogue, dataset="KDL-M-016", unit="CQ-TC", period="2026-10")
        assert ["50 of the 200 cells looked at are wrong" in each for each in left(report)] == found


def test_few_wrong_cells_among_many_are_all_told(
    tmp_path: Path, catalogue: Catalogue, schema: Path
) -> None:
    made = rows(1_000, 0)
    for at in range(0, 1_000, 2):
        made[at][at // 2 % 4] = "x"
    report = check(text(tmp_path / "a.csv", [COLUMNS, *made]), catalogue, schema=schema)
    assert left(report) == []
    assert len(report.findings) == 500


def test_every_fault_down_to_that_row_is_told_and_none_below(
    tmp_path: Path, catalogue: Catalogue, schema: Path
) -> None:
    made = rows(100, 0)
    for at in range(100):
        made[at][at % 4] = "x"
        made[at][(at + 1) % 4] = ""
    made.insert(25, [*made[0], "thừa"])
    made.insert(60, [*made[0], "thừa"])
    report = check(text(tmp_path / "a.csv", [COLUMNS, *made]), catalogue, schema=schema)
    assert "row 31 only" in left(report)[0]
    placed = [each for each in report.findings if each.row is not None]
    assert {each.row for each in placed} == set(range(2, 32))
    assert [each.row for each in placed if each.code == "S210"] == [27]
    assert sum(each.code == "V402" for each in placed) == 30


@pytest.mark.parametrize("size", [1, 7, 10])
def test_however_rows_are_cut(
    tmp_path: Path, catalogue: Catalogue, schema: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = text(tmp_path / "a.csv", [COLUMNS, *rows(300, 1), *rows(300, 3)])
    whole = check(path, catalogue, schema=schema)

    def pieces(*given: Any) -> Iterator[Batch]:
        for batch in data_batches(*given):
            for start in range(0, len(batch), size):
                yield batch.part(start, start + size)

    monkeypatch.setattr(engine, "data_batches", pieces)
    again = check(path, catalogue, schema=schema)
    assert left(whole)
    assert list(again.findings) == list(whole.findings)
    assert (again.rows, again.quality) == (whole.rows, whole.quality)


def test_formats_end_at_the_same_row(tmp_path: Path, catalogue: Catalogue, schema: Path) -> None:
    made = rows(100, 3)
    lines = [
        "".join(f"<{key}>{cell}</{key}>" for key, cell in zip(COLUMNS, each, strict=True))
        for each in made
    ]
    records = tmp_path / "a.xml"
    body = "".join(f"<dong>{line}</dong>" for line in lines)
    records.write_text(f"<?xml version='1.0' encoding='UTF-8'?><bieu>{body}</bieu>", "utf-8")
    paths = [
        text(tmp_path / "a.csv", [COLUMNS, *made]),
        book(tmp_path / "a.xlsx", [COLUMNS, *made]),
        records,
    ]
    told = [
        [(each.code, each.row, each.message, each.count) for each in report.findings]
        for report in (check(path, catalogue, schema=schema) for path in paths)
    ]
    assert told[0] == told[1] == told[2]
    assert told[0][0][0] == "S219"


def test_what_only_a_whole_table_proves_is_not_said(tmp_path: Path, catalogue: Catalogue) -> None:
    wrong = [["XYZ", "sai", "sai", "sai"]] * 21
    report = prices(text(tmp_path / "a.csv", [HEAD, *wrong]), catalogue)
    codes = {each.code for each in report.findings}
    assert "S219" in codes
    assert "C310" not in codes  # the indicators that are missing may stand below


def test_warnings_end_a_table_later(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "bieu.schema.yaml"
    path.write_text("name: bieu\nfields:\n  - {name: a, type: string}\n", "utf-8")
    untidy = [["hai  dấu  cách"]] * 1_100
    report = check(text(tmp_path / "a.csv", [["a"], *untidy[:900]]), catalogue, schema=path)
    assert report.findings
    assert report.valid
    report = check(text(tmp_path / "a.csv", [["a"], *untidy]), catalogue, schema=path)
    assert "1.000 of the 1.000 cells looked at have errors or warnings" in left(report)[0]
    assert report.rows == 1_000


@pytest.mark.parametrize("kind", ["Tổng cộng", "không phát sinh"])
def test_hardly_anything_but_totals(tmp_path: Path, catalogue: Catalogue, kind: str) -> None:
    data = ["KDL-M-016.001", "2026-10", "14", "5"]
    rest = [["", kind, "", ""]] * 100
    report = prices(text(tmp_path / "a.csv", [HEAD, data, *rest]), catalogue)
    assert "row 42 only" in left(report)[0]
    assert max(each.row or 0 for each in report.findings) <= 42
    report = prices(text(tmp_path / "b.csv", [HEAD, *[data] * 20, *rest]), catalogue)
    assert left(report) == []


def test_rows_that_are_all_too_long_are_one_finding(
    tmp_path: Path, catalogue: Catalogue, schema: Path
) -> None:
    made = [[*each, "thừa", "nữa"] for each in rows(30, 0)]
    report = check(text(tmp_path / "a.csv", [COLUMNS, *made]), catalogue, schema=schema)
    assert [(each.code, each.row, each.count) for each in report.findings] == [("S210", 2, 30)]
    assert "6" in report.findings[0].message
    assert report.quality.clean == 0.0


@pytest.mark.parametrize("line", ["", ";;;", "\r"])
def test_blank_rows_without_end(
    tmp_path: Path, catalogue: Catalogue, schema: Path, line: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("a;b;c;d\n1;2;3;4\n" + f"{line}\n" * 300 + "x;2;3;4\n").encode())
    report = check(path, catalogue, schema=schema)
    assert "row 52 only" in left(report)[0]
    assert [each.code for each in report.findings] == ["S219"]
    assert report.rows == 1


def test_blank_rows_among_many_others(tmp_path: Path, catalogue: Catalogue, schema: Path) -> None:
    lines = "1;2;3;4\n\n" * 300
    path = tmp_path / "a.csv"
    path.write_bytes(f"a;b;c;d\n{lines}x;2;3;4\n".encode())
    report = check(path, catalogue, schema=schema)
    assert [each.code for each in report.findings] == ["V402"]
    assert report.rows == 301


def test_headings_over_blank_rows_alone(tmp_path: Path, catalogue: Catalogue, schema: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b;c;d\n" + b"\n" * 30)
    codes = [each.code for each in check(path, catalogue, schema=schema).findings]
    path.write_bytes(b"a;b;c;d\n" + b"\n" * 51)
    more = [each.code for each in check(path, catalogue, schema=schema).findings]
    assert (codes, more) == (["S209"], ["S219"])


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("form", ["text", "json", "ndjson", "junit", "sarif"])
def test_every_report_tells_it(
    tmp_path: Path,
    schema: Path,
    language: str,
    form: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = text(tmp_path / "a.csv", [COLUMNS, *rows(100, 4)])
    asked = ["--lang", language, "--format", form, "validate", str(path), "--schema", str(schema)]
    assert cli.main(asked) == ExitCode.FINDINGS
    told = " ".join(capsys.readouterr().out.split())
    assert ("CHƯA được kiểm tra" if language == "vi" else "the rest was NOT checked") in told


def test_equal_rows_are_one_finding(tmp_path: Path, catalogue: Catalogue, schema: Path) -> None:
    schema.write_text(SCHEMA + "primaryKey: [a, b]\n", "utf-8")
    alike = [["1", "1", "1", "1"]] * 1_400
    others = [[str(at), "1", "1", "1"] for at in range(2, 400)]
    path = text(tmp_path / "a.csv", [COLUMNS, *others, *alike, others[0], others[0], others[9]])
    report = check(path, catalogue, schema=schema)
    first = 1 + len(others) + 1
    told = [(each.code, each.row, each.count) for each in report.findings]
    end = first + len(alike)
    assert told == [
        ("X701", first + 1, 1_399),
        *(("X701", row, 1) for row in (end, end + 1, end + 2)),
    ]
    assert f"row {first}: 1 · 1. The same fault in 1399 rows." in report.findings[0].message
    assert report.quality.clean == 22.1  # 1,402 of 1,801 rows repeat another


def test_rows_that_nearly_all_repeat_others_are_one_finding(
    tmp_path: Path, catalogue: Catalogue, schema: Path
) -> None:
    schema.write_text(SCHEMA + "primaryKey: [a, b]\n", "utf-8")
    few = [[str(at), "1", "1", "1"] for at in range(5)]
    report = check(text(tmp_path / "a.csv", [COLUMNS, *(few * 20)]), catalogue, schema=schema)
    assert [(each.code, each.row, each.count) for each in report.findings] == [("X701", 7, 95)]
    report = check(text(tmp_path / "a.csv", [COLUMNS, *(few * 3)]), catalogue, schema=schema)
    assert [(each.row, each.count) for each in report.findings] == [(at, 1) for at in range(7, 17)]


def test_repeats_without_end(tmp_path: Path, catalogue: Catalogue, schema: Path) -> None:
    schema.write_text(SCHEMA + "primaryKey: [a, b]\n", "utf-8")
    path = text(tmp_path / "a.csv", [COLUMNS, *[["1", "1", "1", "1"]] * 2_500])
    report = check(path, catalogue, schema=schema)
    assert "2.009 of the 2.010 rows looked at repeat others" in left(report)[0]
    told = [(each.code, each.row, each.count) for each in report.findings]
    assert told == [("S219", None, 1), ("X701", 3, 2_009)]


def test_unique_values(tmp_path: Path, catalogue: Catalogue, schema: Path) -> None:
    one = SCHEMA.replace(
        "{name: d, type: integer, constraints: {",
        "{name: d, type: integer, constraints: {unique: true, ",
    )
    schema.write_text(one, "utf-8")
    made = [["1", "1", "1", "7"]] * 30
    report = check(text(tmp_path / "a.csv", [COLUMNS, *made]), catalogue, schema=schema)
    assert [(each.code, each.row, each.count) for each in report.findings] == [("X702", 3, 29)]


def test_landing_loses_no_row_for_blank_ones(tmp_path: Path, catalogue: Catalogue) -> None:
    """Whoever reads the rows of a file that passed the check gets all of them."""
    made = [line for at in range(60) for line in (["KDL-M-016.001", "2026-10", "14", str(at)], [])]
    path = text(tmp_path / "a.csv", [HEAD, *made])
    context = context_for(catalogue, "KDL-M-016", "CQ-TC", "2026-10")
    assert len(list(landed(path, context))) == 60
