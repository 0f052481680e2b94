"""The mirror: built when it must be, swapped in whole, read without heavy packages."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import catalog_small
from iocsl.catalog import Catalogue, mirror, open_catalogue
from iocsl.catalog.build import build
from iocsl.errors import IocslError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = catalog_small.write(tmp_path / "danh muc")
    monkeypatch.setenv("IOCSL_CATALOG", str(path))
    return path


def test_built_once_and_read_again(folder: Path, home: Path) -> None:
    assert open_catalogue().dataset("KDL-D-001").name == "Dữ liệu khai sinh"
    path = home / mirror.MIRROR
    before = path.stat().st_mtime_ns
    assert open_catalogue().datasets()[0].code == "KDL-D-001"
    assert path.stat().st_mtime_ns == before


def test_built_anew_when_a_file_changed(folder: Path) -> None:
    digest = open_catalogue().digest
    catalog_small.edit(folder, "phu_luc.yaml", "    ten: Dữ liệu khai sinh", "    ten: Khai sinh")
    catalogue = open_catalogue()
    assert catalogue.dataset("KDL-D-001").name == "Khai sinh"
    assert catalogue.digest != digest


def test_built_anew_when_a_schema_was_added(folder: Path) -> None:
    assert open_catalogue().schemas() == ["ban_ghi"]
    text = catalog_small.SCHEMA.replace("ban_ghi", "khac")
    (folder / "schemas" / "khac.yaml").write_text(text, encoding="utf-8")
    assert open_catalogue().schemas() == ["ban_ghi", "khac"]


@pytest.mark.parametrize("damage", [b"", b"SQLite format 3\0", b"x" * 5000])
def test_a_damaged_mirror_is_built_anew(folder: Path, home: Path, damage: bytes) -> None:
    open_catalogue()
    (home / mirror.MIRROR).write_bytes(damage)
    assert open_catalogue().dataset("KDL-D-001").code == "KDL-D-001"


def test_a_truncated_mirror_is_built_anew(folder: Path, home: Path) -> None:
    open_catalogue()
    path = home / mirror.MIRROR
    path.write_bytes(path.read_bytes()[:9000])
    assert len(open_catalogue().datasets()) == 2


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM datasets",
        "DROP TABLE datasets",
        "ALTER TABLE datasets RENAME COLUMN body TO than",
        "UPDATE datasets SET body = '{}'",
    ],
)
def test_a_mirror_that_was_altered_is_built_anew(folder: Path, home: Path, change: str) -> None:
    open_catalogue()
    altered = sqlite3.connect(home / mirror.MIRROR)
    with altered:
        altered.execute(change)
    altered.close()
    assert [each.code for each in open_catalogue().datasets()] == ["KDL-D-001", "KDL-D-002"]


def test_a_page_that_was_overwritten_is_built_anew(folder: Path, home: Path) -> None:
    open_catalogue()
    path = home / mirror.MIRROR
    data = bytearray(path.read_bytes())
    at = data.index("Dữ liệu khai sinh".encode())
    data[at : at + 4] = b"XXXX"
    path.write_bytes(data)
    assert open_catalogue().dataset("KDL-D-001").name == "Dữ liệu khai sinh"


def test_a_refusal_crosses_from_the_building_process(folder: Path, home: Path) -> None:
    open_catalogue()
    before = (home / mirror.MIRROR).read_bytes()
    catalog_small.edit(folder, "phu_luc.yaml", "don_vi: CQ-TP", "don_vi: CQ-KHONG")
    with pytest.raises(IocslError) as caught:
        open_catalogue()
    assert caught.value.code == "unknown-unit-in-catalogue"
    assert "phu_luc.yaml, dòng" in caught.value.message.vi
    assert "phu_luc.yaml, line" in caught.value.message.en
    assert caught.value.hint is not None
    assert (home / mirror.MIRROR).read_bytes() == before


def test_missing_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IOCSL_CATALOG", str(tmp_path / "khong"))
    with pytest.raises(IocslError) as caught:
        open_catalogue()
    assert caught.value.code == "no-catalogue"


def child(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "iocsl.catalog.build", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_builders_at_the_same_time(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "nha" / mirror.MIRROR
    builders = [child(str(folder), str(target), "--force") for _ in range(4)]
    assert [builder.wait() for builder in builders] == [0, 0, 0, 0]
    for builder in builders:
        builder.communicate()
    assert mirror.read_mirror(target) is not None
    assert not target.with_suffix(".new").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
@pytest.mark.parametrize("stage", ["_write", "_sync", "_swap"])
def test_a_kill_leaves_the_old_or_the_new(folder: Path, tmp_path: Path, stage: str) -> None:
    target = tmp_path / "nha" / mirror.MIRROR
    build(folder, target)
    before = target.read_bytes()
    catalog_small.edit(folder, "phu_luc.yaml", "    ten: Dữ liệu khai sinh", "    ten: Khai sinh")
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from iocsl.catalog import build\n"
        f"done = build.{stage}\n"
        "def killed(*arguments):\n"
        "    done(*arguments)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"build.{stage} = killed\n"
        "build.build(Path(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, folder, target], check=False)
    assert killed.returncode == -signal.SIGKILL
    if stage == "_swap":
        after = mirror.read_mirror(target)
        assert after is not None
        assert after.dataset("KDL-D-001").name == "Khai sinh"
    else:
        assert target.read_bytes() == before
    build(folder, target)
    assert not target.with_suffix(".new").exists()


def test_reading_loads_nothing_heavy(catalogue: Catalogue) -> None:
    program = (
        "import sys, json\n"
        "from iocsl.catalog import open_catalogue\n"
        "c = open_catalogue()\n"
        "c.datasets(); c.find_unit('CQ-TC'); c.search('dat'); c.indicators('KDL-M-016')\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & {"pandas", "sqlite_utils", "pydantic", "yaml", "openpyxl", "filelock"}


def test_digest_does_not_depend_on_line_ends(tmp_path: Path) -> None:
    unix = catalog_small.write(tmp_path / "a")
    windows = catalog_small.write(tmp_path / "b")
    for path in mirror.files(windows):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert mirror.digest(unix) == mirror.digest(windows)
