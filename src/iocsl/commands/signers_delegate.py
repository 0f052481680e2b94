"""`iocsl signers delegate`: give another the right to sign in one's place for some days."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl import clock, config
from iocsl.commands.days import day_of
from iocsl.commands.keys import Key, PassphraseFile, open_key
from iocsl.commands.options import as_json, command, new_app, unit_or_own
from iocsl.console.output import emit, emit_json, note
from iocsl.errors import is_folder, missing_file, usage
from iocsl.text import help_text, squeeze, tr

if TYPE_CHECKING:
    from iocsl.bundle.delegating import Wanted
    from iocsl.bundle.delegation import SignedDelegation

Delegate = Annotated[
    str,
    typer.Argument(
        metavar="DELEGATE",
        help=help_text(
            "Người ký thay, đã đăng ký: mã, họ tên hoặc tệp chứng thư",
            "Who signs instead, registered: id, name or certificate file",
        ),
    ),
]
Steps = Annotated[
    list[int],
    typer.Option(
        "--step",
        min=1,
        max=3,
        metavar="1|2|3",
        help=help_text("Bước giao cho người ký thay", "The step that is handed over"),
    ),
]
Basis = Annotated[
    str,
    typer.Option(
        "--basis",
        metavar="TEXT",
        help=help_text("Văn bản ủy quyền, số và ngày", "The document it rests on"),
    ),
]
LastDay = Annotated[
    str,
    typer.Option(
        "--to", metavar="YYYY-MM-DD", help=help_text("Đến hết ngày (bắt buộc)", "Last day")
    ),
]
FirstDay = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="YYYY-MM-DD",
        help=help_text("Từ ngày (mặc định: hôm nay)", "First day (default: today)"),
    ),
]
UnitOption = Annotated[
    str | None,
    typer.Option("--unit", metavar="UNIT", help=help_text("Đơn vị (mã hoặc tên)", "Unit")),
]


def add(app: typer.Typer) -> None:
    group = new_app(
        "Ủy quyền ký thay, có chữ ký của người ủy quyền", "Let another sign in one's place"
    )
    command(group, "sign", "Lập giấy ủy quyền và ký bằng khóa của mình", "Make and sign one")(sign)
    command(
        group,
        "export",
        "Xuất giấy ủy quyền để ký bằng phần mềm khác",
        "Export one for another program to sign",
    )(export)
    command(
        group,
        "add",
        "Nhận giấy ủy quyền đã ký từ máy khác",
        "Take in one that was signed elsewhere",
    )(take)
    app.add_typer(group, name="delegate")


def sign(
    delegate: Delegate,
    *,
    key: Key,
    steps: Steps,
    basis: Basis,
    last: LastDay,
    first: FirstDay = None,
    unit: UnitOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help=help_text(
                "Chép giấy đã ký vào thư mục này để chuyển cho máy khác",
                "Copy it into this folder too, for another machine",
            ),
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from iocsl.bundle import delegating
    from iocsl.bundle.delegation import Delegations

    wanted = _wanted(delegate, steps, basis, unit=unit, first=first, last=last)
    note(_page(wanted))
    signer = open_key(key, passphrase_file)
    terms = delegating.terms_of(wanted, signer, config.home())
    note(tr(f"Ký ủy quyền: {terms.delegator.name}.", f"Delegated by {terms.delegator.name}."))
    signed = delegating.sign(terms, signer, config.home())
    if output is not None:
        Delegations(output).add(signed)
    _report(signed, Delegations.from_home(config.home()).add(signed))


def export(
    delegate: Delegate,
    *,
    certificate: Annotated[
        Path,
        typer.Option(
            "--certificate",
            metavar="FILE",
            help=help_text(
                "Chứng thư của người ủy quyền (PEM, DER)", "Certificate of the one who delegates"
            ),
        ),
    ],
    steps: Steps,
    basis: Basis,
    last: LastDay,
    first: FirstDay = None,
    unit: UnitOption = None,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help=help_text("Tệp giấy ủy quyền", "The record")
        ),
    ] = Path("uy-quyen.json"),
) -> None:
    from iocsl.bundle import delegating
    from iocsl.bundle.complaints import output_exists
    from iocsl.bundle.delegation import record_of
    from iocsl.bundle.external import Elsewhere
    from iocsl.bundle.trust import read_certificate
    from iocsl.files import write_whole

    wanted = _wanted(delegate, steps, basis, unit=unit, first=first, last=last)
    holder = Elsewhere(read_certificate(certificate))
    terms = delegating.terms_of(wanted, holder, config.home())
    if output.exists():
        raise output_exists(output)
    note(_page(wanted))
    write_whole(output, record_of(terms))
    if as_json():
        emit_json({"record": str(output), "delegator": terms.delegator.name})
        return
    emit(str(output))
    note(
        tr(
            "Ký rời (CAdES, SHA-256) tệp trên, rồi chạy:",
            "Sign this file (detached CAdES, SHA-256), then run:",
        )
    )
    note(f"  iocsl signers delegate add {output.name} {output.with_suffix('.p7s').name}")


def take(
    record: Annotated[
        Path,
        typer.Argument(
            metavar="RECORD", help=help_text("Giấy ủy quyền (.json)", "The record (.json)")
        ),
    ],
    signature: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SIGNATURE]",
            help=help_text(
                "Chữ ký (.p7s), mặc định: tệp cùng tên bên cạnh", "Its signature (.p7s)"
            ),
        ),
    ] = None,
) -> None:
    from iocsl.bundle import delegating
    from iocsl.bundle.delegation import Delegations, read_files

    for each in filter(None, (record, signature)):
        if each.is_dir():
            raise is_folder(each)
        if not each.is_file():
            raise missing_file(each)
    signed = read_files(record, signature or record.with_suffix(".p7s"))
    delegating.check(signed, config.home())
    _report(signed, Delegations.from_home(config.home()).add(signed))


def _wanted(
    delegate: str, steps: list[int], basis: str, *, unit: str | None, first: str | None, last: str
) -> Wanted:
    from iocsl.bundle.delegating import Wanted, registered
    from iocsl.bundle.register import SignerRegister
    from iocsl.catalog import open_catalogue

    chosen = unit_or_own(unit)
    if chosen is None:
        raise usage(
            "no-unit",
            "Chưa rõ ủy quyền ký cho đơn vị nào.",
            "It is not said for which unit.",
            ("Thêm --unit, ví dụ: --unit CQ-TC", "Add --unit, for example: --unit CQ-TC"),
        )
    if not squeeze(basis):
        raise usage(
            "empty-option",
            "Căn cứ không được để trống.",
            "The basis may not be empty.",
            (
                "Ghi --basis: số và ngày của văn bản ủy quyền.",
                "Give --basis: number and date of the document that delegates.",
            ),
        )
    start, end = day_of(first) or clock.record_now().date(), day_of(last)
    if end is None or end < start:
        raise usage(
            "bad-dates",
            "Ngày kết thúc trước ngày bắt đầu.",
            "The last day is too early.",
            ("Sửa --from hoặc --to.", "Mend --from or --to."),
        )
    code = open_catalogue().find_unit(chosen).id
    appointments = SignerRegister.from_home(config.home()).appointments()
    person = registered(appointments, delegate, code)
    return Wanted(person, tuple(sorted(set(steps))), start, end, squeeze(basis))


def _page(wanted: Wanted) -> str:
    """What is signed, on a few lines."""
    steps, to = ", ".join(map(str, wanted.steps)), wanted.delegate
    first, last = wanted.first_day, wanted.last_day
    return "\n".join(
        (
            tr(f"Ủy quyền ký bước {steps}, {to.unit}", f"Right to step {steps} of {to.unit}"),
            tr(f"  cho: {to.name}", f"  to: {to.name}"),
            tr(f"  từ {first} đến hết {last}", f"  from {first} to {last}, both included"),
            tr(f"  căn cứ: {wanted.basis}", f"  basis: {wanted.basis}"),
        )
    )


def _report(signed: SignedDelegation, path: Path) -> None:
    if as_json():
        emit_json(document_of(signed))
        return
    emit(str(path))
    terms = signed.terms
    note(
        tr(
            f"{terms.delegate.name} được ký thay {terms.delegator.name} đến hết {terms.last_day}."
            f" Máy khác: chép tệp này cùng tệp .p7s sang rồi chạy iocsl signers delegate add.",
            f"{terms.delegate.name} may sign for {terms.delegator.name} until {terms.last_day}."
            " On another machine: copy this file and its .p7s, then iocsl signers delegate add.",
        )
    )


def document_of(signed: SignedDelegation) -> dict[str, Any]:
    """A delegation as `signers list --format json` shows it."""
    terms = signed.terms
    return {
        "record": signed.digest,
        "unit": terms.unit,
        "steps": list(terms.steps),
        "from": terms.first_day.isoformat(),
        "to": terms.last_day.isoformat(),
        "basis": terms.basis,
        "delegator": terms.delegator.name,
        "delegate": terms.delegate.name,
        "signed_at": clock.iso(signed.signature.claimed_at),
    }
