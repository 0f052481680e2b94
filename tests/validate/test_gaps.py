"""What stands far below a form does not make data of its signatures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate.gaps import GAP, Gaps
from iocsl.validate.readers.base import Chunk
from iocsl.validate.report import Report
from validate_books import HEAD, book, prices, text

FORM: list[Sequence[Any]] = [
    HEAD,
    ["KDL-M-016.001", "2026-10", "14", 8500],
    ["KDL-M-016.002", "2026-10", "14", 8600],
    [],
    ["", "", "", "Sơn La, ngày 20 tháng 10 năm 2026"],
    ["NGƯỜI LẬP BIỂU", "", "", "GIÁM ĐỐC"],
    ["(Ký, ghi rõ họ tên)", "", "", "(Ký tên, đóng dấu)"],
    ["Lò Văn A", "", "", "Hà Thị B"],
]


def told(report: Report) -> list[tuple[str, int | None]]:
    return [(each.code, each.row) for each in report.findings if each.code != "C310"]


@pytest.mark.parametrize("rows", [GAP, 300, 1_500])
@pytest.mark.parametrize("make", [book, text])
def test_a_space_far_below_leaves_signatures_what_they_are(
    make: Callable[..., Path], rows: int, tmp_path: Path, catalogue: Catalogue
) -> None:
    path = make(tmp_path / f"a.{'xlsx' if make is book else 'csv'}", [*FORM, *[[]] * rows, [" "]])
    report = prices(path, catalogue)
    assert told(report) == []
    assert report.rows == 2


@pytest.mark.parametrize("batch", [16, 100, 1_024])
def test_data_below_a_gap_are_data(
    batch: int, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iocsl.validate.readers.workbook.BATCH", batch)
    rows = [*FORM, *[[]] * 100, ["KDL-M-016.003", "2026-10", "14", "x"], *[[]] * 70, *FORM[4:]]
    report = prices(book(tmp_path / "a.xlsx", rows), catalogue)
    assert told(report) == [("V402", len(FORM) + 101)]
    assert report.rows == 3


def _cut(rows: Sequence[str], size: int) -> list[tuple[int, str] | None]:
    """First row and letters of each part, parts without a gap between them taken together."""
    gaps, found = Gaps(0), list[tuple[int, str] | None]()
    chunks = [Chunk([list(rows[at : at + size])], at + 1) for at in range(0, len(rows), size)]
    parts = [part for chunk in chunks for part in gaps.parts(chunk)] + gaps.rest()
    for part in parts:
        if part is None:
            found.append(None)
        elif found and found[-1] is not None:
            first, letters = found[-1]
            assert first + len(letters) == part.first
            found[-1] = first, letters + "".join(str(cell) or "-" for cell in part.columns[0])
        else:
            found.append((part.first, "".join(str(cell) or "-" for cell in part.columns[0])))
    return found


@pytest.mark.parametrize(
    "pattern", ["a5 -3 b2", "-70", "a1 -64 b1", "a1 -63 b1 -64 c2 -200", "-64 a3 -100 -30 b1"]
)
def test_where_gaps_are_does_not_depend_on_the_chunks(pattern: str) -> None:
    rows = [run[0].replace("-", "") for run in pattern.split() for _ in range(int(run[1:]))]
    whole = _cut(rows, len(rows))
    assert whole.count(None) == sum(
        int(each[1:]) >= GAP for each in pattern.split() if each[0] == "-"
    )
    for size in (1, 7, 64, 65):
        assert _cut(rows, size) == whole
    assert "".join(each[1] for each in whole if each) == "".join(row or "-" for row in rows)
