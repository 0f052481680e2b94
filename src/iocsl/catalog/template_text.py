"""Templates as text: CSV that Vietnamese Excel opens as columns, XML with its grammar (XSD)."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from iocsl.catalog.schema import SchemaField
from iocsl.catalog.template_rows import Prepared

_ROOT, _RECORD = "du_lieu", "dong"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_BEFORE_KEY = "ky_truoc_"


def shown(value: Any, field: SchemaField) -> str:
    """A value as a person types it: the schema's own marks in numbers, dd/mm/yyyy in dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return (field.true_values if value else field.false_values)[0]
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float):
        text = f"{value:.15g}"
        return text.replace(".", field.decimal) if field.decimal else text
    return str(value)


def csv_bytes(of: Prepared) -> bytes:
    """UTF-8 with its mark, semicolons, CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    titles = [each.title for each in of.schema.fields]
    writer.writerow([*titles, *(of.before_title(each) for each in of.before)])
    for at, row in enumerate(of.rows):
        cells = [shown(row.get(each.name), each) for each in of.schema.fields]
        beside = [shown(of.beside[at].get(each.name), each) for each in of.before]
        writer.writerow([*cells, *beside])
    return text.getvalue().encode("utf-8-sig")


def xml_bytes(of: Prepared, grammar: str) -> bytes:
    """One `dong` a row, one empty one where there is none yet; what file it is, as attributes."""
    named = "".join(f"\n    {key}={quoteattr(value)}" for key, value, _ in of.info if value)
    lines = [
        f'{_HEAD}<{_ROOT} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\n',
        f"    xsi:noNamespaceSchemaLocation={quoteattr(grammar)}{named}>\n",
    ]
    for at, row in enumerate(of.rows or [{}]):
        lines.append(f"  <{_RECORD}>\n")
        for each in of.schema.fields:
            text = escape(shown(row.get(each.name), each))
            lines.append(f"    <{each.name}>{text}</{each.name}>\n")
        for each in of.before:
            text = escape(shown(of.beside[at].get(each.name), each)) if of.beside else ""
            lines.append(f"    <{_BEFORE_KEY}{each.name}>{text}</{_BEFORE_KEY}{each.name}>\n")
        lines.append(f"  </{_RECORD}>\n")
    lines.append(f"</{_ROOT}>\n")
    return "".join(lines).encode()


def xsd_bytes(of: Prepared) -> bytes:
    """The grammar of that XML. An empty element is an empty cell, which only a check can judge."""
    columns = "".join(_element(each) for each in of.schema.fields)
    columns += "".join(
        f'              <xs:element name="{_BEFORE_KEY}{each.name}" type="xs:string"'
        ' minOccurs="0"/>\n'
        for each in of.before
    )
    attributes = "".join(
        f'      <xs:attribute name="{key}" type="xs:string"/>\n' for key, _, _ in of.info
    )
    return (
        f'{_HEAD}<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n'
        f'  <xs:element name="{_ROOT}">\n'
        "    <xs:complexType>\n"
        "      <xs:sequence>\n"
        f'        <xs:element name="{_RECORD}" maxOccurs="unbounded">\n'
        "          <xs:complexType>\n"
        f"            <xs:all>\n{columns}            </xs:all>\n"
        "          </xs:complexType>\n"
        "        </xs:element>\n"
        "      </xs:sequence>\n"
        f"{attributes}"
        "    </xs:complexType>\n"
        "  </xs:element>\n"
        "</xs:schema>\n"
    ).encode()


def _element(field: SchemaField) -> str:
    least = "" if field.required else ' minOccurs="0"'
    head = f'              <xs:element name="{field.name}"{least}'
    facets = _facets(field)
    about = (
        "                <xs:annotation><xs:documentation>"
        f"{escape(field.title)}</xs:documentation></xs:annotation>\n"
    )
    if not facets:
        return f'{head} type="xs:string"/>\n'
    return (
        f"{head}>\n{about}                <xs:simpleType>\n"
        '                  <xs:restriction base="xs:string">\n'
        f"{facets}                  </xs:restriction>\n"
        "                </xs:simpleType>\n              </xs:element>\n"
    )


def _facets(field: SchemaField) -> str:
    """What the cells of a column may look like; the empty cell is always among it."""
    pad = " " * 20
    choices = field.enum or (tuple(field.codes) if field.codes else None)
    if choices:
        return "".join(
            f"{pad}<xs:enumeration value={quoteattr(each)}/>\n" for each in ("", *choices)
        )
    if field.type in {"number", "integer"}:
        point = f"\\{field.decimal}" if field.decimal else None
        group = f"\\{field.group}" if field.group else None
        whole = f"[0-9]+|[0-9]{{1,3}}({group}[0-9]{{3}})+" if group else "[0-9]+"
        rest = f"({point}[0-9]+)?" if point and field.type == "number" else ""
        return f'{pad}<xs:pattern value="([+\\-]?({whole}){rest})?"/>\n'
    if field.type == "date":
        day, month = "(0[1-9]|[12][0-9]|3[01])", "(0[1-9]|1[0-2])"
        forms = f"{day}/{month}/[0-9]{{4}}|[0-9]{{4}}-{month}-{day}"
        return f'{pad}<xs:pattern value="({forms})?"/>\n'
    return ""
