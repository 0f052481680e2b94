"""`iocsl signers`: who may sign which step for which unit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl import clock, config
from iocsl.commands import signers_delegate
from iocsl.commands.days import day_of
from iocsl.commands.options import UnitName, as_json, command, new_app, unit_or_own
from iocsl.console.output import emit, emit_json, note, show, table
from iocsl.domain import ExitCode
from iocsl.errors import usage
from iocsl.text import help_text, say, squeeze, tr

if TYPE_CHECKING:
    from datetime import date

    from asn1crypto import x509
    from rich.console import RenderableType

    from iocsl.bundle.certificates import Anchors
    from iocsl.bundle.delegation import SignedDelegation
    from iocsl.bundle.fitness import Trouble
    from iocsl.bundle.register import Appointment


_ONLY_FOR_OTHERS = ("chỉ ký thay khi được ủy quyền", "signs for others only, by delegation")


def add(app: typer.Typer) -> None:
    group = new_app("Danh sách người ký của đơn vị", "The register of signers")
    command(group, "add", "Đăng ký một người ký", "Register a signer")(add_signer)
    command(group, "list", "Những người được ký", "Who may sign")(list_signers)
    command(
        group,
        "check",
        "Đủ ba người ký, chứng thư còn dùng được?",
        "Are three people registered, with certificates that still serve?",
    )(check_signers)
    signers_delegate.add(group)
    app.add_typer(group, name="signers")


def add_signer(
    certificate: Annotated[
        Path,
        typer.Argument(
            metavar="CERTIFICATE",
            help=help_text("Chứng thư của người ký (PEM, DER)", "The signer's certificate"),
        ),
    ],
    *,
    person: Annotated[
        str, typer.Option("--person", metavar="NAME", help=help_text("Họ tên", "Full name"))
    ],
    basis: Annotated[
        str,
        typer.Option(
            "--basis",
            metavar="TEXT",
            help=help_text("Văn bản phân công", "The document that appoints the person"),
        ),
    ],
    steps: Annotated[
        list[int] | None,
        typer.Option(
            "--step",
            min=1,
            max=3,
            metavar="1|2|3",
            help=help_text(
                "Bước được ký: 1 nhập liệu, 2 thẩm định, 3 phê duyệt; bỏ trống: chỉ ký thay",
                "Step: 1 prepared, 2 reviewed, 3 approved; none: signs for others only",
            ),
        ),
    ] = None,
    unit: UnitName = None,
    first: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="YYYY-MM-DD",
            help=help_text("Từ ngày (mặc định: hôm nay)", "First day (default: today)"),
        ),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", metavar="YYYY-MM-DD", help=help_text("Đến hết ngày", "Last day")),
    ] = None,
    person_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="ID",
            help=help_text(
                "Mã người ký, khi hai người trùng họ tên", "Id, when two people share a name"
            ),
        ),
    ] = None,
) -> None:
    from iocsl.bundle.cms import fingerprint
    from iocsl.bundle.register import Appointment, SignerRegister, person_id_of
    from iocsl.catalog import open_catalogue

    name, why = squeeze(person), squeeze(basis)
    if not name or not why:
        raise usage(
            "empty-option",
            "Họ tên và căn cứ không được để trống.",
            "Neither the name nor the basis may be empty.",
            (
                "Ghi --person và --basis theo văn bản phân công.",
                "Give --person and --basis as in the document that appoints.",
            ),
        )
    chosen = unit_or_own(unit)
    if chosen is None:
        raise usage(
            "no-unit",
            "Chưa rõ người này ký cho đơn vị nào.",
            "It is not said which unit the person signs for.",
            ("Thêm --unit, ví dụ: --unit CQ-TC", "Add --unit, for example: --unit CQ-TC"),
        )
    start = day_of(first) or clock.record_now().date()
    end = day_of(last)
    if end is not None and end < start:
        raise usage(
            "bad-dates",
            "Ngày kết thúc trước ngày bắt đầu.",
            "The last day is too early.",
            ("Sửa --from hoặc --to.", "Mend --from or --to."),
        )
    owned, found = _judged(certificate, start, end)
    identity = person_id or person_id_of(name)
    if not identity:
        raise usage(
            "no-person-id",
            f"Không lập được mã người ký từ “{name}”.",
            f"No id can be made of “{name}”.",
            ("Thêm --id, ví dụ: --id nguyen-van-a", "Add --id, for example: --id nguyen-van-a"),
        )
    appointment = Appointment(
        identity,
        name,
        open_catalogue().find_unit(chosen).id,
        tuple(sorted(set(steps or ()))),
        fingerprint(owned),
        start,
        end,
        why,
    )
    register = SignerRegister.from_home(config.home())
    register.add(appointment)
    register.keep(owned)
    _record(appointment)
    if as_json():
        warnings = [{"code": each.code, "message": say(each.message)} for each in found]
        emit_json({**_document(appointment), "warnings": warnings})
        return
    for each in found:
        hint = f" {say(each.fix)}" if each.fix else ""
        note(tr("Lưu ý: ", "Note: ") + say(each.message) + "." + hint)
    listed = ", ".join(map(str, appointment.steps))
    what = (f"bước {listed}", f"step {listed}") if listed else _ONLY_FOR_OTHERS
    emit(
        tr(
            f"Đã đăng ký {name} ({appointment.unit}): {what[0]}.",
            f"{name} ({appointment.unit}) is registered: {what[1]}.",
        )
    )


def _judged(path: Path, first: date, last: date | None) -> tuple[x509.Certificate, list[Trouble]]:
    """The certificate and what it is warned of. Exit 4 where no good signature can come of it."""
    from iocsl.bundle.fitness import troubles, unfit
    from iocsl.bundle.trust import read_certificate

    certificate = read_certificate(path)
    found = troubles(certificate, _anchors(), (first, last), clock.record_now())
    if any(each.never for each in found):
        raise unfit(certificate, found)
    return certificate, found


def list_signers() -> None:
    from iocsl.bundle.register import SignerRegister

    register = SignerRegister.from_home(config.home())
    found, delegations = register.appointments(), register.delegations().all()
    if as_json():
        emit_json([_document(each, delegations) for each in found])
        return
    if not found:
        emit(tr("Chưa đăng ký người ký nào.", "No signer is registered yet."))
        return
    headings = (
        tr("Đơn vị", "Unit"),
        tr("Bước", "Step"),
        tr("Họ tên", "Name"),
        tr("Từ", "From"),
        tr("Đến", "To"),
        tr("Chứng thư", "Certificate"),
        tr("Căn cứ", "Basis"),
    )
    rows = [
        (
            each.unit,
            ", ".join(map(str, each.steps)),
            each.person,
            each.first_day,
            each.last_day or "",
            each.fingerprint[:16],
            each.basis,
        )
        for each in found
    ]
    show(table(headings, rows))
    if delegations:
        show(_delegation_table(delegations))


def _delegation_table(delegations: list[SignedDelegation]) -> RenderableType:
    now = clock.now()
    headings = (
        tr("Đơn vị", "Unit"),
        tr("Bước", "Step"),
        tr("Ủy quyền", "Delegated by"),
        tr("Ký thay", "Signs instead"),
        tr("Từ", "From"),
        tr("Đến", "To"),
        tr("Hôm nay", "Today"),
        tr("Căn cứ", "Basis"),
    )
    rows = [
        (
            each.terms.unit,
            ", ".join(map(str, each.terms.steps)),
            each.terms.delegator.name,
            each.terms.delegate.name,
            each.terms.first_day,
            each.terms.last_day,
            tr("có hiệu lực", "holds") if each.terms.holds_at(now) else tr("không", "no"),
            each.terms.basis,
        )
        for each in delegations
    ]
    return table(headings, rows)


def check_signers() -> None:
    from iocsl.bundle.fitness import certificate_gaps
    from iocsl.bundle.register import SignerRegister, gaps

    register = SignerRegister.from_home(config.home())
    now = clock.now()
    held = [each.terms for each in register.delegations().all()]
    appointments = register.appointments()
    found = gaps(appointments, now, held)
    found.extend(certificate_gaps(register, appointments, _anchors(), now))
    if as_json():
        emit_json(
            [{"unit": gap.unit, "code": gap.code, "message": say(gap.message)} for gap in found]
        )
    elif not found:
        emit(
            tr(
                "Mỗi đơn vị có đủ ba người ký, chứng thư dùng được.",
                "Every unit has its three signers, with certificates that serve.",
            )
        )
    else:
        for gap in found:
            emit(f"{gap.unit}: {say(gap.message)}")
    if found:
        raise typer.Exit(int(ExitCode.FINDINGS))


def _anchors() -> Anchors:
    from iocsl.bundle.certificates import Anchors
    from iocsl.bundle.trust import TrustStore

    return Anchors.read(TrustStore.from_home(config.home()))


def _document(
    appointment: Appointment, delegations: Sequence[SignedDelegation] = ()
) -> dict[str, Any]:
    return {
        "id": appointment.person_id,
        "person": appointment.person,
        "unit": appointment.unit,
        "steps": list(appointment.steps),
        "fingerprint": appointment.fingerprint,
        "from": appointment.first_day.isoformat(),
        "to": appointment.last_day.isoformat() if appointment.last_day else None,
        "basis": appointment.basis,
        "delegated": [
            signers_delegate.document_of(each)
            for each in delegations
            if each.terms.delegate.fingerprint == appointment.fingerprint
        ],
    }


def _record(appointment: Appointment) -> None:
    """A change of who may sign is an act for the record."""
    from iocsl.ledger.chain import Chain

    subject = _document(appointment)
    del subject["person"], subject["delegated"]
    Chain.open().append("signers.add", subject)
