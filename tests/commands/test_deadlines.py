"""`iocsl deadlines`, `calendar`, `event` as a user meets them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from iocsl import clock
from iocsl.catalog import Catalogue
from iocsl.cli import main

NOW = ("--at", "2026-10-20T08:00+07:00")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    said = capsys.readouterr()
    return code, said.out, said.err


def read(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    ended, out, err = run(capsys, *words, "--format", "json")
    assert ended == code, err
    return json.loads(out)


def test_json_has_the_contracts_keys_and_order(capsys: pytest.CaptureFixture[str]) -> None:
    from iocsl.console.shapes import ObligationShape

    found = read(capsys, "deadlines", "--from", "2023-03-01", "--to", "2028-01-31", "--by", "rule")
    assert len(found) > 1000
    assert all(set(each) == set(ObligationShape.__annotations__) for each in found)
    assert found == sorted(found, key=lambda each: (each["due_before"], each["id"]))
    assert {each["unit"] for each in found} == {None}


def test_the_default_is_the_next_of_each_rule(capsys: pytest.CaptureFixture[str]) -> None:
    found = read(capsys, "deadlines", *NOW)
    assert [each["id"] for each in found if each["rule"] == "1134.month"] == ["1134.month/2026-10"]
    assert [each["id"] for each in found if each["rule"] == "2023.lead"] == ["2023.lead/2026-10"]
    more = read(capsys, "deadlines", "--next", "3", "--regime", "QD1134", *NOW)
    months = [each["id"] for each in more if each["rule"] == "1134.month"]
    assert months == ["1134.month/2026-10", "1134.month/2026-11", "1134.month/2026-12"]


def test_one_period_and_types(capsys: pytest.CaptureFixture[str]) -> None:
    found = read(capsys, "deadlines", "--period", "2026-10")
    assert {each["period"] for each in found} == {"2026-10"}
    window = ("--from", "2026-01-01", "--to", "2026-12-31")
    english = read(capsys, "deadlines", "--period", "quarter", *window)
    vietnamese = read(capsys, "deadlines", "--period", "quý", *window)
    assert english == vietnamese
    assert {each["period_type"] for each in english} == {"quarter"}


def test_by_unit_and_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    mine = read(capsys, "deadlines", "--period", "2026-10", "--unit", "so ke hoach va dau tu")
    assert {each["unit"] for each in mine} == {"D23-02"}
    one = read(capsys, "deadlines", "--period", "2026-10", "--dataset", "KDL-M-016")
    assert [(each["id"], each["datasets"]) for each in one] == [
        ("1134.month/2026-10", ["KDL-M-016"])
    ]
    spread = read(capsys, "deadlines", "--period", "2026-10", "--by", "dataset")
    assert all(len(each["datasets"]) == 1 for each in spread)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--period", "2026-Q5"), 2),
        (("--period", "2026-02-30"), 2),
        (("--from", "2026-02-30"), 2),
        (("--from", "2026-03-01", "--to", "2026-01-01"), 2),
        (("--from", "2026-03-01", "--next", "2"), 2),
        (("--late", "--next", "2"), 2),
        (("--next", "0"), 2),
        (("--regime", "QD2024"), 2),
        (("--unit", "Sở Mơ Hồ"), 2),
        (("--by", "month"), 2),
        (("--format", "xlsx"), 2),
        (("--format", "pdf"), 2),
        (("-o", "a.txt"), 2),
        (("--dataset", "KDL-M-999"), 3),
        (("--from", "2031-01-01", "--to", "2031-12-31"), 8),
        (("--period", "2031-03"), 8),
        (("--period", "9999"), 8),
        (("--period", "99991231T235959+0700"), 8),
        (("--from", "9999-12-31"), 8),
        (("--at", "2035-01-01"), 8),
        (("--at", "2028-12-20"), 8),
        (("check", "--at", "9999-12-31"), 8),
        (("explain", "1134.change/99991231T235959+0700"), 8),
    ],
)
def test_refusals(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int) -> None:
    ended, out, err = run(capsys, "deadlines", *words)
    assert ended == code
    assert not out
    assert "Traceback" not in err
    assert "Cần làm:" in err


def test_a_refusal_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    error = read(capsys, "deadlines", "--period", "2026-Q5", code=2)["error"]
    assert (error["code"], error["exit_code"]) == ("unknown-period", 2)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int, language: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, _ = run(capsys, "deadlines", *NOW, "--lang", language)
    assert code == 0
    assert max(len(line) for line in out.splitlines()) <= width
    day = {"vi": "thứ Hai 26/10/2026", "en": "Monday 26/10/2026"}[language]
    moved = {"vi": "dời từ 25/10 (Chủ nhật)", "en": "moved from 25/10 (Sunday)"}[language]
    assert day in out
    assert moved in out


def test_data_due_on_change_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("--dataset", "KDL-E-003"), ("--period", "khithaydoi")):
        code, out, err = run(capsys, "deadlines", *words, *NOW)
        assert (code, out) == (0, "")
        assert "iocsl event add" in err
    assert "event add" not in run(capsys, "deadlines", "--dataset", "IOC-07-02", *NOW)[2]


def test_what_is_said_of_1134_stays_with_1134(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("deadlines", "--unit", "X-03646", *NOW)
    assert "Phụ lục II" in run(capsys, *words)[2]
    assert "Phụ lục II" not in run(capsys, *words, "--regime", "QD2023")[2]


def test_an_empty_list_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "deadlines", "--unit", "X-03646", "--regime", "QD1134", *NOW)
    assert (code, out) == (0, "")
    assert "Phụ lục II" in err
    code, out, err = run(capsys, "deadlines", "--dataset", "IOC-07-02", *NOW)
    assert (code, out) == (0, "")
    assert "2023.daily" in err


def test_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for form in ("csv", "json", "ics", "xlsx"):
        path = tmp_path / f"han.{form}"
        code, out, err = run(capsys, "deadlines", "--format", form, "-o", str(path), *NOW)
        assert (code, out) == (0, ""), err
        assert path.stat().st_size > 1000
    assert json.loads((tmp_path / "han.json").read_text("utf-8"))
    assert openpyxl.load_workbook(tmp_path / "han.xlsx").worksheets[0]["A1"].value == "Mã hạn"
    code, out, _ = run(capsys, "deadlines", "--format", "csv", *NOW)
    assert out.startswith("Mã hạn,")
    code, _, err = run(capsys, "deadlines", "--format", "csv", "-o", str(tmp_path), *NOW)
    assert code == 2


def test_check_near_passed_and_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    unit = ("--unit", "CQ-TC")
    near = read(capsys, "deadlines", "check", *unit, "--at", "2026-05-21T08:00", code=10)
    assert [each["id"] for each in near["near"]] == ["1134.month/2026-05"]
    passed = read(capsys, "deadlines", "check", *unit, "--at", "2026-05-25T17:00", code=11)
    assert [each["id"] for each in passed["passed"]] == ["1134.month/2026-05"]
    quiet = read(capsys, "deadlines", "check", *unit, "--at", "2026-05-14T08:00")
    assert quiet["exit_code"] == 0
    code, out, _ = run(capsys, "deadlines", "check", *unit, "--at", "2026-05-21T08:00")
    assert code == 10
    assert len(out.splitlines()) <= 24


def test_check_takes_the_unit_of_the_settings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOCSL_UNIT", "CQ-TC")
    assert read(capsys, "deadlines", "check", "--at", "2026-05-14T08:00")["unit"] == "CQ-TC"


def test_check_counts_what_the_ledger_shows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = {("CQ-TC", "KDL-M-016", "2026-05"): object()}
    monkeypatch.setattr("iocsl.ledger.receipts.accepted", lambda home: done)
    found = read(capsys, "deadlines", "check", "--unit", "CQ-TC", "--at", "2026-05-25T17:00")
    assert found["passed"] == found["near"] == []


def test_late(capsys: pytest.CaptureFixture[str]) -> None:
    found = read(capsys, "deadlines", "--late", "--unit", "CQ-TC", "--at", "2026-05-26T08:00")
    assert [each["id"] for each in found] == ["1134.month/2026-05"]


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "deadlines", "explain", "2023.lead/2025-01")
    assert code == 0
    assert "03/02/2025" in out
    found = read(capsys, "deadlines", "explain", "2023.lead/2025-01")
    assert (found["kind"], found["id"]) == ("deadline", "2023.lead/2025-01")
    assert run(capsys, "deadlines", "explain", "abc")[0] == 2
    event = "\n".join(read(capsys, "why", "1134.change/20261122T080000+0700")["lines"])
    assert "kho phải nhận không muộn hơn 2026-11-23T08:00:00+07:00" in event
    daily = "\n".join(read(capsys, "why", "2023.daily")["lines"])
    assert "IOC-27-02" in daily  # its monthly part has a date, its daily part has none


def test_override(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--closes", "2026-10-29T17:00", "--document", "12/TB", "--reason", "bảo trì")
    found = read(capsys, "deadlines", "override", "2023.lead/2026-10", *words)
    assert found["due_before"] == "2026-10-29T17:00:00+07:00"
    assert "window_changed" in found["flags"]
    assert run(capsys, "deadlines", "override", "1134.month/2026-10", *words)[0] == 2
    assert run(capsys, "deadlines", "override", "2023.lead", *words)[0] == 2
    entries = read(capsys, "deadlines", "--period", "2026-10", "--regime", "QD2023")
    lead = next(each for each in entries if each["rule"] == "2023.lead")
    assert lead["last_day"] == "2026-10-29"
    assert lead["nominal_last_day"] == "2026-10-25"


@pytest.mark.parametrize("day", ["2026-10-29", "29/10/2026"])
def test_a_window_closes_at_the_end_of_a_day_given_alone(
    capsys: pytest.CaptureFixture[str], day: str
) -> None:
    notice = ("--closes", day, "--document", "12/TB", "--reason", "bảo trì")
    found = read(capsys, "deadlines", "override", "2023.lead/2026-10", *notice)
    assert (found["last_day"], found["due_before"]) == ("2026-10-29", "2026-10-30T00:00:00+07:00")


def test_a_window_moved_far_is_near_by_its_own_closing(capsys: pytest.CaptureFixture[str]) -> None:
    notice = ("--document", "12/TB", "--reason", "bảo trì", "--closes")
    words = ("deadlines", "override")
    form = ("--dataset", "IOC-11-02", "--regime", "QD2023", "--at")
    assert run(capsys, *words, "2023.lead/2026-10", *notice, "2027-01-19T17:00")[0] == 0
    for at in ("2027-01-15T08:00", "2027-01-19T16:59"):
        near = read(capsys, "deadlines", "check", *form, at, code=11)["near"]
        assert [each["id"] for each in near] == ["2023.lead/2026-10"]
        ids = [each["id"] for each in read(capsys, "deadlines", *form, at)]
        assert "2023.lead/2026-10" in ids
        assert "2023.lead/2026-12" not in ids
    late = read(capsys, "deadlines", "check", *form, "2027-01-20T08:00", code=11)["passed"]
    assert "2023.lead/2026-10" in {each["id"] for each in late}
    assert run(capsys, *words, "2023.lead/2026-09", *notice, "2026-09-15T17:00")[0] == 0
    early = read(capsys, "deadlines", "check", *form, "2026-09-11T08:00", code=11)["near"]
    assert [each["id"] for each in early] == ["2023.lead/2026-09"]


def test_a_window_of_one_unit_is_told_with_its_hour(capsys: pytest.CaptureFixture[str]) -> None:
    notice = ("--closes", "2026-10-29T17:00", "--document", "12/TB", "--reason", "bảo trì")
    words = ("deadlines", "override", "2023.lead/2026-10", *notice, "--unit")
    assert run(capsys, *words, "D23-11")[0] == 0
    out = run(capsys, "why", "2023.lead/2026-10")[1]
    assert "Theo thông báo của D23-11: trước 17:00, thứ Năm 29/10/2026." in out
    for stranger in ("X-03646", "CQ-TC", "D23-12"):  # D23-12 has yearly forms alone
        assert read(capsys, *words, stranger, code=2)["error"]["code"] == "not-this-units"
    found = read(capsys, "deadlines", "--period", "2026-10", "--regime", "QD2023")
    lead = next(each for each in found if each["rule"] == "2023.lead")
    assert [each for each in lead["alternatives"] if "override" in each] == ["override=D23-11"]


def test_calendar_show_check_and_diff(capsys: pytest.CaptureFixture[str]) -> None:
    shown = read(capsys, "calendar", "show", "2026")
    days = {each["date"]: each for each in shown["days"]}
    assert days["2026-01-10"]["working"] is True
    assert days["2026-11-23"]["status"] == "proposed"
    assert days["2026-11-23"]["working"] is True
    assert run(capsys, "calendar", "show", "2031")[0] == 8
    assert read(capsys, "calendar", "check", *NOW)["exit_code"] == 0
    assert run(capsys, "calendar", "check", "--at", "2029-01-01")[0] == 8
    differing = {each["date"] for each in read(capsys, "calendar", "diff", "2026")}
    assert "2026-01-02" in differing
    assert run(capsys, "calendar", "show", "2026", "--lang", "en")[1].count("Tết") >= 5


def test_calendar_add_moves_a_deadline(capsys: pytest.CaptureFixture[str]) -> None:
    before = read(capsys, "deadlines", "explain", "2023.ktxh.ioc/2026-11")
    assert before["facts"]["obligation"]["last_day"] == "2026-11-23"
    words = ("--off", "--document", "99/TB", "--name", "Nghỉ dịp Ngày Văn hóa")
    assert run(capsys, "calendar", "add", "2026-11-23", *words)[0] == 0
    after = read(capsys, "deadlines", "explain", "2023.ktxh.ioc/2026-11")
    assert after["facts"]["obligation"]["last_day"] == "2026-11-25"
    assert run(capsys, "calendar", "add", "2026-11-23", *words)[0] == 2


def test_a_swap_that_disagrees_is_refused_before_writing(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    words = ("--document", "99/TB", "--swapped-with")
    assert run(capsys, "calendar", "add", "2026-11-23", "--off", *words, "2026-11-28")[0] == 0
    written = (home / "ngay_nghi.yaml").read_bytes()
    assert run(capsys, "calendar", "add", "2026-11-28", "--off", *words, "2026-11-23")[0] == 2
    assert run(capsys, "calendar", "add", "2026-11-28", "--work", "--document", "99/TB")[0] == 2
    assert (home / "ngay_nghi.yaml").read_bytes() == written
    assert run(capsys, "calendar", "add", "2026-11-28", "--work", *words, "2026-11-23")[0] == 0
    assert run(capsys, "deadlines", *NOW)[0] == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("2026-02-30", "--off", "--document", "1"), 2),
        (("2026-12-01", "--document", "1"), 2),
        (("2026-12-01", "--off"), 2),
        (("2026-12-01", "--off", "--status", "sure"), 2),
        (("2031-12-01", "--off", "--document", "1"), 8),
    ],
)
def test_calendar_add_refuses(
    capsys: pytest.CaptureFixture[str], home: Path, words: tuple[str, ...], code: int
) -> None:
    assert run(capsys, "calendar", "add", *words)[0] == code
    assert not (home / "ngay_nghi.yaml").exists()


def test_event_add_and_its_deadline(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--dataset", "KDL-E-003", "--unit", "CQ-VPUBND", "--changed-at", "2026-10-19T22:15")
    added = read(capsys, "event", "add", *words, *NOW)
    assert added["due_before"] == "2026-10-20T22:15:00+07:00"
    assert added["period"] == "20261019T221500+0700"
    found = read(capsys, "deadlines", "--period", "event", *NOW)
    assert [each["id"] for each in found] == ["1134.change/20261019T221500+0700"]
    assert found[0]["boundary"] == "inclusive"
    again = read(capsys, "deadlines", "--period", added["period"])
    assert [each["id"] for each in again] == [found[0]["id"]]
    assert run(capsys, "event", "add", *words, *NOW)[0] == 0
    assert len(read(capsys, "event", "list")) == 1


@pytest.mark.parametrize(
    ("dataset", "moment", "code"),
    [
        ("KDL-D-001", "2026-10-19T22:15", 2),
        ("IOC-01-01", "2026-10-19T22:15", 2),
        ("KDL-E-999", "2026-10-19T22:15", 3),
        ("KDL-E-003", "2026-10-21T22:15", 2),
        ("KDL-E-003", "2026-04-01T22:15", 2),
        ("KDL-E-003", "hôm qua", 2),
    ],
)
def test_event_add_refuses(
    capsys: pytest.CaptureFixture[str], dataset: str, moment: str, code: int
) -> None:
    words = ("--dataset", dataset, "--unit", "CQ-VPUBND", "--changed-at", moment)
    assert run(capsys, "event", "add", *words, *NOW)[0] == code
    assert read(capsys, "event", "list") == []


def test_what_is_loaded(catalogue: Catalogue) -> None:
    """A child process lists deadlines without the heavy packages, and with the base layer kept."""
    assert main(["deadlines"]) == 0
    probe = (
        "import sys; from iocsl.cli import main; code = main(['deadlines', '--format', 'json']);"
        "heavy = {'pandas', 'openpyxl', 'pyhanko', 'sqlite_utils', 'yaml', 'pydantic', 'holidays'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "words",
    [
        *(("deadlines", o) for o in ("--unit", "--period", "--regime", "--from", "--to")),
        *(("deadlines", "check", o) for o in ("--unit", "--regime", "--dataset")),
        *(("quality", o) for o in ("--unit", "--dataset", "--period")),
        *(("catalog", "list", o) for o in ("--unit", "--regime", "--period")),
        ("catalog", "template", "KDL-M-016", "-o", "mau.xlsx", "--unit"),
        ("catalog", "units"),
        ("warehouse", "export", "--dataset"),
    ],
)
def test_an_empty_word_is_no_wish_for_everything(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """As a script gives it whose variable is not set."""
    assert read(capsys, *words, "", *NOW, code=2)["error"]["code"] == "usage"


def test_an_empty_variable_is_no_unit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOCSL_UNIT", "")
    assert read(capsys, "deadlines", "check", *NOW, code=11)["unit"] is None


def test_the_calendar_is_unknown_at_the_end_of_time(capsys: pytest.CaptureFixture[str]) -> None:
    found = read(capsys, "calendar", "check", "--at", "9999-12-31T23:59", code=8)
    assert found["questions"] == [{"kind": "unknown", "date": "9999-01-01"}]


def test_a_day_is_added_with_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("calendar", "add", "--work", "--document", "1/TB")
    alone = read(capsys, *given, "2026-12-05")["entry"]
    swapped = read(capsys, *given, "2026-12-12", "--swapped-with", "2026-12-11")["entry"]
    assert set(alone) == set(swapped)
    assert (alone["doi_voi"], swapped["doi_voi"]) == (None, "2026-12-11")


def test_a_window_from_the_last_days_of_the_calendar(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused = read(capsys, "deadlines", "--from", "2028-12-31", code=8)
    assert refused["error"]["code"] == "calendar-unknown"
    whole = read(capsys, "deadlines", "--from", "2028-01-01", "--to", "2028-12-31", code=8)
    assert "15/12/2028" in whole["error"]["hint"]
    read(capsys, "deadlines", "--from", "2028-01-01", "--to", "2028-12-15")


def test_one_change_is_declared_once_however_it_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ("event", "add", "--dataset", "KDL-E-003", "--unit", "CQ-VPUBND", "--changed-at")
    for moment in ("2026-10-20T07:00:00.25", "2026-10-20T00:00:00Z", "2026-10-20 07:00"):
        assert run(capsys, *given, moment, *NOW)[0] == 0
    assert len(read(capsys, "event", "list")) == 1


def test_a_change_is_declared_by_whom_the_catalogue_names(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("event", "add", "--dataset", "KDL-E-003", "--changed-at", "2026-10-19T08:00", *NOW)
    refused = read(capsys, *words, "--unit", "CQ-TC", code=2)["error"]
    assert refused["code"] == "not-this-units"
    assert "CQ-VPUBND" in refused["hint"]
    assert read(capsys, "event", "list") == []
    assert read(capsys, *words, "--unit", "CQ-VPUBND")["unit"] == "CQ-VPUBND"


def test_no_change_to_come_is_recorded_by_a_clock_that_was_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    later = clock.iso(clock.record_now() + timedelta(days=2))
    words = ("event", "add", "--dataset", "KDL-E-003", "--unit", "CQ-VPUBND")
    for at in ((), ("--at", clock.iso(clock.record_now() + timedelta(days=9)))):
        refused = read(capsys, *words, "--changed-at", later, *at, code=2)
        assert refused["error"]["code"] == "future-change"
    assert read(capsys, "event", "list") == []


@pytest.mark.parametrize("option", [("--unit", "CQ-TC"), ("--by", "unit"), ("--late",)])
def test_options_that_a_command_would_lose_are_refused(
    capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    refused = read(capsys, "deadlines", *option, "check", code=2)["error"]
    assert refused["code"] == "option-too-early"
    assert f"iocsl deadlines check … {option[0]} …" in refused["hint"]


KINDS = {
    "C301": {"check"},
    "B101": {"refusal"},
    "2023.lead/2026-10": {"obligation", "rule"},
    "2023.lead": {"rule"},
    "2023.tk.row": {"rules"},
    "2026-11-24": {"day"},
    "late_link": set(),
}


def test_facts_have_the_same_keys_whatever_is_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pages = {asked: read(capsys, "why", asked) for asked in KINDS}
    (keys,) = {tuple(page["facts"]) for page in pages.values()}
    assert set(keys) == set().union(*KINDS.values()) | {"notice"}
    for asked, page in pages.items():
        assert {key for key in keys if page["facts"][key] is not None} == KINDS[asked]
    (bases,) = {tuple(page["facts"]["check"]["basis"]) for page in read(capsys, "rules")[:90]}
    assert bases == ("QD1134", "QD2023")
    lead = "2023.lead/2026-10"
    assert read(capsys, "deadlines", "explain", lead) == pages[lead]


def test_a_ledger_that_another_process_is_just_making_is_empty(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is there a moment before its table; a process killed in between leaves it so."""
    home.mkdir(exist_ok=True)
    for words in (
        ("event", "list"),
        ("deadlines", "--next", "1"),
        ("catalog", "window", "list"),
        ("event", "add", "--dataset", "KDL-E-003", "--unit", "CQ-VPUBND", "--changed-at"),
    ):
        (home / "ledger.sqlite").write_bytes(b"")
        more = ("2026-10-19T08:00",) if words[1] == "add" else ()
        read(capsys, *words, *more, *NOW)
    assert len(read(capsys, "event", "list")) == 1


def test_by_rule_the_unit_is_the_one_asked_for_or_null(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of a rule that holds for one unit alone too, in every list."""
    late = read(capsys, "deadlines", "--late", *NOW)
    assert {each["unit"] for each in late} == {None}
    assert {len(each["datasets"]) for each in late} > {1}
    told = read(capsys, "deadlines", "check", *NOW, code=11)
    assert {each["unit"] for each in (*told["passed"], *told["near"])} == {None}
    told = read(capsys, "deadlines", "check", "--unit", "CQ-TC", *NOW, code=11)
    assert {each["unit"] for each in (*told["passed"], *told["near"])} == {"CQ-TC"}
