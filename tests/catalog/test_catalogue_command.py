"""`iocsl catalog …` as a person or a program runs it."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import docx
import pytest
from openpyxl import load_workbook

from iocsl.catalog import Catalogue, contacts
from iocsl.cli import main
from iocsl.domain import ExitCode

pytestmark = pytest.mark.usefixtures("catalogue")
Out = pytest.CaptureFixture[str]


def json_of(capsys: Out, *arguments: str) -> Any:
    assert main([*arguments, "--format", "json"]) == ExitCode.OK
    return json.loads(capsys.readouterr().out)


def test_list_is_the_contract(capsys: Out, catalogue: Catalogue) -> None:
    found = json_of(capsys, "catalog", "list")
    assert found == [each.document() for each in catalogue.datasets()]
    assert len(found) == 463
    assert sum(each["status"] == "needs_review" for each in found) == 49


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["--regime", "QD2023"], 182),
        (["--regime", "QD1134", "--period", "thang"], 19),
        (["--period", "6 tháng"], 10),
        (["--period", "9m"], 2),
        (["--unit", "STC", "--period", "month"], 1),
        (["--needs-review", "--regime", "QD2023"], 13),
    ],
)
def test_list_filters(capsys: Out, arguments: list[str], count: int) -> None:
    assert len(json_of(capsys, "catalog", "list", *arguments)) == count


def test_list_of_a_commune_is_empty_and_explained(capsys: Out) -> None:
    assert main(["catalog", "list", "--unit", "Phường Tô Hiệu", "--format", "json"]) == ExitCode.OK
    said = capsys.readouterr()
    assert json.loads(said.out) == []
    assert "13 cơ quan cấp tỉnh" in said.err


@pytest.mark.parametrize("width", [80, 120])
def test_list_fits_the_terminal(capsys: Out, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["catalog", "list"]) == ExitCode.OK
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= width
    assert "KDL-E-119 ?" in out
    assert "463 mục, 49 mục cần rà soát" in out


def test_show(capsys: Out) -> None:
    assert main(["catalog", "show", "kdl-e-091", "--lang", "en"]) == ExitCode.OK
    out = capsys.readouterr().out
    assert "(name lost in the text)" in out
    assert "inferred Sở Nông nghiệp và Môi trường (CQ-NNMT), medium" in out
    assert json_of(capsys, "catalog", "show", "KDL-M-016")["indicators"][0] == "KDL-M-016.001"


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["show", "KDL-M-999"], "unknown-dataset", ExitCode.CONFIGURATION),
        (["list", "--unit", "Sở Không Có"], "unknown-unit", ExitCode.USAGE),
        (["list", "--unit", "Sở Y tế"], "ambiguous-unit", ExitCode.USAGE),
        (["list", "--unit", "116"], "former-unit", ExitCode.USAGE),
        (["list", "--period", "tuan"], "unknown-period-type", ExitCode.USAGE),
        (["list", "--regime", "QD1"], "unknown-regime", ExitCode.USAGE),
        (["template", "KDL-M-999", "-o", "x.xlsx"], "unknown-dataset", ExitCode.CONFIGURATION),
        (["template", "KDL-M-016", "-o", "."], "is-folder", ExitCode.USAGE),
        (["template", "KDL-M-016", "-o", "x.pdf"], "template-format", ExitCode.USAGE),
        (
            ["template", "KDL-M-016", "--period", "2026-13", "-o", "x.xlsx"],
            "unknown-period",
            ExitCode.USAGE,
        ),
        (
            ["template", "KDL-M-016", "--period", "2026-Q4", "-o", "x.xlsx"],
            "other-period",
            ExitCode.USAGE,
        ),
        (  # daily data have 17h00 alone (record 0106): such a file would be refused
            ["template", "KDL-D-003", "--period", "20261122T080000+0700", "-o", "x.xlsx"],
            "other-period",
            ExitCode.USAGE,
        ),
        (["lint", "--letter", "thu.txt"], "not-docx", ExitCode.USAGE),
        (["lint", "--letter", "."], "is-folder", ExitCode.USAGE),
        (["contacts", "show"], "no-unit", ExitCode.USAGE),
        (["contacts", "set", "chief", "--unit", "STC"], "unknown-role", ExitCode.USAGE),
    ],
)
def test_refusals(capsys: Out, arguments: list[str], code: str, exit_code: ExitCode) -> None:
    assert main(["catalog", *arguments, "--format", "json"]) == exit_code
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_search(capsys: Out) -> None:
    found = json_of(capsys, "catalog", "search", "dat", "dai")
    assert [each["code"] for each in found] == ["KDL-E-084", "KDL-E-089"]
    assert main(["catalog", "search", "zzz"]) == ExitCode.OK
    assert "Thử ít từ hơn" in capsys.readouterr().err
    assert main(["catalog", "search", "gai ca thi truong"]) == ExitCode.OK
    said = capsys.readouterr()
    assert "KDL-M-016" in said.out
    assert "Gần giống nhất" in said.err
    assert json_of(capsys, "catalog", "search", "gai ca thi truong") == []
    assert main(["catalog", "search", "%"]) == ExitCode.USAGE


def test_units(capsys: Out) -> None:
    (unit,) = json_of(capsys, "catalog", "units", "to", "hieu")
    assert unit["id"] == "X-03646"
    assert unit["official_code"] == "03646"
    assert len(json_of(capsys, "catalog", "units")) == 123
    assert main(["catalog", "units", "nong dan"]) == ExitCode.OK
    assert "khuyến khích" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["mẫu.xlsx", "mẫu.csv"])
def test_template(capsys: Out, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    arguments = ["catalog", "template", "KDL-M-016", "--period", "2026-10", "-o", str(path)]
    made = json_of(capsys, *arguments)
    assert made == {"code": "KDL-M-016", "file": str(path), "unit": "CQ-TC", "period": "2026-10"}
    assert path.stat().st_size > 0


@pytest.mark.parametrize(
    ("code", "example"),
    [
        ("KDL-D-003", "2026-11-22"),
        ("KDL-E-005", "20261122T080000+0700"),
        ("IOC-21-11", "2026-DX"),
        ("IOC-16-01", "2026-Q4, 2026"),
        ("IOC-04-10", "2026-10, 2026-Q4, 2026"),
    ],
)
def test_a_template_says_how_its_own_period_is_written(
    capsys: Out, tmp_path: Path, code: str, example: str
) -> None:
    path = tmp_path / "mau.xlsx"
    json_of(capsys, "catalog", "template", code, "-o", str(path))
    told = {row[0]: row[2] for row in load_workbook(path)["Thong_tin"].iter_rows(values_only=True)}
    assert str(told["ky_bao_cao"]).startswith(f"Kỳ của tệp, ví dụ {example}")


def test_template_for_another_unit_is_noted(capsys: Out, tmp_path: Path) -> None:
    path = str(tmp_path / "m.xlsx")
    arguments = ["catalog", "template", "KDL-M-016", "--unit", "CQ-YT", "-o", path]
    assert main(arguments) == ExitCode.OK
    assert "không phải CQ-YT" in capsys.readouterr().err


def test_lint_lists_what_is_known(capsys: Out) -> None:
    found = json_of(capsys, "catalog", "lint")
    assert found["counts"]["stale_district"] == 24
    assert found["counts"]["stale_2022"] == 17
    assert found["counts"]["stale_covid"] == 2
    assert found["counts"]["merged_unit"] == 7
    damaged = {each["codes"][0] for each in found["doubts"] if each["check"] == "damaged"}
    assert len(damaged) == 49
    alike = [each["codes"] for each in found["doubts"] if each["check"] == "near_duplicate"]
    assert ["KDL-M-007", "KDL-M-008"] in alike
    assert ["KDL-D-001", "KDL-E-003"] in alike
    assert ["KDL-Y-017", "KDL-Y-069"] in alike
    assert ["IOC-25-01", "IOC-26-01", "IOC-27-01", "IOC-28-01"] in alike
    other = {each["codes"][0] for each in found["doubts"] if each["check"] == "other_frequency"}
    assert {"KDL-M-003", "KDL-Q-001", "KDL-Q-002", "KDL-Q-003", "KDL-Q-004"} <= other


def test_lint_as_text(capsys: Out) -> None:
    assert main(["catalog", "lint"]) == ExitCode.OK
    out = capsys.readouterr().out
    assert "Tên gần trùng nhau" in out
    assert "Nhắc đến Covid-19 (2)" in out


def test_letter(capsys: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOCSL_UNIT", "CQ-TC")
    path = tmp_path / "công văn.docx"
    assert main(["catalog", "lint", "--letter", str(path)]) == ExitCode.OK
    document = docx.Document(str(path))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Kính gửi: Sở Khoa học và Công nghệ" in text
    assert "Sở Tài chính thấy có 49 mục" in text
    head, _, rows = document.tables
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head.rows[0].cells[1].text
    assert len(rows.rows) == 50
    assert rows.rows[1].cells[1].text == "IOC-01-02"
    section = document.sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert (section.page_width / 36000, section.page_height / 36000) == pytest.approx(
        (210, 297), abs=0.1
    )


def test_build(capsys: Out, catalogue: Catalogue) -> None:
    built = json_of(capsys, "catalog", "build")
    assert built["version"] == 0
    assert built["digest"] == catalogue.digest


def test_contacts(
    capsys: Out, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers = "Nguyễn Văn A\nGiám đốc\n0212 000 000\na@sonla.gov.vn\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(answers))
    assert main(["catalog", "contacts", "set", "leader", "--unit", "STC"]) == ExitCode.OK
    said = capsys.readouterr()
    assert "Nguyễn" not in said.out + said.err + caplog.text
    found = json_of(capsys, "catalog", "contacts", "show", "--unit", "STC")
    assert found["unit"] == "CQ-TC"
    assert found["lanh_dao"]["ho_ten"] == "Nguyễn Văn A"
    assert found["cong_chuc"] is None
    if os.name == "posix":
        assert contacts.path().stat().st_mode & 0o077 == 0
    assert main(["catalog", "contacts", "show", "--unit", "STC"]) == ExitCode.OK
    assert "một lãnh đạo và một công chức" in capsys.readouterr().err


def test_contacts_keep_each_other(capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    for role, name in (("leader", "A"), ("official", "B")):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{name}\n\n\n\n"))
        assert main(["catalog", "contacts", "set", role, "--unit", "X-03646"]) == ExitCode.OK
    capsys.readouterr()
    found = json_of(capsys, "catalog", "contacts", "show", "--unit", "X-03646")
    assert found["lanh_dao"]["ho_ten"] == "A"
    assert found["cong_chuc"]["ho_ten"] == "B"


def test_no_name_writes_nothing(capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    arguments = ["catalog", "contacts", "set", "leader", "--unit", "STC", "--format", "json"]
    assert main(arguments) == ExitCode.USAGE
    assert not contacts.path().exists()


def test_bad_contacts_file(capsys: Out) -> None:
    contacts.path().write_text("CQ-TC:\n  lanh_dao: {ho_ten: A}\n", encoding="utf-8")
    arguments = ["catalog", "contacts", "show", "--unit", "STC", "--format", "json"]
    assert main(arguments) == ExitCode.CONFIGURATION
    assert "dau_moi.yaml" in capsys.readouterr().out
