"""The chain shows whatever was done to it behind its back."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from iocsl.errors import IocslError
from iocsl.ledger.chain import GENESIS, Chain


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    made = Chain.open(tmp_path / "so.sqlite")
    for number in range(1, 6):
        made.append("thu", {"so": number, "ten": "giá đất"}, "nguoi-a")
    return made


def behind_its_back(chain: Chain, *statements: str) -> None:
    """What someone with the file and no respect for triggers does."""
    connection = sqlite3.connect(chain.path)
    with connection:
        connection.execute("DROP TRIGGER entries_keep")
        connection.execute("DROP TRIGGER entries_stay")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_whole_chain_has_no_problem(chain: Chain) -> None:
    assert chain.verify() == []
    first, *_, last = chain.entries()
    assert (first.seq, first.prev) == (1, GENESIS)
    assert chain.head() == last
    assert last.subject == {"so": 5, "ten": "giá đất"}


def test_an_empty_chain_is_whole(tmp_path: Path) -> None:
    chain = Chain.open(tmp_path / "so.sqlite")
    assert (chain.head(), chain.entries(), chain.verify()) == (None, [], [])


@pytest.mark.parametrize(
    ("statement", "code", "seq"),
    [
        ("UPDATE entries SET subject = '{\"so\":9}' WHERE seq = 3", "changed", 3),
        ("UPDATE entries SET at = '2020-01-01T00:00:00+07:00' WHERE seq = 3", "changed", 3),
        ("UPDATE entries SET actor = 'nguoi-b' WHERE seq = 5", "changed", 5),
        ("UPDATE entries SET act = 'khac' WHERE seq = 1", "changed", 1),
        ("UPDATE entries SET subject = 'không phải JSON' WHERE seq = 2", "changed", 2),
        ("UPDATE entries SET hash = 'x' WHERE seq = 5", "changed", 5),
        ("UPDATE entries SET prev = hash WHERE seq = 4", "broken-link", 4),
        ("DELETE FROM entries WHERE seq = 3", "removed", 3),
        ("DELETE FROM entries WHERE seq = 1", "removed", 1),
        ("DELETE FROM entries WHERE seq >= 4", "removed", 4),
        ("DELETE FROM entries", "removed", 1),
        ("UPDATE entries SET seq = 9 WHERE seq = 5", "removed", 5),
    ],
)
def test_meddling_is_seen(chain: Chain, statement: str, code: str, seq: int) -> None:
    behind_its_back(chain, statement)
    assert (seq, code) in [(each.seq, each.code) for each in chain.verify()]


def test_reordered_entries_are_seen(chain: Chain) -> None:
    behind_its_back(
        chain,
        "UPDATE entries SET seq = 20 WHERE seq = 2",
        "UPDATE entries SET seq = 2 WHERE seq = 3",
        "UPDATE entries SET seq = 3 WHERE seq = 20",
    )
    assert {(2, "changed"), (3, "changed")} <= {(each.seq, each.code) for each in chain.verify()}


def test_a_cut_end_stays_seen_after_more_entries(chain: Chain) -> None:
    behind_its_back(chain, "DELETE FROM entries WHERE seq = 5")
    chain.append("thu", {})
    assert [(each.seq, each.code) for each in chain.verify()] == [(5, "removed")]


def test_a_rewritten_chain_is_betrayed_by_a_witness(chain: Chain, tmp_path: Path) -> None:
    head = chain.head()
    assert head is not None
    other = Chain.open(tmp_path / "khac.sqlite")
    for number in range(6):
        other.append("thu", {"so": number})
    assert other.verify() == []
    assert [each.code for each in other.verify([(head.seq, head.hash)])] == ["not-the-witnessed"]
    assert chain.verify([(head.seq, head.hash)]) == []


@pytest.mark.parametrize("statement", ["UPDATE entries SET act = 'x'", "DELETE FROM entries"])
def test_the_database_itself_refuses_to_change_the_past(chain: Chain, statement: str) -> None:
    connection = sqlite3.connect(chain.path)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    connection.close()


def test_several_writers_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "so.sqlite"
    Chain.open(path)

    def write() -> None:
        for number in range(10):
            Chain(path).append("thu", {"so": number})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain = Chain(path)
    assert chain.verify() == []
    assert [entry.seq for entry in chain.entries()] == list(range(1, 41))


def test_decomposed_text_is_kept_composed(tmp_path: Path) -> None:
    chain = Chain.open(tmp_path / "so.sqlite")
    assert chain.append("thu", {"a": "giá"}).subject == {"a": "giá"}
    assert chain.verify() == []


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "so.sqlite"
    path.write_bytes(b"khong phai so nhat ky" * 100)
    with pytest.raises(IocslError, match="cannot be opened") as refused:
        Chain.open(path)
    assert refused.value.code == "record-unreadable"


def test_the_same_act_is_written_once_by_several_at_a_time(tmp_path: Path) -> None:
    made = Chain.open(tmp_path / "so.sqlite")
    written: list[bool] = []

    def write() -> None:
        entry = made.append_new("thu", {"so": 1, "ten": "giá đất"}, "nguoi-a")
        written.append(entry is not None)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(written) == [False] * 5 + [True]
    assert made.append_new("thu", {"so": 2, "ten": "giá đất"}) is not None
    assert len(made.entries()) == 2
    assert made.verify() == []


def test_a_place_that_cannot_be_written_is_not_called_a_damaged_record(tmp_path: Path) -> None:
    with pytest.raises(IocslError) as refused:
        Chain.open(tmp_path)
    assert refused.value.code == "no-permission"
    assert str(tmp_path) in refused.value.message.en
