"""The same key on two sheets, or in two files that are checked together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.domain import Severity
from iocsl.validate import check
from iocsl.validate.between_files import Checked, between_files
from validate_books import HEAD, book, text

MONTH: dict[str, Any] = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}
Rows = list[list[Any]]


def rows(count: int = 3, first: int = 1) -> Rows:
    codes = range(first, first + count)
    return [HEAD, *([f"KDL-M-016.{n:03d}", "2026-10", "14", f"{n}.000"] for n in codes)]


def told(
    paths: list[Path], catalogue: Catalogue, **said: str
) -> list[list[tuple[str, Severity, str | None, int | None, int]]]:
    """Code, severity, cell, row and count of what each file is told of the others."""
    options = {**MONTH, **said}
    done = [Checked(path, check(path, catalogue, **options)) for path in paths]
    return [
        [
            (each.code, each.severity, each.cell, each.row, each.count)
            for each in report.findings
            if each.code in {"X704", "X705", "X708", "X709", "X730"}
        ]
        for report in between_files(done, catalogue, options)
    ]


def test_two_files_of_one_period_agree_or_are_told(tmp_path: Path, catalogue: Catalogue) -> None:
    other = rows()
    other[2][3] = "2.500"
    one, two = text(tmp_path / "a.csv", rows()), book(tmp_path / "b.xlsx", other, at=(3, 2))
    assert told([one, two], catalogue) == [
        [],
        [
            ("X709", Severity.WARNING, "B4", 4, 1),
            ("X708", Severity.ERROR, "E5", 5, 1),
            ("X709", Severity.WARNING, "B6", 6, 1),
        ],
    ]
    found = told([two, one], catalogue)
    assert [each[0] for each in found[1]] == ["X709", "X708", "X709"]


def test_the_message_says_where_the_other_figure_is(tmp_path: Path, catalogue: Catalogue) -> None:
    other = rows()
    other[2][3] = "2.500"
    paths = [book(tmp_path / "a.xlsx", rows()), text(tmp_path / "b.csv", other)]
    done = [Checked(path, check(path, catalogue, **MONTH)) for path in paths]
    (found,) = [
        each for each in between_files(done, catalogue, MONTH)[1].findings if each.code == "X708"
    ]
    assert "“a.xlsx”" in found.message
    assert "Du_lieu!D3" in found.message
    assert (found.column, found.line) == ("gia_tri", 3)


@pytest.mark.parametrize("said", [{"unit": "CQ-YT"}, {"period": "2026-09"}])
def test_other_units_and_periods_are_let_be(
    tmp_path: Path, catalogue: Catalogue, said: dict[str, str]
) -> None:
    paths = [text(tmp_path / "a.csv", rows()), text(tmp_path / "b.csv", rows(2))]
    done = [
        Checked(paths[0], check(paths[0], catalogue, **MONTH)),
        Checked(paths[1], check(paths[1], catalogue, **{**MONTH, **said})),
    ]
    for each, report in zip(done, between_files(done, catalogue, {}), strict=True):
        assert list(report.findings) == list(each.report.findings)


def test_where_the_unit_is_not_said_it_is_a_warning(tmp_path: Path, catalogue: Catalogue) -> None:
    other = rows(1)
    other[1][3] = "9"
    paths = [text(tmp_path / "KDL-M-016_2026-10.csv", rows())]
    paths.append(text(tmp_path / "KDL-M-016_2026-10_moi.csv", other))
    done = [Checked(path, check(path, catalogue)) for path in paths]
    found = between_files(done, catalogue, {})[1].findings
    severities = [each.severity for each in found if each.code == "X708"]
    assert severities == [Severity.WARNING]


def test_a_whole_table_repeated_has_one_cause(tmp_path: Path, catalogue: Catalogue) -> None:
    paths = [text(tmp_path / "a.csv", rows(25)), text(tmp_path / "b.csv", rows(26))]
    assert told(paths, catalogue)[1] == [("X709", Severity.WARNING, None, 2, 25)]


def test_a_copy_is_told_as_one(tmp_path: Path, catalogue: Catalogue) -> None:
    paths = [text(tmp_path / name, rows()) for name in ("a.csv", "b.csv")]
    assert told([*paths, paths[0]], catalogue) == [
        [],
        [("X730", Severity.WARNING, None, None, 1)],
        [],
    ]


def test_files_of_one_name_are_told_apart_by_their_folders(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    paths = [tmp_path / folder / "a.csv" for folder in ("x", "y")]
    for path, many in zip(paths, (1, 2), strict=True):
        path.parent.mkdir()
        text(path, rows(many))
    done = [Checked(path, check(path, catalogue, **MONTH)) for path in paths]
    messages = [each.message for each in between_files(done, catalogue, MONTH)[1].findings]
    assert any(str(paths[0]) in each for each in messages)


def test_the_same_area_typed_as_a_number_is_the_same_key(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    typed = rows(1)
    typed[1][2], typed[1][3] = 14, 5000
    paths = [text(tmp_path / "a.csv", rows(1)), book(tmp_path / "b.xlsx", typed)]
    assert [each[0] for each in told(paths, catalogue)[1]] == ["X708"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_command_holds_files_against_each_other(
    tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str], jobs: str
) -> None:
    other = rows(1)
    other[1][3] = "9"
    text(tmp_path / "a.csv", rows())
    text(tmp_path / "b.csv", other)
    options = [f"--{key}={value}" for key, value in MONTH.items()]
    ask = ["validate", str(tmp_path), "--format", "ndjson", "--jobs", jobs, *options]
    assert main(ask) == 1
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["valid"], second["valid"]) == (True, False)
    assert second["counts"]["error"] == 1
    assert "X708" in {each["code"] for each in second["findings"]}


def test_a_file_is_not_held_against_its_mended_copy(
    tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.csv", "a.sua.csv", "b.csv"):
        text(tmp_path / name, rows())
    options = [f"--{key}={value}" for key, value in MONTH.items()]
    main(["validate", str(tmp_path), "--format", "ndjson", *options])
    told = {}
    for line in capsys.readouterr().out.splitlines():
        report = json.loads(line)
        told[report["file"]["name"]] = {each["code"] for each in report["findings"]}
    assert "X730" not in told["a.csv"]
    assert "X730" in told["b.csv"]


def test_two_sheets(tmp_path: Path, catalogue: Catalogue) -> None:
    def second(sheet: Any) -> None:
        more = sheet.parent.create_sheet("Hai")
        for row in (HEAD, ["KDL-M-016.001", "2026-10", "14", 1000], [*rows(2)[2][:3], 7]):
            more.append(row)

    report = check(book(tmp_path / "a.xlsx", rows(), shape=second), catalogue, **MONTH)
    found = [
        (each.code, each.sheet, each.cell, each.severity)
        for each in report.findings
        if each.code in {"X704", "X705"}
    ]
    assert found == [
        ("X705", "Hai", "A2", Severity.WARNING),
        ("X704", "Hai", "D3", Severity.ERROR),
    ]
    assert not report.valid
