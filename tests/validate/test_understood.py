"""How figures typed as text were read is shown, once for each way of writing them."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl import text as language
from iocsl.catalog import Catalogue
from iocsl.cli import main
from validate_books import HEAD, book, prices, text

ROW = ["KDL-M-016.001", "2026-10", "14"]


def test_each_way_of_writing_is_shown_once(tmp_path: Path, catalogue: Catalogue) -> None:
    typed = ["12500", "1.234", "8,5", "9.999", "1.234,5", "1.5", "12 đồng"]
    rows = [[f"KDL-M-016.{at:03d}", *ROW[1:], value] for at, value in enumerate(typed, 1)]
    (shown,) = prices(text(tmp_path / "a.csv", [HEAD, *rows]), catalogue).understood
    assert shown.title == "Giá trị"
    assert shown.said() == "“1.234” → 1234; “8,5” → 8,5; “1.234,5” → 1234,5"
    language.set_language("en")
    assert shown.said().endswith("“1.234,5” → 1234.5")


def test_typed_numbers_and_personal_columns_are_not_shown(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    assert prices(book(tmp_path / "a.xlsx", [HEAD, [*ROW, 1234.5]]), catalogue).understood == ()


@pytest.mark.parametrize("beside", [["#N/A"], ["dòng\n1"], ["=1+1"], ["#N/A", 5], [True]])
def test_an_odd_cell_beside_it_does_not_hide_how_a_text_is_read(
    beside: list[object], tmp_path: Path, catalogue: Catalogue
) -> None:
    """Error cells, line breaks and formulas without a value stand in one batch with the text."""
    rows = [
        [f"KDL-M-016.{at:03d}", *ROW[1:], value]
        for at, value in enumerate(["8,5", *beside, "1.234"], 1)
    ]
    (shown,) = prices(book(tmp_path / "a.xlsx", [HEAD, *rows]), catalogue).understood
    assert shown.said() == "“8,5” → 8,5; “1.234” → 1234"


@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_person_sees_it_above_the_findings(
    kind: str, tmp_path: Path, catalogue: object, capsys: pytest.CaptureFixture[str]
) -> None:
    path = text(tmp_path / "KDL-M-016_2026-10.csv", [HEAD, [*ROW, "8,5"]])
    main(["validate", str(path), "--format", kind])
    out = capsys.readouterr().out
    assert "Cách hiểu số ở cột “Giá trị”" in out
    assert "“8,5” → 8,5" in out
