"""Reasons why a delegation, or a copy of a bundle, is refused; see `refusal_table`."""

from __future__ import annotations

from iocsl.bundle.refusal_table import RETURNED, SIGNED, THREE_STEPS, RefusalInfo
from iocsl.domain import Words

_WHO = Words(
    "Người ký thay chỉ có quyền mà người được giao bước đó đã ký giấy giao lại, trong thời hạn.",
    "Who signs for another has only the right that the one appointed signed over, while it lasts.",
)
_DELEGATION = Words(
    "Xem giấy ủy quyền: iocsl signers list. Lập giấy mới: iocsl signers delegate sign.",
    "See the delegations: iocsl signers list. Make a new one: iocsl signers delegate sign.",
)
_OTHER_COPY = Words(
    "Hai bản của một gói không thể cùng đi tiếp: kho chỉ nhận một.",
    "Two copies of one bundle cannot both go on: the warehouse takes one.",
)
_CHOOSE = Words(
    "Hỏi người ký bản kia và giữ một bản. Nếu không thống nhất, lập gói mới thay thế:"
    " iocsl bundle create --supersedes GÓI.",
    "Ask who signed the other copy, and keep one. If you cannot agree, make a new bundle:"
    " iocsl bundle create --supersedes BUNDLE.",
)
_NEXT_NUMBER = Words(
    "Lập lại gói với số kế tiếp: iocsl bundle create --supersedes GÓI.",
    "Make the bundle again with the next number: iocsl bundle create --supersedes BUNDLE.",
)
_ONE_LINE = Words(
    "Mỗi số của một bộ, một kỳ chỉ nộp một lần, số sau thay số trước.",
    "A number of a dataset and period is submitted once, and a later one replaces the earlier.",
)

TABLE: tuple[RefusalInfo, ...] = (
    RefusalInfo(
        "B808",
        "bad-delegation",
        "Giấy ủy quyền của bước {step} không có chữ ký hợp lệ của người ủy quyền ({detail}).",
        "Step {step}: the delegation bears no valid signature of the one who gave it ({detail}).",
        THREE_STEPS,
        _WHO,
        _DELEGATION,
    ),
    RefusalInfo(
        "B809",
        "delegation-out-of-time",
        "Giấy ủy quyền của bước {step} có hiệu lực {days}, chữ ký lúc {moment}.",
        "The delegation for step {step} holds {days}; the step was signed at {moment}.",
        THREE_STEPS,
        _WHO,
        _DELEGATION,
    ),
    RefusalInfo(
        "B810",
        "nothing-to-delegate",
        "{person} không tự mình có quyền ký bước {step} nên không ủy quyền được ({detail});"
        " người được ủy quyền không ủy quyền lại.",
        "{person} has no right of his or her own to step {step} to give ({detail});"
        " a delegate does not delegate on.",
        THREE_STEPS,
        _WHO,
        _DELEGATION,
    ),
    RefusalInfo(
        "B811",
        "delegation-of-another",
        "Giấy ủy quyền của bước {step} không dành cho người, đơn vị hoặc bước này ({detail}).",
        "The delegation for step {step} is not for this person, unit or step ({detail}).",
        THREE_STEPS,
        _WHO,
        _DELEGATION,
    ),
    RefusalInfo(
        "B920",
        "other-copy-signed",
        "Bước {step} của gói này đã được ký trên một bản khác ({other}); bản này: {here}.",
        "Step {step} of this bundle was signed on another copy ({other}); on this one: {here}.",
        THREE_STEPS,
        _OTHER_COPY,
        _CHOOSE,
        undecided=True,
    ),
    RefusalInfo(
        "B921",
        "other-copy-returned",
        "Một bản khác của gói này đã bị trả lại ở bước {step} ({other}).",
        "Another copy of this bundle was returned at step {step} ({other}).",
        RETURNED,
        Words("Gói đã trả lại thì kết thúc.", "A returned bundle has ended."),
        _NEXT_NUMBER,
    ),
    RefusalInfo(
        "B922",
        "older-after-newer",
        "Kho đã nhận lần nộp số {last} của bộ và kỳ này; gói này ghi số {sequence}.",
        "The warehouse has taken number {last} of this dataset and period; this is {sequence}.",
        SIGNED,
        _ONE_LINE,
        _NEXT_NUMBER,
    ),
    RefusalInfo(
        "B923",
        "number-of-another",
        "Lần nộp số {sequence} của bộ và kỳ này là một gói khác, kho đã nhận.",
        "Number {sequence} of this dataset and period is another bundle, taken by the warehouse.",
        SIGNED,
        _ONE_LINE,
        _NEXT_NUMBER,
    ),
    RefusalInfo(
        "B924",
        "supersedes-another",
        "Gói ghi thay thế một gói của bộ, kỳ hoặc đơn vị khác ({detail}).",
        "The bundle claims to replace one of another dataset, period or unit ({detail}).",
        SIGNED,
        _ONE_LINE,
        Words(
            "Lập lại gói, chỉ đúng gói bị thay thế: iocsl bundle create --supersedes GÓI.",
            "Make it again, naming the right one: iocsl bundle create --supersedes BUNDLE.",
        ),
    ),
)
