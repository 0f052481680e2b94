"""The record of what landed: once each, the newest sequence, whole after any end of the process."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from iocsl.domain import VIETNAM, ExitCode, Figure
from iocsl.errors import IocslError
from iocsl.ledger import history
from iocsl.ledger.history import FILE, Landing

AT = datetime(2026, 10, 25, 16, 30, tzinfo=VIETNAM)


def landing(name: str = "a", *, period: str = "2026-10", sequence: int = 1) -> Landing:
    return Landing(
        name * 64, "CQ-TC", "KDL-M-016", period, sequence, "r" * 64, AT, 99.1, 100.0, None
    )


def figures(value: float = 1.0, rows: int = 3) -> list[Figure]:
    return [
        Figure(f"KDL-M-016.{n:03d}", "14", "", "2026-10", "chinh_thuc", "gia_tri", value + n)
        for n in range(rows)
    ]


def kept(home: Path) -> list[list[Figure]]:
    return list(history.figures_of(home, [each.identity for each in history.landings(home)]))


def test_what_goes_in_comes_out(home: Path) -> None:
    assert history.landings(home) == []
    assert not (home / FILE).exists()
    assert history.take(home, landing(), figures())
    assert history.landings(home) == [landing()]
    assert kept(home) == [figures()]
    assert history.holds(home, "a" * 64)
    assert not history.holds(home, "b" * 64)
    assert history.landings(home, "CQ-YT") == []
    assert history.landings(home, "CQ-TC", "KDL-M-016") == [landing()]


def test_the_same_landing_twice_is_one(home: Path) -> None:
    history.take(home, landing(), figures())
    assert not history.take(home, landing(), figures(100.0))
    assert kept(home) == [figures()]


def test_the_highest_sequence_counts_in_whatever_order_they_come(home: Path) -> None:
    for sequence, name in ((2, "b"), (3, "c"), (1, "a")):
        history.take(home, landing(name, sequence=sequence), figures(10.0 * sequence))
    history.take(home, landing("d", period="2026-09"), figures(5.0))
    assert [(each.period, each.sequence) for each in history.landings(home)] == [
        ("2026-09", 1),
        ("2026-10", 3),
    ]
    assert kept(home) == [figures(5.0), figures(30.0)]


def test_a_figure_said_twice_is_kept_once(home: Path) -> None:
    history.take(home, landing(), [*figures(), *figures(50.0)])
    assert kept(home) == [figures()]


def test_figures_that_break_off_leave_nothing(home: Path) -> None:
    def broken() -> Iterator[Figure]:
        yield from figures()
        raise OSError("cut off")

    with pytest.raises(OSError, match="cut off"):
        history.take(home, landing(), broken())
    assert history.landings(home) == []
    assert history.take(home, landing(), figures())


_DIES = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_landings import figures, landing
from iocsl.ledger import history

def dying():
    yield from figures(rows=2_000)
    os.kill(os.getpid(), signal.SIGKILL)

history.take(Path(sys.argv[1]), landing(), dying())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_run_leaves_nothing_half(home: Path) -> None:
    history.take(home, landing("z", period="2026-09"), figures())
    here = str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", _DIES, str(home), here], check=False)
    assert done.returncode == -9
    assert [each.identity for each in history.landings(home)] == ["z" * 64]
    assert history.take(home, landing(), figures())
    assert kept(home) == [figures(), figures()]


@pytest.mark.parametrize("content", [b"not a database, however long it goes on" * 99, b"\0" * 5000])
def test_a_damaged_history_is_told(home: Path, content: bytes) -> None:
    home.mkdir(parents=True)
    (home / FILE).write_bytes(content)
    for act in (history.landings, lambda where: history.take(where, landing(), figures())):
        with pytest.raises(IocslError) as caught:
            act(home)
        assert caught.value.exit_code is ExitCode.CONFIGURATION
        assert FILE in caught.value.message.vi
    assert (home / FILE).read_bytes() == content


def test_a_moment_that_is_none_is_told(home: Path) -> None:
    history.take(home, landing(), figures())
    with contextlib.closing(sqlite3.connect(home / FILE)) as connection, connection:
        connection.execute("UPDATE landings SET accepted_at = 'hôm qua'")
    with pytest.raises(IocslError) as caught:
        history.landings(home)
    assert caught.value.code == "record-unreadable"


def test_a_history_of_a_later_iocsl_is_let_be(home: Path) -> None:
    history.take(home, landing(), figures())
    with contextlib.closing(sqlite3.connect(home / FILE)) as connection:
        connection.execute("PRAGMA user_version = 9")
    for act in (history.landings, lambda where: history.take(where, landing("b"), [])):
        with pytest.raises(IocslError) as caught:
            act(home)
        assert caught.value.code == "history-format"


def test_a_history_that_another_program_holds(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PATIENCE", 0.05)
    history.take(home, landing(), figures())
    with contextlib.closing(sqlite3.connect(home / FILE, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(IocslError) as caught:
            history.landings(home)
    assert (caught.value.code, caught.value.exit_code) == ("record-busy", ExitCode.NO_ANSWER)
