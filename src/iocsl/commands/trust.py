"""`iocsl trust`: the issuers whose certificates are believed here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iocsl import config
from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, show, table
from iocsl.errors import usage
from iocsl.text import help_text, tr


def add(app: typer.Typer) -> None:
    group = new_app("Nơi cấp chứng thư được tin", "Trusted certificate issuers")
    command(group, "add", "Tin một nơi cấp (CA)", "Trust an issuer (CA)")(add_issuer)
    command(group, "list", "Các nơi cấp được tin", "Trusted issuers")(list_issuers)
    command(group, "update", "Nạp CRL, câu trả lời OCSP mới", "Take in newer CRLs, OCSP answers")(
        update_statements
    )
    app.add_typer(group, name="trust")


def add_issuer(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=help_text("Chứng thư của nơi cấp (PEM, DER)", "CA certificate")
        ),
    ],
    profile: Annotated[
        str,
        typer.Option(
            "--profile",
            metavar="thu-nghiem|chinh-thuc",
            help=help_text("Dùng để thử hay dùng thật", "For trying out or for real"),
        ),
    ],
    tsa: Annotated[
        bool,
        typer.Option(
            "--tsa",
            help=help_text("Chỉ tin để cấp dấu thời gian", "Trust it for time-stamps alone"),
        ),
    ] = False,
) -> None:
    from iocsl.bundle.statements import is_statement
    from iocsl.bundle.trust import OFFICIAL, PROFILES, TrustStore, read_certificate
    from iocsl.ledger.chain import Chain

    if profile not in PROFILES:
        raise usage(
            "unknown-profile",
            f"Không có loại “{profile}”.",
            f"There is no profile “{profile}”.",
            (f"Chọn: {', '.join(PROFILES)}.", f"Choose: {', '.join(PROFILES)}."),
        )
    if is_statement(file):
        raise usage(
            "not-an-issuer",
            f"“{file}” là danh sách thu hồi hoặc câu trả lời OCSP, không phải nơi cấp.",
            f"“{file}” is a revocation list or an OCSP answer, not an issuer.",
            (f'Nạp bằng: iocsl trust update "{file}"', f'Take it in: iocsl trust update "{file}"'),
        )
    certificate = read_certificate(file)
    if profile == OFFICIAL and "THỬ NGHIỆM" in certificate.subject.human_friendly:
        raise usage(
            "test-issuer",
            "Đây là nơi cấp thử nghiệm, không thể tin theo loại “chinh-thuc”.",
            "This is a test issuer; it cannot be trusted under the profile “chinh-thuc”.",
            ("Dùng --profile thu-nghiem.", "Use --profile thu-nghiem."),
        )
    entry = TrustStore.from_home(config.home()).add_certificate(certificate, profile, tsa=tsa)
    # Whom one trusts decides what is valid: a change of it is an act for the record.
    Chain.open().append("trust.add", entry.document())
    if as_json():
        emit_json(entry.document())
        return
    emit(
        tr(
            f"Đã tin “{entry.subject}” theo loại {entry.profile}.",
            f"“{entry.subject}” is trusted under {entry.profile}.",
        )
    )
    emit(f"SHA-256: {entry.fingerprint}")
    emit(
        tr(
            "Hãy so dấu vân tay trên với công bố của nơi cấp.",
            "Compare this fingerprint with the one that the issuer publishes.",
        )
    )


def update_statements(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help=help_text(
                "Danh sách thu hồi (.crl) hoặc câu trả lời OCSP của nơi cấp",
                "The issuers' revocation lists (.crl) or OCSP answers",
            ),
        ),
    ],
) -> None:
    from iocsl.bundle.trust import CRL, TrustStore
    from iocsl.ledger.chain import Chain

    store, chain = TrustStore.from_home(config.home()), Chain.open()
    added = []
    for path in files:
        added.append(store.take_in(path))
        chain.append("trust.update", added[-1].document())
    if as_json():
        emit_json([entry.document() for entry in added])
        return
    for entry in added:
        ends = entry.not_after[:10] or "?"
        if entry.kind == CRL:
            emit(
                tr(
                    f"Đã nạp danh sách thu hồi của “{entry.subject}”, dùng đến {ends}.",
                    f"Took in the revocation list of “{entry.subject}”, good until {ends}.",
                )
            )
        else:
            emit(
                tr(
                    f"Đã nạp câu trả lời OCSP về chứng thư số {entry.subject}, dùng đến {ends}.",
                    f"Took in the OCSP answer on certificate {entry.subject}, good until {ends}.",
                )
            )


def list_issuers() -> None:
    from iocsl.bundle.trust import TrustStore

    entries = TrustStore.from_home(config.home()).entries()
    if as_json():
        emit_json([entry.document() for entry in entries])
        return
    if not entries:
        emit(tr("Chưa tin nơi cấp nào.", "No issuer is trusted yet."))
        return
    kinds = {
        "anchor": tr("gốc", "anchor"),
        "intermediate": tr("trung gian", "intermediate"),
        "tsa": tr("dấu thời gian", "time-stamps"),
        "crl": tr("danh sách thu hồi", "revocation list"),
        "ocsp": tr("trả lời OCSP", "OCSP answer"),
    }
    headings = (
        tr("Nơi cấp", "Issuer"),
        tr("Loại", "Profile"),
        tr("Vai trò", "Kind"),
        tr("Hết hạn", "Expires"),
        "SHA-256",
    )
    rows = [
        (
            entry.subject,
            entry.profile,
            kinds.get(entry.kind, entry.kind),
            entry.not_after[:10],
            entry.fingerprint,
        )
        for entry in entries
    ]
    show(table(headings, rows))
