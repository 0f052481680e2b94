"""What every test may lean on: an empty home, and a process that forgets the last test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from iocsl import clock, config, text


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    clock.set_now(None)
    config.set_home(None)
    text.set_language("vi")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty IOCSL_HOME of the test's own; no variable of the machine reaches the test."""
    for name in ("IOCSL_LANG", "IOCSL_NOW", "IOCSL_UNIT", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "nha"
    monkeypatch.setenv("IOCSL_HOME", str(folder))
    return folder
