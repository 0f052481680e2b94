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


def test_an_answer_is_carried_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template, form = tmp_path / "mau.xlsx", tmp_path / "KDL-M-016_2026-10.xlsx"
    made = ["--unit", "CQ-TC", "--period", "2026-10", "-o", str(template)]
    assert cli.main(["catalog", "template", "KDL-M-016", *made]) == 0
    fill(template, form, faulty=False)
    book = load_workbook(form)
    sheet = book.worksheets[0]
    sheet.delete_rows(sheet.max_row)
    book.save(form)
    keys, bundle = tmp_path / "khoa", tmp_path / "goi.asice"
    assert cli.main(["bundle", "keys", "test", "--dir", str(keys), "--unit", "CQ-TC"]) == 0
    assert cli.main(["validate", str(form), "--answer", "C310", REASON]) == 0
    word = ["--passphrase-file", str(keys / "mat-khau.txt"), "--not-secret"]
    signing = ["--key", str(keys / "buoc-1.p12"), *word, "-o", str(bundle)]
    capsys.readouterr()
    assert cli.main(["bundle", "create", str(form), *signing]) == 0
    assert REASON in " ".join(capsys.readouterr().err.split())
    with zipfile.ZipFile(bundle) as archive:
        answers = json.loads(archive.read("ho-so/kiem-tra.json"))["answers"]
    assert [(each["code"], each["reason"], each["period"]) for each in answers] == [
        ("C310", REASON, "2026-10")
    ]
    assert cli.main(["bundle", "show", str(bundle)]) == 0
    assert REASON in " ".join(capsys.readouterr().out.split())
