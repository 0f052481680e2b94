"""`python -m fuzz [SECONDS] [SEED]`: good files of four formats with something changed, checked.

What must hold of every file: the check ends with a report or an `IocslError`, never with another
exception; it takes no longer than a few seconds; an unreadable file is not valid; a CSV or XML read
by its quick way gives what the plain way gives; a workbook gives the same in slices. A file that
breaks one of these is kept in `.fuzz/` for a test of its own.
"""

from __future__ import annotations

import io
import json
import os
import random
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.validate import Report

KEPT = Path(".fuzz")
UNREADABLE = "unreadable"
SLOW = 20.0
"""Seconds that no small file may take."""
PIECES = (
    *(b'"', b'""', b";", b",", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf"),
    *(b"<", b">", b"/>", b"&", b"&amp;", b"&#0;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?x?>"),
    *(b"<!DOCTYPE a>", b"<row>", b"</row>", b'r="ZZZ9999999"', b't="s"', b't="e"', b"<f>", b"<v>"),
    *(
        "Tổng cộng".encode(),
        "Người lập biểu".encode(),
        b"ma_chi_tieu",
        "á".encode("utf-16"),
    ),
    *(b"1.234.567,8", b"1.5", b"-0", b"1e309", b"99/99/9999", b"2026-13", b"=1/0", b"#N/A"),
)


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    chance = random.Random(seed)
    print(f"seed {seed}, {seconds:.0f} s")
    with tempfile.TemporaryDirectory(prefix="iocsl-fuzz-") as folder:
        os.environ["IOCSL_HOME"] = str(Path(folder) / "home")
        from iocsl.catalog import open_catalogue

        catalogue = open_catalogue()
        seeds = list(good_files(Path(folder)))
        end, tried, broken = time.monotonic() + seconds, 0, 0
        while time.monotonic() < end:
            name, content = chance.choice(seeds)
            content = changed(name, content, chance)
            tried += 1
            path = Path(folder) / name
            path.write_bytes(content)
            fault = fault_of(path, catalogue)
            if fault is not None:
                broken += 1
                KEPT.mkdir(exist_ok=True)
                kept = KEPT / f"{seed}-{tried}-{name}"
                kept.write_bytes(content)
                print(f"{kept}: {fault}")
    print(f"{tried} files, {broken} broken")
    return 1 if broken else 0


def good_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Templates and bench forms in each format, and the samples of the rules."""
    from bench.forms import write_csv, write_xlsx, write_xml

    for ending, write in (("csv", write_csv), ("xlsx", write_xlsx), ("xml", write_xml)):
        path = folder / f"KDL-M-016_2026-10.{ending}"
        write(path, 30, 0.3)
        yield path.name, path.read_bytes()
    for path in sorted(Path("tests/rules").glob("*/*.*")):
        if path.suffix in {".csv", ".xlsx", ".xls", ".xml"} and path.stat().st_size < 100_000:
            yield path.name, path.read_bytes()


def changed(name: str, content: bytes, chance: random.Random) -> bytes:
    """The file with some bytes changed; of a workbook mostly inside one of its parts."""
    if name.endswith(".xlsx") and chance.random() < 0.9:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as old:
                parts = {each: old.read(each) for each in old.namelist()}
        except (zipfile.BadZipFile, OSError):
            return _mutated(content, chance)
        chosen = chance.choice(list(parts))
        parts[chosen] = _mutated(parts[chosen], chance)
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
            for each, data in parts.items():
                new.writestr(each, data)
        return made.getvalue()
    return _mutated(content, chance)


def _mutated(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        to = min(len(data), at + chance.randint(0, 40))
        match chance.randrange(6):
            case 0:
                data[at:at] = chance.choice(PIECES)
            case 1:
                del data[at:to]
            case 2:
                data[at:at] = data[at:to] * chance.randint(1, 20)
            case 3:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 4:
                data[at:to] = chance.choice(PIECES) * chance.randint(1, 3)
            case _:
                del data[at:]
    return bytes(data)


def fault_of(path: Path, catalogue: Catalogue) -> str | None:
    """What a check of the file does that it must not, None where all is well."""
    from iocsl.errors import IocslError
    from iocsl.validate import check

    start = time.monotonic()
    try:
        report = check(path, catalogue, dataset="KDL-M-016")
        said = _said(report)
        if report.unreadable and report.valid:
            return "unreadable and valid"
        other = _other_way(path, catalogue)
    except IocslError:
        return None
    except Exception:  # noqa: BLE001 - this is what is looked for
        return traceback.format_exc(limit=-3)
    if time.monotonic() - start > SLOW:
        return f"{time.monotonic() - start:.0f} s"
    return _differs(said, other)


def _differs(said: str, other: str | None) -> str | None:
    """A damaged workbook may be found damaged elsewhere in slices, but never be taken for valid."""
    if other is None or other in {said, UNREADABLE}:
        return None
    if said == UNREADABLE and '"valid": true' not in other:
        return None
    return "two ways of reading differ"


def _other_way(path: Path, catalogue: Catalogue) -> str | None:
    """The report of the same file, read in its slow and simple way."""
    from unittest.mock import patch

    from iocsl.validate import check
    from iocsl.validate.readers import delimited, markup, sliced

    ways: dict[str, tuple[object, str, object]] = {
        ".csv": (delimited, "columns_of", lambda *_: None),
        ".xml": (markup, "plain_records", lambda _: None),
        ".xlsx": (sliced, "SLICE", 400),
    }
    if path.suffix not in ways:
        return None
    with patch.object(*ways[path.suffix]):
        return _said(check(path, catalogue, dataset="KDL-M-016", low_memory=True))


def _said(report: Report) -> str:
    """What a report says; of a file that cannot be read only that, for parsers differ in words."""
    if report.unreadable:
        return UNREADABLE
    return json.dumps(report.document(), ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
