"""Explaining, reading what users type, and files for other programs."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import icalendar
import openpyxl
import pytest

from iocsl import clock, text
from iocsl.catalog import Catalogue
from iocsl.catalog.mirror import read_mirror
from iocsl.deadlines import Obligation, Readings, Timetable
from iocsl.deadlines.asking import parse_day, parse_period, parse_regime
from iocsl.deadlines.explain import explain_day, explain_deadline
from iocsl.deadlines.export import as_csv, as_ics, as_xlsx
from iocsl.deadlines.words import FLAGS
from iocsl.domain import ExitCode, Period, PeriodType, Regime, event_id
from iocsl.errors import IocslError
from iocsl.settings import SETTINGS

NOW = clock.parse_moment("2026-10-20T08:00")


@pytest.fixture(scope="module")
def timetable(built: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Timetable:
    """One for all tests that only read it."""
    catalogue = read_mirror(built())
    assert catalogue is not None
    return Timetable(catalogue, Readings(tmp_path_factory.mktemp("nha")))


@pytest.fixture
def autumn(timetable: Timetable) -> list[Obligation]:
    return timetable.between(date(2026, 10, 20), date(2026, 11, 30))


def test_explains_the_four_examples(catalogue: Catalogue, home: Path) -> None:
    for id_, said in {
        "2023.lead/2025-01": "thứ Hai 03/02/2025",
        "2023.lead/2026-04": "Ngày Giỗ Tổ Hùng Vương",
        "2023.tk.30/2025-04": "thứ Hai 05/05/2025",
        "1134.month/2026-10": "thứ Sáu 23/10/2026",
    }.items():
        explained = explain_deadline(catalogue, Readings(home), id_)
        assert explained.kind == "deadline"
        assert said in explained.text()
        assert explained.facts["obligation"]["id"] == id_


def test_explains_in_english(catalogue: Catalogue, home: Path) -> None:
    text.set_language("en")
    said = explain_deadline(catalogue, Readings(home), "2023.lead/2025-01").text()
    assert "moves to Monday 03/02/2025" in said


@pytest.mark.parametrize(
    "rule", ["2023.lead", "2023.daily", "2023.tk.row", "1134.change", "2023.override"]
)
def test_explains_rules(catalogue: Catalogue, home: Path, rule: str) -> None:
    explained = explain_deadline(catalogue, Readings(home), rule)
    assert (explained.kind, explained.id) == ("rule", rule)
    assert explained.document()["lines"]


@pytest.mark.parametrize(
    "id_",
    [
        "2023.leed",
        "2023.lead/2026-Q5",
        "2023.lead/2026-DX",
        "2023.daily/2026-10-01",
        "1134.month/2026-04",
    ],
)
def test_what_does_not_exist_is_refused(catalogue: Catalogue, home: Path, id_: str) -> None:
    with pytest.raises(IocslError) as caught:
        explain_deadline(catalogue, Readings(home), id_)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.hint


def test_explains_days(catalogue: Catalogue, home: Path) -> None:
    swapped = explain_day(catalogue, Readings(home), date(2026, 1, 10))
    assert "làm bù" in swapped.text()
    assert swapped.facts["day"]["swapped_with"] == "2026-01-02"
    proposed = explain_day(catalogue, Readings(home), date(2026, 11, 23))
    assert "Chưa áp dụng" in proposed.text()
    rest = explain_day(catalogue, Readings(home), date(2026, 10, 25))
    assert "thứ Hai 26/10/2026" in rest.text()
    with pytest.raises(IocslError) as caught:
        explain_day(catalogue, Readings(home), date(2031, 1, 1))
    assert caught.value.exit_code is ExitCode.UNDECIDED


def test_every_flag_and_setting_has_its_words(timetable: Timetable) -> None:
    found = timetable.join(timetable.between(date(2026, 1, 1), date(2027, 12, 1)), "dataset")
    assert {flag for each in found for flag in each.flags} <= set(FLAGS)
    known = {each.key for each in SETTINGS}
    assert {name for rule in timetable.rules.values() for name in rule.settings} <= known


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("month", PeriodType.MONTH), ("thang", PeriodType.MONTH), ("Tháng", PeriodType.MONTH),
     ("6 tháng", PeriodType.HALF), ("9thang", PeriodType.NINE_MONTHS), ("muavu", PeriodType.SEASON),
     ("khithaydoi", PeriodType.EVENT), ("9m", PeriodType.NINE_MONTHS), ("Năm", PeriodType.YEAR)],
)  # fmt: skip
def test_period_types_in_both_languages(typed: str, kind: PeriodType) -> None:
    assert parse_period(typed) is kind


@pytest.mark.parametrize(
    "typed", ["2026-10", "2026-q4", "2026-H1", "2026-9m", "2026", "2026-DX", "2026-11-22"]
)
def test_period_ids(typed: str) -> None:
    found = parse_period(typed)
    assert isinstance(found, Period)
    assert found.id == typed.upper()


@pytest.mark.parametrize(
    "typed",
    [
        "2026-Q5",
        "2026-02-30",
        "2026-13",
        "2026-H3",
        "hôm nay",
        "",
        "realtime",
        "2025-02-29",
        "26-10",
    ],
)
def test_periods_that_do_not_exist(typed: str) -> None:
    with pytest.raises(IocslError) as caught:
        parse_period(typed)
    assert (caught.value.code, caught.value.exit_code) == ("unknown-period", ExitCode.USAGE)
    assert caught.value.hint


def test_regimes_and_days() -> None:
    assert parse_regime("1134") is Regime.QD1134
    assert parse_regime("qd2023") is Regime.QD2023
    assert parse_day("22/11/2026") == parse_day("2026-11-22") == date(2026, 11, 22)
    for refused in ("2026-02-30", "31/04/2026", "mai"):
        with pytest.raises(IocslError) as caught:
            parse_day(refused)
        assert caught.value.exit_code is ExitCode.USAGE
    with pytest.raises(IocslError):
        parse_regime("2024")


def test_csv(autumn: list[Obligation]) -> None:
    lines = as_csv(autumn, NOW).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Mã hạn,Ngày cuối,")
    assert len(lines) == len(autumn) + 1


def test_xlsx(autumn: list[Obligation]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(autumn, NOW)))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0][0] == "Mã hạn"
    assert [row[0] for row in rows[1:]] == [each.id for each in autumn]
    sheet = book.worksheets[0]
    assert sheet.column_dimensions["A"].width > max(len(each.id) for each in autumn)
    assert (sheet.print_title_rows, sheet.page_setup.orientation) == ("$1:$1", "landscape")


def test_ics(autumn: list[Obligation], timetable: Timetable) -> None:
    raw = as_ics(autumn, NOW, timetable)
    assert raw == as_ics(autumn, NOW, timetable)
    found = {str(event["UID"]): event for event in icalendar.Calendar.from_ical(raw).walk("VEVENT")}
    assert len(found) == len(autumn)
    month = found["1134.month.2026-10@iocsl"]
    assert month.decoded("DTSTART") == clock.parse_moment("2026-10-25T17:00")
    assert month.decoded("DTSTAMP") == NOW
    lead = found["2023.lead.2026-10@iocsl"]
    assert lead.decoded("DTSTART") == date(2026, 10, 26)
    (alarm,) = lead.walk("VALARM")
    assert alarm.decoded("TRIGGER") == clock.parse_moment("2026-10-23T08:00")
    assert raw.count(b"TRIGGER;VALUE=DATE-TIME:") == raw.count(b"BEGIN:VALARM")
    for event in found.values():
        assert "DTEND" not in event or event.decoded("DTEND") > event.decoded("DTSTART")
    sunday = found["1134.daily.2026-10-25@iocsl"]
    assert not sunday.walk("VALARM")


@pytest.mark.parametrize(
    ("changed", "alarm"),
    [
        ("2026-11-21T08:00", "2026-11-21T16:00"),  # a Saturday: the 24 hours run on
        ("2026-11-23T15:30", "2026-11-24T08:00"),
        ("2026-11-23T09:00", "2026-11-24T08:00"),
        ("2026-11-23T08:59", "2026-11-23T16:00"),
        ("2026-11-23T23:00", "2026-11-24T16:00"),
        ("2026-11-23T00:30", "2026-11-23T16:00"),
    ],
)
def test_the_alarm_of_24_hours_lies_within_them(
    timetable: Timetable, changed: str, alarm: str
) -> None:
    moment = clock.parse_moment(changed)
    each = timetable.obligation(timetable.rules["1134.change"], Period.parse(event_id(moment)))
    assert each is not None
    (event,) = icalendar.Calendar.from_ical(as_ics([each], NOW, timetable)).walk("VEVENT")
    (told,) = event.walk("VALARM")
    assert told.decoded("TRIGGER") == clock.parse_moment(alarm)
    assert moment < told.decoded("TRIGGER") < each.due.due_before
