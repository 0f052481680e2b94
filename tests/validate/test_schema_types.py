"""Types, formats and constraints of Table Schema: read as declared, or refused with their place."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue
from iocsl.catalog.schema import read_schema
from iocsl.domain import ExitCode, Severity
from iocsl.errors import IocslError
from iocsl.validate import Report, check
from validate_books import book, text

FORM = "V423"


def schema_of(folder: Path, about: dict[str, Any], **top: Any) -> Path:
    fields = [{"name": "k"}, {"name": "a", **about}, {"name": "n"}]
    path = folder / "s.json"
    path.write_text(json.dumps({"fields": fields, **top}), "utf-8")
    return path


def found(
    folder: Path, catalogue: Catalogue, about: dict[str, Any], cells: list[Any], **top: Any
) -> list[tuple[str, int]]:
    """Rule and number of the cell (from 0) of what is found in a CSV file with these cells."""
    rows = [["k", "a", "n"], *([f"k{n}", cell, "x"] for n, cell in enumerate(cells))]
    schema = schema_of(folder, about, **top)
    report = check(text(folder / "a.csv", rows), catalogue, schema=schema)
    return told(report)


def told(report: Report) -> list[tuple[str, int]]:
    return [(each.code, each.row - 2) for each in report.findings if each.row is not None]


@pytest.mark.parametrize(
    ("about", "good", "bad"),
    [
        (
            {"type": "time"},
            ["08:30:00", "23:59:59.5"],
            ["08:30", "24:00:00", "25:00:00", "8:30:00"],
        ),
        (
            {"type": "datetime"},
            ["2026-10-01T08:00:00", "01/10/2026 08:00:00", "2026-10-01T24:00:00.0+07:00"],
            ["2026-10-01", "2026-02-30T08:00:00", "2026-10-01T08:00", "1/10/2026 08:00:00"],
        ),
        (
            {"type": "duration"},
            ["P1D", "-P1Y2M3DT4H5M6.7S", "PT0S"],
            ["P", "P1DT", "P1W", "1D", "P1.5D"],
        ),
        ({"type": "object"}, ['{"a": [1]}', "{}"], ["[]", "{", '{"a": NaN}', "null"]),
        ({"type": "array"}, ["[1, {}]", "[]"], ["{}", "[1,]", "1"]),
        ({"type": "list"}, ["a,b", "a,,b"], []),
        ({"type": "list", "itemType": "integer"}, ["1,2", "1, -2"], ["a", "1,,2", "1.5"]),
        (
            {"type": "list", "itemType": "date", "delimiter": "|"},
            ["2026-10-01|02/10/2026"],
            ["2026-10-01,02/10/2026"],
        ),
        ({"type": "geopoint"}, ["103.9, 21.3", "-180,90"], ["21.3, 103.9", "1", "1,2,3", "a,b"]),
        ({"type": "geopoint", "format": "array"}, ["[103.9, 21.3]"], ['["1","2"]', "103.9, 21.3"]),
        ({"type": "geopoint", "format": "object"}, ['{"lat":1,"lon":2}'], ['{"lon":1}', "[1,2]"]),
        ({"type": "date", "format": "%d.%m.%Y"}, ["01.10.2026"], ["01/10/2026", "31.02.2026"]),
        ({"type": "date", "format": "fmt:%Y-%m-%d"}, ["2026-10-01"], ["01/10/2026"]),
        ({"type": "time", "format": "%H:%M"}, ["08:30"], ["8:30", "08:30:00"]),
        ({"type": "datetime", "format": "%d/%m/%y %I:%M %p"}, ["01/10/26 08:30 PM"], ["x"]),
        ({"type": "datetime", "format": "any"}, ["01/10/2026 08:00:00"], ["Oct 1 2026 8am"]),
    ],
)
def test_a_cell_is_read_by_its_type(
    tmp_path: Path, catalogue: Catalogue, about: dict[str, Any], good: list[str], bad: list[str]
) -> None:
    wanted = [(FORM, len(good) + at) for at in range(len(bad))]
    assert found(tmp_path, catalogue, about, [*good, *bad]) == wanted


SQUARE = [[0, 0], [1, 0], [1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("held", "good"),
    [
        ({"type": "Point", "coordinates": [103.9, 21.3, 600]}, True),
        ({"type": "Point", "coordinates": []}, True),
        ({"type": "Point", "coordinates": ["1", "2"]}, False),
        ({"type": "LineString", "coordinates": [[1, 2]]}, False),
        ({"type": "Polygon", "coordinates": [SQUARE]}, True),
        ({"type": "Polygon", "coordinates": [[*SQUARE[:3], [0, 1]]]}, False),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE]], "bbox": [0, 0, 1, 1]}, True),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point"}]}, False),
        ({"type": "Feature", "geometry": None, "properties": None}, True),
        ({"type": "Feature", "geometry": None}, False),
        ({"type": "FeatureCollection", "features": [{"type": "Point"}]}, False),
        ({"type": "point", "coordinates": [1, 2]}, False),
        ([], False),
    ],
)
def test_geojson(tmp_path: Path, catalogue: Catalogue, held: object, *, good: bool) -> None:
    about = {"type": "geojson"}
    wanted = [] if good else [(FORM, 0)]
    assert found(tmp_path, catalogue, about, [json.dumps(held)]) == wanted


def test_topojson(tmp_path: Path, catalogue: Catalogue) -> None:
    line: dict[str, object] = {"type": "LineString", "arcs": [0]}
    arcs = [[[0, 0], [1, 1]]]
    whole: dict[str, object] = {"type": "Topology", "objects": {"a": line}, "arcs": arcs}
    broken = {**whole, "objects": {"a": {**line, "arcs": [[0]]}}}
    cells = [json.dumps(each) for each in (whole, broken, {**whole, "type": "Point"})]
    about = {"type": "geojson", "format": "topojson"}
    assert found(tmp_path, catalogue, about, cells) == [(FORM, 1), (FORM, 2)]


def test_typed_cells_are_told_as_texts_are(tmp_path: Path, catalogue: Catalogue) -> None:
    fields: list[dict[str, Any]] = [
        {"name": "dt", "type": "datetime", "constraints": {"minimum": "2026-10-01T08:00:00"}},
        {"name": "ti", "type": "time", "constraints": {"exclusiveMaximum": "17:00:00"}},
        {"name": "du", "type": "duration", "constraints": {"minimum": "PT1H"}},
        {"name": "li", "type": "list", "itemType": "integer"},
        {"name": "bo", "type": "boolean"},
        {"name": "so", "type": "number", "missingValues": ["-99"], "constraints": {"minimum": 0}},
    ]
    schema = tmp_path / "s.json"
    schema.write_text(json.dumps({"fields": fields}), "utf-8")
    head = [each["name"] for each in fields]
    typed: list[list[Any]] = [
        [datetime(2026, 10, 1, 8, 30), time(8, 30), timedelta(hours=30), 12, 1, -99],  # noqa: DTZ001 - as a workbook holds it
        [datetime(2026, 10, 1, 7), time(17), timedelta(minutes=5), 1.5, 2, -1],  # noqa: DTZ001 - as a workbook holds it
        [date(2026, 10, 2), "08:30:00", "PT2H", "1,2", True, "-99"],
    ]
    written = [
        ["01/10/2026 08:30:00", "08:30:00", "PT30H", "12", "1", "-99"],
        ["2026-10-01T07:00:00", "17:00:00", "PT5M", "1.5", "2", "-1"],
        ["2026-10-02T00:00:00", "08:30:00", "PT2H", "1,2", "true", "-99"],
    ]
    wanted = [
        ("V408", 1, "dt"),
        ("V424", 1, "ti"),
        ("V408", 1, "du"),
        (FORM, 1, "li"),
        ("V415", 1, "bo"),
        ("V408", 1, "so"),
    ]
    for path in (
        book(tmp_path / "a.xlsx", [head, *typed]),
        text(tmp_path / "a.csv", [head, *written]),
    ):
        findings = check(path, catalogue, schema=schema).findings
        assert sorted((each.code, (each.row or 0) - 2, each.column) for each in findings) == sorted(
            wanted
        )


@pytest.mark.parametrize(
    ("about", "cells", "wanted"),
    [
        (
            {"type": "number", "constraints": {"exclusiveMinimum": 0, "exclusiveMaximum": 10}},
            ["0", "1", "10", "-1"],
            [("V424", 0), ("V424", 2), ("V424", 3)],
        ),
        (
            {"type": "integer", "constraints": {"minimum": 5, "exclusiveMinimum": 0}},
            ["0", "5"],
            [("V408", 0)],
        ),
        (
            {"type": "datetime", "constraints": {"maximum": "2026-10-01T08:00:00"}},
            ["2026-10-01T01:00:00Z", "2026-10-01T01:00:01Z", "2026-10-01T08:00:00.5"],
            [("V409", 1), ("V409", 2)],
        ),
        (
            {"type": "duration", "constraints": {"minimum": "P1D", "exclusiveMaximum": "P1M"}},
            ["PT24H", "PT23H", "P27D", "P30D", "P31D"],
            [("V408", 1), ("V424", 3), ("V424", 4)],
        ),
        (
            {"type": "year", "constraints": {"minimum": "2020", "exclusiveMaximum": 2026}},
            ["2019", "2025", "2026"],
            [("V408", 0), ("V424", 2)],
        ),
        (
            {"type": "yearmonth", "constraints": {"exclusiveMinimum": "2026-01"}},
            ["2026-01"],
            "V424",
        ),
        ({"type": "date", "constraints": {"enum": ["02/10/2026"]}}, ["2026-10-03"], "V407"),
        ({"type": "date", "constraints": {"enum": ["02/10/2026"]}}, ["2026-10-02"], []),
        ({"type": "boolean", "constraints": {"enum": [True]}}, ["1", "false"], [("V407", 1)]),
        (
            {"type": "number", "decimalChar": ",", "constraints": {"enum": [1.0, "2,5"]}},
            ["1", "2,5", "3"],
            [("V407", 2)],
        ),
        ({"type": "duration", "constraints": {"enum": ["P1D"]}}, ["PT24H"], []),
        ({"type": "array", "constraints": {"enum": [[1, 2]]}}, ["[1,2]", "[2]"], [("V407", 1)]),
        (
            {"type": "array", "constraints": {"minLength": 2, "maxLength": 2}},
            ["[1,2]", "[1]", "[1,2,3]"],
            [("V411", 1), ("V411", 2)],
        ),
        ({"type": "list", "constraints": {"minLength": 2}}, ["a,b", "abc"], [("V411", 1)]),
        ({"type": "object", "constraints": {"maxLength": 1}}, ['{"a":1,"b":2}'], "V411"),
        ({"type": "string", "categories": ["x", "y"]}, ["x", "z"], [("V407", 1)]),
        (
            {"type": "integer", "categories": [{"value": 0, "label": "không"}, {"value": 1}]},
            ["0", "2"],
            [("V407", 1)],
        ),
        ({"type": "string", "format": "uri"}, ["https://a.vn/?x=1", "a.vn"], [("V418", 1)]),
        (
            {"type": "string", "format": "uuid"},
            ["6f1c2a3e-58b4-4c1d-9a7e-0b2c4d6e8f10", "6f1c2a3e"],
            [("V418", 1)],
        ),
        ({"type": "string", "format": "binary"}, ["aGVsbG8=", "aGVsbG8"], [("V418", 1)]),
        (
            {"type": "number", "bareNumber": False, "decimalChar": ",", "groupChar": "."},
            ["1.200,5 đồng", "€ -95", "95%", "1.5%", "(95)", "95-", "1 - 2"],
            [("V402", 3), ("V402", 4), ("V402", 5), ("V402", 6)],
        ),
        ({"type": "number"}, ["95%"], "V402"),
    ],
)
def test_constraints_and_formats(
    tmp_path: Path, catalogue: Catalogue, about: dict[str, Any], cells: list[str], wanted: Any
) -> None:
    wanted = [(wanted, 0)] if isinstance(wanted, str) else wanted
    told_of = [
        each for each in found(tmp_path, catalogue, about, cells) if not each[0].startswith("D")
    ]
    assert told_of == wanted


@pytest.mark.parametrize(
    ("about", "top", "place"),
    [
        ({"type": "object", "constraints": {"jsonSchema": {"type": "object"}}}, {}, "jsonSchema"),
        ({}, {"foreignKeys": [{"fields": "a", "reference": {"fields": "k"}}]}, "foreignKeys"),
        ({"type": "date", "format": "dd/mm/yyyy"}, {}, "fields[1].format"),
        ({"type": "date", "format": "%d/%m"}, {}, "%d/%m/%Y"),
        ({"type": "date", "format": "%A %d/%m/%Y"}, {}, "%A"),
        ({"type": "time", "format": "%I:%M"}, {}, "%H:%M"),
        ({"type": "string", "format": "wkt"}, {}, "fields[1].format"),
        ({"type": "list", "itemType": "object"}, {}, "fields[1].itemType"),
        ({"type": "list", "delimiter": " "}, {}, "fields[1].delimiter"),
        ({"type": "list", "constraints": {"enum": ["a"]}}, {}, "constraints.enum"),
        ({"type": "object", "constraints": {"minimum": 1}}, {}, "constraints.minimum"),
        ({"type": "datetime", "constraints": {"maximum": "2026-10-01"}}, {}, "maximum"),
        ({"type": "boolean", "constraints": {"enum": ["rồi"]}}, {}, "constraints.enum[0]"),
        ({"type": "number", "constraints": {"enum": ["x"]}}, {}, "constraints.enum[0]"),
        ({"type": "number", "categories": [1]}, {}, "fields[1].categories"),
        ({"categories": ["x"], "constraints": {"enum": ["y"]}}, {}, "constraints.enum"),
        ({"type": "boolean", "trueValues": ["1"], "falseValues": ["1"]}, {}, "falseValues"),
        ({"missingValues": [{"label": "x"}]}, {}, "fields[1].missingValues"),
        ({"bareNumber": "no"}, {}, "fields[1].bareNumber"),
        ({}, {"uniqueKeys": [["b"]]}, "uniqueKeys[0]"),
        ({}, {"fieldsMatch": "all"}, "fieldsMatch"),
        (
            {"type": "list"},
            {"quy_tac": [{"ma": "R", "cot": "a", "phep": "<", "voi": "a"}]},
            "quy_tac[0]",
        ),
    ],
)
def test_what_nobody_would_check_is_refused(
    tmp_path: Path, about: dict[str, Any], top: dict[str, Any], place: str
) -> None:
    with pytest.raises(IocslError) as refused:
        read_schema(schema_of(tmp_path, about, **top))
    assert refused.value.exit_code is ExitCode.CONFIGURATION
    assert place in refused.value.message.vi
    assert place in refused.value.message.en


@pytest.mark.parametrize(
    ("about", "top", "cells", "wanted"),
    [
        ({"constraints": {"required": True}}, {"missingValues": ["", "NA"]}, ["NA"], "V401"),
        (
            {"missingValues": ["-"], "constraints": {"required": True}},
            {"missingValues": ["NA"]},
            ["NA", "-", ""],
            [("V401", 1), ("V401", 2)],
        ),
        (
            {"type": "number", "constraints": {"required": True}},
            {"missingValues": [{"value": "-99", "label": "từ chối"}]},
            ["5", "-99"],
            [("V401", 1)],
        ),
        ({"constraints": {"unique": True}}, {"missingValues": ["NA"]}, ["NA", "NA", "x"], []),
        ({}, {"uniqueKeys": [["a"]]}, ["x", "", "", "x"], [("X713", 3)]),
        ({}, {"uniqueKeys": ["a"], "missingValues": ["NA"]}, ["NA", "NA"], []),
        ({}, {"uniqueKeys": [["k", "a"]]}, ["x", "x"], []),
        ({}, {"primaryKey": ["a"]}, ["x", ""], [("V401", 1)]),
        (
            {"type": "datetime"},
            {"primaryKey": "a"},
            ["2026-10-01T08:00:00", "01/10/2026 08:00:00"],
            [("X701", 1)],
        ),
    ],
)
def test_keys_and_missing_values(  # noqa: PLR0917 - one row of the table above
    tmp_path: Path,
    catalogue: Catalogue,
    about: dict[str, Any],
    top: dict[str, Any],
    cells: list[str],
    wanted: Any,
) -> None:
    wanted = [(wanted, 0)] if isinstance(wanted, str) else wanted
    assert found(tmp_path, catalogue, about, cells, **top) == wanted


@pytest.mark.parametrize(
    ("about", "awaited", "cells"),
    [
        ({"type": "time"}, "08:30:00", ["08:30:00", "09:00:00"]),
        ({"type": "time", "format": "%H:%M"}, "08:30", ["08:30", "09:00"]),
        ({"type": "date", "format": "%d.%m.%Y"}, "2026-10-01", ["01.10.2026", "02.10.2026"]),
        ({"type": "duration"}, "P1D", ["PT24H", "PT1H"]),
    ],
)
def test_a_rarer_value_is_awaited(
    tmp_path: Path, catalogue: Catalogue, about: dict[str, Any], awaited: str, cells: list[str]
) -> None:
    rule: dict[str, Any] = {"ma": "R", "cot": "z", "phep": "required_if", "voi": {"a": awaited}}
    fields = [{"name": "k"}, {"name": "a", **about}, {"name": "z"}]
    schema = tmp_path / "s.json"
    schema.write_text(json.dumps({"fields": fields, "quy_tac": [rule]}), "utf-8")
    path = text(tmp_path / "a.csv", [["k", "a", "z"], *([1, each, ""] for each in cells)])
    assert told(check(path, catalogue, schema=schema)) == [("X712", 0)]
    rule["voi"] = {"a": "8h30"}
    schema.write_text(json.dumps({"fields": fields, "quy_tac": [rule]}), "utf-8")
    with pytest.raises(IocslError, match="voi"):
        read_schema(schema)


ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.mark.parametrize(
    ("match", "more", "fewer", "turned"),
    [
        (None, [("S203", WARNING)], [], []),
        ("partial", [], [], []),
        ("subset", [], [("S202", ERROR)], []),
        ("superset", [("S203", ERROR)], [], []),
        ("equal", [("S203", ERROR)], [("S202", ERROR)], []),
        ("exact", [("S203", ERROR)], [("S202", ERROR)], [("S222", ERROR)]),
    ],
)
def test_which_columns_a_file_must_have(  # noqa: PLR0917 - one row of the table above
    tmp_path: Path,
    catalogue: Catalogue,
    match: str | None,
    more: list[Any],
    fewer: list[Any],
    turned: list[Any],
) -> None:
    fields = [{"name": name} for name in ("ma", "ten", "so")]
    schema = tmp_path / "s.json"
    schema.write_text(
        json.dumps({"fields": fields, **({"fieldsMatch": match} if match else {})}), "utf-8"
    )
    for head, wanted in (
        (["ma", "ten", "so"], []),
        (["ma", "ten", "so", "mau"], more),
        (["ma", "ten"], fewer),
        (["ten", "ma", "so"], turned),
    ):
        path = text(tmp_path / "a.csv", [head, ["x"] * len(head)])
        findings = check(path, catalogue, schema=schema).findings
        assert [(each.code, each.severity) for each in findings] == wanted


def test_a_number_of_a_person_inside_a_json_value(tmp_path: Path, catalogue: Catalogue) -> None:
    cell = '{"sdt": "0912345678"}'
    assert found(tmp_path, catalogue, {"type": "object"}, [cell]) == [("D902", 0)]


def test_a_plain_schema_loads_nothing_of_the_rarer_types(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", [["k", "a", "n"], ["1", "5", "x"]])
    plain = schema_of(tmp_path, {"type": "number", "constraints": {"minimum": 0}})
    asked = (
        "import sys; from iocsl.cli import main\n"
        f"main(['validate', {str(path)!r}, '--schema', {str(plain)!r}, '--format', 'json'])\n"
        "rare = ('schema_values', 'schema_rarer', 'schema_geojson', 'rare_cells', 'column_order')\n"
        "print([each for each in sys.modules if each.endswith(rare)], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.stderr.splitlines()[-1] == "[]"
