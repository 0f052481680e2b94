"""Folders, many files, and the watch."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.commands import validate_folders
from iocsl.commands.validate_folders import Watch, data_files
from validate_books import HEAD, book, text

GOOD = [HEAD, *([f"KDL-M-016.{n:03d}", "2026-10", "14", str(n * 100)] for n in range(1, 31))]
BAD = [HEAD, ["KDL-M-016.001", "2026-10", "14", "1.5"]]


@pytest.fixture
def folder(tmp_path: Path, catalogue: Catalogue) -> Path:
    """Two data files, one of them below, among what is none."""
    top = tmp_path / "so-lieu"
    (top / "thang-10").mkdir(parents=True)
    (top / ".cache").mkdir()
    text(top / "KDL-M-016_2026-10.csv", GOOD)
    book(top / "thang-10" / "KDL-M-016_2026-10.xlsx", BAD)
    for name in ("~$a.xlsx", ".an.csv", "ghi-chu.txt", "cu.kiem-tra.xlsx", ".cache/b.csv"):
        (top / name).write_text("x", "utf-8")
    return top


def test_a_folder_is_its_data_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [each.name for each in data_files(folder)] == [
        "KDL-M-016_2026-10.csv",
        "KDL-M-016_2026-10.xlsx",
    ]
    assert main(["validate", str(folder), "--unit", "CQ-TC", "--format", "json"]) == 1
    heard = capsys.readouterr()
    found = json.loads(heard.out)
    assert [each["valid"] for each in found] == [True, False]
    assert "2 tệp dữ liệu" in heard.err


def test_a_folder_with_one_file_gives_an_array_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["validate", str(folder / "thang-10"), "--format", "json"])
    assert len(json.loads(capsys.readouterr().out)) == 1
    main(["validate", str(folder / "KDL-M-016_2026-10.csv"), "--format", "json"])
    assert json.loads(capsys.readouterr().out)["dataset"] == "KDL-M-016"


def test_a_file_given_by_name_is_not_checked_again_in_its_folder(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    below = folder / "thang-10"
    file = below / "KDL-M-016_2026-10.xlsx"
    main(["validate", str(file), str(below), "--format", "ndjson"])
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_what_fix_wrote_is_no_submission(
    tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    text(tmp_path / "a.csv", [HEAD, ["KDL-M-016.001", "2026-10", "14 ", "100"]])
    text(tmp_path / "b.sua.csv", GOOD)  # nothing it could be a copy of
    options = ["--dataset", "KDL-M-016", "--unit", "CQ-TC", "--period", "2026-10"]

    def checked(*paths: Path, fix: bool = False) -> tuple[list[str], str]:
        asked = ["--format", "ndjson", *(["--fix"] if fix else []), *options]
        main(["validate", *map(str, paths), *asked])
        heard = capsys.readouterr()
        told = map(json.loads, heard.out.splitlines())
        return [each["file"]["name"] for each in told if "file" in each], heard.err

    assert checked(tmp_path, fix=True)[0] == ["a.sua.csv", "b.sua.csv"]
    book(tmp_path / "a.csv.kiem-tra.xlsx", [["STT", "Lỗi"]])
    names, heard = checked(tmp_path)
    assert names == ["a.csv", "b.sua.csv"]
    assert "2 tệp dữ liệu" in heard
    assert "Bỏ qua 2 tệp do iocsl ghi" in heard
    assert checked(tmp_path, fix=True)[0] == ["b.sua.csv"]  # the first has its copy already
    assert not (tmp_path / "a.sua.sua.csv").exists()
    names, heard = checked(tmp_path, tmp_path / "a.sua.csv")
    assert names == ["a.csv", "b.sua.csv", "a.sua.csv"]
    assert "Bỏ qua 1 tệp" in heard
    looking = Watch([tmp_path])
    assert [looking.ready(), looking.ready()] == [[], [tmp_path / "a.csv", tmp_path / "b.sua.csv"]]
    named = Watch([tmp_path / "a.sua.csv"])
    assert [named.ready(), named.ready()] == [[], [tmp_path / "a.sua.csv"]]


def test_a_folder_without_data_files(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "trong").mkdir()
    assert main(["validate", str(tmp_path / "trong")]) == 2


def test_the_worst_of_several_wins(folder: Path) -> None:
    good = str(folder / "KDL-M-016_2026-10.csv")
    bad = str(folder / "thang-10" / "KDL-M-016_2026-10.xlsx")
    unit = ["--unit", "CQ-TC"]
    assert main(["validate", good, *unit]) == 0
    assert main(["validate", good, str(folder / "khong-co.csv"), *unit]) == 2
    assert main(["validate", good, bad, str(folder / "khong-co.csv"), *unit]) == 1
    strange = text(folder / "KDL-M-999_2026-10.csv", GOOD)
    assert main(["validate", bad, "--dataset", "KDL-M-999"]) == 3
    assert main(["validate", good, bad, str(strange), *unit]) in {1, 3}


def test_a_file_is_ready_when_it_has_come_to_rest(tmp_path: Path) -> None:
    looking = Watch([tmp_path])
    path = tmp_path / "a.csv"
    assert looking.ready() == []
    path.write_text("a", "utf-8")
    assert looking.ready() == []
    path.write_text("ab", "utf-8")
    assert looking.ready() == []
    assert looking.ready() == [path]
    assert looking.ready() == []
    os.utime(path, ns=(1, 1))
    assert [looking.ready(), looking.ready(), looking.ready()] == [[], [path], []]
    path.unlink()
    assert (looking.ready(), looking.gone) == ([], [])
    assert (looking.ready(), looking.gone) == ([], [path])
    assert (looking.ready(), looking.gone) == ([], [])
    assert looking.done == {}


def test_a_file_that_is_saved_by_renaming_is_not_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a", "utf-8")
    looking = Watch([tmp_path])
    assert [looking.ready(), looking.ready()] == [[], [path]]
    path.rename(tmp_path / "a.tmp")
    assert (looking.ready(), looking.gone) == ([], [])
    (tmp_path / "a.tmp").rename(path)
    assert (looking.ready(), looking.gone) == ([], [])
    assert (looking.ready(), looking.gone) == ([], [])


def test_watching_tells_what_is_gone_and_when_it_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = []

    def sleep(_: float) -> None:
        looks.append(1)
        if len(looks) == 2:
            (folder / "KDL-M-016_2026-10.csv").unlink()
        if len(looks) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(validate_folders, "sleep", sleep)
    assert main(["validate", str(folder), "--watch", "--lang", "en"]) == 130
    heard = capsys.readouterr()
    assert f"File {folder / 'KDL-M-016_2026-10.csv'} is gone." in heard.err
    assert re.search(r"^--- \d\d:\d\d:\d\d ---$", heard.err, re.MULTILINE)


def test_watching_what_is_not_there_is_refused(tmp_path: Path) -> None:
    assert main(["validate", str(tmp_path / "khong-co"), "--watch"]) == 2


def test_watching_ends_with_130(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = []

    def sleep(_: float) -> None:
        looks.append(1)
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(validate_folders, "sleep", sleep)
    assert main(["validate", str(folder), "--watch", "--format", "ndjson"]) == 130
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("extra", [["--fix"], ["-o", "a.json"]])
def test_watching_writes_nothing(folder: Path, extra: list[str]) -> None:
    assert main(["validate", str(folder), "--watch", *extra]) == 2
