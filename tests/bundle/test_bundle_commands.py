"""The commands as a person or a script runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from iocsl.catalog import mirror
from iocsl.cli import main

ROWS = "ma_chi_tieu,ky_bao_cao,gia_tri\r\nKDL-M-016.001,2026-10,12\r\n"
NAME = "KDL-M-016_2026-10.csv"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mirror of the packaged catalogue, built once for this module."""
    path = tmp_path_factory.mktemp("danh-muc") / mirror.MIRROR
    mirror.build_in_child(mirror.packaged(), path)
    return path


@pytest.fixture(autouse=True)
def desk(built: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk with test keys and one good file; the current folder."""
    home.mkdir(parents=True)
    shutil.copy(built, home / mirror.MIRROR)
    (tmp_path / NAME).write_text(ROWS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IOCSL_PASSPHRASE", raising=False)
    assert main(["bundle", "keys", "test", "--dir", "khoa", "--unit", "CQ-TC"]) == 0
    return tmp_path


def signing(step: int) -> list[str]:
    return ["--key", f"khoa/buoc-{step}.p12", "--passphrase-file", "khoa/mat-khau.txt"]


def create(*more: str) -> int:
    options = ["--unit", "CQ-TC", "--khong-mat", "-o", "goi.asice", *signing(1)]
    return main(["bundle", "create", NAME, *options, *more])


def approve_all() -> None:
    assert create() == 0
    assert main(["bundle", "review", "goi.asice", *signing(2)]) == 0
    assert main(["bundle", "approve", "goi.asice", *signing(3)]) == 0


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_three_desks_one_bundle(capsys: pytest.CaptureFixture[str]) -> None:
    approve_all()
    capsys.readouterr()
    assert main(["bundle", "verify", "goi.asice", "--format", "json"]) == 0
    document = said(capsys)
    assert list(document) == [
        *("verdict", "profile", "identity", "unit", "dataset", "period", "sequence"),
        *("steps", "refusals"),
    ]
    assert (document["verdict"], document["profile"]) == ("valid", "thu-nghiem")
    assert [step["role"] for step in document["steps"]] == ["prepared", "reviewed", "approved"]
    assert all(step["signed_at"].endswith("+07:00") for step in document["steps"])
    assert list(document["steps"][0]) == [
        *("step", "role", "person", "unit", "signed_at", "algorithm", "timestamp"),
    ]


def test_verify_in_a_fresh_process(desk: Path) -> None:
    """What a module registers as it is imported must not depend on who imported it before."""
    approve_all()
    done = subprocess.run(
        [sys.executable, "-m", "iocsl", "bundle", "verify", "goi.asice"],
        cwd=desk,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "HỢP LỆ (thu-nghiem)" in done.stdout


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_signed_is_shown_first(capsys: pytest.CaptureFixture[str], language: str) -> None:
    assert create("--lang", language) == 0
    shown = capsys.readouterr()
    for word in ("KDL-M-016", "Sở Tài chính", "2026-10", NAME):
        assert word in shown.err
    sign = "Ký bước 1" if language == "vi" else "Signing step 1"
    assert shown.err.index("2026-10") < shown.err.index(sign)
    assert shown.out.strip().endswith("goi.asice")


def test_show_is_one_screen(capsys: pytest.CaptureFixture[str]) -> None:
    approve_all()
    capsys.readouterr()
    assert main(["bundle", "show", "goi.asice"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 100
    assert main(["bundle", "show", "goi.asice", "--format", "json"]) == 0
    document = said(capsys)
    assert document["rows"] == 1
    assert document["verification"]["verdict"] == "valid"
    assert [each["decision"] for each in document["decisions"]] == ["dong-y"] * 3


@pytest.mark.parametrize(("language", "size"), [("vi", "1.061 byte"), ("en", "1,061 byte")])
def test_sizes_are_written_as_they_are_read(
    desk: Path, capsys: pytest.CaptureFixture[str], language: str, size: str
) -> None:
    (desk / "kem.txt").write_bytes(b"x" * 1061)
    assert create("--attach", "kem.txt", "--lang", language) == 0
    assert main(["bundle", "show", "goi.asice", "--lang", language]) == 0
    shown = capsys.readouterr()
    assert size in shown.out
    assert size in shown.err


def test_secrecy_must_be_declared(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--unit", "CQ-TC", "-o", "goi.asice", *signing(1)]
    assert main(["bundle", "create", NAME, *options]) == 7
    assert "--khong-mat" in capsys.readouterr().err
    assert not (desk / "goi.asice").exists()
    assert main(["bundle", "create", NAME, *options, "--not-secret"]) == 0


def test_a_file_with_errors_is_not_bundled(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / NAME).write_text(ROWS.replace("KDL-M-016.001", "SAI"), encoding="utf-8")
    assert create() == 1
    assert "iocsl validate" in capsys.readouterr().err
    assert not (desk / "goi.asice").exists()


@pytest.mark.parametrize("how", ["file", "variable"])
def test_a_wrong_passphrase_changes_nothing(
    desk: Path, how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert create() == 0
    before = (desk / "goi.asice").read_bytes()
    options = ["--key", "khoa/buoc-2.p12"]
    if how == "file":
        (desk / "sai.txt").write_text("sai\n", encoding="utf-8")
        (desk / "sai.txt").chmod(0o600)
        options += ["--passphrase-file", "sai.txt"]
    else:
        monkeypatch.setenv("IOCSL_PASSPHRASE", "mật khẩu sai")
    assert main(["bundle", "review", "goi.asice", *options]) == 4
    assert "mật khẩu sai" not in "".join(capsys.readouterr())
    assert (desk / "goi.asice").read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights in access lists")
def test_a_passphrase_file_that_others_can_read_is_refused(desk: Path) -> None:
    (desk / "khoa" / "mat-khau.txt").chmod(0o644)
    assert create() == 3


def test_without_a_passphrase_or_a_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, encoding="utf-8") as nothing:  # noqa: PTH123 - a device, not a path
        monkeypatch.setattr(sys, "stdin", nothing)
        options = ["--unit", "CQ-TC", "--khong-mat", "--key", "khoa/buoc-1.p12"]
        assert main(["bundle", "create", NAME, *options]) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["create", "khong-co.csv", "--khong-mat"], 2),
        (["create", "khoa", "--khong-mat"], 2),
        (["create", NAME, "--khong-mat", "-o", "goi.docx"], 2),
        (["create", NAME, "--khong-mat", "--unit", "Sở Không Có"], 2),
        (["create", NAME, "--khong-mat", "--dataset", "KDL-M-999"], 3),
        (["create", NAME, "--khong-mat", "--supersedes", "khong-co.asice"], 2),
        (["create", "khoa/ca.pem", "--khong-mat"], 2),
        (["review", "khong-co.asice"], 2),
        (["review", NAME], 4),
    ],
)
def test_bad_input_is_told_on_one_screen(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--unit" not in arguments and arguments[0] == "create":
        arguments = [*arguments, "--unit", "CQ-TC"]
    assert main(["bundle", *arguments, *signing(1)]) == code
    told = capsys.readouterr().err
    assert "Chưa làm được" in told
    assert "Traceback" not in told
    assert len(told.splitlines()) <= 24


@pytest.mark.parametrize("name", ["khong-co.p12", "khoa", NAME, "token:1"])
def test_a_key_that_is_none(name: str) -> None:
    options = ["--unit", "CQ-TC", "--khong-mat", "--key", name]
    assert main(["bundle", "create", NAME, *options]) == 2


@pytest.mark.parametrize("name", ["khong-co.asice", "."])
@pytest.mark.parametrize("act", ["review", "approve", "return", "export", "sheet"])
def test_a_bundle_that_is_not_there(
    capsys: pytest.CaptureFixture[str], act: str, name: str
) -> None:
    options = {
        "export": ["--certificate", "khoa/buoc-2.pem"],
        "sheet": ["--certificate", "khoa/buoc-2.pem"],
        "return": [*signing(2), "--reason", "sai số"],
    }
    assert main(["bundle", act, name, *options.get(act, signing(2))]) == 2
    assert f"“{name}”" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["return", "goi.asice", *signing(3), "--reason", "sai số"],
        ["export", "goi.asice", "--certificate", "khoa/buoc-3.pem"],
        ["sheet", "goi.asice", "--certificate", "khoa/buoc-3.pem"],
        ["attach", "goi.asice", NAME],
    ],
)
def test_after_the_third_step_there_is_none(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    approve_all()
    assert main(["bundle", *arguments]) == 2
    told = capsys.readouterr().err
    assert "đã có bước 3" in told
    assert "bước 4" not in told


def test_a_key_elsewhere_is_not_asked_to_sign(capsys: pytest.CaptureFixture[str]) -> None:
    assert create() == 0
    assert main(["bundle", "review", "goi.asice", "--key", "external"]) == 2
    assert "bundle export" in capsys.readouterr().err


def test_return_wants_a_reason_and_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert create() == 0
    assert main(["bundle", "return", "goi.asice", *signing(2), "--reason", " "]) == 2
    reason = ["--reason", "Thiếu số liệu chợ Chiềng An"]
    assert main(["bundle", "return", "goi.asice", *signing(2), *reason]) == 0
    capsys.readouterr()
    assert main(["bundle", "verify", "goi.asice"]) == 4
    assert "Thiếu số liệu chợ Chiềng An" in capsys.readouterr().out
    assert main(["bundle", "review", "goi.asice", *signing(2)]) == 4


def test_the_correction_names_what_it_replaces(capsys: pytest.CaptureFixture[str]) -> None:
    assert create() == 0
    assert main(["bundle", "return", "goi.asice", *signing(2), "--reason", "Sai"]) == 0
    capsys.readouterr()
    assert main(["bundle", "show", "goi.asice", "--format", "json"]) == 0
    first = said(capsys)
    Path("goi.asice").rename("cu.asice")
    assert create("--supersedes", "cu.asice") == 0
    capsys.readouterr()
    assert main(["bundle", "show", "goi.asice", "--format", "json"]) == 0
    second = said(capsys)
    assert (second["sequence"], second["supersedes"]) == (2, first["identity"])


def test_undecided_is_not_success(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under the official profile a signature that no time-stamp dates proves nothing."""
    approve_all()
    index = home / "trust" / "index.json"
    index.write_text(index.read_text("utf-8").replace("thu-nghiem", "chinh-thuc"), "utf-8")
    capsys.readouterr()
    assert main(["bundle", "verify", "goi.asice", "--format", "json"]) == 8
    document = said(capsys)
    assert (document["verdict"], document["profile"]) == ("undecided", "chinh-thuc")
    assert {each["code"] for each in document["refusals"]} == {"B701"}
    (home / "trust" / "index.json").write_text(without_lists(index.read_text("utf-8")), "utf-8")
    assert main(["bundle", "verify", "goi.asice", "--format", "json"]) == 8
    assert {each["code"] for each in said(capsys)["refusals"]} == {"B701", "B704"}


def without_lists(text: str) -> str:
    """The index of the trust store without its revocation lists."""
    index = json.loads(text)
    return json.dumps({**index, "list": [e for e in index["list"] if e["kind"] != "crl"]})


def test_test_keys_are_not_made_twice(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make = ["bundle", "keys", "test", "--dir", "khoa", "--unit", "CQ-TC"]
    assert main(make) == 2
    assert main([*make, "--force"]) == 0
    capsys.readouterr()
    assert main(["trust", "list", "--format", "json"]) == 0
    listed = [(each["kind"], each["profile"]) for each in said(capsys)]
    assert listed == [(kind, "thu-nghiem") for kind in ("anchor", "tsa", "crl")]
    assert main(["signers", "list", "--format", "json"]) == 0
    assert [each["steps"] for each in said(capsys)] == [[1], [2], [3]]
    if os.name == "posix":
        assert (Path("khoa") / "mat-khau.txt").stat().st_mode & 0o077 == 0
        assert (Path("khoa") / "buoc-1.p12").stat().st_mode & 0o077 == 0


def test_a_test_issuer_is_never_trusted_for_real() -> None:
    assert main(["trust", "add", "khoa/ca.pem", "--profile", "chinh-thuc"]) == 2
    assert main(["trust", "add", "khoa/ca.pem", "--profile", "khac"]) == 2
    assert main(["trust", "add", "khoa/buoc-1.pem", "--profile", "thu-nghiem"]) == 2
    assert main(["trust", "add", NAME, "--profile", "thu-nghiem"]) == 2


def test_a_changed_trust_file_is_not_believed(home: Path) -> None:
    approve_all()
    for file in (home / "trust").glob("*.pem"):
        file.write_bytes(Path("khoa/buoc-1.pem").read_bytes())
    assert main(["bundle", "verify", "goi.asice"]) == 4


def test_signers_are_registered_with_a_basis(capsys: pytest.CaptureFixture[str]) -> None:
    add = ["signers", "add", "khoa/buoc-1.pem", "--unit", "CQ-YT", "--step", "1", "--person"]
    assert main([*add, "Lò Thị Hương", "--basis", " "]) == 2
    # One certificate belongs to one person, whatever the unit.
    assert main([*add, "Lò Thị Hương", "--basis", "QĐ 12/QĐ-SYT"]) == 2
    name = ["THỬ NGHIỆM Người nhập liệu", "--id", "thu-nghiem-nguoi-nhap"]
    assert main([*add, *name, "--basis", "QĐ 12/QĐ-SYT", "--from", "1/12/2026"]) == 0
    capsys.readouterr()
    assert main(["signers", "list", "--format", "json"]) == 0
    assert said(capsys)[-1]["from"] == "2026-12-01"
    assert main(["signers", "check"]) == 1
    assert "CQ-YT" in capsys.readouterr().out


def test_a_workbook_given_for_a_bundle_is_told_from_a_bad_bundle(
    capsys: pytest.CaptureFixture[str],
) -> None:
    book = openpyxl.Workbook()
    book.save("so-lieu.xlsx")
    assert main(["bundle", "verify", "so-lieu.xlsx", "--format", "json"]) == 4
    (reason,) = said(capsys)["refusals"]
    assert reason["code"] == "B101"
    assert "Excel" in reason["message"]
    assert main(["bundle", "show", "so-lieu.xlsx"]) == 4
    assert "B101" in capsys.readouterr().err


def test_a_broken_register_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    register = home / "signers.yaml"
    register.write_text(register.read_text("utf-8").replace("buoc:", "bước:", 1), "utf-8")
    assert main(["signers", "list"]) == 3
    assert "nguoi_ky 1: buoc" in capsys.readouterr().err


def test_audit_shows_and_verifies(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    approve_all()
    capsys.readouterr()
    assert main(["audit", "show", "--format", "json"]) == 0
    acts = [entry["act"] for entry in said(capsys)]
    assert acts[-3:] == ["bundle.create", "bundle.review", "bundle.approve"]
    assert main(["audit", "verify", "goi.asice", "--format", "json"]) == 0
    assert said(capsys)["valid"] is True
    (home / "ledger.sqlite").unlink()
    for left in home.glob("ledger.sqlite-*"):
        left.unlink()
    assert main(["audit", "verify", "goi.asice"]) == 4


def test_no_secret_is_written_down(home: Path, desk: Path) -> None:
    approve_all()
    secret = (desk / "khoa" / "mat-khau.txt").read_text("utf-8").strip().encode()
    written = [path for path in home.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if secret in path.read_bytes()]


def test_time_stamps_from_the_test_authority(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IOCSL_SIGNING_TSA_URL", "thu-nghiem:khoa")
    approve_all()
    capsys.readouterr()
    assert main(["bundle", "verify", "goi.asice", "--format", "json"]) == 0
    assert all(step["timestamp"] for step in said(capsys)["steps"])


def test_a_time_stamp_may_come_later(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The authority is away: the signature stands, the next step waits, the stamp is added."""
    index = home / "trust" / "index.json"
    index.write_text(index.read_text("utf-8").replace("thu-nghiem", "chinh-thuc"), "utf-8")
    monkeypatch.setenv("IOCSL_SIGNING_TSA_URL", "thu-nghiem:khong-co")
    assert create() == 0
    assert "iocsl bundle attach goi.asice --timestamp" in capsys.readouterr().err
    assert main(["bundle", "attach", "goi.asice", "--timestamp"]) == 5
    capsys.readouterr()
    assert main(["bundle", "review", "goi.asice", *signing(2)]) == 8
    assert "iocsl bundle attach" in capsys.readouterr().err
    monkeypatch.setenv("IOCSL_SIGNING_TSA_URL", "thu-nghiem:khoa")
    assert main(["bundle", "attach", "goi.asice", "--timestamp"]) == 0
    assert main(["bundle", "attach", "goi.asice", "--timestamp"]) == 2
    assert main(["bundle", "review", "goi.asice", *signing(2)]) == 0
    assert main(["bundle", "approve", "goi.asice", *signing(3)]) == 0
    capsys.readouterr()
    assert main(["bundle", "verify", "goi.asice", "--format", "json"]) == 0
    document = said(capsys)
    assert (document["verdict"], document["profile"]) == ("valid", "chinh-thuc")


def test_a_revocation_list_is_taken_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trust", "update", "khoa/thu-hoi.crl"]) == 0
    assert main(["trust", "update", "khoa/ca.pem"]) == 2
    assert main(["trust", "update", "khong-co.crl"]) == 2
    make = ["bundle", "keys", "test", "--dir", "khac", "--unit", "CQ-TC", "--home", "nha-khac"]
    shutil.copytree("nha", "nha-khac")
    assert main(make) == 0
    assert main(["trust", "update", "khac/thu-hoi.crl"]) == 2


def test_a_key_in_another_program(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--unit", "CQ-TC", "--khong-mat", "-o", "goi.asice", "--key", "external"]
    assert main(["bundle", "create", NAME, *options]) == 0
    assert "iocsl bundle export goi.asice" in capsys.readouterr().err
    export = ["bundle", "export", "goi.asice", "--certificate", "khoa/buoc-1.pem"]
    assert main([*export, "--format", "json"]) == 0
    told = said(capsys)
    assert told["step"] == 1
    assert (desk / told["manifest"]).read_bytes().startswith(b"<?xml")
    assert main(["bundle", "attach", "goi.asice"]) == 2
    assert main(["bundle", "attach", "goi.asice", "khong-co.p7s"]) == 2
    assert main(["bundle", "attach", "goi.asice", NAME]) == 4
    assert main(["bundle", "export", "goi.asice", "--certificate", "khoa/buoc-2.pem"]) == 4
    assert main([*export, "--reason", " "]) == 2
    assert main(["bundle", "verify", "goi.asice"]) == 4
