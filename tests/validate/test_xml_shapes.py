"""Where the records of an XML file stand: under the root, beside other things, or in a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.domain import Severity
from iocsl.validate.readers import markup, open_source
from iocsl.validate.readers.base import Unreadable
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


@pytest.mark.parametrize(
    "body",
    [
        f"{ONE}{ONE}<muc><ma>2</ma><ten>b</ten></muc>",
        f"<ds>{ONE}{ONE}<muc><ma>2</ma><ten>b</ten></muc></ds>",
        f"<ds>{ONE}{ONE}</ds><nhom><muc ma='2' ten='b'/></nhom>",
        f"{ONE}{ONE}<nhom><dong><ma>2</ma><ten>b</ten></dong></nhom>",
        f"{ONE}{ONE}<dong><ma>2</ma><ten>b</ten></dong><ghi_chu>x</ghi_chu>",
    ],
)
def test_records_of_another_name_or_place_are_read(tmp_path: Path, body: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f"<?xml version='1.0'?>\n<bang>{body}</bang>", encoding="utf-8")
    source = XmlSource(path)
    rows = [tuple(row) for chunk in source.sheets[0].chunks() for row in chunk.rows()]
    assert rows == [("ma", "ten"), ("1", "a"), ("1", "a"), ("2", "b")]
    assert not source.noticed


def test_what_is_no_record_is_told(tmp_path: Path) -> None:
    """Elements with others in them; the innermost of them are named."""
    path = tmp_path / "a.xml"
    beside = "<nhom><muc><x>1</x><y>2</y></muc><muc><x/></muc></nhom><ky><nam>2026</nam></ky>"
    path.write_text(f"<?xml version='1.0'?>\n<bang>{beside}{ONE * 3}</bang>", encoding="utf-8")
    noticed = XmlSource(path).noticed
    assert [(each.fault.facts["name"], each.count) for each in noticed] == [("muc", 2), ("ky", 1)]
    assert [each.fault.severity for each in noticed] == [None, Severity.INFO]


@pytest.mark.parametrize("first", [0, 3])
def test_a_field_twice_in_a_record_is_a_column_twice(
    tmp_path: Path, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the first records, which are looked at for the fields, have it once."""
    monkeypatch.setattr(markup, "FIRST", 2)
    path = tmp_path / "a.xml"
    twice = "<dong><ma>2</ma><ma>3</ma><ten>b</ten></dong><dong><ma/><ma>4</ma><ten>c</ten></dong>"
    path.write_text(f"<?xml version='1.0'?>\n<bang>{ONE * first}{twice}</bang>", encoding="utf-8")
    (sheet,) = XmlSource(path).sheets
    head, *rows = sheet.head(10)
    assert sorted(map(str, head)) == ["ma", "ma", "ten"]
    assert [sorted(map(str, row)) for row in rows[first:]] == [["2", "3", "b"], ["", "4", "c"]]


def test_an_attribute_and_an_element_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        f"<?xml version='1.0'?>\n<bang>{ONE}<dong ma='2'><ma>3</ma><ten>b</ten></dong></bang>",
        encoding="utf-8",
    )
    (sheet,) = XmlSource(path).sheets
    assert [tuple(row) for row in sheet.head(3)] == [
        ("ma", "ten", "ma"),
        ("1", "a", ""),
        ("3", "b", "2"),
    ]


def test_an_element_inside_a_cell_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    cell = "<dong><ma>1</ma><ten><dong>a</dong></ten></dong>"
    path.write_text(f"<?xml version='1.0'?>\n<bang>{cell}{cell}</bang>", encoding="utf-8")
    (sheet,) = XmlSource(path).sheets
    assert [tuple(row) for row in sheet.head(3)] == [("ma", "ten"), ("1", "a"), ("1", "a")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_wide_letters_are_read_as_narrow_ones(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.xml"
    named = "utf-8" if encoding == "utf-8-sig" else "utf-16"
    text = (
        f"<?xml version='1.0' encoding='{named}'?>\n<bang>{ONE}{TWO}<dong><ma>Đ</ma></dong></bang>"
    )
    path.write_bytes(text.encode(encoding))
    source = open_source(path)
    assert source.format == "xml"
    rows = [tuple(row) for chunk in source.sheets[0].chunks() for row in chunk.rows()]
    assert rows == [("ma", "ten"), ("1", "a"), ("2", "b"), ("Đ", "")]


def test_a_wide_tag_of_many_attributes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    attributes = " ".join(f"a{number}='1'" for number in range(2_000))
    path.write_bytes(f"<?xml version='1.0'?><bang><dong {attributes}/></bang>".encode("utf-16"))
    with pytest.raises(Unreadable):
        open_source(path)
