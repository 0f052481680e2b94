"""The four figures follow their formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from iocsl.catalog import Catalogue
from iocsl.validate.quality import Quality, together
from validate_books import HEAD, prices, text

GOOD: list[list[Any]] = [[f"KDL-M-016.{n:03d}", "2026-10", "14", f"{n}.500"] for n in range(1, 31)]


def figures(path: Path, catalogue: Catalogue, rows: list[list[Any]]) -> list[float | None]:
    document = prices(text(path / "a.csv", [HEAD, *rows]), catalogue).document()
    return list(document["quality"].values())


def test_a_faultless_file(tmp_path: Path, catalogue: Catalogue) -> None:
    assert figures(tmp_path, catalogue, GOOD) == [100.0, 100.0, 100.0, None]


def test_one_wrong_cell_of_120(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [[*GOOD[0][:3], "1.5"], *GOOD[1:]]
    assert figures(tmp_path, catalogue, rows) == [99.1, 100.0, 100.0, None]


def test_one_empty_cell_and_one_indicator_missing(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [[*GOOD[0][:3], ""], *GOOD[1:29]]
    # 29 rows of 3 required cells and 30 indicators: 2 of 117 are missing.
    assert figures(tmp_path, catalogue, rows) == [100.0, 98.2, 100.0, None]


def test_a_row_under_a_wrong_code_is_there_by_its_name(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    names = [each.name for each in catalogue.indicators("KDL-M-016")]
    rows = [[row[0], name, *row[1:]] for row, name in zip(GOOD, names, strict=True)]
    head = [HEAD[0], "Tên chỉ tiêu", *HEAD[1:]]

    def quality(code: str, name: str) -> Quality:
        changed = [*rows[:4], [code, name, *rows[4][2:]], *rows[5:]]
        return prices(text(tmp_path / "a.csv", [head, *changed]), catalogue).quality

    # One of 150 cells is wrong; 90 required cells and 30 indicators are there.
    told = quality("KDL-M-016.999", names[4])
    assert (told.correct, told.complete) == (99.3, 100.0)
    told = quality("", names[4])
    assert (told.correct, told.complete) == (100.0, 99.1)
    told = quality("KDL-M-016.999", "Hàng khác")
    assert (told.correct, told.complete) == (99.3, 99.1)


def test_a_column_that_is_not_there_is_empty_everywhere(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    path = text(tmp_path / "a.csv", [HEAD[:3], *[row[:3] for row in GOOD]])
    quality = prices(path, catalogue).quality
    assert (quality.correct, quality.complete) == (100.0, 75.0)


def test_a_repeat_and_untidy_text(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [*GOOD, GOOD[0]]
    quality = prices(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue).quality
    assert quality.clean == 96.7


def test_nothing_read(tmp_path: Path, catalogue: Catalogue) -> None:
    assert figures(tmp_path, catalogue, []) == [None, None, None, None]


def test_several_files_are_weighed_by_what_they_hold() -> None:
    def report(rows: int, *figures: float | None) -> dict[str, Any]:
        keys = ("dung", "du", "sach", "song")
        return {
            "counts": {"rows": rows, "cells": rows * 4},
            "quality": dict(zip(keys, figures, strict=True)),
        }

    both = together([report(30, 100.0, 90.0, 100.0, None), report(10, 50.0, 70.0, None, 80.0)])
    assert both == Quality(87.5, 85.0, 100.0, None)
    assert together([report(0, None, None, None, None)]) == Quality()
    assert together([]) == Quality()
