"""Comments on cells, beside those that the unit wrote (ECMA-376 part 1, 18.7; part 4, VML)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from iocsl.validate.patch import Address, Package, UnusualWorkbookError, parsed, relations_of
from iocsl.validate.readers.base import column_letters

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
AUTHOR = "iocsl"
_AFTER = re.compile(
    rb"<(?:\w+:)?(?:legacyDrawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst)\b"
    rb"|</(?:\w+:)?worksheet>"
)
_ROOT = re.compile(rb"<((?:\w+:)?)worksheet\b")
_SHEET_DATA_END = re.compile(rb"</(?:\w+:)?sheetData>")
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
_FIRST_SHAPE = 900_000


def add_comments(package: Package, sheet: str, comments: Mapping[Address, str]) -> None:
    """Write a comment on each cell; where the unit has one already, ours follows it."""
    relations = package.relations(sheet)
    by_kind = dict(relations.values())
    part = by_kind.get("comments") or _new_part(
        package, sheet, "comments", "xml", _empty_comments()
    )
    root = package.tree(part)
    new = _write(root, comments)
    package.put_tree(part, root)
    drawing = by_kind.get("vmlDrawing")
    if b"legacyDrawing " not in package.read(sheet):
        drawing = _new_part(package, sheet, "vmlDrawing", "vml", _EMPTY_VML)
        _refer(package, sheet)
    if drawing is None:
        raise UnusualWorkbookError("vmlDrawing")
    package.put(drawing, _with_shapes(package.read(drawing), new))


def _empty_comments() -> bytes:
    return f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'.encode()


def _write(root: Any, comments: Mapping[Address, str]) -> list[Address]:
    """Add the texts to the tree; the cells that had no comment before."""
    from lxml import etree

    authors, listed = root.find(f"{{{MAIN}}}authors"), root.find(f"{{{MAIN}}}commentList")
    if authors is None or listed is None:
        raise UnusualWorkbookError("comments")
    etree.SubElement(authors, f"{{{MAIN}}}author").text = AUTHOR
    known = {each.get("ref"): each for each in listed}
    new = []
    for (row, column), text in sorted(comments.items()):
        ref = f"{column_letters(column - 1)}{row}"
        comment = known.get(ref)
        theirs = comment is not None
        if comment is None:
            new.append((row, column))
            comment = etree.SubElement(listed, f"{{{MAIN}}}comment", ref=ref)
            comment.set("authorId", str(len(authors) - 1))
            etree.SubElement(comment, f"{{{MAIN}}}text")
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
        shown.text = f"\n--- {AUTHOR} ---\n{text}" if theirs else text
    return new


def _with_shapes(vml: bytes, cells: list[Address]) -> bytes:
    """The drawing with a hidden box for each new comment. VML is not always XML: no parser."""
    end = vml.rfind(b"</xml>")
    if end < 0:
        raise UnusualWorkbookError("vml")
    first = b"" if b"_x0000_t202" in vml else _SHAPE_TYPE.encode()
    shapes = "".join(
        _SHAPE.format(id=_FIRST_SHAPE + at, row=row - 1, column=column - 1)
        for at, (row, column) in enumerate(cells)
    )
    return vml[:end] + first + shapes.encode() + vml[end:]


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
    space = types.nsmap[None]
    if extension == "vml":
        declared = {each.get("Extension", "").lower() for each in types}
        if "vml" not in declared:
            entry = etree.Element(
                f"{{{space}}}Default",
                Extension="vml",
                ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing",
            )
            types.insert(0, entry)
    else:
        etree.SubElement(
            types,
            f"{{{space}}}Override",
            PartName=f"/{path}",
            ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
        )
    package.put_tree("[Content_Types].xml", types)


def _refer(package: Package, sheet: str) -> None:
    """The element that shows the drawing, at the place the schema wants it."""
    xml = package.read(sheet)
    root, data = _ROOT.search(xml), _SHEET_DATA_END.search(xml)
    place = _AFTER.search(xml, data.end()) if data else None
    if root is None or place is None:
        raise UnusualWorkbookError("worksheet")
    element = b'<%slegacyDrawing xmlns:r="%s" r:id="iocsl-vmlDrawing"/>' % (
        root[1],
        DOCUMENT.encode(),
    )
    package.put(sheet, xml[: place.start()] + element + xml[place.start() :])
