"""Several files at a time give what one after the other gives."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from iocsl import cli
from iocsl.catalog import Catalogue
from iocsl.child import Worker
from iocsl.demo.figures import fill
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, missing_file

TALKATIVE = '''
import sys
from iocsl.validate.own import Fault, Severity, cell_rule

@cell_rule("Z101", "talkative", Severity.ERROR, column="gia_tri", vi="{v}", en="{v}", basis={})
def talkative(value, context):
    """Say it aloud.

    Why: x.
    Fix: x.
    """
    print("hello", sys.stdin.read())
    return Fault(v="x")
'''


@pytest.mark.parametrize("language", ["vi", "en"])
def test_jobs_change_nothing_but_the_time(
    tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    assert catalogue.version == 0
    template = tmp_path / "mau.xlsx"
    made = ["--unit", "CQ-TC", "--period", "2026-10", "-o", str(template)]
    assert cli.main(["catalog", "template", "KDL-M-016", *made]) == 0
    files = [tmp_path / "KDL-M-016_2026-10.xlsx", tmp_path / "sai.xlsx"]
    for path, faulty in zip(files, (False, True), strict=True):
        fill(template, path, faulty=faulty)
    pdf = tmp_path / "anh.xlsx"
    pdf.write_bytes(b"%PDF-1.7\n")
    asked = [*map(str, files), str(pdf), str(tmp_path / "khong-co.xlsx"), "--lang", language]
    capsys.readouterr()
    said = []
    for jobs in ("1", "3"):
        code = cli.main(["validate", *asked, "--jobs", jobs, "--format", "json"])
        assert code == ExitCode.FINDINGS
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


def test_a_refusal_crosses_to_another_process_whole() -> None:
    refusal = missing_file(Path("a.xlsx"))
    back = pickle.loads(pickle.dumps(refusal))  # noqa: S301 - our own bytes
    assert isinstance(back, IocslError)
    assert (back.code, back.message, back.hint, back.exit_code) == (
        refusal.code,
        refusal.message,
        refusal.hint,
        refusal.exit_code,
    )


def test_a_file_whose_process_has_gone_is_checked_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = _csv_files(tmp_path)
    cli.main(["validate", *files, "--format", "json"])
    alone = capsys.readouterr().out

    def gone(_: Worker, __: object, ___: bytes) -> None:
        raise EOFError

    monkeypatch.setattr(Worker, "ask", gone)
    cli.main(["validate", *files, "--format", "json", "--jobs", "2"])
    assert capsys.readouterr().out == alone


def test_what_a_rule_of_ones_own_prints_and_reads_is_no_answer(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "quy-tac"
    rules.mkdir()
    (rules / "a.py").write_text(TALKATIVE, encoding="utf-8")
    monkeypatch.setenv("IOCSL_VALIDATE_RULES_FOLDER", str(rules))
    assert cli.main(["validate", *_csv_files(tmp_path), "--format", "json", "--jobs", "2"]) == 1
    reports = json.loads(capsys.readouterr().out)
    assert [[each["code"] for each in one["findings"]].count("Z101") for one in reports] == [1, 1]


def test_a_process_ends_with_the_one_that_asks() -> None:
    """Else a command that was killed, as a cron job is by `timeout`, would leave them behind."""
    worker = Worker("iocsl.commands.validate_processes")
    try:
        worker.close()
        assert worker._process.wait(60) == 0
    finally:
        worker.end()


def _csv_files(folder: Path) -> list[str]:
    files = [folder / f"KDL-M-016_2026-{month}.csv" for month in ("09", "10")]
    for path in files:
        path.write_text(
            f"ma_chi_tieu,ky_bao_cao,dia_ban,gia_tri\nKDL-M-016.001,{path.stem[-7:]},14,5\n",
            encoding="utf-8",
        )
    return [*map(str, files)]


def test_no_jobs_is_wrong_usage(tmp_path: Path) -> None:
    assert cli.main(["validate", str(tmp_path / "a.csv"), "--jobs", "0"]) == ExitCode.USAGE
