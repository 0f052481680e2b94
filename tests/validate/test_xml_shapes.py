"""Where the records of an XML file stand: under the root, beside other things, or in a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.validate.readers.markup import XmlSource

ONE = "<dong><ma>1</ma><ten>a</ten></dong>"
TWO = "<dong><ma>2</ma><ten>b</ten></dong>"


@pytest.mark.parametrize(
    "body",
    [
        ONE + TWO,
        f"<ds>{ONE}{TWO}</ds>",
        f"<ds>{ONE}</ds><ds>{TWO}</ds>",
        f"<thong_tin><don_vi>x</don_vi></thong_tin>{ONE}{TWO}",
        f"<thong_tin><don_vi>x</don_vi></thong_tin><ds>{ONE}{TWO}</ds>",
        f"<!-- a -->{ONE}<!-- b -->{TWO}",
        '<dong ma="1" ten="a"/><dong ma="2" ten="b"/>',
        f"{ONE}<dong><ma><![CDATA[2]]></ma><ten>b</ten></dong>",
    ],
)
def test_the_records_are_found(tmp_path: Path, body: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f"<?xml version='1.0'?>\n<bang>{body}</bang>", encoding="utf-8")
    (sheet,) = XmlSource(path).sheets
    rows = [tuple(row) for chunk in sheet.chunks() for row in chunk.rows()]
    assert rows == [("ma", "ten"), ("1", "a"), ("2", "b")]


def test_an_element_inside_a_cell_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    cell = "<dong><ma>1</ma><ten><dong>a</dong></ten></dong>"
    path.write_text(f"<?xml version='1.0'?>\n<bang>{cell}{cell}</bang>", encoding="utf-8")
    (sheet,) = XmlSource(path).sheets
    assert [tuple(row) for row in sheet.head(3)] == [("ma", "ten"), ("1", "a"), ("1", "a")]
