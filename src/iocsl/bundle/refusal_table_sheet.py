"""Reasons why a signed approval sheet is refused; see `refusal_table` and `sheet`."""

from __future__ import annotations

from iocsl.bundle.refusal_table import SIGNED, RefusalInfo
from iocsl.domain import Words

_SEEN = Words(
    "Người ký phiếu ký đúng những gì mình nhìn thấy, và chỉ những gì đó.",
    "Who signs a sheet signs what is seen on it, and nothing else.",
)
_SHEET_AGAIN = Words(
    "In lại phiếu và ký lại đúng tệp đó: iocsl bundle sheet GÓI --certificate TỆP.",
    "Print the sheet again and sign that very file: iocsl bundle sheet BUNDLE --certificate FILE.",
)

TABLE: tuple[RefusalInfo, ...] = (
    RefusalInfo(
        "B410",
        "sheet-unreadable",
        "Phiếu ký bước {step} không phải PDF đọc được ({detail}).",
        "The signed sheet of step {step} is not a PDF that can be read ({detail}).",
        SIGNED,
        _SEEN,
        _SHEET_AGAIN,
    ),
    RefusalInfo(
        "B411",
        "sheet-changed",
        "Phiếu ký bước {step} bị sửa sau khi ký, hoặc chữ ký không phủ toàn bộ tệp.",
        "The sheet of step {step} was changed after signing, or not all of it is signed.",
        SIGNED,
        _SEEN,
        _SHEET_AGAIN,
    ),
    RefusalInfo(
        "B412",
        "sheet-content",
        "Phiếu ký bước {step} chứa thứ không được có trên phiếu: đoạn mã, liên kết, thêm trang,"
        " hoặc hình che phần đã in ({detail}).",
        "The sheet of step {step} holds what a sheet may not: programs, links, more pages, or a"
        " picture over what was printed ({detail}).",
        SIGNED,
        _SEEN,
        Words(
            "Ký lại phiếu gốc; nếu phần mềm hiện hình chữ ký, đặt hình vào khung ở cuối trang.",
            "Sign the original sheet again; put a picture of the signature into the frame at the"
            " foot of the page.",
        ),
    ),
    RefusalInfo(
        "B413",
        "sheet-of-another",
        "Phiếu ký bước {step} là phiếu của gói khác hoặc bước khác.",
        "The sheet of step {step} is the sheet of another bundle or another step.",
        SIGNED,
        _SEEN,
        _SHEET_AGAIN,
    ),
    RefusalInfo(
        "B414",
        "sheet-altered",
        "Nội dung phiếu ký bước {step} không đúng như iocsl in ra cho gói này ({detail}).",
        "The sheet of step {step} does not say what iocsl prints for this bundle ({detail}).",
        SIGNED,
        _SEEN,
        _SHEET_AGAIN,
    ),
)
