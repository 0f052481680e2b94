"""What is wrong in a catalogue file is told with file, line and entry, and nothing is loaded."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import catalog_small
from iocsl.catalog import released
from iocsl.catalog.build import build, main
from iocsl.catalog.contents import load
from iocsl.catalog.loader import read
from iocsl.catalog.mirror import refusal_from
from iocsl.domain import ExitCode
from iocsl.errors import IocslError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return catalog_small.write(tmp_path / "danh muc")


def refused(action: Callable[[], object]) -> IocslError:
    with pytest.raises(IocslError) as caught:
        action()
    assert caught.value.exit_code is ExitCode.CONFIGURATION
    return caught.value


def test_the_small_catalogue_itself_loads(folder: Path) -> None:
    assert [row["code"] for row in load(folder).datasets] == ["KDL-D-001", "KDL-D-002"]


@pytest.mark.parametrize(
    ("name", "change", "entry", "said"),
    [
        (
            "phu_luc.yaml",
            ("ma: KDL-D-002", "ma: KDL-D-001"),
            "KDL-D-001",
            ("bad-catalogue", "mã không khớp danh sách và dòng"),
        ),
        (
            "phu_luc.yaml",
            ("    ten: Dữ liệu khai sinh", "    ten: Dữ liệu khai sinh\n    ten: Khai sinh"),
            None,
            ("bad-catalogue", "khóa “ten” lặp lại"),
        ),
        (
            "phu_luc.yaml",
            ("don_vi: CQ-TP", "don_vi: CQ-KHONG"),
            "KDL-D-001",
            ("unknown-unit-in-catalogue", "không có đơn vị “CQ-KHONG”"),
        ),
        (
            "phu_luc.yaml",
            ("mau: ban_ghi", "mau: khong_co"),
            "KDL-D-001",
            ("unknown-schema-in-catalogue", "không có cấu trúc “khong_co”"),
        ),
        (
            "phu_luc.yaml",
            ("ky: [day]", "ky: [ngay]"),
            "KDL-D-001",
            ("bad-catalogue", "phải là một trong"),
        ),
        (
            "phu_luc.yaml",
            ("trang_thai: active", "trang_thai: needs_review"),
            "KDL-D-001",
            ("bad-catalogue", "needs_review đúng khi có khiem_khuyet"),
        ),
        (
            "phu_luc.yaml",
            ("ngay: 2026-05-13", "ngay: 2026-02-30"),
            None,
            ("bad-catalogue", "không phải là ngày có thật"),
        ),
        (
            "don_vi.yaml",
            ("hieu_luc_tu: 2026-05-13", "hieu_luc_tu: 2026-13-01"),
            "CQ-TP",
            ("bad-catalogue", "không phải là ngày có thật"),
        ),
        (
            "don_vi.yaml",
            ("cap: province", "cap: tinh"),
            "CQ-TP",
            ("bad-catalogue", "phải là một trong"),
        ),
        (
            "don_vi.yaml",
            ("    ten_in: ", "    la_gi: "),
            "CQ-TP",
            ("bad-catalogue", "khóa lạ “la_gi”"),
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_entry(
    folder: Path, name: str, change: tuple[str, str], entry: str | None, said: tuple[str, str]
) -> None:
    line = catalog_small.edit(folder, name, *change)
    code, words = said
    error = refused(lambda: load(folder))
    assert error.code == code
    assert words in error.message.vi
    assert name in error.message.vi
    at = line + change[1].count("\n")
    assert f"dòng {at}," in error.message.vi or f"dòng {at}:" in error.message.vi
    if entry:
        assert f"mục {entry}" in error.message.vi


def entry_again(folder: Path, state: str) -> int:
    """Append the first entry a second time; the line of its code."""
    path = folder / "phu_luc.yaml"
    text = path.read_text("utf-8")
    start = text.index("  - ma: KDL-D-001")
    again = text[start : text.index("  - ma: KDL-D-002")].replace("active", state)
    path.write_text(text + again, encoding="utf-8")
    return text.count("\n") + 1


def test_duplicate_code(folder: Path) -> None:
    line = entry_again(folder, "active")
    error = refused(lambda: load(folder))
    assert error.code == "duplicate-code"
    assert f"phu_luc.yaml, dòng {line}, mục KDL-D-001" in error.message.vi
    assert f"phu_luc.yaml, line {line}, entry KDL-D-001" in error.message.en


def test_retired_code_beside_itself(folder: Path) -> None:
    entry_again(folder, "retired")
    assert refused(lambda: load(folder)).code == "retired-code"


def test_retired_code_used_again(folder: Path) -> None:
    catalog_small.edit(folder, "phu_luc.yaml", "trang_thai: retired", "trang_thai: active")
    error = refused(lambda: load(folder))
    assert error.code == "retired-code"
    assert f"{released.FILE}, dòng 3, mục KDL-D-002" in error.message.vi


def test_released_code_removed(folder: Path) -> None:
    path = folder / "phu_luc.yaml"
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("  - ma: KDL-D-002")], encoding="utf-8")
    assert refused(lambda: load(folder)).code == "removed-code"


def test_released_code_with_another_meaning(folder: Path) -> None:
    catalog_small.edit(folder, "phu_luc.yaml", "ten_in: Dữ liệu khai sinh", "ten_in: Đất đai")
    error = refused(lambda: load(folder))
    assert error.code == "changed-code"
    assert "“Đất đai”" in error.message.vi


def test_entries_must_be_sorted(folder: Path) -> None:
    text = (folder / "phu_luc.yaml").read_text("utf-8")
    first, second = text.index("  - ma: KDL-D-001"), text.index("  - ma: KDL-D-002")
    swapped = text[:first] + text[second:] + text[first:second]
    (folder / "phu_luc.yaml").write_text(swapped, encoding="utf-8")
    assert refused(lambda: load(folder)).code == "unsorted"


def test_not_utf8(folder: Path) -> None:
    path = folder / "phu_luc.yaml"
    line = path.read_bytes().count(b"\n") + 1
    path.write_bytes(path.read_bytes() + "ghi chú: \xe9\n".encode("latin-1"))
    error = refused(lambda: load(folder))
    assert "không phải UTF-8" in error.message.vi
    assert f"dòng {line}" in error.message.vi


def test_not_nfc(folder: Path) -> None:
    catalog_small.edit(folder, "don_vi.yaml", "Sở Tư pháp", "So\u031b\u0309 Tư pháp")
    assert "NFC" in refused(lambda: load(folder)).message.vi


def test_missing_file(folder: Path) -> None:
    (folder / "don_vi.yaml").unlink()
    assert "don_vi.yaml" in refused(lambda: load(folder)).message.vi


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "bí danh YAML"),
        ("[" * 5000, "YAML"),
        ("a: " + "[" * 60 + "]" * 60, "lồng nhau quá sâu"),
        ("a: !!python/object/apply:os.getcwd []\n", "sai cú pháp YAML"),
        ("a: [1, 2\nb: 3\n", "sai cú pháp YAML"),
        ("", "không có nội dung"),
        ("? [a, b]\n: 1\n", "khóa phải là một từ"),
        ("a: 1\n--- \nb: 2\n", "sai cú pháp YAML"),
    ],
)
def test_hostile_yaml(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    assert words in refused(lambda: read(path)).message.vi


def test_words_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: no\nb: 12:30\nc: 2026-11-22\nd: 007\ne: true\nf: 1.5\ng:\n", "utf-8")
    assert read(path).data == {
        "a": "no",
        "b": "12:30",
        "c": "2026-11-22",
        "d": "007",
        "e": True,
        "f": 1.5,
        "g": None,
    }


def test_a_refused_build_leaves_the_old_mirror(folder: Path, tmp_path: Path) -> None:
    mirror = tmp_path / "nha" / "catalogue.sqlite"
    build(folder, mirror)
    before = mirror.read_bytes()
    entry_again(folder, "active")
    refused(lambda: build(folder, mirror))
    assert mirror.read_bytes() == before
    assert sorted(path.name for path in mirror.parent.iterdir()) == [
        "catalogue.lock",
        "catalogue.sqlite",
    ]


def test_links_between_files_are_checked(folder: Path) -> None:
    path = folder / "chuyen_doi_don_vi.yaml"
    link = "  - {tu: CQ-TP, sang: CQ-X, kieu: same, tin_cay: high, nguon: thử}\n"
    path.write_text(f"muc:\n{link}", encoding="utf-8")
    error = refused(lambda: load(folder))
    assert "chuyen_doi_don_vi.yaml, dòng 2, mục CQ-TP" in error.message.vi
    path.write_text(f"muc:\n{link.replace('CQ-X', 'CQ-TP')}", encoding="utf-8")
    assert "chuyen_doi_don_vi" in {each["name"] for each in load(folder).documents}


def test_indicators_of_an_unknown_dataset(folder: Path) -> None:
    (folder / "chi_tieu").mkdir()
    text = "ma_bo_du_lieu: KDL-D-009\nnguon: thử\nchi_tieu:\n"
    text += "  - {ma: KDL-D-009.001, ten: A, don_vi_tinh: kg, phuong_phap: null, "
    text += "hieu_luc_tu: null, hieu_luc_den: null, thay_bang: null, ma_tam: true}\n"
    (folder / "chi_tieu" / "KDL-D-009.yaml").write_text(text, encoding="utf-8")
    assert refused(lambda: load(folder)).code == "unknown-dataset-in-catalogue"


def test_a_full_disk_leaves_the_old_mirror(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "nha" / "catalogue.sqlite"
    build(folder, target)
    before = target.read_bytes()

    def full(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr("iocsl.catalog.build._write", full)
    assert main([str(folder), str(target), "--force"]) == ExitCode.CONFIGURATION
    told = refusal_from(json.loads(capsys.readouterr().out))
    assert told.code == "disk-full"
    assert target.read_bytes() == before


def test_a_rule_of_a_schema_that_names_no_column(folder: Path) -> None:
    path = folder / "schemas" / "ban_ghi.yaml"
    rule = 'quy_tac:\n  - {ma: R1, cot: ten, phep: "==", voi: khong_co}\n'
    path.write_text(catalog_small.SCHEMA + rule, encoding="utf-8")
    error = refused(lambda: load(folder))
    assert error.code == "bad-schema"
    assert "ban_ghi.yaml, dòng 8, mục quy_tac[0].voi" in error.message.vi
    assert "không có cột “khong_co”" in error.message.vi


def test_a_code_list_with_a_code_twice(folder: Path) -> None:
    path = folder / "schemas" / "ban_ghi.yaml"
    path.write_text(catalog_small.SCHEMA + "    danh_muc: ma.csv\n", encoding="utf-8")
    (folder / "schemas" / "ma.csv").write_text("ma,ten\nA,Một\nB,Hai\nA,Ba\n", encoding="utf-8")
    error = refused(lambda: load(folder))
    assert error.code == "bad-schema"
    assert "ma.csv, dòng 4, mục fields[0].danh_muc: mã “A”" in error.message.vi


def test_a_circle_of_replacements(folder: Path) -> None:
    (folder / "chi_tieu").mkdir()
    text = "ma_bo_du_lieu: KDL-D-001\nnguon: thử\nchi_tieu:\n"
    for one, other in ((1, 2), (2, 1)):
        text += f"  - {{ma: KDL-D-001.00{one}, ten: A{one}, don_vi_tinh: kg, phuong_phap: null, "
        text += "hieu_luc_tu: null, hieu_luc_den: null, "
        text += f"thay_bang: KDL-D-001.00{other}, ma_tam: true}}\n"
    (folder / "chi_tieu" / "KDL-D-001.yaml").write_text(text, encoding="utf-8")
    error = refused(lambda: load(folder))
    assert "KDL-D-001.yaml, dòng 5, mục KDL-D-001.002" in error.message.vi
    assert "KDL-D-001.001 → KDL-D-001.002 → KDL-D-001.001" in error.message.vi
