"""What a unit says to a warning travels with the report, and the signers see it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from iocsl import cli
from iocsl.demo.figures import fill

REASON = "Chợ huyện không bán mặt hàng này trong tháng"


@pytest.fixture
def form(home: Path, tmp_path: Path) -> Path:
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


def official(home: Path) -> None:
    """Take the test keys for those of a real authority."""
    index = home / "trust" / "index.json"
    index.write_text(index.read_text("utf-8").replace("thu-nghiem", "chinh-thuc"), "utf-8")


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


def test_nobody_signs_officially_over_a_warning_without_an_answer(
    home: Path, form: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    official(home)
    capsys.readouterr()
    assert create(form, "--format", "json") == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "not-answered"
    assert "C310" in error["message"]
    assert not (form.parent / "goi.asice").exists()
    assert create(form, "--answer", "C310", REASON) == 0


def test_a_reviewer_gives_back_what_has_no_answer(
    home: Path, form: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bundle begun under other rules: nobody agrees to it, but it can be returned."""
    assert create(form) == 0
    official(home)
    folder, bundle = form.parent / "khoa", str(form.parent / "goi.asice")
    before = Path(bundle).read_bytes()
    word = ["--passphrase-file", str(folder / "mat-khau.txt")]
    stamps = ["bundle", "attach", bundle, "--timestamp"]
    (home / "config.toml").write_text(
        f'[signing]\ntsa_url = "thu-nghiem:{folder.as_posix()}"\n', "utf-8"
    )
    assert cli.main(stamps) in {0, 2}
    capsys.readouterr()
    signing = ["--key", str(folder / "buoc-2.p12"), *word]
    assert cli.main(["bundle", "review", bundle, *signing, "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "not-answered"
    assert cli.main(["bundle", "return", bundle, *signing, "--reason", "Thiếu giải trình"]) == 0
    assert Path(bundle).read_bytes() != before


def test_an_answer_names_a_rule_and_a_reason(form: Path) -> None:
    assert create(form, "--answer", "X999", REASON) == 2
    assert create(form, "--answer", "C310", " ") == 2
