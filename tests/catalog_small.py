"""A catalogue of a few entries for tests of what is refused and what survives."""

from __future__ import annotations

from pathlib import Path

DATASETS = """\
phien_ban: 0
van_ban:
  QD1134:
    ten: Quy định
    so_hieu: "1134/QĐ-UBND"
    ngay: 2026-05-13
    co_quan: Chủ tịch UBND tỉnh
    tinh_trang: có hiệu lực
muc:
  - ma: KDL-D-001
    quy_dinh: QD1134
    danh_sach: D
    dong: 1
    ten: Dữ liệu khai sinh
    ten_in: Dữ liệu khai sinh
    don_vi: CQ-TP
    don_vi_in: Tư pháp
    ky: [day]
    trang_thai: active
    mau: ban_ghi
    ma_tam: true
    nguon:
      van_ban: Quyết định 1134/QĐ-UBND
      phu_luc: Phụ lục II
      danh_sach: 1. Dữ liệu cập nhật hàng ngày
      dong: 1
  - ma: KDL-D-002
    quy_dinh: QD1134
    danh_sach: D
    dong: 2
    ten: Đăng ký kết hôn
    ten_in: Đăng ký kết hôn
    don_vi: CQ-TP
    don_vi_in: Tư pháp
    ky: [day]
    trang_thai: retired
    mau: ban_ghi
    ma_tam: true
    nguon:
      van_ban: Quyết định 1134/QĐ-UBND
      phu_luc: Phụ lục II
      danh_sach: 1. Dữ liệu cập nhật hàng ngày
      dong: 2
"""
UNITS = """\
muc:
  - ma: CQ-TP
    ten: Sở Tư pháp
    ten_in: Tư pháp
    loai: agency
    cap: province
    ten_khac: [STP]
    hieu_luc_tu: 2026-05-13
    can_cu: Quyết định 1134/QĐ-UBND
"""
SCHEMA = """\
name: ban_ghi
title: Bản ghi
fields:
  - name: ten
    title: Tên
    type: string
"""
RELEASED = """\
# ma
KDL-D-001\tactive\tDữ liệu khai sinh
KDL-D-002\tretired\tĐăng ký kết hôn
CQ-TP\tactive\tSở Tư pháp
"""
FILES = {
    "phu_luc.yaml": DATASETS,
    "don_vi.yaml": UNITS,
    "schemas/ban_ghi.yaml": SCHEMA,
    "ma_da_phat_hanh.txt": RELEASED,
}


def write(folder: Path) -> Path:
    """Lay the small catalogue down in `folder`."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def edit(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the first `old` in a file; the line (from 1) that `old` began on."""
    path = folder / name
    text = path.read_text("utf-8")
    at = text.index(old)
    path.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")
    return text[:at].count("\n") + 1
