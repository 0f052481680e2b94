"""D: marks of secrecy, and personal data where none is declared."""

from __future__ import annotations

from iocsl.catalog.schema_types import WORDED
from iocsl.domain import Regime, Severity, Words
from iocsl.patterns import regex
from iocsl.text import say, squeeze
from iocsl.validate.context import Context
from iocsl.validate.many_texts import ManyTexts
from iocsl.validate.personal import KINDS, SUSPECT, SUSPECT_LETTER, column_of, kind_of
from iocsl.validate.readers.base import shown
from iocsl.validate.registry import (
    QD1134,
    QD2023,
    REGISTRY,
    Basis,
    Fault,
    On,
    RuleInfo,
    cell_rule,
    own,
)
from iocsl.validate.secrecy_marks import LONGEST, mark_in, perhaps_marks

SCOPE: Basis = {QD2023: "Điều 1 khoản 2", QD1134: "Điều 1 khoản 2"}
PERSONAL: Basis = {QD2023: "Điều 3 khoản 1", QD1134: "Điều 4 khoản 2"}
"""Lawful, and safe in sending and keeping (2023); protection of personal data (1134)."""
SINCE = "0.1.0"

_INTERNAL = regex(r"(LƯU HÀNH NỘI BỘ|NỘI BỘ|TÀI LIỆU NỘI BỘ)")
_INTERNAL_LETTER = regex("[Ộ]")


def secrecy_mark(cell: object, regime: Regime | None) -> str | None:
    """The mark that a cell consists of, as the gate before signing sees it too.

    Internal information is kept out by the regime of 2023 alone (Điều 1 khoản 2), where its mark
    stands in capitals as on documents.
    """
    if not isinstance(cell, str):
        return None
    mark = mark_in(cell)
    if mark is None and regime is Regime.QD2023 and len(cell) < LONGEST:
        found = _INTERNAL.fullmatch(squeeze(cell))
        mark = found[1] if found else None
    return mark


def perhaps_marked(many: ManyTexts, regime: Regime | None) -> list[int]:
    """Positions of texts of which `secrecy_mark` may say something."""
    internal = many.holding(_INTERNAL, _INTERNAL_LETTER) if regime is Regime.QD2023 else []
    return [*perhaps_marks(many), *internal]


def mark_fault(mark: str, where: Words | None = None) -> tuple[RuleInfo, Fault]:
    """What is said of a mark; `where` it is, if not in a cell."""
    place = Words(f", ở {where.vi}", f", in {where.en}") if where else own("")
    return REGISTRY.infos["D901"], Fault(mark=mark, where=place)


@cell_rule(
    "D901",
    "secrecy-mark",
    Severity.ERROR,
    on=On.TEXT,
    quick=lambda many, context: perhaps_marked(many, context.regime),
    vi="Tệp có dấu chỉ mức bảo mật “{mark}”{where}. Kho dữ liệu dùng chung không nhận dữ liệu này.",
    en="The file bears the mark “{mark}”{where}. The shared warehouse does not take such data.",
    hint=(
        "Dừng lại, không gửi qua mạng. Xử lý theo quy định về bảo vệ bí mật nhà nước.",
        "Stop, and do not send it over a network. Follow the rules on state secrets.",
    ),
    basis=SCOPE,
    since=SINCE,
)
def marked_as_secret(text: str, context: Context) -> Fault | None:
    """MẬT, TỐI MẬT or TUYỆT MẬT, as it is stamped: alone in a cell in any case, spacing and font,
    with a degree of urgency, or in capitals at an end of a title or in brackets.

    It is looked for in and around tables, on every sheet, in names of sheets and of the file, in
    page headers, notes on cells, drawings and properties of a workbook. "Mật độ", "mật ong",
    "bảo mật" and counts of secret papers are ordinary words.

    Why: both regulations keep state secrets out, that of 2023 internal information too. No bundle
    is made of a file with such a mark.
    Fix: do not send the file. If the mark is a mistake, remove it with the consent of who set it.
    """
    mark = secrecy_mark(text, context.regime)
    return mark_fault(mark)[1] if mark else None


@cell_rule(
    "D902",
    "undeclared-personal-number",
    Severity.WARNING,
    where=lambda field: field.type in WORDED and not field.personal,
    quick=lambda many, _: many.holding(SUSPECT, SUSPECT_LETTER),
    vi="Cột “{title}” có vẻ chứa {kind}, nhưng không được khai là dữ liệu cá nhân.",
    en="Column “{title}” seems to hold {kind}, but is not declared personal.",
    hint=(
        "Xóa khỏi tệp nếu biểu không yêu cầu; nếu cần, khai du_lieu_ca_nhan: true cho cột.",
        "Remove it where the form does not ask for it; else declare du_lieu_ca_nhan: true.",
    ),
    basis=PERSONAL,
    since=SINCE,
)
def undeclared_personal_number(value: object, context: Context) -> Fault | None:
    """A citizen's number, a phone, an account, an e-mail address in a column that is shown and kept
    as ordinary text.

    Where a tenth of the rows have one, it is the column that holds them, and one finding counts.

    Why: personal data are masked, encrypted and asked for only where declared. No bundle is made of
    a file that holds them elsewhere without its signers saying so.
    Fix: remove them or declare the column.
    """
    text = shown(value)
    kind = kind_of(text, column_of(context.field, ""))
    if kind is None:
        return None
    return Fault(masked=True, title=context.field.title, kind=say(KINDS[kind]))
