"""The letter by which a unit asks to have its additions agreed to (2023 Điều 6.2, 6.3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from iocsl.catalog import letter
from iocsl.catalog.overlays import OverlayFile
from iocsl.files import replacing

_SUBJECT = "V/v đề nghị bổ sung chỉ tiêu, biểu mẫu báo cáo"
_OPENING = (
    "Căn cứ Điều 6 của Quy định Chế độ báo cáo, cập nhật và khai thác dữ liệu hệ thống thông tin "
    "báo cáo tại Trung tâm Điều hành thông minh tỉnh Sơn La, {unit} đề nghị cơ quan chủ trì biểu "
    "mẫu và cơ quan quản lý hệ thống xem xét, thống nhất bổ sung {count} chỉ tiêu, biểu mẫu trong "
    "bảng kèm theo."
)
_NOTE = (
    "Các mã bổ sung nằm trong dải mã riêng của đơn vị, không thay đổi mã đã được gán trong danh "
    "mục. Các chỉ tiêu chỉ được dùng sau khi có văn bản thống nhất."
)
_HEADINGS = ("STT", "Mã đề nghị", "Tên", "Đơn vị tính", "Phương pháp tính", "Lý do")
_WIDTHS_CM = (1.2, 4.2, 4.0, 2.0, 2.8, 2.3)


def write_request(path: Path, overlay: OverlayFile, unit: str, leaders: list[str]) -> None:
    """Draft the request to `path` (.docx): number, date and signer are left blank."""
    import docx

    document: Any = docx.Document()
    letter.start(document, unit, _SUBJECT)
    for name in leaders:
        letter.centred(document, f"Kính gửi: {name}")
    count = len(overlay.chi_tieu) + len(overlay.bieu)
    for text in (_OPENING, _NOTE):
        letter.paragraph(document, text.format(unit=unit, count=count))
    letter.paragraph(document, f"{unit[:1].upper()}{unit[1:]} trân trọng đề nghị./.")
    letter.finish(document)
    document.add_page_break()
    letter.centred(document, "BẢNG ĐỀ NGHỊ BỔ SUNG", bold=True)
    rows = [
        (each.ma, each.ten, each.don_vi_tinh or "", each.phuong_phap or "", each.ly_do)
        for each in overlay.chi_tieu
    ]
    rows += [(each.ma, each.ten, "", f"Biểu mẫu {each.cau_truc}", "") for each in overlay.bieu]
    letter.table(document, _HEADINGS, _WIDTHS_CM, [(str(n), *row) for n, row in enumerate(rows, 1)])
    with replacing(path) as stream:
        document.save(stream)
