"""The data files of time: what is in them, and how a fault in them is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.catalog.loader import read
from iocsl.catalog.mirror import packaged
from iocsl.catalog.timetable import check_days_off, check_timetable
from iocsl.domain import ExitCode
from iocsl.errors import IocslError

_2023 = (
    "lead commune participant ktxh.send ktxh.ioc ktxh.q.send ktxh.q.ioc ct.30 tk.30 tk.24 tk.row"
)
_NOT_COMPUTED = "daily realtime blank thematic override"
_1134 = "daily month quarter year change report demand realtime operator"
RULES = [
    *(f"2023.{name}" for name in f"{_2023} {_NOT_COMPUTED}".split()),
    *(f"1134.{name}" for name in _1134.split()),
]


def test_the_25_rules_and_21_rows() -> None:
    timetable = check_timetable(read(packaged() / "thoi_han.yaml"))
    assert [rule.ma for rule in timetable.muc] == RULES
    rows = next(rule for rule in timetable.muc if rule.ma == "2023.tk.row").dong
    assert [row.dong for row in rows] == list(range(1, 22))


def test_forms_that_rules_name_are_in_the_catalogue(catalogue: Catalogue) -> None:
    timetable = check_timetable(read(packaged() / "thoi_han.yaml"))
    named = {code for rule in timetable.muc for code in rule.bieu_rieng}
    named |= {code for rule in timetable.muc for each in rule.lan for code in each.bieu}
    assert named <= {each.code for each in catalogue.datasets()}


def test_the_dates_of_rows_are_those_that_the_forms_print(catalogue: Catalogue) -> None:
    timetable = check_timetable(read(packaged() / "thoi_han.yaml"))
    rows = next(rule for rule in timetable.muc if rule.ma == "2023.tk.row").dong
    for row in rows:
        printed = catalogue.dataset(f"IOC-21-{row.dong:02d}").due_printed
        assert printed is not None
        day, month = (int(part) for part in printed.split()[1].split("/")[:2])
        assert (row.ngay, row.thang) == (day, month), row.dong


def test_the_mirror_gives_both_files_back(catalogue: Catalogue) -> None:
    for name in ("thoi_han", "ngay_nghi"):
        assert catalogue.document(name) == read(packaged() / f"{name}.yaml").data


def _write(path: Path, document: Any) -> Path:
    # JSON is YAML, one entry a line so that lines can be told apart.
    entries = ",\n".join(json.dumps(each, ensure_ascii=False) for each in document["muc"])
    rest = {key: value for key, value in document.items() if key != "muc"}
    head = json.dumps(rest, ensure_ascii=False)[:-1] + (", " if rest else "")
    path.write_text(f'{head}"muc": [\n{entries}\n]}}\n', encoding="utf-8")
    return path


def _day(**changes: Any) -> dict[str, Any]:
    usual = {"ngay": "2026-03-03", "loai": "nghi", "ten": "A", "van_ban": None, "trang_thai": "law"}
    return {**usual, **changes}


@pytest.mark.parametrize(
    ("days", "line", "entry"),
    [
        ([_day(), _day(ngay="2026-02-30")], 3, "2026-02-30"),
        ([_day(), _day()], 3, "2026-03-03"),
        ([_day(trang_thai="chac")], 2, "2026-03-03"),
        ([_day(loai="le")], 2, "2026-03-03"),
        ([_day(ngay=20260303)], 2, "20260303"),
        ([_day(thua=1)], 2, "2026-03-03"),
        ([_day(doi_voi="2026-03-07"), _day(ngay="2026-03-07", loai="lam_viec")], 2, "2026-03-03"),
    ],
)
def test_a_fault_among_days_names_file_line_and_entry(
    tmp_path: Path, days: list[dict[str, Any]], line: int, entry: str
) -> None:
    path = _write(tmp_path / "ngay_nghi.yaml", {"muc": days})
    with pytest.raises(IocslError) as caught:
        check_days_off(read(path))
    assert caught.value.exit_code is ExitCode.CONFIGURATION
    assert f"ngay_nghi.yaml, dòng {line}, mục {entry}" in caught.value.message.vi


def _rules(**changes: Any) -> dict[str, Any]:
    document = json.loads(json.dumps(read(packaged() / "thoi_han.yaml").data))
    document["muc"][0].update(changes)
    return dict(document)


@pytest.mark.parametrize(
    "changes",
    [
        {"ma": "2023.commune"},
        {"ma": "2023.LEAD"},
        {"ngay": 32},
        {"ngay": None},
        {"gio": "25:00"},
        {"ky": ["fortnight"]},
        {"quy_dinh": "QD2024"},
        {"cach_tinh": "ngay_co_dinh", "ngay": 30, "thang": 2},
        {"cach_tinh": "sau_su_kien"},
        {"bieu_rieng": ["IOC-1-1"]},
        {"la": True},
    ],
)
def test_a_fault_among_rules_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = _write(tmp_path / "thoi_han.yaml", _rules(**changes))
    with pytest.raises(IocslError) as caught:
        check_timetable(read(path))
    assert caught.value.exit_code is ExitCode.CONFIGURATION
    assert "thoi_han.yaml, dòng" in caught.value.message.vi
