"""Requests and notices: issued once, seen everywhere, met by a submission, never changed."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import catalog_small
from iocsl import clock, config
from iocsl.catalog import issuing, mirror, open_catalogue
from iocsl.catalog.contents import load
from iocsl.cli import main
from iocsl.deadlines import Readings, Timetable, Wanted, mark_of, obligations_of
from iocsl.deadlines.rules import period_of
from iocsl.deadlines.standing import Accepted, is_accepted, standing
from iocsl.domain import VIETNAM
from iocsl.errors import IocslError

AT = ("--at", "2026-11-22T08:00+07:00")
ASKED = (
    *("--from", "CQ-NNMT", "--document", "123/SNNMT", "--period", "2026-11-21"),
    *("--due", "2026-11-25T17:00", "--date", "2026-11-21"),
)
FORM = """\
chi_tieu:
  - ten: Số điểm trường bị ngập
    don_vi_tinh: điểm
  - ten: Thiệt hại ước tính
    don_vi_tinh: triệu đồng
"""
TABLE = """\
name: ngap
title: Điểm ngập
fields:
  - name: dia_diem
    title: Địa điểm
    type: string
    constraints: {required: true}
  - name: muc
    title: Mức
    type: string
    danh_muc: muc.csv
primaryKey: [dia_diem]
"""
NOTICE = ("--document", "9/TB", "--reason", "bảo trì", "--date", "2026-11-21")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main([*words, *AT, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def ask(capsys: pytest.CaptureFixture[str], tmp_path: Path, *more: str, form: str = FORM) -> Any:
    path = tmp_path / "bieu.yaml"
    path.write_text(form, encoding="utf-8")
    words = ("--kind", "dot_xuat", "--title", "Thiệt hại do mưa lũ", "--form", str(path))
    code, told = run(
        capsys, "catalog", "request", "add", *words, *ASKED, *(more or ("--to", "CQ-TC"))
    )
    assert code == 0, told
    return told


def timetable() -> Timetable:
    return Timetable(open_catalogue(), Readings.from_config(config.load()))


def test_a_request_is_an_entry_and_a_deadline_everywhere(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = ask(capsys, tmp_path, "--to", "CQ-TC", "--to", "X-03646")
    assert (told["code"], told["addressees"]) == ("YC-2026-001", ["CQ-TC", "X-03646"])
    id_ = "2023.thematic.YC-2026-001/2026-11-21"
    for unit in ("CQ-TC", "X-03646"):
        _, rows = run(capsys, "deadlines", "--unit", unit, "--dataset", "YC-2026-001")
        (row,) = rows
        assert (row["id"], row["unit"], row["datasets"]) == (id_, unit, ["YC-2026-001"])
        assert row["due_before"] == "2026-11-25T17:00:00+07:00"
        assert (row["rolled"], row["flags"]) == (False, ["on_request"])
        assert row["basis"] == "Điều 8.3; văn bản 123/SNNMT ngày 21/11/2026"
    _, rows = run(capsys, "deadlines", "--by", "dataset", "--dataset", "YC-2026-001")
    assert [row["unit"] for row in rows] == ["CQ-TC", "X-03646"]
    assert run(capsys, "deadlines", "--unit", "CQ-YT", "--dataset", "YC-2026-001")[1] == []
    code, told = run(capsys, "deadlines", "check", "--unit", "X-03646")
    assert (code, [each["id"] for each in told["near"]]) == (10, [id_])
    for asked in ("YC-2026-001", "yc-2026-001", id_, "2023.thematic.YC-2026-001"):
        _, page = run(capsys, "why", asked)
        assert (page["id"], page["kind"]) == (id_, "deadline")
        assert any("CQ-TC, X-03646" in line for line in page["lines"])
    _, entry = run(capsys, "catalog", "show", "YC-2026-001")
    assert (entry["periods"], entry["status"], entry["list"]) == (["day"], "active", None)
    _, listed = run(capsys, "catalog", "list", "--unit", "X-03646")
    assert [each["code"] for each in listed] == ["YC-2026-001"]


@pytest.mark.parametrize(("form", "mark"), [("csv", "YC-2026-001"), ("ics", "YC-2026-001@iocsl")])
def test_exports_hold_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, *, form: str, mark: str
) -> None:
    ask(capsys, tmp_path)
    out = tmp_path / f"han.{form}"
    words = ("--dataset", "YC-2026-001", "--format", form, "-o", str(out))
    assert main(["deadlines", *words, *AT]) == 0
    assert mark in out.read_text("utf-8-sig").replace("\r\n ", "")


def test_its_template_is_filled_in_and_found_right(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from openpyxl import load_workbook

    (tmp_path / "muc.csv").write_text("ma,ten\nnhe,Nhẹ\nnang,Nặng\n", encoding="utf-8")
    ask(capsys, tmp_path)
    ask(capsys, tmp_path, form=TABLE)
    for code, cells in (
        ("YC-2026-001", {"F5": 3, "F6": 4}),
        ("YC-2026-002", {"A5": "Bản A", "B5": "nang"}),
    ):
        path = tmp_path / f"{code}_2026-11-21.xlsx"
        words = ("--unit", "CQ-TC", "--period", "2026-11-21", "-o", str(path))
        assert main(["catalog", "template", code, *words]) == 0
        book = load_workbook(path)
        for cell, value in cells.items():
            book["Du_lieu"][cell] = value
        book.save(path)
        capsys.readouterr()
        assert main(["validate", str(path), "--format", "json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert {each["code"] for each in report["findings"]} <= {"C309"}
        assert (report["dataset"], report["period"]) == (code, "2026-11-21")


def test_a_file_of_another_unit_or_period_does_not_answer_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ask(capsys, tmp_path)
    path = tmp_path / "so-lieu.csv"
    lines = ("ma_chi_tieu,ky_bao_cao,gia_tri", "YC-2026-001.001,2026-11-20,3")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = ("validate", str(path), "--dataset", "YC-2026-001", "--format", "json")
    found = {}
    for unit, period in (("CQ-TC", "2026-11-21"), ("CQ-YT", "2026-11-20")):
        main([*words, "--unit", unit, "--period", period])
        report = json.loads(capsys.readouterr().out)
        found[unit] = {each["code"] for each in report["findings"]}
    assert not {"P506", "U601", "U603"} & found["CQ-TC"]
    assert {"P506", "U601"} <= found["CQ-YT"]


def test_the_template_knows_period_and_sender(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ask(capsys, tmp_path)
    path = tmp_path / "mau.xlsx"
    words = ("catalog", "template", "YC-2026-001", "-o", str(path), "--format", "json")
    assert main([*words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["unit"], told["period"]) == ("CQ-TC", "2026-11-21")


def test_each_unit_asked_must_send_its_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ask(capsys, tmp_path, "--to", "CQ-TC", "--to", "CQ-YT")
    times, now = timetable(), datetime(2026, 11, 26, 8, tzinfo=VIETNAM)
    dataset = times.catalogue.dataset("YC-2026-001")
    passed = standing(times, now, 0, Wanted(dataset=dataset)).passed
    assert [each.unit for each in passed] == ["CQ-TC", "CQ-YT"]
    sent = Accepted([("CQ-TC", "YC-2026-001", "2026-11-21")])
    assert [is_accepted(times, each, sent) for each in passed] == [True, False]
    period = period_of("2026-11-21")
    (owed,) = obligations_of(times, dataset, period, "CQ-TC")
    assert obligations_of(times, dataset, period, "CQ-KHCN") == []
    assert obligations_of(times, dataset, period_of("2026-11-20"), "CQ-TC") == []
    due = owed.due.due_before
    for at, mark in ((due - timedelta(seconds=1), "on_time"), (due, "late")):
        assert mark_of(owed, accepted_at=at, announced_at=None, attempted_at=None, now=now) == mark


def test_a_request_for_a_known_dataset_leaves_its_own_date(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("--kind", "theo_yeu_cau", "--title", "Số liệu sớm", "--dataset", "IOC-03-01")
    dates: tuple[str, ...] = ("--document", "5/UBND", "--period", "2026-11")
    dates += ("--due", "2026-11-23", "--date", "2026-11-21")
    code, told = run(capsys, "catalog", "request", "add", *words, "--from", "CQ-KHCN", *dates)
    assert (code, told["addressees"], told["regime"]) == (0, ["D23-03"], "QD1134")
    assert told["due_before"] == "2026-11-24T00:00:00+07:00"
    words = ("--dataset", "IOC-03-01", "--unit", "D23-03", "--period", "2026-11")
    _, rows = run(capsys, "deadlines", *words)
    assert {row["rule"] for row in rows} >= {"1134.demand.YC-2026-001", "2023.lead"}
    times = timetable()
    dataset = times.catalogue.dataset("IOC-03-01")
    owed = obligations_of(times, dataset, period_of("2026-11"), "D23-03")
    assert {each.rule for each in owed} == {"1134.demand.YC-2026-001", "2023.lead"}


def test_withdrawn_it_is_no_deadline_but_its_code_stays(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ask(capsys, tmp_path)
    words = (
        "YC-2026-001",
        "--document",
        "9/SNNMT",
        "--reason",
        "đã đủ số liệu",
        "--date",
        "2026-11-22",
    )
    code, told = run(capsys, "catalog", "request", "withdraw", *words)
    assert (code, told["withdrawn"]["document"]) == (0, "9/SNNMT")
    assert run(capsys, "catalog", "request", "withdraw", *words)[0] == 2
    assert run(capsys, "deadlines", "--unit", "CQ-TC", "--dataset", "YC-2026-001")[1] == []
    _, page = run(capsys, "why", "YC-2026-001")
    assert any("9/SNNMT" in line and "đã đủ số liệu" in line for line in page["lines"])
    assert run(capsys, "catalog", "show", "YC-2026-001")[1]["status"] == "retired"
    assert ask(capsys, tmp_path)["code"] == "YC-2026-002"
    (config.home() / mirror.ISSUED / "YC-2026-002.yaml").unlink()
    assert ask(capsys, tmp_path)["code"] == "YC-2026-003"


def test_a_notice_moves_what_it_speaks_of_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("catalog", "window", "add", "2023.lead/2026-11", "--dataset", "IOC-03-01")
    closing = ("--closes", "2026-11-30T17:00", "--opens", "2026-11-20T08:00")
    code, told = run(capsys, *words, *closing, *NOTICE)
    assert (code, told["code"]) == (0, "TB-2026-001")
    _, rows = run(capsys, "deadlines", "--period", "2026-11", "--by", "dataset")
    lead = {row["datasets"][0]: row for row in rows if row["rule"] == "2023.lead"}
    moved, other = lead["IOC-03-01"], lead["IOC-03-02"]
    assert moved["due_before"] == "2026-11-30T17:00:00+07:00"
    assert moved["nominal_before"] == "2026-11-26T00:00:00+07:00"
    assert {"window_changed", "window_opens"} <= set(moved["flags"])
    assert "9/TB" in {reason["document"] for reason in moved["reasons"]}
    assert (other["due_before"], other["flags"]) == ("2026-11-26T00:00:00+07:00", [])
    _, page = run(capsys, "why", "2023.lead/2026-11")
    assert any("TB-2026-001 (9/TB)" in line for line in page["lines"])
    assert "window_changed_for_some" in page["facts"]["obligation"]["flags"]
    assert (
        run(capsys, "why", "TB-2026-001")[1]["facts"]["notice"]["deadline"] == "2023.lead/2026-11"
    )
    assert len(run(capsys, "catalog", "window", "list")[1]) == 1


def published(name: str) -> Any:
    folder = Path(__file__).parents[2] / "docs" / "schemas"
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def test_what_is_listed_has_the_shape_that_is_published(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ask(capsys, tmp_path)
    closing = ("window", "add", "2023.lead/2026-11", "--closes", "2026-11-30T17:00")
    assert run(capsys, "catalog", *closing, *NOTICE)[0] == 0
    store = tmp_path / "kho"
    assert main(["warehouse", "init", "--test", "--store", str(store)]) == 0
    capsys.readouterr()
    listed: tuple[tuple[str, tuple[str, ...], int], ...] = (
        ("catalog-requests", ("catalog", "request", "list"), 1),
        ("catalog-windows", ("catalog", "window", "list"), 1),
        ("warehouse-requests", ("warehouse", "requests", "--store", str(store)), 1),
        ("deadlines", ("deadlines", "--dataset", "YC-2026-001"), 1),
        ("catalog-list", ("catalog", "list"), 464),
    )
    for name, words, count in listed:
        _, rows = run(capsys, *words)
        assert len(rows) == count
        jsonschema.validate(rows, published(name))


def test_an_opening_changes_no_date(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("catalog", "window", "add", "2023.lead/2026-11", "--opens", "2026-11-24T08:00")
    assert run(capsys, *words, *NOTICE)[0] == 0
    (row,) = [
        each
        for each in run(capsys, "deadlines", "--period", "2026-11", "--regime", "QD2023")[1]
        if each["rule"] == "2023.lead"
    ]
    assert row["due_before"] == row["nominal_before"]
    assert "window_opens" in row["flags"]
    assert "window_changed" not in row["flags"]


def test_closed_early_what_comes_in_the_time_of_the_text_is_disputed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("catalog", "window", "add", "2023.lead/2026-11", "--closes", "2026-11-24T12:00")
    assert run(capsys, *words, *NOTICE)[0] == 0
    times = timetable()
    dataset = times.catalogue.dataset("IOC-03-01")
    (owed,) = obligations_of(times, dataset, period_of("2026-11"))
    assert "window_closes_early" in owed.flags
    marks = [
        mark_of(
            owed,
            accepted_at=clock.parse_moment(at),
            announced_at=None,
            attempted_at=None,
            now=clock.parse_moment("2026-12-01T00:00"),
        )
        for at in ("2026-11-24T11:59", "2026-11-24T12:00", "2026-11-25T23:59", "2026-11-26T00:00")
    ]
    assert marks == ["on_time", "disputed", "disputed", "late"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--to", "CQ-TC"), "one-form"),
        (("--dataset", "IOC-03-01", "--due", "2026-11-01"), "past-due"),
        (("--dataset", "KDL-X-1"), "unknown-dataset"),
        (("--dataset", "IOC-03-01", "--to", "CQ-KHONG"), "unknown-unit"),
        (("--dataset", "IOC-03-01", "--period", "month"), "unknown-period"),
        (("--dataset", "IOC-03-01", "--date", "2026-13-01"), "bad-day"),
        (("--dataset", "IOC-03-01", "--due", "2031-01-10"), "calendar-unknown"),
    ],
)
def test_what_is_refused(
    capsys: pytest.CaptureFixture[str], *, words: tuple[str, ...], code: str
) -> None:
    given = ("--kind", "chuyen_de", "--title", "Thử", *ASKED, *words)
    exit_code, told = run(capsys, "catalog", "request", "add", *given)
    assert (exit_code in {2, 3, 8}, told["error"]["code"]) == (True, code)
    assert not (config.home() / mirror.ISSUED).exists()


def test_a_notice_of_days_alone_is_whole_days_and_of_a_unit_that_owes_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("catalog", "window", "add", "2023.lead/2026-11", *NOTICE, "--unit")
    days = ("--opens", "20/11/2026", "--closes", "30/11/2026")
    assert run(capsys, *words, "CQ-TC", *days)[1]["error"]["code"] == "not-this-units"
    assert run(capsys, *words, "D23-03", *days)[0] == 0
    (listed,) = run(capsys, "catalog", "window", "list")[1]
    assert listed["opens_at"] == "2026-11-20T00:00:00+07:00"
    assert listed["closes_at"] == "2026-12-01T00:00:00+07:00"


def test_windows_of_1134_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("catalog", "window", "add", "1134.month/2026-11", "--closes", "2026-11-30")
    assert run(capsys, *words, *NOTICE)[1]["error"]["code"] == "not-overridable"


RECORD = """\
# Đã phát hành
ma: YC-2026-001
loai: dot_xuat
ten: Thiệt hại do mưa lũ
co_quan: CQ-TP
so: 123/STP
ngay: '2026-11-21'
ky: '2026-11-21'
han: '2026-11-25T17:00:00+07:00'
noi_nhan:
- CQ-TP
chi_tieu:
- ma: YC-2026-001.001
  ten: Số điểm trường bị ngập
- ma: YC-2026-001.002
  ten: Thiệt hại ước tính
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ma: YC-2026-001\n", "ma: YC-2026-002\n", "dòng 2, mục YC-2026-002"),
        ("- CQ-TP", "- CQ-KHONG", "dòng 11, mục YC-2026-001"),
        ("- CQ-TP", "- CQ-TP\n- CQ-TP", "dòng 11, mục YC-2026-001"),
        ("2026-11-25T17", "2026-11-32T17", "dòng 9, mục YC-2026-001"),
        ("'2026-11-25T17:00:00+07:00'", "'2026-11-01'", "han sớm hơn ngay"),
        ("ky: '2026-11-21'", "ky: '2026-13'", "dòng 8, mục YC-2026-001"),
        ("chi_tieu:", "bo_du_lieu: [KDL-D-001]\nchi_tieu:", "cần đúng một trong"),
        ("ma: YC-2026-001.002", "ma: YC-2026-001.001", "“YC-2026-001.001” lặp lại"),
        ("ma: YC-2026-001.002", "ma: YC-2026-009.002", "dòng 15, mục YC-2026-009.002"),
        ("loai: dot_xuat", "loai: khac", "dòng 3, mục YC-2026-001"),
    ],
)
def test_a_damaged_record_is_named_by_file_line_and_entry(
    tmp_path: Path, *, old: str, new: str, said: str
) -> None:
    folder = catalog_small.write(tmp_path / "danh-muc")
    path = folder / mirror.ISSUED / "YC-2026-001.yaml"
    path.parent.mkdir()
    path.write_text(RECORD, encoding="utf-8")
    assert load(folder).version == 1
    assert old in RECORD
    path.write_text(RECORD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(IocslError) as caught:
        load(folder)
    assert "YC-2026-001.yaml, dòng" in caught.value.message.vi
    assert said in caught.value.message.vi
    assert int(caught.value.exit_code) == 3


def test_a_withdrawal_of_nothing_and_a_notice_of_nothing_are_refused(tmp_path: Path) -> None:
    folder = catalog_small.write(tmp_path / "danh-muc")
    place = folder / mirror.ISSUED
    place.mkdir()
    given = "so: 1/STP\nngay: '2026-11-21'\nly_do: thử\n"
    ended = place / "YC-2026-007.rut.yaml"
    ended.write_text(f"ma: YC-2026-007\n{given}", encoding="utf-8")
    with pytest.raises(IocslError, match="no such request"):
        load(folder)
    ended.unlink()
    notice = place / "TB-2026-001.yaml"
    notice.write_text(f"ma: TB-2026-001\nhan: 2023.lead/2026-11\n{given}", encoding="utf-8")
    with pytest.raises(IocslError, match="mo_tu or dong_luc"):
        load(folder)


def test_what_was_issued_and_then_edited_or_lost_is_not_published(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ask(capsys, tmp_path)
    home = config.home()
    path = home / mirror.ISSUED / "YC-2026-001.yaml"

    def check() -> None:
        issuing.check_unaltered(home, mirror.parts(mirror.folder(), home))

    check()
    path.write_text(path.read_text("utf-8").replace("lũ", "đá"), encoding="utf-8")
    for said in ("YC-2026-001.yaml was changed", "YC-2026-001.yaml was issued and is gone"):
        with pytest.raises(IocslError, match=said) as caught:
            check()
        assert (caught.value.code, int(caught.value.exit_code)) == ("issued-record-changed", 4)
        path.unlink(missing_ok=True)


KILLED = """
import os, sys
from iocsl import files
from iocsl.catalog.contents import load
from iocsl.cli import main
step, real = int(sys.argv[1]), {name: getattr(os, name) for name in ("fsync", "replace", "open")}
def dying(name):
    def call(*given, **more):
        global step
        if "phat_hanh" in str(given[0]) or name == "fsync":
            step -= 1
            if step < 0:
                os._exit(137)
        return real[name](*given, **more)
    return call
for name in real:
    setattr(os, name, dying(name))
sys.exit(main(sys.argv[2:]))
"""


def test_killed_at_any_step_there_is_the_whole_request_or_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ask(capsys, tmp_path)
    words = ("--kind", "chuyen_de", "--title", "Hai", "--form", str(tmp_path / "bieu.yaml"))
    command = [sys.executable, "-c", KILLED]
    seen = set()
    for step in range(4):
        arguments = ["catalog", "request", "add", *words, *ASKED, "--to", "CQ-TC", *AT]
        done = subprocess.run([*command, str(step), *arguments], capture_output=True, check=False)
        codes = {each["code"] for each in open_catalogue().document(mirror.ISSUED)["requests"]}
        assert "YC-2026-001" in codes
        seen.add((done.returncode, len(codes) > 1))
    assert (137, False) in seen


def test_a_home_that_takes_its_catalogue_from_a_warehouse_issues_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    taken = config.home() / mirror.SYNCED / "1-abc"
    taken.mkdir(parents=True)
    (taken / "phu_luc.yaml").write_text("phien_ban: 0\n", encoding="utf-8")
    (config.home() / mirror.POINTER).write_text('{"folder": "1-abc", "version": 1}')
    with pytest.raises(IocslError) as caught:
        issuing.place(config.home())
    assert caught.value.code == "not-an-issuer"


def test_a_request_is_shown_to_a_person(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code = ask(capsys, tmp_path)["code"]
    assert main(["catalog", "request", "show", code, *AT]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Thiệt hại do mưa lũ")
    assert f"iocsl catalog template {code}" in said
