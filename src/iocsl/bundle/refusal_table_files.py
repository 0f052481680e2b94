"""Reasons why an envelope or an attachment is refused; see `refusal_table`."""

from __future__ import annotations

from iocsl.bundle.refusal_table import RefusalInfo
from iocsl.domain import Words

PERSONAL = "1134 Điều 4 khoản 2"
ATTACHED = "1134 Điều 6 khoản 3"

TABLE: tuple[RefusalInfo, ...] = (
    RefusalInfo(
        "B116",
        "envelope-altered",
        "Gói mã hóa đã bị sửa hoặc hỏng ({detail}).",
        "The encrypted bundle was altered or damaged ({detail}).",
        PERSONAL,
        Words(
            "Chỉ mở gói mã hóa khi từng byte còn đúng như lúc mã hóa.",
            "An encrypted bundle is opened only when every byte is as it was encrypted.",
        ),
        Words(
            "Xin lại gói từ người gửi (chép nguyên tệp).",
            "Get the bundle again from its sender (copy the file whole).",
        ),
    ),
    RefusalInfo(
        "B117",
        "envelope-closed",
        "Gói đã mã hóa cho người khác, khóa ở đây không mở được.",
        "The bundle is encrypted to others; no key here opens it.",
        PERSONAL,
        Words(
            "Chưa mở thì chưa biết gói có hợp lệ hay không.",
            "As long as it is closed nobody can say whether the bundle is valid.",
        ),
        Words(
            "Mở bằng khóa của nơi nhận: iocsl bundle decrypt GÓI --key KHÓA.p12",
            "Open it with a recipient's key: iocsl bundle decrypt BUNDLE --key KEY.p12",
        ),
        undecided=True,
    ),
    RefusalInfo(
        "B118",
        "envelope-unopened",
        "Gói đang ở dạng mã hóa, cần mở ra trước.",
        "The bundle is encrypted; it has to be opened first.",
        PERSONAL,
        Words(
            "Xem và ký là trên gói đã mở; mã hóa là để gửi đi.",
            "Bundles are looked at and signed open; encryption is for sending them.",
        ),
        Words(
            "Mở gói: iocsl bundle decrypt GÓI -o goi.asice",
            "Open it: iocsl bundle decrypt BUNDLE -o bundle.asice",
        ),
    ),
    RefusalInfo(
        "B911",
        "attachment-refused",
        "Tệp đính kèm “{name}” không được nhận: {reason}.",
        "The attachment “{name}” is not taken: {reason_en}.",
        ATTACHED,
        Words(
            "Kho nhận hai mươi loại tệp, và tệp phải đúng là loại mà tên nó ghi.",
            "The warehouse takes twenty types of files, and a file must be what its name says.",
        ),
        Words(
            "Bỏ hoặc thay tệp đính kèm rồi lập lại gói.",
            "Leave the attachment out or replace it, and make the bundle again.",
        ),
    ),
    RefusalInfo(
        "B912",
        "personal-data-in-clear",
        "Bộ dữ liệu này có dữ liệu cá nhân mà gói không được mã hóa.",
        "This dataset holds personal data, and the bundle is not encrypted.",
        PERSONAL,
        Words(
            "Dữ liệu cá nhân chỉ đi và nằm ở dạng mã hóa.",
            "Personal data travel and are kept encrypted.",
        ),
        Words(
            "Nộp bằng iocsl submit: gói được mã hóa trên đường gửi.",
            "Send it with iocsl submit, which encrypts it on the way.",
        ),
    ),
)
