"""D: marks of secrecy, and personal data where none is declared."""

from __future__ import annotations

from iocsl.domain import Regime, Severity
from iocsl.patterns import regex
from iocsl.text import squeeze
from iocsl.validate.context import Context
from iocsl.validate.readers.base import shown
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, On, cell_rule
from iocsl.validate.rules.identifiers import CITIZEN

SCOPE: Basis = {QD2023: "Điều 1 khoản 2", QD1134: "Điều 1 khoản 2"}
PERSONAL: Basis = {QD1134: "Điều 4 khoản 2"}
SINCE = "0.1.0"

_SECRET = regex(r"(?:ĐỘ MẬT ?: ?)?(TUYỆT MẬT|TỐI MẬT|MẬT)")
_INTERNAL = regex(r"(LƯU HÀNH NỘI BỘ|NỘI BỘ|TÀI LIỆU NỘI BỘ)")
_LONG_NUMBER = regex(r"(?<![0-9])0[0-9]{2}(?:[ .-]?[0-9]{3}){3}(?![0-9])")
_BETWEEN = regex(r"[ .-]")


def secrecy_mark(cell: object, regime: Regime | None) -> str | None:
    """The mark that a cell consists of, written as on documents: in capitals, alone.

    Internal information is kept out by the regime of 2023 alone (Điều 1 khoản 2).
    """
    if not isinstance(cell, str) or not 2 < len(cell) < 40:
        return None
    text = squeeze(cell)
    found = _SECRET.fullmatch(text)
    if found is None and regime is Regime.QD2023:
        found = _INTERNAL.fullmatch(text)
    return found[1] if found else None


@cell_rule(
    "D901",
    "secrecy-mark",
    Severity.ERROR,
    on=On.TEXT,
    vi="Tệp có dấu chỉ mức bảo mật “{mark}”. Kho dữ liệu dùng chung không nhận dữ liệu này.",
    en="The file bears the mark “{mark}”. The shared warehouse does not take such data.",
    hint=(
        "Dừng lại, không gửi qua mạng. Xử lý theo quy định về bảo vệ bí mật nhà nước.",
        "Stop, and do not send it over a network. Follow the rules on state secrets.",
    ),
    basis=SCOPE,
    since=SINCE,
)
def marked_as_secret(text: str, context: Context) -> Fault | None:
    """A cell, in the table or above it, that holds a mark of secrecy and nothing else.

    Why: both regulations keep state secrets out, that of 2023 internal information too.
    Fix: do not send the file. If the mark is a mistake, remove it with the consent of who set it.
    """
    mark = secrecy_mark(text, context.regime)
    return Fault(mark=mark) if mark else None


@cell_rule(
    "D902",
    "undeclared-personal-number",
    Severity.WARNING,
    where=lambda field: field.type in {"string", "any"} and not field.personal,
    vi="Cột “{title}” có số giống số định danh cá nhân, nhưng không được khai là dữ liệu cá nhân.",
    en="Column “{title}” holds what looks like a citizen's number, but is not declared personal.",
    hint=(
        "Xóa số đó nếu biểu không yêu cầu; nếu cần, khai du_lieu_ca_nhan: true cho cột.",
        "Remove it where the form does not ask for it; else declare du_lieu_ca_nhan: true.",
    ),
    basis=PERSONAL,
    since=SINCE,
)
def undeclared_personal_number(value: object, context: Context) -> Fault | None:
    """A twelve-digit citizen's number in a column that is shown and kept as ordinary text.

    Why: personal data are masked, encrypted and asked for only where declared.
    Fix: remove the number or declare the column.
    """
    text = shown(value)
    if len(text) < 12:
        return None
    numbers = (_BETWEEN.sub("", each) for each in _LONG_NUMBER.findall(text))
    if not any(map(CITIZEN.fullmatch, numbers)):
        return None
    return Fault(title=context.field.title)
