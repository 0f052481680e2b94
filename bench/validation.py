"""Checking files, beside bare reads by the libraries that read them, and beside other checkers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

from bench.forms import SCHEMA, write_csv, write_xlsx, write_xml
from bench.harness import Runnable, command, compare

PEERS = Path(__file__).parent / "peers"
ROWS = 200
PASS = command([sys.executable, "-c", "pass"])
Writer = Callable[[Path, int, float], None]


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
        _beside(folder, runs, bare="bare_calamine", ending="xlsx", write=write_xlsx, count=count)


def delimited(folder: Path, runs: int) -> None:
    _beside(folder, runs, bare="bare_csv", ending="csv", write=write_csv, count=1_000_000)


def markup(folder: Path, runs: int) -> None:
    _beside(folder, runs, bare="bare_lxml", ending="xml", write=write_xml, count=1_000_000)


def _beside(folder: Path, runs: int, *, bare: str, ending: str, write: Writer, count: int) -> None:
    """Files without faults, with 0.1 % and with 5 % of faulty rows, beside a bare read."""
    schema = _schema(folder)
    contenders: dict[str, Runnable] = {}
    expected = {0.0: 0, 0.001: round(count * 0.001), 0.05: round(count * 0.05)}
    for share, faults in expected.items():
        path = folder / f"bieu-{count}-{share}.{ending}"
        write(path, count, share)
        if not contenders:
            contenders[f"{bare.replace('_', ' ')} read"] = peer(bare, path)
        contenders[f"iocsl validate, {faults} faults"] = iocsl(path, "--schema", schema)
    compare(f"Check {count:,} rows as {ending.upper()}", contenders, min(runs, 3), errors_of)


def others(folder: Path, runs: int) -> None:
    """Other checkers of tables, each in an environment of its own, on the same 100,000 rows."""
    count, share = 100_000, 0.001
    path = folder / "bieu.csv"
    write_csv(path, count, share)
    schema = _schema(folder)
    as_json = folder / "bieu.json"
    as_json.write_text(_frictionless_schema(), "utf-8")
    python = _peers_environment()
    compare(
        f"Check {count:,} rows as CSV, {round(count * share)} faults, beside other checkers",
        {
            "iocsl validate": iocsl(path, "--schema", schema),
            "pydantic, row by row": peer("with_pydantic", path, python=python),
            "pandera": peer("with_pandera", path, python=python),
            "frictionless": peer("with_frictionless", path, as_json, python=python),
        },
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
