"""A signed snapshot into a home: newer and true, or nothing; killed at any line, old or new."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import catalog_small
import warehouse_parts
from iocsl import config
from iocsl.catalog import build as builder
from iocsl.catalog import mirror, open_catalogue, snapshot
from iocsl.cli import main
from iocsl.errors import IocslError
from iocsl.warehouse.api import build
from iocsl.warehouse.intake import Intake
from iocsl.warehouse.keys import Keys
from iocsl.warehouse.published import Published, catalogue_snapshot, in_use

Small = Callable[[int], Path]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    (tmp_path / "kho").mkdir()
    return Keys.make(tmp_path / "kho", test=True)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A small catalogue of that version."""

    def write(version: int) -> Path:
        folder = catalog_small.write(tmp_path / f"v{version}")
        catalog_small.edit(folder, "phu_luc.yaml", "phien_ban: 0", f"phien_ban: {version}")
        return folder

    return write


def signed(keys: Keys, folder: Path, version: int) -> str:
    return keys.sign_catalogue(snapshot.payload(folder, version, test=True))


def take(keys: Keys, folder: Path, version: int) -> bool:
    current = open_catalogue()
    given = snapshot.read(signed(keys, folder, version), keys.public())
    return snapshot.take_in(config.home(), given, current.version, current.digest)


def refused(code: str, call: Callable[[], Any]) -> IocslError:
    with pytest.raises(IocslError) as caught:
        call()
    assert caught.value.code == code
    return caught.value


def test_a_newer_version_comes_into_use_and_an_older_is_refused(keys: Keys, small: Small) -> None:
    assert open_catalogue().version == 0
    assert take(keys, small(2), 2)
    assert open_catalogue().version == 2
    assert [each.code for each in open_catalogue().datasets()] == ["KDL-D-001", "KDL-D-002"]
    assert not take(keys, small(2), 2)
    error = refused("lower-version", lambda: take(keys, small(1), 1))
    assert int(error.exit_code) == 4
    assert take(keys, small(3), 3)
    assert open_catalogue().version == 3
    assert len(list((config.home() / mirror.SYNCED).iterdir())) == 1


def test_the_same_version_with_other_content_is_refused(keys: Keys, small: Small) -> None:
    assert take(keys, small(2), 2)
    other = small(2)
    catalog_small.edit(other, "don_vi.yaml", "can_cu: Quyết", "can_cu: Theo Quyết")
    refused("same-version", lambda: take(keys, other, 2))


def test_another_key_and_an_altered_payload_are_refused(
    keys: Keys, small: Small, tmp_path: Path
) -> None:
    (tmp_path / "khac").mkdir()
    other = Keys.make(tmp_path / "khac", test=True)
    jws = signed(other, small(2), 2)
    error = refused("snapshot-altered", lambda: snapshot.read(jws, keys.public()))
    assert int(error.exit_code) == 4
    head, body, signature = signed(keys, small(2), 2).split(".")
    cut = ".".join([head, body[:-4], signature])
    refused("snapshot-altered", lambda: snapshot.read(cut, keys.public()))


def test_a_receipt_is_no_catalogue(keys: Keys, small: Small) -> None:
    jws = keys.sign(snapshot.payload(small(2), 2, test=True))
    refused("snapshot-altered", lambda: snapshot.read(jws, keys.public()))


@pytest.mark.parametrize("name", ["../ra.yaml", "/etc/x.yaml", "a/b.yaml", "x.py", ".an.yaml"])
def test_a_name_that_leads_out_is_refused(keys: Keys, small: Small, name: str) -> None:
    body = snapshot.payload(small(2), 2, test=True)
    body["files"][name] = "a: 1"
    jws = keys.sign_catalogue(body)
    refused("snapshot-altered", lambda: snapshot.read(jws, keys.public()))


def test_files_that_fail_the_checks_leave_what_was_there(keys: Keys, small: Small) -> None:
    bad = small(2)
    catalog_small.edit(bad, "phu_luc.yaml", "mau: ban_ghi", "mau: khong_co")
    refused("unknown-schema-in-catalogue", lambda: take(keys, bad, 2))
    assert open_catalogue().version == 0
    assert not (config.home() / mirror.POINTER).exists()


def test_killed_before_the_pointer_the_old_one_stays(
    keys: Keys, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step may be the last; the next run finishes the work."""
    assert take(keys, small(2), 2)
    for step in ("_lay_down", "_try_out", "write_whole"):
        whole = getattr(snapshot, step)

        def die(*given: Any, step: str = step, whole: Any = whole) -> None:
            if step == "write_whole" and given[0].name != mirror.POINTER:
                whole(*given)
                return
            raise KeyboardInterrupt

        monkeypatch.setattr(snapshot, step, die)
        with pytest.raises(KeyboardInterrupt):
            take(keys, small(3), 3)
        monkeypatch.setattr(snapshot, step, whole)
        assert open_catalogue().version == 2
    assert take(keys, small(3), 3)
    assert open_catalogue().version == 3


def test_a_pointer_to_nothing_is_told_and_not_passed_over(keys: Keys, small: Small) -> None:
    assert take(keys, small(2), 2)
    shutil.rmtree(config.home() / mirror.SYNCED)
    refused("synced-catalogue-damaged", open_catalogue)


def test_a_version_that_was_edited_since_is_told_and_taken_in_again(
    keys: Keys, small: Small
) -> None:
    assert take(keys, small(2), 2)
    (folder,) = (config.home() / mirror.SYNCED).iterdir()
    catalog_small.edit(folder, "phu_luc.yaml", "Dữ liệu khai sinh", "Dữ liệu khai tử")
    error = refused("synced-catalogue-damaged", open_catalogue)
    assert error.hint is not None
    assert mirror.POINTER in error.hint.vi
    (config.home() / mirror.POINTER).unlink()  # as the hint says
    assert take(keys, small(2), 2)
    assert open_catalogue().dataset("KDL-D-001").name == "Dữ liệu khai sinh"


def test_a_tool_with_a_newer_catalogue_goes_before(
    keys: Keys, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert take(keys, small(2), 2)
    monkeypatch.setattr(mirror, "packaged_version", lambda: 5)
    assert mirror.synced() is None


def test_packaged_version_is_read_from_the_head_of_the_file() -> None:
    pointer = json.dumps(mirror.packaged_version())
    assert pointer == str(open_catalogue().version)


def test_the_command_takes_in_what_a_warehouse_serves(
    small: Small,
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = warehouse_parts.opened(tmp_path / "kho")
    serving: list[tuple[str, bytes]] = []

    def publish(folder: Path) -> None:
        with monkeypatch.context() as other:
            other.setenv("IOCSL_HOME", str(tmp_path / "may-chu"))
            other.setenv("IOCSL_CATALOG", str(folder))
            serving[:] = [catalogue_snapshot(store.keys)]

    def sync() -> tuple[int, Any]:
        code = main(["catalog", "sync", "--format", "json"])
        return code, json.loads(capsys.readouterr().out)

    publish(small(2))
    intake = Intake(store, warehouse_parts.PlainJudge())
    with store:
        with warehouse_parts.listening(build(intake, lambda: serving[0])) as url:
            running = warehouse_parts.Running(store, intake, url)
            running.account(home)
            code, told = sync()
            assert (code, told["before"], told["version"], told["changed"]) == (0, 0, 2, True)
            code, told = sync()
            assert (code, told["changed"]) == (0, False)
            publish(small(1))
            code, told = sync()
            assert (code, told["error"]["code"]) == (4, "lower-version")
        code, told = sync()
        assert code == 5
        assert "catalog sync" in told["error"]["hint"]
        assert open_catalogue().version == 2


def test_the_whole_catalogue_fits_a_snapshot(keys: Keys) -> None:
    """The library that checks signatures is made for short tokens."""
    whole = snapshot.read(signed(keys, mirror.packaged(), 1), keys.public())
    assert whole.files["phu_luc.yaml"] == (mirror.packaged() / "phu_luc.yaml").read_text("utf-8")


REQUEST = """\
ma: {code}
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


def issued(folder: Path, *codes: str, title: str = "Báo cáo thử") -> Path:
    for code in codes:
        path = folder / mirror.ISSUED / f"{code}.yaml"
        path.parent.mkdir(exist_ok=True)
        text = REQUEST.format(code=code).replace("Báo cáo thử", title)
        path.write_text(text, encoding="utf-8")
    return folder


def codes() -> list[str]:
    return [each["code"] for each in open_catalogue().document(mirror.ISSUED)["requests"]]


def test_what_was_issued_comes_with_the_catalogue_and_makes_it_newer(
    keys: Keys, small: Small
) -> None:
    assert take(keys, issued(small(0), "YC-2026-001"), 1)
    assert (open_catalogue().version, codes()) == (1, ["YC-2026-001"])
    assert take(keys, issued(small(0), "YC-2026-001", "YC-2026-002"), 2)
    assert (open_catalogue().version, codes()) == (2, ["YC-2026-001", "YC-2026-002"])


def test_what_was_issued_is_never_taken_back_or_changed(
    keys: Keys, small: Small, tmp_path: Path
) -> None:
    assert take(keys, issued(small(0), "YC-2026-001"), 1)
    other = catalog_small.write(tmp_path / "khac")
    refused("issued-record-changed", lambda: take(keys, issued(other, "YC-2026-002"), 2))
    changed = issued(other, "YC-2026-001", title="Báo cáo khác")
    error = refused("issued-record-changed", lambda: take(keys, changed, 2))
    assert "YC-2026-001" in error.message.vi
    assert codes() == ["YC-2026-001"]


def test_a_tool_that_was_updated_keeps_what_was_issued(
    keys: Keys, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert take(keys, issued(small(0), "YC-2026-001"), 1)
    newer = small(5)
    monkeypatch.setattr(mirror, "packaged", lambda: newer)
    # Here and not in a child, which would not know of the newer tool.
    monkeypatch.setattr(mirror, "build_in_child", builder.build)
    assert mirror.folder() == newer
    assert (open_catalogue().version, codes()) == (6, ["YC-2026-001"])


def test_a_warehouse_that_runs_serves_a_request_as_soon_as_it_is_issued(
    keys: Keys, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small(2)
    monkeypatch.setenv("IOCSL_CATALOG", str(folder))
    served = Published(keys)
    before = served()
    assert served() is before
    issued(folder, "YC-2026-001")
    etag, body = served()
    assert etag != before[0]
    assert json.loads(body)["version"] == 3
    path = folder / mirror.ISSUED / "YC-2026-001.yaml"
    path.write_text("ma: hong\n", encoding="utf-8")
    assert served() == (etag, body)
    assert in_use().version == 3
