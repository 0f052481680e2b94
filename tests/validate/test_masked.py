"""What D902 takes for a personal number is quoted by no other rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate import check
from validate_books import HEAD, prices, text


@pytest.mark.parametrize("note", ["Người  bán: 014199001234", "Gọi\u200b 0912345678", "Ðt  a@b.vn"])
def test_a_note_with_a_personal_number_is_masked_by_every_rule(
    tmp_path: Path, catalogue: Catalogue, note: str
) -> None:
    rows = [[*HEAD, "Ghi chú"], ["KDL-M-016.001", "2026-10", "14", "12500", note]]
    found = [
        each
        for each in prices(text(tmp_path / "a.csv", rows), catalogue).findings
        if each.column == "ghi_chu"
    ]
    assert {"D902"} < {each.code for each in found}
    assert {each.value for each in found} == {"***"}
    said = " ".join(each.message for each in found)
    assert not any(part in said for part in ("014199001234", "0912345678", "a@b.vn"))


def test_a_wrong_phone_is_masked_and_a_tax_code_is_shown(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(
        "fields:\n  - {name: dt, title: Điện thoại, type: string, format: dien_thoai}\n"
        "  - {name: mst, title: Mã số thuế, type: string, format: mst}\n",
        encoding="utf-8",
    )
    path = text(tmp_path / "a.csv", [["Điện thoại", "Mã số thuế"], ["0112345678", "0312345678"]])
    found = {
        each.column: each
        for each in check(path, catalogue, schema=schema).findings
        if each.code == "V418"
    }
    assert found["dt"].value == "***"
    assert "0112345678" not in found["dt"].message
    assert found["mst"].value == "0312345678"


@pytest.mark.parametrize(
    ("rows", "every", "told"),
    [(500, 2, [250]), (200, 10, [20]), (200, 11, [1] * 19), (30, 2, [1] * 15)],
)
def test_a_column_of_personal_numbers_is_one_finding_and_single_slips_are_not(
    tmp_path: Path, catalogue: Catalogue, rows: int, every: int, told: list[int]
) -> None:
    schema = tmp_path / "s.yaml"
    fields = "  - {name: ten, title: Tên hộ, type: string}\n  - {name: ghi, title: Ghi chú}\n"
    schema.write_text(f"fields:\n{fields}", encoding="utf-8")
    notes = [f"0140850{at:05d}" if at % every == 0 else "đã nhận" for at in range(rows)]
    cells = [["Tên hộ", "Ghi chú"], *([f"Hộ {at}", note] for at, note in enumerate(notes))]
    found = check(text(tmp_path / "a.csv", cells), catalogue, schema=schema).findings
    assert [each.count for each in found if each.code == "D902"] == told
    assert {(each.column, each.value) for each in found if each.code == "D902"} == {("ghi", "***")}
