"""Records are called as their official calls them, in every format, personal data masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.validate import check, findings
from iocsl.validate.naming import names_of_records
from iocsl.validate.record_names import RecordName
from iocsl.validate.sections import parts_of
from validate_books import HEAD, book, prices, text

SAID = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10", "schema": None}
FORM = ["ma_chi_tieu", "ten_chi_tieu", "ky_bao_cao", "dia_ban", "gia_tri", "trang_thai_so_lieu"]
ROWS = [
    ["KDL-M-016.001", "Thóc tẻ thường", "2026-10", "14", "x", ""],
    ["KDL-M-016.002", "", "2026-09", "04132", "x", "so_bo"],
    ["", "Giá thịt lợn", "2026-10", "X-04132", "x", "uoc_tinh"],
    ["KDL-M-016.003", "Gạo nếp", "2026-10", "14", "1", ""],
    ["KDL-M-016.999", "Giá vàng", "", "Chiềng Xa", "x", "chinh_thuc"],
]
CALLED = {
    2: ("KDL-M-016.001 Thóc tẻ thường, toàn tỉnh", "2026-10"),
    3: ("KDL-M-016.002 Gạo tẻ thường, Xã Chiềng Mai, sơ bộ", "2026-09"),
    4: ("Giá thịt lợn, Xã Chiềng Mai, ước tính", "2026-10"),
    6: ("KDL-M-016.999 Giá vàng, Chiềng Xa", ""),
}


def names(path: Path, catalogue: Catalogue) -> dict[int, RecordName]:
    report = prices(path, catalogue)
    found = names_of_records(path, report, catalogue, SAID)
    return {each.row: found.of(each) for each in report.findings if each.row is not None}


def xml(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    records = (
        "".join(f"<{key}>{cell}</{key}>" for key, cell in zip(FORM, row, strict=True))
        for row in rows
    )
    path.write_text(
        f"<du_lieu>{''.join(f'<dong>{each}</dong>' for each in records)}</du_lieu>", "utf-8"
    )
    return path


@pytest.mark.parametrize("kind", ["xlsx", "csv", "xml"])
def test_a_record_is_called_by_its_key_with_its_names(
    kind: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    path = tmp_path / f"KDL-M-016_2026-10.{kind}"
    if kind == "xlsx":
        book(path, [FORM, *ROWS])
    elif kind == "csv":
        text(path, [FORM, *ROWS])
    else:
        xml(path, ROWS)
    assert names(path, catalogue) == CALLED


def test_rows_are_found_under_titles_merged_names_and_headings_of_later_parts(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    def merged(sheet: Worksheet) -> None:
        sheet.merge_cells("E5:E7")

    rows: list[list[Any]] = [
        ["BÁO CÁO"],
        [],
        HEAD,
        ["KDL-M-016.001", "2026-10", "04132", "x"],
        ["KDL-M-016.002", "2026-10", "", "x"],
        ["KDL-M-016.003", "2026-10", "", "x"],
        ["Tổng cộng", "", "", 5],
        [],
        [*HEAD[1:], HEAD[0]],
        ["2026-10", "14", "x", "KDL-M-016.004"],
    ]
    path = book(tmp_path / "KDL-M-016_2026-10.xlsx", rows, at=(2, 3), shape=merged)
    found = names(path, catalogue)
    assert found[5].name == "KDL-M-016.001 Thóc tẻ thường, Xã Chiềng Mai"
    assert found[7].name == "KDL-M-016.003 Gạo nếp, Xã Chiềng Mai"
    assert found[8].name == "Tổng cộng"
    assert found[11].name == "KDL-M-016.004 Ngô hạt, toàn tỉnh"


SCHEMA = """\
name: so
fields:
  - {name: ma_ho, type: string, constraints: {required: true}}
  - {name: ten_ho, type: string, du_lieu_ca_nhan: true}
  - {name: ngay, type: date}
  - {name: so_tien, type: number}
KEY
"""


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("primaryKey: [ma_ho, ngay]", ["H1 ***, 31/12/2026", "H2, 32/12/2026"]),
        ("", ["H1 ***", "H2"]),
    ],
)
def test_personal_data_are_masked_in_names(
    key: str, wanted: list[str], tmp_path: Path, catalogue: Catalogue
) -> None:
    structure = tmp_path / "so.schema.yaml"
    structure.write_text(SCHEMA.replace("KEY", key), "utf-8")
    rows = [
        ["ma_ho", "ten_ho", "ngay", "so_tien"],
        ["H1", "Lò Thị Mai", "31/12/2026", "x"],
        ["H2", "", "32/12/2026", "x"],
        ["0912345678", "", "", "x"],
    ]
    path = text(tmp_path / "so.csv", rows)
    report = check(path, catalogue, schema=structure)
    said = {"dataset": None, "unit": None, "period": None, "schema": structure}
    found = names_of_records(path, report, catalogue, said)
    named = [found.of(each).name for each in report.findings if each.column == "so_tien"]
    # a number that is somebody's names nobody
    assert named == [*wanted, ""]
    assert found.title("ma_ho") == "ma_ho"


def test_an_area_is_not_said_twice_and_an_empty_cell_is_shown_as_such(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    head = ["so_dang_ky", "ngay_dang_ky", "noi_dang_ky", "dia_ban", "ho_ten", "gioi_tinh"]
    row = ["001/2026", date(2026, 10, 9), "UBND xã Chiềng Mai", "04132", "", "Nữ"]
    path = book(tmp_path / "a.xlsx", [[*head, "ngay_sinh"], *[[*row, date(2026, 9, 9)]] * 2])
    said = {"dataset": "KDL-D-003", "unit": None, "period": "2026-10-09", "schema": None}
    report = check(path, catalogue, **said)  # type: ignore[arg-type] # no schema
    empty = next(each for each in report.findings if each.code == "V401")
    assert (empty.column, empty.value) == ("ho_ten", "")
    found = names_of_records(path, report, catalogue, said)
    assert found.of(empty).name == "001/2026, 09/10/2026, UBND xã Chiềng Mai"
    (repeat,) = (each for each in report.findings if each.code == "X701")
    assert "001/2026 · 09/10/2026 · UBND xã Chiềng Mai" in repeat.message


def test_a_file_is_read_up_to_the_last_finding_and_names_beyond_memory_are_kept(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "KEPT", 20)
    count = 50
    bad = [["KDL-M-016.001", "Thóc", f"2026-{at}", "14", "x", ""] for at in range(count)]
    good = [["KDL-M-016.002", "Gạo tẻ thường", "2026-10", "14", "1", ""]] * 5_000
    path = text(tmp_path / "KDL-M-016_2026-10.csv", [FORM, *bad, *good])
    report = prices(path, catalogue)
    wrong = [each for each in report.findings if each.code == "V402"]
    assert len(wrong) == count
    seen: list[int] = []

    def counting(*told: Any) -> Any:
        for layout, chunk in parts_of(*told):
            seen.append(chunk.first)
            yield layout, chunk

    monkeypatch.setattr("iocsl.validate.naming.parts_of", counting)
    kept = [each for each in report.findings if each.row is None or each.row <= count + 1]
    found = names_of_records(path, replace(report, findings=kept), catalogue, SAID)
    assert found.of(wrong[-1]).period == f"2026-{count - 1}"
    assert found.of(wrong[0]).period == "2026-0"
    assert max(seen) <= count + 2_048


def test_a_file_that_went_has_no_names(tmp_path: Path, catalogue: Catalogue) -> None:
    path = text(tmp_path / "KDL-M-016_2026-10.csv", [FORM, *ROWS])
    report = prices(path, catalogue)
    path.unlink()
    found = names_of_records(path, report, catalogue, SAID)
    assert found.of(report.findings[-1]) == RecordName()


def test_the_list_and_the_page_tell_of_records(
    tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path / "KDL-M-016_2026-10.xlsx", [FORM, *ROWS])
    out = tmp_path / "loi.xlsx"
    main(["validate", str(path), "--format", "xlsx", "--error-list", "-o", str(out)])
    sheet = load_workbook(out)["Danh_sach_loi"]
    heading, *lines = ([cell.value for cell in row] for row in sheet.iter_rows())
    assert heading[:3] == ["Bản ghi", "Kỳ", "Vấn đề"]
    assert heading[-2:] == ["Căn cứ", "Mã"]
    wrong = {line[5]: line for line in lines if line[-1] == "V402"}
    assert wrong["Du_lieu!E3"][:2] == list(CALLED[3])
    assert wrong["Du_lieu!E6"][:2] == [CALLED[6][0], "2026-10"]  # that of the file
    assert wrong["Du_lieu!E3"][6] == "Giá trị"
    whole = next(line for line in lines if line[-1] == "C310")
    assert whole[0] == "cả trang Du_lieu"
    capsys.readouterr()
    main(["validate", str(path), "--format", "html"])
    page = capsys.readouterr().out
    assert f"<small>{CALLED[3][0]} · 2026-09</small>" in page
