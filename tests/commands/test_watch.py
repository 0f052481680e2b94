"""`iocsl watch`: what changed becomes one declared change, whatever happens on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from iocsl import clock
from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.commands import watch as command
from iocsl.deadlines import watch as watching
from iocsl.deadlines.records import events
from iocsl.deadlines.standing import Accepted
from iocsl.deadlines.watch_store import WatchStore
from iocsl.domain import VIETNAM, event_id
from iocsl.files import sha256_of

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "watch.json"
UNIT = "CQ-VPUBND"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SETTLE", 0.0)


@pytest.fixture
def folder(tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a register of data on change, saved an hour ago."""
    monkeypatch.setenv("IOCSL_UNIT", UNIT)
    made = tmp_path / "số liệu"
    made.mkdir()
    save(made / "KDL-E-003.csv", "1", ago=3600)
    return made


def save(path: Path, text: str, *, ago: float = 0.0) -> None:
    path.write_text(text, "utf-8")
    moment = clock.record_now().timestamp() - ago
    os.utime(path, (moment, moment))


def look(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, Any]:
    """One look; its files by name beside the whole document."""
    ended = main(["watch", *words, "--format", "json"])
    heard = capsys.readouterr()
    assert ended == code, heard
    document: dict[str, Any] = json.loads(heard.out)
    jsonschema.validate(document, json.loads(SCHEMA.read_text("utf-8")))
    assert document["exit_code"] == code
    return {Path(each["path"]).name: each for each in document["files"]} | {"": document}


def states(found: dict[str, Any]) -> dict[str, str]:
    return {name: each["state"] for name, each in found.items() if name}


def declared(home: Path) -> list[tuple[str, str]]:
    return [(each.dataset, clock.iso(each.changed_at)) for each in events(home)]


def test_the_first_look_remembers_and_a_change_is_recorded_once(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert states(look(capsys, str(folder))) == {"KDL-E-003.csv": "remembered"}
    assert declared(home) == []
    assert states(look(capsys)) == {"KDL-E-003.csv": "unchanged"}
    save(folder / "KDL-E-003.csv", "2")
    saved = datetime.fromtimestamp((folder / "KDL-E-003.csv").stat().st_mtime, VIETNAM)
    found = look(capsys, code=10)["KDL-E-003.csv"]
    assert (found["state"], found["moment_from"]) == ("changed", "mtime")
    assert found["changed_at"] == clock.iso(saved)
    due = saved.replace(microsecond=0) + timedelta(hours=24)
    assert found["due_before"] == clock.iso(due)
    assert declared(home) == [("KDL-E-003", found["changed_at"])]
    assert states(look(capsys)) == {"KDL-E-003.csv": "unchanged"}
    assert declared(home) == [("KDL-E-003", found["changed_at"])]
    assert main(["deadlines", "check", "--dataset", "KDL-E-003"]) == 10
    assert found["event"] in capsys.readouterr().out


def test_another_time_alone_is_no_change(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    look(capsys, str(folder))
    save(folder / "KDL-E-003.csv", "1")
    assert states(look(capsys)) == {"KDL-E-003.csv": "unchanged"}
    assert declared(home) == []


@pytest.mark.parametrize("ago", [86_400 * 400, -3600], ids=["long ago", "ahead"])
def test_a_time_that_cannot_be_gives_way_to_the_look(
    folder: Path, capsys: pytest.CaptureFixture[str], ago: float
) -> None:
    look(capsys, str(folder))
    save(folder / "KDL-E-003.csv", "2", ago=ago)
    before = clock.record_now().replace(microsecond=0)
    found = look(capsys, code=10)["KDL-E-003.csv"]
    assert found["moment_from"] == "look"
    assert before <= clock.parse_moment(found["changed_at"]) <= clock.record_now()


def test_hours_that_are_over_when_the_change_is_found(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    look(capsys, str(folder))
    save(folder / "KDL-E-003.csv", "2")
    later = clock.record_now() + timedelta(hours=25)
    found = look(capsys, "--at", later.isoformat(), code=11)["KDL-E-003.csv"]
    # The moment of record is not moved by the clock for looking at dates.
    assert clock.parse_moment(found["changed_at"]) <= clock.record_now()


@pytest.mark.parametrize("named", ["KDL-E-003", "KDL-M-016"])
def test_a_file_that_names_its_change_is_that_change_however_often_it_is_saved(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    look(capsys, str(folder))
    past = clock.record_now() - timedelta(hours=2)
    name = f"{named}_{past:%Y%m%dT%H%M%S}+0700.csv"
    for text, code, state in (("a", 10, "changed"), ("b", 0, "declared"), ("c", 0, "declared")):
        save(folder / name, text)
        found = look(capsys, code=code)[name]
        assert (found["state"], found["moment_from"]) == (state, "file")
    assert declared(home) == [(named, clock.iso(past))]
    ahead = clock.record_now() + timedelta(hours=2)
    name = f"{named}_{ahead:%Y%m%dT%H%M%S}+0700.csv"
    save(folder / name, "d")
    assert look(capsys)[name]["state"] == "waiting"
    assert len(declared(home)) == 1


def test_files_that_come_later(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Data on change arose; a month's form is work on its own date; a copy is nothing new."""
    look(capsys, str(folder))
    save(folder / "KDL-E-004 số 2.csv", "new")
    save(folder / "KDL-M-016_2026-11.csv", "work")
    shutil.copy(folder / "KDL-E-003.csv", folder / "KDL-E-003 (1).csv")
    found = states(look(capsys, code=10))
    assert found["KDL-E-004 số 2.csv"] == "changed"
    assert found["KDL-M-016_2026-11.csv"] == found["KDL-E-003 (1).csv"] == "remembered"
    assert [dataset for dataset, _ in declared(home)] == ["KDL-E-004"]


def test_a_periods_form_counts_once_the_warehouse_has_it(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    form, data = folder / "KDL-M-016_2026-10.csv", folder / "KDL-M-017.csv"
    save(form, "1")
    save(data, "1")
    look(capsys, str(folder))
    save(form, "2")
    assert states(look(capsys))["KDL-M-016_2026-10.csv"] == "preparing"
    save(data, "2")
    assert states(look(capsys, code=10))["KDL-M-017.csv"] == "changed"
    sent = Accepted([(UNIT, "KDL-M-016", "2026-10")])
    monkeypatch.setattr(Accepted, "of", classmethod(lambda cls, home: sent))
    assert states(look(capsys))["KDL-M-016_2026-10.csv"] == "unchanged"
    save(form, "3")
    assert states(look(capsys, code=10))["KDL-M-016_2026-10.csv"] == "changed"
    assert [dataset for dataset, _ in declared(home)] == ["KDL-M-017", "KDL-M-016"]


def test_what_has_no_24_hours(folder: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("KDL-D-003.csv", "IOC-21-24.csv"):
        save(folder / name, "1")
    assert main(["watch", str(folder)]) == 0
    assert capsys.readouterr().out.count("không có hạn 24 giờ") == 2
    for name in ("KDL-D-003.csv", "IOC-21-24.csv"):
        save(folder / name, "2")
    found = states(look(capsys))
    assert found["KDL-D-003.csv"] == found["IOC-21-24.csv"] == "no_duty"
    assert declared(home) == []
    refused = ["watch", str(folder / "KDL-D-003.csv"), "--dataset", "KDL-D-003"]
    assert main(refused) == 2
    assert "24 giờ" in capsys.readouterr().err


def test_a_change_counts_once_it_is_known_whose_it_is(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unnamed = folder / "sổ công báo.csv"
    save(unnamed, "1")
    assert states(look(capsys, str(folder)))[unnamed.name] == "unknown"
    save(unnamed, "2")
    assert states(look(capsys))[unnamed.name] == "unknown"
    assert declared(home) == []
    assert look(capsys, str(unnamed), code=3)[unnamed.name]["message"]
    found = look(capsys, str(unnamed), "--dataset", "KDL-E-003", code=10)[unnamed.name]
    assert (found["state"], found["dataset"], found["unit"]) == ("changed", "KDL-E-003", UNIT)


def test_a_workbook_says_itself_whose_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("IOCSL_UNIT")
    book = folder / "cơ sở khám chữa bệnh.xlsx"
    made = ["catalog", "template", "KDL-E-005", "--unit", "CQ-YT", "-o", str(book)]
    assert main(made) == 0
    capsys.readouterr()
    found = look(capsys, str(book))[book.name]
    assert (found["state"], found["dataset"], found["unit"]) == ("remembered", "KDL-E-005", "CQ-YT")
    found = look(capsys, str(book), "--unit", "CQ-TC", code=3)[book.name]
    assert found["state"] == "unknown"
    assert "CQ-YT" in found["message"]


def test_two_names_for_one_file_are_told_and_none_is_chosen(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register = str(folder / "KDL-E-003.csv")
    found = look(capsys, register, "--dataset", "KDL-E-004", code=3)["KDL-E-003.csv"]
    assert found["state"] == "unknown"
    assert "KDL-E-003" in found["message"]
    assert "KDL-E-004" in found["message"]


def test_what_is_open_or_being_written_waits_and_loses_nothing(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    register = folder / "KDL-E-003.csv"
    look(capsys, str(folder))
    for lock in ("~$KDL-E-003.csv", ".~lock.KDL-E-003.csv#"):
        (folder / lock).write_text("ai đó", "utf-8")
        save(register, f"{lock} 2")
        assert states(look(capsys)) == {"KDL-E-003.csv": "waiting"}
        (folder / lock).unlink()
    assert declared(home) == []

    def goes_on(seconds: float) -> None:
        with register.open("a") as stream:
            stream.write("more")

    with monkeypatch.context() as patched:
        patched.setattr(watching, "sleep", goes_on)
        save(register, "3")
        assert states(look(capsys)) == {"KDL-E-003.csv": "waiting"}
    saved = clock.iso(datetime.fromtimestamp(register.stat().st_mtime, VIETNAM))
    # The time of saving lies before the look that waited, and still counts.
    assert look(capsys, code=10)["KDL-E-003.csv"]["changed_at"] == saved
    assert len(declared(home)) == 1


def test_a_lock_left_over_does_not_hold_a_change_for_ever(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    look(capsys, str(folder))
    save(folder / "~$KDL-E-003.csv", "", ago=86_400 + 60)
    save(folder / "KDL-E-003.csv", "2")
    assert states(look(capsys, code=10)) == {"KDL-E-003.csv": "changed"}


def test_what_is_gone_records_nothing_and_may_come_back(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(folder / "KDL-E-004.csv", "1")
    look(capsys, str(folder))
    (folder / "KDL-E-004.csv").unlink()
    assert states(look(capsys))["KDL-E-004.csv"] == "gone"
    assert "KDL-E-004.csv" not in look(capsys)
    save(folder / "KDL-E-004.csv", "1")
    assert states(look(capsys))["KDL-E-004.csv"] == "unchanged"
    assert declared(home) == []


@pytest.mark.parametrize("mount_point", [False, True], ids=["gone", "empty"])
def test_a_drive_that_is_away_is_not_deleted_files(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str], mount_point: bool
) -> None:
    look(capsys, str(folder))
    away = folder.with_name("away")
    folder.rename(away)
    if mount_point:
        folder.mkdir()
    found = look(capsys, code=1)
    assert states(found) == {}
    assert [each["state"] for each in found[""]["places"]] == ["unreachable"]
    if mount_point:
        folder.rmdir()
    away.rename(folder)
    save(folder / "KDL-E-003.csv", "2")
    assert states(look(capsys, code=10)) == {"KDL-E-003.csv": "changed"}


def test_a_folder_that_fails_half_way_is_out_of_reach(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    look(capsys, str(folder))

    listed = os.scandir

    def fails(path: Any) -> Any:
        if Path(path) == folder:
            raise OSError(116, "Stale file handle", str(path))
        return listed(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", fails)
        found = look(capsys, code=1)
    assert states(found) == {}
    assert found[""]["places"][0]["state"] == "unreachable"


def test_an_unreadable_file_is_told_and_the_others_seen(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    save(folder / "KDL-E-004.csv", "1")
    look(capsys, str(folder))

    def closed(path: Path) -> str:
        if path.name == "KDL-E-003.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return sha256_of(path)

    with monkeypatch.context() as patched:
        patched.setattr(watching, "sha256_of", closed)
        assert states(look(capsys, code=1)) == {
            "KDL-E-003.csv": "unreadable",
            "KDL-E-004.csv": "unchanged",
        }
        save(folder / "KDL-E-004.csv", "2")
        assert states(look(capsys, code=10))["KDL-E-003.csv"] == "unreadable"
    assert states(look(capsys))["KDL-E-003.csv"] == "unchanged"


@pytest.mark.skipif(os.name != "posix", reason="no FIFOs elsewhere")
def test_a_pipe_is_no_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(folder / "KDL-E-004.csv")
    assert states(look(capsys, str(folder), code=1))["KDL-E-004.csv"] == "unreadable"


def test_names_of_other_systems(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names decomposed, with signs, or in no encoding at all are watched like others."""
    names = ["KDL-E-003 %PATH% & 'a'.csv", "KDL-E-003 tie\u0302\u0301ng.CSV", "KDL-E-003 CON.csv"]
    if os.name == "posix":
        names.append(os.fsdecode(b"KDL-E-003 \xe0\xff.csv"))
    for number, name in enumerate(names):
        save(folder / name, f"{number}")
    look(capsys, str(folder))
    for number, name in enumerate(names):
        save(folder / name, f"{number} again")
    found = look(capsys, code=10)[""]["files"]
    news = {each["state"] for each in found if each["path"].casefold().count("kdl-e-003 ")}
    # Saved in the same second they are one declared change of one dataset.
    assert news <= {"changed", "declared"}
    assert set(states(look(capsys)).values()) == {"unchanged"}


@pytest.mark.parametrize("place", ["begin", "add_event", "finish"])
def test_killed_at_any_moment_it_neither_loses_nor_doubles(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    """The process dies right after each of the three writings."""
    register = folder / "KDL-E-003.csv"
    look(capsys, str(folder))
    save(register, "2", ago=86_400 * 400)  # its moment is that of the look, so it could differ
    script = (
        "import os, sys\n"
        "from iocsl.deadlines import watch\n"
        "from iocsl.deadlines.watch_store import WatchStore\n"
        f"owner = watch if {place!r} == 'add_event' else WatchStore\n"
        f"done = getattr(owner, {place!r})\n"
        "def dies(*given):\n"
        "    done(*given)\n"
        "    os._exit(9)\n"
        f"setattr(owner, {place!r}, dies)\n"
        "from iocsl.cli import main\n"
        "sys.exit(main(['watch']))\n"
    )
    dead = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert dead.returncode == 9
    before = declared(home)
    assert len(before) == (place != "begin")
    # What the ledger has and nobody was told is news of the next look.
    found = states(look(capsys, code=0 if place == "finish" else 10))
    assert found == {"KDL-E-003.csv": "unchanged" if place == "finish" else "changed"}
    assert len(declared(home)) == 1
    assert declared(home)[: len(before)] == before
    assert states(look(capsys)) == {"KDL-E-003.csv": "unchanged"}
    assert main(["audit", "verify"]) == 0


def test_two_looks_at_a_time_take_turns(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from iocsl.deadlines import watch_store

    look(capsys, str(folder))
    monkeypatch.setattr(watch_store, "BUSY_SECONDS", 0.0)
    with WatchStore(home).alone():
        assert main(["watch", "--format", "json"]) == 5
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "record-busy"


def test_it_looks_again_until_it_is_stopped(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            save(folder / "KDL-E-003.csv", "2")
        if len(pauses) == 3:
            raise KeyboardInterrupt

    save(folder / "ai biết.csv", "?")
    monkeypatch.setattr(command, "sleep", pause)
    assert main(["watch", str(folder), "--every", "7"]) == 130
    assert pauses == [7, 7, 7]
    said = capsys.readouterr().out
    assert said.count("thay đổi, đã ghi") == 1
    assert said.count("chưa theo dõi được") == 1
    assert len(declared(home)) == 1


@pytest.mark.skipif(os.name != "posix", reason="Ctrl+C as a signal")
def test_ctrl_c_ends_the_process_with_130(folder: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "iocsl", "watch", str(folder), "--every", "60"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout is not None
    with running:
        assert "1 tệp" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 130


def test_words_that_cannot_be_meant(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, code, said in (
        ((), 2, "nothing-watched"),
        ((str(tmp_path / "không có"),), 2, "missing-file"),
        ((str(folder), "--dataset", "KDL-E-999"), 3, "unknown-dataset"),
        ((str(folder), "--unit", "Sở Không Có"), 2, "unknown-unit"),
        ((str(folder), "--every", "5"), 2, "one-document"),
        ((str(folder), "--every", "0"), 2, "usage"),
        (("--forget",), 2, "forget-what"),
        ((str(folder), "--forget"), 2, "not-watched"),
    ):
        assert main(["watch", *words, "--format", "json"]) == code
        assert json.loads(capsys.readouterr().out)["error"]["code"] == said


def test_forgotten_is_not_watched(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    look(capsys, str(folder))
    look(capsys, str(folder), "--forget")
    assert main(["watch"]) == 2
    assert "iocsl watch" in capsys.readouterr().err
    save(folder / "KDL-E-003.csv", "2")
    assert states(look(capsys, str(folder))) == {"KDL-E-003.csv": "remembered"}


def test_forgetting_one_of_two_places_makes_nothing_new_in_the_other(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register = folder / "KDL-E-003.csv"
    look(capsys, str(folder), str(register))
    look(capsys, str(register), "--forget")
    assert states(look(capsys)) == {"KDL-E-003.csv": "unchanged"}
    assert declared(home) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_tells_people_what_it_found(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    assert main(["watch", str(folder), "--lang", language]) == 0
    assert ("1 file remembered" if language == "en" else "ghi nhớ 1 tệp") in capsys.readouterr().out
    save(folder / "KDL-E-003.csv", "2")
    assert main(["watch", "--lang", language]) == 10
    said = capsys.readouterr().out
    assert f"--period {event_id(events(home)[0].changed_at)}" in said
    assert ("when it was saved" if language == "en" else "giờ lưu tệp") in said
    assert main(["watch", "--lang", language]) == 0
    assert ("nothing to record" if language == "en" else "không có gì") in capsys.readouterr().out
