"""JUnit and SARIF: well formed whatever the file holds, and nothing left out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import etree

from hostile_reports import HOSTILE, hostile_report
from iocsl import text
from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.reports.junit import junit_lines
from iocsl.reports.sarif import sarif_lines
from iocsl.validate.registry import all_rules
from validate_books import HEAD, book

PATHS = [Path("thư mục") / hostile_report().facts.name, Path(hostile_report().facts.name)]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_junit_counts_what_fails(language: str) -> None:
    text.set_language(language)
    root = etree.fromstring("\n".join(junit_lines([hostile_report(), hostile_report()])).encode())
    assert root.tag == "testsuites"
    assert (root.get("tests"), root.get("failures")) == ("72", "24")
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite) == 3 * len(HOSTILE)
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
    assert not root.findall(".//boom")


def test_a_file_without_findings_is_a_case_that_passes() -> None:
    clean = replace(hostile_report(), findings=())
    root = etree.fromstring("\n".join(junit_lines([clean])).encode())
    assert (root.get("tests"), root.get("failures")) == ("1", "0")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_sarif_has_what_the_standard_asks_for(language: str) -> None:
    text.set_language(language)
    document = json.loads("\n".join(sarif_lines([hostile_report(), hostile_report()], PATHS)))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "iocsl"
    assert [each["id"] for each in driver["rules"]] == ["C301", "L802", "L804"]
    for each in driver["rules"]:
        assert each["help"]["text"]
        assert each["fullDescription"]["text"]
    assert len(run["results"]) == 2 * 3 * len(HOSTILE)
    levels = Counter(each["level"] for each in run["results"])
    assert levels == {level: 2 * len(HOSTILE) for level in ("error", "warning", "note")}
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        (location,) = result["locations"]
        where = location["physicalLocation"]["artifactLocation"]
        assert run["artifacts"][where["index"]]["location"]["uri"] == where["uri"]
        assert not set(where["uri"]) & set('<>" ')
        assert location["logicalLocations"][0]["kind"] == "cell"


def test_sarif_gives_the_second_of_two_equal_reports_its_own_file() -> None:
    lines = sarif_lines([hostile_report(), hostile_report()], PATHS)
    (run,) = json.loads("\n".join(lines))["runs"]
    files = Counter(
        each["locations"][0]["physicalLocation"]["artifactLocation"]["index"]
        for each in run["results"]
    )
    assert files == {0: 36, 1: 36}


def test_every_rule_has_help_for_sarif() -> None:
    from iocsl.reports.sarif import _rule

    for info in all_rules():
        assert _rule(info.code, info.name)["help"]["text"].strip(), info.code


@pytest.mark.parametrize("form", ["junit", "sarif"])
def test_the_commands_list_every_finding(
    form: str, tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [["KDL-M-016.001", f"2026-{n + 20}", "14", 1] for n in range(70)]
    right = [["KDL-M-016.001", "2026-10", "14", 1]] * 70
    rows = [HEAD, *wrong, *right]
    path = book(tmp_path / "Giá KDL-M-016.xlsx", rows)
    assert main(["validate", str(path), "--format", form]) == 1
    said = capsys.readouterr().out
    if form == "junit":
        root = etree.fromstring(said.encode())
        assert len(root.findall(".//failure[@type='P509']")) == 70
        return
    (run,) = json.loads(said)["runs"]
    found = [each for each in run["results"] if each["ruleId"] == "P509"]
    assert len(found) == 70
    assert run["artifacts"][0]["location"]["uri"] == path.as_uri()
    assert found[0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Du_lieu!B2"


def test_lines_of_text_files_become_regions(
    tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Mã chỉ tiêu;Kỳ báo cáo;Giá trị\nKDL-M-016.001;2026-13;1\n", "utf-8")
    main(["validate", str(path), "--dataset", "KDL-M-016", "--format", "sarif"])
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    found = next(each for each in run["results"] if each["ruleId"] == "P509")
    assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 2}


def test_junit_gives_no_two_cases_one_name() -> None:
    """GitLab keeps the first of cases that are called alike."""
    one = hostile_report().findings[0]._replace(sheet=None, cell=None, row=None)
    report = replace(hostile_report(), findings=(one, one, one))
    root = etree.fromstring("\n".join(junit_lines([report])).encode())
    assert [case.get("name") for case in root.iter("testcase")] == ["L802", "L802 (2)", "L802 (3)"]


def test_sarif_leads_to_files_below_the_current_folder_by_their_relative_path(
    tmp_path: Path,
    catalogue: Catalogue,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is in several folders under one name is found, whichever way it was given."""
    paths = [tmp_path / "xã a" / "gia.csv", tmp_path / "xã b" / "gia.csv"]
    for path in paths:
        path.parent.mkdir()
        path.write_text("Mã chỉ tiêu;Kỳ báo cáo;Giá trị\nKDL-M-016.001;2026-13;1\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    given = [str(paths[0]), "xã b/gia.csv"]
    main(["validate", *given, "--dataset", "KDL-M-016", "--format", "sarif"])
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    uris = [each["location"]["uri"] for each in run["artifacts"]]
    assert [unquote(uri) for uri in uris] == ["xã a/gia.csv", "xã b/gia.csv"]
    for result in run["results"]:
        where = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert where["uri"] == uris[where["index"]]
