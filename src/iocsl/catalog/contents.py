"""The files of the catalogue, read, checked each and against each other, as rows of the mirror."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iocsl.catalog import mirror, released
from iocsl.catalog.changes import Coded
from iocsl.catalog.crosscheck import (
    check_crosswalk,
    check_datasets,
    check_indicators,
    check_rules,
    check_units,
)
from iocsl.catalog.indicators import IndicatorFile
from iocsl.catalog.issued import (
    Issued,
    dataset_body,
    indicator_bodies,
    issued_document,
    read_issued,
)
from iocsl.catalog.loader import Document, check, fault, read
from iocsl.catalog.models import (
    CrosswalkFile,
    CrosswalkModel,
    DatasetFile,
    DatasetModel,
    Status,
    UnitFile,
    UnitModel,
)
from iocsl.catalog.overlays import Base, indicator_rows, read_all
from iocsl.catalog.schema import SchemaError, parse_schema, with_code_lists
from iocsl.catalog.search import words_of
from iocsl.catalog.timetable import check_days_off, check_timetable
from iocsl.domain import Words
from iocsl.errors import IocslError
from iocsl.text import squeeze

Row = dict[str, Any]

COLUMNS: dict[str, dict[str, type]] = {
    "meta": {"key": str, "value": str},
    "datasets": {"code": str, "folded": str, "body": str},
    "units": {"id": str, "place": int, "body": str},
    "indicators": {"code": str, "dataset": str, "place": int, "body": str},
    "documents": {"kind": str, "name": str, "body": str},
}
"""The tables of the mirror; `body` is JSON in the shape of the classes of `lookup`."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What the mirror is filled with; each list holds the rows of the table of that name."""

    version: int
    datasets: list[Row]
    units: list[Row]
    indicators: list[Row]
    documents: list[Row]


@dataclass(frozen=True, slots=True)
class Files:
    """The checked files of a catalogue folder."""

    datasets: DatasetFile
    units: UnitFile
    sets: list[IndicatorFile]
    schemas: dict[str, Row]
    others: dict[str, Any]
    issued: Issued


def load(
    folder: Path, overlays: Path | None = None, issued: Iterable[Path] | None = None
) -> Contents:
    """Read and check the whole catalogue in `folder`, and the unit's own `overlays`.

    `issued` are the records of requests and notices, those of `folder` itself where not given. The
    first fault is an IocslError, exit 3.
    """
    files = load_files(folder, issued)
    released.check(folder, coded(files))
    bodies = [("document", name, body) for name, body in files.others.items()]
    bodies += [("document", mirror.ISSUED, issued_document(files.issued))]
    bodies += [("schema", name, body) for name, body in files.schemas.items()]
    bodies += [
        ("schema", each.ma, each.cau_truc) for each in files.issued.requests if each.cau_truc
    ]
    return Contents(
        version=files.datasets.phien_ban + files.issued.count,
        datasets=[*_dataset_rows(files), *_request_rows(files)],
        units=[
            {"id": each.ma, "place": place, "body": _json(_unit_body(each))}
            for place, each in enumerate(files.units.muc)
        ],
        indicators=[
            *_indicator_rows(files.sets),
            *_asked_indicator_rows(files.issued),
            *_overlay_rows(files, overlays),
        ],
        documents=[
            {"kind": kind, "name": name, "body": _json(body)} for kind, name, body in bodies
        ],
    )


def load_files(folder: Path, issued: Iterable[Path] | None = None) -> Files:
    """Read every file and check each, and all against each other."""
    dataset_document = read(folder / "phu_luc.yaml")
    unit_document = read(folder / "don_vi.yaml")
    datasets = check(DatasetFile, dataset_document)
    units = check(UnitFile, unit_document)
    check_units(unit_document, units.muc)
    known = {each.ma for each in units.muc}
    schemas = _schemas(folder)
    check_datasets(dataset_document, datasets.muc, known, schemas)
    codes = {each.ma for each in datasets.muc}
    sets = _indicator_sets(folder, codes)
    others = {
        "van_ban": datasets.model_dump(mode="json")["van_ban"],
        **_others(folder, known, codes),
    }
    if issued is None:
        issued = (folder / mirror.ISSUED).glob("*.yaml")
    # A retired dataset or a former unit may stand in a request of its time.
    return Files(datasets, units, sets, schemas, others, read_issued(issued, known, codes))


def coded(files: Files) -> dict[str, Coded]:
    """Every code of the catalogue with what fixes its meaning."""
    found = {
        each.ma: Coded(each.ten_in, each.trang_thai is Status.RETIRED)
        for each in files.datasets.muc
    }
    for unit in files.units.muc:
        found[unit.ma] = Coded(unit.ten, unit.hieu_luc_den is not None)
    for one in files.sets:
        for each in one.chi_tieu:
            ended = each.hieu_luc_den is not None
            found[each.ma] = Coded(each.ten, ended, each.don_vi_tinh or "")
    for rule in (files.others.get("thoi_han") or {"muc": []})["muc"]:
        found[rule["ma"]] = Coded(f"{rule['quy_dinh']}, {rule['dieu']}")
        for row in rule.get("dong", ()):
            found[f"{rule['ma']}{row['dong']}"] = Coded(f"{rule['quy_dinh']}, dòng {row['dong']}")
    for act in files.issued.requests:
        ended = files.issued.withdrawn(act.ma) is not None
        found[act.ma] = Coded(act.model_dump_json(), ended)
    for notice in files.issued.notices:
        found[notice.ma] = Coded(notice.model_dump_json())
    return found


def _overlay_rows(files: Files, overlays: Path | None) -> list[Row]:
    if overlays is None or not overlays.is_dir():
        return []
    base = Base(
        (each.ma for each in files.datasets.muc),
        (each.ma for each in files.units.muc),
        {one.ma: one.ten for each in files.sets for one in each.chi_tieu},
    )
    return indicator_rows(read_all(overlays, base))


def _request_rows(files: Files) -> list[Row]:
    """The forms that requests bring with them, as entries of the catalogue."""
    return [
        {
            "code": each.ma,
            "folded": " |".join((words_of(each.ten), words_of(each.so), words_of(each.ma))),
            "body": _json(dataset_body(each, files.issued)),
        }
        for each in files.issued.requests
        if each.own_form
    ]


def _asked_indicator_rows(issued: Issued) -> list[Row]:
    return [
        {"code": body["code"], "dataset": each.ma, "place": place, "body": _json(body)}
        for each in issued.requests
        for place, body in enumerate(indicator_bodies(each))
    ]


def _json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _schemas(folder: Path) -> dict[str, Row]:
    """Every Table Schema by name, its code lists read in, checked as a whole."""
    schemas = {}
    for path in sorted((folder / "schemas").glob("*.yaml")):
        document = read(path)
        try:
            body = with_code_lists(document.data, path.parent, path.name)
            parse_schema(body, path.name)
        except SchemaError as error:
            raise _placed(document, error) from None
        schemas[path.stem] = body
    return schemas


def _placed(document: Document, error: SchemaError) -> IocslError:
    """The fault of a schema with the line it stands on; of a code list, in that list's file."""
    steps = error.steps()
    said = Words(f"{error.said.vi}.", f"{error.said.en}.")
    if error.listed:
        listed = document.data["fields"][steps[1]]["danh_muc"]
        if isinstance(listed, str):
            path = document.path.parent / listed
            return fault(path, error.listed, said, entry=error.place, code="bad-schema")
    line = document.line(steps)
    return fault(document.path, line, said, entry=error.place or None, code="bad-schema")


def _indicator_sets(folder: Path, datasets: set[str]) -> list[IndicatorFile]:
    sets = []
    for path in sorted((folder / "chi_tieu").glob("*.yaml")):
        document = read(path)
        one = check(IndicatorFile, document, entries="chi_tieu")
        check_indicators(document, one, datasets)
        sets.append(one)
    return sets


def _others(folder: Path, units: set[str], datasets: set[str]) -> dict[str, Any]:
    """The crosswalk, and whatever other YAML files lie there, as JSON documents by name."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.stem in {"phu_luc", "don_vi"}:
            continue
        document = read(path)
        found[path.stem] = document.data
        if path.stem == "thoi_han":
            check_rules(document, check_timetable(document), datasets)
        elif path.stem == "ngay_nghi":
            check_days_off(document)
        elif path.stem == "chuyen_doi_don_vi":
            links = check(CrosswalkFile, document, named="tu").muc
            check_crosswalk(document, links, units)
            found[path.stem] = [_link(each) for each in links]
    return found


def _link(each: CrosswalkModel) -> Row:
    return {
        "old": each.tu,
        "new": each.sang,
        "field": each.linh_vuc,
        "kind": each.kieu,
        "confidence": each.tin_cay.value,
        "source": each.nguon,
    }


def _dataset_rows(files: Files) -> list[Row]:
    names = {each.ma: (each.ten, *each.ten_khac) for each in files.units.muc}
    indicators = {each.ma_bo_du_lieu: [one.ma for one in each.chi_tieu] for each in files.sets}
    return [
        {
            "code": each.ma,
            "folded": _searchable(each, names),
            "body": _json(_dataset_body(each, indicators.get(each.ma, []))),
        }
        for each in files.datasets.muc
    ]


def _searchable(each: DatasetModel, names: dict[str, tuple[str, ...]]) -> str:
    inferred = each.don_vi_suy_ra.don_vi if each.don_vi_suy_ra else ""
    parts = [
        each.ten or "",
        each.ten_in,
        each.don_vi_in or "",
        *(
            name
            for id_ in (each.don_vi, each.don_vi_cung_cap, inferred)
            for name in names.get(id_ or "", ())
        ),
        each.ma,
    ]
    return " |".join(words_of(part) for part in dict.fromkeys(parts) if part)


def _dataset_body(each: DatasetModel, indicators: list[str]) -> Row:
    inferred = each.don_vi_suy_ra
    return {
        "code": each.ma,
        "regime": each.quy_dinh.value,
        "list": each.danh_sach,
        "row": each.dong,
        "unit_no": each.stt_don_vi,
        "name": each.ten,
        "name_printed": each.ten_in,
        "unit": each.don_vi,
        "unit_printed": each.don_vi_in,
        "unit_inferred": {"unit": inferred.don_vi, "confidence": inferred.tin_cay.value}
        if inferred
        else None,
        "provider": each.don_vi_cung_cap,
        "periods": [period.value for period in each.ky],
        "due_printed": each.han_in,
        "status": each.trang_thai.value,
        "defects": [
            {
                "kind": one.loai.value,
                "printed": one.printed,
                "reading": one.doc,
                "confidence": one.tin_cay.value if one.tin_cay else None,
            }
            for one in each.khiem_khuyet
        ],
        "ma_tam": each.ma_tam,
        "source": {
            "document": each.nguon.van_ban,
            "annex": each.nguon.phu_luc,
            "list": each.nguon.danh_sach,
            "row": each.nguon.dong,
        },
        "schema": each.mau,
        "indicators": indicators,
    }


def _unit_body(each: UnitModel) -> Row:
    return {
        "id": each.ma,
        "name": each.ten,
        "name_printed": squeeze(each.ten_in) if each.ten_in else None,
        "kind": each.loai.value,
        "level": each.cap.value,
        "bound": each.rang_buoc,
        "aliases": list(each.ten_khac),
        "official_code": each.ma_chinh_thuc,
        "parent": each.truc_thuoc,
        "valid_from": each.hieu_luc_tu.isoformat() if each.hieu_luc_tu else None,
        "valid_to": each.hieu_luc_den.isoformat() if each.hieu_luc_den else None,
        "successors": list(each.nay_thuoc),
        "basis": each.can_cu,
    }


def _indicator_rows(sets: Iterable[IndicatorFile]) -> list[Row]:
    return [
        {
            "code": one.ma,
            "dataset": each.ma_bo_du_lieu,
            "place": place,
            "body": _json(
                {
                    "code": one.ma,
                    "name": one.ten,
                    "unit_of_measure": one.don_vi_tinh,
                    "method": one.phuong_phap,
                    "valid_from": one.hieu_luc_tu.isoformat() if one.hieu_luc_tu else None,
                    "valid_to": one.hieu_luc_den.isoformat() if one.hieu_luc_den else None,
                    "replaced_by": one.thay_bang,
                    "ma_tam": one.ma_tam,
                    "figures": [
                        {"period": each_figure.ky, "status": each_figure.trang_thai}
                        for each_figure in one.so_lieu
                    ],
                    "breakdowns": list(one.phan_to),
                }
            ),
        }
        for each in sets
        for place, one in enumerate(each.chi_tieu)
    ]
