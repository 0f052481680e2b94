"""Overlays: a unit's own codes, beside the base and never over it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docx import Document

from iocsl.catalog import open_catalogue
from iocsl.cli import main
from iocsl.validate import check

OVERLAY = """\
don_vi: CQ-TC
chi_tieu:
  - ma: KDL-M-016.X-CQ-TC-001
    ten: Chè Shan tuyết
    don_vi_tinh: đồng/kg
    ly_do: Sản phẩm chủ lực của tỉnh
"""
ROW = "KDL-M-016.X-CQ-TC-001;2026-10;150.000"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    path = tmp_path / "them.yaml"
    path.write_text(OVERLAY, encoding="utf-8")
    return path


def codes(tmp_path: Path) -> set[str]:
    path = tmp_path / "KDL-M-016_2026-10.csv"
    path.write_text(f"Mã chỉ tiêu;Kỳ báo cáo;Giá trị\n{ROW}\n", encoding="utf-8")
    return {each.code for each in check(path, open_catalogue(), unit="CQ-TC").findings}


def test_a_code_counts_only_once_the_answer_is_recorded(
    overlay: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "C301" in codes(tmp_path)
    assert main(["catalog", "overlay", "add", str(overlay)]) == 0
    assert "C301" in codes(tmp_path)
    answer = ["--agreed", "--document", "12/SKHCN", "--date", "2026-11-20"]
    assert main(["catalog", "overlay", "answer", "them.yaml", *answer]) == 0
    assert "C301" not in codes(tmp_path)
    capsys.readouterr()
    assert main(["catalog", "overlay", "list", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed[0]["answer"] == {"agreed": True, "document": "12/SKHCN", "date": "2026-11-20"}
    assert open_catalogue().dataset("KDL-M-016").indicators[-1] == "KDL-M-016.030"


def test_a_refused_code_stays_unknown(overlay: Path, tmp_path: Path) -> None:
    assert main(["catalog", "overlay", "add", str(overlay)]) == 0
    answer = ["--refused", "--document", "12/SKHCN", "--date", "2026-11-20"]
    assert main(["catalog", "overlay", "answer", "them.yaml", *answer]) == 0
    assert "C301" in codes(tmp_path)
    assert main(["catalog", "overlay", "answer", "them.yaml", *answer]) == 2


@pytest.mark.parametrize(
    "case",
    [
        ("KDL-M-016.X-CQ-TC-001", "KDL-M-016.001", "overlay-shadows-base", 3),
        ("Chè Shan tuyết", "Gạo nếp", "overlay-shadows-base", 4),
        ("X-CQ-TC-001", "X-CQ-YT-001", "overlay-code-space", 3),
        ("KDL-M-016.X", "KDL-M-099.X", "overlay-unknown-dataset", 3),
        ("don_vi: CQ-TC", "don_vi: CQ-XYZ", "overlay-unknown-unit", 1),
        ("    ly_do: Sản phẩm chủ lực của tỉnh\n", "", "bad-catalogue", 3),
    ],
)
def test_what_an_overlay_may_not_do_is_named_by_line_and_entry(
    overlay: Path,
    capsys: pytest.CaptureFixture[str],
    case: tuple[str, str, str, int],
) -> None:
    old, new, code, line = case
    overlay.write_text(OVERLAY.replace(old, new), encoding="utf-8")
    assert main(["catalog", "overlay", "add", str(overlay), "--format", "json"]) == 3
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == code
    assert f"them.yaml, dòng {line}" in error["message"]
    assert open_catalogue().indicators("KDL-M-016")[-1].code == "KDL-M-016.030"


def test_a_bad_file_put_there_by_hand_is_named_and_nothing_is_loaded(
    overlay: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_catalogue()
    (home / "bo_sung").mkdir()
    bad = OVERLAY.replace("KDL-M-016.X-CQ-TC-001", "KDL-M-016.001")
    (home / "bo_sung" / "them.yaml").write_text(bad, encoding="utf-8")
    assert main(["catalog", "show", "KDL-M-016", "--format", "json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "overlay-shadows-base"


def test_the_request_is_drafted(overlay: Path, tmp_path: Path) -> None:
    target = tmp_path / "de-nghi.docx"
    assert main(["catalog", "overlay", "request", str(overlay), "-o", str(target)]) == 0
    document = Document(str(target))
    text = "\n".join(each.text for each in document.paragraphs)
    assert "Kính gửi: Sở Tài chính" in text
    assert "Kính gửi: Sở Khoa học và Công nghệ" in text
    cells = [cell.text for row in document.tables[-1].rows for cell in row.cells]
    assert "KDL-M-016.X-CQ-TC-001" in cells


def test_codes_of_an_own_indicator_alone_are_no_set(tmp_path: Path, home: Path) -> None:
    folder = home / "bo_sung"
    folder.mkdir(parents=True)
    text = OVERLAY.replace("KDL-M-016.X", "KDL-M-009.X")
    answer = 'dang_ky:\n  tra_loi: dong_y\n  so: "1"\n  ngay: 2026-11-20\n'
    (folder / "a.yaml").write_text(text + answer, encoding="utf-8")
    path = tmp_path / "KDL-M-009_2026-10.csv"
    path.write_text("Mã chỉ tiêu;Kỳ báo cáo;Giá trị\nA1;2026-10;5\n", encoding="utf-8")
    found = {each.code for each in check(path, open_catalogue(), unit="CQ-XD").findings}
    assert "C309" in found
    assert "C301" not in found


FORM = """\
don_vi: CQ-TC
bieu:
  - ma: CD.X-CQ-TC-001
    ten: Chuyên đề bình ổn giá
    cau_truc: binh-on.schema.yaml
"""
STRUCTURE = """\
name: binh_on
fields:
  - name: ma_hang
    type: string
    danh_muc: hang.csv
"""


def test_a_thematic_form_comes_with_its_structure(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "chuyen-de.yaml"
    path.write_text(FORM, encoding="utf-8")
    (tmp_path / "binh-on.schema.yaml").write_text(STRUCTURE, encoding="utf-8")
    (tmp_path / "hang.csv").write_text("ma,ten\nG,Gạo\n", encoding="utf-8")
    assert main(["catalog", "overlay", "add", str(path)]) == 0
    kept = {each.name for each in (home / "bo_sung").iterdir()}
    assert kept == {"chuyen-de.yaml", "binh-on.schema.yaml", "hang.csv"}
    assert main(["catalog", "overlay", "list"]) == 0
    table = tmp_path / "a.csv"
    table.write_text("ma_hang\nG\n", encoding="utf-8")
    structure = str(home / "bo_sung" / "binh-on.schema.yaml")
    assert main(["validate", str(table), "--schema", structure]) == 0


def test_a_form_without_a_right_structure_is_refused(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "chuyen-de.yaml"
    path.write_text(FORM, encoding="utf-8")
    assert main(["catalog", "overlay", "add", str(path)]) == 2
    (tmp_path / "binh-on.schema.yaml").write_text("name: x\nfields: []\n", encoding="utf-8")
    assert main(["catalog", "overlay", "add", str(path)]) == 3
    assert not (home / "bo_sung").exists()


def test_a_file_of_another_shape_is_told_in_plain_words(
    overlay: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, said in (("xx\n", "khóa: giá trị"), ("don_vi: CQ-TC\nchi_tieu: 5\n", "danh sách")):
        overlay.write_text(text, encoding="utf-8")
        assert main(["catalog", "overlay", "check", str(overlay), "--format", "json"]) == 3
        message = json.loads(capsys.readouterr().out)["error"]["message"]
        assert said in message
        assert "Input should" not in message
