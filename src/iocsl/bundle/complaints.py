"""What goes wrong at the desks, in words: the refusals of `workflow` and `external`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from iocsl.bundle.identity import Slip
from iocsl.bundle.records import ROLE_NAMES
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.verdict import UNDECIDED, Verdict
from iocsl.domain import ExitCode, Words
from iocsl.errors import IocslError, usage


def bundle_refused(path: Path, verdict: Verdict) -> IocslError:
    """Every reason of a verdict in one refusal, the first one's advice as the hint."""
    first = verdict.refusals[0]
    vi = "; ".join(f"{each.code} {each.message.vi}" for each in verdict.refusals)
    en = "; ".join(f"{each.code} {each.message.en}" for each in verdict.refusals)
    undecided = verdict.verdict == UNDECIDED
    return IocslError(
        first.name,
        f"Gói “{path.name}” {'chưa xác định được' if undecided else 'không hợp lệ'}: {vi}",
        f"The bundle “{path.name}” is {'undecided' if undecided else 'not valid'}: {en}",
        first.fix,
        ExitCode.UNDECIDED if undecided else ExitCode.INTEGRITY,
    )


def no_reason() -> IocslError:
    """2023 Điều 7.3.a: who does not approve writes the reason. Exit 2."""
    return usage(
        "no-reason",
        "Trả lại gói phải ghi rõ lý do (2023 Điều 7 khoản 3 điểm a).",
        "A bundle is returned with its reason (2023 Điều 7 khoản 3 điểm a).",
        ('Thêm --reason "…"', 'Add --reason "…"'),
    )


def not_answered(slip: Slip, codes: Sequence[str]) -> IocslError:
    """Nobody here agrees to a warning to which the unit says nothing. Exit 2."""
    named, first = ", ".join(codes), codes[0]
    return usage(
        "not-answered",
        f"Gói {slip.dataset} kỳ {slip.period} còn cảnh báo chưa giải trình: {named}. Chưa ký.",
        f"{slip.dataset} for {slip.period} has warnings without an answer: {named}. Not signed.",
        (
            f'Lập lại gói với giải trình: iocsl bundle create … --answer {first} "lý do"',
            f'Make it again with answers: iocsl bundle create … --answer {first} "reason"',
        ),
    )


def cannot_sign(path: Path, step: int, refused: RefusedError) -> IocslError:
    """The bundle is good, but this key may not sign the step: exit 4."""
    reason = refused.refusal
    return IocslError(
        reason.name,
        f"Khóa này không ký được bước {step} của gói “{path.name}”: {reason.message.vi}",
        f"This key cannot sign step {step} of “{path.name}”: {reason.message.en}",
        reason.fix,
        ExitCode.INTEGRITY,
    )


def not_the_turn(path: Path, step: int, signed: int) -> IocslError:
    role = ROLE_NAMES[step]
    if signed >= step:
        words = Words(
            f"Gói “{path.name}” đã có bước {step} ({role.vi}).",
            f"The bundle “{path.name}” has step {step} ({role.en}) already.",
        )
    else:
        words = Words(
            f"Gói “{path.name}” mới có {signed} chữ ký, chưa đến bước {step} ({role.vi}).",
            f"“{path.name}” has {signed} signatures; it is not yet step {step} ({role.en}).",
        )
    return usage(
        "not-the-turn",
        words.vi,
        words.en,
        (
            f"Xem ai đã ký: iocsl bundle show {path.name}",
            f"See who signed: iocsl bundle show {path.name}",
        ),
    )


def no_authority() -> IocslError:
    return IocslError(
        "no-tsa",
        "Chưa đặt máy chủ dấu thời gian.",
        "No time-stamp authority is set.",
        (
            "Đặt signing.tsa_url trong config.toml theo hướng dẫn của nơi cấp chứng thư.",
            "Set signing.tsa_url in config.toml as the issuer of your certificate tells.",
        ),
    )


def nothing_pending(path: Path) -> IocslError:
    return usage(
        "nothing-pending",
        f"Gói “{path.name}” không có chữ ký nào đang chờ dấu thời gian.",
        f"No signature of the bundle “{path.name}” waits for a time-stamp.",
        (
            f"Chuyển gói cho bước sau: iocsl bundle show {path.name}",
            f"Pass it on: iocsl bundle show {path.name}",
        ),
    )


def not_signed_here(path: Path) -> IocslError:
    return IocslError(
        "not-signed-here",
        f"Sổ nhật ký không ghi việc nào về gói “{path.name}”.",
        f"The ledger records no act on the bundle “{path.name}”.",
        (
            "Nếu gói này đã ký trên chính máy này thì sổ đã bị mất mục; hãy báo cán bộ CNTT.",
            "If it was signed on this machine, entries were lost; tell your IT officer.",
        ),
        ExitCode.INTEGRITY,
    )


def output_exists(path: Path) -> IocslError:
    return usage(
        "output-exists",
        f"Đã có tệp “{path}”, không ghi đè.",
        f"“{path}” is there already and is not overwritten.",
        ("Chọn tên khác bằng -o, hoặc cất tệp cũ đi.", "Choose another name with -o."),
    )


def read_only(path: Path) -> IocslError:
    """The bundle lies where nothing can be written: a CD, a locked stick, a share without right."""
    return IocslError(
        "read-only-folder",
        f"Thư mục “{path.parent}” chỉ cho đọc, không ghi được gói đã ký vào đó.",
        f"The folder “{path.parent}” is read-only; a signed bundle cannot be written there.",
        (
            "Chép gói về một thư mục trên máy rồi ký ở đó; gói ở chỗ cũ không thay đổi.",
            "Copy the bundle to a folder of this machine and sign there; it is unchanged here.",
        ),
    )


def changed_meanwhile(path: Path) -> IocslError:
    return IocslError(
        "changed-meanwhile",
        f"Gói “{path.name}” đã bị thay đổi trong lúc bạn ký, có thể do người khác vừa ký.",
        f"The bundle “{path.name}” changed while you were signing; someone else may have signed.",
        (
            "Xem lại gói rồi ký lại nếu cần: iocsl bundle show",
            "Look at the bundle again and sign if needed: iocsl bundle show",
        ),
        ExitCode.INTEGRITY,
    )
