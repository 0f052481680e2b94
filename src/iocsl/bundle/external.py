"""Signatures made by another program: what is to be signed goes out, what was signed comes back.

`export` writes the decision and the manifest into a folder beside the bundle; whatever the unit
signs with makes a detached CAdES signature over the manifest; `attach` puts it in. `print_sheet`
writes an approval sheet beside them, which a program that knows nothing but PDF can sign. What
comes back is judged like any other signature: nothing is trusted because it was exported here.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl import config
from iocsl.bundle.complaints import bundle_refused
from iocsl.bundle.container import (
    copy_bundle,
    is_sheet,
    manifest_name,
    open_bundle,
    sheet_name,
)
from iocsl.bundle.evidence import read_evidence
from iocsl.bundle.finishing import Done, beside, finish
from iocsl.bundle.manifest import read_manifest
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.verdict import Policy, Verdict
from iocsl.bundle.verify import verify
from iocsl.bundle.workflow import (
    Turn,
    check_turn,
    next_step,
    records_of,
    seal,
    turn_of,
)
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, is_folder, missing_file, usage
from iocsl.files import sha256_of, write_whole
from iocsl.text import squeeze

if TYPE_CHECKING:
    from asn1crypto import x509

DECISION = "quyet-dinh.json"
_MAX_SIGNATURE = 4 << 20


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The certificate of a key that another program holds (a `signers.Holder`)."""

    certificate: x509.Certificate
    chain: Sequence[x509.Certificate] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """What another program is to sign: the manifest of `step`, in `folder`."""

    folder: Path
    manifest: Path
    step: int
    sheet: Path | None = None


def folder_of(bundle: Path) -> Path:
    """Where the records of a bundle wait for their signature."""
    return bundle.with_name(f"{bundle.name}.cho-ky")


def export(
    path: Path,
    certificate: x509.Certificate,
    *,
    reason: str | None = None,
    home: Path | None = None,
) -> Exported:
    """Write what the holder of `certificate` would sign next. An earlier export is replaced.

    Exit 4 when the bundle is not good or that person may not sign the step.
    """
    return _export(path, certificate, reason, home or config.home(), sheet=False)[0]


def print_sheet(
    path: Path,
    certificate: x509.Certificate,
    target: Path | None = None,
    *,
    reason: str | None = None,
    home: Path | None = None,
) -> Exported:
    """`export` with an approval sheet (PDF), at `target` or in the folder of what was exported."""
    from iocsl.bundle.sheet.facts import facts_of
    from iocsl.bundle.sheet.pdf import write_sheet

    home = home or config.home()
    made, turn, decision = _export(path, certificate, reason, home, sheet=True)
    digest = hashlib.sha256(made.manifest.read_bytes()).hexdigest()
    signed = verify(path, Policy.from_home(home), steps=made.step - 1).steps
    with open_bundle(path) as bundle:
        record, other = json.loads(decision), turn.right.authority.delegator
        instead_of = other.name if other else None
        facts = facts_of(bundle, made.step, record, digest, signed, instead_of=instead_of)
    target = target or made.folder / Path(sheet_name(made.step)).name
    write_whole(target, write_sheet(facts))
    return replace(made, sheet=target)


def _export(
    path: Path, certificate: x509.Certificate, reason: str | None, home: Path, *, sheet: bool
) -> tuple[Exported, Turn, bytes]:
    """What was written, whose turn it is, and the decision."""
    step = next_step(path)
    slip = check_turn(path, step, home)
    turn = turn_of(path, step, Elsewhere(certificate), home, slip=slip, reason=reason, sheet=sheet)
    decision, manifest = records_of(path, turn, home)
    folder = folder_of(path)
    if folder.is_dir():
        shutil.rmtree(folder)
    target = folder / Path(manifest_name(step)).name
    write_whole(folder / DECISION, decision)
    write_whole(target, manifest)
    return Exported(folder, target, step), turn, decision


def attach(path: Path, signature: Path, home: Path | None = None) -> Done:
    """Put a signature over the exported manifest, or a signed sheet, into the bundle.

    Exit 2 when nothing was exported for it, 4 when it is not one over what was exported.
    """
    home = home or config.home()
    step = next_step(path)
    slip = check_turn(path, step, home)
    decision, manifest = _exported(path, step)
    raw = _read(signature)
    try:
        name = read_manifest(manifest, manifest_name(step)).signature
        if is_pdf(raw) != is_sheet(name):
            raise _other_means(path, sheet=is_sheet(name))
        if is_sheet(name) and b"/ByteRange" not in raw:
            raise _not_signed(signature)
        found = read_evidence(name, raw, hashlib.sha256(manifest).hexdigest(), step)
    except RefusedError as refused:
        raise bundle_refused(path, Verdict(refusals=[refused.refusal])) from None
    signer = Elsewhere(found.certificate, found.others)
    turn = turn_of(
        path,
        step,
        signer,
        home,
        slip=slip,
        reason=_reason(decision),
        sheet=is_sheet(name),
    )
    before = sha256_of(path)
    with beside(path) as part:
        copy_bundle(path, part)
        done = seal(part, turn, decision, manifest, raw)
        finish(part, path, done, home, earlier=before)
    shutil.rmtree(folder_of(path))
    return replace(done, path=path)


def _exported(path: Path, step: int) -> tuple[bytes, bytes]:
    folder = folder_of(path)
    manifest = folder / Path(manifest_name(step)).name
    if not manifest.is_file() or not (folder / DECISION).is_file():
        raise usage(
            "nothing-exported",
            f"Gói “{path.name}” chưa được xuất ra để ký ở bước {step}.",
            f"The bundle “{path.name}” was not exported for signing step {step}.",
            (
                f"Chạy trước: iocsl bundle export {path.name} --certificate TỆP",
                f"Run first: iocsl bundle export {path.name} --certificate FILE",
            ),
        )
    return (folder / DECISION).read_bytes(), manifest.read_bytes()


def is_pdf(raw: bytes) -> bool:
    """Whether this is meant to be a PDF: its header may stand a little way in."""
    return b"%PDF-" in raw[:1024]


def _other_means(path: Path, *, sheet: bool) -> IocslError:
    if sheet:
        return usage(
            "not-the-sheet",
            f"Gói “{path.name}” đang chờ phiếu PDF đã ký, tệp này không phải PDF.",
            f"The bundle “{path.name}” waits for its signed PDF sheet; this file is no PDF.",
            (
                "Chọn tệp PDF đã ký. Nếu muốn ký rời (.p7s): iocsl bundle export",
                "Choose the signed PDF. For a detached signature (.p7s): iocsl bundle export",
            ),
        )
    return usage(
        "no-sheet-printed",
        f"Gói “{path.name}” đang chờ chữ ký rời (.p7s), tệp này là PDF.",
        f"The bundle “{path.name}” waits for a detached signature (.p7s); this file is a PDF.",
        (
            "Muốn ký bằng phiếu PDF thì in phiếu trước: iocsl bundle sheet",
            "To sign a PDF sheet, print it first: iocsl bundle sheet",
        ),
    )


def _not_signed(sheet: Path) -> IocslError:
    return usage(
        "sheet-not-signed",
        f"Tệp “{sheet.name}” chưa được ký số.",
        f"“{sheet.name}” has not been signed.",
        (
            "Ký tệp PDF bằng phần mềm ký của đơn vị, lưu lại, rồi chọn tệp đã ký.",
            "Sign the PDF with the unit's own program, save it, and choose the signed file.",
        ),
    )


def _read(signature: Path) -> bytes:
    """A signed PDF, or a CMS in DER, or in PEM as some programs write it."""
    from asn1crypto import pem

    if signature.is_dir():
        raise is_folder(signature)
    if not signature.is_file():
        raise missing_file(signature)
    raw = signature.read_bytes() if signature.stat().st_size <= _MAX_SIGNATURE else b""
    try:
        return bytes(pem.unarmor(raw)[2]) if pem.detect(raw) else raw
    except ValueError:
        return raw


def _reason(decision: bytes) -> str | None:
    """The reason in an exported decision; the whole of it is verified once it is signed."""
    try:
        reason = json.loads(decision)["reason"]
    except (ValueError, TypeError, KeyError):
        raise IocslError(
            "export-altered",
            "Tệp đã xuất ra để ký bị thay đổi.",
            "What was exported for signing was changed.",
            ("Xuất lại: iocsl bundle export", "Export it again: iocsl bundle export"),
            ExitCode.INTEGRITY,
        ) from None
    return squeeze(reason) if isinstance(reason, str) else None
