"""The catalogue in forms that other programs read: Table Schema, JSON Schema, DCAT, XLSX.

Copying is allowed with source and time of extraction (2023 Điều 9); both go into each form. Data
themselves are never in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from iocsl.catalog.entries import PERIOD_WORDS, Dataset
from iocsl.catalog.lookup import Catalogue
from iocsl.files import replacing, write_whole

SOURCE = "Danh mục dữ liệu iocsl, tỉnh Sơn La"
_FREQUENCIES = {
    "day": "DAILY",
    "month": "MONTHLY",
    "quarter": "QUARTERLY",
    "half": "ANNUAL_2",
    "year": "ANNUAL",
    "event": "IRREG",
    "realtime": "UPDATE_CONT",
}
"""Authority table “frequency” of the EU Publications Office, which DCAT-AP refers to."""
_FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
_JSON_TYPES: Mapping[str, Mapping[str, Any]] = {
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "year": {"type": "string", "pattern": "^[0-9]{4}$"},
    "yearmonth": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
    "any": {},
}


def write(catalogue: Catalogue, form: str, path: Path, at: datetime) -> None:
    """Write the catalogue as `form` to `path`; `at` is the time of extraction it names."""
    if form == "xlsx":
        _write_book(catalogue, path, at)
        return
    if form == "html":
        from iocsl.catalog.publish_page import page

        write_whole(path, page(catalogue, at).encode())
        return
    made = {"table-schema": data_package, "json-schema": json_schema, "dcat": dcat}[form]
    document = made(catalogue, at)
    write_whole(path, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")


def stamp(catalogue: Catalogue, at: datetime) -> str:
    """Source and time of extraction, in one line (2023 Điều 9.2)."""
    return f"{SOURCE}, phiên bản {catalogue.version}, trích xuất {at.isoformat('T', 'seconds')}"


def data_package(catalogue: Catalogue, at: datetime) -> dict[str, Any]:
    """A Frictionless Data Package: a resource for each entry, with its Table Schema."""
    schemas = {name: catalogue.schema(name) for name in catalogue.schemas()}
    return {
        "name": "danh-muc-son-la",
        "title": SOURCE,
        "version": str(catalogue.version),
        "created": at.isoformat("T", "seconds"),
        "sources": [{"title": stamp(catalogue, at)}],
        "resources": [
            {
                "name": each.code.lower(),
                "title": each.title,
                "path": f"{each.code}.csv",
                "schema": schemas[each.schema],
            }
            for each in catalogue.datasets()
        ],
    }


def json_schema(catalogue: Catalogue, at: datetime) -> dict[str, Any]:
    """JSON Schema 2020-12: by code an array of records; structures under `$defs`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SOURCE,
        "$comment": stamp(catalogue, at),
        "$defs": {name: _record(catalogue.schema(name)) for name in catalogue.schemas()},
        "type": "object",
        "properties": {
            each.code: {
                "title": each.title,
                "type": "array",
                "items": {"$ref": f"#/$defs/{each.schema}"},
            }
            for each in catalogue.datasets()
        },
        "additionalProperties": False,
    }


def _record(schema: Mapping[str, Any]) -> dict[str, Any]:
    fields = schema["fields"]
    required = [each["name"] for each in fields if (each.get("constraints") or {}).get("required")]
    return {
        "title": schema.get("title", schema["name"]),
        "type": "object",
        "properties": {each["name"]: _property(each) for each in fields},
        "required": required,
        "additionalProperties": schema.get("fieldsMatch") in {"partial", "subset"},
    }


def _property(field: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"title": field.get("title", field["name"])}
    if field.get("description"):
        made["description"] = field["description"]
    made.update(_JSON_TYPES.get(field.get("type", "string"), {"type": "string"}))
    given = field.get("constraints") or {}
    made.update({key: given[key] for key in ("minimum", "maximum") if key in given})
    made.update({key: given[key] for key in ("pattern", "minLength", "maxLength") if key in given})
    if "enum" in given:
        made["enum"] = list(given["enum"])
    if isinstance(field.get("danh_muc"), list):
        made["enum"] = [next(iter(row.values())) for row in field["danh_muc"]]
    if field.get("du_lieu_ca_nhan"):
        made["x-du-lieu-ca-nhan"] = True
    return made


def dcat(catalogue: Catalogue, at: datetime) -> dict[str, Any]:
    """DCAT 3 as JSON-LD: titles, publishers, frequencies, where each entry is printed."""
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
        },
        "@type": "dcat:Catalog",
        "dct:title": {"@value": SOURCE, "@language": "vi"},
        "dct:issued": at.isoformat("T", "seconds"),
        "dcat:version": str(catalogue.version),
        "dcat:dataset": [_dcat_dataset(catalogue, each) for each in catalogue.datasets()],
    }


def _dcat_dataset(catalogue: Catalogue, each: Dataset) -> dict[str, Any]:
    source = f"{each.source.document}, {each.source.annex}, {each.source.list}, dòng {each.row}"
    made: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "@id": f"urn:iocsl:{each.code}",
        "dct:identifier": each.code,
        "dct:title": {"@value": each.title, "@language": "vi"},
        "dct:source": source,
    }
    unit = catalogue.unit(each.unit) if each.unit else None
    if unit is not None:
        made["dct:publisher"] = {
            "@type": "foaf:Agent",
            "dct:identifier": unit.id,
            "foaf:name": unit.name,
        }
    known = [_FREQUENCY + _FREQUENCIES[kind] for kind in each.periods if kind in _FREQUENCIES]
    if known:
        made["dct:accrualPeriodicity"] = [{"@id": one} for one in known]
    return made


HEADINGS = (
    *("Mã", "Tên", "Quy định", "Đơn vị", "Mã đơn vị", "Kỳ", "Hạn in trong văn bản"),
    *("Cấu trúc", "Số chỉ tiêu", "Tình trạng", "Nguồn"),
)


def row_of(catalogue: Catalogue, each: Dataset) -> tuple[object, ...]:
    """One entry under `HEADINGS`."""
    unit = catalogue.unit(each.responsible) if each.responsible else None
    review = "cần rà soát" if each.status == "needs_review" else ""
    return (
        each.code,
        each.title,
        "1134" if each.regime.value == "QD1134" else "2023",
        (unit.name if unit else "") + ("" if each.unit or unit is None else " (suy ra)"),
        each.responsible or " ".join(each.addressees),
        ", ".join(PERIOD_WORDS[kind].vi for kind in each.periods),
        each.due_printed or "",
        each.schema,
        len(each.indicators),
        "ngừng dùng" if each.status == "retired" else review,
        f"{each.source.annex}, {each.source.list}, dòng {each.row}",
    )


def _write_book(catalogue: Catalogue, path: Path, at: datetime) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    from iocsl.catalog.paper import on_paper

    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("openpyxl made a workbook without a sheet")
    sheet.title = "Danh_muc"
    sheet.append([stamp(catalogue, at)])
    sheet.append(HEADINGS)
    for each in catalogue.datasets():
        sheet.append([*row_of(catalogue, each)])
    for cell in sheet[2]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="D9E2F3")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    widths = (14, 70, 10, 34, 12, 16, 26, 26, 10, 14, 50)
    for at_column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(at_column)].width = width
    sheet.freeze_panes = "C3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(HEADINGS))}{sheet.max_row}"
    on_paper(sheet, heading=2, wide=sum(widths))
    with replacing(path) as stream:
        book.save(stream)
