"""The fuzz target itself: both of its ways of reading work, and agree on files that are well."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz.__main__ import fault_of

from iocsl.catalog import Catalogue
from validate_books import book, text

HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Kỳ báo cáo", "Địa bàn", "Giá trị"]
ROW = ["KDL-M-016.001", "Thóc tẻ thường", "2026-10", "14", "8.5"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xml"])
@pytest.mark.usefixtures("home")
def test_no_fault_is_found_in_a_file_that_is_well(
    tmp_path: Path, catalogue: Catalogue, kind: str
) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "xlsx":
        book(path, [HEAD, ROW])
    elif kind == "csv":
        text(path, [HEAD, ROW])
    else:
        path.write_text("<du_lieu><dong><gia_tri>8.5</gia_tri></dong></du_lieu>", encoding="utf-8")
    assert fault_of(path, catalogue) is None
