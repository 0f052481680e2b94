"""Models of `thoi_han.yaml` (deadline rules) and `ngay_nghi.yaml` (days off on top of the law).

Loaded only where the catalogue is built, and where a unit's own `ngay_nghi.yaml` is read. The
first fault is told with file, line and entry (exit 3); nothing is then loaded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from iocsl.catalog.loader import CheckError, Document, check, fault, first_repeated
from iocsl.catalog.models import DATASET_CODE, Line, Strict
from iocsl.domain import PeriodType, Regime, Words

RULE_ID = r"^(2023|1134)(\.[a-z0-9]+)+$"
Code = Annotated[str, Field(pattern=DATASET_CODE)]


def _iso_day(value: Any) -> date:
    """A date written as ISO text. YAML leaves `2026-02-30` as text, so it is refused here."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise CheckError(
        f"“{value}” không phải là ngày có thật (viết như 2026-11-22).",
        f"“{value}” is not a date that exists (write it like 2026-11-22).",
    )


Day = Annotated[date, BeforeValidator(_iso_day)]


class Way(StrEnum):
    """How a rule finds its day; told in the head of `thoi_han.yaml`."""

    LAST_MONTH = "thang_cuoi_ky"
    FIXED = "ngay_co_dinh"
    EVERY_DAY = "hang_ngay"
    AFTER_EVENT = "sau_su_kien"
    NONE = "khong_tinh"


class RegimeModel(Strict):
    ten: Line
    ten_en: Line
    ap_dung_tu: Day
    ghi_chu: Line
    ghi_chu_en: Line


class OccurrenceModel(Strict):
    """One yearly occurrence of a rule that names its own: `thay_cho` is the form's own quarter."""

    ky: Annotated[str, Field(pattern="^(Q[1-4]|H[12]|9M|NAM|DX|VM)$")]
    bieu: tuple[Code, ...]
    thay_cho: Annotated[str, Field(pattern="^Q[1-4]$")] | None = None


class RowModel(Strict):
    """One dated row of unit 21 of the 2023 annex."""

    dong: Annotated[int, Field(ge=1)]
    ky: Annotated[str, Field(pattern="^(Q[1-4]|H[12]|9M|NAM|DX|VM)$")]
    nguyen_van: Line
    ngay: Annotated[int, Field(ge=1, le=31)]
    thang: Annotated[int, Field(ge=1, le=12)]
    nam_sau: Annotated[int, Field(ge=0, le=1)] = 0
    co: tuple[Line, ...] = ()
    nghi_ngo: Line | None = None
    nghi_ngo_en: Line | None = None
    thiet_lap: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _day_exists(self) -> Self:
        _exists(self.ngay, self.thang)
        return self


class RuleModel(Strict):
    """One deadline rule. What a way of counting needs must be there, and nothing else."""

    ma: Annotated[str, Field(pattern=RULE_ID)]
    quy_dinh: Regime
    dieu: Line
    ai: Line
    ai_en: Line
    nguyen_van: Line
    cach_tinh: Way
    ky: tuple[PeriodType, ...]
    ngay: Annotated[int, Field(ge=1, le=31)] | None = None
    thang: Annotated[int, Field(ge=1, le=12)] | None = None
    thang_sau: Annotated[int, Field(ge=0, le=12)] = 0
    gio: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = None
    so_gio: Annotated[int, Field(ge=1)] | None = None
    tinh_ca_ngay: bool = True
    gap_ngay_nghi: Annotated[str, Field(pattern="^(following|none)$")] = "none"
    trong_phu_luc: bool = False
    vao_kho: bool = False
    bieu_rieng: tuple[Code, ...] = ()
    bieu_chung: bool = False
    danh_sach: Annotated[str, Field(pattern="^[DMQYE]$")] | None = None
    lan: tuple[OccurrenceModel, ...] = ()
    dong: tuple[RowModel, ...] = ()
    co: tuple[Line, ...] = ()
    nghi_ngo: Line | None = None
    nghi_ngo_en: Line | None = None
    thiet_lap: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _way_has_what_it_needs(self) -> Self:
        needed: dict[Way, tuple[str, ...]] = {
            Way.LAST_MONTH: ("ngay",),
            Way.FIXED: ("dong",) if self.dong else ("ngay", "thang"),
            Way.EVERY_DAY: ("gio",),
            Way.AFTER_EVENT: ("so_gio",),
            Way.NONE: ("nghi_ngo", "nghi_ngo_en"),
        }
        for key in needed[self.cach_tinh]:
            if not getattr(self, key):
                raise CheckError(
                    f"cach_tinh {self.cach_tinh} cần có “{key}”.",
                    f"cach_tinh {self.cach_tinh} needs “{key}”.",
                )
        if self.ngay and self.thang:
            _exists(self.ngay, self.thang)
        if repeated := first_repeated(str(row.dong) for row in self.dong):
            raise CheckError(f"dòng {repeated[1]} lặp lại.", f"row {repeated[1]} is repeated.")
        return self


class TimetableFile(Strict):
    """The whole of `thoi_han.yaml`."""

    che_do: dict[Regime, RegimeModel]
    muc: tuple[RuleModel, ...]


class DayKind(StrEnum):
    OFF = "nghi"
    WORKED = "lam_viec"


class DayStatus(StrEnum):
    """How sure a day is; the contract's words."""

    LAW = "law"
    OFFICIAL = "official"
    PROPOSED = "proposed"
    PREDICTED = "predicted"


class DayModel(Strict):
    """One dated day. `doi_voi` is the day it was swapped with."""

    ngay: Day
    loai: DayKind
    ten: Line
    ten_en: Line | None = None
    van_ban: Line | None
    trang_thai: DayStatus
    doi_voi: Day | None = None


class YearModel(Strict):
    nam: Annotated[int, Field(ge=2000, le=2099)]
    trang_thai: DayStatus


class DaysOffFile(Strict):
    """The whole of `ngay_nghi.yaml`, the packaged one or a unit's own."""

    nam: tuple[YearModel, ...] = ()
    muc: tuple[DayModel, ...] = ()


def _exists(day: int, month: int) -> None:
    """29 February is refused as well: a rule must have a day in every year."""
    try:
        date(2023, month, day)
    except ValueError:
        raise CheckError(
            f"không có ngày {day}/{month} trong mọi năm.",
            f"there is no {day}/{month} in every year.",
        ) from None


def check_timetable(document: Document) -> TimetableFile:
    """Check `thoi_han.yaml`: every rule whole, no id twice. IocslError exit 3."""
    timetable = check(TimetableFile, document)
    _once(document, [rule.ma for rule in timetable.muc], "ma")
    for place, rule in enumerate(timetable.muc):
        if rule.quy_dinh not in timetable.che_do:
            said = Words(
                f"quy_dinh {rule.quy_dinh} không có trong che_do.",
                f"quy_dinh {rule.quy_dinh} is not in che_do.",
            )
            raise fault(
                document.path, document.line(("muc", place, "quy_dinh")), said, entry=rule.ma
            )
    return timetable


def check_days_off(document: Document) -> DaysOffFile:
    """Check `ngay_nghi.yaml`: days exist, none twice, statuses known, swaps agree. Exit 3."""
    days = check(DaysOffFile, document, named="ngay")
    _once(document, [each.ngay.isoformat() for each in days.muc], "ngay")
    by_day = {each.ngay: each for each in days.muc}
    for place, each in enumerate(days.muc):
        other = by_day.get(each.doi_voi) if each.doi_voi else None
        if other is not None and (other.doi_voi != each.ngay or other.loai is each.loai):
            said = Words(
                f"ngày hoán đổi {each.doi_voi} không trỏ lại ngày này, hoặc cùng loại với nó.",
                f"the swapped day {each.doi_voi} does not point back, or is of the same kind.",
            )
            line = document.line(("muc", place, "doi_voi"))
            raise fault(document.path, line, said, entry=each.ngay.isoformat())
    return days


def _once(document: Document, names: Sequence[str], key: str) -> None:
    if repeated := first_repeated(names):
        place, name = repeated
        raise fault(
            document.path,
            document.line(("muc", place, key)),
            Words(f"“{name}” lặp lại.", f"“{name}” is repeated."),
            entry=name,
        )
