"""A new version of the catalogue tried on files that passed before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from iocsl.catalog import mirror
from iocsl.cli import main


@pytest.fixture
def new(tmp_path: Path) -> Path:
    folder = tmp_path / "moi"
    shutil.copytree(mirror.packaged(), folder)
    return folder


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    path = tmp_path / "KDL-M-016_2026-10.csv"
    row = "KDL-M-016.001;2026-10;14;12.500"
    path.write_text(f"Mã chỉ tiêu;Kỳ báo cáo;Địa bàn;Giá trị\n{row}\n", encoding="utf-8")
    return path


def test_who_would_newly_fail(new: Path, sent: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = new / "schemas" / "gia_ca_thi_truong.yaml"
    text = path.read_text("utf-8")
    text = text.replace("title: Giá trị\n    type: number", "title: Giá trị\n    type: date")
    text = text.replace('    decimalChar: ","\n    groupChar: "."\n', "")
    path.write_text(text, encoding="utf-8")
    assert main(["catalog", "rehearse", str(new), str(sent), "--format", "json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["valid_before"], told["valid_after"], told["newly_fails"]) == (True, False, True)
    assert told["new_errors"]


def test_nothing_new_where_nothing_changed(new: Path, sent: Path) -> None:
    assert main(["catalog", "rehearse", str(new), str(sent)]) == 0


def test_a_new_version_that_is_wrong_is_refused(new: Path, sent: Path) -> None:
    (new / "schemas" / "chi_tieu.yaml").write_text("name: x\n", encoding="utf-8")
    assert main(["catalog", "rehearse", str(new), str(sent)]) == 3
    assert main(["catalog", "rehearse", str(sent.parent), str(sent)]) == 2
