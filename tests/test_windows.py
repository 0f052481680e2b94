"""The code paths of Windows, without Windows: drives, consoles, folders that cannot be synced."""

from __future__ import annotations

import ctypes
import io
import os
import re
import sys
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any, cast

import pytest

from iocsl import cli, files
from iocsl.console.output import prepare_streams


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("kind", "remote"), [(4, True), (3, False)])
def test_a_mapped_network_drive_is_told(
    monkeypatch: pytest.MonkeyPatch, kind: int, remote: bool
) -> None:
    asked: list[str] = []

    def drive_type(root: str) -> int:
        asked.append(root)
        return kind

    kernel = SimpleNamespace(kernel32=SimpleNamespace(GetDriveTypeW=drive_type))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", kernel, raising=False)
    path = cast("Path", PureWindowsPath(r"Z:\chung\iocsl"))
    assert files.on_network(path) is remote
    assert asked == ["Z:\\"]


@pytest.mark.parametrize(
    ("path", "remote"),
    [(r"\\may-chu\chung\iocsl", True), (r"\\?\C:\iocsl", False), (r"\\.\pipe\x", False)],
)
def test_unc_paths(path: str, remote: bool) -> None:
    assert files.on_network(cast("Path", PureWindowsPath(path))) is remote


def test_a_folder_is_not_synced_where_that_cannot_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def never(*_: object) -> int:
        raise AssertionError

    folder = tmp_path
    monkeypatch.setattr(os, "open", never)
    monkeypatch.setattr(os, "name", "nt")
    files.sync_folder(folder)


@pytest.mark.parametrize("encoding", ["cp1252", "cp1258", "cp437", "ascii"])
def test_an_old_console_reads_words_not_question_marks(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(raw, encoding=encoding))
    prepare_streams()
    print("Kỳ báo cáo của Sở Tài chính: đúng hạn", flush=True)  # noqa: T201 - as a command would
    said = raw.getvalue().decode(encoding)
    assert "?" not in said
    assert "bao cao" in said or "báo cáo" in said


def test_a_pipe_is_utf8_whatever_the_code_page(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    assert cli.main(["--help"]) == 0
    assert "Cách dùng" in raw.getvalue().decode("utf-8")


def test_no_module_calls_what_only_posix_has() -> None:
    """No fork, no SIGKILL; a module that only POSIX has is imported under `try` alone."""
    never = re.compile(r"os\.fork|signal\.SIGKILL|^ *(?:import|from) (?:fcntl|pwd|grp)\b", re.M)
    unguarded = re.compile(r"^(?! *try:$).*\n *import resource$", re.M)
    source = Path(cast("Any", files).__file__).parent
    for path in source.rglob("*.py"):
        text = path.read_text("utf-8")
        assert not never.search(text), path
        assert not unguarded.search(text), path
