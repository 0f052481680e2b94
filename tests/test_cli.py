"""The frame around every command: languages, formats, refusals, exit codes, what is loaded."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from iocsl import cli
from iocsl.catalog import Catalogue
from iocsl.errors import IocslError

UNASKED = (
    *("calendar", "concurrent.futures", "decimal", "multiprocessing", "platformdirs", "random"),
    *("secrets", "statistics", "tempfile", "zipfile", "iocsl.commands.validate_fix"),
    *("iocsl.console.findings", "iocsl.ledger.chain", "iocsl.ledger.history"),
    *("iocsl.ledger.receipts", "iocsl.validate.between_files", "iocsl.validate.history_files"),
    *("iocsl.validate.own", "iocsl.validate.own_folder"),
)
"""What the check of one CSV file by a schema of one's own, told as JSON, has no use for."""
HEAVY = ("pandas", "openpyxl", "pyhanko", "sqlite_utils", "lxml", "pydantic", "rich", "httpx")


def run(*arguments: str) -> int:
    return cli.main(arguments)


def test_help_speaks_vietnamese_down_to_the_framework(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    printed = capsys.readouterr().out
    assert "Cách dùng:" in printed
    assert "Usage" not in printed
    assert "Options" not in printed


def test_help_speaks_english_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("config", "--help", "--lang", "en") == 0
    printed = capsys.readouterr().out
    assert "Usage:" in printed
    assert "Settings and where they come from" in printed


def test_the_first_level_says_what_its_modules_say() -> None:
    from click import Context

    from iocsl import text
    from iocsl.commands.frame import Tree

    for language in text.LANGUAGES:
        text.set_language(language)
        tree = cli.build()
        assert isinstance(tree, Tree)
        for name, branch in cli.COMMANDS.items():
            command = tree.get_command(Context(tree), name)
            assert command is not None
            assert command.help == text.tr(branch.vi, branch.en), name


def test_every_command_has_help_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    from iocsl import text
    from iocsl.commands.frame import walk

    pages: dict[str, list[str | None]] = {}
    for language in text.LANGUAGES:
        text.set_language(language)
        pages[language] = [each.help for each in walk(cli.build())]
    for vietnamese, english in zip(pages["vi"], pages["en"], strict=True):
        assert vietnamese
        assert english
        assert vietnamese != english


@pytest.mark.parametrize(
    "arguments",
    [("--format", "json", "config"), ("config", "--format", "json"), ("config", "--format=json")],
)
def test_global_options_stand_before_and_after(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 0
    assert "settings" in json.loads(capsys.readouterr().out)


def test_config_names_the_origin_of_each_value(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    (home / "config.toml").write_text('unit = "CQ-TC"\n[warehouse]\ntimeout = 5\n', "utf-8")
    monkeypatch.setenv("IOCSL_WAREHOUSE_TIMEOUT", "7")
    assert run("config", "--format", "json") == 0
    found = {row["key"]: row for row in json.loads(capsys.readouterr().out)["settings"]}
    assert (found["unit"]["value"], found["unit"]["origin"]) == ("CQ-TC", str(home / "config.toml"))
    assert (found["warehouse.timeout"]["value"], found["warehouse.timeout"]["origin"]) == (
        7,
        "IOCSL_WAREHOUSE_TIMEOUT",
    )
    assert found["lang"]["origin"] == "default"


def test_config_names_options_as_the_origin_too(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: str) -> tuple[str, str, str]:
        assert run("config", "--format", "json", *words) == 0
        document = json.loads(capsys.readouterr().out)
        (lang,) = (row for row in document["settings"] if row["key"] == "lang")
        return document["home_origin"], lang["value"], lang["origin"]

    assert said() == ("IOCSL_HOME", "vi", "default")
    assert said("--lang", "en", "--home", str(tmp_path)) == ("--home", "en", "--lang")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("unt = 'CQ-TC'", "unknown-setting"),
        ("unit = ", "bad-config-file"),
        ("lang = 'fr'", "bad-setting"),
        ("[warehouse]\ntimeout = 'soon'", "bad-setting"),
        ("[warehouse]\ntimeout = 0", "bad-setting"),
        ("[warehouse]\ntries = -1", "bad-setting"),
        ("[deadlines]\nlook_back = 99999999999", "bad-setting"),
    ],
)
def test_a_bad_config_file_is_named(
    home: Path, written: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    (home / "config.toml").write_text(written, "utf-8")
    assert run("config", "--format", "json") == 3
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == code
    assert "config.toml" in error["message"]
    assert error["hint"]


@pytest.mark.parametrize("written", ["unit = ", "unt = 'CQ-TC'", "lang = 'fr'"])
def test_help_is_given_whatever_the_config_file_says(
    home: Path, written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    (home / "config.toml").write_text(written, "utf-8")
    for words in (("--help",), ("--version",), ("validate", "--help"), ("calendar", "--help")):
        assert run(*words) == 0
        assert capsys.readouterr().out
    assert run("catalog", "units") == 3


def test_a_variable_set_empty_is_not_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("IOCSL_LANG", "IOCSL_UNIT", "IOCSL_WAREHOUSE_TIMEOUT"):
        monkeypatch.setenv(name, "")
    assert run("config", "--format", "json") == 0
    origins = {row["origin"] for row in json.loads(capsys.readouterr().out)["settings"]}
    assert origins == {"default"}
    monkeypatch.setenv("IOCSL_LANG", "fr")
    assert run("catalog", "units") == 3
    assert run("--help") == 0


def test_no_path_is_not_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As of a variable that is not set, in a script."""
    (tmp_path / "so.csv").write_text("a,b\n1,2\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for words in (
        ("validate", ""),
        ("validate", "so.csv", "--schema", ""),
        ("warehouse", "init", "--store", ""),
        ("config", "--home", ""),
    ):
        assert run(*words, "--format", "json") == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_in_the_place_of_a_folder_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tep"
    file.write_text("x", "utf-8")
    assert run("warehouse", "init", "--store", str(file), "--format", "json") == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "not-folder"
    assert str(file) in error["message"]


@pytest.mark.skipif(os.name != "posix", reason="pipes end otherwise elsewhere")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--help", 0),
        ("catalog list", 0),
        ("validate {file}", 1),
        ("validate {file} --format json", 1),
        ("nope --format json", 2),
    ],
)
def test_a_reader_that_has_gone_changes_no_exit_code(
    catalogue: Catalogue, tmp_path: Path, words: str, code: int
) -> None:
    (tmp_path / "so.csv").write_text("a,b\n1,2\n", "utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    asked = words.format(file=tmp_path / "so.csv").split()
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "iocsl", *asked],
            stdout=gone,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.parametrize(
    "arguments",
    [("nope",), ("config", "--nope"), ("config", "--format", "csv"), ("--at", "mai", "config")],
)
def test_wrong_usage_is_exit_2_and_one_json_document(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    said = capsys.readouterr()
    assert not said.out
    assert "Traceback" not in said.err
    assert "--help" in said.err or "2026-" in said.err
    given = [word for word in arguments if word not in {"--format", "csv"}]
    if given == list(arguments):
        assert run("--format", "json", *arguments) == 2
        assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 2


def test_no_arguments_show_the_help_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert "Cách dùng:" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("bundle",), ("bundle", "keys"), ()])
def test_a_missing_command_is_one_sentence_for_a_program(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--format", "json", "--lang", "en", *words) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["message"] == "Missing command."
    assert error["hint"].endswith(f"{' '.join(['iocsl', *words])} --help")


def test_of_two_formats_the_last_counts_in_a_refusal_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--format", "csv", "deadlines", "--format", "json", "--unit", "X") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "unknown-unit"
    assert run("--format", "json", "deadlines", "--format", "csv", "--unit", "X") == 2
    assert not capsys.readouterr().out


@pytest.mark.parametrize("below", [(), ("nha",), ("nha", "con")])
def test_a_home_that_is_a_file_or_lies_below_one(
    tmp_path: Path, below: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tep"
    file.write_text("x", "utf-8")
    home = file.joinpath(*below)
    assert run("--home", str(home), "status", "--format", "json") == 3
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "home-not-folder"
    assert f"“{file}”" in error["message"]
    assert run("--home", str(home), "doctor", "--format", "json") == 3
    assert isinstance(json.loads(capsys.readouterr().out), list)


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "2026-02-30"],
)
def test_moments_beyond_all_reckoning_are_no_moments(
    moment: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (("status",), ("calendar", "check"), ("deadlines", "check")):
        assert run(*words, "--at", moment, "--format", "json") == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "bad-moment"
    monkeypatch.setenv("IOCSL_NOW", moment)
    assert run("status", "--format", "json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "bad-moment"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("catalg",), "catalog"),
        (("deadlines", "chek"), "check"),
        (("bundle", "keys", "tst"), "test"),
    ],
)
def test_a_mistyped_command_is_told_once_in_the_language_chosen(
    words: tuple[str, ...], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, said in (("vi", "Có phải là"), ("en", "Did you mean")):
        assert run(*words, "--lang", language) == 2
        told = capsys.readouterr().err
        assert told.count(f"'{meant}'") == 1
        assert said in told
        assert ("Did you mean" in told) == (language == "en")


@pytest.mark.skipif(os.name != "posix", reason="arguments are Unicode elsewhere")
def test_text_in_another_encoding_spoils_no_record(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a terminal that is not set to UTF-8 sends, as Python hands it over."""
    odd = os.fsdecode("Quyết định".encode("utf-16"))
    day = ("calendar", "add", "2026-12-01", "--off", "--document")
    for words in ((*day, odd), ("why", odd), ("deadlines", "--unit", odd)):
        assert run(*words, "--format", "json") == 2
        error = json.loads(capsys.readouterr().out)["error"]
        assert error["code"] == "usage"
        assert "UTF-8" in error["message"]
    assert not (home / "ngay_nghi.yaml").exists()
    assert run(*day, "Quyết định 1") == 0
    capsys.readouterr()
    # A path is bytes, whatever they are.
    assert run("--home", str(tmp_path / odd), "config", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["settings"]


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no full device elsewhere")
def test_where_nothing_can_be_written_the_code_still_tells(catalogue: Catalogue) -> None:
    """On a full disk, and with streams that were closed before the start."""

    def ended(words: str, **streams: object) -> int:
        command = [sys.executable, "-m", "iocsl", *words.split()]
        return subprocess.run(command, check=False, **streams).returncode  # type: ignore[call-overload, no-any-return] # streams are passed on

    with FULL.open("wb") as full:
        told = subprocess.run(
            [sys.executable, "-m", "iocsl", "units", "--format", "json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert told.returncode == 2
        assert "iocsl --help" in told.stderr
        assert "Traceback" not in told.stderr
        assert ended("config --format json", stdout=full, stderr=full) == 3
        assert ended("config", stdout=subprocess.DEVNULL, stderr=full) == 0
        assert ended("units", stdout=subprocess.DEVNULL, stderr=full) == 2
    shell = ["sh", "-c", f"{sys.executable} -m iocsl config >&- 2>&-"]
    assert subprocess.run(shell, check=False).returncode == 0


def _breaking(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(cli, "build", fail)


def test_our_own_bug_is_exit_70_without_traceback_or_values(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _breaking(RuntimeError("số 014099000001"), monkeypatch)
    assert run("config") == 70
    said = capsys.readouterr()
    kept = next((home / "loi").iterdir()).read_text("utf-8")
    for text in (said.out, said.err, kept):
        assert "014099000001" not in text
    assert "Traceback" not in said.err
    assert "RuntimeError" in kept


def test_a_full_disk_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _breaking(OSError(28, "No space left on device"), monkeypatch)
    assert run("config") == 3
    assert "Ổ đĩa đã đầy" in capsys.readouterr().err


def test_an_interruption_is_exit_130(monkeypatch: pytest.MonkeyPatch) -> None:
    _breaking(KeyboardInterrupt(), monkeypatch)
    assert run("config") == 130


def test_a_home_on_a_network_share_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from iocsl import config, files

    monkeypatch.setattr(files, "on_network", lambda _path: True)
    config.set_home(tmp_path)
    with pytest.raises(IocslError) as caught:
        config.home()
    assert caught.value.exit_code == 3


def _loaded(*arguments: str, home: Path, among: Iterable[str] = HEAVY) -> set[str]:
    """Which of some modules a fresh process has loaded after running one command line."""
    script = (
        "import sys; from iocsl.cli import main; main(sys.argv[1:]);"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        check=True,
        env={**os.environ, "IOCSL_HOME": str(home)},
    )
    return set(done.stderr.decode().split()) & set(among)


def test_help_loads_nothing_heavy(home: Path) -> None:
    assert _loaded("--help", home=home) == set()


def test_a_plain_check_loads_what_it_asks(tmp_path: Path, home: Path, catalogue: Catalogue) -> None:
    data, schema = tmp_path / "a.csv", tmp_path / "a.yaml"
    data.write_text("ten,so\nmột,1\nhai,2\n", "utf-8")
    schema.write_text(
        "name: a\nfields:\n  - {name: ten, type: string}\n  - {name: so, type: number}\n", "utf-8"
    )
    asked = ("validate", str(data), "--schema", str(schema), "--format", "json")
    assert cli.main(asked) == 0  # the first check of a home makes its records
    assert _loaded(*asked, home=home, among=(*HEAVY, *UNASKED)) == set()


def test_an_ending_process_is_not_searched_for_cycles(monkeypatch: pytest.MonkeyPatch) -> None:
    before = gc.get_threshold()
    monkeypatch.setattr(sys, "argv", ["iocsl", "--version"])
    try:
        with pytest.raises(SystemExit) as ended:
            cli.run()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
    assert ended.value.code == 0


def test_output_is_utf8_off_a_terminal_whatever_the_locale(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "iocsl", "--help"],
        capture_output=True,
        check=True,
        env={**os.environ, "IOCSL_HOME": str(home), "LC_ALL": "C", "PYTHONUTF8": "0"},
    )
    assert "Cách dùng" in done.stdout.decode("utf-8")


def test_an_old_code_page_gets_bare_letters() -> None:
    assert "Kỳ báo cáo Đ".encode("cp1252", "iocsl.bare").decode("cp1252") == "Ky báo cáo D"


def test_modules_beside_the_data_are_never_taken(tmp_path: Path) -> None:
    for name in ("rich", "typer", "yaml"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('stray')\n", encoding="utf-8")
    command = [sys.executable, "-m", "iocsl", "catalog", "search", "khai sinh"]
    env = dict(os.environ, IOCSL_HOME=str(tmp_path / "home"))
    found = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=False)
    assert found.returncode == 0, found.stderr.decode()


@pytest.mark.parametrize(
    "command",
    [
        ("validate", "a.csv", "--format", "json"),
        ("validate", "a.csv", "--fix"),
        ("catalog", "template", "KDL-M-016"),
        ("catalog", "template", "--all"),
        ("catalog", "export"),
        ("catalog", "schema", "infer", "a.csv"),
        ("deadlines", "--format", "json"),
        ("bundle", "create", "a.csv"),
        ("warehouse", "export", "--store", "kho"),
    ],
)
def test_a_result_makes_no_folder(
    command: tuple[str, ...],
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("Xã,Số\nA,1\n", encoding="utf-8")
    assert run(*command, "-o", "khong-co/x.xlsx", "--lang", "en") == 2
    assert "no folder “khong-co”" in "".join(capsys.readouterr())
    assert not (tmp_path / "khong-co").exists()
    assert run("catalog", "schema", "infer", "a.csv", "-o", "bieu.yaml") == 0
    assert (tmp_path / "bieu.yaml").is_file()


def test_every_output_is_looked_at_for_its_folder() -> None:
    from iocsl.commands.frame import _Target, walk

    outputs = [each for of in walk(cli.build()) for each in of.params if "--output" in each.opts]
    assert len(outputs) > 10
    assert all(isinstance(each.type, _Target) for each in outputs)
