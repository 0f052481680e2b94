"""Text, clock, files and periods: what every layer stands on."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from iocsl import clock, files, text
from iocsl.domain import Period, PeriodType, event_id
from iocsl.errors import IocslError


def test_fold_finds_vietnamese_without_its_marks() -> None:
    assert text.fold("Dữ liệu  đất đai") == "du lieu dat dai"
    assert text.fold(unicodedata.normalize("NFD", "Ủy ban Đà Nẵng")) == "uy ban da nang"


def test_squeeze_makes_one_line_in_nfc() -> None:
    decomposed = unicodedata.normalize("NFD", " Sở \n Tài\u00a0chính ")
    assert text.squeeze(decomposed) == "Sở Tài chính"


def test_nearest_offers_a_likely_word_or_none() -> None:
    assert text.nearest("ma chi tieu", ["Mã chỉ tiêu", "Giá trị"]) == "Mã chỉ tiêu"
    assert text.nearest("xyz", ["Mã chỉ tiêu"]) is None


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Chieng Mai", "Chiềng Mai"),
        ("Chiềng Mia", "Chiềng Mai"),
        ("Chieeng Mai", "Chiềng Mai"),
        ("Chềng Ma", "Chiềng Mai"),
        ("Chiềng Muông", "Chiềng Mung"),
        ("Mai Chiềng", None),
        ("Sơn", None),
        ("x" * 100_000, None),
        ("", None),
    ],
)
def test_slips_that_are_seen_through(word: str, meant: str | None) -> None:
    assert text.nearest(word, ["Chiềng Mung", "Chiềng Mai", "Sơn La", "Sông Mã"]) == meant


def test_of_many_choices_those_a_slip_away_are_found() -> None:
    """A long list costs one look, however many wrong words are asked for."""
    codes = [f"MA-{number:04d}-X" for number in range(2_000)]
    assert text.nearest("ma-1234x", codes) == "MA-1234-X"
    assert text.nearest("MA-1243-Z", codes) == "MA-1243-X"
    assert text.nearest("NA-9999-Y", codes) is None


def test_the_clock_of_record_ignores_at() -> None:
    clock.set_now(clock.parse_moment("2020-01-01T00:00+07:00"))
    assert clock.now().year == 2020
    assert clock.record_now().year > 2020


def test_a_moment_without_offset_is_vietnams() -> None:
    assert clock.iso(clock.parse_moment("2026-11-22T08:00")) == "2026-11-22T08:00:00+07:00"
    utc = datetime(2026, 11, 22, 1, tzinfo=UTC)
    assert clock.iso(utc) == "2026-11-22T08:00:00+07:00"


def test_now_comes_from_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOCSL_NOW", "2026-11-22T08:00+07:00")
    assert clock.today() == date(2026, 11, 22)
    monkeypatch.setenv("IOCSL_NOW", "hôm nay")
    with pytest.raises(IocslError):
        clock.now()


@pytest.mark.parametrize(
    ("written", "kind", "first", "last"),
    [
        ("2026-11-22", PeriodType.DAY, date(2026, 11, 22), date(2026, 11, 22)),
        ("2028-02", PeriodType.MONTH, date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-Q4", PeriodType.QUARTER, date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-H1", PeriodType.HALF, date(2026, 1, 1), date(2026, 6, 30)),
        ("2026-9M", PeriodType.NINE_MONTHS, date(2026, 1, 1), date(2026, 9, 30)),
        ("2026", PeriodType.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-DX", PeriodType.SEASON, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_periods(written: str, kind: PeriodType, first: date, last: date) -> None:
    period = Period.parse(written)
    assert (period.type, period.first_day, period.last_day) == (kind, first, last)
    assert str(period) == written


@pytest.mark.parametrize(
    "written",
    ["2026-Q5", "2026-02-30", "2026-13", "2026-H3", "26-11", "", "2026-XX", "20261322T080000+0700"],
)
def test_periods_that_do_not_exist(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is the text itself
        Period.parse(written)


def test_an_event_names_its_moment() -> None:
    moment = clock.parse_moment("2026-11-22T08:00+07:00")
    period = Period.parse(event_id(moment))
    assert period.id == "20261122T080000+0700"
    assert period.moment == moment
    with pytest.raises(ValueError, match="2026-11"):
        _ = Period.parse("2026-11").moment


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "sổ.txt"
    files.write_whole(path, b"one")

    def fail() -> None:
        with files.replacing(path) as stream:
            stream.write(b"two")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_bytes() == b"one"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(os.name != "posix", reason="pipes and links of POSIX")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """`-o /dev/null` as root once left an ordinary file in its place."""
    pipe = tmp_path / "ong"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDWR)
    try:
        with files.replacing(pipe) as stream:
            stream.write(b"abc")
        assert os.read(reading, 3) == b"abc"
    finally:
        os.close(reading)
    assert pipe.is_fifo()
    assert [each.name for each in tmp_path.iterdir()] == ["ong"]


@pytest.mark.skipif(os.name != "posix", reason="pipes and links of POSIX")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "that" / "a.json", tmp_path / "a.json"
    real.parent.mkdir()
    real.write_bytes(b"old")
    link.symlink_to(real)
    files.write_whole(link, b"new")
    assert (link.is_symlink(), real.read_bytes()) == (True, b"new")


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "khoa"
    files.write_whole(path, b"x", private=True)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/srv/kho/nha", True), ("/srv/other", False), ("/srv/kho nam/x", True), ("/home/a", False)],
)
def test_network_mounts_are_told(path: str, expected: bool) -> None:
    table = (
        "/dev/vda / ext4 rw 0 0\nnas:/kho /srv/kho nfs4 rw 0 0\n"
        "//nas/x /srv/kho\\040nam cifs rw 0 0\nbroken\n"
    )
    assert files.network_mount(Path(path), table) is expected


def test_unc_paths_are_network_shares() -> None:
    assert files.on_network(Path("//may-chu/chung"))


@pytest.mark.parametrize("size", [0, 10, files.LONG + 1])
def test_a_digest_taken_beside_other_work_is_that_of_the_file(tmp_path: Path, size: int) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a" * size)
    assert files.sha256_beside(path)() == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_hinders_a_digest_is_told_to_who_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a" * (files.LONG + 1))

    def broken(_: Path) -> str:
        raise PermissionError(13, "no")

    monkeypatch.setattr("iocsl.files.sha256_of", broken)
    wait = files.sha256_beside(path)
    with pytest.raises(PermissionError):
        wait()
