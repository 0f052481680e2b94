"""What goes with a data file: told by the command, the bundle and the warehouse alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.domain import Severity
from iocsl.errors import IocslError
from iocsl.validate import check
from iocsl.validate.attachments import TYPES, Attachment, attachments_of
from validate_books import text

SCHEMA = """\
name: bien_ban
thuyet_minh: FLAG
fields:
  - {name: so, type: string}
  - {name: tep, title: Tệp kèm, type: string, tep_dinh_kem: true}
"""


def found(
    path: Path, catalogue: Catalogue, given: tuple[Attachment, ...] | None, **said: Any
) -> list[tuple[str, Severity]]:
    report = check(path, catalogue, attachments=given, **said)
    return [(each.code, each.severity) for each in report.findings if each.code[0] in "AN"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_text('so;tep\n1;"Anh\\Bien ban.PDF; anh.jpg"\n2;\n', encoding="utf-8")
    return path


def test_files_named_in_a_column(table: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(SCHEMA.replace("FLAG", "false"), encoding="utf-8")
    both = (Attachment("bien ban.pdf", 9), Attachment("anh.jpg", 9))
    assert found(table, catalogue, both, schema=schema) == []
    assert found(table, catalogue, both[:1], schema=schema) == [("A905", Severity.ERROR)]
    assert found(table, catalogue, None, schema=schema) == [("A906", Severity.INFO)]


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["anh.jpg", "bien ban.pdf"], []),
        (["anh.jpg", "Thuyết minh.zip", "bien ban.pdf"], []),
        (["anh.jpg"], [("N904", Severity.ERROR)]),
    ],
)
def test_a_narrative_is_a_document_or_says_so(
    table: Path,
    tmp_path: Path,
    catalogue: Catalogue,
    names: list[str],
    wanted: list[tuple[str, Severity]],
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(SCHEMA.replace("FLAG", "true"), encoding="utf-8")
    given = tuple(Attachment(name, 9) for name in names)
    said = [each for each in found(table, catalogue, given, schema=schema) if each[0] != "A905"]
    assert said == wanted


def test_2023_asks_for_a_narrative_and_1134_does_not(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [["ma_chi_tieu", "ky_bao_cao", "gia_tri"], ["x", "2026-10", "5"]]
    path = text(tmp_path / "a.csv", rows)
    assert ("N904", Severity.WARNING) in found(path, catalogue, (), dataset="IOC-21-02")
    assert found(path, catalogue, (), dataset="KDL-M-016") == []


def test_what_is_told_of_files(tmp_path: Path) -> None:
    (tmp_path / "trong.txt").write_text("\ufeff \n", encoding="utf-8")
    (tmp_path / "co.txt").write_text("a", encoding="utf-8")
    (tmp_path / "khong.pdf").write_bytes(b"")
    paths = [tmp_path / name for name in ("trong.txt", "co.txt", "khong.pdf")]
    assert [each.blank for each in attachments_of(paths)] == [True, False, True]
    for path in (tmp_path / "khong-co.pdf", tmp_path):
        with pytest.raises(IocslError) as caught:
            attachments_of([path])
        assert caught.value.exit_code == 2


def test_the_twenty_types() -> None:
    assert len(TYPES) == len(set(TYPES)) == 20


def test_the_command(
    table: Path, tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(SCHEMA.replace("FLAG", "true"), encoding="utf-8")
    odd = tmp_path / "anh.heic"
    odd.write_bytes(b"x")
    ask = ["validate", str(table), "--schema", str(schema), "--format", "json"]
    assert main([*ask, "--attach", str(odd)]) == 1
    codes = [each["code"] for each in json.loads(capsys.readouterr().out)["findings"]]
    assert sorted(codes) == ["A902", "A905", "N904"]
    assert main([*ask, "--attach", str(tmp_path / "khong-co.pdf")]) == 2


@pytest.mark.parametrize(
    ("cell", "missing"),
    [
        ("anh.jpg\nbien ban.docx", None),
        ("C:\\kem\\ANH.JPG\nbien ban.docx", None),
        ("so lieu.xls ban 2.pdf", None),
        ("anh.jpg\nbien ban 2.docx", "“bien ban 2.docx”"),
        ("anh.png; bien ban.docx\nx.pdf", "“anh.png; x.pdf”"),
    ],
)
def test_names_on_lines_of_their_own(
    tmp_path: Path, catalogue: Catalogue, cell: str, missing: str | None
) -> None:
    schema = tmp_path / "a.schema.yaml"
    schema.write_text(SCHEMA.replace("FLAG", "false"), "utf-8")
    names = ["anh.jpg", "bien ban.docx", "so lieu.xls ban 2.pdf"]
    given = tuple(Attachment(name=each, size=9) for each in names)
    path = text(tmp_path / "a.csv", [["so", "tep"], ["1", cell]])
    told = check(path, catalogue, schema=schema, attachments=given).findings
    said = [each.message for each in told if each.code == "A905"]
    assert len(said) == (missing is not None)
    assert missing is None or missing in said[0]


def test_the_narrative_of_2023_is_asked_where_attachments_are_told(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    form = text(tmp_path / "a.csv", [["ma_chi_tieu", "ky_bao_cao", "gia_tri"]])
    said = {"dataset": "IOC-21-24", "unit": "D23-21", "period": "2026-10"}
    assert found(form, catalogue, None, **said) == []
    assert found(form, catalogue, (), **said) == [("N904", Severity.WARNING)]
