"""Formats for programs: whole on every stream, and written as they are made."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from openpyxl import load_workbook

from hostile_reports import hostile_report
from iocsl.cli import main
from iocsl.commands.validate_output import Outcome, write
from iocsl.errors import missing_file
from validate_books import HEAD, text

ROWS = [HEAD, ["KDL-M-016.001", "2026-10", "14", "tám nghìn “năm” 値 😀"]]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize("form", ["json", "ndjson", "sarif", "junit", "html"])
def test_nothing_is_lost_on_an_old_stream(
    encoding: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = text(tmp_path / "KDL-M-016_2026-10.csv", ROWS)
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, newline="\n"))
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    assert main(["validate", str(path), "--format", form]) == 1
    sys.stdout.flush()
    said = raw.getvalue()
    wanted = str(ROWS[1][3])
    if form in {"json", "ndjson"}:
        assert wanted in {each["value"] for each in json.loads(said)["findings"]}
    elif form == "sarif":
        results = json.loads(said)["runs"][0]["results"]
        assert wanted in {each["properties"]["value"] for each in results}
    else:
        parser = etree.HTMLParser(encoding="utf-8") if form == "html" else etree.XMLParser()
        page = "".join(map(str, etree.fromstring(said, parser).itertext()))
        assert wanted in page


def test_ndjson_is_one_report_a_line_and_written_in_pieces(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iocsl.commands.validate_output.TOGETHER", 5)
    report = replace(hostile_report(), findings=hostile_report().findings[:24])
    pieces: list[int] = []
    put = sys.stdout.write

    def written(said: str) -> int:
        pieces.append(len(said))
        return put(said)

    monkeypatch.setattr(sys.stdout, "write", written)
    refused = missing_file(Path("b.csv"))
    outcomes = [Outcome(Path("a.csv"), each) for each in (report, refused, report)]
    write(outcomes, "ndjson", None, many=True)
    said = capsys.readouterr().out
    first, second, third = said.removesuffix("\n").split("\n")
    assert json.loads(first) == json.loads(third)
    assert len(json.loads(first)["findings"]) == 24
    assert json.loads(second)["error"]["code"] == "missing-file"
    assert max(pieces) < len(said) / 4


@pytest.mark.parametrize("form", ["text", "json", "ndjson", "html", "junit", "sarif"])
def test_a_dash_is_stdout(
    form: str,
    tmp_path: Path,
    catalogue: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = text(tmp_path / "KDL-M-016_2026-10.csv", ROWS)
    monkeypatch.chdir(tmp_path)
    assert main(["validate", str(path), "--format", form, "-o", "-"]) == 1
    assert "V402" in capsys.readouterr().out
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize("extra", [["--format", "xlsx"], ["--fix"]])
def test_a_file_is_not_written_to_stdout(
    extra: list[str],
    tmp_path: Path,
    catalogue: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = text(tmp_path / "KDL-M-016_2026-10.csv", ROWS)
    monkeypatch.chdir(tmp_path)
    assert main(["validate", str(path), *extra, "-o", "-"]) == 2
    assert not capsys.readouterr().out
    assert not (tmp_path / "-").exists()


def test_files_of_one_name_are_told_apart(
    tmp_path: Path,
    catalogue: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each commune sends its own `gia.csv`: whoever reads the result must know whose it is."""
    monkeypatch.chdir(tmp_path)
    paths = [f"{each}/gia.csv" for each in ("xa-a", "xa-b")]
    for each in paths:
        Path(each).parent.mkdir()
        text(Path(each), ROWS)
    other = text(tmp_path / "rieng.csv", ROWS).name
    asked = ["validate", *paths, other, "--dataset", "KDL-M-016", "--period", "2026-10"]
    for form in ("text", "html", "junit"):
        assert main([*asked, "--format", form]) == 1
        said = capsys.readouterr().out
        assert all(each in said for each in paths), form
        assert f"/{other}" not in said
    assert main([*asked, "--format", "xlsx", "--error-list", "-o", "loi.xlsx"]) == 1
    sheet = load_workbook("loi.xlsx").active
    assert sheet is not None
    assert {row[8].value for row in sheet.iter_rows(min_row=2)} == {*paths, other}
    capsys.readouterr()
    assert main([*asked, "--format", "json"]) == 1
    documents = json.loads(capsys.readouterr().out)
    assert [each["file"]["name"] for each in documents] == ["gia.csv", "gia.csv", other]


def test_nothing_that_is_read_is_overwritten(
    tmp_path: Path, catalogue: object, capsys: pytest.CaptureFixture[str]
) -> None:
    path = text(tmp_path / "KDL-M-016_2026-10.csv", ROWS)
    schema, answers = tmp_path / "a.schema.yaml", tmp_path / "giai-trinh.yaml"
    schema.write_text("fields: [{name: a}]\n", "utf-8")
    answers.write_text("S203: đã hỏi lại\n", "utf-8")
    earlier = text(tmp_path / "KDL-M-016_2026-09.csv", ROWS)
    for option, read in (
        ("--schema", schema),
        ("--answers", answers),
        ("--attach", earlier),
        ("--history", earlier),
    ):
        before = read.read_bytes()
        asked = ["validate", str(path), option, str(read), "-o", str(read), "--format", "json"]
        assert main(asked) == 2, option
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "output-is-input"
        assert read.read_bytes() == before
