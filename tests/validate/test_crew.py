"""Several processes at one CSV file report what a single one does."""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from iocsl import cli
from iocsl.catalog import Catalogue
from iocsl.commands import validate_jobs
from iocsl.domain import ExitCode, Figure, Period
from iocsl.validate import breaking_off, check, crew
from iocsl.validate import table as tables
from iocsl.validate.context import Context
from iocsl.validate.crew import Crew
from iocsl.validate.history import Supplied
from iocsl.validate.readers import delimited
from iocsl.validate.report import Report
from iocsl.validate.screener import Answer, Screener

COLUMNS = "ma_chi_tieu;ten_chi_tieu;don_vi_tinh;ky_bao_cao;dia_ban;gia_tri;ngay_chot;ghi_chu"
SCHEMA = """\
name: bieu
fields:
  - {name: ma_chi_tieu, type: string, constraints: {required: true, pattern: 'KDL-[0-9]{3}'}}
  - {name: ten_chi_tieu, type: string}
  - {name: don_vi_tinh, type: string, constraints: {enum: [kg, lít]}}
  - {name: ky_bao_cao, type: string, constraints: {required: true}}
  - {name: dia_ban, type: string, constraints: {required: true}}
  - {name: gia_tri, type: number, decimalChar: ",", groupChar: ".", constraints: {minimum: 0}}
  - {name: ngay_chot, type: date}
  - {name: ghi_chu, type: string}
primaryKey: [ma_chi_tieu, ky_bao_cao, dia_ban]
quy_tac:
  - {ma: QT1, phep: required_if, cot: ghi_chu, voi: {don_vi_tinh: lít}}
"""
QUIETLY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ODD = (
    "",
    ";;;;;;;",
    "Tổng cộng;;;;;9;;",
    COLUMNS,
    "KDL-001;A;kg;2026-10;03646;1;01/02/2026;x;thừa",
    "KDL-001;A;kg;2026-10;03646;1",
    '"KDL-001";"A; B";kg;2026-10;03646;"1,5";01/02/2026;""',
    '"KDL-001";"A\nB";kg;2026-10;03646;2;01/02/2026;',
    'KDL-001;A "B;kg;2026-10;03646;2;01/02/2026;',
    'KDL-001;A;kg;2026-10;03646;2;01/02/2026;"chưa đóng',
    "kdl-001 ; a;KG;2026-10;03646;0.500;31/02/2026;",
    "KDL-007;\uff22;lít;2026-10;Mường La;1.234;02/2026;",
    "KDL-007;B;lít;2026-10;muong la;#N/A;1/2/2026;",
    ";KDL-007;B;lít;2026-10;03646;12;01/02/2026",
)
"""Lines that are more than plain rows of data, or have faults of every kind."""


class InThread:
    """Another process as the crew sees it, in this one; what it is told goes through pickle."""

    def __init__(self) -> None:
        self._screener: Screener | None = None

    def ask(self, question: object, briefing: bytes) -> list[Answer]:
        if self._screener is None:
            self._screener = Screener(*pickle.loads(briefing))  # noqa: S301 - made here
        asked = pickle.loads(pickle.dumps(question))  # noqa: S301 - made here
        found: list[Answer] = pickle.loads(pickle.dumps(self._screener.look(*asked)))  # noqa: S301
        return found

    def end(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is open."""


class Gone(InThread):
    """A process that dies after some questions."""

    def __init__(self) -> None:
        super().__init__()
        self._left = 3

    def ask(self, question: object, briefing: bytes) -> list[Answer]:
        self._left -= 1
        if self._left < 0:
            raise EOFError
        return super().ask(question, briefing)


class OneMonth:
    """A past of one submission with one figure."""

    def supplied(self, _: Context) -> Iterator[Supplied]:
        figure = Figure("KDL-M-016.001", "03646", "", "2026-09", "chinh_thuc", "gia_tri", 3.0)
        yield Supplied(Period.parse("2026-09"), [figure])

    def live(self, _: Context) -> float | None:
        return None


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "bieu.schema.yaml"
    path.write_text(SCHEMA, "utf-8")
    return path


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks and parts of a few rows, so that a small file has many."""
    monkeypatch.setattr(crew, "FRONT", 500)
    monkeypatch.setattr(crew, "PART", 2_000)
    monkeypatch.setattr(delimited, "PIECE", 700)


def rows(count: int, chance: random.Random) -> list[str]:
    return [
        f"KDL-{number % 40:03d};Mặt hàng {number % 40};{chance.choice(['kg', 'lít', 'kg', 'g'])};"
        f"2026-{number // 40 % 12 + 1:02d};{3646 + number // 480:05d};"
        f"{chance.choice(['1', '2.345', '7,25', '1.5', '-3', 'x', ''])};"
        f"{number % 30 + 1:02d}/02/2026;{chance.choice(['', 'ghi chú'])}"
        for number in range(count)
    ]


def told(report: Report) -> dict[str, Any]:
    return {
        "findings": list(report.findings),
        "rows": report.rows,
        "cells": report.cells,
        "quality": report.quality.document(),
        "understood": report.understood,
    }


def seen_by(
    path: Path,
    catalogue: Catalogue,
    other: type[InThread] = InThread,
    **asked: Any,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What one process says, and what three do."""
    alone = told(check(path, catalogue, **asked))
    workers: Any = [other(), other()]
    together = told(check(path, catalogue, workers=workers, **asked))
    return alone, together


@pytest.mark.usefixtures("small")
@QUIETLY
@given(
    odd=st.lists(st.tuples(st.sampled_from(ODD), st.integers(0, 400)), max_size=12),
    seed=st.integers(0, 1000),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.booleans(),
    declared=st.booleans(),
)
def test_findings_are_those_of_one_process(  # noqa: PLR0917 - drawn by name
    tmp_path_factory: pytest.TempPathFactory,
    catalogue: Catalogue,
    odd: list[tuple[str, int]],
    seed: int,
    ending: str,
    last: bool,
    declared: bool,
) -> None:
    folder = tmp_path_factory.mktemp("crew")
    structure = folder / "bieu.schema.yaml"
    structure.write_text(SCHEMA, "utf-8")
    lines = rows(400, random.Random(seed))  # noqa: S311 - test data
    for line, at in odd:
        lines.insert(at, line)
    path = folder / "bieu.csv"
    text = ending.join([*["sep=;"] * declared, COLUMNS, *lines]) + ending * last
    path.write_bytes(text.encode())
    alone, together = seen_by(path, catalogue, schema=structure)
    assert together == alone


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "line", ["Biểu số 2", "Người lập biểu;;;Thủ trưởng đơn vị", "KDL-001;\xff", 'a;"b', "\0"]
)
@pytest.mark.parametrize("at", [10, 200, 400])
def test_what_ends_a_table_or_cannot_be_read_is_told_alike(  # noqa: PLR0917 - fixtures
    tmp_path: Path,
    catalogue: Catalogue,
    schema: Path,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    at: int,
) -> None:
    lines = rows(400, random.Random(1))  # noqa: S311 - test data
    lines.insert(at, line)
    path = tmp_path / "bieu.csv"
    text = "\n".join(["Biểu 1", "", COLUMNS, *lines])
    path.write_bytes(text.encode("latin-1" if "\xff" in line else "utf-8", "replace"))
    alone, together = seen_by(path, catalogue, schema=schema)
    assert together == alone


@pytest.mark.usefixtures("small")
def test_rows_are_screened_and_only_columns_that_are_looked_at_are_read(
    tmp_path: Path, catalogue: Catalogue, schema: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the comparisons here would compare one way of reading with itself."""
    screened = 0
    asked: set[int] = set()
    original, cells = Crew.chunks, crew._LateColumns.cells

    def chunks(self: Crew, *given: Any) -> Any:
        nonlocal screened
        for chunk in original(self, *given):
            screened += chunk.screened is not None
            yield chunk

    def watched(self: Any, at: int) -> Any:
        asked.add(at)
        return cells(self, at)

    monkeypatch.setattr(Crew, "chunks", chunks)
    monkeypatch.setattr(crew._LateColumns, "cells", watched)
    path = tmp_path / "bieu.csv"
    path.write_text("\n".join([COLUMNS, *rows(9_000, random.Random(2))]), "utf-8")  # noqa: S311
    alone, together = seen_by(path, catalogue, schema=schema)
    assert together == alone
    assert screened > 100
    assert {0, 3, 4} <= asked


@pytest.mark.usefixtures("small")
def test_a_process_that_dies_takes_nothing_with_it(
    tmp_path: Path, catalogue: Catalogue, schema: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bieu.csv"
    path.write_text("\n".join([COLUMNS, *rows(2_000, random.Random(3))]), "utf-8")  # noqa: S311
    alone, together = seen_by(path, catalogue, Gone, schema=schema)
    assert together == alone


def test_without_any_other_process_one_does_it_all(
    tmp_path: Path,
    schema: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refused(_: str) -> None:
        raise OSError

    monkeypatch.setattr(validate_jobs, "SMALLEST", 0)
    monkeypatch.setattr(validate_jobs, "SHARE", 1)
    monkeypatch.setattr("iocsl.child.Worker", refused)
    path = tmp_path / "bieu.csv"
    path.write_text("\n".join([COLUMNS, *rows(300, random.Random(3))]), "utf-8")  # noqa: S311
    asked = ["validate", str(path), "--schema", str(schema), "--format", "json", "--jobs", "2"]
    assert cli.main(asked) == ExitCode.FINDINGS
    assert json.loads(capsys.readouterr().out)["counts"]["rows"] == 300


@pytest.mark.usefixtures("small")
def test_codes_periods_and_the_past_are_asked_alike(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = "ma_chi_tieu;ten_chi_tieu;don_vi_tinh;ky_bao_cao;dia_ban;gia_tri"
    indicators = catalogue.indicators("KDL-M-016")
    areas = [unit.official_code for unit in catalogue.units() if unit.id[:2] == "X-"]
    lines = [
        f"{each.code};{each.name};{each.unit_of_measure};2026-{9 + number % 3:02d};{area};{number}"
        for number, area in enumerate(areas)
        for each in indicators[number % 3 :]
    ]
    lines[30] = lines[30].replace("KDL-M-016", "KDL-M-061")
    lines[300] = lines[300].replace(";2026", ";2025")
    path = tmp_path / "KDL-M-016_2026-10.csv"
    path.write_text("\n".join([heads, *lines]), "utf-8")
    asked: Any = {"unit": "CQ-TC", "history": OneMonth()}
    alone, together = seen_by(path, catalogue, **asked)
    assert together == alone
    assert {each.code[0] for each in alone["findings"]} >= {"C", "H", "P"}


def test_the_command_with_real_processes(
    tmp_path: Path,
    schema: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(validate_jobs, "SMALLEST", 0)
    monkeypatch.setattr(validate_jobs, "SHARE", 1)
    monkeypatch.setattr(crew, "FRONT", 1_000)
    monkeypatch.setattr(crew, "PART", 100_000)
    path = tmp_path / "bieu.csv"
    path.write_text("\n".join([COLUMNS, *rows(20_000, random.Random(4))]), "utf-8")  # noqa: S311
    said = []
    for jobs in ("1", "2"):
        asked = ["validate", str(path), "--schema", str(schema), "--format", "json"]
        assert cli.main([*asked, "--jobs", jobs]) == ExitCode.FINDINGS
        said.append(json.loads(capsys.readouterr().out))
    assert said[0]["findings"] == said[1]["findings"]
    assert said[0]["quality"] == said[1]["quality"]


@pytest.mark.usefixtures("small")
@QUIETLY
@example(odd=[("", 0), ("", 0)], seed=23, wrong=[], blank=78)
@example(odd=[(ODD[9], 110)], seed=0, wrong=[], blank=40)
@example(odd=[(ODD[4], 0), (ODD[6], 0)], seed=23, wrong=[], blank=74)
@given(
    odd=st.lists(st.tuples(st.sampled_from(ODD), st.integers(0, 400)), max_size=12),
    seed=st.integers(0, 1000),
    wrong=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 8)), max_size=400),
    blank=st.integers(0, 120),
)
def test_a_table_is_left_at_the_same_row(  # noqa: PLR0917 - drawn by name
    tmp_path_factory: pytest.TempPathFactory,
    catalogue: Catalogue,
    odd: list[tuple[str, int]],
    seed: int,
    wrong: list[tuple[int, int]],
    blank: int,
) -> None:
    folder = tmp_path_factory.mktemp("crew")
    structure = folder / "bieu.schema.yaml"
    structure.write_text(SCHEMA, "utf-8")
    lines = rows(400, random.Random(seed))  # noqa: S311 - test data
    for at, cells in wrong:
        lines[at % 400] = ";".join(["sai"] * cells + lines[at % 400].split(";")[cells:])
    for line, at in odd:
        lines.insert(at, line)
    lines[seed % 400 : seed % 400] = [""] * blank
    path = folder / "bieu.csv"
    path.write_text("\n".join([COLUMNS, *lines]), "utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(breaking_off, "STEP", 10)
        patched.setattr(breaking_off, "TOO_MANY", ((60, 4), (300, 8)))
        patched.setattr(tables, "MOST_BLANK", 40)
        patched.setattr(breaking_off, "TOO_MANY_TOLD", (200, 3))
        patched.setattr(breaking_off, "TOO_MANY_REPEATED", (100, 4))
        patched.setattr(tables, "MOST_ASIDE", 3)
        patched.setattr(breaking_off, "FOR_EACH", 1)
        alone, together = seen_by(path, catalogue, schema=structure)
    assert together == alone
