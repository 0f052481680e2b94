"""What the bundle commands show: the page that is signed, the verdict, what was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import config
from iocsl.commands.bundle_screen import line, page_of, signed_lines
from iocsl.commands.options import as_json
from iocsl.console.output import emit, emit_json, note
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.bundle.finishing import Done
    from iocsl.bundle.verdict import Verdict

BundlePath = Annotated[
    Path,
    typer.Argument(metavar="BUNDLE", help=help_text("Gói nộp (.asice hoặc .zip)", "The bundle")),
]


def show_turn(bundle: Path, step: int) -> None:
    """Refuse when it is not the turn of `step`; else show what will be signed."""
    from iocsl.bundle import workflow
    from iocsl.bundle.overview import overview_of_bundle
    from iocsl.catalog import open_catalogue

    home = config.home()
    verdict, _ = workflow.verify_turn(bundle, step, home)
    note(page_of(overview_of_bundle(bundle, home, open_catalogue(), verdict=verdict)))


def report(done: Done) -> None:
    from iocsl.bundle.finishing import RETURN
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
    who = done.person.name
    if done.instead_of is not None:
        giver = done.instead_of.name
        who += tr(f", ký thay {giver} theo giấy ủy quyền", f", for {giver} by delegation")
    note(tr(f"Đã ký bước {done.step}/3: {who}", f"Signed {done.step}/3: {who}"))
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


def report_unsigned(bundle: Path, identity: str) -> None:
    from iocsl.files import sha256_of

    if as_json():
        unsigned = dict.fromkeys(("decision", "person", "timestamp"))
        facts = {"bundle": str(bundle), "identity": identity, "step": 0, **unsigned}
        emit_json({**facts, "sha256": sha256_of(bundle)})
        return
    emit(str(bundle))
    note(
        tr(
            f"Chưa ký. Tiếp theo: iocsl bundle export {bundle.name} --certificate TỆP",
            f"Not signed yet. Next: iocsl bundle export {bundle.name} --certificate FILE",
        )
    )


_VERDICTS = {
    "valid": ("HỢP LỆ", "VALID"),
    "invalid": ("KHÔNG HỢP LỆ", "NOT VALID"),
    "undecided": ("CHƯA XÁC ĐỊNH", "UNDECIDED"),
}


def verdicts_text(verdicts: Sequence[tuple[Path, Verdict]]) -> str:
    """One bundle in full; of several those that hold up in a line, the others in full."""
    if len(verdicts) == 1:
        return verdict_text(*verdicts[0])
    lines = [
        verdict_text(bundle, verdict) if verdict.refusals else _headline(bundle, verdict)
        for bundle, verdict in verdicts
    ]
    counts = Counter(verdict.verdict for _, verdict in verdicts)
    counted = (f"{tr(*word)}: {counts[each]}" for each, word in _VERDICTS.items() if counts[each])
    return "\n".join([*lines, f"{len(verdicts)}  {'; '.join(counted)}"])


def _headline(bundle: Path, verdict: Verdict) -> str:
    profile = f" ({verdict.profile})" if verdict.profile else ""
    return f"{bundle.name}: {tr(*_VERDICTS[verdict.verdict])}{profile}"


def verdict_text(bundle: Path, verdict: Verdict) -> str:
    lines = [_headline(bundle, verdict)]
    if slip := verdict.slip:
        lines.append(f"{slip.dataset}  {slip.unit}  {slip.period}  #{slip.sequence}")
        lines.append(line("Mã nhận dạng", "Identity", slip.identity()))
    lines += signed_lines(verdict, ())
    fixes = dict.fromkeys(say(each.fix) for each in verdict.refusals)
    lines += [tr("Cần làm: ", "What to do: ") + fix for fix in fixes]
    return "\n".join(lines)
