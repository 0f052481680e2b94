"""Check a CSV file row by row with a pydantic model, as most home-made checkers do."""

import csv
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError


def number(text: str) -> float:
    if not text:
        raise ValueError(text)
    whole, _, part = text.partition(",")
    groups = whole.split(".")
    if len(groups) > 1 and any(len(group) != 3 for group in groups[1:]):
        raise ValueError(text)
    return float("".join(groups) + "." + (part or "0"))


def day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone


class Row(BaseModel):
    ma_chi_tieu: Annotated[str, Field(pattern=r"^KDL-M-016\.[0-9]{3}$")]
    ten_chi_tieu: str
    don_vi_tinh: Literal["đồng/kg", "đồng/lít", "đồng/bao"]
    ky_bao_cao: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$")]
    dia_ban: Annotated[str, Field(pattern=r"^[0-9]{5}$")]
    gia_tri: Annotated[float, BeforeValidator(number), Field(ge=0)]
    trang_thai_so_lieu: Literal["uoc_tinh", "so_bo", "chinh_thuc"]
    ngay_chot: Annotated[date, BeforeValidator(day)]
    ghi_chu: str


found = 0
with Path(sys.argv[1]).open(encoding="utf-8", newline="") as stream:
    for record in csv.DictReader(stream):
        try:
            Row.model_validate(record)
        except ValidationError as error:
            found += error.error_count()
sys.stdout.write(f"{found}\n")
