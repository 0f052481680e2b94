"""The catalogue that is shipped: recounted, and held against what the texts are known to print."""

from __future__ import annotations

import importlib.util
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from iocsl.catalog import Catalogue, Dataset, mirror, released
from iocsl.catalog.contents import coded, load_files

FOLDER = mirror.packaged()


@pytest.fixture(scope="module")
def entries() -> list[dict[str, Any]]:
    """The entries as the YAML has them, read without the loader under test."""
    text = (FOLDER / "phu_luc.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    muc: list[dict[str, Any]] = loaded["muc"]
    return muc


def of(entries: list[dict[str, Any]], regime: str) -> list[dict[str, Any]]:
    return [each for each in entries if each["quy_dinh"] == regime]


def test_totals_of_2023(entries: list[dict[str, Any]]) -> None:
    forms = of(entries, "QD2023")
    assert len(forms) == 182
    assert {each["stt_don_vi"] for each in forms} == set(range(1, 35))
    assert Counter("+".join(each["ky"]) for each in forms) == {
        "month": 66,
        "year": 63,
        "quarter": 19,
        "day": 7,
        "quarter+year": 7,
        "half+year": 6,
        "half": 4,
        "season": 4,
        "realtime": 2,
        "9m": 2,
        "day+month": 1,
        "": 1,
    }
    assert sum(len(each["ky"]) for each in forms) == 195
    dated = Counter(each["stt_don_vi"] for each in forms if each.get("han_in"))
    assert dated == {21: 24, 11: 2}
    provided = [each["ma"] for each in forms if each.get("don_vi_cung_cap")]
    assert provided == [f"IOC-14-{row:02d}" for row in range(5, 10)]


def test_totals_of_1134(entries: list[dict[str, Any]]) -> None:
    rows = of(entries, "QD1134")
    assert Counter(each["danh_sach"] for each in rows) == {
        "D": 11,
        "M": 19,
        "Q": 26,
        "Y": 106,
        "E": 119,
    }
    assert sum(each["ten"] is not None for each in rows) == 265
    assert sum(each["don_vi_in"] is not None for each in rows) == 264
    assert sum(each["ten"] is not None and each["don_vi_in"] is not None for each in rows) == 250
    assert len({each["don_vi_in"] for each in rows} - {None}) == 13
    periods = {"D": "day", "M": "month", "Q": "quarter", "Y": "year", "E": "event"}
    assert all(each["ky"] == [periods[each["danh_sach"]]] for each in rows)


def test_rows_are_numbered_without_a_gap(entries: list[dict[str, Any]]) -> None:
    rows: dict[object, list[int]] = {}
    for each in entries:
        rows.setdefault(each.get("danh_sach") or each["stt_don_vi"], []).append(each["dong"])
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in rows.values())


def test_exactly_the_damaged_rows_are_marked(catalogue: Catalogue) -> None:
    damaged = {each.code for each in catalogue.datasets() if each.defects}
    assert damaged == {
        *(
            [
                "IOC-01-02",
                "IOC-04-10",
                "IOC-04-12",
                "IOC-14-07",
                "IOC-14-09",
                "IOC-18-01",
                "IOC-20-02",
            ]
        ),
        *(["IOC-20-03", "IOC-21-05", "IOC-21-16", "IOC-21-19", "IOC-21-21", "IOC-27-02"]),
        *(["KDL-Q-012", "KDL-Y-032", "KDL-E-003", "KDL-E-015", "KDL-E-023", "KDL-E-119"]),
        *(f"KDL-E-{row:03d}" for row in range(77, 107)),
    }
    assert len(damaged) == 49
    assert damaged == {each.code for each in catalogue.datasets() if each.status == "needs_review"}


def test_lost_names_are_not_invented(catalogue: Catalogue) -> None:
    nameless = [each for each in catalogue.datasets() if each.name is None]
    assert [each.code for each in nameless] == [f"KDL-E-{row:03d}" for row in range(91, 107)]
    for each in nameless:
        assert each.name_printed == "Nông nghiệp và Môi trường"
        lost = next(one for one in each.defects if one.kind == "lost_name")
        assert lost.reading is None
        assert lost.confidence is None


def test_agencies_are_inferred_only_with_a_mark(catalogue: Catalogue) -> None:
    inferred = {
        each.code: (each.unit_inferred.unit, each.unit_inferred.confidence)
        for each in catalogue.datasets()
        if each.unit_inferred
    }
    assert inferred == {
        **{f"KDL-E-{row:03d}": ("CQ-NNMT", "high") for row in range(77, 91)},
        **{f"KDL-E-{row:03d}": ("CQ-NNMT", "medium") for row in (91, 92)},
        "KDL-E-119": ("CQ-TC", "low"),
    }
    for each in catalogue.datasets():
        assert (each.unit is None) == (each.unit_inferred is not None) == (not each.unit_printed)
    assert catalogue.dataset("KDL-E-093").unit == "CQ-NV"
    assert catalogue.dataset("KDL-E-119").responsible is None


@pytest.mark.parametrize(
    ("code", "printed", "mended"),
    [
        ("IOC-01-02", "Chú tịch", "Chủ tịch"),
        ("IOC-04-12", "công chức c\ufffdp xã", "công chức cấp xã"),
        ("IOC-14-07", "v\ufffdc xin phòng Covid-19", "vắc xin phòng Covid-19"),
        ("IOC-18-01", "kinh - tế xã hội", "kinh tế - xã hội"),
        ("IOC-20-03", "s\ufffdc thuế", "sắc thuế"),
        ("IOC-21-21", "Chính thức năm báo cá", "Chính thức năm báo cáo"),
        ("IOC-27-02", "thành phố sơn la", "thành phố Sơn La"),
        ("IOC-34-04", "của địa phương./.", "của địa phương"),
        ("KDL-E-023", "dừng nghi", "dừng nghỉ"),
        ("KDL-E-067", "trên địa bàn tỉnh.", "trên địa bàn tỉnh"),
        ("KDL-M-005", "công trình xây dựng;", "công trình xây dựng"),
        ("KDL-Q-012", "Di dộng", "Di động"),
        ("KDL-Y-032", "năng xuất", "năng suất"),
    ],
)
def test_misprints_are_kept_and_mended(
    catalogue: Catalogue, code: str, printed: str, mended: str
) -> None:
    each = catalogue.dataset(code)
    assert each.name is not None
    assert printed in each.name_printed
    assert mended in each.name
    assert printed not in each.name or each.name == mended or printed in mended


def test_doubtful_wordings_are_left_in_the_name(catalogue: Catalogue) -> None:
    for code in ("KDL-E-003", "KDL-E-015"):
        each = catalogue.dataset(code)
        assert each.name == each.name_printed
        assert each.defects[0].confidence in {"low", "medium"}


def test_blank_period_is_not_filled(catalogue: Catalogue) -> None:
    each = catalogue.dataset("IOC-04-10")
    assert each.periods == ()
    assert [defect.kind for defect in each.defects] == ["blank_period"]


def test_printed_dates_stay_as_printed(catalogue: Catalogue) -> None:
    assert catalogue.dataset("IOC-11-01").due_printed == "ngày 30 hàng tháng"
    assert catalogue.dataset("IOC-21-01").due_printed == "ngày 06/4/năm báo cáo"
    assert catalogue.dataset("IOC-21-05").due_printed == "ngày 06/12/năm báo cáo"
    assert catalogue.dataset("IOC-21-16").due_printed == "ngày 10/2/năm báo cáo"
    assert catalogue.dataset("IOC-21-19").due_printed == "ngày 10/2/năm sau năm báo cáo"
    assert catalogue.dataset("IOC-21-24").due_printed == "ngày 02/tháng sau tháng báo cáo"


def test_every_file_is_nfc_without_stray_characters() -> None:
    for path in mirror.files(FOLDER):
        text = path.read_text("utf-8")
        assert unicodedata.is_normalized("NFC", text), path.name
        assert not re.search(r"[\u00a0\u200b-\u200f\ufeff\U0003ffff\U0006ffff]", text), path.name


def test_names_have_no_damage_left(catalogue: Catalogue) -> None:
    for each in catalogue.datasets():
        if each.name is not None:
            assert "\ufffd" not in each.name
            assert not each.name.endswith((".", ";", " "))
            assert "  " not in each.name_printed


def test_codes_were_released_and_are_provisional(catalogue: Catalogue) -> None:
    listed = (FOLDER / released.FILE).read_text("utf-8")
    codes = {line.split("\t")[0] for line in listed.splitlines() if not line.startswith("#")}
    now = set(coded(load_files(FOLDER)))
    assert codes <= now
    assert {each.code for each in catalogue.datasets()} <= codes
    assert all(each.ma_tam for each in catalogue.datasets())


def test_contract_object(catalogue: Catalogue) -> None:
    keys = (
        "code, regime, list, row, unit_no, name, name_printed, unit, unit_printed, unit_inferred, "
        "periods, due_printed, status, defects, ma_tam, source, schema, indicators"
    )
    for each in catalogue.datasets():
        document = each.document()
        assert ", ".join(document) == keys
        assert set(document["source"]) == {"document", "annex", "list", "row"}
        assert document["row"] == document["source"]["row"]
        assert (document["list"] is None) == (document["unit_no"] is not None)
        json.dumps(document)


def test_units(catalogue: Catalogue) -> None:
    kinds = Counter(unit.kind for unit in catalogue.units())
    assert kinds == {
        "annex_2023": 34,
        "agency": 13,
        "sub_provider": 1,
        "commune": 67,
        "ward": 8,
    }
    encouraged = [unit.id for unit in catalogue.units() if not unit.bound]
    assert encouraged == [f"D23-{number}" for number in range(29, 35)]
    for unit in catalogue.units():
        if unit.level == "commune":
            assert unit.id == f"X-{unit.official_code}"
            assert unit.valid_from == "2025-07-01"


def test_units_are_those_that_the_entries_print(catalogue: Catalogue) -> None:
    for each in catalogue.datasets():
        if each.unit is not None:
            unit = catalogue.unit(each.unit)
            assert unit is not None
            assert unit.name_printed == each.unit_printed


@pytest.mark.skipif(
    importlib.util.find_spec("vietnam_provinces") is None,
    reason="vietnam-provinces, which checks the communes' names, is not installed",
)
def test_communes_agree_with_another_source(catalogue: Catalogue) -> None:
    package = importlib.import_module("vietnam_provinces")
    provinces = json.loads(Path(package.NESTED_DIVISIONS_JSON_PATH).read_text("utf-8"))
    wards = next(each["wards"] for each in provinces if each["code"] == 14)
    theirs = {f"{ward['code']:05d}": ward["name"] for ward in wards}
    ours = {unit.official_code: unit.name for unit in catalogue.units() if unit.level == "commune"}
    assert set(ours.values()) == set(theirs.values())
    # Its releases before 2026 gave Phường Chiềng An the code of the old ward of that name.
    differing = {name for code, name in ours.items() if theirs.get(str(code)) != name}
    assert differing <= {"Phường Chiềng An"}


def test_every_old_commune_is_explained(catalogue: Catalogue) -> None:
    former = catalogue.former_units()
    assert sum(unit.kind == "former_district" for unit in former) == 12
    living = {unit.id for unit in catalogue.units()}
    for unit in former:
        assert set(unit.successors) <= living
    without = [unit.id for unit in former if not unit.successors]
    assert len(without) == 6
    inherited = {heir for unit in former for heir in unit.successors}
    # Each new unit but the seven that were not rearranged took over something that is told.
    unchanged = {"X-03760", "X-03820", "X-03901", "X-04099", "X-04240", "X-04246"}
    new = {unit.id for unit in catalogue.units() if unit.level == "commune"}
    assert new - inherited <= unchanged


def test_crosswalk_leaves_split_units_split(catalogue: Catalogue) -> None:
    links = catalogue.crosswalk()
    assert {link.old for link in links} == {f"D23-{number:02d}" for number in range(1, 35)}
    heirs = [link.new for link in links if link.old == "D23-15"]
    assert heirs == ["CQ-NV", "CQ-YT", "CQ-NNMT"]
    assert all(link.kind == "split" for link in links if link.old in {"D23-15", "D23-17"})
    assert all(link.source for link in links)
    assert all((link.new is None) == (link.kind == "none") for link in links)


def test_search_folds_diacritics(catalogue: Catalogue) -> None:
    def codes(found: list[Dataset]) -> list[str]:
        return [each.code for each in found]

    assert codes(catalogue.search("du lieu khai sinh")) == ["KDL-D-003"]
    assert codes(catalogue.search("dat dai")) == ["KDL-E-084", "KDL-E-089"]
    assert codes(catalogue.search("ĐẤT ĐAI")) == codes(catalogue.search("dat dai"))
    assert codes(catalogue.search("kdl-m-016"))[0] == "KDL-M-016"
    assert codes(catalogue.search("thuy loi", period_type="month")) == []
    assert len(catalogue.search("thuy loi", unit="CQ-NNMT")) == 4
    assert catalogue.search("không có gì như thế") == []


def test_search_puts_the_likeliest_first_and_knows_short_names(catalogue: Catalogue) -> None:
    def codes(text: str) -> list[str]:
        return [each.code for each in catalogue.search(text)]

    assert codes("GIÁ CẢ")[0] == "KDL-M-016"  # typed with its diacritics
    assert codes("gia ca")[:2] == ["KDL-E-037", "KDL-M-016"]  # whole words before beginnings
    assert codes("CDC") == [f"IOC-14-{row:02d}" for row in range(5, 10)]
    assert codes("Sở TT&TT")[:7] == [f"IOC-17-{row:02d}" for row in range(1, 8)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("gai ca thi truong", "KDL-M-016"),
        ("ho ngeo", "IOC-15-03"),
        ("covit", "IOC-14-06"),
        ("vacxin", "IOC-14-07"),
        ("zzzzqq", None),
        ("cpi", None),
        ("xyz cpi giá", None),
    ],
)
def test_slips_of_the_keys(catalogue: Catalogue, text: str, first: str | None) -> None:
    assert catalogue.search(text) == []
    found = catalogue.near(text)
    assert (found[0].code if found else None) == first


OWN_STRUCTURE = [
    *(f"KDL-D-{row:03d}" for row in range(1, 12)),
    *(f"KDL-M-{row:03d}" for row in range(1, 20)),
    *("IOC-02-01", "IOC-02-02", "IOC-02-03", "IOC-11-01", "IOC-11-03"),
    *("IOC-21-22", "IOC-21-23", "IOC-21-24"),
]


@pytest.mark.parametrize("code", OWN_STRUCTURE)
def test_a_starter_structure_of_its_own(catalogue: Catalogue, code: str) -> None:
    dataset = catalogue.dataset(code)
    assert dataset.schema not in {"chi_tieu", "ban_ghi"}
    assert catalogue.schema(dataset.schema)["mau_khoi_dau"] is True


def test_every_structure_says_that_it_is_ours(catalogue: Catalogue) -> None:
    assert all(catalogue.schema(name)["mau_khoi_dau"] is True for name in catalogue.schemas())


@pytest.mark.parametrize("row", range(3, 12))
def test_civil_status_marks_personal_data(catalogue: Catalogue, row: int) -> None:
    fields = catalogue.schema(catalogue.dataset(f"KDL-D-{row:03d}").schema)["fields"]
    personal = {each["name"] for each in fields if each.get("du_lieu_ca_nhan")}
    assert any(name.startswith("ho_ten") for name in personal)
    unmarked = {each["name"] for each in fields} - personal
    assert not [
        name for name in unmarked if name.startswith(("ho_ten", "so_dinh_danh", "ngay_sinh"))
    ]


def test_phu_luc_i_has_its_printed_columns(catalogue: Catalogue) -> None:
    officers = catalogue.schema("phu_luc_i_can_bo")["fields"]
    assert [each["title"] for each in officers] == [
        "STT",
        "Tên cơ sở dữ liệu",
        "Họ tên",
        "Chức vụ",
        "Đơn vị/phòng/ban",
        "Điện thoại liên hệ",
        "Là cán bộ chuyên trách CNTT",
    ]
    personal = {each["name"] for each in officers if each.get("du_lieu_ca_nhan")}
    assert personal == {"ho_ten", "dien_thoai"}
