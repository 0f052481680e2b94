"""Checks between the files of the catalogue: what one names, another has; no code is twice."""

from __future__ import annotations

from collections.abc import Container, Sequence

from iocsl.catalog.indicators import IndicatorFile
from iocsl.catalog.loader import Document, fault, first_repeated
from iocsl.catalog.models import CrosswalkModel, DatasetModel, Status, UnitModel
from iocsl.catalog.timetable import TimetableFile
from iocsl.domain import Words


def refuse(
    document: Document, place: Sequence[int | str], entry: str, code: str, said: Words
) -> None:
    raise fault(document.path, document.line(place), said, entry=entry, code=code)


def check_datasets(
    document: Document,
    datasets: Sequence[DatasetModel],
    units: set[str],
    schemas: Container[str],
) -> None:
    """Codes are unique and sorted; units and schemas that are named exist."""
    codes = [each.ma for each in datasets]
    if repeated := first_repeated(codes):
        place, code = repeated
        first = datasets[codes.index(code)]
        again = Status.RETIRED in {first.trang_thai, datasets[place].trang_thai}
        refuse(
            document,
            ("muc", place, "ma"),
            code,
            "retired-code" if again else "duplicate-code",
            Words("mã đã ngừng dùng không được dùng lại.", "a retired code may not be used again.")
            if again
            else Words("mã bị trùng.", "the code is repeated."),
        )
    for place, each in enumerate(datasets):
        if place and codes[place - 1] > each.ma:
            refuse(
                document,
                ("muc", place, "ma"),
                each.ma,
                "unsorted",
                Words(
                    "các mục phải xếp theo mã.",
                    "entries must be sorted by code.",
                ),
            )
        inferred = each.don_vi_suy_ra.don_vi if each.don_vi_suy_ra else None
        named = {"don_vi": each.don_vi, "don_vi_cung_cap": each.don_vi_cung_cap}
        for key, unit in {**named, "don_vi_suy_ra": inferred}.items():
            if unit is not None and unit not in units:
                refuse(
                    document,
                    ("muc", place, key),
                    each.ma,
                    "unknown-unit-in-catalogue",
                    Words(
                        f"không có đơn vị “{unit}” trong don_vi.yaml.",
                        f"there is no unit “{unit}” in don_vi.yaml.",
                    ),
                )
        if each.mau not in schemas:
            refuse(
                document,
                ("muc", place, "mau"),
                each.ma,
                "unknown-schema-in-catalogue",
                Words(
                    f"không có cấu trúc “{each.mau}” trong schemas/.",
                    f"there is no schema “{each.mau}” in schemas/.",
                ),
            )


def check_units(document: Document, units: Sequence[UnitModel]) -> None:
    """Ids are unique; a parent and successors exist; a validity does not end before it begins."""
    ids = [each.ma for each in units]
    if repeated := first_repeated(ids):
        place, code = repeated
        refuse(
            document,
            ("muc", place, "ma"),
            code,
            "duplicate-code",
            Words("mã đơn vị bị trùng.", "the unit's id is repeated."),
        )
    known = set(ids)
    for place, each in enumerate(units):
        named = [each.truc_thuoc] if each.truc_thuoc else []
        for other in [*named, *each.nay_thuoc]:
            if other not in known:
                refuse(
                    document,
                    ("muc", place, "truc_thuoc" if other in named else "nay_thuoc"),
                    each.ma,
                    "unknown-unit-in-catalogue",
                    Words(
                        f"không có đơn vị “{other}” trong tệp.",
                        f"there is no unit “{other}” in the file.",
                    ),
                )
        if each.hieu_luc_tu and each.hieu_luc_den and each.hieu_luc_den < each.hieu_luc_tu:
            refuse(
                document,
                ("muc", place, "hieu_luc_den"),
                each.ma,
                "bad-catalogue",
                Words(
                    "hieu_luc_den sớm hơn hieu_luc_tu.",
                    "hieu_luc_den is before hieu_luc_tu.",
                ),
            )


def check_crosswalk(
    document: Document, links: Sequence[CrosswalkModel], units: Container[str]
) -> None:
    """Both ends of a link are units of `don_vi.yaml`."""
    for place, each in enumerate(links):
        for key, unit in (("tu", each.tu), ("sang", each.sang)):
            if unit is not None and unit not in units:
                refuse(
                    document,
                    ("muc", place, key),
                    each.tu,
                    "unknown-unit-in-catalogue",
                    Words(
                        f"không có đơn vị “{unit}” trong don_vi.yaml.",
                        f"there is no unit “{unit}” in don_vi.yaml.",
                    ),
                )


def check_indicators(document: Document, one: IndicatorFile, datasets: Container[str]) -> None:
    """An indicator set is of a dataset that exists, and its file bears that code."""
    if one.ma_bo_du_lieu not in datasets or one.ma_bo_du_lieu != document.path.stem:
        refuse(
            document,
            ("ma_bo_du_lieu",),
            one.ma_bo_du_lieu,
            "unknown-dataset-in-catalogue",
            Words(
                "không có bộ dữ liệu này trong phu_luc.yaml, hoặc tên tệp khác mã.",
                "phu_luc.yaml has no such dataset, or the file's name differs from it.",
            ),
        )


def check_rules(document: Document, timetable: TimetableFile, datasets: Container[str]) -> None:
    """Deadline rules name only datasets that exist."""
    for place, rule in enumerate(timetable.muc):
        named = [*rule.bieu_rieng, *(code for one in rule.lan for code in one.bieu)]
        for code in named:
            if code not in datasets:
                refuse(
                    document,
                    ("muc", place),
                    rule.ma,
                    "unknown-dataset-in-catalogue",
                    Words(
                        f"không có bộ dữ liệu “{code}” trong phu_luc.yaml.",
                        f"there is no dataset “{code}” in phu_luc.yaml.",
                    ),
                )
