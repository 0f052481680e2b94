"""Keys in several spellings are told as such; the very same key is told as before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.validate import check
from iocsl.validate.readers.base import Batch, Cell
from iocsl.validate.spellings import SpelledRepeats
from validate_books import book, text


def found(batches: Sequence[Sequence[Cell]]) -> list[tuple[int, int, bool]]:
    """Row, first row and exactness of each repeat; the key is one column."""
    repeats, told, row = SpelledRepeats(["k"]), [], 1
    for cells in batches:
        batch = Batch({"k": cells}, range(row, row + len(cells)), None)
        told += [(batch.rows[at], first.row, exact) for at, first, exact in repeats.see(batch)]
        row += len(cells)
    return told


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["Mường La", "Mường Bú"], []),
        (["Mường La", "Mường La"], [(2, 1, True)]),
        (["Mường La", " Mường  La "], [(2, 1, True)]),
        (["14", 14.0], [(2, 1, True)]),
        (["Mường La", "muong la"], [(2, 1, False)]),
        (["Đà", "da", "da"], [(2, 1, False), (3, 2, True)]),
        (["Đà", "da", "Đà"], [(2, 1, False), (3, 1, True)]),
    ],
)
def test_spellings(cells: list[Cell], wanted: list[tuple[int, int, bool]]) -> None:
    assert found([cells]) == wanted
    assert found([[cell] for cell in cells]) == wanted


KEYED = """
fields:
  - {name: dia_ban, title: Địa bàn, constraints: {required: true}}
  - {name: ngay, title: Ngày, type: date}
  - {name: lan, title: Lần, type: integer, groupChar: "."}
  - {name: so, title: Số, type: number}
primaryKey: [dia_ban, ngay, lan]
"""


def test_a_day_a_number_and_an_area_are_one_however_written(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(KEYED, "utf-8")
    rows = [["dia_ban", "ngay", "lan", "so"], ["03646", "05/11/2026", "1.000", "7"]]
    again = [" X-03646", "2026-11-05", "1000", "8"]
    path = text(tmp_path / "a.csv", [*rows, again])
    found = check(path, catalogue, schema=schema).findings
    assert [(each.code, each.row) for each in found if each.code[0] == "X"] == [("X701", 3)]

    def second(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        other = sheet.parent.create_sheet("Hai")
        for row in (rows[0], ["X-03646", date(2026, 11, 5), 1000, 8]):
            other.append(row)

    made = book(tmp_path / "a.xlsx", [rows[0], [*rows[1][:3], 7]], shape=second)
    found = check(made, catalogue, schema=schema).findings
    assert [(each.code, each.sheet) for each in found] == [("X704", "Hai")]


def test_other_parts_of_the_key_still_count() -> None:
    repeats = SpelledRepeats(["a", "b"])
    first = Batch({"a": ["x", "X"], "b": ["1", "2"]}, range(1, 3), None)
    assert list(repeats.see(first)) == []
    again = Batch({"a": ["x", "X", "X"], "b": ["2", "1", "1"]}, range(3, 6), None)
    assert [(each.at, each.first.row, each.exact) for each in repeats.see(again)] == [
        (0, 2, False),
        (1, 1, False),
        (2, 4, True),
    ]


def test_a_key_met_in_another_spelling_first_is_no_repeat_of_it() -> None:
    columns = {"a": ["x", "y", "y", "y"], "b": ["A", "a", "A", "A"]}
    whole = Batch(columns, range(1, 5), None)
    found = [
        (each.at, each.first.row, each.exact) for each in SpelledRepeats(["a", "b"]).see(whole)
    ]
    assert found == [(2, 2, False), (3, 3, True)]


UNIQUE = """
fields:
  - {name: ten, title: Tên}
  - {name: ngay, title: Ngày, type: date}
  - {name: so, title: Số, type: number, groupChar: ".", decimalChar: ","}
  - {name: lan, title: Lần, type: integer, groupChar: ".", constraints: {unique: true}}
quy_tac:
  - {ma: mot, cot: [ten, ngay, so], phep: unique}
"""


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_rules_of_a_schema_compare_what_is_understood(
    tmp_path: Path, catalogue: Catalogue, form: str
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(UNIQUE, "utf-8")
    typed = form == "xlsx"
    rows: list[list[object]] = [
        ["Tên", "Ngày", "Số", "Lần"],
        ["Mường La", date(2026, 1, 1) if typed else "2026-01-01", 1000 if typed else "1000", 1000],
        ["Mường La", "01/01/2026", "1.000", 7],
        ["mường la", "01/01/2026", "1.000,0", 8],
        ["Mường La", "02/01/2026", "1.000,0", "1.000"],
    ]
    path = tmp_path / f"a.{form}"
    if typed:
        book(path, rows)
    else:
        text(path, [[str(cell) for cell in row] for row in rows])
    findings = check(path, catalogue, schema=schema).findings
    assert [(each.code, each.row) for each in findings] == [("X713", 3), ("X702", 5)]
