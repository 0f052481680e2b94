"""Overlays: what a unit adds to the catalogue for itself (2023 Điều 6.2, 6.3).

A YAML file in `bo_sung/` of the home folder holds indicators that a unit adds to forms, with codes
in its own space (`IOC-02-03.X-<unit>-001`), and thematic forms of its own. It can never change or
stand in for what the base catalogue has. Added indicators count only once the lead unit and the
system manager have agreed and their answer is recorded in the file (`dang_ky`).

Loaded only where the catalogue is built or an overlay is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from iocsl.catalog.indicators import FigureModel
from iocsl.catalog.loader import CheckError, Document, check, fault, first_repeated, read
from iocsl.catalog.models import Line, Strict
from iocsl.catalog.schema import read_schema
from iocsl.domain import Words
from iocsl.errors import IocslError
from iocsl.text import fold

STRUCTURE = ".schema.yaml"
"""How the names of structures of thematic forms end."""
AGREED, REFUSED = "dong_y", "tu_choi"
_OWN_CODE = r"^(KDL-[DMQYE]-\d{3}|IOC-\d{2}-\d{2})\.X-[A-Z0-9]+(-[A-Z0-9]+)*-\d{3}$"
_OWN_FORM = r"^CD\.X-[A-Z0-9]+(-[A-Z0-9]+)*-\d{3}$"


class OwnIndicator(Strict):
    """An indicator that a unit adds to a form of the catalogue."""

    ma: Line
    ten: Line
    don_vi_tinh: Line | None = None
    phuong_phap: Line | None = None
    ly_do: Line
    so_lieu: tuple[FigureModel, ...] = ()


class OwnForm(Strict):
    """A thematic or ad hoc form (2023 Điều 6.3): a Table Schema file beside the overlay."""

    ma: Annotated[str, Field(pattern=_OWN_FORM)]
    ten: Line
    cau_truc: Line


class Answer(Strict):
    """What the lead unit and the system manager answered, with the document that says so."""

    tra_loi: Annotated[str, Field(pattern=f"^({AGREED}|{REFUSED})$")]
    so: Line
    ngay: date
    noi_dung: Line | None = None


class OverlayFile(Strict):
    don_vi: Line
    chi_tieu: tuple[OwnIndicator, ...] = ()
    bieu: tuple[OwnForm, ...] = ()
    dang_ky: Answer | None = None

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if not self.chi_tieu and not self.bieu:
            raise CheckError(
                "tệp không có chi_tieu và không có bieu.", "the file has no chi_tieu and no bieu."
            )
        return self

    @property
    def added(self) -> tuple[OwnIndicator | OwnForm, ...]:
        return (*self.chi_tieu, *self.bieu)

    @property
    def agreed(self) -> bool:
        return self.dang_ky is not None and self.dang_ky.tra_loi == AGREED


class Base:
    """What the base catalogue has, for an overlay to be held against."""

    def __init__(
        self, datasets: Iterable[str], units: Iterable[str], indicators: Mapping[str, str]
    ) -> None:
        """`indicators`: code → name, of every dataset."""
        self.datasets = frozenset(datasets)
        self.units = frozenset(units)
        self.indicators = indicators


def read_overlay(path: Path, base: Base) -> OverlayFile:
    """One overlay, checked for itself and against the base. IocslError names line and entry."""
    document = read(path)
    overlay = check(OverlayFile, document, entries="chi_tieu")
    if overlay.don_vi not in base.units:
        raise fault(
            path,
            document.line(("don_vi",)),
            Words(
                f"không có đơn vị “{overlay.don_vi}” trong danh mục.",
                f"the catalogue has no unit “{overlay.don_vi}”.",
            ),
            code="overlay-unknown-unit",
        )
    for place, each in enumerate(overlay.chi_tieu):
        _check_own(document, place, each, overlay.don_vi, base)
    repeated = first_repeated(each.ma for each in overlay.added)
    if repeated:
        said = Words("mã lặp lại trong tệp.", "the code is repeated in the file.")
        line = document.line(("chi_tieu", repeated[0]))
        raise fault(path, line, said, entry=repeated[1], code="overlay-duplicate-code")
    for place, form in enumerate(overlay.bieu):
        _check_form(document, place, form, overlay.don_vi)
    return overlay


def _check_own(document: Document, place: int, each: OwnIndicator, unit: str, base: Base) -> None:
    """The code lies in the unit's own space and neither code nor name is one of the base's."""
    import re

    def refuse(code: str, vi: str, en: str, key: str = "ma") -> IocslError:
        line = document.line(("chi_tieu", place, key))
        return fault(document.path, line, Words(vi, en), entry=each.ma, code=code)

    if each.ma in base.indicators or each.ma in base.datasets:
        raise refuse(
            "overlay-shadows-base",
            "mã này là của danh mục gốc; phần bổ sung không được thay hay che nó.",
            "this code is the base catalogue's; an overlay may not change or shadow it.",
        )
    if re.fullmatch(_OWN_CODE, each.ma) is None or f".X-{unit}-" not in each.ma:
        raise refuse(
            "overlay-code-space",
            f"mã phải có dạng <mã biểu>.X-{unit}-001.",
            f"the code must be like <form>.X-{unit}-001.",
        )
    dataset = each.ma.partition(".")[0]
    if dataset not in base.datasets:
        raise refuse(
            "overlay-unknown-dataset",
            f"danh mục không có “{dataset}”.",
            f"the catalogue has no “{dataset}”.",
        )
    for code, name in base.indicators.items():
        if code.startswith(f"{dataset}.") and fold(name) == fold(each.ten):
            raise refuse(
                "overlay-shadows-base",
                f"tên trùng với chỉ tiêu {code} của danh mục gốc; dùng mã đó.",
                f"the name is that of {code} in the base catalogue; use that code.",
                "ten",
            )


def _check_form(document: Document, place: int, form: OwnForm, unit: str) -> None:
    """The form's code is the unit's own and its structure lies beside the file and is right."""
    line = document.line(("bieu", place))
    if not form.ma.startswith(f"CD.X-{unit}-"):
        said = Words(f"mã phải có dạng CD.X-{unit}-001.", f"the code must be like CD.X-{unit}-001.")
        raise fault(document.path, line, said, entry=form.ma, code="overlay-code-space")
    if Path(form.cau_truc).name != form.cau_truc or not form.cau_truc.endswith(STRUCTURE):
        said = Words(
            f"cau_truc phải là tên một tệp *{STRUCTURE} cạnh tệp này.",
            f"cau_truc must name a file *{STRUCTURE} beside this one.",
        )
        raise fault(document.path, line, said, entry=form.ma)
    read_schema(document.path.parent / form.cau_truc)


def read_all(folder: Path, base: Base) -> list[tuple[Path, OverlayFile]]:
    """Every overlay in `folder`, in the order of names; no code in two of them."""
    found: list[tuple[Path, OverlayFile]] = []
    seen: dict[str, Path] = {}
    for path in sorted(folder.glob("*.yaml")):
        if _is_structure(path):
            continue
        overlay = read_overlay(path, base)
        for each in overlay.added:
            if each.ma in seen:
                said = Words(
                    f"mã đã có trong {seen[each.ma].name}.",
                    f"the code is in {seen[each.ma].name} already.",
                )
                raise fault(path, None, said, entry=each.ma, code="overlay-duplicate-code")
            seen[each.ma] = path
        found.append((path, overlay))
    return found


def _is_structure(path: Path) -> bool:
    """Table Schemas of thematic forms lie in the same folder, as `*.schema.yaml`."""
    return path.name.endswith(STRUCTURE)


def parts_of(path: Path, overlay: OverlayFile) -> list[str]:
    """The files that an overlay needs beside it: structures of its forms, and their code lists."""
    names = []
    for form in overlay.bieu:
        names.append(form.cau_truc)
        fields = read(path.parent / form.cau_truc).data["fields"]
        names += [each["danh_muc"] for each in fields if isinstance(each.get("danh_muc"), str)]
    return list(dict.fromkeys(names))


def indicator_rows(overlays: Iterable[tuple[Path, OverlayFile]]) -> list[dict[str, Any]]:
    """The agreed indicators as rows of the mirror, behind those of the base."""
    import json

    rows = []
    for _, overlay in overlays:
        if not overlay.agreed or overlay.dang_ky is None:
            continue
        for place, each in enumerate(overlay.chi_tieu, 10_000):
            body = {
                "code": each.ma,
                "name": each.ten,
                "unit_of_measure": each.don_vi_tinh,
                "method": each.phuong_phap,
                "valid_from": overlay.dang_ky.ngay.isoformat(),
                "valid_to": None,
                "replaced_by": None,
                "ma_tam": True,
                "figures": [{"period": one.ky, "status": one.trang_thai} for one in each.so_lieu],
                "breakdowns": [],
            }
            rows.append(
                {
                    "code": each.ma,
                    "dataset": each.ma.partition(".")[0],
                    "place": place,
                    "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
                }
            )
    return rows


def base_of(catalogue: Any) -> Base:
    """The base of an open catalogue; what overlays added to it is left out."""
    datasets = [each.code for each in catalogue.datasets()]
    indicators = {
        one.code: one.name for code in datasets for one in catalogue.indicators(code) if not one.own
    }
    return Base(datasets, [each.id for each in catalogue.units()], indicators)
