"""Answers to warnings: kept for their period, offered in the next, told where they are missing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hostile_reports import hostile_report
from iocsl import clock
from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.domain import Severity
from iocsl.errors import IocslError
from iocsl.validate import answers
from iocsl.validate.registry import rule
from validate_books import HEAD, book, text

REASONS = {"L802": "Chép từ văn bản gốc, đã đối chiếu"}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> object:
    """Move the clock of the record."""
    real = clock.record_now

    def move(days: int) -> None:
        monkeypatch.setattr(clock, "record_now", lambda: real() + timedelta(days=days))

    return move


def test_an_answer_holds_for_its_period_and_is_offered_in_the_next(home: Path) -> None:
    report = hostile_report()
    assert answers.for_report(home, report).open == ("L802",)
    assert answers.keep(home, report, REASONS) == ("L802",)
    now = answers.for_report(home, report)
    assert ([each.reason for each in now.answered], now.open) == ([REASONS["L802"]], ())
    coming = answers.for_report(home, replace(report, period="2026-11"))
    assert (coming.answered, coming.open) == ((), ("L802",))
    assert [(each.code, each.period) for each in coming.offered] == [("L802", "2026-10")]
    for other in (replace(report, unit="CQ-KHCN"), replace(report, dataset="KDL-M-017")):
        assert answers.for_report(home, other) == answers.Standing(open=("L802",))


@pytest.mark.parametrize(("period", "days"), [("2026-10", 95), ("2026", 400)])
def test_an_offer_expires(home: Path, later: object, period: str, days: int) -> None:
    report = replace(hostile_report(), period=period)
    answers.keep(home, report, REASONS)
    coming = replace(report, period="2027-01")
    assert callable(later)
    later(days - 1)
    assert len(answers.for_report(home, coming).offered) == 1
    later(days + 1)
    assert answers.for_report(home, coming).offered == ()
    assert len(answers.for_report(home, report).answered) == 1


def test_what_travels_in_a_bundle(home: Path) -> None:
    report = hostile_report()
    answers.keep(home, report, REASONS)
    (document,) = answers.documents(home, report)
    assert set(document) == {"code", "reason", "period", "answered_at"}
    assert json.loads(json.dumps(document)) == document
    assert document["code"] == "L802"


@pytest.mark.parametrize(
    ("code", "reason", "wanted"),
    [
        ("L999", "vì sao", "unknown-rule"),
        ("L802", "  ", "no-reason"),
        ("L802", "a" * 2001, "no-reason"),
        ("L802", 5, "no-reason"),
    ],
)
def test_what_is_no_answer(code: str, reason: object, wanted: str) -> None:
    with pytest.raises(IocslError) as caught:
        answers.checked(code, reason)
    assert (caught.value.code, caught.value.exit_code) == (wanted, 2)


@pytest.mark.parametrize(
    "reason", ["Theo ông A, 0912 345 678", "CCCD 014199001234 kê khai", "hỏi a.b@sonla.gov.vn"]
)
def test_a_reason_names_no_persons_number(reason: str) -> None:
    with pytest.raises(IocslError) as caught:
        answers.checked("L802", reason)
    assert (caught.value.code, caught.value.exit_code) == ("personal-data-in-answer", 7)
    assert "0912" not in caught.value.message.vi
    assert answers.checked("L802", "Thu 12.345.678.901 đồng, CV 123/UBND ngày 05/11/2026")[1]


def test_an_error_is_mended_and_not_answered() -> None:
    report = hostile_report()
    error = next(each for each in report.findings if each.severity is Severity.ERROR)
    with pytest.raises(IocslError) as caught:
        answers.refuse_errors([report], {error.code: "vì sao"})
    assert (caught.value.code, caught.value.exit_code) == ("error-not-answerable", 2)
    answers.refuse_errors([report], REASONS)


def test_a_warning_of_the_schema_s_own_rule_takes_an_answer(
    tmp_path: Path, catalogue: Catalogue, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(
        "fields:\n  - {name: a, type: number}\n  - {name: b, type: number}\n"
        "quy_tac:\n  - {ma: R1, cot: a, phep: '<=', voi: b, muc: warning}\n",
        encoding="utf-8",
    )
    path = text(tmp_path / "KDL-M-016_2026-10.csv", [["a", "b"], ["6", "5"]])
    ask = ["validate", str(path), "--schema", str(schema), "--unit", "CQ-TC"]
    assert main([*ask, "--answer", "X710", "đã đối chiếu"]) == 0
    assert "Đã giải trình X710: đã đối chiếu" in capsys.readouterr().out
    schema.write_text(schema.read_text("utf-8").replace("muc: warning", "muc: error"), "utf-8")
    assert main([*ask, "--answer", "X710", "đã đối chiếu"]) == 2
    assert "X710" in capsys.readouterr().err


def test_a_file_that_says_not_what_it_is_takes_no_answer(home: Path) -> None:
    with pytest.raises(IocslError, match="unknown"):
        answers.keep(home, replace(hostile_report(), unit=None), REASONS)


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_file_of_answers(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"giai-trinh.{suffix}"
    path.write_text(json.dumps({"invisible-characters": " đã  đối chiếu "}), "utf-8")
    assert answers.read_answers(path) == {"L802": "đã đối chiếu"}


@pytest.mark.parametrize("suffix", ["yaml", "json"])
@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("[1, 2]", "is no file of answers"),
        ('{"L802": ', "a."),
        ('{"L802": "a", "L802": "b"}', "L802"),
        ('{"l802": "a", "invisible-characters": "b"}', "L802 is there twice"),
        ('{"L802": [1]}', "The answer to L802 must be a reason"),
        ('{"L80": "a"}', "There is no rule “L80”"),
        ("", "a."),
    ],
)
def test_a_file_of_answers_that_is_wrong(
    suffix: str, body: str, wanted: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_text(body, "utf-8")
    with pytest.raises(IocslError) as caught:
        answers.read_answers(path)
    assert caught.value.exit_code == 2
    assert wanted in caught.value.message.en
    assert path.name in caught.value.message.en
    assert "catalogue" not in str(caught.value.hint)


@pytest.mark.parametrize(
    ("lang", "unanswered", "answered"),
    [
        ("vi", "Cảnh báo chưa giải trình: L802", "Đã giải trình L802: đã đối chiếu"),
        ("en", "Warnings without an answer: L802", "Answered L802: đã đối chiếu"),
    ],
)
def test_the_command_tells_and_keeps(  # noqa: PLR0917 - pytest hands fixtures over by name
    lang: str,
    unanswered: str,
    answered: str,
    tmp_path: Path,
    catalogue: Catalogue,
    capsys: pytest.CaptureFixture[str],
) -> None:
    head = [*HEAD, "Ghi chú"]
    rows: list[list[Any]] = [head]
    rows.extend([f"KDL-M-016.{n:03d}", "2026-10", "14", n * 100, ""] for n in range(1, 31))
    rows[1][4] = "a\u200bế"
    path = book(tmp_path / "KDL-M-016_2026-10.xlsx", rows)
    ask = ["validate", str(path), "--unit", "CQ-TC", "--lang", lang]
    assert main(ask) == 0
    assert unanswered in capsys.readouterr().out
    assert main([*ask, "--answer", "L802", "đã đối chiếu"]) == 0
    assert answered in capsys.readouterr().out
    main([*ask, "--answer", "H999", "x"])
    assert "H999" in capsys.readouterr().err
    assert main([*ask, "--answer", "L801", "x"]) == 0
    assert "L801" in capsys.readouterr().err


def test_what_a_wrong_file_of_answers_is_told_names_a_rule_that_exists(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[]", "utf-8")
    with pytest.raises(IocslError) as caught:
        answers.read_answers(path)
    named = [re.findall(r"\b[A-Z][0-9]{3}\b", words) for words in caught.value.hint or ()]
    assert [all(rule(code) for code in codes) and bool(codes) for codes in named] == [True, True]
