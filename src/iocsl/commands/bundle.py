"""`iocsl bundle`: make a bundle, review, approve or return it, look at it, verify it."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import config
from iocsl.commands.bundle_exchange import attach, export, make_keys
from iocsl.commands.bundle_pages import (
    BundlePath,
    report,
    report_unsigned,
    show_turn,
    verdicts_text,
)
from iocsl.commands.bundle_screen import page_of
from iocsl.commands.bundle_sealed import decrypt, encrypt
from iocsl.commands.bundle_sheet import sheet
from iocsl.commands.keys import Key, PassphraseFile, open_key
from iocsl.commands.options import (
    DatasetCode,
    PeriodId,
    UnitName,
    as_json,
    command,
    new_app,
    unit_or_own,
)
from iocsl.commands.validate_after import Answered, reasons_given
from iocsl.console.output import emit, emit_json, note
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, usage
from iocsl.text import help_text, say, squeeze, tr

if TYPE_CHECKING:
    from iocsl.bundle.drafts import Draft

_IDENTITY = re.compile(r"[0-9a-f]{64}")


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
    command(group, "export", "Xuất ra để ký bằng phần mềm khác", "Export for another program")(
        export
    )
    command(group, "sheet", "In phiếu trình ký (PDF)", "Print the approval sheet (PDF)")(sheet)
    command(
        group,
        "attach",
        "Đưa chữ ký, dấu thời gian làm ở nơi khác vào gói",
        "Add a signature or time-stamp made elsewhere",
    )(attach)
    command(
        group, "encrypt", "Mã hóa gói cho kho và đơn vị", "Encrypt for the warehouse and the unit"
    )(encrypt)
    command(group, "decrypt", "Mở gói đã mã hóa", "Open an encrypted bundle")(decrypt)
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
    dataset: DatasetCode = None,
    unit: UnitName = None,
    period: PeriodId = None,
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
    answer: Answered = None,
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
    from iocsl.bundle.gate import declares_personal
    from iocsl.bundle.overview import overview_of_draft
    from iocsl.bundle.signers import EXTERNAL
    from iocsl.catalog import open_catalogue
    from iocsl.ledger.chain import Chain

    target = output
    if target is not None and target.suffix.lower() not in {".asice", ".zip"}:
        raise usage(
            "wrong-bundle-name",
            f"Tên gói “{target.name}” phải có đuôi .asice hoặc .zip.",
            f"The bundle's name “{target.name}” must end in .asice or .zip.",
            ("Ví dụ: -o goi.asice", "For example: -o goi.asice"),
        )
    request = drafts.Request(
        tuple(files),
        tuple(attach or ()),
        dataset,
        unit_or_own(unit),
        period,
        sequence,
        _identity_of(supersedes),
        reasons_given(answer, None),
    )
    catalogue = open_catalogue()
    draft = drafts.prepare(request, catalogue, Chain.open())
    if asked := _answers_asked(draft):
        request = replace(request, reasons={**request.reasons, **asked})
        draft = drafts.prepare(request, catalogue, Chain.open())
    slip = draft.slip
    name = f"{slip.dataset}_{slip.period}_{slip.unit}_{slip.sequence}.asice"
    target = target or files[0].parent / name
    workflow.check_output(target)
    note(page_of(overview_of_draft(draft, catalogue)))
    if declares_personal(catalogue, slip.dataset):
        note(
            tr(
                "Biểu này có dữ liệu cá nhân: khi nộp, gói được mã hóa để chỉ kho và đơn vị mở"
                " được. Gói chưa mã hóa thì giữ ở nơi chỉ người có trách nhiệm mở được.",
                "This form holds personal data: submitting encrypts the bundle so that only the"
                " warehouse and the unit open it. Keep it where only those responsible can.",
            )
        )
    if not not_secret and not _declared():
        raise drafts.secrecy_undeclared()
    if key == EXTERNAL:
        workflow.create_unsigned(draft, target)
        report_unsigned(target, slip.identity())
        return
    note(tr("Ký bước 1 (nhập liệu).", "Signing step 1 (prepared)."))
    report(workflow.create(draft, open_key(key, passphrase_file), target))


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
    show_turn(bundle, step)
    note(
        tr(
            f"Ký trả lại gói ở bước {step}, lý do: {reason}",
            f"Signing the return of the bundle at step {step}, reason: {reason}",
        )
    )
    report(workflow.act(bundle, step, open_key(key, passphrase_file), reason=reason))


def show_bundle(bundle: BundlePath) -> None:
    from iocsl.bundle.overview import overview_of_bundle
    from iocsl.catalog import open_catalogue

    page = overview_of_bundle(bundle, config.home(), open_catalogue())
    if as_json():
        emit_json(page.document())
    else:
        emit(page_of(page))


def verify_bundle(
    bundles: Annotated[
        list[Path],
        typer.Argument(
            metavar="BUNDLE...", help=help_text("Các gói nộp (.asice hoặc .zip)", "The bundles")
        ),
    ],
) -> None:
    from iocsl.bundle.verify import Policy, verify

    policy = Policy.from_home(config.home())
    verdicts = [(each, verify(each, policy)) for each in bundles]
    if as_json():
        documents = [verdict.document() for _, verdict in verdicts]
        emit_json(documents[0] if len(documents) == 1 else documents)
    else:
        emit(verdicts_text(verdicts))
    found = {verdict.verdict for _, verdict in verdicts}
    for word, code in (("invalid", ExitCode.INTEGRITY), ("undecided", ExitCode.UNDECIDED)):
        if word in found:
            raise typer.Exit(int(code))


def _agree(bundle: Path, step: int, key: str, passphrase_file: Path | None) -> None:
    from iocsl.bundle import workflow
    from iocsl.bundle.records import ROLE_NAMES

    show_turn(bundle, step)
    role = say(ROLE_NAMES[step])
    note(tr(f"Ký bước {step} ({role}).", f"Signing step {step} ({role})."))
    report(workflow.act(bundle, step, open_key(key, passphrase_file)))


def _answers_asked(draft: Draft) -> dict[str, str]:
    """What is said, where there is someone to ask, to the warnings that have no answer yet."""
    from iocsl.bundle.records import first_warnings, unanswered

    document = draft.report_document()
    codes = unanswered(document)
    if not codes or not sys.stdin.isatty():
        return {}
    messages = first_warnings(document)
    given: dict[str, str] = {}
    for code in codes:
        note(tr(f"Cảnh báo {code}: {messages[code]}", f"Warning {code}: {messages[code]}"))
        given.update(_answer_asked(code))
    return given


def _answer_asked(code: str) -> dict[str, str]:
    """One answer, asked for until it can be taken; nothing where nothing is typed."""
    while True:
        sys.stderr.write(tr("Giải trình (Enter: để trống): ", "Answer (Enter: none): "))
        sys.stderr.flush()
        reason = squeeze(sys.stdin.readline())
        if not reason:
            return {}
        try:
            return reasons_given([(code, reason)], None)
        except IocslError as error:
            note(say(error.message))


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
