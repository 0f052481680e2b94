"""What an annotated workbook must keep to so that Excel opens it without repairing it."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from iocsl.catalog import Catalogue
from iocsl.reports.annotated import write_annotated
from iocsl.reports.comments import RELATIONS
from iocsl.reports.plain_sheets import MAIN
from validate_books import HEAD, book, prices

Parts = dict[str, bytes]
ROWS = [HEAD, ["KDL-M-016.001", "2026-10", "14", 8500], ["KDL-M-016.002", "2026-10", "14", "abc"]]
SHEET = "xl/worksheets/sheet1.xml"
RELS = "xl/worksheets/_rels/sheet1.xml.rels"
TYPES = "[Content_Types].xml"
THREADS = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
OFFICE = "http://schemas.microsoft.com/office/2017/10/relationships"
ROOT, REPLY = "{00000000-0000-4000-8000-000000000002}", "{00000000-0000-4000-8000-000000000003}"
WRITER = "{00000000-0000-4000-8000-000000000001}"
LATER = {"legacyDrawingHF", "picture", "oleObjects", "controls", "tableParts", "extLst"}
NOTE = "[Threaded comment]\n\nComment:\n    Sao lại là abc?"


def annotated(path: Path, catalogue: Catalogue) -> Parts:
    """The parts of the annotated copy, which hold together."""
    target = path.with_name("ra.xlsx")
    with target.open("wb") as stream:
        write_annotated(prices(path, catalogue), path, stream)
    load_workbook(target).close()
    with zipfile.ZipFile(target) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    hold_together(parts)
    return parts


def hold_together(parts: Parts) -> None:
    """Each part has a type, each relation a target; the drawing of comments stands in its place."""
    types = etree.fromstring(parts[TYPES])
    endings = {each.get("Extension") for each in types}
    named = {each.get("PartName") for each in types}
    for name in parts.keys() - {TYPES}:
        assert f"/{name}" in named or name.rpartition(".")[2] in endings, name
        if name.endswith(".rels"):
            folder = posixpath.dirname(posixpath.dirname(f"/{name}"))
            for each in etree.fromstring(parts[name]):
                target = posixpath.normpath(posixpath.join(folder, each.get("Target", "")))
                assert target.removeprefix("/") in parts
    sheet = etree.fromstring(parts[SHEET])
    children = [etree.QName(each).localname for each in sheet.iterchildren("*")]
    assert children.count("legacyDrawing") == 1
    assert len(list(sheet.iter("{*}legacyDrawing"))) == 1
    at = children.index("legacyDrawing")
    assert not LATER & set(children[:at])
    assert set(children[at + 1 :]) <= LATER


def changed(path: Path, change: Callable[[Parts], None]) -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.filterwarnings("ignore:.*xtension is not supported")
def test_the_drawing_is_no_child_of_a_data_bar(tmp_path: Path, catalogue: Catalogue) -> None:
    """Excel describes data bars in an `extLst` of their own, long before that of the sheet."""

    def change(parts: Parts) -> None:
        own = '<extLst><ext uri="{B025F937-C7B1-47D3-B67F-A62EFF666E3E}"/></extLst>'
        ends = '<cfvo type="min"/><cfvo type="max"/><color rgb="FF638EC6"/>'
        bar = f'<cfRule type="dataBar" priority="1"><dataBar>{ends}</dataBar>{own}</cfRule>'
        cells = f'<conditionalFormatting sqref="D2:D3">{bar}</conditionalFormatting>'
        parts[SHEET] = parts[SHEET].replace(b"<pageMargins ", cells.encode() + b"<pageMargins ")
        more = b'<extLst><ext uri="a>b"/></extLst></worksheet>'
        parts[SHEET] = parts[SHEET].replace(b"</worksheet>", more)

    path = changed(book(tmp_path / "a.xlsx", ROWS), change)
    sheet = etree.fromstring(annotated(path, catalogue)[SHEET])
    (rule,) = sheet.iter(f"{{{MAIN}}}cfRule")
    assert [etree.QName(each).localname for each in rule] == ["dataBar", "extLst"]


def test_controls_that_are_wrapped_come_after_the_drawing(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    wrapped = (
        b'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/'
        b'2006"><mc:Choice Requires="x14"><controls/></mc:Choice></mc:AlternateContent>'
    )

    def change(parts: Parts) -> None:
        parts[SHEET] = parts[SHEET].replace(b"</worksheet>", wrapped + b"</worksheet>")

    path = changed(book(tmp_path / "a.xlsx", ROWS), change)
    target = tmp_path / "b.xlsx"
    with target.open("wb") as stream:
        write_annotated(prices(path, catalogue), path, stream)
    with zipfile.ZipFile(target) as archive:
        sheet = archive.read(SHEET)
    assert sheet.endswith(wrapped + b"</worksheet>")
    assert b"<legacyDrawing " in sheet.removesuffix(wrapped + b"</worksheet>")


def test_relations_have_a_type_where_each_part_is_declared_by_name(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """LibreOffice declares the relations that it has by their names, and no ending."""

    def change(parts: Parts) -> None:
        kind = b"application/vnd.openxmlformats-package.relationships+xml"
        named = b"".join(
            b'<Override PartName="/%s" ContentType="%s"/>' % (name.encode(), kind)
            for name in parts
            if name.endswith(".rels")
        )
        ending = b'<Default Extension="rels" ContentType="%s"/>' % kind
        plain = re.sub(rb'<Default Extension="rels" ContentType="[^"]*" ?/>', b"", parts[TYPES])
        assert ending not in plain
        parts[TYPES] = plain.replace(b"</Types>", named + b"</Types>")

    path = changed(book(tmp_path / "a.xlsx", ROWS), change)
    assert RELS in annotated(path, catalogue)


def noted(sheet: Worksheet) -> None:
    sheet["D3"].comment = Comment(NOTE, f"tc={ROOT}")
    sheet["A2"].comment = Comment("Ghi chú", "Sở")


def test_a_drawing_in_single_quotes_is_found(tmp_path: Path, catalogue: Catalogue) -> None:
    def change(parts: Parts) -> None:
        double, single = b'r:id="anysvml"', b"r:id = 'anysvml'"
        assert double in parts[SHEET]
        parts[SHEET] = parts[SHEET].replace(double, single)

    path = book(tmp_path / "a.xlsx", ROWS, shape=noted)
    with zipfile.ZipFile(path) as archive:
        before = len(archive.namelist())
    assert len(annotated(changed(path, change), catalogue)) == before + 2


def threaded(parts: Parts, *, people: bool = True) -> None:
    said = (
        f'<threadedComment ref="D3" dT="2026-11-01T08:00:00.00" personId="{WRITER}" id="{ROOT}">'
        f'<text>Sao lại là abc?</text></threadedComment><threadedComment ref="D3" '
        f'personId="{WRITER}" id="{REPLY}" parentId="{ROOT}"><text>Để hỏi lại</text>'
        f'</threadedComment><threadedComment ref="A2" personId="{WRITER}" id="{WRITER}">'
        "<text>Khác</text></threadedComment>"
    )
    parts["xl/threadedComments/threadedComment1.xml"] = (
        f'<ThreadedComments xmlns="{THREADS}">{said}</ThreadedComments>'.encode()
    )
    declared = [("threadedComments/threadedComment1", "threadedcomments")]
    relate(parts, RELS, "threadedComment", "/xl/threadedComments/threadedComment1.xml")
    if people:
        parts["xl/persons/person.xml"] = (
            f'<personList xmlns="{THREADS}"><person displayName="Lan" id="{WRITER}" '
            'userId="lan@x.vn" providerId="AD"/></personList>'
        ).encode()
        relate(parts, "xl/_rels/workbook.xml.rels", "person", "/xl/persons/person.xml")
        declared.append(("persons/person", "person"))
    overrides = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="application/vnd.ms-excel.{kind}+xml"/>'
        for name, kind in declared
    )
    parts[TYPES] = parts[TYPES].replace(b"</Types>", f"{overrides}</Types>".encode())


def relate(parts: Parts, name: str, kind: str, target: str) -> None:
    root = etree.fromstring(parts[name])
    etree.SubElement(
        root, f"{{{RELATIONS}}}Relationship", Id=kind, Type=f"{OFFICE}/{kind}", Target=target
    )
    parts[name] = etree.tostring(root)


def conversation(parts: Parts) -> list[Any]:
    return list(etree.fromstring(parts["xl/threadedComments/threadedComment1.xml"]))


def test_a_conversation_on_a_cell_goes_on_with_what_was_found(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    path = changed(book(tmp_path / "a.xlsx", ROWS, shape=noted), threaded)
    once = annotated(path, catalogue)
    first, reply, ours, other = conversation(once)
    assert [each.get("id") for each in (first, reply, other)] == [ROOT, REPLY, WRITER]
    assert (ours.get("ref"), ours.get("parentId")) == ("D3", ROOT)
    assert ours[0].text.startswith("LỖI V402")
    people = {each.get("id"): each for each in etree.fromstring(once["xl/persons/person.xml"])}
    assert list(people) == [WRITER, ours.get("personId")]
    assert people[ours.get("personId")].get("displayName") == "iocsl"
    # The note behind it, for other programs, is still the one of this conversation.
    notes = next(name for name in once if "comments/" in name and name.endswith(".xml"))
    assert f"tc={ROOT}".encode() in once[notes]

    again = changed(path, lambda parts: parts.update(once))
    twice = conversation(annotated(again, catalogue))
    assert len({each.get("id") for each in twice}) == len(twice) == 5


def test_a_conversation_of_nobody_stays_as_it_is(tmp_path: Path, catalogue: Catalogue) -> None:
    path = book(tmp_path / "a.xlsx", ROWS, shape=noted)
    parts = annotated(changed(path, lambda parts: threaded(parts, people=False)), catalogue)
    assert len(conversation(parts)) == 3
