"""What the bundle commands show: the page that is signed, the verdict, what was done."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl import clock, config
from iocsl.commands.options import as_json
from iocsl.console.output import emit, emit_json, note
from iocsl.text import grouped, help_text, say, tr

if TYPE_CHECKING:
    from iocsl.bundle.overview import Overview
    from iocsl.bundle.verdict import Verdict
    from iocsl.bundle.workflow import Done

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
    workflow.check_turn(bundle, step, home)
    note(page_of(overview_of_bundle(bundle, home, open_catalogue(), steps=step - 1)))


def report(done: Done) -> None:
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


def report_unsigned(bundle: Path, identity: str) -> None:
    if as_json():
        emit_json({"bundle": str(bundle), "identity": identity, "step": 0})
        return
    emit(str(bundle))
    note(
        tr(
            f"Chưa ký. Tiếp theo: iocsl bundle export {bundle.name} --certificate TỆP",
            f"Not signed yet. Next: iocsl bundle export {bundle.name} --certificate FILE",
        )
    )


def page_of(page: Overview) -> str:
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
        lines.append(_line("Tệp", "File", f"{file.name}{kind}, {grouped(file.size)} byte"))
    counts = page.findings
    lines.append(_line("Số dòng", "Rows", grouped(page.rows)))
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
    lines += [_line("Giải trình", "Answer", each) for each in page.answers]
    lines.append(_line("Mô tả", "Description", _described(page.description)))
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


def _described(described: Mapping[str, Any]) -> str:
    """The structure of the data in one line: what `ho-so/mo-ta.json` describes."""
    columns, indicators = described["columns"], described["indicators"]
    count = tr(f"{columns} cột", f"{columns} columns")
    if indicators:
        count += tr(f", {indicators} chỉ tiêu", f", {indicators} indicators")
    return f"{described['structure']}, {count}"


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


def verdict_text(bundle: Path, verdict: Verdict) -> str:
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
