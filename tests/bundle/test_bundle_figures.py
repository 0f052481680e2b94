"""The totals that signers look at: added up when the bundle is made, and carried in its report."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.bundle import figures
from iocsl.bundle.container import open_bundle
from iocsl.bundle.external import print_sheet
from iocsl.bundle.sheet.facts import number
from iocsl.bundle.trust import read_certificate
from real_bundles import Desk, workbook


def test_totals_travel_in_the_report_and_stand_on_the_sheet(home: Path, tmp_path: Path) -> None:
    desk = Desk(home)
    path = desk.bundle(workbook(tmp_path, "2026-10"), tmp_path / "goi.asice", steps=1)
    with open_bundle(path) as bundle:
        found = bundle.report["figures"]
    assert [(each["code"], each["total"], each["rows"]) for each in found] == [
        ("KDL-M-016.001", 12501, 1),
        ("KDL-M-016.002", 12502, 1),
        ("KDL-M-016.003", 12503, 1),
    ]
    made = print_sheet(path, read_certificate(desk.keys.keys[1].with_suffix(".pem")), home=home)
    assert made.sheet is not None
    assert made.sheet.read_bytes().startswith(b"%PDF-")


def test_large_files_are_not_read_twice(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST_ROWS", 2)
    path = Desk(home).bundle(workbook(tmp_path, "2026-10"), tmp_path / "goi.asice", steps=1)
    with open_bundle(path) as bundle:
        assert bundle.report["figures"] == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (12501.0, "12.501"),
        (-1234567.5, "-1.234.567,5"),
        (0.1 + 0.2, "0,3"),
        (1e-9, "0"),
        (-1e-9, "0"),
        (1e15, "1.000.000.000.000.000"),
    ],
)
def test_numbers_are_written_as_here(value: float, written: str) -> None:
    assert number(value) == written
