"""Patterns that are compiled late are compiled here, every one of them."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

import iocsl
from iocsl.patterns import regex


def test_a_pattern_is_compiled_when_it_is_first_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    real = re.compile

    def watched(text: str, flags: int) -> re.Pattern[str]:
        compiled.append(text)
        return real(text, flags)

    monkeypatch.setattr(re, "compile", watched)
    late = regex(r"(k)y\b", re.IGNORECASE)
    assert compiled == []
    assert [bool(late.search(text)) for text in ("bao KY", "kys", "ky 1")] == [True, False, True]
    assert compiled == [r"(k)y\b"]
    assert late.sub("x", "Ky") == "x"
    assert late.pattern == r"(k)y\b"


def test_a_wrong_pattern_is_told_when_it_is_asked() -> None:
    late = regex("(")
    with pytest.raises(re.error):
        late.search("")


def test_a_pattern_crosses_to_another_process() -> None:
    late = pickle.loads(pickle.dumps(regex("a+", re.IGNORECASE)))  # noqa: S301 - made here
    assert late.fullmatch("aA")


def test_every_late_pattern_compiles() -> None:
    """A slip of the pen must not wait for the first file that asks."""
    source = Path(iocsl.__file__).parent
    names = [
        ".".join(("iocsl", *path.relative_to(source).with_suffix("").parts))
        for path in source.rglob("*.py")
        if "import regex" in path.read_text("utf-8")
    ]
    late = type(regex(""))
    held = [
        value
        for name in names
        for each in vars(__import__(name, fromlist=["*"])).values()
        for value in (each.values() if isinstance(each, dict) else [each])
        if isinstance(value, late)
    ]
    assert len(held) > len(names)
    assert all(each.groups >= 0 for each in held)
