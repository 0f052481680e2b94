"""Pydantic models of the YAML files that this package owns: datasets, units, crosswalk."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from iocsl.catalog.loader import CheckError
from iocsl.domain import PeriodType, Regime

DATASET_CODE = r"^(KDL-[DMQYE]-\d{3}|IOC-\d{2}-\d{2})$"


class Strict(BaseModel):
    """No key but those declared, no conversion of types, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_line(text: str) -> str:
    if text != text.strip() or "\n" in text:
        raise CheckError(
            "có dấu cách thừa hoặc xuống dòng.", "there are spaces at an end or a line break."
        )
    return text


Line = Annotated[str, Field(strict=True, min_length=1), AfterValidator(_one_line)]
Printed = Annotated[str, Field(strict=True, min_length=1, pattern=r"^[^\r\n\t]+$")]


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class DefectKind(StrEnum):
    """Kinds of damage in the texts; the contract's list."""

    LOST_CHARACTER = "lost_character"
    MISPRINT = "misprint"
    LOST_NAME = "lost_name"
    MISSING_UNIT = "missing_unit"
    INTERLEAVED = "interleaved"
    BLANK_PERIOD = "blank_period"
    TRUNCATED = "truncated"
    DOUBTFUL_DATE = "doubtful_date"


class Status(StrEnum):
    ACTIVE = "active"
    NEEDS_REVIEW = "needs_review"
    RETIRED = "retired"


class DefectModel(Strict):
    """`in`: as the text prints it; `doc`: how it is read, None where it may not be inferred."""

    loai: DefectKind
    printed: Printed | None = Field(alias="in")
    doc: Line | None
    tin_cay: Confidence | None


class InferredModel(Strict):
    don_vi: Line
    tin_cay: Confidence


class SourceModel(Strict):
    van_ban: Line
    phu_luc: Line
    danh_sach: Line
    dong: int


class DatasetModel(Strict):
    """One entry of `phu_luc.yaml`: a row of Phụ lục II (1134) or a form of the 2023 annex."""

    ma: Annotated[str, Field(pattern=DATASET_CODE)]
    quy_dinh: Regime
    danh_sach: Annotated[str, Field(pattern="^[DMQYE]$")] | None = None
    stt_don_vi: Annotated[int, Field(ge=1, le=34)] | None = None
    dong: Annotated[int, Field(ge=1)]
    ten: Line | None
    ten_in: Printed
    don_vi: Line | None
    don_vi_in: Line | None
    don_vi_suy_ra: InferredModel | None = None
    don_vi_cung_cap: Line | None = None
    ky: tuple[PeriodType, ...]
    ky_in: Line | None = None
    han_in: Line | None = None
    trang_thai: Status
    khiem_khuyet: tuple[DefectModel, ...] = ()
    mau: Line
    ma_tam: bool
    nguon: SourceModel

    @model_validator(mode="after")
    def _code_says_where(self) -> Self:
        if self.quy_dinh is Regime.QD1134:
            expected = f"KDL-{self.danh_sach}-{self.dong:03d}"
        else:
            expected = f"IOC-{self.stt_don_vi or 0:02d}-{self.dong:02d}"
        if self.ma != expected:
            raise CheckError(
                f"mã không khớp danh sách và dòng, phải là {expected}.",
                f"the code does not fit list and row, it should be {expected}.",
                "ma",
            )
        return self

    @model_validator(mode="after")
    def _status_says_damage(self) -> Self:
        if (self.trang_thai is Status.NEEDS_REVIEW) is not bool(self.khiem_khuyet):
            raise CheckError(
                "trang_thai là needs_review đúng khi có khiem_khuyet.",
                "trang_thai is needs_review exactly where khiem_khuyet is not empty.",
                "trang_thai",
            )
        return self


class RegimeModel(Strict):
    """What is known of a regulation itself."""

    ten: Line
    so_hieu: Line | None
    ngay: date | None
    co_quan: Line
    tinh_trang: Line


class DatasetFile(Strict):
    phien_ban: Annotated[int, Field(ge=0)]
    van_ban: dict[Regime, RegimeModel]
    muc: tuple[DatasetModel, ...]


class UnitKind(StrEnum):
    ANNEX_2023 = "annex_2023"
    AGENCY = "agency"
    SUB_PROVIDER = "sub_provider"
    COMMUNE = "commune"
    WARD = "ward"
    FORMER_DISTRICT = "former_district"
    FORMER_COMMUNE = "former_commune"


class UnitLevel(StrEnum):
    PROVINCE = "province"
    CENTRAL = "central"
    ORGANISATION = "organisation"
    DISTRICT = "district"
    COMMUNE = "commune"


class UnitModel(Strict):
    """One unit. `rang_buoc`: bound by its regulation, or only encouraged (2023 Điều 2.2)."""

    ma: Line
    ten: Line
    ten_in: Printed | None = None
    loai: UnitKind
    cap: UnitLevel
    rang_buoc: bool = True
    ten_khac: tuple[Line, ...] = ()
    ma_chinh_thuc: Line | None = None
    truc_thuoc: Line | None = None
    hieu_luc_tu: date | None = None
    hieu_luc_den: date | None = None
    nay_thuoc: tuple[Line, ...] = ()
    can_cu: Line


class UnitFile(Strict):
    muc: tuple[UnitModel, ...]


class CrosswalkModel(Strict):
    """One link from a unit as printed in 2023 to an agency of 2026; a split unit has several."""

    tu: Line
    sang: Line | None
    linh_vuc: Line | None = None
    kieu: Annotated[str, Field(pattern="^(same|renamed|merged|split|none)$")]
    tin_cay: Confidence
    nguon: Line


class CrosswalkFile(Strict):
    muc: tuple[CrosswalkModel, ...]


class ContactModel(Strict):
    """A person in a unit's own `dau_moi.yaml`."""

    ho_ten: Line
    chuc_vu: str
    dien_thoai: str
    thu_dien_tu: str


class ContactRoles(Strict):
    lanh_dao: ContactModel | None = None
    cong_chuc: ContactModel | None = None
