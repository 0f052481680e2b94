"""Records split at their tags hold what the parser finds in them, at the same lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iocsl.validate.readers import markup, records
from iocsl.validate.readers.base import Unreadable
from iocsl.validate.readers.markup import XmlSource

QUIETLY = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXTS = st.text(alphabet="ab ă>\"'\n\t]", max_size=6).map(lambda text: text.replace("]]>", "]"))
CELLS = st.one_of(
    TEXTS,
    st.sampled_from(
        ["&lt;b&gt;", "&amp;amp;", "&#65;&#xE1;", "&#10;", "&quot;", "&#0;", "&x;", "&", "<!---->"]
    ),
    st.sampled_from(["<i/>", "<![CDATA[x<y]]>", "<b>1</b>", "\x01", "\ufffe", "]]>", "\r\n", "\r"]),
)
SPACES = st.sampled_from(["", "\n", "\n  ", " ", "\r\n", "<!-- </dong> -->", "chữ"])


def read(path: Path) -> tuple[object, ...] | None:
    try:
        source = XmlSource(path)
        (sheet,) = source.sheets
        chunks = list(sheet.chunks())
    except Unreadable:
        return None
    rows = [[str(cell) for cell in row] for chunk in chunks for row in chunk.rows()]
    lines = [line for chunk in chunks for line in chunk.lines or ()]
    return source.labels, rows, lines, [chunk.first for chunk in chunks][:2]


@QUIETLY
@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5),
    SPACES,
    SPACES,
    st.sampled_from(
        ["", '<?xml version="1.0"?>\n', '<?xml version="1.0" encoding="UTF-8"?>', "\ufeff"]
    ),
    st.sampled_from(["", ' don_vi="CQ-TC"', ' xmlns="urn:x"', ' a="1>2"', "/"]),
    st.sampled_from(["</goc>", "</goc>\n", "", "</goc>x", "</goc><!-- -->", "</goc"]),
    st.sampled_from([9, 40, 1 << 17]),
)
def test_any_records(  # noqa: PLR0917 - hypothesis gives them by place
    tmp_path: Path,
    rows: list[list[str]],
    between: str,
    inside: str,
    start: str,
    attributes: str,
    end: str,
    piece: int,
) -> None:
    cells = (
        "".join(f"<{name}>{one}</{name}>{inside}" for name, one in zip("xy", row, strict=True))
        for row in rows
    )
    text = f"{start}<goc{attributes}>{between}"
    text += between.join(f"<dong>{inside}{each}</dong>" for each in cells) + between + end
    path = tmp_path / "a.xml"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "PIECE", piece)
        split = read(path)
        patch.setattr(markup, "plain_records", lambda _: None)
        assert split == read(path)


@pytest.mark.parametrize("cell", ["", "1 < 2".replace("<", "&lt;"), "dòng\nmới", "  "])
def test_the_plain_way_is_taken(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f"<goc>\n<dong><x>{cell}</x><y/></dong>\n</goc>", encoding="utf-8")
    assert records.plain_records(path) is not None


@pytest.mark.parametrize(
    "record",
    [
        '<dong a="1"><x>1</x></dong>',
        "<dong><x>1</x></dong><dong><y>1</y></dong>",
        "<dong><x>1</x></dong><dong/>",
        "<dong><x>&nbsp;</x></dong>",
        "<dong><x><b>1</b></x></dong>",
        "<dong><x>1</x><x>2</x></dong>",
    ],
)
def test_whatever_is_not_plain_is_left_to_the_parser(tmp_path: Path, record: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f"<goc>{record}</goc>", encoding="utf-8")
    assert records.plain_records(path) is None
