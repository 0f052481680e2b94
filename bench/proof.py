"""`python -m bench.proof FILE SCHEMA ROWS SHARE`: write a form with faults, and prove its check.

Every fault that was put in is found in its cell, and nothing else at error level.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.forms import faults, write_csv, write_xlsx, write_xml

WRITERS = {".csv": write_csv, ".xlsx": write_xlsx, ".xml": write_xml}


def main() -> int:
    path, schema, count, share = (
        Path(sys.argv[1]),
        sys.argv[2],
        int(sys.argv[3]),
        float(sys.argv[4]),
    )
    WRITERS[path.suffix](path, count, share)
    report = path.with_suffix(".json")
    command = ["validate", str(path), "--schema", schema, "--format", "json", "-o", str(report)]
    subprocess.run(
        [sys.executable, "-m", "iocsl", *command], stderr=subprocess.DEVNULL, check=False
    )
    findings = json.loads(report.read_bytes())["findings"]
    errors = [each for each in findings if each["severity"] == "error"]
    found, wanted = {(each["row"], each["column"]) for each in errors}, faults(count, share)
    if found != wanted or len(errors) != len(wanted):
        print(f"{path.name}: {len(wanted)} faults put in, {len(errors)} errors found")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
