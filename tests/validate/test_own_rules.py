"""Rules of the unit's own: the example of the guide works, and what is wrong with one is told."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.errors import IocslError
from iocsl.validate import check
from iocsl.validate.own_folder import OwnRules, load
from iocsl.validate.registry import all_rules, registry, rule_set
from validate_books import HEAD, text

GUIDE = Path(__file__).parents[2] / "docs" / "huong-dan" / "can-bo-cntt.md"
ROWS = [
    HEAD,
    ["KDL-M-016.001", "2026-10", "14", "4.900"],
    ["KDL-M-016.002", "2026-10", "14", "9.050"],
]
MONTH: dict[str, Any] = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}
PLAIN = '''\
from iocsl.validate.own import Fault, Severity, cell_rule

@cell_rule("Z101", "thu", Severity.ERROR, column="gia_tri", vi="{value}", en="{value}")
def tried(value, context):
    """Tried.

    Why: x.
    Fix: y.
    """
    return Fault(value=value)
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "quy-tac"
    made.mkdir(mode=0o755)
    return made


def loaded(folder: Path, body: str) -> OwnRules:
    (folder / "a.py").write_text(body, encoding="utf-8")
    return load(folder, "config.toml")


def refused(folder: Path, body: str) -> str:
    with pytest.raises(IocslError) as caught:
        loaded(folder, body)
    assert caught.value.exit_code == 3
    return caught.value.message.en


def test_the_example_of_the_guide(folder: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    own = loaded(folder, example)
    assert [each.code for each in own.infos] == ["Z001", "Z002", "Z003"]
    path = text(tmp_path / "a.csv", ROWS)
    report = check(path, catalogue, **MONTH, own=own)
    found = [(each.code, each.row, each.column) for each in report.findings if each.code[0] == "Z"]
    assert found == [("Z002", 2, "gia_tri"), ("Z001", 3, "gia_tri")]
    assert not report.valid
    assert report.rule_set == own.rule_set != rule_set()
    later = check(path, catalogue, **{**MONTH, "period": "2026-11"}, own=own)
    assert "Z003" in {each.code for each in later.findings}


def test_ours_are_asked_all_the_same(folder: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    path = text(tmp_path / "a.csv", [*ROWS, ["KDL-M-016.999", "2026-10", "14", "x"]])
    without = {each.code for each in check(path, catalogue, **MONTH).findings}
    known = all_rules()
    own = loaded(folder, PLAIN)
    assert {each.code for each in check(path, catalogue, **MONTH, own=own).findings} == {
        *without,
        "Z101",
    }
    assert all_rules() == known
    assert "Z101" not in registry().infos


def test_the_rule_set_changes_with_the_file(folder: Path) -> None:
    one = loaded(folder, PLAIN).rule_set
    assert loaded(folder, PLAIN).rule_set == one
    assert loaded(folder, PLAIN + "\nLIMIT = 5\n").rule_set != one


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Z101", "C301", "a.py”, line 3: C301: the code must be Z001 to Z999"),
        ('"thu"', '"unknown-indicator-code"', "a.py”, line 3: Z101: the name"),
        ("Why: x.", "", "line 3: Z101: the docstring lacks Why:"),
        ('en="{value}"', 'en="{code}"', "line 3: Z101: vi and en differ in placeholders"),
        ('en="{value}"', 'en="{value"', "line 3: Z101: a message is wrong"),
        (', en="{value}"', "", "line 3: Z101: en= is missing"),
        ("Severity.ERROR", '"error"', "line 3: Z101: the severity"),
        ("from iocsl", "from nowhere_at_all", "a.py”, line 1: ModuleNotFoundError"),
        ("return Fault", "return return", "a.py”, line 10: it is no Python"),
        ("@cell_rule", "raise SystemExit(0)\n@cell_rule", "a.py”, line 3: SystemExit"),
        (
            "@cell_rule",
            "from iocsl.validate.registry import REGISTRY; REGISTRY.file = []\n@cell_rule",
            "it changed rules of iocsl",
        ),
    ],
)
def test_a_rule_that_cannot_be_taken_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str
) -> None:
    monkeypatch.setattr(registry(), "file", registry().file)  # what the last case spoils comes back
    assert said in refused(folder, PLAIN.replace(old, new, 1))


def test_one_code_in_two_files(folder: Path) -> None:
    (folder / "0.py").write_text(PLAIN.replace('"thu"', '"khac"'), encoding="utf-8")
    assert "a.py”, line 3: Z101: the code is another rule's" in refused(folder, PLAIN)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("    return int('014199001234x')", "line 10, failed (ValueError)"),
        ("    raise SystemExit(0)", "line 10, failed (SystemExit)"),
        ("    return 'sai'", "line 3, failed (Fault ≠ str)"),
        ("    return Fault(khac=1)", "line 3, failed (KeyError: vi=, en=)"),
    ],
)
def test_a_rule_that_fails_calls_no_file_valid(
    folder: Path, tmp_path: Path, catalogue: Catalogue, body: str, said: str
) -> None:
    own = loaded(folder, PLAIN.replace("    return Fault(value=value)", body))
    with pytest.raises(IocslError) as caught:
        check(text(tmp_path / "a.csv", ROWS), catalogue, **MONTH, own=own)
    assert caught.value.exit_code == 3
    assert said in caught.value.message.en
    assert "Z101 (thu)" in caught.value.message.en
    assert "014199" not in caught.value.message.en


def test_what_a_rule_prints_is_no_result(
    folder: Path, tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    body = PLAIN.replace("    return Fault", "    print('asked')\n    return Fault")
    own = loaded(folder, body + "\nprint('loaded')\n")
    check(text(tmp_path / "a.csv", ROWS), catalogue, **MONTH, own=own)
    said = capsys.readouterr()
    assert (said.out, said.err.split()) == ("", ["loaded", "asked", "asked"])


def test_a_rule_over_all_rows(folder: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    body = '''\
from iocsl.validate.own import Fault, Placed, Severity, whole_rule

@whole_rule("Z200", "dem", Severity.INFO, vi="{rows} dòng", en="{rows} rows")
class Counted:
    """Counted.

    Why: x.
    Fix: y.
    """

    def __init__(self, context):
        self.rows = 0

    def see(self, batch):
        self.rows += len(batch)

    def close(self):
        yield Placed(Fault(rows=self.rows))
'''
    own = loaded(folder, body)
    report = check(text(tmp_path / "a.csv", ROWS), catalogue, **MONTH, own=own)
    assert [each.message for each in report.findings if each.code == "Z200"] == ["2 dòng"]
    own = loaded(folder, body.replace("yield Placed(Fault(rows=self.rows))", "yield self.rows"))
    with pytest.raises(IocslError, match="Placed ≠ int"):
        check(text(tmp_path / "a.csv", ROWS), catalogue, **MONTH, own=own)


def test_where_the_folder_may_be(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(IocslError, match="whole path"):
        load(Path("quy-tac"), "config.toml")
    with pytest.raises(IocslError, match="no such folder"):
        load(tmp_path / "khong-co", "config.toml")
    with pytest.raises(IocslError, match=r"no \.py file"):
        load(folder, "config.toml")


@pytest.mark.skipif(os.name != "posix", reason="rights of files as POSIX has them")
@pytest.mark.parametrize("which", ["folder", "file"])
def test_what_others_can_change_is_not_run(folder: Path, which: str) -> None:
    (folder / "a.py").write_text(PLAIN, encoding="utf-8")
    place = folder if which == "folder" else folder / "a.py"
    place.chmod(0o777)
    with pytest.raises(IocslError) as caught:
        load(folder, "config.toml")
    assert (caught.value.code, caught.value.exit_code) == ("rules-folder-open", 3)


def test_the_commands_know_them(  # noqa: PLR0917 - pytest hands fixtures over by name
    folder: Path,
    home: Path,
    tmp_path: Path,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "a.py").write_text(PLAIN.replace("Severity.ERROR", "Severity.WARNING"), "utf-8")
    home.mkdir(exist_ok=True)
    setting = f"[validate]\nrules_folder = {json.dumps(str(folder))}\n"
    (home / "config.toml").write_text(setting, encoding="utf-8")
    path = text(tmp_path / "a.csv", ROWS)
    ask = ["validate", str(path), *(f"--{key}={value}" for key, value in MONTH.items())]
    assert main([*ask, "--answer", "Z101", "đã đối chiếu"]) == 0
    assert "Đã giải trình Z101" in capsys.readouterr().out
    assert main(["rules", "--format", "json"]) == 0
    listed = {each["id"]: each["facts"]["check"] for each in json.loads(capsys.readouterr().out)}
    assert (listed["Z101"]["own"], listed["C301"]["own"]) == (True, False)
    assert main(["why", "z101"]) == 0
    assert "[của đơn vị]" in capsys.readouterr().out
    monkeypatch.chdir(folder)
    (home / "config.toml").write_text("", encoding="utf-8")
    assert main([*ask, "--format", "json"]) == 0
    assert "Z101" not in capsys.readouterr().out
    (home / "config.toml").write_text('[validate]\nrules_folder = "."\n', encoding="utf-8")
    assert main([*ask, "--format", "json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "rules-folder"
