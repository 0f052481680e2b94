"""XLS: what calamine does not tell is found in its records; an odd container is a finding."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
import xlwt

from iocsl.catalog import Catalogue
from iocsl.validate import check
from iocsl.validate.readers import biff, open_source
from iocsl.validate.readers.base import Broken
from iocsl.validate.readers.biff import ProtectedError, TooManyCellsError, marks
from iocsl.validate.readers.ole import MAGIC, Container, DamagedContainerError
from validate_books import HEAD, prices

NONE, END = 0xFFFFFFFF, 0xFFFFFFFE


def old_book(path: Path) -> Path:
    """Headings at C3; a sum never worked out, an error, an empty text, a hidden row and column."""
    made = xlwt.Workbook()
    sheet = made.add_sheet("Du_lieu")
    for across, text in enumerate(HEAD):
        sheet.write(2, 2 + across, text)
    for at in range(1, 6):
        for across, value in enumerate((f"KDL-M-016.{at:03d}", "2026-10", "14")):
            sheet.write(2 + at, 2 + across, value)
    sheet.write(3, 5, 12500)
    sheet.write(4, 5, xlwt.Formula("SUM(F4:F4)"))
    sheet.row(5).set_cell_error(5, 0x2A)
    sheet.write(6, 5, xlwt.Formula('IF(F4>0;"";"x")'))
    sheet.row(7).hidden = True
    sheet.write(7, 5, 11000)
    sheet.col(4).hidden = True
    made.save(str(path))
    return path


def test_errors_and_formulas_without_value_are_told_apart(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    report = prices(old_book(tmp_path / "a.xls"), catalogue)
    told = {(each.code, each.cell, each.value) for each in report.findings}
    assert {
        ("V413", "F5", ""),
        ("V412", "F6", "#N/A"),
        ("V401", "F7", ""),
        ("S206", None, None),
    } <= told
    assert next(each.count for each in report.findings if each.code == "S206") == 2


def test_every_number_is_a_float_as_in_new_workbooks(tmp_path: Path) -> None:
    source = open_source(old_book(tmp_path / "a.xls"))
    cells = [cell for row in source.sheets[0].head(9) for cell in row]
    assert {type(cell) for cell in cells if not isinstance(cell, str | Broken)} == {float}


def test_a_workbook_behind_a_password_is_named_as_such(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    path = old_book(tmp_path / "a.xls")
    content = path.read_bytes()
    with path.open("rb") as stream:
        book = Container(stream).read("Workbook")
    # FILEPASS takes the place of the first record after the opening one.
    first = 4 + struct.unpack_from("<H", book, 2)[0]
    spoilt = book[:first] + struct.pack("<H", 0x002F) + book[first + 2 :]
    path.write_bytes(content.replace(book[:512], spoilt[:512]))
    with path.open("rb") as stream, pytest.raises(ProtectedError):
        marks(stream)
    assert [each.code for each in check(path, catalogue).findings] == ["F104"]


def container(next_sectors: list[int], name: str = "Book") -> bytes:
    """Sectors: 0 the table, 1 the directory, 2 the stream of small streams, 3 its table.

    The one small stream is 70 bytes long and lies in small sectors 1 and 0.
    """
    header = bytearray(512)
    struct.pack_into("<8s16xHHHHH", header, 0, MAGIC, 62, 3, 0xFFFE, 9, 6)
    struct.pack_into("<II4xIIIII", header, 44, 1, 1, 4096, 3, 1, NONE, 0)
    struct.pack_into("<109I", header, 76, 0, *[NONE] * 108)
    table = struct.pack("<128I", *next_sectors, *[NONE] * (128 - len(next_sectors)))
    entries = b"".join(
        struct.pack(
            "<64sHB49xIII", entry.encode("utf-16-le"), 2 * len(entry) + 2, kind, at, size, 0
        )
        for entry, kind, at, size in (("Root Entry", 5, 2, 128), (name, 2, 1, 70))
    ).ljust(512, b"\0")
    small = (b"b" * 64 + b"a" * 64).ljust(512, b"\0")
    return bytes(header) + table + entries + small + struct.pack("<128I", END, 0, *[NONE] * 126)


def test_small_streams_are_read_too() -> None:
    found = Container(io.BytesIO(container([NONE, END, END, END])))
    assert found.names == {"Book"}
    assert found.read("Book") == b"a" * 64 + b"b" * 6


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        ("EncryptedPackage", "F104"),
        ("WordDocument", "F102"),
        ("Contents", "F102"),
        ("Book", "F106"),
    ],
)
def test_what_a_container_holds_is_told_by_its_streams(
    tmp_path: Path, catalogue: Catalogue, stream: str, code: str
) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(container([NONE, END, END, END], stream))
    assert [each.code for each in check(path, catalogue).findings] == [code]


def test_a_chain_that_turns_in_a_circle_ends() -> None:
    with pytest.raises(DamagedContainerError):
        Container(io.BytesIO(container([NONE, 1, END, END])))


@pytest.mark.parametrize("at", [30, 44, 48, 60, 68, 76, 512])
def test_a_container_that_leads_nowhere_ends(tmp_path: Path, catalogue: Catalogue, at: int) -> None:
    path = old_book(tmp_path / "a.xls")
    content = bytearray(path.read_bytes())
    content[at : at + 4] = struct.pack("<I", 7)
    path.write_bytes(content)
    report = check(path, catalogue)
    assert report.unreadable or report.findings


def test_a_far_cell_of_an_old_workbook(tmp_path: Path, catalogue: Catalogue) -> None:
    made = xlwt.Workbook()
    sheet = made.add_sheet("Du_lieu")
    sheet.write(0, 0, 1)
    sheet.write(65_535, 255, 1)
    made.save(str(tmp_path / "a.xls"))
    (found,) = (
        each for each in check(tmp_path / "a.xls", catalogue).findings if each.code[0] == "F"
    )
    assert found.code == "F107"


def test_several_numbers_in_one_record_reach_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    made = xlwt.Workbook()
    for column in range(8):
        made.add_sheet(f"S{column}").row(2).set_cell_mulblanks(0, 7, xlwt.Style.default_style)
    made.get_sheet(0).write(9, 0, 1)
    made.get_sheet(0).write(9, 1, 2)
    stream = io.BytesIO()
    made.save(stream)
    monkeypatch.setattr(biff, "MAX_CELLS", 20)  # blank cells count for nothing
    assert len(marks(stream)) == 8
    monkeypatch.setattr(biff, "MAX_CELLS", 19)
    with pytest.raises(TooManyCellsError):
        marks(stream)
