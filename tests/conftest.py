"""What every test may lean on: an empty home, and a process that forgets the last test."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from iocsl import clock, config, text
from iocsl.bundle import encryption_keys
from iocsl.catalog import Catalogue, mirror, open_catalogue


def _no_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Where everything is installed, as in CI, a test that is skipped is a test that is missing."""
    if report.skipped and os.environ.get("IOCSL_TESTS_NO_SKIP"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _no_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _no_skip(report)
    return report


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    clock.set_now(None)
    config.set_home(None)
    text.set_language("vi")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty IOCSL_HOME of the test's own; no variable of the machine reaches the test."""
    for name in ("IOCSL_LANG", "IOCSL_NOW", "IOCSL_UNIT", "IOCSL_CATALOG", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "nha"
    monkeypatch.setenv("IOCSL_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """The mirror of the packaged catalogue, built once a session, when first asked for."""
    path = tmp_path_factory.mktemp("catalogue") / mirror.MIRROR

    def once() -> Path:
        if not path.exists():
            folder = mirror.packaged()
            command = [sys.executable, "-m", "iocsl.catalog.build", str(folder), str(path)]
            subprocess.run(command, check=True)
        return path

    return once


@pytest.fixture(autouse=True)
def _quick_mirror(monkeypatch: pytest.MonkeyPatch, built: Callable[[], Path]) -> None:
    """Opening the packaged catalogue in a new home copies the session's mirror."""
    build_in_child = mirror.build_in_child

    def copy(source: Path, target: Path, *, force: bool = False) -> None:
        home = target.parent
        own = any(
            (home / name).exists() for name in (mirror.OVERLAYS, mirror.ISSUED, mirror.POINTER)
        )
        if source == mirror.packaged() and not (force or own):
            shutil.copyfile(built(), target)
        else:
            build_in_child(source, target, force=force)

    monkeypatch.setattr(mirror, "build_in_child", copy)


@pytest.fixture(scope="session")
def encryption_key() -> Callable[[], RSAPrivateKey]:
    """One RSA key for every home and store of the session: they are slow to make."""

    @functools.cache
    def once() -> RSAPrivateKey:
        return rsa.generate_private_key(65537, 2048)

    return once


@pytest.fixture(autouse=True)
def _quick_keys(
    monkeypatch: pytest.MonkeyPatch, encryption_key: Callable[[], RSAPrivateKey]
) -> None:
    monkeypatch.setattr(encryption_keys, "new_key", encryption_key)


@pytest.fixture
def catalogue(home: Path) -> Catalogue:
    """The packaged catalogue, its mirror in the test's home (for child processes too)."""
    return open_catalogue()
