"""Models of `catalog/chi_tieu/<dataset>.yaml`: the indicators of one dataset.

Loaded only where the catalogue is built; everything else reads the mirror.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from iocsl.catalog.loader import CheckError, first_repeated
from iocsl.catalog.models import DATASET_CODE, Line, Strict

FIGURE_PERIOD = r"^(ky|nam|Q[1-4]|H[12]|9M)$"
FIGURE_STATUS = r"^(uoc_tinh|so_bo|chinh_thuc)$"


class FigureModel(Strict):
    """One figure that a form asks for: the part of the report's year, and its status."""

    ky: Annotated[str, Field(pattern=FIGURE_PERIOD)]
    trang_thai: Annotated[str, Field(pattern=FIGURE_STATUS)] | None = None


class IndicatorModel(Strict):
    """One chỉ tiêu. Its code is the dataset's code, a dot and three digits, and never changes.

    `so_lieu`: the figures that the form names (several where one form holds several periods);
    `phan_to`: how the form divides it.
    """

    ma: Annotated[str, Field(pattern=r"^[A-Z]+(-[A-Z0-9]+)+\.\d{3}$")]
    ten: Line
    don_vi_tinh: Line | None
    phuong_phap: Line | None
    hieu_luc_tu: date | None
    hieu_luc_den: date | None
    thay_bang: Line | None
    ma_tam: bool
    so_lieu: tuple[FigureModel, ...] = ()
    phan_to: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.hieu_luc_tu and self.hieu_luc_den and self.hieu_luc_den < self.hieu_luc_tu:
            raise CheckError(
                "hieu_luc_den sớm hơn hieu_luc_tu.", "hieu_luc_den is before hieu_luc_tu."
            )
        return self


class IndicatorFile(Strict):
    """The whole file. Codes are unique, belong to the dataset, and `thay_bang` never circles."""

    ma_bo_du_lieu: Annotated[str, Field(pattern=DATASET_CODE)]
    nguon: Line
    chi_tieu: Annotated[tuple[IndicatorModel, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _codes_hold_together(self) -> Self:
        codes = [each.ma for each in self.chi_tieu]
        if repeated := first_repeated(codes):
            raise CheckError(
                f"mã “{repeated[1]}” lặp lại.",
                f"the code “{repeated[1]}” is repeated.",
                *("chi_tieu", repeated[0], "ma"),
            )
        heirs = {each.ma: each.thay_bang for each in self.chi_tieu if each.thay_bang}
        for at, code in enumerate(codes):
            if not code.startswith(f"{self.ma_bo_du_lieu}."):
                raise CheckError(
                    f"mã “{code}” không thuộc bộ dữ liệu {self.ma_bo_du_lieu}.",
                    f"the code “{code}” is not of dataset {self.ma_bo_du_lieu}.",
                    *("chi_tieu", at, "ma"),
                )
            _follow(code, heirs, codes)
        return self


def _follow(code: str, heirs: dict[str, str], codes: list[str]) -> None:
    """Go along `thay_bang` from `code`; a circle or an unknown end is a fault."""
    seen = [code]
    while (heir := heirs.get(seen[-1])) is not None:
        place = ("chi_tieu", codes.index(seen[-1]), "thay_bang")
        if heir not in codes:
            raise CheckError(
                f"thay_bang “{heir}” không có trong tệp.",
                f"thay_bang “{heir}” is not in the file.",
                *place,
            )
        if heir in seen:
            raise CheckError(
                f"thay_bang đi vòng: {' → '.join([*seen, heir])}.",
                f"thay_bang goes in a circle: {' → '.join([*seen, heir])}.",
                *place,
            )
        seen.append(heir)
