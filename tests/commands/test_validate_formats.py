"""Formats for programs: whole on every stream, and written as they are made."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

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
