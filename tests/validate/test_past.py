"""Figures against those before them: what is told, what is let be, and what is never compared."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlwt

from iocsl.catalog import Catalogue, accumulates
from iocsl.domain import Figure, Finding, Period
from iocsl.errors import IocslError
from iocsl.validate import check
from iocsl.validate.between_files import check_together
from iocsl.validate.context import Context
from iocsl.validate.history import Past, Series, Supplied
from iocsl.validate.history_files import GivenFiles
from iocsl.validate.history_statistics import FEWEST, usual_of
from validate_books import book, text

CODE = "KDL-M-016.001"
HEAD = ["Mã chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị", "Trạng thái số liệu"]
MONTHS = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)]
PRICES = [24_500.0, 24_600, 24_400, 24_500, 24_700, 24_650, 24_500, 24_450, 24_600, 24_550]


class Given:
    """A past out of figures: {period of the submission: figures}."""

    def __init__(self, figures: dict[str, list[Figure]], live: float | None = None) -> None:
        self.figures = figures
        self._live = live

    def supplied(self, _: Context) -> Iterator[Supplied]:
        for period in sorted(self.figures, reverse=True):
            yield Supplied(Period.parse(period), self.figures[period])

    def live(self, _: Context) -> float | None:
        return self._live


def figure(
    period: str, value: float, *, code: str = CODE, area: str = "14", status: str = "chinh_thuc"
) -> Figure:
    return Figure(code, area, "", period, status, "gia_tri", value)


def monthly(values: list[float], **other: str) -> Given:
    """One figure a month, the last one in 2026-09."""
    periods = MONTHS[21 - len(values) : 21]
    return Given({p: [figure(p, v, **other)] for p, v in zip(periods, values, strict=True)})


@pytest.fixture
def ask(tmp_path: Path, catalogue: Catalogue) -> Any:
    """Check rows of October 2026 against a past; what H and X720 say."""

    def once(history: Any, *rows: list[Any], period: str = "2026-10", **said: Any) -> list[Finding]:
        path = text(tmp_path / "a.csv", [HEAD, *rows])
        about = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": period, **said}
        report = check(path, catalogue, history=history, **about)
        assert report.valid
        return [each for each in report.findings if each.code[0] == "H" or each.code == "X720"]

    return once


def row(value: str, *, code: str = CODE, area: str = "14", status: str = "") -> list[str]:
    return [code, "2026-10", area, value, status]


def codes(findings: list[Finding]) -> list[str]:
    return [each.code for each in findings]


def test_a_figure_far_from_its_past_is_told_with_what_was_expected(ask: Any) -> None:
    (finding,) = ask(monthly(PRICES), row("32.500"))
    assert (finding.code, finding.severity, finding.value) == ("H801", "warning", "32.500")
    assert (finding.row, finding.column) == (2, "gia_tri")
    # The median is 24,525; a tenth of it is more than 5.2 times the MAD of 75.
    for said in ("32.500", "10 kỳ trước", "22.070", "26.980", "2026-09", "24.550"):
        assert said in finding.message


@pytest.mark.parametrize("value", ["24.525", "26.900", "22.100"])
def test_a_figure_within_the_usual_is_let_be(ask: Any, value: str) -> None:
    assert ask(monthly(PRICES), row(value)) == []


def test_one_slip_in_the_past_hides_nothing(ask: Any) -> None:
    slipped = [*PRICES[:4], 245_000.0, *PRICES[4:]]
    assert codes(ask(monthly(slipped), row("32.500"))) == ["H801"]
    assert ask(monthly(slipped), row("24.500")) == []


def test_a_level_that_was_answered_for_is_not_asked_about_again(ask: Any) -> None:
    assert ask(monthly([*PRICES, 39_000.0]), row("39.500")) == []


def test_a_steady_trend_is_no_surprise(ask: Any) -> None:
    growing = [1000.0 * 1.02**n for n in range(20)]
    assert ask(monthly(growing), row("1485")) == []


def test_few_points_are_said_once_and_judged_by_nobody(ask: Any) -> None:
    past = monthly(PRICES[: FEWEST - 1])
    (finding,) = ask(past, row("32.500"), row("9", area="03646"))
    assert (finding.code, finding.severity, finding.count) == ("H802", "info", 2)


def test_no_past_no_word(ask: Any) -> None:
    assert ask(None, row("32.500")) == []
    assert ask(Given({}), row("32.500")) == []


def test_estimates_preliminary_and_final_figures_never_meet(ask: Any) -> None:
    past = monthly(PRICES, status="uoc_tinh")
    assert codes(ask(past, row("32.500", status="uoc_tinh"))) == ["H801"]
    assert codes(ask(past, row("32.500", status="so_bo"))) == ["H802"]
    assert codes(ask(past, row("32.500"))) == ["H802"]
    # A blank status is final.
    assert codes(ask(monthly(PRICES), row("32.500", status="chinh_thuc"))) == ["H801"]
    assert codes(ask(monthly([24.5], status="so_bo"), row("24.500"))) == ["H802"]


def test_periods_of_another_kind_never_meet(ask: Any) -> None:
    years = Given({str(y): [figure(str(y), 24_500.0)] for y in range(2014, 2026)})
    assert codes(ask(years, row("90.000"))) == ["H802"]


def test_figures_of_the_same_or_a_later_period_are_no_past(ask: Any) -> None:
    later = Given({period: [figure(period, 24.5)] for period in ("2026-10", "2026-11", "2026-12")})
    assert codes(ask(later, row("24.500"))) == ["H802"]


def test_the_newest_submission_tells_what_a_period_had(ask: Any) -> None:
    past = Given(
        {
            "2026-08": [figure("2026-08", 24.5)],
            "2026-09": [figure("2026-08", 24_400.0), figure("2026-09", 24_500.0)],
        }
    )
    assert codes(ask(past, [CODE, "2026-08", "14", "24,4", ""], row("24.500"))) == ["H802"]
    assert codes(ask(past, row("24,5"))) == ["H802", "H806"]


def test_a_thousand_times_the_last_is_one_finding_where_all_are(ask: Any) -> None:
    names = [f"KDL-M-016.{n:03d}" for n in range(1, 7)]
    past = Given({"2026-09": [figure("2026-09", 24_500.0, code=code) for code in names]})
    rows = [row("24,5", code=code) for code in names]
    one = [each for each in ask(past, *rows) if each.code == "H806"]
    assert [(each.count, each.row) for each in one] == [(6, 2)]
    assert "6 giá trị ước chừng chỉ bằng 1/1.000 kỳ trước" in one[0].message
    some = ask(past, *rows[:2], *(row("24.000", code=code) for code in names[2:]))
    assert [each.row for each in some if each.code == "H806"] == [2, 3]


def test_the_past_of_a_figure_weighs_more_than_its_neighbours(
    ask: Any, catalogue: Catalogue
) -> None:
    """The province is a thousand times its communes, in this period as in the last."""
    areas = {"14": 9_000_000.0, "03646": 9_000.0, "03664": 8_000.0, "03670": 7_500.0}
    past = Given({"2026-09": [figure("2026-09", value, area=a) for a, value in areas.items()]})
    rows = [row(f"{value:.0f}", area=area) for area, value in areas.items()]
    assert "H806" not in codes(ask(past, *rows))


def test_standing_still_is_told_once_and_zero_is_not(ask: Any) -> None:
    still = monthly([500.0] * 5)
    found = {each.code: each for each in ask(still, row("500"))}
    assert found["H803"].severity == "info"
    assert CODE in found["H803"].message
    assert "H803" not in codes(ask(monthly([500.0] * 4), row("500")))
    assert "H803" not in codes(ask(monthly([0.0] * 8), row("0")))


def test_last_period_again(ask: Any) -> None:
    names = [f"KDL-M-016.{n:03d}" for n in range(1, 11)]
    past = Given({"2026-09": [figure("2026-09", 500.0 + n, code=c) for n, c in enumerate(names)]})
    rows = [row(f"{500 + n}", code=code) for n, code in enumerate(names)]
    again = [each for each in ask(past, *rows) if each.code == "H804"]
    assert [(each.severity, each.count) for each in again] == [("warning", 10)]
    assert "H804" not in codes(ask(past, *rows[1:], row("499", code=names[0])))
    assert "H804" not in codes(ask(past, *rows[1:]))


def test_a_line_of_the_last_two_periods_that_is_gone(ask: Any) -> None:
    areas = ("14", "03646", "03664")
    past = Given(
        {p: [figure(p, 500.0, area=area) for area in areas] for p in ("2026-08", "2026-09")}
    )
    rows = [row("510"), row("520", area="X-03646")]
    (finding,) = (each for each in ask(past, *rows) if each.code == "H805")
    assert (finding.severity, finding.count) == ("warning", 1)
    assert "2026-08, 2026-09" in finding.message
    assert f"{CODE} · 03664" in finding.message
    once = Given({"2026-09": past.figures["2026-09"]})
    assert "H805" not in codes(ask(once, *rows))
    # A line without a figure is there; what another status says of it, too.
    there = row("không phát sinh", area="03664", status="so_bo")
    assert "H805" not in codes(ask(past, *rows, there))


def test_files_sent_together_are_asked_for_a_line_once(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    areas = ("14", "03646", "03664")
    past = Given(
        {p: [figure(p, 500.0, area=area) for area in areas] for p in ("2026-08", "2026-09")}
    )
    said = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}

    def told(*parts: str) -> list[list[str]]:
        files = [
            text(tmp_path / f"{n}.csv", [HEAD, row(f"51{n}", area=area)])
            for n, area in enumerate(parts)
        ]
        reports = check_together(files, catalogue, said, history=past)
        return [[each.message for each in r.findings if each.code == "H805"] for r in reports]

    assert told("14", "03646", "03664") == [[], [], []]
    first, last = told("14", "03664")
    assert first == []
    assert "03646" in last[0]
    assert "03664" not in last[0]


def test_a_past_that_cannot_be_read_is_told_and_the_check_goes_on(ask: Any) -> None:
    class Lost(Given):
        def supplied(self, _: Context) -> Iterator[Supplied]:
            raise IocslError("record-unreadable", "Tệp bị hỏng.", "The file is damaged.")

        def live(self, _: Context) -> float | None:
            raise IocslError("record-unreadable", "Tệp bị hỏng.", "The file is damaged.")

    (finding,) = ask(Lost({}), row("500"))
    assert (finding.code, finding.severity) == ("H807", "info")
    assert "hỏng" not in finding.message


TOTALS = ["Mã chỉ tiêu", "Kỳ báo cáo", "Giá trị", "Lũy kế từ đầu năm"]


def test_a_cumulative_figure_below_that_of_the_last_period(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    def told(period: str, total: str, past: float, *, before: str = "2026-03") -> list[Finding]:
        given = Figure("IOC-02-03.001", "", "", before, "chinh_thuc", "luy_ke", past)
        path = text(tmp_path / "a.csv", [TOTALS, ["IOC-02-03.001", period, "40", total]])
        said: dict[str, Any] = {"dataset": "IOC-02-03", "unit": "D23-02", "period": period}
        history = Given({before: [given]})
        report = check(path, catalogue, history=history, **said)
        return [each for each in report.findings if each.code in {"X720", "H801", "H806"}]

    (finding,) = told("2026-04", "40", 120.0)
    assert (finding.code, finding.severity, finding.column) == ("X720", "warning", "luy_ke")
    assert "2026-03" in finding.message
    assert told("2026-04", "120", 120.0) == []
    assert told("2026-01", "40", 120.0, before="2025-12") == []
    assert told("2026-01", "0,04", 120.0, before="2025-12") == []
    assert told("2026-04", "-40", 120.0) == []
    # A quarter ends where a month does: both count from the first of January.
    assert [each.code for each in told("2026-Q2", "40", 120.0)] == ["X720"]


@pytest.mark.parametrize(
    ("words", "unit", "expected"),
    [
        ("Lũy kế từ đầu năm", None, True),
        ("Giải ngân vốn đầu tư công, luỹ kế", "triệu đồng", True),
        ("Số hồ sơ. Cộng dồn từ đầu năm", "hồ sơ", True),
        ("Lũy kế so với cùng kỳ năm trước", None, False),
        ("Tỷ lệ giải ngân lũy kế", None, False),
        ("Vốn giải ngân lũy kế", "%", False),
        ("Tổng mức bán lẻ hàng hóa", "tỷ đồng", False),
    ],
)
def test_what_adds_up_says_so_itself(words: str, unit: str | None, expected: bool) -> None:
    assert accumulates(words, unit) is expected


def test_the_measure_by_hand() -> None:
    """The median is 10.5, the distances 0.5 0.5 0.5 1.5 1.5 2.5 2.5 89.5, so MAD is 1.5."""
    values = [10.0, 10, 9, 11, 8, 12, 13, 100]
    place = Series(CODE, "14", "", "chinh_thuc", "gia_tri", Period.parse("2026-01").type)
    usual = usual_of({place: dict(zip(MONTHS, values, strict=False))})[place]
    assert usual.periods == 8
    assert usual.low == pytest.approx(10.5 - 3.5 / 0.6745 * 1.5)
    assert usual.high == pytest.approx(10.5 + 3.5 / 0.6745 * 1.5)


def test_zeros_alone_tell_nothing_and_a_constant_tells_a_tenth() -> None:
    place = Series(CODE, "14", "", "chinh_thuc", "gia_tri", Period.parse("2026-01").type)
    assert usual_of({place: dict.fromkeys(MONTHS[:9], 0.0)}) == {}
    usual = usual_of({place: dict.fromkeys(MONTHS[:9], 50.0)})[place]
    assert (usual.low, usual.high) == pytest.approx((45.0, 55.0))
    rare = dict.fromkeys(MONTHS[:9], 0.0) | {MONTHS[9]: 3.0}
    usual = usual_of({place: rare})[place]
    assert not usual.far(3.0, 0.0)
    assert usual.far(7.0, 0.0)


_CHECK = """
import sys
from pathlib import Path
from iocsl.catalog import open_catalogue
from iocsl.validate import check
from iocsl.validate.history_files import GivenFiles
file, *earlier = map(Path, sys.argv[1:])
said = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}
check(file, open_catalogue(), history=GivenFiles(earlier) if earlier else None, **said)
print("pandas" in sys.modules)
"""


def test_pandas_is_loaded_only_where_there_is_enough_to_judge(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    now = text(tmp_path / "nay.csv", [HEAD, *[row(f"{n}") for n in range(200)]])
    earlier = [
        text(tmp_path / f"KDL-M-016_{month}.csv", [HEAD, [CODE, month, "14", "24.500", ""]])
        for month in MONTHS[12:21]
    ]

    def loaded(*files: Path) -> str:
        command = [sys.executable, "-c", _CHECK, *map(str, files)]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()

    assert loaded(now) == "False"
    assert loaded(now, *earlier[: FEWEST - 1]) == "False"
    assert loaded(now, *earlier) == "True"


OLD: list[list[Any]] = [
    ["ma_chi_tieu", "ky_bao_cao", "dia_ban", "gia_tri"],
    [CODE, "2026-09", "14", 24500],
]


def as_xlsx(path: Path) -> Path:
    return book(path.with_suffix(".xlsx"), OLD)


def as_xls(path: Path) -> Path:
    made = xlwt.Workbook()
    sheet = made.add_sheet("Du_lieu")
    for down, cells in enumerate(OLD):
        for across, cell in enumerate(cells):
            sheet.write(down, across, cell)
    made.save(str(path.with_suffix(".xls")))
    return path.with_suffix(".xls")


def as_csv(path: Path) -> Path:
    return text(path.with_suffix(".csv"), OLD)


def as_xml(path: Path) -> Path:
    cells = "".join(f"<{key}>{cell}</{key}>" for key, cell in zip(*OLD, strict=True))
    path.with_suffix(".xml").write_text(f"<bieu><dong>{cells}</dong></bieu>", "utf-8")
    return path.with_suffix(".xml")


@pytest.mark.parametrize("make", [as_xlsx, as_xls, as_csv, as_xml])
@pytest.mark.parametrize("name", ["KDL-M-016_2026-09", "so-lieu-cu"])
def test_earlier_files_of_any_format(
    ask: Any, tmp_path: Path, make: Callable[[Path], Path], name: str
) -> None:
    """Also where the file itself says neither dataset nor period."""
    (finding,) = (
        each
        for each in ask(GivenFiles([make(tmp_path / name)]), row("24,5"))
        if each.code == "H806"
    )
    assert "2026-09 (24.500)" in finding.message


def test_an_earlier_file_of_another_dataset_or_unit_is_told_and_not_used(
    ask: Any, tmp_path: Path
) -> None:
    other = [text(tmp_path / "KDL-M-017_2026-09.csv", OLD)]
    theirs = book(tmp_path / "cua-ho.xlsx", OLD, info={"don_vi": "CQ-YT"})
    (finding,) = ask(GivenFiles([*other, theirs]), row("24,5"))
    assert (finding.code, finding.severity) == ("H808", "info")
    assert "KDL-M-017" in finding.message
    assert "CQ-YT" in finding.message


def test_liveliness_comes_with_the_past(tmp_path: Path, catalogue: Catalogue) -> None:
    path = text(tmp_path / "a.csv", [HEAD, row("5")])
    said: dict[str, Any] = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}
    assert check(path, catalogue, history=Given({}, 83.3), **said).quality.live == 83.3
    assert check(path, catalogue, **said).quality.live is None


def test_a_long_past_is_cut_at_what_is_held(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iocsl.validate.history.MOST_PERIODS", 3)
    dataset = catalogue.dataset("KDL-M-016")
    from iocsl.catalog.schema import parse_schema

    schema = parse_schema(catalogue.schema(dataset.schema), dataset.schema)
    past = Past.before(Context(catalogue, schema, dataset, history=monthly(PRICES)))
    ((_, values),) = past.points.items()
    assert sorted(values) == ["2026-07", "2026-08", "2026-09"]
