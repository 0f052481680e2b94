"""`python -m bench [WORKLOAD…]`: all workloads, or those named. RUNS=n sets how often."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import bundles, deadlines, startup, templates, validation

WORKLOADS: dict[str, Callable[[Path, int], None]] = {
    "startup": startup.run,
    "small": validation.small,
    "deadlines": deadlines.run,
    "templates": templates.run,
    "xlsx": validation.workbooks,
    "csv": validation.delimited,
    "xml": validation.markup,
    "others": validation.others,
    "bundles": bundles.run,
}

LONG: dict[str, Callable[[Path, int], None]] = {
    "xlsx1m": validation.long_workbook,
    "csv10m": validation.long_delimited,
}
"""Workloads that take long, and run only when they are named."""


def main() -> int:
    asked = sys.argv[1:] or list(WORKLOADS)
    known = WORKLOADS | LONG
    unknown = [name for name in asked if name not in known]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    runs = int(os.environ.get("RUNS", "7"))
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="iocsl-bench-") as folder:
        os.environ["IOCSL_HOME"] = str(Path(folder) / "home")
        for name in asked:
            known[name](Path(folder), runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
