"""Comments on cells, beside those that the unit wrote (ECMA-376 part 1, 18.7; part 4, VML)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from iocsl.reports.plain_sheets import DOCUMENT, MAIN
from iocsl.validate.patch import (
    Address,
    Package,
    UnusualWorkbookError,
    parsed,
    relations_of,
    xml_text,
)
from iocsl.validate.readers.base import column_letters

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
AUTHOR = "iocsl"
_AFTER = frozenset(
    {
        *(b"legacyDrawingHF", b"drawingHF", b"picture", b"oleObjects", b"controls"),
        *(b"webPublishItems", b"tableParts", b"extLst", b"AlternateContent"),
    }
)
"""Children of a sheet that come after its drawing of comments; the last one wraps some of them."""
_TAG = re.compile(
    rb"<(?P<end>/?)(?:[\w.-]+:)?(?P<name>[\w.-]+)(?:[^>\"']|\"[^\"]*\"|'[^']*')*?(?P<empty>/?)>"
)
_ROOT = re.compile(rb"<((?:\w+:)?)worksheet\b")
_SHEET_DATA_END = re.compile(rb"</(?:\w+:)?sheetData>|<(?:\w+:)?sheetData\s*/>")
_DRAWING = re.compile(rb"<(?:\w+:)?legacyDrawing\s[^>]*?\w+:id\s*=\s*[\"']([^\"']*)[\"']")
_V = 'xmlns:v="urn:schemas-microsoft-com:vml"'
_O = 'xmlns:o="urn:schemas-microsoft-com:office:office"'
_X = 'xmlns:x="urn:schemas-microsoft-com:office:excel"'
_EMPTY_VML = f"<xml {_V} {_O} {_X}></xml>".encode()
_SHAPE_TYPE = (
    f'<v:shapetype {_V} {_O} id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    f'<v:shape {_V} {_X} id="_x0000_s{{id}}" type="#_x0000_t202" '
    'style="position:absolute;margin-left:60pt;margin-top:2pt;width:260pt;height:110pt;'
    'visibility:hidden" fillcolor="#ffffe1"><v:fill color2="#ffffe1"/><v:textbox/>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
    "</x:ClientData></v:shape>"
)
_SHAPE_ID = re.compile(rb"id=[\"']_x0000_s([0-9]{1,9})[\"']")
_FIRST_SHAPE = 900_000
_ENDINGS = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "vml": "application/vnd.openxmlformats-officedocument.vmlDrawing",
}
"""Endings of parts whose type is declared by them."""
_HERE = "iocsl-more"
"""Where in the comments ours go."""


def add_comments(
    package: Package, sheet: str, cells: Iterable[Address], said: Callable[[Address], str]
) -> bool:
    """Have a comment on each cell; where the unit has one already, ours follows it.

    `said` gives the text of a cell, when it is written. True where the sheet must come to refer
    to its drawing: `referring`.
    """
    relations = package.relations(sheet)
    part = next((path for kind, path in relations.values() if kind == "comments"), None)
    if part is None:
        part = _new_part(package, sheet, "comments", "xml", _empty_comments())
    # A sheet may have another drawing in its head and foot.
    shown = _DRAWING.search(package.read(sheet))
    if shown is None:
        drawing = _new_part(package, sheet, "vmlDrawing", "vml", _EMPTY_VML)
    else:
        drawing = relations.get(shown[1].decode(), ("", ""))[1]
    root, vml = package.tree(part), package.read(drawing)
    end = vml.rfind(b"</xml>")
    if end < 0:
        raise UnusualWorkbookError("vml")
    new = _write(root, cells, said)
    package.make(part, partial(_with_comments, root, new, said))
    package.make(drawing, partial(_with_shapes, vml, end, new))
    return shown is None


def referring(xml: bytes) -> bytes:
    """The sheet with the element that shows its drawing, at the place the schema wants it."""
    root, data = _ROOT.search(xml), _SHEET_DATA_END.search(xml)
    place = _place(xml, data.end()) if data else None
    if root is None or place is None:
        raise UnusualWorkbookError("worksheet")
    element = b'<%slegacyDrawing xmlns:r="%s" r:id="iocsl-vmlDrawing"/>' % (
        root[1],
        DOCUMENT.encode(),
    )
    return xml[:place] + element + xml[place:]


def _place(xml: bytes, start: int) -> int | None:
    """Where the element goes among the sheet's own children; those of others may bear the names."""
    depth = 0
    for tag in _TAG.finditer(xml, start):
        if not depth and (tag["end"] or tag["name"] in _AFTER):
            return tag.start()
        depth += -1 if tag["end"] else not tag["empty"]
    return None


def _empty_comments() -> bytes:
    return f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'.encode()


def _write(
    root: Any, cells: Iterable[Address], said: Callable[[Address], str]
) -> Sequence[Address]:
    """Add the texts to the comments that are there; the cells that had none before."""
    from lxml import etree

    authors, listed = root.find(f"{{{MAIN}}}authors"), root.find(f"{{{MAIN}}}commentList")
    if authors is None or listed is None:
        raise UnusualWorkbookError("comments")
    etree.SubElement(authors, f"{{{MAIN}}}author").text = AUTHOR
    known = {each.get("ref"): each for each in listed}
    new = []
    for at in cells:
        comment = known.get(named(at))
        if comment is None:
            new.append(at)
            continue
        body = comment.find(f"{{{MAIN}}}text")
        if body is None:
            raise UnusualWorkbookError("comment")
        # A plain text and runs do not stand side by side everywhere: the plain one becomes a run.
        for plain in body.findall(f"{{{MAIN}}}t"):
            run = etree.Element(f"{{{MAIN}}}r")
            body.replace(plain, run)
            run.append(plain)
        run = etree.SubElement(body, f"{{{MAIN}}}r")
        shown = etree.SubElement(run, f"{{{MAIN}}}t")
        shown.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        shown.text = f"\n--- {AUTHOR} ---\n{said(at)}"
    listed.append(etree.ProcessingInstruction(_HERE))
    return new


def _with_comments(
    root: Any, new: Sequence[Address], said: Callable[[Address], str]
) -> Iterator[bytes]:
    from lxml import etree

    xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    before, _, rest = xml.partition(f"<?{_HERE}".encode())
    yield before
    author = len(root.find(f"{{{MAIN}}}authors")) - 1
    for at in new:
        yield (
            f'<comment xmlns="{MAIN}" ref="{named(at)}" authorId="{author}"><text><r>'
            f'<t xml:space="preserve">{xml_text(said(at))}</t></r></text></comment>'
        ).encode("utf-8", "replace")
    yield rest.partition(b"?>")[2]


def named(at: Address) -> str:
    """(5, 3) → `C5`."""
    return f"{column_letters(at[1] - 1)}{at[0]}"


def _with_shapes(vml: bytes, end: int, cells: Sequence[Address]) -> Iterator[bytes]:
    """The drawing with a hidden box for each new comment. VML is not always XML: no parser."""
    yield vml[:end]
    if b"_x0000_t202" not in vml:
        yield _SHAPE_TYPE.encode()
    taken = [int(each) for each in _SHAPE_ID.findall(vml)]
    for at, (row, column) in enumerate(cells, max(taken, default=_FIRST_SHAPE) + 1):
        yield _SHAPE.format(id=at, row=row - 1, column=column - 1).encode()
    yield vml[end:]


def _new_part(package: Package, sheet: str, kind: str, extension: str, content: bytes) -> str:
    """A part that the sheet refers to by the id `iocsl-<kind>`; its path."""
    from lxml import etree

    stem = sheet.rpartition("/")[2].removesuffix(".xml")
    path = f"xl/iocsl-{kind}-{stem}.{extension}"
    package.put(path, content)
    name = relations_of(sheet)
    if package.has(name):
        relations = package.tree(name)
    else:
        relations = parsed(f'<Relationships xmlns="{RELATIONS}"/>'.encode())
    etree.SubElement(
        relations,
        f"{{{RELATIONS}}}Relationship",
        Id=f"iocsl-{kind}",
        Type=f"{DOCUMENT}/{kind}",
        Target=f"/{path}",
    )
    package.put_tree(name, relations)
    _declare(package, path, extension)
    return path


def _declare(package: Package, path: str, extension: str) -> None:
    from lxml import etree

    types = package.tree("[Content_Types].xml")
    space = etree.QName(types).namespace
    declared = {each.get("Extension", "").lower() for each in types}
    # Some programs declare each part by its name, and the relations among them.
    for ending in sorted({"rels", extension} & _ENDINGS.keys() - declared):
        entry = etree.Element(f"{{{space}}}Default", Extension=ending, ContentType=_ENDINGS[ending])
        types.insert(0, entry)
    if extension not in _ENDINGS:
        etree.SubElement(
            types,
            f"{{{space}}}Override",
            PartName=f"/{path}",
            ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
        )
    package.put_tree("[Content_Types].xml", types)
