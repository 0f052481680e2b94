"""What a reviewer sees before signing: what changed, since the returned one and the last period."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bundle_forge import Forge, World, people
from iocsl import clock
from iocsl.bundle import changes, workflow
from iocsl.bundle.container import open_bundle, replace_member
from iocsl.bundle.drafts import Request, prepare
from iocsl.bundle.identity import Slip
from iocsl.bundle.overview import Overview, overview_of_bundle
from iocsl.catalog import Catalogue
from iocsl.commands.bundle_screen import page_of
from iocsl.domain import Figure
from iocsl.errors import IocslError
from iocsl.ledger import history
from iocsl.ledger.chain import Chain

HEAD = "ma_chi_tieu,ky_bao_cao,dia_ban,gia_tri"
UNIT, DATASET = "CQ-TC", "KDL-M-016"
Make = Callable[..., Path]


@pytest.fixture
def make(catalogue: Catalogue, home: Path, tmp_path: Path) -> Make:
    """Bundles of one row each for a code and its value, signed by the first of the three."""
    World(home)

    def made(name: str, rows: dict[str, str], period: str = "2026-10") -> Path:
        data = tmp_path / f"{DATASET}_{period}.csv"
        lines = [f"{DATASET}.{code},{period},14,{value}" for code, value in rows.items()]
        data.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
        draft = prepare(Request((data,), unit=UNIT), catalogue, Chain.open())
        workflow.create(draft, people()[0].signer(), tmp_path / name)
        return tmp_path / name

    return made


def overview(path: Path, home: Path, catalogue: Catalogue) -> Overview:
    return overview_of_bundle(path, home, catalogue, steps=1)


def test_the_correction_beside_what_was_returned(
    make: Make, home: Path, catalogue: Catalogue
) -> None:
    first = make("mot.asice", {"001": "12", "002": "7", "003": "5"})
    workflow.act(first, 2, people()[1].signer(), reason="Sai 002")
    page = overview(make("hai.asice", {"001": "12", "002": "8", "004": "3"}), home, catalogue)
    found = page.changes
    assert found is not None
    assert (found.known, found.sequence, found.reason) == (True, 1, "Sai 002")
    assert (found.rows, found.added, found.removed, found.cells) == ((3, 3), 1, 1, 1)
    assert [(each.kind, each.before, each.after) for each in found.first] == [
        ("changed", "7", "8"),
        ("added", None, None),
        ("removed", None, None),
    ]
    text = page_of(page)
    assert "bị trả lại: Sai 002" in text
    assert "KDL-M-016.002 2026-10 14, Giá trị: 7 → 8" in text
    assert "- dòng KDL-M-016.003" in text
    document = json.loads(json.dumps(page.document()))
    assert set(document["changes"]["findings"]) == {"fixed", "new"}


def test_a_bundle_that_is_not_at_hand_is_said_to_be_missing(
    make: Make, home: Path, catalogue: Catalogue
) -> None:
    first = make("mot.asice", {"001": "12"})
    workflow.act(first, 2, people()[1].signer(), reason="Sai")
    second = make("hai.asice", {"001": "13"})
    first.unlink()
    for each in (home / "goi").iterdir():
        each.unlink()
    page = overview(second, home, catalogue)
    assert page.changes is not None
    assert not page.changes.known
    assert "không có gói bị thay thế trên máy này" in page_of(page)


def test_what_lies_beside_it_under_that_name_is_not_taken_for_it(
    make: Make, home: Path, catalogue: Catalogue
) -> None:
    """Files that are not those of the identity: somebody changed the earlier bundle."""
    first = make("mot.asice", {"001": "12"})
    workflow.act(first, 2, people()[1].signer(), reason="Sai")
    second = make("hai.asice", {"001": "13"})
    for each in (home / "goi").iterdir():
        each.unlink()
    name = f"du-lieu/{DATASET}_2026-10.csv"
    with open_bundle(first) as bundle:
        altered = b"".join(bundle.read(name)).replace(b",14,12", b",14,99")
    replace_member(first, first, name, altered)
    page = overview(second, home, catalogue)
    assert page.changes is not None
    assert not page.changes.known


def test_counts_are_exact_where_the_list_is_cut(
    make: Make, home: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [f"{n:03}" for n in range(1, 21)]
    first = make("mot.asice", dict.fromkeys(codes, "1"))
    workflow.act(first, 2, people()[1].signer(), reason="Sai")
    second = make("hai.asice", dict.fromkeys(codes, "2"))
    monkeypatch.setattr(changes, "FIRST", 5)
    page = overview(second, home, catalogue)
    assert page.changes is not None
    assert (page.changes.cells, len(page.changes.first)) == (20, 5)
    assert "sửa 20 ô" in page_of(page)


def landed(home: Path, slip: Slip, values: dict[str, float]) -> None:
    """The home's record of a submission that landed."""
    figures = [
        Figure(f"{DATASET}.{code}", "14", "", slip.period, "chinh_thuc", "gia_tri", value)
        for code, value in values.items()
    ]
    landing = history.Landing(
        slip.identity(), slip.unit, slip.dataset, slip.period, 1, "0" * 64, clock.record_now()
    )
    history.take(home, landing, figures)


def test_beside_the_last_period(make: Make, home: Path, catalogue: Catalogue) -> None:
    path = make("goi.asice", {"001": "12", "002": "30", "003": "5"})
    page = overview(path, home, catalogue)
    assert page.last is None
    assert "không có số liệu kho đã nhận của kỳ trước" in page_of(page)
    for period, value in (("2026-08", 1.0), ("2026-09", 10.0), ("2026-11", 99.0)):
        slip = Slip(UNIT, DATASET, period, 1, None, page.slip.files)
        landed(home, slip, {"001": 12.0, "002": value, "009": 4.0})
    last = overview(path, home, catalogue).last
    assert last is not None
    assert (last.period, last.indicators, last.rows) == ("2026-09", 4, None)
    assert [(each.indicator[-3:], each.before, each.now) for each in last.totals] == [
        ("003", None, 5.0),
        ("009", 4.0, None),
        ("002", 10.0, 30.0),
    ]
    text = page_of(overview(path, home, catalogue))
    assert "2026-09: 3 trên 4 chỉ tiêu thay đổi" in text
    assert "KDL-M-016.002: 10 → 30 (+200 %)" in text


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_fits_a_terminal_of_80_by_24(
    make: Make,
    home: Path,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    from iocsl import text

    codes = [f"{n:03}" for n in range(1, 31)]
    first = make("mot.asice", dict.fromkeys(codes, "1"))
    workflow.act(first, 2, people()[1].signer(), reason="Sai \x1b[2J" * 20)
    path = make("hai.asice", {code: str(n) for n, code in enumerate(codes, 5)})
    workflow.act(path, 2, people()[1].signer())
    page = overview_of_bundle(path, home, catalogue, steps=2)
    slip = Slip(UNIT, DATASET, "2026-09", 1, None, page.slip.files)
    landed(home, slip, dict.fromkeys(codes, 2.0))
    page = overview_of_bundle(path, home, catalogue, steps=2)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    text.set_language(language)
    lines = page_of(page).splitlines()
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
    for words in ("2026-10", "CQ-TC", "2026-09", "THỬ NGHIỆM B", page.slip.identity()):
        assert any(words in line for line in lines), words
    assert sum(bool(re.search(r"… (và|and) \d+", line)) for line in lines) == 2


@pytest.mark.parametrize(
    "bent", [{"structure": 5}, {"indicators": None}, {"dataset": {"source": "abc"}}]
)
def test_a_bundle_of_odd_records_is_refused_and_no_crash(
    home: Path, catalogue: Catalogue, tmp_path: Path, bent: dict[str, Any]
) -> None:
    world = World(home)
    path = tmp_path / "goi.asice"
    forge = Forge().fill(description=lambda document: {**document, **bent})
    path.write_bytes(forge.sign_all().packed())
    with pytest.raises(IocslError) as refused:
        overview_of_bundle(path, world.home, catalogue)
    assert refused.value.exit_code == 4
