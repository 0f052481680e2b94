"""Two versions of the catalogue: what may change, and what is an error."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import catalog_small
from iocsl.catalog import mirror, released
from iocsl.catalog.changes import Coded, changes
from iocsl.catalog.contents import coded, load_files
from iocsl.cli import main

RENAME = ("    ten: Dữ liệu khai sinh\n", "    ten: Dữ liệu đăng ký khai sinh\n")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    old = catalog_small.write(tmp_path / "cu")
    new = tmp_path / "moi"
    shutil.copytree(old, new)
    return old, new


def edit(folder: Path, before: str, after: str, name: str = "phu_luc.yaml") -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def kinds(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> tuple[int, list[tuple[str, str]]]:
    code = main(["catalog", "diff", *map(str, folders), "--format", "json"])
    changes = json.loads(capsys.readouterr().out)
    return code, [(each["kind"], each["code"]) for each in changes]


def test_the_same_catalogue_has_no_changes(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert kinds(folders, capsys) == (0, [])


@pytest.mark.parametrize(
    ("before", "after", "code", "kind"),
    [
        (*RENAME, 0, "renamed"),
        (
            "    ky: [day]\n    trang_thai: active",
            "    ky: [month]\n    trang_thai: active",
            0,
            "re_dated",
        ),
        ("    trang_thai: active", "    trang_thai: retired", 0, "retired"),
        ("    ten_in: Dữ liệu khai sinh\n", "    ten_in: Dữ liệu đất đai\n", 1, "changed"),
    ],
)
def test_each_kind_of_change(
    folders: tuple[Path, Path],
    capsys: pytest.CaptureFixture[str],
    *,
    before: str,
    after: str,
    code: int,
    kind: str,
) -> None:
    edit(folders[1], before, after)
    assert kinds(folders, capsys) == (code, [(kind, "KDL-D-001")])


def test_a_rule_of_another_date_tells_what_changed_alone() -> None:
    old = {"R": Coded("a", dates='dieu: "Điều 8"\nngay: 25')}
    new = {"R": Coded("a", dates='dieu: "Điều 8"\nngay: 24')}
    (change,) = changes(old, new)
    assert (change.kind, change.before, change.after) == ("re_dated", "ngay: 25", "ngay: 24")


def test_a_retired_code_taken_up_again_is_an_error(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    edit(folders[1], "    trang_thai: retired", "    trang_thai: active")
    assert kinds(folders, capsys) == (1, [("reused", "KDL-D-002")])


def test_added_one_way_is_removed_the_other(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    text = catalog_small.DATASETS
    cut = text[: text.index("  - ma: KDL-D-002")]
    (folders[1] / "phu_luc.yaml").write_text(cut, encoding="utf-8")
    assert kinds(folders, capsys) == (1, [("removed", "KDL-D-002")])
    assert kinds((folders[1], folders[0]), capsys) == (0, [("added", "KDL-D-002")])


def test_a_folder_without_a_catalogue_is_refused(tmp_path: Path) -> None:
    assert main(["catalog", "diff", str(tmp_path), str(tmp_path)]) == 2


SET = """\
ma_bo_du_lieu: KDL-D-001
nguon: thử
chi_tieu:
  - ma: KDL-D-001.001
    ten: Số ca sinh
    don_vi_tinh: ca
    phuong_phap: null
    hieu_luc_tu: null
    hieu_luc_den: null
    thay_bang: null
    ma_tam: true
"""


@pytest.fixture
def released_list(folders: tuple[Path, Path]) -> Path:
    """The list that a release of the older folder leaves behind, with an indicator in it."""
    for folder in folders:
        path = folder / "chi_tieu" / "KDL-D-001.yaml"
        path.parent.mkdir()
        path.write_text(SET, encoding="utf-8")
    path = folders[0] / released.FILE
    path.write_text(released.render(coded(load_files(folders[0]))), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "before", "after", "found"),
    [
        ("phu_luc.yaml", "ten: Dữ liệu khai sinh\n", "ten: Dữ liệu khai sinh mới\n", None),
        ("phu_luc.yaml", "trang_thai: active", "trang_thai: retired", ("retired", "KDL-D-001")),
        ("phu_luc.yaml", "ten_in: Đăng ký", "ten_in: Khác", ("reused", "KDL-D-002")),
        ("phu_luc.yaml", "trang_thai: retired", "trang_thai: active", ("reused", "KDL-D-002")),
        ("phu_luc.yaml", "ten_in: Dữ liệu khai", "ten_in: Khác", ("changed", "KDL-D-001")),
        ("chi_tieu/KDL-D-001.yaml", "tinh: ca", "tinh: người", ("changed", "KDL-D-001.001")),
        ("chi_tieu/KDL-D-001.yaml", "Số ca sinh", "Số ca tử", ("changed", "KDL-D-001.001")),
        ("chi_tieu/KDL-D-001.yaml", ".001\n    ten", ".002\n    ten", ("removed", "KDL-D-001.001")),
        ("don_vi.yaml", "ten: Sở Tư pháp", "ten: Sở Y tế", ("changed", "CQ-TP")),
    ],
)
def test_against_the_last_release(
    folders: tuple[Path, Path],
    released_list: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    name: str,
    before: str,
    after: str,
    found: tuple[str, str] | None,
) -> None:
    """What `make check` runs; each mutation of the catalogue fails it as it should."""
    assert kinds((released_list, folders[1]), capsys) == (0, [])
    edit(folders[1], before, after, name)
    code, changes = kinds((released_list, folders[1]), capsys)
    if found is None:
        assert (code, changes) == (0, [])
        return
    assert changes[0] == found
    assert code == int(found[0] in {"removed", "reused", "changed"})


def test_a_unit_of_measure_may_become_known(
    folders: tuple[Path, Path], released_list: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = released_list.read_text("utf-8").replace("\tSố ca sinh\tca\n", "\tSố ca sinh\n")
    released_list.write_text(text, encoding="utf-8")
    assert kinds((released_list, folders[1]), capsys) == (0, [])


def test_this_catalogue_keeps_what_was_released(capsys: pytest.CaptureFixture[str]) -> None:
    """As `make check` asks it, on the catalogue that ships."""
    folder = mirror.packaged()
    assert main(["catalog", "diff", str(folder / released.FILE), str(folder)]) == 0
    assert "0 lỗi" in capsys.readouterr().out


REQUEST = """\
ma: YC-2026-001
loai: chuyen_de
ten: Báo cáo thử
co_quan: CQ-TP
so: 1/STP
ngay: '2026-11-20'
ky: 2026-11
han: '2026-11-30T17:00:00+07:00'
noi_nhan: [CQ-TP]
bo_du_lieu: [KDL-D-001]
"""


def test_what_was_issued_is_compared_too(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = folders
    path = new / mirror.ISSUED / "YC-2026-001.yaml"
    path.parent.mkdir()
    path.write_text(REQUEST, encoding="utf-8")
    assert kinds(folders, capsys) == (0, [("added", "YC-2026-001")])
    assert kinds((new, old), capsys) == (1, [("removed", "YC-2026-001")])
    shutil.copytree(path.parent, old / mirror.ISSUED)
    path.write_text(REQUEST.replace("11-30T17", "11-29T17"), encoding="utf-8")
    assert kinds(folders, capsys) == (1, [("changed", "YC-2026-001")])
    path.write_text(REQUEST, encoding="utf-8")
    ended = "ma: YC-2026-001\nso: 2/STP\nngay: '2026-11-21'\nly_do: thử\n"
    path.with_name("YC-2026-001.rut.yaml").write_text(ended, encoding="utf-8")
    assert kinds(folders, capsys) == (0, [("retired", "YC-2026-001")])
