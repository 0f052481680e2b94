"""What a file holds neither steers the terminal nor runs over its edge."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from hostile_reports import hostile_report
from iocsl.console.findings import show_reports
from iocsl.console.output import console, emit_json, table
from iocsl.domain import Finding, Severity


def _shown(message: str, width: int, name: str = "a.csv", after: str = "") -> str:
    finding = Finding("V402", "not-a-number", Severity.ERROR, message, cell="A2", sheet="S")
    report = replace(hostile_report(), findings=(finding,))
    report = replace(report, facts=replace(report.facts, name=name))
    page = io.StringIO()
    screen = Console(file=page, width=width, force_terminal=True, highlight=False, markup=False)
    show_reports([report], screen, after=[[after]] if after else ())
    return page.getvalue()


def test_what_is_not_listed_is_counted_by_places() -> None:
    """Fifty are listed, and one of those left out stands for seven cells."""
    one = Finding("V402", "not-a-number", Severity.ERROR, "x", cell="A2", sheet="S")
    findings = (*[one] * 55, one._replace(count=7))
    page = io.StringIO()
    show_reports([replace(hostile_report(), findings=findings)], Console(file=page, width=100))
    assert "(62 chỗ)" in page.getvalue()
    assert "và 12 chỗ nữa" in page.getvalue()


@pytest.mark.parametrize("where", ["message", "name", "answer"])
def test_control_characters_are_named(where: str) -> None:
    evil = "a\x1b[2J\x1b]0;x\x07\x9b31m\u202eb\nc"
    plain = _shown("a", 80)
    said = {
        "message": lambda: _shown(evil, 80),
        "name": lambda: _shown("a", 80, name=evil),
        "answer": lambda: _shown("a", 80, after=evil),
    }[where]()
    assert "a[U+001B][2J[U+001B]]0;x[U+0007][U+009B]31m[U+202E]b c" in said
    assert not {"\x07", "\x9b", "\u202e"} & set(said)
    assert said.count("\x1b") == plain.count("\x1b")


@pytest.mark.parametrize("message", ["値" * 90, "x" * 300, "👩 " * 60, "kỳ báo cáo " * 30])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(message: str, width: int) -> None:
    page = io.StringIO()
    screen = Console(file=page, width=width, highlight=False, markup=False)
    finding = Finding("V402", "not-a-number", Severity.ERROR, message, hint=message, cell="A2")
    show_reports([replace(hostile_report(), findings=(finding,))], screen)
    lines = page.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)
    assert "".join(message.split()) in "".join(page.getvalue().split())


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp1258"])
def test_json_is_whole_on_a_stream_that_lacks_letters(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json
    import sys

    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, newline="\n"))
    emit_json({"a": "“Kỳ báo cáo” 値 😀"})
    sys.stdout.flush()
    assert json.loads(raw.getvalue()) == {"a": "“Kỳ báo cáo” 値 😀"}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "variables", "coloured"),
    [
        (_Terminal, {}, True),
        (_Terminal, {"NO_COLOR": "1"}, False),
        (_Terminal, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (io.StringIO, {}, False),
        (io.StringIO, {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"}, False),
    ],
)
def test_colour_is_for_terminals_and_for_those_who_want_it(
    stream: type[io.StringIO],
    variables: dict[str, str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    page = stream()
    console(page).print(table(["Kỳ"], [["2026-10"]], "Thời hạn"))
    assert "2026-10" in page.getvalue()
    assert ("\x1b" in page.getvalue()) is coloured
