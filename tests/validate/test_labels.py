"""What a file says of itself, in three places."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.catalog.templates import write_template
from iocsl.validate import Report, check
from validate_books import HEAD, book, prices

ROW = ["KDL-M-016.001", "2026-10", "14", 12500]
RIGHT = {"ma_bo_du_lieu": "KDL-M-016", "don_vi": "CQ-TC", "ky_bao_cao": "2026-10"}


def labelled(path: Path, catalogue: Catalogue, info: dict[str, str], name: str = "a") -> Report:
    return check(book(path / f"{name}.xlsx", [HEAD, ROW], info=info), catalogue)


def told(report: Report) -> list[str]:
    return [each.code for each in report.findings if each.code != "C310"]


@pytest.mark.parametrize("unit", ["CQ-TC", "Sở Tài chính", "sở tài chính"])
def test_the_unit_by_id_or_by_the_name_of_the_leader(
    tmp_path: Path, catalogue: Catalogue, unit: str
) -> None:
    report = labelled(tmp_path, catalogue, {**RIGHT, "don_vi": unit})
    assert report.unit == "CQ-TC"
    assert told(report) == []


def test_keys_as_people_write_them(tmp_path: Path, catalogue: Catalogue) -> None:
    info = {"Mã bộ dữ liệu": "kdl-m-016", "Đơn vị": "CQ-TC", "Kỳ báo cáo": "2026-10"}
    report = labelled(tmp_path, catalogue, info)
    assert (report.dataset, report.unit, report.period) == ("KDL-M-016", "CQ-TC", "2026-10")


def test_the_name_of_the_file_alone(tmp_path: Path, catalogue: Catalogue) -> None:
    report = labelled(tmp_path, catalogue, {}, "KDL-M-016_2026-10")
    assert (report.dataset, report.period) == ("KDL-M-016", "2026-10")
    copied = labelled(tmp_path, catalogue, {}, "KDL-M-016_2026-10 (1)")
    assert (copied.dataset, copied.period) == ("KDL-M-016", "2026-10")


def test_a_disagreement_names_both_and_codes_wait(tmp_path: Path, catalogue: Catalogue) -> None:
    report = labelled(tmp_path, catalogue, RIGHT, "KDL-M-017_2026-09")
    found = {each.code: each for each in report.findings}
    assert set(found) == {"P501", "P503"}
    for code, one, other in (("P501", "KDL-M-016", "KDL-M-017"), ("P503", "2026-10", "2026-09")):
        assert one in found[code].message
        assert other in found[code].message
        assert found[code].sheet == "Thong_tin"
        assert found[code].value == one


def test_three_places_that_agree_are_silent(tmp_path: Path, catalogue: Catalogue) -> None:
    path = book(tmp_path / "KDL-M-016_2026-10.xlsx", [HEAD, ROW], info=RIGHT)
    report = check(path, catalogue, dataset="KDL-M-016", unit="CQ-TC", period="2026-10")
    assert told(report) == []


def test_root_attributes_of_xml(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        '<bieu ma_bo_du_lieu="KDL-M-016" don_vi="CQ-TC" ky_bao_cao="2026-10"><dong>'
        "<ma_chi_tieu>KDL-M-016.001</ma_chi_tieu><ky_bao_cao>2026-10</ky_bao_cao>"
        "<gia_tri>1.5</gia_tri></dong></bieu>",
        encoding="utf-8",
    )
    report = check(path, catalogue)
    assert (report.dataset, report.unit, report.period) == ("KDL-M-016", "CQ-TC", "2026-10")
    assert told(report) == ["V403"]


def test_a_note_beside_a_blank_value_is_not_the_value(tmp_path: Path, catalogue: Catalogue) -> None:
    dataset = catalogue.dataset("KDL-E-005")
    path = tmp_path / "mau.xlsx"
    write_template(catalogue, dataset, path, unit=dataset.unit, period=None)
    report = check(path, catalogue)
    assert (report.dataset, report.unit, report.period) == ("KDL-E-005", dataset.unit, None)
    assert "P505" not in told(report)


@pytest.mark.parametrize(
    ("code", "answers"),
    [
        *((code, True) for code in ("KDL-M-016", "KDL-Q-019", "KDL-Y-071", "KDL-E-003")),
        *((code, False) for code in ("KDL-D-003", "IOC-21-24")),
    ],
)
def test_what_changed_before_its_time_is_sent_for_the_moment_of_the_change(
    tmp_path: Path, catalogue: Catalogue, code: str, answers: bool
) -> None:
    """1134 Điều 5.2.b: within 24 hours, beside the dates of the month, quarter or year."""
    path = tmp_path / f"{code}_20261122T080000+0700.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    report = check(path, catalogue)
    assert report.period == "20261122T080000+0700"
    assert ("P506" in told(report)) is not answers
    assert catalogue.dataset(code).answers_changes is answers


@pytest.mark.parametrize(
    "name",
    [
        "KDL-E-003_20261122T080000+0700.csv",
        "kdl-e-003_20261122t080000+0700 (1).csv",
        "KDL-E-003 20261122T080000+0700 - Copy.csv",
    ],
)
def test_a_file_name_carries_the_moment_of_a_change(
    tmp_path: Path, catalogue: Catalogue, name: str
) -> None:
    path = tmp_path / name
    path.write_text("ma_ban_ghi,ten_ban_ghi\n1,Công báo số 1\n", encoding="utf-8")
    report = check(path, catalogue, unit="CQ-VPUBND")
    assert (report.dataset, report.period) == ("KDL-E-003", "20261122T080000+0700")
    assert "P505" not in told(report)


def test_the_sheet_of_another_form_is_one_fault_and_not_one_a_column(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    stale = {**RIGHT, "ma_bo_du_lieu": "KDL-D-003"}
    report = labelled(tmp_path, catalogue, stale, "KDL-M-016_2026-10")
    assert [each.code for each in report.findings if each.code[0] in "SPV"] == ["P501"]


@pytest.mark.parametrize("said", ["10/2026", "Tháng 10 năm 2026"])
def test_a_period_in_other_words_is_one_fault(
    tmp_path: Path, catalogue: Catalogue, said: str
) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, ROW], info={"ky_bao_cao": said})
    assert told(prices(path, catalogue)) == ["P505"]
    path = book(tmp_path / "b.xlsx", [HEAD, ROW], info={"ky_bao_cao": "9/2026"})
    assert {"P503", "P505"} <= set(told(prices(path, catalogue)))


@pytest.mark.parametrize(
    ("info", "codes"),
    [
        ({"ma_bo_du_lieu": "KDL-M-005", "don_vi": "CQ-XD"}, ["P501"]),
        ({"ma_bo_du_lieu": "KDL-Q-024", "ky_bao_cao": "2026-Q3"}, ["P501"]),
        ({"ma_bo_du_lieu": "KDL-M-005", "don_vi": "CQ-YT"}, ["P501", "P502"]),
        (
            {"ma_bo_du_lieu": "KDL-M-005", "don_vi": "CQ-XD", "ky_bao_cao": "2026-09"},
            ["P501", "P503"],
        ),
        ({"don_vi": "CQ-XD"}, ["P502"]),
    ],
)
def test_the_file_of_another_dataset_is_one_fault(
    tmp_path: Path, catalogue: Catalogue, info: dict[str, str], codes: list[str]
) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, ROW], info={**RIGHT, **info})
    report = check(path, catalogue, dataset="KDL-M-016", unit="CQ-TC", period="2026-10")
    found = {each.code: each.message for each in report.findings if each.code.startswith("P50")}
    assert list(found) == codes
    if codes == ["P501"]:
        assert all(value in found["P501"] for value in info.values())
