"""However the rows are cut into batches, the findings are the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate import Report, check, engine, spellings
from iocsl.validate.history_files import GivenFiles
from iocsl.validate.readers.base import Batch
from iocsl.validate.rules import vietnamese
from iocsl.validate.table import data_batches

SAMPLES = Path(__file__).parent.parent / "rules"
PRICES: dict[str, Any] = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}


def cut(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Hand the rows over `size` at a time at the most."""

    def pieces(*given: Any) -> Iterator[Batch]:
        for batch in data_batches(*given):
            for start in range(0, len(batch), size):
                part = slice(start, start + size)
                columns = {name: cells[part] for name, cells in batch.columns.items()}
                lines = None if batch.lines is None else batch.lines[part]
                yield Batch(columns, batch.rows[part], lines)

    monkeypatch.setattr(engine, "data_batches", pieces)


def sample(path: Path, catalogue: Catalogue) -> Report:
    options = json.loads((path.parent / "options.json").read_text("utf-8"))
    options.pop("attachments", None)
    earlier = sorted((path.parent / "history").glob("*"))
    schema = path.parent / "schema.yaml"
    return check(
        path,
        catalogue,
        schema=schema if schema.exists() else None,
        history=GivenFiles(earlier) if earlier else None,
        **options,
    )


@pytest.mark.parametrize("group", "CDHLNPSUVX")
def test_samples(group: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    # The file of S219 is large; test_breaking_off cuts small ones.
    paths = [each for each in sorted(SAMPLES.glob(f"{group}*/bad.*")) if "S219" not in each.parts]
    whole = [sample(path, catalogue) for path in paths]
    cut(monkeypatch, 1)
    for path, report in zip(paths, whole, strict=True):
        again = sample(path, catalogue)
        assert list(again.findings) == list(report.findings), path


def both_ways(path: Path, monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue) -> list[Any]:
    """The findings of a file, which do not depend on how its rows are cut."""
    told = list(check(path, catalogue, **PRICES).findings)
    for size in (1, 3):
        cut(monkeypatch, size)
        assert list(check(path, catalogue, **PRICES).findings) == told
    return told


def prices(path: Path, rows: Iterator[tuple[str, str, str, str]]) -> Path:
    """A file of the form: indicator, area, figure and note of each row."""
    lines = [f"{code};2026-10;{area};{figure};{note}" for code, area, figure, note in rows]
    head = "ma_chi_tieu;ky_bao_cao;dia_ban;gia_tri;ghi_chu"
    path.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(("limit", "told"), [(5, False), (6, True)])
def test_tone_marks_are_looked_at_up_to_a_row(
    tmp_path: Path,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
    told: bool,
) -> None:
    monkeypatch.setattr(vietnamese, "LOOKED_AT", limit)
    notes = ["Hòa", "", "", "", "", "Hoà"]
    rows = ((f"KDL-M-016.00{n}", "14", "5", note) for n, note in enumerate(notes, 1))
    found = both_ways(prices(tmp_path / "a.csv", rows), monkeypatch, catalogue)
    assert ("L807" in {each.code for each in found}) is told


@pytest.mark.parametrize(("limit", "told"), [(4, {4}), (5, {4, 6})])
def test_spellings_are_compared_up_to_a_cell(
    tmp_path: Path,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
    told: set[int],
) -> None:
    monkeypatch.setattr(spellings, "MOST", limit)
    schema = tmp_path / "a.schema.yaml"
    schema.write_text("fields:\n  - {name: xa, title: Xã}\nprimaryKey: xa\n", "utf-8")
    path = tmp_path / "a.csv"
    path.write_text("xa\nMường La\nSốp Cộp\nMUONG LA\nPhù Yên\nSOP COP\nphu yen\n", "utf-8")
    for size in (100, 1, 2):
        cut(monkeypatch, size)
        found = check(path, catalogue, schema=schema).findings
        assert {each.row for each in found if each.code == "X703"} == told
