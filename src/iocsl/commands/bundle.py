"""`iocsl bundle`: make a bundle, review, approve or return it, look at it, verify it."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl import clock, config
from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, note
from iocsl.domain import ExitCode
from iocsl.errors import is_folder, missing_file, usage
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.bundle.overview import Overview
    from iocsl.bundle.signers import Signer
    from iocsl.bundle.verdict import Verdict
    from iocsl.bundle.workflow import Done

PASSPHRASE_VARIABLE = "IOCSL_PASSPHRASE"  # noqa: S105 - the name of a variable, not its value
_IDENTITY = re.compile(r"[0-9a-f]{64}")

BundlePath = Annotated[
    Path,
    typer.Argument(metavar="BUNDLE", help=help_text("Gói nộp (.asice hoặc .zip)", "The bundle")),
]
Key = Annotated[
    str,
    typer.Option(
        "--key",
        metavar="KEY",
        help=help_text(
            "Khóa ký của bạn: tệp .p12, .pfx hoặc thiết bị ký pkcs11:…",
            "Your key: a .p12 or .pfx file, or a token as pkcs11:…",
        ),
    ),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help=help_text(
            f"Tệp riêng của bạn, dòng đầu là mật khẩu khóa (hoặc biến {PASSPHRASE_VARIABLE})",
            f"Your own file, its first line the passphrase (or set {PASSPHRASE_VARIABLE})",
        ),
    ),
]


def add(app: typer.Typer) -> None:
    group = new_app(
        "Gói nộp: lập, thẩm định, phê duyệt, kiểm tra chữ ký",
        "Bundles: make, review, approve, verify",
    )
    command(group, "create", "Lập gói và ký bước 1", "Make a bundle and sign step 1")(create)
    command(group, "review", "Thẩm định và ký bước 2", "Review and sign step 2")(review)
    command(group, "approve", "Phê duyệt và ký bước 3", "Approve and sign step 3")(approve)
    command(group, "return", "Trả lại gói, kèm lý do", "Return the bundle with a reason")(give_back)
    command(group, "show", "Xem gói trên một màn hình", "The bundle on one screen")(show_bundle)
    command(group, "verify", "Kiểm tra gói và các chữ ký", "Verify bundle and signatures")(
        verify_bundle
    )
    command(group, "attach", "Bổ sung dấu thời gian đang thiếu", "Add the pending time-stamp")(
        attach
    )
    keys = new_app("Khóa ký", "Signing keys")
    command(keys, "test", "Tạo khóa thử nghiệm cho ba người", "Make test keys for three people")(
        make_keys
    )
    group.add_typer(keys, name="keys")
    app.add_typer(group, name="bundle")


def create(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help=help_text("Các tệp dữ liệu", "The data files")),
    ],
    *,
    key: Key,
    attach: Annotated[
        list[Path] | None,
        typer.Option(
            "--attach", metavar="FILE", help=help_text("Tệp đính kèm", "A file to attach")
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            "--dataset",
            metavar="CODE",
            help=help_text("Mã bộ dữ liệu, ví dụ KDL-M-016", "Dataset code, e.g. KDL-M-016"),
        ),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(
            "--unit", metavar="UNIT", help=help_text("Đơn vị (mã hoặc tên)", "Unit (id or name)")
        ),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            metavar="ID",
            help=help_text("Kỳ báo cáo, ví dụ 2026-10", "Period, e.g. 2026-10"),
        ),
    ] = None,
    sequence: Annotated[
        int | None,
        typer.Option(
            "--sequence",
            min=1,
            metavar="N",
            help=help_text("Lần nộp thứ mấy (mặc định: số kế tiếp)", "Number (default: the next)"),
        ),
    ] = None,
    supersedes: Annotated[
        str | None,
        typer.Option(
            "--supersedes",
            metavar="IDENTITY|BUNDLE",
            help=help_text("Gói mà gói này thay thế", "The bundle that this one replaces"),
        ),
    ] = None,
    not_secret: Annotated[
        bool,
        typer.Option(
            "--khong-mat",
            "--not-secret",
            help=help_text(
                "Cam kết dữ liệu không phải bí mật nhà nước, không phải thông tin nội bộ",
                "Declare that the data are neither state secrets nor internal information",
            ),
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help=help_text("Tên gói", "The bundle")),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from iocsl.bundle import drafts, workflow
    from iocsl.bundle.overview import overview_of_draft
    from iocsl.catalog import open_catalogue
    from iocsl.ledger.chain import Chain

    target = output
    if target is not None and target.suffix.lower() not in {".asice", ".zip"}:
        raise usage(
            "wrong-bundle-name",
            f"Tên gói “{target.name}” phải có đuôi .asice hoặc .zip.",
            f"The bundle's name “{target.name}” must end in .asice or .zip.",
        )
    request = drafts.Request(
        tuple(files),
        tuple(attach or ()),
        dataset,
        unit or config.load().text("unit"),
        period,
        sequence,
        _identity_of(supersedes),
    )
    catalogue = open_catalogue()
    draft = drafts.prepare(request, catalogue, Chain.open())
    slip = draft.slip
    name = f"{slip.dataset}_{slip.period}_{slip.unit}_{slip.sequence}.asice"
    target = target or files[0].parent / name
    workflow.check_output(target)
    note(_page(overview_of_draft(draft, catalogue)))
    if not not_secret and not _declared():
        raise drafts.secrecy_undeclared()
    note(tr("Ký bước 1 (nhập liệu).", "Signing step 1 (prepared)."))
    _report(workflow.create(draft, _open(key, passphrase_file), target))


def review(bundle: BundlePath, key: Key, passphrase_file: PassphraseFile = None) -> None:
    _agree(bundle, 2, key, passphrase_file)


def approve(bundle: BundlePath, key: Key, passphrase_file: PassphraseFile = None) -> None:
    _agree(bundle, 3, key, passphrase_file)


def give_back(
    bundle: BundlePath,
    key: Key,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            metavar="TEXT",
            help=help_text("Lý do trả lại (bắt buộc)", "Why it is returned (required)"),
        ),
    ],
    passphrase_file: PassphraseFile = None,
) -> None:
    from iocsl.bundle import workflow
    from iocsl.bundle.complaints import no_reason

    if not reason.strip():
        raise no_reason()
    step = workflow.next_step(bundle)
    _show_turn(bundle, step)
    note(
        tr(
            f"Ký trả lại gói ở bước {step}, lý do: {reason}",
            f"Signing the return of the bundle at step {step}, reason: {reason}",
        )
    )
    _report(workflow.act(bundle, step, _open(key, passphrase_file), reason=reason))


def attach(
    bundle: BundlePath,
    timestamp: Annotated[
        bool,
        typer.Option(
            "--timestamp",
            help=help_text(
                "Xin dấu thời gian cho chữ ký cuối", "Ask for the last signature's time-stamp"
            ),
        ),
    ],
) -> None:
    from iocsl.bundle import workflow
    from iocsl.files import sha256_of

    if not timestamp:
        raise usage(
            "nothing-to-attach",
            "Chưa nói bổ sung gì vào gói.",
            "It is not said what to add to the bundle.",
            ("Thêm --timestamp.", "Add --timestamp."),
        )
    if bundle.is_dir():
        raise is_folder(bundle)
    if not bundle.is_file():
        raise missing_file(bundle)
    step = workflow.stamp(bundle)
    if as_json():
        emit_json({"bundle": str(bundle), "step": step, "sha256": sha256_of(bundle)})
        return
    emit(
        tr(
            f"Đã bổ sung dấu thời gian cho chữ ký bước {step}.",
            f"The signature of step {step} has its time-stamp now.",
        )
    )


def show_bundle(bundle: BundlePath) -> None:
    from iocsl.bundle.overview import overview_of_bundle
    from iocsl.catalog import open_catalogue

    page = overview_of_bundle(bundle, config.home(), open_catalogue())
    if as_json():
        emit_json(page.document())
    else:
        emit(_page(page))


def verify_bundle(bundle: BundlePath) -> None:
    from iocsl.bundle.verify import Policy, verify

    verdict = verify(bundle, Policy.from_home(config.home()))
    if as_json():
        emit_json(verdict.document())
    else:
        emit(_verdict_text(bundle, verdict))
    codes = {"valid": ExitCode.OK, "invalid": ExitCode.INTEGRITY, "undecided": ExitCode.UNDECIDED}
    raise typer.Exit(int(codes[verdict.verdict]))


def make_keys(
    folder: Annotated[
        Path,
        typer.Option(
            "--dir", metavar="DIR", help=help_text("Thư mục chứa khóa", "Where the keys go")
        ),
    ],
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="UNIT", help=help_text("Đơn vị (mã hoặc tên)", "Unit")),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help=help_text("Thay bộ khóa cũ", "Replace older keys"))
    ] = False,
) -> None:
    from iocsl.bundle.testkeys import make_test_keys
    from iocsl.catalog import open_catalogue

    chosen = unit or config.load().text("unit")
    if chosen is None:
        raise usage(
            "no-unit",
            "Chưa rõ khóa thử nghiệm dùng cho đơn vị nào.",
            "It is not said which unit the test keys are for.",
            ("Thêm --unit, ví dụ: --unit CQ-TC", "Add --unit, for example: --unit CQ-TC"),
        )
    found = open_catalogue().find_unit(chosen)
    made = make_test_keys(folder, config.home(), found.id, force=force)
    if as_json():
        emit_json(
            {
                "unit": made.unit,
                "profile": "thu-nghiem",
                "keys": [str(path) for path in made.keys],
                "passphrase_file": str(made.passphrase),
                "ca": str(made.ca),
            }
        )
        return
    emit(
        tr(
            f"Đã tạo khóa THỬ NGHIỆM của ba người cho {found.name} ({made.unit}):",
            f"Made TEST keys of three people for {found.name} ({made.unit}):",
        )
    )
    for step, path in enumerate(made.keys, start=1):
        emit(tr(f"  bước {step}: {path}", f"  step {step}: {path}"))
    emit(tr(f"  mật khẩu: {made.passphrase}", f"  passphrase: {made.passphrase}"))
    emit(tr("Các khóa này không có giá trị thật.", "These keys are worth nothing."))


def _agree(bundle: Path, step: int, key: str, passphrase_file: Path | None) -> None:
    from iocsl.bundle import workflow
    from iocsl.bundle.records import ROLE_NAMES

    _show_turn(bundle, step)
    role = say(ROLE_NAMES[step])
    note(tr(f"Ký bước {step} ({role}).", f"Signing step {step} ({role})."))
    _report(workflow.act(bundle, step, _open(key, passphrase_file)))


def _show_turn(bundle: Path, step: int) -> None:
    """Refuse when it is not the turn of `step`; else show what will be signed."""
    from iocsl.bundle import workflow
    from iocsl.bundle.overview import overview_of_bundle
    from iocsl.catalog import open_catalogue

    home = config.home()
    workflow.check_turn(bundle, step, home)
    note(_page(overview_of_bundle(bundle, home, open_catalogue(), steps=step - 1)))


def _open(key: str, passphrase_file: Path | None) -> Signer:
    from iocsl.bundle.signers import open_signer

    def passphrase(name: str) -> str:
        return _passphrase(name, passphrase_file)

    settings = config.load()
    return open_signer(
        key,
        passphrase,
        pss=settings.text("signing.rsa_padding") == "pss",
        module=settings.text("signing.pkcs11_module"),
    )


def _passphrase(name: str, file: Path | None) -> str:
    """From the file, the variable or a prompt; never from the command line, where others see it."""
    from iocsl.bundle.testkeys import read_passphrase_file

    if file is not None:
        return read_passphrase_file(file)
    if (given := os.environ.get(PASSPHRASE_VARIABLE)) is not None:
        return given
    if not sys.stdin.isatty():
        raise usage(
            "no-passphrase",
            f"Chưa có mật khẩu của khóa “{name}”, và không có bàn phím để hỏi.",
            f"There is no passphrase for the key “{name}” and no keyboard to ask at.",
            (
                f"Dùng --passphrase-file hoặc đặt biến {PASSPHRASE_VARIABLE}.",
                f"Use --passphrase-file, or set {PASSPHRASE_VARIABLE}.",
            ),
        )
    import getpass

    return getpass.getpass(tr(f"Mật khẩu của khóa {name}: ", f"Passphrase of {name}: "), sys.stderr)


def _declared() -> bool:
    """Ask for the declaration where there is someone to ask."""
    if not sys.stdin.isatty():
        return False
    note(
        tr(
            "Bạn có cam kết dữ liệu này không phải bí mật nhà nước và không phải thông tin nội bộ?"
            " (1134 Điều 1 khoản 2; 2023 Điều 1 khoản 2)",
            "Do you declare that these data are neither state secrets nor internal information?"
            " (1134 Điều 1 khoản 2; 2023 Điều 1 khoản 2)",
        )
    )
    sys.stderr.write(tr("Gõ “có” để cam kết: ", "Type “yes” to declare: "))
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"có", "co", "yes"}


def _identity_of(supersedes: str | None) -> str | None:
    """The identity that an identity or a bundle file stands for. Exit 2 for anything else."""
    from iocsl.bundle.container import open_bundle
    from iocsl.bundle.refusals import RefusedError

    if supersedes is None or _IDENTITY.fullmatch(supersedes):
        return supersedes
    try:
        with open_bundle(Path(supersedes)) as bundle:
            return bundle.slip.identity()
    except (RefusedError, OSError):
        raise usage(
            "bad-supersedes",
            f"“{supersedes}” không phải mã nhận dạng, cũng không phải gói nộp.",
            f"“{supersedes}” is neither an identity nor a bundle.",
            (
                "Chỉ tệp gói bị thay thế, hoặc mã 64 ký tự của gói đó.",
                "Name the bundle that is replaced, or its identity of 64 characters.",
            ),
        ) from None


def _report(done: Done) -> None:
    from iocsl.bundle.workflow import RETURN
    from iocsl.files import sha256_of

    identity = done.slip.identity()
    if as_json():
        emit_json(
            {
                "bundle": str(done.path),
                "identity": identity,
                "step": done.step,
                "decision": "tra-lai" if done.act == RETURN else "dong-y",
                "person": done.person.name,
                "timestamp": "pending" if done.pending else None,
                "sha256": sha256_of(done.path),
            }
        )
        return
    emit(str(done.path))
    if done.act == RETURN:
        note(tr("Đã trả lại gói. Gói này kết thúc.", "Returned. This bundle has ended."))
        return
    note(
        tr(
            f"Đã ký bước {done.step}/3: {done.person.name}",
            f"Signed {done.step}/3: {done.person.name}",
        )
    )
    name = done.path.name
    after = {
        1: (
            f"Chuyển tệp này cho người thẩm định: iocsl bundle review {name} --key …",
            f"Pass this file to the reviewer: iocsl bundle review {name} --key …",
        ),
        2: (
            f"Chuyển tệp này cho thủ trưởng: iocsl bundle approve {name} --key …",
            f"Pass this file to the head: iocsl bundle approve {name} --key …",
        ),
        3: (
            f"Gói đã đủ ba chữ ký. Nộp: iocsl submit {name}",
            f"All three have signed. Send it: iocsl submit {name}",
        ),
    }
    if done.pending is not None:
        note(tr("Chưa có dấu thời gian: ", "No time-stamp yet: ") + say(done.pending.message))
        note(
            tr(
                f"Bổ sung trước khi chuyển tiếp: iocsl bundle attach {name} --timestamp",
                f"Add it before passing the bundle on: iocsl bundle attach {name} --timestamp",
            )
        )
        return
    note(tr(*after[done.step]))


def _page(page: Overview) -> str:
    """One screen, no more: what is signed."""
    slip = page.slip
    lines = [
        _line("Bộ dữ liệu", "Dataset", f"{slip.dataset}  {page.dataset_name or ''}"),
        _line("Đơn vị", "Unit", f"{slip.unit}  {page.unit_name or ''}"),
        _line("Kỳ báo cáo", "Period", slip.period),
        _line("Lần nộp", "Sequence", _sequence(slip.sequence, slip.supersedes)),
    ]
    for file in slip.files:
        kind = tr(" (đính kèm)", " (attached)") if file.name in page.attachments else ""
        lines.append(_line("Tệp", "File", f"{file.name}{kind}, {file.size:,} byte"))
    counts = page.findings
    lines.append(_line("Số dòng", "Rows", f"{page.rows}"))
    lines.append(
        _line(
            "Kiểm tra",
            "Findings",
            tr(
                f"{counts['error']} lỗi, {counts['warning']} cảnh báo, {counts['info']} lưu ý",
                f"{counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes",
            ),
        )
    )
    lines += [_line("", "", textwrap.shorten(each, _width() - 14)) for each in page.warnings[:5]]
    if page.verdict:
        lines += _signed_lines(page.verdict, page.decisions)
    lines.append(_line("Mã nhận dạng", "Identity", slip.identity()))
    if page.digest:
        lines.append(_line("SHA-256 gói", "SHA-256", page.digest))
    return "\n".join(lines)


def _line(vi: str, en: str, value: str) -> str:
    label = f"{tr(vi, en)}:" if vi else ""
    return textwrap.fill(
        value,
        _width(),
        initial_indent=f"{label:14}",
        subsequent_indent=" " * 14,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _width() -> int:
    """Columns of the terminal, at most 100; 100 where there is no terminal."""
    return max(40, min(100, shutil.get_terminal_size((100, 24)).columns))


def _sequence(sequence: int, supersedes: str | None) -> str:
    if supersedes is None:
        return str(sequence)
    return tr(
        f"{sequence}, thay thế {supersedes[:16]}…", f"{sequence}, replaces {supersedes[:16]}…"
    )


def _signed_lines(verdict: Verdict, decisions: tuple[Any, ...]) -> list[str]:
    from iocsl.bundle.records import ROLE_NAMES

    lines = []
    returned = {each["step"]: each["reason"] for each in decisions if each["reason"]}
    for step in verdict.steps:
        role = say(ROLE_NAMES[step.step])
        words = f"{step.step}. {role}: {step.person}, {clock.iso(step.signed_at)}"
        if step.step in returned:
            words += tr(f", TRẢ LẠI: {returned[step.step]}", f", RETURNED: {returned[step.step]}")
        lines.append(_line("Đã ký", "Signed", words))
    for each in verdict.refusals:
        label = ("Chưa đạt", "Refused")
        if each.undecided:
            label = ("Chưa rõ", "Undecided")
        elif each.code == "B806":
            label = ("Còn thiếu", "Missing")
        lines.append(_line(*label, f"{each.code} {say(each.message)}"))
    return lines


def _verdict_text(bundle: Path, verdict: Verdict) -> str:
    from iocsl.bundle.refusals import refusal_info

    words = {
        "valid": ("HỢP LỆ", "VALID"),
        "invalid": ("KHÔNG HỢP LỆ", "NOT VALID"),
        "undecided": ("CHƯA XÁC ĐỊNH", "UNDECIDED"),
    }
    profile = f" ({verdict.profile})" if verdict.profile else ""
    lines = [f"{bundle.name}: {tr(*words[verdict.verdict])}{profile}"]
    if slip := verdict.slip:
        lines.append(f"{slip.dataset}  {slip.unit}  {slip.period}  #{slip.sequence}")
        lines.append(_line("Mã nhận dạng", "Identity", slip.identity()))
    lines += _signed_lines(verdict, ())
    fixes = []
    for each in verdict.refusals:
        info = refusal_info(each.code)
        if info and say(info.fix) not in fixes:
            fixes.append(say(info.fix))
    lines += [tr("Cần làm: ", "What to do: ") + fix for fix in fixes]
    return "\n".join(lines)
