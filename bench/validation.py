"""Checking files, beside bare reads by the libraries that read them, and beside other checkers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.forms import SCHEMA, write_csv
from bench.harness import Runnable, command, compare

PEERS = Path(__file__).parent / "peers"
ROWS = 200
START = ", one row (its start)"
PASS = command([sys.executable, "-c", "pass"])


def iocsl(*arguments: object) -> Runnable:
    return command(
        [sys.executable, "-m", "iocsl", "validate", *map(str, arguments), "--format", "json"]
    )


def peer(name: str, *arguments: object, python: str = sys.executable) -> Runnable:
    return command([python, str(PEERS / f"{name}.py"), *map(str, arguments)])


def errors_of(said: str) -> str:
    """The count of errors in a report, or the number that a peer printed."""
    counted = re.search(r'"error": ([0-9]+)', said)
    return f"{counted[1]} errors" if counted else said.strip()


def small(folder: Path, runs: int) -> None:
    """A workbook of the size that officials send."""
    path = folder / "KDL-M-016_2026-10.xlsx"
    make_workbook(path, ROWS)
    compare(
        f"Check a workbook of {ROWS} rows, whole processes",
        {
            "python -c pass": PASS,
            "bare python-calamine read": peer("bare_calamine", path),
            "iocsl validate": iocsl(path, "--unit", "CQ-TC"),
        },
        runs,
        errors_of,
    )


def workbooks(folder: Path, runs: int) -> None:
    for count in (100_000, 300_000):
        _beside(folder, runs, bare="bare_calamine", ending="xlsx", count=count)


def long_workbook(folder: Path, runs: int) -> None:
    """As many rows as a sheet holds: what counts is the memory."""
    low = {"iocsl validate --low-memory": ("--low-memory",)}
    _beside(
        folder,
        min(runs, 1),
        bare="bare_calamine",
        ending="xlsx",
        count=1_000_000,
        more=low,
        shares=(0.0,),
    )


def delimited(folder: Path, runs: int) -> None:
    """In one process and, the file without faults and the one with 0.1 %, in one for each core."""
    _beside(
        folder,
        runs,
        bare="bare_csv",
        ending="csv",
        count=1_000_000,
        more=_all_cores(),
        more_shares=(0.0, 0.001),
    )


def _all_cores() -> dict[str, Sequence[str]]:
    cores = os.cpu_count() or 1
    return {f"iocsl validate --jobs {cores}": ("--jobs", str(cores))} if cores > 1 else {}


def long_delimited(folder: Path, runs: int) -> None:
    """Ten million rows: memory stays where it is."""
    _beside(
        folder,
        min(runs, 1),
        bare="bare_csv",
        ending="csv",
        count=10_000_000,
        shares=(0.0, 0.001),
    )


def markup(folder: Path, runs: int) -> None:
    _beside(folder, runs, bare="bare_lxml", ending="xml", count=1_000_000)


def _beside(
    folder: Path,
    runs: int,
    *,
    bare: str,
    ending: str,
    count: int,
    more: Mapping[str, Sequence[str]] | None = None,
    more_shares: Sequence[float] = (0.0,),
    shares: Sequence[float] = (0.0, 0.001, 0.05),
) -> None:
    """Files without faults, with 0.1 % and with 5 % of faulty rows, beside a bare read.

    `more` are further ways of checking files of `more_shares`, with the options they take.
    """
    schema = _schema(folder)
    contenders: dict[str, Runnable] = {}
    one = folder / f"mot-dong.{ending}"
    _prove(one, schema, 1, 0)
    for share in shares:
        path = folder / f"bieu-{count}-{share}.{ending}"
        _prove(path, schema, count, share)
        if not contenders:
            contenders[f"{bare.replace('_', ' ')} read"] = peer(bare, path)
        faulty = f"{round(count * share)} faults"
        contenders[f"iocsl validate, {faulty}"] = iocsl(path, "--schema", schema)
        for name, options in (more or {}).items() if share in more_shares else ():
            contenders[f"{name}, {faulty}"] = iocsl(path, "--schema", schema, *options)
    contenders[f"iocsl validate{START}"] = iocsl(one, "--schema", schema)
    compare(f"Check {count:,} rows as {ending.upper()}", contenders, min(runs, 3), errors_of)


def _prove(path: Path, schema: Path, *numbers: float) -> None:
    """Write a file and prove its check, in a process of its own.

    What this process holds would count as the memory of those that it starts.
    """
    command = [sys.executable, "-m", "bench.proof", str(path), str(schema), *map(str, numbers)]
    subprocess.run(command, check=True)


def others(folder: Path, runs: int) -> None:
    """Other checkers of tables, each in an environment of its own, on the same 100,000 rows."""
    count, share = 100_000, 0.001
    path, one = folder / "bieu.csv", folder / "mot-dong.csv"
    write_csv(path, count, share)
    write_csv(one, 1, 0)
    schema = _schema(folder)
    as_json = folder / "bieu.json"
    as_json.write_text(_frictionless_schema(), "utf-8")
    python = _peers_environment()

    def checkers(file: Path, what: str) -> dict[str, Runnable]:
        return {
            f"iocsl validate{what}": iocsl(file, "--schema", schema),
            f"pydantic, row by row{what}": peer("with_pydantic", file, python=python),
            f"pandera{what}": peer("with_pandera", file, python=python),
            f"frictionless{what}": peer("with_frictionless", file, as_json, python=python),
        }

    compare(
        f"Check {count:,} rows as CSV, {round(count * share)} faults, beside other checkers",
        checkers(path, "") | checkers(one, START),
        min(runs, 2),
        errors_of,
    )


def _schema(folder: Path) -> Path:
    path = folder / "bieu.schema.yaml"
    path.write_text(SCHEMA, "utf-8")
    return path


def _frictionless_schema() -> str:
    """The same schema for frictionless, which wants the date's form spelt out."""
    import yaml

    document = yaml.safe_load(SCHEMA)
    for each in document["fields"]:
        if each["type"] == "date":
            each["format"] = "%d/%m/%Y"
    return json.dumps(document, ensure_ascii=False)


def _peers_environment() -> str:
    """`.bench/peers`: made once, kept between runs."""
    home = Path(".bench") / "peers"
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        print("\n(setting up the peers' environment)")
        venv.create(home, with_pip=True)
        packages = ["frictionless", "pandera[pandas]", "pydantic"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    return str(python.absolute())


def make_workbook(path: Path, rows: int) -> None:
    """An indicator form without faults: the indicators of KDL-M-016 over as many communes."""
    from openpyxl import Workbook

    from iocsl.catalog import open_catalogue

    catalogue = open_catalogue()
    indicators = catalogue.indicators("KDL-M-016")
    areas = sorted(unit.id.removeprefix("X-") for unit in catalogue.units() if unit.id[:2] == "X-")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Du_lieu")
    sheet.append(["ma_chi_tieu", "ten_chi_tieu", "don_vi_tinh", "ky_bao_cao", "dia_ban", "gia_tri"])
    for number in range(rows):
        area, place = divmod(number, len(indicators))
        one = indicators[place]
        sheet.append(
            [one.code, one.name, one.unit_of_measure, "2026-10", areas[area], 10_000 + number]
        )
    facts = book.create_sheet("Thong_tin")
    for pair in (("ma_bo_du_lieu", "KDL-M-016"), ("don_vi", "CQ-TC"), ("ky_bao_cao", "2026-10")):
        facts.append(list(pair))
    book.save(path)
