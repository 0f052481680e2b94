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


def main() -> int:
    asked = sys.argv[1:] or list(WORKLOADS)
    unknown = [name for name in asked if name not in WORKLOADS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(WORKLOADS)}")
        return 2
    runs = int(os.environ.get("RUNS", "7"))
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="iocsl-bench-") as folder:
        os.environ["IOCSL_HOME"] = str(Path(folder) / "home")
        for name in asked:
            WORKLOADS[name](Path(folder), runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
