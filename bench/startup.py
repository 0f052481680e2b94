"""What it costs to start, beside an interpreter that does nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.harness import command, compare


def run(folder: Path, runs: int) -> None:
    def iocsl(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "iocsl", *arguments]

    compare(
        "Start-up, whole processes",
        {
            "python -c pass": command([sys.executable, "-c", "pass"]),
            "iocsl --help": command(iocsl("--help")),
            "iocsl deadlines --format json": command(iocsl("deadlines", "--format", "json")),
            "iocsl catalog show KDL-M-016": command(iocsl("catalog", "show", "KDL-M-016")),
            "iocsl catalog list --format json": command(
                iocsl("catalog", "list", "--format", "json")
            ),
        },
        runs,
    )
