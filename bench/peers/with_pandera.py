"""Check the same columns with pandas and pandera."""

import sys

import pandas as pd
import pandera.pandas as pa

frame = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
NUMBER = r"-?[0-9]{1,3}(\.[0-9]{3})*(,[0-9]+)?|-?[0-9]+(,[0-9]+)?"
text = pa.Column(str)


def not_negative(texts: "pd.Series[str]") -> "pd.Series[bool]":
    plain = texts.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(plain, errors="coerce")
    return numbers.isna() | (numbers >= 0)


schema = pa.DataFrameSchema(
    {
        "ma_chi_tieu": pa.Column(str, pa.Check.str_matches(r"^KDL-M-016\.[0-9]{3}$")),
        "ten_chi_tieu": text,
        "don_vi_tinh": pa.Column(str, pa.Check.isin(["đồng/kg", "đồng/lít", "đồng/bao"])),
        "ky_bao_cao": pa.Column(str, pa.Check.str_matches(r"^[0-9]{4}-[0-9]{2}$")),
        "dia_ban": pa.Column(str, pa.Check.str_matches(r"^[0-9]{5}$")),
        "gia_tri": pa.Column(
            str, [pa.Check.str_matches(f"^(?:{NUMBER})$"), pa.Check(not_negative)]
        ),
        "trang_thai_so_lieu": pa.Column(str, pa.Check.isin(["uoc_tinh", "so_bo", "chinh_thuc"])),
        "ngay_chot": pa.Column(
            str,
            pa.Check(lambda days: pd.to_datetime(days, format="%d/%m/%Y", errors="coerce").notna()),
        ),
        "ghi_chu": text,
    }
)
try:
    schema.validate(frame, lazy=True)
    found = 0
except pa.errors.SchemaErrors as error:
    found = len(error.failure_cases)
sys.stdout.write(f"{found}\n")
