"""A data file that says itself to be something else than the slip says."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from bundle_forge import CSV, DATASET, PERIOD, UNIT, Forge, World
from iocsl.bundle.verify import Verdict, verify
from iocsl.catalog import open_catalogue
from iocsl.cli import main
from iocsl.validate.between_files import check_together
from iocsl.warehouse.judge import CatalogueJudge
from iocsl.warehouse.store import Store

SAID = {"dataset": DATASET, "unit": UNIT, "period": PERIOD}
TRUE = {"ma_bo_du_lieu": DATASET, "don_vi": UNIT, "ky_bao_cao": PERIOD}
XML = '<bang ma_bo_du_lieu="{}" ky_bao_cao="{}"><dong><gia_tri>1</gia_tri></dong></bang>'


def book(**labels: str) -> bytes:
    made = Workbook()
    sheet = made.create_sheet("Thong_tin")
    for label in {**TRUE, **labels}.items():
        sheet.append(label)
    table = made.worksheets[0]
    table.append(["ma_chi_tieu", "ky_bao_cao", "gia_tri"])
    table.append([f"{DATASET}.001", PERIOD, 12])
    stream = io.BytesIO()
    made.save(stream)
    made.close()
    return stream.getvalue()


def bundle_of(files: dict[str, bytes], folder: Path) -> Path:
    path = folder / "goi.asice"
    path.write_bytes(Forge(files).sign_all().packed())
    return path


def verdict_on(files: dict[str, bytes], folder: Path, home: Path) -> Verdict:
    return verify(bundle_of(files, folder), World(home).policy)


@pytest.mark.parametrize(
    ("name", "data", "codes"),
    [
        ("a.xlsx", book(ma_bo_du_lieu="KDL-M-001"), ["P501"]),
        ("a.xlsx", book(don_vi="CQ-KHCN"), ["P502"]),
        ("a.xlsx", book(ky_bao_cao="2026-09"), ["P503"]),
        ("a.xlsx", book(don_vi="CQ-KHCN", ky_bao_cao="2026-09"), ["P502", "P503"]),
        ("a.xlsx", book(ma_bo_du_lieu="KDL-M-99"), ["P501", "P504"]),
        ("a.xlsx", book(don_vi="Sở Không Có"), ["P502", "U602"]),
        ("a.xml", XML.format(DATASET, "2026-09").encode(), ["P503"]),
        ("KDL-M-016_2026-09.csv", CSV, ["P503"]),
    ],
)
def test_told_at_the_unit_as_the_warehouse_tells_it(
    name: str, data: bytes, codes: list[str], home: Path, tmp_path: Path
) -> None:
    verdict = verdict_on({name: data, "b.csv": CSV}, tmp_path, home)
    assert verdict.verdict == "invalid"
    assert [each.code for each in verdict.refusals] == codes

    file = tmp_path / name
    file.write_bytes(data)
    (report,) = check_together([file], open_catalogue(), SAID)
    answered = [each.message for each in report.findings if each.code in codes]
    assert [each.message.vi for each in verdict.refusals] == [f"{name}: {m}" for m in answered]
    assert not list((home / "dang-mo").glob("*"))


@pytest.mark.parametrize(
    "data", [book(), book(don_vi="Sở Tài chính", ky_bao_cao=" 2026-10 "), b"PK\x03\x04 nothing"]
)
def test_what_agrees_or_cannot_be_read_is_let_be(data: bytes, home: Path, tmp_path: Path) -> None:
    assert verdict_on({"a.xlsx": data}, tmp_path, home).verdict == "valid"


def test_the_warehouse_answers_it_with_its_receipt(home: Path, tmp_path: Path) -> None:
    files = {"a.xlsx": book(ky_bao_cao="2026-09")}
    path = bundle_of(files, tmp_path)
    store = Store.create(tmp_path / "kho", test=True)
    World(store.folder)
    judge = CatalogueJudge(store)
    assert judge.verify(path).verdict == "valid"
    checked = judge.check(path, Forge(files).slip)
    assert not checked.valid
    assert "P503" in {each["code"] for each in checked.findings}


def test_verify_names_file_cell_and_what_to_do(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    World(home)
    path = bundle_of({"so-lieu.xlsx": book(ky_bao_cao="2026-09")}, tmp_path)
    assert main(["bundle", "verify", str(path)]) == 4
    said = capsys.readouterr().out
    assert "so-lieu.xlsx: Kỳ báo cáo không thống nhất" in said
    assert "Thong_tin B3 ghi “2026-09”" in said
    assert "Cần làm: Sửa chỗ sai để mọi nơi ghi như nhau, rồi kiểm tra lại. Lập lại gói" in said
    assert main(["bundle", "verify", str(path), "--format", "json", "--lang", "en"]) == 4
    (refused,) = json.loads(capsys.readouterr().out)["refusals"]
    assert refused["code"] == "P503"
    assert "Thong_tin B3 says “2026-09”" in refused["message"]
