"""Registers against their earlier submissions: what is told, and what honestly comes and goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.domain import Finding, Severity
from iocsl.validate import check
from iocsl.validate.between_files import check_together
from iocsl.validate.history import MOST_FIGURES
from iocsl.validate.history_files import GivenFiles
from validate_books import book, text

Row = list[Any]
HEAD = ["ma_du_an", "ten_du_an", "tong_muc_dau_tu", "ngay_hoan_thanh", "tinh_trang", "ghi_chu"]
CODE, NAME, SUM, DONE, STATE, NOTE = range(6)
PROJECTS: dict[str, Any] = {"dataset": "KDL-M-005", "unit": "CQ-XD", "period": "2026-10"}


def projects(many: int = 12) -> list[Row]:
    """A register as it stood in September."""
    return [
        [f"DA-{n:03d}", f"Trường học số {n}", 12_000 + 500 * n, "31/12/2027", "Đang thi công", ""]
        for n in range(many)
    ]


@pytest.fixture
def ask(tmp_path: Path, catalogue: Catalogue) -> Any:
    """Check rows of October against those of earlier months, {period: rows}; what H says."""

    def once(
        rows: list[Row],
        earlier: dict[str, list[Row]],
        *,
        head: list[str] = HEAD,
        schema: str = "",
        **said: str,
    ) -> list[Finding]:
        about: dict[str, Any] = {**PROJECTS, **said} if not schema else dict(said)
        if schema:
            about["schema"] = tmp_path / "s.schema.yaml"
            about["schema"].write_text(schema, "utf-8")
        folder = tmp_path / "truoc"
        folder.mkdir(exist_ok=True)
        name = about.get("dataset", "KDL-M-005")
        old = [
            text(folder / (f"{name}_{period}.csv" if period[0] == "2" else period), [head, *held])
            for period, held in earlier.items()
        ]
        path = text(tmp_path / "nay.csv", [head, *rows])
        report = check(path, catalogue, history=GivenFiles(old), **about)
        found = [each for each in report.findings if each.code[0] == "H"]
        assert all(each.severity is not Severity.ERROR for each in found)
        # That there are few periods is said of every short past.
        return [each for each in found if each.code != "H802"]

    return once


def codes(findings: Sequence[Finding]) -> list[str]:
    return [each.code for each in findings]


def changed(row: int, column: int, value: Any, rows: list[Row] | None = None) -> list[Row]:
    found = [list(each) for each in rows or projects()]
    found[row][column] = value
    return found


def noted(rows: list[Row]) -> list[Row]:
    """The same with one honest change, so that the file is no copy."""
    return changed(0, NOTE, "Đã nghiệm thu phần móng", rows)


@pytest.mark.parametrize(("value", "said"), [(13_000_000, "gấp 1.000 lần"), ("13", "1/1.000")])
def test_a_figure_a_thousand_times_its_last_one(ask: Any, value: Any, said: str) -> None:
    (finding,) = ask(changed(2, SUM, value), {"2026-09": projects()})
    assert (finding.code, finding.severity) == ("H806", "warning")
    assert (finding.row, finding.column) == (4, "tong_muc_dau_tu")
    for part in ("DA-002", said, "2026-09", "(13.000)"):
        assert part in finding.message


def test_the_past_of_a_figure_weighs_more_than_its_neighbours(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """A slip is told once; a project that has always been large is none."""
    large = changed(2, SUM, 13_000_000)
    now = text(tmp_path / "nay.csv", [HEAD, *noted(large)])

    def told(rows: list[Row]) -> list[str]:
        old = text(tmp_path / "KDL-M-005_2026-09.csv", [HEAD, *rows])
        report = check(now, catalogue, history=GivenFiles([old]), **PROJECTS)
        return [each.code for each in report.findings if each.code in {"V433", "H806"}]

    assert told(projects()) == ["H806"]
    assert told(large) == []
    assert told(projects()[:2]) == ["V433"]


def test_about_a_thousand_times_where_the_figure_changed_too(ask: Any) -> None:
    assert codes(ask(changed(2, SUM, 13_650_000), {"2026-09": projects()})) == ["H806"]


def test_the_whole_file_in_another_unit_is_one_finding(ask: Any) -> None:
    rows = [[*each[:SUM], each[SUM] * 1000, *each[DONE:]] for each in projects()]
    (finding,) = ask(rows, {"2026-09": projects()})
    assert (finding.code, finding.count) == ("H806", 12)


def test_it_is_the_newest_period_that_counts(ask: Any) -> None:
    wrong = changed(2, SUM, 13)
    assert ask(noted(projects()), {"2026-08": wrong, "2026-09": projects()}) == []
    assert codes(ask(projects(), {"2026-08": projects(), "2026-09": wrong})) == ["H806"]


def test_last_periods_file_again_is_information(ask: Any) -> None:
    (finding,) = ask(projects(), {"2026-09": projects()})
    assert (finding.code, finding.severity, finding.count) == ("H804", "info", 12)
    assert "Cả 12 bản ghi" in finding.message
    assert codes(ask(list(reversed(projects())), {"2026-09": projects()})) == ["H804"]


def test_records_that_are_gone(ask: Any) -> None:
    kept = [each for n, each in enumerate(projects()) if n not in {3, 5, 8}]
    (finding,) = ask(kept, {"2026-09": projects()})
    assert (finding.code, finding.severity, finding.count) == ("H809", "info", 3)
    assert "2026-09: DA-003, DA-005, DA-008" in finding.message


def test_of_many_that_are_gone_the_first_are_named(ask: Any) -> None:
    (finding,) = ask(projects(40)[8:], {"2026-09": projects(40)})
    assert finding.count == 8
    assert "DA-004 …" in finding.message
    assert "DA-005" not in finding.message


def test_more_than_went_before_are_told_and_no_fewer(ask: Any) -> None:
    before = {"2026-08": projects(20), "2026-09": projects(18)}
    assert ask(noted(projects(16)), before) == []
    assert codes(ask(noted(projects(15)), before)) == ["H809"]


HONEST: dict[str, tuple[list[Row], dict[str, list[Row]]]] = {
    "new projects": ([*projects(), *projects(15)[12:]], {"2026-09": projects()}),
    "projects that were finished by their date": (
        noted(projects()[:10]),
        {"2026-09": changed(11, DONE, "15/10/2026", changed(10, DONE, "30/09/2026"))},
    ),
    "projects that were finished by their state": (
        noted(projects()[:11]),
        {"2026-09": changed(11, STATE, "Đã hoàn thành, bàn giao")},
    ),
    "a state that changes": (
        changed(1, STATE, "Tạm dừng"),
        {"2026-09": projects()},
    ),
    "a text that changes": (
        changed(1, NAME, "Trường học số 1 (mở rộng)"),
        {"2026-09": projects()},
    ),
    "a note that is new": (noted(projects()), {"2026-09": projects()}),
    "another order": (list(reversed(noted(projects()))), {"2026-09": projects()}),
    "zero before": (projects(), {"2026-09": changed(1, SUM, 0)}),
    "zero now": (changed(1, SUM, 0), {"2026-09": projects()}),
    "blank before": (projects(), {"2026-09": changed(1, SUM, "")}),
    "blank now": (changed(1, SUM, ""), {"2026-09": projects()}),
    "an investment raised by half": (changed(1, SUM, 18_750), {"2026-09": projects()}),
    "an investment a hundred times": (changed(1, SUM, 1_250_000), {"2026-09": projects()}),
    "a total as it stood for ten months, raised": (
        changed(1, SUM, 18_750),
        {f"2025-{m:02d}": projects() for m in range(3, 13)},
    ),
    "nothing new for ten months in one of many": (
        noted(projects()),
        {f"2025-{m:02d}": projects() for m in range(3, 13)},
    ),
    "few rows all as before": (projects(5), {"2026-09": projects(5)}),
    "spaces around a code": (
        changed(3, CODE, " DA-003 ", noted(projects())),
        {"2026-09": projects()},
    ),
    "a log of what happened in the month": (
        [*projects()[11:], *([f"DA-9{n:02d}", *projects()[n][1:]] for n in range(10))],
        {"2026-09": projects()},
    ),
    "a figure that was typed as text": (changed(1, SUM, "12.500"), {"2026-09": noted(projects())}),
    "a project that comes back": (
        noted(projects()),
        {"2026-08": projects(), "2026-09": projects()[:11]},
    ),
    "a date that moves": (changed(1, DONE, "30/06/2028"), {"2026-09": projects()}),
    "one file of the last two parts": (
        noted(projects(30)[15:]),
        {"2026-09": projects(40)},
    ),
}


@pytest.mark.parametrize("case", HONEST)
def test_what_is_honest_is_let_be(ask: Any, case: str) -> None:
    rows, earlier = HONEST[case]
    assert ask(rows, earlier) == []


def test_without_history_nothing_is_said(tmp_path: Path, catalogue: Catalogue) -> None:
    path = text(tmp_path / "nay.csv", [HEAD, *changed(2, SUM, 13_000_000)])
    report = check(path, catalogue, **PROJECTS)
    assert [each for each in report.findings if each.code[0] == "H"] == []


def test_the_same_in_a_workbook_and_in_text(tmp_path: Path, catalogue: Catalogue) -> None:
    """Days and codes that a workbook holds as numbers are the keys that a text file holds."""
    head = ["so_giay_phep", "ngay_cap", "chu_dau_tu", "tong_dien_tich_san"]
    days = [f"{n:02d}/09/2026" for n in range(1, 9)]
    rows: list[Row] = [[str(100 + n), day, "Ông A", 120 + n] for n, day in enumerate(days)]
    old = text(tmp_path / "KDL-M-007_2026-09.csv", [head, *rows])
    typed = [[int(a), *each] for a, *each in changed(2, 3, 122_000, rows)]
    now = book(tmp_path / "nay.xlsx", [head, *typed])
    said: dict[str, Any] = {"dataset": "KDL-M-007", "period": "2026-10"}
    found = check(now, catalogue, history=GivenFiles([old]), **said).findings
    (finding,) = (each for each in found if each.code == "H806")
    assert "102 · 2026-09-03" in finding.message


HOUSES = ["ma_ho", "chu_ho", "dia_ban", "kinh_phi"]


def test_a_log_of_what_happened_lacks_nothing(tmp_path: Path, catalogue: Catalogue) -> None:
    """Its key holds a day, or its files are of one: overlapping ones prove nothing."""
    head = ["so_giay_phep", "ngay_cap", "chu_dau_tu", "tong_dien_tich_san"]
    rows: list[Row] = [[f"GP{n}", f"{n + 1:02d}/09/2026", "Ông A", 120 + n] for n in range(12)]
    old = text(tmp_path / "KDL-M-007_2026-09.csv", [head, *rows])
    now = text(tmp_path / "KDL-M-007_2026-10.csv", [head, *rows[3:]])
    found = check(now, catalogue, history=GivenFiles([old])).findings
    assert "H809" not in codes(found)
    head = ["ma_tin_bai", "tieu_de"]
    rows = [[f"TB{n}", f"Tin số {n}"] for n in range(12)]
    old = text(tmp_path / "KDL-D-002_2026-10-05.csv", [head, *rows])
    now = text(tmp_path / "KDL-D-002_2026-10-06.csv", [head, *rows[3:]])
    found = check(now, catalogue, history=GivenFiles([old])).findings
    assert "H809" not in codes(found)


def test_personal_keys_are_masked(tmp_path: Path, catalogue: Catalogue) -> None:
    rows: list[Row] = [[f"HO-{n:03d}", f"Nguyễn Văn {n}", "03646", 50 + n] for n in range(12)]
    old = text(tmp_path / "KDL-M-018_2026-09.csv", [HOUSES, *rows])
    now = text(tmp_path / "nay.csv", [HOUSES, *changed(2, 3, 52_000, rows)[:10]])
    said: dict[str, Any] = {"dataset": "KDL-M-018", "period": "2026-10"}
    report = check(now, catalogue, history=GivenFiles([old]), **said)
    told = {each.code: each for each in report.findings if each.code[0] == "H"}
    assert told["H809"].count == 2
    assert "***" in told["H806"].message
    for each in told.values():
        assert "HO-0" not in each.message
        assert "Nguyễn" not in each.message


def test_a_citizens_number_in_a_key_is_masked(ask: Any) -> None:
    rows = changed(2, CODE, "014095001234")
    (finding,) = ask(changed(2, SUM, 13_000_000, rows), {"2026-09": rows})
    assert finding.code == "H806"
    assert "014095001234" not in finding.message
    (finding,) = ask([*rows[:2], *rows[3:]], {"2026-09": rows})
    assert finding.code == "H809"
    assert "014095001234" not in finding.message


OWN = """\
name: vat_tu
fields:
  - {name: kho, title: Kho, type: string}
  - {name: ma, title: Mã vật tư, type: string}
  - {name: don_vi_tinh, title: Đơn vị tính, type: string}
  - {name: trang_thai_so_lieu, title: Trạng thái số liệu, type: string}
  - {name: ton, title: Tồn kho, type: number, decimalChar: ",", groupChar: "."}
primaryKey: [kho, ma, trang_thai_so_lieu]
"""
STOCK_HEAD = ["kho", "ma", "don_vi_tinh", "trang_thai_so_lieu", "ton"]


def stock(times: float = 1, unit: str = "kg", status: str = "") -> list[Row]:
    return [["A", f"VT{n}", unit, status, round((n + 3) * 1000 * times)] for n in range(4)]


def test_a_schema_of_ones_own_and_files_that_say_no_period(ask: Any) -> None:
    def own(rows: list[Row], old: dict[str, list[Row]]) -> list[Finding]:
        return list(ask(rows, old, head=STOCK_HEAD, schema=OWN))

    (finding,) = own([*stock()[:3], ["A", "VT3", "kg", "", 6_000_000]], {"thang9.csv": stock()})
    assert (finding.code, finding.row) == ("H806", 5)
    assert "A · VT3" in finding.message
    assert "thang9.csv (6.000)" in finding.message
    # The newest by name.
    slipped = {"thang8.csv": stock(), "thang9.csv": stock(1000)}
    assert codes(own(stock(), slipped)) == ["H806"] * 4


def test_units_of_measure_that_the_rows_say_never_meet(ask: Any) -> None:
    old = {"thang9.csv": stock(1000, "g")}
    assert codes(ask(stock(1, "kg"), old, head=STOCK_HEAD, schema=OWN)) == ["H808"]


def test_estimates_and_final_figures_never_meet(ask: Any) -> None:
    old = {"thang9.csv": stock(1000, status="uoc_tinh")}
    assert codes(ask(stock(), old, head=STOCK_HEAD, schema=OWN)) == ["H808"]
    found = ask(stock(status="uoc_tinh"), old, head=STOCK_HEAD, schema=OWN)
    assert codes(found) == ["H806"] * 4


YEARLY = """\
name: theo_nam
fields:
  - {name: truong, title: Trường, type: string}
  - {name: nam, title: Năm, type: year}
  - {name: hoc_sinh, title: Học sinh, type: integer}
primaryKey: [truong, nam]
"""


def test_the_period_of_a_key_is_no_part_of_a_series(ask: Any) -> None:
    head = ["truong", "nam", "hoc_sinh"]
    old: list[Row] = [[f"T{n}", "2025", 400 + n] for n in range(3)]
    now: list[Row] = [[f"T{n}", "2026", 420 + n] for n in range(3)]
    assert ask(now, {"cu.csv": old}, head=head, schema=YEARLY) == []
    (finding,) = ask(changed(1, 2, 421_000, now), {"cu.csv": old}, head=head, schema=YEARLY)
    assert finding.code == "H806"
    assert "T1 (2026)" in finding.message


def test_a_figure_that_moves_is_judged_by_its_past(ask: Any) -> None:
    def month(n: int) -> list[Row]:
        return changed(1, SUM, 12_500 + 40 * (n * 7 % 5), projects())

    past = {f"2026-{n:02d}": month(n) for n in range(1, 10)}
    (finding,) = ask(changed(1, SUM, 30_000), past)
    assert (finding.code, finding.row) == ("H801", 3)
    assert ask(changed(1, SUM, 12_600), past) == []


@pytest.mark.parametrize(
    ("period", "said"),
    [("2026-10", "cùng kỳ"), ("2026-11", "không phải kỳ trước"), ("2026-Q2", "kỳ loại khác")],
)
def test_files_of_no_earlier_period_are_told(ask: Any, period: str, said: str) -> None:
    (finding,) = ask(projects(), {period: projects()})
    assert (finding.code, finding.severity) == ("H808", "info")
    assert said in finding.message
    assert period in finding.message


def test_no_row_in_common_is_told(ask: Any) -> None:
    others = [[f"X-{n}", *each[1:]] for n, each in enumerate(projects())]
    (finding,) = ask(projects(), {"2026-09": others})
    assert finding.code == "H808"
    assert "không dòng nào" in finding.message


def test_a_schema_without_a_key_is_told(ask: Any) -> None:
    keyless = OWN.replace("primaryKey: [kho, ma, trang_thai_so_lieu]\n", "")
    (finding,) = ask(stock(), {"thang9.csv": stock()}, head=STOCK_HEAD, schema=keyless)
    assert finding.code == "H808"
    assert "primaryKey" in finding.message


RECORDS = ["ma_ban_ghi", "ten_ban_ghi", "ngay_cap_nhat"]


def test_a_list_without_figures_tells_what_is_gone_and_that_no_figure_was_compared(
    ask: Any,
) -> None:
    rows: list[Row] = [[f"QH-{n:02d}", f"Điểm mỏ {n}", "01/09/2026"] for n in range(12)]
    said = {"dataset": "IOC-09-02", "unit": "D23-09", "period": "2026"}
    found = ask(rows[:11], {"2025": rows}, head=RECORDS, **said)
    assert codes(found) == ["H808", "H809"]
    assert "không có cột số" in found[0].message
    assert "QH-11" in found[1].message
    assert codes(ask(rows, {"2025": rows}, head=RECORDS, **said)) == ["H804", "H808"]
    moved = changed(3, 2, "20/10/2026", rows)
    assert codes(ask(moved, {"2025": rows}, head=RECORDS, **said)) == ["H808"]


def test_files_sent_together_are_one_register(tmp_path: Path, catalogue: Catalogue) -> None:
    old = text(tmp_path / "KDL-M-005_2026-09.csv", [HEAD, *projects()])

    def told(*parts: list[Row]) -> list[str]:
        files = [text(tmp_path / f"{n}.csv", [HEAD, *rows]) for n, rows in enumerate(parts)]
        reports = check_together(files, catalogue, PROJECTS, history=GivenFiles([old]))
        return [f.message for r in reports for f in r.findings if f.code == "H809"]

    assert told(projects()[:6], projects()[6:]) == []
    (message,) = told(projects()[:6], projects()[7:])
    assert "DA-006" in message


def test_the_file_itself_among_its_history_is_no_past(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.schema.yaml"
    schema.write_text(OWN, "utf-8")
    path = text(tmp_path / "nay.csv", [STOCK_HEAD, *stock()])
    report = check(path, catalogue, schema=schema, history=GivenFiles([path]))
    (finding,) = (each for each in report.findings if each.code[0] == "H")
    assert finding.code == "H808"
    assert "chính tệp này" in finding.message


def test_older_files_are_not_read_where_enough_is_held(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_FIGURES > 12
    monkeypatch.setattr("iocsl.validate.history.MOST_FIGURES", 12)
    old = [
        text(tmp_path / f"KDL-M-005_2026-{month:02d}.csv", [HEAD, *projects()])
        for month in (7, 8, 9)
    ]
    read: list[str] = []

    def noting(path: Path, *rest: Any) -> Any:
        read.append(path.name)
        return really(path, *rest)

    from iocsl.validate import history_files

    really = history_files._read
    monkeypatch.setattr(history_files, "_read", noting)
    path = text(tmp_path / "nay.csv", [HEAD, *projects()])
    check(path, catalogue, history=GivenFiles(old), **PROJECTS)
    assert read == ["KDL-M-005_2026-09.csv"]
