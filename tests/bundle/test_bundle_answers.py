"""What a unit says to a warning travels with the report, and the signers see it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from iocsl import cli
from iocsl.demo.figures import fill

REASON = "Chợ huyện không bán mặt hàng này trong tháng"


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """A form that lacks an indicator, which is a warning; test keys beside it in `khoa`."""
    template, form = tmp_path / "mau.xlsx", tmp_path / "KDL-M-016_2026-10.xlsx"
    made = ["--unit", "CQ-TC", "--period", "2026-10", "-o", str(template)]
    assert cli.main(["catalog", "template", "KDL-M-016", *made]) == 0
    fill(template, form, faulty=False)
    book = load_workbook(form)
    sheet = book.worksheets[0]
    sheet.delete_rows(sheet.max_row)
    book.save(form)
    keys = ["--dir", str(tmp_path / "khoa"), "--unit", "CQ-TC"]
    assert cli.main(["bundle", "keys", "test", *keys]) == 0
    return form


def create(form: Path, *more: str) -> int:
    keys, bundle = form.parent / "khoa", form.parent / "goi.asice"
    word = ["--passphrase-file", str(keys / "mat-khau.txt"), "--not-secret"]
    signing = ["--key", str(keys / "buoc-1.p12"), *word, "-o", str(bundle)]
    return cli.main(["bundle", "create", str(form), *signing, *more])


@pytest.mark.parametrize("at_once", [True, False])
def test_an_answer_is_carried_and_shown(
    form: Path, capsys: pytest.CaptureFixture[str], at_once: bool
) -> None:
    answer = ["--answer", "C310", REASON]
    if not at_once:
        assert cli.main(["validate", str(form), *answer]) == 0
    capsys.readouterr()
    assert create(form, *(answer if at_once else ())) == 0
    assert REASON in " ".join(capsys.readouterr().err.split())
    bundle = form.parent / "goi.asice"
    with zipfile.ZipFile(bundle) as archive:
        answers = json.loads(archive.read("ho-so/kiem-tra.json"))["answers"]
    assert [(each["code"], each["reason"], each["period"]) for each in answers] == [
        ("C310", REASON, "2026-10")
    ]
    assert cli.main(["bundle", "show", str(bundle)]) == 0
    assert REASON in " ".join(capsys.readouterr().out.split())


def test_a_unit_may_insist_on_answers(
    form: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody agrees to what has no answer; it can be given back."""
    assert create(form) == 0
    bundle = form.parent / "goi.asice"
    monkeypatch.setenv("IOCSL_SIGNING_ANSWERS_REQUIRED", "true")
    folder = form.parent / "khoa"
    word = ["--passphrase-file", str(folder / "mat-khau.txt")]
    signing = [str(bundle), "--key", str(folder / "buoc-2.p12"), *word]
    capsys.readouterr()
    assert cli.main(["bundle", "review", *signing, "--format", "json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "not-answered"
    assert "C310" in error["message"]
    assert cli.main(["bundle", "return", *signing, "--reason", "Thiếu giải trình"]) == 0
    bundle.rename(form.parent / "cu.asice")
    assert create(form) == 2
    assert not bundle.exists()
    assert create(form, "--answer", "C310", REASON) == 0


def test_who_sits_at_a_terminal_is_asked(
    form: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(f"Hỏi 0912345678\n{REASON}\n"))
    assert create(form) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert said.count("Giải trình (Enter") == 2
    assert f"C310 {REASON}" in " ".join(shown(form, capsys)["answers"])


def shown(form: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    assert cli.main(["bundle", "show", str(form.parent / "goi.asice"), "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_an_answer_names_a_rule_and_a_reason(form: Path) -> None:
    assert create(form, "--answer", "X999", REASON) == 2
    assert create(form, "--answer", "C310", " ") == 2
