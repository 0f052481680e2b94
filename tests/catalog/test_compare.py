"""Two versions of the catalogue: what may change, and what is an error."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import catalog_small
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
