"""The acts of the three people: create (1), review (2), approve (3), or give back.

Each act writes a new file, verifies it, enters it in the ledger and only then lets it take the
bundle's place, so that a kill or a full disk leaves the bundle as it was before or as it is after.
The order is: what is signed is shown by the caller, the key is opened, its certificate and the
person's right are checked, then it signs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl import clock, config
from iocsl.bundle.cms import read_signature
from iocsl.bundle.container import (
    REPORT,
    SLIP,
    OpenBundle,
    append_members,
    covered_by,
    decision_name,
    manifest_name,
    open_bundle,
    replace_member,
    signature_name,
    write_bundle,
)
from iocsl.bundle.drafts import CREATED, Draft, check_number
from iocsl.bundle.identity import Slip
from iocsl.bundle.manifest import Manifest, write_manifest
from iocsl.bundle.records import ROLE_NAMES, Person, decision_document
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.timestamps import stamper_for
from iocsl.bundle.verdict import UNDECIDED, VALID, Policy, Verdict
from iocsl.bundle.verify import check_signer, verify
from iocsl.domain import ExitCode, Words
from iocsl.errors import IocslError, usage
from iocsl.files import sha256_of, sync_folder
from iocsl.ledger.chain import FILE as LEDGER
from iocsl.ledger.chain import Chain, canonical
from iocsl.text import squeeze

if TYPE_CHECKING:
    from iocsl.bundle.signers import Signer

ACTS = {1: CREATED, 2: "bundle.review", 3: "bundle.approve"}
RETURN = "bundle.return"


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was carried out: the bundle as it now is, and who did it."""

    path: Path
    slip: Slip
    step: int
    person: Person
    act: str
    pending: IocslError | None = None
    """Why the time-stamp that was asked for is not there yet; `stamp` adds it later."""


def create(draft: Draft, signer: Signer, output: Path, home: Path | None = None) -> Done:
    """Step 1: write the bundle to `output`, signed by the person who prepared it."""
    from filelock import FileLock

    home = home or config.home()
    slip = draft.slip
    check_output(output)
    check_number(Chain.open(home / LEDGER), slip)
    with _beside(output) as part:
        members = {
            SLIP: canonical(draft.slip_document()),
            REPORT: canonical(draft.report_document()),
        }
        write_bundle(part, draft.paths, members)
        person = _person(output, 1, signer, home, slip)
        done = _sign(part, 1, signer, home, slip=slip, person=person, reason=None)
        with FileLock(home / "create.lock"):
            check_number(Chain.open(home / LEDGER), slip)
            _finish(part, output, done, home, earlier=None)
    return _at(done, output)


def act(
    path: Path, step: int, signer: Signer, *, reason: str | None = None, home: Path | None = None
) -> Done:
    """Step 2 or 3: agree, or give back with a `reason`; the bundle at `path` is replaced."""
    if reason is not None and not squeeze(reason):
        raise no_reason()
    home = home or config.home()
    slip = check_turn(path, step, home)
    person = _person(path, step, signer, home, slip)
    before = sha256_of(path)
    with _beside(path) as part:
        append_members(path, part, {})
        done = _sign(part, step, signer, home, slip=slip, person=person, reason=reason)
        _finish(part, path, done, home, earlier=before)
    return _at(done, path)


def stamp(path: Path, home: Path | None = None) -> int:
    """Add the pending time-stamp of the last signature; the step that it belongs to.

    Only the last one can still be added: a later step signs over the earlier signatures. Exit 2
    when none is pending, 3 when no authority is set, 5 when it does not answer.
    """
    home = home or config.home()
    stamper = stamper_for(config.load().text("signing.tsa_url"))
    if stamper is None:
        raise _no_authority()
    before = sha256_of(path) if path.is_file() else None
    try:
        with open_bundle(path) as bundle:
            step = bundle.steps
            if not step:
                raise _nothing_pending(path)
            manifest = bundle.whole(manifest_name(step))
            signature = bundle.whole(signature_name(step))
        digest = hashlib.sha256(manifest).hexdigest()
        if read_signature(signature, digest, step).timestamp is not None:
            raise _nothing_pending(path)
    except RefusedError as refused:
        raise bundle_refused(path, Verdict(refusals=[refused.refusal])) from None
    stamped = stamper.stamp(signature, manifest, step)
    with _beside(path) as part:
        replace_member(path, part, signature_name(step), stamped)
        verdict = verify(part, Policy.from_home(home), steps=step)
        blocking = [each for each in verdict.refusals if not each.undecided]
        if blocking and [each.code for each in blocking] != ["B807"]:
            raise bundle_refused(path, verdict)
        if sha256_of(path) != before:
            raise _changed_meanwhile(path)
        part.replace(path)
        sync_folder(path.parent)
    return step


def check_output(path: Path) -> None:
    """A new bundle overwrites nothing: exit 2."""
    if path.exists():
        raise _output_exists(path)


def check_turn(path: Path, step: int, home: Path) -> Slip:
    """Whether it is the turn of `step`: every step before it is signed and good, and no more.

    Exit 2 when it is another step's turn, 4 when the bundle is not good, 8 when that is undecided.
    """
    verdict = verify(path, Policy.from_home(home), steps=step - 1)
    signed = len(verdict.steps)
    if verdict.slip is not None and signed != step - 1:
        blocking = [each for each in verdict.refusals if each.code != "B806"]
        if not blocking:
            raise _not_the_turn(path, step, signed)
    # Revocation may become known later, at the latest in the warehouse; a time-stamp cannot be
    # added once the next step has signed over the signature that lacks it.
    waiting = {each.code for each in verdict.refusals} <= {"B704"}
    if verdict.slip is None or (verdict.verdict != VALID and not waiting):
        raise bundle_refused(path, verdict)
    return verdict.slip


def next_step(path: Path) -> int:
    """The step whose turn it is by the number of signatures, which are not verified here."""
    try:
        with open_bundle(path) as bundle:
            return bundle.steps + 1
    except RefusedError as refused:
        verdict = Verdict(refusals=[refused.refusal])
        raise bundle_refused(path, verdict) from None


def witnesses(path: Path, chain: Chain) -> list[tuple[int, str]]:
    """The heads of this home's ledger that a bundle carries: of the steps that were signed here.

    Exit 4 when the ledger knows of none: the bundle is another home's, or the ledger is not whole.
    """
    try:
        with open_bundle(path) as bundle:
            identity, decisions = bundle.slip.identity(), bundle.decisions
    except RefusedError as refused:
        raise bundle_refused(path, Verdict(refusals=[refused.refusal])) from None
    here = {
        entry.subject.get("step")
        for entry in chain.entries()
        if entry.subject.get("identity") == identity and entry.act in {*ACTS.values(), RETURN}
    }
    if not here:
        raise _not_signed_here(path)
    heads = [each.document.get("ledger") for each in decisions if each.step in here]
    return [(head["seq"], head["hash"]) for head in heads if isinstance(head, dict)]


def bundle_refused(path: Path, verdict: Verdict) -> IocslError:
    """Every reason of a verdict in one refusal, the first one's advice as the hint."""
    from iocsl.bundle.refusals import refusal_info

    first = verdict.refusals[0]
    info = refusal_info(first.code)
    vi = "; ".join(f"{each.code} {each.message.vi}" for each in verdict.refusals)
    en = "; ".join(f"{each.code} {each.message.en}" for each in verdict.refusals)
    undecided = verdict.verdict == UNDECIDED
    return IocslError(
        first.name,
        f"Gói “{path.name}” {'chưa xác định được' if undecided else 'không hợp lệ'}: {vi}",
        f"The bundle “{path.name}” is {'undecided' if undecided else 'not valid'}: {en}",
        info.fix if info else None,
        ExitCode.UNDECIDED if undecided else ExitCode.INTEGRITY,
    )


def _person(path: Path, step: int, signer: Signer, home: Path, slip: Slip) -> Person:
    """Who signs; refused (exit 4) before the key is used when the signature would not hold."""
    try:
        return check_signer(signer, Policy.from_home(home), slip.unit, step)
    except RefusedError as refused:
        raise cannot_sign(path, step, refused) from None


def _sign(
    part: Path,
    step: int,
    signer: Signer,
    home: Path,
    *,
    slip: Slip,
    person: Person,
    reason: str | None,
) -> Done:
    """Add the decision, manifest and signature of `step` to the unfinished bundle `part`."""
    with open_bundle(part) as bundle:
        earlier = [bundle.digest(signature_name(each)) for each in range(1, step)]
        decision = canonical(
            decision_document(
                step,
                slip.identity(),
                person,
                earlier,
                ledger=Chain.open(home / LEDGER).head(),
                reason=None if reason is None else squeeze(reason),
            )
        )
        manifest = _manifest(bundle, step, decision)
    signature = signer.sign(manifest, clock.record_now().replace(microsecond=0))
    signature, pending = _stamped(signature, manifest, step)
    append_members(
        part,
        part,
        {
            decision_name(step): decision,
            manifest_name(step): manifest,
            signature_name(step): signature,
        },
    )
    return Done(part, slip, step, person, ACTS[step] if reason is None else RETURN, pending)


def _stamped(signature: bytes, manifest: bytes, step: int) -> tuple[bytes, IocslError | None]:
    """The signature with its time-stamp, or without and why.

    A signature that was made (a PIN was typed for it) is not thrown away for want of a time-stamp.
    """
    stamper = stamper_for(config.load().text("signing.tsa_url"))
    if stamper is None:
        return signature, None
    try:
        return stamper.stamp(signature, manifest, step), None
    except IocslError as error:
        return signature, error


def _manifest(bundle: OpenBundle, step: int, decision: bytes) -> bytes:
    own = {decision_name(step): hashlib.sha256(decision).hexdigest()}
    references = tuple(
        (name, own.get(name) or bundle.digest(name)) for name in covered_by(step, bundle.data_names)
    )
    return write_manifest(Manifest(signature_name(step), references))


def _finish(part: Path, target: Path, done: Done, home: Path, earlier: str | None) -> None:
    """Verify what was made, enter it in the ledger, and let it take the place of `target`."""
    verdict = verify(part, Policy.from_home(home), steps=done.step)
    blocking = [
        each
        for each in verdict.refusals
        if not each.undecided and not (done.act == RETURN and each.code == "B807")
    ]
    if blocking:
        raise bundle_refused(target, Verdict(refusals=blocking))
    if earlier is not None and sha256_of(target) != earlier:
        raise _changed_meanwhile(target)
    Chain.open(home / LEDGER).append(done.act, _subject(part, done), done.person.id)
    part.replace(target)
    sync_folder(target.parent)


def _subject(part: Path, done: Done) -> dict[str, Any]:
    slip = done.slip
    return {
        "identity": slip.identity(),
        "unit": slip.unit,
        "dataset": slip.dataset,
        "period": slip.period,
        "sequence": slip.sequence,
        "supersedes": slip.supersedes,
        "step": done.step,
        "bundle": sha256_of(part),
    }


def _at(done: Done, path: Path) -> Done:
    return replace(done, path=path)


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An unfinished file in the folder of `target`, gone when the block ends without using it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".dang-ky", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def no_reason() -> IocslError:
    """2023 Điều 7.3.a: who does not approve writes the reason. Exit 2."""
    return usage(
        "no-reason",
        "Trả lại gói phải ghi rõ lý do (2023 Điều 7 khoản 3 điểm a).",
        "A bundle is returned with its reason (2023 Điều 7 khoản 3 điểm a).",
        ('Thêm --reason "…"', 'Add --reason "…"'),
    )


def cannot_sign(path: Path, step: int, refused: RefusedError) -> IocslError:
    """The bundle is good, but this key may not sign the step: exit 4."""
    from iocsl.bundle.refusals import refusal_info

    reason = refused.refusal
    info = refusal_info(reason.code)
    return IocslError(
        reason.name,
        f"Khóa này không ký được bước {step} của gói “{path.name}”: {reason.message.vi}",
        f"This key cannot sign step {step} of “{path.name}”: {reason.message.en}",
        info.fix if info else None,
        ExitCode.INTEGRITY,
    )


def _not_the_turn(path: Path, step: int, signed: int) -> IocslError:
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


def _no_authority() -> IocslError:
    return IocslError(
        "no-tsa",
        "Chưa đặt máy chủ dấu thời gian.",
        "No time-stamp authority is set.",
        (
            "Đặt signing.tsa_url trong config.toml theo hướng dẫn của nơi cấp chứng thư.",
            "Set signing.tsa_url in config.toml as the issuer of your certificate tells.",
        ),
    )


def _nothing_pending(path: Path) -> IocslError:
    return usage(
        "nothing-pending",
        f"Gói “{path.name}” không có chữ ký nào đang chờ dấu thời gian.",
        f"No signature of the bundle “{path.name}” waits for a time-stamp.",
    )


def _not_signed_here(path: Path) -> IocslError:
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


def _output_exists(path: Path) -> IocslError:
    return usage(
        "output-exists",
        f"Đã có tệp “{path}”, không ghi đè.",
        f"“{path}” is there already and is not overwritten.",
        ("Chọn tên khác bằng -o, hoặc cất tệp cũ đi.", "Choose another name with -o."),
    )


def _changed_meanwhile(path: Path) -> IocslError:
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
